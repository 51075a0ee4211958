"""A rate of the Open Water Rate Specification is taken wholly and to the cent, or refused with field and reason."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supra_console.display import is_safe
from supra_console.documents.base import DocumentError
from supra_console.documents.billing import TariffInsert
from supra_console.errors import InvalidInput
from supra_console.tariffs import files
from supra_console.tariffs.files import Format, owrs
from supra_console.tariffs.rating import Mode, rate
from supra_console.tariffs.rules import examine
from tests.supra_console.tariffs.tariffs_made import CONSUMPTIONS, block, sound_tariffs, tariff

RATE = """---
metadata:
  effective_date: 2026-01-01
  utility_name: "Example Water District"
  bill_frequency: Bimonthly
  bill_unit: m3
rate_structure:
  RESIDENTIAL_SINGLE:
    service_charge: 45.00
    tier_starts: [0, 10, 20]
    tier_prices:
      - 5.50
      - 8.75
      - 15.30
    commodity_charge: Tiered
    sewer: 0.1*water_charge
    sewage_works: 0.2*sewer
    meter: 7.25
    fixed_drought_surcharge: 0
    water_charge: service_charge+commodity_charge
    iva: 0.16*(sewer+meter)
    bill: water_charge+sewer+sewage_works+meter+fixed_drought_surcharge+iva
  IRRIGATION:
    commodity_charge: 2.1*usage
    bill: commodity_charge
"""


def read_back(written: str) -> TariffInsert:
    found = examine(files.parse(written, Format.OWRS).raw)
    assert found.tariff is not None, found.remarks
    return found.tariff


def problems(text: str) -> dict[str, str]:
    with pytest.raises(DocumentError) as caught:
        files.parse(text, Format.OWRS)
    return {problem.where: problem.message for problem in caught.value.problems}


@given(made=sound_tariffs(Mode.ACCUMULATED), m3=CONSUMPTIONS)
@settings(max_examples=60, deadline=None)
def test_what_fits_owrs_costs_the_same_when_read_back(made: TariffInsert, m3: Decimal) -> None:
    try:
        written = owrs.write(made)
    except InvalidInput:
        assert any(one.fixed_charge for one in made.blocks[1:])
        return
    back = read_back(written.text)
    assert rate(back, m3).total == rate(made, m3).total


def test_a_rate_with_tiers_is_a_tariff() -> None:
    reading = files.parse(RATE, Format.OWRS)
    found = examine(reading.raw)
    assert found.sound, found.remarks
    made = found.tariff
    assert made is not None
    assert (made.category, made.billing_period, made.effective_from.isoformat()) == (
        "domestica", "bimestral", "2026-01-01",
    )  # fmt: skip
    bill = rate(made, Decimal(11))
    # 45.00 + 10 x 5.50 + 8.75 = 108.75; 10% = 10.88; 20% of it = 2.18; 7.25; IVA 1.74 + 1.16
    assert [str(line.amount) for line in bill.lines] == ["108.75", "10.88", "2.18", "7.25"]
    assert (bill.iva, bill.total) == (Decimal("2.90"), Decimal("131.96"))
    assert any("IRRIGATION" in note for note in reading.notes)


def test_the_specification_s_simplest_example_fits_when_it_is_in_cubic_metres() -> None:
    text = (
        "metadata:\n  effective_date: 2016-01-01\n  utility_name: Example Water District\n  bill_frequency: monthly\n"
        "  bill_unit: m3\nrate_structure:\n  RESIDENTIAL_SINGLE:\n    - commodity_charge: 2.1*usage\n"
        "    - bill: commodity_charge\n"
    )
    found = examine(files.parse(text, Format.OWRS).raw)
    assert found.tariff is not None
    assert rate(found.tariff, Decimal(10)).total == Decimal("21.00")
    assert "bill_unit" in problems(text.replace("  bill_unit: m3\n", ""))
    assert "bill_unit" in problems(text.replace("m3", "ccf"))


@pytest.mark.parametrize(
    ("before", "after", "field", "message"),
    [
        ("45.00", "{depends_on: meter_size, values: {small: 1}}", "service_charge", "depends on"),
        ("[0, 10, 20]", "{depends_on: season, values: {Winter: [0]}}", "tier_starts", "depends on"),
        ("[0, 10, 20]", "[0, indoor, 125%]", "tier_starts", "digits and a point"),
        ("[0, 10, 20]", "[0, 10]", "tier_prices", "as many as the tiers"),
        ("[0, 10, 20]", "10", "tier_starts", "must be a list"),
        ("Tiered", "Budget", "commodity_charge", "must be Tiered"),
        ("Bimonthly", "fortnightly", "bill_frequency", "must be one of"),
        ("0.2*sewer", "0.2*commodity_charge", "sewage_works", "whole water charge"),
        ("meter: 7.25", "meter: hhsize*3", "meter", "must be an amount"),
        ("0.16*(sewer+meter)", "16*sewer/100", "iva", "is no sum of numbers"),
        ("0.16*(sewer+meter)", "0.16", "iva", "rates times charges"),
        ("bill: water_charge+", "bill: ", "bill", "commodity charge"),
        ("bill: water_charge+", "bill: commodity_charge+", "bill", "leaves out the service charge"),
        ("bill: water_charge+", "bill: water_charge+service_charge+", "bill", "twice"),
        (": service_charge+commodity_charge", ": 2*commodity_charge", "water_charge", "must be the service charge"),
        (": service_charge+commodity_charge", ": commodity_charge", "water_charge", "must be the service charge"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_field(before: str, after: str, field: str, message: str) -> None:
    assert before in RATE
    found = problems(RATE.replace(before, after))
    assert field in found
    assert message in found[field]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "metadata: 1\nrate_structure: 2",
        "a: [1",
        "{a: 1, a: 2}",
        "x: &a [1]\ny: *a",
        "a: !!python/object/apply:os.system ['true']",
        "[" * 3000,
        "a:\n" + "  - 1\n" * 30_000,
        "\n" * 1_000_000,
        "\x00",
        RATE.replace("RESIDENTIAL_SINGLE", "RESIDENTIAL_MULTI"),
        RATE.replace("IRRIGATION", "COMMERCIAL"),
    ],
)
def test_what_is_no_owrs_or_several_is_refused_whole(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        files.parse(text, Format.OWRS)
    assert not isinstance(caught.value, DocumentError)
    assert is_safe(str(caught.value))


def test_one_class_of_several_is_named() -> None:
    several = RATE.replace("IRRIGATION", "COMMERCIAL")
    reading = files.parse(several, Format.OWRS, customer_class="COMMERCIAL")
    assert reading.raw["category"] == "comercial"
    assert any("RESIDENTIAL_SINGLE" in note for note in reading.notes)


def test_base_plus_excess_without_a_step_is_tiers_too() -> None:
    made = tariff(
        rating_mode="base_plus_excess", blocks=[block(0, 10, "5.50", "45.00"), block(10, None, "8.75", "100.00")]
    )
    assert rate(read_back(owrs.write(made).text), Decimal(11)).water == Decimal("108.75")


@pytest.mark.parametrize(
    "changes",
    [
        {"blocks": [block(0, 10, 1, 5), block(10, None, 2, 5)]},
        {"blocks": [block(0, 10, 1, 5), block(10, None, 2, 16)], "rating_mode": "base_plus_excess"},
        {"blocks": [block(0, 10, 1, 0), block(10, None, 2, 0)], "rating_mode": "reached_block"},
        {"blocks": [block(0, 10, 0, 5), block(10, None, 0, 6)], "rating_mode": "flat"},
    ],
)
def test_blocks_that_charge_otherwise_are_not_written_as_tiers(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="Open Water Rate Specification"):
        owrs.write(tariff(**changes))


def test_what_owrs_cannot_hold_is_said() -> None:
    made = tariff(category="rural", social_discount_pct=50, gazette_reference="La Sombra de Arteaga 12")
    notes = " ".join(owrs.write(made).notes)
    for word in ("discount", "Gazette", "customer class", "do not round"):
        assert word in notes


def owrs_rate(**lines: str) -> str:
    """The plan's first two blocks in OWRS, with other formulas."""
    body = {
        "service_charge": "45.00",
        "tier_starts": "[0, 10]",
        "tier_prices": "[5.50, 8.75]",
        "commodity_charge": "Tiered",
        "water_charge": "service_charge+commodity_charge",
        "alc": "0.1*water_charge",
        "iva": "0.16*alc",
        "bill": "water_charge+alc+iva",
    } | lines
    head = RATE.partition("  RESIDENTIAL_SINGLE:\n")[0] + "  RESIDENTIAL_SINGLE:\n"
    return head + "".join(f"    {name}: {formula}\n" for name, formula in body.items() if formula)


def owrs_total(text: str, m3: int) -> Decimal:
    return rate(read_back(text), Decimal(m3)).total


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        # 45.00 + 10 x 5.50 + 10 x 8.75 = 187.50; 16% is 30.00
        ({"iva": "0.16*(service_charge+commodity_charge)", "bill": "service_charge+commodity_charge+iva"}, "217.50"),
        ({"iva": "0.16*service_charge+0.16*commodity_charge", "bill": "water_charge+iva"}, "217.50"),
        ({"iva": "water_charge*0.16", "bill": "water_charge+iva"}, "217.50"),
        # and 10% of it 18.75, whose 16% are 3.00
        ({"iva": "0.16*(water_charge+alc)"}, "239.25"),
        ({"iva": "0.16*(service_charge+commodity_charge+alc)"}, "239.25"),
        ({"alc": "0.1*(commodity_charge+service_charge)"}, "209.25"),
        ({"alc": "alc_rate*water_charge", "alc_rate": "0.1"}, "209.25"),
        ({"water_charge": "", "alc": "0.1*(commodity_charge+service_charge)",
          "bill": "service_charge+commodity_charge+alc+iva"}, "209.25"),
        # without a service charge the commodity is all of the water: 142.50; 14.25; 2.28
        ({"service_charge": "", "water_charge": "", "alc": "0.1*commodity_charge",
          "bill": "commodity_charge+alc+iva"}, "159.03"),
        # one price: 45.00 + 20 x 1.97 = 84.40; 8.44; 1.35
        ({"commodity_charge": "flat_rate_commodity*usage", "flat_rate_commodity": "1.97"}, "94.19"),
        ({"commodity_charge": "1.97*usage_kl"}, "94.19"),
        # as all published files have it
        ({"service_charge": "\n      - 45.00"}, "209.25"),
        ({"tier_starts": "", "tier_prices": "", "tier_starts_commodity": "[0, 10]",
          "tier_prices_commodity": "[5.50, 8.75]"}, "209.25"),
    ],
)  # fmt: skip
def test_the_same_bill_is_said_in_other_formulas(lines: dict[str, str], total: str) -> None:
    assert owrs_total(owrs_rate(**lines), 20) == Decimal(total)


@pytest.mark.parametrize(
    ("lines", "field", "message"),
    [
        ({"iva": "0.16*acl"}, "iva", "is on acl, which is no charge of the bill (the file has “0.16*acl”)"),
        ({"iva": "0.16*(alc+reconexion)", "reconexion": "300.00"}, "iva", "is on reconexion, which is no charge"),
        ({"iva": "0.16*service_charge+0.08*commodity_charge"}, "iva", "not on a part of it"),
        ({"iva": "0.16*(commodity_charge+alc)"}, "iva", "not on a part of it"),
        ({"iva": "0.16*alc+0.08*alc"}, "iva", "adds up alc twice"),
        ({"iva": "0.16*alc+5"}, "iva", "rates times charges"),
        ({"iva": "0.16*alc-0.08*water_charge"}, "iva", "is no sum"),
        ({"iva": ""}, "iva", "is missing"),
        ({"bill": "water_charge+alc"}, "bill", "leaves out the IVA"),
        ({"bill": "water_charge+alc+alc+iva"}, "bill", "adds up alc twice"),
        ({"bill": "water_charge+2*alc+iva"}, "bill", "must add up"),
        ({"bill": "water_charge+alc+5+iva"}, "bill", "must add up"),
        ({"bill": "service_charge+commodity_charge+commodity_charge+alc"}, "bill", "adds up commodity_charge twice"),
        ({"bill": "water_charge+alc+san+iva"}, "san", "is missing"),
        ({"bill": ""}, "bill", "is missing"),
        ({"water_charge": "service_charge+commodity_charge+commodity_charge"}, "water_charge", "twice"),
        ({"water_charge": "water_charge"}, "water_charge", "must be the service charge"),
        ({"alc": "0.1*water_charge+3"}, "alc", "must be an amount"),
        ({"alc": "0.1*san"}, "alc", "earlier charge"),
        ({"alc": "water_charge*usage"}, "alc", "multiplies what are no plain numbers"),
        ({"alc": "0.1*(water_charge"}, "alc", "is no sum"),
        ({"alc": "1,000.00"}, "alc", "not digits and a point"),
        ({"alc": "[1, 2]"}, "alc", "not a list"),
        ({"alc": "((((((((((((1))))))))))))"}, "alc", "is no sum"),
        ({"alc": "1" + "+1" * 600}, "alc", "longer than any"),
        ({"commodity_charge": "2.1*usage_ccf"}, "commodity_charge", "hundreds of cubic feet"),
        ({"commodity_charge": "2.1*usage+3"}, "commodity_charge", "must be Tiered"),
        ({"service_charge": "[45.00, 50.00]"}, "service_charge", "must be one number"),
        ({"tier_starts_commodity": "[0, 11]"}, "tier_starts", "stands twice"),
    ],
)  # fmt: skip
def test_a_formula_that_cannot_be_taken_wholly_is_refused(lines: dict[str, str], field: str, message: str) -> None:
    found = problems(owrs_rate(**lines))
    assert message in found.get(field, ""), found
    assert all(map(is_safe, found.values()))


def test_what_no_formula_needs_is_said_to_be_left_aside() -> None:
    assert files.parse(owrs_rate(), Format.OWRS).notes == ()
    notes = files.parse(owrs_rate(reconexion="300.00", commodity_charge="2.1*usage"), Format.OWRS).notes
    assert notes == ("Not part of the bill, and left aside: tier_starts, tier_prices, reconexion",)


def test_charges_listed_one_by_one_may_not_stand_twice() -> None:
    head = RATE.partition("  RESIDENTIAL_SINGLE:\n")[0] + "  RESIDENTIAL_SINGLE:\n"
    listed = "    - commodity_charge: 2.1*usage\n    - bill: commodity_charge\n"
    assert owrs_total(head + listed, 10) == Decimal("21.00")
    assert problems(head + listed + "    - commodity_charge: 1*usage\n") == {"commodity_charge": "stands twice"}
    assert "must be an object" in problems(head + listed + "    - usage\n")["RESIDENTIAL_SINGLE"]


@pytest.mark.parametrize("unit", ["kilolitre", "kiloliters", "kL", "M3", "cubic metres"])
def test_a_kilolitre_is_a_cubic_metre(unit: str) -> None:
    assert owrs_total(owrs_rate().replace("bill_unit: m3", f"bill_unit: {unit}"), 20) == Decimal("209.25")


def test_a_day_is_never_guessed_from_month_and_day() -> None:
    found = problems(owrs_rate().replace("2026-01-01", "07/01/2019"))
    assert list(found) == ["effective_date"]
    assert "year, month and day" in found["effective_date"]


_CHARGES = st.sampled_from(("service_charge", "commodity_charge", "water_charge", "alc", "san", "rec", "otro"))
_TERM = st.one_of(_CHARGES, st.builds("{}*{}".format, st.sampled_from(("0.16", "0.08", "1", "2")), _CHARGES))
_SUM = st.lists(_TERM, min_size=1, max_size=4).map("+".join)
_FORMULA = st.one_of(
    _SUM, st.builds("{}*({})".format, st.sampled_from(("0.16", "0.1")), _SUM), st.just("0.16*(water_charge+alc)")
)


def _reckoned(body: dict[str, str], name: str, usage: Decimal, deep: int = 0) -> Decimal:
    """What a formula comes to, by Python's own arithmetic; nothing is rounded."""
    if deep > 9:
        raise RecursionError
    if name == "commodity_charge":
        return min(usage, Decimal(10)) * Decimal("5.50") + max(usage - 10, Decimal(0)) * Decimal("8.75")
    words = re.sub(r"[0-9.]+", lambda number: f"D('{number[0]}')", body[name])
    names = {one: _reckoned(body, one, usage, deep + 1) for one in set(re.findall(r"[a-z_]{2,}", words))}
    return Decimal(eval(words, {"__builtins__": {}, "D": Decimal}, names))  # noqa: S307 - formulas made above


@given(
    water=st.sampled_from(("service_charge+commodity_charge", "commodity_charge+service_charge")) | _SUM,
    alc=_FORMULA,
    san=_FORMULA,
    iva=_FORMULA,
    m3=st.integers(0, 40),
    bill=st.lists(_CHARGES, min_size=1, max_size=4).map("+".join) | st.just("water_charge+alc+san"),
)
@example(
    water="service_charge+commodity_charge",
    alc="0.1*water_charge",
    san="0.1*alc",
    m3=20,
    iva="0.16*(water_charge+alc)",
    bill="water_charge+alc+san",
)
@settings(max_examples=400, deadline=None)
def test_whatever_formulas_are_taken_cost_what_they_say(
    water: str, alc: str, san: str, iva: str, bill: str, m3: int
) -> None:  # fmt: skip
    body = {"service_charge": "45.00", "water_charge": water, "alc": alc, "san": san, "rec": "12.50", "iva": iva,
            "bill": f"{bill}+iva"}  # fmt: skip
    try:
        found = examine(files.parse(owrs_rate(**body), Format.OWRS).raw)
    except DocumentError:
        return
    if found.sound and found.tariff is not None:
        cents = abs(rate(found.tariff, Decimal(m3)).total - _reckoned(body, "bill", Decimal(m3)))
        assert cents < Decimal("0.10"), "formulas do not round, a bill does"
