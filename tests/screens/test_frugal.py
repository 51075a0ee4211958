"""What is sent to the terminal: every line that changed, and no line twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from screens.frugal import Differences, Painted
from tests.screens.pretend import Searches, application, hit, settled

WIDTH, HEIGHT = 6, 4
SPLIT = 4
CONSOLE = Console(force_terminal=True, color_system=None)
lines = st.text("ab ", min_size=WIDTH, max_size=WIDTH)
frames = st.lists(lines, min_size=HEIGHT, max_size=HEIGHT)


def whole(texts: list[str]) -> LayoutUpdate:
    """A frame of two widgets side by side."""
    lines: list[Iterable[Strip]] = [
        [Strip([Segment(piece)]) for piece in (text[:SPLIT], text[SPLIT:])] for text in texts
    ]
    return LayoutUpdate(lines, Region(0, 0, WIDTH, HEIGHT))


def part(y: int, start: int, text: str) -> ChopsUpdate:
    """A piece of line `y`, as a widget that repaints itself sends it."""
    end = start + len(text)
    chops: list[dict[int, Strip | None]] = [{} for _line in range(HEIGHT)]
    ends: list[list[int]] = [[] for _line in range(HEIGHT)]
    chops[y] = {start: Strip([Segment(text)])}
    ends[y] = [end]
    return ChopsUpdate(chops, [(y, start, end)], ends)


class Terminal:
    """Understands what is sent: cursor positions and plain text."""

    def __init__(self) -> None:
        self.cells = [["?"] * WIDTH for _line in range(HEIGHT)]
        self.x = self.y = 0

    def receive(self, sent: str) -> None:
        for piece in sent.split("\x1b[")[1:]:
            position, _letter, text = piece.partition("H")
            row, column = (int(number) for number in position.split(";"))
            for offset, character in enumerate(text.rstrip("\n")):
                self.cells[row - 1][column - 1 + offset] = character

    @property
    def shown(self) -> list[str]:
        return ["".join(row) for row in self.cells]


pieces = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 2), st.text("xy", min_size=1, max_size=2))


@given(st.lists(st.one_of(frames, pieces), min_size=1, max_size=12))
def test_the_terminal_always_shows_the_last_frame(updates: list[Any]) -> None:
    painted, terminal = Painted(), Terminal()
    painted.measure(Size(WIDTH, HEIGHT))
    wanted = ["?" * WIDTH] * HEIGHT
    for update in updates:
        if isinstance(update, list):
            wanted = list(update)
            terminal.receive(Differences(whole(update), painted).render_segments(CONSOLE))
        else:
            y, start, text = update
            wanted[y] = wanted[y][:start] + text + wanted[y][start + len(text) :]
            terminal.receive(Differences(part(y, start, text), painted).render_segments(CONSOLE))
        assert terminal.shown == wanted


@given(frames)
def test_a_frame_that_is_shown_is_not_sent_again(texts: list[str]) -> None:
    painted = Painted()
    painted.measure(Size(WIDTH, HEIGHT))
    assert Differences(whole(texts), painted).render_segments(CONSOLE)
    assert Differences(whole(texts), painted).render_segments(CONSOLE) == ""
    painted.forget()
    assert Differences(whole(texts), painted).render_segments(CONSOLE)


def test_a_widget_that_changed_does_not_send_its_neighbour() -> None:
    painted = Painted()
    painted.measure(Size(WIDTH, HEIGHT))
    Differences(whole(["aaaabb"] * HEIGHT), painted).render_segments(CONSOLE)
    sent = Differences(whole(["aaaabb", "aaaaba", "aaaabb", "aaaabb"]), painted).render_segments(CONSOLE)
    assert "ba" in sent
    assert "aaaa" not in sent


def test_another_size_sends_everything() -> None:
    painted = Painted()
    painted.measure(Size(WIDTH, HEIGHT))
    Differences(whole(["a" * WIDTH] * HEIGHT), painted).render_segments(CONSOLE)
    painted.measure(Size(WIDTH, HEIGHT + 1))
    assert Differences(whole(["a" * WIDTH] * HEIGHT), painted).render_segments(CONSOLE)


async def test_ctrl_l_sends_everything_again() -> None:
    app = application(Searches(garcia=(hit(1),)))
    async with app.run_test() as pilot:
        await settled(pilot)
        app._painted.piece(3, 0, 25, "something else wrote here")
        await pilot.press("ctrl+l")
        assert app._painted.piece(3, 0, 25, "something else wrote here") != ""
