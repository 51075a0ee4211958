"""Which section is open, and which number opens the others?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from screens.accounts.sections import SECTIONS
from screens.widgets.text import assemble, words
from supra_console.i18n import _


def titles(width: int, marked: frozenset[int] = frozenset()) -> list[str]:
    """`1 Readings` and so on, cut evenly where they do not fit side by side; `!` marks what failed."""
    names = [_(section.title) for section in SECTIONS]
    for longest in range(max(map(len, names)), -1, -1):
        shown = [
            f"{place + 1} {name[:longest]}".rstrip() + ("!" if place in marked else "")
            for place, name in enumerate(names)
        ]
        if sum(cell_len(text) + 1 for text in shown) < width:
            break
    return shown


class SectionStrip(Widget):
    """One line: the sections by number, the open one reversed."""

    DEFAULT_CSS: ClassVar[str] = "SectionStrip { height: 1; width: 1fr; background: $panel; color: $foreground; }"
    ALLOW_SELECT = False

    chosen: reactive[int] = reactive(0)
    failed: reactive[frozenset[int]] = reactive(frozenset())

    @dataclass
    class Chosen(Message):
        """Somebody clicked on a section."""

        place: int

    def render(self) -> Content:
        parts = []
        for place, title in enumerate(titles(self.size.width, self.failed)):
            # The blank on either side belongs to the open section.
            edge = "reverse" if place in (self.chosen, self.chosen + 1) else ""
            style = "bold reverse" if place == self.chosen else "$error" if place in self.failed else ""
            parts += [words(" ", edge), words(title, style)]
        parts.append(words(" ", "reverse" if self.chosen == len(SECTIONS) - 1 else ""))
        return assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        end = 1
        for place, title in enumerate(titles(self.size.width, self.failed)):
            end += cell_len(title) + 1
            if event.x < end:
                self.post_message(self.Chosen(place))
                return
