"""Real servers for every test: one throwaway server per run, one template database, a clone of it per test.

A server that cannot be had fails the run; nothing is skipped. ``SUPRA_DATABASE_URL`` names a server of your own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests import timescale

REPOSITORY = Path(__file__).resolve().parent.parent
INSTANCE = f"test-{os.getpid()}"  # two runs at once do not meet
DEMO_ROLES = ("demo_clerk", "demo_operator", "demo_supervisor", "demo_dba", "demo_other")
DEMO_PASSWORD = "demo password ñ'\"\\ €"
DEMO_ACCOUNTS, DEMO_MONTHS = 300, 6

# What whoever runs the tests has set for terminals, languages and servers is left outside, before anything reads it.
SERVERS = {"SUPRA_DATABASE_URL", "SUPRA_POOLER_URL"}
OUTSIDE = ("PG", "LC_", "LANGUAGE", "SUPRA_", "TEXTUAL", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES")
for variable in [one for one in os.environ if one.startswith(OUTSIDE) and one not in SERVERS]:
    del os.environ[variable]
os.environ |= {"LANG": "C.UTF-8", "TERM": "xterm-256color"}
os.environ |= {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}  # as the console has them, see `screens`

# An example may take as long as the others on the machine make it.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@dataclass(frozen=True)
class TestDatabase:
    """A database of one test: its administrator's connection string, and those of the demo users."""

    __test__ = False
    admin: str

    @property
    def name(self) -> str:
        return str(conninfo_to_dict(self.admin)["dbname"])

    def sign_in(self, role: str, password: str = DEMO_PASSWORD) -> str:
        """The connection string of a demo user, e.g. ``demo_clerk``."""
        return make_conninfo(self.admin, user=role, password=password)


def localdb(*arguments: str) -> str:
    """Run scripts/localdb and return what it printed."""
    done = subprocess.run(
        [REPOSITORY / "scripts" / "localdb", *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The administrator's connection string of a running server."""
    yield localdb("up", "--instance", INSTANCE, "--throwaway", "--until-exit-of", str(os.getpid()))
    localdb("down", "--instance", INSTANCE, "--erase")


@pytest.fixture(scope="session")
def pooler(server: str) -> str:
    """The administrator's connection string through PgBouncer in transaction mode."""
    own = os.environ.get("SUPRA_POOLER_URL")  # beside a SUPRA_DATABASE_URL of your own
    return own or localdb("up", "--instance", INSTANCE, "--throwaway", "--pooler")


def unique_name(stem: str) -> str:
    return f"supra_test_{stem}_{os.getpid()}_{secrets.token_hex(4)}"


def create_database(server: str, name: str, template: str = "template0") -> str:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
    return make_conninfo(server, dbname=name)


def drop_database(server: str, name: str) -> None:
    """Drop it, whoever is still connected; the server itself waits only five seconds for them to be gone."""
    statement = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as admin:
        for _attempt in range(10):
            with suppress(psycopg.errors.ObjectInUse):
                admin.execute(statement)
                return
        admin.execute(statement)


def seal(server: str, dsn: str) -> None:
    """End TimescaleDB's workers in a database and keep them out, so that it can be a template."""
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("select _timescaledb_functions.stop_background_workers()")
    name = sql.Identifier(str(conninfo_to_dict(dsn)["dbname"]))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("alter database {} allow_connections false").format(name))
        admin.execute(
            "select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = %s",
            [conninfo_to_dict(dsn)["dbname"]],
        )


@pytest.fixture(scope="session")
def schema_template(server: str) -> Iterator[str]:
    """The name of a sealed database that holds the schema and nothing else."""
    from queries import schema

    name = unique_name("schema")
    dsn = create_database(server, name)
    schema.init(dsn)
    seal(server, dsn)
    yield name
    drop_database(server, name)


@pytest.fixture(scope="session")
def demo_template(server: str) -> Iterator[str]:
    """The name of a sealed database that holds the schema and a small demo utility."""
    from queries import demo, schema

    name = unique_name("demo")
    dsn = create_database(server, name)
    schema.init(dsn)
    demo.load_demo(dsn, accounts=DEMO_ACCOUNTS, months=DEMO_MONTHS, seed=7)
    demo.ensure_demo_roles(dsn, dict.fromkeys(DEMO_ROLES, DEMO_PASSWORD))
    seal(server, dsn)
    yield name
    drop_database(server, name)


@pytest.fixture
def clone(server: str) -> Iterator[Callable[[str], TestDatabase]]:
    """Make a database out of a template; all are dropped after the test, whoever is still connected."""
    names: list[str] = []

    def make(template: str) -> TestDatabase:
        names.append(unique_name("clone"))
        return TestDatabase(create_database(server, names[-1], template))

    yield make
    for name in names:
        drop_database(server, name)


@pytest.fixture
def empty_database(clone: Callable[[str], TestDatabase]) -> TestDatabase:
    """A database without the schema."""
    return clone("template0")


@pytest.fixture
def bare_database(clone: Callable[[str], TestDatabase], schema_template: str) -> TestDatabase:
    """A database with the schema and its seed data, and no accounts."""
    return clone(schema_template)


@pytest.fixture
def database(clone: Callable[[str], TestDatabase], demo_template: str) -> TestDatabase:
    """A database with a small demo utility, for one test to change as it likes."""
    return clone(demo_template)


@pytest.fixture(scope="module")
def shared_database(server: str, demo_template: str) -> Iterator[TestDatabase]:
    """A database with a small demo utility that the tests of one module read and do not change."""
    name = unique_name("shared")
    yield TestDatabase(create_database(server, name, demo_template))
    drop_database(server, name)


@pytest.fixture(scope="session")
def timeseries_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a TimescaleDB Community server with a demo utility; nobody works in it."""
    return timescale.make_template(tmp_path_factory.mktemp("timeseries") / "template")


@pytest.fixture(scope="module")
def timeseries_database(
    timeseries_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[timescale.TimeseriesDatabase]:
    """A TimescaleDB Community server with a demo utility, of this module's own, for its tests to change.

    800 tomas of the first tenant with 24 months of readings: what is older than six months is compressed but the
    newest such chunk, which is overdue; late rows in one compressed chunk, which the aggregate does not know yet;
    events, compressed where they are a year old. The second tenant is small. Read `tests/timescale.py` for the rules.
    """
    data = timescale.copy_of(timeseries_template, tmp_path_factory.mktemp("timeseries") / "data")
    with timescale.running(data) as dsn:
        yield timescale.TimeseriesDatabase(dsn)
    shutil.rmtree(data)


@pytest.fixture
def timeseries_server(timeseries_database: timescale.TimeseriesDatabase) -> str:
    """The connection string of its `postgres`."""
    return timeseries_database.admin
