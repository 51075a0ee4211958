"""What is changed in the time series from the screen, what is asked before, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from textual import events

from queries.chunk_actions import Gone
from screens.chunks import aggregates, jobs, questions
from screens.chunks.picture import Judgement
from screens.chunks.running import RunDialog
from screens.chunks.typed import read_moment
from screens.widgets.dialogs import ConfirmDialog, FieldsDialog, TypedField
from supra_console.errors import ConnectionLost, LockTimeout, PermissionDenied
from supra_console.timeseries import Server
from tests.screens.chunk_screen import (
    chunks_screen,
    note,
    picture,
    settled,
    showing,
    table_of,
)
from tests.screens.driving import pressed, text_of
from tests.screens.timeseries_sample import (
    DAILY,
    DAY,
    JOBS,
    JUDGEMENT,
    READINGS,
    SERVER,
    CannedSeries,
    snapshot,
)

# ---------------------------------------------------------------------- acting on chunks


async def test_compressing_shows_the_statements_first_and_stands_on_cancel() -> None:
    async with showing() as (pilot, canned):
        seen = await pressed(pilot, "2", "o", "c")
        assert isinstance(pilot.app.screen, ConfirmDialog)
        assert "2 chunks, 37 MB" in seen
        assert "supra.compress_chunk('_timescaledb_internal', '_hyper_1_117_chunk')" in seen
        await pressed(pilot, "enter")
        assert canned.done == []
        assert chunks_screen(pilot).on_top


async def test_what_is_agreed_runs_chunk_by_chunk_and_its_outcomes_stay() -> None:
    async with showing() as (pilot, canned):
        await pressed(pilot, "2", "o", "c", "down", "enter")
        assert isinstance(pilot.app.screen, RunDialog)
        await settled(pilot, "run")
        assert "2 of 2" in text_of(pilot)
        assert canned.done == [("compress", 117), ("compress", 118)]
        asked = canned.asked
        seen = await pressed(pilot, "enter")
        await settled(pilot)
        assert canned.asked == asked + 1
        assert "✓ −80%" in seen
        assert "picked" not in note(pilot)


async def test_escape_stops_between_two_chunks_and_the_rest_stays_picked() -> None:
    canned = CannedSeries()
    canned.gate = asyncio.Semaphore(1)
    async with showing(series=canned) as (pilot, _canned):
        seen = await pressed(pilot, "2", "o", "c", "down", "enter")
        assert "1 of 2" in seen
        assert "then it stops" in await pressed(pilot, "escape")
        canned.gate.release()
        await settled(pilot, "run")
        assert canned.done == [("compress", 117), ("compress", 118)]
        # The second was waited for already; with a third there would be one left.
        await pressed(pilot, "enter")


async def test_a_stop_leaves_the_rest_picked() -> None:
    canned = CannedSeries()
    canned.gate = asyncio.Semaphore(0)
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "2", "o", "c", "down", "enter", "escape")
        canned.gate.release()
        await settled(pilot, "run")
        assert "1 left as it was" in text_of(pilot)
        await pressed(pilot, "escape")
        await settled(pilot)
        assert canned.done == [("compress", 117)]
        assert "● 1 picked" in note(pilot)


async def test_each_chunk_says_why_it_failed_or_was_skipped_and_the_next_goes_on() -> None:
    canned = CannedSeries()
    canned.failing = {117: LockTimeout(sqlstate="55P03")}
    canned.skipping = {118: Gone()}
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "2", "o", "c", "down", "enter")
        await settled(pilot, "run")
        seen = text_of(pilot)
        assert "✗ failed" in seen
        assert "– skipped" in seen
        assert "It is not there any more" in seen
        assert "Somebody else is changing this" in await pressed(pilot, "up")
        await pressed(pilot, "escape")
        await settled(pilot)
        # What failed stays picked: the same key tries it again.
        assert chunks_screen(pilot).picture.picked == {117}  # type: ignore[union-attr]


async def test_a_server_that_goes_away_in_the_middle_leaves_what_is_done() -> None:
    canned = CannedSeries()
    canned.failing = {117: ConnectionLost()}
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "2", "o", "c", "down", "enter")
        await settled(pilot, "run")
        seen = text_of(pilot)
        assert "1 failed · 1 left as it was" in seen
        assert "connection to the server was lost" in seen
        await pressed(pilot, "escape")
        await settled(pilot)
        assert "● 2 picked" in note(pilot)


async def test_a_run_that_is_refused_says_why_and_keeps_the_pick() -> None:
    canned = CannedSeries()
    canned.refusal = PermissionDenied(sqlstate="42501")
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "2", "o", "c", "down", "enter")
        await settled(pilot, "run")
        assert "✗ Your role may not do this · 2 left as they were" in text_of(pilot)
        await pressed(pilot, "escape")
        await settled(pilot)
        assert "● 2 picked" in note(pilot)


async def test_the_key_that_copies_is_dim_where_no_statement_mends() -> None:
    judged = Judgement((JUDGEMENT.findings[0], replace(JUDGEMENT.findings[1], mend="")))
    async with showing(series=CannedSeries(judgement=judged)) as (pilot, _canned):
        await pressed(pilot, "5", "down", "c")
        assert pilot.app.clipboard == ""
        assert "No single statement mends this." in text_of(pilot)
        await pressed(pilot, "up", "c")
        assert pilot.app.clipboard.startswith("alter table")


async def test_decompressing_wants_the_word_typed() -> None:
    async with showing() as (pilot, canned):
        seen = await pressed(pilot, "2", *["down"] * 9, "d")
        assert "Grows to about" in seen
        await pressed(pilot, "down", "enter")
        assert isinstance(pilot.app.screen, ConfirmDialog)
        field = pilot.app.screen.query_one(TypedField)
        assert field.has_focus
        await pressed(pilot, *"yes", "enter")
        assert canned.done == []
        field.value = ""
        field.post_message(events.Paste("decompress"))
        await pilot.pause()
        assert field.value == ""
        pilot.app.copy_to_clipboard("decompress")
        await pressed(pilot, "ctrl+v", "enter")
        assert field.value == ""
        assert canned.done == []
        await pressed(pilot, *"decompress", "enter")
        await settled(pilot, "run")
        assert canned.done == [("decompress", 116)]


async def test_only_what_can_be_changed_so_is_taken() -> None:
    async with showing() as (pilot, _canned):
        await pressed(pilot, "2", "d")  # the newest chunk, which is open
        assert chunks_screen(pilot).on_top
        assert [one.message for one in pilot.app._notifications] == ["Nothing to do: these chunks are not compressed."]
        seen = await pressed(pilot, "space", *["down"] * 8, "space", "d")
        assert "1 chunk, 3.4 MB" in seen


async def test_all_overdue_chunks_from_the_overview() -> None:
    async with showing() as (pilot, canned):
        await pressed(pilot, "c", "down", "enter")
        await settled(pilot, "run")
        assert canned.done == [("compress", 117), ("compress", 118)]


# ---------------------------------------------------------------------- jobs and aggregates


@pytest.mark.parametrize(
    ("key", "downs", "done"), [("n", 0, ("run", 1002)), ("p", 0, ("pause", 1002)), ("p", 5, ("resume", 1003))]
)
async def test_a_job_is_run_paused_and_resumed(key: str, downs: int, done: tuple[str, int]) -> None:
    async with showing() as (pilot, canned):
        seen = await pressed(pilot, "3", *["down"] * downs, key)
        assert f"supra.alter_timeseries_job({done[1]}" in seen
        await pressed(pilot, "enter")
        assert canned.done == []
        # A retention that goes on drops chunks, and wants its word.
        await pressed(pilot, key, "down", "enter", *([*"drop", "enter"] if done == ("resume", 1003) else []))
        await settled(pilot, "act", "chunks")
        assert canned.done == [done]


async def test_a_retention_is_run_only_after_its_word() -> None:
    async with showing() as (pilot, canned):
        seen = await pressed(pilot, "3", *["down"] * 3, "n")
        assert "They do not come back" in seen
        await pressed(pilot, "down", "enter", "enter")
        assert canned.done == []
        await pressed(pilot, *"drop", "enter")
        await settled(pilot, "act", "chunks")
        assert canned.done == [("run", 1001)]


async def test_another_schedule() -> None:
    async with showing() as (pilot, canned):
        await pressed(pilot, "3", "i")
        assert isinstance(pilot.app.screen, FieldsDialog)
        await pressed(pilot, *["backspace"] * 8, *"soon", "enter")
        assert "Write it as 12 h" in text_of(pilot)
        seen = await pressed(pilot, *["backspace"] * 8, *"1 d 6 h", "enter")
        assert "12 h → 1 d 6 h" in seen
        await pressed(pilot, "down", "enter")
        await settled(pilot, "act", "chunks")
        assert canned.done == [("schedule", (1002, timedelta(hours=30)))]


async def test_a_refusal_is_said_and_the_list_read_again() -> None:
    async with showing() as (pilot, canned):
        canned.refusal = PermissionDenied(sqlstate="42501")
        asked = canned.asked
        await pressed(pilot, "3", "p", "down", "enter")
        await settled(pilot, "act", "chunks")
        assert canned.done == []
        assert [one.title for one in pilot.app._notifications] == ["Your role may not do this"]
        assert canned.asked == asked + 1


async def test_a_range_is_refreshed() -> None:
    async with showing() as (pilot, canned):
        seen = await pressed(pilot, "4", "f")
        assert "2026-03-01" in seen
        assert "2026-11-21" in seen
        assert "must begin before" in await pressed(pilot, "enter", *["backspace"] * 10, *"2026-03-01", "enter")
        seen = await pressed(pilot, *["backspace"] * 10, *"2026-03-05", "enter")
        assert f"supra.refresh_aggregate({DAILY}" in seen
        await pressed(pilot, "down", "enter")
        await settled(pilot, "act", "chunks")
        begins, ends = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)
        assert canned.done == [("refresh", (DAILY, begins, ends))]


def test_the_range_that_is_offered_is_one_of_whole_buckets_whose_rows_are_there() -> None:
    one = snapshot().aggregates[0]
    moment = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    late = replace(one, invalidated=((moment, moment),))
    assert questions.range_to_refresh(snapshot(), late) == ("2026-03-01 14:30:00", "2026-03-03 14:30:00")
    oldest = snapshot().chunks_of(READINGS)[0].begins
    assert isinstance(oldest, datetime)
    dropped = replace(one, invalidated=((oldest - 90 * DAY, oldest - 60 * DAY), (oldest - DAY, oldest + DAY)))
    assert read_moment(questions.range_to_refresh(snapshot(), dropped)[0]) == oldest
    assert aggregates.outside(snapshot(), dropped) == dropped.invalidated[1:]


def test_what_drops_chunks_is_resumed_by_a_typed_word() -> None:
    words = {one.kind: questions.about_pause("x", replace(one, scheduled=False)).word for one in JOBS}
    assert words["retention"] == "drop"
    assert words["compression"] == ""


def test_no_history_is_not_shown_as_no_runs() -> None:
    rows = {row[0]: row for row in table_of(jobs.view(picture(), 79))}
    assert rows["1"][3] == "no history"
    assert rows["1"][4] == "?"
    fresh = replace(JOBS[0], runs=0, successes=0, last_status=None)
    assert table_of(jobs.view(picture(snapshot(jobs=(fresh,))), 79))[0][3] == "never ran"
    told = "".join(str(line) for line in jobs.in_full(picture(), JOBS[5]))
    assert "not the same as no runs" in told


@pytest.mark.parametrize(
    ("server", "says"),
    [
        (replace(SERVER, workers=0), "the scheduler is not running"),
        (replace(SERVER, max_workers=4), "5 jobs begin together"),
        (SERVER, "at most 5 jobs begin together"),
        (replace(SERVER, max_workers=None, workers=None), "not told"),
    ],
)
def test_the_room_for_workers(server: Server, says: str) -> None:
    assert says in jobs.headroom(snapshot(server=server))[0]


def test_late_data_that_no_policy_reaches() -> None:
    one = snapshot().aggregates[0]
    assert aggregates.outside(snapshot(), one) == (one.invalidated[0],)
    without = snapshot(jobs=())
    assert aggregates.outside(without, one) == one.invalidated
    assert "No policy refreshes it" in "".join(str(line) for line in aggregates.in_full(picture(without), one))
    wide = replace(one, bucket="90 days", bucket_width=90 * DAY)
    assert "every bucket reads several chunks" in "".join(
        str(line) for line in aggregates.in_full(picture(snapshot(aggregates=(wide,))), wide)
    )
