"""Do a tariff's IVA, its discount and the whole of it say what was meant?

All of these are warnings: rates are the law's to change, and somebody may mean what is unusual.

IVA: article 1 of the LIVA has the general rate, 16%; article 2-A has 0% for the supply of water for household use
(fraction II, h) and for nothing else that a utility charges; 8% is the border's, where article 2 once had a rate of its
own and decrees have one now.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from supra_console.documents.wording import Loc
from supra_console.editing.remarks import Remark, Weight
from supra_console.i18n import _
from supra_console.tariffs.rules.legible import Found, LegibleTariff, say

RATES: Final = frozenset((Decimal(0), Decimal("0.08"), Decimal("0.16")))
"""LIVA, article 2-A; the border's; article 1."""
HOUSEHOLDS: Final = frozenset(("domestica", "social", "rural"))
"""Categories whose water bears IVA at 0%, which is not the same as bearing none."""


def levies(tariff: LegibleTariff) -> Found:
    """IVA at a rate there is, where it applies; a discount that is one; something to pay."""
    yield from _iva(tariff)
    discount = tariff.social_discount_pct
    if discount is not None and 0 < discount < 1:
        yield _warn(("social_discount_pct",), _("is less than 1%: half is written 50, not 0.50"), "low_percentage")
    if tariff.blocks and _charges_nothing(tariff):
        yield _warn(("blocks",), _("charge nothing, and no concept does: every bill is 0.00"), "charges_nothing")


def _iva(tariff: LegibleTariff) -> Found:
    applies, rate = tariff.iva_applicable, tariff.iva_rate
    if applies is False and rate:
        yield _warn(("iva_rate",), _("is not charged: IVA does not apply to the water"), "idle_iva")
    elif applies and rate is not None and rate not in RATES:
        yield _unusual(("iva_rate",))
    elif applies and rate == 0 and tariff.category is not None and tariff.category not in HOUSEHOLDS:
        yield _warn(
            ("iva_rate",), _("is 0 where IVA applies: only water for households bears 0% (LIVA art. 2-A)"), "idle_iva"
        )
    for number, concept in enumerate(tariff.concepts):
        path = ("additional_concepts", number, "iva_rate")
        if concept.iva_rate is not None and concept.iva_rate not in RATES:
            yield _unusual(path)
        if not concept.iva_named and (applies is False or rate == 0) and (concept.percentage or concept.fixed):
            yield _warn(
                path,
                _("is empty, and the water bears no IVA: write 0.16 where this does (LIVA art. 1), or 0"),
                "no_iva_named",
            )


def _unusual(path: Loc) -> Remark:
    return _warn(path, _("is none of 0.16 (LIVA art. 1), 0 (art. 2-A) and 0.08 (the border's decree)"), "unusual_iva")


def _warn(path: Loc, message: str, code: str) -> Remark:
    return say(path, message, code, Weight.WARNING)


def _charges_nothing(tariff: LegibleTariff) -> bool:
    """Whether all amounts can be read and are 0."""
    fixed = [concept.value for concept in tariff.concepts if not concept.percentage]
    return all(block.price == 0 and block.charge == 0 for block in tariff.blocks) and all(value == 0 for value in fixed)
