"""What a consumption costs: the four modes, discount, concepts, IVA and rounding, and what a bill remembers of it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console import jsonb
from supra_console.documents import dump, parse
from supra_console.documents.billing import TariffInsert, WaterDetail
from supra_console.errors import InvalidInput
from supra_console.tariffs.curve import fixed_test_set
from supra_console.tariffs.rating import LITRE, WATER, Mode, Step, rate, tariff_details, waters
from tests.supra_console.tariffs.tariffs_made import (
    CONSUMPTIONS,
    METER,
    SEWERAGE,
    TREATMENT,
    block,
    sound_tariffs,
    tariff,
)

D = Decimal


# ── Blocks ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("m3", "total"),
    [
        ("0", "45.00"),  # the first block's fixed charge
        ("0.001", "45.01"),  # 45 + 0.0055
        ("1", "50.50"),
        ("10", "100.00"),  # 45 + 10 x 5.50: the limit belongs to the block it ends
        ("10.001", "100.01"),  # 100 + 0.00875
        ("11", "108.75"),
        ("20", "187.50"),  # 100 + 10 x 8.75
        ("40", "493.50"),  # 187.50 + 20 x 15.30
        ("100", "1993.50"),  # 493.50 + 60 x 25
        ("9999999.999", "249999493.48"),  # 493.50 + 9,999,959.999 x 25 = 249,999,493.475
    ],
)
def test_the_plans_example(m3: str, total: str) -> None:
    assert rate(tariff(), D(m3)).total == D(total)


THREE = [block(0, 10, "5", "50"), block(10, 20, "11", "100"), block(20, None, "16", "210")]
FLAT = [block(0, 10, 0, "50"), block(10, 20, 0, "110.50"), block(20, None, 0, "400")]


@pytest.mark.parametrize(
    ("mode", "m3", "total"),
    [
        # price and charge of every block entered
        ("accumulated", "0", "50.00"),
        ("accumulated", "10", "100.00"),
        ("accumulated", "12", "222.00"),  # 50 + 10 x 5 + 100 + 2 x 11
        ("accumulated", "30", "680.00"),  # 100 + 100 + 110 + 210 + 160
        # the block reached prices all m³
        ("reached_block", "0", "50.00"),
        ("reached_block", "10", "100.00"),
        ("reached_block", "12", "232.00"),  # 12 x 11 + 100
        ("reached_block", "30", "690.00"),  # 30 x 16 + 210
        # its charge, and its price above its lower limit
        ("base_plus_excess", "0", "50.00"),
        ("base_plus_excess", "10", "100.00"),
        ("base_plus_excess", "12", "122.00"),  # 100 + 2 x 11
        ("base_plus_excess", "30", "370.00"),  # 210 + 10 x 16
    ],
)
def test_the_modes_make_different_bills_of_the_same_blocks(mode: str, m3: str, total: str) -> None:
    assert rate(tariff(blocks=THREE, rating_mode=mode), D(m3)).total == D(total)


@pytest.mark.parametrize(
    ("m3", "total"), [("0", "50"), ("10", "50"), ("10.001", "110.50"), ("20.5", "400"), ("9000", "400")]
)
def test_a_flat_charge_is_all_of_it(m3: str, total: str) -> None:
    assert rate(tariff(blocks=FLAT, rating_mode="flat"), D(m3)).total == D(total)


def test_every_step_says_what_it_priced() -> None:
    steps = rate(tariff(), D("12.345")).steps
    assert steps == (
        Step(D(0), D(10), D(10), D("5.50"), D("45.00"), D("100.00")),
        Step(D(10), D(20), D("2.345"), D("8.75"), D(0), D("20.51875")),
    )
    (reached,) = rate(tariff(blocks=THREE, rating_mode="reached_block"), D(12)).steps
    assert (reached.m3, reached.amount) == (D(12), D(232))
    (above,) = rate(tariff(blocks=THREE, rating_mode="base_plus_excess"), D(12)).steps
    assert (above.m3, above.amount) == (D(2), D(122))


def oracle(made: TariffInsert, m3: Decimal) -> Fraction:
    """The water by the words of each mode, without looking at how it is reckoned."""
    volume = Fraction(m3)
    reached = Fraction(0)
    for one in made.blocks:
        start, price, charge = map(Fraction, (one.from_m3, one.price_per_m3, one.fixed_charge))
        inside = one.to_m3 is None or m3 <= one.to_m3
        if m3 > one.from_m3 or (m3 == 0 and start == 0):
            match made.rating_mode:
                case "accumulated":
                    reached += charge + price * ((volume if inside else Fraction(one.to_m3 or 0)) - start)
                case "reached_block" if inside:
                    reached = charge + price * volume
                case "base_plus_excess" if inside:
                    reached = charge + price * (volume - start)
                case "flat" if inside:
                    reached = charge
    return reached


def half_up(amount: Fraction) -> Decimal:
    return D((amount * 100 + Fraction(1, 2)).__floor__()).scaleb(-2)


@given(made=sound_tariffs(), m3=CONSUMPTIONS, social=st.booleans())
def test_a_bill_is_what_the_words_of_its_mode_say(made: TariffInsert, m3: Decimal, social: bool) -> None:
    bill = rate(made, m3, social=social)
    gross = half_up(oracle(made, m3))
    pct = made.social_discount_pct if social else None
    amounts = {WATER: gross - half_up(Fraction(gross) * Fraction(pct or 0) / 100)}
    rates = {WATER: made.iva_rate if made.iva_applicable else D(0)}
    for concept in made.additional_concepts:
        base = WATER if concept.base in (None, "agua", "WATER") else str(concept.base)
        part = Fraction(concept.value)
        amounts[concept.code] = half_up(part * Fraction(amounts[base]) / 100 if concept.type == "percentage" else part)
        rates[concept.code] = rates[WATER] if concept.iva_rate is None else concept.iva_rate
    assert (bill.gross, bill.water, bill.discount) == (gross, amounts[WATER], gross - amounts[WATER])
    assert {line.code: line.amount for line in bill.lines} == amounts
    iva = {code: half_up(Fraction(amounts[code]) * Fraction(rates[code])) for code in amounts}
    assert {line.code: line.iva for line in bill.lines} == iva
    assert bill.total == sum(amounts.values()) + sum(iva.values())
    assert (bill.subtotal, bill.iva, bill.concepts) == (
        sum(amounts.values()), sum(iva.values()), sum(amounts.values()) - amounts[WATER],
    )  # fmt: skip


@given(made=sound_tariffs(), one=CONSUMPTIONS, other=CONSUMPTIONS, social=st.booleans())
def test_more_water_never_costs_less(made: TariffInsert, one: Decimal, other: Decimal, social: bool) -> None:
    less, more = sorted((one, other))
    assert rate(made, less, social=social).total <= rate(made, more, social=social).total


@given(made=sound_tariffs(), at=st.lists(CONSUMPTIONS, max_size=30))
def test_many_consumptions_at_once_cost_what_each_costs(made: TariffInsert, at: list[Decimal]) -> None:
    at = sorted({*at, *fixed_test_set(made)})
    assert list(waters(made, at)) == [rate(made, m3).gross for m3 in at]


@pytest.mark.parametrize(
    "made",
    [
        [block(0, 10, 1), block(20, None, 2)],
        [block(0, 10, 1), block(5, 8, 3), block(7, None, 2)],
        [block(20, None, 2), block(0, 10, 1)],
        [block(5, 10, 1, 9)],
    ],
    ids=["gap", "overlap", "out of order", "neither begin nor end"],
)
@pytest.mark.parametrize("mode", Mode)
def test_what_is_not_sound_is_rated_as_far_as_it_goes(made: list[Any], mode: Mode) -> None:
    broken = tariff(blocks=made, rating_mode=mode.value)
    at = [D(0), D("0.001"), D(5), D(7), D(8), D(10), D("10.001"), D(15), D(20), D(21)]
    assert list(waters(broken, at)) == [rate(broken, m3).gross for m3 in at]


@pytest.mark.parametrize(
    "m3",
    [D("-0.001"), D("1.0001"), D("NaN"), D("sNaN"), D("Infinity"), D("1E+7"), D("9" * 5000), "abc", None, 1.5, True],
    ids=lambda m3: str(m3)[:9],
)
def test_a_consumption_that_cannot_be_billed_is_refused(m3: Any) -> None:
    with pytest.raises(InvalidInput):
        rate(tariff(), m3)


# ── Discount, concepts, IVA ───────────────────────────────────────────────────────────────


def test_the_social_discount_is_taken_off_the_water_before_the_concepts() -> None:
    made = tariff(social_discount_pct=D("12.5"), additional_concepts=[SEWERAGE])
    bill = rate(made, D(11), social=True)
    assert (bill.gross, bill.discount, bill.water) == (D("108.75"), D("13.59"), D("95.16"))  # 13.59375
    assert bill.lines[1].amount == D("9.52")  # 10% of 95.16, half up
    assert rate(made, D(11)).discount_pct is None, "without the social tariff there is none"
    assert rate(tariff(), D(11), social=True).discount == 0, "nor where the tariff has none"


def test_concepts_are_worked_out_in_their_order_and_rounded_each() -> None:
    chain = [
        SEWERAGE | {"iva_rate": D("0.16")},
        TREATMENT | {"base": "alcantarillado"},
        METER | {"iva_rate": D("0.08")},
        SEWERAGE | {"code": "obra", "base": "medidor", "value": D("0.5")},
    ]
    bill = rate(tariff(additional_concepts=chain, iva_applicable=True), D(11))
    assert [(line.code, line.base, line.base_amount, line.amount, line.iva_rate, line.iva) for line in bill.lines] == [
        ("agua", None, None, D("108.75"), D("0.16"), D("17.40")),
        ("alcantarillado", "agua", D("108.75"), D("10.88"), D("0.16"), D("1.74")),  # 10.875, 1.7408
        ("saneamiento", "alcantarillado", D("10.88"), D("1.31"), D("0.16"), D("0.21")),  # 1.3056; the water's rate
        ("medidor", None, None, D("7.25"), D("0.08"), D("0.58")),
        ("obra", "medidor", D("7.25"), D("0.04"), D("0.16"), D("0.01")),  # 0.03625, 0.0064
    ]
    assert (bill.subtotal, bill.iva, bill.total) == (D("128.23"), D("19.94"), D("148.17"))


@pytest.mark.parametrize("base", [None, "agua", "AGUA", "Water"])
def test_the_water_charge_has_two_names(base: str | None) -> None:
    assert rate(tariff(additional_concepts=[SEWERAGE | {"base": base}]), D(10)).lines[1].amount == D("10.00")


@pytest.mark.parametrize(
    ("applies", "iva_rate", "iva"),
    [(False, D("0.16"), "0"), (True, D("0.16"), "16"), (True, D(0), "0"), (True, None, "16")],
)
def test_iva_of_the_water_counts_where_it_applies(applies: bool, iva_rate: Decimal | None, iva: str) -> None:
    given_rate = {} if iva_rate is None else {"iva_rate": iva_rate}
    assert rate(tariff(iva_applicable=applies, **given_rate), D(10)).iva == D(iva)


def test_a_concept_worked_out_on_nothing_is_not_rated() -> None:
    with pytest.raises(InvalidInput):
        rate(tariff(additional_concepts=[SEWERAGE | {"base": "saneamiento"}, TREATMENT]), D(10))


# ── What an invoice keeps ─────────────────────────────────────────────────────────────────


@given(made=sound_tariffs(), m3=CONSUMPTIONS, social=st.booleans())
def test_the_making_of_each_line_is_kept_and_comes_back(made: TariffInsert, m3: Decimal, social: bool) -> None:
    bill = rate(made, m3, social=social)
    details = tariff_details(made, bill)
    assert [detail.amount for detail in details] == [line.amount for line in bill.lines]
    for detail in details:
        stored = jsonb.read(jsonb.dumps(dump("invoice_lines", "tariff_detail", detail)))
        assert parse("invoice_lines", "tariff_detail", stored) == detail
    water = details[0]
    assert isinstance(water, WaterDetail)
    assert water.mode == made.rating_mode
    assert sum(step.m3 * step.price_per_m3 + step.fixed_charge for step in water.steps) == sum(
        step.amount for step in water.steps
    )


def test_an_open_block_of_a_detail_stays_open() -> None:
    made = tariff()
    (detail,) = tariff_details(made, rate(made, D(50), social=True))
    raw = dump("invoice_lines", "tariff_detail", detail)
    assert raw["steps"][-1] == {
        "from_m3": 40, "to_m3": None, "m3": 10, "price_per_m3": 25, "fixed_charge": 0, "amount": 250,
    }  # fmt: skip
    assert "discount" not in raw


def test_a_litre_is_the_least_step() -> None:
    assert rate(tariff(), LITRE).m3 == D("0.001")
    assert rate(tariff(), D("0.0010000")).total == rate(tariff(), LITRE).total
