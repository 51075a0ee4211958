"""How is each explotación configured, and how is one of its documents changed?

Eight documents stand in one row with one version. A document is saved against the version that was read, in one
transaction with the event that says which fields changed; where somebody was faster nothing is written, and what is
stored now is handed over. An explotación without a row has the defaults; its first save creates the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.rows import dict_row

from queries.statements import load
from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.documents import TYPES, dump
from supra_console.documents.base import Document
from supra_console.documents.wording import place
from supra_console.editing.changes import Change, between
from supra_console.errors import StaleRow
from supra_console.jsonb import Json, Unreadable

TABLE: Final = "explotacion_configs"
DOCUMENTS: Final = (
    "billing",
    "collections",
    "estimation",
    "notifications",
    "cutoff",
    "digital",
    "fiscal",
    "quality",
)
EVENT: Final = "configuration.changed"


@dataclass(frozen=True, slots=True)
class Configuration:
    """One explotación with its eight documents.

    Attributes:
        version: of the row; None where there is none and all is on the defaults.
        documents: by name, as stored, which may be anything: only `documents.parse` says whether it is one.
    """

    id: UUID
    code: str
    name: str
    municipality: str
    version: int | None
    updated_at: datetime | None
    documents: Mapping[str, Json | Unreadable]


class ConfigurationChanged(StaleRow):
    """The row has another version, or was created or deleted meanwhile; nothing was written.

    Attributes:
        current: as it is now; None if the explotación is gone.
    """

    def __init__(self, current: Configuration | None) -> None:
        super().__init__()
        self.current = current


async def configurations(db: Database) -> tuple[Configuration, ...]:
    """All explotaciones in service, by municipality.

    Raises:
        SupraError: the server cannot be reached, or the role may not read.
    """

    async def work(connection: Connection) -> tuple[Configuration, ...]:
        return await _rows(connection, None)

    return await db.read(work)


async def configuration(db: Database, explotacion_id: UUID) -> Configuration | None:
    """One explotación as it is now; None if it is not in service."""

    async def work(connection: Connection) -> Configuration | None:
        return next(iter(await _rows(connection, explotacion_id)), None)

    return await db.read(work)


async def save(db: Database, explotacion_id: UUID, name: str, document: Document, version: int | None) -> Configuration:
    """Write one document, if the row is still at this version, and the event with what changed.

    Args:
        name: one of DOCUMENTS.
        version: of the row that was read; None to create it.

    Raises:
        ConfigurationChanged: it is at another; nothing was written.
        DocumentError: what is stored cannot be read, and is not overwritten.
        PermissionDenied: only supervisors and DBAs configure.
    """
    after = dump(TABLE, name, document)
    values: dict[str, Any] = dict.fromkeys(DOCUMENTS) | {name: jsonb.dumps(after)}

    async def work(connection: Connection) -> Configuration:
        before = next(iter(await _rows(connection, explotacion_id)), None)
        if before is None or before.version != version:
            raise ConfigurationChanged(before)
        changed = changes(name, dump(TABLE, name, before.documents[name]), after)
        statement = load("configuration_create" if version is None else "configuration_save")
        cursor = await connection.execute(statement, {**values, "explotacion_id": explotacion_id, "version": version})
        current = next(iter(await _rows(connection, explotacion_id)), None)
        if cursor.rowcount != 1 or current is None:
            raise ConfigurationChanged(current)
        payload = {
            "document": name,
            "version": current.version,
            "changes": [
                {"field": ".".join(map(str, one.path)), "before": one.before, "after": one.after} for one in changed
            ],
        }
        await connection.execute(
            "select supra.record_event(%s, 'explotacion', %s, %s::jsonb)",
            [EVENT, explotacion_id, jsonb.dumps(payload)],
        )
        return current

    return await db.write(work)


def changes(name: str, before: Json, after: Json) -> tuple[Change, ...]:
    """The fields in which two plain values of this document differ."""
    kind = TYPES[TABLE, name]
    return between(before, after, lambda path: place(kind, path))


async def _rows(connection: Connection, explotacion_id: UUID | None) -> tuple[Configuration, ...]:
    cursor = connection.cursor(row_factory=dict_row)
    jsonb.register(cursor)
    await cursor.execute(load("configuration"), {"explotacion_id": explotacion_id})
    return tuple(
        Configuration(
            row["explotacion_id"],
            row["code"],
            row["name"],
            row["municipality"],
            row["version"],
            row["updated_at"],
            # Without a row every document is empty, which is to say whole.
            {name: row[name] if row["version"] is not None else {} for name in DOCUMENTS},
        )
        for row in await cursor.fetchall()
    )
