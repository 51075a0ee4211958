"""Which part of this screen is open, and which number opens the others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from screens.widgets.text import assemble, words
from supra_console.i18n import _


def titles(names: Sequence[str], width: int, marked: frozenset[int] = frozenset()) -> list[str]:
    """`1 Readings` and so on, cut evenly where they do not fit side by side; `!` marks what failed.

    Args:
        names: translated already.
    """
    for longest in range(max(map(len, names)), -1, -1):
        shown = [
            f"{place + 1} {name[:longest]}".rstrip() + ("!" if place in marked else "")
            for place, name in enumerate(names)
        ]
        if sum(cell_len(text) + 1 for text in shown) < width:
            break
    return shown


class NumberStrip(Widget):
    """One line: the parts by number, the open one reversed; `!` marks those of which something failed."""

    DEFAULT_CSS: ClassVar[str] = "NumberStrip { height: 1; width: 1fr; background: $panel; color: $foreground; }"
    ALLOW_SELECT = False

    chosen: reactive[int] = reactive(0)
    failed: reactive[frozenset[int]] = reactive(frozenset())

    @dataclass
    class Chosen(Message):
        """Somebody clicked on a part."""

        place: int

    def __init__(self, names: Sequence[str]) -> None:
        """Parts of these names, marked with `N_`."""
        super().__init__()
        self._names = names

    @property
    def _titles(self) -> list[str]:
        return titles([_(name) for name in self._names], self.size.width, self.failed)

    def render(self) -> Content:
        parts = []
        for place, title in enumerate(self._titles):
            # The blank on either side belongs to the open part.
            edge = "reverse" if place in (self.chosen, self.chosen + 1) else ""
            style = "bold reverse" if place == self.chosen else "$error" if place in self.failed else ""
            parts += [words(" ", edge), words(title, style)]
        parts.append(words(" ", "reverse" if self.chosen == len(self._names) - 1 else ""))
        return assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        end = 1
        for place, title in enumerate(self._titles):
            end += cell_len(title) + 1
            if event.x < end:
                self.post_message(self.Chosen(place))
                return
