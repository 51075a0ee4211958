"""How are the state of a tariff, its days and what was done to it said?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from supra_console.formats import day
from supra_console.i18n import N_, _
from supra_console.tariffs.register import Series, State, TariffRow


class Look(NamedTuple):
    """How a state is drawn: a character for eyes and terminals without colour, a role, a style and its word."""

    sign: str
    role: str
    style: str
    word: str


LOOKS: Final[Mapping[State, Look]] = {
    State.DRAFT: Look("✎", "warning", "$warning", N_("draft")),
    State.IN_REVIEW: Look("?", "match", "bold $primary", N_("in review")),
    State.APPROVED: Look("√", "coming", "bold $accent", N_("approved")),
    State.SCHEDULED: Look("▓", "coming", "$accent", N_("scheduled")),
    State.IN_FORCE: Look("█", "good", "$success", N_("in force")),
    State.SUPERSEDED: Look("░", "quiet", "$quiet", N_("superseded")),
}

EVENTS: Final[Mapping[str, str]] = {
    "tariff.drafted": N_("drafted"),
    "tariff.edited": N_("edited"),
    "tariff.deleted": N_("deleted"),
    "tariff.submitted": N_("submitted for review"),
    "tariff.returned": N_("sent back"),
    "tariff.approved": N_("approved"),
    "tariff.approval_voided": N_("approval void: the content changed"),
    "tariff.activated": N_("activated"),
    "tariff.superseded": N_("ended by its successor"),
    "tariff.withdrawn": N_("withdrawn"),
    "tariff.reopened": N_("goes on: its successor was withdrawn"),
    "tariff.impact_kept": N_("impact report kept"),
}
"""What the journal calls what was done; anything else is shown as it is called there."""


def event_word(what: str) -> str:
    """What was done, in words."""
    return _(EVENTS.get(what, "")) or what


def whose(row: TariffRow) -> str:
    """The municipality a tariff is for, or all of them."""
    if row.series.explotacion_id is None:
        return _("all explotaciones")
    return row.municipality or row.explotacion or _("an explotación that is gone")


def series_name(row: TariffRow) -> str:
    """`Tequisquiapan, domestica, mensual`."""
    return f"{whose(row)}, {row.series.category}, {row.series.billing_period}"


def names_of(series: Series) -> str:
    """`domestica, mensual`, where the municipality is said elsewhere."""
    return f"{series.category}, {series.billing_period}"


def first_day(row: TariffRow) -> str:
    """The first day, or the text that is stored where our calendar has no such day."""
    return _day_of(row, "effective_from", row.effective_from)


def last_day(row: TariffRow) -> str:
    """The first day it no longer counts; `∞` while open."""
    return _day_of(row, "effective_until", row.effective_until)


def _day_of(row: TariffRow, name: str, value: date | None) -> str:
    written = row.raw.get(name)
    if isinstance(written, str):
        return f"“{written}”"
    return day(value) if value is not None else "∞"


def days(begins: date, ends: date | None) -> str:
    """`1 Jan 2027 – ∞`; the end is not part of it."""
    return f"{day(begins)} – {day(ends) if ends is not None else '∞'}"


def days_of(row: TariffRow) -> str:
    """From when to when a tariff counts."""
    return f"{first_day(row)} – {last_day(row)}"
