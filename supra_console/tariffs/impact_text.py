"""How does the impact of tariffs read as text, and as JSON for scripts?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from supra_console import formats
from supra_console.display import safe
from supra_console.documents.base import plain
from supra_console.documents.impact import Band, Figures, Rise
from supra_console.i18n import N_, _
from supra_console.output import columns, fields
from supra_console.tariffs.impact import ImpactReport

HOLDERS: Mapping[str, str] = {
    "social": N_("social tariff"),
    "vulnerable": N_("vulnerable"),
    "social_vulnerable": N_("social tariff and vulnerable"),
    "other": N_("others"),
}

LEFT_OUT: Mapping[str, str] = {
    "medido": N_("metered, without a usable reading"),
    "cuota_fija": N_("billed at a fixed charge"),
    "estimado": N_("billed by estimate"),
    "suspicious": N_("suspicious readings"),
    "rejected": N_("rejected readings"),
    "unbillable": N_("readings no bill is made of"),
}

COLONIAS = 20
"""The most shown; the rest is for scripts."""


def text(report: ImpactReport) -> str:
    """Totals, then the same by category, municipality, colonia and kind of holder, the change and the rises."""
    total = report.total
    parts = [
        "\n".join(f"{safe(part.name)} / {safe(part.old_name or _('no old price'))}" for part in report.parts),
        _totals(report, total),
        _table(_("category"), report.by_category()),
        _table(_("municipality"), report.by_municipality()),
        _table(_("holders"), {_(HOLDERS[kind]): figures for kind, figures in report.by_holder().items()}),
        _colonias(report),
        _bands(_("change in %"), report.percents()),
        _bands(_("change of an average bill, MXN"), report.amounts()),
        _rises(report.rises()),
        _left_out(report),
    ]
    return "\n\n".join(part for part in parts if part)


def for_scripts(report: ImpactReport) -> dict[str, object]:
    """The whole report; each part is the document that is kept of a tariff."""
    return {
        "complete": report.complete,
        "m3": report.m3,
        "total": _figures(report.total),
        "by_category": {name: _figures(figures) for name, figures in report.by_category().items()},
        "by_municipality": {name: _figures(figures) for name, figures in report.by_municipality().items()},
        "by_colonia": [
            {"municipality": place, "colonia": name} | _figures(figures)
            for (place, name), figures in report.by_colonia().items()
        ],
        "by_holder": {kind: _figures(figures) for kind, figures in report.by_holder().items()},
        "change_in_percent": [_band(band) for band in report.percents()],
        "change_of_a_bill": [_band(band) for band in report.amounts()],
        "rises": [plain(rise) | {"difference": rise.difference} for rise in report.rises()],
        "left_out": [plain(one) for one in report.left_out()],
        "without_old_price": [part.tariff_id for part in report.unpriced],
        "tariffs": [plain(part) for part in report.parts],
    }


def _figures(figures: Figures) -> dict[str, object]:
    return dict(figures) | {"difference": figures.difference}


def _band(band: Band) -> dict[str, object]:
    return {"from": band.low, "below": band.high} | _figures(band.figures)


def _totals(report: ImpactReport, total: Figures) -> str:
    first = report.parts[0] if report.parts else None
    return fields(
        [
            (_("Readings"), formats.number(total.readings)),
            (_("From"), formats.day(first.begins) if first else None),
            (_("Until"), formats.day(first.ends) if first else None),
            (_("Water"), formats.volume(report.m3)),
            (_("Contracts"), formats.number(total.contracts)),
            (_("Old"), formats.money(total.old)),
            (_("New"), formats.money(total.new)),
            (_("Difference"), f"{formats.money(total.difference)} ({_share(total)})"),
            (_("Pay more"), formats.number(total.higher)),
            (_("Pay less"), formats.number(total.lower)),
            (_("Pay the same"), formats.number(total.same)),
            (_("Without an old price"), formats.money(total.first_price) if total.first_price else None),
        ]
    )


def _share(figures: Figures) -> str:
    if not figures.old:
        return "-"
    return f"{formats.number(figures.difference * 100 / figures.old, 2)}%"


def _table(title: str, groups: Mapping[str, Figures]) -> str:
    rows = [
        (
            name or _("none named"),
            formats.number(figures.contracts),
            formats.money(figures.old),
            formats.money(figures.new),
            formats.money(figures.difference),
            _share(figures),
            formats.number(figures.higher),
            formats.number(figures.lower),
        )
        for name, figures in groups.items()
    ]
    head = (
        title, _("contracts"), _("old"), _("new"), _("difference"), "%", _("pay more"), _("pay less"),
    )  # fmt: skip
    return columns([head, *rows]) if rows else ""


def _colonias(report: ImpactReport) -> str:
    """Those where most changes; how many there are is said where some are not shown."""
    found = report.by_colonia()
    shown = {
        f"{name or _('none named')}, {place}": figures for (place, name), figures in list(found.items())[:COLONIAS]
    }
    title = _("colonia")
    if len(found) > COLONIAS:
        title = _("colonia ({shown} of {count})").format(shown=COLONIAS, count=formats.number(len(found)))
    return _table(title, shown)


def _bands(title: str, bands: Iterable[Band]) -> str:
    rows = [(_bounds(band), formats.number(band.figures.contracts)) for band in bands]
    return columns([(title, _("contracts")), *rows]) if rows else ""


def _bounds(band: Band) -> str:
    if band.low == band.high == Decimal(0):
        return _("no change")
    if band.low is None:
        return _("below {high}").format(high=band.high)
    if band.high is None:
        return _("{low} and more").format(low=band.low)
    return _("{low} to {high}").format(low=band.low, high=band.high)


def _rises(rises: Sequence[Rise]) -> str:
    rows = [
        (
            rise.contract_number,
            rise.colonia,
            formats.volume(rise.m3),
            formats.money(rise.old),
            formats.money(rise.new),
            formats.money(rise.difference),
        )
        for rise in rises
    ]
    head = (_("largest rises"), _("colonia"), "m³", _("old"), _("new"), _("difference"))
    return columns([head, *rows]) if rows else ""


def _left_out(report: ImpactReport) -> str:
    rows = [
        (_(LEFT_OUT[one.reason]), formats.number(one.contracts), formats.number(one.readings))
        for one in report.left_out()
    ]
    return columns([(_("not rated"), _("contracts"), _("readings")), *rows]) if rows else ""
