"""A connection whose tables have every JSONB column of the schema with its real checks, and nothing else to fill."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from supra_console import jsonb
from tests.conftest import drop_database

Columns = set[tuple[str, str]]

CATALOGUE = """
select c.oid::regclass::text as source, c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid)
from pg_attribute as a
join pg_class as c on c.oid = a.attrelid
left join pg_attrdef as d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
where a.atttypid = 'jsonb'::regtype and not a.attisdropped
    and c.relkind in ('r', 'p') and not c.relispartition
    and c.relnamespace in ('public'::regnamespace, 'timeseries'::regnamespace)
"""


@dataclass(frozen=True)
class Store:
    """Where documents are put and taken out again."""

    connection: psycopg.Connection
    columns: Columns = field(repr=False)
    defaults: dict[tuple[str, str], object] = field(repr=False)

    def keep(self, table: str, column: str, value: object) -> object:
        """A value as it comes back from the column, past the checks the schema puts on it."""
        names = sql.Identifier(f"probe_{table}"), sql.Identifier(column), sql.Identifier(column)
        statement = sql.SQL("insert into pg_temp.{} ({}) values (%s) returning {}").format(*names)
        row = self.connection.execute(statement, [Jsonb(value)]).fetchone()
        assert row is not None
        return row[0]

    def pass_through(self, value: object) -> object:
        """A value as it comes back from being a jsonb parameter."""
        row = self.connection.execute("select %s::jsonb", [Jsonb(value)]).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture(scope="module")
def store(server: str, schema_template: str) -> Iterator[Store]:
    name = f"supra_test_documents_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(schema_template))
        )
    with psycopg.connect(make_conninfo(server, dbname=name), autocommit=True) as connection:
        jsonb.register(connection)
        found = connection.execute(CATALOGUE).fetchall()
        for source, table in {(source, table) for source, table, _, _ in found}:
            probe(connection, source, table)
        defaults = {
            (table, column): connection.execute(f"select {default}").fetchall()[0][0]
            for _, table, column, default in found
            if default
        }
        yield Store(connection, {(table, column) for _, table, column, _ in found}, defaults)
    drop_database(server, name)


def probe(connection: psycopg.Connection, source: str, table: str) -> None:
    """A temporary table with a table's columns and checks, in which one column may stand alone."""
    probe = sql.Identifier(f"probe_{table}")
    connection.execute(
        sql.SQL("create temporary table {} (like {} including constraints)").format(probe, sql.SQL(source))
    )
    required = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attnotnull",
        [f"pg_temp.probe_{table}"],
    )
    for (column,) in required.fetchall():
        connection.execute(sql.SQL("alter table {} alter {} drop not null").format(probe, sql.Identifier(column)))
