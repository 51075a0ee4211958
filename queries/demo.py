"""How does a demo utility get into a database, the same every time, and who may sign in to it?

`load_demo()` runs the steps of `sql/demo` as an administrator: set-based, each step its own
transaction, large ones in slices that two connections share. The work tables live in the
schema `demo`, which is dropped at the end: where it is found at the beginning, a load was
interrupted and is made again from nothing. What was loaded is recorded as a domain event.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from supra_console.errors import ConfigurationError, InvalidInput, MissingFeature, PermissionDenied, translate
from supra_console.i18n import N_, _

Connection = psycopg.Connection[tuple[Any, ...]]

STATEMENTS: Final = Path(__file__).resolve().parent.parent / "sql" / "demo"

SECOND_TENANT: Final = "comapa-demo"

CLOCK: Final = ZoneInfo("America/Mexico_City")

DEMO_ROLES: Final[Mapping[str, str]] = {
    "demo_clerk": "supra_readonly",
    "demo_operator": "supra_operator",
    "demo_supervisor": "supra_supervisor",
    "demo_dba": "supra_dba",
    "demo_other": "supra_operator",
}
"""Login role to the group it belongs to; the rows of `users` are part of the demo utility."""

WORD_LISTS: Final = ("surnames", "given_names", "streets", "colonias", "firms")

KEPT: Final = frozenset(
    {
        "tenants", "explotaciones", "offices", "explotacion_configs", "payment_channels", "work_order_types",
        "sla_definitions", "domain_values", "sat_catalogs", "domain_value_links",
    }
)  # fmt: skip
"""Tables with rows of the installation itself: a repeated load deletes the second tenant's only."""

SMALLEST_SLICE: Final = 500
LARGEST_SLICE: Final = 10_000
"""Accounts a sliced step takes at a time: few enough to show progress, enough to be worth a statement."""

ACCOUNTS: Final = range(20, 2_000_001)
MONTHS: Final = range(1, 121)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: `done` of `total` parts, `rows` written so far by the step named `step`."""

    step: str
    rows: int
    done: int
    total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DemoUtility:
    """A demo utility as it was loaded; `until` is the first day of its current month."""

    accounts: int
    months: int
    seed: int
    until: date


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did. With `already` nothing was done, and `utility` is what was there before."""

    utility: DemoUtility
    already: bool
    rows: int
    seconds: float
    steps: tuple[tuple[str, float], ...] = ()
    """Title and seconds of each step."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One file of `sql/demo`. A sliced one runs for some accounts at a time, several at once."""

    file: str
    title: str
    sliced: bool = False
    work: bool = False
    """Whether it fills work tables only, so that its rows are not the utility's."""

    @property
    def statements(self) -> str:
        return (STATEMENTS / f"{self.file}.sql").read_text("utf-8")


STEPS: Final = (
    _Step("10-organisation", N_("organisation")),
    _Step("15-places", N_("colonias and sectors")),
    _Step("20-souls", N_("names"), work=True),
    _Step("25-persons", N_("persons")),
    _Step("30-accounts", N_("accounts"), work=True),
    _Step("35-network", N_("addresses, tomas and meters")),
    _Step("40-contracts", N_("contracts")),
    _Step("42-tariffs", N_("tariffs")),
    _Step("45-work-tables", N_("consumption"), work=True),
    _Step("50-consumption", N_("consumption"), sliced=True, work=True),
    _Step("55-rating", N_("rating"), work=True),
    _Step("60-bills", N_("rating"), sliced=True, work=True),
    _Step("61-batches", N_("billing runs")),
    _Step("62-readings", N_("readings"), sliced=True),
    _Step("64-invoices", N_("invoices"), sliced=True),
    _Step("66-lines", N_("invoice lines"), sliced=True),
    _Step("68-payments", N_("payments"), sliced=True),
    _Step("70-operations", N_("contacts and work orders")),
    _Step("72-collections", N_("collections")),
    _Step("75-events", N_("events")),
)


def load_demo(
    conninfo: str,
    accounts: int,
    months: int,
    seed: int = 1,
    progress: Callable[[Progress], None] | None = None,
    *,
    until: date | None = None,
    replace: bool = False,
    workers: int = 2,
) -> LoadReport:
    """Fill a database with a demo utility of so many accounts and months of history.

    Args:
        conninfo: the administrator's connection string; a superuser, because triggers are
            switched off while what they maintain is written with the rows themselves.
        accounts: service points of the main tenant; the second one gets 2% of that, at least 50.
        months: months of readings and invoices, up to the one before `until`.
        seed: the same seed, size and month give the same content to the last byte.
        progress: called after each part of each step, from this thread.
        until: any day of the month that counts as the current one; this month by default.
        replace: throw away the demo utility that is there. Without it a second load does nothing.
        workers: connections the large steps are shared between.

    Raises:
        InvalidInput: sizes out of range.
        ConfigurationError: the database holds data that is not a demo utility's.
        MissingFeature: there is no schema of ours in the database.
        PermissionDenied: not a superuser, or another load is under way.
    """
    if accounts not in ACCOUNTS or months not in MONTHS:
        raise InvalidInput(_("A demo utility has 20 to 2,000,000 accounts and 1 to 120 months"))
    wanted = DemoUtility(accounts, months, seed, (until or datetime.now(CLOCK).date()).replace(day=1))
    began = time.monotonic()
    try:
        with _only_load(conninfo) as control:
            present = _present(control)
            interrupted = _exists(control, "demo", "to_regnamespace")
            if present is not None and not interrupted and not replace:
                return LoadReport(present, True, 0, 0.0)
            if present is None and not interrupted and _holds_accounts(control):
                raise ConfigurationError(
                    _("This database holds accounts that are not a demo utility's"),
                    _("Load the demo utility into a database of its own."),
                )
            load = _Load(conninfo, wanted, progress, max(1, workers))
            load.run(clear=present is not None or interrupted)
        load.tidy()
    except psycopg.Error as error:
        raise translate(error) from None
    return LoadReport(wanted, False, load.rows, time.monotonic() - began, tuple(load.timings.items()))


class _Load:
    """One run through the steps, with what it counts on the way."""

    def __init__(
        self, conninfo: str, wanted: DemoUtility, progress: Callable[[Progress], None] | None, workers: int
    ) -> None:
        self.conninfo = conninfo
        self.wanted = wanted
        self.progress = progress
        self.workers = workers
        self.rows = 0
        self.timings: dict[str, float] = {}
        # an account more than the first tenant's is one of the second; the slices cover both
        everybody = wanted.accounts + max(50, (wanted.accounts * 2 + 50) // 100)
        size = min(LARGEST_SLICE, max(SMALLEST_SLICE, everybody // (workers * 3) + 1))
        self.slices = [(first, min(first + size - 1, everybody)) for first in range(1, everybody + 1, size)]
        self.done = 0
        self.total = 4 + sum(len(self.slices) if step.sliced else 1 for step in STEPS)

    def run(self, *, clear: bool) -> None:
        """Everything but the tidying up, which needs to be outside of any transaction."""
        with ExitStack() as stack:
            connections = [stack.enter_context(_connection(self.conninfo)) for _number in range(self.workers)]
            try:
                self._run(connections, clear)
            except BaseException:
                # what still runs on the server must not outlive the load
                for connection in connections:
                    with suppress(psycopg.Error):
                        connection.cancel_safe(timeout=5)
                raise

    def _run(self, connections: Sequence[Connection], clear: bool) -> None:
        first = connections[0]
        with self._part(_("preparation")), _transaction(first):
            if clear:
                _clear(first)
            _prepare(first, self.wanted)
        for step in STEPS:
            if step.sliced:
                self._sliced(step, connections)
            else:
                with self._part(_(step.title), step.work) as count, _transaction(first):
                    count(_run_statements(first, step.statements))
        with self._part(_("search")), _transaction(first):
            if _exists(first, "search.refresh_all()", "to_regprocedure"):
                first.execute("select search.refresh_all()")
        with self._part(_("journal")), _transaction(first):
            _record(first, self.wanted)
            first.execute("drop schema demo cascade")

    def _sliced(self, step: _Step, connections: Sequence[Connection]) -> None:
        """Share the slices of a step out between the connections."""
        began, statements, title = time.monotonic(), step.statements, _(step.title)
        idle: SimpleQueue[Connection] = SimpleQueue()
        for connection in connections:
            idle.put(connection)

        def work(bounds: tuple[int, int]) -> int:
            connection = idle.get()
            try:
                with _transaction(connection):
                    connection.execute(
                        "select set_config('demo.slice_from', %s, true), set_config('demo.slice_to', %s, true)",
                        [str(bound) for bound in bounds],
                    )
                    return _run_statements(connection, statements)
            finally:
                idle.put(connection)

        with ThreadPoolExecutor(len(connections)) as pool:
            running = [pool.submit(work, bounds) for bounds in self.slices]
            try:
                for finished in as_completed(running):
                    self._finish(title, began, finished.result(), step.work)
                    began = time.monotonic()
            except BaseException:
                for waiting in running:
                    waiting.cancel()
                for connection in connections:
                    with suppress(psycopg.Error):
                        connection.cancel_safe(timeout=5)
                raise

    def tidy(self) -> None:
        """Statistics and visibility for the planner, after the load's own transactions have ended."""
        with _connection(self.conninfo) as connection, self._part(_("statistics")):
            connection.execute("set maintenance_work_mem = '512MB'")
            connection.execute("vacuum (analyze)")

    @contextmanager
    def _part(self, title: str, work: bool = False) -> Iterator[Callable[[int], None]]:
        began = time.monotonic()
        counted: list[int] = []
        yield counted.append
        self._finish(title, began, sum(counted), work)

    def _finish(self, title: str, began: float, rows: int, work: bool) -> None:
        self.done += 1
        self.rows += 0 if work else rows
        self.timings[title] = self.timings.get(title, 0.0) + time.monotonic() - began
        if self.progress is not None:
            self.progress(Progress(title, self.rows, self.done, self.total, self.timings[title]))


# ── The parts ─────────────────────────────────────────────────────────────────────────────


def _connection(conninfo: str) -> Connection:
    return psycopg.connect(conninfo, autocommit=True, application_name="supra-console load-demo")


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    """A transaction of the load: triggers off, dates on the utility's clock, room to sort."""
    with connection.transaction():
        connection.execute(
            """
            set local session_replication_role = replica;
            set local search_path = public;
            set local timezone = 'America/Mexico_City';
            set local statement_timeout = 0;
            set local work_mem = '256MB';
            set local maintenance_work_mem = '512MB';
            set local gin_pending_list_limit = '512MB';
            set local synchronous_commit = off;
            set local jit = off
            """
        )
        yield


@contextmanager
def _only_load(conninfo: str) -> Iterator[Connection]:
    """Hold the lock that keeps a second load away, by an administrator of a database with our schema."""
    with _connection(conninfo) as control, control.transaction():
        control.execute("set local idle_in_transaction_session_timeout = 0")
        if control.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() != (True,):
            raise PermissionDenied(
                _("Only a superuser can load the demo utility"),
                _("It switches triggers off and writes past row security. Sign in as the server's administrator."),
            )
        if not _exists(control, "supra.rate_blocks(jsonb,numeric)", "to_regprocedure"):
            raise MissingFeature(_("The database has no SUPRA schema"), _("Run `supra-console db init` on it first."))
        if control.execute("select pg_try_advisory_xact_lock(hashtext('supra load-demo'))").fetchone() != (True,):
            raise PermissionDenied(
                _("A demo utility is being loaded into this database right now"), _("Wait until it is done.")
            )
        yield control


def _exists(connection: Connection, name: str, lookup: str) -> bool:
    found = connection.execute(sql.SQL("select {}(%s) is not null").format(sql.Identifier(lookup)), [name]).fetchone()
    return found == (True,)


def _present(control: Connection) -> DemoUtility | None:
    """The demo utility that was loaded, as its journal entry tells."""
    found = control.execute(
        """
        select payload ->> 'accounts', payload ->> 'months', payload ->> 'seed', payload ->> 'until'
        from timeseries.domain_events
        where event_type = 'demo.loaded'
        order by created_at desc
        limit 1
        """
    ).fetchone()
    if found is None:
        return None
    accounts, months, seed, until = found
    return DemoUtility(int(accounts), int(months), int(seed), date.fromisoformat(until))


def _holds_accounts(control: Connection) -> bool:
    found = control.execute("select exists (select from contracts) or exists (select from persons)").fetchone()
    return found == (True,)


def _clear(connection: Connection) -> None:
    """Take away what a load wrote, whole or not: all but the rows of the installation itself."""
    connection.execute("drop schema if exists demo cascade")
    tables = connection.execute(
        """
        select n.nspname, c.relname
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('public', 'timeseries')
          and c.relkind in ('r', 'p')
          and not c.relispartition
          and c.relname <> all (%s)
          and not exists (
              select from pg_depend as d
              where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
          )
        """,
        [[*KEPT, "users", "alembic_version"]],
    ).fetchall()
    connection.execute(
        sql.SQL("truncate {}").format(sql.SQL(", ").join(sql.Identifier(schema, table) for schema, table in tables))
    )
    connection.execute("delete from users where email like '%.demo.example'")
    for table in sorted(KEPT - {"tenants", "sat_catalogs", "domain_value_links"}):
        connection.execute(
            sql.SQL("delete from {} where tenant_id in (select id from tenants where slug = %s)").format(
                sql.Identifier(table)
            ),
            [SECOND_TENANT],
        )
    connection.execute("delete from tenants where slug = %s", [SECOND_TENANT])


def _prepare(connection: Connection, wanted: DemoUtility) -> None:
    """The schema demo with what this load is made from: its sizes, tools and word lists."""
    connection.execute("create schema demo")
    constants = {
        "seed": ("bigint", wanted.seed),
        "accounts": ("integer", wanted.accounts),
        "months": ("integer", wanted.months),
        "until": ("date", wanted.until),
    }
    for name, (kind, value) in constants.items():
        connection.execute(
            sql.SQL(
                "create function demo.{}() returns {kind} language sql immutable parallel safe return {}::{kind}"
            ).format(sql.Identifier(name), sql.Literal(value), kind=sql.SQL(kind))
        )
    connection.execute((STATEMENTS / "01-tools.sql").read_bytes())
    for name in WORD_LISTS:
        lines = (STATEMENTS / "data" / f"{name}.csv").read_text("utf-8")
        columns = lines.partition("\n")[0].split(",")
        statement = sql.SQL("copy demo.{} ({}) from stdin (format csv, header)").format(
            sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor().copy(statement) as copy:
            copy.write(lines)


def _run_statements(connection: Connection, statements: str) -> int:
    """Run a file; the number of rows it inserted."""
    cursor, rows = connection.execute(statements.encode()), 0
    while True:
        if (cursor.statusmessage or "").startswith("INSERT"):
            rows += cursor.rowcount
        if not cursor.nextset():
            return rows


def _record(connection: Connection, wanted: DemoUtility) -> None:
    """The journal entry by which the next load knows this one; without it, it was interrupted."""
    connection.execute(
        """
        insert into timeseries.domain_events
            (id, tenant_id, event_type, aggregate_type, aggregate_id, payload, created_at)
        select
            demo.id('loaded', 0), t.tenant_id, 'demo.loaded', 'tenant', t.tenant_id,
            jsonb_build_object(
                'accounts', demo.accounts(), 'months', demo.months(), 'seed', demo.seed(), 'until', demo.until()
            ),
            demo.until()
        from demo.tenant as t
        where t.tenant = 1
        """
    )


# ── Signing in ────────────────────────────────────────────────────────────────────────────


def ensure_demo_roles(conninfo: str, passwords: Mapping[str, str]) -> None:
    """Make the login roles of the demo's users, or give those that exist these passwords.

    Args:
        conninfo: the administrator's connection string; roles are the whole cluster's.
        passwords: role of `DEMO_ROLES` to password. The server gets SCRAM verifiers only.

    Raises:
        InvalidInput: a role that is not one of the demo's, or an empty password.
    """
    for role, password in passwords.items():
        if role not in DEMO_ROLES or not password:
            raise InvalidInput(
                _("The demo has the users {users}; each needs a password").format(users=", ".join(DEMO_ROLES))
            )
    try:
        with _connection(conninfo) as admin:
            for role, password in passwords.items():
                _retried(partial(_ensure_role, admin, role, password))
    except psycopg.Error as error:
        raise translate(error) from None


def _ensure_role(admin: Connection, role: str, password: str) -> None:
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    name, group = sql.Identifier(role), DEMO_ROLES[role]
    with admin.transaction():
        exists = admin.execute("select from pg_roles where rolname = %s", [role]).fetchone() is not None
        admin.execute(
            sql.SQL(
                "{} role {} login nosuperuser nobypassrls nocreaterole nocreatedb noreplication password {}"
            ).format(sql.SQL("alter" if exists else "create"), name, sql.Literal(verifier))
        )
        others = admin.execute(
            """
            select m.roleid::regrole::text
            from pg_auth_members as m
            where m.member = %s::regrole and m.roleid <> %s::regrole
            """,
            [role, group],
        ).fetchall()
        for (other,) in others:
            admin.execute(sql.SQL("revoke {} from {}").format(sql.SQL(other), name))
        admin.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), name))


def _retried(work: Callable[[], None], times: int = 5) -> None:
    """Roles are shared by the cluster, and two changes of one role at once do not wait for each other."""
    for attempt in range(times):
        try:
            work()
        except (psycopg.errors.InternalError_, psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject):
            if attempt == times - 1:
                raise
        else:
            return
