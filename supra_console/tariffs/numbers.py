"""Which number or day did a person type?

Only one way of writing is read: digits and a point, and a day as year-month-day. `1,234` is a thousand to one reader
and one and a bit to another, so nothing else is guessed at; it is refused with the way to write it.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from supra_console.errors import InvalidInput
from supra_console.i18n import _, ngettext
from supra_console.tariffs.register import FIRST_YEAR, LAST_YEAR

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"[0-9]{1,3}([ ,.'’\u00a0\u202f][0-9]{3})+(\.[0-9]*)?")
_DAY = re.compile(r"([0-9]{4,})-([0-9]{2})-([0-9]{2})")
_CURRENCY = re.compile(r"[$€¢£]|\b(?:mxn|mn|m\.n\.|pesos?|usd)\b", re.IGNORECASE)
_DIGITS = 15
"""Before the point; more than any column of ours holds."""


def read_number(text: str, *, decimals: int) -> Decimal:
    """The number in a typed text, with the decimals it was written with.

    Args:
        text: as typed; blanks around it do not matter.
        decimals: how many it may have at most.

    Raises:
        InvalidInput: it is written another way; `advice` says how to write it.
    """
    typed = text.strip()
    example = "1234." + "50".ljust(decimals, "0")[:decimals] if decimals else "1234"
    if len(typed) <= 100 and _NUMBER.fullmatch(typed):
        whole, _point, fraction = typed.lstrip("-").partition(".")
        if len(fraction.rstrip("0")) > decimals:
            raise _refusal(
                ngettext("Write at most %(n)d decimal.", "Write at most %(n)d decimals.", decimals) % {"n": decimals}
                if decimals
                else _("Write a whole number, without decimals.")
            )
        if len(whole) > _DIGITS:
            raise _refusal(_("Write at most %(n)d digits before the point.") % {"n": _DIGITS})
        number = Decimal(typed if len(fraction) <= decimals else typed[: decimals - len(fraction)].rstrip("."))
        return number.copy_abs() if number.is_zero() else number
    words = {"example": example}
    if not typed:
        raise _refusal(_("Write a number, such as %(example)s.") % words)
    if _CURRENCY.search(typed):
        raise _refusal(_("Write it without a currency sign: %(example)s, digits and a point.") % words)
    if "%" in typed:
        raise _refusal(_("Write it without a percent sign: %(example)s, digits and a point.") % words)
    if _GROUPED.fullmatch(typed):
        raise _refusal(_("Write it without a thousands separator: %(example)s, digits and a point.") % words)
    if "," in typed:
        raise _refusal(_("Write a point and no comma: %(example)s.") % words)
    raise _refusal(_("Write %(example)s: digits and a point.") % words)


def read_date(text: str) -> date:
    """The day in a typed text.

    Raises:
        InvalidInput: it is written another way, or no calendar has this day; `advice` says what to write.
    """
    found = _DAY.fullmatch(text.strip()) if len(text) <= 100 else None
    if found is None:
        raise InvalidInput(_("This is not a date"), _("Write year, month and day: 2026-02-16."))
    year, month, day = found.groups()
    if len(year) > 4 or not int(year):
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise InvalidInput(
            _("This date is beyond the calendar"),
            _("Write a year from %(first)d to %(last)d: 2026-02-16.") % years,
        )
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise InvalidInput(
            _("The calendar has no such day"), _("Write a day that the month has, such as 2026-02-16.")
        ) from None


def _refusal(advice: str) -> InvalidInput:
    return InvalidInput(_("This is not a number that can be read"), advice)
