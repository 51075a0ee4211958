"""A console in which somebody is signed in, with no server behind it and nothing below the first screen."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.screen import Screen

from screens.app import SupraApp
from screens.session import Link, Session, State
from supra_console.identity import Identity, Tenant
from supra_console.profiles import Profile, Profiles
from tests.screens.accounts_sample import key
from tests.screens.pretend import CLERK

PROFILE = Profile("demo", {"host": "127.0.0.1", "dbname": "supra"})
CEA = Tenant(key(9), "cea-queretaro", "Comisión Estatal de Aguas de Querétaro")
IDENTITY = replace(CLERK, user_id=key(10), name="Clerk", groups=("supra_readonly",), tenant=CEA, home=CEA)


class Signed(Session):
    """Signed in as somebody."""

    def __init__(self, identity: Identity = IDENTITY) -> None:
        super().__init__()
        self._identity = identity

    @property
    def identity(self) -> Identity | None:
        return self._identity

    async def database(self) -> Any:
        return None


class Console(SupraApp):
    """The console with nothing below the screen that is tested."""

    CSS_PATH = str(Path(sys.modules[SupraApp.__module__].__file__ or "").with_name("app.tcss"))

    def get_default_screen(self) -> Screen[Any]:
        return Screen()


def application(session: Session | None = None) -> SupraApp:
    """The console on this session; a pretended one is signed in already."""
    session = session or Signed()
    app = Console(
        Profiles(Path("profiles.toml"), {"demo": PROFILE}),
        session=session,
        environment={"COLORTERM": "truecolor", "SUPRA_THEME": "dark"},
    )
    identity = session.identity if isinstance(session, Signed) else IDENTITY
    app.link = Link(State.SIGNED_IN, PROFILE, identity)
    return app
