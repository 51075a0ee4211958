"""Whom would tariffs that are not in force yet have hit over the last twelve months?

The readings are rated in the database, old price and new, one month after the other and the latest first. Each volume
is rated once for each tariff, however many used it; what a contract comes to is added up in temporary tables that end
with the transaction, so nothing is left behind whichever way it ends, and what reaches the console does not grow with
the population. Cancelling the task cancels the statement on the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.errors import NumericValueOutOfRange
from psycopg.rows import class_row, dict_row, tuple_row

from queries.statements import load
from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.display import safe
from supra_console.documents import dump, parse
from supra_console.documents.impact import (
    MOST_RISES,
    Colonia,
    Figures,
    Holders,
    LeftOut,
    Municipality,
    Rise,
    TariffImpact,
)
from supra_console.errors import InvalidInput, SupraError
from supra_console.i18n import N_, _
from supra_console.tariffs.impact import AMOUNTS, PERCENTS, ImpactReport, KeptImpact, Progress, add, bands

Row = dict[str, Any]

TIMEOUT = 120.0  # seconds for one statement; a month of 400,000 contracts takes half of one
_CLOCK = ZoneInfo("America/Mexico_City")
_LATELY = (timedelta(days=10), timedelta(days=40), timedelta(days=130))
_RECENT = timedelta(days=7)
_INTEGER = 2**31 - 1
_AT_ONCE = 3  # months; the contracts are hashed for each round, and the rating called for each tariff

# Whole months are read, so no index helps; compiling costs more than it saves on statements of a second. Workers take
# their share of each chunk.
_SETTINGS = """
    select
        set_config('random_page_cost', '4', true),
        set_config('parallel_tuple_cost', '0.001', true),
        set_config('enable_mergejoin', 'off', true),
        set_config('jit', 'off', true),
        set_config('work_mem', '64MB', true)
"""

_TABLES: tuple[LiteralString, ...] = (
    """
    create temporary table impact_pair (
        no integer primary key, new_id uuid not null, old_id uuid, explotacion_id uuid not null,
        category text not null, billing_period text not null
    ) on commit drop
    """,
    "create temporary table impact_band (percents numeric [], amounts numeric []) on commit drop",
    "create temporary table impact_used (no integer, volume bigint) on commit drop",
    """
    create temporary table impact_volume (
        volume bigint primary key, kind integer not null, litres bigint not null, readings bigint not null,
        old_cents bigint, new_cents bigint
    ) on commit drop
    """,
)


class NothingToRate(InvalidInput):
    """There is no such tariff, or nobody it is for."""

    TITLE = N_("There is nothing to rate")
    ADVICE = N_("The tariff is gone, or no explotación is priced by it. Refresh the list.")


class EditedMeanwhile(InvalidInput):
    """The tariff is another than the one that was rated."""

    TITLE = N_("The tariff was edited while its impact was worked out")
    ADVICE = N_("Nothing was kept. Work it out again.")


@dataclass(frozen=True, slots=True)
class _Pair:
    """What a tariff does in one explotación."""

    new_id: UUID
    name: str
    category: str
    billing_period: str
    content_hash: str
    ratable: bool
    for_all: bool
    explotacion_id: UUID
    municipality: str
    old_id: UUID | None
    old_name: str | None


async def impact(
    db: Database, tariff_ids: Sequence[UUID], *, progress: Callable[[Progress], None], months: int = 12
) -> ImpactReport:
    """Rate the readings of the last months with the new prices and the old.

    Cancel the task to stop it: the statement is cancelled on the server and nothing is left behind.

    Args:
        tariff_ids: a package of tariffs, none of which prices the same contracts as another.
        progress: told after each month; with the figures so far from the first one on.
        months: so many before the day after the newest reading.

    Raises:
        NothingToRate: no such tariff, or it prices nobody.
        InvalidInput: two of the package price the same, or one of them cannot be rated.
        EditedMeanwhile: it was edited in between.
        SupraError: the server would not, or was lost.
    """
    async with db.writing(timeout=TIMEOUT) as connection:
        return await within(connection, tariff_ids, progress=progress, months=months)


async def within(
    connection: Connection, tariff_ids: Sequence[UUID], *, progress: Callable[[Progress], None], months: int = 12
) -> ImpactReport:
    """The same in a transaction that is open already, of tariffs that may be nowhere else yet."""
    try:
        return await _Work(connection, months, progress).run(list(tariff_ids))
    except NumericValueOutOfRange:
        raise _unratable(_("A price, a charge or a percentage is beyond all bills.")) from None


async def keep(db: Database, report: ImpactReport) -> None:
    """Keep a report, once for each of its tariffs.

    Raises:
        EditedMeanwhile: one of them was edited or deleted since; nothing was kept.
        PermissionDenied: only supervisors keep reports.
    """

    async def work(connection: Connection) -> None:
        for part in report.parts:
            document = jsonb.dumps(dump("tariff_impact_reports", "report", part))
            await connection.execute(
                "select supra.keep_impact_report(%s, %s, %s::jsonb)", [part.tariff_id, part.content_hash, document]
            )

    try:
        await db.write(work)
    except SupraError as error:
        if error.sqlstate in {"SU101", "SU102"}:
            raise EditedMeanwhile(sqlstate=error.sqlstate) from None
        raise


async def kept(db: Database, tariff_id: UUID) -> KeptImpact | None:
    """The last report kept of a tariff; None if there is none.

    Raises:
        DocumentError: what is kept is no report of ours.
    """

    async def work(connection: Connection) -> Row | None:
        cursor = connection.cursor(row_factory=dict_row)
        jsonb.register(cursor)
        await cursor.execute(load("tariff_impact_kept"), {"tariff_id": tariff_id})
        return await cursor.fetchone()

    row = await db.read(work)
    if row is None:
        return None
    part = parse("tariff_impact_reports", "report", row["report"])
    return KeptImpact(ImpactReport((part,)), row["fits"], row["created_at"], row["created_by"])


def _unratable(advice: str) -> InvalidInput:
    return InvalidInput(_("One of these tariffs cannot be rated"), advice)


def windows(newest: datetime, months: int) -> tuple[tuple[datetime, datetime], ...]:
    """The months before the day after the newest reading by the utility's clock, latest first, half open."""
    after = newest.astimezone(_CLOCK).date() + timedelta(days=1)
    days = [_months_before(after, number) for number in range(months + 1)]
    moments = [datetime(day.year, day.month, day.day, tzinfo=_CLOCK) for day in days]
    return tuple((moments[number + 1], moments[number]) for number in range(months))


def _months_before(day: date, many: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - many, 12)
    first = date(year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


class _Work:
    """One calculation, in one transaction."""

    def __init__(self, connection: Connection, months: int, progress: Callable[[Progress], None]) -> None:
        self._connection = connection
        self._months = months
        self._tell = progress
        self._pairs: tuple[_Pair, ...] = ()
        self._windows: tuple[tuple[datetime, datetime], ...] = ()
        self._made_at = datetime.now(UTC)
        self._rounds = 0
        self._largest = 0  # of all cents and litres

    async def run(self, ids: list[UUID]) -> ImpactReport:
        self._pairs = await self._package(ids)
        await self._connection.execute(_SETTINGS)
        await self._prepare()
        self._windows = windows(await self._newest(), self._months)
        # The newest days first: their figures are on the screen before the first month is read.
        latest = self._windows[0][1]
        recent = max(self._windows[0][0], latest - _RECENT)
        report = await self._rated(recent, latest)
        done = 0
        while done < self._months:
            self._tell(Progress(done, self._months, report))
            first, done = done, min(done + _AT_ONCE, self._months)
            report = await self._rated(self._windows[done - 1][0], min(self._windows[first][1], recent))
        self._tell(Progress(done, self._months, report))
        finished = await self._whole(report)
        if {(pair.new_id, pair.content_hash) for pair in await self._package(ids)} != {
            (part.tariff_id, part.content_hash) for part in finished.parts
        }:
            raise EditedMeanwhile
        return finished

    async def _package(self, ids: list[UUID]) -> tuple[_Pair, ...]:
        cursor = self._connection.cursor(row_factory=class_row(_Pair))
        pairs = tuple(await (await cursor.execute(load("tariff_impact_pairs"), {"ids": ids})).fetchall())
        if not pairs or {pair.new_id for pair in pairs} != set(ids):
            raise NothingToRate
        priced = [(pair.category, pair.billing_period, pair.explotacion_id) for pair in pairs]
        if len(set(priced)) < len(priced):
            raise InvalidInput(
                _("Two of these tariffs price the same contracts"), _("Work out the impact of one after the other.")
            )
        if not all(pair.ratable for pair in pairs):
            raise _unratable(_("Its blocks or concepts have no shape the console knows, or there are too many."))
        return pairs

    async def _prepare(self) -> None:
        for table in _TABLES:
            await self._connection.execute(table)
        cursor = self._connection.cursor()
        await cursor.executemany(
            "insert into impact_pair values (%s, %s, %s, %s, %s, %s)",
            [
                (number, pair.new_id, pair.old_id, pair.explotacion_id, pair.category, pair.billing_period)
                for number, pair in enumerate(self._pairs)
            ],
        )
        await cursor.execute("insert into impact_band values (%s, %s)", [list(PERCENTS), list(AMOUNTS)])
        await cursor.execute("analyze impact_pair")
        await self._do("tariff_impact_concerned")
        await cursor.execute("analyze impact_concerned (contract_id, kind)")

    async def _newest(self) -> datetime:
        """When the newest reading was taken; the last days are asked first, since the months are many rows."""
        for since in (*(self._made_at - days for days in _LATELY), None):
            (newest,) = await self._connection.one(load("tariff_impact_newest"), tuple_row, {"since": since})
            if newest is not None:
                return cast("datetime", newest)
        raise NothingToRate(_("There is no reading to rate"), _("Impact needs readings of the past months."))

    async def _rated(self, begins: datetime, ends: datetime) -> ImpactReport:
        """Gather what was used in that time, rate what is new of it, and tell what all comes to so far."""
        used = f"impact_used_{self._rounds}"
        self._rounds += 1
        span = {"{begins}": begins.isoformat(), "{ends}": ends.isoformat()}
        await self._do("tariff_impact_used", {"impact_used_n": used} | span)
        await self._connection.execute(f"alter table {used} inherit impact_used")
        await self._do("tariff_impact_volumes", {"impact_used_n": used})
        await self._connection.execute("analyze impact_volume")
        for side in ("old_", "new_"):
            await self._do("tariff_impact_rate", {"side_": side})
        await self._do("tariff_impact_unpriced")
        rows = await self._rows("tariff_impact_months")
        self._largest = max((row["largest"] or 0 for row in rows), default=0)
        return self._report(rows)

    async def _whole(self, so_far: ImpactReport) -> ImpactReport:
        """The months' report with what is known of each contract."""
        await self._do("tariff_impact_sums", {"::integer": "::bigint"} if self._largest > _INTEGER else None)
        await self._do("tariff_impact_hits")
        groups = await self._rows("tariff_impact_groups")
        rises = await self._rows("tariff_impact_rises", {"many": MOST_RISES})
        left_out = await self._rows(
            "tariff_impact_left_out", {"begins": self._windows[-1][0], "ends": self._windows[0][1]}
        )
        return ImpactReport(
            tuple(
                self._finished(part, self._of(groups, part), self._of(rises, part), self._of(left_out, part))
                for part in so_far.parts
            )
        )

    # ------------------------------------------------------------------ from rows to records

    def _of(self, rows: Iterable[Row], part: TariffImpact) -> list[Row]:
        return [row for row in rows if self._pairs[row["pair"]].new_id == part.tariff_id]

    def _report(self, rows: Sequence[Row]) -> ImpactReport:
        """What the months come to so far; nothing of single contracts yet."""
        parts = []
        for new_id in dict.fromkeys(pair.new_id for pair in self._pairs):
            pairs = [pair for pair in self._pairs if pair.new_id == new_id]
            mine = [row for row in rows if self._pairs[row["pair"]].new_id == new_id]
            unbillable = sum(int(row["unbillable"] or 0) for row in mine)
            towns = {
                town: add(_figures(row) for row in mine if self._pairs[row["pair"]].municipality == town)
                for town in dict.fromkeys(pair.municipality for pair in pairs)
            }
            first = pairs[0]
            parts.append(
                TariffImpact(
                    tariff_id=new_id,
                    name=safe(first.name),
                    content_hash=first.content_hash,
                    category=first.category,
                    billing_period=first.billing_period,
                    municipality=None if first.for_all else safe(first.municipality),
                    old_id=first.old_id,
                    old_name=None if first.old_name is None else safe(first.old_name),
                    begins=self._windows[-1][0].date(),
                    ends=self._windows[0][1].date(),
                    months=len(self._windows),
                    made_at=self._made_at,
                    m3=sum((row["m3"] for row in mine), Decimal(0)),
                    figures=add(map(_figures, mine)),
                    municipalities=tuple(Municipality(name=safe(town), figures=sums) for town, sums in towns.items()),
                    left_out=(LeftOut(reason="unbillable", readings=unbillable),) if unbillable else (),
                )
            )
        return ImpactReport(tuple(parts), complete=False)

    def _finished(
        self, part: TariffImpact, groups: Sequence[Row], rises: Sequence[Row], left_out: Sequence[Row]
    ) -> TariffImpact:
        """The same with what the contracts come to."""

        def of(kind: str) -> dict[str, Figures]:
            found: dict[str, list[Figures]] = {}
            for row in groups:
                if row["kind"] == kind:
                    found.setdefault(row["key"], []).append(_figures(row))
            return {key: add(figures) for key, figures in found.items()}

        def numbered(kind: str) -> Mapping[int, Figures]:
            return {int(key): figures for key, figures in of(kind).items() if key}

        places: dict[str, dict[str, Figures]] = {}
        towns: dict[str, Figures] = {}
        for row in groups:
            town = safe(self._pairs[row["pair"]].municipality)
            if row["kind"] == "colonia":
                places.setdefault(town, {})[row["key"]] = places.get(town, {}).get(row["key"], Figures()) + _figures(
                    row
                )
            elif row["kind"] == "tariff":
                towns[town] = towns.get(town, Figures()) + _figures(row)
        reasons: dict[Any, int] = {}
        for row in left_out:
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + row["readings"]
        return part.model_copy(
            update={
                "figures": add(towns.values()),
                "municipalities": tuple(Municipality(name=town, figures=sums) for town, sums in towns.items()),
                "colonias": tuple(
                    Colonia(municipality=town, name=safe(name, 200), figures=figures)
                    for town, named in places.items()
                    for name, figures in sorted(named.items())
                ),
                "holders": tuple(Holders(kind=cast("Any", kind), figures=sums) for kind, sums in of("holder").items()),
                "percents": bands(PERCENTS, numbered("percent")),
                "amounts": bands(AMOUNTS, numbered("amount")),
                "rises": tuple(map(_rise, rises))[:MOST_RISES],
                "left_out": (
                    *(
                        LeftOut(reason=cast("Any", reason), contracts=sums.contracts)
                        for reason, sums in of("unread").items()
                        if reason
                    ),
                    *(LeftOut(reason=reason, readings=many) for reason, many in reasons.items()),
                    *part.left_out,
                ),
            }
        )

    async def _do(self, statement: str, names: Mapping[str, str] | None = None) -> None:
        """A statement without parameters; `names` of ours take the place of those in its text."""
        text = load(statement)
        for name, value in (names or {}).items():
            text = text.replace(name, value)
        await self._connection.execute(text)

    async def _rows(self, statement: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        cursor = self._connection.cursor(row_factory=dict_row)
        return await (await cursor.execute(load(statement), parameters)).fetchall()


def _figures(row: Row) -> Figures:
    return Figures(
        contracts=int(row.get("contracts", 0)),
        readings=int(row["readings"] or 0),
        old=row["old"],
        new=row["new"],
        first_price=row["first_price"],
        higher=int(row.get("higher", 0)),
        lower=int(row.get("lower", 0)),
        same=int(row.get("same", 0)),
    )


def _rise(row: Row) -> Rise:
    return Rise(
        contract_id=row["contract_id"],
        contract_number=safe(row["contract_number"]),
        colonia=safe(row["colonia"], 200),
        social=row["social"],
        vulnerable=row["vulnerable"],
        readings=row["readings"],
        m3=row["m3"],
        old=row["old"],
        new=row["new"],
    )
