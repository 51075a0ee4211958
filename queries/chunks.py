"""How do the time series of this server stand?

One read-only transaction and a constant number of statements, however many hypertables and chunks there are. What the
server would not tell (no TimescaleDB, the Apache edition, no right on a view, an unknown catalogue) is left out with
its reason, and the rest lives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from psycopg.rows import dict_row

from queries.chunk_records import CLOCKS, aggregate_of, chunk_of, hypertable_of, job_of, server_of, with_errors
from queries.parts import Parts, Row
from queries.statements import load
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.i18n import N_, _
from supra_console.timeseries import Aggregate, Chunk, Edition, LooseGrant, Partitioned, Run, Snapshot

TIMEOUT = 5.0
"""Seconds for one statement."""
_MEASURE_AGAIN = timedelta(minutes=1)  # a new index, say, makes a chunk larger and leaves no mark
_UNKNOWN: Row = {"own_heap": 0, "heap": 0, "index": 0, "toast": 0}

# The catalogue of chunks changed twice; each statement is named by the first version it fits.
_LISTS = (((2, 29), "chunks_list@2.29"), ((2, 28), "chunks_list@2.28"), ((2, 17), "chunks_list"))

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
    return await db.read(lambda connection: _snapshot(connection, since), timeout=TIMEOUT)


async def _snapshot(connection: Connection, since: Snapshot | None) -> Snapshot:
    facts = await connection.one(load("chunks_server"), dict_row)
    parts = Parts(connection)
    server = server_of(facts)
    partitioned = await parts.rows("partitioned", "chunks_partitioned", lambda row: Partitioned(**row))
    if server.timescaledb is None:
        parts.leave_out("timescaledb", _(_NO_EXTENSION))
        return Snapshot(facts["taken"], server, partitioned=partitioned, missing=tuple(parts.missing))
    hypertables = await parts.rows("hypertables", "chunks_hypertables", hypertable_of)
    clocks = {one.id: one.time_type in CLOCKS for one in hypertables}
    if since is not None and (since.measured is None or facts["taken"] - since.measured > _MEASURE_AGAIN):
        since = None
    listed = await parts.rows("chunks", list_for(server.timescaledb), dict)
    chunks = await _measured(parts, listed, clocks, since)
    jobs = await parts.rows("jobs", "chunks_jobs", job_of)
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
        aggregates = await parts.rows("aggregates", "chunks_aggregates", lambda row: aggregate_of(row, clocks, more))
    return Snapshot(
        taken=facts["taken"],
        server=server,
        hypertables=hypertables,
        chunks=chunks,
        jobs=with_errors(jobs, runs),
        runs=runs,
        aggregates=aggregates,
        partitioned=partitioned,
        loose_grants=grants,
        missing=tuple(parts.missing),
        measured=since.measured if since is not None else _when_measured(facts, parts),
    )


def _when_measured(facts: Row, parts: Parts) -> datetime | None:
    return None if any(one.part in {"chunks", "sizes"} for one in parts.missing) else facts["taken"]


async def _measured(
    parts: Parts, listed: Sequence[Row], clocks: Mapping[int, bool], since: Snapshot | None
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
