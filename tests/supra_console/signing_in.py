"""Signing in to a test's database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg.conninfo import conninfo_to_dict

from supra_console.database import Database
from supra_console.profiles import Profile


def profile_of(dsn: str, **changes: str) -> Profile:
    """A profile with the parameters of a connection string."""
    parameters = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
    return Profile("test", {**parameters, **changes})


@asynccontextmanager
async def opened(profile: Profile) -> AsyncIterator[Database]:
    """A database signed in to, and out of at the end."""
    db = await Database.open(profile)
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def signed_in(dsn: str, **changes: str) -> AsyncIterator[Database]:
    """The same by a connection string."""
    async with opened(profile_of(dsn, **changes)) as db:
        yield db
