"""Two people changed the same document: what stays, field by field?

Nothing is decided for anybody where both changed a field; where only one did, theirs is proposed. Taking it over only
fills the editor: saving is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from screens.editing.dialogs import room
from screens.widgets.frame import Dialog
from screens.widgets.line_table import Cell, Column, LineTable, Value
from screens.widgets.text import assemble, lines, stored, words
from supra_console.documents.wording import Loc
from supra_console.editing.merging import Difference, Side
from supra_console.editing.merging import Value as Plain
from supra_console.i18n import N_, _, ngettext


class Fields(LineTable[Difference]):
    """A line for each field in which the two differ."""


class ConflictDialog(Dialog[Mapping[Loc, Side] | None]):
    """Mine, theirs, and what both began with; the answer says whose value each field gets, or None."""

    TITLE = N_("Both of you changed it")
    HELP = N_("""\
Somebody else saved this document since you opened it. **Nothing of theirs is overwritten and nothing of yours is
lost**: say for each field whose value stays.

- `M` mine, `T` theirs, Space the other one; a `?` still waits for you because both changed that field.
- Where only one of you changed a field, that change is proposed.
- Ctrl+S takes the choices into the editor. Nothing is saved by that.
- Esc leaves everything as it was.
""")
    BINDINGS: ClassVar = [
        Binding("m", "take('mine')", N_("Mine"), id="conflict.mine", tooltip=N_("My value of this field")),
        Binding("t", "take('theirs')", N_("Theirs"), id="conflict.theirs", tooltip=N_("Their value of this field")),
        Binding("space", "turn", N_("The other"), id="conflict.turn", show=False),
        Binding("ctrl+s", "agree", N_("Take over"), id="conflict.agree"),
        Binding("escape", "cancel", N_("Cancel"), id="conflict.cancel"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    ConflictDialog > .dialog {
        width: 120; max-width: 100%;
        & > #full { height: auto; max-height: 6; margin: 1 0 0 0; }
        & > #left { margin: 1 0 0 0; }
    }
    """

    def __init__(
        self, differences: Sequence[Difference], where: Callable[[Loc], str], said: Callable[[Loc, Plain], str]
    ) -> None:
        """Ask about these.

        Args:
            where: a path in words.
            said: a value at a path in words.
        """
        super().__init__()
        self._said = said
        self._differences = differences
        self._where = where
        self._choices: dict[Loc, Side] = {one.path: one.settled for one in differences if one.settled is not None}

    @property
    def undecided(self) -> int:
        """How many fields still wait for a choice."""
        return len(self._differences) - len(self._choices)

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = words(_("Somebody else changed this document meanwhile"))
            dialog.border_subtitle = words(_("nothing is overwritten"))
            yield Fields()
            yield Static(id="full")
            yield Static(id="left")

    def on_mount(self) -> None:
        fields = self.query_one(Fields)
        fields.styles.height = room(self.app.size.height, len(self._differences))
        self._show()
        fields.focus()

    def on_line_table_highlighted(self) -> None:
        """Another field: in full below."""
        self._show_full()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is undecided cannot be taken over."""
        return None if action == "agree" and self.undecided else True

    def action_take(self, side: str) -> None:
        """The field under the cursor gets this side's value; on to the next."""
        fields = self.query_one(Fields)
        if fields.row is not None:
            self._choices[fields.row.path] = Side(side)
            self._show(min(fields.cursor_row + 1, len(self._differences) - 1))

    def action_turn(self) -> None:
        """The other side's value."""
        fields = self.query_one(Fields)
        if fields.row is not None:
            mine = self._choices.get(fields.row.path) is Side.MINE
            self._choices[fields.row.path] = Side.THEIRS if mine else Side.MINE
            self._show(fields.cursor_row)

    def action_agree(self) -> None:
        """Take the choices over."""
        self.dismiss(self._choices)

    def action_cancel(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)

    def _show(self, cursor: int = 0) -> None:
        room = self.app.size.width
        value = max(11, room // 6)
        columns = (
            Column("takes", _("Takes"), 7),
            Column("where", _("Field")),
            Column("base", _("Before"), value),
            Column("mine", _("Mine"), value),
            Column("theirs", _("Theirs"), value),
        )
        self.query_one(Fields).fill(columns, self._differences, self._cells, cursor=cursor)
        left = self.undecided
        waiting = ngettext("%(n)d field waits for your choice", "%(n)d fields wait for your choice", left) % {"n": left}
        self.query_one("#left", Static).update(
            words("? " + waiting, "$warning") if left else words(_("Ctrl+S takes this into the editor."), "$quiet")
        )
        self._show_full()
        self.refresh_bindings()

    def _cells(self, one: Difference) -> tuple[Value, ...]:
        side = self._choices.get(one.path)
        names = {Side.MINE: _("mine"), Side.THEIRS: _("theirs")}
        takes = Cell(names[side], "strong") if side is not None else Cell("?", "warning")
        return (
            takes,
            self._where(one.path),
            Cell(self._said(one.path, one.base), "quiet"),
            Cell(self._said(one.path, one.mine), "match" if side is Side.MINE else ""),
            Cell(self._said(one.path, one.theirs), "match" if side is Side.THEIRS else ""),
        )

    def _show_full(self) -> None:
        one = self.query_one(Fields).row
        if one is None:
            return
        values = ((_("Before"), one.base), (_("Mine"), one.mine), (_("Theirs"), one.theirs))
        full = [
            assemble(words(f"{name}: ", "$quiet"), stored(self._said(one.path, value), 300)) for name, value in values
        ]
        self.query_one("#full", Static).update(lines([stored(self._where(one.path), 200, "bold"), *full]))
