"""How does an impact read: as a whole, by category, municipality, colonia and holder, by how much, and who most?

Functions from a report to a `Listing`, without a widget, so that they can be read and tested as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from screens.widgets.line_table import Cell, Column, Value
from screens.widgets.listing import Listing, Row, Shown, listing
from supra_console.documents.impact import Band, Figures, Rise
from supra_console.formats import day, money, number, percent, volume
from supra_console.i18n import N_, _
from supra_console.tariffs.impact import ImpactReport

BAR: Final = 30

HOLDERS: Final = {
    "social": N_("social tariff"),
    "vulnerable": N_("vulnerable"),
    "social_vulnerable": N_("social tariff and vulnerable"),
    "other": N_("all others"),
}

REASONS: Final = {
    "medido": N_("metered, without a usable reading"),
    "cuota_fija": N_("fixed rate, without a meter"),
    "estimado": N_("billed by estimate, without a reading"),
    "suspicious": N_("suspicious readings, not looked into"),
    "rejected": N_("rejected readings"),
    "unbillable": N_("readings no price follows for"),
}
"""Why something was not rated."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some contracts under a name."""

    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the overview; a heading has no value."""

    what: str
    value: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A band of change beside the others of its kind; a heading has no band."""

    title: str
    band: Band | None = None
    largest: int = 0
    all: int = 0


def signed(amount: Decimal) -> str:
    """An amount that says its direction, `+$1,234.50`."""
    return f"+{money(amount)}" if amount > 0 else money(amount)


def change(figures: Figures) -> str:
    """What the bills change by, in per cent of what they were; `–` where nothing was paid."""
    if not figures.old:
        return "–"
    share = figures.difference / figures.old
    return f"{'+' if share > 0 else ''}{percent(share, 1)}"


def tone(amount: Decimal) -> str:
    """Rises are warned of, falls are good news."""
    return "warning" if amount > 0 else "good" if amount < 0 else ""


# ── Views ─────────────────────────────────────────────────────────────────────────────────


def overview(report: ImpactReport, width: int) -> Listing:
    """All of it, and what was not rated."""
    rows = [Row(str(place), fact) for place, fact in enumerate(facts(report))]
    title = _("Over {months} months").format(months=report.parts[0].months) if report.complete else _("So far")
    shown: list[Shown[Fact]] = [
        Shown(Column("what", title, 42), lambda one: one.what),
        Shown(Column("value", ""), lambda one: Cell(one.value, one.role)),
    ]
    return listing("", shown, rows, width)


def facts(report: ImpactReport) -> Iterator[Fact]:
    """The lines of the overview."""
    total, first = report.total, report.parts[0]
    yield Fact(_("bills, old price"), money(total.old))
    yield Fact(_("bills, new price"), money(total.new))
    yield Fact(
        _("difference of revenue"), f"{signed(total.difference)}  {change(total)}", tone(total.difference) or "strong"
    )
    if report.unpriced:
        yield Fact(_("first price, nothing to compare with"), money(total.first_price))
    if total.contracts:
        yield Fact(_("contracts"), number(total.contracts))
        yield Fact("▲ " + _("pay more"), number(total.higher), "warning")
        yield Fact("▼ " + _("pay less"), number(total.lower), "good")
        yield Fact("= " + _("pay the same"), number(total.same))
    yield Fact(_("readings rated"), f"{number(total.readings)}, {volume(report.m3)}")
    yield Fact(_("read from, until"), f"{day(first.begins)} – {day(first.ends)}")
    left_out = report.left_out()
    for title, unit, kept in (
        (_("Contracts not rated"), "contracts", [one for one in left_out if one.contracts]),
        (_("Readings not rated"), "readings", [one for one in left_out if one.readings]),
    ):
        if kept:
            yield Fact(title, number(sum(getattr(one, unit) for one in kept)), "strong")
            for one in kept:
                yield Fact("  " + _(REASONS[one.reason]), number(getattr(one, unit)))
    for part in report.parts if len(report.parts) > 1 else ():
        yield Fact(part.name, f"{signed(part.figures.difference)}  {change(part.figures)}")


def by_category(report: ImpactReport, width: int) -> Listing:
    """Who gains and loses, by category."""
    return grouped(_("Category"), [Group(name, sums) for name, sums in report.by_category().items()], width)


def by_municipality(report: ImpactReport, width: int) -> Listing:
    """Who gains and loses, by municipality."""
    return grouped(_("Municipality"), [Group(name, sums) for name, sums in report.by_municipality().items()], width)


def by_colonia(report: ImpactReport, width: int) -> Listing:
    """Who gains and loses, by colonia; its municipality behind it where there are several."""
    found = report.by_colonia()
    several = len({town for town, _name in found}) > 1
    groups = [
        Group((name or _("without a colonia")) + (f", {town}" if several else ""), sums)
        for (town, name), sums in found.items()
    ]
    return grouped(_("Colonia"), groups, width)


def by_holder(report: ImpactReport, width: int) -> Listing:
    """Those with the social tariff, the vulnerable, and all others."""
    return grouped(_("Holders"), [Group(_(HOLDERS[kind]), sums) for kind, sums in report.by_holder().items()], width)


def grouped(title: str, groups: Sequence[Group], width: int) -> Listing:
    """Groups of contracts, the largest change first."""
    counted = any(group.figures.contracts for group in groups)
    shown: list[Shown[Group]] = [
        Shown(Column("name", title), lambda one: one.name),
        Shown(Column("contracts", _("Contracts"), 9, right=True), lambda one: number(one.figures.contracts)),
        Shown(Column("old", _("Old"), 16, right=True), lambda one: money(one.figures.old), 108),
        Shown(Column("new", _("New"), 16, right=True), lambda one: money(one.figures.new), 108),
        Shown(
            Column("difference", _("Difference"), 16, right=True),
            lambda one: Cell(signed(one.figures.difference), tone(one.figures.difference)),
        ),
        Shown(
            Column("percent", "%", 7, right=True),
            lambda one: Cell(change(one.figures), tone(one.figures.difference)),
        ),
        Shown(Column("higher", _("▲ more"), 8, right=True), lambda one: number(one.figures.higher)),
        Shown(Column("lower", _("▼ less"), 8, right=True), lambda one: number(one.figures.lower)),
    ]
    if not counted:
        shown = [one for one in shown if one.column.key not in {"contracts", "higher", "lower"}]
    return listing("", shown, [Row(group.name, group) for group in groups], width)


def distribution(report: ImpactReport, width: int) -> Listing:
    """How many contracts change by how much, drawn."""
    bars = [
        *drawn(_("% of a year's bills"), report.percents(), " %"),
        *drawn(_("MXN of an average bill"), report.amounts(), ""),
    ]
    space = max(8, min(BAR * 2, width - 52))
    shown: list[Shown[Bar]] = [
        Shown(Column("band", _("Change"), 28), lambda one: Cell(one.title, "" if one.band else "strong")),
        Shown(
            Column("contracts", _("Contracts"), 9, right=True),
            lambda one: number(one.band.figures.contracts) if one.band else "",
        ),
        Shown(
            Column("share", "%", 7, right=True),
            lambda one: percent(Decimal(one.band.figures.contracts) / one.all, 1) if one.band and one.all else "",
        ),
        Shown(Column("bar", ""), lambda one: bar(one, space)),
    ]
    return listing("", shown, [Row(str(place), one) for place, one in enumerate(bars)], width)


def drawn(title: str, bands: Sequence[Band], unit: str) -> Iterator[Bar]:
    """Bars of one kind under their heading."""
    if not bands:
        return
    counts = [band.figures.contracts for band in bands]
    yield Bar(title)
    for band in bands:
        yield Bar("  " + between(band.low, band.high, unit), band, max(counts), sum(counts))


def between(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    """The bounds of a band in words."""
    if low is not None and low == high:
        return _("unchanged")
    if low is None:
        return _("less than {high}").format(high=number(high) + unit)
    if high is None:
        return _("{low} and more").format(low=number(low) + unit)
    return _("{low} to {high}").format(low=number(low), high=number(high) + unit)


def bar(one: Bar, space: int) -> Value:
    """A bar as long as its share of the longest; anybody at all is seen."""
    if one.band is None or not one.largest:
        return ""
    eighths = max(1 if one.band.figures.contracts else 0, one.band.figures.contracts * space * 8 // one.largest)
    return Cell("█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip(), "bar")


def rises(report: ImpactReport, width: int) -> Listing:
    """Whose bills rise most; Enter opens the account."""
    shown: list[Shown[Rise]] = [
        Shown(Column("contract", _("Contract"), 14), lambda one: one.contract_number),
        Shown(Column("colonia", _("Colonia")), lambda one: one.colonia, 60),
        Shown(Column("holder", _("Holder"), 13), holder_of, 100),
        Shown(Column("m3", "m³", 11, right=True), lambda one: number(one.m3)),
        Shown(Column("old", _("Old"), 14, right=True), lambda one: money(one.old), 76),
        Shown(Column("new", _("New"), 14, right=True), lambda one: money(one.new), 100),
        Shown(Column("rise", _("Rise"), 14, right=True), lambda one: Cell(signed(one.difference), "warning")),
    ]
    rows = [Row(str(one.contract_id), one) for one in report.rises()]
    if report.complete and not rows:
        return Listing("", (Column("nobody", _("No bill rises")),))
    return listing("", shown, rows, width)


def holder_of(rise: Rise) -> str:
    """Which of the two that are looked at apart a holder is."""
    return ", ".join(word for word, so in ((_("social"), rise.social), (_("vuln."), rise.vulnerable)) if so)


class View(NamedTuple):
    """One view: its name, its title, and its rows in a table so many cells wide."""

    name: str
    title: str
    listing: Callable[[ImpactReport, int], Listing]


VIEWS: Final = (
    View("overview", N_("Overview"), overview),
    View("category", N_("Category"), by_category),
    View("municipality", N_("Municipality"), by_municipality),
    View("colonia", N_("Colonia"), by_colonia),
    View("change", N_("Change"), distribution),
    View("rises", N_("Rises"), rises),
    View("holders", N_("Holders"), by_holder),
)


def names_of(names: Iterable[str], room: int) -> str:
    """The tariffs' names on one line; how many more where they do not fit."""
    every = list(names)
    for shown in range(len(every), 0, -1):
        more = len(every) - shown
        text = "; ".join(every[:shown]) + (_(" and {n} more").format(n=number(more)) if more else "")
        if len(text) <= room or shown == 1:
            return text
    return ""
