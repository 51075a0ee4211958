"""TimescaleDB Community with a demo utility, for the tests of chunks.

The rules of this server (see `scripts/timescale-wasm`): one backend serves all connections, so

- whoever is signed in is so for everybody: `sign_in` switches the backend and switches it back;
- a transaction of one connection makes all others wait, for ever if the same test is to end it: no connection of a
  test stays in a transaction while another one works;
- no background workers: a job runs when somebody runs it, and statistics are as old as the last `analyze`;
- no PostGIS, no COPY (it ends the server), no prepared statements.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from supra_console.database import Database
from supra_console.profiles import Profile
from tests.supra_console.signing_in import opened

SERVE = Path(__file__).resolve().parent.parent / "scripts" / "timescale-wasm" / "serve.py"
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class TimeseriesDatabase:
    """A server with the demo utility's time series: `.admin`, `.as_admin()` and `.sign_in(role)`.

    `admin` is the connection string of `postgres`, which it is outside of `sign_in`; inside use `as_admin`.
    """

    admin: str

    @contextmanager
    def as_admin(self) -> Iterator[Connection]:
        """A connection, in autocommit, of `postgres`, whoever is signed in; afterwards that one is again."""
        with psycopg.connect(self.admin, autocommit=True, prepare_threshold=None) as connection:
            row = connection.execute("select session_user").fetchone()
            assert row is not None
            connection.execute("set session authorization postgres")
            try:
                yield connection
            finally:
                connection.execute("rollback")
                connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(row[0])))

    @contextmanager
    def sign_in(self, role: str = "demo_dba") -> Iterator[Profile]:
        """Sign everybody in as a demo user, and give the profile for `Database.open`; close that before the end."""
        with psycopg.connect(self.admin, autocommit=True, prepare_threshold=None) as connection:
            connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
        way = {key: str(value) for key, value in conninfo_to_dict(self.admin).items()}
        try:
            yield Profile("timeseries", {**way, "user": role})
        finally:
            with psycopg.connect(self.admin, autocommit=True, prepare_threshold=None) as connection:
                connection.execute("rollback")
                connection.execute("set session authorization postgres")


@asynccontextmanager
async def signed_in(database: TimeseriesDatabase, role: str = "demo_dba") -> AsyncIterator[Database]:
    """The console's connection as a demo user."""
    with database.sign_in(role) as profile:
        async with opened(profile) as db:
            yield db


def as_admin(database: TimeseriesDatabase, statement: str, *parameters: object) -> list[Any]:
    """What an administrator gets for a statement, whoever is signed in."""
    with database.as_admin() as admin:
        cursor = admin.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def running(data: Path | None = None, *options: str) -> Iterator[str]:
    """A server of its own, in memory or in a folder: the connection string of its `postgres`."""
    command = [sys.executable, str(SERVE), *options, *(["--data", str(data)] if data else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, "the TimescaleDB server did not start; what it wrote is above"
        try:
            yield make_conninfo(
                host="127.0.0.1",
                port=json.loads(line)["port"],
                dbname="postgres",
                user="postgres",
                password="postgres",
                sslmode="disable",
            )
        finally:
            server.stdin.close()
            assert server.wait(120) == 0


def make_template(folder: Path) -> Path:
    """A data folder with the demo utility, to be copied: some 40 s, once for a run of the tests."""
    from queries import demo_timescale

    with running(folder) as dsn:
        demo_timescale.prepare(dsn)
    return folder


def copy_of(template: Path, folder: Path) -> Path:
    return shutil.copytree(template, folder, symlinks=True)
