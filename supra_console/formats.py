"""How are money, cubic metres, numbers and dates written for this reader?

By Babel, in the locale of the reader's language. Babel is imported when the first value is
written, not when the console starts. Times are shown as clocks in Querétaro show them.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from supra_console import i18n

if TYPE_CHECKING:
    from babel import Locale

TIME_ZONE = ZoneInfo("America/Mexico_City")
CURRENCY = "MXN"


@cache
def _locale_of(language: str | None) -> Locale:
    from babel import Locale, UnknownLocaleError

    for name in (language, (language or "").split("_")[0], "en"):
        try:
            return Locale.parse(name or "en")
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError


def locale() -> Locale:
    """Babel's locale for the language in force; English where Babel has none such."""
    return _locale_of(i18n.language())


def money(amount: Decimal | int | None) -> str:
    """An amount in pesos to the cent, `$1,234.50`; nothing for None."""
    if amount is None:
        return ""
    if not Decimal(amount).is_finite():
        return str(amount)
    from babel.numbers import format_currency

    return format_currency(amount, CURRENCY, locale=locale())


def number(value: Decimal | int | None, digits: int | None = None) -> str:
    """A number with the reader's separators.

    Args:
        value: None shows as nothing.
        digits: decimals, always that many; without it as many as the value needs, three at most.
    """
    if value is None:
        return ""
    if not Decimal(value).is_finite():
        return str(value)
    from babel.numbers import format_decimal

    pattern = "#,##0.###" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=locale())


def volume(cubic_metres: Decimal | int | None) -> str:
    """Water, `12.5 m³`; nothing for None."""
    return "" if cubic_metres is None else f"{number(cubic_metres)} m³"


def percent(fraction: Decimal | float | None, digits: int = 0) -> str:
    """A fraction as per cent: 0.16 is `16%`."""
    if fraction is None:
        return ""
    if not Decimal(fraction).is_finite():
        return str(fraction)
    from babel.numbers import format_percent

    return format_percent(fraction, format="#,##0" + ("." + "0" * digits if digits else "") + "%", locale=locale())


def day(value: dt.date | None) -> str:
    """A date, `15 mar 2025`; a moment counts as the day it is in Querétaro."""
    if value is None:
        return ""
    from babel.dates import format_date

    if isinstance(value, dt.datetime):
        value = _local(value).date()
    return format_date(value, format="medium", locale=locale())


def month(value: dt.date | None) -> str:
    """The month of a billing period, `mar 2025`."""
    if value is None:
        return ""
    from babel.dates import format_skeleton

    if isinstance(value, dt.datetime):
        value = _local(value).date()
    # format_skeleton takes a date as well; its type says only what it was first written for.
    return format_skeleton("yMMM", dt.datetime(value.year, value.month, 1), locale=locale())  # noqa: DTZ001


def moment(value: dt.datetime | None) -> str:
    """Date and time in Querétaro, `15 mar 2025, 14:05`."""
    if value is None:
        return ""
    clock = _local(value)
    return f"{day(clock.date())}, {clock:%H:%M}"


def _local(value: dt.datetime) -> dt.datetime:
    try:
        return value if value.tzinfo is None else value.astimezone(TIME_ZONE)
    except OverflowError:  # the first or last day of the calendar
        return value
