"""Signing in, transactions, and lines that break, on a real server."""

# ruff: noqa: PT012  -- a transaction is entered and left inside the error it ends with

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from supra_console import connections, passwords
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.errors import (
    AlreadyExists,
    ConnectionLost,
    Contention,
    InsecureConnection,
    LockTimeout,
    MissingFeature,
    NoSuchDatabase,
    NotRegistered,
    OutcomeUnknown,
    PasswordNeeded,
    PermissionDenied,
    ServerBusy,
    StatementTimeout,
    SupraError,
    Unreachable,
    UnsafeRole,
    UserDisabled,
    WrongPassword,
)
from supra_console.profiles import Profile
from tests.conftest import DEMO_PASSWORD, TestDatabase
from tests.supra_console.broken_line import BrokenLine, broken_line
from tests.supra_console.signing_in import profile_of, signed_in


@asynccontextmanager
async def through_a_line(dsn: str, **changes: str) -> AsyncIterator[tuple[Database, BrokenLine]]:
    """Signed in over a line that can be broken."""
    target = conninfo_to_dict(dsn)
    async with (
        broken_line(str(target["host"]), int(str(target["port"]))) as line,
        signed_in(dsn, host="127.0.0.1", port=str(line.port), **changes) as db,
    ):
        yield db, line


def as_admin(database: TestDatabase, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    """What an administrator sees or does, at once and committed."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        cursor = admin.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


async def rename(connection: Connection, name: str) -> None:
    await connection.execute("update explotaciones set name = %s", [name])


def names(database: TestDatabase) -> set[object]:
    return {row[0] for row in as_admin(database, "select name from explotaciones")}


async def until_active(database: TestDatabase, part: str) -> int:
    """Wait until a statement is running on the server, by asking it; the number of its process."""
    while True:
        rows = await asyncio.to_thread(
            as_admin,
            database,
            "select pid from pg_stat_activity where state = 'active' and query like %s and pid <> pg_backend_pid()"
            " and datname = current_database()",
            f"%{part}%",
        )
        if rows:
            return int(str(rows[0][0]))


async def until_gone(database: TestDatabase, part: str) -> None:
    """Wait until no statement like this runs any more."""
    while await asyncio.to_thread(
        as_admin,
        database,
        "select pid from pg_stat_activity where state = 'active' and query like %s and pid <> pg_backend_pid()"
        " and datname = current_database()",
        f"%{part}%",
    ):
        pass


# ---------------------------------------------------------------------- signing in


@pytest.mark.parametrize(
    ("login", "group"),
    [
        ("demo_clerk", "supra_readonly"),
        ("demo_operator", "supra_operator"),
        ("demo_supervisor", "supra_supervisor"),
        ("demo_dba", "supra_dba"),
    ],
)
async def test_a_person_is_known_by_login_group_and_utility(
    shared_database: TestDatabase, login: str, group: str
) -> None:
    async with signed_in(shared_database.sign_in(login)) as db:
        who = db.identity
    assert (who.login, who.group) == (login, group)
    assert who.tenant == who.home
    assert who.name
    assert who.database == shared_database.name
    assert who.server_version_num >= 160000
    assert who.tls is False
    assert who.production is False
    assert who.may("supra_readonly")
    assert who.may_choose_tenant == (login == "demo_dba")


async def test_a_wrong_password_is_said_to_be_one(shared_database: TestDatabase) -> None:
    with pytest.raises(WrongPassword) as caught:
        await Database.open(profile_of(shared_database.sign_in("demo_clerk", "wrong")))
    assert not isinstance(caught.value, PasswordNeeded)
    assert "wrong" not in str(caught.value)


async def test_a_missing_password_is_asked_for(shared_database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    profile = profile_of(shared_database.sign_in("demo_clerk"))
    bare = Profile("test", {**profile.parameters, "passfile": "/nonexistent"} | {"password": ""})
    with pytest.raises(PasswordNeeded):
        await Database.open(bare)


async def test_a_typed_password_wins(shared_database: TestDatabase) -> None:
    db = await Database.open(profile_of(shared_database.sign_in("demo_clerk", "wrong")), password=DEMO_PASSWORD)
    await db.close()


async def test_the_keyrings_password_is_used_when_libpq_has_none(
    shared_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "stored", lambda _profile, user: DEMO_PASSWORD if user == "demo_clerk" else None)
    profile = profile_of(shared_database.sign_in("demo_clerk"))
    db = await Database.open(Profile("test", {**profile.parameters, "password": "", "passfile": "/nonexistent"}))
    assert db.identity.login == "demo_clerk"
    await db.close()


async def test_pgpass_is_honoured(
    shared_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path_factory.mktemp("home") / "pgpass"
    escaped = DEMO_PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"*:*:*:demo_clerk:{escaped}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    parameters = dict(profile_of(shared_database.sign_in("demo_clerk")).parameters)
    del parameters["password"]
    db = await Database.open(Profile("test", parameters))
    await db.close()


async def test_a_service_file_is_honoured(
    shared_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = conninfo_to_dict(shared_database.sign_in("demo_clerk"))
    file = tmp_path_factory.mktemp("home") / "services.conf"
    file.write_text("[cea]\n" + "".join(f"{key}={value}\n" for key, value in target.items() if key != "password"))
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    db = await Database.open(Profile("test", {"service": "cea"}), password=DEMO_PASSWORD)
    assert db.identity.database == shared_database.name
    await db.close()


async def test_libpqs_variables_are_honoured(shared_database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    target = conninfo_to_dict(shared_database.sign_in("demo_clerk"))
    for variable, keyword in (("HOST", "host"), ("PORT", "port"), ("DATABASE", "dbname"), ("PASSWORD", "password")):
        monkeypatch.setenv(f"PG{variable}", str(target[keyword]))
    db = await Database.open(Profile("environment", {}), user="demo_clerk")
    assert db.identity.database == shared_database.name
    await db.close()


async def test_nobody_there_is_said_so(unused_tcp_port: int) -> None:
    with pytest.raises(Unreachable):
        await Database.open(Profile("test", {"host": "127.0.0.1", "port": str(unused_tcp_port), "user": "x"}))
    with pytest.raises(Unreachable):
        await Database.open(Profile("test", {"host": "nowhere.invalid", "user": "x"}))


async def test_an_unknown_database_is_said_so(shared_database: TestDatabase) -> None:
    with pytest.raises(NoSuchDatabase):
        await Database.open(profile_of(shared_database.sign_in("demo_clerk"), dbname="no_such_database"))


async def test_an_unknown_login_gets_the_words_of_a_wrong_password(shared_database: TestDatabase) -> None:
    with pytest.raises(WrongPassword):
        await Database.open(profile_of(shared_database.sign_in("demo_nobody_at_all")))


async def test_a_superuser_is_refused(shared_database: TestDatabase) -> None:
    with pytest.raises(UnsafeRole):
        await Database.open(profile_of(shared_database.admin))


@pytest.mark.parametrize("above", ["supra_owner", "supra_guard", "supra_search", "supra_timeseries"])
async def test_a_member_of_an_owning_role_is_refused(database: TestDatabase, above: str) -> None:
    as_admin(database, f"grant {above} to demo_supervisor with inherit false")
    try:
        with pytest.raises(UnsafeRole) as caught:
            await Database.open(profile_of(database.sign_in("demo_supervisor")))
        assert above in caught.value.title
    finally:
        as_admin(database, f"revoke {above} from demo_supervisor")


@pytest.fixture
def stranger(server: str) -> Iterator[str]:
    """A login role that SUPRA knows nothing of."""
    name = f"supra_test_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {name} login password 'x'")
        yield name
        admin.execute(f"drop role {name}")


async def test_a_login_without_group_is_not_registered(shared_database: TestDatabase, stranger: str) -> None:
    with pytest.raises(NotRegistered):
        await Database.open(profile_of(shared_database.sign_in(stranger, "x")))


async def test_a_login_without_users_row_is_not_registered(shared_database: TestDatabase, stranger: str) -> None:
    as_admin(shared_database, f"grant supra_operator to {stranger}")
    with pytest.raises(NotRegistered):
        await Database.open(profile_of(shared_database.sign_in(stranger, "x")))


async def test_a_bypassrls_login_is_refused(shared_database: TestDatabase, stranger: str) -> None:
    as_admin(shared_database, f"grant supra_readonly to {stranger}")
    as_admin(shared_database, f"alter role {stranger} bypassrls")
    with pytest.raises(UnsafeRole):
        await Database.open(profile_of(shared_database.sign_in(stranger, "x")))


async def test_a_disabled_user_is_said_to_be_disabled(database: TestDatabase) -> None:
    as_admin(database, "update users set active = false where db_role = 'demo_clerk'")
    with pytest.raises(UserDisabled):
        await Database.open(profile_of(database.sign_in("demo_clerk")))


async def test_a_database_without_our_schema_is_said_so(empty_database: TestDatabase, stranger: str) -> None:
    with pytest.raises(MissingFeature) as caught:
        await Database.open(profile_of(empty_database.sign_in(stranger, "x")))
    assert "db init" in caught.value.advice


async def test_production_is_not_opened_without_its_demands(shared_database: TestDatabase) -> None:
    parameters = profile_of(shared_database.sign_in("demo_clerk")).parameters
    without_password = {key: value for key, value in parameters.items() if key != "password"}
    with pytest.raises(InsecureConnection):
        await Database.open(Profile("cea", without_password, production=True), password=DEMO_PASSWORD)


async def test_demanded_encryption_is_not_given_up(shared_database: TestDatabase) -> None:
    with pytest.raises(InsecureConnection):
        await Database.open(profile_of(shared_database.sign_in("demo_clerk"), sslmode="verify-full"))


async def test_a_failed_sign_in_leaves_no_connection(database: TestDatabase) -> None:
    as_admin(database, "update users set active = false where db_role = 'demo_clerk'")
    with pytest.raises(UserDisabled):
        await Database.open(profile_of(database.sign_in("demo_clerk")))
    while as_admin(
        database, "select pid from pg_stat_activity where usename = 'demo_clerk' and datname = current_database()"
    ):
        pass


# ---------------------------------------------------------------------- tenants


async def test_a_dba_chooses_the_utility_and_nobody_else_does(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_dba")) as dba:
        offered = await dba.tenants()
        assert len(offered) >= 2
        other = next(tenant for tenant in offered if tenant != dba.identity.home)
        await dba.choose_tenant(other.id)
        assert (dba.identity.tenant, dba.identity.home != other) == (other, True)
        async with dba.reading() as connection:
            seen = await (await connection.execute("select id from tenants")).fetchall()
        assert seen == [(other.id,)]
        with pytest.raises(PermissionDenied):
            await dba.choose_tenant(uuid4())
    async with signed_in(shared_database.sign_in("demo_supervisor")) as db:
        assert await db.tenants() == (db.identity.home,)
        with pytest.raises(PermissionDenied):
            await db.choose_tenant(other.id)
        assert await db.choose_tenant(db.identity.home.id) == db.identity


async def test_a_profile_names_the_utility_a_dba_starts_in(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_dba")) as dba:
        other = next(tenant for tenant in await dba.tenants() if tenant != dba.identity.home)
    parameters = profile_of(shared_database.sign_in("demo_dba")).parameters
    for name in (other.slug, str(other.id)):
        db = await Database.open(Profile("test", parameters, tenant=name))
        assert db.identity.tenant == other
        await db.close()
    with pytest.raises(PermissionDenied):
        await Database.open(Profile("test", parameters, tenant="no-such-utility"))


async def test_nothing_outlives_a_transaction(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_clerk")) as db:
        async with db.reading(timeout=1.5) as connection:
            inside = await (
                await connection.execute(
                    "select current_setting('statement_timeout'), current_setting('app.current_tenant'),"
                    " current_setting('transaction_read_only'), current_setting('client_connection_check_interval')"
                )
            ).fetchone()
        assert inside == ("1500ms", str(db.identity.tenant.id), "on", "1s")
        loose = await db.connect(shared_database.name)
        async with db.reading() as connection:
            pid = connection.info.backend_pid
            await connection.rollback()
            after = await (
                await connection.execute(
                    "select current_setting('statement_timeout'), current_setting('app.current_tenant', true),"
                    " pg_backend_pid()"
                )
            ).fetchone()
        loose.drop()
    assert after == ("0", "", pid)


async def test_a_reading_transaction_cannot_write(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_supervisor")) as db:
        with pytest.raises(PermissionDenied) as caught:
            async with db.reading() as connection:
                await rename(connection, "x")
        assert caught.value.sqlstate == "25006"


# ---------------------------------------------------------------------- transactions


async def test_writing_commits_at_the_end_and_rolls_back_on_any_error(database: TestDatabase) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        async with db.writing() as connection:
            await rename(connection, "first")
        with pytest.raises(KeyError):
            async with db.writing() as connection:
                await rename(connection, "second")
                raise KeyError
    assert "first" in names(database)
    assert "second" not in names(database)


async def test_an_error_that_was_swallowed_is_not_called_saved(database: TestDatabase) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        with pytest.raises(SupraError) as caught:
            async with db.writing() as connection:
                await rename(connection, "swallowed")
                with pytest.raises(psycopg.Error):
                    await connection.execute("select 1/0")
        assert caught.value.sqlstate == "25P02"
    assert "swallowed" not in names(database)


async def test_what_the_server_refuses_arrives_in_our_words(database: TestDatabase) -> None:
    async with signed_in(database.sign_in("demo_dba")) as db:
        with pytest.raises(AlreadyExists) as caught:
            async with db.writing() as connection:
                await connection.execute(
                    "insert into explotaciones (tenant_id, code, name, municipality)"
                    " select tenant_id, code, 'twice', 'x' from explotaciones limit 1"
                )
        assert caught.value.constraint
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        async with db.reading() as connection:  # and the connection goes on
            await connection.execute("select 1")


async def test_a_constraint_checked_at_commit_arrives_in_our_words(database: TestDatabase) -> None:
    as_admin(
        database,
        "alter table explotaciones add constraint late_name unique (name) deferrable initially deferred",
    )
    async with signed_in(database.sign_in("demo_dba")) as db:
        with pytest.raises(AlreadyExists) as caught:
            async with db.writing() as connection:
                await connection.execute("update explotaciones set name = 'same'")
                await connection.execute(
                    "insert into explotaciones (tenant_id, code, name, municipality)"
                    " select tenant_id, 'late', 'same', 'x' from explotaciones limit 1"
                )
        assert caught.value.constraint == "late_name"


async def test_a_serialization_failure_repeats_the_whole_three_times_at_most(database: TestDatabase) -> None:
    tries = 0

    async def unlucky(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await rename(connection, f"try {tries}")
        if tries < 3:
            await connection.execute("do $$ begin raise exception using errcode = '40001'; end $$")

    async def hopeless(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.execute("do $$ begin raise exception using errcode = '40P01'; end $$")

    async with signed_in(database.sign_in("demo_dba")) as db:
        await db.write(unlucky)
        assert tries == 3
        assert "try 3" in names(database)
        tries = 0
        with pytest.raises(Contention):
            await db.write(hopeless)
        assert tries == 3


async def test_real_deadlocks_end_with_both_changes_made(database: TestDatabase) -> None:
    as_admin(database, "create table meeting (id int primary key, visits int default 0)")
    as_admin(database, "grant select, update on meeting to supra_dba")
    as_admin(database, "insert into meeting values (1), (2)")
    both_hold_one = asyncio.Barrier(2)
    met = [False, False]

    async def visit(connection: Connection, who: int, first: int, second: int) -> None:
        await connection.execute("update meeting set visits = visits + 1 where id = %s", [first])
        if not met[who]:
            met[who] = True
            await both_hold_one.wait()
        await connection.execute("update meeting set visits = visits + 1 where id = %s", [second])

    async with signed_in(database.sign_in("demo_dba")) as db:
        await asyncio.gather(
            db.write(lambda connection: visit(connection, 0, 1, 2)),
            db.write(lambda connection: visit(connection, 1, 2, 1)),
        )
    assert as_admin(database, "select visits from meeting") == [(2,), (2,)]


# ---------------------------------------------------------------------- timeouts and cancellation


async def test_a_statement_that_takes_too_long_is_stopped_and_its_connection_dropped(
    shared_database: TestDatabase,
) -> None:
    async with signed_in(shared_database.sign_in("demo_clerk")) as db:
        with pytest.raises(StatementTimeout) as caught:
            async with db.reading(timeout=0.05) as connection:
                stopped = connection.info.backend_pid
                await connection.execute("select pg_sleep(60)")
        assert caught.value.sqlstate == "57014"
        async with db.reading() as connection:
            assert connection.info.backend_pid != stopped


async def test_a_lock_is_not_waited_for_long(database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supra_console.database.LOCK_TIMEOUT", 0.05)
    async with signed_in(database.sign_in("demo_dba")) as db:
        with psycopg.connect(database.admin) as holder:
            holder.execute("update explotaciones set name = 'held'")
            with pytest.raises(LockTimeout):
                async with db.writing() as connection:
                    await rename(connection, "wanted")


async def test_a_cancelled_task_cancels_on_the_server(shared_database: TestDatabase) -> None:
    async def search(connection: Connection) -> None:
        await connection.execute("select pg_sleep(61)")

    async with signed_in(shared_database.sign_in("demo_clerk")) as db:
        task = asyncio.create_task(db.read(search, timeout=120))
        await until_active(shared_database, "pg_sleep(61)")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_gone(shared_database, "pg_sleep(61)")
        async with db.reading() as connection:
            assert await (await connection.execute("select 1")).fetchone() == (1,)


async def test_a_storm_of_cancelled_searches_leaves_a_working_pool(shared_database: TestDatabase) -> None:
    async def search(connection: Connection) -> None:
        await connection.execute("select pg_sleep(62)")

    async with signed_in(shared_database.sign_in("demo_clerk")) as db:
        for _ in range(12):
            task = asyncio.create_task(db.read(search, timeout=120))
            await until_active(shared_database, "pg_sleep(62)")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await until_gone(shared_database, "pg_sleep(62)")
        await asyncio.gather(*(db.read(lambda connection: connection.execute("select 1")) for _ in range(20)))


async def test_a_cancelled_write_changes_nothing(database: TestDatabase) -> None:
    async def slow(connection: Connection) -> None:
        await rename(connection, "cancelled")
        await connection.execute("select pg_sleep(63)")

    async with signed_in(database.sign_in("demo_dba")) as db:
        task = asyncio.create_task(db.write(slow, timeout=120))
        await until_active(database, "pg_sleep(63)")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert "cancelled" not in names(database)


async def test_a_task_cancelled_while_it_commits_learns_so_afterwards(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a COMMIT that cannot end before the test lets it."""
    monkeypatch.setattr("supra_console.database.LOCK_TIMEOUT", 60.0)
    as_admin(
        database,
        "create function slow_commit() returns trigger language plpgsql as"
        " $$ begin perform pg_advisory_xact_lock(7); return null; end $$;"
        " create constraint trigger slow after update on explotaciones deferrable initially deferred"
        " for each row execute function slow_commit()",
    )

    async def change(connection: Connection) -> None:
        await connection.execute(
            "update explotaciones set name = 'kept' where id = (select id from explotaciones limit 1)"
        )

    async with signed_in(database.sign_in("demo_dba")) as db:
        with psycopg.connect(database.admin) as holder:
            holder.execute("select pg_advisory_xact_lock(7)")
            task = asyncio.create_task(db.write(change, timeout=60.0))
            await until_active(database, "COMMIT")
            task.cancel()
            await asyncio.sleep(0)  # the task has heard of it
            holder.rollback()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert "kept" in names(database)
        async with db.reading() as connection:
            await connection.execute("select 1")


# ---------------------------------------------------------------------- lines that break


async def test_connections_that_died_in_the_pool_cost_no_error(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_clerk")) as db:
        start = asyncio.Barrier(4)

        async def together(connection: Connection) -> None:
            await start.wait()
            await connection.execute("select 1")

        await asyncio.gather(*(db.read(together) for _ in range(4)))
        killed = as_admin(
            shared_database,
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where usename = 'demo_clerk' and datname = current_database()",
        )
        assert len(killed) >= 4
        async with db.writing() as connection:  # not even a write notices
            await connection.execute("select 1")


async def test_a_read_is_repeated_when_its_backend_is_killed(shared_database: TestDatabase) -> None:
    tries = 0

    async def search(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            await connection.execute("select pg_sleep(64)")
        return tries

    async with signed_in(shared_database.sign_in("demo_clerk")) as db:
        task = asyncio.create_task(db.read(search, timeout=120))
        pid = await until_active(shared_database, "pg_sleep(64)")
        await asyncio.to_thread(as_admin, shared_database, "select pg_terminate_backend(%s)", pid)
        assert await task == 2


async def test_a_read_is_repeated_when_the_line_is_cut(shared_database: TestDatabase) -> None:
    async with through_a_line(shared_database.sign_in("demo_clerk")) as (db, line):
        tries = 0

        async def search(connection: Connection) -> int:
            nonlocal tries
            tries += 1
            if tries == 1:
                line.cut()
            await connection.execute("select 1")
            return tries

        assert await db.read(search) == 2


async def test_a_read_that_is_lost_twice_says_so(shared_database: TestDatabase) -> None:
    async with through_a_line(shared_database.sign_in("demo_clerk")) as (db, line):

        async def search(connection: Connection) -> None:
            line.cut()
            await connection.execute("select 1")

        with pytest.raises(ConnectionLost):
            await db.read(search)


async def test_a_write_is_not_repeated_when_its_backend_is_killed(database: TestDatabase) -> None:
    tries = 0

    async def change(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await rename(connection, "killed")
        await connection.execute("select pg_sleep(65)")

    async with signed_in(database.sign_in("demo_dba")) as db:
        task = asyncio.create_task(db.write(change, timeout=120))
        pid = await until_active(database, "pg_sleep(65)")
        await asyncio.to_thread(as_admin, database, "select pg_terminate_backend(%s)", pid)
        with pytest.raises(ConnectionLost) as caught:
            await task
    assert tries == 1
    assert "Nothing was changed" in caught.value.advice
    assert "killed" not in names(database)


async def test_a_server_that_went_away_is_missed_at_once_and_comes_back_at_once(shared_database: TestDatabase) -> None:
    async with through_a_line(shared_database.sign_in("demo_clerk"), connect_timeout="120") as (db, line):
        for _ in range(3):
            line.refusing = True
            line.cut()
            async with asyncio.timeout(30):
                with pytest.raises((Unreachable, ConnectionLost)):
                    await db.read(lambda connection: connection.execute("select 1"))
                with pytest.raises((Unreachable, ConnectionLost)):
                    await db.write(lambda connection: connection.execute("select 1"))
            line.refusing = False
            async with asyncio.timeout(30):
                await db.read(lambda connection: connection.execute("select 1"))


async def test_connections_all_in_use_are_waited_for(
    shared_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with signed_in(shared_database.sign_in("demo_clerk")) as db, AsyncExitStack() as held:
        borrowed = [await held.enter_async_context(db.reading()) for _ in range(4)]
        assert len({connection.info.backend_pid for connection in borrowed}) == 4
        with monkeypatch.context() as hurry, pytest.raises(ServerBusy):
            hurry.setattr(connections.Line, "patience", 0.1)
            await db.read(lambda connection: connection.execute("select 1"))
        await asyncio.gather(db.read(lambda connection: connection.execute("select 1")), held.aclose())


async def test_who_is_signed_out_is_told_so(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database.sign_in("demo_clerk")) as db:
        pass
    with pytest.raises(ConnectionLost) as caught:
        await db.read(lambda connection: connection.execute("select 1"))
    assert "signed out" in caught.value.title


async def test_a_partition_is_noticed_in_seconds(shared_database: TestDatabase) -> None:
    async with through_a_line(shared_database.sign_in("demo_clerk")) as (db, line):
        del line
        async with db.reading() as connection:
            descriptor = connection.pgconn.socket
            import socket

            with socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM) as probe:
                options = [
                    probe.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                    probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                    probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
                    probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
                    probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
                ]
    assert options == [1, 1, 1, 3, 3000]


COMMIT = b"Q\0\0\0\x0bCOMMIT\0"


async def test_a_commit_whose_answer_was_lost_is_known_to_have_happened(database: TestDatabase) -> None:
    """Given COMMIT arrives and its answer does not, the writer is told that the change was saved."""
    async with through_a_line(database.sign_in("demo_dba")) as (db, line):

        def at_commit(block: bytes) -> bool:
            line.answers = COMMIT not in block
            return True

        line.watch = at_commit
        task = asyncio.create_task(db.write(lambda connection: rename(connection, "saved")))
        while "saved" not in await asyncio.to_thread(names, database):
            pass
        line.watch, line.answers = None, True
        line.cut()
        await task


async def test_a_commit_that_never_arrived_is_known_not_to_have_happened(database: TestDatabase) -> None:
    async with through_a_line(database.sign_in("demo_dba")) as (db, line):

        def at_commit(block: bytes) -> bool:
            if COMMIT in block:
                line.cut()
            return COMMIT not in block

        line.watch = at_commit
        with pytest.raises(ConnectionLost):
            await db.write(lambda connection: rename(connection, "never"))
    assert "never" not in names(database)


async def test_a_transaction_the_server_still_holds_open_is_released(database: TestDatabase) -> None:
    """Given COMMIT vanished and the server waits for it, its backend is ended and nothing was changed."""
    async with through_a_line(database.sign_in("demo_dba")) as (db, line):

        def at_commit(block: bytes) -> bool:
            if COMMIT in block:
                line.cut(unnoticed=True)
            return COMMIT not in block and block != b""

        line.watch = at_commit
        with pytest.raises(ConnectionLost):
            await db.write(lambda connection: rename(connection, "released"))
        held = as_admin(
            database,
            "select pid from pg_stat_activity where state = 'idle in transaction' and datname = current_database()",
        )
    assert held == []
    assert "released" not in names(database)


async def test_an_outcome_nobody_can_look_up_is_unknown(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "OUTCOME_PATIENCE", 0.5)
    async with through_a_line(database.sign_in("demo_dba")) as (db, line):

        def at_commit(block: bytes) -> bool:
            if COMMIT in block:
                line.refusing = True
                line.cut()
            return True

        line.watch = at_commit
        with pytest.raises(OutcomeUnknown):
            await db.write(lambda connection: rename(connection, "who knows"))


async def test_the_outcome_is_not_asked_of_another_server(database: TestDatabase) -> None:
    """Given the server that answers numbers its transactions anew (another timeline), nothing is certain."""
    async with signed_in(database.sign_in("demo_dba")) as db:
        async with db.writing() as connection:
            await rename(connection, "x")
            row = await (await connection.execute("select pg_current_xact_id()::text")).fetchone()
        assert row is not None
        assert await db._line.outcome(row[0], "0000DEAD", 1) == "unknown"
        assert await db._line.outcome("999999999999", "0000DEAD", 1) == "unknown"


# ---------------------------------------------------------------------- PgBouncer and SQLAlchemy


async def test_a_server_that_stands_still_is_not_waited_for_for_ever(
    shared_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the line is alive and nobody answers any more, the statement's time and a grace are all it gets."""
    monkeypatch.setattr("supra_console.database.GRACE", 0.1)
    async with through_a_line(shared_database.sign_in("demo_clerk")) as (db, line):
        with pytest.raises(ConnectionLost):
            async with db.reading(timeout=0.1) as connection:
                line.answers = False
                await connection.execute("select 1")
        line.answers = True
        await db.read(lambda connection: connection.execute("select 1"))


@pytest.fixture
def pooled(shared_database: TestDatabase, pooler: str) -> TestDatabase:
    """The same database through PgBouncer in transaction mode."""
    from psycopg.conninfo import make_conninfo

    target = conninfo_to_dict(pooler)
    return TestDatabase(make_conninfo(shared_database.admin, host=target["host"], port=target["port"]))


async def test_everything_works_behind_pgbouncer(pooled: TestDatabase) -> None:
    async with signed_in(pooled.sign_in("demo_dba")) as db:
        other = next(tenant for tenant in await db.tenants() if tenant != db.identity.home)

        async def whose(connection: Connection) -> object:
            return await (await connection.execute("select id from tenants")).fetchone()

        assert await asyncio.gather(*(db.read(whose) for _ in range(12))) == [(db.identity.home.id,)] * 12
        await db.choose_tenant(other.id)
        assert await db.read(whose) == (other.id,)
        with pytest.raises(StatementTimeout):
            async with db.reading(timeout=0.05) as connection:
                await connection.execute("select pg_sleep(60)")
        await db.write(whose)


async def test_a_task_cancelled_behind_pgbouncer_cancels_on_the_server(
    pooled: TestDatabase, shared_database: TestDatabase
) -> None:
    async with signed_in(pooled.sign_in("demo_clerk")) as db:
        task = asyncio.create_task(db.read(lambda connection: connection.execute("select pg_sleep(66)"), timeout=120))
        await until_active(shared_database, "pg_sleep(66)")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_gone(shared_database, "pg_sleep(66)")
        await db.read(lambda connection: connection.execute("select 1"))


async def test_sqlalchemy_shares_connections_binding_and_outcome(database: TestDatabase) -> None:
    from sqlalchemy import text

    async with signed_in(database.sign_in("demo_dba")) as db:
        other = next(tenant for tenant in await db.tenants() if tenant != db.identity.home)
        engine = db.engine()
        assert db.engine() is engine
        async with engine.begin() as connection:
            await connection.execute(text("update explotaciones set name = :name"), {"name": "by the mapper"})
        assert "by the mapper" in names(database)
        await db.choose_tenant(other.id)
        async with engine.connect() as connection:
            for _ in range(2):  # each transaction is bound anew
                async with connection.begin():
                    rows = await connection.execute(
                        text("select id, current_setting('statement_timeout') from tenants")
                    )
                    assert [tuple(row) for row in rows] == [(other.id, "15s")]
        async with db.reading() as plain:
            assert plain.autocommit
    assert len(as_admin(database, "select 1")) == 1


async def test_psycopg_says_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("psycopg").handlers)
    with pytest.raises(Unreachable):
        await Database.open(Profile("test", {"host": "nowhere.invalid", "user": "x"}))
    assert capfd.readouterr().err == ""
