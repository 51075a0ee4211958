"""How are cells shown, one of which the cursor is in?

Only lines that changed are painted: a keystroke is one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from supra_console.display import safe

GAP: Final = 2
"""Cells between two columns: one on either side of each; the left one holds the mark of a cell's remark."""
MARKS: Final = {"error": "‼", "warning": "!"}


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


class CellLines(ScrollView, can_focus=True):
    """Rows of cells under a line of titles.

    Attributes:
        row: the one the cursor is in, from 0.
        column: likewise.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell-lines--header",
        "cell-lines--cursor",
        "cell-lines--row",
        "cell-lines--caret",
        "cell-lines--error",
        "cell-lines--warning",
        "cell-lines--quiet",
    }
    DEFAULT_CSS: ClassVar[str] = """
    CellLines {
        background: transparent; color: $foreground; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        & > .cell-lines--header { color: $quiet; }
        & > .cell-lines--row { background: $surface; }
        & > .cell-lines--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .cell-lines--caret { text-style: reverse; }
        & > .cell-lines--error { color: $error; }
        & > .cell-lines--warning { color: $warning; }
        & > .cell-lines--quiet { color: $quiet; }
    }
    CellLines:nocolor > .cell-lines--cursor { text-style: reverse; }
    CellLines:nocolor > .cell-lines--caret { text-style: underline; }
    """

    class Moved(Message):
        """The cursor is in another cell, or the typing in one is over."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: tuple[GridColumn, ...] = ()
        self._rows: Sequence[GridRow] = ()
        self._lines: dict[int, Strip] = {}
        self._caret: int | None = None
        self._typed = ""
        self.row = 0
        self.column = 0

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

    def render_line(self, y: int) -> Strip:
        """One line of the window: the titles, or the row that is scrolled there."""
        base = self.rich_style
        if y == 0:
            style = base + self.get_component_rich_style("cell-lines--header", partial=True)
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
            base = base + self.get_component_rich_style("cell-lines--row", partial=True)
        segments: list[Segment] = []
        places = zip(self._columns, self._widths(), self._rows[number], strict=True)
        for place, (column, width, cell) in enumerate(places):
            style = base
            if cell.role:
                style += self._role(cell.role)
            segments.append(Segment(MARKS.get(cell.role, " ") if not cell.label else " ", style))
            if here and place == self.column and not cell.label:
                cursor = base + self.get_component_rich_style("cell-lines--cursor", partial=True)
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
        mark = style + self.get_component_rich_style("cell-lines--caret", partial=True)
        pieces = ((shown[:place], style), (shown[place : place + 1], mark), (shown[place + 1 :], style))
        return [Segment(part, look) for part, look in pieces]

    def _role(self, name: str) -> Style:
        style = self.get_component_rich_style(f"cell-lines--{name}", partial=True)
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


def _segment(cell: GridCell, column: GridColumn, width: int, style: Style) -> Segment:
    return Segment(_fitted(cell.shown, width, column.right), style)


def _fitted(text: str, width: int, right: bool) -> str:
    """A text in exactly so many cells."""
    shown = safe(text, 4 * width)
    taken = cell_len(shown)
    if taken > width:
        return set_cell_size(shown, width - 1) + "…"
    return " " * (width - taken) + shown if right else shown + " " * (width - taken)
