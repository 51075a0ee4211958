"""Does a tariff fit where it goes: its days, its series, the tariffs beside it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from supra_console.documents.billing import TariffInsert
from supra_console.editing.remarks import Weight
from supra_console.i18n import _, ngettext
from supra_console.tariffs.register import FIRST_YEAR, LAST_YEAR, Series
from supra_console.tariffs.rules.legible import MONTHS, Found, LegibleTariff, say

YEARS_AHEAD: Final = 2
"""A price list is resolved for the next year, or the year after it; what is farther is a year mistyped."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the tariff itself.

    Attributes:
        today: in Querétaro.
        population: how many tomas each series prices; None where it was not counted.
        siblings: tariffs of the same category with another billing period.
        replaced: the tariff whose place this one takes.
    """

    today: date | None = None
    population: Mapping[Series, int] | None = None
    siblings: tuple[TariffInsert, ...] = ()
    replaced: TariffInsert | None = None


def dates(tariff: LegibleTariff, context: Context, *, draft: bool) -> Found:
    """A period that has days, after the tariff it replaces."""
    since, until, replaced = tariff.effective_from, tariff.effective_until, context.replaced
    if since is None:
        return
    if not FIRST_YEAR <= since.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        yield say(("effective_from",), _("must be a day of the years %(first)d to %(last)d") % years, "dates")
        return
    if until is not None and until <= since:
        yield say(("effective_until",), _("must be later than the day the tariff starts"), "order")
    if until is not None and until.year <= LAST_YEAR and (until + timedelta(days=1)).day == 1:
        yield say(
            ("effective_until",),
            _("is the first day without the tariff: for all of that month write the day after"),
            "last_day",
            Weight.WARNING,
        )
    if replaced is not None and since <= replaced.effective_from:
        yield say(("effective_from",), _("must be later than the day the tariff it replaces starts"), "before_replaced")
    if (
        replaced is not None
        and until is not None
        and (replaced.effective_until is None or replaced.effective_until > until)
    ):
        yield say(
            ("effective_until",),
            _("is earlier than the tariff it replaces would end: from that day on there is no price"),
            "leaves_gap",
            Weight.WARNING,
        )
    if replaced is not None and tariff.name and _plain(tariff.name) == _plain(replaced.name):
        yield say(
            ("name",),
            _("is that of the tariff it replaces: lists and invoices could not tell the two apart"),
            "same_name",
            Weight.WARNING,
        )
    if context.today is not None and since.year > context.today.year + YEARS_AHEAD:
        yield say(
            ("effective_from",),
            ngettext("is more than %(n)d year ahead", "is more than %(n)d years ahead", YEARS_AHEAD)
            % {"n": YEARS_AHEAD},
            "far_ahead",
            Weight.WARNING,
        )
    if draft and context.today is not None and since <= context.today:
        yield say(
            ("effective_from",),
            _("is not in the future: bills may have been issued already at the old price"),
            "back_dated",
            Weight.WARNING,
        )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def place_of(tariff: LegibleTariff, context: Context) -> Found:
    """A series that tomas are billed by; the same as of the tariff it replaces."""
    replaced = context.replaced
    if replaced is not None:
        for name, mine, theirs in (
            ("explotacion_id", tariff.explotacion_id, replaced.explotacion_id),
            ("category", tariff.category, replaced.category),
            ("billing_period", tariff.period, replaced.billing_period),
        ):
            if mine != theirs and (mine is not None or name == "explotacion_id"):
                yield say((name,), _("must be that of the tariff it replaces"), "other_series")
    if context.population is None or tariff.category is None or tariff.period is None:
        return
    anywhere = {series for series, tomas in context.population.items() if tomas > 0}
    here = {series for series in anywhere if tariff.explotacion_id == series.explotacion_id}
    asked = (
        ("category", _("must be one that tomas have: none would be billed by this tariff"), _of_category),
        ("billing_period", _("must be one that tomas of this category have: none is billed so often"), _of_both),
    )
    for name, words, fits in asked:
        if not any(fits(series, tariff) for series in anywhere):
            yield say((name,), words, "no_tomas")
            return
    # A price list names all categories, and the first toma of one may be connected tomorrow.
    for name, _words, fits in asked:
        if any(fits(series, tariff) for series in here):
            continue
        if tariff.explotacion_id is None:
            said = _("is empty, for those that have no tariff of their own, and all that have such tomas have one")
            yield say(("explotacion_id",), said, "no_tomas_here", Weight.WARNING)
        else:
            yield say((name,), _("is one that no toma of this explotación has yet"), "no_tomas_here", Weight.WARNING)
        return


def _of_category(series: Series, tariff: LegibleTariff) -> bool:
    return series.category == tariff.category


def _of_both(series: Series, tariff: LegibleTariff) -> bool:
    return _of_category(series, tariff) and series.billing_period == tariff.period


def scaled(tariff: LegibleTariff, context: Context) -> Found:
    """Twice the months, twice the m³: limits in proportion to those of the category's other billing periods."""
    sibling = _sibling(tariff, context)
    if sibling is None or tariff.period is None:
        return
    mine = [block.to_m3 for block in tariff.blocks[:-1]]
    theirs = [block.to_m3 for block in sibling.blocks[:-1]]
    if len(mine) != len(theirs):
        if mine:
            yield say(
                ("blocks",),
                _("are not as many as in the category's tariff for another billing period"),
                "unscaled_limits",
                Weight.WARNING,
            )
        return
    proportionate = True
    for number, (limit, other) in enumerate(zip(mine, theirs, strict=True)):
        if limit is None or other is None:
            continue
        if limit * MONTHS[sibling.billing_period] != other * MONTHS[tariff.period]:
            proportionate = False
            yield say(
                ("blocks", number, "to_m3"),
                _("is not in proportion to the months, compared with the category's tariff for another billing period"),
                "unscaled_limits",
                Weight.WARNING,
            )
    for number, (block, beside) in enumerate(zip(tariff.blocks, sibling.blocks, strict=True)):
        if proportionate and block.charge and block.charge == beside.fixed_charge:
            yield say(
                ("blocks", number, "fixed_charge"),
                _("is that of the category's tariff for another billing period: the months are not the same"),
                "unscaled_charge",
                Weight.WARNING,
            )


def _sibling(tariff: LegibleTariff, context: Context) -> TariffInsert | None:
    """The tariff to compare limits with: in force when this one starts, monthly before the others."""
    day = tariff.effective_from or context.today or date.max
    fitting = [
        other
        for other in context.siblings
        if other.category == tariff.category
        and other.billing_period != tariff.period
        and other.explotacion_id == tariff.explotacion_id
        and other.effective_from <= day
        and (other.effective_until is None or day < other.effective_until)
    ]
    return min(fitting, key=lambda other: MONTHS[other.billing_period], default=None)
