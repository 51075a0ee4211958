"""Invoices and prices at the same time: no invoice goes out at an old price that nobody counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest

from tests.conftest import TestDatabase
from tests.sql.tariff_desk import KEEP

Connection = psycopg.Connection[Any]

DRAFT = """
    insert into tariff_schedules (
        tenant_id, explotacion_id, name, category, effective_from, billing_period, blocks, replaces_id
    )
    select o.tenant_id, o.explotacion_id, 'Nueva', o.category, supra.today() + %s, o.billing_period, o.blocks, o.id
    from tariff_schedules as o
    where o.active and o.effective_until is null and o.category = 'domestica'
      and exists (select from invoices as i where i.explotacion_id = o.explotacion_id)
      and o.billing_period = 'mensual'
    order by o.id limit 1
    returning id, replaces_id
"""
# One more invoice of somebody whom this tariff prices, for a day it counts for.
BILL = """
    insert into invoices (
        tenant_id, contract_id, person_id, toma_id, explotacion_id, serie, invoice_number, invoice_type, origin,
        period_start, period_end, billing_date, due_date, total, status
    )
    select i.tenant_id, i.contract_id, i.person_id, i.toma_id, i.explotacion_id, 'Z', %s, 'consumo', 'lectura',
           '2030-01-01', '2030-01-31', s.effective_from, s.effective_from + 20, 100, 'pendiente'
    from tariff_schedules as s
    join invoices as i on i.explotacion_id = s.explotacion_id
    join tomas as t on t.id = i.toma_id and t.billing_period = s.billing_period
    join contracts as c on c.id = i.contract_id
    where s.id = %s and coalesce(t.tariff_category, c.tariff_category) = s.category
    limit 1
"""
PRICE = """
    select id from tariff_schedules
    where active and explotacion_id = (select explotacion_id from tariff_schedules where id = %(near)s)
      and category = 'domestica' and billing_period = 'mensual'
      and effective_from <= supra.today() and (effective_until > supra.today() or effective_until is null)
"""
ACTIVATE = "select supra.activate_tariff(%s, 3, 'La Sombra 1', %s)"


class Case(NamedTuple):
    """An approved tariff that begins so many days from today, what it replaces, and who is at work."""

    made: UUID
    old: UUID
    supervisor: Connection  # makes invoices
    dba: Connection  # activates


@contextmanager
def at_work(database: TestDatabase, days: int = 0) -> Iterator[Case]:
    with (
        psycopg.connect(database.sign_in("demo_supervisor")) as supervisor,
        psycopg.connect(database.sign_in("demo_dba")) as dba,
    ):
        ((made, old),) = supervisor.execute(DRAFT, [days]).fetchall()
        supervisor.execute("select supra.submit_tariff(%s, 1)", [made])
        supervisor.commit()
        dba.execute("select supra.approve_tariff(%s, 2, null, null)", [made])
        dba.execute(KEEP, [[], "{}", made])
        dba.commit()
        yield Case(made, old, supervisor, dba)
        supervisor.rollback()
        dba.rollback()


@contextmanager
def waiting(database: TestDatabase, connection: Connection, statement: str, given: list[object]) -> Iterator[list[str]]:
    """A statement that waits for somebody's lock while the block runs; after it, its SQLSTATE, or nothing."""
    came: list[str] = []

    def run() -> None:
        try:
            connection.execute(statement, given)
            came.append("")
        except psycopg.Error as error:
            came.append(error.sqlstate or "?")

    connection.execute("set local lock_timeout = '60s'")
    thread = threading.Thread(target=run)
    thread.start()
    with psycopg.connect(database.admin, autocommit=True) as admin:
        state = "select wait_event_type from pg_stat_activity where pid = %s"
        while admin.execute(state, [connection.info.backend_pid]).fetchone() != ("Lock",):
            assert thread.is_alive(), came
        yield came
    thread.join()


def test_an_activation_waits_for_invoices_under_way_and_counts_them(database: TestDatabase) -> None:
    with at_work(database) as case:
        case.supervisor.execute("select supra.hold_prices()")
        assert case.supervisor.execute(PRICE, {"near": case.made}).fetchall() == [(case.old,)]
        assert case.supervisor.execute(BILL, ["1", case.made]).rowcount == 1
        with waiting(database, case.dba, ACTIVATE, [case.made, None]) as came:
            case.supervisor.commit()
        assert came == ["SU107"]
        case.dba.rollback()
        case.dba.execute(ACTIVATE, [case.made, 1])
        case.dba.commit()


def test_invoices_wait_for_an_activation_under_way_and_find_the_new_price(database: TestDatabase) -> None:
    with at_work(database) as case:
        case.dba.execute(ACTIVATE, [case.made, None])
        with waiting(database, case.supervisor, "select supra.hold_prices()", []) as came:
            case.dba.commit()
        assert came == [""]
        assert case.supervisor.execute(PRICE, {"near": case.made}).fetchall() == [(case.made,)]


def test_a_withdrawal_waits_as_well(database: TestDatabase) -> None:
    with at_work(database, days=5) as case:
        case.dba.execute(ACTIVATE, [case.made, None])
        case.dba.commit()
        case.supervisor.execute("select supra.hold_prices()")
        assert case.supervisor.execute(BILL, ["1", case.made]).rowcount == 1
        withdraw = "select supra.withdraw_tariff(%s, 4, 'not published')"
        with waiting(database, case.dba, withdraw, [case.made]) as came:
            case.supervisor.commit()
        assert came == ["SU106"]


def test_who_holds_a_price_alone_is_waited_for_too(database: TestDatabase) -> None:
    with at_work(database) as case:
        case.supervisor.execute("select from tariff_schedules where id = %s for share", [case.old])
        assert case.supervisor.execute(BILL, ["1", case.made]).rowcount == 1
        with waiting(database, case.dba, ACTIVATE, [case.made, None]) as came:
            case.supervisor.commit()
        assert came == ["SU107"]


def test_invoices_dated_ahead_are_counted_before_the_price_begins(database: TestDatabase) -> None:
    with at_work(database, days=5) as case:
        assert case.supervisor.execute(BILL, ["1", case.made]).rowcount == 1
        case.supervisor.commit()
        with pytest.raises(psycopg.Error) as refusal:
            case.dba.execute(ACTIVATE, [case.made, None])
        assert refusal.value.sqlstate == "SU107"


def test_an_activation_does_not_wait_for_ever(database: TestDatabase) -> None:
    with at_work(database) as case:
        case.supervisor.execute("select supra.hold_prices()")
        case.dba.execute("set local lock_timeout = '20ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            case.dba.execute(ACTIVATE, [case.made, None])


def test_any_number_hold_and_nobody_else_waits(database: TestDatabase) -> None:
    """Neither several runs of invoices for each other, nor all that is written all day for an activation."""
    with at_work(database) as case, psycopg.connect(database.sign_in("demo_supervisor")) as another:
        for connection in (case.supervisor, another):
            connection.execute("set local lock_timeout = '1s'")
            connection.execute("select supra.hold_prices()")
        case.supervisor.commit()
        another.commit()
        case.dba.execute(ACTIVATE, [case.made, None])
        another.execute("set local lock_timeout = '1s'")
        assert another.execute(BILL, ["1", case.made]).rowcount == 1
        another.execute("select supra.record_event('note.taken', 'note', gen_random_uuid())")


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_whoever_sees_less_than_what_is_committed_is_refused(database: TestDatabase, isolation: str) -> None:
    with at_work(database) as case:
        for connection, call in (
            (case.supervisor, "select supra.hold_prices()"),
            (case.dba, f"select supra.activate_tariff('{case.made}', 3, 'La Sombra 1')"),
        ):
            connection.execute(f"set transaction isolation level {isolation}")
            with pytest.raises(psycopg.Error) as refusal:
                connection.execute(call)
            assert refusal.value.sqlstate == "25000"
            connection.rollback()


def test_only_who_may_make_invoices_holds_prices(database: TestDatabase) -> None:
    for role in ("demo_clerk", "demo_operator", "demo_other"):
        with (
            psycopg.connect(database.sign_in(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("select supra.hold_prices()")
