"""A table of any number of rows: only those in sight are made, and the cursor is always among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from screens.theme import DARK
from screens.widgets.line_table import Cell, Column, LineTable, Value

COLUMNS = (Column("number", "Number", 6, right=True), Column("name", "Name"))


class Bench(App[None]):
    CSS_PATH = "../../screens/app.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.made: list[int] = []
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield LineTable[int](id="rows")

    def on_line_table_selected(self) -> None:
        row = rows(self).row
        assert row is not None
        self.chosen.append(row)

    def cells(self, row: int) -> Sequence[Value]:
        self.made.append(row)
        return (str(row), Cell(f"row [{row}]", "warning"))


def rows(app: App[None]) -> LineTable[int]:
    return app.query_one("#rows", LineTable)


def shown(pilot: Pilot[Any]) -> list[str]:
    table = rows(pilot.app)
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


async def filled(pilot: Pilot[Any], count: int, cursor: int = 0) -> LineTable[int]:
    table = rows(pilot.app)
    table.fill(COLUMNS, range(count), pilot.app.cells, cursor=cursor)  # type: ignore[attr-defined]
    table.focus()
    await pilot.pause()
    return table


async def test_only_what_is_in_sight_is_made() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        await filled(pilot, 50_000)
        assert shown(pilot)[:3] == [" Number  Name", "      0  row [0]", "      1  row [1]"]
        assert set(app.made) == set(range(9))


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (("down", "down"), 2),
        (("up",), 0),
        (("end",), 199),
        (("end", "down"), 199),
        (("end", "pageup"), 191),
        (("pagedown",) * 3, 24),
        (("end", "home"), 0),
    ],
)
async def test_the_cursor_is_always_in_sight(keys: tuple[str, ...], row: int) -> None:
    async with Bench().run_test(size=(40, 10)) as pilot:
        table = await filled(pilot, 200)
        await pilot.press(*keys)
        assert table.row == row
        assert f" {row}  row [{row}]" in "\n".join(shown(pilot))


async def test_new_rows_may_keep_the_cursor_where_it_was() -> None:
    async with Bench().run_test(size=(40, 10)) as pilot:
        table = await filled(pilot, 200, cursor=150)
        assert table.cursor_row == 150
        assert "row [150]" in "\n".join(shown(pilot))
        await filled(pilot, 3, cursor=150)
        assert table.cursor_row == 2
        assert shown(pilot)[1].endswith("row [0]")
        table.empty()
        await pilot.pause()
        assert table.row is None
        assert shown(pilot) == [""] * 10


async def test_a_click_moves_and_a_second_one_chooses() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        table = await filled(pilot, 200, cursor=100)
        await pilot.click(LineTable, offset=(5, 3))
        await pilot.pause()
        first = table.row
        assert first is not None
        assert f"row [{first}]" in shown(pilot)[3]
        assert app.chosen == []
        await pilot.click(LineTable, offset=(5, 3))
        await pilot.press("enter")
        await pilot.click(LineTable, offset=(5, 0))
        assert app.chosen == [first, first]


async def test_a_smaller_window_keeps_the_cursor_in_sight() -> None:
    async with Bench().run_test(size=(40, 20)) as pilot:
        table = await filled(pilot, 200, cursor=17)
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert "row [17]" in "\n".join(shown(pilot))
        assert table.row == 17
