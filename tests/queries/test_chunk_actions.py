"""Chunks one by one: what is done stays done, what is gone is passed over, and everything is in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from queries import chunk_actions, chunks
from queries.chunk_actions import AlreadySo, Gone, Kind, NotNow, Outcome, SomebodyElses, Step, plan, run
from queries.chunk_details import chunk_details
from supra_console.database import Database
from supra_console.errors import InvalidInput, LockTimeout, MissingFeature, PermissionDenied
from supra_console.profiles import Profile
from supra_console.timeseries import Chunk, Edition, Hypertable, Job, Server, Snapshot
from tests.conftest import TestDatabase
from tests.timescale import TimeseriesDatabase, as_admin, signed_in

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def never() -> bool:
    return False


def ignore(_: Outcome) -> None:
    """Nobody watches."""


# ── The plan, without a server ────────────────────────────────────────────────────────────


def a_chunk(number: int, *, age: int = 0, compressed: bool = False, partial: bool = False) -> Chunk:
    ends = NOW - timedelta(days=age)
    return Chunk(
        id=number, hypertable=1, schema="_timescaledb_internal", name=f"_hyper_1_{number}_chunk",
        begins=ends - timedelta(days=30), ends=ends, created=None, heap=1, index=1, toast=0, before=None, after=None,
        rows=10, batches=None, late_rows=0, compressed=compressed, partial=partial,
    )  # fmt: skip


def a_snapshot(*of_chunks: Chunk) -> Snapshot:
    policy = Job(
        id=1000, kind="compression", procedure="policy_compression", owner="supra_jobs", hypertable=1, config={},
        scheduled=True, schedule_interval=None, max_runtime=None, compress_after=timedelta(days=180), drop_after=None,
        start_offset=None, end_offset=None, next_start=None, last_start=None, last_finish=None, last_status=None,
        runs=None, successes=None, failures=None, last_error=None, last_sqlstate=None,
    )  # fmt: skip
    table = Hypertable(
        1, "timeseries", "meter_readings", "supra_jobs", False, "reading_date", "timestamp with time zone", 1,
        timedelta(days=30), None, False,
    )  # fmt: skip
    server = Server("17.5", Edition.COMMUNITY, "2.23.0", 16, 0, 1, 1)
    return Snapshot(NOW, server, (table,), of_chunks, (policy,))


OVERDUE = a_chunk(2, age=200)
PARTIAL = a_chunk(1, age=300, compressed=True, partial=True)
ALL = a_snapshot(PARTIAL, OVERDUE, a_chunk(3, age=250, compressed=True), a_chunk(4, age=10))


@pytest.mark.parametrize(
    ("kind", "chosen", "numbers"),
    [
        (Kind.COMPRESS, None, [2]),
        (Kind.RECOMPRESS, None, [1]),
        (Kind.DECOMPRESS, None, []),
        (Kind.COMPRESS, {4, 2}, [2, 4]),
        (Kind.DECOMPRESS, {3, 99}, [3]),
        (Kind.COMPRESS, (), []),
    ],
)
def test_a_plan_takes_what_needs_it_or_what_was_chosen(
    kind: Kind, chosen: Sequence[int] | None, numbers: list[int]
) -> None:
    steps = plan(ALL, kind, chosen)
    assert [step.chunk.id for step in steps] == numbers
    assert {step.kind for step in steps} <= {kind}


def test_a_step_shows_the_statement_that_will_run_whatever_the_chunk_is_called() -> None:
    odd = replace(OVERDUE, name='it\'s \\ "odd"')
    (step,) = plan(a_snapshot(odd), Kind.COMPRESS, None)
    assert step.statement == ("""select * from supra.compress_chunk('_timescaledb_internal',  E'it''s \\\\ "odd"')""")
    (step,) = plan(ALL, Kind.RECOMPRESS, None)
    assert step.statement == "select * from supra.recompress_chunk('_timescaledb_internal', '_hyper_1_1_chunk')"


# ── On TimescaleDB Community ──────────────────────────────────────────────────────────────


def journal(database: TimeseriesDatabase, chunk: Chunk) -> list[Any]:
    """Events of one chunk, as an administrator finds them, the oldest first."""
    return as_admin(
        database,
        "select event_type, payload, metadata ->> 'db_user' from timeseries.domain_events "
        "where aggregate_type = 'chunk' and aggregate_id = %s order by created_at",
        chunk_actions._key(f"{chunk.schema}.{chunk.name}"),
    )


async def steps_for(db: Database, kind: Kind, count: int, *, compressed: bool) -> tuple[Step, ...]:
    """Steps for so many chunks of the readings, from the middle of what is there."""
    now = await chunks.snapshot(db)
    (readings,) = (table for table in now.hypertables if table.name == "meter_readings")
    of_readings = [
        chunk for chunk in now.chunks_of(readings.id) if chunk.compressed is compressed and not chunk.partial
    ]
    steps = plan(now, kind, {chunk.id for chunk in of_readings[2 : 2 + count]})
    assert len(steps) == count
    return steps


async def now_compressed(db: Database, steps: Sequence[Step]) -> list[bool]:
    wanted = {step.chunk.id for step in steps}
    return [chunk.compressed for chunk in (await chunks.snapshot(db)).chunks if chunk.id in wanted]


async def test_a_dry_run_changes_nothing(dba: Database, timeseries_database: TimeseriesDatabase) -> None:
    before = await chunks.snapshot(dba)
    events = as_admin(timeseries_database, "select count(*) from timeseries.domain_events")
    assert plan(before, Kind.COMPRESS, None)
    assert plan(before, Kind.RECOMPRESS, None)
    assert (await chunks.snapshot(dba)).chunks == before.chunks
    assert as_admin(timeseries_database, "select count(*) from timeseries.domain_events") == events


async def test_what_is_overdue_is_compressed_and_in_the_journal(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    steps = plan(await chunks.snapshot(dba), Kind.COMPRESS, None)
    assert steps
    told: list[Outcome] = []
    outcomes = await run(dba, steps, told.append, never)
    assert tuple(told) == outcomes
    assert [outcome.state for outcome in outcomes] == ["done"] * len(steps)
    assert all(outcome.after and outcome.before and outcome.after < outcome.before for outcome in outcomes)
    assert plan(await chunks.snapshot(dba), Kind.COMPRESS, None) == ()
    for outcome in outcomes:
        event, payload, who = journal(timeseries_database, outcome.step.chunk)[-1]
        assert (event, who) == ("chunk.compressed", "demo_dba")
        assert (payload["bytes_before"], payload["bytes_after"]) == (outcome.before, outcome.after)
        assert payload["hypertable"] == "timeseries.meter_readings"


async def test_rows_that_came_late_are_taken_in_and_none_is_lost(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    counted = "select count(*) from timeseries.meter_readings"
    rows = as_admin(timeseries_database, counted)
    steps = plan(await chunks.snapshot(dba), Kind.RECOMPRESS, None)
    assert [outcome.state for outcome in await run(dba, steps, ignore, never)] == ["done"]
    assert plan(await chunks.snapshot(dba), Kind.RECOMPRESS, None) == ()
    assert as_admin(timeseries_database, counted) == rows
    again = await run(dba, steps, ignore, never)
    assert isinstance(again[0].error, AlreadySo)


async def test_a_chunk_compressed_by_older_settings_is_compressed_anew(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    settings = "alter table timeseries.meter_readings set (timescaledb.compress_orderby = '{}')"
    steps = await steps_for(dba, Kind.RECOMPRESS, 1, compressed=True)
    as_admin(timeseries_database, settings.format("sector_id, meter_id, reading_date desc"))
    try:
        (outcome,) = await run(dba, steps, ignore, never)
        assert outcome.state == "done"
        (readings,) = (one for one in (await chunks.snapshot(dba)).hypertables if one.name == "meter_readings")
        after = await chunk_details(dba, steps[0].chunk, readings)
        assert after.compression is not None
        assert after.compression.orderby == ("sector_id", "meter_id", "reading_date DESC")
    finally:
        as_admin(timeseries_database, settings.format("meter_id, reading_date desc"))
    assert (await run(dba, steps, ignore, never))[0].state == "done"


async def test_a_chunk_that_is_gone_or_already_so_is_passed_over_and_the_next_goes_on(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    steps = await steps_for(dba, Kind.DECOMPRESS, 3, compressed=True)
    gone, already, _ = (step.chunk for step in steps)
    # What retention does, and what somebody else does at the same time.
    for statement, chunk in (
        ("select _timescaledb_functions.drop_chunk(%s::regclass)", gone),
        ("select decompress_chunk(%s::regclass)", already),
    ):
        as_admin(timeseries_database, statement, f"{chunk.schema}.{chunk.name}")
    before = journal(timeseries_database, gone), journal(timeseries_database, already)

    outcomes = await run(dba, steps, ignore, never)
    assert [outcome.state for outcome in outcomes] == ["skipped", "skipped", "done"]
    assert [type(outcome.error) for outcome in outcomes] == [Gone, AlreadySo, type(None)]
    assert (journal(timeseries_database, gone), journal(timeseries_database, already)) == before
    await run(dba, plan(await chunks.snapshot(dba), Kind.COMPRESS, None), ignore, never)


async def test_it_stops_between_chunks_when_told_to(dba: Database) -> None:
    steps = await steps_for(dba, Kind.DECOMPRESS, 3, compressed=True)
    done: list[Outcome] = []
    outcomes = await run(dba, steps, done.append, lambda: len(done) == 1)
    assert [outcome.step for outcome in outcomes] == [steps[0]]
    assert await now_compressed(dba, steps) == [False, True, True]
    # The rest can be done later, and what was done is no matter.
    later = await run(dba, plan(await chunks.snapshot(dba), Kind.COMPRESS, None), ignore, never)
    assert [outcome.state for outcome in later] == ["done"]


async def test_an_operator_changes_nothing(timeseries_database: TimeseriesDatabase) -> None:
    async with signed_in(timeseries_database) as db:
        steps = await steps_for(db, Kind.DECOMPRESS, 1, compressed=True)
    before = journal(timeseries_database, steps[0].chunk)
    async with signed_in(timeseries_database, "demo_operator") as operator:
        with pytest.raises(PermissionDenied):
            await run(operator, steps, ignore, never)
        with pytest.raises(PermissionDenied):
            await chunk_actions.pause_job(operator, 1000)
        with pytest.raises(PermissionDenied):
            await chunk_actions.refresh(operator, 5, None, None)
    async with signed_in(timeseries_database) as db:
        assert await now_compressed(db, steps) == [True]
    assert journal(timeseries_database, steps[0].chunk) == before


async def test_somebody_else_s_chunk_is_left_and_the_attempt_is_in_the_journal(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    as_admin(timeseries_database, "create table theirs (at timestamptz not null)")
    as_admin(timeseries_database, "select create_hypertable('theirs', by_range('at'))")
    as_admin(timeseries_database, "insert into theirs values (now())")
    try:
        now = await chunks.snapshot(dba)
        (theirs,) = (table for table in now.hypertables if table.name == "theirs")
        (step,) = plan(now, Kind.COMPRESS, {chunk.id for chunk in now.chunks_of(theirs.id)})
        (outcome,) = await run(dba, [step], ignore, never)
    finally:
        as_admin(timeseries_database, "drop table theirs")
    assert outcome.state == "failed"
    assert isinstance(outcome.error, SomebodyElses)
    ((event, payload, who),) = journal(timeseries_database, step.chunk)
    assert (event, who, payload["action"], payload["sqlstate"]) == ("chunk.failed", "demo_dba", "compress", "SU003")


@asynccontextmanager
async def a_line_that_can_be_cut(dsn: str) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A port that leads to the server until the event is set; then every connection ends and none is made."""
    way = conninfo_to_dict(dsn)
    cut = asyncio.Event()
    writers: set[asyncio.StreamWriter] = set()

    async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.close()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if cut.is_set():
            writer.close()
            return
        there, back = await asyncio.open_connection(str(way["host"]), int(str(way["port"])))
        writers.update((writer, back))
        await asyncio.gather(pass_on(reader, back), pass_on(there, writer))

    async def watch() -> None:
        await cut.wait()
        for writer in writers:
            writer.close()

    async with await asyncio.start_server(lead, "127.0.0.1", 0) as listener:
        watching = asyncio.create_task(watch())
        try:
            yield listener.sockets[0].getsockname()[1], cut
        finally:
            cut.set()
            await watching


async def test_when_the_server_goes_away_what_is_done_stays_done_and_the_rest_can_be_resumed(
    timeseries_database: TimeseriesDatabase,
) -> None:
    async with signed_in(timeseries_database) as db:
        steps = await steps_for(db, Kind.DECOMPRESS, 4, compressed=True)

    with timeseries_database.sign_in("demo_dba") as profile:
        async with a_line_that_can_be_cut(timeseries_database.admin) as (port, cut):
            db = await Database.open(Profile("far", {**profile.parameters, "port": str(port)}))

            def cut_after_two(outcome: Outcome) -> None:
                if outcome.step is steps[1]:
                    cut.set()

            outcomes = await run(db, steps, cut_after_two, never)
            await db.close()
    assert [outcome.state for outcome in outcomes] == ["done", "done", "failed"]
    assert [outcome.lost for outcome in outcomes] == [False, False, True]

    async with signed_in(timeseries_database) as db:
        compressed = await now_compressed(db, steps)
        assert compressed[:2] == [False, False]
        assert compressed[3] is True
        rest = await run(db, steps, ignore, never)
        assert {outcome.state for outcome in rest} == {"done", "skipped"}
        assert await now_compressed(db, steps) == [False] * 4
        await run(db, plan(await chunks.snapshot(db), Kind.COMPRESS, None), ignore, never)


# ── Jobs and aggregates ───────────────────────────────────────────────────────────────────


async def a_job(db: Database, kind: str) -> Job:
    now = await chunks.snapshot(db)
    return next(job for job in now.jobs if job.kind == kind and job.owner == "supra_jobs")


async def test_a_job_is_paused_resumed_rescheduled_and_started(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    job = await a_job(dba, "compression")
    await chunk_actions.pause_job(dba, job.id)
    assert (await a_job(dba, "compression")).scheduled is False
    with pytest.raises(AlreadySo):
        await chunk_actions.pause_job(dba, job.id)
    with pytest.raises(NotNow):
        await chunk_actions.run_job_now(dba, job.id)
    await chunk_actions.resume_job(dba, job.id)

    await chunk_actions.change_schedule(dba, job.id, timedelta(hours=5))
    assert (await a_job(dba, "compression")).schedule_interval == timedelta(hours=5)
    with pytest.raises(InvalidInput):
        await chunk_actions.change_schedule(dba, job.id, timedelta(seconds=1))

    await chunk_actions.run_job_now(dba, job.id)
    ((due,),) = as_admin(
        timeseries_database,
        "select next_start <= now() from timescaledb_information.jobs where job_id = %s",
        job.id,
    )
    assert due is True
    events = as_admin(
        timeseries_database,
        "select payload from timeseries.domain_events where event_type = 'job.changed' order by created_at",
    )
    assert [sorted(payload) for (payload,) in events[-4:]] == [
        ["job", "scheduled"], ["job", "scheduled"], ["job", "schedule_interval"], ["job", "next_start"],
    ]  # fmt: skip


async def test_a_job_that_is_gone_or_somebody_else_s_is_told_apart(dba: Database) -> None:
    with pytest.raises(Gone):
        await chunk_actions.run_job_now(dba, 99999)
    with pytest.raises(SomebodyElses):
        await chunk_actions.pause_job(dba, 3)  # TimescaleDB's own


async def test_a_range_is_refreshed_once_in_the_background(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    ((aggregate,),) = as_admin(timeseries_database, "select mat_hypertable_id from _timescaledb_catalog.continuous_agg")
    unseen = (
        "select (select sum(consumption) from timeseries.meter_readings where status = 'valid' and reading_date > d) "
        "- (select sum(total_consumption) from timeseries.daily_consumption where day > d) "
        "from (select now() - interval '5 months') as since (d)"
    )
    # A reading is put right far below the watermark.
    as_admin(
        timeseries_database,
        "update timeseries.meter_readings set consumption = consumption + 1000 where (id, reading_date) = "
        "(select id, reading_date from timeseries.meter_readings where status = 'valid' "
        "and reading_date < now() - interval '3 months' order by reading_date desc limit 1)",
    )
    assert as_admin(timeseries_database, unseen) == [(1000,)]
    job = await chunk_actions.refresh(dba, aggregate, None, datetime.now(UTC))
    with pytest.raises(InvalidInput):
        await chunk_actions.refresh(dba, aggregate, datetime.now(UTC), datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(Gone):
        await chunk_actions.refresh(dba, 99999, None, None)
    open_ended = await chunk_actions.refresh(dba, aggregate, None, None)
    with pytest.raises(AlreadySo):
        await chunk_actions.refresh(dba, aggregate, None, None)
    # This server has no background workers; the jobs run as they would there.
    for number in (job, open_ended):
        as_admin(timeseries_database, f"call run_job({number})")
    assert as_admin(timeseries_database, unseen) == [(0,)]
    left = "select job_id from timescaledb_information.jobs where proc_name = 'refresh_once'"
    assert as_admin(timeseries_database, left) == []


async def test_a_refresh_that_keeps_failing_gives_up(dba: Database, timeseries_database: TimeseriesDatabase) -> None:
    ((aggregate,),) = as_admin(timeseries_database, "select mat_hypertable_id from _timescaledb_catalog.continuous_agg")
    job = await chunk_actions.refresh(dba, aggregate, None, None)
    attempts = f"select config ->> 'attempt' from timescaledb_information.jobs where job_id = {job}"
    impossible = f'{{"aggregate": {aggregate}, "begins": "2026-01-02T00:00Z", "ends": "2026-01-01T00:00Z"}}'
    as_admin(timeseries_database, "select alter_job(%s, config => %s::jsonb)", job, impossible)
    for attempt in ("1", "2", "3"):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            as_admin(timeseries_database, f"call run_job({job})")
        assert as_admin(timeseries_database, attempts) == [(attempt,)]
    as_admin(timeseries_database, f"call run_job({job})")
    assert as_admin(timeseries_database, attempts) == []


async def test_a_refresh_keeps_what_the_aggregate_alone_remembers(
    dba: Database, timeseries_database: TimeseriesDatabase
) -> None:
    ((aggregate,),) = as_admin(timeseries_database, "select mat_hypertable_id from _timescaledb_catalog.continuous_agg")
    remembered = "select count(*), min(day) from timeseries.daily_consumption"
    before = as_admin(timeseries_database, remembered)
    # As the retention does it, before the refresh is asked for and once more before it runs.
    drop = (
        "select drop_chunks('timeseries.meter_readings', older_than => (select min(range_end) "
        "from timescaledb_information.chunks where hypertable_name = 'meter_readings') + interval '1 second')"
    )
    assert len(as_admin(timeseries_database, drop)) == 1
    with pytest.raises(InvalidInput):
        await chunk_actions.refresh(dba, aggregate, None, datetime(2000, 1, 1, tzinfo=UTC))
    jobs = [
        await chunk_actions.refresh(dba, aggregate, None, None),
        await chunk_actions.refresh(dba, aggregate, datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC)),
    ]
    assert len(as_admin(timeseries_database, drop)) == 1
    for number in jobs:
        as_admin(timeseries_database, f"call run_job({number})")
    assert as_admin(timeseries_database, remembered) == before


async def test_a_schedule_is_one_that_can_be_shown(dba: Database, timeseries_database: TimeseriesDatabase) -> None:
    ((number,),) = as_admin(timeseries_database, "select max(job_id) from timescaledb_information.jobs")
    for given in (
        "schedule_interval => interval 'infinity'",
        "schedule_interval => interval '20000 years'",
        "next_start => '20000-01-01'",
        "next_start => '100 BC'",
        "next_start => 'infinity'",
    ):
        with pytest.raises(InvalidInput):
            await chunk_actions._call(dba, f"select supra.alter_timeseries_job({number}, {given})")


# ── On the Debian server ──────────────────────────────────────────────────────────────────


@asynccontextmanager
async def on_debian(database: TestDatabase, role: str = "demo_dba") -> AsyncIterator[Database]:
    way = {name: str(value) for name, value in conninfo_to_dict(database.sign_in(role)).items() if value}
    db = await Database.open(Profile("test", way))
    try:
        yield db
    finally:
        await db.close()


async def test_the_apache_edition_has_nothing_to_be_done(database: TestDatabase) -> None:
    async with on_debian(database) as db:
        steps = plan(a_snapshot(OVERDUE), Kind.COMPRESS, None)
        with pytest.raises(MissingFeature):
            await run(db, steps, ignore, never)
        with pytest.raises(MissingFeature):
            await chunk_actions.run_job_now(db, 1000)


async def test_a_chunk_somebody_holds_is_left_after_three_seconds_and_readers_are_not_held_up(
    database: TestDatabase,
) -> None:
    """The lock is real; this edition has no compression to come after it, so its guard is lifted for the test."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute(
            "create or replace function supra.authorize_timeseries() returns void language sql begin atomic; end"
        )
        admin.execute("grant execute on function _timescaledb_functions.chunk_status(regclass) to supra_owner")
        found = admin.execute(
            "select chunk_schema, chunk_name from timescaledb_information.chunks "
            "where hypertable_name = 'meter_readings' order by range_start limit 2"
        ).fetchall()
    held, free = (replace(OVERDUE, schema=schema, name=name) for schema, name in found)
    steps = [Step(chunk, Kind.COMPRESS, "") for chunk in (held, free)]
    with (
        psycopg.connect(database.admin) as holder,
        psycopg.connect(database.admin, autocommit=True) as reader,
    ):
        # As a policy that compresses it at this moment.
        holder.execute(f"lock table only {held.schema}.{held.name} in exclusive mode")
        async with on_debian(database) as db:
            running = asyncio.create_task(run(db, steps, ignore, never))
            waiting = "select count(*) from pg_locks where not granted and mode = 'ShareUpdateExclusiveLock'"
            while reader.execute(waiting).fetchone() == (0,):  # noqa: ASYNC110 - the server tells, nobody else
                await asyncio.sleep(0)
            reader.execute("set lock_timeout = '1ms'")
            assert reader.execute(f"select count(*) from {held.schema}.{held.name}").fetchone() is not None
            outcomes = await running
    assert [outcome.state for outcome in outcomes] == ["failed", "failed"]
    assert isinstance(outcomes[0].error, LockTimeout)
    assert outcomes[0].seconds > 2.5
    assert isinstance(outcomes[1].error, NotNow)  # compression is off here, which is asked once the chunk is held
    with psycopg.connect(database.admin) as admin:
        events = admin.execute(
            "select payload ->> 'sqlstate' from timeseries.domain_events where event_type = 'chunk.failed' "
            "order by created_at"
        ).fetchall()
    assert events == [("55P03",), ("55000",)]
