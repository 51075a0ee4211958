"""How are many rows shown, whatever their number?

A table of one line a row that makes a line when it comes into sight. Textual's `DataTable` makes
all of them: 50 rows take it 35 ms and 5,000 a second, and it paints twice. Here any number of rows
is shown in two milliseconds, and nothing is kept but the records themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.text import cell
from supra_console.i18n import N_

Row = TypeVar("Row")

GAP = 2
"""Cells between two columns: one on either side of each."""

ROLES = ("good", "warning", "error", "quiet", "strong", "bar", "match", "coming")
"""What a cell can mean beside its words; the colours are in app.tcss."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; without a width it takes what the others leave."""

    key: str
    title: str
    width: int | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; `role` is one of ROLES, beside a word that says the same."""

    value: object
    role: str = ""


Value = Cell | str | Text


def remaining(width: int, columns: Sequence[Column]) -> int:
    """Cells for the column without a width, in a table `width` cells wide."""
    return max(8, width - sum((column.width or 0) + GAP for column in columns))


def longest(values: Iterable[str], least: int, most: int) -> int:
    """A width for a column of these values, within bounds."""
    return max(least, min(most, max((len(value) for value in values), default=least)))


class LineTable(ScrollView, Generic[Row], can_focus=True):
    """Rows under a line of titles, and a cursor that is a whole row."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-table--header",
        "line-table--cursor",
        *(f"line-table--{role}" for role in ROLES),
    }
    BINDINGS: ClassVar = [
        Binding("enter", "select", N_("Select"), show=False),
        Binding("up", "cursor_up", N_("Cursor up"), show=False),
        Binding("down", "cursor_down", N_("Cursor down"), show=False),
        Binding("pageup", "page_up", N_("Page up"), show=False),
        Binding("pagedown", "page_down", N_("Page down"), show=False),
        Binding("home,ctrl+home", "first", N_("Top"), show=False),
        Binding("end,ctrl+end", "last", N_("Bottom"), show=False),
    ]

    cursor_row: reactive[int] = reactive(0, repaint=False, init=False)

    class Highlighted(Message):
        """The cursor is on another row."""

    class Selected(Message):
        """Enter on a row, or a click on the row the cursor is on."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._columns: tuple[Column, ...] = ()
        self._cells: Callable[[Row], Sequence[Value]] = _nothing
        self._lines: dict[int, list[Segment]] = {}

    # ------------------------------------------------------------------ what is shown

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def row(self) -> Row | None:
        """The row the cursor is on."""
        return self._rows[self.cursor_row] if 0 <= self.cursor_row < len(self._rows) else None

    def fill(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        cells: Callable[[Row], Sequence[Value]],
        *,
        cursor: int = 0,
    ) -> None:
        """Show these rows in place of those before.

        Args:
            cells: the values of a row, one for each column; asked when the row comes into sight.
            cursor: the row to stand on.
        """
        self._columns, self._rows, self._cells = tuple(columns), rows, cells
        self._lines.clear()
        self.virtual_size = Size(0, len(rows) + 1 if columns else 0)
        self.set_reactive(LineTable.cursor_row, self.validate_cursor_row(cursor))
        self._show_cursor()
        self.refresh()

    def empty(self) -> None:
        """Show nothing, not even titles."""
        self.fill((), (), _nothing)

    def notify_style_update(self) -> None:
        """Other colours: lines are made anew."""
        self._lines.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Another width: lines are made anew."""
        self._lines.clear()
        self._show_cursor()

    def role(self, name: str) -> Style:
        """A role's colours without a background, which is the row's own."""
        style = self.get_component_rich_style(f"line-table--{name}", partial=True)
        return Style(color=style.color, bold=style.bold)

    # ------------------------------------------------------------------ lines

    def render_line(self, y: int) -> Strip:
        """One line of the window: the titles, or the row that is scrolled there."""
        base = self.rich_style
        if y == 0:
            header = self.get_component_rich_style("line-table--header", partial=True)
            titles = [cell(column.title) for column in self._columns]
            return self._strip(Segment.apply_style(self._segments(titles), base + header), base)
        number = self.scroll_offset.y + y - 1
        if not 0 <= number < len(self._rows):
            return Strip.blank(self.size.width, base)
        segments = self._lines.get(number)
        if segments is None:
            if len(self._lines) > 1000:
                self._lines.clear()
            segments = self._lines[number] = self._segments(self._cells(self._rows[number]))
        if number == self.cursor_row:
            cursor = self.get_component_rich_style("line-table--cursor", partial=True)
            return self._strip(Segment.apply_style(segments, base, cursor), base + cursor)
        return self._strip(Segment.apply_style(segments, base), base)

    def _strip(self, segments: Iterable[Segment], base: Style) -> Strip:
        strip = Strip(list(segments))
        return strip.adjust_cell_length(self.size.width, base).simplify()

    def _segments(self, values: Sequence[Value]) -> list[Segment]:
        room = remaining(self.size.width, self._columns)
        segments: list[Segment] = []
        for value, column in zip(values, self._columns, strict=True):
            text = self._text(value, column)
            text.align("right" if column.right else "left", room if column.width is None else column.width)
            text.pad(1)
            text.end = ""
            text.stylize_before(text.style)  # a text without spans is rendered without its style
            segments.extend(text.render(self.app.console))
        return segments

    def _text(self, value: Value, column: Column) -> Text:
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            value = Cell(value)
        text = cell(value.value, 4 * (column.width or self.size.width))
        if value.role:
            text.stylize(self.role(value.role))
        return text

    # ------------------------------------------------------------------ the cursor

    def validate_cursor_row(self, row: int) -> int:
        """On a row that is there."""
        return max(0, min(row, len(self._rows) - 1))

    def watch_cursor_row(self, before: int, now: int) -> None:
        """Only the two lines concerned are painted."""
        self._show_cursor()
        for row in (before, now):
            self.refresh(Region(0, row - self.scroll_offset.y + 1, self.size.width, 1))
        self.post_message(self.Highlighted())

    def _show_cursor(self) -> None:
        room = self.size.height - 1
        if room <= 0:
            return
        top = self.scroll_offset.y
        wanted = min(max(top, self.cursor_row - room + 1), self.cursor_row)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True, immediate=True)

    def action_cursor_up(self) -> None:
        """The row above."""
        self.cursor_row -= 1

    def action_cursor_down(self) -> None:
        """The row below."""
        self.cursor_row += 1

    def action_page_up(self) -> None:
        """A window higher."""
        self.cursor_row -= max(1, self.size.height - 2)

    def action_page_down(self) -> None:
        """A window lower."""
        self.cursor_row += max(1, self.size.height - 2)

    def action_first(self) -> None:
        """The first row."""
        self.cursor_row = 0

    def action_last(self) -> None:
        """The last row."""
        self.cursor_row = len(self._rows) - 1

    def action_select(self) -> None:
        """Choose the row the cursor is on."""
        if self.row is not None:
            self.post_message(self.Selected())

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; one where it stands already chooses."""
        number = self.scroll_offset.y + event.y - 1
        if event.y == 0 or not 0 <= number < len(self._rows):
            return
        if number == self.cursor_row:
            self.action_select()
        else:
            self.cursor_row = number
        event.stop()


def _nothing(_row: object) -> Sequence[Value]:
    return ()
