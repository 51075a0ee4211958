"""Several at work on one tariff at the same time, and databases made before there were such tariffs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from queries import schema
from tests.conftest import TestDatabase
from tests.sql.conftest import Connection, Utilities
from tests.sql.tariff_desk import KEEP, Desk

SCHEMA = schema.ALEMBIC.parent / "schema"
FILES = (SCHEMA / "025-tariffs.sql", SCHEMA / "026-tariff-approval.sql")


@pytest.fixture
def desk(admin: Connection, utilities: Utilities) -> Desk:
    return Desk(admin, utilities.ours)


# ── At the same time ──────────────────────────────────────────────────────────────────────


def sign_in(database: TestDatabase, role: str) -> psycopg.Connection[Any]:
    return psycopg.connect(database.sign_in(role))


def at_once(calls: list[Callable[[], object]]) -> list[str]:
    """What came of each: its SQLSTATE, or nothing."""
    outcomes: list[str] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
            outcomes.append("")
        except psycopg.Error as error:
            outcomes.append(error.sqlstate or "?")

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


DRAFT = """
    insert into tariff_schedules (
        tenant_id, explotacion_id, name, category, effective_from, billing_period, blocks, replaces_id
    )
    select tenant_id, explotacion_id, 'Nueva', category, supra.today() + %s, billing_period, blocks, id
    from tariff_schedules where active and effective_until is null order by id limit 1
    returning id, replaces_id
"""


def test_of_many_who_approve_at_once_one_does(database: TestDatabase) -> None:
    with sign_in(database, "demo_supervisor") as supervisor:
        ((made, _),) = supervisor.execute(DRAFT, [30]).fetchall()
        supervisor.execute("select supra.submit_tariff(%s, 1)", [made])
    seats = [sign_in(database, "demo_dba") for _ in range(6)]

    def approving(seat: psycopg.Connection[Any]) -> Callable[[], object]:
        def approve() -> None:
            seat.execute("select supra.approve_tariff(%s, 2, null, null)", [made])
            seat.commit()

        return approve

    assert at_once([approving(seat) for seat in seats]) == ["", *["SU102"] * 5]
    for seat in seats:
        seat.close()
    with psycopg.connect(database.admin) as admin:
        signed = admin.execute(
            "select count(*) from timeseries.domain_events where event_type = 'tariff.approved'"
        ).fetchone()
    assert signed == (1,)


def test_of_two_heirs_activated_at_once_one_takes_the_place(database: TestDatabase) -> None:
    heirs = []
    with sign_in(database, "demo_supervisor") as supervisor:
        for days in (30, 50):
            ((made, old),) = supervisor.execute(DRAFT, [days]).fetchall()
            supervisor.execute("select supra.submit_tariff(%s, 1)", [made])
            heirs.append(made)
    with sign_in(database, "demo_dba") as dba:
        for made in heirs:
            dba.execute("select supra.approve_tariff(%s, 2, null, null)", [made])
            dba.execute(KEEP, [[], "{}", made])
    seats = [sign_in(database, "demo_dba") for _ in heirs]

    def activating(seat: psycopg.Connection[Any], made: UUID) -> Callable[[], object]:
        def activate() -> None:
            seat.execute("select supra.activate_tariff(%s, 3, 'La Sombra 1')", [made])
            seat.commit()

        return activate

    outcomes = at_once([activating(seat, made) for seat, made in zip(seats, heirs, strict=True)])
    for seat in seats:
        seat.close()
    # Either the later one is refused, or the earlier one that would overlap with it.
    assert outcomes == ["", "23P01"]
    with psycopg.connect(database.admin) as admin:
        ends = admin.execute("select effective_until from tariff_schedules where id = %s", [old]).fetchall()
        begins = admin.execute(
            "select effective_from from tariff_schedules where id = any (%s) and active", [heirs]
        ).fetchall()
    assert len(begins) == 1
    assert ends == begins


def test_an_edit_waits_for_an_approval_and_voids_it(database: TestDatabase) -> None:
    with sign_in(database, "demo_supervisor") as supervisor, sign_in(database, "demo_dba") as dba:
        ((made, _),) = supervisor.execute(DRAFT, [30]).fetchall()
        supervisor.execute("select supra.submit_tariff(%s, 1)", [made])
        supervisor.commit()
        dba.execute("select supra.approve_tariff(%s, 2, null, null)", [made])
        edit = "update tariff_schedules set social_discount_pct = 33 where id = %s and version = 2"
        counted: list[int] = []
        waiting = threading.Thread(target=lambda: counted.append(supervisor.execute(edit, [made]).rowcount))
        waiting.start()
        dba.commit()
        waiting.join()
        # It was written against the version before the approval: nothing is overwritten.
        assert counted == [0]


# ── Older databases ───────────────────────────────────────────────────────────────────────


def migrate(database: TestDatabase, revision: str) -> None:
    """Take a database down to a revision."""
    from sqlalchemy import NullPool, create_engine

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database.admin), poolclass=NullPool)
    with engine.begin() as connection:
        schema.migrate(connection, "downgrade", revision)
    engine.dispose()


def test_what_older_files_could_not_say_is_not_forgotten(database: TestDatabase) -> None:
    """A tariff would price other bills without its mode, and one in review would be anybody's."""
    with sign_in(database, "demo_supervisor") as supervisor:
        ((made, _),) = supervisor.execute(DRAFT, [30]).fetchall()
        supervisor.execute("update tariff_schedules set rating_mode = 'base_plus_excess' where id = %s", [made])
    with pytest.raises(RuntimeError, match=r"^1 tariff.* another mode than 'accumulated'"):
        migrate(database, "0002")
    with sign_in(database, "demo_supervisor") as supervisor:
        supervisor.execute("update tariff_schedules set rating_mode = 'accumulated' where id = %s", [made])
        ((version,),) = supervisor.execute("select version from tariff_schedules where id = %s", [made]).fetchall()
        supervisor.execute("select supra.submit_tariff(%s, %s)", [made, version])
    with pytest.raises(RuntimeError, match=r"^1 tariff.* in review or approved"):
        migrate(database, "0002")
    schema.downgrade(database.admin)  # with the tariffs themselves, nothing is left to be mistaken


def test_a_database_made_before_gets_all_of_it_and_may_lose_it_again(database: TestDatabase) -> None:
    def catalogue() -> list[tuple[object, ...]]:
        with psycopg.connect(database.admin) as connection:
            return connection.execute(
                """
                select 'column', a.attname::text, '' from pg_attribute as a
                where a.attrelid = 'tariff_schedules'::regclass and a.attnum > 0 and not a.attisdropped
                union all
                select 'function', p.oid::regprocedure::text, coalesce(p.proacl::text, '') from pg_proc as p
                where p.pronamespace = 'supra'::regnamespace
                union all
                select 'trigger', tgname::text, '' from pg_trigger
                where not tgisinternal and tgname ~ 'tariff|journal' and tgrelid::regclass::text !~ 'chunk'
                union all
                select 'constraint', conname::text, pg_get_constraintdef(oid) from pg_constraint
                where conrelid = 'tariff_schedules'::regclass
                union all
                select 'index', indexname::text, indexdef from pg_indexes where tablename = 'invoices'
                union all
                select distinct 'right', grantee || ' ' || table_name, string_agg(
                    column_name || ' ' || privilege_type, ',' order by column_name, privilege_type
                )
                from information_schema.column_privileges
                where table_name like 'tariff_%' and grantee like 'supra_%' group by grantee, table_name
                order by 1, 2, 3
                """
            ).fetchall()

    whole = catalogue()
    migrate(database, "0002")
    before = {name for kind, name, _ in catalogue() if kind == "column"}
    assert "rating_mode" not in before
    assert "blocks" in before
    with psycopg.connect(make_conninfo(database.sign_in("demo_supervisor"))) as connection:
        changed = connection.execute("update tariff_schedules set name = name").rowcount
    assert changed > 0
    assert schema.init(database.admin).outcome == "upgraded"
    assert catalogue() == whole


def test_a_database_filled_by_older_files_is_adopted_with_it(empty_database: TestDatabase) -> None:
    with psycopg.connect(empty_database.admin, autocommit=True) as connection:
        for path in sorted(SCHEMA.glob("*.sql")):
            if path not in FILES:
                connection.execute(path.read_bytes())
    report = schema.init(empty_database.admin)
    assert (report.outcome, report.tables) == ("adopted", 63)


def test_the_files_may_run_again(desk: Desk) -> None:
    made = desk.approved()
    for file in FILES:
        desk.by("admin").connection.execute(file.read_bytes())
    desk.by("dba").step("activate_tariff", made)
