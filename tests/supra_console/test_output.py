"""What a command writes: exact for scripts, harmless for terminals."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console import output
from supra_console.display import is_safe
from supra_console.errors import StaleRow


class Colour(IntEnum):
    RED = 1


@dataclass(frozen=True, slots=True)
class Inner:
    amount: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class Record:
    id: UUID
    parts: tuple[Inner, ...]
    colour: Colour
    cut: frozenset[str]
    other: dict[str, object]


def test_a_record_becomes_objects_with_exact_numbers_as_strings() -> None:
    record = Record(
        UUID(int=5),
        (Inner(Decimal("1234.50"), date(2025, 3, 15)),),
        Colour.RED,
        frozenset({"b", "a"}),
        {"at": datetime(2025, 3, 15, 14, 5, tzinfo=UTC), "score": 0.5, "odd": float("nan"), "failed": StaleRow()},
    )
    assert json.loads(output.to_json(record)) == {
        "id": "00000000-0000-0000-0000-000000000005",
        "parts": [{"amount": "1234.50", "day": "2025-03-15"}],
        "colour": "red",
        "cut": ["a", "b"],
        "other": {
            "at": "2025-03-15T14:05:00+00:00",
            "score": 0.5,
            "odd": "nan",
            "failed": {"title": StaleRow().title, "advice": StaleRow().advice, "sqlstate": None},
        },
    }


@given(st.dictionaries(st.text(), st.text()))
def test_any_text_comes_back_from_json_and_cannot_drive_a_terminal(record: dict[str, str]) -> None:
    text = output.to_json(record)
    assert json.loads(text) == record
    assert is_safe(text.replace("\n", ""))


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_columns_are_one_line_a_row(rows: list[tuple[str, str]]) -> None:
    text = output.columns(rows)
    assert text.count("\n") == len(rows) - 1
    assert all(is_safe(line) for line in text.split("\n"))


def test_what_a_terminal_has_no_room_for_stands_below(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("id", "state", "name"), ("a" * 12, "draft", "Doméstica"), ("b", "", "")]
    assert output.columns(rows).count("\n") == 2
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    assert output.columns(rows).split("\n") == [
        "id            state",
        "  name",
        "aaaaaaaaaaaa  draft",
        "  Doméstica",
        "b",
    ]
    monkeypatch.setenv("COLUMNS", "30")
    assert output.columns(rows).count("\n") == 2


def test_columns_are_aligned_and_cut() -> None:
    assert output.columns([("a", "x" * 60), ("bbb", None)], widest=5) == "a    xxxx…\nbbb"
    assert output.columns([]) == ""


def test_progress_is_a_line_for_each_step_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with output.Progress() as bar:
        for done in range(5):
            bar.show("first" if done < 2 else "second\x1b", done, 4)
    assert capsys.readouterr().err == "  0%  first\n 50%  second␛\n100%  second␛\n"


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    with output.Progress() as bar:
        bar.show("rows [/x]", 1, 2)
    assert "50%" in terminal.getvalue()
    assert "rows [/x]" in terminal.getvalue()
