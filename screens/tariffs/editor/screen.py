"""How is a tariff written so that a wrong one is hard to write, and seen before anybody pays it?

Five views of one sheet: blocks, terms and concepts, a bill to try, the difference to the tariff it replaces, JSON.
Every keystroke is examined; what is to be mended is said at its cell and below.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from screens.editing.dialogs import Changes, Comparison, in_full
from screens.editing.frame import EditorFrame, StaleDocument, Stored
from screens.editing.raw_text import RawText
from screens.tariffs.editor import cells, keys
from screens.tariffs.editor.commands import EditorCommands
from screens.tariffs.editor.judging import Judgement, judge
from screens.tariffs.editor.scaling import ScaleDialog
from screens.tariffs.editor.stored import (
    Surroundings,
    TariffChanged,
    TariffQueries,
    document_of,
    keep,
    may_have_been_kept,
    surroundings,
    why_read_only,
)
from screens.tariffs.editor.trying import Curves, Trial, TryView
from screens.tariffs.editor.views import VIEWS, EditorViews
from screens.widgets.cell_grid import CellGrid
from screens.widgets.plot import Plot
from screens.widgets.text import assemble, lines, stored, words
from supra_console.documents.billing import TariffInsert
from supra_console.documents.wording import Loc, place
from supra_console.editing import local_drafts
from supra_console.editing.changes import Change, written
from supra_console.editing.json_text import pretty
from supra_console.editing.remarks import Remark, Weight
from supra_console.errors import InvalidInput, SupraError
from supra_console.i18n import N_, _, ngettext
from supra_console.jsonb import Json
from supra_console.tariffs import pasting, sheet
from supra_console.tariffs.difference import changes
from supra_console.tariffs.register import NewTariff, Series, TariffRow
from supra_console.tariffs.sheet import Sheet
from supra_console.tariffs.sheet_values import from_raw, to_raw

if TYPE_CHECKING:
    from screens.session import Session

TALL, WIDE = 34, 110
"""From so many lines on the blocks have their curve below."""


class TariffEditor(EditorFrame[Sheet], inherit_bindings=False):
    """A tariff's blocks, terms and concepts, tried and compared while they are written."""

    CSS_PATH = "editor.tcss"
    TITLE = N_("Tariff")
    HELP = N_("""\
**Type where you stand.** Arrows and Tab move from cell to cell; typing puts a new text there, Enter goes on with the
one that is there, Esc takes it back. A cell of one of a few takes the next with Space, or the first letter of it.

**Blocks.** A consumption belongs to the block above whose *from* it lies, up to and including *to*. Where a block
begins where the one before ends, moving one limit moves the other. F6 splits a block so that no bill changes, and
stands on the new limit; F7 merges it with the next.

**Marks.** `‼` must be mended before saving, `!` should be looked at; the lines below say what, at the cursor first.

**Try it** in view 3: type a consumption and see each step; Enter on a line of the test set takes its m³. The dashed
curve is the tariff that is replaced.

**Paste** cells of a spreadsheet: they go over the cells from the cursor on. Numbers are digits and a point; what is
written otherwise stays and is marked.

**Nothing is lost**: every keystroke is kept on this machine and offered when you come back. Ctrl+S shows what changed
and saves it; if somebody else saved meanwhile, both are shown field by field.
""")
    PROVIDERS: ClassVar = (EditorCommands,)
    BINDINGS: ClassVar = [*keys.OF_BLOCKS, *keys.OF_CONCEPTS, *keys.OF_TRYING, *keys.OF_ALL]

    view: var[int] = var(0, init=False)

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
        self._known = Surroundings()
        self._judged: Judgement | None = None
        self._rated: TariffInsert | None = None
        self._social = False
        self._curves = Curves()
        self._shown: dict[str, object] = {}

    # ------------------------------------------------------------------ layout

    def compose_editor(self) -> ComposeResult:
        yield EditorViews()
        with Vertical(id="blocks-view"):
            yield CellGrid(id="blocks")
            yield Plot(id="blocks-plot")
        with Vertical(id="terms-view"):
            yield CellGrid(id="terms")
            yield CellGrid(id="concepts")
        yield TryView(self._curves)
        with Vertical(id="difference-view"):
            yield Static(id="against")
            yield Changes(id="changes")
            yield Static(id="in-full")
        with Vertical(id="json-view"):
            yield RawText("", id="json")

    def on_mount(self) -> None:
        self.watch_view()
        self.load()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height >= TALL, "-tall")
        if self.open:
            self._shown.clear()
            self.call_after_refresh(self._show_view)

    # ------------------------------------------------------------------ reading

    @property
    def _ask(self) -> TariffQueries:
        if self._queries is None:
            from queries import tariffs

            self._queries = cast("TariffQueries", tariffs)
        return self._queries

    @property
    def draft_key(self) -> str:  # type: ignore[override]
        """One draft for each tariff, and one for each new version of one."""
        row = self._known.row or (self._subject if isinstance(self._subject, TariffRow) else None)
        if row is not None:
            return f"tariff {row.id}"
        replaces = self._subject.replaces if isinstance(self._subject, NewTariff) else None
        return f"tariff new {replaces.id if replaces else ''}".strip()

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
        self._known = known
        identity = self._session.identity
        may = identity is not None and identity.may("supra_supervisor")
        row = known.row
        if row is not None:
            document = Stored(from_raw(row.raw), row.version)
        elif isinstance(self._subject, NewTariff):
            document = Stored(from_raw(self._subject.raw) if self._subject.raw else Sheet(), None)
        read_only = why_read_only(row, may=may)
        if row is not None and row.document is None:
            self.view = 4
        self.begin(document, read_only=read_only)
        self.watch_view()
        if not known.context.population:
            self.count()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.app.heard(message.error)
        error = message.error
        self.query_one("#heading", Static).update(
            words("✗ ", "bold $error") + stored(error.title, 100, "bold $error") + stored("  " + error.advice, 200)
        )

    @on(Counted)
    def _counted(self, message: Counted) -> None:
        self._known = self._known.counted(message.population)
        if self.open:
            self._judged = None
            self._refresh()

    # ------------------------------------------------------------------ what the frame asks

    def heading(self) -> Content:
        """Its name, what it replaces, and what saving would undo."""
        name = self.state.terms.name or _("a tariff without a name")
        parts = [stored(name, 60, "bold")]
        replaced, row = self._known.replaced, self._known.row
        if replaced is not None:
            parts.append(stored("  " + _("after {name}").format(name=replaced.name), 70, "$quiet"))
        if row is not None and not self.read_only and row.approved_at is not None:
            parts.append(words("  " + _("saving voids its approval"), "$warning"))
        elif row is not None and not self.read_only and row.submitted_at is not None:
            parts.append(words("  " + _("in review: saving takes it back"), "$warning"))
        return assemble(*parts)

    def examine(self, state: Sheet) -> tuple[Remark, ...]:
        """What cannot be read, and what the rules say of the rest."""
        row = self._known.row
        if row is not None and row.document is None:
            return row.unreadable
        if self._judged is None or self._judged.sheet is not state:
            self._judged = judge(state, self._known.context)
            self._rated = self._judged.tariff or self._rated
        return self._judged.remarks

    def raw(self, state: Sheet) -> Json:
        return to_raw(state)[0]

    def restore(self, raw: Json) -> Sheet:
        if not isinstance(raw, dict) or not isinstance(raw.get("blocks"), list):
            raise InvalidInput(_("The draft cannot be read"), _("It was written by another program."))
        return from_raw(raw)

    def changes(self, before: Sheet, after: Sheet) -> tuple[Change, ...]:
        return changes(to_raw(before)[0], to_raw(after)[0])

    def comparisons(self) -> tuple[Comparison, ...]:
        """Against what is stored, and against the tariff it replaces."""
        first = Comparison(_("What is stored, and now"), self._changes())
        old = self._known.old
        if old is None:
            return (first,)
        return first, Comparison(_("The tariff it replaces, and now"), self.changes(old, self.state))

    def where(self, path: Loc) -> str:
        return place(TariffInsert, path)

    def document(self, state: Sheet) -> object:
        return document_of(self._known.row, state)

    def worth_saving(self) -> bool:
        """A new version may be stored before anything is typed into it."""
        return self.unsaved or (self.open and self.stored is not None and self.stored.version is None)

    async def store(self, state: Sheet, version: int | None) -> Stored[Sheet]:
        """Save the draft against the version it was read at."""
        document = judge(state, self._known.context).tariff
        if document is None:
            raise InvalidInput()
        known = self._known
        if known.row is not None and version is not None:
            known = replace(known, row=replace(known.row, version=version))
        try:
            row = await keep(self._ask, await self._session.database(), known, document, self.raw(state))
        except TariffChanged as changed:
            if changed.current is None:
                raise StaleDocument(None) from None
            self._known = replace(self._known, row=changed.current)
            if changed.current.active:
                self.read_only = why_read_only(changed.current, may=True)
                raise
            raise StaleDocument(Stored(from_raw(changed.current.raw), changed.current.version)) from None
        except SupraError as error:
            if may_have_been_kept(error):
                self._known = replace(self._known, unsure=True)
            raise
        if self._known.row is None:
            local_drafts.drop(self._key)  # under the name it had before it had an id
        self._known = replace(self._known, row=row, unsure=False)
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
                self.view = 1 if path[:1] == ("additional_concepts",) else 0
                return
        self.view = 0 if grid == "#blocks" else 1
        target = self.query_one(grid, CellGrid)
        target.focus()
        target.put(row, key)

    # ------------------------------------------------------------------ showing

    def show(self, state: Sheet, remarks: tuple[Remark, ...]) -> None:
        """Paint the open view; the others when they are opened."""
        self._show_view()

    def _show_view(self) -> None:
        if not self.open:
            return
        state, name = self.state, VIEWS[self.view].name
        width = self.size.width - 1
        marks = cells.Marks(self.remarks)
        if name == "blocks-view":
            self.query_one("#blocks", CellGrid).show(cells.block_columns(width), cells.block_rows(state, marks))
            if self.has_class("-tall"):
                self.query_one("#blocks-plot", Plot).show(self._curves.figure(self._trial))
        elif name == "terms-view":
            rows = cells.term_rows(state, marks, self._known.explotaciones)
            self.query_one("#terms", CellGrid).show(cells.term_columns(width), rows)
            grid = self.query_one("#concepts", CellGrid)
            grid.show(cells.concept_columns(width), cells.concept_rows(state, marks, width))
        elif name == "try":
            if self._shown.get(name) != (trial := self._trial):
                self._shown[name] = trial
                self.query_one(TryView).show(trial)
        elif self._shown.get(name) is not state:
            self._shown[name] = state
            if name == "json-view":
                self.query_one("#json", RawText).put(pretty(self.document(state)))
            else:
                self._show_difference(state)

    @property
    def _trial(self) -> Trial:
        present = self._judged is not None and self._judged.tariff is not None
        old = self._known.replaced.document if self._known.replaced is not None else None
        return Trial(self._rated, old, present, self._social)

    def _show_difference(self, state: Sheet) -> None:
        old, replaced = self._known.old, self._known.replaced
        note, table = self.query_one("#against", Static), self.query_one("#changes", Changes)
        if old is None or replaced is None:
            note.update(words(_("It replaces no tariff: everything in it is new. F3 shows what is not saved.")))
            table.show(changes(None, to_raw(state)[0]))
        else:
            found = self.changes(old, state)
            count = ngettext("%(n)d field differs", "%(n)d fields differ", len(found)) % {"n": len(found)}
            said = _("from {name}, in force from {day}").format(name=replaced.name, day=replaced.effective_from)
            note.update(stored(f"{count} {said}", 200))
            table.show(found)
        table.styles.height = "1fr"
        self._show_change()

    def on_line_table_highlighted(self) -> None:
        """Another change, or a row of another table: the change is shown in full."""
        if VIEWS[self.view].name == "difference-view":
            self._show_change()

    def _show_change(self) -> None:
        change = self.query_one("#changes", Changes).row
        full = [assemble(words(f"{name}: ", "$quiet"), stored(written(value), 300)) for name, value in in_full(change)]
        self.query_one("#in-full", Static).update(lines(full))

    def _summary(self) -> Content:
        """How many remarks there are, and the one at the cursor, or else the first."""
        if not self.remarks:
            return words(self.read_only, "$quiet") if self.read_only else words("√ " + _("nothing to mend"), "$success")
        errors = sum(remark.weight is Weight.ERROR for remark in self.remarks)
        warnings = len(self.remarks) - errors
        parts = []
        if errors:
            parts.append(words("‼ " + ngettext("%(n)d error", "%(n)d errors", errors) % {"n": errors}, "bold $error"))
        if warnings:
            count = ngettext("%(n)d warning", "%(n)d warnings", warnings) % {"n": warnings}
            parts.append(words(("  " if errors else "") + "! " + count, "$warning"))
        if self.read_only:
            parts.append(stored("  " + self.read_only, 200, "$quiet"))
        here = self._at_cursor() or self.remarks[0]
        sign = ("‼ ", "$error") if here.weight is Weight.ERROR else ("! ", "$warning")
        return lines([assemble(*parts), assemble(words(*sign), stored(here, 300))])

    def _at_cursor(self) -> Remark | None:
        grid = self._grid
        if grid is None:
            return None
        marks = cells.Marks(self.remarks)
        path = cells.path_of(grid.id or "", grid.row, grid.key)
        return marks.at(*path) or (marks.in_row(*path[:2]) if len(path) > 1 else None)

    # ------------------------------------------------------------------ going about

    @property
    def _grid(self) -> CellGrid | None:
        """The grid one types in."""
        return self.focused if isinstance(self.focused, CellGrid) else None

    def watch_view(self) -> None:
        """Another view is open."""
        self.query_one(EditorViews).chosen = self.view
        for number, view in enumerate(VIEWS):
            self.query_one(f"#{view.name}").display = number == self.view
        if self.open:
            self._show_view()
        self.query_one(VIEWS[self.view].focus).focus()
        self.refresh_bindings()

    @on(EditorViews.Chosen)
    def _clicked(self, event: EditorViews.Chosen) -> None:
        self.view = event.place

    def action_view(self, number: int) -> None:
        """Open a view by its number."""
        self.view = number - 1

    def action_turn(self, step: int) -> None:
        """The view beside this one."""
        self.view = (self.view + step) % len(VIEWS)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is hidden where it has no place, and dim where it cannot be used now."""
        home = keys.IN_VIEW.get(action)
        if home is None:
            return super().check_action(action, parameters)
        if VIEWS[self.view].name not in home:
            return False
        if not self.open:
            return None
        if action == "social":
            return self._trial.discounted or None
        if self.read_only:
            return None
        blocks = len(self.state.blocks)
        possible = {
            "merge": self.query_one("#blocks", CellGrid).row + 1 < blocks,
            "split": blocks > 0,
            "delete_block": blocks > 0,
            "delete_concept": bool(self.state.concepts) and self.query_one("#concepts").has_focus,
        }
        return possible.get(action, True) or None

    @on(CellGrid.Moved)
    def _moved(self) -> None:
        if self.open:
            self.query_one("#remarks", Static).update(self._summary())
        self.refresh_bindings()

    def action_undo(self) -> None:
        """One step back; the typing in a cell is over."""
        self._settle()
        super().action_undo()

    def action_redo(self) -> None:
        """The step once more."""
        self._settle()
        super().action_redo()

    def _settle(self) -> None:
        for grid in self.query(CellGrid):
            grid.settle()

    # ------------------------------------------------------------------ typing

    @on(CellGrid.Typed)
    def _typed(self, event: CellGrid.Typed) -> None:
        grid, row, key, text = event.grid, event.row, event.key, event.text
        topic: Hashable = (grid.id, row, key, grid.edits)
        match grid.id:
            case "blocks" if row < len(self.state.blocks):
                self.edit(sheet.set_block(self.state, row, key, text), topic)
            case "concepts" if row < len(self.state.concepts):
                self.edit(sheet.set_concept(self.state, row, key, text), topic)
            case "terms":
                self.edit(sheet.set_term(self.state, cells.TERMS[row].field, text), topic)

    @on(CellGrid.Pasted)
    def _pasted(self, event: CellGrid.Pasted) -> None:
        def paste() -> Sheet:
            if event.grid.id == "blocks":
                return pasting.paste_blocks(self.state, event.row, event.key, event.text)
            if event.grid.id == "concepts":
                return pasting.paste_concepts(self.state, event.row, event.key, event.text)
            raise InvalidInput(_("A table has no place here"), _("Paste it into the blocks or the concepts."))

        self._do(paste)

    def _do(self, operation: Callable[[], Sheet]) -> bool:
        """One operation on the sheet; why it cannot be is told."""
        try:
            self.edit(operation())
        except InvalidInput as error:
            self.app.notify(error.advice, title=error.title, severity="warning")
            return False
        return True

    def action_add_block(self) -> None:
        """An open block at the end; its limit is typed next."""
        blocks = self.query_one("#blocks", CellGrid)
        blocks.settle()
        if self._do(lambda: sheet.add_block(self.state)):
            last = len(self.state.blocks) - 1
            blocks.put(max(0, last - 1) if last else 0, "to_m3" if last else "price_per_m3", edit=False)

    def action_insert_block(self) -> None:
        """A block before this one."""
        blocks = self.query_one("#blocks", CellGrid)
        blocks.settle()
        row = blocks.row
        if self._do(lambda: sheet.insert_block(self.state, row)):
            blocks.put(row, "to_m3")

    def action_split(self) -> None:
        """Two blocks of this one; the cursor stands on the new limit, to type another."""
        blocks = self.query_one("#blocks", CellGrid)
        blocks.settle()
        row = blocks.row
        at = sheet.default_split(self.state, row)
        if at is None:
            self.app.notify(
                _("Its limits cannot be read, or it is too narrow."),
                title=_("This block cannot be split"),
                severity="warning",
            )
        elif self._do(lambda: sheet.split(self.state, row, at)):
            blocks.put(row, "to_m3")

    def action_merge(self) -> None:
        """This block and the next as one."""
        blocks = self.query_one("#blocks", CellGrid)
        blocks.settle()
        self._do(lambda: sheet.merge(self.state, blocks.row))

    def action_delete_block(self) -> None:
        """Without this block."""
        blocks = self.query_one("#blocks", CellGrid)
        blocks.settle()
        self._do(lambda: sheet.delete_block(self.state, blocks.row))

    def action_add_concept(self) -> None:
        """A concept at the end; its code is typed next."""
        concepts = self.query_one("#concepts", CellGrid)
        concepts.settle()
        self._do(lambda: sheet.add_concept(self.state))
        concepts.focus()
        concepts.put(len(self.state.concepts) - 1, "code")

    def action_delete_concept(self) -> None:
        """Without this concept."""
        concepts = self.query_one("#concepts", CellGrid)
        concepts.settle()
        self._do(lambda: sheet.delete_concept(self.state, concepts.row))

    @work(group="scale", exclusive=True)
    async def action_scale(self) -> None:
        """All limits times a factor, for a longer or a shorter period."""
        self._settle()
        factor: Decimal | None = await self.app.push_screen_wait(ScaleDialog())
        if factor is not None:
            self._do(partial(sheet.scale_limits, self.state, factor))

    def action_social(self) -> None:
        """With the social discount, or without."""
        self._social = not self._social
        self._show_view()
