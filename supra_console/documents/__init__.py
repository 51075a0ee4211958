"""Which document does each JSONB column hold, and how does one get in and out?

`DOCUMENTS` has a validator for every JSONB column of the schema; a test holds it equal to the catalogue.

    blocks = parse("tariff_schedules", "blocks", row.blocks)         # tuple[Block, ...]
    raw = dump("tariff_schedules", "blocks", blocks)                 # for psycopg's Jsonb()

Connections read and write JSON exactly once `supra_console.jsonb.register()` was called on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from supra_console import jsonb
from supra_console.documents import (
    ai,
    auth,
    billing,
    collections,
    compliance,
    config,
    contracts,
    events,
    explotacion_configs,
    impact,
    operations,
    payments,
    persons,
    sync,
    system,
    tenants,
)
from supra_console.documents.base import Document, DocumentError, Problem, check, plain
from supra_console.errors import InvalidInput
from supra_console.i18n import _

__all__ = ["DOCUMENTS", "TYPES", "Document", "DocumentError", "Problem", "dump", "parse", "parse_text"]

_MODULES: tuple[Any, ...] = (
    tenants, explotacion_configs, auth, persons, contracts, billing, impact, payments, collections,
    operations, events, config, ai, compliance, system, sync,
)  # fmt: skip

TYPES: Mapping[tuple[str, str], Any] = MappingProxyType(
    {column: kind for module in _MODULES for column, kind in module.COLUMNS.items()}
)
"""(table, column) to the type of its document; forms and field names are made from it."""

DOCUMENTS: Mapping[tuple[str, str], TypeAdapter[Any]] = MappingProxyType(
    {column: TypeAdapter(kind) for column, kind in TYPES.items()}
)
"""(table, column) to the validator of its document."""


def parse(table: str, column: str, value: object) -> Any:
    """The document in a column's value.

    Args:
        table: the table's name, without schema.
        column: a JSONB column of it.
        value: as psycopg read it with `jsonb.loads`; SQL's NULL is not a document.

    Raises:
        DocumentError: the value breaks the document's rules, or cannot be read at all.
    """
    return check(DOCUMENTS[table, column], TYPES[table, column], value)


def parse_text(table: str, column: str, text: str | bytes) -> Any:
    """The document in a JSON text, such as a file or an editor's.

    Raises:
        DocumentError: as for `parse`, or the text is not JSON.
    """
    try:
        value = jsonb.read(text)
    except InvalidInput as error:
        raise DocumentError([Problem(_("The document"), error.title)]) from None
    return parse(table, column, value)


def dump(table: str, column: str, document: object) -> Any:
    """The value to store, whole: defaults filled in, optional fields without a value left out.

    Raises:
        DocumentError: it is not a document of this column.
    """
    return plain(parse(table, column, document))
