"""What has to be sent to the terminal again?

Textual repaints a whole screen when a layout may have changed: on every switch, dialog and
resize, and several times while the console starts. Over SSH that is five kilobytes each time for
lines that look the same as before. Here the lines as last sent are kept, and a line that has not
changed is not sent again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.screen import Screen

Result = TypeVar("Result")


class Painted:
    """The lines of the terminal as they were last sent; a line that is not here is unknown."""

    def __init__(self) -> None:
        self._lines: dict[int, str] = {}
        self._size = Size(0, 0)

    def forget(self) -> None:
        """Nothing is known of the terminal any more: send all of the next frame."""
        self._lines.clear()

    def measure(self, size: Size) -> None:
        """A terminal of another size shows nobody knows what."""
        if size != self._size:
            self._size = size
            self.forget()

    @property
    def width(self) -> int:
        """Cells in a line."""
        return self._size.width

    def line(self, y: int, text: str) -> str:
        """What to send so that line `y` shows this text: nothing, if it does."""
        if self._lines.get(y) == text:
            return ""
        self._lines[y] = text
        return f"{Control.move_to(0, y).segment.text}{text}"

    def touch(self, y: int) -> None:
        """A part of the line is sent by itself; what the whole shows is not known after it."""
        self._lines.pop(y, None)


class Differences(CompositorUpdate):
    """The part of an update that the terminal does not show already."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, painted: Painted) -> None:
        self._update = update
        self._painted = painted

    def render_segments(self, console: Console) -> str:
        """The characters to send; called once, when they are really sent."""
        if isinstance(self._update, LayoutUpdate):
            return self._layout(self._update, console)
        return self._chops(self._update, console)

    def _layout(self, update: LayoutUpdate, console: Console) -> str:
        region, painted = update.region, self._painted
        if region.x or region.width != painted.width:
            for y in range(region.y, region.bottom):
                painted.touch(y)
            return update.render_segments(console)
        return "".join(
            painted.line(y, "".join(strip.render(console) for strip in strips))
            for y, strips in enumerate(update.strips, region.y)
        )

    def _chops(self, update: ChopsUpdate, console: Console) -> str:
        whole: list[str] = []
        parts: list[tuple[int, int, int]] = []
        for y, start, end in update.spans:
            pieces = [strip for strip in update.chops[y].values() if strip is not None]
            if start <= 0 and end >= self._painted.width and len(pieces) == len(update.chops[y]) == 1:
                whole.append(self._painted.line(y, pieces[0].render(console)))
            else:
                self._painted.touch(y)
                parts.append((y, start, end))
        rest = ChopsUpdate(update.chops, parts, update.chop_ends).render_segments(console) if parts else ""
        return "".join(whole) + rest


class FrugalApp(App[Result], Generic[Result]):
    """An application that does not send a line twice."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._painted = Painted()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Textual's last step before the terminal."""
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            self._painted.measure(self.size)
            renderable = Differences(renderable, self._painted)
        super()._display(screen, renderable)

    def action_redraw(self) -> None:
        """Send everything again, after something else wrote on the terminal."""
        self._painted.forget()
        self.refresh()
