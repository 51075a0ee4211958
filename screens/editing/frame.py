"""How is a document edited, so that nothing typed is lost and nothing of anybody else's is overwritten?

`EditorFrame` has what every editor needs: a way back and forward, remarks after each keystroke, the difference before
anything is saved, the document as JSON, a draft on this machine that outlives connection and terminal, and saving
against the version that was read. What a document looks like, and where it is stored, the editor says itself:

    class NoteEditor(EditorFrame[Note]):
        draft_key = "note 7"                               # one document, within this utility on this server

        def on_mount(self): self.load()                    # a worker that ends with
                                                           #     self.begin(Stored(note, row.version))
        def compose_editor(self): yield Field(id="text")
        def told(self, text): self.edit(replace(self.state, text=text), topic="text")
        ...                                                # and what raises NotImplementedError in document.py

The state is an immutable value that can be compared: whatever was typed, also what cannot be stored yet. The frame
calls `show(state, remarks)` after each change, also after undo; an editor paints there and nowhere else.

Call `edit` while the key is handled, not from a message about it (`Input.Changed`): of keys that arrive together the
next may be Ctrl+S already. The frame's keys: Ctrl+S, Ctrl+Z, Ctrl+Y, F3 (difference), F4 (JSON), Esc. F1 and F2 are the
console's.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from screens.editing import leaving
from screens.editing.conflict import ConflictDialog
from screens.editing.dialogs import Comparison, DifferenceDialog, JsonDialog
from screens.editing.document import EditedDocument, StaleDocument, Stored
from screens.editing.leaving import LeaveDialog, OfferDialog
from screens.widgets.text import assemble, lines, stored, words
from supra_console.editing import local_drafts, merging
from supra_console.editing.history import History
from supra_console.editing.json_text import pretty
from supra_console.editing.local_drafts import Damaged, LocalDraft
from supra_console.editing.remarks import Weight
from supra_console.errors import SupraError
from supra_console.i18n import N_, _, ngettext
from supra_console.jsonb import Json

__all__ = ["EditorFrame", "StaleDocument", "Stored"]

S = TypeVar("S")

REMARKS_SHOWN = 2
"""Lines of remarks under the editor; the others are counted."""


class EditorFrame(EditedDocument[S]):
    """Undo and redo, remarks, difference, JSON, local draft, and saving against a version: for every editor."""

    BINDINGS: ClassVar = [
        # None with priority: keys that arrive together, as over a slow line, are taken in the order they were pressed.
        Binding("ctrl+s", "save", N_("Save"), id="editing.save", tooltip=N_("Show what changed, and save it")),
        Binding("ctrl+z", "undo", N_("Undo"), id="editing.undo", tooltip=N_("Take the last step back")),
        Binding("ctrl+y", "redo", N_("Redo"), id="editing.redo", tooltip=N_("The step once more")),
        Binding("f3", "difference", N_("Difference"), id="editing.difference", tooltip=N_("What was changed")),
        Binding("f4", "json", "JSON", id="editing.json", tooltip=N_("The document as JSON, to look at and to copy")),
        Binding("escape", "back", N_("Back"), id="editing.back"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    EditorFrame > #heading { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    EditorFrame > #remarks { height: auto; max-height: 4; padding: 0 1; background: $surface; }
    """

    # ------------------------------------------------------------------ what the editor uses

    def begin(self, document: Stored[S], *, read_only: str = "") -> None:
        """The document was read: show it, and offer what was left unsaved the last time."""
        self.stored = document
        self.read_only = read_only
        self._history = History(document.state)
        self._before = self.raw(document.state)
        # From now on the same, also when somebody else signs in below an editor that is still open.
        self._owner = self._owner or self._session.identity
        self._claim()
        self._keeping = True
        left = local_drafts.load(self._key)  # now: the next key may be typed into the document, and kept
        self._refresh()
        self._offering = left is not None
        if left is not None:
            self._offer(left)

    def edit(self, state: S, topic: Hashable = None) -> None:
        """One step: kept in the history and on this machine, examined, shown.

        Args:
            topic: steps in a row about the same topic (the cell that is typed in) are undone together.
        """
        if self._history is None:
            return
        if self._offering:  # keys that were pressed before the question was there would be kept in its place
            self._refresh()
            return
        if self.read_only:
            self.app.notify(self.read_only, severity="warning")
            self._refresh()
            return
        history = self._history.step(state, topic)
        if history is not self._history:
            self._go_to(history)

    # ------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield Static(words(_("Asking the server …"), "$quiet"), id="heading")
        yield from self.compose_editor()
        yield Static(id="remarks")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done now is dim; what can never be done to a document to look at only is not there."""
        if self.read_only and action in ("save", "undo", "redo"):
            return False
        history = self._history
        possible = {
            "save": not self.read_only and not self._busy and history is not None and self.worth_saving(),
            "undo": history is not None and bool(history.past),
            "redo": history is not None and bool(history.future),
            "difference": history is not None,
            "json": history is not None,
        }
        return possible.get(action, True) or None

    def _go_to(self, history: History[S]) -> None:
        self._history = history
        self._just_saved = False
        self._keep()
        self._refresh()

    def _refresh(self) -> None:
        """Everything that depends on the state."""
        state = self.state
        self.remarks = self.examine(state)
        self.show(state, self.remarks)
        self.say()
        history = self._history
        keys = (history and bool(history.past), history and bool(history.future), self.unsaved, self._busy)
        if keys != self._key_state:
            self._key_state = keys
            self.refresh_bindings()

    def say(self) -> None:
        """The heading and the remarks; what says the same as before is not laid out again."""
        self._put("#heading", self._heading(), layout=False)
        self._put("#remarks", self._summary(), layout=True)

    def _put(self, where: str, content: Content, *, layout: bool) -> None:
        line = self.query_one(where, Static)
        if not (isinstance(line.content, Content) and content.is_same(line.content)):
            line.update(content, layout=layout)

    def _heading(self) -> Content:
        if self._storing:
            mark = words("  " + _("saving …"), "$quiet")
        elif self.read_only:
            mark = words("  " + _("to look at only"), "$quiet")
        elif self.unsaved:
            mark = words("  ● " + _("not saved"), "bold $warning")
        elif self._just_saved:
            mark = words("  √ " + _("saved"), "$success")
        else:
            mark = words("")
        return assemble(self.heading(), mark)

    def _summary(self) -> Content:
        """The first remarks, and how many there are."""
        if not self.remarks:
            return words(self.read_only, "$quiet")
        signs = {Weight.ERROR: ("‼ ", "$error"), Weight.WARNING: ("! ", "$warning")}
        shown = [
            assemble(words(signs[one.weight][0], signs[one.weight][1]), stored(one, 300))
            for one in self.remarks[:REMARKS_SHOWN]
        ]
        more = len(self.remarks) - len(shown)
        if more > 0:
            shown.append(words(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}, "$quiet"))
        return lines(shown)

    # ------------------------------------------------------------------ going back and forth

    def action_undo(self) -> None:
        """One step back."""
        self.settle()
        if self._history is not None:
            self._go_to(self._history.undo())

    def action_redo(self) -> None:
        """The step once more."""
        self.settle()
        if self._history is not None:
            self._go_to(self._history.redo())

    # ------------------------------------------------------------------ looking

    def action_difference(self) -> None:
        """What was changed."""
        self.settle()
        self.app.push_screen(DifferenceDialog(self.comparisons()))

    def action_json(self) -> None:
        """The document as JSON."""
        self.settle()
        self.app.push_screen(JsonDialog(_("The document as JSON"), pretty(self.document(self.state))))

    # ------------------------------------------------------------------ the draft on this machine

    @work(group="offer", exclusive=True)
    async def _offer(self, draft: LocalDraft | Damaged) -> None:
        """Offer what was left unsaved, also when the stored document is another by now; until then nothing is typed."""
        try:
            if isinstance(draft, LocalDraft) and merging.same(draft.raw, self._before):
                local_drafts.drop(self._key)
            elif isinstance(draft, LocalDraft):
                try:
                    state = self.restore(draft.raw)
                except Exception:
                    draft = Damaged(local_drafts.set_aside(self._key))
                else:
                    await self._offered(draft, state)
        finally:
            self._offering = False
        if isinstance(draft, Damaged):
            self.app.notify(
                _("It is kept as %(file)s.") % {"file": draft.kept_as},
                title=_("What was left unsaved here cannot be read"),
                severity="error",
            )

    async def _offered(self, draft: LocalDraft, state: S) -> None:
        moved = not merging.same(draft.before, self._before)
        while True:
            self._offering = True
            changes = self.changes(self.state, state)
            answer = await self.app.push_screen_wait(OfferDialog(draft.when, changes, moved, self.read_only))
            if answer == leaving.LOOK:
                await self.app.push_screen_wait(JsonDialog(_("What was left unsaved"), pretty(self.document(state))))
            elif answer == leaving.THROW_AWAY:
                local_drafts.drop(self._key)
                return
            elif answer == leaving.TAKE:
                self._offering = False
                if not moved:
                    self.edit(state)
                    return
                if await self._merge(draft.before, draft.raw, self._before):
                    return
            else:
                if not self.read_only:
                    self.dismiss()
                return

    # ------------------------------------------------------------------ saving

    def action_save(self) -> None:
        """Enter what is being typed, at once; then show the difference, and save it if that is agreed to."""
        self.settle()
        self._ask_and_save()

    @work(group="save")
    async def _ask_and_save(self) -> None:
        if self._busy or self._offering or self.stored is None or self.read_only or not self.worth_saving():
            return
        errors = [remark for remark in self.remarks if remark.weight is Weight.ERROR]
        if errors:
            self.app.clear_notifications()  # the same once, however often it is tried
            self.app.notify(str(errors[0]), title=_("This must be mended before it can be saved"), severity="error")
            self.point_at(errors[0].path)
            return
        self._busy = True
        try:
            comparison = Comparison(_("What would be saved"), self._changes())
            if await self.app.push_screen_wait(DifferenceDialog([comparison], self.remarks, saving=True)):
                await self._save(self.state, self.stored.version)
        finally:
            self._busy = False
        self._refresh()

    async def _save(self, state: S, version: int | None) -> None:
        self._storing = True
        self._refresh()
        try:
            try:
                document = await self.store(state, version)
            finally:
                self._storing = False
        except StaleDocument as stale:
            await self._somebody_was_faster(state, stale.theirs)
        except SupraError as error:
            self.app.heard(error)
            self.app.explain(error)
        else:
            self.app.heard()
            self._saved(state, document)
            self.app.clear_notifications()  # what they said of the document before is not true any more
            self._just_saved = not self.unsaved  # said in the heading, where nothing is covered by it

    def _saved(self, state: S, document: Stored[S]) -> None:
        """What was sent is stored; what was typed since is not."""
        self.stored = document
        self._before = self.raw(document.state)
        self._claim()
        if self._history is not None:
            if self._history.present == state:
                self._history = self._history.settled(document.state)
            self._keep()

    async def _somebody_was_faster(self, state: S, theirs: Stored[S] | None) -> None:
        self._refresh()
        if theirs is None:
            self.app.notify(
                _("What you have is kept on this machine; F4 shows it, to be copied."),
                title=_("Somebody deleted this document meanwhile"),
                severity="error",
            )
            return
        raw = self.raw(theirs.state)
        if merging.same(raw, self.raw(state)):
            # Our own save whose answer was lost, or somebody with the same idea.
            self._saved(state, theirs)
            self.app.notify(_("It is stored just so already."))
            return
        base = self._before
        before = self.stored
        self.stored, self._before = theirs, raw
        if not await self._merge(base, self.raw(self.state), raw):
            self.stored, self._before = before, base

    async def _merge(self, base: Json, mine: Json, theirs: Json) -> bool:
        """Have it chosen, field by field, what stays; False if that was given up."""
        found = merging.differences(base, mine, theirs)
        choices = await self.app.push_screen_wait(ConflictDialog(found, self.where, self.said))
        if choices is None:
            return False
        merged = merging.merged(base, mine, theirs, choices)
        if isinstance(merged, merging.Absent):  # the document itself is there on both sides
            return False
        self.settle()
        self.edit(self.restore(merged))
        self._keep()
        self._refresh()
        self.app.notify(_("Nothing is saved yet: look at it once more, then Ctrl+S."))
        return True

    # ------------------------------------------------------------------ leaving

    @work(group="leave", exclusive=True)
    async def action_back(self) -> None:
        """Leave; ask what becomes of changes that are not saved."""
        if self._busy:
            return
        if self.unsaved:
            answer = await self.app.push_screen_wait(LeaveDialog(self._changes()))
            if answer == leaving.STAY:
                return
            if answer == leaving.THROW_AWAY:
                local_drafts.drop(self._key)
        self.leave()

    def leave(self) -> None:
        """Close the editor, as soon as nothing is in front of it."""
        self._leaving = self.app.screen is not self
        if not self._leaving:
            self.dismiss()

    def on_screen_suspend(self) -> None:
        """A dialog is in front of it: what was being typed is entered."""
        self.settle()

    def on_screen_resume(self) -> None:
        """Nothing is in front of it any more."""
        if self._leaving:
            self.leave()

    def on_unmount(self) -> None:
        local_drafts.release(self._key)
        if self.unsaved and self.app.is_running and local_drafts.exists(self._key):
            self.app.notify(_("What is not saved is kept on this machine, and offered when you open it again."))
