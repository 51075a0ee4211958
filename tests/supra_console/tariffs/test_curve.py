"""At which consumptions one looks at a tariff, and that the curve says there what the bill says."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console.documents.billing import TariffInsert
from supra_console.errors import InvalidInput
from supra_console.tariffs.curve import Point, curve, fixed_test_set, reach
from supra_console.tariffs.rating import LARGEST, LITRE, Mode, rate
from supra_console.tariffs.rules import examine
from tests.supra_console.tariffs.tariffs_made import (
    CONSUMPTIONS,
    METER,
    SEWERAGE,
    TREATMENT,
    block,
    raw,
    sound_tariffs,
    tariff,
)

D = Decimal


def test_the_test_set_of_the_plans_tariff() -> None:
    assert fixed_test_set(tariff()) == tuple(map(D, ["0", "10", "10.001", "20", "20.001", "40", "40.001", "1000"]))
    assert fixed_test_set(tariff(blocks=[block(0, None, 5)])) == (D(0), D(1000))
    wide = tariff(blocks=[block(0, 500, 5), block(500, None, 6)])
    assert fixed_test_set(wide) == (D(0), D(500), D("500.001"), D(5000))


def test_the_curve_of_the_plans_tariff() -> None:
    assert curve(tariff(), D(30)) == (
        Point(D(0), D("45.00")),
        Point(D("0.001"), D("45.01")),
        Point(D(10), D("100.00")),
        Point(D("10.001"), D("100.01")),
        Point(D(20), D("187.50")),
        Point(D("20.001"), D("187.52")),  # 187.5153
        Point(D(30), D("340.50")),
    )


@given(made=sound_tariffs(), up_to=CONSUMPTIONS, social=st.booleans())
def test_every_point_is_the_bill(made: TariffInsert, up_to: Decimal, social: bool) -> None:
    points = curve(made, up_to, social=social)
    assert [point.m3 for point in points] == sorted({point.m3 for point in points})
    assert (points[0].m3, points[-1].m3) == (D(0), up_to)
    for point in points:
        assert point.total == rate(made, point.m3, social=social).total


@given(made=sound_tariffs(), data=st.data())
def test_between_two_points_the_bill_is_a_straight_line(made: TariffInsert, data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(list(pairwise(curve(made, reach(made, None))))))
    litres = data.draw(st.integers(0, int((other.m3 - one.m3) / LITRE)))
    m3 = one.m3 + litres * LITRE
    straight = one.total + (other.total - one.total) * (m3 - one.m3) / (other.m3 - one.m3)
    roundings = 3 * (1 + len(made.additional_concepts)) * (1 + len(made.additional_concepts)) * D("0.01")
    assert abs(rate(made, m3).total - straight) <= roundings


@given(made=sound_tariffs())
def test_both_sides_of_each_limit_are_on_the_curve_and_in_the_test_set(made: TariffInsert) -> None:
    sides = {one.to_m3 + beyond for one in made.blocks if one.to_m3 is not None for beyond in (D(0), LITRE)}
    assert sides <= {point.m3 for point in curve(made, reach(made, None))}
    assert sides <= set(fixed_test_set(made))
    for m3 in fixed_test_set(made):
        rate(made, m3)


def test_a_curve_reaches_beyond_the_last_limit_of_both() -> None:
    wide = tariff(blocks=[block(0, 100, 5), block(100, None, 6)])
    assert reach(tariff(), None) == 60
    assert reach(tariff(), wide) == reach(wide, tariff()) == 150
    assert reach(None, None) == 30
    assert reach(tariff(blocks=[block(0, "0.001", 5), block("0.001", None, 6)]), None) == 30


def test_limits_as_large_as_a_column_holds_do_not_break_it() -> None:
    huge = tariff(blocks=[block(0, "999999999999.99", 5), block("999999999999.99", None, 6)])
    assert reach(huge, None) == LARGEST
    assert max(fixed_test_set(huge)) == LARGEST
    assert curve(huge, LARGEST)[-1].m3 == LARGEST


@pytest.mark.parametrize("up_to", [D(-1), D("NaN"), D("1E+9")])
def test_a_curve_goes_as_far_as_a_bill(up_to: Decimal) -> None:
    with pytest.raises(InvalidInput):
        curve(tariff(), up_to)


# ── Speed ─────────────────────────────────────────────────────────────────────────────────


def fifty(mode: Mode) -> dict[str, object]:
    blocks = [
        block(10 * number, 10 * number + 10 if number < 49 else None, 0 if mode is Mode.FLAT else number, 1000 * number)
        for number in range(50)
    ]
    return raw(
        blocks=blocks, rating_mode=mode.value, additional_concepts=[SEWERAGE, TREATMENT, METER], iva_applicable=True
    )


def milliseconds(work: Callable[[], object]) -> float:
    """Of this process's own time: other tests may be running."""
    taken = []
    for _turn in range(15):
        begin = time.process_time()
        work()
        taken.append((time.process_time() - begin) * 1000)
    return median(taken)


@pytest.mark.parametrize("mode", Mode)
def test_fifty_blocks_are_judged_and_drawn_between_two_keystrokes(mode: Mode) -> None:
    values = fifty(mode)
    made = examine(values).tariff
    assert made is not None
    up_to = reach(made, None)
    assert milliseconds(lambda: examine(values)) + milliseconds(lambda: curve(made, up_to)) < 10
