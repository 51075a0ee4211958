"""What have screens in common that are a list under a line that says how it stands?

The list is painted anew for other colours and another size; a click on the row of the cursor opens it. Some lists are
narrowed by typing: `/` opens the filter, Enter goes on to the rows it leaves, Esc ends it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from screens.widgets.dialogs import TextDialog
from screens.widgets.field import Field
from screens.widgets.frame import Frame, once_laid_out
from screens.widgets.listing import ListingTable
from screens.widgets.text import lines, stored, words
from supra_console.i18n import _

NOTE = 400
"""Characters of the note at the most."""


class ListFrame(Frame[None]):
    """A `Static` called `note`, and rows."""

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._show())

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        # Columns, and what is drawn beside them, are as large as the screen.
        once_laid_out(self, self._show)

    @property
    def on_top(self) -> bool:
        """Whether nothing is in front of it; Textual calls a screen current under a dialog too."""
        return self.app.screen is self

    @property
    def table(self) -> ListingTable:
        """The rows."""
        return self.query_one(ListingTable)

    def _show(self) -> None:
        """Put all that is known on the terminal."""
        raise NotImplementedError

    def _note(self, text: str, role: str = "") -> None:
        """Say how it stands; `role` is `good`, `warning` or `error`."""
        line = self.query_one("#note", Static)
        line.set_classes(f"-{role}" if role else "")
        line.update(stored(text, NOTE))

    def _read(self, title: str, shown: Iterable[Content]) -> None:
        """Show something in full, a content below the other."""
        self.app.push_screen(TextDialog(title, lines(shown), _("↑↓ to read on, Esc to close")))

    def action_open(self) -> None:
        """What the row of the cursor stands for."""
        raise NotImplementedError

    @on(ListingTable.Selected)
    def _selected(self) -> None:
        """A click on the row the cursor is on."""
        if self.check_action("open", ()):
            self.action_open()


class FilteredFrame(ListFrame):
    """A list of which one sees those that have what was typed, over the text about the row of the cursor.

    Attributes:
        FILTER: what one may type, marked with `N_`.
    """

    FILTER: ClassVar[str] = ""

    def body(self) -> ComposeResult:
        yield Static(words(_("Asking the server …"), "$quiet"), id="note")
        field = Field(id="filter", placeholder=_(self.FILTER))
        field.display = False
        yield field
        yield ListingTable()
        yield Static(id="under")

    def narrow(self, needle: str) -> None:
        """List those that have this."""
        raise NotImplementedError

    @property
    def filter(self) -> Field:
        """Where the filter is typed; displayed while there is one."""
        return self.query_one("#filter", Field)

    @property
    def filtering(self) -> bool:
        """Whether one is typing the filter."""
        return self.filter.has_focus

    @on(Input.Changed, "#filter")
    def _typed_filter(self, event: Input.Changed) -> None:
        self.narrow(event.value)

    def action_filter(self) -> None:
        """Type what the rows must have."""
        self.filter.display = True
        self.set_focus(self.filter)  # at once: the next key is a letter of it
        self.refresh_bindings()

    def on_key(self, event: events.Key) -> None:
        """A letter that was on its way to the rows when the filter opened belongs to it."""
        if self.filtering:
            self.filter.take(event)

    def to_the_rows(self) -> None:
        """From the filter, which stays, to what it leaves."""
        self.table.focus()
        self.refresh_bindings()

    def end_filter(self) -> None:
        """List all again."""
        self.filter.display = False
        self.filter.value = ""
        self.to_the_rows()
