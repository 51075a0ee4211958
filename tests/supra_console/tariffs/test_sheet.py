"""A sheet of typed texts: what each stroke makes of it, and what can be read in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console.documents.base import plain
from supra_console.documents.billing import TariffInsert
from supra_console.editing.history import History
from supra_console.errors import InvalidInput
from supra_console.tariffs import sheet_values
from supra_console.tariffs.rating import rate
from supra_console.tariffs.rules import examine
from supra_console.tariffs.sheet import (
    BLOCK_FIELDS,
    BlockRow,
    ConceptRow,
    Sheet,
    Terms,
    add_block,
    add_concept,
    default_split,
    delete_block,
    delete_concept,
    follows,
    gapless,
    insert_block,
    merge,
    move_limit,
    renamed,
    same,
    set_block,
    set_concept,
    set_term,
    split,
    value,
)
from supra_console.tariffs.sheet_blocks import joined, raise_prices, scale_limits

# The plan's example: 10 m³ = 100.00, 11 m³ = 108.75.
PLAN = Sheet(
    (
        BlockRow("0", "10", "5.50", "45.00"),
        BlockRow("10", "20", "8.75", "0"),
        BlockRow("20", "40", "15.30", "0"),
        BlockRow("40", "", "25.00", "0"),
    ),
    (ConceptRow("alc", "Alcantarillado", "percentage", "10", "", "0.16"),),
    Terms("Doméstica 2027", "", "domestica", "mensual", "2027-01-01"),
)
MODES = ("accumulated", "reached_block", "base_plus_excess", "flat")


def limits(sheet: Sheet) -> list[tuple[str, str]]:
    return [(block.from_m3, block.to_m3) for block in sheet.blocks]


# ---------------------------------------------------------------------- blocks


def test_a_moved_limit_takes_the_neighbour_along() -> None:
    assert limits(set_block(PLAN, 0, "to_m3", "12"))[:2] == [("0", "12"), ("12", "20")]
    assert limits(set_block(PLAN, 2, "from_m3", "25"))[1:3] == [("10", "25"), ("25", "40")]
    assert limits(move_limit(PLAN, 0, Decimal("9.5")))[:2] == [("0", "9.5"), ("9.5", "20")]


def test_a_limit_is_followed_while_it_is_typed() -> None:
    sheet = PLAN
    for text in ("", "1", "15", "15.", "15.5"):
        sheet = set_block(sheet, 1, "to_m3", text)
    assert limits(sheet)[1:3] == [("10", "15.5"), ("15.5", "40")]


def test_a_limit_that_stood_elsewhere_stays_there() -> None:
    gap = replace(PLAN, blocks=(PLAN.blocks[0], replace(PLAN.blocks[1], from_m3="11"), *PLAN.blocks[2:]))
    assert limits(set_block(gap, 0, "to_m3", "12"))[1] == ("11", "20")


@pytest.mark.parametrize("limit", ["0", "-1", "20", "25", "9.9995", "NaN", "1E+30"])
def test_a_limit_cannot_pass_its_neighbours(limit: str) -> None:
    with pytest.raises(InvalidInput):
        move_limit(PLAN, 0, Decimal(limit))


def test_an_added_block_is_open_and_ends_the_one_before() -> None:
    added = add_block(PLAN)
    assert limits(added)[-2:] == [("40", "60"), ("60", "")]
    assert added.blocks[-1].price_per_m3 == ""
    assert limits(add_block(Sheet())) == [("0", "10"), ("10", "")]
    assert limits(add_block(Sheet(blocks=()))) == [("0", "")]


def test_an_inserted_block_takes_the_first_half() -> None:
    assert limits(insert_block(PLAN, 1))[1:3] == [("10", "15"), ("15", "20")]
    narrow = Sheet((BlockRow("0", "0.001"), BlockRow("0.001", "")))
    with pytest.raises(InvalidInput):
        insert_block(narrow, 0)


def test_a_block_is_split_at_an_m3() -> None:
    assert limits(split(PLAN, 3, Decimal(60)))[3:] == [("40", "60"), ("60", "")]
    for outside in (40, 20, 0):
        with pytest.raises(InvalidInput):
            split(PLAN, 3, Decimal(outside))
    assert default_split(PLAN, 0) == 5
    assert default_split(PLAN, 3) == 60
    assert default_split(set_block(PLAN, 3, "from_m3", "x"), 3) is None


def test_blocks_are_merged_and_deleted_without_a_gap() -> None:
    assert limits(merge(PLAN, 1)) == [("0", "10"), ("10", "40"), ("40", "")]
    assert merge(PLAN, 1).blocks[1].price_per_m3 == "8.75"
    with pytest.raises(InvalidInput):
        merge(PLAN, 3)
    assert limits(delete_block(PLAN, 0))[0] == ("0", "20")
    assert limits(delete_block(PLAN, 1))[:2] == [("0", "20"), ("20", "40")]
    assert limits(delete_block(PLAN, 3))[-1] == ("20", "")


def printed(*limits: str) -> Sheet:
    """Blocks as a gazette prints them."""
    pairs = (limit.split("-") for limit in limits)
    return Sheet(blocks=tuple(BlockRow(start, end, "5", "0") for start, end in pairs))


@pytest.mark.parametrize(
    ("typed", "joins"),
    [
        (("0-10", "11-20", "21-30", "31-"), ("0-10", "10-20", "20-30", "30-")),
        (("1-10", "11-"), ("0-10", "10-")),
        (("0-10", "10.01-20.5", "20.501-"), ("0-10", "10-20.5", "20.5-")),
        # What is missing or said twice is for a person to decide.
        (("0-10", "15-20", "21-"), ("0-10", "15-20", "20-")),
        (("0-10", "9-20", "20-"), ("0-10", "9-20", "20-")),
        (("5-10", "x-20", "21-"), ("5-10", "x-20", "20-")),
        (("0-", "11-"), ("0-", "11-")),
    ],
)
def test_blocks_as_they_are_printed_begin_where_the_one_before_ends(
    typed: tuple[str, ...], joins: tuple[str, ...]
) -> None:
    assert joined(printed(*typed)) == printed(*joins)


def test_limits_are_scaled_for_longer_periods() -> None:
    assert limits(scale_limits(PLAN, Decimal(2))) == [("0", "20"), ("20", "40"), ("40", "80"), ("80", "")]
    assert limits(scale_limits(PLAN, Decimal("1.5")))[0] == ("0", "15")
    assert limits(scale_limits(PLAN, Decimal("0.05")))[0] == ("0", "0.5")
    assert scale_limits(scale_limits(PLAN, Decimal(3)), Decimal(1) / 3) == PLAN
    with pytest.raises(InvalidInput):
        scale_limits(set_block(PLAN, 0, "to_m3", "1,5"), Decimal(2))
    for factor in ("0", "-2", "NaN", "0.00001"):
        with pytest.raises(InvalidInput):
            scale_limits(PLAN, Decimal(factor))


def test_prices_are_raised_by_so_many_per_cent() -> None:
    raised = raise_prices(PLAN, Decimal("4.5"))
    assert [(one.price_per_m3, one.fixed_charge) for one in raised.blocks[:2]] == [("5.7475", "47.03"), ("9.1438", "0")]
    assert limits(raised) == limits(PLAN)
    assert raise_prices(PLAN, Decimal(-10)).blocks[0].price_per_m3 == "4.9500"
    with pytest.raises(InvalidInput):
        raise_prices(set_block(PLAN, 0, "price_per_m3", "5,5"), Decimal(2))
    for percent in ("-100", "NaN"):
        with pytest.raises(InvalidInput):
            raise_prices(PLAN, Decimal(percent))


# ---------------------------------------------------------------------- properties

DECIMALS3 = st.integers(1, 400_000).map(lambda litres: Decimal(litres).scaleb(-3))
PRICES = st.integers(0, 9_999_999).map(lambda number: f"{Decimal(number).scaleb(-4):f}")
CHARGES = st.integers(0, 9_999_999).map(lambda number: f"{Decimal(number).scaleb(-2):f}")


@st.composite
def sound_sheets(draw: st.DrawFn) -> Sheet:
    """Sheets whose blocks have no gap."""
    inner = sorted(draw(st.sets(DECIMALS3, max_size=8)))
    bounds = ["0", *(f"{limit:f}" for limit in inner), ""]
    mode = draw(st.sampled_from(MODES))
    rows = [
        BlockRow(low, high, "0" if mode == "flat" else draw(PRICES), draw(CHARGES)) for low, high in pairwise(bounds)
    ]
    return replace(PLAN, blocks=tuple(rows), terms=replace(PLAN.terms, rating_mode=mode))


OPERATIONS: dict[str, Callable[[Sheet, int, Decimal], Sheet]] = {
    "add": lambda sheet, _row, _at: add_block(sheet),
    "insert": lambda sheet, row, _at: insert_block(sheet, row),
    "split": split,
    "merge": lambda sheet, row, _at: merge(sheet, row),
    "delete": lambda sheet, row, _at: delete_block(sheet, row),
    "move": move_limit,
    "double": lambda sheet, _row, _at: scale_limits(sheet, Decimal(2)),
    "halve": lambda sheet, _row, _at: scale_limits(sheet, Decimal("0.5")),
}
STROKES = st.lists(st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 20), DECIMALS3), max_size=12)


@given(sound_sheets(), STROKES)
def test_every_operation_keeps_blocks_without_gaps_and_undo_is_exact(
    sheet: Sheet, strokes: list[tuple[str, int, Decimal]]
) -> None:
    history, states = History(sheet), [sheet]
    for name, place, at in strokes:
        if not history.present.blocks:
            break
        row = place % len(history.present.blocks)
        if name == "move" and row == len(history.present.blocks) - 1:
            continue  # that would close the open block
        try:
            after = OPERATIONS[name](history.present, row, at)
        except InvalidInput:
            continue
        assert gapless(after.blocks) or not after.blocks
        if after != states[-1]:
            history = history.step(after)
            states.append(after)
    for state in reversed(states[:-1]):
        history = history.undo()
        assert history.present == state
    for state in states[1:]:
        history = history.redo()
        assert history.present == state


def document(sheet: Sheet) -> TariffInsert:
    raw, unreadable = sheet_values.to_raw(sheet)
    assert not unreadable
    found = examine(raw).tariff
    assert found is not None
    return found


@given(sound_sheets(), st.integers(0, 20), DECIMALS3, DECIMALS3)
def test_a_split_changes_no_bill(sheet: Sheet, place: int, at: Decimal, m3: Decimal) -> None:
    row = place % len(sheet.blocks)
    try:
        after = split(sheet, row, at)
    except InvalidInput:
        return
    before, now = rate(document(sheet), m3).water, rate(document(after), m3).water
    # Where the second half's base includes the first's m³, that base is a charge to the cent.
    exact = sheet.terms.rating_mode != "base_plus_excess"
    assert abs(before - now) <= (0 if exact else Decimal("0.01"))


@given(sound_sheets())
def test_what_is_readable_comes_back_from_its_values(sheet: Sheet) -> None:
    raw, unreadable = sheet_values.to_raw(sheet)
    assert not unreadable
    again = sheet_values.from_raw(raw)
    assert sheet_values.to_raw(again) == (raw, ())
    stored = plain(document(sheet))
    assert sheet_values.to_raw(sheet_values.from_raw(stored))[0]["blocks"] == stored["blocks"]


TEXTS = st.text(max_size=12)


@given(st.lists(st.builds(BlockRow, TEXTS, TEXTS, TEXTS, TEXTS), max_size=6), st.integers(0, 5), TEXTS)
def test_whatever_is_typed_is_kept_and_never_stops_the_editor(rows: list[BlockRow], row: int, text: str) -> None:
    sheet = replace(PLAN, blocks=tuple(rows))
    if rows:
        for name in BLOCK_FIELDS:
            typed = set_block(sheet, row % len(rows), name, text)
            assert getattr(typed.blocks[row % len(rows)], name) == text
    raw, unreadable = sheet_values.to_raw(sheet)
    assert all(isinstance(remark.path[1], int) for remark in unreadable)
    examine(raw)
    restored = sheet_values.from_raw(raw)
    for one, other in zip(sheet.blocks, restored.blocks, strict=True):
        for name in BLOCK_FIELDS:
            typed_text = getattr(one, name).strip()
            assert same(getattr(other, name), typed_text) or value(typed_text) is not None


# ---------------------------------------------------------------------- reading what was typed


@pytest.mark.parametrize("text", ["1,234.50", "$5.50", "5,50", "1 234", "MXN 5", "5.50 pesos", "5.12345", "NaN", "1e3"])
def test_a_price_that_cannot_be_read_is_marked_and_kept(text: str) -> None:
    raw, unreadable = sheet_values.to_raw(set_block(PLAN, 1, "price_per_m3", text))
    assert [remark.path for remark in unreadable] == [("blocks", 1, "price_per_m3")]
    assert unreadable[0].where
    assert unreadable[0].message
    assert sheet_values.from_raw(raw).blocks[1].price_per_m3 == text


@pytest.mark.parametrize("text", ["31/12/2027", "2027-02-30", "10000-01-01", "mañana"])
def test_a_date_beyond_the_calendar_is_marked(text: str) -> None:
    _raw, unreadable = sheet_values.to_raw(set_term(PLAN, "effective_from", text))
    assert [remark.path for remark in unreadable] == [("effective_from",)]


def test_empty_cells_are_missing_null_or_left_to_their_default() -> None:
    sheet = replace(PLAN, blocks=(BlockRow("0", "", "", ""),))
    raw, unreadable = sheet_values.to_raw(sheet)
    assert not unreadable
    assert raw["blocks"] == [{"from_m3": 0, "to_m3": None}]
    assert raw["effective_until"] is None
    assert raw["iva_applicable"] is False
    assert {remark.path for remark in examine(raw).remarks} >= {("blocks", 0, "price_per_m3")}


def test_whatever_other_programs_stored_becomes_a_sheet() -> None:
    for blocks in (None, "x", {"a": 1}, [1, None, "x", {"from_m3": "0", "to_m3": [], "price_per_m3": Decimal("NaN")}]):
        sheet = sheet_values.from_raw({"blocks": blocks, "name": 7, "effective_from": date(2027, 1, 1)})
        assert sheet.terms.name == "7"
        assert sheet.terms.effective_from == "2027-01-01"
        sheet_values.to_raw(sheet)
    assert len(sheet_values.from_raw({"blocks": [{}] * 10_000}).blocks) == sheet_values.MOST_ROWS
    assert sheet_values.text_of(10**400) == ""


# ---------------------------------------------------------------------- terms and concepts


def test_iva_that_begins_to_apply_has_the_general_rate_where_none_is_typed() -> None:
    assert set_term(Sheet(), "iva_applicable", "true").terms.iva_rate == "0.16"
    for typed in ("0.08", "0"):  # nought per cent is a rate, and stays one however often IVA is turned off and on
        sheet = set_term(PLAN, "iva_rate", typed)
        assert set_term(set_term(sheet, "iva_applicable", "false"), "iva_applicable", "true").terms.iva_rate == typed
    on = set_term(Sheet(), "iva_applicable", "true")
    assert set_term(on, "iva_applicable", "false").terms.iva_rate == ""
    # Where IVA does not apply, the 0 that is stored is none that anybody typed.
    stored = sheet_values.from_raw({"iva_applicable": False, "iva_rate": Decimal(0)})
    assert set_term(stored, "iva_applicable", "true").terms.iva_rate == "0.16"
    zero_rated = sheet_values.from_raw({"iva_applicable": True, "iva_rate": Decimal(0)})
    assert zero_rated.terms.iva_rate == "0"


CODES = Sheet(
    concepts=(
        ConceptRow("ALC", "Alcantarillado", "percentage", "10"),
        ConceptRow("MED", "Medidor", "fixed", "6.50"),
        ConceptRow("SAN", "Saneamiento", "percentage", "50", "ALC"),
    )
)


def bases_after(sheet: Sheet, row: int, *texts: str) -> list[str]:
    """The bases once these were typed as a concept's code, key by key."""
    before = sheet.concepts[row].code
    for text in texts:
        sheet = set_concept(sheet, row, "code", text)
    return [one.base for one in renamed(sheet, row, before).concepts]


def test_what_is_worked_out_on_a_concept_goes_by_its_new_code_once_that_is_typed() -> None:
    assert bases_after(CODES, 0, "D", "DR", "DREN")[2] == "DREN"
    assert bases_after(CODES, 0, "AL", "A", "", "T", "TR")[2] == "TR"  # never the water, which an empty base is
    assert bases_after(CODES, 1, "A", "AL", "ALC", "ALC2")[2] == "ALC"  # another's code on the way to one's own
    assert [one.code for one in add_concept(PLAN, 0).concepts] == ["", "alc"]
    assert delete_concept(PLAN, 0).concepts == ()


@pytest.mark.parametrize("code", ["", "MED", "agua", "WATER"])
def test_a_base_stays_for_the_reader_to_mend_where_the_new_code_is_none_or_taken(code: str) -> None:
    assert bases_after(CODES, 0, code)[2] == "ALC"
    twice = set_concept(CODES, 1, "code", "ALC")
    assert bases_after(twice, 0, "DREN")[2] == "ALC"


def test_a_limit_that_is_the_neighbours_by_chance_does_not_take_it_along() -> None:
    printed = Sheet(blocks=(BlockRow("0", "10", "5", "0"), BlockRow("11", "", "6", "0")))
    along = follows(printed, 0, "to_m3")
    assert not along
    typed = printed
    for text in ("1", "11", "115"):
        typed = set_block(typed, 0, "to_m3", text, along=along)
    assert [one.from_m3 for one in typed.blocks] == ["0", "11"]


def test_decimals_that_only_the_column_has_are_not_shown() -> None:
    stored = {"iva_rate": Decimal("0.1600"), "social_discount_pct": Decimal("50.00"), "blocks": []}
    terms = sheet_values.from_raw(stored).terms
    assert (terms.iva_rate, terms.social_discount_pct) == ("0.16", "50")
    strange = sheet_values.from_raw({"iva_rate": Decimal("NaN"), "social_discount_pct": Decimal("1E+40")}).terms
    assert strange.iva_rate == "NaN"
