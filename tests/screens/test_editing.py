"""The frame of every editor: nothing typed is lost, nothing of anybody else's is overwritten."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from screens.editing.conflict import ConflictDialog
from screens.editing.dialogs import DifferenceDialog, JsonDialog
from screens.editing.frame import EditorFrame, StaleDocument, Stored
from screens.editing.leaving import LeaveDialog, OfferDialog
from screens.session import Session
from screens.widgets.field import Field
from screens.widgets.text import words
from supra_console.editing import local_drafts
from supra_console.editing.changes import Change
from supra_console.editing.local_drafts import LocalDraft
from supra_console.editing.remarks import Remark
from supra_console.errors import ConnectionLost, SupraError
from supra_console.jsonb import Json
from tests.screens.driving import text_of
from tests.screens.pretend import HOSTILE, application, settled


@dataclass(frozen=True)
class Note:
    title: str = "pumps"
    text: str = ""


@dataclass
class Shelf:
    """Where notes are stored, by hand."""

    note: Stored[Note] | None = field(default_factory=lambda: Stored(Note(), 1))
    trouble: SupraError | None = None
    saved: list[Note] = field(default_factory=list)


class NoteEditor(EditorFrame[Note]):
    """The smallest editor there can be: a title and a text."""

    TITLE = "Note"
    draft_key = "note 7"
    AUTO_FOCUS = "#title"

    def __init__(self, session: Session, shelf: Shelf, read_only: str = "") -> None:
        super().__init__(session)
        self.shelf = shelf
        self._why = read_only

    def on_mount(self) -> None:
        assert self.shelf.note is not None
        self.begin(self.shelf.note, read_only=self._why)

    def heading(self) -> Content:
        return words("Note")

    def compose_editor(self) -> ComposeResult:
        yield Field(id="title")
        yield Field(id="text")

    def examine(self, state: Note) -> tuple[Remark, ...]:
        return () if state.title else (Remark(("title",), "Title", "must not be empty"),)

    def raw(self, state: Note) -> Json:
        return {"title": state.title, "text": state.text}

    def restore(self, raw: Json) -> Note:
        assert isinstance(raw, dict)
        return Note(str(raw["title"]), str(raw["text"]))

    def changes(self, before: Note, after: Note) -> tuple[Change, ...]:
        return tuple(
            Change((name,), name.capitalize(), getattr(before, name), getattr(after, name))
            for name in ("title", "text")
            if getattr(before, name) != getattr(after, name)
        )

    async def store(self, state: Note, version: int | None) -> Stored[Note]:
        if self.shelf.trouble is not None:
            raise self.shelf.trouble
        if self.shelf.note is None or self.shelf.note.version != version:
            raise StaleDocument(self.shelf.note)
        self.shelf.note = Stored(state, (version or 0) + 1)
        self.shelf.saved.append(state)
        return self.shelf.note

    def show(self, state: Note, remarks: tuple[Remark, ...]) -> None:
        for name in ("title", "text"):
            field = self.query_one(f"#{name}", Field)
            if field.value != getattr(state, name):
                with field.prevent(Input.Changed):
                    field.value = getattr(state, name)

    def point_at(self, path: tuple[int | str, ...]) -> None:
        self.query_one(f"#{path[0]}").focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        name = str(event.input.id)
        self.edit(replace(self.state, **{name: event.value}), topic=name)


class HastyEditor(NoteEditor):
    """Somebody types on while it opens."""

    def on_mount(self) -> None:
        super().on_mount()
        self.edit(Note("typed ahead"), topic="title")
        self.action_save()


async def opened(pilot: Pilot[Any], shelf: Shelf, read_only: str = "") -> NoteEditor:
    """The editor, over the first place of the console."""
    await settled(pilot)
    editor = NoteEditor(pilot.app.session, shelf, read_only)  # type: ignore[attr-defined]
    await pilot.app.push_screen(editor)
    await quiet(pilot)
    return editor


async def quiet(pilot: Pilot[Any]) -> None:
    """Until whatever a key did is on the screen; a worker that waits for an answer goes on waiting."""
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await quiet(pilot)


def top(pilot: Pilot[Any]) -> Screen[Any]:
    """The screen in front."""
    return pilot.app.screen


def draft(editor: NoteEditor) -> LocalDraft | None:
    found = local_drafts.load(editor._key)
    assert not isinstance(found, local_drafts.Damaged)
    return found


def toasts(pilot: Pilot[Any]) -> str:
    return " ".join(f"{one.title} {one.message}" for one in pilot.app._notifications)


async def test_what_is_typed_in_one_field_is_one_step_to_undo() -> None:
    async with application().run_test() as pilot:
        editor = await opened(pilot, Shelf())
        await press(pilot, "end", "1", "2", "tab", "x")
        assert editor.state == Note("pumps12", "x")
        await press(pilot, "ctrl+z")
        assert editor.state == Note("pumps12", "")
        await press(pilot, "ctrl+z")
        assert editor.state == Note("pumps", "")
        assert not editor.unsaved
        await press(pilot, "ctrl+y", "ctrl+y")
        assert editor.state == Note("pumps12", "x")
        assert editor.query_one("#text", Field).value == "x"


async def test_every_keystroke_is_on_this_machine_before_the_next() -> None:
    async with application().run_test() as pilot:
        editor = await opened(pilot, Shelf())
        await press(pilot, "end", "1")
        kept = draft(editor)
        assert kept is not None
        assert (kept.raw, kept.before, kept.version) == (
            {"title": "pumps1", "text": ""},
            {"title": "pumps", "text": ""},
            1,
        )
        await press(pilot, "backspace")
        assert draft(editor) is None  # nothing is unsaved any more


async def test_what_must_be_mended_is_said_and_not_saved() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "ctrl+u", "end", *["backspace"] * 5, "tab", "x")
        assert "Title: must not be empty" in text_of(pilot)
        await press(pilot, "ctrl+s")
        assert top(pilot) is editor
        assert editor.focused is editor.query_one("#title")
        assert shelf.saved == []


async def test_the_difference_is_seen_before_it_is_saved_and_enter_does_not_save() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "tab", "x", "ctrl+s")
        assert isinstance(top(pilot), DifferenceDialog)
        assert "What would be saved" in text_of(pilot)
        await press(pilot, "enter")
        assert shelf.saved == []
        await press(pilot, "escape")
        assert top(pilot) is editor
        assert shelf.saved == []
        await press(pilot, "ctrl+s", "ctrl+s")
        assert shelf.saved == [Note("pumps", "x")]
        assert not editor.unsaved
        assert draft(editor) is None
        assert editor.stored == Stored(Note("pumps", "x"), 2)
        await press(pilot, "ctrl+z")  # the way back stays open after saving
        assert editor.state == Note()
        assert editor.unsaved


async def test_a_save_that_fails_loses_nothing() -> None:
    shelf = Shelf(trouble=ConnectionLost())
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "tab", "x", "ctrl+s", "ctrl+s")
        assert "The connection to the server was lost" in toasts(pilot)
        assert editor.state == Note("pumps", "x")
        assert draft(editor) is not None
        shelf.trouble = None
        await press(pilot, "ctrl+s", "ctrl+s")
        assert shelf.saved == [Note("pumps", "x")]


async def test_two_editors_choose_field_by_field_and_nothing_is_overwritten() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "end", "1", "tab", "m", "i", "n", "e")
        shelf.note = Stored(Note("pumps", "theirs"), 2)  # somebody was faster
        await press(pilot, "ctrl+s", "ctrl+s")
        dialog = top(pilot)
        assert isinstance(dialog, ConflictDialog)
        shown = text_of(pilot)
        assert "pumps1" in shown
        assert "theirs" in shown
        assert dialog.undecided == 1  # the text; the title was changed by one only
        await press(pilot, "ctrl+s")
        assert top(pilot) is dialog  # not before everything is decided
        await press(pilot, "down", "t", "ctrl+s")
        assert top(pilot) is editor
        assert editor.state == Note("pumps1", "theirs")
        assert shelf.note == Stored(Note("pumps", "theirs"), 2)  # nothing is saved by choosing
        await press(pilot, "ctrl+s", "ctrl+s")
        assert shelf.note == Stored(Note("pumps1", "theirs"), 3)


async def test_giving_up_a_conflict_leaves_everything_as_it_was() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "tab", "m")
        shelf.note = Stored(Note("pumps", "theirs"), 2)
        await press(pilot, "ctrl+s", "ctrl+s")
        await press(pilot, "escape")
        assert editor.state == Note("pumps", "m")
        assert editor.stored == Stored(Note(), 1)
        await press(pilot, "ctrl+s", "ctrl+s")
        assert isinstance(top(pilot), ConflictDialog)  # and it is still asked


async def test_a_lost_answer_to_a_save_that_arrived_is_no_conflict() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "tab", "m")
        shelf.note = Stored(Note("pumps", "m"), 2)
        await press(pilot, "ctrl+s", "ctrl+s")
        assert top(pilot) is editor
        assert not editor.unsaved
        assert draft(editor) is None


async def test_a_document_that_was_deleted_leaves_ones_own_text() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "tab", "m")
        shelf.note = None
        await press(pilot, "ctrl+s", "ctrl+s")
        assert "Somebody deleted this document" in toasts(pilot)
        assert draft(editor) is not None
        await press(pilot, "f4")
        assert isinstance(top(pilot), JsonDialog)
        await press(pilot, "c")
        assert pilot.app.clipboard == '{"title": "pumps", "text": "m"}'


async def test_leaving_with_changes_asks_and_they_are_offered_on_return() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "tab", "m", "escape")
        assert isinstance(top(pilot), LeaveDialog)
        await press(pilot, "enter")  # stays
        assert top(pilot) is editor
        await press(pilot, "escape", "down", "enter")  # leaves, kept
        assert top(pilot) is not editor
        again = await opened(pilot, shelf)
        assert isinstance(top(pilot), OfferDialog)
        await press(pilot, "enter")
        assert again.state == Note("pumps", "m")
        assert again.unsaved
        await press(pilot, "escape", "down", "down", "enter")  # thrown away
        last = await opened(pilot, shelf)
        assert top(pilot) is last
        assert last.state == Note()


async def test_what_a_closed_terminal_left_is_offered() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        await opened(pilot, shelf)
        await press(pilot, "tab", "m")
    async with application().run_test() as pilot:  # another process, later
        editor = await opened(pilot, shelf)
        assert isinstance(top(pilot), OfferDialog)
        await press(pilot, "escape")  # decides nothing
        assert top(pilot) is not editor
        editor = await opened(pilot, shelf)
        await press(pilot, "enter")
        assert editor.state == Note("pumps", "m")


async def test_a_draft_of_a_document_that_changed_since_is_merged_field_by_field() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        await opened(pilot, shelf)
        await press(pilot, "end", "1", "tab", "m")
    shelf.note = Stored(Note("pumps", "theirs"), 2)
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf)
        assert "has changed since" in text_of(pilot)
        await press(pilot, "enter")
        assert isinstance(top(pilot), ConflictDialog)
        await press(pilot, "down", "m", "ctrl+s")
        assert editor.state == Note("pumps1", "m")
        await press(pilot, "ctrl+s", "ctrl+s")
        assert shelf.note == Stored(Note("pumps1", "m"), 3)


async def test_a_document_that_became_read_only_still_gives_the_draft_back() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        await opened(pilot, shelf)
        await press(pilot, "tab", "m")
    async with application().run_test() as pilot:
        editor = await opened(pilot, shelf, read_only="It is in force.")
        assert isinstance(top(pilot), OfferDialog)
        await press(pilot, "enter")
        assert isinstance(top(pilot), JsonDialog)
        await press(pilot, "escape", "escape")
        assert top(pilot) is editor
        await press(pilot, "tab", "x")
        assert editor.state == Note()
        assert editor.query_one("#text", Field).value == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', "[" * 5000, '{"a": NaN}', "\x00\xff"])
async def test_a_damaged_draft_is_set_aside_and_told(text: str) -> None:
    async with application().run_test() as pilot:
        editor = await opened(pilot, Shelf())
        await press(pilot, "tab", "m")
        path = local_drafts._path(editor._key)
        path.write_bytes(text.encode("latin-1"))
        await pilot.app.pop_screen()
        editor = await opened(pilot, Shelf())
        assert top(pilot) is editor
        assert editor.state == Note()
        assert not path.exists()
        assert len(list(path.parent.glob("*.damaged"))) == 1


async def test_a_folder_that_cannot_be_written_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with application().run_test() as pilot:
        editor = await opened(pilot, Shelf())
        monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
        await press(pilot, "tab", "m", "n")
        assert editor.state == Note("pumps", "mn")
        assert toasts(pilot).count("cannot be kept on this machine") == 1


async def test_stored_text_cannot_drive_the_terminal() -> None:
    shelf = Shelf(Stored(Note(HOSTILE, ""), 1))
    async with application().run_test() as pilot:
        await opened(pilot, shelf)
        await press(pilot, "tab", "m")
        shelf.note = Stored(Note(HOSTILE + "!", "x"), 2)
        for keys in (("f4",), ("escape", "f3"), ("escape", "ctrl+s"), ("ctrl+s",)):
            await press(pilot, *keys)
            shown = text_of(pilot)
            assert "\x1b" not in shown
            assert "\u202e" not in shown


async def test_the_same_document_in_a_second_terminal_keeps_a_draft_of_its_own() -> None:
    shelf = Shelf()
    async with application().run_test() as pilot:
        first = await opened(pilot, shelf)
        await press(pilot, "tab", "a")
        second = await opened(pilot, shelf)
        assert top(pilot) is second  # what is being edited elsewhere is not offered
        await press(pilot, "tab", "b")
        kept = [draft(editor) for editor in (first, second)]
        assert [one.raw for one in kept if one is not None] == [
            {"title": "pumps", "text": "a"},
            {"title": "pumps", "text": "b"},
        ]


class NewNoteEditor(NoteEditor):
    """A note that has a name of its own once it is stored."""

    @property
    def draft_key(self) -> str:  # type: ignore[override]
        return "note 8" if self.shelf.saved else "note new"


async def test_a_new_document_keeps_its_draft_under_its_own_name_once_it_is_stored() -> None:
    shelf = Shelf(Stored(Note("new"), None))
    async with application().run_test() as pilot:
        await settled(pilot)
        editor = NewNoteEditor(pilot.app.session, shelf)  # type: ignore[attr-defined]
        await pilot.app.push_screen(editor)
        await press(pilot, "tab", "a")
        assert "note new" in editor._key
        await press(pilot, "ctrl+s", "ctrl+s")
        await press(pilot, "b")
        assert "note 8" in editor._key
        kept = draft(editor)
        assert kept is not None
        assert kept.version == 1
        assert len(list(local_drafts.folder().glob("*.json"))) == 1


async def test_keys_typed_while_the_editor_opens_do_not_take_the_place_of_what_was_left() -> None:
    app, shelf = application(), Shelf()
    async with app.run_test() as pilot:
        editor = await opened(pilot, shelf)
        await press(pilot, "x")
        left = draft(editor)
        assert left is not None
    app = application()
    async with app.run_test() as pilot:
        await settled(pilot)
        hasty = HastyEditor(app.session, shelf)
        await pilot.app.push_screen(hasty)
        await quiet(pilot)
        assert isinstance(top(pilot), OfferDialog)
        kept = draft(hasty)
        assert kept is not None
        assert kept.raw == left.raw
        assert not hasty.unsaved
        await press(pilot, "enter")
        assert hasty.state == hasty.restore(left.raw)
        await press(pilot, "y")
        assert hasty.state != hasty.restore(left.raw)
