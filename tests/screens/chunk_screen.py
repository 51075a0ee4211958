"""The time series on the screen, from memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from screens.app import SupraApp
from screens.chunks.picture import Picture
from screens.chunks.screen import ChunksScreen
from screens.widgets.line_table import Cell
from screens.widgets.listing import Listing
from supra_console.errors import SupraError
from supra_console.identity import GROUPS, Identity
from supra_console.timeseries import Snapshot
from tests.screens.quiet import settle
from tests.screens.signed_in import IDENTITY, Signed
from tests.screens.signed_in import application as signed_in
from tests.screens.timeseries_sample import (
    JUDGEMENT,
    READINGS,
    CannedSeries,
    snapshot,
)

SMALL, LARGE = (80, 24), (120, 40)
DBA = replace(IDENTITY, login="demo_dba", groups=GROUPS)


def application(identity: Identity = DBA) -> SupraApp:
    return signed_in(Signed(identity))


GROUPS_OF_WORKERS = ("chunks", "details", "advise")


async def settled(pilot: Pilot[Any], *groups: str) -> None:
    """Wait for what is asked, and for what was posted."""
    await settle(pilot, *(groups or GROUPS_OF_WORKERS))


async def opened(pilot: Pilot[Any], screen: ChunksScreen) -> None:
    await pilot.app.push_screen(screen)
    await settled(pilot)


@asynccontextmanager
async def showing(
    *answers: Snapshot | SupraError,
    size: tuple[int, int] = SMALL,
    identity: Identity = DBA,
    series: CannedSeries | None = None,
    every: float | None = None,
) -> AsyncIterator[tuple[Pilot[Any], CannedSeries]]:
    """The screen on time series from memory."""
    canned = series or CannedSeries(*answers)
    app = application(identity)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, ChunksScreen(app.session, canned.queries(), every=every))
        yield pilot, canned


def chunks_screen(pilot: Pilot[Any]) -> ChunksScreen:
    screen = next(one for one in pilot.app.screen_stack if isinstance(one, ChunksScreen))
    assert isinstance(screen, ChunksScreen)
    return screen


def note(pilot: Pilot[Any]) -> str:
    return str(chunks_screen(pilot).query_one("#note", Static).visual)


def picture(answer: Snapshot | None = None, **changes: Any) -> Picture:
    values: dict[str, Any] = {"snapshot": answer or snapshot(), "judgement": JUDGEMENT, "chosen": READINGS}
    return Picture(**values | changes)


def table_of(made: Listing) -> list[list[str]]:
    """The cells as text, row by row."""
    return [
        [str(value.value) if isinstance(value, Cell) else str(value) for value in made.cells(row)] for row in made.rows
    ]
