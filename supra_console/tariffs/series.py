"""Which price holds on which day, and what would change if a draft came into force?

A series (explotación, category, billing period) has one price at a time. Its timeline is made of the activated
tariffs; days between two of them are a gap, days of two at once an overlap, and a draft is a proposal that is tried on
the timeline: what it would leave without a price, and what stands in its way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from supra_console.tariffs.register import Series, State, TariffRow

if TYPE_CHECKING:
    from supra_console.documents.billing import TariffInsert


@dataclass(frozen=True, slots=True)
class Span:
    """The days of an activated tariff.

    Attributes:
        ends: the first day it no longer counts; None while open.
    """

    begins: date
    ends: date | None
    row: TariffRow
    state: State

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.begins <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without a price of the series' own.

    Attributes:
        general: the tariffs for all explotaciones that price some of these days.
        priced: whether they price all of them.
    """

    begins: date
    ends: date | None
    general: tuple[TariffRow, ...] = ()
    priced: bool = False


@dataclass(frozen=True, slots=True)
class Overlap:
    """Days of two tariffs at once; the database refuses it, unless its constraint was away for a while."""

    begins: date
    ends: date | None
    rows: tuple[TariffRow, TariffRow]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A tariff that is not activated, tried on the timeline.

    Attributes:
        replaced: the one it names and would end; None for none, or one that is gone.
        in_the_way: activated tariffs with days of its own, which it does not replace.
        leaves: gaps that would lie right before or after it.
    """

    row: TariffRow
    state: State
    replaced: TariffRow | None = None
    in_the_way: tuple[TariffRow, ...] = ()
    leaves: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A series over time, oldest first."""

    series: Series
    spans: tuple[Span, ...] = ()
    gaps: tuple[Gap, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def unpriced(self) -> tuple[Gap, ...]:
        """The gaps in which nothing at all prices the water."""
        return tuple(gap for gap in self.gaps if not gap.priced)

    @property
    def sound(self) -> bool:
        """Whether each day since the first tariff has one price."""
        return not self.overlaps and not self.unpriced

    def on(self, day: date) -> tuple[TariffRow, ...]:
        """The tariffs that hold on a day; more than one only in an overlap."""
        return tuple(span.row for span in self.spans if span.holds(day))


def timelines(rows: Iterable[TariffRow], today: date) -> Mapping[Series, Timeline]:
    """The timeline of each series that has a tariff or a draft."""
    by_series: defaultdict[Series, list[TariffRow]] = defaultdict(list)
    for row in rows:
        by_series[row.series].append(row)
    general = {
        (series.category, series.billing_period): _spans(of_series, today)
        for series, of_series in by_series.items()
        if series.explotacion_id is None
    }
    return {
        series: _timeline(
            series,
            of_series,
            general.get((series.category, series.billing_period), ()) if series.explotacion_id is not None else (),
            today,
        )
        for series, of_series in by_series.items()
    }


def replaced_by(
    series: Series, first: date | None, rows: Iterable[TariffRow], named: UUID | None = None
) -> TariffRow | None:
    """The old price: what is named, else what holds in the series on the first day, else the latest before.

    Args:
        first: the new tariff's first day; None while it is not known, when the latest of all counts.
        rows: without the new tariff itself.
        named: the id of the tariff that is to be replaced.
    """
    earlier: list[TariffRow] = []
    for row in rows:
        if named is not None and row.id == named:
            return row
        if row.series == series and row.active and (first is None or row.effective_from <= first):
            earlier.append(row)
    return max(earlier, key=lambda row: row.effective_from, default=None)


def beside(
    tariff: TariffInsert, rows: Iterable[TariffRow], named: UUID | None = None
) -> tuple[TariffRow | None, tuple[TariffInsert, ...]]:
    """What a new tariff replaces, and the active ones of its category for other billing periods."""
    series = Series(tariff.category, tariff.billing_period, tariff.explotacion_id)
    stored = list(rows)
    siblings = tuple(
        row.document
        for row in stored
        if row.active
        and row.document is not None
        and row.series.billing_period != series.billing_period
        and replace(row.series, billing_period=series.billing_period) == series
    )
    return replaced_by(series, tariff.effective_from, stored, named), siblings


def in_order(package: Iterable[TariffRow]) -> tuple[TariffRow, ...]:
    """A package in the order in which it comes into force, so that one may replace another of it.

    Those for all explotaciones are first: the invoices that count as theirs are those of explotaciones without a price
    of their own, and the rest of the package would take some from them.
    """
    return tuple(
        sorted(package, key=lambda row: (row.series.explotacion_id is not None, row.effective_from, str(row.id)))
    )


def in_the_way(package: Iterable[TariffRow], rows: Iterable[TariffRow]) -> Mapping[UUID, tuple[TariffRow, ...]]:
    """What would keep each of a package from coming into force, one after the other in their order.

    What one of them replaces ends on its first day, also where that is another of them.

    Args:
        rows: the register, with the package or without.
    """
    standing: defaultdict[Series, dict[UUID, TariffRow]] = defaultdict(dict)
    for row in rows:
        if row.active:
            standing[row.series][row.id] = row
    found: dict[UUID, tuple[TariffRow, ...]] = {}
    for row in in_order(package):
        others = {one.id: one for one in standing[row.series].values() if one.id != row.id}
        old = others.get(row.replaces_id) if row.replaces_id is not None else None
        tried = dict(others)
        if old is not None and old.effective_from < row.effective_from:
            tried[old.id] = replace(old, effective_until=_earlier(old.effective_until, row.effective_from))
        found[row.id] = tuple(others[one.id] for one in tried.values() if shared_days(one, row) is not None)
        if not found[row.id]:
            standing[row.series] = {**tried, row.id: row}
    return found


def shared_days(one: TariffRow | Span, other: TariffRow | Span) -> tuple[date, date | None] | None:
    """The days two tariffs have in common, the end not part of them; None if there are none."""
    return _shared(_days(one), _days(other))


# ── How it is found ───────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Frontier:
    """How far the days are priced while one goes along the spans."""

    until: date | None
    gaps: list[Gap] = field(default_factory=list)


def _timeline(series: Series, rows: Sequence[TariffRow], general: Sequence[Span], today: date) -> Timeline:
    spans = _spans(rows, today)
    drafts = sorted((row for row in rows if not row.active), key=lambda row: (row.effective_from, row.name))
    return Timeline(
        series,
        spans,
        _gaps(spans, general),
        _overlaps(spans),
        tuple(_proposal(row, rows, spans, general, today) for row in drafts),
    )


def _spans(rows: Iterable[TariffRow], today: date) -> tuple[Span, ...]:
    active = (row for row in rows if row.active)
    spans = (Span(row.effective_from, row.effective_until, row, row.state(today)) for row in active)
    return tuple(sorted(spans, key=lambda span: (span.begins, span.ends or date.max)))


def _gaps(spans: Sequence[Span], general: Sequence[Span]) -> tuple[Gap, ...]:
    if not spans:
        return ()
    frontier = _Frontier(spans[0].ends)
    for span in spans[1:]:
        if frontier.until is not None and span.begins > frontier.until:
            frontier.gaps.append(_gap(frontier.until, span.begins, general))
        frontier.until = _later(frontier.until, span.ends)
    if frontier.until is not None:
        frontier.gaps.append(_gap(frontier.until, None, general))
    return tuple(frontier.gaps)


def _gap(begins: date, ends: date | None, general: Sequence[Span]) -> Gap:
    """The days in between, and who prices them for all explotaciones."""
    filling = []
    reached: date | None = begins
    for span in general:
        shared = _shared((begins, ends), (span.begins, span.ends))
        if shared is None:
            continue
        filling.append(span.row)
        if reached is not None and shared[0] <= reached:
            reached = _later(reached, shared[1])
    priced = reached is None or (ends is not None and reached >= ends)
    return Gap(begins, ends, tuple(filling), priced)


def _overlaps(spans: Sequence[Span]) -> tuple[Overlap, ...]:
    found = []
    for place, one in enumerate(spans):
        for other in spans[place + 1 :]:
            if one.ends is not None and other.begins >= one.ends:
                break  # they are in the order of their first days
            shared = shared_days(one, other)
            if shared is not None:
                found.append(Overlap(*shared, (one.row, other.row)))
    return tuple(found)


def _proposal(
    row: TariffRow, rows: Sequence[TariffRow], spans: Sequence[Span], general: Sequence[Span], today: date
) -> Proposal:
    replaced = next((one for one in rows if one.id == row.replaces_id), None)
    after = []
    for span in spans:
        if replaced is not None and span.row.id == replaced.id and span.begins < row.effective_from:
            # It ends where the new one begins; one that ended before stays as it was.
            after.append(replace(span, ends=_earlier(span.ends, row.effective_from)))
        else:
            after.append(span)
    in_the_way = tuple(span.row for span in after if shared_days(span, row) is not None)
    proposed = Span(row.effective_from, row.effective_until, row, row.state(today))
    tried = sorted((*after, proposed), key=lambda span: (span.begins, span.ends or date.max))
    leaves = tuple(
        gap for gap in _gaps(tried, general) if gap.ends == row.effective_from or gap.begins == row.effective_until
    )
    return Proposal(row, proposed.state, replaced, in_the_way, leaves)


def _days(one: TariffRow | Span) -> tuple[date, date | None]:
    return (one.begins, one.ends) if isinstance(one, Span) else (one.effective_from, one.effective_until)


def _shared(one: tuple[date, date | None], other: tuple[date, date | None]) -> tuple[date, date | None] | None:
    begins, ends = max(one[0], other[0]), _earlier(one[1], other[1])
    return (begins, ends) if ends is None or begins < ends else None


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one is not None and other is not None else one or other


def _later(one: date | None, other: date | None) -> date | None:
    """The later of two ends; an open one is the latest."""
    return max(one, other) if one is not None and other is not None else None
