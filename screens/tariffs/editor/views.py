"""Which views has the editor, by number?"""

from __future__ import annotations

from typing import Final, NamedTuple

from screens.widgets.number_strip import NumberStrip
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


class EditorViews(NumberStrip):
    """One line: the views by number, the open one reversed."""

    NAMES = tuple(view.title for view in VIEWS)
