"""Which views has the editor, by number?"""

from __future__ import annotations

from typing import Final, NamedTuple

from supra_console.i18n import N_


class View(NamedTuple):
    """One view: the id of its widget, its title marked with `N_`, and the widget that gets the keys."""

    name: str
    title: str
    focus: str


VIEWS: Final = (
    View("blocks-view", N_("Blocks"), "#blocks"),
    View("terms-view", N_("Terms and concepts"), "#terms"),
    View("try", N_("Try it"), "#m3"),
    View("difference-view", N_("Difference"), "#changes"),
    View("json-view", N_("JSON"), "#json"),
)


# What Textual takes Alt and a digit for where the terminal sends Esc and the digit, as most do: the letters that a
# Macintosh has there.
ALT: Final = (
    "alt+1,inverted_exclamation_mark",
    "alt+2,trade_mark_sign",
    "alt+3,pound_sign",
    "alt+4,cent_sign",
    "alt+5,infinity",
)
"""The keys of the views, by number."""
LETTERS: Final = frozenset(name for names in ALT for name in names.split(",")[1:])
"""Those of them that are printable."""
