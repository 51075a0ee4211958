"""How do the time series of this server stand?

One read-only transaction and a constant number of statements, however many hypertables and chunks there are. What the
server would not tell (no TimescaleDB, the Apache edition, no right on a view, an unknown catalogue) is left out with
its reason, and the rest lives: each part is undone to a savepoint when it fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from queries.statements import load
from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.error_translation import translate
from supra_console.errors import ConnectionLost, SupraError
from supra_console.i18n import N_, _
from supra_console.timeseries import (
    Aggregate,
    Bound,
    Chunk,
    ChunkDetails,
    Compression,
    Edition,
    Hypertable,
    Index,
    Job,
    LooseGrant,
    Missing,
    Partitioned,
    ReadCost,
    Run,
    Server,
    Snapshot,
)

T = TypeVar("T")
Row = dict[str, Any]

_TIMEOUT = 5.0
_MEASURE_AGAIN = timedelta(minutes=1)  # a new index, say, makes a chunk larger and leaves no mark
_UNKNOWN: Row = {"own_heap": 0, "heap": 0, "index": 0, "toast": 0}
_COMPRESSED, _PARTIAL = 1, 8  # bits of a chunk's status
_NEVER = -(2**63), -210_866_803_200_000_000  # TimescaleDB's two beginnings of time
_FOREVER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS = {"timestamp with time zone", "timestamp without time zone", "date", "uuid"}

# The catalogue of chunks changed twice; each statement is named by the first version it fits.
_LISTS = (((2, 29), "chunks_list@2.29"), ((2, 28), "chunks_list@2.28"), ((2, 17), "chunks_list"))

_KINDS = {
    "policy_compression": "compression",
    "policy_retention": "retention",
    "policy_refresh_continuous_aggregate": "refresh",
    "policy_reorder": "reorder",
    "policy_job_stat_history_retention": "history",
    "policy_job_error_retention": "history",
}

_NO_EXTENSION = N_("this database has no TimescaleDB")
_APACHE = N_("the Apache edition of TimescaleDB has no compression, no policies and no continuous aggregates")
_NOT_TOLD = N_("only a DBA is told, where the schema has the function for it")


async def snapshot(db: Database, since: Snapshot | None = None) -> Snapshot:
    """All of it at one moment of the server's clock.

    Args:
        since: the picture before this one, for a screen that refreshes: sizes of chunks that were not written to
            since are taken from it, which spares the server most of the work. After a minute all are measured again.

    Raises:
        SupraError: the server cannot be reached, or would not even say what it is. Parts that fail alone are in
            `Snapshot.missing`.
    """
    return await db.read(lambda connection: _snapshot(connection, since), timeout=_TIMEOUT)


async def _snapshot(connection: Connection, since: Snapshot | None) -> Snapshot:
    facts = await connection.one(load("chunks_server"), dict_row)
    parts = _Parts(connection)
    server = _server(facts)
    partitioned = await parts.rows("partitioned", "chunks_partitioned", lambda row: Partitioned(**row))
    if server.timescaledb is None:
        parts.leave_out("timescaledb", _(_NO_EXTENSION))
        return Snapshot(facts["taken"], server, partitioned=partitioned, missing=tuple(parts.missing))
    hypertables = await parts.rows("hypertables", "chunks_hypertables", hypertable_of)
    clocks = {one.id: one.time_type in _CLOCKS for one in hypertables}
    if since is not None and (since.measured is None or facts["taken"] - since.measured > _MEASURE_AGAIN):
        since = None
    listed = await parts.rows("chunks", list_for(server.timescaledb), dict)
    chunks = await _measured(parts, listed, clocks, since)
    jobs = await parts.rows("jobs", "chunks_jobs", _job)
    grants = await parts.rows("grants", "chunks_grants", lambda row: LooseGrant(**row))
    runs: tuple[Run, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    if server.edition is not Edition.COMMUNITY:
        for part in ("compression", "runs", "aggregates"):
            parts.leave_out(part, _(_APACHE))
    else:
        told: tuple[Row, ...] = ()
        if facts["tells_runs"]:
            runs = await parts.rows("runs", "chunks_runs", lambda row: Run(**row))
        else:
            parts.leave_out("runs", _(_NOT_TOLD))
        if facts["tells_aggregates"]:
            told = await parts.rows("aggregate_rows", "chunks_aggregate_rows", dict)
        else:
            parts.leave_out("aggregate_rows", _(_NOT_TOLD))
        more = {row["hypertable"]: row for row in told}
        aggregates = await parts.rows("aggregates", "chunks_aggregates", lambda row: _aggregate(row, clocks, more))
    return Snapshot(
        taken=facts["taken"],
        server=server,
        hypertables=hypertables,
        chunks=chunks,
        jobs=_with_errors(jobs, runs),
        runs=runs,
        aggregates=aggregates,
        partitioned=partitioned,
        loose_grants=grants,
        missing=tuple(parts.missing),
        measured=since.measured if since is not None else _when_measured(facts, parts),
    )


def _when_measured(facts: Row, parts: _Parts) -> datetime | None:
    return None if any(one.part in {"chunks", "sizes"} for one in parts.missing) else facts["taken"]


async def _measured(
    parts: _Parts, listed: Sequence[Row], clocks: Mapping[int, bool], since: Snapshot | None
) -> tuple[Chunk, ...]:
    """The chunks with their sizes: measured, or as before where the chunk is as it was.

    Where they cannot be measured (somebody holds a chunk and the wait for its lock was given up), what is known from
    before or from the planner stands in, and the reason is kept.
    """
    before = {one.id: one for one in since.chunks} if since is not None else {}
    resting = {row["id"] for row in listed if row["id"] in before and before[row["id"]].mark == row["mark"]}
    moved = [row for row in listed if row["id"] not in resting]
    parameters = {"own": [row["own"] for row in moved], "part": [row["part"] for row in moved]}
    sizes = {row["own"]: row for row in await parts.rows("sizes", "chunks_sizes", dict, parameters)}
    refused = any(one.part == "sizes" for one in parts.missing)
    chunks = []
    for row in listed:
        if row["id"] in resting or (refused and row["id"] in before):
            chunks.append(_as_before(chunk_of(row, clocks, _UNKNOWN), before[row["id"]]))
        elif refused:
            chunks.append(chunk_of(row, clocks, _UNKNOWN | {"heap": row["guess"]}))
        elif row["own"] in sizes:  # else it was dropped in between
            chunks.append(chunk_of(row, clocks, sizes[row["own"]]))
    return tuple(chunks)


def _as_before(chunk: Chunk, before: Chunk) -> Chunk:
    return replace(chunk, heap=before.heap, index=before.index, toast=before.toast, late_rows=before.late_rows)


class _Parts:
    """The parts of a snapshot, each of which may fail alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._saved = False
        self.missing: list[Missing] = []

    def leave_out(self, part: str, reason: str) -> None:
        self.missing.append(Missing(part, reason))

    async def rows(
        self, part: str, statement: str, make: Callable[[Row], T], parameters: Mapping[str, object] | None = None
    ) -> tuple[T, ...]:
        """The records of one statement; none, and the reason kept, where the server refuses it."""

        async def fetch() -> tuple[T, ...]:
            cursor = self._connection.cursor(row_factory=dict_row)
            jsonb.register(cursor)
            await cursor.execute(load(statement), parameters)
            return tuple(map(make, await cursor.fetchall()))

        return await self.attempt(part, fetch) or ()

    async def attempt(self, part: str, work: Callable[[], Awaitable[T]]) -> T | None:
        """What `work` gives; None, and the reason kept, where the server refuses it."""
        if not self._saved:
            # One savepoint for all: nothing is written, so there is nothing to keep between two parts.
            await self._connection.execute("savepoint part")
            self._saved = True
        try:
            return await work()
        except psycopg.Error as error:
            problem = translate(error)
            if self._connection.closed or isinstance(problem, ConnectionLost):
                raise
            await self._connection.execute("rollback to savepoint part")
            self.leave_out(part, reason_of(problem))
            return None


def reason_of(problem: SupraError) -> str:
    """Why a part is missing, in one line; the server's own words may quote data and stay away."""
    return f"{problem.title} ({problem.sqlstate})" if problem.sqlstate else problem.title


def list_for(version: str) -> str:
    """The statement that lists chunks on this version of TimescaleDB, `2.23.0`."""
    numbers = version_of(version)
    return next((name for lowest, name in _LISTS if numbers >= lowest), _LISTS[-1][1])


def variant_of(version: str) -> str:
    """Which statements look at one chunk from near on this version."""
    return "@2.29" if version_of(version) >= (2, 29) else ""


def version_of(text: str) -> tuple[int, int]:
    """`2.23.0-dev` as (2, 23)."""
    major, _dot, rest = text.partition(".")
    minor = rest.partition(".")[0].partition("-")[0]
    return (int(major) if major.isdigit() else 0, int(minor) if minor.isdigit() else 0)


# ---------------------------------------------------------------------- from rows to records


def _server(facts: Row) -> Server:
    edition = Edition.NONE
    if facts["timescaledb"] is not None:
        edition = Edition.COMMUNITY if facts["license"] == "timescale" else Edition.APACHE
    return Server(
        version=facts["version"],
        edition=edition,
        timescaledb=facts["timescaledb"],
        max_workers=facts["max_workers"],
        workers=facts["workers"] if facts["timescaledb"] is not None else None,
        shared_buffers=facts["shared_buffers"],
        effective_cache=facts["effective_cache"],
        logs_runs=facts["logs_runs"],
    )


def hypertable_of(row: Row) -> Hypertable:
    length, by_clock = row.pop("interval_length"), row["time_type"] in _CLOCKS
    interval: timedelta | int | None = row.pop("calendar_interval")
    if length is not None:
        interval = timedelta(microseconds=length) if by_clock else length
    segmentby, orderby, compresses = row.pop("segmentby"), row.pop("orderby"), row.pop("compresses")
    compression = Compression(tuple(segmentby), tuple(orderby)) if compresses else None
    return Hypertable(**row, interval=interval, compression=compression)


def _bound(number: int | None, by_clock: bool) -> Bound | None:
    """TimescaleDB's number as a moment; None where it stands for the beginning or the end of time."""
    if number is None or number <= _NEVER[1] or number == _FOREVER:
        return None
    return _moment(number) if by_clock else number


def _moment(microseconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:  # before year 1 or after 9999: Python has no such moment
        return None


def chunk_of(row: Row, clocks: Mapping[int, bool], sizes: Row) -> Chunk:
    """A chunk as it is listed, with what was measured of it."""
    by_clock = clocks.get(row["hypertable"], True)
    compressed = bool(row["status"] & _COMPRESSED)
    late: int | None = 0
    if compressed and sizes["own_heap"]:
        # Compression emptied the chunk's own heap, so what is in it came later, about as dense as before.
        dense = row["rows_before"] / row["heap_before"] if row["heap_before"] else None
        late = max(1, round(sizes["own_heap"] * dense)) if dense is not None else None
    return Chunk(
        id=row["id"],
        hypertable=row["hypertable"],
        schema=row["schema"],
        name=row["name"],
        begins=_bound(row["begins"], by_clock),
        ends=_bound(row["ends"], by_clock),
        created=row["created"],
        heap=sizes["heap"],
        index=sizes["index"],
        toast=sizes["toast"],
        before=row["before"] if compressed else None,
        after=row["after"] if compressed else None,
        rows=row["rows_before"] if compressed else row["estimate"],
        batches=row["batches"] if compressed else None,
        late_rows=late,
        compressed=compressed,
        partial=bool(row["status"] & _PARTIAL),
        mark=row["mark"],
    )


def _span(setting: str | None) -> timedelta | int | None:
    """A policy's setting: `86400 seconds`, or a number where the time is one."""
    if setting is None:
        return None
    number, _space, unit = setting.partition(" ")
    try:
        return timedelta(seconds=float(number)) if unit else int(number)
    except (OverflowError, ValueError):
        return None


def _job(row: Row) -> Job:
    schema, procedure, config = row.pop("procedure_schema"), row["procedure"], row["config"]
    built_in = schema in {"_timescaledb_functions", "_timescaledb_internal"}
    return Job(
        **row
        | {
            "procedure": procedure if built_in else f"{schema}.{procedure}",
            "config": config if isinstance(config, dict) else {},
            "max_runtime": row["max_runtime"] or None,  # 0 is no limit
            **{name: _span(row[name]) for name in ("compress_after", "drop_after", "start_offset", "end_offset")},
        },
        kind=_KINDS.get(procedure, "other") if built_in else "other",
        last_error=None,
        last_sqlstate=None,
    )


def _with_errors(jobs: Sequence[Job], runs: Sequence[Run]) -> tuple[Job, ...]:
    """The jobs with what their last failed run said."""
    failed: dict[int, Run] = {}
    for run in runs:
        if run.succeeded is False:
            failed.setdefault(run.job, run)
    return tuple(
        replace(job, last_error=failed[job.id].message, last_sqlstate=failed[job.id].sqlstate)
        if job.id in failed
        else job
        for job in jobs
    )


def _aggregate(row: Row, clocks: Mapping[int, bool], told: Mapping[int, Row]) -> Aggregate:
    by_clock = clocks.get(row["source"], True)
    more = told.get(row["hypertable"], {})
    return Aggregate(
        hypertable=row["hypertable"],
        source=row["source"],
        bucket=more.get("bucket") or "",
        bucket_width=_span(more.get("width")),
        watermark=_bound(row["watermark"], by_clock),
        newest=more.get("newest"),
        invalidated=tuple(
            (_bound(low, by_clock), _bound(high, by_clock)) for low, high in zip(row["lows"], row["highs"], strict=True)
        ),
        realtime=row["realtime"],
    )


# ---------------------------------------------------------------------- one chunk


@dataclass(frozen=True, slots=True)
class _Window:
    """The tenant view over a hypertable, and what one asks it for."""

    view: str
    keys: tuple[str, ...]
    time: str

    def example(self) -> sql.Composed:
        """Whatever the utility has in the chunk: the keys of one row."""
        keys = sql.SQL(", ").join(map(sql.Identifier, self.keys))
        return sql.SQL("select {} from public.{} where {} limit 1").format(
            keys, sql.Identifier(self.view), self._within()
        )

    def measured(self) -> sql.Composed:
        """All the chunk has under these keys, run and timed by the server."""
        keys = sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(key)) for key in self.keys)
        return sql.SQL("explain (analyze, buffers, format json) select * from public.{} where {} and {}").format(
            sql.Identifier(self.view), keys, self._within()
        )

    def _within(self) -> sql.Composed:
        return sql.SQL("{0} >= %s and {0} < %s").format(sql.Identifier(self.time))


_WINDOWS = {
    ("timeseries", "meter_readings"): _Window("meter_readings", ("meter_id",), "reading_date"),
    ("timeseries", "domain_events"): _Window("domain_events", ("aggregate_type", "aggregate_id"), "created_at"),
    ("timeseries", "daily_consumption"): _Window("daily_consumption", ("toma_id",), "day"),
}


async def chunk_details(db: Database, chunk: Chunk, hypertable: Hypertable) -> ChunkDetails:
    """One chunk from near: its indexes, its settings, its late rows counted, and what reading in it takes.

    Raises:
        SupraError: the server cannot be reached. What fails alone is in `ChunkDetails.missing`.
    """
    return await db.read(lambda connection: _details(connection, chunk, hypertable), timeout=_TIMEOUT)


async def _details(connection: Connection, chunk: Chunk, hypertable: Hypertable) -> ChunkDetails:
    parts = _Parts(connection)
    where = {"schema": chunk.schema, "name": chunk.name}
    facts = await connection.one(load("chunks_server"), dict_row)
    variant = variant_of(facts["timescaledb"] or "")
    indexes = await parts.rows("indexes", f"chunks_indexes{variant}", lambda row: Index(**row), where)
    settings: tuple[Compression, ...] = ()
    late: tuple[int | None, ...] = (chunk.late_rows,)
    if chunk.compressed:
        settings = await parts.rows(
            "compression",
            f"chunks_settings{variant}",
            lambda row: Compression(tuple(row["segmentby"]), tuple(row["orderby"])),
            where,
        )
        late = await parts.rows("late_rows", "chunks_late_rows", lambda row: row["late_rows"], where)
    window = _WINDOWS.get((hypertable.schema, hypertable.name))
    read = await parts.attempt("read", lambda: _read(connection, chunk, window))
    return ChunkDetails(
        chunk=chunk,
        indexes=indexes,
        compression=next(iter(settings), None),
        late_rows=next(iter(late), None),
        read=read,
        missing=tuple(parts.missing),
    )


async def _read(connection: Connection, chunk: Chunk, window: _Window | None) -> ReadCost | None:
    if window is None or chunk.begins is None or chunk.ends is None:
        return None
    span = [chunk.begins, chunk.ends]
    row = await (await connection.execute(window.example(), span)).fetchone()
    if row is None:
        return None
    asked = [*row, *span]
    await connection.execute(window.measured(), asked)  # what is measured is the reading, not the disk
    row = await (await connection.execute(window.measured(), asked)).fetchone()
    plan = row[0][0] if row else {}
    blocks = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return ReadCost(
        rows=round(plan["Plan"]["Actual Rows"]),
        milliseconds=plan["Planning Time"] + plan["Execution Time"],
        blocks=blocks,
    )
