"""Who is signed in, and how does a screen reach the queries?

A `Session` stands between the screens and `supra_console.database`. It lets a screen be on the
terminal, and be typed into, before psycopg is even imported: a screen awaits `database()` when
it has a question, and gets the connection as soon as there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from uuid import UUID

    from supra_console.database import Database
    from supra_console.identity import Identity
    from supra_console.profiles import Profile


class State:
    """How the connection stands."""

    SIGNED_OUT: Final = "signed out"
    SIGNING_IN: Final = "signing in"
    SIGNED_IN: Final = "signed in"
    LOST: Final = "lost"


class Link(NamedTuple):
    """What the strip at the top says of the connection."""

    state: str = State.SIGNED_OUT
    profile: Profile | None = None
    identity: Identity | None = None


class SignIn(NamedTuple):
    """What it takes to sign in. Without a password libpq looks in its own files."""

    profile: Profile
    user: str | None = None
    password: str | None = None
    tenant: UUID | None = None

    def __repr__(self) -> str:
        """Without the password, whatever prints it."""
        return f"SignIn({self.profile.name!r}, {self.user!r})"


Opener = Callable[[SignIn], Awaitable["Database"]]

# What the first question after signing in needs; imported while the first frame is on the terminal.
_WOKEN_WITH_THE_DATABASE = ("supra_console.database", "queries.accounts")


async def open_database(request: SignIn) -> Database:
    """Import what talks to the server, in a thread, then sign in."""

    def wake() -> None:
        for module in _WOKEN_WITH_THE_DATABASE:
            import_module(module)

    await asyncio.to_thread(wake)
    from supra_console.database import Database

    return await Database.open(request.profile, password=request.password, user=request.user, tenant=request.tenant)


class Session:
    """The one signed-in connection of the application."""

    def __init__(self, opener: Opener = open_database) -> None:
        self._opener = opener
        self._database: Database | None = None
        self._signed_in = asyncio.Event()

    @property
    def identity(self) -> Identity | None:
        """Who is signed in; None before that."""
        return self._database.identity if self._database else None

    async def database(self) -> Database:
        """The connection; waits until somebody is signed in."""
        while self._database is None:
            await self._signed_in.wait()
        return self._database

    async def sign_in(self, request: SignIn) -> Identity:
        """Sign in; who was signed in before is signed out only when that succeeded.

        Raises:
            SupraError: translated, with title and advice.
        """
        database = await self._opener(request)
        await self.sign_out()
        self._database = database
        self._signed_in.set()
        return database.identity

    async def sign_out(self) -> None:
        """Close the connection; screens that ask from now on wait for the next one."""
        database, self._database = self._database, None
        self._signed_in.clear()
        if database is not None:
            await database.close()
