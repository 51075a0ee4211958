"""Where does a transaction get its connection from, and how long does it wait for one?

A few connections of one sign-in, each lent to one transaction at a time. A server that cannot be reached is told at
once; nobody waits for it in the background.
"""

from __future__ import annotations

import asyncio

from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from supra_console.connections import Connection, Line
from supra_console.errors import ConnectionLost, ServerBusy, Unreachable
from supra_console.i18n import _

POOL_SIZE = 4


class Pool:
    """The connections of one sign-in."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            connection_class=Connection,
            kwargs={"line": line},
            min_size=1,
            max_size=POOL_SIZE,
            open=False,
            close_returns=True,
            reset=_as_it_came,
            # One attempt at a time, when somebody waits for it: no knocking in the background.
            reconnect_timeout=0.0,
            reconnect_failed=self._attempt_failed,
            num_workers=1,
            name="supra-console",
        )
        self._given_up = asyncio.Event()

    async def open(self) -> None:
        """Begin to lend; the connection that signed in is the first."""
        await self._pool.open()

    async def close(self) -> None:
        """Close every connection; what still runs is cancelled by the server."""
        if self._line.opened is not None:
            self._line.opened.drop()
        await self._pool.close(timeout=2.0)

    async def lend(self) -> Connection:
        """A connection from the pool, given back by `give_back`.

        Raises:
            SupraError: why none can be had: at once when the server cannot be reached, after
                a while when all connections stay in use.
        """
        try:
            if self._pool.get_stats().get("pool_available"):
                return await self._pool.getconn(timeout=self._line.patience)
            self._given_up.clear()
            waiting = asyncio.ensure_future(self._pool.getconn(timeout=self._line.patience))
            given_up = asyncio.ensure_future(self._given_up.wait())
            try:
                await asyncio.wait({waiting, given_up}, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                if not waiting.cancel() and not waiting.exception():
                    await self._pool.putconn(waiting.result())
                raise
            finally:
                given_up.cancel()
            if waiting.done():
                return waiting.result()
            waiting.cancel()
        except PoolTimeout:
            raise self._line.reason(ServerBusy) from None
        except PoolClosed:
            raise ConnectionLost(_("You are signed out"), _("Sign in again.")) from None
        raise self._line.reason(Unreachable)

    async def give_back(self, connection: Connection) -> None:
        """The loan is over; a connection that was dropped is replaced."""
        await self._pool.putconn(connection)

    def _attempt_failed(self, pool: AsyncConnectionPool[Connection]) -> None:
        """The server could not be reached: whoever waits and has nothing else to wait for is told."""
        if not pool.get_stats().get("pool_size"):
            self._given_up.set()


async def _as_it_came(connection: Connection) -> None:
    """As it came: SQLAlchemy's loan is over."""
    if not connection.autocommit:
        await connection.set_autocommit(True)
