"""Time series made by hand: a healthy utility, from which a test takes away what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from supra_console.timeseries import (
    Aggregate,
    Chunk,
    Compression,
    Edition,
    Hypertable,
    Job,
    Partitioned,
    Server,
    Snapshot,
)

NOW = datetime(2026, 11, 22, 22, tzinfo=UTC)
MONTH = timedelta(days=30)
MB = 2**20
READINGS, EVENTS, DAILY = 1, 2, 5

SERVER = Server("17.5", Edition.COMMUNITY, "2.23.0", 16, 3, 128 * MB, 4096 * MB)


def hypertable(number: int = READINGS, **others: Any) -> Hypertable:
    made = Hypertable(
        id=number,
        schema="timeseries",
        name={READINGS: "meter_readings", EVENTS: "domain_events", DAILY: "daily_consumption"}[number],
        owner="supra_jobs",
        aggregate=number == DAILY,
        time_column="reading_date",
        time_type="timestamp with time zone",
        dimensions=1,
        interval=MONTH,
        compression=Compression(("tenant_id",), ("meter_id", "reading_date DESC")),
        row_security=False,
    )
    return replace(made, **others)


def chunk(age: int, *, compressed: bool | None = None, number: int = READINGS, **others: Any) -> Chunk:
    """The chunk that ended so many months ago; compressed from the seventh on, to a fifth."""
    compressed = age >= 7 if compressed is None else compressed
    made = Chunk(
        id=100 * number + age,
        hypertable=number,
        schema="_timescaledb_internal",
        name=f"_hyper_{number}_{100 * number + age}_chunk",
        begins=NOW - (age + 1) * MONTH,
        ends=NOW - age * MONTH,
        created=NOW - (age + 1) * MONTH,
        heap=4 * MB if compressed else 60 * MB,
        index=MB if compressed else 35 * MB,
        toast=15 * MB if compressed else 5 * MB,
        before=100 * MB if compressed else None,
        after=20 * MB if compressed else None,
        rows=400_000,
        batches=400 if compressed else None,
        late_rows=0,
        compressed=compressed,
        partial=False,
    )
    return replace(made, **others)


def job(number: int, kind: str, table: int | None, **others: Any) -> Job:
    procedures = {"refresh": "policy_refresh_continuous_aggregate", "history": "policy_job_stat_history_retention"}
    made = Job(
        id=number,
        kind=kind,
        procedure=procedures.get(kind, f"policy_{kind}"),
        owner="supra_jobs",
        hypertable=table,
        config={},
        scheduled=True,
        schedule_interval=timedelta(hours=12),
        max_runtime=None,
        compress_after=6 * MONTH if kind == "compression" else None,
        drop_after=120 * MONTH if kind == "retention" else None,
        start_offset=100 * MONTH if kind == "refresh" else None,
        end_offset=timedelta(hours=1) if kind == "refresh" else None,
        next_start=NOW + timedelta(hours=2),
        last_start=NOW - timedelta(hours=10),
        last_finish=NOW - timedelta(hours=10) + timedelta(seconds=4),
        last_status="Success",
        runs=100,
        successes=100,
        failures=0,
        last_error=None,
        last_sqlstate=None,
    )
    return replace(made, **others)


JOBS = (
    job(1000, "compression", READINGS),
    job(1001, "retention", READINGS),
    job(1002, "refresh", DAILY, schedule_interval=timedelta(hours=1)),
)

AGGREGATE = Aggregate(
    hypertable=DAILY,
    source=READINGS,
    bucket="1 day",
    bucket_width=timedelta(days=1),
    watermark=NOW - timedelta(hours=22),
    newest=NOW - timedelta(hours=3),
    invalidated=(),
    realtime=True,
)

COMMUNICATIONS = Partitioned(
    "public", "communications", 4, NOW - 9 * MONTH, NOW + 3 * MONTH, has_default=True, default_rows=0, size=MB
)


def healthy(**others: Any) -> Snapshot:
    """Two years of readings, the older half compressed and done so by its policy; one aggregate over them."""
    made = Snapshot(
        taken=NOW,
        server=SERVER,
        hypertables=(hypertable(), hypertable(DAILY, compression=None)),
        chunks=tuple(chunk(age) for age in range(23, -2, -1)),
        jobs=JOBS,
        aggregates=(AGGREGATE,),
        partitioned=(COMMUNICATIONS,),
    )
    return replace(made, **others)
