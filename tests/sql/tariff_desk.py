"""Everybody of a utility at work on its tariffs, for all tests of what the database lets them do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from supra_console import jsonb
from tests.sql.conftest import BLOCKS, Connection, Utility

STEPS = {
    "submit_tariff": "supra.submit_tariff(%s, %s)",
    "return_tariff": "supra.return_tariff(%s, %s, 'the second block')",
    "approve_tariff": "supra.approve_tariff(%s, %s, null, 'Consejo Directivo')",
    "activate_tariff": "supra.activate_tariff(%s, %s, 'La Sombra de Arteaga 12')",
    "withdraw_tariff": "supra.withdraw_tariff(%s, %s, 'not published in time')",
}


KEEP = """
    select supra.keep_impact_report(t.id, h.hash, jsonb_build_object(
        'tariff_id', t.id, 'content_hash', h.hash, 'name', t.name, 'category', t.category,
        'billing_period', t.billing_period, 'begins', '2026-01-01', 'ends', '2027-01-01', 'months', 12,
        'made_at', now(), 'figures', '{}'::jsonb
    ) - %s::text[] || %s::jsonb)
    from tariff_schedules as t
    cross join lateral (select supra.tariff_content_hash(t) as hash) as h
    where t.id = %s
"""
"""Keeps a report of the present content, without these keys and with those values."""


class Desk:
    """Everybody of a utility, one after the other, on one connection."""

    def __init__(self, connection: Connection, utility: Utility) -> None:
        self.connection = connection
        self.utility = utility
        self.today: date = self.one("select supra.today()")
        self.who = ""

    def by(self, group: str) -> Desk:
        """From here on a member of that group works, or the administrator."""
        self.connection.execute("reset session authorization")
        if group != "admin":
            name = sql.Identifier(self.utility.user(group))
            self.connection.execute(sql.SQL("set local session authorization {}").format(name))
        self.who = group
        return self

    def one(self, statement: str, *given: object) -> Any:
        row = self.connection.execute(statement, given or None).fetchone()
        assert row is not None
        return row[0]

    def do(self, statement: str, *given: object) -> int:
        return self.connection.execute(statement, given or None).rowcount

    def draft(self, **columns: object) -> UUID:
        """A draft by who is at work, from 40 days on, of the series that has a tariff until 2027."""
        values: dict[str, object] = {
            "tenant_id": self.utility["tenant"], "explotacion_id": self.utility["north"], "name": "Nueva",
            "category": "comercial", "effective_from": self.today + timedelta(days=40), "billing_period": "mensual",
            "blocks": BLOCKS,
        } | columns  # fmt: skip
        made: UUID = self.one(
            f"insert into tariff_schedules ({', '.join(values)}) values ({', '.join(['%s'] * len(values))}) "
            "returning id",
            *values.values(),
        )
        return made

    def version(self, tariff: UUID) -> int:
        return int(self.one("select version from tariff_schedules where id = %s", tariff))

    def step(self, name: str, tariff: UUID) -> int:
        return int(self.one(f"select {STEPS[name]}", tariff, self.version(tariff)))

    def hash(self, tariff: UUID) -> str:
        return str(self.one("select supra.tariff_content_hash(t) from tariff_schedules as t where id = %s", tariff))

    def report(self, tariff: UUID, *without: str, **values: object) -> UUID:
        made: UUID = self.one(KEEP, list(without), jsonb.dumps(values), tariff)
        return made

    def approved(self, **columns: object) -> UUID:
        """A tariff one drafted and another approved, with its impact report."""
        made = self.by("supervisor").draft(**columns)
        self.step("submit_tariff", made)
        self.by("dba").step("approve_tariff", made)
        self.report(made)
        return made

    def active(self, **columns: object) -> UUID:
        made = self.approved(**columns)
        self.step("activate_tariff", made)
        return made

    def row(self, tariff: UUID, *columns: str) -> tuple[object, ...]:
        found = self.connection.execute(
            f"select {', '.join(columns)} from tariff_schedules where id = %s", [tariff]
        ).fetchone()
        assert found is not None
        return found

    def events(self, tariff: UUID) -> list[str]:
        found = self.connection.execute(
            "select event_type from domain_events where aggregate_type = 'tariff' and aggregate_id = %s "
            "order by created_at",
            [tariff],
        )
        return [str(row[0]).removeprefix("tariff.") for row in found.fetchall()]

    @contextmanager
    def refused(self, sqlstate: str, constraint: str | None = None) -> Iterator[None]:
        """What is done here is refused with this code, and leaves nothing."""
        with pytest.raises(psycopg.Error) as refusal, self.connection.transaction():
            yield
        assert (refusal.value.sqlstate, refusal.value.diag.constraint_name) == (sqlstate, constraint)
