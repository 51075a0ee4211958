"""Tariffs, invoices and payments: prices that cannot overlap, documents of the right shape, balances that hold."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from tests.sql.conftest import Connection, Utilities

ONE_BLOCK = [{"from_m3": 0, "to_m3": None, "price_per_m3": 5.5, "fixed_charge": 45}]
TARIFF: LiteralString = """
    insert into tariff_schedules (
        tenant_id, explotacion_id, name, category, effective_from, effective_until, billing_period, active, blocks,
        additional_concepts
    ) values (
        %(tenant)s, %(explotacion)s, 'T', 'domestica', %(from)s, %(until)s, %(period)s, %(active)s, %(blocks)s,
        %(concepts)s
    )
"""
PAYMENT: LiteralString = """
    insert into payments (tenant_id, contract_id, invoice_id, amount, payment_date, channel, method, status)
    values (%s, %s, %s, %s, now(), 'ventanilla', 'efectivo', %s)
    returning id
"""
BALANCE: LiteralString = "select amount_paid, balance, status from invoices where id = %s"


def tariff(utilities: Utilities, **changes: object) -> dict[str, object]:
    """A tariff that collides with the one in force in ours' north from 2026 to 2027, but for the changes."""
    return {
        "tenant": utilities.ours["tenant"],
        "explotacion": utilities.ours["north"],
        "from": "2026-06-01",
        "until": None,
        "period": "mensual",
        "active": True,
        "blocks": Jsonb(ONE_BLOCK),
        "concepts": Jsonb([]),
    } | changes


def test_two_prices_for_the_same_customers_at_the_same_time_are_refused(
    utilities: Utilities, admin: Connection
) -> None:
    with pytest.raises(psycopg.errors.ExclusionViolation) as refused:
        admin.execute(TARIFF, tariff(utilities))
    assert refused.value.diag.constraint_name == "excl_tariff_validity"


def test_each_municipality_and_billing_period_has_its_own_price(utilities: Utilities, admin: Connection) -> None:
    admin.execute(TARIFF, tariff(utilities, explotacion=utilities.ours["south"]))
    admin.execute(TARIFF, tariff(utilities, explotacion=None))
    admin.execute(TARIFF, tariff(utilities, period="bimestral"))
    admin.execute(TARIFF, tariff(utilities, active=False))
    with pytest.raises(psycopg.errors.ExclusionViolation):
        admin.execute(TARIFF, tariff(utilities, explotacion=None))


def test_on_a_changeover_day_one_price_holds(utilities: Utilities, admin: Connection) -> None:
    admin.execute(TARIFF, tariff(utilities, **{"from": "2027-01-01"}))
    in_force = admin.execute(
        """
        select effective_from::text from tariff_schedules
        where explotacion_id = %s and active and daterange(effective_from, effective_until, '[)') @> date '2027-01-01'
        """,
        [utilities.ours["north"]],
    )
    assert in_force.fetchall() == [("2027-01-01",)]


@pytest.mark.parametrize("until", ["2028-01-01", "2027-12-31"])
def test_a_tariff_ends_after_it_begins(utilities: Utilities, admin: Connection, until: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(TARIFF, tariff(utilities, **{"from": "2028-01-01", "until": until}))


def without(key: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in ONE_BLOCK[0].items() if name != key}]


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        {},
        "0",
        None,
        [1],
        [ONE_BLOCK],
        without("from_m3"),
        without("to_m3"),
        without("price_per_m3"),
        [ONE_BLOCK[0] | {"from_m3": "0"}],
        [ONE_BLOCK[0] | {"from_m3": -1}],
        [ONE_BLOCK[0] | {"to_m3": 0}],
        [ONE_BLOCK[0] | {"to_m3": "inf"}],
        [ONE_BLOCK[0] | {"price_per_m3": -0.01}],
        [ONE_BLOCK[0] | {"price_per_m3": None}],
        [ONE_BLOCK[0] | {"fixed_charge": None}],
        [ONE_BLOCK[0] | {"fixed_charge": "45"}],
    ],
    ids=json.dumps,
)
def test_blocks_of_another_shape_are_refused(utilities: Utilities, admin: Connection, blocks: object) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(TARIFF, tariff(utilities, active=False, blocks=Jsonb(blocks)))


def test_the_fixed_charge_may_be_left_out(utilities: Utilities, admin: Connection) -> None:
    admin.execute(TARIFF, tariff(utilities, active=False, blocks=Jsonb(without("fixed_charge"))))


DRAINAGE = {"code": "ALC", "name": "Alcantarillado", "type": "percentage", "value": 10, "iva_rate": 0.16}


@pytest.mark.parametrize(
    "concept",
    [1, DRAINAGE | {"type": "free"}, DRAINAGE | {"value": "10"}, DRAINAGE | {"value": -1}, DRAINAGE | {"code": None},
     DRAINAGE | {"iva_rate": 16}, DRAINAGE | {"base": 3}],
    ids=json.dumps,
)  # fmt: skip
def test_concepts_of_another_shape_are_refused(utilities: Utilities, admin: Connection, concept: object) -> None:
    admin.execute(TARIFF, tariff(utilities, active=False, concepts=Jsonb([DRAINAGE])))
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(TARIFF, tariff(utilities, active=False, concepts=Jsonb([concept])))


@pytest.mark.parametrize(
    ("m3", "amount"),
    [
        ("0", "45.00"),  # nothing consumed: the first block's fixed charge
        ("0.001", "45.01"),  # 45 + 0.001 x 5.50 = 45.0055, half up
        ("10", "100.00"),  # 45 + 10 x 5.50
        ("10.001", "100.01"),  # 100 + 0.001 x 8.75 = 100.00875
        ("11", "108.75"),  # 100 + 1 x 8.75
        ("20", "187.50"),  # 100 + 10 x 8.75
        ("40", "493.50"),  # 187.50 + 20 x 15.30
        ("1000", "24493.50"),  # 493.50 + 960 x 25
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        (None, None),
    ],
)
def test_a_consumption_is_rated_over_the_blocks_it_enters(
    utilities: Utilities, admin: Connection, m3: str | None, amount: str | None
) -> None:
    rated = admin.execute(
        "select supra.rate_blocks(blocks, %s::numeric) from tariff_schedules where id = %s",
        [m3, utilities.ours["tariff"]],
    ).fetchone()
    assert rated == (None if amount is None else Decimal(amount),)


def pay(connection: Connection, utilities: Utilities, amount: str, status: str = "aplicado") -> object:
    ours = utilities.ours
    paid = connection.execute(PAYMENT, [ours["tenant"], ours["contract"], ours["invoice"], amount, status]).fetchone()
    assert paid is not None
    return paid[0]


def balance(connection: Connection, utilities: Utilities) -> tuple[object, ...] | None:
    return connection.execute(BALANCE, [utilities.ours["invoice"]]).fetchone()


def test_a_part_payment_leaves_a_balance(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    operator = sign_in(utilities.ours.user("operator"))
    pay(operator, utilities, "40")
    assert balance(operator, utilities) == (Decimal("40.00"), Decimal("60.00"), "pendiente")
    pay(operator, utilities, "60")
    assert balance(operator, utilities) == (Decimal("100.00"), Decimal("0.00"), "pagada")


def test_a_payment_counts_only_while_it_is_applied(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    operator = sign_in(utilities.ours.user("operator"))
    payment = pay(operator, utilities, "100", "pendiente")
    assert balance(operator, utilities) == (Decimal("0.00"), Decimal("100.00"), "pendiente")
    operator.execute("update payments set status = 'aplicado' where id = %s", [payment])
    assert balance(operator, utilities) == (Decimal("100.00"), Decimal("0.00"), "pagada")
    operator.execute("update payments set status = 'devuelto' where id = %s", [payment])
    assert balance(operator, utilities) == (Decimal("0.00"), Decimal("100.00"), "pendiente")


def test_a_returned_payment_of_an_overdue_invoice_makes_it_overdue_again(
    utilities: Utilities, admin: Connection
) -> None:
    admin.execute("update invoices set due_date = '2026-02-20' where id = %s", [utilities.ours["invoice"]])
    payment = pay(admin, utilities, "100")
    admin.execute("delete from payments where id = %s", [payment])
    assert balance(admin, utilities) == (Decimal("0.00"), Decimal("100.00"), "impagada")


def test_no_payment_is_not_a_number(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    operator = sign_in(utilities.ours.user("operator"))
    with pytest.raises(psycopg.errors.CheckViolation):
        pay(operator, utilities, "NaN")


def test_a_corrected_total_is_owed_or_paid_as_it_now_stands(
    utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    supervisor = sign_in(utilities.ours.user("supervisor"))
    pay(supervisor, utilities, "100")
    for total, left, status in (("120", "20.00", "pendiente"), ("90", "-10.00", "pagada")):
        supervisor.execute("update invoices set total = %s where id = %s", [total, utilities.ours["invoice"]])
        assert balance(supervisor, utilities) == (Decimal("100.00"), Decimal(left), status)


def test_a_payment_on_account_moves_to_its_invoice(utilities: Utilities, admin: Connection) -> None:
    ours = utilities.ours
    payment = pay(admin, utilities, "30")
    admin.execute("update payments set invoice_id = null where id = %s", [payment])
    assert balance(admin, utilities) == (Decimal("0.00"), Decimal("100.00"), "pendiente")
    admin.execute("update payments set invoice_id = %s, amount = 35 where id = %s", [ours["invoice"], payment])
    assert balance(admin, utilities) == (Decimal("35.00"), Decimal("65.00"), "pendiente")


def test_a_load_settles_many_payments_in_one_statement(utilities: Utilities, admin: Connection) -> None:
    ours = utilities.ours
    admin.execute(
        "insert into payments (tenant_id, contract_id, invoice_id, amount, payment_date, channel, method) "
        "select %s, %s, %s, 0.01, now(), 'banco', 'transferencia' from generate_series(1, 1000)",
        [ours["tenant"], ours["contract"], ours["invoice"]],
    )
    assert balance(admin, utilities) == (Decimal("10.00"), Decimal("90.00"), "pendiente")
    version = admin.execute("select version from invoices where id = %s", [ours["invoice"]]).fetchone()
    assert version == (2,)


def test_two_desks_that_take_money_at_the_same_time_lose_none_of_it(utilities: Utilities) -> None:
    first, second = (psycopg.connect(utilities.sign_in(utilities.ours.user("operator"))) for _ in range(2))
    with first, second:
        payments = [pay(first, utilities, "10")]

        def take_money_behind_the_first() -> None:
            payments.append(pay(second, utilities, "20"))
            second.commit()

        waiting = threading.Thread(target=take_money_behind_the_first)
        waiting.start()
        with psycopg.connect(utilities.admin, autocommit=True) as observer:
            while not observer.execute(
                "select 1 from pg_locks where pid = %s and not granted", [second.info.backend_pid]
            ).fetchone():
                assert waiting.is_alive()
        first.commit()
        waiting.join()
        assert balance(first, utilities) == (Decimal("30.00"), Decimal("70.00"), "pendiente")
    with psycopg.connect(utilities.admin) as admin:
        admin.execute("delete from payments where id = any (%s)", [payments])


def test_nobody_writes_what_has_been_paid_by_hand(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    for group in ("supervisor", "dba"):
        connection = sign_in(utilities.ours.user(group))
        connection.execute("update invoices set notes = 'x' where id = %s", [utilities.ours["invoice"]])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update invoices set amount_paid = total")


AGAIN: LiteralString = """
    insert into invoices (
        tenant_id, contract_id, person_id, toma_id, explotacion_id, serie, invoice_number, invoice_type, origin,
        period_start, period_end, billing_date, due_date
    )
    select
        tenant_id, contract_id, person_id, toma_id, explotacion_id, %(serie)s, %(number)s, invoice_type, origin,
        %(from)s::date, %(to)s::date, billing_date, due_date
    from invoices where id = %(invoice)s
"""
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}


def test_a_period_is_billed_once_unless_its_invoice_is_cancelled(utilities: Utilities, admin: Connection) -> None:
    again = JANUARY | {"invoice": utilities.ours["invoice"], "serie": "A", "number": "2"}
    with pytest.raises(psycopg.errors.UniqueViolation), admin.transaction():
        admin.execute(AGAIN, again)
    admin.execute("update invoices set status = 'cancelada' where id = %s", [utilities.ours["invoice"]])
    admin.execute(AGAIN, again)


@pytest.mark.parametrize("serie", ["A", None])
def test_a_number_is_given_once_in_its_series(utilities: Utilities, admin: Connection, serie: str | None) -> None:
    values = {"invoice": utilities.ours["invoice"], "serie": serie}
    admin.execute(AGAIN, FEBRUARY | values | {"number": "7"})
    with pytest.raises(psycopg.errors.UniqueViolation):
        admin.execute(AGAIN, {"from": "2026-03-01", "to": "2026-03-31"} | values | {"number": "7"})


def test_provisional_invoices_have_no_number_yet(utilities: Utilities, admin: Connection) -> None:
    values = {"invoice": utilities.ours["invoice"], "serie": None, "number": None}
    admin.execute(AGAIN, FEBRUARY | values)
    admin.execute(AGAIN, {"from": "2026-03-01", "to": "2026-03-31"} | values)


def test_a_state_outside_the_list_is_refused(utilities: Utilities, admin: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute("update invoices set status = 'perdida' where id = %s", [utilities.ours["invoice"]])


def test_the_unpaid_have_an_index_by_due_date_of_their_own(admin: Connection) -> None:
    index = admin.execute("select pg_get_indexdef('idx_invoices_due'::regclass)").fetchone()
    assert index is not None
    assert "(tenant_id, due_date) WHERE" in str(index[0])
    assert "impagada" in str(index[0])


def test_who_asks_for_a_write_off_does_not_grant_it(utilities: Utilities, admin: Connection) -> None:
    ours = utilities.ours
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(
            "insert into write_offs (tenant_id, contract_id, amount, reason, requested_by, approved_by) "
            "values (%s, %s, 10, 'incobrable', %s, %s)",
            [ours["tenant"], ours["contract"], ours["supervisor"], ours["supervisor"]],
        )


def test_a_gateway_that_calls_twice_has_been_paid_once(utilities: Utilities, admin: Connection) -> None:
    call: LiteralString = (
        "insert into payments (tenant_id, contract_id, amount, payment_date, channel, method, external_id) "
        "values (%s, %s, 10, now(), 'oxxo', 'efectivo', 'ABC')"
    )
    admin.execute(call, [utilities.ours["tenant"], utilities.ours["contract"]])
    with pytest.raises(psycopg.errors.UniqueViolation):
        admin.execute(call, [utilities.ours["tenant"], utilities.ours["contract"]])
