"""Utilities whose accounts a test makes one by one, to be searched by somebody who signs in.

`searchable()` makes a database out of the schema's template with two utilities in it and one operator of each.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.conftest import drop_database

Connection = psycopg.Connection[tuple[object, ...]]

_numbers = count(1)


@dataclass(frozen=True)
class Account:
    """The rows that make one account."""

    contract: UUID
    person: UUID
    address: UUID
    toma: UUID
    meter: UUID


@dataclass(frozen=True)
class Utility:
    """A tenant, the login role of its operator, and how to fill it; every row is committed."""

    admin: str
    operator: str
    password: str
    tenant: UUID = field(default_factory=uuid4)
    explotacion: UUID = field(default_factory=uuid4)

    def sign_in(self) -> str:
        return make_conninfo(self.admin, user=self.operator, password=self.password)

    def found(self) -> None:
        """Make the tenant and its operator's row of users."""
        with psycopg.connect(self.admin) as admin:
            admin.execute(
                "insert into tenants (id, slug, name) values (%s, %s, %s)",
                [self.tenant, self.operator.replace("_", "-"), self.operator],
            )
            admin.execute(
                "insert into users (tenant_id, email, name, role, db_role) values (%s, %s, %s, 'operador', %s)",
                [self.tenant, f"{self.operator}@example.mx", self.operator, self.operator],
            )
            admin.execute(
                "insert into explotaciones (id, tenant_id, code, name, municipality) values (%s, %s, '01', 'N', 'Q')",
                [self.explotacion, self.tenant],
            )

    def account(
        self,
        holder: str,
        address: tuple[str, str, str] = ("Calle sin nombre", "1", "Sin colonia"),
        *,
        number: str | None = None,
        toma_number: str | None = None,
        serial: str | None = None,
        status: str = "activo",
        municipality: str = "Corregidora",
        **person: str | None,
    ) -> Account:
        """Add an account.

        Args:
            holder: the person's name.
            address: street, exterior number and colonia of the toma.
            person: further columns of persons, e.g. phone.
        """
        serial_number = next(_numbers)
        made = Account(uuid4(), uuid4(), uuid4(), uuid4(), uuid4())
        with psycopg.connect(self.admin) as admin:
            admin.execute(
                "insert into persons (id, tenant_id, person_type, name) values (%s, %s, 'fisica', %s)",
                [made.person, self.tenant, holder],
            )
            for column, value in person.items():
                admin.execute(
                    sql.SQL("update persons set {} = %s where id = %s").format(sql.Identifier(column)),
                    [value, made.person],
                )
            admin.execute(
                "insert into addresses (id, tenant_id, street, exterior_number, colonia, municipality, zip_code)"
                " values (%s, %s, %s, %s, %s, %s, '76900')",
                [made.address, self.tenant, *address, municipality],
            )
            admin.execute(
                "insert into tomas (id, tenant_id, explotacion_id, address_id, toma_number, toma_type)"
                " values (%s, %s, %s, %s, %s, 'domestica')",
                [made.toma, self.tenant, self.explotacion, made.address, toma_number or f"TOM-{serial_number:05d}"],
            )
            admin.execute(
                "insert into meters (id, tenant_id, toma_id, serial_number) values (%s, %s, %s, %s)",
                [made.meter, self.tenant, made.toma, serial or f"MED{serial_number:05d}"],
            )
            self._contract(admin, made, number or f"CTR-{serial_number:05d}", status)
        return made

    def contract(self, account: Account, number: str, *, status: str = "activo") -> UUID:
        """Another contract of the same person for the same toma."""
        other = Account(uuid4(), account.person, account.address, account.toma, account.meter)
        with psycopg.connect(self.admin) as admin:
            self._contract(admin, other, number, status)
        return other.contract

    def _contract(self, admin: Connection, account: Account, number: str, status: str) -> None:
        admin.execute(
            "insert into contracts (id, tenant_id, explotacion_id, contract_number, person_id, toma_id, status,"
            " start_date, tariff_category) values (%s, %s, %s, %s, %s, %s, %s, '2020-01-01', 'domestica')",
            [account.contract, self.tenant, self.explotacion, number, account.person, account.toma, status],
        )

    def invoice(self, account: Account, number: str, serie: str | None = None, reference: str | None = None) -> UUID:
        """A bill of the account."""
        invoice = uuid4()
        with psycopg.connect(self.admin) as admin:
            admin.execute(
                "insert into invoices (id, tenant_id, contract_id, person_id, toma_id, explotacion_id, serie,"
                " invoice_number, payment_reference, invoice_type, origin, period_start, period_end, billing_date,"
                " due_date, total, status) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'periodica', 'lectura',"
                " %s::date, %s::date + 27, '2026-02-01', '2999-12-31', 100, 'pendiente')",
                [
                    invoice,
                    self.tenant,
                    account.contract,
                    account.person,
                    account.toma,
                    self.explotacion,
                    serie,
                    number,
                    reference,
                    day := f"2020-01-{next(_numbers) % 28 + 1:02d}",
                    day,
                ],
            )
        return invoice

    def run(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """Do something as an administrator, and commit it."""
        with psycopg.connect(self.admin) as admin:
            cursor = admin.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class Utilities:
    """Ours, where the test signs in, and the neighbour's, of which nothing may be seen."""

    ours: Utility
    theirs: Utility


@contextmanager
def searchable(server: str, schema_template: str) -> Iterator[Utilities]:
    """Two empty utilities in a database of their own; it and the login roles are gone afterwards."""
    suffix, password = secrets.token_hex(4), secrets.token_hex(8)
    name = f"supra_test_search_{suffix}"
    admin = make_conninfo(server, dbname=name)
    made = Utilities(*(Utility(admin, f"test_{whose}_{suffix}", password) for whose in ("ours", "theirs")))
    operators = [made.ours.operator, made.theirs.operator]
    with psycopg.connect(server, autocommit=True) as cluster:
        cluster.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(schema_template))
        )
        for operator in operators:
            cluster.execute(
                sql.SQL("create role {} login password {} in role supra_operator").format(
                    sql.Identifier(operator), sql.Literal(password)
                )
            )
    try:
        made.ours.found()
        made.theirs.found()
        yield made
    finally:
        drop_database(server, name)
        with psycopg.connect(server, autocommit=True) as cluster:
            for operator in operators:
                cluster.execute(sql.SQL("drop role {}").format(sql.Identifier(operator)))
