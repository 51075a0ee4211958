"""Who asks, and what an administrator sees, for the tests of queries."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import psycopg

from supra_console.database import Database
from tests.conftest import TestDatabase
from tests.supra_console import signing_in


def signed_in(database: TestDatabase, role: str = "demo_supervisor") -> AbstractAsyncContextManager[Database]:
    """One of the demo's people, signed in."""
    return signing_in.signed_in(database.sign_in(role))


def as_admin(database: TestDatabase, statement: Any, *parameters: object) -> list[Any]:
    """What an administrator sees or does, at once and committed."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        cursor = admin.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []
