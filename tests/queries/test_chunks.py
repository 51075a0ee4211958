"""One picture of the time series from every kind of server, in a constant number of statements."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from queries import chunks
from queries.chunk_details import chunk_details
from supra_console.profiles import Profile
from supra_console.timeseries import ChunkDetails, Edition, Snapshot, State
from supra_console.timeseries_findings import findings
from tests.conftest import TestDatabase
from tests.supra_console.signing_in import opened, signed_in
from tests.timescale import TimeseriesDatabase


def seen_by(database: TimeseriesDatabase, role: str) -> Snapshot:
    async def look(profile: Profile) -> Snapshot:
        async with opened(profile) as db:
            return await chunks.snapshot(db)

    with database.sign_in(role) as profile:
        return asyncio.run(look(profile))


async def picture(database: TestDatabase, role: str = "demo_dba") -> Snapshot:
    async with signed_in(database.sign_in(role)) as db:
        return await chunks.snapshot(db)


def change(database: TestDatabase, *statements: str) -> None:
    with psycopg.connect(database.admin, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def missing(snapshot: Snapshot) -> dict[str, str]:
    return {one.part: one.reason for one in snapshot.missing}


# TimescaleDB Community ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def as_dba(timeseries_database: TimeseriesDatabase) -> Snapshot:
    return seen_by(timeseries_database, "demo_dba")


def test_a_dba_sees_hypertables_and_aggregates_by_their_names(as_dba: Snapshot) -> None:
    assert as_dba.missing == ()
    assert as_dba.server.edition is Edition.COMMUNITY
    assert [one.full_name for one in as_dba.hypertables] == [
        "timeseries.domain_events", "timeseries.meter_readings", "timeseries.daily_consumption",
    ]  # fmt: skip
    events, readings, daily = as_dba.hypertables
    assert readings.interval == timedelta(days=30)
    assert (readings.time_column, readings.time_type) == ("reading_date", "timestamp with time zone")
    assert readings.compression is not None
    assert readings.compression.segmentby == ("tenant_id",)
    assert readings.compression.orderby == ("meter_id", "reading_date DESC")
    assert (events.aggregate, readings.aggregate, daily.aggregate) == (False, False, True)
    assert {one.owner for one in as_dba.hypertables} == {"supra_jobs"}


def test_every_chunk_has_its_range_its_sizes_and_its_state(as_dba: Snapshot) -> None:
    readings = as_dba.hypertables[1]
    of_readings = as_dba.chunks_of(readings.id)
    states = [as_dba.state(chunk) for chunk in of_readings]
    assert states.count(State.PARTIAL) == 1
    assert states.count(State.OVERDUE) == 1
    assert states.count(State.COMPRESSED) >= 15
    assert states[-1] is State.UNCOMPRESSED
    assert all(before.ends == after.begins for before, after in pairwise(of_readings))
    full = next(chunk for chunk in of_readings if as_dba.state(chunk) is State.COMPRESSED and (chunk.rows or 0) > 700)
    assert full.before is not None
    assert full.after is not None
    assert 0 < full.after < full.before
    assert full.size == full.heap + full.index + full.toast > 0
    assert full.rows_per_batch is not None
    assert full.rows_per_batch > 100
    assert full.late_rows == 0
    (late,) = [chunk for chunk in of_readings if chunk.partial]
    assert late.late_rows is not None
    assert 0 < late.late_rows < 400


def test_sizes_are_those_the_server_says(timeseries_database: TimeseriesDatabase, as_dba: Snapshot) -> None:
    with timeseries_database.as_admin() as admin:
        told = dict(
            admin.execute(
                "select chunk_name, sum(total_bytes) from (select 'timeseries.meter_readings'::regclass as h"
                " union all select 'timeseries.domain_events') as t, chunks_detailed_size(t.h) group by 1"
            ).fetchall()
        )
    ours = {chunk.name: chunk.size for chunk in as_dba.chunks if chunk.name in told}
    assert ours == {name: int(size) for name, size in told.items()}
    assert len(ours) > 30


def test_policies_come_with_their_configuration_and_no_history_is_not_no_runs(as_dba: Snapshot) -> None:
    readings, daily = as_dba.hypertables[1].id, as_dba.hypertables[2].id
    compression, retention = as_dba.policy(readings, "compression"), as_dba.policy(readings, "retention")
    refresh = as_dba.policy(daily, "refresh")
    assert compression is not None
    assert retention is not None
    assert refresh is not None
    # six months back from now, in days
    assert isinstance(compression.compress_after, timedelta)
    assert timedelta(days=181) <= compression.compress_after <= timedelta(days=185)
    assert isinstance(retention.drop_after, timedelta)
    assert timedelta(days=3650) <= retention.drop_after <= timedelta(days=3655)
    assert refresh.end_offset == timedelta(hours=1)
    assert refresh.schedule_interval == timedelta(hours=1)
    # nobody has run it
    assert (compression.runs, compression.failures, compression.last_status) == (None, None, None)


def test_the_aggregate_has_its_watermark_and_what_still_waits(as_dba: Snapshot) -> None:
    (daily,) = as_dba.aggregates
    assert (daily.hypertable, daily.source) == (as_dba.hypertables[2].id, as_dba.hypertables[1].id)
    assert daily.bucket == "1 day"
    assert daily.bucket_width == timedelta(days=1)
    assert daily.realtime
    assert isinstance(daily.watermark, datetime)
    assert isinstance(daily.newest, datetime)
    (late,) = [chunk for chunk in as_dba.chunks if chunk.partial and chunk.hypertable == daily.source]
    assert any(
        isinstance(low, datetime) and isinstance(late.begins, datetime) and low >= late.begins
        for low, _high in daily.invalidated
    )


def test_partitions_of_postgresql_itself_are_there_too(as_dba: Snapshot) -> None:
    assert [one.name for one in as_dba.partitioned] == ["ai_agent_executions", "communications"]
    for one in as_dba.partitioned:
        assert one.has_default
        assert one.default_rows is not None
        assert one.ends is not None
        assert one.ends > as_dba.taken
        assert one.size > 0


def test_what_is_wrong_with_the_demo_is_found_and_nothing_else(as_dba: Snapshot) -> None:
    codes = {(one.code, one.subject) for one in findings(as_dba)}
    assert ("overdue", "timeseries.meter_readings") in codes
    assert ("late_rows", "timeseries.meter_readings") in codes
    assert ("no_scheduler", "background jobs") in codes  # in WebAssembly there is none
    assert not {code for code, _subject in codes} & {"grew", "few_rows_per_batch", "loose_grant", "row_security"}


def test_a_failed_run_is_told_with_its_message_to_a_dba_alone(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.as_admin() as admin:
        # What a background worker would have left behind; this server has none.
        (number,) = admin.execute(
            "select job_id from timescaledb_information.jobs where proc_name = 'policy_compression' order by 1"
        ).fetchone() or (None,)
        admin.execute(
            "insert into _timescaledb_internal.bgw_job_stat_history"
            " (job_id, pid, execution_start, execution_finish, succeeded, data) values"
            " (%(job)s, 1, now() - interval '2 h', now() - interval '1 h', false,"
            ' \'{"job": {}, "error_data": {"sqlerrcode": "53100", "message": "disk full"}}\'),'
            " (%(job)s, 1, now() - interval '4 h', now() - interval '3 h', true, '{\"job\": {}}')",
            {"job": number},
        )
    as_dba, as_operator = seen_by(timeseries_database, "demo_dba"), seen_by(timeseries_database, "demo_operator")
    (job,) = [one for one in as_dba.jobs if one.id == number]
    assert (job.last_sqlstate, job.last_error) == ("53100", "disk full")
    assert [(one.job, one.succeeded) for one in as_dba.runs] == [(number, False), (number, True)]
    (unknown,) = [one for one in as_operator.jobs if one.id == number]
    assert (unknown.last_sqlstate, unknown.last_error) == (None, None)
    assert set(missing(as_operator)) == {"runs", "aggregate_rows"}
    assert len(as_operator.chunks) == len(as_dba.chunks)
    assert as_operator.aggregates[0].watermark == as_dba.aggregates[0].watermark
    assert as_operator.aggregates[0].newest is None


def test_a_job_of_anybody_keeps_its_configuration_to_the_digit(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.as_admin() as admin:
        admin.execute("create procedure public.of_mine(job_id integer, config jsonb) language sql as 'select'")
        config = '{"deep": [[1.50]], "compress_after": "soon", "hypertable_id": "none"}'
        (number,) = admin.execute("select add_job('public.of_mine', '1 day', config => %s)", [config]).fetchone() or (
            0,
        )
    (job,) = [one for one in seen_by(timeseries_database, "demo_dba").jobs if one.id == number]
    assert (job.procedure, job.kind, job.hypertable, job.compress_after) == ("public.of_mine", "other", None, None)
    assert str(job.config["deep"][0][0]) == "1.50"


def test_nobody_hides_the_jobs_of_others_by_one_of_theirs(timeseries_database: TimeseriesDatabase) -> None:
    made = []
    with timeseries_database.as_admin() as admin:
        admin.execute("set session authorization demo_clerk")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute("select public.add_job('pg_catalog.pg_sleep', '1 hour')")
        # as where the right was given back, or the job was added before it was taken
        admin.execute("set session authorization postgres")
        admin.execute("grant execute on function public.add_job to demo_clerk")
        admin.execute("set session authorization demo_clerk")
        for procedure, schedule, config in (
            ("_timescaledb_functions.policy_compression", "1 hour", '{"hypertable_id": "x", "compress_after": "soon"}'),
            ("_timescaledb_functions.policy_retention", "1 hour", '{"hypertable_id": 1e10, "drop_after": "infinity"}'),
            ("_timescaledb_functions.policy_retention", "1 hour", '{"hypertable_id": 5, "drop_after": "1 day"}'),
            ("pg_catalog.pg_sleep", "infinity", None),
            ("pg_catalog.pg_sleep", "170000000 years", None),
        ):
            row = admin.execute(
                "select public.add_job(%s::regproc, %s::interval, config => %s, fixed_schedule => false)",
                [procedure, schedule, config],
            ).fetchone()
            made.append(row and row[0])
    seen = seen_by(timeseries_database, "demo_dba")
    with timeseries_database.as_admin() as admin:
        admin.execute("revoke execute on function public.add_job from demo_clerk")
        for number in made:
            admin.execute("select public.delete_job(%s)", [number])
    assert "jobs" not in missing(seen)
    odd = [one for one in seen.jobs if one.id in made]
    assert [one.hypertable for one in odd] == [None] * 5
    assert [(one.compress_after, one.drop_after) for one in odd[:2]] == [(None, None)] * 2
    assert [one.schedule_interval for one in odd[3:]] == [None, None]
    assert {"compression", "retention", "refresh"} <= {one.kind for one in seen.jobs if one.owner == "supra_jobs"}


def test_a_chunk_from_near(timeseries_database: TimeseriesDatabase, as_dba: Snapshot) -> None:
    readings = as_dba.hypertables[1]
    (late,) = [chunk for chunk in as_dba.chunks_of(readings.id) if chunk.partial]

    async def look(profile: Profile) -> ChunkDetails:
        async with opened(profile) as db:
            return await chunk_details(db, late, readings)

    with timeseries_database.sign_in("demo_dba") as profile:
        details = asyncio.run(look(profile))
    assert details.missing == ()
    assert details.late_rows == 40
    assert details.compression == readings.compression
    assert {index.compressed for index in details.indexes} == {False, True}
    assert all(index.definition.startswith("CREATE") for index in details.indexes)
    assert sum(index.size for index in details.indexes) == late.index
    assert details.read is not None
    assert details.read.rows >= 1
    assert 0 < details.read.milliseconds < 1000


def test_odd_hypertables_of_somebody_else_are_shown_as_they_are(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.as_admin() as admin:
        admin.execute('create schema "Ödd ""x"""')
        admin.execute('create role "some body"')
        admin.execute('create table "Ödd ""x"""."T\'s" ("At" bigint not null, "Who" text not null, n integer)')
        admin.execute(
            'select create_hypertable(\'"Ödd ""x"""."T\'\'s"\', by_range(\'At\', 1000)),'
            ' add_dimension(\'"Ödd ""x"""."T\'\'s"\', by_hash(\'Who\', 2))'
        )
        admin.execute(
            'insert into "Ödd ""x"""."T\'s" select n, \'w\' || n % 7, n from generate_series(-1000, 4999) as n'
        )
        admin.execute(
            'alter table "Ödd ""x"""."T\'s" set (timescaledb.compress, timescaledb.compress_segmentby = \'"Who"\','
            " timescaledb.compress_orderby = '\"At\" desc nulls last')"
        )
        admin.execute('alter table "Ödd ""x"""."T\'s" owner to "some body"')
        admin.execute('select compress_chunk(c) from show_chunks(\'"Ödd ""x"""."T\'\'s"\', older_than => 1000) as c')
    picture = seen_by(timeseries_database, "demo_dba")
    (odd,) = [one for one in picture.hypertables if one.owner == "some body"]
    assert (odd.schema, odd.name, odd.full_name) == ('Ödd "x"', "T's", 'Ödd "x".T\'s')
    assert (odd.time_column, odd.time_type, odd.dimensions, odd.interval) == ("At", "bigint", 2, 1000)
    assert odd.compression is not None
    assert odd.compression.segmentby == ('"Who"',)
    assert odd.compression.orderby == ('"At" DESC NULLS LAST',)
    parts = picture.chunks_of(odd.id)
    assert {(one.begins, one.ends) for one in parts} == {(n, n + 1000) for n in range(-1000, 5000, 1000)}
    assert len(parts) == 12
    assert sum(one.compressed for one in parts) == 4
    assert picture.missing == ()
    assert not [one for one in findings(picture) if one.subject == odd.full_name and one.code != "few_rows_per_batch"]


def test_what_a_finding_offers_mends_it(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.as_admin() as admin:
        admin.execute(
            "alter table timeseries.meter_readings set (timescaledb.compress_segmentby = 'tenant_id, meter_id',"
            " timescaledb.compress_orderby = 'reading_date desc')"
        )
        for (chunk,) in admin.execute(
            "select format('%I.%I', chunk_schema, chunk_name) from timescaledb_information.chunks"
            " where hypertable_name = 'meter_readings' and is_compressed order by range_start limit 6"
        ).fetchall():
            admin.execute("select compress_chunk(decompress_chunk(%s::regclass))", [chunk])
        admin.execute("grant select on timeseries.domain_events to supra_readonly")
        admin.execute("select alter_job(1002, scheduled => false)")
        admin.execute("drop table public.communications_default")

    before = findings(seen_by(timeseries_database, "demo_dba"))
    with timeseries_database.as_admin() as admin:
        for one in (one for one in before if one.code != "history_off"):
            for statement in filter(None, one.mend.replace(";\n", ";\0").split("\0")):
                admin.execute(statement.encode())
    after = findings(seen_by(timeseries_database, "demo_dba"))

    ours = {one.code for one in before if one.subject.split(".")[0] in {"timeseries", "public", "supra_readonly"}}
    assert ours >= {"grew", "overdue", "late_rows", "loose_grant", "partition_no_default"}
    assert "job_paused" in {one.code for one in before}
    # What takes a setting of the server, or workers, this one does not have.
    assert {one.code for one in after} - {"few_rows_per_batch"} == {"no_scheduler", "history_off"}


# TimescaleDB Apache -------------------------------------------------------------------------------------------------


async def test_the_apache_edition_shows_what_it_has_and_says_what_it_lacks(shared_database: TestDatabase) -> None:
    snapshot = await picture(shared_database)
    assert snapshot.server.edition is Edition.APACHE
    assert set(missing(snapshot)) == {"compression", "runs", "aggregates"}
    assert "Apache" in missing(snapshot)["compression"]
    assert [one.name for one in snapshot.hypertables] == ["domain_events", "meter_readings"]
    assert len(snapshot.chunks) > 6
    assert all(snapshot.state(one) is State.UNCOMPRESSED for one in snapshot.chunks)
    assert {one.name for one in snapshot.partitioned} == {"communications", "ai_agent_executions"}
    assert snapshot.server.workers is not None
    assert snapshot.server.max_workers is not None


async def test_the_job_that_the_apache_edition_cannot_run_is_paused_by_what_its_finding_offers(
    database: TestDatabase,
) -> None:
    own = [one for one in (await picture(database)).jobs if one.kind == "history"]
    assert [one.id for one in own] == [3]
    failed = replace(own[0], last_status="Failed", runs=5, failures=5)
    (one,) = findings(replace(await picture(database), jobs=(failed,)))
    with psycopg.connect(database.admin, autocommit=True) as admin:
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            admin.execute("select alter_job(3, scheduled => false)")
        for statement in one.mend.splitlines():
            admin.execute(statement.encode())
    (paused,) = (await picture(database)).jobs
    assert not paused.scheduled


@pytest.mark.parametrize("role", ["demo_clerk", "demo_operator", "demo_supervisor"])
async def test_everybody_who_reads_may_look(shared_database: TestDatabase, role: str) -> None:
    assert len((await picture(shared_database, role)).chunks) > 6


async def test_a_right_that_is_missing_takes_its_part_and_no_other(database: TestDatabase) -> None:
    change(database, "revoke select on timescaledb_information.jobs from public")
    snapshot = await picture(database)
    assert "42501" in missing(snapshot)["jobs"]
    assert snapshot.jobs == ()
    assert len(snapshot.chunks) > 6
    assert len(snapshot.partitioned) == 2


async def test_rights_that_go_round_the_tenant_views_are_listed(database: TestDatabase) -> None:
    change(
        database,
        "grant select, insert on timeseries.meter_readings to supra_readonly",
        "grant select on timeseries.domain_events to public",
        "grant select (reading_value, tenant_id) on timeseries.meter_readings to demo_clerk",
    )
    snapshot = await picture(database)
    rights = {(one.relation, one.grantee, one.privilege) for one in snapshot.loose_grants}
    assert ("timeseries.meter_readings", "supra_readonly", "insert, select") in rights
    assert ("timeseries.domain_events", "public", "select") in rights
    assert ("timeseries.meter_readings", "demo_clerk", "select") in rights
    (columns,) = [one for one in findings(snapshot) if one.subject == "demo_clerk"]
    assert any(relation.startswith("_timescaledb_internal._hyper_") for relation, _grantee, _privilege in rights)
    assert {one.subject for one in findings(snapshot)} >= {"supra_readonly", "public"}
    change(database, *columns.mend.splitlines())
    left = (await picture(database)).loose_grants
    assert left
    assert "demo_clerk" not in {one.grantee for one in left}


async def test_a_server_without_timescaledb_still_shows_its_partitions(database: TestDatabase) -> None:
    change(database, "drop extension timescaledb cascade")
    snapshot = await picture(database)
    assert snapshot.server.edition is Edition.NONE
    assert (snapshot.server.timescaledb, snapshot.server.max_workers, snapshot.server.workers) == (None, None, None)
    assert set(missing(snapshot)) == {"timescaledb"}
    assert (snapshot.hypertables, snapshot.chunks, snapshot.jobs) == ((), (), ())
    assert len(snapshot.partitioned) == 2


async def test_a_partition_table_s_newest_end_and_default_rows(database: TestDatabase) -> None:
    change(
        database,
        "create table public.odd (at date not null) partition by range (at)",
        "create table public.odd_1 partition of public.odd for values from ('2020-01-01') to ('2021-01-01')",
        "create table public.odd_rest partition of public.odd default",
        "insert into public.odd select date '2024-01-01' + n from generate_series(1, 30) as n",
        "analyze public.odd_rest",
        "create table public.bare (at timestamptz not null) partition by range (at)",
    )
    snapshot = await picture(database)
    odd = next(one for one in snapshot.partitioned if one.name == "odd")
    assert (odd.partitions, odd.has_default, odd.default_rows) == (1, True, 30)
    assert odd.ends is not None
    assert odd.ends.year == 2021 or (odd.ends.year, odd.ends.month) == (2020, 12)
    bare = next(one for one in snapshot.partitioned if one.name == "bare")
    assert (bare.partitions, bare.has_default, bare.default_rows, bare.ends, bare.size) == (0, False, None, None, 0)
    codes = {(one.code, one.subject) for one in findings(snapshot)}
    assert {("partition_default_rows", "public.odd"), ("partition_no_default", "public.bare")} <= codes


# Statements ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent while the test runs."""
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(self: psycopg.AsyncCursor[Any], query: Any, *others: Any, **named: Any) -> Any:
        sent.append(str(query))
        return await execute(self, query, *others, **named)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    return sent


async def test_as_many_statements_for_three_hundred_chunks_as_for_few(
    database: TestDatabase, statements: list[str]
) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        statements.clear()
        few = await chunks.snapshot(db)
        for_few = len(statements)
        change(
            database,
            "create table public.many (at timestamptz not null, n integer)",
            "select create_hypertable('public.many', by_range('at', interval '1 day'))",
            "insert into public.many select now() - make_interval(days => n), n from generate_series(1, 300) as n",
        )
        statements.clear()
        many = await chunks.snapshot(db)
    assert len(many.chunks) == len(few.chunks) + 300
    assert len(statements) == for_few
    assert for_few <= 12


async def test_what_was_not_written_to_is_not_measured_again(database: TestDatabase, statements: list[str]) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        first = await chunks.snapshot(db)
        # Statistics of a write are told within a second, or at once when the connection ends.
        change(
            database,
            "insert into timeseries.domain_events (tenant_id, event_type, aggregate_type, aggregate_id)"
            " select t.id, 'a.b', 'contract', gen_random_uuid() from tenants as t, generate_series(1, 20000)",
        )
        statements.clear()
        second = await chunks.snapshot(db, since=first)
        sent = len(statements)
        whole = await chunks.snapshot(db)
    assert second.measured == first.measured
    assert [one.size for one in second.chunks] == [one.size for one in whole.chunks]
    sizes = {one.id: one.size for one in first.chunks}
    moved = {one.hypertable for one in second.chunks if sizes.get(one.id) != one.size}
    assert moved == {second.hypertables[0].id}
    assert second.hypertables[0].name == "domain_events"
    assert sent == len(statements) - sent
    assert whole.measured == whole.taken


async def test_a_picture_of_more_than_a_minute_ago_is_not_trusted(database: TestDatabase) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        first = await chunks.snapshot(db)
        assert first.measured is not None
        old = replace(first, measured=first.measured - timedelta(minutes=2), chunks=())
        second = await chunks.snapshot(db, since=old)
    assert second.measured == second.taken
    assert [one.size for one in second.chunks] == [one.size for one in first.chunks]


async def test_a_chunk_that_was_dropped_in_between_is_gone(database: TestDatabase) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        first = await chunks.snapshot(db)
        dropped = first.chunks[0]
        change(database, f"drop table {dropped.schema}.{dropped.name}")
        second = await chunks.snapshot(db, since=first)
        details = await chunk_details(db, dropped, first.hypertables[0])
    assert [one.id for one in second.chunks] == [one.id for one in first.chunks[1:]]
    assert details.indexes == ()


async def test_a_chunk_somebody_holds_makes_sizes_estimates_and_hides_nothing(database: TestDatabase) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        first = await chunks.snapshot(db)
        held = first.chunks[0]
        with psycopg.connect(database.admin) as other:
            other.execute(f"lock table {held.schema}.{held.name} in access exclusive mode".encode())
            alone = await chunks.snapshot(db)
            after = await chunks.snapshot(db, since=first)
            other.rollback()
        again = await chunks.snapshot(db, since=alone)
    assert set(missing(alone)) >= {"sizes"}
    assert [one.id for one in alone.chunks] == [one.id for one in first.chunks]
    assert sum(one.size for one in alone.chunks) > 0
    assert alone.measured is None
    assert "sizes" not in missing(after)  # nobody wrote to it, so nobody asked
    assert [one.size for one in again.chunks] == [one.size for one in first.chunks]
