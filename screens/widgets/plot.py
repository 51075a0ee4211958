"""How does one thing grow with another, as a line a terminal can draw?

Braille dots: two across and four down in each cell. A line is given as points between which it is straight; a jump is
two points close together and is drawn upright. The second line is dashed, so that the two differ without colour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final, TypeAlias

from textual.content import Content
from textual.widget import Widget

from screens.widgets.text import assemble, lines, words
from supra_console.formats import number

Points: TypeAlias = Sequence[tuple[Decimal, Decimal]]

DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of each dot of a braille cell, by column and row from the top."""
STEPS: Final = tuple(map(Decimal, ("1", "1.2", "1.6", "2", "2.4", "3", "4", "5", "6", "8")))
"""Round numbers whose halves are round too."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: its points in order of x, and whether it is the dashed one."""

    points: Points
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """What is drawn: lines from 0 to `right` and from 0 to `top`.

    Attributes:
        x_title: what the horizontal axis counts, translated.
        y_title: what the vertical one does.
    """

    curves: tuple[Curve, ...] = ()
    right: Decimal = Decimal(1)
    x_title: str = ""
    y_title: str = ""

    @property
    def top(self) -> Decimal:
        """A round number not below any point."""
        return round_up(max((y for curve in self.curves for _x, y in curve.points), default=Decimal(0)))


def round_up(most: Decimal) -> Decimal:
    """The next round number."""
    if most <= 0:
        return Decimal(1)
    power = Decimal(1).scaleb(most.adjusted())
    return next((power * step for step in STEPS if power * step >= most), power * 10)


def heights(curve: Curve, columns: int, right: Decimal) -> list[tuple[int, int] | None]:
    """The lowest and the highest value of a line within each of so many columns; None where it does not reach.

    In hundredths, for the columns of a screen: whole numbers are drawn ten times as fast as decimals.
    """
    if not curve.points:
        return [None] * columns
    # As many parts of x as there are columns in a thousandth.
    xs = [int(x * 1000) * columns for x, _y in curve.points]
    ys = [int(y * 100) for _x, y in curve.points]
    width = int(right * 1000)
    found: list[tuple[int, int] | None] = []
    before, first = at(xs, ys, 0), bisect_right(xs, 0)
    for column in range(columns):
        if width * column > xs[-1]:
            found.append(None)
            continue
        end = width * (column + 1)
        last = bisect_right(xs, end, first)
        after = at(xs, ys, end, last)
        inside = ys[first:last]
        found.append((min(before, after, *inside), max(before, after, *inside)))
        before, first = after, last
    return found


def at(xs: Sequence[int], ys: Sequence[int], x: int, place: int | None = None) -> int:
    """The value of a line at x: between two points on the straight line, beyond the ends the end's.

    Args:
        place: how many points lie at or before x, if that is known.
    """
    place = bisect_right(xs, x) if place is None else place
    if place == 0:
        return ys[0]
    if place == len(xs):
        return ys[-1]
    x0, x1, y0, y1 = xs[place - 1], xs[place], ys[place - 1], ys[place]
    return y0 + (y1 - y0) * (x - x0) // (x1 - x0)


def dots(curve: Curve, width: int, height: int, right: Decimal, top: Decimal) -> list[list[int]]:
    """The braille bits of a line, by row and column of cells."""
    cells = [[0] * width for _row in range(height)]
    most, full = 4 * height - 1, int(top * 100)
    for column, low_high in enumerate(heights(curve, 2 * width, right)):
        if low_high is None or (curve.dashed and column % 4 > 1):
            continue
        low, high = (min(most, max(0, (2 * y * most + full) // (2 * full))) for y in low_high)
        for level in range(low, high + 1):
            down = most - level
            cells[down // 4][column // 2] |= DOTS[column % 2][down % 4]
    return cells


def draw(figure: Figure, width: int, height: int, solid: str = "$primary", dashed: str = "$quiet") -> Content:
    """The lines with axes, in so many cells; nothing where there is no room."""
    top, right = figure.top, figure.right
    labels = [number(top), number(top / 2), "0"]
    margin = max(map(len, labels)) + 1
    titled = height > 8
    across, down = width - margin - 1, height - 2 - titled
    if across < 8 or down < 3 or not figure.curves:
        return words("")
    layers = [(dots(curve, across, down, right, top), dashed if curve.dashed else solid) for curve in figure.curves]
    rows = [words(f"{figure.y_title:<{width}}"[:width], "$quiet")] if titled else []
    for row in range(down):
        label = labels[0] if row == 0 else labels[1] if row == (down - 1) // 2 else ""
        pieces = [words(f"{label:>{margin}}┤" if label else " " * margin + "│", "$quiet")]
        pieces += _row([(cells[row], style) for cells, style in layers])
        rows.append(assemble(*pieces))
    rows.append(words("0".rjust(margin) + "┼" + _axis(across), "$quiet"))
    rows.append(words(_marks(figure, margin + 1, across), "$quiet"))
    return lines(rows)


def _row(layers: Sequence[tuple[Sequence[int], str]]) -> list[Content]:
    """The cells of one row, those with the same look together; the first line lies over the others."""
    pieces: list[Content] = []
    text, look = "", ""
    for bits in zip(*(cells for cells, _style in layers), strict=True):
        style = next((layers[place][1] for place, one in enumerate(bits) if one), "")
        every = 0
        for one in bits:
            every |= one
        if style != look and text:
            pieces.append(words(text, look))
            text = ""
        look = style
        text += chr(0x2800 + every) if every else " "
    return [*pieces, words(text, look)]


def _axis(across: int) -> str:
    return "".join("┬" if place in (across // 2, across - 1) else "─" for place in range(across))


def _marks(figure: Figure, margin: int, across: int) -> str:
    """The numbers under the axis, and what they count."""
    half, full = number(figure.right / 2), number(figure.right)
    line = list(" " * (margin + across))
    for end, text in ((margin + across // 2 + len(half) // 2, half), (margin + across, full)):
        start = max(margin, min(end, margin + across) - len(text))
        line[start : start + len(text)] = text
    title = figure.x_title
    line[margin : margin + len(title)] = title if across // 2 > len(title) + len(half) else ""
    return "".join(line)[: margin + across]


class Plot(Widget):
    """Lines with axes, as large as their place."""

    ALLOW_SELECT = False
    DEFAULT_CSS: ClassVar[str] = "Plot { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._figure = Figure()

    def show(self, figure: Figure) -> None:
        """Draw this; nothing is painted where it is the same."""
        if figure != self._figure:
            self._figure = figure
            self.refresh()

    def render(self) -> Content:
        return draw(self._figure, self.size.width, self.size.height)
