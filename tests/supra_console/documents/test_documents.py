"""The plan's four schemas to the letter, the words of a refusal, and what hostile input gets."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from supra_console import jsonb
from supra_console.documents import TYPES, DocumentError, dump, parse, parse_text
from supra_console.documents.base import check, plain
from supra_console.documents.billing import Block, TariffInsert
from supra_console.errors import InvalidInput

# The plan's example of §2.1, domain 7, as it is written there.
PLAN_BLOCKS = """[
  {"from_m3": 0,  "to_m3": 10,   "price_per_m3": 5.50,  "fixed_charge": 45.00},
  {"from_m3": 10, "to_m3": 20,   "price_per_m3": 8.75,  "fixed_charge": 0},
  {"from_m3": 20, "to_m3": 40,   "price_per_m3": 15.30, "fixed_charge": 0},
  {"from_m3": 40, "to_m3": null,  "price_per_m3": 25.00, "fixed_charge": 0}
]"""
BLOCK = {"from_m3": 0, "to_m3": None, "price_per_m3": Decimal("5.50")}
CONCEPT = {"code": "ALC", "name": "Alcantarillado", "type": "percentage", "value": 10}
TARIFF = {
    "name": "Doméstica Querétaro",
    "category": "domestica",
    "effective_from": "2026-01-01",
    "billing_period": "mensual",
    "blocks": [BLOCK],
}
ADDRESS = {"calle": "", "colonia": "Juriquilla", "municipio": "Querétaro", "estado": "QRO", "codigo_postal": "76230"}


def refusal(table: str, column: str, value: object) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse(table, column, value)
    return [str(problem) for problem in caught.value.problems]


def tariff(**changes: object) -> TariffInsert:
    return check(TypeAdapter(TariffInsert), TariffInsert, TARIFF | changes)


# ── The plan's four schemas ───────────────────────────────────────────────────────────────


def test_the_plans_blocks_are_a_document_and_stay_what_they_are() -> None:
    blocks = parse_text("tariff_schedules", "blocks", PLAN_BLOCKS)
    assert [block.price_per_m3 for block in blocks] == [Decimal(p) for p in ("5.50", "8.75", "15.30", "25.00")]
    assert blocks[-1].to_m3 is None
    assert jsonb.dumps(dump("tariff_schedules", "blocks", blocks)) == jsonb.dumps(jsonb.read(PLAN_BLOCKS))


def test_what_the_tariff_schema_fills_in() -> None:
    filled = tariff()
    assert filled.blocks[0].fixed_charge == 0
    assert filled.additional_concepts == ()
    assert plain(filled)["blocks"] == [BLOCK | {"fixed_charge": 0}], "an open end is written down, not left out"


@pytest.mark.parametrize(
    "changes",
    [
        {"blocks": []},
        {"blocks": None},
        {"blocks": [{**BLOCK, "from_m3": -1}]},
        {"blocks": [{**BLOCK, "price_per_m3": -1}]},
        {"blocks": [{**BLOCK, "fixed_charge": -1}]},
        {"blocks": [{"from_m3": 0, "price_per_m3": 1}]},
        {"additional_concepts": [{**CONCEPT, "type": "other"}]},
        {"additional_concepts": [{**CONCEPT, "value": -1}]},
        {"category": "hotelera"},
        {"billing_period": "anual"},
        {"effective_until": "2026-01-01"},
    ],
    ids=str,
)
def test_what_the_tariff_schema_refuses(changes: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        tariff(**changes)


@pytest.mark.parametrize("category", ["domestica", "comercial", "industrial", "gobierno", "mixta", "rural", "social"])
@pytest.mark.parametrize("period", ["mensual", "bimestral", "trimestral"])
def test_every_category_and_period_of_the_plan(category: str, period: str) -> None:
    assert tariff(category=category, billing_period=period).category == category


def test_iva_belongs_to_the_concept() -> None:
    concepts = [
        CONCEPT | {"base": "AGUA", "iva_rate": Decimal("0.16")},
        CONCEPT | {"type": "fixed", "value": Decimal("12.50")},
    ]
    percentage, fixed = tariff(additional_concepts=concepts).additional_concepts
    assert (percentage.base, percentage.iva_rate, percentage.value) == ("AGUA", Decimal("0.16"), Decimal(10))
    assert (fixed.base, fixed.iva_rate, fixed.value) == (None, None, Decimal("12.5"))


CONFIGS: list[tuple[str, str, object, list[object], list[object]]] = [
    ("billing", "cycle_days", 30, [1, 90], [0, 91, Decimal("1.5"), "30"]),
    ("billing", "max_months", 12, [1, 24], [0, 25]),
    ("billing", "auto_create", False, [True], ["S", 1]),
    ("billing", "simulation_mode", False, [True], ["N", 0]),
    ("billing", "require_approval", True, [False], [None]),
    ("billing", "billing_group_size", 1000, [1, 400_000], [0]),
    ("billing", "invoice_copies", 1, [1, 5], [0, 6]),
    ("collections", "grace_days", 15, [0, 90], [-1, 91]),
    ("collections", "surcharge_rate", Decimal("0.02"), [0, 1, "0.0125"], [Decimal("-0.01"), Decimal("1.01"), 0.02]),
    ("collections", "interest_rate", 0, [0, 1], [-1, 2]),
    ("collections", "min_debt_for_cut", 500, [0, Decimal("1234567.89")], [-1, Decimal("0.001")]),
    ("collections", "max_payment_plan_months", 24, [1, 48], [0, 49]),
    ("collections", "vulnerability_protection", True, [False], ["true"]),
]


@pytest.mark.parametrize(("column", "field", "default", "right", "wrong"), CONFIGS, ids=lambda value: str(value)[:20])
def test_the_plans_configuration_limits(
    column: str, field: str, default: object, right: list[object], wrong: list[object]
) -> None:
    assert getattr(parse("explotacion_configs", column, {}), field) == default
    for value in right:
        parse("explotacion_configs", column, {field: value})
    for value in wrong:
        refusal("explotacion_configs", column, {field: value})


def test_a_fiscal_address_is_the_plans_with_a_country_of_three_letters() -> None:
    assert parse("persons", "fiscal_address", ADDRESS).pais == "MEX"
    assert parse("persons", "fiscal_address", ADDRESS | {"pais": "USA", "codigo_postal": "K1A 0"}).pais == "USA"
    assert dump("persons", "fiscal_address", ADDRESS).keys() == {*ADDRESS, "pais"}, "an absent number stays absent"
    for wrong in ({"pais": "MX"}, {"calle": "x" * 201}, {"codigo_postal": "7623"}, {"codigo_postal": "7623A"}):
        refusal("persons", "fiscal_address", ADDRESS | wrong)
    for field in ADDRESS:
        refusal("persons", "fiscal_address", {key: value for key, value in ADDRESS.items() if key != field})


# ── The words of a refusal ────────────────────────────────────────────────────────────────


def test_a_clerk_reads_where_and_what() -> None:
    wrong = [BLOCK | {"to_m3": 10}, {"from_m3": 10, "to_m3": 5, "price_per_m3": Decimal("8.75001"), "fee": 0}]
    assert refusal("tariff_schedules", "blocks", wrong) == [
        "Block 2, to m³: must be more than the m³ the block starts from, or empty",
        "Block 2, price per m³: must be a number of at least 0, with at most 4 decimals",
        "Block 2, “fee”: is not a field of this document",
    ]


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("tariff_schedules", "blocks", {}, "The document: must be a list of 1 to 100 entries"),
        (
            "tariff_schedules",
            "blocks",
            [BLOCK | {"fixed_charge": 10**12}],
            "Block 1, fixed charge: must not be more than 999999999999.99",
        ),
        ("tariff_schedules", "blocks", [[]], "Block 1: must be an object with named fields"),
        ("tariff_schedules", "additional_concepts", [{}], "Concept 1, type: is missing"),
        (
            "tariff_schedules",
            "additional_concepts",
            [CONCEPT | {"type": "x"}],
            "Concept 1, type: must be one of: percentage, fixed",
        ),
        (
            "tariff_schedules",
            "additional_concepts",
            [CONCEPT, CONCEPT | {"value": "10,5"}],
            "Concept 2, value: must be a number, not a text: digits and a point, without quotes",
        ),
        (
            "explotacion_configs",
            "cutoff",
            {"seasonal_block": [{"since": "12-15", "until": "13-01"}]},
            "Season 1, last day: must be a month and day such as 12-15",
        ),
        (
            "explotacion_configs",
            "notifications",
            {"channels": ["whatsapp", "fax"]},
            "Channels, entry 2: must be one of: whatsapp, sms, email, carta, llamada, app",
        ),
        (
            "explotacion_configs",
            "fiscal",
            {"cfdi_defaults": {"payment_method": "PUD"}},
            "CFDI defaults, payment method: must be one of: PUE, PPD",
        ),
        (
            "delinquency_procedures",
            "steps_history",
            [{"step": "pago", "at": "2026-02-16T09:30:00-06:00", "amount": 1}],
            "Step 1, payment: is missing",
        ),
        (
            "sync_log",
            "diff",
            {"phone": {"from": None, "new": 1}},
            "“phone”, “new”: is not a field of this document",
        ),
    ],
)
def test_the_place_is_said_in_words(table: str, column: str, value: object, words: str) -> None:
    assert words in refusal(table, column, value)


def test_no_value_of_the_document_is_repeated() -> None:
    secret = "GODE561231GR8\x1b[2J"
    with pytest.raises(DocumentError) as caught:
        parse("contracts", "bank_account", {"clabe": secret, "bank_name": secret, "holder_name": secret})
    assert "GODE" not in str(caught.value)
    assert "GODE" not in repr(caught.value.problems)
    assert caught.value.__context__ is None
    with pytest.raises(ValidationError) as raw:
        Block(from_m3=secret, to_m3=None, price_per_m3=Decimal(1))  # type: ignore[arg-type]
    assert "GODE" not in str(raw.value)


def test_a_name_that_could_drive_the_terminal_is_not_shown() -> None:
    assert refusal("explotacion_configs", "billing", {"\x1b[2J": 1, "x" * 41: 1, "días": 1}) == [
        "A name that cannot be shown: is not a field of this document",
        "A name that cannot be shown: is not a field of this document",
        "“días”: is not a field of this document",
    ]


def test_a_refusal_is_one_of_the_family_of_errors() -> None:
    with pytest.raises(InvalidInput, match="The document is not valid"):
        parse("tariff_schedules", "blocks", [])


def test_a_document_does_not_change() -> None:
    block = parse("tariff_schedules", "blocks", [BLOCK])[0]
    with pytest.raises(ValidationError):
        block.price_per_m3 = Decimal(0)


def test_a_document_may_be_parsed_again() -> None:
    blocks = parse("tariff_schedules", "blocks", [BLOCK])
    assert parse("tariff_schedules", "blocks", blocks) == blocks


@pytest.mark.parametrize(
    ("price", "kept"),
    [
        (Decimal("5.50"), "5.50"),
        (Decimal("5.5000000"), "5.5000"),
        (Decimal("1E+2"), "100.0000"),
        (Decimal("-0.0"), "0.0"),
        (7, "7"),
    ],
)
def test_numbers_keep_their_digits(price: Any, kept: str) -> None:
    block = parse("tariff_schedules", "blocks", [BLOCK | {"price_per_m3": price}])[0]
    assert str(block.price_per_m3) == kept


# ── Hostile input ─────────────────────────────────────────────────────────────────────────

HOSTILE = {
    "a megabyte of text": [BLOCK | {"from_m3": "9" * 1_000_000}],
    "a megabyte of blocks": [BLOCK] * 10_000,
    "a hundred thousand fields": [{f"k{index}": index for index in range(100_000)}],
    "not a list": "[]",
    "strings for blocks": ["a"] * 50,
    "nan": [BLOCK | {"price_per_m3": Decimal("NaN")}],
    "float": [BLOCK | {"price_per_m3": 5.5}],
    "a number of a million digits": [BLOCK | {"price_per_m3": Decimal("9" * 1_000_000)}],
    "an exponent out of this world": [BLOCK | {"price_per_m3": Decimal("1E+999999999999999999")}],
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_refused_at_once(value: object) -> None:
    begin = time.perf_counter()
    assert len(refusal("tariff_schedules", "blocks", value)) <= 20
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("column", sorted(TYPES), ids=".".join)
def test_depth_and_size_are_refused_by_every_document(column: tuple[str, str]) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    objects = '{"x":' * 5_000 + "1" + "}" * 5_000
    for text in (deep, objects, json.dumps("x" * 17_000_000), '{"x": NaN}', "", "{", b"\xff"):
        with pytest.raises(DocumentError):
            parse_text(*column, text)
        with pytest.raises(DocumentError):
            parse(*column, jsonb.loads(text))
