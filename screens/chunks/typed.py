"""How does a person type a span of time or a moment?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from screens.chunks.wording import in_zone
from supra_console.timeseries import Bound

SPANS = {"d": "days", "h": "hours", "min": "minutes", "m": "minutes", "s": "seconds", "w": "weeks"}


def read_span(text: str) -> timedelta | None:
    """`12 h`, `1 d 6 h`, `30 min` as a span of time; None if it is none, or not above zero."""
    total = timedelta(0)
    for one in text.replace(",", " ").split():
        digits = one.rstrip("abcdefghijklmnopqrstuvwxyz")
        unit = SPANS.get(one[len(digits) :])
        if not digits.isdecimal() or len(digits) > 6 or unit is None:
            return None
        total += timedelta(**{unit: int(digits)})
    return total if total > timedelta(0) else None


def together(text: str) -> str:
    """`12 h` as `12h`, so that number and unit are one word."""
    parts: list[str] = []
    for word in text.split():
        if parts and parts[-1].isdecimal() and not word[:1].isdigit():
            parts[-1] += word
        else:
            parts.append(word)
    return " ".join(parts)


def read_moment(text: str) -> datetime | None:
    """An ISO date or moment; without a zone it is UTC, as the bounds of buckets are. None if it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def written(value: Bound | None) -> str:
    """A bound as it is typed: ISO, in UTC."""
    if not isinstance(value, datetime):
        return "" if value is None else str(value)
    universal = in_zone(value, UTC)
    midnight = (universal.hour, universal.minute, universal.second) == (0, 0, 0)
    return universal.date().isoformat() if midnight else universal.replace(microsecond=0, tzinfo=None).isoformat(" ")
