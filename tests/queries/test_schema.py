"""A database gets the schema whole or not at all, once; and loses it without a trace and without harm to others."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import NullPool, create_engine

from queries import schema
from supra_console.errors import (
    ConfigurationError,
    MissingFeature,
    NoSuchDatabase,
    ServerTooOld,
    SupraError,
    Unreachable,
    UnsafeRole,
)
from tests.conftest import TestDatabase, unique_name

FILES = sorted((schema.ALEMBIC.parent / "schema").glob("*.sql"))

# Everything a database holds that it did not hold when it was new.
CONTENTS = """
    select 'relation', n.nspname || '.' || c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    union all select 'function', p.oid::regprocedure::text from pg_proc as p
    where p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    union all select 'type', t.oid::regtype::text from pg_type as t
    join pg_namespace as n on n.oid = t.typnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    union all select 'schema', nspname from pg_namespace where nspname !~ '^pg_(temp|toast_temp)_'
    union all select 'extension', extname from pg_extension
    union all select 'rights on public', nspacl::text from pg_namespace where nspname = 'public'
    union all select 'event trigger', evtname from pg_event_trigger
    order by 1, 2
"""


def contents(dsn: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(CONTENTS).fetchall()


def run_files(dsn: str, files: list[Path]) -> None:
    """As compose's init folder does: each file by itself, by psql or the like."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for path in files:
            connection.execute(path.read_bytes())


# ── Getting it ────────────────────────────────────────────────────────────────────────────


def test_an_empty_database_gets_the_schema_and_its_revision(empty_database: TestDatabase) -> None:
    before = schema.status(empty_database.admin)
    assert (before.current, before.tables) == (None, 0)
    assert "timescaledb" in before.missing_extensions

    report = schema.init(empty_database.admin)
    assert (report.outcome, report.tables, report.revision) == ("created", 63, schema.head_revision())

    after = schema.status(empty_database.admin)
    assert (after.current, after.tables, after.missing_extensions) == (after.head, 63, ())
    assert after.policies >= 58
    assert after.edition in ("apache", "community")


def test_a_second_time_changes_nothing_but_makes_the_partitions_to_come(bare_database: TestDatabase) -> None:
    before = contents(bare_database.admin)
    assert schema.init(bare_database.admin).outcome == "unchanged"
    assert contents(bare_database.admin) == before

    with psycopg.connect(bare_database.admin) as connection:
        (last,) = connection.execute(
            "select max(inhrelid::regclass::text) from pg_inherits where inhparent = 'ai_agent_executions'::regclass "
            "and inhrelid::regclass::text ~ 'm[0-9]+$'"
        ).fetchall()[0]
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier(str(last))))
    schema.init(bare_database.admin)
    assert contents(bare_database.admin) == before


def test_a_database_filled_by_the_files_is_adopted(empty_database: TestDatabase) -> None:
    run_files(empty_database.admin, FILES)
    assert schema.status(empty_database.admin).current is None
    assert schema.init(empty_database.admin).outcome == "adopted"
    assert schema.status(empty_database.admin).current == schema.head_revision()
    assert schema.init(empty_database.admin).outcome == "unchanged"


def test_a_database_with_part_of_the_schema_is_refused_and_told_what_is_missing(empty_database: TestDatabase) -> None:
    run_files(empty_database.admin, FILES[:5])
    before = contents(empty_database.admin)
    with pytest.raises(ConfigurationError, match=r"public\.contracts") as refused:
        schema.init(empty_database.admin)
    assert "public.tenants" not in str(refused.value)
    assert contents(empty_database.admin) == before


def test_an_interrupted_init_leaves_nothing(empty_database: TestDatabase) -> None:
    before = contents(empty_database.admin)
    # A view of somebody else's is in the way of one of the last files.
    with psycopg.connect(empty_database.admin) as connection:
        connection.execute("create view sync_log as select 1")
    with pytest.raises(SupraError, match=r"017-sync\.sql") as stopped:
        schema.init(empty_database.admin)
    assert stopped.value.sqlstate == "42P07"
    with psycopg.connect(empty_database.admin) as connection:
        connection.execute("drop view sync_log")
    assert contents(empty_database.admin) == before
    assert schema.init(empty_database.admin).outcome == "created"


def test_two_who_initialise_at_once_make_one_schema(empty_database: TestDatabase) -> None:
    outcomes: list[str] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(schema.init(empty_database.admin).outcome)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created", "unchanged"]


def test_everybody_who_signs_in_may_read_the_revision(bare_database: TestDatabase) -> None:
    with psycopg.connect(bare_database.admin) as connection:
        connection.execute("set role supra_readonly")
        assert connection.execute("select version_num from supra.alembic_version").fetchall() == [
            (schema.head_revision(),)
        ]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update supra.alembic_version set version_num = '9999'")


# ── Servers and roles that will not do ────────────────────────────────────────────────────

GOOD = schema.Server(
    version_number=160004,
    version="16.4",
    superuser=True,
    encoding="UTF8",
    preloaded="timescaledb,pg_cron",
    available=dict.fromkeys(schema.EXTENSIONS, "2.17.2"),
)


def test_the_oldest_servers_promised_are_accepted() -> None:
    schema.judge(GOOD)
    schema.judge(replace(GOOD, version_number=170000, available=GOOD.available | {"timescaledb": "2.29.0-dev"}))


@pytest.mark.parametrize(
    ("server", "error", "words"),
    [
        (replace(GOOD, version_number=150018, version="15.18"), ServerTooOld, r"15\.18"),
        (replace(GOOD, superuser=False), UnsafeRole, "superuser"),
        (replace(GOOD, encoding="SQL_ASCII"), ConfigurationError, "SQL_ASCII"),
        (
            replace(GOOD, available={k: v for k, v in GOOD.available.items() if k not in ("postgis", "vector")}),
            MissingFeature,
            "postgis, vector",
        ),
        (replace(GOOD, available=GOOD.available | {"timescaledb": "2.9.3"}), MissingFeature, r"2\.9\.3"),
        (replace(GOOD, preloaded=""), MissingFeature, "shared_preload_libraries"),
    ],
)
def test_a_server_that_will_not_do_is_told_what_is_needed(
    server: schema.Server, error: type[SupraError], words: str
) -> None:
    with pytest.raises(error, match=words):
        schema.judge(server)


def test_a_role_without_the_right_changes_nothing(empty_database: TestDatabase, server: str) -> None:
    role = unique_name("plain")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login password 'plain'").format(sql.Identifier(role)))
    try:
        with pytest.raises(UnsafeRole):
            schema.init(make_conninfo(empty_database.admin, user=role, password="plain"))
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


@pytest.mark.parametrize("ask", [schema.init, schema.status, schema.downgrade])
def test_a_server_that_is_not_there_is_said_so(server: str, ask: Callable[[str], object]) -> None:
    with pytest.raises(NoSuchDatabase):
        ask(make_conninfo(server, dbname=unique_name("absent")))
    with pytest.raises(Unreachable):
        ask("host=127.0.0.1 port=1 dbname=postgres user=nobody")


# ── Taking it out ─────────────────────────────────────────────────────────────────────────


def test_it_comes_out_without_a_trace_and_goes_in_again(empty_database: TestDatabase) -> None:
    new = contents(empty_database.admin)
    schema.init(empty_database.admin)
    whole = contents(empty_database.admin)
    schema.downgrade(empty_database.admin)
    assert contents(empty_database.admin) == new
    assert schema.init(empty_database.admin).outcome == "created"
    assert contents(empty_database.admin) == whole


def test_it_comes_out_with_its_data(database: TestDatabase) -> None:
    schema.downgrade(database.admin)
    assert schema.status(database.admin).tables == 0


def test_what_others_have_put_beside_it_stays(empty_database: TestDatabase) -> None:
    theirs = "create table stock (id integer primary key, name text); insert into stock values (1, 'pipe')"
    with psycopg.connect(empty_database.admin) as connection:
        connection.execute("create extension pg_trgm")
        connection.execute(theirs)
    schema.init(empty_database.admin)
    with psycopg.connect(empty_database.admin) as connection:
        for role in ("supra_readonly", "supra_dba", "supra_app"):
            assert connection.execute("select has_table_privilege(%s, 'stock', 'select')", [role]).fetchone() == (
                False,
            )
        connection.execute("create index on stock using gin (name gin_trgm_ops)")
        connection.execute("create table places (geom geography(point, 4326))")
    schema.downgrade(empty_database.admin)
    with psycopg.connect(empty_database.admin) as connection:
        assert connection.execute("select name from stock").fetchall() == [("pipe",)]
        assert connection.execute("select relacl from pg_class where relname = 'stock'").fetchall() == [(None,)]
        kept = connection.execute("select extname from pg_extension order by extname").fetchall()
    # pg_trgm was there before, and somebody's table has come to need PostGIS.
    assert kept == [("pg_trgm",), ("plpgsql",), ("postgis",)]


@pytest.mark.parametrize(
    "theirs",
    [
        "create view debtors as select person_id from invoices where balance > 0",
        "create materialized view usage as select toma_id, sum(total_consumption) from daily_consumption group by 1",
        "create table timeseries.scratch (id integer)",
        "create table orders (person_id uuid references persons)",
    ],
)
def test_it_stays_while_something_of_others_rests_on_it(bare_database: TestDatabase, theirs: str) -> None:
    with psycopg.connect(bare_database.admin) as connection:
        connection.execute(theirs)
    before = contents(bare_database.admin)
    with pytest.raises(SupraError) as refused:
        schema.downgrade(bare_database.admin)
    assert refused.value.sqlstate == "2BP01"
    assert contents(bare_database.admin) == before


def test_roles_stay_while_another_database_uses_them(empty_database: TestDatabase, bare_database: TestDatabase) -> None:
    schema.init(empty_database.admin)
    schema.downgrade(empty_database.admin)
    with psycopg.connect(bare_database.admin) as connection:
        connection.execute("set role supra_operator")
        connection.execute("select count(*) from persons")


@pytest.fixture
def baseline() -> ModuleType:
    """The first revision, as a module."""
    path = schema.ALEMBIC / "versions" / f"{schema.BASELINE}_baseline.py"
    spec = importlib.util.spec_from_file_location("baseline", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_who_may_connect_to_another_database_still_may(
    empty_database: TestDatabase, bare_database: TestDatabase
) -> None:
    with psycopg.connect(bare_database.admin) as admin:
        admin.execute(
            sql.SQL("grant connect on database {} to supra_readonly").format(sql.Identifier(bare_database.name))
        )
    schema.init(empty_database.admin)
    schema.downgrade(empty_database.admin)
    with psycopg.connect(bare_database.admin) as admin:
        granted = admin.execute(
            """
            select a.privilege_type from pg_database as d cross join lateral aclexplode(d.datacl) as a
            where d.datname = current_database() and a.grantee = 'supra_readonly'::regrole
            """
        ).fetchall()
    assert granted == [("CONNECT",)]


def test_a_role_nobody_uses_any_more_is_dropped(
    empty_database: TestDatabase, bare_database: TestDatabase, baseline: ModuleType
) -> None:
    used, unused = unique_name("used"), unique_name("unused")
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(empty_database.admin), poolclass=NullPool
    )
    with psycopg.connect(bare_database.admin) as elsewhere:
        for role in (used, unused):
            elsewhere.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
        elsewhere.execute(sql.SQL("grant select on persons to {}").format(sql.Identifier(used)))
    with engine.begin() as connection:
        baseline.drop_unused_roles(connection, [used, unused])
    with psycopg.connect(bare_database.admin) as elsewhere:
        left = elsewhere.execute("select rolname from pg_roles where rolname = any (%s)", [[used, unused]]).fetchall()
        elsewhere.execute(sql.SQL("drop owned by {0}; drop role {0}").format(sql.Identifier(used)))
    assert left == [(used,)]


def test_there_is_nothing_to_take_out_of_an_empty_database(empty_database: TestDatabase) -> None:
    with pytest.raises(ConfigurationError):
        schema.downgrade(empty_database.admin)


def test_the_list_of_roles_is_complete(bare_database: TestDatabase, baseline: ModuleType) -> None:
    with psycopg.connect(bare_database.admin) as connection:
        made = {row[0] for row in connection.execute(r"select rolname from pg_roles where rolname like 'supra\_%'")}
    assert {role for role in made if "test" not in str(role)} - {"supra_admin"} <= set(baseline.ROLES)
