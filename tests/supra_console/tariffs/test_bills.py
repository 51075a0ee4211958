"""Bills worked out by hand: the arithmetic is right, and the rating says the same to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from supra_console.tariffs.rating import rate, tariff_details
from supra_console.tariffs.rules import examine
from tests.supra_console.tariffs import arithmetic
from tests.supra_console.tariffs.bills import BILLS, TARIFFS, Hand

by_name = pytest.mark.parametrize("hand", BILLS, ids=lambda hand: f"{hand.tariff} {hand.m3}{' social' * hand.social}")


def test_there_are_at_least_sixty_of_all_kinds() -> None:
    assert len(BILLS) >= 60
    assert {hand.tariff for hand in BILLS} == set(TARIFFS)
    modes = {tariff.get("rating_mode", "accumulated") for tariff in TARIFFS.values()}
    assert modes == {"accumulated", "reached_block", "base_plus_excess", "flat"}


@by_name
def test_the_arithmetic_beside_each_bill_is_right(hand: Hand) -> None:
    assert arithmetic.check(hand.arithmetic)[-1] == Decimal(hand.total)
    # the parts make the whole
    parts = [Decimal(part) for part in [hand.water, *hand.concepts.split(), hand.iva]]
    assert sum(parts) == Decimal(hand.total)


@pytest.mark.parametrize("name", TARIFFS)
def test_each_tariff_is_sound(name: str) -> None:
    assert examine(TARIFFS[name]).sound


@by_name
def test_the_rating_says_what_the_pencil_says(hand: Hand) -> None:
    tariff = examine(TARIFFS[hand.tariff]).tariff
    assert tariff is not None
    bill = rate(tariff, Decimal(hand.m3), social=hand.social)
    assert [str(line.amount) for line in bill.lines] == [hand.water, *hand.concepts.split()]
    assert (str(bill.water), str(bill.iva), str(bill.total)) == (hand.water, hand.iva, hand.total)
    assert bill.gross - bill.discount == bill.water
    # every step is kept for the invoice, and adds up to the line
    details = tariff_details(tariff, bill)
    assert [detail.amount for detail in details] == [line.amount for line in bill.lines]
    assert sum((step.amount for step in bill.steps), Decimal(0)).quantize(Decimal("0.01"), ROUND_HALF_UP) == bill.gross
