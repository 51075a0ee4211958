"""A line drawn in braille: where it is exact, and that it stays in its place whatever it is given."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.plot import Curve, Figure, draw, heights, round_up


def points(*pairs: tuple[int, int]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(x), Decimal(y)) for x, y in pairs)


@pytest.mark.parametrize(
    ("most", "top"), [("0", "1"), ("1", "1"), ("7", "8"), ("9", "10"), ("1150", "1200"), ("0.3", "0.3"), ("81", "100")]
)
def test_the_axis_ends_at_a_round_number(most: str, top: str) -> None:
    assert round_up(Decimal(most)) == Decimal(top)


def test_a_jump_is_upright_and_straight_between() -> None:
    jump = Curve(
        ((Decimal(0), Decimal(0)), (Decimal(10), Decimal(10)), (Decimal("10.001"), Decimal(50)), *points((20, 60)))
    )
    found = heights(jump, 4, Decimal(20))
    assert found == [(0, 500), (500, 1000), (1000, 5499), (5499, 6000)]
    assert heights(Curve(points((0, 5))), 3, Decimal(9)) == [(500, 500), None, None]
    assert heights(Curve(()), 3, Decimal(9)) == [None] * 3


def test_axes_and_both_lines_are_drawn() -> None:
    figure = Figure(
        (Curve(points((0, 0), (100, 90))), Curve(points((0, 40), (100, 40)), dashed=True)), Decimal(100), "m³", "MXN"
    )
    text = str(draw(figure, 40, 12))
    lines = text.split("\n")
    assert lines[0].startswith("MXN")
    assert "100┤" in lines[1]
    assert "50┤" in text
    assert lines[-1].split() == ["m³", "50", "100"]
    assert any("⠁" <= character <= "⣿" for character in text)


def test_where_there_is_no_room_nothing_is_drawn() -> None:
    figure = Figure((Curve(points((0, 0), (1, 1))),), Decimal(1))
    assert str(draw(figure, 9, 12)) == ""
    assert str(draw(figure, 40, 4)) == ""
    assert str(draw(Figure(), 40, 12)) == ""


LINES = st.lists(
    st.tuples(st.integers(0, 10**9), st.integers(0, 10**11)), min_size=1, max_size=8, unique_by=lambda pair: pair[0]
).map(lambda found: tuple((Decimal(x).scaleb(-3), Decimal(y).scaleb(-2)) for x, y in sorted(found)))


@given(LINES, LINES, st.integers(1, 130), st.integers(1, 45))
def test_a_figure_is_never_larger_than_its_place(one: Any, other: Any, width: int, height: int) -> None:
    right = max(Decimal(1), one[-1][0], other[-1][0])
    drawn = str(draw(Figure((Curve(one), Curve(other, dashed=True)), right, "m³", "MXN"), width, height))
    lines = drawn.split("\n")
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
