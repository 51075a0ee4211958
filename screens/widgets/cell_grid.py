"""How are cells edited where they stand, by keys alone?

Typing puts a new text into the cell the cursor is in, and any arrow enters it and moves on, as in a spreadsheet. Enter
goes on with the text that is there; the arrows move within it then. A cell may be one of a few choices, or a label.

Every keystroke is told at once and not by a message, and every key acts before the next is looked at: a slow line
delivers many together, and the next of them may be to save, or for another cell.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding

from screens.widgets.cell_lines import GAP, CellLines, GridCell, GridColumn, GridRow
from screens.widgets.text import folded
from supra_console.display import is_safe
from supra_console.i18n import N_

LONGEST: Final = 250
"""Characters one may type into a cell."""

Told = Callable[["CellGrid", int, str, str], None]
"""Is told the grid, the row, the column's key and a text: what is typed, is pasted, or stood there before."""


class CellGrid(CellLines):
    """Cells, a cursor in one of them, and what is typed there.

    Attributes:
        read_only: nothing may be typed; the keys are the screen's then.
        edits: how often the typing in a cell was begun.
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

    def __init__(
        self, typed: Told, pasted: Told, entered: Told, *, passes: Container[str] = (), id: str | None = None
    ) -> None:
        """A grid that tells what happens to its cells.

        Args:
            typed: with every key, the text of the cell.
            pasted: a piece of a spreadsheet, to go over the cells from this one on.
            entered: that the typing in a cell is over, and which text it had before.
            passes: keys that are printable and yet the screen's.
        """
        super().__init__(id=id)
        self._entered = entered
        self._typed_in = typed
        self._pasted_over = pasted
        self._passes = passes
        self._before = ""
        self._opened = False  # with Enter: the arrows move in the text
        self.read_only = False
        self.edits = 0

    def put(self, row: int, key: str | None = None) -> None:
        """Put the cursor into a cell."""
        self.settle()
        column = next((place for place, one in enumerate(self._columns) if one.key == key), self.column)
        self._stand(row, column)

    def show(self, columns: Sequence[GridColumn], rows: Sequence[GridRow]) -> None:
        """Show these rows; where another text is put into the cell that is being typed, the typing is over."""
        super().show(columns, rows)
        cell = self._cell
        if self._caret is not None and (cell is None or cell.text != self._typed):
            self._end()

    def settle(self) -> None:
        """The typing in the cell is over; what was typed stays, and Esc does not bring back what was before."""
        if self._caret is not None:
            self._caret = None
            if self._typed != self._before:
                self._entered(self, self.row, self.key, self._before)
            self._end()

    def _end(self) -> None:
        self._caret = None
        self.edits += 1
        self._repaint(self.row)

    def on_focus(self) -> None:
        """The cursor is seen only where one types."""
        self._repaint(self.row)

    def on_blur(self) -> None:
        """As `on_focus`; and what was typed stays."""
        self.settle()
        self._repaint(self.row)

    # ------------------------------------------------------------------ moving

    def action_move(self, rows: int, columns: int) -> None:
        """To a row above or below; past the edge to the next grid."""
        self.settle()
        beyond = self.row + rows
        if abs(rows) == 1 and not 0 <= beyond < len(self._rows):
            self._cross(rows)
            return
        self._stand(beyond, self.column + columns)

    def _cross(self, way: int) -> None:
        """Into the grid above or below, at the row that is next to this one; past the last of them nowhere."""
        grids = [one for one in self.screen.focus_chain if isinstance(one, CellGrid) and one._rows]
        place = grids.index(self) + way if self in grids else -1
        if 0 <= place < len(grids):
            grids[place]._stand(0 if way > 0 else len(grids[place]._rows) - 1, grids[place].column)
            self.screen.set_focus(grids[place])

    def action_page(self, way: int) -> None:
        """A window higher or lower."""
        self.action_move(way * max(2, self.size.height - 2), 0)

    def action_side(self, way: int) -> None:
        """The caret to the side in a text that was opened; else what was typed is entered, and the cursor moves."""
        if self._caret is not None and self._opened:
            self._caret = max(0, min(len(self._typed), self._caret + way))
            self._repaint(self.row)
            return
        self.settle()
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

    def _begin(self, text: str, caret: int, *, opened: bool = False) -> None:
        cell = self._cell
        if cell is not None:
            self._before, self._opened = cell.text, opened
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
            self._begin(cell.text, len(cell.text), opened=True)

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
            if self._typed != self._before:
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
