"""The time series on the screen: what is seen, what the keys do, and what is asked before anything changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from queries.chunk_actions import Gone, Kind, plan
from screens.accounts.lookup import LookupScreen
from screens.app import SupraApp
from screens.chunks import aggregates, chunk_list, jobs, overview, questions, strip, wording
from screens.chunks.picture import Judgement, Picture
from screens.chunks.running import RunDialog
from screens.chunks.screen import ChunksScreen
from screens.chunks.typed import read_moment, read_span, together
from screens.chunks.views import VIEWS
from screens.palette import Palette
from screens.places import Place
from screens.session import Link, Session, State
from screens.widgets.dialogs import ConfirmDialog, FieldsDialog, TextDialog, TypedField
from screens.widgets.line_table import Cell
from screens.widgets.listing import Listing
from supra_console import i18n
from supra_console.errors import ConnectionLost, LockTimeout, PermissionDenied, SupraError
from supra_console.identity import GROUPS, Identity
from supra_console.timeseries import Edition, Missing, Server, Snapshot
from supra_console.timeseries import State as Chunks
from tests.screens.pretend import application as pretended
from tests.screens.pretend import settled as everything_settled
from tests.screens.quiet import settle
from tests.screens.test_details import IDENTITY, PROFILE, NoSession, text_of
from tests.screens.test_details import application as account_application
from tests.screens.timeseries_sample import (
    DAILY,
    DAY,
    EVENTS,
    JOBS,
    JUDGEMENT,
    LAST,
    READINGS,
    SERVER,
    TAKEN,
    CannedSeries,
    advice,
    apache,
    chunk,
    many,
    snapshot,
)

SMALL, LARGE = (80, 24), (120, 40)
DBA = replace(IDENTITY, login="demo_dba", groups=GROUPS)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.install("en")
    yield
    i18n.install()


class Signed(NoSession):
    """Signed in as somebody, with no server behind it."""

    def __init__(self, identity: Identity) -> None:
        super().__init__()
        self._identity = identity

    @property
    def identity(self) -> Identity | None:
        return self._identity


def application(identity: Identity = DBA) -> SupraApp:
    app = account_application(Signed(identity))
    app.link = Link(State.SIGNED_IN, PROFILE, identity)
    return app


GROUPS_OF_WORKERS = ("chunks", "details", "advise")


async def settled(pilot: Pilot[Any], *groups: str) -> None:
    """Wait for what is asked, and for what was posted."""
    await settle(pilot, *(groups or GROUPS_OF_WORKERS))


async def pressed(pilot: Pilot[Any], *keys: str) -> str:
    """Press keys one by one; what stands on the terminal then."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    return text_of(pilot)


async def opened(pilot: Pilot[Any], screen: ChunksScreen) -> None:
    await pilot.app.push_screen(screen)
    await settled(pilot)


@asynccontextmanager
async def showing(
    *answers: Snapshot | SupraError,
    size: tuple[int, int] = SMALL,
    identity: Identity = DBA,
    series: CannedSeries | None = None,
    every: float | None = None,
) -> AsyncIterator[tuple[Pilot[Any], CannedSeries]]:
    """The screen on time series from memory."""
    canned = series or CannedSeries(*answers)
    app = application(identity)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, ChunksScreen(app.session, canned.queries(), every=every))
        yield pilot, canned


def chunks_screen(pilot: Pilot[Any]) -> ChunksScreen:
    screen = next(one for one in pilot.app.screen_stack if isinstance(one, ChunksScreen))
    assert isinstance(screen, ChunksScreen)
    return screen


def note(pilot: Pilot[Any]) -> str:
    return str(chunks_screen(pilot).query_one("#note", Static).visual)


def picture(answer: Snapshot | None = None, **changes: Any) -> Picture:
    values: dict[str, Any] = {"snapshot": answer or snapshot(), "judgement": JUDGEMENT, "chosen": READINGS}
    return Picture(**values | changes)


def table_of(made: Listing) -> list[list[str]]:
    """The cells as text, row by row."""
    return [
        [str(value.value) if isinstance(value, Cell) else str(value) for value in made.cells(row)] for row in made.rows
    ]


# ---------------------------------------------------------------------- at a glance


async def test_the_overview_says_within_one_screen_what_is_wrong() -> None:
    async with showing() as (pilot, _canned):
        seen = text_of(pilot)
    for essential in (
        "‼ 2 serious · ! 2 more findings",
        "meter_readings",
        "~2.4 M",
        "! 17/26",
        "5.6×",
        "domain_events",
        "FAILED",
        "∑ daily_consumption",
        "communications",
        "+2.5 MB a month, 152 MB in 12 months",
        "next compress",
        "16 compressed",
        "2 overdue",
    ):
        assert essential in seen


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("1", "Compr."),
        ("2", "26 chunks · newest first"),
        ("3", "could not extend file"),
        ("4", "older than the policy's window"),
        ("5", "2 chunks are larger than before"),
        ("6", "How it is measured"),
    ],
)
async def test_a_number_opens_each_view(place: str, says: str) -> None:
    async with showing() as (pilot, _canned):
        assert says in await pressed(pilot, place)


async def test_the_arrows_go_round_the_views() -> None:
    async with showing() as (pilot, _canned):
        await pressed(pilot, "left")
        assert chunks_screen(pilot).view.name == "advisor"
        await pressed(pilot, "right", "right")
        assert chunks_screen(pilot).view.name == "chunks"


@pytest.mark.parametrize("place", range(len(VIEWS)))
@pytest.mark.parametrize("size", [(60, 15), SMALL, LARGE], ids=str)
async def test_every_view_is_usable_on_any_terminal(size: tuple[int, int], place: int) -> None:
    async with showing(size=size) as (pilot, _canned):
        seen = await pressed(pilot, str(place + 1))
        lines = seen.splitlines()
        assert len(lines) == size[1]
        assert "F1" in lines[-1]
        assert chunks_screen(pilot).table.size.height >= 4 or not chunks_screen(pilot).table.display


async def test_what_the_overview_stands_on_is_what_the_other_views_are_about() -> None:
    async with showing() as (pilot, _canned):
        assert "domain_events · 14 chunks" in await pressed(pilot, "down", "enter")
        assert "domain_events: nothing is tried yet" in await pressed(pilot, "6")
        assert "daily_consumption: nothing" in await pressed(pilot, "t")
        assert "domain_events · FAILED" not in await pressed(pilot, "1")
        assert chunks_screen(pilot).row is not None
        assert chunks_screen(pilot).row.key == "timeseries.domain_events"  # type: ignore[union-attr]


async def test_a_wider_terminal_shows_more_columns() -> None:
    narrow = [column.key for column in chunk_list.view(picture(), 79).columns]
    wide = [column.key for column in chunk_list.view(picture(), 119).columns]
    assert {"heap", "index", "toast", "ends"} <= set(wide) - set(narrow)
    assert {"growth", "forecast", "begins"} <= {one.key for one in overview.view(picture(), 119).columns} - {
        one.key for one in overview.view(picture(), 79).columns
    }


# ---------------------------------------------------------------------- the strip


def test_every_state_has_a_character_and_a_word_of_its_own() -> None:
    looks = list(wording.LOOKS.values())
    assert set(wording.LOOKS) == set(Chunks)
    assert len({look.sign for look in looks}) == len({look.word for look in looks}) == len(looks)


def test_a_line_for_each_year_where_they_fit() -> None:
    made = strip.month_strip(snapshot(), snapshot().chunks_of(READINGS), 78, 6)
    assert [line.label for line in made.lines] == ["2024", "2025", "2026"]
    assert made.share == 1
    assert strip.folding(made) == ""
    # The first year begins in October: its cells stand above the last ones of the year after.
    assert made.lines[0].indent + len(made.lines[0].cells) == len(made.lines[1].cells)


def test_more_chunks_than_cells_are_folded_and_the_worst_is_shown() -> None:
    full = many()
    made = strip.month_strip(full, full.chunks, 78, 2)
    assert made.share > 1
    assert "the worst of them" in strip.folding(made)
    assert sum(len(line.cells) for line in made.lines) * made.share >= 2000
    assert all(len(line.cells) * made.pitch <= 68 for line in made.lines)
    assert dict(made.counts)[Chunks.OVERDUE] == full_count(full, Chunks.OVERDUE)


def full_count(answer: Snapshot, state: Chunks) -> int:
    return sum(answer.state(one) is state for one in answer.chunks)


@given(st.lists(st.sampled_from(list(Chunks)), min_size=1))
def test_the_worst_state_wins(states: list[Chunks]) -> None:
    shown = strip.worst(states)
    assert shown in states
    assert all(wording.WORST.index(shown) <= wording.WORST.index(state) for state in states)


@given(st.integers(0, 700), st.integers(60, 200), st.integers(1, 12))
def test_no_strip_is_larger_than_its_room(number: int, width: int, most: int) -> None:
    answer = replace(snapshot(), chunks=many(number).chunks if number else ())
    made = strip.month_strip(answer, answer.chunks, width, most)
    assert len(made.lines) <= most
    for line in strip.drawn(made):
        assert line.cell_length <= width + 2


def test_integer_time_has_a_strip_too() -> None:
    numbered = tuple(
        replace(chunk(place, READINGS, LAST), begins=place * 1000, ends=place * 1000 + 1000) for place in range(40)
    )
    made = strip.month_strip(snapshot(chunks=numbered), numbered, 60, 3)
    assert sum(len(line.cells) for line in made.lines) == 40
    assert made.lines[0].label == "0"


# ---------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "?"), (0, "0"), (99_999, "99,999"), (4_800_000, "4.8 M"), (123_456, "123 k"), (2_100_000_000, "2.1 G")],
)
def test_counts(value: int | None, text: str) -> None:
    assert wording.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(days=30), "30 d"),
        (timedelta(days=1, hours=12, minutes=5), "1 d 12 h"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(0), "0 s"),
        (-timedelta(hours=2), "−2 h"),
        (5000, "5,000"),
        (None, ""),
    ],
)
def test_spans(value: timedelta | int | None, text: str) -> None:
    assert wording.span(value) == text


def test_a_range_of_days_begins_on_the_day_the_server_says() -> None:
    # Midnight in UTC is the evening before in Querétaro.
    assert wording.bound(datetime(2025, 3, 1, tzinfo=UTC)) == "Mar 1, 2025"
    assert wording.bound(datetime(2025, 3, 1, 6, 30, tzinfo=UTC)) == "Mar 1, 2025, 00:30"
    assert wording.bound(12_000) == "12,000"
    assert wording.bound(None) == "∞"


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("12 h", timedelta(hours=12)),
        ("1 d 6 h", timedelta(days=1, hours=6)),
        ("30min", timedelta(minutes=30)),
        ("2 w", timedelta(weeks=2)),
        ("", None),
        ("0 h", None),
        ("h", None),
        ("-3 h", None),
        ("12 x", None),
        ("9999999 d", None),
        ("1; drop table", None),
    ],
)
def test_a_span_is_read_as_it_is_written(typed: str, span: timedelta | None) -> None:
    assert read_span(together(typed)) == span


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=400)))
def test_a_span_that_is_shown_can_be_typed(value: timedelta) -> None:
    value = timedelta(days=value.days, hours=value.seconds // 3600)
    if value:
        assert read_span(together(wording.span(value))) == value


@given(st.text(max_size=30))
def test_nothing_that_is_typed_as_a_moment_breaks(text: str) -> None:
    moment = read_moment(text)
    assert moment is None or moment.tzinfo is not None


# ---------------------------------------------------------------------- the list


async def test_sorting_goes_through_the_orders_and_stands_on_the_first() -> None:
    async with showing() as (pilot, _canned):
        assert "newest first" in await pressed(pilot, "2")
        assert "largest first" in await pressed(pilot, "s")
        sizes = [one.size for one in chunk_list.listed(picture(sort="size"))]
        assert sizes == sorted(sizes, reverse=True)
        assert chunks_screen(pilot).table.cursor_row == 0


def test_every_order_keeps_all_chunks() -> None:
    for sort in chunk_list.SORTS:
        assert {one.id for one in chunk_list.listed(picture(sort=sort))} == {one.id for one in picture().chunks}
    assert chunk_list.listed(picture(sort="late"))[0].late_rows == 412
    assert chunk_list.listed(picture(sort="ratio", chosen=EVENTS))[0].ratio == pytest.approx(0.7, abs=0.01)
    assert chunk_list.listed(picture(sort="batch", chosen=EVENTS))[0].rows_per_batch == 1


async def test_the_filter_takes_words_of_name_state_and_date() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "2", "slash", *"overdue")
        assert "2 of 26 chunks with “overdue”" in seen
        await pressed(pilot, "enter")
        assert chunks_screen(pilot).table.has_focus
        assert "26 chunks · newest first" in await pressed(pilot, "escape")


@pytest.mark.parametrize(
    ("needle", "found"), [("2025-03", 2), ("nov 2025", 2), ("late", 1), ("_125_", 1), ("zzz", 0), ("OVERDUE 2026", 2)]
)
def test_what_a_filter_finds(needle: str, found: int) -> None:
    assert len(chunk_list.listed(picture(needle=needle))) == found


async def test_two_thousand_chunks_are_made_when_they_come_into_sight() -> None:
    async with showing(many()) as (pilot, _canned):
        await pressed(pilot, "2")
        table = chunks_screen(pilot).table
        assert table.row_count == 2000
        await pressed(pilot, "end", "pageup", "home", "end")
        assert table.cursor_row == 1999
        assert len(table._lines) < 100


async def test_picking_goes_on_to_the_next_and_counts() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "2", "space", "space")
        assert "● 2 picked" in seen
        assert chunks_screen(pilot).table.cursor_row == 2
        assert "picked" not in await pressed(pilot, "escape")
        assert "● 2 picked" in await pressed(pilot, "o")
        assert "picked" not in await pressed(pilot, "o")


async def test_a_chunk_from_near() -> None:
    async with showing() as (pilot, _canned):
        await pressed(pilot, "2", *["down"] * 10, "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TextDialog)
        seen = text_of(pilot)
    for essential in ("partly", "−81%", "Late rows", "412", "segmentby", "0.42 ms, 12 rows, 14 blocks", "2 indexes"):
        assert essential in seen


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


# ---------------------------------------------------------------------- findings and the advisor


async def test_a_finding_shows_evidence_consequence_and_statement_which_can_be_copied() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "5", "down", "down")
        for part in ("1 chunk is older than 180 days", "Consequence:", "five times the room", "call run_job(1000);"):
            assert part in seen
        await pressed(pilot, "c")
        assert pilot.app.clipboard == "call run_job(1000);"


async def test_what_the_server_does_not_tell_is_said() -> None:
    missing = (Missing("runs", "only a DBA is told"), Missing("something new", "because"))
    async with showing(snapshot(missing=missing)) as (pilot, _canned):
        assert "? 2 not told" in text_of(pilot)
        seen = await pressed(pilot, "5", "end", "up")
        assert "? not told" in seen
        assert "runs of the jobs" in seen
        assert "only a DBA is told" in seen


@pytest.mark.parametrize(
    ("part", "place", "says"),
    [
        ("jobs", "3", "? jobs: because"),
        ("aggregates", "4", "? continuous aggregates: because"),
        ("sizes", "2", "? sizes of chunks: because"),
        ("hypertables", "1", "? hypertables: because"),
    ],
)
async def test_a_part_that_is_missing_is_said_where_it_would_stand(part: str, place: str, says: str) -> None:
    lacking: dict[str, Any] = {"jobs": {"jobs": ()}, "aggregates": {"aggregates": ()}}.get(part, {})
    async with showing(snapshot(missing=(Missing(part, "because"),), **lacking)) as (pilot, _canned):
        await pressed(pilot, place)
        assert says in note(pilot)
        assert "There is no" not in note(pilot)


def test_where_only_failures_are_kept_it_is_said() -> None:
    answer = snapshot(server=replace(SERVER, logs_runs=False))
    assert "Runs that succeed are not kept" in "".join(str(line) for line in jobs.in_full(picture(answer), JOBS[2]))


async def test_the_advisor_puts_candidates_side_by_side() -> None:
    async with showing(size=LARGE) as (pilot, _canned):
        await pressed(pilot, "6", "enter")
        await settled(pilot)
        seen = text_of(pilot)
    for part in ("tenant_id, meter_id / reading_date ↓", "+40%", "−83%", "last 12 readings", "61 ms", "★"):
        assert part in seen
    assert "Today's setting is the best" in seen


async def test_a_recommendation_comes_with_its_statement() -> None:
    canned = CannedSeries()
    canned.advice = advice(1)
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "6", "enter")
        await settled(pilot)
        assert "saves 79%" in text_of(pilot)
        await pressed(pilot, "c")
        assert pilot.app.clipboard.startswith("alter table timeseries.meter_readings")


async def test_escape_stops_the_advisor_between_two_candidates() -> None:
    canned = CannedSeries()
    canned.gate = asyncio.Semaphore(1)
    async with showing(series=canned) as (pilot, _canned):
        seen = await pressed(pilot, "6", "enter")
        assert "1 of 4 tried" in seen
        assert "stops after this candidate" in await pressed(pilot, "escape")
        canned.gate.release()
        await settled(pilot)
        assert "2 candidates" in note(pilot)


async def test_the_advisor_says_why_it_could_not_measure() -> None:
    canned = CannedSeries()
    canned.refusal = PermissionDenied()
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "6", "enter")
        await settled(pilot)
        assert "✗ Your role may not do this" in note(pilot)


# ---------------------------------------------------------------------- who may, and where


async def test_whoever_is_no_dba_looks_and_is_told_why_the_rest_is_dim() -> None:
    async with showing(identity=IDENTITY) as (pilot, canned):
        assert "only supra_dba may change it" in text_of(pilot)
        await pressed(pilot, "c", "2", "o", "c", "d", "e", "3", "n", "p", "i", "4", "f", "6", "enter")
        await settled(pilot)
        assert canned.done == []
        assert chunks_screen(pilot).on_top
        assert "only supra_dba" in text_of(pilot)


async def test_the_apache_edition_says_what_it_lacks_and_shows_the_rest() -> None:
    async with showing(apache()) as (pilot, canned):
        seen = text_of(pilot)
        assert "Apache edition: no compression, policies or aggregates" in seen
        assert "meter_readings" in seen
        assert "26 open" in seen
        assert "26 chunks" in await pressed(pilot, "2")
        await pressed(pilot, "c")
        assert "This edition has no policies." in await pressed(pilot, "3")
        assert "This edition has no continuous aggregates." in await pressed(pilot, "4")
        assert "cannot compress" in await pressed(pilot, "6", "enter")
        assert canned.done == []


async def test_a_server_without_timescaledb_shows_its_partitioned_tables() -> None:
    none = replace(apache(), server=replace(SERVER, edition=Edition.NONE, timescaledb=None), hypertables=(), chunks=())
    async with showing(none) as (pilot, _canned):
        assert "This server has no TimescaleDB" in text_of(pilot)
        assert "communications" in text_of(pilot)
        for place in "23456":
            await pressed(pilot, place)


HOSTILE = "\x1b]52;c;aGk=\x07[/x][@click=app.quit]x[/] ‮gnp.exe‬​Ana\x9b31m"


async def test_stored_names_and_messages_never_drive_the_terminal() -> None:
    normal = snapshot()
    answer = snapshot(
        hypertables=tuple(replace(one, name=HOSTILE, schema=HOSTILE) for one in normal.hypertables),
        chunks=tuple(replace(one, name=HOSTILE) for one in normal.chunks),
        jobs=tuple(replace(one, last_error=HOSTILE, procedure=HOSTILE, kind="other") for one in normal.jobs),
        runs=tuple(replace(one, message=HOSTILE) for one in normal.runs),
        missing=(Missing(HOSTILE, HOSTILE),),
    )
    judged = Judgement(
        tuple(replace(one, subject=HOSTILE, evidence=HOSTILE, mend=HOSTILE) for one in JUDGEMENT.findings)
    )
    async with showing(series=CannedSeries(answer, judgement=judged), size=LARGE) as (pilot, _canned):
        for key in ("1", "2", "o", "c", "escape", "enter", "escape", "3", "n", "escape", "enter", "escape", "4", "5"):
            seen = await pressed(pilot, key)
            assert not {"\x1b", "\x07", "\x9b", "‮", "​"} & set(seen)
        assert pilot.app.is_running


# ---------------------------------------------------------------------- asking again


async def test_it_asks_again_a_while_after_the_answer_and_not_under_a_dialog() -> None:
    async with showing(every=3600) as (pilot, canned):
        screen = chunks_screen(pilot)
        assert screen._timer is not None
        await pressed(pilot, "f1")
        screen._tick()
        await settled(pilot)
        assert canned.asked == 1
        await pressed(pilot, "escape")
        await settled(pilot)
        assert canned.asked == 2
        assert screen._timer is not None
        screen._tick()
        await settled(pilot)
        assert canned.asked == 3
        # By itself it spares the server what has not changed; who asks by hand, and who comes back, gets all anew.
        assert [since is not None for since in canned.since] == [False, False, True]


async def test_a_question_that_hangs_is_not_asked_twice() -> None:
    canned = CannedSeries()
    hanging = asyncio.Event()
    queries = canned.queries()

    async def slow(database: Any, since: Snapshot | None) -> Snapshot:
        answer = await canned.snapshot(database, since)
        await hanging.wait()
        return answer

    app = application()
    async with app.run_test() as pilot:
        await app.push_screen(ChunksScreen(app.session, queries._replace(snapshot=slow), every=None))
        await pressed(pilot, "r", "r", "r")
        assert canned.asked == 1
        hanging.set()
        await settled(pilot)
        assert "meter_readings" in text_of(pilot)


async def test_a_new_answer_keeps_the_cursor_on_its_row() -> None:
    grown = snapshot(chunks=(*snapshot().chunks, chunk(126, READINGS, LAST + 30 * DAY)))
    fewer = snapshot(chunks=tuple(one for one in grown.chunks if one.id != 121))
    async with showing(snapshot(), grown, fewer) as (pilot, _canned):
        await pressed(pilot, "2", *["down"] * 4)
        assert chunks_screen(pilot).row.key == "121"  # type: ignore[union-attr]
        await pressed(pilot, "r")
        await settled(pilot)
        assert chunks_screen(pilot).row.key == "121"  # type: ignore[union-attr]
        await pressed(pilot, "r")
        await settled(pilot)
        assert chunks_screen(pilot).row.key == "120"  # type: ignore[union-attr]


async def test_the_same_answer_a_moment_later_sends_nothing_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    later = replace(snapshot(), taken=TAKEN + timedelta(seconds=5))
    async with showing(snapshot(), later, size=LARGE) as (pilot, _canned):
        for place in "123456":
            await pressed(pilot, place)
            sent: list[str] = []
            driver = pilot.app._driver
            assert driver is not None
            monkeypatch.setattr(driver, "write", sent.append)
            chunks_screen(pilot).action_again()
            await settled(pilot)
            assert "".join(sent).replace("\x1b[?2026h", "").replace("\x1b[?2026l", "") == ""
            monkeypatch.undo()
            i18n.install("en")


async def test_a_failure_is_said_and_what_was_shown_stays() -> None:
    async with showing(snapshot(), ConnectionLost(), snapshot()) as (pilot, _canned):
        await pressed(pilot, "r")
        await settled(pilot)
        assert "✗ The connection to the server was lost" in note(pilot)
        assert "CONNECTION LOST" in text_of(pilot)
        assert "meter_readings" in text_of(pilot)
        await pressed(pilot, "r")
        await settled(pilot)
        assert "TimescaleDB 2.23.0" in note(pilot)


async def test_a_first_failure_says_so_too() -> None:
    async with showing(PermissionDenied(sqlstate="42501")) as (pilot, _canned):
        assert "Your role may not do this [42501]" in note(pilot)
        await pressed(pilot, "2", "c", "enter", "escape")


# ---------------------------------------------------------------------- the way there


async def test_f2_and_the_palette_lead_to_the_chunks() -> None:
    app = application(IDENTITY)
    async with app.run_test() as pilot:
        await pressed(pilot, "f2")
        assert isinstance(app.screen, Palette)
        seen = text_of(pilot)
        assert "Accounts: find an account" in seen
        assert "Chunks: time series, compression, jobs" in seen
        assert "Quit" not in "\n".join(seen.splitlines()[2:-1])


async def test_f2_goes_to_the_chunks_and_back() -> None:
    canned = CannedSeries()

    class Series(Place):
        def open(self, session: Session, *subject: object) -> Screen[Any]:
            return ChunksScreen(session, canned.queries(), every=None)

    app = pretended()
    app.places["chunks"] = Series("chunks", "Chunks: time series, compression, jobs", "")
    async with app.run_test() as pilot:
        await everything_settled(pilot)
        assert "F2 Go to" in text_of(pilot)
        await pressed(pilot, "f2", "down", "enter")
        await everything_settled(pilot)
        await settled(pilot)
        assert "2 serious" in text_of(pilot)
        assert len(app.screen_stack) == 1
        await pressed(pilot, "f2", "enter")
        await everything_settled(pilot)
        assert isinstance(app.screen, LookupScreen)


async def test_the_palette_offers_the_views() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "ctrl+p", *"chunks")
        assert "Chunks: Findings" in seen
        assert "Chunks: compress all that are overdue" in seen


def test_who_compresses_a_chunk_that_is_written_to_is_told_who_waits() -> None:
    picture = snapshot()
    steps = plan(picture, Kind.COMPRESS, tuple(one.id for one in picture.chunks if not one.compressed))
    now = [one for one in steps if isinstance(one.chunk.ends, datetime) and one.chunk.ends > picture.taken]
    said = [str(fact) for fact in questions.about_steps("compress", steps, picture.taken).facts]
    assert any(f"{len(now)} of them still take" in fact for fact in said)
    over = [one for one in steps if one not in now]
    assert not any("still take" in str(fact) for fact in questions.about_steps("compress", over, picture.taken).facts)


# ---------------------------------------------------------------------- looks


def looks(
    *keys: str, answer: Snapshot | None = None, identity: Identity = DBA, best: int = 2
) -> tuple[SupraApp, Callable[[Pilot[Any]], Awaitable[None]]]:
    app = application(identity)
    canned = CannedSeries(answer or snapshot())
    canned.advice = advice(best)

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot, ChunksScreen(app.session, canned.queries(), every=None))
        for key in keys:
            await pilot.press(key)
            await settled(pilot, *GROUPS_OF_WORKERS, "run")

    return app, prepare


LOOKS: dict[str, tuple[str, ...]] = {
    "overview": (),
    "chunks": ("2", "o"),
    "jobs": ("3",),
    "aggregates": ("4",),
    "findings": ("5",),
    "advisor": ("6", "enter"),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LOOKS)
def test_looks(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    app, prepare = looks(*LOOKS[name])
    assert snap_compare(app, terminal_size=size, run_before=prepare)


ONCE: dict[str, tuple[Callable[[], Any], tuple[int, int]]] = {
    "apache": (lambda: looks(answer=apache()), SMALL),
    "folded": (lambda: looks(answer=many()), SMALL),
    "overview-60x15": (lambda: looks(), (60, 15)),
    "details": (lambda: looks("2", *["down"] * 10, "enter"), SMALL),
    "dry-run": (lambda: looks("2", "o", "c"), SMALL),
    "decompress": (lambda: looks("2", *["down"] * 9, "d", "down", "enter"), SMALL),
    "run": (lambda: looks("2", "o", "c", "down", "enter"), SMALL),
    "done": (lambda: looks("2", "o", "c", "down", "enter", "enter"), LARGE),
    "recommended": (lambda: looks("6", "enter", "down", best=1), SMALL),
    "looking-only": (lambda: looks("2", identity=IDENTITY), SMALL),
    "schedule": (lambda: looks("3", "i"), SMALL),
    "help": (lambda: looks("f1"), LARGE),
}


@pytest.mark.parametrize("name", ONCE)
def test_looks_once(snap_compare: Any, name: str) -> None:
    made, size = ONCE[name]
    app, prepare = made()
    assert snap_compare(app, terminal_size=size, run_before=prepare)
