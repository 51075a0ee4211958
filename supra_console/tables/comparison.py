"""Do the mappings and a live database say the same, and what is left out of the question, and why?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from supra_console.tables import Base

# Schemas that hold tables of ours; None is public.
SCHEMAS = frozenset({None, "timeseries"})

# In the database and not in the mappings, on purpose.
NOT_MAPPED = re.compile(
    "spatial_ref_sys"  # PostGIS's own
    "|(communications|ai_agent_executions)_(default|.*[qm][0-9]+)"  # partitions: their parents are compared
)


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether something found in the database takes part."""
    if kind == "schema":
        return name in SCHEMAS
    return not (kind == "table" and name and NOT_MAPPED.fullmatch(name))


def include_object(thing: Any, _name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Whether something found in the mappings takes part: all but the views, which reflection does not list."""
    return not (kind == "table" and thing.info.get("view"))


# Options of Alembic's MigrationContext; types and defaults are compared.
OPTIONS: dict[str, Any] = {
    "include_schemas": True,
    "include_name": include_name,
    "include_object": include_object,
    "compare_type": True,
    "compare_server_default": True,
}


def differences(connection: Connection) -> list[str]:
    """What Alembic would change to make the database like the mappings; nothing, if all is well.

    Comments are left out: they are written once, in the SQL files. CHECK and exclusion constraints, triggers and
    policies are the database's own too, and Alembic does not look at them.
    """
    context = MigrationContext.configure(connection, opts={**OPTIONS, "target_metadata": Base.metadata})
    found = compare_metadata(context, Base.metadata)
    return [repr(change) for change in single(found) if "comment" not in change[0]]


def single(changes: Any) -> Iterator[tuple[Any, ...]]:
    """Each change by itself; Alembic lists those of one column together."""
    for change in changes:
        if isinstance(change, list):
            yield from change
        else:
            yield change
