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
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from supra_console.connections import Connection, Line
from supra_console.display import safe
from supra_console.error_translation import translate
from supra_console.errors import ConnectionLost, Contention, PermissionDenied, StatementTimeout
from supra_console.i18n import _
from supra_console.identity import Identity, Tenant
from supra_console.pool import POOL_SIZE, Pool
from supra_console.profiles import Profile
from supra_console.sign_in import CHECK_INTERVAL, sign_in
from supra_console.statements import load

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

LOCK_TIMEOUT = 3.0  # seconds; a lock is waited for no longer, whatever the statement may take
GRACE = 5.0  # seconds after a statement's own timeout in which the server has to say so
ENGINE_TIMEOUT = 15.0  # seconds per statement of SQLAlchemy's
IDLE_TIMEOUT = 60.0  # seconds a transaction may wait for us before the server ends it
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
        self._pool = Pool(line)

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
        line, identity, features = await sign_in(profile, password, user, application_name)
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

    def reading(self, *, timeout: float = 5.0) -> AbstractAsyncContextManager[Connection]:
        """A read-only transaction: one snapshot, the tenant's rows, `timeout` seconds per statement.

        Raises:
            SupraError: what psycopg raised in the body, translated.
        """
        return self._transaction("isolation level repeatable read, read only", timeout, Connection.rollback)

    def writing(self, *, timeout: float = 15.0) -> AbstractAsyncContextManager[Connection]:
        """A transaction that commits when the body ends, and rolls back when it raises.

        Raises:
            SupraError: what psycopg raised, translated; ConnectionLost when certainly nothing was
                changed; OutcomeUnknown when that cannot be said.
        """
        return self._transaction("isolation level read committed, read write", timeout, Connection.commit)

    @asynccontextmanager
    async def _transaction(
        self, mode: str, timeout: float, end: Callable[[Connection], Awaitable[None]]
    ) -> AsyncIterator[Connection]:
        connection = await self._begin(mode, timeout)
        try:
            yield connection
            await end(connection)
        except BaseException as error:
            await _abandon(connection, error)
            if isinstance(error, psycopg.Error):
                raise translate(error) from None
            raise
        finally:
            await self._pool.give_back(connection)

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
            connection = await self._pool.lend()
            connection.patience = timeout + GRACE
            try:
                await connection.execute(text)
            except BaseException as error:
                connection.drop()
                await self._pool.give_back(connection)
                if not isinstance(error, psycopg.Error):
                    raise
                problem = translate(error)
                if not spare or not isinstance(problem, ConnectionLost):
                    raise problem from None
            else:
                return connection
        raise AssertionError

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
                connection = await self._pool.lend()
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
        await self._pool.close()


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
