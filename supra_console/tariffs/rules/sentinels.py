"""Is a number a real one, or does it stand for "none" in another program's price list?"""

from __future__ import annotations

import re
from decimal import Decimal

from supra_console.i18n import _
from supra_console.tariffs.register import LAST_YEAR
from supra_console.tariffs.rules.legible import Found, LegibleTariff, say

# The upper limit that stands for "no limit" in price lists of other programs, and the amount for "not set". A limit of
# 9999 m³ does; a charge of 9,999.99 is one.
_LIMIT = re.compile(r"9{4,}(\.9+)?")
_AMOUNT = re.compile(r"9{5,}(\.9+)?")
_TOO_MUCH = Decimal(1_000_000)


def sentinels(tariff: LegibleTariff) -> Found:
    """No number that stands for "none"."""
    for number, block in enumerate(tariff.blocks):
        if _is_sentinel(block.to_m3, _LIMIT):
            yield say(
                ("blocks", number, "to_m3"),
                _("must be a real limit: leave it empty where the block has no end"),
                "sentinel",
            )
        for name, amount in (("price_per_m3", block.price), ("fixed_charge", block.charge)):
            if _is_sentinel(amount, _AMOUNT):
                yield say(
                    ("blocks", number, name), _("must be a real amount, not a row of nines or a million"), "sentinel"
                )
    for number, concept in enumerate(tariff.concepts):
        if not concept.percentage and _is_sentinel(concept.value, _AMOUNT):
            yield say(
                ("additional_concepts", number, "value"),
                _("must be a real amount, not a row of nines or a million"),
                "sentinel",
            )
    if tariff.effective_until is not None and tariff.effective_until.year > LAST_YEAR:
        yield say(("effective_until",), _("must be a real day: leave it empty where the tariff has no end"), "sentinel")


def _is_sentinel(number: Decimal | None, nines: re.Pattern[str]) -> bool:
    if number is None or number < 9999:
        return False
    return number >= _TOO_MUCH or nines.fullmatch(f"{number.normalize():f}") is not None
