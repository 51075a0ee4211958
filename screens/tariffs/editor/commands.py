"""What does the palette offer while a tariff is edited?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol, cast

from screens.palette import Command, Provider
from supra_console.i18n import N_, _


class _Editor(Protocol):
    """What the palette has to know of the editor."""

    @property
    def open(self) -> bool: ...

    def other_views(self) -> Iterator[tuple[str, Callable[[], None]]]: ...

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None: ...


OPERATIONS: Final = (
    ("add_block", N_("Tariff: add an open block"), ""),
    ("insert_block", N_("Tariff: insert a block before this one"), ""),
    ("split", N_("Tariff: split this block"), N_("no bill changes by it")),
    ("merge", N_("Tariff: merge this block with the next"), ""),
    ("delete_block", N_("Tariff: delete this block"), ""),
    ("join", N_("Tariff: close the gaps between blocks"), N_("0-10, 11-20: each begins where the one before ends")),
    ("add_concept", N_("Tariff: add a concept"), ""),
    ("delete_concept", N_("Tariff: delete this concept"), ""),
    ("raise", N_("Tariff: raise all prices"), N_("by so many per cent")),
    ("scale", N_("Tariff: scale the limits"), N_("for another billing period")),
    ("social", N_("Tariff: bill with or without the social discount"), ""),
    ("save", N_("Tariff: save"), N_("the difference is shown first")),
)


class EditorCommands(Provider):
    """What the palette offers on a tariff."""

    def now(self) -> Iterator[Command]:
        screen = cast("_Editor", self.screen)
        if not screen.open:
            return
        for title, opens in screen.other_views():
            yield Command(_("Tariff: {view}").format(view=title), opens)
        for action, title, about in OPERATIONS:
            if screen.check_action(action, ()):
                yield Command(_(title), getattr(screen, f"action_{action}"), _(about) if about else "")
