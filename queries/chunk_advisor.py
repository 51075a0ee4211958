"""How should a hypertable be compressed, measured on its own rows?

One chunk that is like the others is copied, compressed under each candidate and asked our own queries of that table, by
`supra.try_compression`: one transaction for each candidate, of which nothing stays behind. Of a large chunk a sample is
taken that keeps together what belongs together, all readings of a meter say: one row of many says nothing of how well
many compress.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from queries.chunk_actions import Gone, explained
from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.errors import (
    ConnectionLost,
    InvalidInput,
    MissingFeature,
    PermissionDenied,
    SupraError,
    Unreachable,
)
from supra_console.i18n import _
from supra_console.timeseries import Bound, Chunk, Hypertable, Snapshot

TRIAL_TIMEOUT = 600.0  # seconds for one candidate
ALIKE = 0.03  # candidates that save as much but for this part of the size are told apart by their latencies
SLOWER = 1.25  # as fast is who takes no more than so much of the fastest

# Milliseconds in one chunk that nobody notices, so that less is no better: the plan wants twelve readings, which lie in
# twelve chunks, in 10 ms, and the daily consumption of a sector in 50.
FAST_ENOUGH = {"sector_by_day": 25.0, "last_of_a_type": 5.0}
FAST_ENOUGH_ELSE = 1.0

# Columns, by table: what is tried besides today's settings, and which column's rows a sample keeps together.
_READINGS = "timeseries.meter_readings"
_EVENTS = "timeseries.domain_events"
_CONSUMPTION = "timeseries.daily_consumption"
_TRIED: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    _READINGS: (
        (("tenant_id", "meter_id"), ("reading_date DESC",)),  # the plan's
        (("tenant_id",), ("meter_id", "reading_date DESC")),
        (("tenant_id",), ("sector_id", "meter_id", "reading_date DESC")),
        (("tenant_id", "sector_id"), ("meter_id", "reading_date DESC")),
        (("tenant_id",), ("reading_date DESC",)),
        ((), ("tenant_id", "meter_id", "reading_date DESC")),
    ),
    _EVENTS: (
        (("tenant_id", "aggregate_type"), ("created_at DESC",)),  # the plan's
        (("tenant_id",), ("aggregate_type", "aggregate_id", "created_at DESC")),
        (("tenant_id", "aggregate_type"), ("aggregate_id", "created_at DESC")),
        (("tenant_id",), ("created_at DESC",)),
    ),
    _CONSUMPTION: (
        (("tenant_id",), ("toma_id", "day DESC")),
        (("tenant_id",), ("sector_id", "toma_id", "day DESC")),
        (("tenant_id", "sector_id"), ("toma_id", "day DESC")),
        (("tenant_id",), ("day DESC",)),
    ),
}
_HOPELESS = (ConnectionLost, Unreachable, PermissionDenied, MissingFeature, Gone)
_TOGETHER = {_READINGS: "meter_id", _EVENTS: "aggregate_id", _CONSUMPTION: "toma_id"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings to be tried.

    Attributes:
        orderby: as written in SQL, `reading_date DESC`.
        present: whether the hypertable has them today.
    """

    segmentby: tuple[str, ...]
    orderby: tuple[str, ...]
    present: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What a candidate did to the copy.

    Attributes:
        rows: of the copy.
        before, after: bytes on disk, indexes and TOAST included.
        rows_per_batch: 1,000 at most; 1 says that compression does nothing.
        latencies: milliseconds, the median, by name of the query.
        error: why it could not be tried; the figures are 0 then.
    """

    candidate: Candidate
    rows: int
    before: int
    after: int
    rows_per_batch: float
    latencies: Mapping[str, float]
    error: SupraError | None

    @property
    def saved(self) -> float:
        """The part of the size that is gone: 0.81 of 81%; below 0 when it grew."""
        return 1 - self.after / self.before if self.before else 0.0

    @property
    def latency(self) -> float:
        """Milliseconds of all queries together; what is fast enough counts as if it took all it may."""
        return sum(max(took, FAST_ENOUGH.get(name, FAST_ENOUGH_ELSE)) for name, took in self.latencies.items())


@dataclass(frozen=True, slots=True)
class Advice:
    """What the trials say.

    Attributes:
        chunk: the one that was copied.
        sampled: whether part of its rows stood for all.
        trials: in the order of `candidates`; fewer when they were stopped.
        best: None when nothing that was tried saves anything.
        statement: SQL of the best, to be run by an owner; empty without one, or when today's settings are the best.
            Chunks that are compressed already keep what they have until they are recompressed.
    """

    hypertable: Hypertable
    chunk: Chunk
    sampled: bool
    trials: tuple[Trial, ...]
    best: Trial | None
    statement: str


def candidates(hypertable: Hypertable) -> tuple[Candidate, ...]:
    """What is worth trying: today's settings first, then those that the table's columns suggest."""
    now = hypertable.compression
    present = [] if now is None else [(now.segmentby, now.orderby)]
    tried = _TRIED.get(hypertable.full_name, (((), (f"{hypertable.time_column} DESC",)),))
    others = [one for one in tried if [_plain(one)] != [_plain(settings) for settings in present]]
    return tuple(Candidate(*settings, present=settings in present) for settings in [*present, *others])


def _plain(settings: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Settings as they compare: `meter_id ASC` is `meter_id`, `x DESC NULLS FIRST` is `x DESC`."""
    segmentby, orderby = settings
    return segmentby, tuple(
        item.upper().removesuffix(" NULLS FIRST").removesuffix(" NULLS LAST").removesuffix(" ASC") for item in orderby
    )


def representative(snapshot: Snapshot, hypertable_id: int) -> Chunk | None:
    """The chunk in the middle by size, of those whose time is over; None when there is none with rows."""
    chunks = [chunk for chunk in snapshot.chunks_of(hypertable_id) if chunk.rows != 0]
    over = [chunk for chunk in chunks if _is_over(chunk.ends, snapshot)] or chunks
    over.sort(key=lambda chunk: chunk.before or chunk.size)
    return over[len(over) // 2] if over else None


def _is_over(ends: Bound | None, snapshot: Snapshot) -> bool:
    return not isinstance(ends, int) and ends is not None and ends <= snapshot.taken


async def advise(
    db: Database,
    snapshot: Snapshot,
    hypertable_id: int,
    *,
    max_rows: int = 200_000,
    progress: Callable[[Trial], None],
    stop: Callable[[], bool],
) -> Advice:
    """Try every candidate on a copy of one chunk.

    Args:
        max_rows: how many rows are copied at most, 100 to 1,000,000.
        progress: told of each trial when it is over.
        stop: asked between trials.

    Raises:
        InvalidInput: there is no such hypertable, or none of its chunks has rows.
        PermissionDenied: the person is no DBA, or the hypertable is somebody else's.
        MissingFeature: this edition has no compression.
        Gone: the chunk was dropped meanwhile.
        ConnectionLost: the server went away; nothing of the copy is left there.
    """
    hypertable = snapshot.hypertable(hypertable_id)
    chunk = representative(snapshot, hypertable_id)
    if hypertable is None or chunk is None:
        raise InvalidInput(
            _("There is nothing to try compression on"), _("The table has no chunk with rows; choose another.")
        )
    trials: list[Trial] = []
    sampled = False
    for candidate in candidates(hypertable):
        if stop():
            break
        trial, part = await _try(db, hypertable, chunk, candidate, max_rows)
        trials.append(trial)
        sampled = sampled or part
        progress(trial)
    best = _best(trials)
    return Advice(hypertable, chunk, sampled, tuple(trials), best, _recommendation(hypertable, best))


async def _try(
    db: Database, hypertable: Hypertable, chunk: Chunk, candidate: Candidate, max_rows: int
) -> tuple[Trial, bool]:
    """One candidate; and whether it saw part of the rows only."""
    parameters = {
        "chunk_schema": chunk.schema,
        "chunk_name": chunk.name,
        "segmentby": list(candidate.segmentby),
        "orderby": list(candidate.orderby),
        "max_rows": max_rows,
        "together": _TOGETHER.get(hypertable.full_name),
    }

    async def work(connection: Connection) -> tuple[Trial, bool]:
        cursor = connection.cursor()
        jsonb.register(cursor)
        await cursor.execute(
            "select rows, sampled, bytes_before, bytes_after, batches, latencies from supra.try_compression("
            "%(chunk_schema)s, %(chunk_name)s, %(segmentby)s::text[], %(orderby)s::text[], %(max_rows)s, %(together)s)",
            parameters,
        )
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - the function's one row
        rows, sampled, before, after, batches, latencies = row
        times = {name: float(milliseconds) for name, milliseconds in latencies.items()}
        return Trial(candidate, rows, before, after, rows / batches if batches else 0.0, times, None), sampled

    try:
        return await db.write(work, timeout=TRIAL_TIMEOUT)
    except SupraError as raised:
        error = explained(raised)
        # A column that is missing is the fault of this candidate, all else would befall the next one too.
        if error.sqlstate != "42703" and isinstance(error, _HOPELESS):
            raise error from None
        return Trial(candidate, 0, 0, 0, 0.0, {}, error), False


def _best(trials: list[Trial]) -> Trial | None:
    """What saves most; of those that save as much, and answer as fast, today's or else the first that was tried."""
    saving = [trial for trial in trials if trial.error is None and trial.saved > 0]
    if not saving:
        return None
    most = max(trial.saved for trial in saving)
    alike = [trial for trial in saving if trial.saved >= most - ALIKE]
    fastest = min(trial.latency for trial in alike)
    return next(trial for trial in alike if trial.latency <= fastest * SLOWER)


def _recommendation(hypertable: Hypertable, best: Trial | None) -> str:
    if best is None or best.candidate.present:
        return ""
    kind = "materialized view" if hypertable.aggregate else "table"
    segmentby, orderby = ", ".join(best.candidate.segmentby), ", ".join(best.candidate.orderby)
    return (
        f"alter {kind} {hypertable.full_name} set (timescaledb.compress, "
        f"timescaledb.compress_segmentby = '{segmentby}', timescaledb.compress_orderby = '{orderby}');"
    )
