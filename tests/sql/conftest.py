"""Two small utilities in one database, and people of each to sign in as.

``utilities`` is made once per module and committed; a test works in transactions that are rolled back.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID, uuid5

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.conftest import drop_database
from tests.timescale import running

Connection = psycopg.Connection[tuple[object, ...]]

NAMESPACE = UUID("5e0f6f7e-58a5-4c0c-8d1e-6b6f0f5f7a10")
BLOCKS = """[
    {"from_m3": 0,  "to_m3": 10,   "price_per_m3": 5.50,  "fixed_charge": 45.00},
    {"from_m3": 10, "to_m3": 20,   "price_per_m3": 8.75,  "fixed_charge": 0},
    {"from_m3": 20, "to_m3": 40,   "price_per_m3": 15.30, "fixed_charge": 0},
    {"from_m3": 40, "to_m3": null, "price_per_m3": 25.00, "fixed_charge": 0}
]"""

UTILITY = """
insert into tenants (id, slug, name) values (%(tenant)s, %(slug)s, %(slug)s);
insert into explotaciones (id, tenant_id, code, name, municipality)
values (%(north)s, %(tenant)s, '01', 'Norte', 'Querétaro'), (%(south)s, %(tenant)s, '02', 'Sur', 'Corregidora');
insert into persons (id, tenant_id, person_type, rfc, name, phone)
values (%(person)s, %(tenant)s, 'fisica', 'GALJ800101AB1', 'José García López', '4421234567');
insert into addresses (id, tenant_id, explotacion_id, street, exterior_number, colonia, zip_code, latitude, longitude)
values (%(address)s, %(tenant)s, %(north)s, 'Av. Universidad', '120', 'Juriquilla', '76230', 20.7117000, -100.4458000);
insert into sectores_hidraulicos (id, tenant_id, explotacion_id, code, name)
values (%(sector)s, %(tenant)s, %(north)s, 'S1', 'Sector 1');
insert into acometidas (id, tenant_id, sector_id, address_id, code)
values (%(acometida)s, %(tenant)s, %(sector)s, %(address)s, 'A1');
insert into tomas (id, tenant_id, explotacion_id, acometida_id, address_id, toma_number, toma_type)
values (%(toma)s, %(tenant)s, %(north)s, %(acometida)s, %(address)s, 'T1', 'domestica');
insert into meters (id, tenant_id, toma_id, serial_number) values (%(meter)s, %(tenant)s, %(toma)s, 'M1');
update tomas set meter_id = %(meter)s where id = %(toma)s;
insert into contracts
    (id, tenant_id, explotacion_id, contract_number, person_id, toma_id, start_date, tariff_category)
values (%(contract)s, %(tenant)s, %(north)s, 'C1', %(person)s, %(toma)s, '2024-01-01', 'domestica');
insert into tariff_schedules
    (id, tenant_id, explotacion_id, name, category, effective_from, effective_until, billing_period, blocks)
values (
    %(tariff)s, %(tenant)s, %(north)s, 'Doméstica', 'domestica', '2026-01-01', '2027-01-01', 'mensual', %(blocks)s
);
insert into invoices (
    id, tenant_id, contract_id, person_id, toma_id, explotacion_id, serie, invoice_number, invoice_type, origin,
    period_start, period_end, billing_date, due_date, subtotal, total, status
) values (
    %(invoice)s, %(tenant)s, %(contract)s, %(person)s, %(toma)s, %(north)s, 'A', '1', 'periodica', 'lectura',
    '2026-01-01', '2026-01-31', '2026-02-01', '2999-12-31', 100, 100, 'pendiente'
);
insert into timeseries.meter_readings
    (id, tenant_id, meter_id, toma_id, contract_id, reading_value, consumption, reading_date, source)
values (%(reading)s, %(tenant)s, %(meter)s, %(toma)s, %(contract)s, 10, 10, '2026-01-15 12:00-06', 'manual_field');
"""


@dataclass(frozen=True)
class Utility:
    """A tenant with one account; rows go by the names of the statement above."""

    slug: str
    suffix: str

    def __getitem__(self, name: str) -> UUID:
        return uuid5(NAMESPACE, f"{self.slug}/{name}")

    def user(self, group: str) -> str:
        """The login role of this utility's member of a group, e.g. ``operator``."""
        return f"test_{self.slug}_{group}_{self.suffix}"


@dataclass(frozen=True)
class Utilities:
    """The database, its two utilities, and how to sign in."""

    admin: str
    ours: Utility
    theirs: Utility
    password: str

    def sign_in(self, role: str) -> str:
        return make_conninfo(self.admin, user=role, password=self.password)


GROUPS = ("readonly", "operator", "supervisor", "dba")


def fill(admin: Connection, utility: Utility) -> None:
    """Commit one utility's rows, a user row for each group, and one user who is switched off."""
    names = ("tenant", "north", "south", "person", "address", "sector", "acometida", "toma", "meter", "contract")
    values: dict[str, object] = {name: utility[name] for name in (*names, "tariff", "invoice", "reading")}
    values |= {"slug": utility.slug, "blocks": BLOCKS}
    for statement in UTILITY.split(";\n"):
        if statement.strip():
            admin.execute(statement, values)
    for group in (*GROUPS, "disabled"):
        admin.execute(
            "insert into users (id, tenant_id, email, name, role, db_role, active) "
            "values (%s, %s, %s, %s, 'operador', %s, %s)",
            [
                utility[group],
                utility["tenant"],
                f"{group}@example.mx",
                group,
                utility.user(group),
                group != "disabled",
            ],
        )


@pytest.fixture(scope="module")
def utilities(server: str, schema_template: str) -> Iterator[Utilities]:
    """A database with two utilities; login roles live as long as it does."""
    suffix = secrets.token_hex(4)
    name = f"supra_test_utilities_{suffix}"
    made = Utilities(
        make_conninfo(server, dbname=name), Utility("ours", suffix), Utility("theirs", suffix), secrets.token_hex(8)
    )
    logins = {
        utility.user(group): f"supra_{'operator' if group == 'disabled' else group}"
        for utility in (made.ours, made.theirs)
        for group in (*GROUPS, "disabled")
    }
    logins |= {f"test_app_{suffix}": "supra_app", f"test_stranger_{suffix}": "supra_operator"}
    with psycopg.connect(server, autocommit=True) as cluster:
        cluster.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(schema_template))
        )
        for login, group in logins.items():
            cluster.execute(
                sql.SQL("create role {} login password {} in role {}").format(
                    sql.Identifier(login), sql.Literal(made.password), sql.Identifier(group)
                )
            )
    with psycopg.connect(made.admin) as admin:
        fill(admin, made.ours)
        fill(admin, made.theirs)
    yield made
    drop_database(server, name)
    with psycopg.connect(server, autocommit=True) as cluster:
        for login in logins:
            cluster.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


@pytest.fixture
def sign_in(utilities: Utilities) -> Iterator[Callable[[str], Connection]]:
    """Open a connection as a role; nothing done in it stays."""
    with ExitStack() as open_connections:

        def connect(role: str) -> Connection:
            connection = psycopg.connect(utilities.sign_in(role))
            open_connections.callback(connection.close)
            return connection

        yield connect


@pytest.fixture
def admin(utilities: Utilities) -> Iterator[Connection]:
    """The administrator's connection; nothing done in it stays."""
    connection = psycopg.connect(utilities.admin)
    yield connection
    connection.rollback()
    connection.close()


@pytest.fixture
def app_role(utilities: Utilities) -> str:
    return f"test_app_{utilities.ours.suffix}"


@pytest.fixture
def stranger(utilities: Utilities) -> str:
    """A member of supra_operator whom no users row names."""
    return f"test_stranger_{utilities.ours.suffix}"


@pytest.fixture(scope="module")
def timescale() -> Iterator[str]:
    """TimescaleDB Community in WebAssembly, empty: its rules are in `tests/timescale.py`."""
    with running() as dsn:
        yield dsn
