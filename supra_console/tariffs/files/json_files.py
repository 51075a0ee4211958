"""How is a tariff JSON that a person can read and no terminal is driven by?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from supra_console import jsonb
from supra_console.display import is_safe, safe
from supra_console.documents.base import DocumentError, Problem
from supra_console.errors import InvalidInput
from supra_console.i18n import _

_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|.)")


def read(text: str) -> dict[str, object]:
    """The plain values by column in a JSON text; NaN stays in its field, for the rules to refuse it there.

    Raises:
        DocumentError: it is no object, or has a name twice.
        InvalidInput: it is not JSON.
    """
    value = jsonb.read(text, nan=True)
    if isinstance(value, list):
        message = _("is a list, and a file holds one tariff: write each to a file of its own")
        raise DocumentError([Problem(_("The document"), message)])
    if not isinstance(value, dict):
        raise DocumentError([Problem(_("The document"), _("must be an object with named fields"))])
    json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_refuse_doubles)
    return dict(value)


def _refuse_doubles(pairs: list[tuple[str, object]]) -> None:
    """Of two equal names JSON keeps the last; whoever wrote both meant one of them, and nobody knows which."""
    names: set[str] = set()
    for name, _value in pairs:
        if name in names:
            raise DocumentError([Problem(f"“{safe(name, 40)}”", _("stands twice in the same object"))])
        names.add(name)


def to_json(raw: Mapping[str, object]) -> str:
    """JSON with a line for each column, block and concept, and in it nothing that could drive a terminal.

    Raises:
        InvalidInput: a value has no form in JSON, such as a stored document that could not be read.
    """
    try:
        columns = [f"  {jsonb.dumps(name)}: {_entries(value)}" for name, value in raw.items()]
    except (TypeError, ValueError):
        raise InvalidInput(
            _("This tariff cannot be written as JSON"), _("It holds a document that cannot be read.")
        ) from None
    return "{\n" + ",\n".join(columns) + "\n}\n"


def _entries(value: object) -> str:
    if not isinstance(value, list | tuple) or not value:
        return _plain(value)
    return "[\n" + ",\n".join(f"    {_entry(entry)}" for entry in value) + "\n  ]"


def _entry(value: object) -> str:
    if not isinstance(value, Mapping):
        return _plain(value)
    return "{" + ", ".join(f"{_plain(key)}: {_plain(entry)}" for key, entry in value.items()) + "}"


def _plain(value: object) -> str:
    return _ESCAPE.sub(_readable, jsonb.dumps(value)).replace("\x7f", "\\u007f")


def _readable(found: re.Match[str]) -> str:
    """Accents as they are; halves of characters, and whatever could drive a terminal, stay escaped."""
    if len(found[0]) != len("\\u0000"):
        return found[0]
    character = chr(int(found[0][2:], 16))
    return character if is_safe(character) and not character.isascii() else found[0]
