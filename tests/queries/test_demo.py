"""Is the demo utility what it says: the same for the same seed, true to its tariffs, whole and isolated?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from stdnum.mx import curp, rfc

from queries import demo, demo_load
from supra_console import documents, jsonb
from supra_console.documents.billing import TariffInsert
from supra_console.errors import ConfigurationError, InvalidInput, MissingFeature, PermissionDenied
from supra_console.tariffs.rating import rate, tariff_details
from supra_console.tariffs.rules import examine
from tests.conftest import (
    DEMO_ACCOUNTS,
    DEMO_MONTHS,
    DEMO_PASSWORD,
    DEMO_ROLES,
    TestDatabase,
    create_database,
    drop_database,
    unique_name,
)

GENERIC = ("XAXX010101000", "XEXX010101000")
SEED = 7
Row = dict[str, Any]
CENT = Decimal("0.01")


# ── Help ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def admin(shared_database: TestDatabase) -> Iterator[psycopg.Connection[Row]]:
    """The administrator, reading the small demo utility of the whole test run."""
    with psycopg.connect(shared_database.admin, autocommit=True, row_factory=dict_row) as connection:
        jsonb.register(connection)
        yield connection


@pytest.fixture(scope="module")
def load_another(server: str, schema_template: str) -> Iterator[Callable[..., str]]:
    """Make one more demo utility in a database of its own."""
    names: list[str] = []

    def make(**options: Any) -> str:
        names.append(unique_name("another"))
        dsn = create_database(server, names[-1], schema_template)
        demo.load_demo(dsn, DEMO_ACCOUNTS, DEMO_MONTHS, **options)
        return dsn

    yield make
    for name in names:
        drop_database(server, name)


def one(connection: psycopg.Connection[Row], statement: str, *parameters: object) -> Any:
    """The only value of the only row."""
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None
    (value,) = row.values()
    return value


def contents(dsn: str) -> Mapping[str, tuple[int, str]]:
    """Rows and a hash of the content of every table; rows of the installation without their timestamps."""
    found = {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'")
        for schema, table in demo_load._tables(connection):
            left_out = ["created_at", "updated_at"] if table in demo_load.KEPT else []
            row = connection.execute(
                sql.SQL(
                    """
                    select count(*), coalesce(md5(string_agg(content, '' order by content)), '')
                    from (select md5((to_jsonb(t) - %s::text[])::text) as content from {} as t) as rows
                    """
                ).format(sql.Identifier(schema, table)),
                [left_out],
            ).fetchone()
            assert row is not None
            found[f"{schema}.{table}"] = row
    return found


# ── The same seed, the same utility ───────────────────────────────────────────────────────


def test_the_same_seed_makes_the_same_content_whoever_shares_the_work(
    shared_database: TestDatabase, load_another: Callable[..., str]
) -> None:
    assert contents(load_another(seed=SEED, workers=1)) == contents(shared_database.admin)


def test_another_seed_makes_another_utility(shared_database: TestDatabase, load_another: Callable[..., str]) -> None:
    mine, other = contents(shared_database.admin), contents(load_another(seed=8))
    kept = {f"public.{table}" for table in demo_load.KEPT} | {"public.alembic_version"}
    filled = {table for table, (rows, _content) in mine.items() if rows} - kept

    assert {table for table in filled if mine[table] == other[table]} == set()


def test_a_second_load_says_what_is_there_and_changes_nothing(database: TestDatabase) -> None:
    before = contents(database.admin)

    report = demo.load_demo(database.admin, 500, 3, seed=9)

    assert report.already
    assert (report.utility.accounts, report.utility.months, report.utility.seed) == (DEMO_ACCOUNTS, DEMO_MONTHS, SEED)
    assert contents(database.admin) == before


def test_a_demo_utility_is_replaced_on_request(database: TestDatabase) -> None:
    report = demo.load_demo(database.admin, 40, 2, seed=9, replace=True)

    assert not report.already
    assert report.rows > 1000
    with psycopg.connect(database.admin) as connection:
        rows = connection.execute("select count(*) from tomas group by tenant_id order by 1").fetchall()
        assert rows == [(40,), (50,)]
        assert connection.execute("select count(*) from tenants").fetchone() == (2,)


def test_an_interrupted_load_is_noticed_and_made_again(
    bare_database: TestDatabase, shared_database: TestDatabase
) -> None:
    class PowerCut(Exception):
        """The machine went away in the middle of a load."""

    def cut(progress: demo.Progress) -> None:
        if progress.rows > 9000:
            raise PowerCut

    with pytest.raises(PowerCut):
        demo.load_demo(bare_database.admin, DEMO_ACCOUNTS, DEMO_MONTHS, seed=99, progress=cut)

    report = demo.load_demo(bare_database.admin, DEMO_ACCOUNTS, DEMO_MONTHS, seed=SEED)

    assert not report.already
    assert contents(bare_database.admin) == contents(shared_database.admin)


def test_progress_counts_parts_up_to_the_last(bare_database: TestDatabase) -> None:
    seen: list[demo.Progress] = []

    report = demo.load_demo(bare_database.admin, 60, 2, progress=seen.append)

    done = [step.done for step in seen]
    assert done == sorted(done)
    assert set(done) == set(range(seen[-1].total + 1))
    assert len({step.total for step in seen}) == 1
    assert seen[-1].rows == report.rows
    assert {"readings", "invoices", "payments"} <= {step.step for step in seen}


# ── Refusals ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("accounts", "months"), [(19, 12), (2_000_001, 12), (300, 0), (300, 121)])
def test_impossible_sizes_are_refused(bare_database: TestDatabase, accounts: int, months: int) -> None:
    with pytest.raises(InvalidInput):
        demo.load_demo(bare_database.admin, accounts, months)


def test_somebodys_accounts_are_never_mixed_with_a_demo(bare_database: TestDatabase) -> None:
    with psycopg.connect(bare_database.admin) as connection:
        connection.execute("insert into persons (tenant_id, person_type, name) select id, 'fisica', 'Ana' from tenants")

    with pytest.raises(ConfigurationError):
        demo.load_demo(bare_database.admin, 60, 2, replace=True)


def test_an_event_that_says_so_does_not_make_accounts_a_demo(database: TestDatabase) -> None:
    with psycopg.connect(database.admin) as admin:
        admin.execute("delete from timeseries.domain_events where event_type = 'demo.loaded'")
    with psycopg.connect(database.sign_in("demo_clerk")) as clerk:
        clerk.execute(
            "select supra.record_event('demo.loaded', 'tenant', supra.current_tenant(), "
            """'{"accounts": 1, "months": 1, "seed": 1, "until": "2026-01-01"}')"""
        )
    with pytest.raises(ConfigurationError, match="not a demo utility's"):
        demo.load_demo(database.admin, DEMO_ACCOUNTS, DEMO_MONTHS, replace=True)


def test_without_our_schema_there_is_nothing_to_load_into(empty_database: TestDatabase) -> None:
    with pytest.raises(MissingFeature):
        demo.load_demo(empty_database.admin, 60, 2)


def test_only_a_superuser_loads(database: TestDatabase) -> None:
    with pytest.raises(PermissionDenied):
        demo.load_demo(database.sign_in("demo_dba"), 60, 2)


def test_two_loads_at_once_are_one_too_many(bare_database: TestDatabase) -> None:
    with demo._only_load(bare_database.admin), pytest.raises(PermissionDenied):
        demo.load_demo(bare_database.admin, 60, 2)


# ── Bills and money ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Expected:
    """A line of a bill as the tariff makes it, worked out here and not in SQL."""

    concept_code: str
    subtotal: Decimal
    iva_rate: Decimal
    iva_amount: Decimal
    total: Decimal


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def rated(tariff: Row, m3: Decimal, social: bool) -> list[Expected]:
    """The lines of a bill by the plan's rule: price and fixed charge add up over the blocks entered."""
    water = Decimal(0)
    for block in tariff["blocks"]:
        start, end = Decimal(block["from_m3"]), block["to_m3"]
        if m3 > start or (m3 == 0 and start == 0):
            inside = (m3 if end is None else min(m3, Decimal(end))) - start
            water += inside * Decimal(block["price_per_m3"]) + Decimal(block["fixed_charge"])
    water = cents(water)
    if social:
        water -= cents(water * tariff["social_discount_pct"] / 100)
    subtotals = {"agua": (water, tariff["iva_rate"] if tariff["iva_applicable"] else Decimal(0))}
    for concept in tariff["additional_concepts"]:
        value = Decimal(concept["value"])
        base = subtotals[concept.get("base", "agua")][0]
        amount = base * value / 100 if concept["type"] == "percentage" else value
        subtotals[concept["code"]] = (cents(amount), Decimal(concept["iva_rate"]))
    return [
        Expected(code, subtotal, rate, cents(subtotal * rate), subtotal + cents(subtotal * rate))
        for code, (subtotal, rate) in subtotals.items()
    ]


def by_the_rules(columns: Row, m3: Decimal, social: bool) -> tuple[list[Expected], list[Any]]:
    """The same lines as the console itself makes them, and their making; the demo leaves the tariff's name out."""
    tariff = examine({name: columns[name] for name in TariffInsert.model_fields}).tariff
    assert tariff is not None
    bill = rate(tariff, m3, social=social)
    water, *concepts = tariff_details(tariff, bill)
    lines = [Expected(line.code, line.amount, line.iva_rate, line.iva, line.amount + line.iva) for line in bill.lines]
    return lines, [water.model_copy(update={"tariff_name": None}), *concepts]


def test_every_line_is_what_the_tariff_in_force_on_the_billing_date_makes(admin: psycopg.Connection[Row]) -> None:
    tariffs = admin.execute("select * from tariff_schedules where active").fetchall()
    lines: dict[Any, list[Row]] = defaultdict(list)
    for line in admin.execute("select * from invoice_lines order by invoice_id, sort_order"):
        lines[line["invoice_id"]].append(line)
    invoices = admin.execute(
        """
        select i.*, c.tariff_category, c.social_tariff, t.billing_period
        from invoices as i
        join contracts as c on c.tenant_id = i.tenant_id and c.id = i.contract_id
        join tomas as t on t.tenant_id = i.tenant_id and t.id = i.toma_id
        """
    ).fetchall()
    editions, discounted = set(), 0
    for invoice in invoices:
        (tariff,) = (
            tariff
            for tariff in tariffs
            if tariff["explotacion_id"] == invoice["explotacion_id"]
            and tariff["category"] == invoice["tariff_category"]
            and tariff["billing_period"] == invoice["billing_period"]
            and tariff["effective_from"] <= invoice["billing_date"]
            and (tariff["effective_until"] is None or invoice["billing_date"] < tariff["effective_until"])
        )
        editions.add(tariff["id"])
        discounted += invoice["social_tariff"]
        made = [
            Expected(line["concept_code"], line["subtotal"], line["iva_rate"], line["iva_amount"], line["total"])
            for line in lines[invoice["id"]]
        ]
        assert made == rated(tariff, invoice["consumption_m3"], invoice["social_tariff"]), invoice["invoice_number"]
        bill, details = by_the_rules(tariff, invoice["consumption_m3"], invoice["social_tariff"])
        assert made == bill
        assert details == [
            documents.parse("invoice_lines", "tariff_detail", line["tariff_detail"]) for line in lines[invoice["id"]]
        ]
        water = documents.parse("invoice_lines", "tariff_detail", lines[invoice["id"]][0]["tariff_detail"])
        assert water.tariff_id == tariff["id"]
        assert cents(sum((step.amount for step in water.steps), Decimal(0))) - (water.discount or 0) == water.amount
    assert len(invoices) > 1500
    assert len(editions) > 40
    assert discounted


def test_every_invoice_is_the_sum_of_its_lines(admin: psycopg.Connection[Row]) -> None:
    wrong = admin.execute(
        """
        select i.id
        from invoices as i
        left join invoice_lines as l on l.tenant_id = i.tenant_id and l.invoice_id = i.id
        group by i.id
        having i.subtotal is distinct from sum(l.subtotal)
            or i.iva_amount is distinct from sum(l.iva_amount)
            or i.total is distinct from sum(l.total)
            or i.total <> i.subtotal + i.iva_amount
        """
    ).fetchall()
    assert wrong == []


def test_balances_are_totals_less_the_payments_applied(admin: psycopg.Connection[Row]) -> None:
    wrong = admin.execute(
        """
        select i.id
        from invoices as i
        left join payments as p on p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.status = 'aplicado'
        group by i.id
        having i.amount_paid <> coalesce(sum(p.amount), 0)
            or i.balance <> i.total - coalesce(sum(p.amount), 0)
            or (i.status = 'pagada') <> (i.balance = 0)
            or i.balance < 0
        """
    ).fetchall()
    assert wrong == []
    part_paid = one(admin, "select count(*) from invoices where amount_paid > 0 and balance > 0 and status <> 'pagada'")
    assert part_paid > 5


def test_debts_are_of_several_ages(admin: psycopg.Connection[Row]) -> None:
    months = one(admin, "select count(distinct date_trunc('month', due_date)) from invoices where status = 'impagada'")
    assert months >= DEMO_MONTHS - 1
    assert one(admin, "select count(*) from invoices where status = 'pendiente'") > 0


def test_the_price_changes_within_the_loaded_months(admin: psycopg.Connection[Row]) -> None:
    first, last = admin.execute("select min(billing_date), max(billing_date) from invoices").fetchone().values()  # type: ignore[union-attr]
    changes = admin.execute("select distinct effective_until from tariff_schedules").fetchall()
    inside = [row["effective_until"] for row in changes if row["effective_until"]]
    assert inside
    assert all(first < day <= last for day in inside)
    assert one(admin, "select count(distinct explotacion_id) from tariff_schedules") >= 4


def test_invoices_follow_their_readings(admin: psycopg.Connection[Row]) -> None:
    wrong = admin.execute(
        """
        select i.id
        from invoices as i
        left join timeseries.meter_readings as r on r.id = i.reading_id and r.reading_date = i.reading_date
        where i.reading_id is not null
          and (r.id is null or r.contract_id <> i.contract_id or r.toma_id <> i.toma_id
               or r.previous_reading <> i.previous_reading
               or i.current_reading <> i.previous_reading + i.consumption_m3
               or (r.status <> 'rejected' and r.consumption <> i.consumption_m3)
               or (r.status <> 'rejected' and r.reading_value <> i.current_reading))
        """
    ).fetchall()
    assert wrong == []


def test_a_meter_goes_on_where_it_stood(admin: psycopg.Connection[Row]) -> None:
    wrong = admin.execute(
        """
        select id
        from (
            select
                id,
                previous_reading,
                lag(case status when 'rejected' then null else reading_value end)
                    over (partition by meter_id order by reading_date) as stood
            from timeseries.meter_readings
        ) as r
        where stood <> previous_reading
        """
    ).fetchall()
    assert wrong == []


# ── People and places ─────────────────────────────────────────────────────────────────────


def test_identifiers_have_the_right_check_digits(admin: psycopg.Connection[Row]) -> None:
    people = admin.execute("select rfc, curp, person_type from persons").fetchall()
    keys = [row["rfc"] for row in people if row["rfc"] and row["rfc"] not in GENERIC]
    registered = [row["curp"] for row in people if row["curp"]]

    assert [key for key in keys if not rfc.is_valid(key, validate_check_digits=True)] == []
    assert [key for key in registered if not curp.is_valid(key)] == []
    assert len(keys) > 150
    assert len(registered) > 150
    assert sum(row["rfc"] == GENERIC[0] for row in people) > 20
    assert all(len(row["rfc"]) == 12 for row in people if row["person_type"] == "moral" and row["rfc"] not in GENERIC)


def test_a_curp_and_an_rfc_tell_the_same_birthday(admin: psycopg.Connection[Row]) -> None:
    strange = one(
        admin,
        "select count(*) from persons where curp is not null and rfc not in ('XAXX010101000', 'XEXX010101000')"
        " and substr(curp, 5, 6) <> substr(rfc, 5, 6)",
    )
    assert strange == 0


def test_every_toma_lies_in_its_sector_and_in_its_municipality_s(admin: psycopg.Connection[Row]) -> None:
    outside = admin.execute(
        """
        select t.toma_number
        from tomas as t
        join acometidas as a on a.tenant_id = t.tenant_id and a.id = t.acometida_id
        join sectores_hidraulicos as s on s.tenant_id = a.tenant_id and s.id = a.sector_id
        join sectores_hidraulicos as p on p.tenant_id = s.tenant_id and p.id = s.parent_id
        where not st_covers(s.geom, t.geom) or not st_covers(p.geom, t.geom) or s.explotacion_id <> t.explotacion_id
        """
    ).fetchall()
    assert outside == []


def test_addresses_have_postal_codes_of_the_state(admin: psycopg.Connection[Row]) -> None:
    assert one(admin, "select count(*) from addresses where zip_code !~ '^76[0-9]{3}$'") == 0
    assert one(admin, "select count(*) from addresses where latitude not between 20.0 and 21.7") == 0
    assert one(admin, "select count(*) from addresses where longitude not between -100.6 and -99.0") == 0


@pytest.mark.parametrize(
    ("table", "column", "all_of"),
    [
        ("contracts", "status", {"pendiente", "activo", "suspendido", "baja", "cancelado"}),
        ("invoices", "status", {"pendiente", "impagada", "pagada", "cancelada"}),
        ("tomas", "status", {"activa", "cortada", "suspendida", "baja", "clausurada", "pendiente_alta"}),
        (
            "tomas",
            "toma_type",
            {"domestica", "comercial", "industrial", "gobierno", "mixta", "rural", "hidrante", "fuente", "temporal"},
        ),
        ("work_orders", "status", {"pendiente", "completada"}),
        ("contacts", "status", {"cerrado", "resuelto"}),
        ("payment_plans", "status", {"activo"}),
        ("delinquency_procedures", "status", {"abierto", "en_proceso"}),
    ],
)
def test_every_state_occurs(admin: psycopg.Connection[Row], table: str, column: str, all_of: set[str]) -> None:
    found = {row[column] for row in admin.execute(f"select distinct {column} from {table}")}
    assert all_of <= found


def test_readings_have_anomalies_of_every_kind(admin: psycopg.Connection[Row]) -> None:
    kinds = {
        row["anomaly_type"]: row["status"]
        for row in admin.execute("select anomaly_type, min(status) as status from timeseries.meter_readings group by 1")
    }
    assert {"consumo_cero", "consumo_alto", "consumo_bajo", "lectura_menor", "sin_acceso"} <= kinds.keys()
    assert kinds["lectura_menor"] == "rejected"
    assert kinds["sin_acceso"] == "estimated"


def test_who_left_has_a_successor_at_the_same_toma(admin: psycopg.Connection[Row]) -> None:
    pairs = admin.execute(
        """
        select old.status, old.end_date <= new.start_date as in_turn, old.toma_id = new.toma_id as same_toma
        from contracts as new
        join contracts as old on old.tenant_id = new.tenant_id and old.id = new.previous_contract_id
        """
    ).fetchall()
    assert len(pairs) >= 10
    assert all(pair == {"status": "baja", "in_turn": True, "same_toma": True} for pair in pairs)


# ── Whole and isolated ────────────────────────────────────────────────────────────────────


def test_foreign_keys_hold_though_their_triggers_were_off(admin: psycopg.Connection[Row]) -> None:
    keys = admin.execute(
        """
        select
            k.conname,
            k.conrelid::regclass::text as child,
            k.confrelid::regclass::text as parent,
            (
                select array_agg(a.attname::text order by c.position)
                from unnest(k.conkey) with ordinality as c (number, position)
                join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = c.number
            ) as child_columns,
            (
                select array_agg(a.attname::text order by c.position)
                from unnest(k.confkey) with ordinality as c (number, position)
                join pg_attribute as a on a.attrelid = k.confrelid and a.attnum = c.number
            ) as parent_columns
        from pg_constraint as k
        join pg_namespace as n on n.oid = k.connamespace
        where k.contype = 'f' and n.nspname in ('public', 'timeseries')
        """
    ).fetchall()
    assert len(keys) > 100
    for key in keys:
        known = " and ".join(f"c.{column} is not null" for column in key["child_columns"])
        match = " and ".join(
            f"p.{parent} = c.{child}" for child, parent in zip(key["child_columns"], key["parent_columns"], strict=True)
        )
        orphans = one(
            admin,
            f"select count(*) from {key['child']} as c where {known}"
            f" and not exists (select from {key['parent']} as p where {match})",
        )
        assert orphans == 0, f"{key['child']}.{key['conname']}"


def test_every_document_is_one_its_model_accepts(admin: psycopg.Connection[Row]) -> None:
    checked = 0
    for table, column in documents.DOCUMENTS:
        schema = "timeseries" if table == "domain_events" else "public"
        values = admin.execute(f"select distinct {column} as value from {schema}.{table} where {column} is not null")
        for row in values:
            documents.parse(table, column, row["value"])
            checked += 1
    assert checked > 2000


def test_both_tenants_have_the_same_numbers_and_some_of_the_same_people(admin: psycopg.Connection[Row]) -> None:
    tenants = admin.execute("select tenant_id, count(*) from tomas group by 1 order by 2").fetchall()
    assert [row["count"] for row in tenants] == [50, DEMO_ACCOUNTS]
    for table, column in [("contracts", "contract_number"), ("tomas", "toma_number"), ("persons", "rfc")]:
        shared = one(
            admin,
            f"select count(*) from (select {column} from {table} where {column} not in (%s, %s)"
            f" group by {column} having count(distinct tenant_id) = 2) as shared",
            *GENERIC,
        )
        assert shared > 5, table


def test_the_load_leaves_nothing_behind(admin: psycopg.Connection[Row]) -> None:
    assert one(admin, "select to_regnamespace('demo')") is None


def test_somebody_of_the_other_tenant_sees_the_other_tenant_s_rows_only(shared_database: TestDatabase) -> None:
    seen = {}
    for role in ("demo_operator", "demo_other"):
        with psycopg.connect(shared_database.sign_in(role)) as connection:
            seen[role] = connection.execute(
                "select count(*), count(*) filter (where contract_number = '4000000001') from contracts"
            ).fetchone()
    assert seen["demo_other"] is not None
    assert seen["demo_operator"] is not None
    assert seen["demo_other"][0] < 60 < DEMO_ACCOUNTS <= seen["demo_operator"][0]
    assert seen["demo_other"][1] == seen["demo_operator"][1] == 1


# ── Signing in ────────────────────────────────────────────────────────────────────────────


def test_every_demo_role_is_in_its_group_and_has_its_row(database: TestDatabase) -> None:
    demo.ensure_demo_roles(database.admin, dict.fromkeys(DEMO_ROLES, DEMO_PASSWORD))

    with psycopg.connect(database.admin, row_factory=dict_row) as connection:
        for role, group in demo.DEMO_ROLES.items():
            row = connection.execute(
                """
                select
                    r.rolsuper or r.rolbypassrls or r.rolcreaterole as mighty,
                    a.rolpassword like 'SCRAM-SHA-256$%%' as hashed,
                    array(
                        select m.roleid::regrole::text from pg_auth_members as m where m.member = r.oid
                    ) as groups,
                    exists (select from users as u where u.db_role = r.rolname and u.active) as known
                from pg_roles as r
                join pg_authid as a on a.oid = r.oid
                where r.rolname = %s
                """,
                [role],
            ).fetchone()
            assert row == {"mighty": False, "hashed": True, "groups": [group], "known": True}


@pytest.mark.parametrize("passwords", [{"postgres": "x"}, {"demo_clerk": ""}])
def test_roles_that_are_not_the_demo_s_are_left_alone(database: TestDatabase, passwords: Mapping[str, str]) -> None:
    with pytest.raises(InvalidInput):
        demo.ensure_demo_roles(database.admin, passwords)
