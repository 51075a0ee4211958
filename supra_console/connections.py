"""What is a connection of the console, and what became of a commit whose answer was lost?

All connections of one sign-in share a `Line`: how to open another, and how the last attempt
ended. A `Connection` asks for the key of its transaction before it commits; should the
answer to COMMIT be lost, the outcome is looked up under that key over another connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import AsyncRowFactory, tuple_row

from supra_console.error_translation import translate
from supra_console.errors import (
    ConnectionLost,
    OutcomeUnknown,
    ServerTrouble,
    SupraError,
    Unreachable,
)
from supra_console.i18n import _
from supra_console.statements import load

Row = TypeVar("Row")

# A partition is noticed within four seconds instead of minutes; both are needed, one watches an idle
# connection and the other one with unanswered data.
CONNECTION_DEFAULTS = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "1",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "3000",
    "client_encoding": "UTF8",
}
OUTCOME_PATIENCE = 20.0  # seconds to look for the outcome of a commit

# Without a handler of its own, Python would print psycopg's warnings, which quote servers, over the screen.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class Line:
    """What all connections of one sign-in share: how to open them, and how the last attempt ended."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters
        self.opened: Connection | None = None
        self.error: SupraError | None = None

    def reason(self, otherwise: type[SupraError]) -> SupraError:
        """Why there is no connection: how the last attempt ended, if it failed."""
        return otherwise() if self.error is None else self.error.with_traceback(None)

    @property
    def patience(self) -> float:
        """Seconds after which a wait for a connection is over: an attempt has ended by then."""
        return float(self.parameters["connect_timeout"]) + 1.0

    async def connect(self, **others: str) -> Connection:
        """A new connection; `others` take the place of the parameters of this sign-in.

        Raises:
            SupraError: translated; also kept in `error`.
        """
        parameters = self.parameters | others
        try:
            connection = await Connection.connect(**parameters, autocommit=True, prepare_threshold=None)
        except (psycopg.Error, OSError) as error:
            self.error = translate(error)
            raise self.error from None
        self.error = None
        connection.line = self
        return connection

    async def outcome(self, xid: str, timeline: str, pid: int) -> str:
        """What became of a transaction: `committed`, `aborted` or `unknown`.

        Keeps asking for OUTCOME_PATIENCE seconds: the server may be restarting.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + OUTCOME_PATIENCE
        asked = 0
        while loop.time() < deadline:
            connection: Connection | None = None
            try:
                connection = await self.connect()
                status, its_timeline = await connection.one(load("commit_outcome"), tuple_row, {"xid": xid})
                if status is None or its_timeline != timeline:
                    return "unknown"
                if status != "in progress":
                    return str(status)
                asked += 1
                if asked == 3:
                    # The server has not noticed that we are gone: let go of the locks, then ask again.
                    await connection.execute(load("commit_release"), {"xid": xid, "pid": pid})
            except (psycopg.Error, SupraError) as error:
                if not isinstance(translate(error), Unreachable | ConnectionLost | ServerTrouble):
                    return "unknown"
            finally:
                if connection is not None:
                    connection.pgconn.finish()
            await asyncio.sleep(0.2)
        return "unknown"


class Connection(psycopg.AsyncConnection[Any]):
    """A connection that says what became of a commit whose answer was lost.

    Attributes:
        patience: seconds an answer may take. TCP notices a line that is dead, not a server or
            pooler that stands still; then we hang up ourselves.
    """

    line: Line
    patience: float = 15.0

    @classmethod
    async def connect(cls, conninfo: str = "", **parameters: Any) -> Connection:
        """As psycopg's; the pool passes `line`, which may hold the connection that sign-in opened."""
        line: Line | None = parameters.pop("line", None)
        if line is None:
            return await super().connect(conninfo, **parameters)
        if line.opened is not None:
            connection, line.opened = line.opened, None
            return connection
        return await line.connect()

    async def one(
        self, statement: str, row_factory: AsyncRowFactory[Row], parameters: dict[str, Any] | None = None
    ) -> Row:
        """The single row of a statement that always has one."""
        row = await (await self.cursor(row_factory=row_factory).execute(statement, parameters)).fetchone()
        if row is None:
            raise ServerTrouble(sqlstate="02000")
        return row

    async def wait(self, *arguments: Any, **keywords: Any) -> Any:
        """As psycopg's, but not for ever."""
        hanging_up = asyncio.get_running_loop().call_later(self.patience, self._hang_up)
        try:
            return await super().wait(*arguments, **keywords)
        finally:
            hanging_up.cancel()

    def _hang_up(self) -> None:
        # Not closed, only shut: libpq finds the end of the line by itself and says so.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        """End the connection at once; the server rolls back. The pool replaces it when it is given back."""
        self.pgconn.finish()

    async def commit(self) -> None:
        """Commit, and know whether it happened.

        A task that is cancelled meanwhile learns so after the commit has ended, not instead.

        Raises:
            SupraError: the transaction had failed before, so that COMMIT would roll back silently.
            ConnectionLost: it is certain that nothing was changed.
            OutcomeUnknown: nothing is certain.
            psycopg.Error: the server refused the commit (a deferred constraint).
        """
        if self.pgconn.transaction_status == TransactionStatus.INERROR:
            raise SupraError(
                _("The change failed before it was saved"), _("Nothing was changed. Try again."), sqlstate="25P02"
            )
        if self.pgconn.transaction_status != TransactionStatus.INTRANS:
            await super().commit()
            return
        xid, timeline, pid = await self.one(load("commit_key"), tuple_row)
        if xid is None:
            await super().commit()
            return
        ending = asyncio.ensure_future(self._commit_written(xid, timeline, pid))
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            await asyncio.wait({ending})
            ending.result()
            raise

    async def _commit_written(self, xid: str, timeline: str, pid: int) -> None:
        try:
            await super().commit()
        except psycopg.Error:
            if not self.closed:
                raise
            outcome = await self.line.outcome(xid, timeline, pid)
            if outcome == "aborted":
                raise ConnectionLost from None
            if outcome != "committed":
                raise OutcomeUnknown from None
