"""How does the console talk to the server, as whom, in which utility, and what if the line breaks?

Every statement runs in a transaction that is bound to one tenant and one timeout, both set
inside the transaction: nothing outlives it, so a transaction pooler (PgBouncer) may stand in
between. A cancelled or timed-out statement is cancelled on the server and its connection is
dropped, because a late cancel could hit the next statement. Reads are repeated once after a
lost connection. Writes never: when the answer to COMMIT is lost, the outcome is looked up.
"""

# ruff: noqa: ASYNC109  -- the timeout meant is the server's, per statement

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import class_row, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from supra_console import passwords
from supra_console.connections import CONNECTION_DEFAULTS, Connection, Line
from supra_console.display import safe
from supra_console.error_translation import translate
from supra_console.errors import (
    ConnectionLost,
    Contention,
    NotRegistered,
    PasswordNeeded,
    PermissionDenied,
    ServerBusy,
    StatementTimeout,
    Unreachable,
)
from supra_console.i18n import _
from supra_console.identity import Identity, Login, Tenant, identify
from supra_console.profiles import Profile
from supra_console.statements import load

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

POOL_SIZE = 4
LOCK_TIMEOUT = 3.0  # seconds; a lock is waited for no longer, whatever the statement may take
GRACE = 5.0  # seconds after a statement's own timeout in which the server has to say so
ENGINE_TIMEOUT = 15.0  # seconds per statement of SQLAlchemy's
IDLE_TIMEOUT = 60.0  # seconds a transaction may wait for us before the server ends it
CHECK_INTERVAL = "1s"  # how soon the server notices that we are gone and frees our locks
# Up to 2.26, TimescaleDB's parallel scan of several chunks may silently find no row at all where a condition asks for
# the tenant (timescale/timescaledb#10503). Each chunk is still scanned in parallel without it. Not every server has it.
LOSES_ROWS = "timescaledb.enable_parallel_chunk_append"
ATTEMPTS = 3  # of a transaction that serialization or a deadlock refused


class Database:
    """One person signed in: a pool of connections whose transactions are bound to one tenant."""

    identity: Identity

    def __init__(self, line: Line, identity: Identity, features: frozenset[str]) -> None:
        self._line = line
        self.identity = identity
        self._features = features
        self._engine: AsyncEngine | None = None
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            connection_class=Connection,
            kwargs={"line": line},
            min_size=1,
            max_size=POOL_SIZE,
            open=False,
            close_returns=True,
            reset=_reset,
            # One attempt at a time, when somebody waits for it: no knocking in the background.
            reconnect_timeout=0.0,
            reconnect_failed=self._attempt_failed,
            num_workers=1,
            name="supra-console",
        )
        self._given_up = asyncio.Event()

    @classmethod
    async def open(
        cls,
        profile: Profile,
        *,
        password: str | None = None,
        user: str | None = None,
        tenant: UUID | None = None,
        application_name: str = "supra-console",
    ) -> Database:
        """Sign in.

        Args:
            profile: where to; checked against what production demands.
            password: as typed; without one libpq looks (`.pgpass`, `PGPASSWORD`), then the keyring.
            user: the login role, in place of the profile's.
            tenant: the utility to work in; only a DBA may name another than the own.

        Raises:
            SupraError: Unreachable, WrongPassword, PasswordNeeded, NoSuchDatabase, UnsafeRole,
                NotRegistered, UserDisabled, ServerTooOld, MissingFeature, InsecureConnection …
        """
        profile.check()
        parameters = CONNECTION_DEFAULTS | {"application_name": application_name} | dict(profile.parameters)
        if user is not None:
            parameters["user"] = user
        if password is not None:
            parameters["password"] = password
        line = Line(parameters)
        try:
            connection = await line.connect()
        except PasswordNeeded:
            login = parameters.get("user") or profile.user
            kept = await asyncio.to_thread(passwords.stored, profile, login) if login else None
            if kept is None:
                raise
            parameters["password"] = kept
            connection = await line.connect()
        try:
            identity, features = await _sign_in(connection, profile)
        except BaseException as error:
            connection.drop()
            if isinstance(error, psycopg.Error):
                raise translate(error) from None
            raise
        line.opened = connection
        database = cls(line, identity, features)
        try:
            await database._pool.open()
            await database._choose_first(profile, tenant)
        except BaseException:
            await database.close()
            raise
        return database

    async def _choose_first(self, profile: Profile, tenant: UUID | None) -> None:
        if tenant is not None and tenant != self.identity.tenant.id:
            await self.choose_tenant(tenant)
        elif tenant is None and profile.tenant and self.identity.may_choose_tenant:
            for choice in await self.tenants():
                if profile.tenant in (choice.slug, str(choice.id)):
                    self.identity = replace(self.identity, tenant=choice)
                    return
            raise PermissionDenied(
                _("There is no utility {tenant} to choose").format(tenant=safe(profile.tenant)),
                _("Correct `tenant` in the profile."),
            )

    # ------------------------------------------------------------------ transactions

    @asynccontextmanager
    async def reading(self, *, timeout: float = 5.0) -> AsyncIterator[Connection]:
        """A read-only transaction: one snapshot, the tenant's rows, `timeout` seconds per statement.

        Raises:
            SupraError: what psycopg raised in the body, translated.
        """
        connection = await self._begin("isolation level repeatable read, read only", timeout)
        try:
            yield connection
            await connection.rollback()
        except BaseException as error:
            await _abandon(connection, error)
            if isinstance(error, psycopg.Error):
                raise translate(error) from None
            raise
        finally:
            await self._pool.putconn(connection)

    @asynccontextmanager
    async def writing(self, *, timeout: float = 15.0) -> AsyncIterator[Connection]:
        """A transaction that commits when the body ends, and rolls back when it raises.

        Raises:
            SupraError: what psycopg raised, translated; ConnectionLost when certainly nothing was
                changed; OutcomeUnknown when that cannot be said.
        """
        connection = await self._begin("isolation level read committed, read write", timeout)
        try:
            yield connection
            await connection.commit()
        except BaseException as error:
            await _abandon(connection, error)
            if isinstance(error, psycopg.Error):
                raise translate(error) from None
            raise
        finally:
            await self._pool.putconn(connection)

    async def read(self, work: Callable[[Connection], Awaitable[T]], *, timeout: float = 5.0) -> T:
        """Do `work` in a read-only transaction; once more if the connection is lost in the middle."""
        try:
            async with self.reading(timeout=timeout) as connection:
                return await work(connection)
        except ConnectionLost:
            async with self.reading(timeout=timeout) as connection:
                return await work(connection)

    async def write(self, work: Callable[[Connection], Awaitable[T]], *, timeout: float = 15.0) -> T:
        """Do `work` in one transaction; the whole again, three times at most, after 40001 or 40P01.

        `work` must change nothing but the database. A lost connection is never repeated.
        """
        for attempt in range(1, ATTEMPTS):
            try:
                async with self.writing(timeout=timeout) as connection:
                    return await work(connection)
            except Contention:
                # Two that met once should not meet again at the same moment.
                await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311
        async with self.writing(timeout=timeout) as connection:
            return await work(connection)

    async def _begin(self, mode: str, timeout: float) -> Connection:
        """A connection with an open, bound transaction.

        The round trip of BEGIN is the pool's check: a connection that died in the pool is replaced
        here, before anything was asked of it.
        """
        text = f"begin {mode}; {self._binding(timeout)}"
        for spare in range(POOL_SIZE, -1, -1):
            connection = await self._lend()
            connection.patience = timeout + GRACE
            try:
                await connection.execute(text)
            except BaseException as error:
                connection.drop()
                await self._pool.putconn(connection)
                if not isinstance(error, psycopg.Error):
                    raise
                problem = translate(error)
                if not spare or not isinstance(problem, ConnectionLost):
                    raise problem from None
            else:
                return connection
        raise AssertionError

    async def _lend(self) -> Connection:
        """A connection from the pool, given back by `putconn`.

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

    def _attempt_failed(self, pool: AsyncConnectionPool[Connection]) -> None:
        """The server could not be reached: whoever waits and has nothing else to wait for is told."""
        if not pool.get_stats().get("pool_size"):
            self._given_up.set()

    def _binding(self, timeout: float) -> str:
        """One statement that binds the open transaction to tenant and timeouts, and nothing beyond it.

        Every value is a UUID or a number of ours, so the text needs no parameters and BEGIN can
        travel with it.
        """
        milliseconds = int(timeout * 1000)
        settings = {
            "app.current_tenant": str(self.identity.tenant.id),
            "statement_timeout": str(milliseconds),
            "lock_timeout": str(min(milliseconds, int(LOCK_TIMEOUT * 1000))),
            "idle_in_transaction_session_timeout": str(int(IDLE_TIMEOUT * 1000)),
        }
        if "client_connection_check_interval" in self._features:
            settings["client_connection_check_interval"] = CHECK_INTERVAL
        calls = [f"set_config('{name}', '{value}', true)" for name, value in settings.items()]
        calls.append(
            f"case when current_setting('{LOSES_ROWS}', true) is not null "
            f"then set_config('{LOSES_ROWS}', 'off', true) end"
        )
        return f"select {', '.join(calls)}"

    # ------------------------------------------------------------------ tenants

    async def tenants(self) -> tuple[Tenant, ...]:
        """The utilities this person may work in."""
        if not self.identity.may_choose_tenant:
            return (self.identity.home,)

        async def choices(connection: Connection) -> tuple[Tenant, ...]:
            cursor = connection.cursor(row_factory=class_row(Tenant))
            return tuple(await (await cursor.execute(load("choosable_tenants"))).fetchall())

        return await self.read(choices)

    async def choose_tenant(self, tenant: UUID) -> Identity:
        """Work in another utility from the next transaction on.

        Raises:
            PermissionDenied: only a DBA may, and only where there is such a utility.
        """
        for choice in await self.tenants():
            if choice.id == tenant:
                self.identity = replace(self.identity, tenant=choice)
                return self.identity
        raise PermissionDenied(
            _("You may not work in that utility"), _("Only a DBA chooses the utility, among those in service.")
        )

    # ------------------------------------------------------------------ SQLAlchemy

    def engine(self) -> AsyncEngine:
        """SQLAlchemy over the same connections and the same binding, for plain CRUD.

        Built when first asked for: SQLAlchemy takes a quarter of a second to import. What it
        raises goes through `error_translation.translate`; lost commits are looked up as everywhere.
        """
        if self._engine is None:
            from sqlalchemy import event
            from sqlalchemy.ext.asyncio import create_async_engine
            from sqlalchemy.pool import NullPool

            async def lend() -> Connection:
                connection = await self._lend()
                connection.patience = ENGINE_TIMEOUT + GRACE
                await connection.set_autocommit(False)
                return connection

            self._engine = create_async_engine(
                "postgresql+psycopg://",
                async_creator=lend,
                poolclass=NullPool,
                hide_parameters=True,
                use_native_hstore=False,
            )

            @event.listens_for(self._engine.sync_engine, "begin")
            def bind(connection: Any) -> None:
                connection.exec_driver_sql(self._binding(ENGINE_TIMEOUT))

        return self._engine

    async def connect(self, dbname: str) -> Connection:
        """A connection of its own to another database of the server, as the same person; the caller drops it.

        Raises:
            SupraError: as `open`.
        """
        return await self._line.connect(dbname=dbname)

    async def close(self) -> None:
        """Sign out: every connection is closed; what still runs is cancelled by the server."""
        if self._engine is not None:
            await self._engine.dispose()
        if self._line.opened is not None:
            self._line.opened.drop()
        await self._pool.close(timeout=2.0)


async def _sign_in(connection: Connection, profile: Profile) -> tuple[Identity, frozenset[str]]:
    """Who the fresh connection belongs to, and what its server can do."""
    await connection.execute("begin read only; set local statement_timeout = '5s'")
    login = await connection.one(load("sign_in"), class_row(Login))
    login.check()
    try:
        row = await connection.one(load("identity"), dict_row)
    except psycopg.errors.InsufficientPrivilege:
        raise NotRegistered(
            _("{login} may not even ask who it is").format(login=safe(login.login)),
            _("Ask the DBA to make it a member of a group of SUPRA."),
        ) from None
    identity = identify(
        login,
        row,
        host=connection.info.host,
        port=connection.info.port,
        tls=connection.pgconn.ssl_in_use,
        production=profile.production,
        profile=profile.name,
    )
    features = set()
    with suppress(psycopg.Error):  # not on every operating system
        await connection.execute(f"set local client_connection_check_interval = '{CHECK_INTERVAL}'")
        features.add("client_connection_check_interval")
    await connection.rollback()
    return identity, frozenset(features)


async def _abandon(connection: Connection, error: BaseException) -> None:
    """Leave a transaction that failed; the connection is kept only if nothing can still be on its way to it."""
    stopped = isinstance(error, asyncio.CancelledError | GeneratorExit | psycopg.errors.QueryCanceled)
    if stopped or isinstance(error, StatementTimeout) or connection.closed:
        connection.drop()
        return
    try:
        await connection.rollback()
    except BaseException:
        connection.drop()
        raise


async def _reset(connection: Connection) -> None:
    """As it came: SQLAlchemy's loan is over."""
    if not connection.autocommit:
        await connection.set_autocommit(True)
