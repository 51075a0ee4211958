"""How does one read what is longer than the terminal?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll

from screens.widgets.frame import Dialog
from supra_console.i18n import N_


def reading_keys(dialog: str, close: str) -> Iterator[Binding]:
    """The keys that close it and those that read on.

    Args:
        dialog: what the names of its keys begin with, for a person who wants others.
        close: the keys that close it.
    """
    on = Binding.Group(N_("Read on"))
    yield Binding(close, "dismiss", N_("Close"), id=f"{dialog}.close", key_display="Esc")
    yield Binding("up", "scroll('up')", N_("Read on"), id=f"{dialog}.up", group=on)
    yield Binding("down", "scroll('down')", N_("Read on"), id=f"{dialog}.down", group=on)
    yield Binding("pageup", "scroll('page_up')", show=False)
    yield Binding("pagedown,space", "scroll('page_down')", show=False)


class ReadingDialog(Dialog[None]):
    """A text in a `VerticalScroll` with the class `dialog`."""

    DEFAULT_CSS: ClassVar[str] = """
    ReadingDialog > .dialog { max-width: 100%; scrollbar-size-vertical: 1; }
    """

    def action_scroll(self, way: str) -> None:
        """Move the text."""
        getattr(self.query_one(VerticalScroll), f"scroll_{way}")(animate=False)
