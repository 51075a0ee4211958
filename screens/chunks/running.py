"""What is being done to the chunks, one by one, and how did it go with each?

Esc is asked between two chunks. A server that goes away in the middle leaves the rest undone; what is done is listed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from screens.chunks.chunk_list import role_of, saved_by
from screens.chunks.wording import count, milliseconds, period, size
from screens.widgets.frame import Dialog
from screens.widgets.line_table import Cell, Column, LineTable, Value
from screens.widgets.text import lines, stored, words
from supra_console.errors import SupraError
from supra_console.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome, Step

Run = Callable[[Callable[["Outcome"], None], Callable[[], bool]], Awaitable[tuple["Outcome", ...]]]
BAR = 40


class RunDialog(Dialog[tuple["Outcome", ...]]):
    """Chunk after chunk; gives back the outcomes there are."""

    TITLE = N_("Chunk by chunk")
    HELP = N_("""\
Each chunk is a transaction of its own that gives way to readers: where the lock is not had in a few
seconds, that chunk **failed** and the next one goes on. **Skipped** says that there was nothing to
do: the chunk is gone, or is already so.

**Esc** stops before the next chunk; the one at work is finished. What is done stays done, and each
outcome is in the journal. The chunks that are left stay picked: the same key goes on with them.
""")
    BINDINGS: ClassVar = [
        Binding("escape", "stop", N_("Stop after this chunk"), id="run.stop"),
        Binding("escape,enter", "close", N_("Close"), id="run.close", key_display="Esc"),
        Binding("up", "move('cursor_up')", N_("Move"), id="run.up", group=Binding.Group(N_("Move"))),
        Binding("down", "move('cursor_down')", N_("Move"), id="run.down", group=Binding.Group(N_("Move"))),
        Binding("pageup", "move('page_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    RunDialog > .dialog {
        & > #outcomes { height: 10; }
        & > #reason { height: 2; color: $quiet; }
    }
    """

    @dataclass
    class Went(Message):
        """One chunk is through."""

        outcome: Outcome

    @dataclass
    class Ended(Message):
        """No chunk will follow."""

        outcomes: tuple[Outcome, ...]
        error: SupraError | None = None

    def __init__(self, title: str, steps: Sequence[Step], run: Run) -> None:
        super().__init__()
        self._title = title
        self._steps = steps
        self._run = run
        self._outcomes: list[Outcome] = []
        self._ended = False
        self._stopping = False
        self._error: SupraError | None = None

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = stored(self._title, 70)
            yield Static(id="progress")
            table: LineTable[Outcome] = LineTable(id="outcomes")
            table.can_focus = False
            yield table
            yield Static(id="reason")

    def on_mount(self) -> None:
        self.query_one("#outcomes").styles.height = min(10, len(self._steps) + 1)
        self._show()
        self.work_through()

    @work(group="run", exit_on_error=False)
    async def work_through(self) -> None:
        """Run the steps; never cancelled by another question."""
        try:
            outcomes = await self._run(lambda outcome: self._tell(outcome), lambda: self._stopping)
        except SupraError as error:
            self.post_message(self.Ended(tuple(self._outcomes), error))
        else:
            self.post_message(self.Ended(outcomes))

    def _tell(self, outcome: Outcome) -> None:
        self.post_message(self.Went(outcome))

    @on(Went)
    def _went(self, message: Went) -> None:
        self._outcomes.append(message.outcome)
        self._show()

    @on(Ended)
    def _has_ended(self, message: Ended) -> None:
        self._ended = True
        self._outcomes = list(message.outcomes) or self._outcomes
        self._error = message.error
        self._show()
        self.refresh_bindings()

    # ------------------------------------------------------------------ showing

    def _show(self) -> None:
        columns = (
            Column("chunk", _("Chunk")),
            Column("outcome", _("Outcome"), 12),
            Column("before", _("Before"), 8, right=True),
            Column("after", _("After"), 8, right=True),
            Column("took", _("Took"), 7, right=True),
        )
        table = self.query_one("#outcomes", LineTable)
        with self.app.batch_update():
            table.fill(columns, self._outcomes, _cells, cursor=len(self._outcomes) - 1)
            self.query_one("#progress", Static).update(lines(self._progress()))
            self._show_reason()

    def _progress(self) -> list[Content]:
        done, everything = len(self._outcomes), len(self._steps)
        filled = BAR * done // max(1, everything)
        bar = words("█" * filled, "$primary") + words("░" * (BAR - filled), "$quiet")
        text = _("{done} of {n}").format(done=count(done), n=count(everything))
        return [bar + words("  ") + words(text, "bold"), self._line()]

    def _line(self) -> Content:
        failed = sum(outcome.state == "failed" for outcome in self._outcomes)
        left = len(self._steps) - len(self._outcomes)
        if not self._ended:
            if left <= 0:
                return words("…", "$quiet")
            chunk = self._steps[len(self._outcomes)].chunk
            if self._stopping:
                return stored(chunk.name, 40) + words("  " + _("the last one, then it stops …"), "$warning")
            return stored(f"{chunk.name}  {period(chunk.begins, chunk.ends)}", 72)
        parts = []
        if self._error is not None:
            parts.append(f"✗ {self._error.title}")
        if failed:
            parts.append(ngettext("{n} failed", "{n} failed", failed).format(n=count(failed)))
        if left > 0:
            parts.append(ngettext("{n} left as it was", "{n} left as they were", left).format(n=count(left)))
        before = sum(outcome.before or 0 for outcome in self._outcomes if outcome.state == "done")
        after = sum(outcome.after or 0 for outcome in self._outcomes if outcome.state == "done")
        if before:
            parts.append(_("done, {before} → {after}").format(before=size(before), after=size(after)))
        bad = self._error is not None or failed or left > 0
        return words(" · ".join(parts) or _("done"), "bold $warning" if bad else "bold $success")

    @on(LineTable.Highlighted)
    def _show_reason(self) -> None:
        outcome = self.query_one("#outcomes", LineTable).row
        reason = self.query_one("#reason", Static)
        error = getattr(outcome, "error", None)
        reason.update(stored(f"{error.title}. {error.advice}", 300) if error is not None else words(""))

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stopping while it runs, closing when it is through."""
        if action == "stop":
            return False if self._ended else (not self._stopping or None)
        if action == "close":
            return self._ended
        return True

    def action_stop(self) -> None:
        """Before the next chunk."""
        self._stopping = True
        self._show()
        self.refresh_bindings()

    def action_close(self) -> None:
        """Give back what was done."""
        self.dismiss(tuple(self._outcomes))

    def action_move(self, way: str) -> None:
        """In the outcomes."""
        getattr(self.query_one("#outcomes", LineTable), f"action_{way}")()


def _cells(outcome: Outcome) -> tuple[Value, ...]:
    return (
        outcome.step.chunk.name,
        Cell(saved_by(outcome), role_of(outcome)),
        size(outcome.before) if outcome.before is not None else "",
        size(outcome.after) if outcome.after is not None else "",
        milliseconds(outcome.seconds * 1000),
    )
