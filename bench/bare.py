"""The floor: the smallest Textual application with a search box and a table."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Input


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Input(placeholder="Search for an account")
        yield DataTable()

    def on_mount(self) -> None:
        self.query_one(DataTable).add_columns("Contract", "Holder", "Address", "Toma", "Status")


if __name__ == "__main__":
    Bare().run()
