"""How fast does a hypertable grow, and how large will it be?

From the sizes of its past chunks. New rows come uncompressed and stay so until the policy takes them, so a month of
rows is counted twice: as large as it comes, and as large as it settles. What is compressed already has settled. What is
not is expected to shrink as the other chunks of its table did, but only where a policy is there to do it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from supra_console.timeseries import Chunk, Snapshot

FEWEST_RANGES = 3
MONTH = timedelta(days=365.2425 / 12)
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Range:
    """One whole range of time, all its space partitions together; sizes in bytes.

    Attributes:
        raw: uncompressed, as it comes.
        settled: as large as it stays.
    """

    begins: datetime
    ends: datetime
    raw: float
    settled: float


@dataclass(frozen=True, slots=True)
class _Policies:
    """What will happen to a table's chunks, and by how much compression makes them smaller."""

    kept: float  # bytes after for each byte before; 1 where nothing is compressed
    compress_after: timedelta | None
    drop_after: timedelta | None

    def raw(self, chunk: Chunk) -> float:
        if not chunk.compressed:
            return chunk.size
        return chunk.before if chunk.before else chunk.size / self.kept

    def settled(self, chunk: Chunk) -> float:
        return chunk.size if chunk.compressed or self.compress_after is None else chunk.size * self.kept


def _policies(snapshot: Snapshot, hypertable: int) -> _Policies:
    def after(kind: str, setting: str) -> timedelta | None:
        job = snapshot.policy(hypertable, kind)
        value = getattr(job, setting) if job is not None and job.scheduled else None
        return value if isinstance(value, timedelta) else None

    compressed = [one for one in snapshot.chunks_of(hypertable) if one.before and one.after]
    before, now = sum(one.before or 0 for one in compressed), sum(one.after or 0 for one in compressed)
    return _Policies(
        kept=now / before if before else 1.0,
        compress_after=after("compression", "compress_after"),
        drop_after=after("retention", "drop_after"),
    )


def whole_ranges(snapshot: Snapshot, hypertable: int) -> tuple[Range, ...]:
    """The ranges that are over and so have all their rows, oldest first; none where time is a number."""
    policies = _policies(snapshot, hypertable)
    chunks: dict[tuple[datetime, datetime], list[Chunk]] = defaultdict(list)
    for chunk in snapshot.chunks_of(hypertable):
        if isinstance(chunk.begins, datetime) and isinstance(chunk.ends, datetime) and chunk.ends <= snapshot.taken:
            chunks[chunk.begins, chunk.ends].append(chunk)
    return tuple(
        Range(begins, ends, sum(map(policies.raw, parts)), sum(map(policies.settled, parts)))
        for (begins, ends), parts in sorted(chunks.items(), key=lambda item: item[0])
    )


def _rates(snapshot: Snapshot, hypertable: int) -> tuple[float, float] | None:
    """Bytes a day, raw and settled, over the last year of whole ranges; None of fewer than three."""
    ranges = whole_ranges(snapshot, hypertable)
    recent = [one for one in ranges if one.begins >= ranges[-1].ends - _YEAR]
    if len(recent) < FEWEST_RANGES:
        recent = list(ranges[-FEWEST_RANGES:])
    if len(recent) < FEWEST_RANGES:
        return None
    # Months without rows have no chunk and count as time all the same.
    days = (recent[-1].ends - recent[0].begins) / timedelta(days=1)
    return sum(one.raw for one in recent) / days, sum(one.settled for one in recent) / days


def growth_per_month(snapshot: Snapshot, hypertable_id: int) -> int | None:
    """Bytes that a month adds for good; None where fewer than three whole chunks can tell."""
    rates = _rates(snapshot, hypertable_id)
    return None if rates is None else round(rates[1] * (MONTH / timedelta(days=1)))


def forecast(snapshot: Snapshot, hypertable_id: int, months: int = 12) -> int | None:
    """Bytes on disk in so many months, if as many rows come as did and the policies run; None as for the growth."""
    rates = _rates(snapshot, hypertable_id)
    if rates is None:
        return None
    policies, ahead = _policies(snapshot, hypertable_id), months * MONTH
    then = snapshot.taken + ahead
    there = 0.0
    for chunk in snapshot.chunks_of(hypertable_id):
        age = then - chunk.ends if isinstance(chunk.ends, datetime) else timedelta()
        if policies.drop_after is not None and age >= policies.drop_after:
            continue
        settles = policies.compress_after is not None and age >= policies.compress_after
        there += policies.settled(chunk) if settles else chunk.size
    coming = min(ahead, policies.drop_after) if policies.drop_after is not None else ahead
    young = min(coming, policies.compress_after) if policies.compress_after is not None else coming
    raw, settled = rates
    return round(there + raw * (young / timedelta(days=1)) + settled * ((coming - young) / timedelta(days=1)))
