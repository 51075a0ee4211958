"""Impact behind PgBouncer in transaction mode: the same figures, and nothing left for whoever has the line next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from queries import tariff_impact
from supra_console.tariffs.impact import ImpactReport, Progress
from tests.conftest import TestDatabase
from tests.queries.desk import as_admin, signed_in
from tests.queries.test_tariff_impact import package, told

# What PgBouncer keeps apart for each client by itself.
FOLLOWED = {"application_name", "client_encoding", "DateStyle", "TimeZone", "standard_conforming_strings"}
LINES = "select pid from pg_stat_activity where usename = 'demo_supervisor' and datname = current_database()"


@pytest.fixture
def pooled(database: TestDatabase, pooler: str) -> TestDatabase:
    """The same database through PgBouncer."""
    target = conninfo_to_dict(pooler)
    return TestDatabase(make_conninfo(database.admin, host=target["host"], port=target["port"]))


def next_clients(database: TestDatabase, pooled: TestDatabase) -> Iterator[psycopg.Connection[Any]]:
    """Other clients of the same user, one on each line that PgBouncer has to the server, all at once."""
    lines = {row[0] for row in as_admin(database, LINES)}
    assert lines
    with ExitStack() as clients:
        met = set()
        for _ in lines:
            client = clients.enter_context(psycopg.connect(pooled.sign_in("demo_supervisor")))
            met |= set(client.execute("select pg_backend_pid()").fetchone() or ())
            yield client
        while not {row[0] for row in as_admin(database, LINES)} <= met:
            pass  # a line that was cut with its client takes a moment to go


def left_behind(client: psycopg.Connection[Any]) -> list[tuple[object, ...]]:
    """Settings, temporary tables, statements, cursors and locks that this client did not make."""
    return client.execute(
        """
        select 'setting', name from pg_settings where source = 'session' and name <> all (%s)
        union all
        select 'temporary', relname from pg_class where relnamespace = pg_my_temp_schema()
        union all
        select 'statement', name from pg_prepared_statements
        union all
        select 'cursor', name from pg_cursors where name <> ''
        union all
        select 'lock', locktype from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'
        """,
        [list(FOLLOWED)],
    ).fetchall()


def figures(report: ImpactReport) -> list[object]:
    """All a report says but when it was made."""
    return [part.model_dump(exclude={"made_at"}) for part in report.parts]


async def test_it_is_the_same_as_without(database: TestDatabase, pooled: TestDatabase) -> None:
    async with signed_in(database) as direct:
        drafts = [row.id for row in await package(direct)][:2]
        expected = await tariff_impact.impact(direct, drafts, progress=told)
    async with signed_in(pooled) as db:
        found = await tariff_impact.impact(db, drafts, progress=told)
        await tariff_impact.keep(db, found)
        kept = await tariff_impact.kept(db, drafts[0])
    assert figures(found) == figures(expected)
    assert kept is not None
    assert kept.fits
    for client in next_clients(database, pooled):
        assert left_behind(client) == []


async def test_two_at_once_and_one_that_is_stopped_leave_nothing(database: TestDatabase, pooled: TestDatabase) -> None:
    async with (
        signed_in(pooled) as db,
        signed_in(pooled) as another,
    ):
        drafts = [row.id for row in await package(db)][:2]
        begun = asyncio.Event()

        def told_once(_progress: Progress) -> None:
            begun.set()

        stopped = asyncio.create_task(tariff_impact.impact(db, drafts, progress=told_once))
        await begun.wait()
        beside = asyncio.create_task(tariff_impact.impact(another, drafts, progress=told))
        stopped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopped
        assert figures(await beside) == figures(await tariff_impact.impact(db, drafts, progress=told))
    for client in next_clients(database, pooled):
        assert left_behind(client) == []
