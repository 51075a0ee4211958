"""How does a command get a database that it is signed in to?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from supra_console import crash
from supra_console.errors import PasswordNeeded, WrongPassword
from supra_console.i18n import _

if TYPE_CHECKING:
    from supra_console.database import Database
    from supra_console.profiles import Profile

T = TypeVar("T")


def _chosen(options: argparse.Namespace) -> Profile:
    from supra_console.profiles import load_profiles

    return load_profiles().get(options.profile)


async def _sign_in(profile: Profile, user: str | None) -> Database:
    """Sign in; the person is asked for a password when libpq and the keyring have none."""
    from supra_console.database import Database

    try:
        return await Database.open(profile, user=user)
    except PasswordNeeded:
        if not sys.stdin.isatty():
            raise
    import getpass

    from supra_console.display import safe

    prompt = _("Password of {user} at {address}: ").format(
        user=safe(user or profile.user or getpass.getuser()), address=safe(profile.address)
    )
    for attempts_left in (2, 1, 0):
        try:
            return await Database.open(profile, user=user, password=getpass.getpass(prompt))
        except WrongPassword as error:
            if not attempts_left:
                raise
            crash.complain(error)
    raise AssertionError


def signed_in(options: argparse.Namespace, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do `work` with a database signed in to, and sign out."""
    import asyncio

    async def session() -> T:
        db = await _sign_in(_chosen(options), options.user)
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(session())
