"""An account as people open it: recorded first, whole, in one moment, and only one's own utility's."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.rows import dict_row

from queries import details
from queries.account_records import Account
from queries.details import NoSuchAccount, find_contract, open_account, read_invoice, record_copy, workings
from queries.statements import load
from supra_console.database import Database
from supra_console.errors import PermissionDenied, StatementTimeout
from supra_console.output import to_json
from tests.conftest import TestDatabase
from tests.queries.desk import as_admin, signed_in

OTHER_TENANT = "(select id from tenants where slug <> 'cea-queretaro' order by slug limit 1)"
OWN_TENANT = "(select id from tenants where slug = 'cea-queretaro')"


def views(database: TestDatabase, contract: UUID) -> list[dict[str, Any]]:
    """The audit events of a contract, as an administrator finds them."""
    with psycopg.connect(database.admin, row_factory=dict_row) as admin:
        return admin.execute(
            "select id, event_type, payload, metadata from timeseries.domain_events"
            " where aggregate_id = %s and event_type in ('account.viewed', 'account.copied') order by created_at",
            [contract],
        ).fetchall()


def a_contract(database: TestDatabase, condition: str = "true", tenant: str = OWN_TENANT) -> UUID:
    """Some contract of a tenant, always the same one for the same condition."""
    rows = as_admin(
        database,
        "select c.id from contracts as c join tomas as t on t.id = c.toma_id"
        f" where c.tenant_id = {tenant} and {condition} order by c.contract_number limit 1",
    )
    assert rows, f"the demo has no contract where {condition}"
    found: UUID = rows[0][0]
    return found


OWES = "exists (select from invoices as i where i.contract_id = c.id and i.status = 'impagada' and i.balance > 0)"


async def statement(db: Database, name: str, **parameters: object) -> list[dict[str, Any]]:
    """A statement of sql/queries, run as the console runs it."""
    async with db.reading() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        return await (await cursor.execute(load(name), parameters)).fetchall()


# ---------------------------------------------------------------------- recorded first


async def test_a_view_is_recorded_with_who_it_was(database: TestDatabase) -> None:
    contract = a_contract(database)
    async with signed_in(database, "demo_clerk") as db:
        account = await open_account(db, contract)
    (event,) = views(database, contract)
    assert event["id"] == account.event_id
    assert event["event_type"] == "account.viewed"
    assert event["metadata"]["db_user"] == "demo_clerk"
    assert event["metadata"]["application_name"] == "supra-console"


async def test_the_record_stands_even_when_the_account_cannot_be_read(database: TestDatabase) -> None:
    contract = a_contract(database)
    as_admin(database, "revoke select on persons from supra_readonly")
    async with signed_in(database, "demo_clerk") as db:
        with pytest.raises(PermissionDenied):
            await open_account(db, contract)
    assert len(views(database, contract)) == 1


async def test_without_a_record_nothing_is_shown(database: TestDatabase) -> None:
    contract = a_contract(database)
    as_admin(database, "revoke execute on function supra.record_event(text, text, uuid, jsonb) from supra_readonly")
    async with signed_in(database, "demo_clerk") as db:
        with pytest.raises(PermissionDenied):
            await open_account(db, contract)
    assert views(database, contract) == []


async def test_every_view_is_recorded_not_only_the_first(database: TestDatabase) -> None:
    contract = a_contract(database)
    async with signed_in(database, "demo_clerk") as db:
        await open_account(db, contract)
        await open_account(db, contract)
    assert len(views(database, contract)) == 2


async def test_a_foreign_contract_is_not_there_and_leaves_no_trace(database: TestDatabase) -> None:
    foreign = a_contract(database, tenant=OTHER_TENANT)
    async with signed_in(database, "demo_clerk") as db:
        with pytest.raises(NoSuchAccount) as refused:
            await open_account(db, foreign)
        with pytest.raises(NoSuchAccount) as unknown:
            await open_account(db, uuid4())
    assert str(refused.value) == str(unknown.value)
    assert views(database, foreign) == []


async def test_a_copy_is_recorded_by_the_names_of_what_was_taken(database: TestDatabase) -> None:
    contract = a_contract(database)
    async with signed_in(database, "demo_clerk") as db:
        await record_copy(db, contract, ["phone", "email"])
    (event,) = views(database, contract)
    assert event["event_type"] == "account.copied"
    assert event["payload"] == {"fields": ["phone", "email"]}


# ---------------------------------------------------------------------- what is shown


async def test_an_account_is_whole_in_one_transaction(
    shared_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is done when a part fails would hide that reading all of them at once does not work.
    monkeypatch.delattr(details, "_parts_one_by_one")
    contract = a_contract(shared_database, f"c.status = 'activo' and t.meter_id is not null and {OWES}")
    async with signed_in(shared_database, "demo_clerk") as db:
        account = await open_account(db, contract)
    ((number, holder, toma, serial),) = as_admin(
        shared_database,
        "select c.contract_number, p.name, t.toma_number, m.serial_number from contracts as c"
        " join persons as p on p.id = c.person_id join tomas as t on t.id = c.toma_id"
        " join meters as m on m.id = t.meter_id where c.id = %s",
        contract,
    )
    assert (account.contract.number, account.holder.name) == (number, holder)
    assert account.meter is not None
    assert (account.toma.number, account.meter.serial_number) == (toma, serial)
    assert account.failures == {}
    assert account.readings
    assert account.invoices
    assert account.invoices[0].lines
    assert account.neighbours
    assert account.sector is not None
    assert account.debt is not None


async def test_the_latest_readings_come_first_and_none_is_missing(shared_database: TestDatabase) -> None:
    contract = a_contract(shared_database, "t.meter_id is not null and c.status = 'activo'")
    async with signed_in(shared_database, "demo_clerk") as db:
        account = await open_account(db, contract)
    expected = as_admin(
        shared_database,
        "select id from timeseries.meter_readings where toma_id = %s order by reading_date desc, id limit 12",
        account.toma.id,
    )
    assert [reading.id for reading in account.readings] == [row[0] for row in expected]


async def test_a_toma_not_read_for_years_still_has_its_last_reading(database: TestDatabase) -> None:
    contract = a_contract(database, "t.meter_id is not null")
    ((toma, meter),) = as_admin(
        database,
        "select t.id, t.meter_id from tomas as t join contracts as c on c.toma_id = t.id where c.id = %s",
        contract,
    )
    as_admin(database, "delete from timeseries.meter_readings where toma_id = %s", toma)
    as_admin(
        database,
        "insert into timeseries.meter_readings (tenant_id, meter_id, toma_id, reading_value, reading_date, source)"
        f" values ({OWN_TENANT}, %s, %s, 77.5, now() - interval '9 years', 'manual_field')",
        meter,
        toma,
    )
    async with signed_in(database, "demo_clerk") as db:
        account = await open_account(db, contract)
    assert [reading.reading_value for reading in account.readings] == [Decimal("77.500")]


async def test_every_line_of_water_comes_to_its_tariff_blocks(shared_database: TestDatabase) -> None:
    rated = 0
    async with signed_in(shared_database, "demo_clerk") as db:
        for (contract,) in as_admin(
            shared_database,
            f"select id from contracts where tenant_id = {OWN_TENANT} order by contract_number limit 12",
        ):
            account = await open_account(db, contract)
            for line in (line for invoice in account.invoices for line in invoice.lines):
                assert line.workings is not None, line
                if line.workings.kind != "water":
                    continue
                rated += 1
                blocks = sum(
                    (step.m3 * step.price_per_m3 + step.fixed_charge for step in line.workings.steps), Decimal(0)
                ).quantize(Decimal("0.01"), ROUND_HALF_UP)
                assert blocks - (line.workings.discount or 0) == line.subtotal
                assert line.workings.tariff_name
    assert rated > 20


async def test_an_older_invoice_is_read_by_itself_and_only_of_its_own_contract(shared_database: TestDatabase) -> None:
    contract = a_contract(shared_database, OWES)
    other = a_contract(shared_database, f"not {OWES}")
    async with signed_in(shared_database, "demo_clerk") as db:
        account = await open_account(db, contract)
        last = account.invoices[-1]
        assert await read_invoice(db, contract, last.id) == last
        assert await read_invoice(db, other, last.id) is None


async def test_what_happened_does_not_drown_in_who_looked(shared_database: TestDatabase) -> None:
    contract = a_contract(shared_database, "c.status = 'suspendido'")
    async with signed_in(shared_database, "demo_clerk") as db:
        await open_account(db, contract)
        account = await open_account(db, contract)
    assert "contract.suspended" in [event.event_type for event in account.events]
    assert not [event for event in account.events if event.event_type.startswith("account.")]


async def test_amounts_travel_in_json_as_strings_of_digits(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database, "demo_clerk") as db:
        account = await open_account(db, a_contract(shared_database, OWES))
    written = json.loads(to_json(account))
    assert account.debt is not None
    assert written["debt"]["total_debt"] == str(account.debt.total_debt)
    assert isinstance(written["invoices"][0]["lines"][0]["total"], str)
    assert written["failures"] == {}


# ---------------------------------------------------------------------- debt


async def debt_of(db: Database, contract: UUID, on_day: date | None = None) -> Account:
    account = await open_account(db, contract, on_day=on_day)
    assert account.debt is not None
    return account


async def test_ages_and_invoices_add_up_to_the_debt(shared_database: TestDatabase) -> None:
    rows = as_admin(
        shared_database,
        f"select c.id from contracts as c where c.tenant_id = {OWN_TENANT} and {OWES} order by c.id limit 40",
    )
    assert len(rows) > 10
    async with signed_in(shared_database, "demo_clerk") as db:
        for (contract,) in rows:
            account = await debt_of(db, contract)
            assert account.debt is not None
            assert sum(account.debt.ageing) == account.debt.total_debt > 0
            assert sum(invoice.balance for invoice in account.unpaid) == account.debt.total_debt
            assert account.debt.unpaid_invoices == len(account.unpaid)


async def test_nothing_owed_is_said_with_zeros(shared_database: TestDatabase) -> None:
    paid = a_contract(
        shared_database,
        "not exists (select from invoices as i where i.contract_id = c.id and i.status in ('pendiente', 'impagada'))",
    )
    async with signed_in(shared_database, "demo_clerk") as db:
        account = await debt_of(db, paid)
    assert account.debt is not None
    assert account.debt.total_debt == account.debt.unpaid_invoices == account.debt.days_overdue == 0


async def test_a_part_payment_lessens_the_debt_by_itself(database: TestDatabase) -> None:
    contract = a_contract(database, OWES)
    async with signed_in(database, "demo_clerk") as db:
        before = (await debt_of(db, contract)).debt
        ((invoice,),) = as_admin(
            database,
            "select id from invoices where contract_id = %s and status = 'impagada' and balance > 10.01"
            " order by due_date limit 1",
            contract,
        )
        as_admin(
            database,
            "insert into payments (tenant_id, contract_id, invoice_id, amount, payment_date, channel, method)"
            f" values ({OWN_TENANT}, %s, %s, 10.01, now(), 'ventanilla', 'efectivo'),"
            f" ({OWN_TENANT}, %s, null, 5.00, now(), 'oxxo', 'efectivo')",
            contract,
            invoice,
            contract,
        )
        account = await debt_of(db, contract)
    assert before is not None
    assert account.debt is not None
    assert account.debt.total_debt == before.total_debt - Decimal("10.01")
    assert account.debt.part_paid == before.part_paid + Decimal("10.01")
    assert account.debt.unpaid_invoices == before.unpaid_invoices
    # Money nobody has applied yet is told beside the debt, not taken off it.
    assert account.debt.on_account == before.on_account + 5


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (-5, "not_due"),
        (0, "not_due"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (60, "days_31_60"),
        (61, "days_61_90"),
        (90, "days_61_90"),
        (91, "days_over_90"),
        (4000, "days_over_90"),
    ],
)
async def test_the_due_day_itself_is_not_late(shared_database: TestDatabase, days: int, age: str) -> None:
    one_unpaid = (
        "1 = (select count(*) from invoices as i where i.contract_id = c.id"
        " and i.status in ('pendiente', 'impagada') and i.balance > 0)"
    )
    contract = a_contract(shared_database, one_unpaid)
    ((due,),) = as_admin(
        shared_database,
        "select due_date from invoices where contract_id = %s and status in ('pendiente', 'impagada')",
        contract,
    )
    async with signed_in(shared_database, "demo_clerk") as db:
        debt = (await debt_of(db, contract, on_day=due + timedelta(days=days))).debt
    assert debt is not None
    assert getattr(debt, age) == debt.total_debt > 0
    assert debt.days_overdue == max(days, 0)


# ---------------------------------------------------------------------- neighbours and sector


async def test_neighbours_are_the_nearest_within_500_metres_in_order(shared_database: TestDatabase) -> None:
    contract = a_contract(shared_database, "t.geom is not null")
    async with signed_in(shared_database, "demo_clerk") as db:
        account = await open_account(db, contract)
    expected = as_admin(
        shared_database,
        "select x.id, round(st_distance(x.geom, t.geom)::numeric, 1) from tomas as t join tomas as x"
        " on x.tenant_id = t.tenant_id and x.id <> t.id and st_dwithin(x.geom, t.geom, 500)"
        " where t.id = %s order by st_distance(x.geom, t.geom), x.toma_number limit %s",
        account.toma.id,
        details.NEIGHBOURS,
    )
    assert [neighbour.distance_m for neighbour in account.neighbours] == [row[1] for row in expected]
    assert {neighbour.toma_id for neighbour in account.neighbours} == {row[0] for row in expected}


async def test_a_toma_of_another_utility_next_door_is_no_neighbour(database: TestDatabase) -> None:
    contract = a_contract(database, "t.geom is not null")
    as_admin(
        database,
        "update tomas as x set latitude = t.latitude, longitude = t.longitude from tomas as t"
        f" join contracts as c on c.toma_id = t.id where c.id = %s and x.tenant_id = {OTHER_TENANT}",
        contract,
    )
    async with signed_in(database, "demo_clerk") as db:
        account = await open_account(db, contract)
    own = {row[0] for row in as_admin(database, f"select id from tomas where tenant_id = {OWN_TENANT}")}
    assert {neighbour.toma_id for neighbour in account.neighbours} <= own


async def test_nearest_tomas_come_from_the_index_under_isolation(shared_database: TestDatabase) -> None:
    contract = a_contract(shared_database, "t.geom is not null")
    async with signed_in(shared_database, "demo_clerk") as db, db.reading() as connection:
        # On a demo of this size a scan of the whole table would be cheaper.
        await connection.execute(
            "set local enable_seqscan = off; set local enable_bitmapscan = off; set local jit = off"
        )
        ((toma,),) = await (
            await connection.execute("select toma_id from contracts where id = %s", [contract])
        ).fetchall()
        plan = await (
            await connection.execute("explain " + load("tomas_near"), {"toma_id": toma, "metres": 500, "how_many": 21})
        ).fetchall()
    text = "\n".join(row[0] for row in plan)
    assert "idx_tomas_geo" in text
    assert "Order By: (geom <-> here.geom)" in text


async def test_a_toma_without_coordinates_has_the_sector_of_its_acometida(database: TestDatabase) -> None:
    contract = a_contract(database, "t.geom is not null and t.acometida_id is not null")
    async with signed_in(database, "demo_clerk") as db:
        located = (await open_account(db, contract)).sector
        as_admin(
            database,
            "update tomas set latitude = null, longitude = null from contracts as c"
            " where c.toma_id = tomas.id and c.id = %s",
            contract,
        )
        account = await open_account(db, contract)
    ((expected,),) = as_admin(
        database,
        "select a.sector_id from contracts as c join tomas as t on t.id = c.toma_id"
        " join acometidas as a on a.id = t.acometida_id where c.id = %s",
        contract,
    )
    assert located is not None
    assert located.by_position
    assert account.sector is not None
    assert (account.sector.id, account.sector.by_position) == (expected, False)
    assert account.neighbours == ()


# ---------------------------------------------------------------------- parts that fail


async def test_a_part_without_privilege_says_so_and_the_rest_lives(database: TestDatabase) -> None:
    contract = a_contract(database, OWES)
    as_admin(database, "revoke select on work_orders, meter_readings from supra_readonly")
    async with signed_in(database, "demo_clerk") as db:
        account = await open_account(db, contract)
    assert set(account.failures) == {"work_orders", "readings"}
    assert isinstance(account.failures["readings"], PermissionDenied)
    assert not account.readings
    assert not account.work_orders
    assert account.debt is not None
    assert account.invoices
    assert account.neighbours
    assert len(views(database, contract)) == 1


async def test_a_part_that_takes_too_long_is_given_up_alone(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(details, "_FETCH_TIMEOUT", 0.5)
    contract = a_contract(database)
    with psycopg.connect(database.admin) as other:
        other.execute("lock table payment_plans, person_contacts in access exclusive mode")
        async with signed_in(database, "demo_clerk") as db:
            account = await open_account(db, contract)
    assert set(account.failures) == {"debt", "contact_points"}
    assert isinstance(account.failures["debt"], StatementTimeout)
    assert account.invoices


# ---------------------------------------------------------------------- finding, and the plan's patterns


async def test_a_contract_is_found_by_its_number(shared_database: TestDatabase) -> None:
    contract = a_contract(shared_database)
    ((number,),) = as_admin(shared_database, "select contract_number from contracts where id = %s", contract)
    foreign = a_contract(shared_database, tenant=OTHER_TENANT)
    ((foreign_number,),) = as_admin(shared_database, "select contract_number from contracts where id = %s", foreign)
    async with signed_in(shared_database, "demo_clerk") as db:
        assert await find_contract(db, f" {number} ") == contract
        with pytest.raises(NoSuchAccount):
            await find_contract(db, "no such number")
        if foreign_number != number:
            with pytest.raises(NoSuchAccount):
                await find_contract(db, foreign_number)


async def test_pattern_1_finds_exact_keys_with_the_last_valid_reading(database: TestDatabase) -> None:
    contract = a_contract(database, "t.meter_id is not null and c.status = 'activo'")
    ((number, toma_number, toma),) = as_admin(
        database,
        "select c.contract_number, t.toma_number, t.id from contracts as c join tomas as t on t.id = c.toma_id"
        " where c.id = %s",
        contract,
    )
    as_admin(
        database,
        "insert into timeseries.meter_readings"
        " (tenant_id, meter_id, toma_id, reading_value, reading_date, source, status)"
        " select tenant_id, meter_id, id, 1, now() + interval '1 day', 'estimated', 'estimated'"
        " from tomas where id = %s",
        toma,
    )
    ((last_valid,),) = as_admin(
        database,
        "select max(reading_date) from timeseries.meter_readings where toma_id = %s and status = 'valid'",
        toma,
    )
    as_admin(database, "update persons set rfc = 'XAXX010101000' where id in (select person_id from contracts limit 2)")
    async with signed_in(database, "demo_clerk") as db:
        by_number = await statement(db, "account_lookup", key=number, max_hits=5)
        by_toma = await statement(db, "account_lookup", key=toma_number, max_hits=5)
        generic = await statement(db, "account_lookup", key="XAXX010101000", max_hits=5)
        as_admin(database, "delete from timeseries.meter_readings where toma_id = %s", toma)
        unread = await statement(db, "account_lookup", key=number, max_hits=5)
    assert [row["contract_id"] for row in by_number] == [contract]
    assert by_number[0]["reading_date"] == last_valid
    assert contract in [row["contract_id"] for row in by_toma]
    assert generic == []
    assert [row["reading_date"] for row in unread] == [None]


def billing(on_day: date) -> dict[str, Any]:
    return {
        "on_day": on_day,
        "explotacion_id": None,
        "readings_from": on_day - timedelta(days=35),
        "readings_until": on_day,
    }


async def test_pattern_2_has_one_tariff_on_a_changeover_day(database: TestDatabase) -> None:
    ((old, day, explotacion, period),) = as_admin(
        database,
        "select s.id, s.effective_from + 45, s.explotacion_id, s.billing_period from tariff_schedules as s"
        f" where s.tenant_id = {OWN_TENANT} and s.active and s.effective_until is null and exists ("
        " select from contracts as c join tomas as t on t.id = c.toma_id where c.status = 'activo'"
        " and t.status = 'activa' and coalesce(t.tariff_category, c.tariff_category) = s.category"
        " and t.billing_period = s.billing_period"
        " and (c.explotacion_id = s.explotacion_id or s.explotacion_id is null)) order by s.id limit 1",
    )
    # Tariffs in force do not change but by their workflow; here they have to.
    as_admin(database, "alter table tariff_schedules disable trigger guard_tariff")
    as_admin(database, "update tariff_schedules set effective_until = %s where id = %s", day, old)
    ((new,),) = as_admin(
        database,
        "insert into tariff_schedules"
        " (tenant_id, explotacion_id, name, category, effective_from, billing_period, blocks)"
        " select tenant_id, explotacion_id, 'the next one', category, %s, billing_period, blocks"
        " from tariff_schedules where id = %s returning id",
        day,
        old,
    )
    async with signed_in(database, "demo_clerk") as db:
        before = await statement(db, "billable_contracts", **billing(day - timedelta(days=1)))
        on_the_day = await statement(db, "billable_contracts", **billing(day))
    assert len({row["contract_id"] for row in on_the_day}) == len(on_the_day)
    assert old in {row["tariff_id"] for row in before}
    assert new not in {row["tariff_id"] for row in before}
    assert new in {row["tariff_id"] for row in on_the_day}
    assert old not in {row["tariff_id"] for row in on_the_day}
    concerned = [row for row in on_the_day if row["tariff_id"] == new]
    assert {row["billing_period"] for row in concerned} == {period}
    assert explotacion is None or {row["explotacion_id"] for row in concerned} == {explotacion}


async def test_pattern_2_keeps_to_municipality_and_period_and_hides_no_contract(database: TestDatabase) -> None:
    today = datetime.now(UTC).date()
    as_admin(database, "alter table tariff_schedules disable trigger guard_tariff")
    as_admin(database, f"update tariff_schedules set active = false where tenant_id = {OWN_TENANT}")
    async with signed_in(database, "demo_clerk") as db:
        unpriced = await statement(db, "billable_contracts", **billing(today))
        ((explotacion, category, period),) = as_admin(
            database,
            "select c.explotacion_id, coalesce(t.tariff_category, c.tariff_category), t.billing_period"
            " from contracts as c join tomas as t on t.id = c.toma_id where c.id = %s",
            unpriced[0]["contract_id"],
        )
        add = (
            "insert into tariff_schedules"
            " (tenant_id, explotacion_id, name, category, effective_from, billing_period, blocks)"
            f" values ({OWN_TENANT}, %s, %s, %s, %s, %s,"
            """ '[{"from_m3": 0, "to_m3": null, "price_per_m3": 1, "fixed_charge": 0}]')"""
        )
        as_admin(database, add, None, "everywhere", category, today, period)
        as_admin(database, add, explotacion, "here", category, today, period)
        priced = await statement(db, "billable_contracts", **billing(today))
    assert unpriced
    assert {row["tariff_id"] for row in unpriced} == {None}
    # Every active contract is listed once, whether or not a tariff fits it.
    assert {row["contract_id"] for row in priced} == {row["contract_id"] for row in unpriced}
    assert len(priced) == len(unpriced)
    names = {(row["explotacion_id"] == explotacion, row["tariff_name"]) for row in priced if row["tariff_id"]}
    assert (True, "here") in names
    assert (True, "everywhere") not in names
    assert (False, "here") not in names
    assert all(row["billing_period"] == period for row in priced if row["tariff_id"])


# ---------------------------------------------------------------------- workings of a line

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=True) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "steps", "amount", "m3", "from_m3", "to_m3", "price_per_m3", "discount", "mode"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(anything)
def test_whatever_is_stored_as_workings_is_read_or_left_out(document: object) -> None:
    read = workings(document)
    assert read is None or all(step.m3.is_finite() for step in read.steps)


def test_workings_take_amounts_as_numbers_or_as_strings() -> None:
    read = workings({"kind": "percentage", "amount": "10.88", "base": "AGUA", "base_amount": 108, "percentage": 10})
    assert read is not None
    assert (read.amount, read.base_amount) == (Decimal("10.88"), Decimal(108))
