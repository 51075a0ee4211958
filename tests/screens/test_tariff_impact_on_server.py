"""The impact of a draft on a real server: worked out, kept, opened again as kept, and stopped for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from textual.pilot import Pilot

from queries import tariffs
from screens.session import Link, Session, SignIn
from screens.session import State as Connection
from screens.tariffs.impact import ImpactScreen
from supra_console.database import Database
from supra_console.profiles import Profile
from supra_console.tariffs.register import TariffRow
from tests.conftest import TestDatabase
from tests.queries.desk import signed_in
from tests.queries.test_tariff_impact import busy, held, the_draft, until
from tests.screens.driving import text_of
from tests.screens.quiet import settle
from tests.screens.signed_in import application

SMALL = (80, 24)


@asynccontextmanager
async def showing(
    database: TestDatabase, draft: TariffRow, role: str = "demo_supervisor"
) -> AsyncIterator[tuple[Pilot[Any], Database]]:
    parameters = {name: str(value) for name, value in conninfo_to_dict(database.sign_in(role)).items() if value}
    profile = Profile("test", parameters)
    session = Session()
    identity = await session.sign_in(SignIn(profile, role))
    app = application(session)
    app.link = Link(Connection.SIGNED_IN, profile, identity)
    async with app.run_test(size=SMALL) as pilot:
        await app.push_screen(ImpactScreen(session, (draft,)))
        await pilot.pause()
        yield pilot, await session.database()
    await session.sign_out()


async def settled(pilot: Pilot[Any]) -> str:
    """What stands there when everything that was begun has ended."""
    await settle(pilot, "impact", "keep")
    return text_of(pilot)


async def test_it_is_worked_out_kept_and_opened_as_it_was_kept(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
    async with showing(database, draft) as (pilot, db):
        seen = await settled(pilot)
        assert "√ Kept" in seen
        assert "▲" in seen
        row = await tariffs.tariff(db, draft.id)
        assert row is not None
        assert row.impact_fits
    async with showing(database, draft, "demo_clerk") as (pilot, db):
        assert "of exactly this content" in await settled(pilot)


async def test_escape_stops_it_on_the_server(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        draft = await the_draft(db)
    async with held(database, "addresses"), showing(database, draft) as (pilot, db):
        await until(lambda: any("impact_hit" in query for (query,) in busy(database)))
        await pilot.pause()
        assert "All 12 months read" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        await until(lambda: not busy(database))
        await settled(pilot)
        assert "! Stopped after 12 of 12 months" in text_of(pilot)
        row = await asyncio.wait_for(tariffs.tariff(db, draft.id), 30)
        assert row is not None
        assert row.impact_hash is None
