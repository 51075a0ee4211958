"""What do all screens have in common?

The identity strip above, the key bar below, help at F1, and one clear line instead of a muddle
when the terminal is smaller than the console can use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from screens.widgets.identity_strip import IdentityStrip
from screens.widgets.key_bar import KeyBar
from screens.widgets.text import words
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from screens.shell import Shell

SMALLEST = Size(60, 15)

Result = TypeVar("Result")


class Frame(Screen[Result]):
    """A screen of the console.

    Attributes:
        HELP: Markdown, marked with `N_`: what the screen answers and how to work in it.
    """

    HELP: ClassVar[str] = ""
    app: Shell

    def compose(self) -> ComposeResult:
        yield IdentityStrip()
        yield from self.body()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """The widgets between the strip and the bar."""
        yield from ()

    def on_resize(self, event: events.Resize) -> None:
        cover_if_too_small(self.app, event.size)


class Dialog(ModalScreen[Result], Frame[Result]):
    """A question or a text over a screen, under the strip that still says who and where; Esc closes it."""

    # The console's own keys end below a dialog; its help does not.
    BINDINGS: ClassVar = [Binding("f1", "app.help", N_("Help"), id="dialog.help", tooltip=N_("What is asked here"))]
    DEFAULT_CSS: ClassVar[str] = """
    Dialog {
        align: center middle;
        & > .dialog {
            width: 76; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border: round $primary; padding: 0 1;
            border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $quiet;
        }
    }
    """


class TooSmall(ModalScreen[None]):
    """Stands over everything while the terminal is too small, and keeps what lies below."""

    DEFAULT_CSS: ClassVar[str] = """
    TooSmall { background: $background; align: left top; }
    TooSmall > Static { width: 1fr; height: auto; }
    """

    def compose(self) -> ComposeResult:
        yield Static(words(self._line(self.app.size)))

    def on_resize(self, event: events.Resize) -> None:
        if fits(event.size):
            if self.is_current:  # and not on its way out already
                self.dismiss()
        else:
            self.query_one(Static).update(words(self._line(event.size)))

    @staticmethod
    def _line(size: Size) -> str:
        return _("Too small: {columns}x{rows}, needs {least_columns}x{least_rows}").format(
            columns=size.width, rows=size.height, least_columns=SMALLEST.width, least_rows=SMALLEST.height
        )


def once_laid_out(node: Widget, show: Callable[[], object]) -> None:
    """Call it when the layout is known; not if the node is on its way out by then, its children perhaps gone."""
    node.call_after_refresh(lambda: show() if node.display else None)


def fits(size: Size) -> bool:
    """Whether the console is usable in so many cells."""
    return size.width >= SMALLEST.width and size.height >= SMALLEST.height


def cover_if_too_small(app: Shell, size: Size) -> None:
    """Cover a terminal that is too small with one line that says so."""
    if not fits(size) and not isinstance(app.screen, TooSmall):
        app.push_screen(TooSmall())
