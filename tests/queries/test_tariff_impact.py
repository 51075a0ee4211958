"""Impact on a real server: equal to each reading rated by itself, cancelled for good, with nobody else's readings."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from queries import tariff_impact, tariffs
from queries.tariff_impact import EditedMeanwhile, NothingToRate
from supra_console.database import Database
from supra_console.documents.billing import TariffInsert
from supra_console.documents.impact import Figures
from supra_console.errors import ConnectionLost, InvalidInput, PermissionDenied
from supra_console.tariffs.impact import Progress
from supra_console.tariffs.rating import rate
from supra_console.tariffs.register import State, TariffRow
from tests.conftest import TestDatabase
from tests.queries.desk import as_admin, signed_in

TENANT = "(select id from tenants where slug = 'cea-queretaro')"


def document_of(row: TariffRow) -> TariffInsert:
    assert row.document is not None
    return row.document


def repriced(document: TariffInsert) -> TariffInsert:
    """Dearer from the third block on, cheaper in the second, and another percentage."""
    blocks = [
        block.model_copy(
            update={
                "price_per_m3": block.price_per_m3 + (Decimal("1.2345") if number > 1 else -Decimal("0.5") * number)
            }
        )
        for number, block in enumerate(document.blocks)
    ]
    begins = document.effective_from.replace(year=document.effective_from.year + 2)
    return document.model_copy(
        update={"blocks": tuple(blocks), "name": "Impact", "effective_from": begins, "effective_until": None}
    )


async def package(db: Database) -> list[TariffRow]:
    """A draft in place of every tariff in force."""
    register = await tariffs.register(db)
    return [
        await tariffs.create(db, repriced(document_of(row)), replaces=row.id)
        for row in register.tariffs
        if row.state(register.today) is State.IN_FORCE
    ]


def told(_progress: Progress) -> None:
    """Nobody listens."""


async def the_draft(db: Database) -> TariffRow:
    """A draft in place of the tariff that prices most contracts: domestic, where most people live."""
    tomas = await tariffs.population(db)
    return max(await package(db), key=lambda row: tomas.get(row.series, 0))


# ---------------------------------------------------------------------- each reading by itself


@dataclass(frozen=True)
class Bill:
    """One reading rated with both prices."""

    contract: UUID
    category: str
    municipality: str
    colonia: str
    holder: str
    m3: Decimal
    old: Decimal
    new: Decimal


def one_by_one(database: TestDatabase, drafts: Sequence[TariffRow], olds: dict[UUID, TariffInsert]) -> list[Bill]:
    """Every reading of the last twelve months, rated in Python."""
    bills = []
    (newest,) = as_admin(
        database, f"select max(reading_date) from timeseries.meter_readings where tenant_id = {TENANT}"
    )[0]
    begins, ends = tariff_impact.windows(newest, 12)[-1][0], tariff_impact.windows(newest, 12)[0][1]
    for row in drafts:
        series, new, old = row.series, document_of(row), olds[row.id]
        for contract, municipality, colonia, social, vulnerable, m3 in as_admin(
            database,
            f"""
            select c.id, e.municipality, coalesce(a.colonia, ''), c.social_tariff, p.vulnerable, m.consumption
            from timeseries.meter_readings as m
            join contracts as c on c.id = m.contract_id
            join tomas as t on t.id = c.toma_id
            join explotaciones as e on e.id = c.explotacion_id
            join addresses as a on a.id = t.address_id
            join persons as p on p.id = c.person_id
            where m.tenant_id = {TENANT} and m.status in ('valid', 'corrected', 'estimated')
              and m.reading_date >= %s and m.reading_date < %s
              and c.status = 'activo' and t.status = 'activa' and c.explotacion_id = %s
              and coalesce(t.tariff_category, c.tariff_category) = %s and t.billing_period = %s
            """,
            begins, ends, series.explotacion_id, series.category, series.billing_period,
        ):  # fmt: skip
            holder = "_".join(word for word, so in (("social", social), ("vulnerable", vulnerable)) if so) or "other"
            before, after = (rate(document, m3, social=social).total for document in (old, new))
            bills.append(Bill(contract, series.category, municipality, colonia, holder, m3, before, after))
    return bills


def summed(bills: Iterable[Bill]) -> dict[str, object]:
    """The bills as figures of those contracts that have any."""
    old: dict[UUID, Decimal] = defaultdict(Decimal)
    new: dict[UUID, Decimal] = defaultdict(Decimal)
    readings = 0
    for bill in bills:
        old[bill.contract] += bill.old
        new[bill.contract] += bill.new
        readings += 1
    changes = [new[contract] - old[contract] for contract in old]
    return {
        "readings": readings,
        "old": sum(old.values(), Decimal(0)),
        "new": sum(new.values(), Decimal(0)),
        "higher": sum(change > 0 for change in changes),
        "lower": sum(change < 0 for change in changes),
        "same": sum(change == 0 for change in changes),
    }


def told_of(figures: Figures) -> dict[str, object]:
    return {name: value for name, value in figures if name not in {"contracts", "first_price"}}


async def test_the_report_equals_every_reading_rated_by_itself(database: TestDatabase) -> None:
    progress: list[Progress] = []
    async with signed_in(database) as db:
        drafts = await package(db)
        register = await tariffs.register(db)
        report = await tariff_impact.impact(db, [row.id for row in drafts], progress=progress.append)
    olds = {row.id: document_of(old) for row in drafts if (old := register.find(row.replaces_id)) is not None}
    bills = one_by_one(database, drafts, olds)
    assert len(bills) > 1000
    assert told_of(report.total) == summed(bills)
    assert report.m3 == sum(bill.m3 for bill in bills)
    for key, found in (
        (lambda bill: bill.category, report.by_category()),
        (lambda bill: bill.municipality, report.by_municipality()),
        (lambda bill: (bill.municipality, bill.colonia), report.by_colonia()),
        (lambda bill: bill.holder, report.by_holder()),
    ):
        groups: dict[Any, list[Bill]] = defaultdict(list)
        for bill in bills:
            groups[key(bill)].append(bill)
        assert {name: told_of(figures) for name, figures in found.items() if figures.readings} == {
            name: summed(group) for name, group in groups.items()
        }
    of: dict[UUID, list[Bill]] = defaultdict(list)
    for bill in bills:
        of[bill.contract].append(bill)
    rises = sorted((sum((b.new - b.old for b in some), Decimal(0)) for some in of.values()), reverse=True)[:50]
    assert [rise.difference for rise in report.rises()] == [rise for rise in rises if rise > 0]
    for rise in report.rises():
        assert (rise.m3, rise.readings) == (sum(b.m3 for b in of[rise.contract_id]), len(of[rise.contract_id]))
    assert sum(band.figures.contracts for band in report.percents()) == len(of)
    assert sum(band.figures.contracts for band in report.amounts()) == len(of)
    for band in report.percents():
        changes = [
            (sum((b.new for b in some), Decimal(0)) / sum((b.old for b in some), Decimal(0)) - 1) * 100
            for some in of.values()
        ]
        if band.low == band.high:
            expected = sum(change == 0 for change in changes)
        else:
            expected = sum(
                change != 0 and (band.low is None or change >= band.low) and (band.high is None or change < band.high)
                for change in changes
            )
        assert band.figures.contracts == expected, (band.low, band.high)
    assert [(one.done, one.report is not None) for one in progress] == [(done, True) for done in (0, 3, 6, 9, 12)]


async def test_what_was_not_rated_is_counted_with_its_reason(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        drafts = await package(db)
        report = await tariff_impact.impact(db, [row.id for row in drafts], progress=told)
    left_out = {one.reason: one for one in report.left_out()}
    total = report.total
    unread = sum(one.contracts for one in left_out.values())
    assert unread > 0
    assert total.contracts == total.higher + total.lower + total.same + unread
    assert "cuota_fija" in left_out
    (counted,) = as_admin(
        database,
        f"""
        select count(*) from timeseries.meter_readings as m
        join contracts as c on c.id = m.contract_id and c.status = 'activo'
        join tomas as t on t.id = c.toma_id and t.status = 'activa'
        where m.tenant_id = {TENANT} and m.status in ('rejected', 'suspicious')
          and m.reading_date >= (
              select max(reading_date) from timeseries.meter_readings where tenant_id = {TENANT}
          ) - interval '364 days'
        """,
    )[0]
    assert sum(one.readings for one in left_out.values()) >= counted


async def test_an_impossible_consumption_is_left_out_and_stops_nothing(database: TestDatabase) -> None:
    as_admin(
        database,
        f"""
        update timeseries.meter_readings as m
        set consumption = case m.source when 'manual_field' then -5 else null end
        where m.id in (
            select r.id from timeseries.meter_readings as r
            join contracts as c on c.id = r.contract_id and c.status = 'activo'
            join tomas as t on t.id = c.toma_id and t.status = 'activa'
            where r.tenant_id = {TENANT} and r.status = 'valid' order by r.reading_date desc limit 20
        )
        """,
    )
    async with signed_in(database) as db:
        drafts = await package(db)
        report = await tariff_impact.impact(db, [row.id for row in drafts], progress=told)
    assert {one.reason: one.readings for one in report.left_out()}["unbillable"] == 20


async def test_a_draft_that_makes_no_total_is_told_as_not_rated(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        before = await tariff_impact.impact(db, [draft.id], progress=told)
        as_admin(database, "alter table tariff_schedules disable trigger user")
        as_admin(
            database,
            """
            update tariff_schedules
            set additional_concepts = '[{"code": "x", "name": "X", "type": "percentage", "value": 5, "base": "y"}]'
            where id = %s
            """,
            draft.id,
        )
        report = await tariff_impact.impact(db, [draft.id], progress=told)
    total = report.total
    assert not any((total.readings, total.old, total.new, total.higher, total.lower, total.same))
    assert {one.reason: one.readings for one in report.left_out()}["unbillable"] >= before.total.readings


CONCEPTS = """update tariff_schedules set additional_concepts = (
    select jsonb_agg(jsonb_build_object('code', 'c' || n, 'name', 'C', 'type', 'fixed', 'value', 1))
    from generate_series(1, 2000) as n
) where id = %s"""
PRICE = "update tariff_schedules set blocks = jsonb_set(blocks, '{0,fixed_charge}', '1e300') where id = %s"


@pytest.mark.parametrize("which", ["new", "old"])
@pytest.mark.parametrize("made", [CONCEPTS, PRICE], ids=["concepts", "price"])
async def test_a_tariff_beyond_all_limits_is_refused_in_words(database: TestDatabase, made: str, which: str) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        as_admin(database, "alter table tariff_schedules disable trigger user")
        as_admin(database, made, draft.id if which == "new" else draft.replaces_id)
        with pytest.raises(InvalidInput, match="cannot be rated") as caught:
            await tariff_impact.impact(db, [draft.id], progress=told)
    assert caught.value.sqlstate is None


# ---------------------------------------------------------------------- which price is the old one


async def test_a_tariff_without_a_predecessor_says_what_it_brings_and_nothing_of_changes(
    database: TestDatabase,
) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        before = await tariff_impact.impact(db, [draft.id], progress=told)
        as_admin(database, "alter table tariff_schedules disable trigger user")
        as_admin(database, "update tariff_schedules set replaces_id = null where id = %s", draft.id)
        as_admin(
            database,
            "update tariff_schedules set active = false where category = %s and explotacion_id = %s",
            draft.series.category, draft.series.explotacion_id,
        )  # fmt: skip
        as_admin(database, "alter table tariff_schedules enable trigger user")
        report = await tariff_impact.impact(db, [draft.id], progress=told)
    total = report.total
    assert report.unpriced == report.parts
    assert not any((total.old, total.new, total.higher, total.lower, total.same))
    assert total.first_price == before.total.new
    assert (report.percents(), report.rises()) == ((), ())


async def test_the_old_price_is_found_where_the_draft_names_none(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        expected = await tariff_impact.impact(db, [draft.id], progress=told)
        as_admin(database, "alter table tariff_schedules disable trigger user")
        as_admin(database, "update tariff_schedules set replaces_id = null where id = %s", draft.id)
        found = await tariff_impact.impact(db, [draft.id], progress=told)
    assert found.parts[0].old_id == draft.replaces_id
    assert found.total == expected.total


async def test_a_tariff_for_all_leaves_out_who_has_one_of_their_own(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        some = await the_draft(db)
        own = await tariff_impact.impact(db, [some.id], progress=told)
        general = await tariffs.create(
            db, document_of(some).model_copy(update={"explotacion_id": None, "replaces_id": None}), replaces=None
        )
        with pytest.raises(NothingToRate):
            await tariff_impact.impact(db, [general.id], progress=told)
        as_admin(database, "alter table tariff_schedules disable trigger user")
        as_admin(
            database,
            "update tariff_schedules set active = false where category = %s and explotacion_id = %s",
            some.series.category,
            some.series.explotacion_id,
        )
        report = await tariff_impact.impact(db, [general.id], progress=told)
        with pytest.raises(NothingToRate):  # now it prices nobody: all have a tariff of their own
            await tariff_impact.impact(db, [some.id, general.id], progress=told)
    assert report.total.contracts == own.total.contracts > 20
    assert set(report.by_municipality()) == {some.municipality}


async def test_two_prices_for_the_same_contracts_are_not_added_up(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        twin = await tariffs.create(db, document_of(draft).model_copy(update={"name": "Twin"}), replaces=None)
        with pytest.raises(InvalidInput, match="same contracts"):
            await tariff_impact.impact(db, [draft.id, twin.id], progress=told)


async def test_a_tariff_that_is_gone_is_told(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database) as db:
        with pytest.raises(NothingToRate):
            await tariff_impact.impact(db, [uuid4()], progress=told)


async def test_nobody_else_s_readings_are_counted(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        before = await tariff_impact.impact(db, [draft.id], progress=told)
        as_admin(database, f"update timeseries.meter_readings set consumption = 9999 where tenant_id <> {TENANT}")
        after = await tariff_impact.impact(db, [draft.id], progress=told)
    assert after.total == before.total
    async with signed_in(database, "demo_other") as db:
        with pytest.raises(NothingToRate):
            await tariff_impact.impact(db, [draft.id], progress=told)


# ---------------------------------------------------------------------- keeping


async def test_a_report_is_kept_for_each_tariff_and_comes_back_as_it_was(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        drafts = await package(db)
        report = await tariff_impact.impact(db, [row.id for row in drafts[:3]], progress=told)
        assert await tariff_impact.kept(db, drafts[0].id) is None
        await tariff_impact.keep(db, report)
        for part in report.parts:
            back = await tariff_impact.kept(db, part.tariff_id)
            assert back is not None
            assert back.report.parts == (part,)
            assert back.fits
        row = await tariffs.tariff(db, drafts[0].id)
        assert row is not None
        assert row.impact_fits
        edited = document_of(row).model_copy(update={"social_discount_pct": Decimal("12.34")})
        await tariffs.save(db, row.id, row.version, edited)
        stale = await tariff_impact.kept(db, row.id)
        assert stale is not None
        assert not stale.fits
        with pytest.raises(EditedMeanwhile):
            await tariff_impact.keep(db, report)
    async with signed_in(database, "demo_clerk") as db:
        with pytest.raises(PermissionDenied):
            await tariff_impact.keep(db, report)


# ---------------------------------------------------------------------- cancelled, cut, edited meanwhile


def busy(database: TestDatabase) -> list[Any]:
    """Statements of impact that run, and temporary tables that are left."""
    return as_admin(
        database,
        """
        select query from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and query like '%impact%'
        union all
        select relname from pg_class where relname like 'impact\\_%' and relpersistence = 't'
        """,
    )


@asynccontextmanager
async def held(database: TestDatabase, table: str) -> AsyncIterator[None]:
    """A table that nobody can read, so that work on it stands still, for as long as a slow machine needs."""
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr("supra_console.database.LOCK_TIMEOUT", 60.0)
        async with await psycopg.AsyncConnection.connect(database.admin) as admin:
            await admin.execute(f"lock table {table} in access exclusive mode")
            yield
            await admin.rollback()


async def until(condition: Any) -> None:
    """Wait for what is true of the server in the end, by asking it."""
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(condition):
            pass


async def test_cancelling_stops_the_server_and_leaves_nothing_behind(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        async with held(database, "addresses"):
            task = asyncio.create_task(tariff_impact.impact(db, [draft.id], progress=told))
            await until(lambda: any("impact_hit" in query for (query,) in busy(database)))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: not busy(database))
        again = await tariff_impact.impact(db, [draft.id], progress=told)
    assert again.complete
    await until(lambda: not busy(database))


async def test_a_line_that_is_cut_is_told_and_the_next_attempt_works(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
        async with held(database, "addresses"):
            task = asyncio.create_task(tariff_impact.impact(db, [draft.id], progress=told))
            await until(lambda: any("impact_hit" in query for (query,) in busy(database)))
            as_admin(
                database,
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and query like '%impact_hit%' and pid <> pg_backend_pid()",
            )
            with pytest.raises(ConnectionLost):
                await task
        assert (await tariff_impact.impact(db, [draft.id], progress=told)).complete


async def test_an_edit_meanwhile_is_noticed(database: TestDatabase) -> None:
    async with signed_in(database) as db, signed_in(database) as editor:
        draft = await the_draft(db)
        edited = document_of(draft).model_copy(update={"social_discount_pct": Decimal("12.34")})
        async with held(database, "addresses"):
            task = asyncio.create_task(tariff_impact.impact(db, [draft.id], progress=told))
            await until(lambda: any("impact_hit" in query for (query,) in busy(database)))
            await tariffs.save(editor, draft.id, draft.version, edited)
        with pytest.raises(EditedMeanwhile):
            await task


def test_the_months_go_back_from_the_day_after_the_newest_reading() -> None:
    months = tariff_impact.windows(datetime(2026, 3, 31, 4, 0, tzinfo=UTC), 3)  # 30 March in Querétaro
    assert [f"{begins:%Y-%m-%d} {ends:%Y-%m-%d}" for begins, ends in months] == [
        "2026-02-28 2026-03-31",
        "2026-01-31 2026-02-28",
        "2025-12-31 2026-01-31",
    ]
