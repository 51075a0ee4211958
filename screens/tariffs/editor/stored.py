"""Where does the edited tariff come from, where does it go, and what is known beside it?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from queries.tariffs import Explotacion, Register, TariffChanged
from supra_console.documents.billing import TariffInsert
from supra_console.errors import ConnectionLost, InvalidInput, OutcomeUnknown, SupraError
from supra_console.i18n import _
from supra_console.jsonb import Unreadable
from supra_console.tariffs.difference import changes
from supra_console.tariffs.numbers import read_date
from supra_console.tariffs.register import NewTariff, Series, TariffRow
from supra_console.tariffs.rules import Context
from supra_console.tariffs.series import replaced_by
from supra_console.tariffs.sheet import Sheet, Terms
from supra_console.tariffs.sheet_values import Raw, from_raw, to_raw

if TYPE_CHECKING:
    from supra_console.database import Database


class TariffQueries(Protocol):
    """What the editor asks; `queries.tariffs` is it."""

    async def register(self, db: Database) -> Register:
        """All tariffs."""
        ...

    async def population(self, db: Database) -> Mapping[Series, int]:
        """How many tomas each series prices."""
        ...

    async def create(self, db: Database, document: TariffInsert, *, replaces: UUID | None) -> TariffRow:
        """A new draft."""
        ...

    async def save(self, db: Database, tariff_id: UUID, version: int, document: TariffInsert) -> TariffRow:
        """The draft over the version that was read, with what it replaces."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the sheet.

    Attributes:
        row: the tariff as it is stored; None while it is not.
        named: the tariff that ends where this one begins, if one is named; it is not meant any more where it is of
            another series, or has ended meanwhile and another one holds on the first day.
        replaced: the old price: what is named, else what its series has on its first day, else the latest before.
        rows: the register.
        asked: the terms that `replaced` was found by.
        unsure: it was sent, and the answer never came.
    """

    row: TariffRow | None = None
    named: UUID | None = None
    replaced: TariffRow | None = None
    explotaciones: tuple[Explotacion, ...] = ()
    context: Context = field(default_factory=Context)
    rows: tuple[TariffRow, ...] = ()
    asked: tuple[str, ...] = ()
    unsure: bool = False

    @property
    def old(self) -> Sheet | None:
        """The sheet of the tariff that is replaced."""
        return None if self.replaced is None else from_raw(self.replaced.raw)

    @property
    def replaces(self) -> UUID | None:
        """What is stored as replaced: the tariff that the heading says, which ends where this one begins."""
        if self.replaced is not None:
            return self.replaced.id
        known = any(one.id == self.named for one in self.rows)
        return None if known else self.named  # what is not in the register is for the database to judge

    def counted(self, population: Mapping[Series, int]) -> Surroundings:
        """The same, once tomas are counted."""
        return replace(self, context=replace(self.context, population=population))

    def beside(self, terms: Terms) -> Surroundings:
        """What stands beside these terms: the old price, and the same category in other billing periods."""
        asked = (terms.explotacion_id, terms.category, terms.billing_period, terms.effective_from)
        if asked == self.asked:
            return self
        series = Series(terms.category, terms.billing_period, _id(terms.explotacion_id))
        others = [one for one in self.rows if self.row is None or one.id != self.row.id]
        first = _day(terms.effective_from)
        found = replaced_by(series, first, others)
        named = next((one for one in others if one.id == self.named), None)
        old = named if named is not None and named.series == series and not _gave_way(named, found, first) else found
        siblings = tuple(
            one.document
            for one in others
            if one.active
            and one.document is not None
            and one.series.billing_period != series.billing_period
            and replace(one.series, billing_period=series.billing_period) == series
        )
        replaced = None if old is None else old.document
        context = replace(self.context, siblings=siblings, replaced=replaced)
        return replace(self, replaced=old, context=context, asked=asked)


def surroundings(register: Register, subject: TariffRow | NewTariff) -> Surroundings | None:
    """What the register knows about the subject; None if it is not there any more."""
    if isinstance(subject, NewTariff):
        row, named = None, None if subject.replaces is None else subject.replaces.id
    else:
        row = register.find(subject.id)
        if row is None:
            return None
        named = row.replaces_id
    # Of what is in force already nobody needs to hear that its first day is not in the future.
    today = None if row is not None and row.active else register.today
    context = Context(today, register.population or None)
    return Surroundings(row, named, None, register.explotaciones, context, register.tariffs)


def _gave_way(named: TariffRow, found: TariffRow | None, first: date | None) -> bool:
    """Whether what was to be replaced has ended before the first day, and another one has come after it."""
    end = named.effective_until
    return (
        named.active
        and end is not None
        and first is not None
        and end <= first
        and found is not None
        and found.effective_from >= end
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return read_date(text)
    except InvalidInput:
        return None


def why_read_only(row: TariffRow | None, *, may: bool) -> str:
    """Why nothing can be changed, in words; empty where it can."""
    if row is not None and row.document is None:
        return _("Written by another program, it cannot be read; view 5 shows it.")
    if row is not None and row.active:
        return _("It is activated and does not change any more; a change is a new version.")
    if not may:
        return _("Only supervisors change tariffs.")
    return ""


def document_of(row: TariffRow | None, sheet: Sheet) -> object:
    """What the JSON view shows: the sheet, or what is stored where that is no tariff of ours."""
    if row is None or row.document is not None:
        return to_raw(sheet)[0]
    return {name: _dumpable(value) for name, value in row.raw.items()}


def digest(raw: Mapping[str, object]) -> str:
    """What tells one beginning of a new tariff from another: two files are two, and a file opened again is the same."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _dumpable(value: Any) -> object:
    from supra_console import jsonb

    if isinstance(value, Unreadable):
        return {"reason": value.reason, "text": value.text}
    try:
        jsonb.dumps([[value]])  # with room for the object it will stand in
    except (TypeError, ValueError):
        return str(value)
    return value


async def keep(
    queries: TariffQueries, db: Database, known: Surroundings, document: TariffInsert, raw: Raw
) -> TariffRow:
    """Save the draft with what it replaces, or create it.

    Where the answer to an earlier creation was lost, the draft it made is found.

    Raises:
        TariffChanged: another version is stored; nothing was written.
        SupraError: anything else.
    """
    replaces = known.replaces
    if known.row is not None:
        whole = document.model_copy(update={"replaces_id": replaces})
        return await queries.save(db, known.row.id, known.row.version, whole)
    if known.unsure:
        for row in (await queries.register(db)).tariffs:
            if not row.active and row.replaces_id == replaces and not changes(to_raw(from_raw(row.raw))[0], raw):
                return row
    return await queries.create(db, document, replaces=replaces)


def may_have_been_kept(error: SupraError) -> bool:
    """Whether the server may have done it although no answer came."""
    return isinstance(error, ConnectionLost | OutcomeUnknown)


__all__ = [
    "Surroundings",
    "TariffChanged",
    "TariffQueries",
    "digest",
    "document_of",
    "keep",
    "may_have_been_kept",
    "surroundings",
    "why_read_only",
]
