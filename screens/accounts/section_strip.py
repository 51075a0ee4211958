"""Which section of the account is open, and which number opens the others?"""

from __future__ import annotations

from screens.accounts.sections import SECTIONS
from screens.widgets import number_strip
from screens.widgets.number_strip import NumberStrip
from supra_console.i18n import _


def titles(width: int, marked: frozenset[int] = frozenset()) -> list[str]:
    """The sections by number, as they stand in a strip so many cells wide."""
    return number_strip.titles([_(section.title) for section in SECTIONS], width, marked)


class SectionStrip(NumberStrip):
    """One line: the sections by number, the open one reversed."""

    NAMES = tuple(section.title for section in SECTIONS)
