"""What do the five views of a sheet show?

Only the open view is painted, and in it only what changed; the others are when they are opened.
"""

from __future__ import annotations

from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.editing.dialogs import Changes, in_full
from screens.editing.frame import EditorFrame
from screens.editing.raw_text import RawText
from screens.session import Session
from screens.tariffs.editor import cells
from screens.tariffs.editor.judging import Judgement, judge
from screens.tariffs.editor.stored import Surroundings
from screens.tariffs.editor.trying import Curves, Trial, TryView
from screens.tariffs.editor.views import VIEWS
from screens.widgets.cell_grid import CellGrid
from screens.widgets.frame import once_laid_out
from screens.widgets.number_strip import NumberStrip
from screens.widgets.numbered_views import NumberedViews
from screens.widgets.plot import Plot
from screens.widgets.text import assemble, lines, stored, words
from supra_console.documents.billing import TariffInsert
from supra_console.documents.wording import Loc
from supra_console.editing.changes import Change, written
from supra_console.editing.json_text import pretty
from supra_console.editing.merging import Absent, Value
from supra_console.editing.remarks import Remark, Weight
from supra_console.formats import day
from supra_console.i18n import _, ngettext
from supra_console.tariffs.difference import changes
from supra_console.tariffs.sheet import Sheet
from supra_console.tariffs.sheet_blocks import joined
from supra_console.tariffs.sheet_values import to_raw

NARROW = 72
"""In fewer columns a bill has no curve beside it."""
GAPS = ("gap", "not_from_zero")
"""Remarks that blocks begin too late."""
LOOKED_BACK = 100
"""Steps back in which a bill is looked for, while the sheet as it stands has none."""
TALL = 34
"""From so many lines on the blocks have their curve below."""


class PaintedEditor(EditorFrame[Sheet], NumberedViews):
    """The views of a tariff's sheet.

    Attributes:
        known: what is known beside the sheet.
    """

    VIEW_TITLES = tuple(view.title for view in VIEWS)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.known = Surroundings()
        self.social = False
        self._judged: Judgement | None = None
        self._rated: dict[Sheet, TariffInsert | None] = {}
        self._curves = Curves()
        self._shown: dict[str, object] = {}

    def grid(self, name: str) -> CellGrid:
        """A grid whose keys are made something of."""
        raise NotImplementedError

    def compose_editor(self) -> ComposeResult:
        yield NumberStrip(self.VIEW_TITLES)
        with Vertical(id="blocks-view"):
            yield self.grid("blocks")
            yield Plot(id="blocks-plot")
        with Vertical(id="terms-view"):
            yield self.grid("terms")
            yield self.grid("concepts")
        yield TryView(self._curves)
        with Vertical(id="difference-view"):
            yield Static(id="against")
            yield Changes(id="changes")
            yield Static(id="in-full")
        with Vertical(id="json-view"):
            yield RawText("", id="json")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height >= TALL, "-tall")
        self.set_class(event.size.width < NARROW, "-narrow")
        if self.open:
            self._shown.clear()
            once_laid_out(self, self._show_view)

    # ------------------------------------------------------------------ what is said

    def examine(self, state: Sheet) -> tuple[Remark, ...]:
        """What cannot be read, and what the rules say of the rest."""
        self.known = self.known.beside(state.terms)
        row = self.known.row
        if row is not None and row.document is None:
            return row.unreadable
        if self._judged is None or self._judged.sheet is not state:
            self._judged = judge(state, self.known.context)
            if len(self._rated) > LOOKED_BACK:
                self._rated.clear()
            self._rated[state] = self._judged.rated
        return self._judged.remarks

    def changes(self, before: Sheet, after: Sheet) -> tuple[Change, ...]:
        return self._named(changes(to_raw(before)[0], to_raw(after)[0]))

    def said(self, path: Loc, value: Value) -> str:
        """A value in the words it is chosen by."""
        return super().said(path, value) if isinstance(value, Absent) else written(self._worded(path, value))

    def _named(self, found: tuple[Change, ...]) -> tuple[Change, ...]:
        """Changes in the words the values are chosen by."""
        return tuple(
            replace(one, before=self._worded(one.path, one.before), after=self._worded(one.path, one.after))
            for one in found
        )

    def _worded(self, path: Loc, value: object) -> object:
        """An explotación by its name, a mode by its words; anything else as it is."""
        match path:
            case ("explotacion_id",) if value is None:
                return _("all of them")
            case ("explotacion_id",):
                found = next((one for one in self.known.explotaciones if str(one.id) == str(value)), None)
                return value if found is None else f"{found.name} ({found.code})"
            case ("rating_mode",) if value in cells.MODES:
                return _(cells.MODES[str(value)])
            case _:
                return value

    # ------------------------------------------------------------------ painting

    def show(self, state: Sheet, remarks: tuple[Remark, ...]) -> None:
        """Paint the open view; the others when they are opened."""
        self._show_view()

    def _show_view(self) -> None:
        if not self.open:
            return
        state, name = self.state, VIEWS[self.place].name
        width = self.size.width - 1
        marks = cells.Marks(self.remarks)
        if name == "blocks-view":
            self.query_one("#blocks", CellGrid).show(cells.block_columns(width), cells.block_rows(state, marks))
            if self.has_class("-tall"):
                self.query_one("#blocks-plot", Plot).show(self._curves.figure(self._trial))
        elif name == "terms-view":
            rows = cells.term_rows(state, marks, self.known.explotaciones)
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
        rated = self._judged.rated if self._judged is not None else None
        old = self.known.replaced.document if self.known.replaced is not None else None
        return Trial(rated or self._settled(), old, rated is not None, self.social)

    def _settled(self) -> TariffInsert | None:
        """The tariff as it last was entered and could be rated: never one of a half-typed number.

        What is typed in one cell is one step of the history, so the states before are those that were entered.
        """
        past = self._history.past[-LOOKED_BACK:] if self._history is not None else ()
        for state in reversed(past):
            if state not in self._rated:
                self._rated[state] = judge(state).rated
            if (rated := self._rated[state]) is not None:
                return rated
        return None

    def _show_difference(self, state: Sheet) -> None:
        old, replaced = self.known.old, self.known.replaced
        note, table = self.query_one("#against", Static), self.query_one("#changes", Changes)
        if old is None or replaced is None:
            note.update(words(_("It replaces no tariff: everything in it is new. F3 shows what is not saved.")))
            table.show(self._named(changes(None, to_raw(state)[0])))
        else:
            found = self.changes(old, state)
            count = ngettext("%(n)d field differs", "%(n)d fields differ", len(found)) % {"n": len(found)}
            since = _("from that of {day}:").format(day=day(replaced.effective_from))
            note.update(words(f"{count} {since} ") + stored(replaced.name, 200))
            table.show(found)
        table.styles.height = "1fr"
        self._show_change()

    def on_line_table_highlighted(self) -> None:
        """Another change, or a row of another table: the change is shown in full."""
        if VIEWS[self.place].name == "difference-view":
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
        here = self._at_cursor() or self.remarks[0]
        late = any(one.code in GAPS for one in self.remarks) and self.has_gaps
        offer = words("  " + _("Ctrl+G closes the gaps"), "bold") if late else words("")
        sign = ("  ‼ ", "$error") if here.weight is Weight.ERROR else ("  ! ", "$warning")
        parts += [words(*sign), stored(here, 300), offer]
        return lines([stored(self.read_only, 200), assemble(*parts)]) if self.read_only else assemble(*parts)

    @property
    def has_gaps(self) -> bool:
        """Whether blocks are typed as they are printed, and can be made to begin where the one before ends."""
        return self.open and not self.read_only and joined(self.state) != self.state

    def _at_cursor(self) -> Remark | None:
        grid = self._grid
        if grid is None:
            return None
        marks = cells.Marks(self.remarks)
        path = cells.path_of(grid.id or "", grid.row, grid.key)
        return marks.at(*path) or (marks.in_row(*path[:2]) if len(path) > 1 else None)

    @property
    def _grid(self) -> CellGrid | None:
        """The grid one types in."""
        return self.focused if isinstance(self.focused, CellGrid) else None

    def watch_place(self) -> None:
        """Another view is open."""
        for number, view in enumerate(VIEWS):
            self.query_one(f"#{view.name}").display = number == self.place
        if self.open:
            self._show_view()
        self.set_focus(self.query_one(VIEWS[self.place].focus))  # at once: the next key may be here already
        self.refresh_bindings()
