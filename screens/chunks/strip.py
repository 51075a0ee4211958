"""How do the chunks of a table stand, at one glance?

One cell for each chunk, oldest first, each state with a character of its own. Where there are more chunks than cells,
neighbours share one and the worst of them is shown, which is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from textual.content import Content

from screens.chunks.wording import LOOKS, WORST, count, in_zone, month_of
from screens.widgets.text import assemble, words
from supra_console.i18n import _
from supra_console.timeseries import Bound, Chunk, Snapshot, State

STYLES = {
    State.COMPRESSED: "$success",
    State.PARTIAL: "$warning",
    State.OVERDUE: "bold $error",
    State.UNCOMPRESSED: "$primary",
    State.DROPPING: "bold $accent",
}
LABEL = 10
"""Cells before a line for the month or the year it begins with."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the strip: what it begins with, so many cells left empty, and a state for each cell."""

    label: str
    cells: tuple[State, ...]
    indent: int = 0


@dataclass(frozen=True, slots=True)
class MonthStrip:
    """The strip, before it is coloured.

    Attributes:
        share: how many chunks stand in one cell.
        pitch: cells from one chunk to the next, the air between them included.
    """

    lines: tuple[Line, ...]
    share: int
    pitch: int
    counts: tuple[tuple[State, int], ...]


def worst(states: Sequence[State]) -> State:
    """The state that a cell of several chunks shows."""
    return min(states, key=WORST.index)


def month_strip(snapshot: Snapshot, chunks: Sequence[Chunk], width: int, most_lines: int) -> MonthStrip:
    """The chunks of one table in at most so many lines of `width` cells."""
    states = [snapshot.state(chunk) for chunk in chunks]
    counted = Counter(states)
    counts = tuple((state, counted[state]) for state in LOOKS)
    room = max(8, width - LABEL)
    by_year = _years(chunks, states)
    if 0 < len(by_year) <= most_lines and max(len(cells) for _year, cells in by_year) <= room:
        longest = max(len(cells) for _year, cells in by_year)
        # The first year ends where the others do.
        lines = tuple(
            Line(str(year), tuple(cells), 0 if place or len(by_year) == 1 else longest - len(cells))
            for place, (year, cells) in enumerate(by_year)
        )
        return MonthStrip(lines, 1, max(1, min(3, room // longest)), counts)
    share = max(1, -(-len(states) // (room * most_lines)))
    folded = [worst(states[place : place + share]) for place in range(0, len(states), share)]
    pitch = 2 if len(folded) * 2 <= room * most_lines else 1
    per_line = room // pitch
    lines = tuple(
        Line(month_of(chunks[place * share].begins), tuple(folded[place : place + per_line]))
        for place in range(0, len(folded), per_line)
    )
    return MonthStrip(lines, share, pitch, counts)


def _years(chunks: Sequence[Chunk], states: Sequence[State]) -> list[tuple[int, list[State]]]:
    """States by the year the chunk begins in; nothing where chunks are longer than a month or two, or time a number."""
    years: dict[int, list[State]] = {}
    for chunk, state in zip(chunks, states, strict=True):
        if not isinstance(chunk.begins, datetime):
            return []
        years.setdefault(_year(chunk.begins), []).append(state)
    return list(years.items()) if len(chunks) >= 4 * len(years) else []


def _year(moment: Bound) -> int:
    assert isinstance(moment, datetime)  # noqa: S101 - the caller has looked
    return in_zone(moment, UTC).year


def drawn(strip: MonthStrip) -> Iterator[Content]:
    """The lines of the strip in colour."""
    for line in strip.lines:
        parts = [words(f"{line.label:<{LABEL}}", "$quiet"), words(" " * line.indent * strip.pitch)]
        run, before = "", None
        for state in line.cells:
            if state is not before and before is not None:
                parts.append(words(run, STYLES[before]))
                run = ""
            # Solid cells that touch are one bar; the air shows that they are several.
            run += LOOKS[state].sign + " " * (strip.pitch - 1)
            before = state
        if before is not None:
            parts.append(words(run, STYLES[before]))
        yield assemble(*parts)


def legend(strip: MonthStrip, width: int) -> Content:
    """Every sign, what it means and how many there are."""
    parts = []
    for state, number in strip.counts:
        look = LOOKS[state]
        style = STYLES[state] if number else "$quiet"
        parts.append(
            assemble(words(look.sign, style), words(f" {count(number)} {_(look.legend)}", "" if number else "$quiet"))
        )
    return Content("   " if width >= 72 else " ").join(parts)


def folding(strip: MonthStrip) -> str:
    """Said where chunks share a cell; nothing elsewhere."""
    if strip.share == 1:
        return ""
    return _("one cell is {n} chunks, shown as the worst of them").format(n=strip.share)
