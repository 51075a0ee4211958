"""How is a tariff written so that a wrong one is hard to write, and seen before anybody pays it?

Five views of one sheet: blocks, terms and concepts, a bill to try, the difference to the tariff it replaces, JSON.
Every keystroke is examined; what is to be mended is said at its cell and below.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast
from uuid import UUID

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from screens.editing.dialogs import Comparison
from screens.editing.frame import StaleDocument, Stored
from screens.tariffs.editor import cells, keys
from screens.tariffs.editor.commands import EditorCommands
from screens.tariffs.editor.judging import judge
from screens.tariffs.editor.stored import (
    Surroundings,
    TariffChanged,
    TariffQueries,
    digest,
    keep,
    may_have_been_kept,
    surroundings,
    why_read_only,
)
from screens.tariffs.editor.views import VIEWS
from screens.tariffs.editor.writing import WrittenEditor
from screens.widgets.cell_grid import CellGrid
from screens.widgets.text import assemble, stored, words
from supra_console.documents.billing import TariffInsert
from supra_console.documents.wording import Loc, place
from supra_console.editing import local_drafts
from supra_console.editing.changes import Change
from supra_console.errors import InvalidInput, SupraError
from supra_console.formats import day
from supra_console.i18n import N_, _
from supra_console.jsonb import Json
from supra_console.tariffs.register import NewTariff, Series, TariffRow
from supra_console.tariffs.sheet import Sheet
from supra_console.tariffs.sheet_values import from_raw, to_raw

if TYPE_CHECKING:
    from screens.session import Session


NOT_SAVED = 18
"""Cells of the heading that are left to how it stands."""


class TariffEditor(WrittenEditor, inherit_bindings=False):
    """A tariff's blocks, terms and concepts, tried and compared while they are written."""

    CSS_PATH = "editor.tcss"
    TITLE = N_("Tariff")
    HELP = N_("""\
**Type where you stand.** Typing puts a new text into the cell; any arrow or Tab enters it and goes to the next cell.
Enter goes on with the text that is there: then the arrows move in it, and Enter ends it. Esc takes back what was typed
since the cell was entered. A cell of one of a few takes the next with Space, or the first letter of it.

**Blocks.** A consumption belongs to the block above whose *from* it lies, up to and including *to*. Where a block
begins where the one before ends, moving one limit moves the other. F6 splits a block so that no bill changes, and
stands on the new limit; F7 merges it with the next. Ctrl+R raises all prices by so many per cent. Where blocks are
typed as gazettes print them (0-10, 11-20, 21-30), Ctrl+G begins each where the one before ends.

**After.** The heading says which tariff it comes after: that is stored with it, and ends on its first day.

**Marks.** `‼` must be mended before saving, `!` should be looked at; the lines below say what, at the cursor first.

**Try it** in view 3: type a consumption and see each step; Enter on a line of the test set takes its m³. The dashed
curve is the tariff that is replaced.

**Paste** cells of a spreadsheet: they go over the cells from the cursor on, or where their first line says if that has
titles (*desde, hasta, precio, cuota fija*); a title that is not understood is told, and nothing is pasted. Numbers are
digits and a point; what is written otherwise stays and is marked.

**Nothing is lost**: every keystroke is kept on this machine and offered when you come back. Ctrl+S shows what changed
and saves it; if somebody else saved meanwhile, both are shown field by field.
""")
    PROVIDERS: ClassVar = (EditorCommands,)
    BINDINGS: ClassVar = [*keys.OF_BLOCKS, *keys.OF_CONCEPTS, *keys.OF_TRYING, *keys.OF_ALL]

    class Loaded(Message):
        """The register was read."""

        def __init__(self, known: Surroundings | None) -> None:
            super().__init__()
            self.known = known

    class Failed(Message):
        """It was not; the error says why."""

        def __init__(self, error: SupraError) -> None:
            super().__init__()
            self.error = error

    class Counted(Message):
        """The tomas of each series were counted."""

        def __init__(self, population: dict[Series, int]) -> None:
            super().__init__()
            self.population = population

    def __init__(
        self, session: Session, subject: TariffRow | NewTariff | None = None, queries: TariffQueries | None = None
    ) -> None:
        super().__init__(session)
        self._subject = subject if subject is not None else NewTariff()
        self._queries = queries

    def on_mount(self) -> None:
        self.watch_place()
        self.load()

    # ------------------------------------------------------------------ reading

    @property
    def _ask(self) -> TariffQueries:
        if self._queries is None:
            from queries import tariffs

            self._queries = cast("TariffQueries", tariffs)
        return self._queries

    @property
    def draft_key(self) -> str:  # type: ignore[override]
        """One draft for each tariff, one for each new one by what it begins with: a file, or the version before."""
        row = self.known.row or (self._subject if isinstance(self._subject, TariffRow) else None)
        if row is not None:
            return f"tariff {row.id}"
        parts = ["tariff new"]
        if isinstance(self._subject, NewTariff):
            parts += [str(self._subject.replaces.id)] if self._subject.replaces else []
            parts += [digest(self._subject.raw)] if self._subject.raw else []
        return " ".join(parts)

    @work(exclusive=True, group="tariff", exit_on_error=False)
    async def load(self) -> None:
        """Read the tariff as it is now, and what is known beside it."""
        try:
            database = await self._session.database()
            register = await self._ask.register(database)
        except SupraError as error:
            self.post_message(self.Failed(error))
        else:
            self.post_message(self.Loaded(surroundings(register, self._subject)))

    @work(exclusive=True, group="population", exit_on_error=False)
    async def count(self) -> None:
        """Count the tomas of each series; it takes a while, and the editor works without."""
        try:
            found = await self._ask.population(await self._session.database())
        except SupraError as error:
            self.app.heard(error)
        else:
            self.post_message(self.Counted(dict(found)))

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self.app.heard()
        known = message.known
        if known is None:
            self.query_one("#heading", Static).update(words(_("This tariff is not there any more."), "bold $error"))
            return
        self.known = known
        identity = self._session.identity
        may = identity is not None and identity.may("supra_supervisor")
        row = known.row
        if row is not None:
            document = Stored(from_raw(row.raw), row.version)
        elif isinstance(self._subject, NewTariff):
            document = Stored(from_raw(self._subject.raw) if self._subject.raw else Sheet(), None)
        read_only = why_read_only(row, may=may)
        if row is not None and row.document is None:
            self.place = 4
        self.begin(document, read_only=read_only)
        self._lock()
        self.watch_place()
        if not known.context.population:
            self.count()

    def _lock(self) -> None:
        """Where nothing can be changed nothing can be typed either, and digits open views."""
        for grid in self.query(CellGrid):
            grid.read_only = bool(self.read_only)

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.app.heard(message.error)
        error = message.error
        self.query_one("#heading", Static).update(
            words("✗ ", "bold $error") + stored(error.title, 100, "bold $error") + stored("  " + error.advice, 200)
        )

    @on(Counted)
    def _counted(self, message: Counted) -> None:
        self.known = self.known.counted(message.population)
        if self.open:
            self._judged = None
            self._refresh()

    # ------------------------------------------------------------------ what the frame asks

    def heading(self) -> Content:
        """Its name, what it replaces, and what saving would undo."""
        room = max(40, self.size.width - NOT_SAVED)
        name = self.state.terms.name or _("a tariff without a name")
        parts = [stored(name, room * 3 // 5, "bold")]
        replaced, row = self.known.replaced, self.known.row
        if replaced is not None:
            left = room - min(len(name), room * 3 // 5) - 2
            parts.append(stored("  " + _("after {name}").format(name=replaced.name), left, "$quiet"))
        if row is not None and not self.read_only and row.approved_at is not None:
            parts.append(words("  " + _("saving voids its approval"), "$warning"))
        elif row is not None and not self.read_only and row.submitted_at is not None:
            parts.append(words("  " + _("in review: saving takes it back"), "$warning"))
        return assemble(*parts)

    def raw(self, state: Sheet) -> Json:
        return to_raw(state)[0]

    def restore(self, raw: Json) -> Sheet:
        if not isinstance(raw, dict) or not isinstance(raw.get("blocks"), list):
            raise InvalidInput(_("The draft cannot be read"), _("It was written by another program."))
        return from_raw(raw)

    def comparisons(self) -> tuple[Comparison, ...]:
        """Against what is stored, and against the tariff it replaces."""
        first = Comparison(_("What is stored, and now"), self._changes())
        old = self.known.old
        if old is None:
            return (first,)
        return first, Comparison(_("The tariff it replaces, and now"), self.changes(old, self.state))

    def _changes(self) -> tuple[Change, ...]:
        """The fields that differ, and another tariff that it takes the place of."""
        found = super()._changes()
        return found if self._replaces is None else (*found, self._replaces)

    @property
    def _replaces(self) -> Change | None:
        """That what it will replace is not what is stored."""
        stored = None if self.known.row is None else self.known.row.replaces_id
        if not self.open or self.read_only or self.known.replaces == stored:
            return None
        path = ("replaces_id",)
        return Change(path, self.where(path), self._name_of(stored), self._name_of(self.known.replaces))

    def _name_of(self, tariff_id: UUID | None) -> str | None:
        """A tariff by its name and first day, which tariffs of one name differ in."""
        found = next((one for one in self.known.rows if one.id == tariff_id), None)
        if found is None:
            return None if tariff_id is None else str(tariff_id)
        return f"{found.name}, {day(found.effective_from)}"

    def where(self, path: Loc) -> str:
        return place(TariffInsert, path)

    def worth_saving(self) -> bool:
        """A new version may be stored before anything is typed into it, and what a draft replaces by itself."""
        fresh = self.open and self.stored is not None and self.stored.version is None
        return self.unsaved or fresh or self._replaces is not None

    async def store(self, state: Sheet, version: int | None) -> Stored[Sheet]:
        """Save the draft against the version it was read at."""
        document = judge(state, self.known.context).tariff
        if document is None:
            raise InvalidInput()
        known = self.known
        if known.row is not None and version is not None:
            known = replace(known, row=replace(known.row, version=version))
        try:
            row = await keep(self._ask, await self._session.database(), known, document, to_raw(state)[0])
        except TariffChanged as changed:
            if changed.current is None:
                raise StaleDocument(None) from None
            self.known = replace(self.known, row=changed.current)
            if changed.current.active:
                self.read_only = why_read_only(changed.current, may=True)
                self._lock()
                raise
            raise StaleDocument(Stored(from_raw(changed.current.raw), changed.current.version)) from None
        except SupraError as error:
            if may_have_been_kept(error):
                self.known = replace(self.known, unsure=True)
            raise
        if self.known.row is None:
            local_drafts.drop(self._key)  # under the name it had before it had an id
        self.known = replace(self.known, row=row, named=row.replaces_id, unsure=False)
        return Stored(from_raw(row.raw), row.version)

    def point_at(self, path: Loc) -> None:
        """Put the cursor into the cell a remark is about."""
        match path:
            case ("blocks", int() as row, *_rest):
                grid, key = "#blocks", str(path[-1])
            case ("additional_concepts", int() as row, *_rest):
                grid, key = "#concepts", str(path[-1])
            case (str() as name, *_rest) if name not in ("blocks", "additional_concepts"):
                grid, key = "#terms", cells.VALUE
                row = next((number for number, term in enumerate(cells.TERMS) if term.field == name), 0)
            case _:
                self.place = 1 if path[:1] == ("additional_concepts",) else 0
                return
        self.place = 0 if grid == "#blocks" else 1
        target = self.query_one(grid, CellGrid)
        self.set_focus(target)
        target.put(row, key)

    # ------------------------------------------------------------------ going about

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is hidden where it has no place, and dim where it cannot be used now."""
        home = keys.IN_VIEW.get(action)
        if home is None:
            return super().check_action(action, parameters)
        if VIEWS[self.place].name not in home:
            return False
        if action == "join":
            return self.has_gaps
        if not self.open:
            return None
        if action == "social":
            return True
        if self.read_only:
            return False
        blocks = len(self.state.blocks)
        possible = {
            "merge": self.query_one("#blocks", CellGrid).row + 1 < blocks,
            "split": blocks > 0,
            "raise": blocks > 0,
            "delete_block": blocks > 0,
            "delete_concept": bool(self.state.concepts) and self.focused is self.query_one("#concepts"),
        }
        return possible.get(action, True) or None

    @on(CellGrid.Moved)
    def _moved(self) -> None:
        if self.open:
            self.say()
        self.refresh_bindings()
