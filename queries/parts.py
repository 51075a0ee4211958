"""Which parts of an answer would the server not give, and why?

In one transaction, and one read-only: each part is undone to a savepoint when it fails, and the rest lives.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

from queries.statements import load
from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.error_translation import translate
from supra_console.errors import ConnectionLost, SupraError
from supra_console.timeseries import Missing

T = TypeVar("T")
Row = dict[str, Any]


class Parts:
    """Parts of one answer, each of which may fail alone.

    Attributes:
        missing: those that did, with the reason.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._saved = False
        self.missing: list[Missing] = []

    def leave_out(self, part: str, reason: str) -> None:
        """This part is not even asked for."""
        self.missing.append(Missing(part, reason))

    async def rows(
        self, part: str, statement: str, make: Callable[[Row], T], parameters: Mapping[str, object] | None = None
    ) -> tuple[T, ...]:
        """The records of one statement; none, and the reason kept, where the server refuses it."""

        async def fetch() -> tuple[T, ...]:
            cursor = self._connection.cursor(row_factory=dict_row)
            jsonb.register(cursor)
            await cursor.execute(load(statement), parameters)
            return tuple(map(make, await cursor.fetchall()))

        return await self.attempt(part, fetch) or ()

    async def attempt(self, part: str, work: Callable[[], Awaitable[T]]) -> T | None:
        """What `work` gives; None, and the reason kept, where the server refuses it."""
        if not self._saved:
            # One savepoint for all: nothing is written, so there is nothing to keep between two parts.
            await self._connection.execute("savepoint part")
            self._saved = True
        try:
            return await work()
        except psycopg.Error as error:
            problem = translate(error)
            if self._connection.closed or isinstance(problem, ConnectionLost):
                raise
            await self._connection.execute("rollback to savepoint part")
            self.leave_out(part, _reason_of(problem))
            return None


def _reason_of(problem: SupraError) -> str:
    """Why a part is missing, in one line; the server's own words may quote data and stay away."""
    return f"{problem.title} ({problem.sqlstate})" if problem.sqlstate else problem.title
