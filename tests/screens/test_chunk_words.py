"""How the time series are drawn and told in words, and what is typed is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.chunks import strip, wording
from screens.chunks.typed import read_moment, read_span, together
from supra_console.timeseries import Snapshot
from supra_console.timeseries import State as Chunks
from tests.screens.timeseries_sample import (
    LAST,
    READINGS,
    chunk,
    many,
    snapshot,
)


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
