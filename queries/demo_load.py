"""How are the steps that make a demo utility run?

Each file of `sql/demo` is one step and one transaction. The large ones are sliced: they run
for some accounts at a time, on several connections at once, and the slices come out the same
in whatever order they end. Triggers are off meanwhile: what they maintain (what has been paid
of an invoice, the sector of a reading) is written with the rows themselves.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, TypeVar

import psycopg
from psycopg import sql

from supra_console.i18n import N_, _

Connection = psycopg.Connection[tuple[Any, ...]]
Item = TypeVar("Item")

STATEMENTS: Final = Path(__file__).resolve().parent.parent / "sql" / "demo"

WORD_LISTS: Final = ("surnames", "given_names", "streets", "colonias", "firms")

SECOND_TENANT: Final = "comapa-demo"

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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: `done` of `total` parts, and the step under way.

    `rows` are those of the utility written so far; `seconds` is what the step took up to now.
    """

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
class Step:
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
    Step("10-organisation", N_("organisation")),
    Step("15-places", N_("colonias and sectors")),
    Step("20-souls", N_("names"), work=True),
    Step("25-persons", N_("persons"), sliced=True),
    Step("28-person-contacts", N_("persons")),
    Step("30-accounts", N_("accounts"), work=True),
    Step("35-network", N_("addresses, tomas and meters"), sliced=True),
    Step("38-routes", N_("reading routes")),
    Step("40-contracts", N_("contracts"), sliced=True),
    Step("42-tariffs", N_("tariffs")),
    Step("45-work-tables", N_("consumption"), work=True),
    Step("50-consumption", N_("consumption"), sliced=True, work=True),
    Step("55-rating", N_("rating"), work=True),
    Step("60-bills", N_("rating"), sliced=True, work=True),
    Step("61-batches", N_("billing runs")),
    Step("62-readings", N_("readings"), sliced=True),
    Step("64-invoices", N_("invoices"), sliced=True),
    Step("66-lines", N_("invoice lines"), sliced=True),
    Step("68-payments", N_("payments"), sliced=True),
    Step("70-operations", N_("contacts and work orders")),
    Step("72-collections", N_("collections")),
    Step("75-events", N_("events")),
)


class Load:
    """One run through the steps, with what it counts on the way."""

    def __init__(
        self, conninfo: str, wanted: DemoUtility, progress: Callable[[Progress], None] | None, workers: int
    ) -> None:
        self.conninfo = conninfo
        self.wanted = wanted
        self.progress = progress
        self.workers = workers
        # read at once: an edited file must not meet work tables of its earlier self
        self.statements = {step.file: step.statements for step in STEPS}
        self.rows = 0
        self.timings: dict[str, float] = {}
        # an account more than the first tenant's is one of the second; the slices cover both
        everybody = wanted.accounts + max(50, (wanted.accounts * 2 + 50) // 100)
        size = min(LARGEST_SLICE, max(SMALLEST_SLICE, everybody // (workers * 3) + 1))
        self.slices = [(first, min(first + size - 1, everybody)) for first in range(1, everybody + 1, size)]
        self.done = 0
        self.total = 3 + sum(len(self.slices) if step.sliced else 1 for step in STEPS)

    def run(self, *, clear: bool) -> None:
        """Everything but the tidying up, which needs to be outside of any transaction."""
        with ExitStack() as stack:
            connections = [stack.enter_context(connect(self.conninfo)) for _number in range(self.workers)]
            try:
                self._run(connections, clear)
            except BaseException:
                _cancel(connections)
                raise

    def _run(self, connections: Sequence[Connection], clear: bool) -> None:
        first = connections[0]
        self.total += len(_tables(first))
        with self._part(_("preparation")), transaction(first):
            if clear:
                _clear(first)
            _prepare(first, self.wanted)
        for step in STEPS:
            if step.sliced:
                self._sliced(step, connections)
            else:
                with self._part(_(step.title), step.work) as count, transaction(first):
                    count(_run_statements(first, self.statements[step.file]))
        with self._part(_("search")), transaction(first):
            if exists(first, "search.refresh_all()", "to_regprocedure"):
                # without statistics, in a database that collects none by itself, this takes minutes
                first.execute("analyze persons, addresses, tomas, contracts")
                first.execute("select search.refresh_all()")
        with self._part(_("journal")), transaction(first):
            _record(first)
            first.execute("drop schema demo cascade")

    def _sliced(self, step: Step, connections: Sequence[Connection]) -> None:
        """Run a step for all its slices."""
        statements = self.statements[step.file]

        def work(connection: Connection, bounds: tuple[int, int]) -> int:
            with transaction(connection):
                # two connections are busy already, and slices are small
                connection.execute("set local max_parallel_workers_per_gather = 0")
                connection.execute(
                    "select set_config('demo.slice_from', %s, true), set_config('demo.slice_to', %s, true)",
                    [str(bound) for bound in bounds],
                )
                return _run_statements(connection, statements)

        self._share(_(step.title), connections, work, self.slices, step.work)

    def _share(
        self,
        title: str,
        connections: Sequence[Connection],
        work: Callable[[Connection, Item], int],
        items: Iterable[Item],
        aside: bool = False,
    ) -> None:
        """Share items out between the connections; each one done is a part of the load."""
        self._announce(title)
        began = time.monotonic()
        idle: SimpleQueue[Connection] = SimpleQueue()
        for connection in connections:
            idle.put(connection)

        def take(item: Item) -> int:
            connection = idle.get()
            try:
                return work(connection, item)
            finally:
                idle.put(connection)

        with ThreadPoolExecutor(len(connections)) as pool:
            running = [pool.submit(take, item) for item in items]
            try:
                for finished in as_completed(running):
                    self._finish(title, began, finished.result(), aside)
                    began = time.monotonic()
            except BaseException:
                for waiting in running:
                    waiting.cancel()
                _cancel(connections)
                raise

    def tidy(self) -> None:
        """Statistics and visibility for the planner, after the load's own transactions have ended."""

        def work(connection: Connection, table: tuple[str, str]) -> int:
            connection.execute("set maintenance_work_mem = '512MB'")
            connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(*table)))
            return 0

        with ExitStack() as stack:
            connections = [stack.enter_context(connect(self.conninfo)) for _number in range(self.workers)]
            self._share(_("statistics"), connections, work, _tables(connections[0]))

    @contextmanager
    def _part(self, title: str, aside: bool = False) -> Iterator[Callable[[int], None]]:
        self._announce(title)
        began = time.monotonic()
        counted: list[int] = []
        yield counted.append
        self._finish(title, began, sum(counted), aside)

    def _finish(self, title: str, began: float, rows: int, aside: bool) -> None:
        self.done += 1
        self.rows += 0 if aside else rows
        self.timings[title] = self.timings.get(title, 0.0) + time.monotonic() - began
        self._announce(title)

    def _announce(self, title: str) -> None:
        if self.progress is not None:
            self.progress(Progress(title, self.rows, self.done, self.total, self.timings.get(title, 0.0)))


# ── The parts ─────────────────────────────────────────────────────────────────────────────


def connect(conninfo: str) -> Connection:
    # prepared statements are of no use to statements that run once, and poolers lose them
    return psycopg.connect(
        conninfo, autocommit=True, prepare_threshold=None, application_name="supra-console load-demo"
    )


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
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
            set local jit = off;
            set local enable_memoize = off
            """
        )
        yield


def exists(connection: Connection, name: str, lookup: str) -> bool:
    found = connection.execute(sql.SQL("select {}(%s) is not null").format(sql.Identifier(lookup)), [name]).fetchone()
    return found == (True,)


def _cancel(connections: Iterable[Connection]) -> None:
    """What still runs on the server must not outlive the load."""
    for connection in connections:
        with suppress(psycopg.Error):
            connection.cancel_safe(timeout=5)


def _tables(connection: Connection) -> list[tuple[str, str]]:
    """Schema and name of every base table of ours, the largest first."""
    return connection.execute(
        """
        select n.nspname, c.relname
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('public', 'timeseries')
          and c.relkind in ('r', 'p')
          and not c.relispartition
          and not exists (
              select from pg_depend as d
              where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
          )
        order by n.nspname = 'timeseries' desc, pg_table_size(c.oid) desc
        """
    ).fetchall()


def _clear(connection: Connection) -> None:
    """Take away what a load wrote, whole or not: all but the rows of the installation itself."""
    connection.execute("drop schema if exists demo cascade")
    tables = [table for table in _tables(connection) if table[1] not in KEPT | {"users", "alembic_version"}]
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
        with (STATEMENTS / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            words = [{key: word or None for key, word in row.items()} for row in csv.DictReader(lines)]
        columns = sql.SQL(", ").join(map(sql.Identifier, words[0]))
        # not COPY, which the server of TimescaleDB in WebAssembly does not take
        connection.execute(
            sql.SQL(
                "insert into demo.{name} ({columns}) select {columns} from json_populate_recordset({row}, %s)"
            ).format(
                name=sql.Identifier(name),
                columns=columns,
                row=sql.SQL("null::demo.{}").format(sql.Identifier(name)),
            ),
            [json.dumps(words)],
        )


def _run_statements(connection: Connection, statements: str) -> int:
    """Run a file; the number of rows it inserted."""
    cursor, rows = connection.execute(statements.encode()), 0
    while True:
        if (cursor.statusmessage or "").startswith("INSERT"):
            rows += cursor.rowcount
        if not cursor.nextset():
            return rows


def _record(connection: Connection) -> None:
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
