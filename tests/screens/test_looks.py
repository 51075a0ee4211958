"""How the console looks, at 80x24 and 120x40. A changed picture is looked at before it is accepted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from queries.accounts import Hit
from screens.app import SupraApp
from supra_console.errors import ConnectionLost, Unreachable, WrongPassword
from supra_console.profiles import Profile
from tests.screens.pretend import CLERK, DEMO, PRODUCTION, PretendDatabase, Searches, application, hit, settled

Prepare = Callable[[Pilot[Any]], Awaitable[None]]
SMALL, LARGE = (80, 24), (120, 40)

FOUND: tuple[Hit, ...] = (
    hit(1, 1, "phone"),
    hit(2, 2, "phone"),
    *(hit(number, 3, "name_address") for number in range(3, 12)),
    *(hit(number, 4, "name", holder="Garcia Lopes Ma. Fernanda") for number in range(12, 60)),
)
TEST_COPY = Profile("cea-test", {"host": "db-test.cea.example", "dbname": "supra", "sslmode": "require"})
THREE = (replace(DEMO, users=("demo_clerk", "demo_operator")), PRODUCTION, replace(TEST_COPY, description="Last night"))


def pressing(*keys: str) -> Prepare:
    """Letters as they are typed; each other key once what was typed is answered, as a person presses it."""

    async def prepare(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        for key in keys:
            if len(key) > 1:
                await settled(pilot)
            await pilot.press(key)
        await settled(pilot)

    return prepare


def lookup(*keys: str, **answers: Any) -> tuple[SupraApp, Prepare]:
    return application(Searches(garcia=FOUND, **answers)), pressing(*keys)


def lost() -> tuple[SupraApp, Prepare]:
    app, _prepare = lookup(garcia_l=ConnectionLost())

    async def prepare(pilot: Pilot[Any]) -> None:
        await pressing(*"garcia")(pilot)
        await pressing(*" l")(pilot)

    return app, prepare


def unreachable_search() -> tuple[SupraApp, Prepare]:
    return application(Searches(garcia=Unreachable())), pressing(*"garcia")


def production() -> tuple[SupraApp, Prepare]:
    identity = replace(CLERK, login="ana.garcia", host="db1.cea.example", production=True)
    database = PretendDatabase(identity)
    return application(Searches(garcia=FOUND), database, profiles=(PRODUCTION,)), pressing(*"garcia", "down")


def themed(theme: str) -> tuple[SupraApp, Prepare]:
    app = application(Searches(garcia=FOUND), environment={"SUPRA_THEME": theme})
    return app, pressing(*"garcia", "down")


def connect(*keys: str, answer: Any = None) -> tuple[SupraApp, Prepare]:
    return application(None, answer or PretendDatabase(), profiles=THREE, at_once=False), pressing(*keys)


def palette() -> tuple[SupraApp, Prepare]:
    app = application()

    async def prepare(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()

    return app, prepare


LOOKS: dict[str, Callable[[], tuple[SupraApp, Prepare]]] = {
    "connect": lambda: connect(),
    "connect-production": lambda: connect("down"),
    "connect-refused": lambda: connect("tab", "tab", *"falso", "enter", answer=WrongPassword(sqlstate="28P01")),
    "lookup-empty": lambda: lookup(),
    "lookup-hits": lambda: lookup(*"garcia", "down", "down"),
    "lookup-nothing": lambda: lookup(*"xyzzy"),
    "lookup-lost": lost,
    "lookup-error": unreachable_search,
    "help": lambda: lookup("f1"),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LOOKS)
def test_looks(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    app, prepare = LOOKS[name]()
    assert snap_compare(app, terminal_size=size, run_before=prepare)


ONCE: dict[str, tuple[Callable[[], tuple[SupraApp, Prepare]], tuple[int, int]]] = {
    "lookup-production": (production, SMALL),
    "lookup-light": (lambda: themed("light"), SMALL),
    "lookup-16": (lambda: themed("16"), SMALL),
    "lookup-60x15": (lambda: lookup(*"garcia"), (60, 15)),
    "connect-60x15": (lambda: connect("enter", answer=Unreachable()), (60, 15)),
    "palette": (palette, SMALL),
}


@pytest.mark.parametrize("name", ONCE)
def test_looks_elsewhere(snap_compare: Any, name: str) -> None:
    made, size = ONCE[name]
    app, prepare = made()
    assert snap_compare(app, terminal_size=size, run_before=prepare)
