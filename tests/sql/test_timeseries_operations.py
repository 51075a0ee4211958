"""What a DBA may do to the time series: that and nothing more, whatever is passed, whoever calls.

On the Apache edition (the Debian server) the functions say that there is nothing to be done; on TimescaleDB Community
they are attacked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import NullPool, create_engine

from queries import schema
from tests.conftest import TestDatabase
from tests.sql.conftest import Connection, Utilities
from tests.timescale import TimeseriesDatabase

FILE = schema.ALEMBIC.parent / "schema" / "024-timeseries-operations.sql"
ROUTINES = sorted(set(re.findall(r"^create or replace (?:function|procedure) supra\.(\w+)", FILE.read_text(), re.M)))
CALLS = {
    "job_runs": "supra.job_runs()",
    "continuous_aggregates_state": "supra.continuous_aggregates_state()",
    "late_rows": "supra.late_rows('a', 'b')",
    "compress_chunk": "supra.compress_chunk('a', 'b')",
    "decompress_chunk": "supra.decompress_chunk('a', 'b')",
    "recompress_chunk": "supra.recompress_chunk('a', 'b')",
    "alter_timeseries_job": "supra.alter_timeseries_job(1000, false)",
    "refresh_aggregate": "supra.refresh_aggregate(5, null, null)",
    "try_compression": "supra.try_compression('a', 'b', '{}', '{}')",
}
CATALOGUE = """
    select p.proname, p.prosecdef, p.proowner::regrole::text, p.prokind = 'p',
           coalesce((select s from unnest(p.proconfig) as s where s ~ '^search_path='), ''),
           array(select r.rolname::text from pg_roles as r
                 where r.rolname in ('supra_readonly', 'supra_operator', 'supra_supervisor', 'supra_dba', 'supra_app')
                   and has_function_privilege(r.oid, p.oid, 'execute') order by 1)
    from pg_proc as p where p.pronamespace = 'supra'::regnamespace and p.proname = any (%s)
"""


def check_the_catalogue(connection: Connection, owner: str) -> None:
    found = connection.execute(CATALOGUE, [ROUTINES]).fetchall()
    assert sorted(str(row[0]) for row in found) == ROUTINES
    for name, definer, its_owner, procedure, path, may in found:
        assert its_owner == owner, name
        assert definer == (name in CALLS), name
        assert may == (["supra_dba"] if definer else []), name
        # A procedure that commits can have no setting of its own; what it calls is named with its schema.
        assert procedure or str(path).endswith("pg_temp"), name


# ── Where there is nothing to be done ─────────────────────────────────────────────────────


def test_dbas_execute_what_is_theirs_and_nobody_else_anything(admin: Connection) -> None:
    check_the_catalogue(admin, "supra_owner")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_the_apache_edition_says_that_it_has_none_of_this(
    call: str, utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="community edition"):
        sign_in(utilities.ours.user("dba")).execute(f"select * from {call}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sign_in(utilities.ours.user("supervisor")).execute(f"select * from {call}")


def test_a_database_made_before_gets_them_and_may_lose_them_again(bare_database: TestDatabase) -> None:
    def routines() -> set[str]:
        with psycopg.connect(bare_database.admin) as connection:
            found = connection.execute("select proname from pg_proc where pronamespace = 'supra'::regnamespace")
            return {str(name) for (name,) in found}

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(bare_database.admin), poolclass=NullPool
    )
    there = routines()
    with engine.begin() as connection:
        schema.migrate(connection, "downgrade", "0002")
    with_them = routines()
    with engine.begin() as connection:
        schema.migrate(connection, "downgrade", "0001")
    assert routines() == with_them - set(ROUTINES)

    assert schema.init(bare_database.admin).outcome == "upgraded"
    assert routines() == there
    with psycopg.connect(bare_database.admin) as admin:
        check_the_catalogue(admin, "supra_owner")


def test_a_database_filled_by_older_files_is_adopted_with_them(empty_database: TestDatabase) -> None:
    with psycopg.connect(empty_database.admin, autocommit=True) as connection:
        for path in sorted(FILE.parent.glob("*.sql")):
            if path != FILE:
                connection.execute(path.read_bytes())
    assert schema.init(empty_database.admin).outcome == "adopted"
    with psycopg.connect(empty_database.admin) as admin:
        check_the_catalogue(admin, "supra_owner")


# ── TimescaleDB Community, under attack ───────────────────────────────────────────────────


@pytest.fixture
def dba(timeseries_database: TimeseriesDatabase) -> Iterator[Connection]:
    """A DBA with psql; between tests nothing is open and everybody is postgres again."""
    yield from signed_in(timeseries_database, "demo_dba")


@pytest.fixture
def operator(timeseries_database: TimeseriesDatabase) -> Iterator[Connection]:
    yield from signed_in(timeseries_database, "demo_operator")


def signed_in(database: TimeseriesDatabase, role: str) -> Iterator[Connection]:
    with (
        database.sign_in(role),
        psycopg.connect(
            database.admin, autocommit=True, prepare_threshold=None, cursor_factory=psycopg.ClientCursor
        ) as connection,
    ):
        yield connection


def one(connection: Connection, statement: str, *parameters: object) -> Any:
    row = connection.execute(statement, parameters or None).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def a_chunk(connection: Connection, condition: str) -> tuple[str, str]:
    """The oldest chunk of the readings of which a condition holds."""
    found: tuple[str, str] = one(
        connection,
        "select chunk_schema, chunk_name from timescaledb_information.chunks "
        f"where hypertable_name = 'meter_readings' and {condition} order by range_start limit 1",
    )
    return found


def test_on_community_they_belong_to_whom_the_hypertables_belong_to(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.as_admin() as admin:
        check_the_catalogue(admin, "supra_jobs")
        assert one(admin, "select relowner::regrole::text from pg_class where relname = 'meter_readings' "
                          "and relnamespace = 'timeseries'::regnamespace") == "supra_jobs"  # fmt: skip


def test_the_way_down_and_up_again_leaves_no_trace_of_trials(timeseries_database: TimeseriesDatabase) -> None:
    trial = "select to_regnamespace('trial') is not null"
    waiting = "select count(*) from timescaledb_information.jobs where proc_name = 'refresh_once'"
    by_all = "select has_function_privilege('demo_clerk', 'public.add_job'::regproc, 'execute')"
    with timeseries_database.as_admin() as admin:
        admin.execute("select public.add_job('supra.refresh_once'::regproc, interval '5 minutes')")
        assert (one(admin, waiting), one(admin, by_all)) == (1, False)
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(timeseries_database.admin, prepare_threshold=None),
        poolclass=NullPool,
    )
    for command, revision in (("stamp", "head"), ("downgrade", "0001")):
        with engine.begin() as connection:
            schema.migrate(connection, command, revision)  # type: ignore[arg-type]
    with timeseries_database.as_admin() as admin:
        assert admin.execute(CATALOGUE, [ROUTINES]).fetchall() == []
        assert one(admin, trial) is False
        assert (one(admin, waiting), one(admin, by_all)) == (0, True)
    with engine.begin() as connection:
        schema.migrate(connection, "upgrade", "head")
    with timeseries_database.as_admin() as admin:
        check_the_catalogue(admin, "supra_jobs")
        assert one(admin, trial) is True
        assert one(admin, by_all) is False
        admin.execute("drop table supra.alembic_version")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_an_operator_calls_none_of_them(call: str, operator: Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        operator.execute(f"select * from {call}")


def test_a_dba_who_takes_another_role_is_still_refused_there(dba: Connection) -> None:
    dba.execute("set role supra_operator")
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            dba.execute("select * from supra.job_runs()")
    finally:
        dba.execute("reset role")


def test_a_dba_gains_no_more_than_the_functions(dba: Connection) -> None:
    schema_name, chunk = a_chunk(dba, "not is_compressed")
    refused = (
        "set role supra_jobs",
        "select count(*) from timeseries.meter_readings",
        f"select count(*) from {schema_name}.{chunk}",
        f"select public.compress_chunk('{schema_name}.{chunk}')",
        "select public.alter_job(1000, scheduled => false)",
        "select public.delete_job(1000)",
        "call public.run_job(1000)",
        "call supra.refresh_once(1000, '{}')",
        "select public.add_job('supra.refresh_once', '1 hour')",
        f"select supra.hold_chunk('{schema_name}', '{chunk}')",
        "select supra.timed_queries('timeseries.meter_readings', 'pg_authid')",
        "select supra.record_operation('chunk.compressed', 'chunk', 'x', '{}')",
        "create table trial.mine (id integer)",
    )
    for statement in refused:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            dba.execute(statement)


BAD_COLUMNS = (
    "no_such_column",
    "tenant_id; drop table public.tenants",
    "tenant_id, meter_id",
    '"tenant_id"',
    "tenant_id)::text, timescaledb.compress_orderby = 'meter_id",
    "tenant_id'",
    "xmin",
    "",
    "TENANT_ID",
)
BAD_ORDERS = (
    *BAD_COLUMNS,
    "reading_date desc, meter_id",
    "reading_date using <",
    "reading_date desc; drop table public.tenants",
    "(select 1) desc",
    "reading_date desc nulls last --",
)


def test_what_is_passed_is_a_column_or_refused(dba: Connection) -> None:
    chunk = a_chunk(dba, "not is_compressed")
    call = "select rows from supra.try_compression(%s, %s, %s::text[], %s::text[], 1000, %s)"
    tenants = one(dba, "select count(*) from public.tenants")
    for bad in BAD_COLUMNS:
        with pytest.raises(psycopg.errors.UndefinedColumn):
            dba.execute(call, [*chunk, [bad], ["reading_date DESC"], None])
        with pytest.raises(psycopg.errors.UndefinedColumn):
            dba.execute(call, [*chunk, ["tenant_id"], ["reading_date DESC"], bad])
    for bad in BAD_ORDERS:
        with pytest.raises(psycopg.errors.UndefinedColumn):
            dba.execute(call, [*chunk, ["tenant_id"], [bad], None])
    assert one(dba, call, *chunk, ["tenant_id"], ["meter_id", "reading_date DESC NULLS LAST"], None) > 0
    assert one(dba, "select count(*) from public.tenants") == tenants


@pytest.mark.parametrize("max_rows", [0, -1, 99, 1_000_001, None])
def test_a_copy_is_capped(dba: Connection, max_rows: int | None) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        dba.execute(
            "select supra.try_compression(%s, %s, '{tenant_id}', '{}', %s::integer)",
            [*a_chunk(dba, "not is_compressed"), max_rows],
        )


NOT_CHUNKS = (
    ("public", "tenants"),
    ("timeseries", "meter_readings"),
    ("pg_catalog", "pg_authid"),
    ("_timescaledb_internal", "_compressed_hypertable_3"),
    ("_timescaledb_internal", "x'; drop table public.tenants; --"),
    ('a".b', "c\\"),
    ("", ""),
)


@pytest.mark.parametrize("name", NOT_CHUNKS, ids=" ".join)
@pytest.mark.parametrize("action", ["compress_chunk", "decompress_chunk", "recompress_chunk", "try_compression"])
def test_only_a_chunk_is_a_chunk(dba: Connection, action: str, name: tuple[str, str]) -> None:
    more = ", '{}', '{}'" if action == "try_compression" else ""
    with pytest.raises(psycopg.DatabaseError) as refused:
        dba.execute(f"select supra.{action}(%s, %s{more})", name)
    assert refused.value.sqlstate == "SU001"


def test_the_compressed_part_of_a_chunk_is_no_chunk(dba: Connection) -> None:
    inner = one(dba, "select schema_name, table_name from _timescaledb_catalog.chunk "
                     "where table_name like 'compress%' limit 1")  # fmt: skip
    with pytest.raises(psycopg.DatabaseError) as refused:
        dba.execute("select supra.decompress_chunk(%s, %s)", inner)
    assert refused.value.sqlstate == "SU001"


@pytest.fixture
def somebody_elses(timeseries_database: TimeseriesDatabase) -> Iterator[tuple[str, str]]:
    """A chunk of a hypertable of the administrator's, with an unusual name and integer time."""
    table = sql.Identifier('odd "name" ñ; --')
    with timeseries_database.as_admin() as admin:
        admin.execute(sql.SQL("create table public.{} (at bigint not null, what text)").format(table))
        admin.execute(
            "select public.create_hypertable(%s::regclass, public.by_range('at', 100::bigint))",
            [f"public.{table.as_string(None)}"],
        )
        admin.execute(sql.SQL("insert into public.{} values (5, 'x')").format(table))
        admin.execute(sql.SQL("alter table public.{} set (timescaledb.compress)").format(table))
        found = one(
            admin,
            "select chunk_schema, chunk_name from timescaledb_information.chunks where hypertable_name like 'odd%'",
        )
    yield found
    with timeseries_database.as_admin() as admin:
        admin.execute(sql.SQL("drop table public.{}").format(table))


def test_somebody_else_s_chunks_and_jobs_are_left_alone(dba: Connection, somebody_elses: tuple[str, str]) -> None:
    for statement in (
        "select supra.compress_chunk(%s, %s)",
        "select supra.decompress_chunk(%s, %s)",
        "select supra.recompress_chunk(%s, %s)",
        "select supra.try_compression(%s, %s, '{}', '{}')",
    ):
        with pytest.raises(psycopg.DatabaseError) as refused:
            dba.execute(statement, somebody_elses)
        assert refused.value.sqlstate == "SU003"
    assert one(dba, "select supra.late_rows(%s, %s)", *somebody_elses) is None
    with pytest.raises(psycopg.DatabaseError) as refused:
        dba.execute("select supra.alter_timeseries_job(3, false)")
    assert refused.value.sqlstate == "SU003"


def test_what_a_dba_puts_in_the_way_is_not_found(dba: Connection) -> None:
    chunk = a_chunk(dba, "not is_compressed")
    in_the_way = """
        create temporary table pg_class (oid oid, relname name, relnamespace oid, relowner oid, reltuples real);
        create temporary table trial_queries (query text, columns text[], statement text);
        create function pg_temp.format(text, variadic text[]) returns text language sql
            return 'drop table public.tenants cascade';
        create function pg_temp.quote_ident(text) returns text language sql return 'x); drop table public.tenants; --';
        create function pg_temp.pg_has_role(name, text, text) returns boolean language sql return true;
        create function pg_temp.authorize_timeseries() returns void language sql begin atomic; end;
    """
    path = one(dba, "show search_path")
    dba.execute(in_the_way)
    dba.execute("set search_path = pg_temp, public, pg_catalog")
    try:
        rows = one(dba, "select rows from supra.try_compression(%s, %s, '{tenant_id}', '{meter_id}')", *chunk)
        assert rows > 0
        assert one(dba, "select bytes_after from supra.compress_chunk(%s, %s)", *chunk) > 0
        assert one(dba, "select bytes_after from supra.decompress_chunk(%s, %s)", *chunk) > 0
        assert one(dba, "select count(*) from public.tenants") > 0
    finally:
        dba.execute("select set_config('search_path', %s, false)", [path])
        dba.execute("discard temp")


@pytest.mark.parametrize(("own", "holds"), [("0", "3s"), ("1500ms", "1500ms")])
def test_a_lock_is_never_waited_for_without_end(dba: Connection, own: str, holds: str) -> None:
    chunk = a_chunk(dba, "not is_compressed")
    with dba.transaction(force_rollback=True):
        dba.execute(f"set local lock_timeout = '{own}'")
        dba.execute("select supra.compress_chunk(%s, %s)", chunk)
        assert one(dba, "show lock_timeout") == holds


def test_without_a_utility_to_record_it_in_nothing_is_done(
    dba: Connection, timeseries_database: TimeseriesDatabase
) -> None:
    chunk = a_chunk(dba, "not is_compressed")
    with timeseries_database.as_admin() as admin:
        admin.execute("update users set db_role = 'demo_nobody' where db_role = 'demo_dba'")
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant is bound"):
            dba.execute("select supra.compress_chunk(%s, %s)", chunk)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant is bound"):
            dba.execute("select supra.alter_timeseries_job(1000, false)")
    finally:
        with timeseries_database.as_admin() as admin:
            admin.execute("update users set db_role = 'demo_dba' where db_role = 'demo_nobody'")
    assert chunk == a_chunk(dba, "not is_compressed")
    assert one(dba, "select scheduled from timescaledb_information.jobs where job_id = 1000") is True


def test_nothing_of_a_trial_is_ever_there(dba: Connection, timeseries_database: TimeseriesDatabase) -> None:
    chunk = a_chunk(dba, "not is_compressed")
    with timeseries_database.as_admin() as admin:
        before = everything(admin)
    dba.execute("select supra.try_compression(%s, %s, '{tenant_id}', '{meter_id, reading_date DESC}')", chunk)
    # TimescaleDB refuses a column twice, after the copy was made.
    with pytest.raises(psycopg.DatabaseError):
        dba.execute("select supra.try_compression(%s, %s, '{tenant_id}', '{tenant_id}')", chunk)
    with dba.transaction():
        dba.execute("select supra.try_compression(%s, %s, '{tenant_id}', '{meter_id}')", chunk)
        assert one(dba, "select count(*) from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n "
                        "on n.oid = c.relnamespace where n.nspname = 'trial'") == 0  # fmt: skip
    with timeseries_database.as_admin() as admin:
        assert everything(admin) == before


def everything(admin: Connection) -> list[tuple[Any, ...]]:
    """All relations and all that TimescaleDB knows of."""
    return admin.execute(
        """
        select 'relation', oid::regclass::text from pg_class where relnamespace <> 'pg_catalog'::regnamespace
            and relnamespace::regnamespace::text !~ '^pg_t'
        union all select 'schema', nspname from pg_namespace where nspname !~ '^pg_'
        union all select 'hypertable', id::text from _timescaledb_catalog.hypertable
        union all select 'chunk', id::text from _timescaledb_catalog.chunk
        union all select 'settings', relid::text from _timescaledb_catalog.compression_settings
        union all select 'size', chunk_id::text from _timescaledb_catalog.compression_chunk_size
        order by 1, 2
        """
    ).fetchall()


# ── What they show ────────────────────────────────────────────────────────────────────────


def test_runs_are_shown_newest_first_and_of_our_jobs_alone(
    dba: Connection, timeseries_database: TimeseriesDatabase
) -> None:
    with timeseries_database.as_admin() as admin:
        # This server has no background workers that would have left a history.
        admin.execute(
            """
            insert into _timescaledb_internal.bgw_job_stat_history
                (job_id, pid, execution_start, execution_finish, succeeded, data)
            select job, 1, start, start + interval '2 s', job <> 1001,
                   case job when 1001 then '{"error_data": {"sqlerrcode": "55P03", "message": "canceled"}}'::jsonb end
            from (values (1000), (1001), (3)) as j (job)
            cross join generate_series(now() - interval '300 h', now() - interval '1 h', interval '1 h') as start
            """
        )
    try:
        runs = dba.execute(
            "select job_id, started, finished, succeeded, sqlstate, message from supra.job_runs()"
        ).fetchall()
    finally:
        with timeseries_database.as_admin() as admin:
            admin.execute("truncate _timescaledb_internal.bgw_job_stat_history")
    assert len(runs) == 500
    assert {row[0] for row in runs} == {1000, 1001}
    starts: list[Any] = [row[1] for row in runs]
    assert starts == sorted(starts, reverse=True)
    assert {row[3:] for row in runs if row[0] == 1001} == {(False, "55P03", "canceled")}
    assert {row[3:] for row in runs if row[0] == 1000} == {(True, None, None)}


def test_an_aggregate_says_how_far_it_is_and_how_far_its_source(
    dba: Connection, timeseries_database: TimeseriesDatabase
) -> None:
    states = dba.execute(
        "select bucket, watermark, newest, materialized_only from supra.continuous_aggregates_state()"
    ).fetchall()
    with timeseries_database.as_admin() as admin:
        newest = one(admin, "select max(reading_date) from timeseries.meter_readings")
        end = one(
            admin,
            "select _timescaledb_functions.to_timestamp(watermark) from _timescaledb_catalog.continuous_aggs_watermark",
        )
    assert states == [("1 day", end, newest, False)]


def test_late_rows_are_those_outside_the_compressed_part(
    dba: Connection, timeseries_database: TimeseriesDatabase
) -> None:
    chunk = a_chunk(dba, "is_compressed")
    name = f"{chunk[0]}.{chunk[1]}"
    with timeseries_database.as_admin() as admin:
        before = one(admin, f"select count(*) from {name}")
        admin.execute(
            "insert into timeseries.meter_readings "
            "(tenant_id, meter_id, toma_id, reading_value, reading_date, source) "
            f"select tenant_id, meter_id, toma_id, reading_value, reading_date + interval '1 ms', source "
            f"from {name} order by id limit 7"
        )
        assert one(admin, f"select count(*) from {name}") == before + 7
    late = one(dba, "select supra.late_rows(%s, %s)", *chunk)
    assert late >= 7
    dba.execute("select supra.recompress_chunk(%s, %s)", chunk)
    assert one(dba, "select supra.late_rows(%s, %s)", *chunk) == 0
    assert one(dba, "select supra.late_rows(%s, %s)", *a_chunk(dba, "not is_compressed")) == 0
    assert one(dba, "select supra.late_rows('public', 'tenants')") is None
