"""How does one choose out of a few?"""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import OptionList


class Choices(OptionList, inherit_bindings=False):
    """A list that leaves its keys to the screen, which says in its key bar what they do."""

    DEFAULT_CSS: ClassVar[str] = """
    Choices, Choices:focus {
        height: auto; border: none; padding: 0; background: transparent; scrollbar-size-vertical: 1;
    }
    """
