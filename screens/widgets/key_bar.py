"""Which keys do something here, now?

One line at the bottom. Keys of the same `Binding.Group` stand together under one word, groups of
keys are set apart, and what does not fit is left out from the least important end; F1 shows all.
A key whose action is not allowed now is dim.

One widget instead of Textual's footer of one widget per key: the line is ready with the first
frame, and a change of focus costs one repaint of one line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.widget import Widget

from screens.widgets.text import assemble, words
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from textual.screen import Screen

_SHOWN_KEYS = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "enter": "⏎",
    "escape": "Esc",
    "tab": "Tab",
    "pageup": N_("PgUp"),
    "pagedown": N_("PgDn"),
    "space": N_("Space"),
    "delete": N_("Del"),
    "backspace": "⌫",
    "home": N_("Home"),
    "end": N_("End"),
}


def shown_key(binding: Binding) -> str:
    """How a key is written: `^P` for ctrl+p, `F1`, `Esc`."""
    if binding.key_display:
        return binding.key_display
    *modifiers, key = binding.key.split("+")
    written = _(_SHOWN_KEYS.get(key, "")) or (
        key.upper() if len(key) == 1 or (key[0] == "f" and key[1:].isdigit()) else key
    )
    prefix = "".join({"ctrl": "^", "shift": "⇧", "alt": "Alt+"}.get(modifier, f"{modifier}+") for modifier in modifiers)
    return prefix + written


class Entry(NamedTuple):
    """One word of the bar with its key or keys.

    Attributes:
        keys: as written, several without space between (`↑↓`).
        press: what a click on it presses.
        everywhere: of the application, not of the screen.
    """

    keys: str
    text: str
    press: str
    enabled: bool
    everywhere: bool

    @property
    def width(self) -> int:
        return cell_len(self.keys) + 1 + cell_len(self.text)


def entries(bindings: Iterable[ActiveBinding], application: App[Any]) -> list[Entry]:
    """What the bar could show, the screen's own first, help first among the application's."""
    found: dict[str, Entry] = {}
    for node, binding, enabled, _tooltip in bindings:
        if not binding.show:
            continue
        name = f"group {binding.group.description}" if binding.group else binding.action
        text = binding.group.description if binding.group else binding.description
        known = found.get(name)
        if known is None:
            everywhere = node is application or binding.action == "app.help"  # also over a dialog
            found[name] = Entry(shown_key(binding), _(text), binding.key, enabled, everywhere)
        elif binding.group:
            joined = known.keys + shown_key(binding)
            found[name] = Entry(joined, known.text, known.press, known.enabled or enabled, known.everywhere)
    # Bindings with priority come first from Textual; the application's stand in the order it declares them.
    declared = [binding.key for binding in Binding.make_bindings(application.BINDINGS)]
    own = [entry for entry in found.values() if not entry.everywhere]
    common = [entry for entry in found.values() if entry.everywhere]
    return own + sorted(common, key=lambda entry: declared.index(entry.press) if entry.press in declared else 99)


def fitting(wanted: list[Entry], width: int) -> list[Entry]:
    """As many as fit; the application's first entry (help) always stays."""
    kept = list(wanted)
    pinned = next((place for place, entry in enumerate(kept) if entry.everywhere), -1)
    while sum(entry.width + 2 for entry in kept) + 2 > width and len(kept) > 1:
        last = len(kept) - 1
        if last == pinned:
            last, pinned = last - 1, pinned - 1
        del kept[last]
    return kept


class KeyBar(Widget):
    """The line at the bottom of every screen."""

    DEFAULT_CSS: ClassVar[str] = """
    KeyBar { dock: bottom; height: 1; width: 1fr; background: $panel; color: $quiet; }
    """

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        kept = fitting(entries(self.screen.active_bindings.values(), self.app), self.size.width)
        parts: list[Content] = []
        self._places = []
        column = 1
        own = [entry for entry in kept if not entry.everywhere]
        common = [entry for entry in kept if entry.everywhere]
        gap = self.size.width - 2 - sum(entry.width + 2 for entry in kept) + (2 if kept else 0)
        parts.append(words(" "))
        for place, entry in enumerate(own + common):
            if place:
                # What is the same on every screen stays at the right-hand edge.
                space = 2 + (max(0, gap) if place == len(own) else 0)
                parts.append(words(" " * space))
                column += space
            key_style = "bold $foreground" if entry.enabled else "dim"
            parts.append(words(entry.keys, key_style))
            parts.append(words(" " + entry.text, "" if entry.enabled else "dim"))
            self._places.append((column, column + entry.width, entry.press))
            column += entry.width
        return assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._places:
            if start <= event.x < end:
                self.app.simulate_key(key)
                return
