"""What has to be sent to the terminal again?

Textual repaints a whole screen when a layout may have changed: on every switch, dialog and
resize, and several times while the console starts. Over SSH that is five kilobytes each time for
lines that look the same as before. Here the pieces of lines as last sent are kept, and one that has
not changed is not sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Size
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.screen import Screen

Result = TypeVar("Result")


class Painted:
    """The pieces of each line of the terminal as they were last sent; what is in no piece is unknown."""

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, tuple[int, str]]] = {}
        self._size = Size(0, 0)

    def forget(self) -> None:
        """Nothing is known of the terminal any more: send all of the next frame."""
        self._lines.clear()

    def measure(self, size: Size) -> None:
        """A terminal of another size shows nobody knows what."""
        if size != self._size:
            self._size = size
            self.forget()

    def piece(self, y: int, start: int, end: int, text: str) -> str:
        """What to send so that line `y` shows this text in the cells `start` to `end`: nothing, if it does."""
        known = self._lines.setdefault(y, {})
        if known.get(start) == (end, text):
            return ""
        for other, (its_end, _text) in list(known.items()):
            if other < end and start < its_end:
                del known[other]
        known[start] = (end, text)
        return f"{Control.move_to(start, y).segment.text}{text}"


class Differences(CompositorUpdate):
    """The part of an update that the terminal does not show already."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, painted: Painted) -> None:
        self._update = update
        self._painted = painted

    def render_segments(self, console: Console) -> str:
        """The characters to send; called once, when they are really sent."""
        update = self._update
        pieces = self._of_lines(update) if isinstance(update, LayoutUpdate) else self._of_spans(update)
        return "".join(self._painted.piece(y, start, end, strip.render(console)) for y, start, end, strip in pieces)

    @staticmethod
    def _of_lines(update: LayoutUpdate) -> Iterator[tuple[int, int, int, Strip]]:
        for y, strips in enumerate(update.strips, update.region.y):
            start = update.region.x
            for strip in strips:
                end = start + strip.cell_length
                yield y, start, end, strip
                start = end

    @staticmethod
    def _of_spans(update: ChopsUpdate) -> Iterator[tuple[int, int, int, Strip]]:
        for y, left, right in update.spans:
            for end, (start, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or start > right or end <= left:
                    continue
                cut = min(end, right)
                yield y, start, cut, strip if cut == end else strip.crop(0, cut - start)


class FrugalApp(App[Result], Generic[Result]):
    """An application that does not send the same twice."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._painted = Painted()
        self._begun = False

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Textual's last step before the terminal."""
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            self._painted.measure(self.size)
            renderable = Differences(renderable, self._painted)
        super()._display(screen, renderable)
        if renderable is not None and not self._begun and not self._batch_count:
            self._begun = True
            self.call_next(self.first_frame_shown)

    def first_frame_shown(self) -> None:
        """The first frame is on the terminal: what it did not need may begin."""

    def action_redraw(self) -> None:
        """Send everything again, after something else wrote on the terminal."""
        self._painted.forget()
        self.refresh()
