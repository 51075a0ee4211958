"""A server's time series from memory: some healthy, some late, one that failed; and what is done to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from queries.chunk_actions import Kind, Outcome, Step, plan
from queries.chunk_advisor import Advice, Candidate, Trial
from screens.chunks.asking import ChunkQueries
from screens.chunks.picture import Judgement
from supra_console.errors import SupraError
from supra_console.timeseries import (
    Aggregate,
    Chunk,
    ChunkDetails,
    Compression,
    Edition,
    Hypertable,
    Index,
    Job,
    Missing,
    Partitioned,
    ReadCost,
    Run,
    Server,
    Snapshot,
)
from supra_console.timeseries_findings import Finding, Severity

TAKEN = datetime(2026, 11, 22, 16, 8, 11, tzinfo=UTC)
DAY, MB, KB = timedelta(days=1), 1024 * 1024, 1024
READINGS, EVENTS, DAILY = 1, 2, 3

SERVER = Server("17.5", Edition.COMMUNITY, "2.23.0", 16, 2, 512 * MB, 3072 * MB)


def hypertable(number: int, name: str, **changes: Any) -> Hypertable:
    values: dict[str, Any] = {
        "id": number,
        "schema": "timeseries",
        "name": name,
        "owner": "supra_jobs",
        "aggregate": False,
        "time_column": "created_at",
        "time_type": "timestamp with time zone",
        "dimensions": 1,
        "interval": 30 * DAY,
        "compression": None,
        "row_security": False,
    }
    return Hypertable(**values | changes)


TABLES = (
    hypertable(
        READINGS,
        "meter_readings",
        time_column="reading_date",
        compression=Compression(("tenant_id",), ("meter_id", "reading_date DESC")),
    ),
    hypertable(
        EVENTS,
        "domain_events",
        compression=Compression(("tenant_id", "aggregate_id"), ("created_at DESC",)),
    ),
    hypertable(DAILY, "daily_consumption", schema="public", aggregate=True, time_column="day", interval=300 * DAY),
)


def chunk(number: int, table: int, ends: datetime, **changes: Any) -> Chunk:
    """An uncompressed chunk of 30 days."""
    values: dict[str, Any] = {
        "id": number,
        "hypertable": table,
        "schema": "_timescaledb_internal",
        "name": f"_hyper_{table}_{number}_chunk",
        "begins": ends - 30 * DAY,
        "ends": ends,
        "created": ends - 30 * DAY + timedelta(hours=8),
        "heap": 9 * MB + number * 41 * KB,
        "index": 4 * MB + number * 7 * KB,
        "toast": 8 * KB,
        "before": None,
        "after": None,
        "rows": 78_000 + number * 113,
        "batches": None,
        "late_rows": 0,
        "compressed": False,
        "partial": False,
    }
    return Chunk(**values | changes)


def compressed(one: Chunk, ratio: float = 5.4, rows_per_batch: int = 900, late: int = 0) -> Chunk:
    """The same chunk after its compression."""
    after = int(one.size / ratio)
    return replace(
        one,
        heap=after * 3 // 10,
        index=after // 10,
        toast=after - after * 3 // 10 - after // 10,
        before=one.size,
        after=after,
        batches=max(1, (one.rows or 0) // rows_per_batch),
        late_rows=late,
        compressed=True,
        partial=late > 0,
    )


LAST = datetime(2026, 12, 12, tzinfo=UTC)


def readings() -> tuple[Chunk, ...]:
    """Two years of readings: compressed but for the last half year, one with late rows, one overdue."""
    made = []
    for place in range(26):
        one = chunk(100 + place, READINGS, LAST - (25 - place) * 30 * DAY)
        if place in (15,):
            one = compressed(one, late=412)
        elif place < 18 and place != 17:
            one = compressed(one, 5.4 + place % 5 / 10)
        made.append(one)
    return tuple(made)


def events() -> tuple[Chunk, ...]:
    """A year of events; compression made the oldest ones larger."""
    made = [chunk(200 + place, EVENTS, LAST - (13 - place) * 30 * DAY, rows=21_000) for place in range(14)]
    made[0] = compressed(made[0], 0.7, 1)
    made[1] = compressed(made[1], 0.8, 2)
    return tuple(made)


def daily() -> tuple[Chunk, ...]:
    return tuple(
        chunk(300 + place, DAILY, LAST - (1 - place) * 300 * DAY, begins=LAST - (2 - place) * 300 * DAY)
        for place in range(2)
    )


def job(number: int, kind: str, table: int | None, **changes: Any) -> Job:
    values: dict[str, Any] = {
        "id": number,
        "kind": kind,
        "procedure": f"policy_{kind}",
        "owner": "supra_jobs",
        "hypertable": table,
        "config": {"hypertable_id": table},
        "scheduled": True,
        "schedule_interval": timedelta(hours=12),
        "max_runtime": None,
        "compress_after": None,
        "drop_after": None,
        "start_offset": None,
        "end_offset": None,
        "next_start": TAKEN + timedelta(hours=8),
        "last_start": TAKEN - timedelta(hours=4),
        "last_finish": TAKEN - timedelta(hours=4) + timedelta(seconds=3),
        "last_status": "Success",
        "runs": 212,
        "successes": 212,
        "failures": 0,
        "last_error": None,
        "last_sqlstate": None,
    }
    return Job(**values | changes)


JOBS = (
    job(1000, "compression", READINGS, compress_after=180 * DAY),
    job(1001, "retention", READINGS, drop_after=3650 * DAY, schedule_interval=DAY),
    job(
        1002,
        "compression",
        EVENTS,
        compress_after=365 * DAY,
        last_status="Failed",
        runs=212,
        successes=195,
        failures=17,
        last_error="could not extend file: no space left on device",
        last_sqlstate="53100",
    ),
    job(1003, "retention", EVENTS, drop_after=1825 * DAY, scheduled=False, schedule_interval=DAY, next_start=None),
    job(1004, "refresh", DAILY, start_offset=90 * DAY, end_offset=timedelta(hours=1), config={"buckets": 10}),
    job(
        1,
        "history",
        None,
        owner="postgres",
        last_status=None,
        runs=None,
        successes=None,
        failures=None,
        last_start=None,
        last_finish=None,
        schedule_interval=30 * DAY,
    ),
)
RUNS = tuple(
    Run(1002, TAKEN - timedelta(hours=4 + 12 * n), TAKEN - timedelta(hours=4 + 12 * n, seconds=-2), n == 3, *failed)
    for n, failed in enumerate([("53100", "could not extend file: no space left on device")] * 3 + [(None, None)])
)
AGGREGATES = (
    Aggregate(
        DAILY,
        READINGS,
        "1 day",
        DAY,
        datetime(2026, 11, 21, tzinfo=UTC),
        TAKEN - timedelta(hours=2),
        (
            (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)),
            (datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)),
        ),
        realtime=True,
    ),
)
PARTITIONED = (
    Partitioned(
        "public", "communications", 26, datetime(2024, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), True, 0,
        812 * MB,
    ),
    Partitioned(
        "public", "ai_agent_executions", 4, datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), False,
        None, 31 * MB,
    ),
)  # fmt: skip


def snapshot(**changes: Any) -> Snapshot:
    """A healthy server but for what stands in the findings."""
    values: dict[str, Any] = {
        "taken": TAKEN,
        "server": SERVER,
        "hypertables": TABLES,
        "chunks": (*readings(), *events(), *daily()),
        "jobs": JOBS,
        "runs": RUNS,
        "aggregates": AGGREGATES,
        "partitioned": PARTITIONED,
    }
    return Snapshot(**values | changes)


def apache() -> Snapshot:
    """The same on the Apache edition: hypertables, and nothing else."""
    return snapshot(
        server=replace(SERVER, edition=Edition.APACHE, timescaledb="2.19.3", workers=0),
        hypertables=tuple(replace(table, compression=None) for table in TABLES[:2]),
        chunks=tuple(chunk(100 + place, READINGS, LAST - (25 - place) * 30 * DAY) for place in range(26)),
        jobs=(),
        runs=(),
        aggregates=(),
        missing=(
            Missing("compression", "the Apache edition of TimescaleDB has no compression"),
            Missing("aggregates", "the Apache edition of TimescaleDB has no continuous aggregates"),
        ),
    )


def many(number: int = 2000) -> Snapshot:
    """A table of so many chunks of a day."""
    made = tuple(
        chunk(place, READINGS, LAST - (number - 1 - place) * DAY, begins=LAST - (number - place) * DAY)
        for place in range(number)
    )
    made = tuple(compressed(one) if one.ends and one.ends < TAKEN - 200 * DAY else one for one in made)  # type: ignore[operator]
    return snapshot(chunks=made, hypertables=TABLES[:1])


JUDGEMENT = Judgement(
    (
        Finding(
            "grew", Severity.SERIOUS, "timeseries.domain_events",
            "2 chunks are larger than before they were compressed: 26 MB → 35 MB; 1.5 rows a batch",
            "The table takes a third more disk and is slower to read.",
            "alter table timeseries.domain_events set (\n"
            "    timescaledb.compress_segmentby = 'tenant_id',\n"
            "    timescaledb.compress_orderby = 'aggregate_type, aggregate_id, created_at desc'\n);",
        ),
        Finding(
            "job_failed", Severity.SERIOUS, "timeseries.domain_events",
            "job 1002 (compress) failed 17 of 212 times, the last time today at 06:08 [53100]",
            "Chunks that are due stay uncompressed, and the disk fills.",
            "select * from timescaledb_information.job_errors where job_id = 1002;",
        ),
        Finding(
            "overdue", Severity.WARNING, "timeseries.meter_readings",
            "1 chunk is older than 180 days and not compressed: 13 MB",
            "It takes five times the room it would.",
            "call run_job(1000);",
        ),
        Finding(
            "no_default", Severity.NOTE, "public.ai_agent_executions",
            "there is no default partition, and the newest ends on December 1",
            "From then on no row can be written.",
            "create table ai_agent_executions_default partition of ai_agent_executions default;",
        ),
    ),
    {READINGS: 5 * MB // 2, EVENTS: 13 * MB, DAILY: None},
    {READINGS: 152 * MB, EVENTS: 338 * MB, DAILY: None},
)  # fmt: skip


def candidate(segmentby: str, orderby: str, present: bool = False) -> Candidate:
    return Candidate(
        tuple(filter(None, segmentby.split(","))), tuple(part.strip() for part in orderby.split(",")), present
    )


def trials() -> tuple[Trial, ...]:
    """The plan's setting, which grows the readings, and others."""
    before = 13 * MB
    made = (
        ("tenant_id,meter_id", "reading_date DESC", False, 1.4, 1.0, 9.1, 61.0),
        ("tenant_id", "reading_date DESC", False, 0.21, 988.0, 31.4, 12.6),
        ("tenant_id", "meter_id, reading_date DESC", True, 0.17, 991.0, 1.2, 14.9),
        ("", "reading_date DESC", False, 0.2, 1000.0, 33.0, 13.1),
    )
    return tuple(
        Trial(
            candidate(segmentby, orderby, present),
            80_000,
            before,
            int(before * share),
            batch,
            {"last_12_readings": last, "sector_by_day": sector},
            None,
        )
        for segmentby, orderby, present, share, batch, last, sector in made
    )


def advice(best: int = 2) -> Advice:
    """What comes of the trials."""
    tried = trials()
    statement = "alter table timeseries.meter_readings set (\n    timescaledb.compress_segmentby = 'tenant_id'\n);"
    return Advice(
        TABLES[0], readings()[20], False, tried, tried[best], "" if tried[best].candidate.present else statement
    )


class CannedSeries:
    """What the screen asks and does, answered from memory; remembers what was done.

    Attributes:
        answers: one after the other, the last one stays.
        gate: each chunk and each candidate waits for it.
        failing: ids of chunks that fail, with their error.
        lost_after: so many chunks, then the server goes away.
    """

    def __init__(self, *answers: Snapshot | SupraError, judgement: Judgement = JUDGEMENT) -> None:
        self.answers = list(answers) or [snapshot()]
        self.judgement = judgement
        self.asked = 0
        self.since: list[Snapshot | None] = []
        self.done: list[tuple[str, Any]] = []
        self.gate = asyncio.Semaphore(1000)
        self.failing: dict[int, SupraError] = {}
        self.skipping: dict[int, SupraError] = {}
        self.refusal: SupraError | None = None
        self.advice = advice()

    def queries(self) -> ChunkQueries:
        return ChunkQueries(
            snapshot=self.snapshot,
            judge=lambda _snapshot: self.judgement,
            details=self.details,
            plan=lambda picture, kind, ids: plan(picture, Kind(kind), ids),
            run=self.run,
            run_job_now=lambda _db, number: self.act("run", number),
            pause_job=lambda _db, number: self.act("pause", number),
            resume_job=lambda _db, number: self.act("resume", number),
            change_schedule=lambda _db, number, interval: self.act("schedule", (number, interval)),
            refresh=lambda _db, number, begins, ends: self.act("refresh", (number, begins, ends)),
            candidates=lambda _table: tuple(trial.candidate for trial in self.advice.trials),
            advise=self.advise,
        )

    async def snapshot(self, _db: object, since: Snapshot | None) -> Snapshot:
        self.asked += 1
        self.since.append(since)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, SupraError):
            raise answer
        return answer

    async def details(self, _db: object, one: Chunk, table: Hypertable) -> ChunkDetails:
        return ChunkDetails(
            one,
            (
                Index(
                    f"{one.name}_readings_pkey", 3 * MB, f"CREATE UNIQUE INDEX ON {one.name} (id, reading_date)", False
                ),
                Index("compress_by_tenant", 64 * KB, "CREATE INDEX ON compressed (tenant_id, _ts_meta_min_1)", True),
            ),
            table.compression if one.compressed else None,
            one.late_rows,
            ReadCost(12, 0.42, 14),
        )

    async def act(self, what: str, subject: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.done.append((what, subject))

    async def run(
        self, _db: object, steps: Sequence[Step], progress: Callable[[Outcome], None], stop: Callable[[], bool]
    ) -> tuple[Outcome, ...]:
        if self.refusal is not None:
            raise self.refusal
        outcomes: list[Outcome] = []
        for step in steps:
            if stop():
                break
            await self.gate.acquire()
            number = step.chunk.id
            if number in self.failing:
                outcome = Outcome(step, "failed", None, None, 3.0, self.failing[number])
            elif number in self.skipping:
                outcome = Outcome(step, "skipped", None, None, 0.01, self.skipping[number])
            else:
                self.done.append((str(step.kind), number))
                outcome = Outcome(step, "done", step.chunk.size, step.chunk.size // 5, 1.25, None)
            outcomes.append(outcome)
            progress(outcome)
            if outcome.lost:
                break
        return tuple(outcomes)

    async def advise(
        self,
        _db: object,
        _snapshot: Snapshot,
        number: int,
        progress: Callable[[Trial], None],
        stop: Callable[[], bool],
    ) -> Advice:
        if self.refusal is not None:
            raise self.refusal
        tried: list[Trial] = []
        for trial in self.advice.trials:
            if stop():
                break
            await self.gate.acquire()
            tried.append(trial)
            progress(trial)
        if len(tried) == len(self.advice.trials):
            return self.advice
        return replace(self.advice, trials=tuple(tried), best=tried[-1] if tried else None)
