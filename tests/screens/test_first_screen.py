"""The screen the console begins with can be left like any other: by signing in, and by signing out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from screens.accounts.lookup import LookupScreen
from screens.app import SupraApp
from screens.connect.connect import ConnectScreen
from screens.session import Session, SignIn
from supra_console.identity import Identity
from supra_console.profiles import Profiles
from tests.screens.pretend import settled
from tests.screens.signed_in import IDENTITY, PROFILE


class Signed:
    """A database of which only the identity is asked."""

    identity: Identity = IDENTITY

    async def close(self) -> None: ...


async def accept(_request: SignIn) -> Any:
    return Signed()


async def next_screen(pilot: Pilot[Any]) -> type[Screen[Any]]:
    """Wait for signing in or out; which screen follows."""
    await settled(pilot)
    return type(pilot.app.screen)


@pytest.mark.parametrize("request_at_once", [True, False])
async def test_one_signs_in_and_out_again_from_the_first_screen(request_at_once: bool) -> None:
    app = SupraApp(
        Profiles(Path("profiles.toml"), {"demo": PROFILE}),
        request=SignIn(PROFILE, "demo_clerk") if request_at_once else None,
        session=Session(accept),
        environment={},
    )
    async with app.run_test(size=(80, 24)) as pilot:
        if not request_at_once:
            app.sign_in(SignIn(PROFILE, "demo_clerk"))
        assert await next_screen(pilot) is LookupScreen
        app.sign_out()
        assert await next_screen(pilot) is ConnectScreen
        assert app.session.identity is None
