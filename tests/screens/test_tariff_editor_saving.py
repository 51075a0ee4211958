"""Saving a tariff from its editor: against the version that was read, with what it replaces, and losing nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from textual.widgets._toast import ToastRack

from screens.editing.conflict import ConflictDialog
from screens.editing.leaving import OfferDialog
from screens.tariffs.editor.screen import TariffEditor
from screens.widgets.cell_grid import CellGrid
from supra_console.errors import ConnectionLost, OutcomeUnknown
from supra_console.tariffs.register import NewTariff, new_version
from tests.screens.driving import pressed, text_of
from tests.screens.tariff_editor_sample import (
    DRAFT,
    IN_FORCE,
    SMALL,
    CannedTariffs,
    application,
    editing,
    limits,
    row,
    save,
    settled,
    told,
    typed,
)


async def test_what_is_said_covers_neither_the_remarks_nor_what_is_saved() -> None:
    async with editing() as (pilot, editor, _queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6")
        await save(pilot)
        assert "√ saved" in text_of(pilot).splitlines()[1]
        assert not told(pilot)
        await typed(pilot, "6,5")
        assert "saved" not in text_of(pilot).splitlines()[1].replace("not saved", "")
        await pressed(pilot, "ctrl+s")
        await settled(pilot, "save")
        assert "must be mended" in told(pilot)
    app = application()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        editor = TariffEditor(app.session, DRAFT, CannedTariffs())
        await app.push_screen(editor)
        await settled(pilot)
        room = editor.query_one(ToastRack).styles.margin.bottom
        assert editor.size.height - room <= editor.query_one("#remarks").region.y


async def test_what_changed_is_shown_and_saved_against_the_version() -> None:
    async with editing() as (pilot, editor, queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6")
        await save(pilot)
        assert queries.saved[0].blocks[0].price_per_m3 == 6
        assert not editor.unsaved
        assert editor.stored is not None
        assert editor.stored.version == 2
        await typed(pilot, "6.5")
        await save(pilot)
        assert editor.stored.version == 3


async def test_a_new_version_begins_with_the_prices_of_the_old() -> None:
    async with editing(new_version(IN_FORCE)) as (pilot, editor, queries):
        assert limits(editor)[0] == ("0", "10")
        assert editor.state.terms.effective_from == ""
        assert "after Doméstica 2026" in text_of(pilot)
        await pressed(pilot, "alt+2", *["down"] * 4)
        await typed(pilot, "2027-01-01")
        await save(pilot)
        assert queries.saved[0].effective_from == date(2027, 1, 1)
        assert queries.rows[-1].replaces_id == IN_FORCE.id
        assert editor.draft_key == f"tariff {queries.rows[-1].id}"


async def test_what_the_heading_says_it_is_after_is_stored_as_replaced() -> None:
    raw = {name: value for name, value in IN_FORCE.raw.items() if name not in ("explotacion_id", "effective_from")}
    async with editing(NewTariff(raw)) as (pilot, editor, queries):
        assert "after" not in text_of(pilot)
        await pressed(pilot, "alt+2", "down", "t", *["down"] * 3)
        await typed(pilot, "2027-01-01")
        assert "after Doméstica 2026" in text_of(pilot)
        shown = await pressed(pilot, "ctrl+s")
        assert "Replaces " in shown
        assert "Doméstica 2026, Jan 1, …" in shown
        await pressed(pilot, "ctrl+s")
        await settled(pilot, "save")
        assert queries.rows[-1].replaces_id == IN_FORCE.id
        assert not editor.worth_saving()
        # In another series it is after nothing, and replaces nothing.
        await pressed(pilot, "up", "up", "up", "a")
        await save(pilot)
        assert queries.rows[-1].replaces_id is None


async def test_a_draft_that_was_stored_without_what_it_replaces_is_mended_by_saving() -> None:
    draft = row(3, name="Doméstica 2027", effective_from=date(2027, 1, 1))
    async with editing(draft, CannedTariffs([IN_FORCE, draft])) as (pilot, editor, queries):
        assert editor.worth_saving()
        await save(pilot)
        assert queries.rows[-1].replaces_id == IN_FORCE.id
    async with editing(IN_FORCE, CannedTariffs([row(9, active=True, effective_from=date(2025, 1, 1)), IN_FORCE])) as (
        pilot,
        _editor,
        _queries,
    ):
        assert "Replaces " not in await pressed(pilot, "f3")


async def test_a_draft_comes_after_what_came_into_force_meanwhile() -> None:
    ended = row(1, active=True, effective_until=date(2027, 1, 1))
    between = row(7, active=True, name="Doméstica 2027", effective_from=date(2027, 1, 1), replaces_id=UUID(int=1))
    draft = row(3, name="Doméstica 2028", effective_from=date(2028, 1, 1), replaces_id=UUID(int=1))
    async with editing(draft, CannedTariffs([ended, between, draft])) as (pilot, _editor, queries):
        assert "after Doméstica 2027" in text_of(pilot)
        await save(pilot)
        assert queries.rows[-1].replaces_id == UUID(int=7)


async def test_an_explotacion_is_named_where_two_versions_are_compared() -> None:
    async with editing() as (pilot, _editor, queries):
        await pressed(pilot, "alt+2", *["down"] * 6, "space")
        shown = await pressed(pilot, "f3")
        assert "block reached " in shown
        assert "reached_block" not in shown
        await pressed(pilot, "escape", "ctrl+z", *["up"] * 5, "space")
        for keys in (("f3",), ("escape", "alt+4"), ("ctrl+s",)):
            shown = await pressed(pilot, *keys)
            assert "Querétaro Centro (QRO)" in shown
            assert str(UUID(int=71))[-12:] not in shown
        assert "Tequisquiapan (TEQ)" in shown
        content: dict[str, Any] = {**DRAFT.raw, "explotacion_id": None, "replaces_id": UUID(int=1)}
        queries.rows[1] = row(2, 2, **content)
        shown = await pressed(pilot, "ctrl+s")
        await settled(pilot)
        assert isinstance(pilot.app.screen, ConflictDialog)
        shown = text_of(pilot)
        assert "all of them" in shown
        assert "Querétaro Centro (QRO)" in shown


async def test_two_editors_at_once_see_the_difference_and_nothing_is_overwritten() -> None:
    async with editing() as (pilot, editor, queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6")
        theirs = [dict(block) for block in DRAFT.raw["blocks"]]  # type: ignore[attr-defined]
        theirs[0] |= {"price_per_m3": Decimal("5.95")}
        theirs[1] |= {"price_per_m3": Decimal("9.99")}
        content: dict[str, Any] = {**DRAFT.raw, "blocks": theirs, "replaces_id": UUID(int=1)}
        queries.rows[1] = row(2, 2, **content)
        await pressed(pilot, "ctrl+s", "ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ConflictDialog)
        shown = text_of(pilot)
        assert "Block 1, price per m³" in shown
        assert "5.95" in shown
        assert not queries.saved
        await pressed(pilot, "m", "ctrl+s")
        await settled(pilot, "save")
        assert not editor.query_one("#blocks", CellGrid).editing  # Esc would bring back neither's
        assert [block.price_per_m3 for block in editor.state.blocks[:2]] == ["6", "9.99"]
        await save(pilot)
        assert [block.price_per_m3 for block in queries.saved[0].blocks[:2]] == [6, Decimal("9.99")]


async def test_a_connection_cut_while_saving_loses_nothing() -> None:
    queries = CannedTariffs(trouble=[ConnectionLost()])
    async with editing(queries=queries) as (pilot, editor, _queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6")
        await save(pilot)
        assert "not saved" in text_of(pilot)
        await save(pilot)
        assert "not saved" not in text_of(pilot)
        assert not editor.unsaved
        assert len(queries.saved) == 1


async def test_an_answer_lost_makes_no_second_draft() -> None:
    queries = CannedTariffs(trouble=[OutcomeUnknown()], lost_answers=1)
    async with editing(new_version(IN_FORCE), queries) as (pilot, editor, _queries):
        await pressed(pilot, "alt+2", *["down"] * 4)
        await typed(pilot, "2027-02-01")
        await save(pilot)
        assert "not saved" in text_of(pilot)
        await save(pilot)
        assert not editor.unsaved
        assert len(queries.rows) == 3


async def test_a_tariff_deleted_or_activated_meanwhile_is_said() -> None:
    async with editing() as (pilot, editor, queries):
        await pressed(pilot, "right", "right", "6")
        queries.rows.pop()
        await save(pilot)
        assert "deleted" in told(pilot)
        assert editor.unsaved
    draft = row(3, effective_from=date(2027, 1, 1), replaces_id=UUID(int=1))
    async with editing(draft, CannedTariffs([IN_FORCE, draft])) as (pilot, editor, queries):
        await pressed(pilot, "right", "right", "6")
        queries.rows[1] = row(3, 2, effective_from=date(2027, 1, 1), active=True)
        await save(pilot)
        assert "activated" in told(pilot)
        await typed(pilot, "7")
        assert editor.state.blocks[0].price_per_m3 == "6"


async def test_what_was_left_unsaved_is_offered_on_return() -> None:
    async with editing() as (pilot, _editor, _queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6,5")
        # No goodbye: the terminal is closed.
    async with editing() as (pilot, editor, _queries):
        await settled(pilot)
        assert isinstance(pilot.app.screen, OfferDialog)
        assert "6,5" in text_of(pilot)
        await pressed(pilot, "enter")
        await settled(pilot, "offer")
        assert editor.state.blocks[0].price_per_m3 == "6,5"
        assert "point and no comma" in text_of(pilot)


async def test_what_was_left_of_one_file_is_not_offered_for_another() -> None:
    first, second = ({**DRAFT.raw, "name": name, "explotacion_id": None} for name in ("Gobierno", "Mixta"))
    async with editing(NewTariff(first)) as (pilot, _editor, _queries):
        await pressed(pilot, "right", "right", "7")
    for other in (NewTariff(second), NewTariff(), new_version(IN_FORCE), NewTariff(first, IN_FORCE)):
        async with editing(other) as (pilot, editor, _queries):
            await settled(pilot)
            assert pilot.app.screen is editor
    async with editing(NewTariff(dict(first))) as (pilot, _editor, _queries):
        await settled(pilot)
        assert isinstance(pilot.app.screen, OfferDialog)


async def test_escape_brings_nothing_back_once_it_is_saved() -> None:
    async with editing() as (pilot, editor, queries):
        await pressed(pilot, "right", "right")
        await typed(pilot, "6")
        await save(pilot)
        assert await pressed(pilot, "escape")
        assert editor.state.blocks[0].price_per_m3 == "6"
        assert not editor.unsaved
        assert queries.saved[-1].blocks[0].price_per_m3 == 6
