"""What do the rows of TimescaleDB's catalogue say, as records?

Its numbers stand for moments where the time is one, its flags are bits, and its policies' settings are texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from supra_console.timeseries import Aggregate, Bound, Chunk, Compression, Edition, Hypertable, Job, Run, Server

Row = dict[str, Any]

_COMPRESSED, _PARTIAL = 1, 8  # bits of a chunk's status
_NEVER = -210_866_803_200_000_000  # the later of TimescaleDB's two beginnings of time
_FOREVER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCKS = {"timestamp with time zone", "timestamp without time zone", "date", "uuid"}
"""The types of a time that is a moment."""

_KINDS = {
    "policy_compression": "compression",
    "policy_retention": "retention",
    "policy_refresh_continuous_aggregate": "refresh",
    "policy_reorder": "reorder",
    "policy_job_stat_history_retention": "history",
    "policy_job_error_retention": "history",
}


def server_of(facts: Row) -> Server:
    """The server, by what it says of itself."""
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
    """A hypertable; the interval of its chunks is a time where its own is one."""
    length, by_clock = row.pop("interval_length"), row["time_type"] in CLOCKS
    interval: timedelta | int | None = row.pop("calendar_interval")
    if length is not None:
        interval = timedelta(microseconds=length) if by_clock else length
    segmentby, orderby, compresses = row.pop("segmentby"), row.pop("orderby"), row.pop("compresses")
    compression = Compression(tuple(segmentby), tuple(orderby)) if compresses else None
    return Hypertable(**row, interval=interval, compression=compression)


def _bound(number: int | None, by_clock: bool) -> Bound | None:
    """TimescaleDB's number as a moment; None where it stands for the beginning or the end of time."""
    if number is None or number <= _NEVER or number == _FOREVER:
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


def job_of(row: Row) -> Job:
    """A policy or another job, without what its runs said."""
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


def with_errors(jobs: Sequence[Job], runs: Sequence[Run]) -> tuple[Job, ...]:
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


def aggregate_of(row: Row, clocks: Mapping[int, bool], told: Mapping[int, Row]) -> Aggregate:
    """A continuous aggregate, with what only a DBA is told of it."""
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
