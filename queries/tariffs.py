"""Which tariffs are there, and how is a draft written, changed and deleted?

Only drafts are written here; what happens to them on the way into force is in `tariff_approval`. A change counts
against the version that was read: where somebody else was faster nothing is written, and what they left is handed
over. Rows that our documents do not accept come with the reason, and take no other row with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row, tuple_row

from queries.statements import load
from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.documents.base import plain
from supra_console.documents.billing import CONTENT, TariffInsert
from supra_console.editing.remarks import Remark
from supra_console.errors import ConstraintViolated, StaleRow
from supra_console.i18n import N_, _
from supra_console.jsonb import Json, Unreadable
from supra_console.tariffs import rules
from supra_console.tariffs.register import Series, TariffRow

EVENTS = 100

_TODAY = "select supra.today()"
_POPULATION_TIMEOUT = 30.0  # seconds; all contracts are counted
_DATES = ("effective_from", "effective_until", "approval_date")
_DOCUMENTS = ("blocks", "additional_concepts")
_PLAIN = tuple(name for name in CONTENT if name not in _DOCUMENTS)
_KEPT = ("replaces_id", "approved_by", "approval_date")


class TariffChanged(StaleRow):
    """Somebody else changed, activated or deleted the tariff since it was read; nothing was written.

    Attributes:
        current: as it is now; None if it is gone.
    """

    def __init__(self, current: TariffRow | None) -> None:
        self.current = current
        if current is None:
            super().__init__(_("Somebody else deleted this tariff meanwhile"), _("Nothing was changed."))
        elif current.active:
            super().__init__(
                _("Somebody else activated this tariff meanwhile"),
                _("Nothing was changed. It is not edited any more; make a new version of it."),
            )
        else:
            super().__init__()


class TariffConflict(ConstraintViolated):
    """Another tariff of the same series holds days of this one's.

    Attributes:
        others: those in force or scheduled that are in the way, by their first day.
    """

    TITLE = N_("Another tariff is in force on some of these days")

    def __init__(self, others: Sequence[TariffRow], *, sqlstate: str | None = None) -> None:
        self.others = tuple(others)
        super().__init__(sqlstate=sqlstate, constraint="excl_tariff_validity")


@dataclass(frozen=True, slots=True)
class Explotacion:
    """An explotación that may have tariffs of its own."""

    id: UUID
    code: str
    name: str
    municipality: str


@dataclass(frozen=True, slots=True)
class Register:
    """All tariffs of the utility at one moment.

    Attributes:
        today: the day in Querétaro, by which states are told.
        population: tomas billed by each series; empty until it was asked for.
    """

    today: date
    tariffs: tuple[TariffRow, ...]
    explotaciones: tuple[Explotacion, ...]
    population: Mapping[Series, int] = field(default_factory=dict)

    def find(self, tariff_id: UUID | None) -> TariffRow | None:
        """The tariff with this id."""
        return next((row for row in self.tariffs if row.id == tariff_id), None)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done to a tariff.

    Attributes:
        what: the type of the event, such as `tariff.approved`.
        who: the person's name; the login where that is all the journal knows.
        payload: what the database noted with it.
    """

    id: UUID
    happened_at: datetime
    what: str
    who: str | None
    payload: Json | Unreadable


async def register(db: Database) -> Register:
    """All tariffs, with the explotaciones they may be for, in one snapshot.

    Raises:
        SupraError: the server cannot be reached, or the role may not read tariffs.
    """

    async def work(connection: Connection) -> Register:
        (today,) = await connection.one(_TODAY, tuple_row)
        places = connection.cursor(row_factory=class_row(Explotacion))
        await places.execute(load("tariffs_explotaciones"))
        return Register(today, await _rows(connection, None), tuple(await places.fetchall()))

    return await db.read(work)


async def tariff(db: Database, tariff_id: UUID) -> TariffRow | None:
    """One tariff as it is now; None if there is none of that id."""
    return await db.read(lambda connection: _row(connection, tariff_id))


async def some(db: Database, tariff_ids: Sequence[UUID]) -> tuple[TariffRow, ...]:
    """These tariffs as they are now, in the order of the register; without those that are gone."""
    return await db.read(lambda connection: _rows(connection, tariff_ids))


async def population(db: Database) -> Mapping[Series, int]:
    """How many tomas each series prices. All contracts are counted, which takes a while at a large utility."""

    async def work(connection: Connection) -> Mapping[Series, int]:
        cursor = await connection.execute(load("tariffs_population"))
        return {
            Series(category, period, explotacion): tomas
            for explotacion, category, period, tomas in await cursor.fetchall()
        }

    return await db.read(work, timeout=_POPULATION_TIMEOUT)


async def history(db: Database, tariff_id: UUID) -> tuple[Event, ...]:
    """Who did what to a tariff, and when, latest first; the last 100 events."""

    async def work(connection: Connection) -> tuple[Event, ...]:
        cursor = connection.cursor(row_factory=class_row(Event))
        jsonb.register(cursor)
        await cursor.execute(load("tariffs_history"), {"tariff_id": tariff_id, "how_many": EVENTS})
        return tuple(await cursor.fetchall())

    return await db.read(work)


# ── Drafts ────────────────────────────────────────────────────────────────────────────────


async def create(db: Database, document: TariffInsert, *, replaces: UUID | None) -> TariffRow:
    """A new draft.

    Args:
        document: its content; id, version, state and approval in it are left aside.
        replaces: the tariff that ends where this one begins; None leaves what the document says.

    Raises:
        PermissionDenied: only supervisors draft tariffs.
        ConstraintViolated: the database refuses the content.
    """

    async def work(connection: Connection) -> TariffRow:
        given = {**_content(document), "replaces_id": replaces or document.replaces_id}
        (made,) = await connection.one(load("tariffs_create"), tuple_row, given)
        row = await _row(connection, made)
        assert row is not None  # noqa: S101 - made in this transaction
        return row

    return await db.write(work)


async def save(db: Database, tariff_id: UUID, version: int, document: TariffInsert) -> TariffRow:
    """The content of a draft and what it replaces, if it is still as it was read; an approval it had is void then.

    Raises:
        TariffChanged: it is not; nothing was written.
        PermissionDenied, ConstraintViolated: as for `create`.
    """

    async def work(connection: Connection) -> TariffRow:
        given = {**_content(document), "replaces_id": document.replaces_id, "tariff_id": tariff_id, "version": version}
        cursor = await connection.execute(load("tariffs_save"), given)
        row = await _row(connection, tariff_id)
        if cursor.rowcount != 1 or row is None:
            raise TariffChanged(row)
        return row

    return await db.write(work)


async def delete(db: Database, tariff_id: UUID, version: int) -> None:
    """Delete a tariff that was never activated, if it is still as it was read.

    Raises:
        TariffChanged: it is not, or it is in force; nothing was deleted.
        StillInUse: a later draft replaces it.
        PermissionDenied: only supervisors delete drafts.
    """

    async def work(connection: Connection) -> None:
        cursor = await connection.execute(
            "delete from tariff_schedules where id = %s and version = %s and not active", [tariff_id, version]
        )
        if cursor.rowcount != 1:
            raise TariffChanged(await _row(connection, tariff_id))

    await db.write(work)


def _content(document: TariffInsert) -> dict[str, object]:
    """The columns a person writes."""
    columns: dict[str, object] = {name: getattr(document, name) for name in _PLAIN}
    return columns | {name: jsonb.dumps(plain(getattr(document, name))) for name in _DOCUMENTS}


# ── From rows to records ──────────────────────────────────────────────────────────────────


async def _rows(connection: Connection, ids: Sequence[UUID] | None) -> tuple[TariffRow, ...]:
    cursor = connection.cursor(row_factory=dict_row)
    jsonb.register(cursor)
    await cursor.execute(load("tariffs_register"), {"ids": ids})
    return tuple(map(row_of, await cursor.fetchall()))


async def _row(connection: Connection, tariff_id: UUID) -> TariffRow | None:
    return next(iter(await _rows(connection, [tariff_id])), None)


def row_of(columns: dict[str, Any]) -> TariffRow:
    """A row of `tariffs_register.sql` as the console knows it."""
    for name in _DATES:
        written = columns.pop(f"{name}_text")
        if columns[name] is None and written is not None:
            columns[name] = written  # a day our calendar does not have stays what it is: a text
    raw = {name: columns[name] for name in ("id", "version", "active", *_PLAIN, *_DOCUMENTS, *_KEPT)}
    document, unreadable = read_document(raw)
    days = {name: columns[name] if isinstance(columns[name], date) else None for name in _DATES}
    return TariffRow(
        id=columns["id"],
        version=columns["version"],
        name=columns["name"],
        series=Series(columns["category"], columns["billing_period"], columns["explotacion_id"]),
        explotacion=columns["explotacion"],
        municipality=columns["municipality"],
        # Before or after all days, as far as Python can say it; the text is in `raw`.
        effective_from=days["effective_from"] or _beyond(str(columns["effective_from"])),
        effective_until=days["effective_until"],
        active=columns["active"],
        document=document,
        raw=raw,
        content_hash=columns["content_hash"],
        unreadable=unreadable,
        replaces_id=columns["replaces_id"],
        drafters=tuple(columns["drafters"] or ()),
        drafter_names=tuple(columns["drafter_names"] or ()),
        submitted_at=columns["submitted_at"],
        submitted_by=columns["submitted_by"],
        approved_at=columns["approved_at"],
        approved_by=columns["approved_by"],
        approval_date=days["approval_date"],
        gazette_reference=columns["gazette_reference"],
        activated_at=columns["activated_at"],
        impact_hash=columns["impact_hash"],
        impact_at=columns["impact_at"],
    )


def _beyond(day: str) -> date:
    return date.min if day.startswith("-") or day.endswith("BC") else date.max


def read_document(raw: Mapping[str, object]) -> tuple[TariffInsert | None, tuple[Remark, ...]]:
    """The tariff in a row's plain values, or why there is none."""
    return rules.read(dict(raw))
