"""How does each hypertable stand, in one line of figures: the same on the screen and for scripts?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from supra_console.timeseries import Bound, Chunk, Hypertable, Job, Snapshot, State
from supra_console.timeseries_growth import forecast, growth_per_month

FAILED = "Failed"


@dataclass(frozen=True)
class Standing:
    """One hypertable with all that is known of it; what a part is unknown of says so."""

    snapshot: Snapshot
    hypertable: Hypertable

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """Its chunks, oldest first."""
        return self.snapshot.chunks_of(self.hypertable.id)

    @cached_property
    def states(self) -> Counter[State]:
        """Chunks by what they are."""
        return Counter(self.snapshot.state(chunk) for chunk in self.chunks)

    @property
    def size(self) -> int:
        """Bytes on disk now."""
        return sum(chunk.size for chunk in self.chunks)

    @property
    def rows(self) -> int | None:
        """Estimated, late ones included; of the chunks whose rows are known."""
        known = [chunk.rows + (chunk.late_rows or 0) for chunk in self.chunks if chunk.rows is not None]
        return sum(known) if known or not self.chunks else None

    @property
    def more_rows(self) -> bool:
        """Whether some chunk's rows are not known, and so not in the sum."""
        return any(chunk.rows is None for chunk in self.chunks)

    @property
    def compressed(self) -> int:
        """Chunks that are compressed, late rows or not, due to be dropped or not."""
        return sum(chunk.compressed for chunk in self.chunks)

    @property
    def ratio(self) -> float | None:
        """Of all compressed chunks together."""
        before = sum(chunk.before or 0 for chunk in self.chunks if chunk.ratio)
        after = sum(chunk.after or 0 for chunk in self.chunks if chunk.ratio)
        return before / after if before and after else None

    @property
    def oldest(self) -> Bound | None:
        """Where the first chunk begins."""
        return self.chunks[0].begins if self.chunks else None

    @property
    def newest(self) -> Bound | None:
        """Where the last chunk ends."""
        return self.chunks[-1].ends if self.chunks else None

    @property
    def jobs(self) -> list[Job]:
        """Its policies."""
        return [job for job in self.snapshot.jobs if job.hypertable == self.hypertable.id]

    @property
    def next_job(self) -> Job | None:
        """The policy that runs next."""
        waiting = [job for job in self.jobs if job.scheduled and job.next_start is not None]
        return min(waiting, key=lambda job: str(job.next_start), default=None)

    @property
    def last_job(self) -> Job | None:
        """The policy that went worst, else the one that ran last."""
        failed = [job for job in self.jobs if job.last_status == FAILED]
        ran = [job for job in self.jobs if job.last_finish is not None]
        latest = max(ran, key=lambda job: str(job.last_finish), default=None)
        return failed[0] if failed else latest or next(iter(self.jobs), None)


@dataclass(frozen=True, slots=True)
class Overview:
    """One hypertable, or what a continuous aggregate has materialized; bytes, and None where nobody knows.

    Attributes:
        states: chunks by what they are; states without a chunk are left out.
        compressed: chunks that are compressed, late rows or not, and due to be dropped or not.
        rows: estimated; of the chunks whose rows are known, `more_rows` if they are not all.
        ratio: bytes before for each byte after, of what is compressed.
        next_start: of the first of its policies to run.
        last_status: of the last one that ran, but `Failed` if any failed when it last ran.
        growth: bytes a month; in_a_year: its size then.
    """

    name: str
    aggregate: bool
    owner: str
    chunks: int
    states: Mapping[str, int]
    compressed: int
    size: int
    rows: int | None
    more_rows: bool
    ratio: float | None
    oldest: Bound | None
    newest: Bound | None
    next_start: datetime | None
    last_status: str | None
    growth: int | None
    in_a_year: int | None


def overview(snapshot: Snapshot) -> tuple[Overview, ...]:
    """A line for each hypertable, in the order of the snapshot."""
    return tuple(_of(Standing(snapshot, table)) for table in snapshot.hypertables)


def _of(one: Standing) -> Overview:
    table, last = one.hypertable, one.last_job
    return Overview(
        name=table.full_name,
        aggregate=table.aggregate,
        owner=table.owner,
        chunks=len(one.chunks),
        states={str(state): count for state, count in one.states.items()},
        compressed=one.compressed,
        size=one.size,
        rows=one.rows,
        more_rows=one.more_rows,
        ratio=one.ratio,
        oldest=one.oldest,
        newest=one.newest,
        next_start=one.next_job.next_start if one.next_job is not None else None,
        last_status=last.last_status if last is not None else None,
        growth=growth_per_month(one.snapshot, table.id),
        in_a_year=forecast(one.snapshot, table.id),
    )
