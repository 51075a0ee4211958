"""How does each hypertable stand, in one line of figures?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from supra_console.timeseries import Bound, Hypertable, Snapshot
from supra_console.timeseries_growth import forecast, growth_per_month

FAILED = "Failed"


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
    return tuple(_of(snapshot, table) for table in snapshot.hypertables)


def _of(snapshot: Snapshot, table: Hypertable) -> Overview:
    chunks = snapshot.chunks_of(table.id)
    jobs = [job for job in snapshot.jobs if job.hypertable == table.id]
    rows = [chunk.rows for chunk in chunks if chunk.rows is not None]
    before = sum(chunk.before or 0 for chunk in chunks)
    after = sum(chunk.after or 0 for chunk in chunks)
    last = max((job for job in jobs if job.last_finish is not None), key=lambda job: str(job.last_finish), default=None)
    failed = any(job.last_status == FAILED for job in jobs)
    return Overview(
        name=table.full_name,
        aggregate=table.aggregate,
        owner=table.owner,
        chunks=len(chunks),
        states=Counter(str(snapshot.state(chunk)) for chunk in chunks),
        compressed=sum(chunk.compressed for chunk in chunks),
        size=sum(chunk.size for chunk in chunks),
        rows=sum(rows) if rows or not chunks else None,
        more_rows=len(rows) < len(chunks),
        ratio=before / after if before and after else None,
        oldest=chunks[0].begins if chunks else None,
        newest=chunks[-1].ends if chunks else None,
        next_start=min((job.next_start for job in jobs if job.scheduled and job.next_start is not None), default=None),
        last_status=FAILED if failed else last.last_status if last is not None else None,
        growth=growth_per_month(snapshot, table.id),
        in_a_year=forecast(snapshot, table.id),
    )
