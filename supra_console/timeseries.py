"""How do the time series of a server stand, as one picture?

Plain records, without a screen and without a query. `queries.chunks` makes a `Snapshot` of them in a constant number
of statements; `supra_console.timeseries_findings` reads what is wrong from it. Sizes are bytes. What the server would
not tell is None and has its reason in `Snapshot.missing`; it is never shown as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

Bound = datetime | int
"""Where a chunk begins or ends: a moment, or a number where the time column is an integer."""


MOST_RANGES = 1_000
"""Invalidated ranges of an aggregate that are asked for (`chunks_aggregates.sql`)."""

MOST_LATE_ROWS = 1_000_000
"""Late rows of a chunk that are counted (`supra.late_rows`)."""


class Edition(StrEnum):
    """Which TimescaleDB the server has."""

    NONE = "none"
    APACHE = "apache"
    COMMUNITY = "timescale"


class State(StrEnum):
    """What a chunk is, for the month strip; the worst of what holds."""

    UNCOMPRESSED = "uncompressed"
    COMPRESSED = "compressed"
    PARTIAL = "partial"  # compressed, and rows came late
    OVERDUE = "overdue"  # the policy should have compressed it
    DROPPING = "dropping"  # the next run of the retention drops it


@dataclass(frozen=True, slots=True)
class Server:
    """The server, as far as time series are concerned.

    Attributes:
        timescaledb: its version, `2.23.0`; None without the extension.
        max_workers: `timescaledb.max_background_workers`; None where it cannot be asked.
        workers: background workers of TimescaleDB running now; 0 where its scheduler is not running.
        shared_buffers, effective_cache: in bytes.
        logs_runs: whether runs that succeed are kept in the history; else it holds those that failed and no others.
    """

    version: str
    edition: Edition
    timescaledb: str | None
    max_workers: int | None
    workers: int | None
    shared_buffers: int
    effective_cache: int
    logs_runs: bool | None = None


@dataclass(frozen=True, slots=True)
class Compression:
    """How a hypertable is compressed; `orderby` as written in SQL, `reading_date DESC`."""

    segmentby: tuple[str, ...]
    orderby: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hypertable:
    """A hypertable, or the one that holds what a continuous aggregate has materialized.

    Attributes:
        id: of TimescaleDB's catalogue.
        name, schema: of the aggregate's view, where it is one.
        aggregate: whether it is a continuous aggregate.
        dimensions: 1 for time alone, more with space partitions.
        interval: of a chunk; a number where the time column is an integer.
        compression: None where it is off.
        row_security: whether row level security is asked for on the table.
    """

    id: int
    schema: str
    name: str
    owner: str
    aggregate: bool
    time_column: str
    time_type: str
    dimensions: int
    interval: timedelta | int | None
    compression: Compression | None
    row_security: bool

    @property
    def full_name(self) -> str:
        """With its schema, as a person reads it; not quoted for SQL."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk.

    Attributes:
        hypertable: its id.
        begins, ends: of its time range; the end is not part of it.
        heap, index, toast: bytes on disk now, the compressed part included.
        before, after: bytes when it was last compressed, before and after; None if it is not compressed.
        rows: before compression where it is compressed, else the planner's estimate; None before any ANALYZE.
        batches: rows of the compressed part, each a batch of up to 1,000.
        late_rows: rows that came after the compression, estimated; 0 where none did.
        compressed, partial: as TimescaleDB's catalogue says.
        mark: changes when the chunk is written to; says nothing by itself.
    """

    id: int
    hypertable: int
    schema: str
    name: str
    begins: Bound | None
    ends: Bound | None
    created: datetime | None
    heap: int
    index: int
    toast: int
    before: int | None
    after: int | None
    rows: int | None
    batches: int | None
    late_rows: int | None
    compressed: bool
    partial: bool
    mark: int = 0

    @property
    def size(self) -> int:
        """Bytes on disk now."""
        return self.heap + self.index + self.toast

    @property
    def ratio(self) -> float | None:
        """Bytes before for each byte after compression: 5.0 says that 80% was saved."""
        return self.before / self.after if self.before and self.after else None

    @property
    def rows_per_batch(self) -> float | None:
        """How many rows a batch holds; 1 says that compression does nothing."""
        return self.rows / self.batches if self.rows is not None and self.batches else None


@dataclass(frozen=True, slots=True)
class Job:
    """A background job.

    Attributes:
        kind: `compression`, `retention`, `refresh`, `reorder`, `history` (of jobs) or `other`.
        hypertable: the id it works on, if any.
        config: as TimescaleDB keeps it.
        scheduled: False when it is paused.
        compress_after, drop_after, start_offset, end_offset: from the config; None where not said.
        runs, successes, failures: since the server counts; None when there is no history, which is not none.
        last_status: `Success`, `Failed` or None before the first run.
        last_error: of the last failed run, with its SQLSTATE; None where there is none or it may not be read.
    """

    id: int
    kind: str
    procedure: str
    owner: str
    hypertable: int | None
    config: Mapping[str, Any]
    scheduled: bool
    schedule_interval: timedelta | None
    max_runtime: timedelta | None
    compress_after: timedelta | int | None
    drop_after: timedelta | int | None
    start_offset: timedelta | int | None
    end_offset: timedelta | int | None
    next_start: datetime | None
    last_start: datetime | None
    last_finish: datetime | None
    last_status: str | None
    runs: int | None
    successes: int | None
    failures: int | None
    last_error: str | None
    last_sqlstate: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One past run of a job, newest first in `Snapshot.runs`."""

    job: int
    started: datetime | None
    finished: datetime | None
    succeeded: bool | None
    sqlstate: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A continuous aggregate beyond its hypertable.

    Attributes:
        hypertable: the id of what it has materialized.
        source: the id of the hypertable it reads.
        bucket: its width, as TimescaleDB writes it (`1 day`).
        bucket_width: the same, where it is fixed.
        watermark: up to where it is materialized; None if nothing is.
        newest: the newest row of its source; with the watermark this gives the lag.
        invalidated: ranges that changed below the watermark and still wait for a refresh, the oldest MOST_RANGES.
        realtime: what is newer than the watermark is added when it is read.
    """

    hypertable: int
    source: int
    bucket: str
    bucket_width: timedelta | int | None
    watermark: Bound | None
    newest: Bound | None
    invalidated: tuple[tuple[Bound | None, Bound | None], ...]
    realtime: bool

    @property
    def more_invalidated(self) -> bool:
        """Whether there may be more than these."""
        return len(self.invalidated) >= MOST_RANGES


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table that PostgreSQL itself partitions by time (`communications`, `ai_agent_executions`).

    Attributes:
        ends: where the newest partition ends.
        default_rows: rows that fell into the default partition, estimated; None without one.
    """

    schema: str
    name: str
    partitions: int
    begins: datetime | None
    ends: datetime | None
    has_default: bool
    default_rows: int | None
    size: int


@dataclass(frozen=True, slots=True)
class LooseGrant:
    """A right of somebody who signs in on a chunk or hypertable, which goes round the tenant views."""

    relation: str
    grantee: str
    privilege: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a chunk; `compressed` if it is of the chunk's compressed part."""

    name: str
    size: int
    definition: str
    compressed: bool


@dataclass(frozen=True, slots=True)
class ReadCost:
    """What it took to read all a chunk has of one meter, toma or account: measured, warm.

    Attributes:
        milliseconds: planning and running.
        blocks: pages of 8 kB that were touched.
    """

    rows: int
    milliseconds: float
    blocks: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What could not be asked, and why, in words for the person."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChunkDetails:
    """One chunk from near.

    Attributes:
        compression: the settings this chunk was compressed with, which may be older than those of its hypertable.
        late_rows: counted, where they can be; None where they cannot.
        read: None where the utility has nothing in this chunk, or the hypertable is not one of ours.
    """

    chunk: Chunk
    indexes: tuple[Index, ...]
    compression: Compression | None
    late_rows: int | None
    read: ReadCost | None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it at one moment of the server's clock.

    Attributes:
        measured: when every chunk was measured; sizes of chunks that were not written to since may be as old.
    """

    taken: datetime
    server: Server
    hypertables: tuple[Hypertable, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    jobs: tuple[Job, ...] = ()
    runs: tuple[Run, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    partitioned: tuple[Partitioned, ...] = ()
    loose_grants: tuple[LooseGrant, ...] = ()
    archived_until: Mapping[int, Bound] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    measured: datetime | None = None

    def hypertable(self, number: int) -> Hypertable | None:
        """The hypertable of that id."""
        return next((one for one in self.hypertables if one.id == number), None)

    def chunks_of(self, number: int) -> tuple[Chunk, ...]:
        """Its chunks, oldest first."""
        return tuple(chunk for chunk in self.chunks if chunk.hypertable == number)

    def policy(self, number: int, kind: str) -> Job | None:
        """The job of that kind on a hypertable."""
        return next((job for job in self.jobs if job.hypertable == number and job.kind == kind), None)

    def state(self, chunk: Chunk) -> State:
        """What the month strip shows of a chunk."""
        if self._older(chunk, self.policy(chunk.hypertable, "retention"), "drop_after"):
            return State.DROPPING
        if chunk.partial:
            return State.PARTIAL
        if chunk.compressed:
            return State.COMPRESSED
        if self._older(chunk, self.policy(chunk.hypertable, "compression"), "compress_after"):
            return State.OVERDUE
        return State.UNCOMPRESSED

    def _older(self, chunk: Chunk, policy: Job | None, setting: str) -> bool:
        """Whether the policy's next run would take the chunk; unknown for integer time, whose now is a function."""
        after = getattr(policy, setting) if policy is not None else None
        if not isinstance(after, timedelta) or not isinstance(chunk.ends, datetime):
            return False
        return chunk.ends <= self.taken - after
