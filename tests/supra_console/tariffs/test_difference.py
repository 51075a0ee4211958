"""What is new, gone or changed between two tariffs, in the fewest words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from supra_console.documents.base import plain
from supra_console.jsonb import Unreadable
from supra_console.tariffs.difference import changes
from tests.supra_console.tariffs.tariffs_made import (
    METER,
    PLAN_BLOCKS,
    SEWERAGE,
    TREATMENT,
    block,
    raw,
    sound_raws,
    tariff,
)

D = Decimal


def said(before: Any, after: Any) -> list[tuple[str, object, object]]:
    return [(change.where, change.before, change.after) for change in changes(before, after)]


def test_equal_however_it_is_written() -> None:
    other = raw(
        effective_from=date(2027, 1, 1), rating_mode="accumulated", additional_concepts=[], iva_applicable=False,
        iva_rate=D("0.0000"), blocks=[one | {"price_per_m3": one["price_per_m3"] * D("1.000")} for one in PLAN_BLOCKS],
        version=7, id=UUID(int=1), approved_by="Cabildo",
    )  # fmt: skip
    assert said(raw(), other) == []
    assert said(raw(explotacion_id=UUID(int=7)), raw(explotacion_id=str(UUID(int=7)))) == []
    assert said(raw(iva_applicable=True), raw(iva_applicable=True, iva_rate=D("0.16"))) == []
    assert said(raw(), plain(tariff())) == []


@given(values=sound_raws(), other=sound_raws())
def test_nothing_differs_from_itself_and_what_differs_is_said(values: dict[str, Any], other: dict[str, Any]) -> None:
    assert changes(values, values) == ()
    assert (changes(values, other) == ()) == (plain(tariff(**values)) == plain(tariff(**other)))


def test_a_price_and_a_column() -> None:
    dearer = [PLAN_BLOCKS[0], PLAN_BLOCKS[1] | {"price_per_m3": D("9.25")}, *PLAN_BLOCKS[2:]]
    after = raw(name="Doméstica 2028", blocks=dearer, effective_from="2028-01-01", social_discount_pct=D(50))
    assert said(raw(), after) == [
        ("Name", "Doméstica 2027", "Doméstica 2028"),
        ("Effective from", "2027-01-01", "2028-01-01"),
        ("Block 2, price per m³", D("8.75"), D("9.25")),
        ("Social discount", None, D(50)),
    ]


def test_a_limit_that_moved_is_two_cells() -> None:
    moved = [PLAN_BLOCKS[0] | {"to_m3": 12}, PLAN_BLOCKS[1] | {"from_m3": 12}, *PLAN_BLOCKS[2:]]
    assert said(raw(), raw(blocks=moved)) == [("Block 1, to m³", 10, 12), ("Block 2, from m³", 10, 12)]


def test_a_block_put_in_between_is_one_new_block() -> None:
    split = [PLAN_BLOCKS[0], PLAN_BLOCKS[1] | {"to_m3": 15}, block(15, 20, "9"), *PLAN_BLOCKS[2:]]
    assert said(raw(), raw(blocks=split)) == [
        ("Block 2, to m³", 20, 15),
        ("Block 3, from m³ (new)", None, 15),
        ("Block 3, to m³ (new)", None, 20),
        ("Block 3, price per m³ (new)", None, D(9)),
        ("Block 3, fixed charge (new)", None, 0),
    ]
    assert said(raw(blocks=split), raw())[1:] == [
        ("Block 3, from m³ (removed)", 15, None),
        ("Block 3, to m³ (removed)", 20, None),
        ("Block 3, price per m³ (removed)", D(9), None),
        ("Block 3, fixed charge (removed)", 0, None),
    ]


def test_limits_that_were_doubled_are_compared_one_by_one() -> None:
    doubled = [one | {"from_m3": one["from_m3"] * 2, "to_m3": one["to_m3"] and one["to_m3"] * 2} for one in PLAN_BLOCKS]
    assert [change.path for change in changes(raw(), raw(blocks=doubled))] == [
        ("blocks", 0, "to_m3"), ("blocks", 1, "from_m3"), ("blocks", 1, "to_m3"),
        ("blocks", 2, "from_m3"), ("blocks", 2, "to_m3"), ("blocks", 3, "from_m3"),
    ]  # fmt: skip


def test_concepts_are_told_apart_by_their_codes() -> None:
    before = raw(additional_concepts=[SEWERAGE, TREATMENT])
    after = raw(additional_concepts=[METER, SEWERAGE | {"value": 11}])
    assert said(before, after) == [
        ("Concept 1, code (new)", None, "medidor"),
        ("Concept 1, name (new)", None, "Renta de medidor"),
        ("Concept 1, type (new)", None, "fixed"),
        ("Concept 1, value (new)", None, D("7.25")),
        ("Concept 1, IVA rate (new)", None, D("0.16")),
        ("Concept 2, value", 10, 11),
        ("Concept 2, code (removed)", "saneamiento", None),
        ("Concept 2, name (removed)", "Saneamiento", None),
        ("Concept 2, type (removed)", "percentage", None),
        ("Concept 2, value (removed)", 12, None),
        ("Concept 2, base (removed)", "agua", None),
        ("Concept 2, IVA rate (removed)", D("0.16"), None),
    ]


def test_the_order_of_concepts_counts() -> None:
    one, other = raw(additional_concepts=[SEWERAGE, TREATMENT]), raw(additional_concepts=[TREATMENT, SEWERAGE])
    assert said(one, other) == [
        ("Additional concepts, order", "alcantarillado, saneamiento", "saneamiento, alcantarillado")
    ]


def test_a_base_is_the_water_by_any_of_its_names() -> None:
    concepts = [[SEWERAGE | {"base": base}] for base in (None, "agua", "AGUA", "water")]
    assert all(said(raw(additional_concepts=concepts[0]), raw(additional_concepts=one)) == [] for one in concepts)
    other = raw(additional_concepts=[SEWERAGE | {"base": "medidor"}])
    assert said(raw(additional_concepts=[SEWERAGE]), other) == [("Concept 1, base", "agua", "medidor")]


def test_a_tariff_that_replaces_none_is_all_new() -> None:
    every = said(None, raw())
    assert ("Name", None, "Doméstica 2027") in every
    assert ("Block 4, price per m³ (new)", None, D("25.00")) in every


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals(allow_nan=False) | st.text(max_size=5)
    | st.builds(Unreadable, st.just("no reason"), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
ROWS = st.lists(st.dictionaries(st.sampled_from(["from_m3", "to_m3", "code", "base", "type", "fee"]), JUNK), max_size=4)


@given(blocks=JUNK | ROWS, concepts=JUNK | ROWS, other=JUNK | ROWS)
def test_whatever_stands_there_is_compared(blocks: Any, concepts: Any, other: Any) -> None:
    changes(raw(blocks=blocks, additional_concepts=concepts), raw(blocks=other, additional_concepts=other))


def test_ten_thousand_blocks_are_one_change() -> None:
    (change,) = changes(raw(), raw(blocks=[block(0, None, 1)] * 10_000))
    assert change.path == ("blocks",)
    assert len(changes(raw(blocks=[D("sNaN")]), raw(blocks=[D("NaN")]))) == 1
