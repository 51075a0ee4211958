"""What the seed data and the demo generator write in plain SQL are documents like any other."""

from __future__ import annotations

from typing import Protocol

import psycopg
from psycopg import sql

from supra_console import jsonb
from supra_console.documents import DocumentError, parse

from .conftest import CATALOGUE


class Database(Protocol):
    @property
    def admin(self) -> str: ...


def test_every_document_of_the_demo_utility_is_one(shared_database: Database) -> None:
    wrong: list[str] = []
    with psycopg.connect(shared_database.admin) as connection:
        jsonb.register(connection)
        for source, table, column, _ in connection.execute(CATALOGUE).fetchall():
            name = sql.Identifier(column)
            stored = sql.SQL("select {} from {} where {} is not null").format(name, sql.SQL(source), name)
            for (value,) in connection.execute(stored):
                try:
                    parse(table, column, value)
                except DocumentError as error:
                    wrong.append(f"{table}.{column}: {error}")
                    break
    assert wrong == []
