"""How are cells edited where they stand, by keys alone?

Lines of cells with a cursor in one of them. Typing puts a new text into the cell, Enter goes on with the one that is
there. A cell may be one of a few choices, or a label. Only lines that changed are painted.

Every keystroke is told at once and not by a message, and every key acts before the next is looked at: a slow line
delivers many together, and the next of them may be to save, or for another cell.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.text import folded
from supra_console.display import is_safe, safe
from supra_console.i18n import N_

GAP: Final = 2
"""Cells between two columns: one on either side of each; the left one holds the mark of a cell's remark."""
MARKS: Final = {"error": "‼", "warning": "!"}
LONGEST: Final = 250
"""Characters one may type into a cell."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column; without a width it takes what the others leave."""

    key: str
    title: str
    width: int | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell.

    Attributes:
        text: as typed; of a choice, its code.
        role: `error` or `warning` marks it, `quiet` is for what is not typed.
        choices: codes and words, where it is one of a few.
        label: not to be edited; the cursor does not go there.
    """

    text: str
    role: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    label: bool = False

    @property
    def shown(self) -> str:
        """As it stands on the terminal."""
        return dict(self.choices).get(self.text, self.text)


GridRow = tuple[GridCell, ...]


Told = Callable[["CellGrid", int, str, str], None]
"""Is told the grid, the row, the column's key and the text."""


class CellGrid(ScrollView, can_focus=True):
    """Rows of cells under a line of titles, and a cursor in one of them."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell-grid--header",
        "cell-grid--cursor",
        "cell-grid--row",
        "cell-grid--caret",
        "cell-grid--error",
        "cell-grid--warning",
        "cell-grid--quiet",
    }
    DEFAULT_CSS: ClassVar[str] = """
    CellGrid {
        background: transparent; color: $foreground; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & > .cell-grid--header { color: $quiet; }
        & > .cell-grid--row { background: $surface; }
        & > .cell-grid--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .cell-grid--caret { text-style: reverse; }
        & > .cell-grid--error { color: $error; }
        & > .cell-grid--warning { color: $warning; }
        & > .cell-grid--quiet { color: $quiet; }
    }
    CellGrid:nocolor > .cell-grid--cursor { text-style: reverse; }
    CellGrid:nocolor > .cell-grid--caret { text-style: underline; }
    """
    BINDINGS: ClassVar = [
        Binding("enter", "enter", N_("Edit, choose"), show=False),
        Binding("escape", "cancel", N_("Take back what was typed in the cell"), show=False),
        Binding("up", "move(-1, 0)", N_("Cell above"), show=False),
        Binding("down", "move(1, 0)", N_("Cell below"), show=False),
        Binding("left", "side(-1)", N_("Cell before"), show=False),
        Binding("right", "side(1)", N_("Next cell"), show=False),
        Binding("tab", "along(1)", N_("Next cell"), show=False),
        Binding("shift+tab", "along(-1)", N_("Cell before"), show=False),
        Binding("pageup", "page(-1)", N_("Page up"), show=False),
        Binding("pagedown", "page(1)", N_("Page down"), show=False),
        Binding("home", "edge(-1)", N_("First cell of the row"), show=False),
        Binding("end", "edge(1)", N_("Last cell of the row"), show=False),
        Binding("ctrl+home", "move(-100000, 0)", N_("Top"), show=False),
        Binding("ctrl+end", "move(100000, 0)", N_("Bottom"), show=False),
        Binding("backspace", "erase(-1)", N_("Delete character left"), show=False),
        Binding("delete", "erase(0)", N_("Delete character right"), show=False),
        Binding("ctrl+u", "clear", N_("Empty the cell"), show=False),
    ]

    class Moved(Message):
        """The cursor is in another cell, or the typing in one is over."""

    def __init__(self, typed: Told, pasted: Told, *, passes: Container[str] = (), id: str | None = None) -> None:
        """A grid that tells what is typed into a cell, and what piece of a spreadsheet is to go over those from it on.

        Args:
            passes: keys that are printable and yet the screen's.
        """
        super().__init__(id=id)
        self._typed_in = typed
        self._pasted_over = pasted
        self._passes = passes
        self._columns: tuple[GridColumn, ...] = ()
        self._rows: Sequence[GridRow] = ()
        self._lines: dict[int, Strip] = {}
        self._caret: int | None = None
        self._typed = ""
        self._before = ""
        self.row = 0
        self.column = 0
        self.read_only = False
        self.edits = 0

    # ------------------------------------------------------------------ what is shown

    @property
    def key(self) -> str:
        """Which column the cursor is in."""
        return self._columns[self.column].key if self._columns else ""

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def editing(self) -> bool:
        """Whether there is a caret in the cell."""
        return self._caret is not None

    def show(self, columns: Sequence[GridColumn], rows: Sequence[GridRow]) -> None:
        """Show these rows; what looks as before is not painted again."""
        columns = tuple(columns)
        if columns != self._columns or len(rows) != len(self._rows):
            self._columns, self._rows = columns, rows
            self._lines.clear()
            self.virtual_size = Size(0, len(rows) + 1)
            self._stand(self.row, self.column)
            self.refresh()
            return
        before, self._rows = self._rows, rows
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self._repaint(number)

    def put(self, row: int, key: str | None = None, *, edit: bool = False) -> None:
        """Put the cursor into a cell, with `edit` to type over what is there."""
        self.settle()
        column = next((place for place, one in enumerate(self._columns) if one.key == key), self.column)
        self._stand(row, column)
        cell = self._cell
        if edit and not self.read_only and cell is not None and not cell.choices and not cell.label:
            self._begin(cell.text, len(cell.text))

    def settle(self) -> None:
        """The typing in the cell is over; what was typed stays."""
        if self._caret is not None:
            self._caret = None
            self.edits += 1
            self._repaint(self.row)

    @property
    def _cell(self) -> GridCell | None:
        if 0 <= self.row < len(self._rows) and self._columns:
            return self._rows[self.row][self.column]
        return None

    # ------------------------------------------------------------------ lines

    def notify_style_update(self) -> None:
        """Other colours: lines are made anew."""
        self._lines.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Another width: lines are made anew."""
        self._lines.clear()
        self._scroll()

    def on_focus(self) -> None:
        """The cursor is seen only where one types."""
        self._repaint(self.row)

    def on_blur(self) -> None:
        """As `on_focus`; and what was typed stays."""
        self.settle()
        self._repaint(self.row)

    def render_line(self, y: int) -> Strip:
        """One line of the window: the titles, or the row that is scrolled there."""
        base = self.rich_style
        if y == 0:
            style = base + self.get_component_rich_style("cell-grid--header", partial=True)
            return self._strip([Segment(text, style) for text, _column in self._titles()], base)
        number = self.scroll_offset.y + y - 1
        if not 0 <= number < len(self._rows):
            return Strip.blank(self.size.width, base)
        line = self._lines.get(number)
        if line is None:
            if len(self._lines) > 1000:
                self._lines.clear()
            line = self._lines[number] = self._line(number, base)
        return line

    def _titles(self) -> Iterator[tuple[str, GridColumn]]:
        for column, width in zip(self._columns, self._widths(), strict=True):
            yield " " + _fitted(column.title, width, column.right) + " ", column

    def _widths(self) -> list[int]:
        taken = sum((one.width or 0) + GAP for one in self._columns)
        rest = max(8, self.size.width - taken)
        return [rest if one.width is None else one.width for one in self._columns]

    def _line(self, number: int, base: Style) -> Strip:
        here = number == self.row and self.has_focus
        if here:
            base = base + self.get_component_rich_style("cell-grid--row", partial=True)
        segments: list[Segment] = []
        places = zip(self._columns, self._widths(), self._rows[number], strict=True)
        for place, (column, width, cell) in enumerate(places):
            style = base
            if cell.role:
                style += self._role(cell.role)
            segments.append(Segment(MARKS.get(cell.role, " ") if not cell.label else " ", style))
            if here and place == self.column and not cell.label:
                cursor = base + self.get_component_rich_style("cell-grid--cursor", partial=True)
                segments += (
                    self._edited(column, width, cursor) if self.editing else [_segment(cell, column, width, cursor)]
                )
            else:
                segments.append(_segment(cell, column, width, style))
            segments.append(Segment(" ", base))
        return self._strip(segments, base)

    def _edited(self, column: GridColumn, width: int, style: Style) -> list[Segment]:
        """The text being typed, with its caret, scrolled so that the caret is seen."""
        caret = self._caret or 0
        text = safe(self._typed) + " "
        start = max(0, caret - width + 1)
        before = " " * (width - cell_len(text)) if column.right else ""
        shown = set_cell_size(before + text[start:], width)
        place = len(before) + caret - start
        mark = style + self.get_component_rich_style("cell-grid--caret", partial=True)
        pieces = ((shown[:place], style), (shown[place : place + 1], mark), (shown[place + 1 :], style))
        return [Segment(part, look) for part, look in pieces]

    def _role(self, name: str) -> Style:
        style = self.get_component_rich_style(f"cell-grid--{name}", partial=True)
        return Style(color=style.color, bold=style.bold)

    def _strip(self, segments: list[Segment], base: Style) -> Strip:
        return Strip(segments).adjust_cell_length(self.size.width, base).simplify()

    def _repaint(self, row: int) -> None:
        self._lines.pop(row, None)
        self.refresh(Region(0, row - self.scroll_offset.y + 1, self.size.width, 1))

    # ------------------------------------------------------------------ the cursor

    def _stand(self, row: int, column: int) -> None:
        before = self.row
        self.row = max(0, min(row, len(self._rows) - 1))
        self.column = max(0, min(column, len(self._columns) - 1))
        if self._rows and self._rows[self.row][self.column].label:
            free = self._free()
            self.column = next((one for one in free if one >= column), free[-1] if free else 0)
        self._scroll()
        self._repaint(before)
        self._repaint(self.row)
        self.post_message(self.Moved())

    def _free(self) -> list[int]:
        """The columns of this row the cursor may go to."""
        return [place for place, cell in enumerate(self._rows[self.row]) if not cell.label]

    def _scroll(self) -> None:
        room = self.size.height - 1
        if room <= 0:
            return
        top = self.scroll_offset.y
        wanted = min(max(top, self.row - room + 1), self.row)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True, immediate=True)

    def action_move(self, rows: int, columns: int) -> None:
        """To a row above or below; past the edge to the next grid."""
        self.settle()
        beyond = self.row + rows
        if abs(rows) == 1 and not 0 <= beyond < len(self._rows):
            self._leave(rows)
            return
        self._stand(beyond, self.column + columns)

    def action_page(self, way: int) -> None:
        """A window higher or lower."""
        self.action_move(way * max(2, self.size.height - 2), 0)

    def action_side(self, way: int) -> None:
        """The caret to the side, or the cursor where nothing is being typed."""
        if self._caret is not None:
            self._caret = max(0, min(len(self._typed), self._caret + way))
            self._repaint(self.row)
            return
        self._beside(way)

    def action_edge(self, way: int) -> None:
        """To the first or last character, or cell of the row."""
        if self._caret is not None:
            self._caret = 0 if way < 0 else len(self._typed)
            self._repaint(self.row)
        elif self._rows:
            free = self._free()
            self._stand(self.row, free[0] if way < 0 else free[-1])

    def action_along(self, way: int) -> None:
        """The next cell, and after a row's last the first of the row below."""
        self.settle()
        if not self._rows:
            self._leave(way)
            return
        if self._beside(way):
            return
        row = self.row + way
        if not 0 <= row < len(self._rows):
            self._leave(way)
            return
        self._stand(row, 0 if way > 0 else len(self._columns))
        free = self._free()
        self._stand(row, free[0] if way > 0 else free[-1])

    def _beside(self, way: int) -> bool:
        if not self._rows:
            return False
        beyond = [one for one in self._free() if (one - self.column) * way > 0]
        if beyond:
            self._stand(self.row, beyond[0] if way > 0 else beyond[-1])
        return bool(beyond)

    def _leave(self, way: int) -> None:
        if way > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; one where it stands already begins to edit."""
        row = self.scroll_offset.y + event.y - 1
        if event.y == 0 or not 0 <= row < len(self._rows):
            return
        left, column = 0, 0
        for place, width in enumerate(self._widths()):
            if event.x >= left:
                column = place
            left += width + GAP
        if (row, column) == (self.row, self.column):
            self.action_enter()
        else:
            self.settle()
            self._stand(row, column)

    # ------------------------------------------------------------------ typing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is the screen's unless something is being typed."""
        return self.editing if action == "cancel" else True

    def _begin(self, text: str, caret: int) -> None:
        cell = self._cell
        if cell is not None:
            self._before = cell.text
            self._typed, self._caret = text, caret
            self._repaint(self.row)

    def _tell(self) -> None:
        rows = list(self._rows)
        cells = list(rows[self.row])
        cells[self.column] = replace(cells[self.column], text=self._typed)
        rows[self.row] = tuple(cells)  # the next key may come before the screen has answered this one
        self._rows = rows
        self._repaint(self.row)
        self._typed_in(self, self.row, self.key, self._typed)

    @property
    def _writable(self) -> GridCell | None:
        cell = self._cell
        return None if cell is None or cell.label or self.read_only else cell

    async def _on_key(self, event: events.Key) -> None:
        event.prevent_default()
        event.stop()
        focused = self.screen.focused
        if focused is not None and focused is not self:
            # Keys that came together with the one that led away.
            focused.post_message(events.Key(event.key, event.character))
            return
        character = event.character
        cell = self._writable
        if character is None or not event.is_printable or event.key in self._passes or cell is None:
            # Textual lets such a key travel up to the application first, and letters would overtake it.
            await self.app._check_bindings(event.key)
        elif cell.choices:
            self._choose(cell, character)
        else:
            if self._caret is None:
                self._begin("", 0)
            self._insert(character)

    def _insert(self, text: str) -> None:
        text = "".join(character for character in text if is_safe(character))
        if self._caret is None or not text or len(self._typed) + len(text) > LONGEST:
            return
        self._typed = self._typed[: self._caret] + text + self._typed[self._caret :]
        self._caret += len(text)
        self._tell()

    def action_enter(self) -> None:
        """Go on with the text that is there, take the next choice, or end the typing and go down."""
        cell = self._writable
        if cell is None:
            return
        if self._caret is not None:
            self.settle()
            self._stand(min(self.row + 1, len(self._rows) - 1), self.column)
        elif cell.choices:
            self._choose(cell, " ")
        else:
            self._begin(cell.text, len(cell.text))

    def _choose(self, cell: GridCell, character: str) -> None:
        """The next choice, or the next that begins with a letter."""
        codes = [code for code, _words in cell.choices]
        here = codes.index(cell.text) if cell.text in codes else -1
        for code, words in [*cell.choices[here + 1 :], *cell.choices[: here + 1]]:
            if character == " " or folded(words).startswith(folded(character)):
                self.edits += 1
                self._typed = code
                self._tell()
                return

    def action_erase(self, step: int) -> None:
        """The character before the caret, or under it; without a caret the whole text."""
        cell = self._writable
        if cell is None or cell.choices:
            return
        if self._caret is None:
            self.action_clear()
            return
        place = self._caret + step
        if 0 <= place < len(self._typed):
            self._typed = self._typed[:place] + self._typed[place + 1 :]
            self._caret = place
            self._tell()

    def action_clear(self) -> None:
        """An empty cell."""
        cell = self._writable
        if cell is None or cell.choices:
            return
        if self._caret is None:
            self._begin("", 0)
        self._typed, self._caret = "", 0
        self._tell()

    def action_cancel(self) -> None:
        """What stood in the cell before stands there again."""
        if self._caret is not None:
            self._typed = self._before
            self._tell()
            self.settle()

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        cell = self._writable
        if cell is None:
            return
        lines = event.text.strip("\r\n")
        if any(mark in lines for mark in "\t\r\n") or (";" in lines and not self.editing):
            self.settle()
            self._pasted_over(self, self.row, self.key, event.text)
        elif not cell.choices:
            if self._caret is None:
                self._begin("", 0)
            self._insert(lines.strip()[:LONGEST])


def _segment(cell: GridCell, column: GridColumn, width: int, style: Style) -> Segment:
    return Segment(_fitted(cell.shown, width, column.right), style)


def _fitted(text: str, width: int, right: bool) -> str:
    """A text in exactly so many cells."""
    shown = safe(text, 4 * width)
    taken = cell_len(shown)
    if taken > width:
        return set_cell_size(shown, width - 1) + "…"
    return " " * (width - taken) + shown if right else shown + " " * (width - taken)
