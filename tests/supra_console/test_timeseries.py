"""What the month strip shows of a chunk, and what a chunk says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from supra_console.timeseries import Chunk, State
from tests.supra_console.timeseries_made import JOBS, MB, MONTH, NOW, READINGS, chunk, healthy


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (chunk(0), State.UNCOMPRESSED),
        (chunk(5), State.UNCOMPRESSED),
        (chunk(8), State.COMPRESSED),
        (chunk(8, compressed=False), State.OVERDUE),
        (chunk(8, partial=True), State.PARTIAL),
        (chunk(121), State.DROPPING),
        (chunk(121, partial=True), State.DROPPING),
        (chunk(8, compressed=False, begins=0, ends=1000), State.UNCOMPRESSED),
        (chunk(8, compressed=False, ends=None), State.UNCOMPRESSED),
    ],
)
def test_the_worst_of_what_holds_is_shown(one: Chunk, state: State) -> None:
    assert healthy(chunks=(one,)).state(one) is state


def test_a_chunk_is_overdue_from_the_moment_the_policy_may_take_it() -> None:
    just, not_yet = (chunk(7, compressed=False, ends=NOW - 6 * MONTH + late) for late in (timedelta(), timedelta(1)))
    assert healthy().state(just) is State.OVERDUE
    assert healthy().state(not_yet) is State.UNCOMPRESSED


def test_without_a_policy_nothing_is_overdue_or_dropped() -> None:
    picture = healthy(jobs=())
    assert picture.state(chunk(130, compressed=False)) is State.UNCOMPRESSED
    other = healthy(jobs=(replace(JOBS[0], hypertable=99),))
    assert other.state(chunk(130, compressed=False)) is State.UNCOMPRESSED


def test_ratio_and_batches_are_unknown_where_nothing_is_compressed() -> None:
    fresh, settled = chunk(0), chunk(8)
    assert (fresh.ratio, fresh.rows_per_batch) == (None, None)
    assert (settled.ratio, settled.rows_per_batch, settled.size) == (5.0, 1000.0, 20 * MB)
    assert replace(settled, batches=0).rows_per_batch is None


def test_chunks_are_found_by_their_hypertable() -> None:
    picture = healthy()
    assert len(picture.chunks_of(READINGS)) == len(picture.chunks)
    assert picture.chunks_of(99) == ()
    assert picture.hypertable(99) is None
