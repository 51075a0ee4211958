"""What makes a tariff wrong, at which cell and in which words; and that nothing whatever makes the examiner fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supra_console.documents.base import plain
from supra_console.editing.remarks import Remark, Weight
from supra_console.jsonb import Unreadable
from supra_console.tariffs.curve import fixed_test_set
from supra_console.tariffs.rating import Mode, rate
from supra_console.tariffs.register import Series
from supra_console.tariffs.rules import Context, examine, remarks
from tests.supra_console.tariffs.tariffs_made import (
    METER,
    PLAN_BLOCKS,
    SEWERAGE,
    TREATMENT,
    amounts,
    block,
    raw,
    sound_raws,
    tariff,
)

D = Decimal
ERROR, WARNING = Weight.ERROR, Weight.WARNING


def found(values: Any, context: Context | None = None) -> list[tuple[Any, str]]:
    """Path and code of each remark."""
    return [(remark.path, remark.code) for remark in examine(values, context).remarks]


def only(values: Any, context: Context | None = None) -> Remark:
    (remark,) = examine(values, context).remarks
    return remark


# ── Sound ones ────────────────────────────────────────────────────────────────────────────


def test_nothing_is_to_say_about_the_plans_tariff() -> None:
    examined = examine(raw(additional_concepts=[SEWERAGE, TREATMENT, METER], iva_applicable=True))
    assert examined.remarks == ()
    assert examined.sound
    assert examined.tariff is not None
    assert examined.tariff.iva_rate == D("0.16"), "the general rate, where none is said"


@given(values=sound_raws())
def test_sound_tariffs_have_no_errors_and_come_back_from_their_plain_values(values: dict[str, Any]) -> None:
    examined = examine(values)
    assert examined.sound, examined.remarks
    assert examined.tariff is not None
    assert remarks(examined.tariff) == examined.remarks
    again = examine(plain(examined.tariff))
    assert (again.tariff, again.remarks) == (examined.tariff, examined.remarks)


# ── One rule after the other ──────────────────────────────────────────────────────────────

BLOCK = ("blocks", 1)
CONCEPT = ("additional_concepts", 1)
TWO = [block(0, 10, "5.50", 45), block(10, None, "8.75")]
NINES = ["99999", "99999.00", "99999.99", "999999", "999999.999", "1000000", "1000000.5"]


def two(**second: object) -> list[Any]:
    """Two blocks, the second with changes."""
    return [TWO[0], TWO[1] | second]


def pair(**second: object) -> list[Any]:
    return [SEWERAGE, TREATMENT | second]


RULES: list[tuple[str, dict[str, Any], tuple[Any, ...], str, Weight]] = [
    # blocks
    ("not from 0", {"blocks": [block("0.001", None, 1)]}, ("blocks", 0, "from_m3"), "not_from_zero", ERROR),
    ("a gap of a litre", {"blocks": two(from_m3=D("10.001"))}, (*BLOCK, "from_m3"), "gap", ERROR),
    ("a litre twice", {"blocks": two(from_m3=D("9.999"))}, (*BLOCK, "from_m3"), "overlap", ERROR),
    ("two open", {"blocks": [block(0, None, 1), block(10, None, 2)]}, ("blocks", 0, "to_m3"), "open_inside", ERROR),
    ("none open", {"blocks": two(to_m3=20)}, (*BLOCK, "to_m3"), "not_open", ERROR),
    ("one closed", {"blocks": [block(0, 10, 1)]}, ("blocks", 0, "to_m3"), "not_open", ERROR),
    ("turned round", {"blocks": [block(0, 0, 1), block(0, None, 1)]}, ("blocks", 0, "to_m3"), "order", ERROR),
    ("a falling price", {"blocks": two(price_per_m3=5)}, (*BLOCK, "price_per_m3"), "falling_price", WARNING),
    # decimals and signs
    ("m³ to 4 decimals", {"blocks": two(from_m3=D("10.0001"))}, (*BLOCK, "from_m3"), "shape", ERROR),
    ("price to 5 decimals", {"blocks": two(price_per_m3=D("8.75001"))}, (*BLOCK, "price_per_m3"), "shape", ERROR),
    ("charge to 3 decimals", {"blocks": two(fixed_charge=D("0.001"))}, (*BLOCK, "fixed_charge"), "shape", ERROR),
    ("a negative price", {"blocks": two(price_per_m3=-1)}, (*BLOCK, "price_per_m3"), "shape", ERROR),
    ("a price in quotes", {"blocks": two(price_per_m3="8.75")}, (*BLOCK, "price_per_m3"), "shape", ERROR),
    ("a price with comma", {"blocks": two(price_per_m3="8,75")}, (*BLOCK, "price_per_m3"), "shape", ERROR),
    ("not a number", {"blocks": two(price_per_m3=D("NaN"))}, (*BLOCK, "price_per_m3"), "shape", ERROR),
    # the bill never falls
    (
        "the m³ of the block reached get cheaper",
        {"blocks": [block(0, 10, 10), block(10, None, "9.99")], "rating_mode": "reached_block"},
        (*BLOCK, "price_per_m3"),
        "falling_bill",
        ERROR,
    ),
    (
        "the base of a block is less than what the block before comes to",
        {"blocks": [block(0, 10, 5, 50), block(10, None, 6, "99.98")], "rating_mode": "base_plus_excess"},
        (*BLOCK, "fixed_charge"),
        "falling_bill",
        ERROR,
    ),
    (
        "a flat charge that falls",
        {"blocks": [block(0, 10, 0, 50), block(10, None, 0, "49.99")], "rating_mode": "flat"},
        (*BLOCK, "fixed_charge"),
        "falling_bill",
        ERROR,
    ),
    (
        "a flat charge with a price",
        {"blocks": [block(0, 10, 0, 50), block(10, None, 1, 60)], "rating_mode": "flat"},
        (*BLOCK, "price_per_m3"),
        "flat_price",
        ERROR,
    ),
    # concepts
    ("one code twice", {"additional_concepts": [METER, METER]}, (*CONCEPT, "code"), "duplicate_code", ERROR),
    ("in capitals", {"additional_concepts": pair(code="Alcantarillado")}, (*CONCEPT, "code"), "duplicate_code", ERROR),
    ("called water", {"additional_concepts": pair(code="Agua")}, (*CONCEPT, "code"), "reserved_code", ERROR),
    ("a blank behind", {"additional_concepts": pair(code="san ")}, (*CONCEPT, "code"), "blank", ERROR),
    ("0%", {"additional_concepts": pair(value=0)}, (*CONCEPT, "value"), "percentage_range", ERROR),
    ("over 100%", {"additional_concepts": pair(value=101)}, (*CONCEPT, "value"), "percentage_range", ERROR),
    ("under 1%", {"additional_concepts": pair(value=D("0.12"))}, (*CONCEPT, "value"), "low_percentage", WARNING),
    ("no such base", {"additional_concepts": pair(base="drenaje")}, (*CONCEPT, "base"), "unresolved_base", ERROR),
    ("in capitals", {"additional_concepts": pair(base="ALCANTARILLADO")}, (*CONCEPT, "base"), "unresolved_base", ERROR),
    ("itself", {"additional_concepts": pair(base="saneamiento")}, (*CONCEPT, "base"), "circle", ERROR),
    (
        "a later concept",
        {"additional_concepts": [SEWERAGE | {"base": "saneamiento"}, TREATMENT]},
        ("additional_concepts", 0, "base"),
        "unresolved_base",
        ERROR,
    ),
    (
        "each other",
        {"additional_concepts": [SEWERAGE | {"base": "saneamiento"}, TREATMENT | {"base": "alcantarillado"}]},
        ("additional_concepts", 0, "base"),
        "circle",
        ERROR,
    ),
    ("nines", {"additional_concepts": [SEWERAGE, METER | {"value": 99999}]}, (*CONCEPT, "value"), "sentinel", ERROR),
    ("IVA of 16", {"additional_concepts": pair(iva_rate=16)}, (*CONCEPT, "iva_rate"), "shape", ERROR),
    # the tariff
    ("over 100% off", {"social_discount_pct": D("100.01")}, ("social_discount_pct",), "shape", ERROR),
    ("less than nothing off", {"social_discount_pct": -1}, ("social_discount_pct",), "shape", ERROR),
    ("it ends before it starts", {"effective_until": "2027-01-01"}, ("effective_until",), "order", ERROR),
    ("it ends with the calendar", {"effective_until": "9999-12-31"}, ("effective_until",), "sentinel", ERROR),
    ("it starts before there were meters", {"effective_from": "1899-12-31"}, ("effective_from",), "dates", ERROR),
    ("it starts with the calendar", {"effective_from": "0001-01-01"}, ("effective_from",), "dates", ERROR),
    ("it starts when nobody lives", {"effective_from": "2900-01-01"}, ("effective_from",), "dates", ERROR),
    ("a day that is none", {"effective_from": "2027-02-30"}, ("effective_from",), "shape", ERROR),
    ("a day as a spreadsheet has it", {"effective_from": "01/01/2027"}, ("effective_from",), "shape", ERROR),
    ("a day beyond the calendar", {"effective_from": "12027-01-01"}, ("effective_from",), "shape", ERROR),
    ("no such category", {"category": "agrícola"}, ("category",), "shape", ERROR),
    ("no such period", {"billing_period": "semanal"}, ("billing_period",), "shape", ERROR),
    ("no such mode", {"rating_mode": "guess"}, ("rating_mode",), "shape", ERROR),
    ("no such column", {"colour": "blue"}, ("colour",), "shape", ERROR),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path", "code", "weight"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES]
)
def test_each_rule_names_its_cell(changes: dict[str, Any], path: tuple[Any, ...], code: str, weight: Weight) -> None:
    examined = examine(raw(**{"blocks": TWO} | changes))
    (remark,) = [remark for remark in examined.remarks if remark.path == path]
    assert (remark.code, remark.weight) == (code, weight)
    assert examined.sound == (weight is WARNING)
    assert remark.where.strip("“")[0].isupper() or code == "shape"
    others = [other for other in examined.remarks if other is not remark and other.weight is ERROR]
    assert not others or code in ("circle", "order"), others


@pytest.mark.parametrize("number", NINES)
@pytest.mark.parametrize("cell", ["to_m3", "price_per_m3", "fixed_charge"])
def test_numbers_that_stand_for_none_are_refused(cell: str, number: str) -> None:
    if cell == "fixed_charge" and number == "999999.999":
        number = "999999.99"
    first = block(0, 10, 1) | {cell: D(number)}
    values = raw(blocks=[first, block(first["to_m3"], None, 2_000)])
    assert (("blocks", 0, cell), "sentinel") in found(values)


@pytest.mark.parametrize("number", ["9999", "9999.00", "9999.99"])
def test_four_nines_are_no_limit_and_may_be_an_amount(number: str) -> None:
    values = raw(blocks=[block(0, number, 1), block(number, None, 2)])
    assert (("blocks", 0, "to_m3"), "sentinel") in found(values)
    meter = METER | {"value": D(number)}
    assert examine(raw(blocks=[block(0, None, number, number)], additional_concepts=[meter])).sound


@pytest.mark.parametrize("number", ["999", "99.99", "999.99", "9998", "9989.99", "9999.5", "10000"])
def test_other_numbers_are_taken_for_what_they_are(number: str) -> None:
    values = raw(blocks=[block(0, number, 1), block(number, None, number)])
    assert examine(values).sound


def test_a_remark_says_where_and_what_in_words() -> None:
    assert str(only(raw(blocks=two(from_m3=12)))) == (
        "Block 2, from m³: must be where the block before ends: between the two, m³ have no price"
    )
    assert str(only(raw(additional_concepts=pair(base="drenaje")))) == (
        "Concept 2, base: must be empty, for the water charge, or the code of a concept before this one"
    )


@pytest.mark.parametrize("text", ["8.75", "8,75", "1,234.50", "$8.75", "NaN", ""])
def test_a_text_for_a_number_is_called_one(text: str) -> None:
    remark = only(raw(blocks=two(price_per_m3=text)))
    assert str(remark) == ("Block 2, price per m³: must be a number, not a text: digits and a point, without quotes")
    assert only(raw(additional_concepts=pair(value=text))).path == (*CONCEPT, "value")


def test_no_remark_quotes_what_the_document_holds() -> None:
    said = "SECRETO"
    junk = {"from_m3": said, "to_m3": said, "price_per_m3": said, "fixed_charge": said}
    concept = {"code": said, "name": said, "type": "percentage", "value": D("0.987654"), "base": said, "iva_rate": said}
    columns = ("category", "billing_period", "effective_from", "rating_mode", "iva_applicable", "social_discount_pct")
    values = raw(blocks=[junk] * 3, additional_concepts=[concept, concept], **dict.fromkeys(columns, said))
    said_aloud = "\n".join(map(str, examine(values).remarks))
    assert said not in said_aloud
    assert "987654" not in said_aloud


def test_errors_come_before_warnings() -> None:
    values = raw(blocks=[block(0, 10, 3), block(10, 20, 2), block(20, 30, 1)])
    assert [remark.weight for remark in examine(values).remarks] == [ERROR, WARNING, WARNING]


# ── What is told of cells while others are wrong ──────────────────────────────────────────


def test_blocks_are_judged_while_other_fields_are_empty_or_wrong() -> None:
    values = {"blocks": [block(0, 10, "x"), block(12, 20, 5), block(20, 30, 4)], "name": ""}
    codes = found(values)
    for expected in [
        (("blocks", 0, "price_per_m3"), "shape"),
        (("blocks", 1, "from_m3"), "gap"),
        (("blocks", 2, "to_m3"), "not_open"),
        (("blocks", 2, "price_per_m3"), "falling_price"),
        (("name",), "shape"),
        (("category",), "shape"),
    ]:
        assert expected in codes
    assert (("blocks", 1, "price_per_m3"), "falling_price") not in codes, "what cannot be read is compared with nothing"


def test_the_same_is_not_said_twice() -> None:
    values = raw(blocks=[block(0, 10, 1), block(10, 5, 1), block(5, None, 1)])
    assert found(values).count((("blocks", 1, "to_m3"), "order")) == 1


def test_what_the_database_keeps_is_left_aside() -> None:
    kept = {"drafters": ["x"], "submitted_at": "yesterday", "approved_hash": 5, "activated_by": None}
    assert examine(raw(**kept)).sound


def test_a_column_that_cannot_be_read_says_why() -> None:
    remark = only(raw(blocks=Unreadable("The document is too long to be read", "[[[[")))
    assert (remark.path, remark.message) == (("blocks",), "The document is too long to be read")


# ── What is known beside the tariff ───────────────────────────────────────────────────────

HERE, THERE = UUID(int=1), UUID(int=2)
POPULATION = {
    Series("domestica", "mensual", HERE): 1200,
    Series("domestica", "bimestral", THERE): 40,
    Series("comercial", "mensual", HERE): 0,
    Series("social", "mensual", None): 3,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"explotacion_id": HERE}, []),
        ({"explotacion_id": str(HERE)}, []),
        # that for all prices those that have none of their own
        ({}, [(("explotacion_id",), "no_tomas_here")]),
        ({"category": "social"}, []),
        ({"billing_period": "bimestral"}, [(("explotacion_id",), "no_tomas_here")]),
        # the price list of a municipality names what other municipalities have
        ({"explotacion_id": HERE, "billing_period": "bimestral"}, [(("billing_period",), "no_tomas_here")]),
        ({"explotacion_id": THERE, "billing_period": "mensual"}, [(("billing_period",), "no_tomas_here")]),
        ({"explotacion_id": UUID(int=3)}, [(("category",), "no_tomas_here")]),
        ({"explotacion_id": HERE, "category": "comercial"}, [(("category",), "no_tomas")]),
        ({"category": "industrial"}, [(("category",), "no_tomas")]),
        ({"billing_period": "trimestral"}, [(("billing_period",), "no_tomas")]),
    ],
)
def test_a_tariff_is_for_tomas_there_are(changes: dict[str, Any], expected: list[Any]) -> None:
    assert found(raw(**changes), Context(population=POPULATION)) == expected
    sound = examine(raw(**changes), Context(population=POPULATION)).sound
    assert sound is not any(code == "no_tomas" for _path, code in expected)
    assert found(raw(**changes)) == [], "nobody counted them"


def scaled(factor: int, *cells: str, **changes: Any) -> dict[str, Any]:
    made = [
        one | {name: one[name] and one[name] * factor for name in ("from_m3", "to_m3", *cells)} for one in PLAN_BLOCKS
    ]
    return raw(blocks=made, **changes)


@pytest.mark.parametrize(("period", "months"), [("bimestral", 2), ("trimestral", 3)])
def test_limits_grow_with_the_months(period: str, months: int) -> None:
    context = Context(siblings=(tariff(),))
    assert found(scaled(months, "fixed_charge", billing_period=period), context) == []
    half_the_charge = examine(scaled(months, billing_period=period), context)
    assert [(remark.path, remark.code) for remark in half_the_charge.remarks] == [
        (("blocks", 0, "fixed_charge"), "unscaled_charge")
    ], "charges of nothing are those of no months"
    assert half_the_charge.sound, "a warning"
    unscaled = examine(raw(billing_period=period), context)
    assert [(remark.path, remark.code) for remark in unscaled.remarks] == [
        (("blocks", number, "to_m3"), "unscaled_limits") for number in range(3)
    ]
    assert unscaled.sound, "a warning"
    fewer = raw(billing_period=period, blocks=TWO)
    assert found(fewer, context) == [(("blocks",), "unscaled_limits")]


def test_limits_are_compared_with_what_is_in_force_then() -> None:
    ended = tariff(effective_from="2020-01-01", effective_until="2026-01-01")
    later = tariff(effective_from="2028-01-01")
    elsewhere = tariff(explotacion_id=HERE)
    other = tariff(category="comercial")
    values = raw(billing_period="bimestral")
    assert found(values, Context(siblings=(ended, later, elsewhere, other))) == []
    quarterly = tariff(billing_period="trimestral")
    (scaled_to_both,) = {code for _path, code in found(values, Context(siblings=(quarterly, tariff())))}
    assert scaled_to_both == "unscaled_limits"


def test_a_tariff_follows_the_one_it_replaces() -> None:
    replaced = tariff(name="Doméstica 2026", effective_from="2026-01-01")
    assert found(raw(), Context(replaced=replaced)) == []
    assert found(raw(effective_from="2026-01-01"), Context(replaced=replaced)) == [
        (("effective_from",), "before_replaced")
    ]
    moved = raw(category="comercial", billing_period="bimestral", explotacion_id=HERE)
    assert found(moved, Context(replaced=replaced)) == [
        (("explotacion_id",), "other_series"),
        (("category",), "other_series"),
        (("billing_period",), "other_series"),
    ]


@pytest.mark.parametrize(
    ("until", "replaced_until", "gap"),
    [
        ("2027-03-01", None, True),
        ("2027-03-01", "2027-03-02", True),
        ("2027-03-01", "2027-03-01", False),
        ("2027-03-01", "2027-02-01", False),
        (None, None, False),
    ],
)
def test_days_that_the_replaced_one_would_have_priced_are_told(
    until: str | None, replaced_until: str | None, gap: bool
) -> None:
    replaced = tariff(name="Doméstica 2026", effective_from="2026-01-01", effective_until=replaced_until)
    examined = examine(raw(effective_until=until), Context(replaced=replaced))
    assert [(remark.path, remark.code) for remark in examined.remarks] == [(("effective_until",), "leaves_gap")] * gap
    assert examined.sound, "a warning: somebody may mean to leave it to the next"


def test_a_draft_that_starts_in_the_past_is_a_warning() -> None:
    context = Context(today=date(2027, 1, 1))
    remark = only(raw(), context)
    assert (remark.path, remark.code, remark.weight) == (("effective_from",), "back_dated", WARNING)
    assert found(raw(active=True), context) == [], "what is in force has begun"
    assert found(raw(effective_from="2027-01-02"), context) == []


@pytest.mark.parametrize("name", ["Doméstica 2027", " doméstica  2027"])
def test_a_version_that_keeps_the_name_is_told(name: str) -> None:
    replaced = tariff(name=name, effective_from="2026-01-01")
    remark = only(raw(), Context(replaced=replaced))
    assert (remark.path, remark.code, remark.weight) == (("name",), "same_name", WARNING)


def test_a_first_day_years_ahead_is_a_warning() -> None:
    """2062 typed for 2026 is a day like any other, and nothing else would tell."""
    remark = only(raw(effective_from="2062-01-01"), Context(today=date(2026, 11, 23)))
    assert (remark.path, remark.code, remark.weight) == (("effective_from",), "far_ahead", WARNING)
    assert found(raw(effective_from="2028-12-31"), Context(today=date(2026, 11, 23))) == []
    assert found(raw(effective_from="2062-01-01")) == [], "nobody knows which day it is"


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2027-02-29", "must be a day that the calendar has, such as 2026-02-16"),
        ("01/01/2027", "must be written year-month-day, such as 2026-02-16"),
        ("1-1-27", "must be written year-month-day, such as 2026-02-16"),
        ("2027/01/01", "must be written year-month-day, such as 2026-02-16"),
        ("tomorrow", "must be a date such as 2026-02-16"),
        (20270101, "must be a date such as 2026-02-16"),
        ("0001-01-01", "must be a day of the years 1900 to 2899"),
    ],
)
def test_a_day_that_is_none_says_why(day: object, says: str) -> None:
    assert only(raw(effective_from=day)).message == says


@pytest.mark.parametrize("day", ["2027-12-31", "2028-02-29", "2027-04-30"])
def test_the_last_day_with_a_tariff_written_for_the_first_without_it_is_told(day: str) -> None:
    """A gazette writes the last day; of a tariff "until" 31 December that day has no price."""
    assert found(raw(effective_until=day)) == [(("effective_until",), "last_day")]
    assert found(raw(effective_until="2028-01-01")) == found(raw(effective_until="2028-02-28")) == []


# ── Names ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ", "blank"), ("\u00a0\u2003", "blank"), ("Tarifa\u202e2026", "unseen"), ("Tari\u200bfa", "unseen"),
        ("Tarifa\xad", "unseen"), ("\u3164", "unseen"), ("Tarifa\x1b[2J", "shape"),
        ("Tarifa\nx", "shape"), ("", "shape"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [("name",), ("additional_concepts", 0, "name"), ("additional_concepts", 0, "code")])
def test_a_name_says_something_and_can_be_seen(path: tuple[Any, ...], text: str, code: str) -> None:
    concept = SEWERAGE | ({path[2]: text} if len(path) == 3 else {})
    values = raw(additional_concepts=[concept]) | ({"name": text} if path == ("name",) else {})
    assert found(values) == [(path, code)]
    assert not examine(values).sound


@pytest.mark.parametrize("text", ["La Sombra de Arteaga 12", "POE-2026/117", "№ 5", "١٢"])
def test_a_gazette_has_letters_or_digits(text: str) -> None:
    assert found(raw(gazette_reference=text)) == []


@pytest.mark.parametrize(("text", "code"), [("---", "gazette"), (" ", "gazette"), ("12\u200b", "unseen")])
def test_a_gazette_that_says_nothing_is_refused_before_it_is_activated(text: str, code: str) -> None:
    assert found(raw(gazette_reference=text)) == [(("gazette_reference",), code)]


# ── IVA, discount, and the whole of it ────────────────────────────────────────────────────

BARE = {key: value for key, value in SEWERAGE.items() if key != "iva_rate"}
FREE = [block(0, 10, 0), block(10, None, 0)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # the rates there are
        ({"iva_applicable": True, "iva_rate": D("0.16")}, []),
        ({"iva_applicable": True, "iva_rate": D("0.0800")}, []),
        ({"iva_applicable": True, "iva_rate": "0.16"}, []),
        ({"iva_applicable": True, "iva_rate": D("0.6")}, [(("iva_rate",), "unusual_iva")]),
        ({"iva_applicable": True, "iva_rate": 1}, [(("iva_rate",), "unusual_iva")]),
        (
            {"additional_concepts": [SEWERAGE | {"iva_rate": D("0.016")}]},
            [(("additional_concepts", 0, "iva_rate"), "unusual_iva")],
        ),
        ({"additional_concepts": [SEWERAGE | {"iva_rate": 0}]}, []),
        # what contradicts itself
        ({"iva_applicable": False, "iva_rate": D("0.16")}, [(("iva_rate",), "idle_iva")]),
        ({"iva_rate": D("0.16")}, [(("iva_rate",), "idle_iva")]),
        ({"category": "comercial", "iva_applicable": True, "iva_rate": 0}, [(("iva_rate",), "idle_iva")]),
        ({"category": "comercial", "iva_applicable": True}, []),
        # households bear 0%, which is a rate (LIVA art. 2-A)
        ({"iva_applicable": True, "iva_rate": 0}, []),
        ({"category": "rural", "iva_applicable": True, "iva_rate": 0}, []),
        # the sewerage of water that bears none
        ({"additional_concepts": [BARE]}, [(("additional_concepts", 0, "iva_rate"), "no_iva_named")]),
        (
            {"additional_concepts": [BARE], "iva_applicable": True, "iva_rate": 0},
            [(("additional_concepts", 0, "iva_rate"), "no_iva_named")],
        ),
        ({"additional_concepts": [BARE], "category": "comercial", "iva_applicable": True}, []),
        # half of one per cent
        ({"social_discount_pct": D("0.5")}, [(("social_discount_pct",), "low_percentage")]),
        ({"social_discount_pct": 1}, []),
        ({"social_discount_pct": 0}, []),
        # nothing to pay
        ({"blocks": FREE}, [(("blocks",), "charges_nothing")]),
        ({"blocks": FREE, "additional_concepts": [SEWERAGE]}, [(("blocks",), "charges_nothing")]),
        ({"blocks": FREE, "additional_concepts": [METER | {"value": 0}]}, [(("blocks",), "charges_nothing")]),
        ({"blocks": FREE, "additional_concepts": [METER]}, []),
        # what nobody looks at
        ({"additional_concepts": [METER | {"base": "nada"}]}, [(("additional_concepts", 0, "base"), "unused_base")]),
    ],
)
def test_what_is_hardly_meant_is_a_warning(changes: dict[str, Any], expected: list[Any]) -> None:
    examined = examine(raw(**changes))
    assert [(remark.path, remark.code) for remark in examined.remarks] == expected
    assert examined.sound
    assert {remark.weight for remark in examined.remarks} <= {WARNING}


def test_nothing_is_charged_only_where_all_can_be_read() -> None:
    assert (("blocks",), "charges_nothing") not in found(raw(blocks=[block(0, 10, 0), block(10, None, "x")]))


# ── The rules in general ──────────────────────────────────────────────────────────────────


@st.composite
def contiguous(draw: st.DrawFn) -> dict[str, Any]:
    """Blocks without gap or overlap and with any prices at all."""
    mode = draw(st.sampled_from(Mode))
    edges = [D(0), *sorted(draw(st.sets(amounts(3, 30).filter(bool), max_size=4))), None]
    price = st.just(D(0)) if mode is Mode.FLAT else amounts(4, 3)
    charge = amounts(2, 40) if draw(st.booleans()) else amounts(2, 1)
    made = [block(start, end, draw(price), draw(charge)) for start, end in pairwise(edges)]
    return raw(blocks=made, rating_mode=mode.value)


@given(values=contiguous())
def test_the_bill_falls_exactly_where_it_is_said_to(values: dict[str, Any]) -> None:
    examined = examine(values)
    assert examined.tariff is not None
    made = examined.tariff
    bills = {m3: rate(made, m3).total for m3 in fixed_test_set(made)}
    falling = {
        ("blocks", number)
        for number, (one, _after) in enumerate(pairwise(made.blocks), 1)
        if one.to_m3 is not None and bills[one.to_m3 + D("0.001")] < bills[one.to_m3]
    }
    assert {remark.path[:2] for remark in examined.remarks if remark.code == "falling_bill"} == falling
    assert examined.sound == (not falling)


@given(values=sound_raws(), shift=amounts(3, 5).filter(bool), data=st.data())
def test_a_moved_limit_leaves_a_gap_or_an_overlap(values: dict[str, Any], shift: Decimal, data: st.DataObject) -> None:
    assume(len(values["blocks"]) > 1)
    number = data.draw(st.integers(1, len(values["blocks"]) - 1))
    moved = [dict(one) for one in values["blocks"]]
    up = data.draw(st.booleans())
    start = moved[number]["from_m3"] + (shift if up else -shift)
    assume(start >= 0 and (moved[number]["to_m3"] is None or start < moved[number]["to_m3"]))
    moved[number]["from_m3"] = start
    codes = found(values | {"blocks": moved})
    assert ((("blocks", number, "from_m3"), "gap" if up else "overlap")) in codes


@given(values=sound_raws(), data=st.data())
def test_a_percentage_stands_on_what_comes_before_it(values: dict[str, Any], data: st.DataObject) -> None:
    made = [dict(one) for one in values["additional_concepts"]]
    percentages = [number for number, one in enumerate(made) if one["type"] == "percentage"]
    assume(percentages)
    number = data.draw(st.sampled_from(percentages))
    base = data.draw(st.sampled_from([*(one["code"] for one in made), "nothing", "agua"]))
    made[number]["base"] = base
    examined = examine(values | {"additional_concepts": made})
    stands = base == "agua" or base in [one["code"] for one in made[:number]]
    assert examined.sound == stands
    if not stands:
        assert {remark.code for remark in examined.remarks if remark.weight is ERROR} <= {"unresolved_base", "circle"}


# ── Whatever is given ─────────────────────────────────────────────────────────────────────


def nested(depth: int) -> Any:
    value: Any = []
    for _level in range(depth):
        value = [value]
    return value


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=30)
    | st.dates()
    | st.datetimes()
    | st.uuids()
    | st.binary(max_size=5)
    | st.builds(Unreadable, st.just("no reason"), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
CELLS = st.sampled_from(["from_m3", "to_m3", "price_per_m3", "fixed_charge", "code", "name", "type", "value", "base"])
ROWS = st.lists(JUNK | st.dictionaries(CELLS, JUNK, max_size=6), max_size=4)
COLUMNS = st.sampled_from([*raw(), "additional_concepts", "rating_mode", "effective_until", "explotacion_id", "active"])
CONTEXT = Context(date(2026, 11, 22), POPULATION, (tariff(), tariff(billing_period="bimestral")), tariff())


@given(values=JUNK | st.dictionaries(COLUMNS | st.text(max_size=5), JUNK | ROWS, max_size=8))
def test_whatever_is_given_is_answered(values: Any) -> None:
    examined = examine(values, CONTEXT)
    assert examined.remarks
    assert not examined.sound


@given(values=sound_raws(), column=COLUMNS, junk=JUNK | ROWS)
def test_whatever_stands_in_one_column_is_answered(values: dict[str, Any], column: str, junk: Any) -> None:
    examined = examine(values | {column: junk}, CONTEXT)
    assert examined.sound == (examined.tariff is not None and not any(r.weight is ERROR for r in examined.remarks))
    assert not any("nothing to see" in str(remark) for remark in examined.remarks)


@given(values=sound_raws(), row=st.integers(0, 3), cell=CELLS, junk=JUNK)
def test_whatever_stands_in_one_cell_is_answered(values: dict[str, Any], row: int, cell: str, junk: Any) -> None:
    for name in ("blocks", "additional_concepts"):
        rows = [dict(one) for one in values[name]]
        if row < len(rows):
            rows[row][cell] = junk
            examine(values | {name: rows}, CONTEXT)


def hostile() -> Iterator[tuple[str, Any]]:
    yield "10,000 blocks", raw(blocks=[block(0, None, 1)] * 10_000)
    yield "10,000 empty blocks", raw(blocks=[{}] * 10_000)
    yield "100 empty blocks", raw(blocks=[{}] * 100)
    yield "10,000 concepts", raw(additional_concepts=[SEWERAGE] * 10_000)
    yield "10,000 columns", raw(**{f"k{number}": number for number in range(10_000)})
    yield "10,000 cells in a block", raw(blocks=[{f"k{number}": number for number in range(10_000)}])
    yield "a megabyte of name", raw(name="x" * 1_000_000)
    yield "a megabyte of blocks", raw(blocks="[" * 1_000_000)
    yield "a megabyte in a cell", raw(blocks=[block("1", None, 1) | {"price_per_m3": "9" * 1_000_000}])
    yield "a million digits", raw(blocks=[block(0, None, 1) | {"price_per_m3": D("9" * 1_000_000)}])
    yield "an int of many digits", raw(blocks=[block(0, None, 1) | {"price_per_m3": 10**5000}])
    yield "an exponent", raw(blocks=[block(0, None, 1) | {"price_per_m3": D("1E+999999999999999999")}])
    yield "a signalling NaN", raw(blocks=[block(D("sNaN"), D("sNaN"), D("sNaN"), D("-NaN"))])
    yield "lists in lists", raw(blocks=nested(900))
    yield (
        "a code of a megabyte",
        raw(additional_concepts=[SEWERAGE | {"code": "x" * 1_000_000, "base": "y" * 1_000_000}]),
    )
    yield "a datetime for a day", raw(effective_from=datetime(2027, 1, 1) + timedelta(0))  # noqa: DTZ001
    yield "an empty name of a column", raw(**{"": 1, "\x1b[2J": 2})
    yield "nothing", None
    yield "a list", [raw()]
    yield "a text", "blocks"
    yield "a document that cannot be read", Unreadable("The document is nested too deeply to be read", "[[")


@pytest.mark.parametrize("values", [case[1] for case in hostile()], ids=[case[0] for case in hostile()])
def test_hostile_tariffs_are_answered_at_once_and_briefly(values: Any) -> None:
    examine(raw())  # models are built once
    begin = time.process_time()
    examined = examine(values, CONTEXT)
    assert time.process_time() - begin < 0.5
    assert examined.tariff is None
    assert 1 <= len(examined.remarks) <= 125
    assert all(len(str(remark)) < 400 for remark in examined.remarks)
    assert not any("\x1b" in str(remark) for remark in examined.remarks)
