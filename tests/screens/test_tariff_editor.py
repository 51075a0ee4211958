"""The editor of a tariff: what the keys do, and what is said at each cell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from textual import events
from textual.pilot import Pilot

from screens.app import SupraApp
from screens.tariffs.editor.screen import TariffEditor
from screens.widgets.cell_grid import CellGrid
from screens.widgets.help import HelpScreen
from supra_console.errors import ConnectionLost
from supra_console.jsonb import Unreadable
from supra_console.tariffs import sheet
from supra_console.tariffs.register import NewTariff, new_version
from tests.screens.driving import pressed, text_of
from tests.screens.pretend import HOSTILE
from tests.screens.signed_in import IDENTITY
from tests.screens.tariff_editor_sample import (
    DRAFT,
    IN_FORCE,
    LARGE,
    SMALL,
    CannedTariffs,
    application,
    editing,
    limits,
    paste,
    row,
    settled,
    told,
    typed,
)

# ---------------------------------------------------------------------- blocks


async def test_a_limit_is_typed_where_it_stands_and_the_neighbour_follows() -> None:
    async with editing() as (pilot, editor, _queries):
        assert "nothing to mend" in text_of(pilot)
        await pressed(pilot, "right")
        await typed(pilot, "12.5")
        assert limits(editor)[:2] == [("0", "12.5"), ("12.5", "20")]
        assert "not saved" in await pressed(pilot, "enter")
        assert editor.query_one("#blocks", CellGrid).row == 1
        await pressed(pilot, "ctrl+z")
        assert limits(editor)[:2] == [("0", "10"), ("10", "20")]
        await pressed(pilot, "ctrl+y")
        assert limits(editor)[0] == ("0", "12.5")


async def test_escape_takes_back_what_was_typed_in_the_cell() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "99")
        assert editor.state.blocks[0].price_per_m3 == "99"
        await pressed(pilot, "escape")
        assert editor.state.blocks[0].price_per_m3 == "5.90"
        assert not editor.unsaved
        await pressed(pilot, "enter", "backspace", "5", "left", "left", "delete", "8", "home", "1")
        assert editor.state.blocks[0].price_per_m3 == "15.85"


@pytest.mark.parametrize(
    ("keys", "cell"),
    [("right", "fixed_charge"), ("left", "to_m3"), ("down", "price_per_m3"), ("tab", "fixed_charge")],
)
async def test_what_was_typed_over_a_cell_is_entered_by_any_arrow(keys: str, cell: str) -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "31.5")
        await pressed(pilot, keys)
        grid = editor.query_one("#blocks", CellGrid)
        assert (grid.key, grid.editing) == (cell, False)
        await typed(pilot, "7")
        assert editor.state.blocks[0].price_per_m3 == "31.5"
        row = editor.state.blocks[grid.row]
        assert getattr(row, cell) == "7"


async def test_an_arrow_past_the_last_cell_of_a_row_enters_what_was_typed() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "end")
        await typed(pilot, "4")
        await pressed(pilot, "right")
        await typed(pilot, "9")
        assert editor.state.blocks[0].fixed_charge == "9"


@pytest.mark.parametrize("keys", [("ctrl+s", "escape"), ("f3", "escape"), ("f4", "escape"), ("f1", "escape")])
async def test_what_is_being_typed_is_entered_by_whatever_comes_in_front(keys: tuple[str, ...]) -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6")
        await pressed(pilot, *keys)
        assert pilot.app.screen is editor
        assert not editor.query_one("#blocks", CellGrid).editing
        await pressed(pilot, "enter", "escape")
        assert editor.state.blocks[0].price_per_m3 == "6"


async def test_what_is_put_into_a_cell_from_elsewhere_ends_the_typing_in_it() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6")
        editor.edit(sheet.set_block(editor.state, 0, "price_per_m3", "7"))
        await pilot.pause()
        assert not editor.query_one("#blocks", CellGrid).editing
        assert editor.state.blocks[0].price_per_m3 == "7"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("5,50", "point and no comma"),
        ("1,234.50", "thousands separator"),
        ("$5", "currency sign"),
        ("16%", "percent sign"),
        ("5.12345", "at most 4 decimals"),
    ],
)
async def test_a_number_written_otherwise_is_marked_at_its_cell_and_not_saved(text: str, says: str) -> None:
    async with editing() as (pilot, editor, queries):
        await pressed(pilot, "right", "right", "down")
        shown = await typed(pilot, text)
        assert editor.state.blocks[1].price_per_m3 == text
        assert "‼ Block 2, price per m³: Write " in shown
        assert says in " ".join(shown.split())
        await pressed(pilot, "home", "up", "ctrl+s")
        await settled(pilot, "save")
        assert not queries.saved
        grid = editor.query_one("#blocks", CellGrid)
        assert (grid.row, grid.key) == (1, "price_per_m3")


async def test_a_limit_that_cannot_be_read_is_one_mistake() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "right")
        assert "1 error" in await typed(pilot, "12,5")
        assert limits(editor)[1] == ("12,5", "20")
        await pressed(pilot, "alt+3")
        assert "as it was before the last error" in text_of(pilot)


async def test_a_bill_that_falls_is_an_error() -> None:
    async with editing() as (pilot, _editor, _queries):
        await pressed(pilot, "down", "down", "down", "end")
        assert "nothing to mend" in text_of(pilot)
        await pressed(pilot, "f5", "f8")
        await pressed(pilot, "alt+2", *["down"] * 6, "space")
        assert "block reached prices all" in text_of(pilot)
        assert "error" in text_of(pilot)


async def test_blocks_are_added_split_merged_inserted_and_deleted() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "f6")
        assert limits(editor)[:2] == [("0", "5"), ("5", "10")]
        assert editor.state.blocks[1].fixed_charge == "0"
        grid = editor.query_one("#blocks", CellGrid)
        assert (grid.row, grid.key) == (0, "to_m3")
        await typed(pilot, "7")
        assert limits(editor)[:2] == [("0", "7"), ("7", "10")]
        await pressed(pilot, "f7")
        assert limits(editor) == [("0", "10"), ("10", "20"), ("20", "50"), ("50", "")]
        await pressed(pilot, "f5")
        assert limits(editor)[-2:] == [("50", "80"), ("80", "")]
        assert "price per m³: is missing" in text_of(pilot)
        await pressed(pilot, "down", "f8")
        assert limits(editor)[-1] == ("50", "")
        await pressed(pilot, "ctrl+home", "insert")
        assert limits(editor)[:2] == [("0", "5"), ("5", "10")]
        for _step in range(20):
            await pressed(pilot, "ctrl+z")
        assert not editor.unsaved
        await pressed(pilot, "ctrl+end", "f7")
        assert limits(editor)[-1] == ("50", "")


async def test_the_last_block_can_go_too_and_one_begins_again() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, *["f8"] * 6)
        assert editor.state.blocks == ()
        assert "error" in text_of(pilot)
        await pressed(pilot, "x", "enter", "tab", "f6", "insert", "f5")
        assert limits(editor)[0][0] == "0"


async def test_limits_are_scaled_for_another_period() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "f9", "enter")
        await settled(pilot, "scale")
        assert limits(editor) == [("0", "20"), ("20", "40"), ("40", "100"), ("100", "")]
        await pressed(pilot, "f9", "escape")
        await settled(pilot, "scale")
        assert limits(editor)[0] == ("0", "20")


async def test_all_prices_are_raised_as_one_step() -> None:
    async with editing() as (pilot, editor, _queries):
        before = editor.state
        await pressed(pilot, "ctrl+r")
        await typed(pilot, "4,5")
        await pressed(pilot, "enter")
        assert "Write a point and no comma" in text_of(pilot)
        await pressed(pilot, "ctrl+u")
        await typed(pilot, "10")
        await pressed(pilot, "enter")
        await settled(pilot, "scale")
        assert [Decimal(one.price_per_m3) for one in editor.state.blocks] == [
            Decimal(one.price_per_m3) * Decimal("1.1") for one in before.blocks
        ]
        await pressed(pilot, "ctrl+z")
        assert editor.state == before


async def test_arrows_go_from_the_terms_to_the_concepts_and_back_and_no_further() -> None:
    async with editing() as (pilot, _editor, _queries):
        await pressed(pilot, "alt+2", "ctrl+home", "up")
        terms = pilot.app.focused
        assert isinstance(terms, CellGrid)
        assert (terms.id, terms.row) == ("terms", 0)
        await pressed(pilot, "ctrl+end")
        last = terms.row
        await pressed(pilot, "down")
        concepts = pilot.app.focused
        assert isinstance(concepts, CellGrid)
        assert (concepts.id, concepts.row) == ("concepts", 0)
        await pressed(pilot, "up")
        assert (pilot.app.focused, terms.row) == (terms, last)


async def test_a_dialog_has_help_as_every_screen() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "f9", "f1")
        assert [isinstance(one, HelpScreen) for one in pilot.app.screen_stack[-2:]] == [False, True]
        await pressed(pilot, "escape", "escape")
        assert pilot.app.screen is editor


async def test_keys_that_arrive_together_are_taken_in_their_order() -> None:
    async with editing() as (pilot, editor, _queries):
        together = "right 1 2 tab 6 down 9 up escape f7 ctrl+z alt+2 N u down down space f5 x tab Y ctrl+s"
        for key in together.split():  # as a slow line delivers them: none waits for what the one before it did
            pilot.app.post_message(events.Key(key, " " if key == "space" else key if len(key) == 1 else None))
        await settled(pilot)
        assert limits(editor)[:2] == [("0", "12"), ("12", "20")]
        assert [block.price_per_m3 for block in editor.state.blocks[:2]] == ["6", "9"]
        assert (editor.state.terms.name, editor.state.terms.category) == ("Nu", "comercial")
        assert (editor.state.concepts[-1].code, editor.state.concepts[-1].name) == ("x", "Y")
        assert "must be mended" in told(pilot)


# ---------------------------------------------------------------------- pasting


async def test_a_table_is_pasted_over_the_blocks() -> None:
    async with editing(NewTariff()) as (pilot, editor, _queries):
        await paste(pilot, "from;to;price;fixed\r\n0;15;6.10;50.00\r\n15;;9.00;0\r\n")
        assert limits(editor) == [("0", "15"), ("15", "")]
        await pressed(pilot, "ctrl+z")
        assert limits(editor) == [("0", "")]


async def test_a_table_goes_where_its_titles_say_and_what_it_did_not_reach_is_told() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "end")
        text = "Desde\tHasta\tCuota fija\tPrecio por m3\n0\t10\t229.19\t0\n10\t20\t0\t30.50\n"
        await paste(pilot, text)
        block = editor.state.blocks[1]
        assert (block.price_per_m3, block.fixed_charge) == ("30.50", "0")
        assert editor.state.blocks[0].fixed_charge == "229.19"
        assert "from m³, to m³, fixed charge, price per m³" in told(pilot)
        assert "2 lines below it stay as they were" in told(pilot)
        before = editor.state
        await paste(pilot, text.replace("Cuota fija", "Importe"))
        assert editor.state is before
        assert "Not understood: Importe" in told(pilot)
        await pressed(pilot, "home")
        await paste(pilot, "0\t10\t5\t45\t16%")
        assert editor.state is before
        assert "5 columns" in told(pilot)


async def test_the_gaps_of_printed_ranges_are_offered_to_be_closed_and_never_closed_silently() -> None:
    async with editing(NewTariff()) as (pilot, editor, _queries):
        assert "Ctrl+G" not in text_of(pilot)
        shown = await paste(pilot, "0\t10\t5\t45\n11\t20\t6\t0\n21\t\t7\t0\n")
        assert limits(editor) == [("0", "10"), ("11", "20"), ("21", "")]
        assert "Ctrl+G closes the gaps" in " ".join(shown.split())
        await pressed(pilot, "ctrl+p")
        assert "Tariff: close the gaps between blocks" in text_of(pilot)
        await pressed(pilot, "escape", "ctrl+g")
        assert limits(editor) == [("0", "10"), ("10", "20"), ("20", "")]
        assert "2 blocks begin where the one before ends" in told(pilot)
        await pressed(pilot, "ctrl+g")
        assert limits(editor) == [("0", "10"), ("10", "20"), ("20", "")]
        await pressed(pilot, "ctrl+z")
        assert limits(editor)[1] == ("11", "20")


async def test_what_is_pasted_badly_stands_marked_in_its_cell() -> None:
    async with editing(NewTariff()) as (pilot, editor, _queries):
        shown = await paste(pilot, "0\t15\t$6.10\t50,00\n15\t\tnueve\t0\n")
        assert editor.state.blocks[0].price_per_m3 == "$6.10"
        assert "$6.10" in shown
        assert "nueve" in shown
        assert "errors" in shown
        await paste(pilot, "1\t2\n" * 5_000)
        assert len(editor.state.blocks) == 2
        await pressed(pilot, "right", "right")
        await paste(pilot, " 7.25 \n")
        assert editor.state.blocks[0].price_per_m3 == "7.25"
        await paste(pilot, "\x1b]52;c;x\x07")
        assert "\x1b" not in text_of(pilot)
        assert editor.state.blocks[0].price_per_m3 == "7.25]52;c;x"


# ---------------------------------------------------------------------- terms and concepts


async def test_terms_are_typed_or_chosen() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "alt+2")
        await typed(pilot, "Nueva 2027")
        await pressed(pilot, "down", "space")
        assert editor.state.terms.explotacion_id == str(UUID(int=71))
        assert "Querétaro Centro (QRO)" in text_of(pilot)
        await pressed(pilot, "a", "down", "i", "down", "space", "down")
        assert editor.state.terms.explotacion_id == ""
        assert editor.state.terms.category == "industrial"
        assert editor.state.terms.billing_period == "bimestral"
        assert "2027-02-30" in await typed(pilot, "2027-02-30")
        assert "Effective from: Write a day that the month has" in text_of(pilot)
        await pressed(pilot, *["down"] * 3, "space")
        assert (editor.state.terms.iva_applicable, editor.state.terms.iva_rate) == ("true", "0.16")
        assert editor.state.terms.name == "Nueva 2027"
        await paste(pilot, "a\tb\n")
        assert "A table has no place here" in told(pilot)


async def test_the_last_day_stands_beside_the_first_day_without_it() -> None:
    async with editing(NewTariff()) as (pilot, _editor, _queries):
        await pressed(pilot, "alt+2", *["down"] * 5)
        await typed(pilot, "2028-01-01")
        assert "last day: Dec 31, 2027" in text_of(pilot)
        await pressed(pilot, "ctrl+u")
        await typed(pilot, "0001-01-01")  # before which no calendar has a day
        assert "last day" not in text_of(pilot)


async def test_a_code_is_typed_whole_before_anything_goes_by_it() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "alt+2", *["down"] * 11)
        assert pilot.app.focused is editor.query_one("#concepts")
        assert editor.state.concepts[1].base == "alc"
        await pressed(pilot, "enter", *["backspace"] * 3)
        assert editor.state.concepts[1].base == "alc"  # never the water, which an empty base is
        await typed(pilot, "dren")
        await pressed(pilot, "enter")
        assert [one.code for one in editor.state.concepts][:2] == ["dren", "san"]
        assert editor.state.concepts[1].base == "dren"
        await pressed(pilot, "ctrl+z")  # one step
        assert not editor.unsaved
        # Another's code on the way to one's own takes nothing along.
        await pressed(pilot, "ctrl+end", "home")
        await typed(pilot, "alc2")
        await pressed(pilot, "up")
        assert [(one.code, one.base) for one in editor.state.concepts][1:] == [("san", "alc"), ("alc2", "")]


async def test_a_limit_that_is_typed_through_the_neighbours_leaves_it_where_it_is() -> None:
    async with editing(NewTariff()) as (pilot, editor, _queries):
        await paste(pilot, "0\t10\t5\t45\n11\t\t6\t0\n")
        await pressed(pilot, "right")
        await typed(pilot, "115")
        assert limits(editor) == [("0", "115"), ("11", "")]


async def test_concepts_are_added_edited_and_deleted() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "alt+2", "f5")
        await typed(pilot, "rec")
        await pressed(pilot, "tab")
        await typed(pilot, "Recargo")
        await pressed(pilot, "tab", "space", "tab")
        await typed(pilot, "3.50")
        added = editor.state.concepts[-1]
        assert (added.code, added.name, added.type, added.value) == ("rec", "Recargo", "fixed", "3.50")
        assert not [
            one for one in editor.remarks if one.path[0] == "additional_concepts" and one.path[-1] != "iva_rate"
        ]
        await pressed(pilot, *["up"] * 3, "home", "enter", "x", "enter")
        assert editor.state.concepts[1].base == "alcx"
        await pressed(pilot, "ctrl+home", "f8")
        assert [one.code for one in editor.state.concepts] == ["san", "cr", "rec"]
        assert "error" in text_of(pilot)
        await paste(pilot, "alcx;Alcantarillado;porcentaje;10")
        assert editor.state.concepts[0].code == "alcx"


# ---------------------------------------------------------------------- trying


async def test_a_bill_is_tried_with_each_step() -> None:
    async with editing(DRAFT, size=LARGE) as (pilot, _editor, _queries):
        await pressed(pilot, "alt+3")
        shown = await typed(pilot, "11")  # in place of the consumption that was there
        assert editor_m3(pilot) == "11"
        # (47.50 + 10 × 5.90) + 1 × 9.40 = 115.90; sewerage 10% = 11.59, its IVA 1.85; sanitation 12% of it 1.39; 2.00
        for said in ("10 × 5.90 + 47.50", "106.50", "1 × 9.40", "16% × 11.59", "115.90", "11.59", "1.39", "132.73"):
            assert said in shown, said
        shown = await pressed(pilot, "f5")
        assert "social discount" in shown
        assert "-57.95" in shown
        await pressed(pilot, "f5", "tab", "tab", "down", "enter")
        assert editor_m3(pilot) == "10"
        assert "⣀" in text_of(pilot)
        assert "10.001" in text_of(pilot)
        await pressed(pilot, "shift+tab", "shift+tab", "ctrl+u")
        assert "Write a number" in text_of(pilot)


def editor_m3(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one("#m3").value)  # type: ignore[attr-defined]


async def test_what_cannot_be_rated_says_so_and_the_last_bill_stays() -> None:
    async with editing(NewTariff()) as (pilot, _editor, _queries):
        assert "It can be rated when the errors are mended" in await pressed(pilot, "alt+3")
    async with editing() as (pilot, _editor, _queries):
        await pressed(pilot, "right", "right", "x")
        shown = await pressed(pilot, "alt+3")
        assert "as it was before the last error" in shown
        assert "TOTAL" in shown


async def test_a_large_amount_is_whole() -> None:
    blocks = [{"from_m3": 0, "to_m3": None, "price_per_m3": Decimal("76.1997"), "fixed_charge": 0}]
    draft = row(4, blocks=blocks)
    async with editing(draft, CannedTariffs([draft])) as (pilot, _editor, _queries):
        await pressed(pilot, "alt+3")
        assert "28,651.0872" in await typed(pilot, "376")


async def test_that_there_is_no_social_discount_is_said() -> None:
    plain = row(4, social_discount_pct=None)
    async with editing(plain, CannedTariffs([plain])) as (pilot, editor, _queries):
        await pressed(pilot, "alt+3", "f5")
        assert "has a social discount" in told(pilot)
        assert not editor.social


async def test_lines_of_a_bill_are_named_in_full_where_there_is_room() -> None:
    async with editing() as (pilot, _editor, _queries):
        shown = await pressed(pilot, "alt+3")
        for said in ("IVA: Alcantarillado", "16% × 20.05", "10 × 5.90 + 47.50"):
            assert said in shown, said
    steps = [line for line in shown.splitlines() if "IVA: " in line]
    assert steps
    assert "…" not in steps[0]


async def test_a_half_typed_number_is_never_tried() -> None:
    async with editing() as (pilot, editor, _queries):
        before = totals(await pressed(pilot, "alt+3"))
        # 2 is a limit, and makes a tariff; 25 is above the block's end. Nobody ever wrote the tariff of the 2.
        await pressed(pilot, "alt+1", "down")
        await typed(pilot, "25")
        assert "error" in text_of(pilot)
        shown = await pressed(pilot, "alt+3")
        assert "as it was before the last error" in shown
        assert totals(shown) == before
        # An error that was left, and another one: still the last that was entered and could be rated.
        await pressed(pilot, "alt+1", "right", "right")
        await typed(pilot, "9,")
        assert totals(await pressed(pilot, "alt+3")) == before
        await pressed(pilot, *["ctrl+z"] * 3)
        assert not editor.unsaved
        assert "as it was" not in text_of(pilot)


def totals(shown: str) -> list[str]:
    """The bill and the test set, between the consumption and the remarks."""
    return shown.splitlines()[4:-3]


async def test_a_new_version_is_tried_before_its_first_day_is_typed() -> None:
    async with editing(new_version(IN_FORCE)) as (pilot, _editor, _queries):
        shown = await pressed(pilot, "alt+3")
        assert "Effective from: is missing" in shown
        assert "TOTAL" in shown


async def test_views_open_also_where_the_terminal_sends_a_letter_for_alt_and_a_digit() -> None:
    async with editing() as (pilot, editor, _queries):
        for place, key in enumerate(
            ("inverted_exclamation_mark", "trade_mark_sign", "pound_sign", "cent_sign", "infinity")
        ):
            pilot.app.post_message(events.Key(key, "¡™£¢∞"[place]))
            await settled(pilot)
            assert editor.place == place
        assert not editor.unsaved
        assert editor_m3(pilot) == "20"


async def test_the_difference_and_the_document_are_views_of_their_own() -> None:
    async with editing() as (pilot, _editor, _queries):
        shown = await pressed(pilot, "alt+4")
        assert "from that of Jan 1, 2026: Doméstica 2026" in shown
        assert "Block 3, to m³" in shown
        shown = await pressed(pilot, "5")
        assert '"price_per_m3": 5.90' in shown
        assert "1 Blocks" in await pressed(pilot, "1")
        assert "Terms" in await pressed(pilot, "ctrl+n")
        assert "Effective until" in text_of(pilot)
        await pressed(pilot, "ctrl+pageup", "ctrl+pageup", "ctrl+pagedown")
        await pressed(pilot, "ctrl+p")
        assert "Tariff: split this block" in text_of(pilot)
    async with editing(NewTariff()) as (pilot, _editor, _queries):
        assert "It replaces no tariff" in await pressed(pilot, "alt+4")
        # Once its series is typed, the price in force stands beside it.
        assert "after Doméstica 2026" in await pressed(pilot, "alt+2", "down", "t")
        assert "from that of Jan 1, 2026: Doméstica 2026" in await pressed(pilot, "alt+4")


# ---------------------------------------------------------------------- looking only


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        (IN_FORCE, "activated"),
        (row(4, active=True, name="Vieja"), "activated"),
    ],
)
async def test_an_active_tariff_is_not_edited(subject: Any, says: str) -> None:
    async with editing(subject, CannedTariffs([subject])) as (pilot, editor, _queries):
        assert says in text_of(pilot)
        assert "not in the future" not in text_of(pilot)  # it has begun, and nobody can mend that
        await pressed(pilot, "right", "9", "delete", "f5", "f6", "f8", "insert")
        assert not editor.unsaved
        assert "TOTAL" in await pressed(pilot, "1", "3")


async def test_an_operator_looks() -> None:
    async with editing(identity=IDENTITY) as (pilot, editor, _queries):
        assert "Only supervisors change tariffs" in text_of(pilot)
        await pressed(pilot, "right", "9", "f5", "ctrl+s")
        assert not editor.unsaved
        assert editor.query_one("#blocks", CellGrid).row_count == 4


@pytest.mark.parametrize(
    "blocks",
    [
        "not a list",
        {"from_m3": 0},
        [{"from_m3": 0}],
        [{"from_m3": "0", "to_m3": None, "price_per_m3": "NaN", "fixed_charge": 0}],
        [{"from_m3": number, "to_m3": number + 1, "price_per_m3": 1, "fixed_charge": 0} for number in range(10_000)],
        Unreadable("nested too deeply", "[" * 5_000),
        [[[HOSTILE]]],
        None,
    ],
    ids=["text", "object", "lacking", "strings", "many", "deep", "hostile", "null"],
)
async def test_what_other_programs_wrote_is_shown_as_it_is(blocks: object) -> None:
    strange = row(5, blocks=blocks)
    assert strange.document is None
    async with editing(strange, CannedTariffs([strange])) as (pilot, editor, _queries):
        shown = text_of(pilot)
        assert "‼" in shown
        assert "cannot be read" in shown
        assert '"name"' in shown
        assert "\x1b" not in shown
        for place in "12345":
            await pressed(pilot, place)
        await pressed(pilot, "f4", "escape", "f3", "escape")
        assert not editor.unsaved


async def test_no_stored_text_drives_the_terminal() -> None:
    concepts = [{"code": HOSTILE[:20], "name": HOSTILE[:90], "type": "fixed", "value": 1}]
    hostile = row(6, name=HOSTILE[:150], additional_concepts=concepts, gazette_reference="[/x]")
    hostile = replace(hostile, unreadable=())
    async with editing(hostile, CannedTariffs([hostile]), size=LARGE) as (pilot, _editor, _queries):
        for place in "12345":
            shown = await pressed(pilot, place if hostile.document is None else f"alt+{place}")
            assert "\x1b" not in shown
            assert "\u202e" not in shown


async def test_a_tariff_that_is_gone_and_a_server_that_is_away_are_said() -> None:
    async with editing(DRAFT, CannedTariffs([IN_FORCE])) as (pilot, _editor, _queries):
        assert "not there any more" in text_of(pilot)
        await pressed(pilot, "f5", "alt+3", "ctrl+s", "x")

    class Away(CannedTariffs):
        async def register(self, _db: Any) -> Any:
            raise ConnectionLost()

    async with editing(DRAFT, Away()) as (pilot, _editor, _queries):
        assert "✗" in text_of(pilot)


async def test_the_smallest_terminal_works() -> None:
    async with editing(size=(60, 15)) as (pilot, editor, _queries):
        await pressed(pilot, "right")
        await typed(pilot, "12")
        for place in range(1, 6):
            await pressed(pilot, f"alt+{place}")
        shown = await pressed(pilot, "alt+3")
        amounts = [line.split()[-1] for line in shown.splitlines()[5:9]]
        assert all(len(amount.partition(".")[2]) == 2 for amount in amounts), shown  # whole, and no curve beside them
        await pilot.resize_terminal(120, 45)
        await settled(pilot)
        await pressed(pilot, "alt+1")
        assert "⣀" in text_of(pilot)
        assert limits(editor)[0] == ("0", "12")


# ---------------------------------------------------------------------- looks


Prepare = Callable[[Pilot[Any]], Awaitable[None]]


def looking(*keys: str, subject: Any = DRAFT, queries: CannedTariffs | None = None) -> tuple[SupraApp, Prepare]:
    app = application()

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.app.push_screen(TariffEditor(app.session, subject, queries or CannedTariffs()))
        await settled(pilot)
        await pressed(pilot, *keys)
        await settled(pilot)

    return app, prepare


LOOKS: dict[str, Callable[[], tuple[SupraApp, Prepare]]] = {
    "blocks": lambda: looking("down", "right", "2", "5", "comma", "5"),
    "terms": lambda: looking("alt+2", *["down"] * 4, "2", "0", "2", "7", "tab", "tab"),
    "try": lambda: looking("alt+3"),
    "difference": lambda: looking("alt+4", "down", "down"),
    "json": lambda: looking("alt+5"),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LOOKS)
def test_looks(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    app, prepare = LOOKS[name]()
    assert snap_compare(app, terminal_size=size, run_before=prepare)
