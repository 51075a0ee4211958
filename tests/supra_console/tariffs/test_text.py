"""How tariffs and bills read as text: amounts below one another, by their points."""

from __future__ import annotations

from decimal import Decimal

from supra_console.tariffs import text
from supra_console.tariffs.rating import rate
from tests.supra_console.tariffs.tariffs_made import block, tariff

BLOCKS = [block(0, 10, 0, "1045.00"), block(10, None, "28.1805")]


def test_prices_of_a_tariff_stand_below_one_another() -> None:
    lines = text.tariff(tariff(blocks=BLOCKS)).splitlines()
    first, second = (line for line in lines if "0.0000" in line or "28.1805" in line)
    assert first.index("0.0000") + 6 == second.index("28.1805") + 7
    assert "1,045.00" in first
    assert "$" not in first + second


def test_the_steps_of_a_bill_are_in_one_form() -> None:
    lines = text.bill(rate(tariff(blocks=BLOCKS), Decimal("12.345"))).splitlines()
    steps = lines[lines.index("") + 2 : lines.index("", 2)]
    assert len(steps) == 2
    assert [line.rstrip().endswith(end) for line, end in zip(steps, ("1,045.0000000", "66.0832725"), strict=True)]
    assert {line.rstrip()[-8] for line in steps} == {"."}
    assert "$" not in "".join(steps)
