"""How is a document filled in, line by line, with the keyboard alone?

Every field is a line of a table: name, value, and what it means with its default, or what is wrong with it. The value
under the cursor is typed into a field that lies over the table; yes or no, and a choice among a few, turn with Space.
The form keeps nothing: it tells what was typed, and shows what it is given. It tells at once and not by a message,
because a slow line delivers many keys together: the next of them may be to save, or to another field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from screens.widgets.field import Field
from screens.widgets.frame import once_laid_out
from screens.widgets.line_table import GAP, Cell, Column, LineTable, Value
from screens.widgets.text import assemble, lines, stored, words
from supra_console.display import is_safe
from supra_console.documents.forms import NO, YES, Kind, Row
from supra_console.documents.wording import Loc
from supra_console.editing.remarks import Remark
from supra_console.i18n import N_, _, ngettext

HEADINGS = frozenset((Kind.GROUP, Kind.LIST, Kind.ENTRY))
SHORT = 14
"""A default that is longer is shown in full under the table only."""
TURNING = frozenset((Kind.YES_NO, Kind.CHOICE))


class Lines(LineTable[Row]):
    """A line for each field, heading and entry; the keys go to the field over it."""

    can_focus = False


class ValueField(Field):
    """Where the value under the cursor is typed, and where all keys of a form arrive.

    It has the focus also where there is nothing to type, without a width then: keys that arrive together would be
    taken out of order, if they went to two widgets. Every change is told before the next key is looked at.

    Attributes:
        open: the cursor is on a value to type into.
        fresh: it has just come there: the first letter takes the place of the value, as in a grid of cells; after
            any other key the value is gone on with.
    """

    def __init__(self, told: Callable[[str], None]) -> None:
        super().__init__(id="value")
        self._told = told
        self.open = False
        self.fresh = False

    async def _on_key(self, event: events.Key) -> None:
        """A letter is typed, where there is something to type; any other key acts at once.

        Textual lets such a key travel up to the application first, and letters that arrived with it overtake it.
        """
        fresh, self.fresh = self.fresh, False
        if self.open and event.is_printable:
            if fresh:
                self.action_select_all()
            return  # to Textual's own handler
        event.prevent_default()
        if await self.app._check_bindings(event.key):
            event.stop()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are for others where there is nothing to type."""
        return self.open and super().check_consume_key(key, character)

    def _on_paste(self, event: events.Paste) -> None:
        if not self.open:
            event.stop()
            event.prevent_default()

    def watch_value(self, value: str) -> None:
        """Textual calls this while the value changes."""
        self._told(value)


class DocumentForm(Vertical):
    """The lines, the field over them, and the line under the cursor in full."""

    BINDINGS: ClassVar = [
        Binding("space", "turn", N_("Turn"), id="form.turn", tooltip=N_("Yes or no, or the next choice")),
        Binding("up,shift+tab", "move('cursor_up')", show=False, id="form.up"),
        Binding("enter", "enter", show=False, id="form.enter"),
        Binding("down,tab", "move('cursor_down')", show=False, id="form.down"),
        Binding("pageup", "move('page_up')", show=False, id="form.page_up"),
        Binding("pagedown", "move('page_down')", show=False, id="form.page_down"),
        Binding("ctrl+home", "move('first')", show=False, id="form.first"),
        Binding("ctrl+end", "move('last')", show=False, id="form.last"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    DocumentForm {
        height: 1fr;
        & > Lines { height: 1fr; min-height: 4; }
        & > #value { position: absolute; height: 1; background: $panel; padding: 0; }
        & > #in_full { height: auto; min-height: 2; max-height: 3; padding: 0 1; background: $surface; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor is on another line."""

    def __init__(self, told: Callable[[Loc, str], None]) -> None:
        """A form that tells where what was typed."""
        super().__init__()
        self._told = told
        self._rows: Sequence[Row] = ()
        self._remarks: Sequence[Remark] = ()
        self._changed: Set[Loc] = frozenset()
        self._read_only = False
        self._shown: Loc | None = None  # the path of what lies in the field
        self._placing = False

    def compose(self) -> ComposeResult:
        yield Lines()
        yield ValueField(self._typed)
        yield Static(id="in_full")

    def on_mount(self) -> None:
        self.watch(self.table, "scroll_y", self._place, init=False)
        self.value.styles.width = 0

    def on_resize(self) -> None:
        once_laid_out(self, self._fill)

    # ------------------------------------------------------------------ what is shown

    @property
    def table(self) -> Lines:
        """The lines."""
        return self.query_one(Lines)

    @property
    def value(self) -> ValueField:
        """The field over them."""
        return self.query_one(ValueField)

    @property
    def row(self) -> Row | None:
        """The line under the cursor."""
        return self.table.row

    def show(self, rows: Sequence[Row], remarks: Sequence[Remark], changed: Set[Loc], *, read_only: bool) -> None:
        """Show these lines; the cursor stays on its field, or about where it was.

        Args:
            changed: the paths of what is not saved.
        """
        self._rows, self._remarks, self._changed, self._read_only = rows, remarks, changed, read_only
        self._fill()

    def go_to(self, path: Loc) -> None:
        """The cursor on the line a path is about."""
        place = self._line_of(path)
        if place is not None:
            self.table.cursor_row = place
            self._place()

    def _fill(self) -> None:
        here = self.row.path if self.row is not None else ()
        place = next((place for place, row in enumerate(self._rows) if row.path == here), self.table.cursor_row)
        self.table.fill(self._columns(), self._rows, self._cells, cursor=place)
        self._place()

    def _columns(self) -> tuple[Column, ...]:
        width = self.size.width
        value = max(14, min(44, width * 22 // 100))
        name = max(22, min(40, width * 3 // 10))
        return (
            Column("mark", "", 1),
            Column("name", _("Field"), name),
            Column("value", _("Value"), value),
            Column("meaning", _("Default, unit, limits")),
        )

    def _cells(self, row: Row) -> tuple[Value, ...]:
        error = self._error(row)
        mark = Cell("‼", "error") if error else Cell("●", "warning") if self._is_changed(row) else ""
        name = Cell("  " * row.depth + row.title, "strong" if row.kind in HEADINGS else "")
        value = Cell(self._said(row), "" if not row.is_default else "quiet")
        return mark, name, value, Cell("‼ " + error, "error") if error else Cell(meaning(row), "quiet")

    def _said(self, row: Row) -> str:
        if row.kind is Kind.LIST:
            count = int(row.value)
            return ngettext("%(n)d entry", "%(n)d entries", count) % {"n": count} if count else _("none")
        return said(row, row.value)

    def _error(self, row: Row) -> str:
        """What is wrong with this field itself, not with those under it."""
        place = self._line_of(row.path)
        return next((one.message for one in self._remarks if self._line_of(one.path) == place), "")

    def _line_of(self, path: Loc) -> int | None:
        """The line of the field a path leads to or into."""
        for length in range(len(path), 0, -1):
            for place, row in enumerate(self._rows):
                if row.path == path[:length]:
                    return place
        return None

    def _is_changed(self, row: Row) -> bool:
        return any(path[: len(row.path)] == row.path or row.path[: len(path)] == path for path in self._changed)

    # ------------------------------------------------------------------ the field over the table

    @on(Lines.Highlighted)
    def _highlighted(self) -> None:
        self._place()
        self.post_message(self.Moved())

    def _place(self) -> None:
        """The field over the value under the cursor, if that is one to type into."""
        row, table, field = self.row, self.table, self.value
        self._show_in_full()
        line = table.cursor_row - table.scroll_offset.y + 1
        typing = row is not None and row.kind not in HEADINGS | TURNING and not self._read_only
        field.open = row is not None and typing and 1 <= line < table.size.height
        if row is None or not field.open:
            self._shown = None
            field.styles.width = 0
            return
        before = self._columns()[:2]
        field.styles.offset = (sum((column.width or 0) + GAP for column in before) + 1, line)
        field.styles.width = self._columns()[2].width
        text = "".join(character for character in row.value if is_safe(character))
        self._placing = True
        with field.prevent(Input.Changed):
            field.value = text
        self._placing = False
        if self._shown != row.path:
            field.cursor_position = len(text)
            field.fresh = True
        self._shown = row.path

    @on(Lines.Selected)
    def action_enter(self) -> None:
        """Enter, or a click on the line under the cursor: turns what has a few values, else goes on."""
        if self.row is not None and self.row.kind in TURNING and not self._read_only:
            self.action_turn()
        else:
            self.action_move("cursor_down")

    def _typed(self, text: str) -> None:
        """The field has another text."""
        if not self._placing and self._shown is not None:
            self._told(self._shown, text)

    def _show_in_full(self) -> None:
        self.query_one("#in_full", Static).update(in_full(self.row) if self.row is not None else words(""))

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what has a few values turns."""
        return action != "turn" or (self.row is not None and self.row.kind in TURNING and not self._read_only)

    def action_move(self, way: str) -> None:
        """Another line."""
        getattr(self.table, f"action_{way}")()
        self._place()

    def action_turn(self) -> None:
        """The next value of the few there are."""
        row = self.row
        if row is None or row.kind not in TURNING:
            return
        values = (YES, NO) if row.kind is Kind.YES_NO else row.field.choices
        here = values.index(row.value) if row.value in values else -1
        self._told(row.path, values[(here + 1) % len(values)])


def said(row: Row, text: str) -> str:
    """A text of a line as it is read."""
    if row.kind is Kind.YES_NO:
        return _("yes") if text == YES else _("no")
    return text


def meaning(row: Row) -> str:
    """The default, and whether it is meant; then unit and limits."""
    parts = []
    if row.default is not None:
        text = said(row, row.default)
        if row.kind is Kind.LIST or len(text) > SHORT:
            text = _("default")
        parts.append(f"{'=' if row.is_default else '≠'} {text}")
    elif row.kind not in HEADINGS and row.field.optional:
        parts.append(_("may be empty"))
    if row.kind is not Kind.ENTRY and row.field.about:
        parts.append(row.field.about)
    return " · ".join(parts)


def in_full(row: Row) -> Content:
    """The line under the cursor, for whoever cannot read it all in the table."""
    if row.kind is Kind.ENTRY:
        return words(_("Ctrl+N adds an entry after this one, Ctrl+R removes it."), "$quiet")
    about = f": {row.field.about}" if row.field.about else ""
    first = assemble(words(row.field.title, "bold"), words(about))
    facts: list[Content] = []
    if row.kind is Kind.LIST:
        facts.append(words(_("Ctrl+N adds an entry.")))
    elif row.default is not None:
        key = "" if row.is_default else " (F5)"
        facts.append(assemble(words(_("Default") + ": "), stored(said(row, row.default), 200), words(key)))
    if row.kind in TURNING:
        facts.append(words(_("Space turns")))
    if row.field.choices and row.kind is not Kind.LIST:
        between = _("in this order, with commas: ") if row.kind is Kind.SEVERAL else _("one of: ")
        facts.append(words(between + ", ".join(row.field.choices)))
    elif row.field.rule is not None:
        facts.append(words(row.field.rule.sentence()))
    return lines([first, Content(" · ").join(facts).stylize("$quiet")])
