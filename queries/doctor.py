"""Is this server fit for SUPRA, and are the walls between utilities where they belong?

Everything is read from the catalogue, as the person signed in; nothing is changed. Each check
is fine, has findings, or could not run; one that cannot run does not stop the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TypeVar

import psycopg
from psycopg.rows import class_row

from queries.statements import load
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.display import safe
from supra_console.error_translation import translate
from supra_console.errors import SupraError
from supra_console.i18n import N_, _

Row = TypeVar("Row")

CLOCK_TOLERANCE = 2.0  # seconds; more, and "today" differs between the console and the server at midnight


class State(IntEnum):
    """How a check ended; the worst is the exit status."""

    OK = 0
    FINDING = 1
    FAILED = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One question put to the server.

    Attributes:
        name: code for scripts (`isolation`).
        state: how it ended.
        summary: the answer in one line.
        findings: what is wrong, one line each; safe to show.
    """

    name: str
    state: State
    summary: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All checks, in the order in which one would look."""

    checks: tuple[Check, ...]

    @property
    def state(self) -> State:
        """The worst of all; also the exit status: 0 fine, 1 finding, 2 could not run."""
        return max((check.state for check in self.checks), default=State.FAILED)


@dataclass(frozen=True, slots=True)
class _Feature:
    feature: str
    available: bool
    version: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class _Problem:
    name: str
    problem: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class _Right:
    object: str
    grantee: str
    privileges: str


@dataclass(frozen=True, slots=True)
class _Server:
    clock: datetime
    backend: int
    in_recovery: bool


PROBLEMS = {
    "not_enabled": N_("row-level security is not enabled"),
    "not_forced": N_("row-level security is not forced on the owner"),
    "no_policy": N_("no policy ties its rows to the tenant"),
    "no_check": N_("a policy lets rows of another tenant be written"),
    "open_policy": N_("a policy lets rows through without asking for the tenant"),
    "partition_rights": N_("a right on a partition goes round the policies of its table"),
    "public_rights": N_("everybody has rights on it"),
    "view_open": N_("the view is no security barrier"),
    "no_search_path": N_("runs with its owner's rights and no fixed search_path"),
    "search_path_without_pg_temp": N_("its search_path does not end in pg_temp"),
    "public_may_execute": N_("runs with its owner's rights for everybody"),
    "missing": N_("the role is missing"),
    "may_login": N_("the role may sign in"),
    "superuser": N_("the role is a superuser"),
    "bypasses_isolation": N_("the role bypasses row-level security"),
    "owner_member": N_("a person's role is above the isolation between utilities"),
}

# What SUPRA cannot do without; the rest is reported and not missed.
REQUIRED = frozenset(
    {"pgcrypto", "pg_trgm", "unaccent", "fuzzystrmatch", "btree_gist", "postgis", "vector", "timescaledb"}
)


async def examine(db: Database) -> Report:
    """Put every question to the server."""
    questions: tuple[tuple[str, Callable[[Database], Awaitable[Check]]], ...] = (
        (N_("server"), _server),
        (N_("extensions"), _extensions),
        (N_("roles"), _roles),
        (N_("isolation"), _isolation),
        (N_("timeseries"), _timeseries),
        (N_("functions"), _functions),
        (N_("pooler"), _pooler),
        (N_("revision"), _revision),
        (N_("clock"), _clock),
    )
    checks = []
    for name, question in questions:
        try:
            checks.append(await question(db))
        except (SupraError, psycopg.Error) as error:
            checks.append(could_not_run(name, translate(error)))
    return Report(tuple(checks))


def could_not_run(name: str, error: SupraError) -> Check:
    """A check that the server or the network did not allow."""
    return Check(name, State.FAILED, error.title, (error.advice,) if error.advice else ())


async def _rows(db: Database, statement: str, record: type[Row]) -> list[Row]:
    async def fetch(connection: Connection) -> list[Row]:
        cursor = connection.cursor(row_factory=class_row(record))
        return await (await cursor.execute(load(statement))).fetchall()

    return await db.read(fetch)


def _check(name: str, fine: str, findings: list[str]) -> Check:
    if not findings:
        return Check(name, State.OK, fine)
    return Check(name, State.FINDING, _("{count} findings").format(count=len(findings)), tuple(findings))


async def _server(db: Database) -> Check:
    who = db.identity
    server = (await _rows(db, "doctor_server", _Server))[0]
    summary = _("PostgreSQL {version} at {host}:{port}, database {database}, {encryption}").format(
        version=who.server_version,
        host=safe(who.host),
        port=who.port,
        database=safe(who.database),
        encryption=_("encrypted") if who.tls else _("not encrypted"),
    )
    findings = []
    if server.in_recovery:
        findings.append(_("the server is a stand-by: nothing can be changed on it"))
    if who.production and not who.tls:
        findings.append(_("a production server is reached without encryption"))
    return Check("server", State.FINDING if findings else State.OK, summary, tuple(findings))


async def _extensions(db: Database) -> Check:
    features = await _rows(db, "doctor_features", _Feature)
    there = [
        f"{feature.feature} {feature.version}" + (f" ({feature.note})" if feature.note else "")
        for feature in features
        if feature.available and feature.version and feature.feature != "postgresql"
    ]
    missing = [
        f"{feature.feature}: {feature.note}"
        for feature in features
        if not feature.available and feature.feature in REQUIRED
    ]
    summary = ", ".join(map(safe, there))
    return Check("extensions", State.FINDING if missing else State.OK, summary, tuple(map(safe, missing)))


async def _roles(db: Database) -> Check:
    problems = await _rows(db, "doctor_roles", _Problem)
    return _check("roles", _("group and owner roles are as installed"), _lines(problems))


async def _isolation(db: Database) -> Check:
    problems = await _rows(db, "doctor_tables", _Problem)
    return _check("isolation", _("every table of a utility is behind enforced row-level security"), _lines(problems))


async def _timeseries(db: Database) -> Check:
    rights = await _rows(db, "doctor_hidden_schemas", _Right)
    findings = [
        _("{role} may reach {object} past the tenant filter ({rights})").format(
            role=safe(right.grantee), object=safe(right.object), rights=safe(right.privileges)
        )
        for right in rights
    ]
    return _check("timeseries", _("hypertables and chunks are reached through the tenant views only"), findings)


async def _functions(db: Database) -> Check:
    problems = await _rows(db, "doctor_functions", _Problem)
    return _check("functions", _("functions with their owner's rights are sealed"), _lines(problems))


def _lines(problems: list[_Problem]) -> list[str]:
    return [
        f"{safe(problem.name)}: {_(PROBLEMS.get(problem.problem, problem.problem))}"
        + (f" ({safe(problem.detail)})" if problem.detail else "")
        for problem in problems
    ]


async def _pooler(db: Database) -> Check:
    """A pooler gives libpq a process number of its own, so the two numbers differ."""

    async def numbers(connection: Connection) -> tuple[int, int]:
        row = await connection.one(load("doctor_server"), class_row(_Server))
        return connection.info.backend_pid, row.backend

    given, real = await db.read(numbers)
    if given == real:
        return Check("pooler", State.OK, _("no pooler: the connection reaches the server itself"))
    version, mode = await _pgbouncer(db)
    if mode is None and await _shares_connections(db):
        mode = "transaction"
    if mode is None:
        return Check("pooler", State.OK, _("a pooler answers for the server; it does not tell its mode to this role"))
    summary = _("{pooler}, pool mode {mode}").format(pooler=safe(version or _("a pooler")), mode=safe(mode))
    if mode == "statement":
        return Check("pooler", State.FINDING, summary, (_("statement mode breaks transactions apart"),))
    return Check("pooler", State.OK, summary)


async def _shares_connections(db: Database) -> bool:
    """Whether one client gets the server's process that another, still connected, has just used."""
    first = await db.connect(db.identity.database)
    second = await db.connect(db.identity.database)
    try:
        processes = [
            (await client.one(load("doctor_server"), class_row(_Server))).backend for client in (first, second)
        ]
    finally:
        first.drop()
        second.drop()
    return processes[0] == processes[1]


async def _pgbouncer(db: Database) -> tuple[str | None, str | None]:
    """Version and mode from PgBouncer's own console; nothing when this role may not ask it."""
    try:
        connection = await db.connect("pgbouncer")
    except SupraError:
        return None, None
    try:
        version = await (await connection.execute("show version")).fetchone()
        settings = await (await connection.execute("show config")).fetchall()
    except psycopg.Error:
        return None, None
    finally:
        connection.drop()
    modes = [str(row[1]) for row in settings if row[0] == "pool_mode"]
    return str(version[0]) if version else None, modes[0] if modes else None


async def _revision(db: Database) -> Check:
    from queries import schema

    current = await asyncio.to_thread(schema.head_revision)
    there = await schema.revision_of(db)
    if there is None:
        advice = _("run `supra-console db init`")
        return Check("revision", State.FINDING, _("the schema carries no revision"), (advice,))
    if there != current:
        finding = _("this console expects revision {wanted}").format(wanted=current)
        return Check("revision", State.FINDING, _("schema revision {there}").format(there=safe(there)), (finding,))
    return Check("revision", State.OK, _("schema revision {there}").format(there=safe(there)))


async def _clock(db: Database) -> Check:
    async def compare(connection: Connection) -> tuple[float, float]:
        before = datetime.now(UTC)
        row = await connection.one(load("doctor_server"), class_row(_Server))
        after = datetime.now(UTC)
        trip = (after - before).total_seconds()
        return (row.clock - before).total_seconds() - trip / 2, trip

    ahead, trip = await db.read(compare)
    summary = _("server clock {seconds:+.1f} s against this machine, round trip {trip:.1f} ms").format(
        seconds=ahead, trip=trip * 1000
    )
    # Half a round trip is what the comparison itself cannot know.
    if abs(ahead) - trip / 2 > CLOCK_TOLERANCE:
        return Check("clock", State.FINDING, summary, (_("the clocks differ: check NTP on both machines"),))
    return Check("clock", State.OK, summary)
