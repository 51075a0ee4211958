"""Configuration: every field with its limits and default, saved on purpose, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from screens.app import SupraApp
from screens.configuration.editor import ConfigurationEditor
from screens.configuration.form import DocumentForm
from screens.configuration.screen import ConfigurationScreen
from screens.editing.conflict import ConflictDialog
from screens.editing.dialogs import DifferenceDialog, JsonDialog
from screens.editing.leaving import OfferDialog
from supra_console.errors import ConnectionLost
from supra_console.identity import Identity
from supra_console.jsonb import Unreadable
from tests.screens.configuration_sample import SUPERVISOR, Cabinet, unit
from tests.screens.driving import text_of
from tests.screens.pretend import CLERK, HOSTILE, PretendDatabase, application, settled

SMALL, LARGE = (80, 24), (120, 40)
FIRST, LAST = UUID(int=1), UUID(int=13)
Prepare = Callable[[Pilot[Any]], Awaitable[None]]


def console(identity: Identity = SUPERVISOR) -> SupraApp:
    return application(None, PretendDatabase(identity))


async def quiet(pilot: Pilot[Any]) -> None:
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await quiet(pilot)


async def listed(pilot: Pilot[Any], cabinet: Cabinet) -> ConfigurationScreen:
    """The list of explotaciones."""
    await settled(pilot)
    screen = ConfigurationScreen(pilot.app.session, cabinet.queries)  # type: ignore[attr-defined]
    await pilot.app.push_screen(screen)
    await quiet(pilot)
    return screen


async def opened(pilot: Pilot[Any], cabinet: Cabinet, document: str, *, first: bool = True) -> ConfigurationEditor:
    """A document of the first explotación, or of the last."""
    names = ["billing", "collections", "estimation", "notifications", "cutoff", "digital", "fiscal", "quality"]
    screen = await listed(pilot, cabinet)
    await press(pilot, *([] if first else ["end"]), "enter", *["down"] * names.index(document), "enter")
    assert screen.documents.row == document
    found = top(pilot)
    return found if isinstance(found, ConfigurationEditor) else editor_below(pilot)


def editor_below(pilot: Pilot[Any]) -> ConfigurationEditor:
    return next(one for one in pilot.app.screen_stack if isinstance(one, ConfigurationEditor))


def top(pilot: Pilot[Any]) -> Screen[Any]:
    return pilot.app.screen


def told(pilot: Pilot[Any]) -> str:
    return " ".join(f"{one.title} {one.message}" for one in pilot.app._notifications)


def line_of(pilot: Pilot[Any], name: str) -> str:
    return next(line for line in text_of(pilot).splitlines() if f" {name} " in line)


# ── The list ──────────────────────────────────────────────────────────────────────────────


async def test_every_explotacion_says_what_is_its_own() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        await listed(pilot, cabinet)
        assert "1 field of its own" in line_of(pilot, "Billing")
        assert "2 fields of its own" in line_of(pilot, "Cuts of service")
        assert "defaults" in line_of(pilot, "Fiscal")
        await press(pilot, "end")
        assert "never saved: all on the defaults" in text_of(pilot)
        assert "defaults" in line_of(pilot, "Billing")


async def test_without_a_connection_the_list_says_so() -> None:
    cabinet = Cabinet(trouble=ConnectionLost())
    async with console().run_test(size=SMALL) as pilot:
        screen = await listed(pilot, cabinet)
        assert "The connection to the server was lost" in text_of(pilot)
        cabinet.trouble = None
        await press(pilot, "r")
        assert screen.units.row_count == 13


async def test_a_document_that_cannot_be_read_now_leads_back_to_the_list() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        screen = await listed(pilot, cabinet)
        cabinet.trouble = ConnectionLost()
        await press(pilot, "enter", "enter")
        assert top(pilot) is screen
        assert "The connection to the server was lost" in told(pilot)


@pytest.mark.parametrize(
    "stored",
    [
        {"cycle_days": 0, "x": HOSTILE},
        {HOSTILE: HOSTILE},
        {"cycle_days": ["[/x]"] * 10_000},
        Unreadable("The document is nested too deeply to be read", '{"a":' * 5000 + HOSTILE),
    ],
    ids=["limits", "names", "10,000", "deep"],
)
async def test_what_cannot_be_read_is_shown_as_it_is_and_not_edited(stored: Any) -> None:
    cabinet = Cabinet({FIRST: unit(1, billing=stored)})
    async with console().run_test(size=SMALL) as pilot:
        await listed(pilot, cabinet)
        assert "cannot be read" in line_of(pilot, "Billing")
        await press(pilot, "enter", "enter")
        assert isinstance(top(pilot), JsonDialog)
        shown = text_of(pilot)
        assert "which cannot be edited" in shown
        assert "‼" in shown
        await press(pilot, "end")
        shown += text_of(pilot)
        assert not {"\x1b", "\x07", "\u202e", "\u200b"} & set(shown)
        await press(pilot, "escape", "down", "enter")  # the others can
        assert isinstance(top(pilot), ConfigurationEditor)


async def test_hostile_names_do_nothing() -> None:
    hostile = replace(unit(1), code=HOSTILE[:20], name=HOSTILE, municipality=HOSTILE)
    async with console().run_test(size=SMALL) as pilot:
        await listed(pilot, Cabinet({FIRST: hostile}))
        await press(pilot, "enter", "enter", "f4", "escape", "escape")
        assert not {"\x1b", "\u202e"} & set(text_of(pilot))


# ── A document ────────────────────────────────────────────────────────────────────────────


async def test_a_field_shows_its_unit_its_limits_and_whether_it_is_the_default() -> None:
    async with console().run_test(size=LARGE) as pilot:
        await opened(pilot, Cabinet(), "cutoff")
        assert "≠ 500 · MXN" in line_of(pilot, "Least debt")
        assert "= 48 · hours after the payment, 1 to 240" in line_of(pilot, "Reconnection  ")
        await press(pilot, "f5")
        assert "= 500 · MXN" in line_of(pilot, "Least debt")
        await press(pilot, "ctrl+z")
        assert "≠ 500 · MXN" in line_of(pilot, "Least debt")


async def test_every_keystroke_is_checked_beside_its_field() -> None:
    async with console().run_test(size=LARGE) as pilot:
        editor = await opened(pilot, Cabinet(), "billing")
        await press(pilot, "end", "1")
        assert "‼ must be a whole number from 1 to 90" in line_of(pilot, "Cycle")
        assert "‼ Cycle: must be a whole number from 1 to 90" in text_of(pilot)
        await press(pilot, "backspace")
        assert "‼" not in text_of(pilot)
        assert not editor.unsaved


async def test_what_is_typed_takes_the_place_of_the_value_as_in_a_grid() -> None:
    async with console().run_test(size=LARGE) as pilot:
        editor = await opened(pilot, Cabinet(), "billing")
        await press(pilot, "4", "5", "down", "up", "end", "backspace", "6", "up", "down", "7")
        assert editor.state["cycle_days"] == "46"
        assert editor.state["max_months"] == "7"


@pytest.mark.parametrize(
    ("typed", "advice"),
    [("1,5", "point"), ("$500", "currency sign"), ("1,500.00", "thousands separator"), ("٣", "digits and a point")],
)
async def test_a_number_written_otherwise_is_refused_with_the_way_to_write_it(typed: str, advice: str) -> None:
    async with console().run_test(size=LARGE) as pilot:
        editor = await opened(pilot, Cabinet(), "cutoff")
        form = editor.query_one(DocumentForm)
        form.value.value = typed
        await quiet(pilot)
        assert advice in str(editor.remarks[0])
        await press(pilot, "ctrl+s")
        assert "must be mended" in told(pilot)


async def test_keys_that_arrive_together_are_taken_in_their_order() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        editor = await opened(pilot, cabinet, "billing")
        typed = [
            "backspace",
            "backspace",
            "4",
            "5",
            "down",
            "backspace",
            "0",
            "tab",
            "down",
            "down",
            "down",
            "5",
            "ctrl+s",
        ]
        for key in typed:  # as a slow line delivers them: none waits for what the one before it did
            character = key if len(key) == 1 else None
            pilot.app.post_message(events.Key(key, character))
        await quiet(pilot)
        await quiet(pilot)
        assert isinstance(top(pilot), DifferenceDialog)
        assert (editor.state["cycle_days"], editor.state["max_months"]) == ("45", "10")
        assert editor.state["billing_group_size"] == "5"


async def test_saving_shows_the_difference_and_writes_the_whole_document() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        editor = await opened(pilot, cabinet, "billing")
        await press(pilot, "backspace", "down", "down", "space", "ctrl+s")
        assert isinstance(top(pilot), DifferenceDialog)
        shown = text_of(pilot)
        assert "2 fields differ" in shown
        assert "Automatic invoices" in shown
        await press(pilot, "ctrl+s")
        ((explotacion, name, document),) = cabinet.saved
        assert (explotacion, name) == (FIRST, "billing")
        assert (document["cycle_days"], document["auto_create"], document["max_months"]) == (6, True, 12)
        assert not editor.unsaved
        await press(pilot, "escape")
        assert "2 fields of its own" in line_of(pilot, "Billing")


async def test_the_first_save_of_an_explotacion_without_a_row_creates_it() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        await opened(pilot, cabinet, "billing", first=False)
        await press(pilot, "backspace", "ctrl+s", "ctrl+s")
        assert cabinet.units[LAST].version == 1
        assert cabinet.saved[0][2]["cycle_days"] == 3


async def test_entries_are_added_filled_in_removed_and_brought_back() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=LARGE) as pilot:
        editor = await opened(pilot, cabinet, "cutoff")
        await press(pilot, *["down"] * 5, "ctrl+n")
        assert editor.form.row is not None
        assert editor.form.row.path == ("seasonal_block", 1, "since")
        assert "Season 2, first day" in text_of(pilot)
        await press(pilot, *"04-01", "down", *"04-15")
        assert editor.remarks == ()
        await press(pilot, "ctrl+r")
        assert "Season 2" not in text_of(pilot)
        await press(pilot, "ctrl+z", "ctrl+s", "ctrl+s")
        assert cabinet.saved[0][2]["seasonal_block"] == [
            {"since": "12-15", "until": "01-06"},
            {"since": "04-01", "until": "04-15"},
        ]


async def test_who_may_not_change_it_looks() -> None:
    cabinet = Cabinet()
    async with console(CLERK).run_test(size=SMALL) as pilot:
        editor = await opened(pilot, cabinet, "billing")
        assert "to look at only" in text_of(pilot)
        await press(pilot, "7", "space", "ctrl+n", "f5", "ctrl+s")
        assert not editor.unsaved
        assert cabinet.saved == []
        await press(pilot, "f4")
        assert isinstance(top(pilot), JsonDialog)


async def test_two_editors_of_one_document_choose_field_by_field() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        editor = await opened(pilot, cabinet, "billing")
        await press(pilot, "backspace")  # a cycle of 6 days
        cabinet.put(cabinet.units[FIRST], billing={"cycle_days": 90, "invoice_copies": 2})
        await press(pilot, "ctrl+s", "ctrl+s")
        dialog = top(pilot)
        assert isinstance(dialog, ConflictDialog)
        assert dialog.undecided == 1
        assert all(text in text_of(pilot) for text in ("Cycle", "60", "90", "Copies"))
        await press(pilot, "m", "ctrl+s")
        assert editor.state["cycle_days"] == "6"
        assert editor.state["invoice_copies"] == "2"
        assert cabinet.saved == []
        await press(pilot, "ctrl+s", "ctrl+s")
        assert cabinet.saved[0][2]["cycle_days"] == 6
        assert cabinet.saved[0][2]["invoice_copies"] == 2


async def test_somebody_who_saves_another_document_is_in_nobodys_way() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        await opened(pilot, cabinet, "billing")
        await press(pilot, "backspace")
        cabinet.put(cabinet.units[FIRST], cutoff={"notice_days": 9})
        await press(pilot, "ctrl+s", "ctrl+s")
        assert isinstance(top(pilot), ConfigurationEditor)
        assert cabinet.units[FIRST].documents["cutoff"] == {"notice_days": 9}
        assert [name for _explotacion, name, _document in cabinet.saved] == ["billing"]


async def test_an_explotacion_that_is_gone_leaves_ones_own_text() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        editor = await opened(pilot, cabinet, "billing")
        await press(pilot, "backspace")
        cabinet.units.clear()
        await press(pilot, "ctrl+s", "ctrl+s")
        assert "Somebody deleted this document" in told(pilot)
        assert editor.state["cycle_days"] == "6"


async def test_what_was_left_unsaved_is_marked_in_the_list_and_offered() -> None:
    cabinet = Cabinet()
    async with console().run_test(size=SMALL) as pilot:
        await opened(pilot, cabinet, "billing")
        await press(pilot, "backspace")
    async with console().run_test(size=SMALL) as pilot:  # the terminal was closed
        screen = await listed(pilot, cabinet)
        assert "●" in line_of(pilot, "Billing")
        await press(pilot, "enter", "enter")
        assert isinstance(top(pilot), OfferDialog)
        await press(pilot, "enter")
        assert editor_below(pilot).state["cycle_days"] == "6"
        await press(pilot, "ctrl+s", "ctrl+s", "escape")
        assert top(pilot) is screen
        assert "●" not in line_of(pilot, "Billing")


async def test_a_document_of_fifty_rules_is_checked_and_shown_within_a_keystroke() -> None:
    rules = [{"concept": f"c{number}", "rate": "0.16"} for number in range(50)]
    async with console().run_test(size=SMALL) as pilot:
        editor = await opened(pilot, Cabinet({FIRST: unit(1, fiscal={"vat_rules": rules})}), "fiscal")
        await press(pilot, "ctrl+end", "pageup", "9")
        assert editor.unsaved
        assert len(editor.form.table._lines) < 100  # only what is in sight was made


@pytest.mark.parametrize("size", [(60, 15), SMALL], ids=str)
async def test_many_changes_leave_room_for_what_is_asked(size: tuple[int, int]) -> None:
    rules = [{"concept": f"c{number}"} for number in range(20)]
    cabinet = Cabinet({FIRST: unit(1, fiscal={"vat_rules": []})})
    async with console().run_test(size=size) as pilot:
        editor = await opened(pilot, cabinet, "fiscal")
        more: Any = editor.restore(editor.raw(editor.state))
        editor.edit({**more, "vat_rules": [{"category": "", "rate": "0.1", "exempt": "false", **one} for one in rules]})
        await press(pilot, "escape")
        assert "throw my changes away" in text_of(pilot)
        await press(pilot, "escape", "ctrl+s")
        assert "20 fields differ" in text_of(pilot)
        assert "After:" in text_of(pilot)
        await press(pilot, "end")
        assert "IVA rule 20" in text_of(pilot)


# ── How it looks ──────────────────────────────────────────────────────────────────────────


def listing() -> tuple[SupraApp, Prepare]:
    async def prepare(pilot: Pilot[Any]) -> None:
        await listed(pilot, Cabinet())

    return console(), prepare


def document(name: str, *keys: str, meanwhile: dict[str, Any] | None = None) -> tuple[SupraApp, Prepare]:
    async def prepare(pilot: Pilot[Any]) -> None:
        cabinet = Cabinet()
        await opened(pilot, cabinet, name)
        await press(pilot, *keys)
        if meanwhile is not None:
            cabinet.put(cabinet.units[FIRST], **{name: meanwhile})
            await press(pilot, "ctrl+s", "ctrl+s")

    return console(), prepare


def unreadable() -> tuple[SupraApp, Prepare]:
    async def prepare(pilot: Pilot[Any]) -> None:
        await listed(pilot, Cabinet({FIRST: unit(1, billing={"cycle_days": "60", "x": HOSTILE})}))
        await press(pilot, "enter", "enter")

    return console(), prepare


LOOKS: dict[str, Callable[[], tuple[SupraApp, Prepare]]] = {
    "list": listing,
    "document": lambda: document("cutoff"),
    "error": lambda: document("cutoff", "down", "down", "9", "9", "9", "down", "space"),
    "rules": lambda: document("fiscal", "ctrl+n"),
    "difference": lambda: document("cutoff", "f5", "down", "down", "7", "down", "space", "ctrl+s"),
    "conflict": lambda: document(
        "cutoff", "f5", "down", "down", "7", "down", "space", meanwhile={"min_debt": 600, "notice_days": 12}
    ),
    "leave": lambda: document("cutoff", "f5", "escape"),
    "json": lambda: document("fiscal", "f4"),
    "unreadable": unreadable,
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LOOKS)
def test_looks(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    app, prepare = LOOKS[name]()
    assert snap_compare(app, terminal_size=size, run_before=prepare)
