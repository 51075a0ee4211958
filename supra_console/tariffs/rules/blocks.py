"""Do a tariff's blocks price each consumption once, with real numbers, in a bill that never falls?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from supra_console.editing.remarks import Weight
from supra_console.i18n import _
from supra_console.tariffs.rating import LITRE, Mode, cents, volume_in
from supra_console.tariffs.rules.legible import Found, LegibleBlock, say


def limits(blocks: Sequence[LegibleBlock]) -> Found:
    """From 0 on, each consumption in exactly one block."""
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        if number == 0 and block.from_m3:
            yield say(
                ("blocks", 0, "from_m3"), _("must be 0: the first block begins with the first litre"), "not_from_zero"
            )
        if block.to_m3 is not None and block.from_m3 is not None and block.to_m3 <= block.from_m3:
            yield say(
                ("blocks", number, "to_m3"), _("must be more than the m³ the block starts from, or empty"), "order"
            )
        if block.open and not last:
            yield say(
                ("blocks", number, "to_m3"), _("is missing: only the last block is open, without an end"), "open_inside"
            )
        if last and block.to_m3 is not None:
            yield say(
                ("blocks", number, "to_m3"), _("must be empty: the last block is open, without an end"), "not_open"
            )
    for number, (one, after) in enumerate(pairwise(blocks), 1):
        if one.to_m3 is None or after.from_m3 is None:
            continue
        if after.from_m3 > one.to_m3:
            yield say(
                ("blocks", number, "from_m3"),
                _("must be where the block before ends: between the two, m³ have no price"),
                "gap",
            )
        elif after.from_m3 < one.to_m3:
            yield say(
                ("blocks", number, "from_m3"),
                _("must be where the block before ends: some m³ have two prices"),
                "overlap",
            )


def prices(blocks: Sequence[LegibleBlock], mode: Mode | None) -> Found:
    """The bill never falls as consumption rises; a price that does is worth a look."""
    for number, block in enumerate(blocks):
        if mode is Mode.FLAT and block.price:
            yield say(
                ("blocks", number, "price_per_m3"),
                _("must be 0: where the charge is flat, the fixed charge is all of it"),
                "flat_price",
            )
    for number, (one, after) in enumerate(pairwise(blocks), 1):
        if mode is not None and _falls(one, after, mode):
            yield say(
                ("blocks", number, "price_per_m3" if mode is Mode.REACHED_BLOCK else "fixed_charge"),
                _("must be more: the bill falls where this block begins, so that using more water costs less"),
                "falling_bill",
            )
        elif one.price is not None and after.price is not None and after.price < one.price:
            yield say(
                ("blocks", number, "price_per_m3"),
                _("is less than in the block before: the more is used, the less a m³ costs"),
                "falling_price",
                Weight.WARNING,
            )


def _falls(one: LegibleBlock, after: LegibleBlock, mode: Mode) -> bool:
    """Whether the first litre of a block makes the bill less than the last of the block before.

    Within a block no bill falls, and none of its lines does where the water does not.
    """
    limit = one.to_m3
    if mode is Mode.ACCUMULATED or limit is None or limit != after.from_m3:
        return False
    before, then = _water(one, limit, mode), _water(after, limit + LITRE, mode)
    return before is not None and then is not None and then < before


def _water(block: LegibleBlock, m3: Decimal, mode: Mode) -> Decimal | None:
    """What a consumption that reaches this block pays for its water, in a mode that looks at no other."""
    if block.from_m3 is None or block.price is None or block.charge is None:
        return None
    return cents(volume_in(block.from_m3, block.to_m3, mode, m3) * block.price + block.charge)
