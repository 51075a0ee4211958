"""What goes over all blocks of a sheet at once: closing gaps, other limits, other prices?"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs.sheet import LITRE, Sheet, gapless, value, written

_PRICE: Final = Decimal("0.0001")
_CENT: Final = Decimal("0.01")


def joined(sheet: Sheet) -> Sheet:
    """Each block begins where the one before ends, where it is printed as the next one: 0-10, 11-20, 21-30.

    A consumption of 10.5 m³ belongs to the second block, so it begins at 10. The first begins at 0. A block that
    begins more than a m³ further on, or before the other ends, is for a person to decide and stays.
    """
    blocks = list(sheet.blocks)
    for place, block in enumerate(blocks):
        before = "0" if place == 0 else blocks[place - 1].to_m3
        end, start = value(before), value(block.from_m3)
        if end is not None and start is not None and 0 < start - end <= 1:
            blocks[place] = replace(block, from_m3=before)
    return replace(sheet, blocks=tuple(blocks))


def scale_limits(sheet: Sheet, factor: Decimal) -> Sheet:
    """All limits times a factor: a bimestral tariff's are twice the monthly ones. Prices and charges stay.

    Raises:
        InvalidInput: a limit cannot be read, or the factor is not above zero, or makes two limits one.
    """
    if not factor.is_finite() or factor <= 0:
        raise InvalidInput(_("Limits cannot be scaled"), _("The factor must be more than zero."))

    def scaled(text: str) -> str:
        if not text.strip():
            return text
        number = value(text)
        if number is None:
            raise InvalidInput(_("Limits cannot be scaled"), _("One of them is not a number yet."))
        product = (number * factor).quantize(LITRE, ROUND_HALF_UP)
        return written(product.quantize(Decimal(1)) if product == product.to_integral_value() else product.normalize())

    blocks = tuple(replace(one, from_m3=scaled(one.from_m3), to_m3=scaled(one.to_m3)) for one in sheet.blocks)
    if gapless(sheet.blocks) and not gapless(blocks):
        raise InvalidInput(_("Limits cannot be scaled"), _("Two limits would become one."))
    return replace(sheet, blocks=blocks)


def raise_prices(sheet: Sheet, percent: Decimal) -> Sheet:
    """All prices and fixed charges of the blocks so many per cent up, or down: half up to 4 and to 2 decimals.

    Concepts stay: those of so many per cent go up with the water.

    Raises:
        InvalidInput: a price cannot be read, or nothing would be left of it.
    """
    if not percent.is_finite() or percent <= -100:
        raise InvalidInput(_("Prices cannot be changed"), _("Write more than -100 per cent."))
    factor = 1 + percent / 100

    def raised(text: str, unit: Decimal) -> str:
        if not text.strip():
            return text
        number = value(text)
        if number is None:
            raise InvalidInput(_("Prices cannot be changed"), _("One of them is not a number yet."))
        return written((number * factor).quantize(unit, ROUND_HALF_UP)) if number else text

    blocks = tuple(
        replace(one, price_per_m3=raised(one.price_per_m3, _PRICE), fixed_charge=raised(one.fixed_charge, _CENT))
        for one in sheet.blocks
    )
    return replace(sheet, blocks=blocks)
