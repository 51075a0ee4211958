"""On which days does which tariff of a series hold, at one glance?

One line for what was activated, one for each proposal, and the calendar below. A gap or an overlap of a single day
still has a cell of its own; all of them are named with their days underneath.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from textual.content import Content

from screens.tariffs.wording import LOOKS, days
from screens.widgets.text import assemble, stored, words
from supra_console.i18n import _
from supra_console.tariffs.register import State
from supra_console.tariffs.series import Gap, Proposal, Timeline, shared_days

LABEL = 13
"""Cells before each line for what it shows."""
PAST, FUTURE = timedelta(days=3 * 365), timedelta(days=400)
"""How far the calendar goes at most before today, and at least after it."""
PROPOSALS = 2
"""So many drafts have a line; the others are counted."""

NOTHING, UNPRICED, GENERAL, SEVERAL, IN_THE_WAY, PROPOSED = " ", "·", "‥", "╳", "!", "▒"
_STYLES = {NOTHING: "", UNPRICED: "bold $error", GENERAL: "$quiet", SEVERAL: "bold $error", IN_THE_WAY: "bold $error"}


@dataclass(frozen=True, slots=True)
class Scale:
    """Which days stand in which cell."""

    begins: date
    ends: date
    width: int

    def cell(self, value: date | None) -> int:
        """The cell of a day; the first or last one for a day beyond the calendar."""
        if value is None or value >= self.ends:
            return self.width
        return max(0, (value - self.begins).days * self.width // (self.ends - self.begins).days)

    def cells(self, begins: date, ends: date | None) -> range:
        """The cells of a range of days: at least one, if any of them are in sight."""
        if begins >= self.ends or (ends is not None and ends <= self.begins):
            return range(0)
        first = min(self.cell(begins), self.width - 1)
        return range(first, max(first + 1, self.cell(ends)))


def scale(timeline: Timeline, today: date, width: int) -> Scale:
    """The calendar that has room for what matters now."""
    spans = [(span.begins, span.ends) for span in timeline.spans]
    proposed = [(one.row.effective_from, one.row.effective_until) for one in timeline.proposals]
    known = [value for pair in (*spans, *proposed) for value in pair if value is not None]
    known = [value for value in known if date(1900, 1, 1) < value < date(2200, 1, 1)]
    horizon = today + timedelta(days=3 * 365)
    begins = max(min([*known, today]), today - PAST)
    ends = min(max([*known, today]) + FUTURE / 2, horizon)
    return Scale(begins, max(ends, today + FUTURE), width)


def activated(timeline: Timeline, measure: Scale) -> str:
    """A character for each cell: what was activated, gaps and overlaps."""
    cells = [NOTHING] * measure.width
    for span in timeline.spans:
        _put(cells, measure.cells(span.begins, span.ends), LOOKS[span.state].sign)
    for before, span in zip(timeline.spans, timeline.spans[1:], strict=False):
        if before.state is span.state and span.begins > measure.begins:
            _put(cells, measure.cells(span.begins, span.begins)[:1], "│")
    for gap in timeline.gaps:
        _put(cells, measure.cells(gap.begins, gap.ends), GENERAL if gap.priced else UNPRICED)
    for overlap in timeline.overlaps:
        _put(cells, measure.cells(overlap.begins, overlap.ends), SEVERAL)
    return "".join(cells)


def proposed(proposal: Proposal, measure: Scale) -> str:
    """A character for each cell: the days of a proposal, and those that others are in the way on."""
    cells = [NOTHING] * measure.width
    row = proposal.row
    for gap in proposal.leaves:
        if not gap.priced:
            _put(cells, measure.cells(gap.begins, gap.ends), UNPRICED)
    _put(cells, measure.cells(row.effective_from, row.effective_until), PROPOSED)
    for other in proposal.in_the_way:
        shared = shared_days(row, other)
        if shared is not None:
            _put(cells, measure.cells(*shared), IN_THE_WAY)
    return "".join(cells)


def _put(cells: list[str], places: Sequence[int], sign: str) -> None:
    for place in places:
        cells[place] = sign


def drawn(timeline: Timeline, today: date, width: int, chosen: object = None) -> Iterator[Content]:
    """The lines of the timeline in colour.

    Args:
        chosen: the id of the tariff under the cursor, whose proposal comes first.
    """
    measure = scale(timeline, today, max(20, width - LABEL))
    yield _line(_("activated"), activated(timeline, measure))
    proposals = sorted(timeline.proposals, key=lambda one: one.row.id != chosen)
    several = len(proposals) > 1
    for proposal in proposals[:PROPOSALS]:
        here = "▸" if several and proposal.row.id == chosen else ""
        yield _line(here + _(LOOKS[proposal.state].word), proposed(proposal, measure), LOOKS[proposal.state].style)
    yield words(" " * LABEL) + words(_calendar(measure, today), "$quiet")


def _line(label: str, cells: str, style: str = "") -> Content:
    styles = {look.sign: look.style for look in LOOKS.values()} | _STYLES
    parts = [words(f"{label:<{LABEL}.{LABEL - 1}}", "$quiet")]
    begins = 0
    for place in range(1, len(cells) + 1):
        if place == len(cells) or cells[place] != cells[begins]:
            sign = cells[begins]
            shown = style if style and sign == PROPOSED else styles.get(sign, "$quiet")
            parts.append(words(cells[begins:place], shown))
            begins = place
    return assemble(*parts)


def _calendar(measure: Scale, today: date) -> str:
    """Years where they begin, and today."""
    cells = ["─"] * measure.width
    now, label = measure.cell(today), _("today")
    years = [measure.cell(date(year, 1, 1)) for year in range(measure.begins.year + 1, measure.ends.year + 1)]
    right = any(now <= place <= now + len(label) + 1 for place in years)
    for year, place in enumerate(years, measure.begins.year + 1):
        _write(cells, place, f"┴{year}")
    _write(cells, now - len(label) if right else now, f"{label}▲" if right else f"▲{label}")
    if "▲" not in cells:  # there is no room for the word beside the years
        cells[min(now, measure.width - 1)] = "▲"
    return "".join(cells)


def _write(cells: list[str], place: int, text: str) -> None:
    place = min(place, len(cells) - len(text))
    if place >= 0:
        cells[place : place + len(text)] = text


# ---------------------------------------------------------------------- in words


def problems(timeline: Timeline, chosen: object = None) -> Iterator[Content]:
    """Gaps, overlaps and what stands in the way of a proposal, each with its days; the serious ones first."""
    for overlap in timeline.overlaps:
        first, second = overlap.rows
        yield (
            words(
                "‼ " + _("overlap {days}: two prices at once").format(days=days(overlap.begins, overlap.ends)), "$error"
            )
            + words("  ")
            + stored(f"{first.name} / {second.name}", 120)
        )
    for gap in timeline.gaps:
        yield _about_gap(gap, _("gap {days}"))
    for proposal in timeline.proposals:
        if chosen is None or proposal.row.id == chosen:
            yield from in_the_way(proposal)


def in_the_way(proposal: Proposal) -> Iterator[Content]:
    """What would keep a proposal from being activated, and what it would leave."""
    for other in proposal.in_the_way:
        yield assemble(
            words("‼ " + _("in the way:") + " ", "$error"),
            stored(other.name, 60, "$error"),
            words(", " + days(other.effective_from, other.effective_until), "$error"),
        )
    for gap in proposal.leaves:
        yield _about_gap(gap, _("it would leave {days}"))


def _about_gap(gap: Gap, text: str) -> Content:
    span = text.format(days=days(gap.begins, gap.ends))
    if gap.priced:
        return words(f"{span}: " + _("the tariff for all explotaciones prices these days"), "$quiet")
    if gap.general:
        names = ", ".join(row.name for row in gap.general)
        return words(f"‼ {span}: " + _("priced in part only, by"), "$error") + words(" ") + stored(names, 80)
    return words(f"‼ {span}: " + _("nothing prices the water"), "$error")


def legend() -> Content:
    """Every sign of the drawing and what it means."""
    shown = [
        words(LOOKS[state].sign, LOOKS[state].style) + words(" " + _(LOOKS[state].word), "$quiet")
        for state in (State.SUPERSEDED, State.IN_FORCE, State.SCHEDULED)
    ]
    shown.append(words(PROPOSED, "$warning") + words(" " + _("proposed"), "$quiet"))
    shown.append(words(UNPRICED, "bold $error") + words(" " + _("gap"), "$quiet"))
    shown.append(words(SEVERAL, "bold $error") + words(" " + _("overlap"), "$quiet"))
    return Content("  ").join(shown)
