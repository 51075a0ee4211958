"""Lookup values, synchronisation, field work and compliance: what their tables accept and refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from queries.statements import load
from supra_console.documents import DOCUMENTS, parse

if TYPE_CHECKING:
    from tests.sql.conftest import Connection, Utilities

LOG = (
    "insert into sync_log (tenant_id, entity_type, entity_id, direction, operation, change_id) "
    "values (%s, %s, %s, %s, %s, %s)"
)
CONFLICT = (
    "insert into sync_conflicts (tenant_id, entity_type, entity_id, conflict_type, legacy_data, supra_data) "
    "values (%s, 'persona', %s, 'concurrent_update', %s, %s) returning id"
)


def refuse(connection: Connection, error: type[psycopg.Error], statement: str, *values: Any) -> None:
    with pytest.raises(error), connection.transaction():
        connection.execute(statement, values)


# ── Lookup values and catalogues ──────────────────────────────────────────────────────────

# Which CHECK a domain of lookup values repeats.
CHECKED = {
    "TIPO_TOMA": ("tomas", "toma_type"),
    "CATEGORIA_TARIFA": ("tariff_schedules", "category"),
    "ESTADO_TOMA": ("tomas", "status"),
    "ESTADO_ACOMETIDA": ("acometidas", "status"),
    "TIPO_FACTURACION": ("tomas", "billing_type"),
    "PERIODO_FACTURACION": ("tomas", "billing_period"),
    "TIPO_MEDIDOR": ("meters", "meter_type"),
    "ESTADO_MEDIDOR": ("meters", "status"),
    "TIPO_DIRECCION": ("addresses", "address_type"),
    "TIPO_PERSONA": ("persons", "person_type"),
    "TIPO_CONTACTO_PERSONA": ("person_contacts", "contact_type"),
    "ESTADO_CONTRATO": ("contracts", "status"),
    "FORMA_PAGO_CONTRATO": ("contracts", "payment_method"),
    "ORIGEN_LECTURA": ("timeseries.meter_readings", "source"),
    "ESTADO_LECTURA": ("timeseries.meter_readings", "status"),
    "ESTADO_FACTURA": ("invoices", "status"),
    "ESTADO_PAGO": ("payments", "status"),
    "ESTADO_CONVENIO": ("payment_plans", "status"),
    "PRIORIDAD": ("work_orders", "priority"),
    "ESTADO_ORDEN": ("work_orders", "status"),
    "TIPO_CONTACTO": ("contacts", "contact_type"),
    "ESTADO_CONTACTO": ("contacts", "status"),
    "CANAL_CONTACTO": ("contacts", "channel"),
    "TIPO_FRAUDE": ("fraud_cases", "fraud_type"),
    "ESTADO_FRAUDE": ("fraud_cases", "status"),
    "ESTADO_COMUNICACION": ("communications", "status"),
    "DERECHO_ARCO": ("arco_requests", "request_type"),
}


@pytest.mark.parametrize(("domain", "table", "column"), [(name, *place) for name, place in CHECKED.items()])
def test_a_domain_has_exactly_the_codes_its_table_accepts(
    admin: Connection, domain: str, table: str, column: str
) -> None:
    described = admin.execute("select array_agg(code order by code) from domain_values where domain = %s", [domain])
    accepted = admin.execute(
        r"""
        select array_agg(code[1] order by code[1])
        from pg_constraint as k
        join pg_attribute as a on a.attrelid = k.conrelid and array[a.attnum] = k.conkey
        cross join regexp_matches(pg_get_constraintdef(k.oid), '''([a-z0-9_]+)''', 'g') as code
        where k.conrelid = %s::regclass and k.contype = 'c' and a.attname = %s
          and pg_get_constraintdef(k.oid) like '%%= ANY (%%'
        """,
        [table, column],
    )
    assert described.fetchall() == accepted.fetchall()


def test_a_global_value_cannot_be_there_twice(admin: Connection) -> None:
    refuse(
        admin,
        psycopg.errors.UniqueViolation,
        "insert into domain_values (tenant_id, domain, code, description) values (null, 'TIPO_TOMA', 'rural', 'Rural')",
    )


def test_a_tenant_adds_values_of_its_own_that_no_other_sees(
    sign_in: Callable[[str], Connection], utilities: Utilities
) -> None:
    ours = sign_in(utilities.ours.user("supervisor"))
    ours.execute(
        "insert into domain_values (tenant_id, domain, code, description) values (%s, 'TIPO_TOMA', 'pipa', 'Pipa')",
        [utilities.ours["tenant"]],
    )
    types = "select count(*) from domain_values where domain = 'TIPO_TOMA'"
    assert ours.execute(types).fetchone() == (10,)
    assert sign_in(utilities.theirs.user("supervisor")).execute(types).fetchone() == (9,)


def test_the_plan_s_sat_codes_are_kept_and_marked_with_the_code_that_fits(admin: Connection) -> None:
    marked = admin.execute(
        """
        select doubtful.code, fitting.code
        from sat_catalogs as doubtful
        join sat_catalogs as fitting
          on fitting.catalog_type = doubtful.catalog_type and fitting.code = doubtful.metadata ->> 'suggested_code'
        where (doubtful.metadata ->> 'needs_review')::boolean
        order by doubtful.code
        """
    ).fetchall()
    assert marked == [("10171500", "83101501"), ("72151801", "76121701"), ("72151802", "83101500")]


def test_every_sat_code_of_the_plan_is_there(admin: Connection) -> None:
    plan = {
        "producto_servicio": ["10171500", "72151801", "72151802"],
        "unidad": ["E48", "H87", "MTQ"],
        "forma_pago": ["01", "03", "04", "28"],
        "regimen_fiscal": ["601", "603", "616"],
    }
    for catalog, codes in plan.items():
        found = admin.execute(
            "select count(*) from sat_catalogs where catalog_type = %s and code = any (%s)", [catalog, codes]
        ).fetchone()
        assert found == (len(codes),)


def test_the_utility_has_thirteen_units_that_serve_all_the_state_but_one_municipality(admin: Connection) -> None:
    units = admin.execute(
        """
        select count(distinct e.id), count(distinct o.id), count(distinct c.id),
               bool_and(e.inegi_cve_mun ~ '^220(0[1-9]|1[0-8])$')
        from tenants as t
        join explotaciones as e on e.tenant_id = t.id
        left join offices as o on o.tenant_id = e.tenant_id and o.explotacion_id = e.id
        left join explotacion_configs as c on c.tenant_id = e.tenant_id and c.explotacion_id = e.id
        where t.slug = 'cea-queretaro'
        """
    ).fetchall()
    assert units == [(13, 13, 13, True)]
    municipalities = admin.execute(
        """
        select count(*), count(e.id), string_agg(v.description, ', ') filter (where e.id is null)
        from domain_values as v
        left join explotaciones as e on e.tenant_id = v.tenant_id and e.code = v.extra ->> 'explotacion'
        where v.domain = 'MUNICIPIO'
        """
    ).fetchall()
    assert municipalities == [(18, 17, "San Juan del Río")]


def test_seeding_again_changes_nothing(admin: Connection) -> None:
    from queries.schema import ALEMBIC

    seed = (ALEMBIC.parent / "schema" / "019-seed-data.sql").read_bytes()
    tables = ("tenants", "explotaciones", "offices", "explotacion_configs", "domain_values", "sat_catalogs")
    count = " union all ".join(
        f"select '{table}', md5(string_agg(t::text, '' order by id)) from {table} as t" for table in tables
    )
    before = admin.execute(count).fetchall()
    admin.execute(seed)
    assert admin.execute(count).fetchall() == before


def test_every_document_of_the_seed_is_valid(admin: Connection) -> None:
    for table, column in DOCUMENTS:
        if table in ("tenants", "explotaciones", "offices", "explotacion_configs", "domain_values", "sat_catalogs"):
            for (document,) in admin.execute(f"select {column} from {table} where {column} is not null"):
                parse(table, column, document)


# ── Synchronisation ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("direction", ["legacy_to_supra", "supra_to_legacy"])
def test_a_log_entry_holds_its_direction(admin: Connection, utilities: Utilities, direction: str) -> None:
    admin.execute(LOG, [utilities.ours["tenant"], "persona", "7", direction, "update", None])


def test_a_direction_outside_the_two_is_refused(admin: Connection, utilities: Utilities) -> None:
    refuse(
        admin, psycopg.errors.CheckViolation, LOG, utilities.ours["tenant"], "persona", "7", "sideways", "update", None
    )


def test_a_change_is_applied_once(admin: Connection, utilities: Utilities) -> None:
    change = [utilities.ours["tenant"], "persona", "7", "legacy_to_supra", "update", uuid4()]
    admin.execute(LOG, change)
    refuse(admin, psycopg.errors.UniqueViolation, LOG, *change)


def test_two_tenants_may_have_the_same_legacy_key(admin: Connection, utilities: Utilities) -> None:
    mapping = (
        "insert into sync_mappings (tenant_id, entity_type, legacy_table, legacy_id, supra_id) "
        "values (%s, 'persona', 'persona', '7', %s)"
    )
    for utility in (utilities.ours, utilities.theirs):
        admin.execute(mapping, [utility["tenant"], utility["person"]])
    refuse(admin, psycopg.errors.UniqueViolation, mapping, utilities.ours["tenant"], utilities.ours["person"])


def test_a_row_has_one_open_conflict_at_most(admin: Connection, utilities: Utilities) -> None:
    conflict = [utilities.ours["tenant"], "7", "{}", "{}"]
    first = admin.execute(CONFLICT, conflict).fetchone()
    refuse(admin, psycopg.errors.UniqueViolation, CONFLICT, *conflict)
    admin.execute(
        "update sync_conflicts set status = 'resolved', resolution = 'manual', resolved_by = %s, resolved_at = now() "
        "where id = %s",
        [utilities.ours["operator"], first[0] if first else None],
    )
    admin.execute(CONFLICT, conflict)


def test_a_real_duplicate_waits_for_a_person_and_stops_no_load(admin: Connection, utilities: Utilities) -> None:
    """A second person with a first one's RFC is refused, queued with both sides, and joined in the mapping."""
    ours = utilities.ours
    duplicate = "insert into persons (tenant_id, person_type, rfc, name) values (%s, 'fisica', 'GALJ800101AB1', 'Jose')"
    refuse(admin, psycopg.errors.UniqueViolation, duplicate, ours["tenant"])
    admin.execute(
        "insert into sync_conflicts "
        "(tenant_id, entity_type, entity_id, conflict_type, legacy_table, legacy_id, supra_id, "
        "legacy_data, supra_data) "
        "select %s, 'persona', '77', 'unique_violation', 'persona', '77', p.id, "
        "jsonb_build_object('rfc', p.rfc, 'name', 'Jose'), jsonb_build_object('rfc', p.rfc, 'name', p.name) "
        "from persons as p where p.id = %s",
        [ours["tenant"], ours["person"]],
    )
    joined = (
        "insert into sync_mappings (tenant_id, entity_type, legacy_table, legacy_id, supra_id) "
        "values (%s, 'persona', 'persona', %s, %s)"
    )
    for legacy in ("12", "77"):
        admin.execute(joined, [ours["tenant"], legacy, ours["person"]])
    queued = admin.execute(
        "select legacy_data ->> 'name', supra_data ->> 'name' from sync_conflicts "
        "where conflict_type = 'unique_violation' and supra_id = %s and status = 'open'",
        [ours["person"]],
    ).fetchall()
    assert queued == [("Jose", "José García López")]


def test_a_side_that_was_deleted_has_no_data_but_one_side_has(admin: Connection, utilities: Utilities) -> None:
    admin.execute(CONFLICT, [utilities.ours["tenant"], "8", None, "{}"])
    admin.execute(CONFLICT, [utilities.ours["tenant"], "9", "{}", None])


def test_a_claim_has_an_owner_and_an_end_and_a_resolution_its_author(admin: Connection, utilities: Utilities) -> None:
    admin.execute(CONFLICT, [utilities.ours["tenant"], "7", "{}", "{}"])
    refuse(admin, psycopg.errors.CheckViolation, "update sync_conflicts set status = 'claimed'")
    refuse(admin, psycopg.errors.CheckViolation, "update sync_conflicts set status = 'resolved', resolution = 'merged'")


# ── Field work ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def bolt(admin: Connection, utilities: Utilities) -> Any:
    """An item of stock."""
    row = admin.execute(
        "insert into inventory_items (tenant_id, sku, name) values (%s, 'T-1', 'Tornillo') returning id",
        [utilities.ours["tenant"]],
    ).fetchone()
    assert row is not None
    return row[0]


MOVE = "insert into inventory_movements (tenant_id, item_id, movement_type, quantity) values (%s, %s, %s, %s)"


def test_stock_follows_the_movements(admin: Connection, utilities: Utilities, bolt: Any) -> None:
    for kind, quantity in (("entrada", 100), ("salida", -30), ("ajuste", -1)):
        admin.execute(MOVE, [utilities.ours["tenant"], bolt, kind, quantity])
    assert admin.execute("select stock from inventory_items where id = %s", [bolt]).fetchone() == (69,)


def test_who_books_a_movement_cannot_edit_the_item(sign_in: Callable[[str], Connection], utilities: Utilities) -> None:
    supervisor = sign_in(utilities.ours.user("supervisor"))
    row = supervisor.execute(
        "insert into inventory_items (tenant_id, sku, name) values (%s, 'T-2', 'Tuerca') returning id",
        [utilities.ours["tenant"]],
    ).fetchone()
    assert row is not None
    supervisor.execute("set local role supra_operator")
    supervisor.execute(MOVE, [utilities.ours["tenant"], row[0], "entrada", 5])
    assert supervisor.execute("select stock from inventory_items where sku = 'T-2'").fetchone() == (5,)
    refuse(supervisor, psycopg.errors.InsufficientPrivilege, "update inventory_items set stock = 1000")


def test_a_movement_is_never_changed(admin: Connection, utilities: Utilities, bolt: Any) -> None:
    admin.execute(MOVE, [utilities.ours["tenant"], bolt, "entrada", 100])
    refuse(admin, psycopg.errors.RestrictViolation, "update inventory_movements set quantity = 1")
    refuse(admin, psycopg.errors.RestrictViolation, "delete from inventory_movements")


def test_an_outgoing_quantity_is_negative(admin: Connection, utilities: Utilities, bolt: Any) -> None:
    refuse(admin, psycopg.errors.CheckViolation, MOVE, utilities.ours["tenant"], bolt, "salida", 5)


def test_an_order_is_of_a_type_its_tenant_knows(admin: Connection, utilities: Utilities) -> None:
    order = (
        "insert into work_orders (tenant_id, explotacion_id, order_number, order_type) values (%s, %s, 'O-1', 'corte')"
    )
    refuse(admin, psycopg.errors.ForeignKeyViolation, order, utilities.ours["tenant"], utilities.ours["north"])
    admin.execute(
        "insert into work_order_types (tenant_id, code, name) values (%s, 'corte', 'Corte')", [utilities.ours["tenant"]]
    )
    admin.execute(order, [utilities.ours["tenant"], utilities.ours["north"]])


def test_a_crew_has_one_foreman(admin: Connection, utilities: Utilities) -> None:
    ours = utilities.ours
    crew = admin.execute(
        "insert into crews (tenant_id, explotacion_id, code, name) values (%s, %s, 'C1', 'Uno') returning id",
        [ours["tenant"], ours["north"]],
    ).fetchone()
    assert crew is not None
    join = "insert into crew_members (tenant_id, crew_id, user_id, member_role) values (%s, %s, %s, 'jefe')"
    admin.execute(join, [ours["tenant"], crew[0], ours["operator"]])
    refuse(admin, psycopg.errors.UniqueViolation, join, ours["tenant"], crew[0], ours["supervisor"])


def test_fraud_cases_within_the_radius_in_metres_make_a_cluster(
    sign_in: Callable[[str], Connection], utilities: Utilities
) -> None:
    ours = utilities.ours
    clerk = sign_in(ours.user("operator"))
    # Three within 150 m of each other, one 400 m to the east, which 0.001 degrees would have missed as well as
    # taken in, depending on the direction.
    for number, (latitude, longitude) in enumerate(
        [(20.58800, -100.38990), (20.58890, -100.38990), (20.58800, -100.38880), (20.58800, -100.38500)]
    ):
        address = clerk.execute(
            "insert into addresses (tenant_id, street, latitude, longitude) values (%s, 'Calle', %s, %s) returning id",
            [ours["tenant"], latitude, longitude],
        ).fetchone()
        assert address is not None
        clerk.execute(
            "insert into fraud_cases "
            "(tenant_id, case_number, explotacion_id, address_id, fraud_type, detection_source) "
            "values (%s, %s, %s, %s, 'toma_clandestina', 'denuncia')",
            [ours["tenant"], f"F{number}", ours["north"], address[0]],
        )
    clusters = clerk.execute(load("fraud_clusters"), {"radius_m": 150, "min_cases": 3}).fetchall()
    assert [(row[0], row[2], row[8]) for row in clusters] == [
        (0, "F0", 3),
        (0, "F1", 3),
        (0, "F2", 3),
        (None, "F3", None),
    ]


# ── Compliance and system ─────────────────────────────────────────────────────────────────


def test_an_arco_request_is_granted_to_nobody_who_has_not_shown_who_they_are(
    admin: Connection, utilities: Utilities
) -> None:
    admin.execute(
        "insert into arco_requests (tenant_id, folio, requester_name, request_type, description, due_on) "
        "values (%s, 'A-1', 'Ana', 'acceso', 'Mis datos', current_date + 28)",
        [utilities.ours["tenant"]],
    )
    granted = "update arco_requests set status = 'procedente', answered_at = now()"
    refuse(admin, psycopg.errors.CheckViolation, granted)
    admin.execute(granted + ", identity_verified = true")


@pytest.mark.parametrize("url", ["http://example.mx/hook", "https://", "ftp://example.mx"])
def test_a_webhook_goes_out_encrypted(admin: Connection, utilities: Utilities, url: str) -> None:
    refuse(
        admin,
        psycopg.errors.CheckViolation,
        "insert into webhooks (tenant_id, name, url, secret_ref) values (%s, 'erp', %s, 'erp')",
        utilities.ours["tenant"],
        url,
    )
