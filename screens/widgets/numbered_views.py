"""How does one go about in a screen of several views, each of which has a number?

By the number, with the arrows to the view beside it, by a click on the strip that names them, and from the palette.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding
from textual.reactive import var

from screens.widgets.frame import Frame
from screens.widgets.number_strip import NumberStrip
from supra_console.i18n import N_, _


def view_keys(
    screen: str,
    titles: Sequence[str],
    *,
    part: str = "view",
    several: str = N_("Views"),
    before: str = N_("View before"),
    after: str = N_("Next view"),
) -> Iterator[Binding]:
    """The digits and the arrows to either side; one word in the key bar stands for all digits.

    Args:
        screen: what the names of its keys begin with, for a person who wants others.
        titles: of the views, marked with `N_`.
        part: how the names of the digits call a view.
        several: what the key bar calls the views; marked, as are `before` and `after`.
        before: what the left arrow opens.
        after: what the right arrow opens.
    """
    for number, title in enumerate(titles, 1):
        name, action = f"{screen}.{part}.{number}", f"view({number})"
        if number == 1:
            yield Binding("1", action, several, id=name, key_display=f"1-{len(titles)}", tooltip=title)
        else:
            yield Binding(str(number), action, title, id=name, show=False)
    yield Binding("left", "turn(-1)", before, id=f"{screen}.before", show=False, priority=True)
    yield Binding("right", "turn(1)", after, id=f"{screen}.next", show=False, priority=True)


class NumberedViews(Frame[None]):
    """A screen that shows one of several views, with a `NumberStrip` that says which.

    Attributes:
        VIEW_TITLES: of the views by number, marked with `N_`.
        place: the open view, from 0.
    """

    VIEW_TITLES: ClassVar[Sequence[str]] = ()
    place: var[int] = var(0, init=False)

    def other_views(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Of each view that is not open its title, translated, and what opens it."""
        for place, title in enumerate(self.VIEW_TITLES):
            if place != self.place:
                yield _(title), partial(self.action_view, place + 1)

    def action_view(self, number: int) -> None:
        """Open a view by its number."""
        self.place = number - 1

    def action_turn(self, step: int) -> None:
        """The view beside this one."""
        self.place = (self.place + step) % len(self.VIEW_TITLES)

    @on(NumberStrip.Chosen)
    def _clicked(self, event: NumberStrip.Chosen) -> None:
        self.place = event.place

    def _watch_place(self, place: int) -> None:
        self.query_one(NumberStrip).chosen = place
