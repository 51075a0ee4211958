"""When has the console done all that it was asked?

Textual's pilot takes a process that uses little of the processor for one that has nothing left to do. On a busy
machine that is so after every turn of the event loop: a key comes before what the one before it brought. Here a pause
ends when nothing is left to run: no callback is ready, and nothing waits for the next drawing, nor for the terminal's
next size. What a thread, a server or another timer brings later is waited for by name: workers by `settle`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual import app as textual_app
from textual import pilot as textual_pilot
from textual._context import active_app
from textual.pilot import Pilot
from textual.worker import Worker, WorkerCancelled

PATIENCE = 60.0  # seconds; who is not done by then goes round in circles


def advanced(console: Any) -> bool:
    """Do at once what Textual puts off by a hundredth of a second; whether there was anything."""
    if console is None or not console._screen_stack:
        return False
    screen = console.screen
    if console._resize_timer is not None:
        console._check_resize()
    elif screen._update_timer._active.is_set() or screen._callbacks:
        screen._on_timer_update()
    else:
        return False
    return True


async def until_quiet(_least: float = 0.0, _most: float = 0.0) -> None:
    """Wait until the event loop would do nothing but wait."""
    loop: Any = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while loop.time() < deadline:
        await asyncio.sleep(0)
        if not loop._ready and not advanced(active_app.get(None)):
            return
    raise TimeoutError("the console never comes to rest")


def install() -> None:
    """Have every pilot wait like this."""
    for module in (textual_pilot, textual_app):
        module.wait_for_idle = until_quiet  # type: ignore[attr-defined]


def running(pilot: Pilot[Any], *groups: str) -> list[Worker[Any]]:
    """The workers of these groups that have not ended."""
    return [one for one in pilot.app.workers if one.group in groups and not one.is_finished]


async def settle(pilot: Pilot[Any], *groups: str) -> None:
    """Wait until no worker of these groups runs, and all that they left is done; what was cancelled may be so."""
    await pilot.pause()
    while left := running(pilot, *groups):
        for worker in left:
            with suppress(WorkerCancelled):
                await worker.wait()
        await pilot.pause()


async def until(pilot: Pilot[Any], there: Callable[[], object]) -> None:
    """Wait for what a server, a thread or a timer of the product brings."""
    async with asyncio.timeout(PATIENCE):
        while not there():
            await pilot.pause(0.01)
    await pilot.pause()
