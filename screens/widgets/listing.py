"""What does a view make of its records, and how does that reach the table?

A view is a function from what is known to a `Listing`; neither knows a widget, so it can be read and tested as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.content import Content

from screens.widgets.line_table import Column, LineTable, Value
from screens.widgets.text import stored, words

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Row(Generic[Subject]):
    """One row: what it stands for, by a key that stays the same from one snapshot to the next."""

    key: str
    subject: Subject


@dataclass(frozen=True, slots=True)
class Shown(Generic[Subject]):
    """A column, how its value is got, and in how wide a table it has a place."""

    column: Column
    value: Callable[[Subject], Value]
    least: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A view: what it says in one line, and its rows. Cells are made when their row comes into sight."""

    note: str
    columns: tuple[Column, ...] = ()
    rows: Sequence[Row[Any]] = ()
    cells: Callable[[Row[Any]], Sequence[Value]] = lambda row: ()
    note_role: str = ""


def listing(
    note: str, shown: Iterable[Shown[Any]], rows: Sequence[Row[Any]], width: int, note_role: str = ""
) -> Listing:
    """A view of the columns that a table `width` cells wide has room for."""
    kept = [one for one in shown if width >= one.least]
    return Listing(
        note,
        tuple(one.column for one in kept),
        rows,
        lambda row: [one.value(row.subject) for one in kept],
        note_role,
    )


class ListingTable(LineTable[Row[Any]]):
    """The rows of the view that is open."""

    def __init__(self) -> None:
        super().__init__(id="rows")

    def show(self, made: Listing, key: str | None) -> None:
        """Replace what is shown; the cursor goes to the row of that key, or stays about where it was."""
        keys = {row.key: place for place, row in enumerate(made.rows)}
        cursor = keys.get(key, min(self.cursor_row, len(keys) - 1)) if key is not None else 0
        self.fill(made.columns, made.rows, made.cells, cursor=cursor)


def pair(label: str, value: str | Content, style: str = "") -> Content:
    """`label value`, the label quiet."""
    return words(label + " ", "$quiet") + (stored(value, 400, style) if isinstance(value, str) else value)


def joined(parts: Iterable[Content], between: str = "  ") -> Content:
    """Contents on one line."""
    return Content(between).join(parts)
