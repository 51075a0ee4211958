"""The time series of a real TimescaleDB server, from the overview to a chunk that is compressed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from screens.chunks.screen import ChunksScreen
from screens.session import Link, Session, SignIn, State
from screens.widgets.dialogs import ConfirmDialog, TextDialog
from supra_console.profiles import Profile
from supra_console.timeseries import State as Chunks
from tests.screens.chunk_screen import opened, settled
from tests.screens.driving import pressed, text_of
from tests.screens.signed_in import application
from tests.timescale import TimeseriesDatabase


@asynccontextmanager
async def signed_in(profile: Profile) -> AsyncIterator[tuple[Pilot[Any], ChunksScreen]]:
    """The console on the chunks, asking only when it is told to; a DBA's choice of a utility is not its matter."""
    session = Session()
    identity = await session.sign_in(SignIn(profile, profile.user))
    app = application(session)
    app.link = Link(State.SIGNED_IN, profile, identity)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = ChunksScreen(session, every=None)
        await opened(pilot, screen)
        yield pilot, screen
    await session.sign_out()


async def test_a_dba_sees_compresses_and_measures(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.sign_in("demo_dba") as profile:
        async with signed_in(profile) as (pilot, screen):
            assert screen.picture is not None
            assert "meter_readings" in text_of(pilot)
            for place in "123456":
                await pressed(pilot, place)
            names = [table.name for table in screen.picture.snapshot.hypertables]
            await pressed(pilot, "1", "home", *["down"] * names.index("meter_readings"), "2", "enter")
            await settled(pilot)
            assert isinstance(pilot.app.screen, TextDialog)
            await pressed(pilot, "escape")

            late = [chunk for chunk in screen.picture.chunks if screen.picture.snapshot.state(chunk) is Chunks.OVERDUE]
            assert late
            await pressed(pilot, "o", "c")
            assert isinstance(pilot.app.screen, ConfirmDialog)
            await pressed(pilot, "down", "enter")
            await settled(pilot, "run")
            assert f"{len(late)} of {len(late)}" in text_of(pilot)
            await pressed(pilot, "escape")
            await settled(pilot)
            states = {chunk.id: screen.picture.snapshot.state(chunk) for chunk in screen.picture.snapshot.chunks}
            assert {states[chunk.id] for chunk in late} == {Chunks.COMPRESSED}

            await pressed(pilot, "6", "enter")
            await settled(pilot)
            assert screen.picture.trying is not None
            assert screen.picture.trying.advice is not None, text_of(pilot)
            assert "★" in text_of(pilot)


async def test_an_operator_looks(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.sign_in("demo_operator") as profile:
        async with signed_in(profile) as (pilot, screen):
            assert "only supra_dba may change it" in text_of(pilot)
            await pressed(pilot, "2", "o", "c")
            assert screen.on_top
