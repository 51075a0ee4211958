"""The advisor finds by measuring which settings grow a table and which shrink it, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from queries import chunk_advisor, chunks
from queries.chunk_actions import Gone, SomebodyElses
from queries.chunk_advisor import Advice, Candidate, Trial, advise, candidates
from supra_console.database import Database
from supra_console.errors import ConnectionLost, InvalidInput, PermissionDenied, SupraError, Unreachable
from supra_console.profiles import Profile
from supra_console.timeseries import Chunk, Compression, Edition, Hypertable, Server, Snapshot
from tests.queries.test_chunk_actions import a_line_that_can_be_cut
from tests.timescale import TimeseriesDatabase, as_admin, signed_in

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOMAS = 12_000
PLAN = (("tenant_id", "meter_id"), ("reading_date DESC",))
OURS = (("tenant_id",), ("meter_id", "reading_date DESC"))


def never() -> bool:
    return False


def ignore(_: Trial) -> None:
    """Nobody watches."""


# ── Candidates and choice, without a server ───────────────────────────────────────────────


def a_table(name: str = "meter_readings", compression: Compression | None = None) -> Hypertable:
    return Hypertable(
        1, "timeseries", name, "supra_jobs", False, "reading_date", "timestamp with time zone", 1,
        timedelta(days=30), compression, False,
    )  # fmt: skip


def settings(candidate: Candidate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return candidate.segmentby, candidate.orderby


def test_todays_settings_are_tried_first_and_no_settings_twice() -> None:
    tried = candidates(a_table(compression=Compression(*OURS)))
    assert settings(tried[0]) == OURS
    assert [one.present for one in tried] == [True] + [False] * (len(tried) - 1)
    assert PLAN in map(settings, tried)
    assert len(set(map(settings, tried))) == len(tried)
    # The same in other words is the same.
    other_words = Compression(("tenant_id",), ("meter_id ASC", "reading_date DESC"))
    assert len(candidates(a_table(compression=other_words))) == len(tried)


def test_without_compression_nothing_is_present() -> None:
    tried = candidates(a_table())
    assert not any(one.present for one in tried)
    assert {PLAN, OURS} <= set(map(settings, tried))


def test_a_table_we_do_not_know_is_tried_by_its_time() -> None:
    assert candidates(a_table("theirs")) == (Candidate((), ("reading_date DESC",), False),)


def a_chunk(number: int, size: int, *, rows: int | None = 10, days_ago: int = 100) -> Chunk:
    ends = NOW - timedelta(days=days_ago)
    return Chunk(
        id=number, hypertable=1, schema="s", name=f"c{number}", begins=ends - timedelta(days=30), ends=ends,
        created=None, heap=size, index=0, toast=0, before=None, after=None, rows=rows, batches=None, late_rows=0,
        compressed=False, partial=False,
    )  # fmt: skip


def a_snapshot(*of_chunks: Chunk) -> Snapshot:
    return Snapshot(NOW, Server("17.5", Edition.COMMUNITY, "2.23.0", 16, 0, 1, 1), (a_table(),), of_chunks)


def test_the_chunk_in_the_middle_stands_for_the_others_and_the_one_still_growing_for_none() -> None:
    growing = a_chunk(9, 50, days_ago=-5)
    empty = a_chunk(8, 50, rows=0)
    found = chunk_advisor.representative(a_snapshot(a_chunk(1, 10), a_chunk(2, 900), a_chunk(3, 60), growing, empty), 1)
    assert found is not None
    assert found.id == 3
    assert chunk_advisor.representative(a_snapshot(growing), 1) == growing
    assert chunk_advisor.representative(a_snapshot(empty), 1) is None


def a_trial(after: int, latency: float, *, present: bool = False, error: SupraError | None = None) -> Trial:
    return Trial(Candidate((), (), present), 10, 1000, after, 1.0, {"q": latency}, error)


@pytest.mark.parametrize(
    ("trials", "best"),
    [
        ([a_trial(200, 9), a_trial(400, 1)], 0),
        ([a_trial(200, 9), a_trial(220, 1)], 1),
        ([a_trial(220, 1.2, present=True), a_trial(200, 0.1)], 0),
        ([a_trial(220, 3, present=True), a_trial(200, 1)], 1),
        ([a_trial(220, 0.9), a_trial(200, 0.1)], 0),
        ([a_trial(2000, 1), a_trial(1000, 1)], None),
        ([a_trial(100, 1, error=SupraError()), a_trial(900, 1)], 1),
        ([], None),
    ],
)
def test_the_best_saves_most_then_answers_fastest_and_is_not_changed_for_nothing(
    trials: list[Trial], best: int | None
) -> None:
    assert chunk_advisor._best(trials) == (None if best is None else trials[best])


# ── On TimescaleDB Community ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def a_month_of_a_town(timeseries_database: TimeseriesDatabase) -> tuple[datetime, int]:
    """One month of one reading from each of 12,000 tomas, as a town has it: the chunk's beginning, and its rows."""
    with timeseries_database.as_admin() as admin:
        admin.execute("set session_replication_role = replica")  # these tomas are nobody's
        admin.execute(
            """
            insert into timeseries.meter_readings
                (tenant_id, meter_id, toma_id, contract_id, sector_id, reading_value, previous_reading, consumption,
                 reading_date, source, period_start, period_end)
            select t.id, md5('meter' || n)::uuid, md5('toma' || n)::uuid, md5('contract' || n)::uuid,
                   md5('sector' || n %% 40)::uuid, 200 + n %% 3571 + use, 200 + n %% 3571, use,
                   -- a route a day, one toma a minute
                   timestamptz '2019-03-01 08:00-06' + make_interval(days => n %% 25, mins => n / 25),
                   'manual_field', date '2019-02-01', date '2019-02-28'
            from (select id from tenants order by slug limit 1) as t
            cross join generate_series(1, %s) as n
            cross join lateral (select 3 + (hashint4(n) & 31)) as u (use)
            """,
            [TOMAS],
        )
        admin.execute("set session_replication_role = origin")
        row = admin.execute(
            "select c.range_start, (select count(*) from timeseries.meter_readings as r "
            "where r.reading_date >= c.range_start and r.reading_date < c.range_end) "
            "from timescaledb_information.chunks as c where c.hypertable_name = 'meter_readings' "
            "and c.range_start between '2019-01-25' and '2019-03-10' order by 2 desc limit 1"
        ).fetchone()
        assert row is not None
        return row


async def look(db: Database, begins: datetime) -> tuple[Snapshot, Hypertable]:
    """The snapshot with that one chunk of the readings alone, so that it stands for them."""
    now = await chunks.snapshot(db)
    (readings,) = (table for table in now.hypertables if table.name == "meter_readings")
    return replace(now, chunks=tuple(c for c in now.chunks_of(readings.id) if c.begins == begins)), readings


def nothing_left(database: TimeseriesDatabase) -> bool:
    found = as_admin(
        database,
        "select (select count(*) from pg_class where relnamespace = 'trial'::regnamespace) "
        "+ (select count(*) from _timescaledb_catalog.hypertable where schema_name = 'trial') "
        "+ (select count(*) from pg_class where relname like 'copy\\_%')",
    )
    return found == [(0,)]


def by_settings(advice: Advice) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Trial]:
    return {settings(trial.candidate): trial for trial in advice.trials}


async def test_the_plan_s_settings_grow_monthly_readings_and_ours_save_more_than_80_percent(
    dba: Database, timeseries_database: TimeseriesDatabase, a_month_of_a_town: tuple[datetime, int]
) -> None:
    begins, rows = a_month_of_a_town
    snapshot, readings = await look(dba, begins)
    told: list[Trial] = []
    advice = await advise(dba, snapshot, readings.id, progress=told.append, stop=never)
    assert list(advice.trials) == told
    assert (advice.sampled, {trial.rows for trial in told}, [trial.error for trial in told]) == (
        False, {rows}, [None] * len(told),
    )  # fmt: skip

    found = by_settings(advice)
    assert found[PLAN].saved < -0.2
    assert found[PLAN].rows_per_batch == 1
    assert found[OURS].candidate.present
    assert found[OURS].saved > 0.8
    assert found[OURS].rows_per_batch > 900
    assert set(found[OURS].latencies) == {"last_12_readings", "readings_of_toma", "sector_by_day"}
    assert all(0 < milliseconds < 1000 for milliseconds in found[OURS].latencies.values())
    assert (advice.best, advice.statement) == (found[OURS], "")
    assert nothing_left(timeseries_database)


async def test_who_has_the_plan_s_settings_is_advised_to_change_them(
    dba: Database, a_month_of_a_town: tuple[datetime, int]
) -> None:
    snapshot, readings = await look(dba, a_month_of_a_town[0])
    planned = replace(readings, compression=Compression(*PLAN))
    snapshot = replace(snapshot, hypertables=(planned,))
    advice = await advise(dba, snapshot, readings.id, progress=ignore, stop=never)
    assert advice.trials[0].candidate == Candidate(*PLAN, present=True)
    assert advice.best == by_settings(advice)[OURS]
    assert advice.statement == (
        "alter table timeseries.meter_readings set (timescaledb.compress, "
        "timescaledb.compress_segmentby = 'tenant_id', timescaledb.compress_orderby = 'meter_id, reading_date DESC');"
    )


async def test_of_a_large_chunk_whole_meters_are_tried_and_no_more_rows_than_allowed(
    dba: Database, timeseries_database: TimeseriesDatabase, a_month_of_a_town: tuple[datetime, int]
) -> None:
    snapshot, readings = await look(dba, a_month_of_a_town[0])
    advice = await advise(dba, snapshot, readings.id, max_rows=4000, progress=ignore, stop=never)
    assert advice.sampled
    # which meters are taken follows from their ids, so it is about as many as asked for, and the same every time
    assert {trial.rows for trial in advice.trials} == {advice.trials[0].rows}
    assert 3000 < advice.trials[0].rows < 5000
    assert by_settings(advice)[PLAN].saved < 0 < by_settings(advice)[OURS].saved
    assert nothing_left(timeseries_database)


@pytest.mark.parametrize("name", ["domain_events", "daily_consumption"])
async def test_events_and_consumption_are_tried_with_queries_of_their_own(
    dba: Database, timeseries_database: TimeseriesDatabase, name: str
) -> None:
    if name == "daily_consumption":
        as_admin(timeseries_database, "call refresh_continuous_aggregate('timeseries.daily_consumption', null, null)")
    now = await chunks.snapshot(dba)
    (table,) = (one for one in now.hypertables if one.name == name)
    advice = await advise(dba, now, table.id, progress=ignore, stop=never)
    assert advice.trials
    assert [trial.error for trial in advice.trials] == [None] * len(advice.trials)
    assert all(len(trial.latencies) == 2 for trial in advice.trials)
    if name == "daily_consumption" and advice.best is not None:
        assert advice.statement.startswith("alter materialized view timeseries.daily_consumption set (")
    assert nothing_left(timeseries_database)


async def test_it_stops_between_trials_when_told_to(
    dba: Database, timeseries_database: TimeseriesDatabase, a_month_of_a_town: tuple[datetime, int]
) -> None:
    snapshot, readings = await look(dba, a_month_of_a_town[0])
    done: list[Trial] = []
    advice = await advise(dba, snapshot, readings.id, max_rows=1000, progress=done.append, stop=lambda: len(done) == 1)
    assert list(advice.trials) == done
    assert len(done) == 1
    assert nothing_left(timeseries_database)


async def test_who_breaks_off_in_the_middle_of_a_trial_leaves_nothing(
    timeseries_database: TimeseriesDatabase, a_month_of_a_town: tuple[datetime, int]
) -> None:
    with timeseries_database.sign_in("demo_dba") as profile:
        db = await Database.open(profile)
        snapshot, readings = await look(db, a_month_of_a_town[0])
        begun = asyncio.Event()
        trying = asyncio.create_task(advise(db, snapshot, readings.id, progress=lambda _: begun.set(), stop=never))
        await begun.wait()  # the first is over, the second under way
        trying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trying
        await db.close()
    assert nothing_left(timeseries_database)


async def test_a_line_that_is_cut_in_the_middle_of_a_trial_leaves_nothing(
    timeseries_database: TimeseriesDatabase, a_month_of_a_town: tuple[datetime, int]
) -> None:
    async with signed_in(timeseries_database) as db:
        snapshot, readings = await look(db, a_month_of_a_town[0])
    told: list[Trial] = []
    with timeseries_database.sign_in("demo_dba") as profile:
        async with a_line_that_can_be_cut(timeseries_database.admin) as (port, cut):
            db = await Database.open(Profile("far", {**profile.parameters, "port": str(port)}))

            def cut_after_one(trial: Trial) -> None:
                told.append(trial)
                cut.set()

            with pytest.raises((ConnectionLost, Unreachable)):
                await advise(db, snapshot, readings.id, max_rows=1000, progress=cut_after_one, stop=never)
            await db.close()
    assert len(told) == 1
    assert nothing_left(timeseries_database)


async def test_a_candidate_that_cannot_be_tried_says_why_and_the_others_are(
    dba: Database,
    timeseries_database: TimeseriesDatabase,
    a_month_of_a_town: tuple[datetime, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = ((("tenant_id", "no_such_column"), ()), (("tenant_id",), ("tenant_id",)), OURS)
    monkeypatch.setitem(chunk_advisor._TRIED, "timeseries.meter_readings", odd)
    snapshot, readings = await look(dba, a_month_of_a_town[0])
    snapshot = replace(snapshot, hypertables=(replace(readings, compression=None),))
    advice = await advise(dba, snapshot, readings.id, max_rows=1000, progress=ignore, stop=never)
    assert [trial.error is None for trial in advice.trials] == [False, False, True]
    assert advice.best == advice.trials[2]
    assert nothing_left(timeseries_database)


async def test_an_operator_tries_nothing(
    timeseries_database: TimeseriesDatabase, a_month_of_a_town: tuple[datetime, int]
) -> None:
    async with signed_in(timeseries_database) as db:
        snapshot, readings = await look(db, a_month_of_a_town[0])
    async with signed_in(timeseries_database, "demo_operator") as operator:
        with pytest.raises(PermissionDenied):
            await advise(operator, snapshot, readings.id, progress=ignore, stop=never)


async def test_a_table_that_is_gone_unknown_or_somebody_else_s_is_told_apart(
    dba: Database, timeseries_database: TimeseriesDatabase, a_month_of_a_town: tuple[datetime, int]
) -> None:
    snapshot, readings = await look(dba, a_month_of_a_town[0])
    with pytest.raises(InvalidInput):
        await advise(dba, snapshot, 99999, progress=ignore, stop=never)
    (chunk,) = snapshot.chunks
    gone = replace(snapshot, chunks=(replace(chunk, name="_hyper_1_9999_chunk"),))
    with pytest.raises(Gone):
        await advise(dba, gone, readings.id, progress=ignore, stop=never)
    as_admin(timeseries_database, "create table theirs (number integer not null)")
    as_admin(timeseries_database, "select create_hypertable('theirs', by_range('number', 10))")
    as_admin(timeseries_database, "insert into theirs values (1)")
    try:
        now = await chunks.snapshot(dba)
        (theirs,) = (table for table in now.hypertables if table.name == "theirs")
        with pytest.raises(SomebodyElses):
            await advise(dba, now, theirs.id, progress=ignore, stop=never)
    finally:
        as_admin(timeseries_database, "drop table theirs")
