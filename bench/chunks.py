"""What does watching the time series cost, and what does compression give at full size?

Two servers of its own, ended with the run: the Debian one (or Docker's) with 600 chunks for the overview, and
TimescaleDB Community in WebAssembly with the readings of 400,000 meters for compression. The second is real
TimescaleDB code, several times slower than a native one, so that a mark it meets is met.
"""

from __future__ import annotations

import gc
import os
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from queries import chunks, schema
from queries.demo_timescale import apply_schema
from queries.statements import load
from supra_console.database import Database
from supra_console.profiles import Profile
from supra_console.timeseries import Snapshot
from supra_console.timeseries_findings import findings, forecast, growth_per_month
from tests import timescale

REPOSITORY = Path(__file__).resolve().parent.parent
DBA, PASSWORD = "bench_dba", "bench"
OVERVIEW_MARK = 300.0  # ms
REFRESH, REFRESH_MARK = 5.0, 0.01  # seconds; of a core
HOUR = int(3600 / REFRESH)
MEMORY_MARK = 1 << 20  # bytes in an hour
SAVED_MARK, METER_MARK, SECTOR_MARK = 0.8, 10.0, 50.0  # the plan's: ms at 4.8 million readings
SECTORS = 200
WARM_UP = 20

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Overview:
    """What snapshots of `chunks` chunks took.

    Attributes:
        p50, p95: milliseconds until the picture and its findings are there.
        statements: sent for one picture, and for one of an empty database.
        cpu: seconds the server's process worked for one.
        grown: bytes the console's memory grew by while an hour of pictures was taken, one after the other.
        server_grown: the same of the server's process.
    """

    chunks: int
    p50: float
    p95: float
    statements: tuple[int, int]
    cpu: float
    grown: int
    server_grown: int

    @property
    def share(self) -> float:
        """Of a core, when it is taken every five seconds."""
        return self.cpu / REFRESH


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one question, medians: as the console waits, and what the server says of it."""

    total: float
    planning: float
    execution: float


@dataclass(frozen=True, slots=True)
class Compressed:
    """What became of so many readings, bytes; and what asking for some of them takes.

    Attributes:
        seconds: to load, compress and aggregate them.
        of_meter, of_toma, of_sector: last 12 readings of each, and a month of daily consumption.
        overview: milliseconds of the picture of these chunks.
    """

    readings: int
    before: int
    after: int
    rows_per_batch: float
    seconds: float
    of_meter: Latency
    of_toma: Latency
    of_sector: Latency
    overview: float

    @property
    def saved(self) -> float:
        return 1 - self.after / self.before


# ---------------------------------------------------------------------- 600 chunks


@contextmanager
def server() -> Iterator[str]:
    """A server that ends with this run, and the connection string of its administrator."""
    localdb = [str(REPOSITORY / "scripts" / "localdb")]
    name = ["--instance", f"bench-chunks-{os.getpid()}"]
    up = [*localdb, "up", *name, "--throwaway", "--until-exit-of", str(os.getpid())]
    done = subprocess.run(up, check=True, stdout=subprocess.PIPE, text=True)
    try:
        yield done.stdout.strip()
    finally:
        subprocess.run([*localdb, "down", *name, "--erase"], check=False, stdout=subprocess.DEVNULL)


def a_dba(admin: psycopg.Connection[Any]) -> Any:
    """A DBA who may sign in; the tenant it belongs to."""
    admin.execute(
        sql.SQL("create role {} login password {} in role supra_dba").format(sql.Identifier(DBA), sql.Literal(PASSWORD))
    )
    (tenant,) = admin.execute("select id from tenants order by slug limit 1").fetchone() or (None,)
    admin.execute(
        "insert into users (tenant_id, email, name, role, db_role) values (%s, 'dba@example.mx', 'Bench', 'admin', %s)",
        [tenant, DBA],
    )
    return tenant


def many_chunks(admin: psycopg.Connection[Any], tenant: object, each: int, rows: int) -> None:
    """Both hypertables with so many daily chunks, and so many rows in every one."""
    admin.execute("select set_chunk_time_interval('timeseries.meter_readings', interval '1 day')")
    admin.execute("select set_chunk_time_interval('timeseries.domain_events', interval '1 day')")
    # Meters and tomas are not what is measured: the keys that ask for them stay unasked.
    admin.execute("set session_replication_role = replica")
    admin.execute(
        "insert into timeseries.meter_readings (tenant_id, meter_id, toma_id, reading_value, reading_date, source)"
        " select %s, gen_random_uuid(), gen_random_uuid(), n, day + interval '12 h', 'api'"
        " from generate_series(%s, %s, interval '1 day') as day, generate_series(1, %s) as n",
        [tenant, *_days(each), rows],
    )
    admin.execute(
        "insert into timeseries.domain_events (tenant_id, event_type, aggregate_type, aggregate_id, created_at)"
        " select %s, 'account.viewed', 'contract', gen_random_uuid(), day + interval '12 h'"
        " from generate_series(%s, %s, interval '1 day') as day, generate_series(1, %s) as n",
        [tenant, *_days(each), rows],
    )
    admin.execute("set session_replication_role = origin")
    admin.execute("analyze")


def _days(many: int) -> tuple[datetime, datetime]:
    newest = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return newest - timedelta(days=many - 1), newest


async def overview(say: Say, *, each: int = 300, rows: int = 200, pictures: int = HOUR) -> Overview:
    """Two hypertables of `each` chunks, pictured for an hour of refreshing as fast as it goes."""
    with server() as cluster:
        name = "bench_chunks"
        with psycopg.connect(cluster, autocommit=True) as admin:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        dsn = make_conninfo(cluster, dbname=name)
        schema.init(dsn)
        with psycopg.connect(dsn, autocommit=True) as admin:
            tenant = a_dba(admin)
        parameters = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
        profile = Profile("bench", parameters | {"user": DBA, "password": PASSWORD})
        db = await Database.open(profile, application_name="supra-bench")
        try:
            empty = await statements(db)
            say(f"chunks: {2 * each} of {rows} rows each")
            with psycopg.connect(dsn, autocommit=True) as admin:
                many_chunks(admin, tenant, each, rows)
            return await _overview(db, say, 2 * each, (await statements(db), empty), pictures)
        finally:
            await db.close()


async def _overview(db: Database, say: Say, many: int, sent: tuple[int, int], pictures: int) -> Overview:
    async def backend() -> int:
        async with db.reading() as connection:
            row = await (await connection.execute("select pg_backend_pid()")).fetchone()
        assert row is not None
        return int(row[0])

    picture: Snapshot | None = None
    taken = 0

    async def once() -> float:
        nonlocal picture, taken
        began = time.perf_counter()
        # Every minute all chunks are measured again: every twelfth picture.
        picture = await chunks.snapshot(db, since=picture if taken % 12 else None)
        taken += 1
        findings(picture)
        for table in picture.hypertables:
            growth_per_month(picture, table.id), forecast(picture, table.id)
        assert len(picture.chunks) == many
        return (time.perf_counter() - began) * 1000

    for _ in range(WARM_UP * 2):
        await once()
    gc.collect()
    pid = await backend()
    worked, memory, server_memory = cpu_of(pid), resident(os.getpid()), resident(pid)
    say(f"chunks: {pictures} pictures")
    times = [await once() for _ in range(pictures)]
    assert await backend() == pid, "the pool changed its connection"
    gc.collect()
    return Overview(
        chunks=many,
        p50=median(times),
        p95=quantiles(times, n=20)[18],
        statements=sent,
        cpu=(cpu_of(pid) - worked) / pictures,
        grown=resident(os.getpid()) - memory,
        server_grown=resident(pid) - server_memory,
    )


async def statements(db: Database) -> int:
    """How many statements one picture sends."""
    sent = 0
    execute = psycopg.AsyncCursor.execute

    async def counted(self: psycopg.AsyncCursor[Any], query: Any, *others: Any, **named: Any) -> Any:
        nonlocal sent
        sent += 1
        return await execute(self, query, *others, **named)

    psycopg.AsyncCursor.execute = counted  # type: ignore[method-assign]
    try:
        await chunks.snapshot(db)
    finally:
        psycopg.AsyncCursor.execute = execute  # type: ignore[method-assign]
    return sent


def cpu_of(pid: int) -> float:
    """Seconds a process has worked, in its own code and the kernel's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    """Bytes of a process's own memory; the buffers it shares with others grow with what it touches."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")


# ---------------------------------------------------------------------- 4.8 million readings


async def compressed(say: Say, *, meters: int = 400_000, months: int = 12) -> Compressed:
    """A year of monthly readings, all but the newest month compressed and counted by sector and day."""
    with tempfile.TemporaryDirectory(prefix="supra-bench-") as folder, timescale.running(Path(folder) / "data") as dsn:
        began = time.perf_counter()
        with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as admin:
            apply_schema(admin)
            tenant = a_dba(admin)
            for month in range(months, 0, -1):
                say(f"chunks: month {months - month + 1} of {months}, {time.perf_counter() - began:.0f} s")
                _load_month(admin, tenant, meters, month)
            admin.execute("set session_replication_role = origin")
            say(f"chunks: daily consumption, {time.perf_counter() - began:.0f} s")
            admin.execute(
                "call refresh_continuous_aggregate('timeseries.daily_consumption', null, now() - interval '1 hour')"
            )
            admin.execute("vacuum (analyze)")
            seconds = time.perf_counter() - began
            before, after, rows, batches = admin.execute(
                "select sum(uncompressed_heap_size + uncompressed_toast_size + uncompressed_index_size)::bigint,"
                " sum(compressed_heap_size + compressed_toast_size + compressed_index_size)::bigint,"
                " sum(numrows_pre_compression)::bigint, sum(numrows_post_compression)::bigint"
                " from _timescaledb_catalog.compression_chunk_size"
            ).fetchone() or (0, 0, 0, 0)
            admin.execute(sql.SQL("set session authorization {}").format(sql.Identifier(DBA)))
        say(f"chunks: questions, {seconds:.0f} s")
        parameters = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
        db = await Database.open(Profile("bench", parameters | {"user": DBA}), application_name="supra-bench")
        try:
            return Compressed(
                readings=meters * months,
                before=before,
                after=after,
                rows_per_batch=rows / batches,
                seconds=seconds,
                of_meter=await _latency(db, OF_METER, meters),
                of_toma=await _latency(db, OF_TOMA, meters),
                of_sector=await _latency(db, OF_SECTOR, SECTORS),
                overview=await _timed(lambda: chunks.snapshot(db)),
            )
        finally:
            await db.close()


def _load_month(admin: psycopg.Connection[Any], tenant: object, meters: int, age: int) -> None:
    """One month of readings, and the months before it compressed: the disk never holds more than it must."""
    admin.execute("set session_replication_role = replica")
    admin.execute(
        """
        insert into timeseries.meter_readings
            (tenant_id, meter_id, toma_id, contract_id, sector_id, reading_value, previous_reading, consumption,
             reading_date, source, period_start, period_end)
        select %(tenant)s, md5('meter' || n)::uuid, md5('toma' || n)::uuid, md5('contract' || n)::uuid,
               md5('sector' || n %% %(sectors)s)::uuid, 1000 + (24 - %(age)s) * (8 + n %% 23),
               1000 + (23 - %(age)s) * (8 + n %% 23), 8 + n %% 23,
               now() - make_interval(days => %(age)s * 30 - n %% 20, mins => n %% 480),
               'manual_field', current_date - %(age)s * 30 - 30, current_date - %(age)s * 30
        from generate_series(0, %(meters)s - 1) as n
        """,
        {"tenant": tenant, "meters": meters, "age": age, "sectors": SECTORS},
    )
    done = admin.execute(
        "select format('%I.%I', chunk_schema, chunk_name) from timescaledb_information.chunks"
        " where hypertable_name = 'meter_readings' and not is_compressed order by range_end desc offset 2"
    ).fetchall()
    for (chunk,) in done:
        admin.execute("select compress_chunk(%s::regclass)", [chunk])


OF_METER = """
select r.id, r.reading_date, r.reading_value, r.consumption
from meter_readings as r
where r.meter_id = md5('meter' || %(number)s)::uuid
order by r.reading_date desc
limit 12
"""
OF_TOMA = load("last_readings").replace("%(toma_id)s", "md5('toma' || %(number)s)::uuid")
OF_SECTOR = """
select d.day, sum(d.total_consumption), sum(d.reading_count)
from daily_consumption as d
where d.sector_id = md5('sector' || %(number)s)::uuid
  and d.day >= now() - interval '120 days' and d.day < now() - interval '90 days'
group by d.day
order by d.day
"""


async def _latency(db: Database, statement: str, highest: int, many: int = 40) -> Latency:
    """Another meter, toma or sector each time."""
    times, plans = [], []
    for number in range(many + WARM_UP):
        asked = {"number": number * 7919 % highest, "since": None, "how_many": 12}
        began = time.perf_counter()
        async with db.reading(timeout=60) as connection:
            rows = await (await connection.execute(statement.encode(), asked)).fetchall()
            times.append((time.perf_counter() - began) * 1000)
            assert rows
            explained = await connection.execute(b"explain (analyze, format json) " + statement.encode(), asked)
            plans.append((await explained.fetchall())[0][0][0])
    return Latency(
        median(times[WARM_UP:]),
        median(plan["Planning Time"] for plan in plans[WARM_UP:]),
        median(plan["Execution Time"] for plan in plans[WARM_UP:]),
    )


async def _timed(ask: Callable[[], Awaitable[object]], many: int = 20) -> float:
    times = []
    for _ in range(many):
        began = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - began) * 1000)
    return median(times)
