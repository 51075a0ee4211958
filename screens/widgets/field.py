"""Where does a person type?"""

from __future__ import annotations

from typing import ClassVar, Self

from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.widgets import Input

from supra_console.display import is_safe


class Field(Input, inherit_bindings=False):
    """A line to type in.

    Enter, the arrows up and down and the page keys are left to the screen, which knows what they
    mean and says so in its key bar.

    The cursor does not blink, which over SSH would be two kilobytes a second. A pasted control
    character is dropped before it can reach the terminal; a password keeps every character, since
    it is never shown.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar = [
        binding for binding in Input.BINDINGS if isinstance(binding, Binding) and binding.key != "enter"
    ]

    def __init__(
        self, value: str = "", *, placeholder: str = "", password: bool = False, id: str | None = None
    ) -> None:
        super().__init__(value, placeholder=placeholder, password=password, id=id, select_on_focus=False, compact=True)
        self.cursor_blink = False

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As usual, but typing lays nothing out again: the line is as wide as its place, not as its text."""
        return super().refresh(*regions, repaint=repaint, layout=layout and not self.size, recompose=recompose)

    def validate_value(self, value: str) -> str:
        """What may stand in the line."""
        if self.password or is_safe(value):
            return value
        return "".join(character for character in value if is_safe(character))

    def take(self, event: events.Key) -> None:
        """Have a letter that reached the screen while this line had not got the keyboard."""
        if event.is_printable and event.character:
            self.insert_text_at_cursor(event.character)
            event.stop()

    def action_copy(self) -> None:
        """Copy what is selected, unless it is a password."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut what is selected, unless it is a password."""
        if not self.password:
            super().action_cut()
