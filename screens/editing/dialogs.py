"""What would be changed, and what is the document as text?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from screens.editing.raw_text import RawText
from screens.widgets.frame import Dialog
from screens.widgets.line_table import Cell, Column, LineTable, Value
from screens.widgets.text import assemble, lines, stored, words
from supra_console.editing.changes import Change, written
from supra_console.editing.remarks import Remark
from supra_console.i18n import N_, _, ngettext

AROUND = 13
"""Lines of a terminal that a dialog needs besides its table: frame, strip, keys, and the row in full."""


def room(height: int, rows: int, around: int = AROUND) -> int:
    """Lines for a table of so many rows in a dialog on a terminal so high; the others are scrolled to."""
    return min(rows + 1, max(3, height - around))


class Comparison(NamedTuple):
    """Changes between two versions, under the words that say which."""

    title: str
    changes: tuple[Change, ...]


class Changes(LineTable[Change]):
    """A line for each field."""

    def show(self, changes: Sequence[Change], around: int = AROUND) -> None:
        """Show these, from the first."""
        self.styles.height = room(self.app.size.height, len(changes), around)
        columns = (
            Column("where", _("Field"), max(16, self.app.size.width * 3 // 8)),
            Column("before", _("Before"), max(12, self.app.size.width // 5)),
            Column("after", _("After")),
        )
        self.fill(columns, changes, _cells)


def _cells(change: Change) -> tuple[Value, ...]:
    return change.where, Cell(written(change.before), "quiet"), written(change.after)


def in_full(change: Change | None) -> list[tuple[str, object]]:
    """Both values of the change under the cursor, for whoever reads them in full."""
    return [] if change is None else [(_("Before"), change.before), (_("After"), change.after)]


class DifferenceDialog(Dialog[bool]):
    """Field by field, before and after; agreed to with Ctrl+S where it is about saving."""

    TITLE = N_("Difference")
    HELP = N_("""\
Every field that differs, **before** and **after**. The line below shows the field under the cursor in full.

- Ctrl+S saves, where the title says *What would be saved*; Enter does not, so that nothing is saved by habit.
- Tab goes to the next comparison, where there are several.
- Esc goes back to the editor; nothing is lost.
""")
    BINDINGS: ClassVar = [
        Binding("ctrl+s", "agree", N_("Save"), id="difference.agree"),
        Binding("escape,f3", "cancel", N_("Back to the editor"), id="difference.cancel", key_display="Esc"),
        Binding("tab", "next", N_("Other comparison"), id="difference.next"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    DifferenceDialog > .dialog {
        width: 110; max-width: 100%;
        & > #full { height: auto; max-height: 5; margin: 1 0 0 0; }
        & > #warnings { height: auto; max-height: 3; color: $warning; }
    }
    """

    def __init__(
        self, comparisons: Sequence[Comparison], remarks: Sequence[Remark] = (), *, saving: bool = False
    ) -> None:
        super().__init__()
        self._comparisons = comparisons
        self._remarks = remarks
        self._saving = saving
        self._place = 0

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Changes()
            yield Static(id="full")
            yield Static(lines(stored(f"! {remark}", 300) for remark in self._remarks), id="warnings")

    def on_mount(self) -> None:
        self.query_one("#warnings").display = bool(self._remarks)
        self._show()
        self.query_one(Changes).focus()

    def on_line_table_highlighted(self) -> None:
        """Another change: in full below."""
        self._show_full()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is about saving can be agreed to."""
        return {"agree": self._saving, "next": len(self._comparisons) > 1}.get(action, True)

    def action_agree(self) -> None:
        """Save."""
        self.dismiss(True)

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(False)

    def action_next(self) -> None:
        """The next comparison."""
        self._place = (self._place + 1) % len(self._comparisons)
        self._show()

    def _show(self) -> None:
        comparison = self._comparisons[self._place]
        dialog = self.query_one(".dialog")
        dialog.border_title = words(comparison.title)
        count = len(comparison.changes)
        dialog.border_subtitle = words(
            ngettext("%(n)d field differs", "%(n)d fields differ", count) % {"n": count}
            if count
            else _("no difference")
        )
        self.query_one(Changes).show(comparison.changes)
        self._show_full()

    def _show_full(self) -> None:
        change = self.query_one(Changes).row
        full = [assemble(words(f"{name}: ", "$quiet"), stored(written(value), 600)) for name, value in in_full(change)]
        self.query_one("#full", Static).update(lines(full))


class JsonDialog(Dialog[None]):
    """A document as text, whatever it holds; C copies it."""

    TITLE = "JSON"
    BINDINGS: ClassVar = [
        Binding("escape,f4,q", "dismiss", N_("Close"), id="json.close", key_display="Esc"),
        Binding("c", "copy", N_("Copy"), id="json.copy", tooltip=N_("Copy the whole text")),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    JsonDialog > .dialog {
        width: 110; max-width: 100%; height: 100%;
        & > #remarks { height: auto; max-height: 6; color: $error; }
    }
    """

    def __init__(self, title: str, text: str, remarks: Sequence[object] = ()) -> None:
        super().__init__()
        self._heading = title
        self._whole = text
        self._remarks = remarks

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = stored(self._heading, 90)
            yield Static(lines(stored(f"‼ {remark}", 300) for remark in self._remarks), id="remarks")
            yield RawText(self._whole)

    def on_mount(self) -> None:
        self.query_one("#remarks").display = bool(self._remarks)
        self.query_one(RawText).focus()

    def action_copy(self) -> None:
        """The whole text to the clipboard."""
        self.app.copy_to_clipboard(self._whole)
        self.app.notify(_("Copied."))
