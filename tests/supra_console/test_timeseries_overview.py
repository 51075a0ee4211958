"""A line of figures for each hypertable: none that nobody knows, and none left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from supra_console.cli import chunks_text
from supra_console.timeseries import MOST_RANGES, Missing, Snapshot
from supra_console.timeseries_overview import overview
from tests.supra_console.timeseries_made import JOBS, MONTH, healthy


def cells(snapshot: Snapshot) -> list[str]:
    (line,) = [one for one in chunks_text.status(snapshot).splitlines() if one.startswith("timeseries.meter_readings")]
    return line.split()


def test_a_chunk_that_is_due_to_be_dropped_is_compressed_all_the_same() -> None:
    before = overview(healthy())[0]
    dropping = healthy(jobs=(JOBS[0], replace(JOBS[1], drop_after=20 * MONTH), JOBS[2]))
    after = overview(dropping)[0]
    assert after.states["dropping"] == 4
    assert (before.compressed, after.compressed) == (17, 17)


def test_what_could_not_be_asked_is_not_shown_as_none() -> None:
    assert cells(healthy())[4:8] == ["25", "17", "0", "1"]
    no_jobs = healthy(jobs=(), missing=(Missing("jobs", "no right"),))
    assert cells(no_jobs)[4:8] == ["25", "17", "0", "?"]
    no_chunks = healthy(chunks=(), missing=(Missing("chunks", "it took too long"),))
    assert cells(no_chunks)[1:7] == ["?"] * 6


def test_a_policy_that_failed_is_not_hidden_by_one_that_ran_after_it() -> None:
    assert overview(healthy())[0].last_status == "Success"
    first, *others = JOBS
    assert first.last_finish is not None
    failed = replace(first, last_status="Failed", last_finish=first.last_finish - timedelta(hours=1))
    assert overview(healthy(jobs=(failed, *others)))[0].last_status == "Failed"


def test_a_sum_of_which_a_part_is_not_known_says_so() -> None:
    whole = healthy()
    assert not cells(whole)[3].endswith("+")
    first, *others = whole.chunks
    partly = replace(whole, chunks=(replace(first, rows=None), *others))
    assert cells(partly)[3] == f"{overview(partly)[0].rows:,}+"


def test_more_ranges_than_were_asked_for_are_not_shown_as_all() -> None:
    whole = healthy()
    day = timedelta(days=1)
    ranges = tuple((whole.taken - day, whole.taken) for _number in range(MOST_RANGES))
    many = replace(whole, aggregates=(replace(whole.aggregates[0], invalidated=ranges),))
    assert "1,000+" in chunks_text.status(many)
    few = replace(whole, aggregates=(replace(whole.aggregates[0], invalidated=ranges[:-1]),))
    assert "999" in chunks_text.status(few)
    assert "999+" not in chunks_text.status(few)
