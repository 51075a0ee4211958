"""The lookup with the database behind it: answers, cancelling, and a line that is cut in the middle."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from textual.pilot import Pilot

from queries.accounts import SearchResult
from screens.accounts import lookup as lookup_module
from screens.accounts.details import DetailsScreen
from screens.accounts.lookup import LookupScreen
from screens.app import SupraApp
from screens.places import Place
from screens.session import Session, SignIn, State
from supra_console.connections import Connection
from supra_console.profiles import Profile, Profiles
from tests.conftest import DEMO_PASSWORD, TestDatabase
from tests.screens.driving import text_of
from tests.screens.pretend import lookup, settled, table
from tests.screens.quiet import until


def address(database: TestDatabase) -> tuple[str, int]:
    values = conninfo_to_dict(database.admin)
    return str(values.get("host", "127.0.0.1")), int(values.get("port") or 5432)


def console(database: TestDatabase, *, port: int | None = None, **options: Any) -> SupraApp:
    host, its_port = address(database)
    parameters = {"host": host, "port": str(port or its_port), "dbname": database.name}
    profile = Profile("test", parameters)
    request = SignIn(profile, "demo_clerk", DEMO_PASSWORD)
    profiles = Profiles(Path("x.toml"), {"test": profile})
    return SupraApp(profiles, request=request, environment={}, **options)


async def found(pilot: Pilot[Any], text: str) -> None:
    await pilot.press(*text, "enter")
    await settled(pilot)


def some_contract(database: TestDatabase) -> tuple[str, str]:
    """Number and holder of a contract the clerk may see."""
    with psycopg.connect(database.sign_in("demo_clerk")) as clerk:
        row = clerk.execute(
            "select c.contract_number, p.name from contracts c join persons p on p.id = c.person_id"
            " order by c.contract_number limit 1"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


async def test_from_a_number_to_the_account(shared_database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "OPENS_AFTER", 3600.0)  # by Enter, and not by itself before it
    number, holder = some_contract(shared_database)
    app = console(shared_database)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        assert app.link.state == State.SIGNED_IN
        await found(pilot, number)
        assert isinstance(app.screen, DetailsScreen)
        await settled(pilot, "account")
        shown = text_of(pilot)
        assert number in shown
        assert holder[:20] in shown


async def test_words_and_typing_errors_find_people(shared_database: TestDatabase) -> None:
    _number, holder = some_contract(shared_database)
    word = holder.split()[0]
    async with console(shared_database).run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.press(*word)
        await settled(pilot)
        assert word in text_of(pilot)
        assert table(pilot).row_count >= 1


async def test_an_empty_database_finds_nobody_and_says_so(bare_database: TestDatabase) -> None:
    with psycopg.connect(bare_database.admin, autocommit=True) as admin:
        admin.execute(
            "insert into users (tenant_id, email, name, role, db_role)"
            " select id, 'clerk@example.mx', 'Clerk', 'atencion_cliente', 'demo_clerk' from tenants limit 1"
        )
    async with console(bare_database).run_test() as pilot:
        await settled(pilot)
        await found(pilot, "garcia")
        assert "No account matches garcia" in text_of(pilot)


async def test_a_newer_key_cancels_the_statement_on_the_server(shared_database: TestDatabase) -> None:
    async def sleeping(session: Session, text: str, _limit: int) -> SearchResult:
        database = await session.database()

        async def work(connection: Connection) -> None:
            await connection.execute(f"select pg_sleep({30 if text == 'slow' else 0}) /* supra test */")

        await database.read(work, timeout=60)
        return SearchResult((), more=False)

    class Lookup(Place):
        def open(self, session: Session, *subject: object) -> Any:
            return LookupScreen(session, sleeping)

    def running() -> int:
        with psycopg.connect(shared_database.admin, autocommit=True) as admin:
            row = admin.execute(
                "select count(*) from pg_stat_activity where state = 'active' and datname = current_database()"
                " and query like '%%pg_sleep(30)%%' and pid <> pg_backend_pid()"
            ).fetchone()
        assert row is not None
        return int(row[0])

    app = console(shared_database, places=[Lookup("accounts", "", "")])
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press(*"slow", "enter")
        await until(pilot, running)
        await pilot.press("s")
        await until(pilot, lambda: not running())
        await settled(pilot)
        assert lookup(pilot).answer.text == "slows"


async def test_backends_ended_by_the_server_are_not_even_noticed(shared_database: TestDatabase) -> None:
    async with console(shared_database).run_test() as pilot:
        await settled(pilot)
        await found(pilot, "garcia")
        with psycopg.connect(shared_database.admin, autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and usename = 'demo_clerk'"
            )
        await found(pilot, " l")
        assert lookup(pilot).answer.phase == "answered"


class Line:
    """A line to the server that can be cut and mended; it keeps its port."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._ends:
            writer.transport.abort()
        self._ends.clear()
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_connection(*self._to)
        self._ends |= {writer, its_writer}
        await asyncio.gather(self._carry(reader, its_writer), self._carry(its_reader, writer))

    @staticmethod
    async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


async def test_a_cut_line_keeps_the_results_and_heals_with_the_next_key(shared_database: TestDatabase) -> None:
    line = Line(*address(shared_database))
    await line.mend()
    app = console(shared_database, port=line.port)
    async with app.run_test(size=(90, 24)) as pilot:
        await settled(pilot)
        await found(pilot, "garcia")
        before = table(pilot).row_count
        assert before
        await line.cut()
        await found(pilot, " l")
        shown = text_of(pilot)
        assert app.link.state == State.LOST
        assert table(pilot).row_count == before
        assert "CONNECTION LOST" in shown
        assert "these are from before" in shown
        await line.mend()
        await pilot.press("backspace", "backspace")
        await settled(pilot)
        assert lookup(pilot).answer.phase == "answered"
        assert app.link.state == State.SIGNED_IN
    await line.cut()
