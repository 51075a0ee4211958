"""How is a text shown of which nothing is known: not its length, not what is in it?

Megabytes on one line and escape sequences included. Each line of it is folded at the width of the window and made
visible only when it comes into sight.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events

from screens.widgets.line_table import Column, LineTable
from supra_console.display import safe

MOST = 1_000_000
"""Characters shown; the text may be copied whole."""


class RawText(LineTable[str]):
    """The text, line by line; the cursor only says where one reads."""

    DEFAULT_CSS: ClassVar[str] = """
    RawText { height: 1fr; min-height: 3; }
    RawText > .line-table--header { color: $quiet; }
    """

    def __init__(self, text: str, title: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._whole = text
        self._heading = title

    def put(self, text: str, title: str = "") -> None:
        """Show another text."""
        self._whole, self._heading = text, title
        self._fold()

    def on_resize(self, event: events.Resize) -> None:  # type: ignore[override]
        self._fold()

    def _fold(self) -> None:
        width = max(20, self.size.width - 4)
        pieces = [piece for line in self._whole[:MOST].split("\n") for piece in folded(line, width)]
        if len(self._whole) > MOST:
            pieces.append("…")
        self.fill((Column("text", self._heading),), pieces, lambda piece: (piece,))


def folded(line: str, width: int) -> list[str]:
    """The line in pieces of at most so many characters as they are shown; at least one."""
    shown = safe(line)
    return [shown[start : start + width] for start in range(0, len(shown), width)] or [""]
