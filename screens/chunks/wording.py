"""How are bytes, spans of time and the states of a chunk said in a narrow column?

What the server would not tell is `?`, never zero; what is estimated begins with `~`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from supra_console import i18n, timeseries_text
from supra_console.formats import TIME_ZONE, day, moment, month, number, percent
from supra_console.i18n import N_, _
from supra_console.timeseries import Bound, Job, State

UNKNOWN: Final = "?"


class Look(NamedTuple):
    """How a state is drawn: one character, for eyes and terminals without colour, a role and its words."""

    sign: str
    role: str
    word: str
    legend: str


LOOKS: Mapping[State, Look] = {
    State.COMPRESSED: Look("█", "good", N_("compressed"), N_("compressed")),
    State.PARTIAL: Look("▒", "warning", N_("partly"), N_("partly")),
    State.OVERDUE: Look("!", "error", N_("overdue"), N_("overdue")),
    State.UNCOMPRESSED: Look("░", "bar", N_("open"), N_("open")),
    State.DROPPING: Look("×", "coming", N_("to be dropped"), N_("to drop")),
}
"""In the order of the legend. The Linux console has all of the signs."""

WORST: Final = (State.OVERDUE, State.DROPPING, State.PARTIAL, State.UNCOMPRESSED, State.COMPRESSED)
"""Which state wins where several chunks share a cell."""


def size(value: int | None) -> str:
    """Bytes as PostgreSQL says them, `1.2 GB`."""
    return UNKNOWN if value is None else timeseries_text.size(value)


def signed_size(value: int | None) -> str:
    """A change in bytes: `+14 MB`, `−3 MB`."""
    if value is None:
        return UNKNOWN
    return ("+" if value > 0 else "−" if value < 0 else "±") + size(abs(value))


def count(value: float | None) -> str:
    """A number of things, in full below 100,000, else `1.2 M`."""
    if value is None:
        return UNKNOWN
    for unit, name in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if abs(value) >= unit and abs(value) >= 100_000:
            digits = 1 if value / unit < 9.95 else 0
            return f"{number(Decimal(repr(round(value / unit, digits))), digits)} {name}"
    return number(Decimal(repr(round(value))))


def about(value: int | None) -> str:
    """An estimate: `~4.8 M`."""
    return UNKNOWN if value is None else f"~{count(value)}"


def at_least(text: str, more: bool) -> str:
    """A figure that may be larger: `1,000+`."""
    return f"{text}+" if more else text


def ratio(value: float | None) -> str:
    """Bytes before for each byte after: `8.2×`; nothing where nothing is compressed."""
    return "" if value is None else f"{number(Decimal(repr(round(value, 1))), 1)}×"


def saved(before: int | None, after: int | None) -> str:
    """What a compression did: `−82%`, or `+40%` where the data grew."""
    if not before or after is None:
        return UNKNOWN
    share = after / before - 1
    return ("+" if share > 0 else "−") + percent(Decimal(repr(round(abs(share), 4))))


def each(value: float | None) -> str:
    """Rows in a batch: `742`, `1.0`; nothing where there are no batches."""
    if value is None:
        return ""
    return number(Decimal(repr(round(value, 1))), 1 if value < 9.95 else 0)


def milliseconds(value: float | None) -> str:
    """A duration of a statement: `0.43 ms`, `12 ms`, `1.3 s`."""
    if value is None:
        return UNKNOWN
    if value >= 1000:
        return f"{number(Decimal(repr(round(value / 1000, 1))), 1)} s"
    return f"{number(Decimal(repr(round(value, 2))), 2 if value < 1 else 1 if value < 10 else 0)} ms"


def span(value: timedelta | int | None) -> str:
    """A span of time in at most two units: `30 d`, `1 d 12 h`, `45 s`; a number where time is an integer."""
    if value is None:
        return ""
    if not isinstance(value, timedelta):
        return count(value)
    seconds = round(abs(value).total_seconds())
    parts = []
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= unit:
            parts.append(f"{number(seconds // unit)} {name}")
            seconds %= unit
    return ("−" if value < timedelta(0) else "") + " ".join(parts[:2] or ["0 s"])


def in_zone(value: datetime, zone: tzinfo) -> datetime:
    """The moment on the clocks of a zone; the first and the last day of the calendar as they are."""
    try:
        return value.astimezone(zone) if value.tzinfo else value
    except OverflowError:
        return value


@lru_cache(4096)
def _bound(value: Bound, language: str | None) -> str:
    if not isinstance(value, datetime):
        return number(value)
    # Ranges of days begin at midnight in UTC; shown as clocks in Querétaro they would begin the evening before.
    for here in (in_zone(value, UTC), in_zone(value, TIME_ZONE)):
        if (here.hour, here.minute, here.second) == (0, 0, 0):
            return day(here.date())
    return moment(value)


def bound(value: Bound | None) -> str:
    """Where a range begins or ends; an open end is `∞`."""
    return "∞" if value is None else _bound(value, i18n.language())


def period(begins: Bound | None, ends: Bound | None) -> str:
    """A range whose end is not part of it."""
    return f"{bound(begins)} – {bound(ends)}"


@lru_cache(1024)
def _month(value: Bound, language: str | None) -> str:
    return month(in_zone(value, UTC).date()) if isinstance(value, datetime) else number(value)


def month_of(value: Bound | None) -> str:
    """The month of a bound, `mar 2025`, for narrow columns."""
    return "" if value is None else _month(value, i18n.language())


def clock(value: datetime | None) -> str:
    """When something is or was to happen; nothing where it is not known."""
    return moment(value)


KINDS: Mapping[str, str] = {
    "compression": N_("compress"),
    "retention": N_("drop old"),
    "refresh": N_("refresh"),
    "reorder": N_("reorder"),
    "history": N_("job history"),
    "other": N_("other"),
}


def kind_of(job: Job) -> str:
    """What a job does, in a word or two."""
    return _(KINDS.get(job.kind, "")) or job.procedure


def outcome_of(job: Job) -> tuple[str, str]:
    """How a job stands, and its role. No history is said, and is not the same as no runs."""
    if not job.scheduled:
        return _("paused"), "warning"
    if job.last_status == "Failed":
        return _("FAILED"), "error"
    if job.last_status == "Success":
        return _("ok"), "good"
    if job.last_status:
        return job.last_status, "warning"
    if job.runs is None:
        return _("no history"), "quiet"
    return _("never ran"), "quiet"
