"""What is asked before anything changes, and what is shown in full?

Whatever changes something says first what that means and stands on Cancel. What loses speed or data, or cannot be
taken back, wants a typed word; a pasted one does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.widgets.choices import Choices
from screens.widgets.field import Field
from screens.widgets.frame import Dialog
from screens.widgets.line_table import Column, LineTable
from screens.widgets.reading import ReadingDialog, reading_keys
from screens.widgets.text import assemble, lines, stored, words
from supra_console.i18n import N_, _

SELECT = "select * from "


class Statements(LineTable[str]):
    """The statements that would run; as many as there are, made when they come into sight."""

    def __init__(self) -> None:
        super().__init__(id="statements")
        self.can_focus = False


class TypedField(Field):
    """A line in which only typing counts."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.app.notify(_("Type the word; pasted text does not confirm."), severity="warning")

    def action_paste(self) -> None:
        """Not from the console's own clipboard either."""
        self.app.notify(_("Type the word; pasted text does not confirm."), severity="warning")


class Question(NamedTuple):
    """What is to be agreed to.

    Attributes:
        title: what would be done.
        facts: what it touches and what comes of it, a line each.
        statements: what would run.
        agree: the words that do it.
        word: to be typed first, where speed or data is lost.
        listed: what the lines are where they are no statements; translated.
    """

    title: str
    facts: tuple[Content, ...]
    statements: tuple[str, ...]
    agree: str
    word: str = ""
    listed: str = ""


class ConfirmDialog(Dialog[bool]):
    """The dry run: what would happen; Esc, and Enter at once, do nothing."""

    TITLE = N_("Before anything runs")
    HELP = N_("""\
What would run, statement by statement, and how many bytes it touches. **Nothing has happened yet.**

- Enter on *Cancel*, or Esc, leaves everything as it is.
- ↓ goes to the line that does it. Where speed or data is lost, the word shown is to be **typed**;
  pasted text does not confirm.
- PgUp and PgDn move in the statements.
""")
    BINDINGS: ClassVar = [
        Binding("escape", "cancel", N_("Cancel"), id="confirm.cancel"),
        Binding("up", "move('cursor_up')", N_("Choose"), id="confirm.up", group=Binding.Group(N_("Choose"))),
        Binding("down", "move('cursor_down')", N_("Choose"), id="confirm.down", group=Binding.Group(N_("Choose"))),
        Binding("enter", "choose", N_("Do what is marked"), id="confirm.choose"),
        Binding("pageup", "read('page_up')", N_("Statements"), id="confirm.read_up", show=False),
        Binding("pagedown", "read('page_down')", N_("Statements"), id="confirm.read_down", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    ConfirmDialog > .dialog {
        & > #facts { margin: 0 0 1 0; }
        & > #statements { max-height: 9; }
        & > #choices { margin: 1 0 0 0; }
        & > #ask { display: none; margin: 1 0 0 0; }
        & > #word { display: none; }
    }
    """

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def body(self) -> ComposeResult:
        question = self._question
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = stored(question.title, 70)
            dialog.border_subtitle = words(_("nothing has happened yet"))
            yield Static(lines(question.facts), id="facts")
            yield Statements()
            yield Choices(
                Option(words(_("Cancel"))),
                Option(words(question.agree + (" …" if question.word else ""), "$warning" if question.word else "")),
                id="choices",
            )
            yield Static(
                words(_("Type "), "") + words(question.word, "bold $warning") + words(_(" and press Enter:")), id="ask"
            )
            yield TypedField(id="word")

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.highlighted = 0
        choices.focus()
        statements = self._question.statements
        title = self._question.listed or _("What would run")
        if statements and all(statement.startswith(SELECT) for statement in statements):
            # The names of the chunks are what is to be read, also on 80 columns.
            title, statements = f"{title}: {SELECT}…", tuple(one.removeprefix(SELECT) for one in statements)
        # The lines are counted: a dialog is as high as what it holds.
        table = self.query_one(Statements)
        table.display = bool(statements)
        table.styles.height = min(9, len(statements) + 1)
        table.fill((Column("statement", title),), statements, lambda statement: (statement,))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the word is asked for there is nothing to choose."""
        return action != "move" or not self.query_one(TypedField).display

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)

    def action_move(self, way: str) -> None:
        """To the other line."""
        getattr(self.query_one(Choices), f"action_{way}")()

    def action_read(self, way: str) -> None:
        """Move in the statements."""
        getattr(self.query_one(Statements), f"action_{way}")()

    def action_choose(self) -> None:
        """Do what the line says that is marked."""
        word = self.query_one(TypedField)
        if word.display:
            if word.value.strip().casefold() == self._question.word.casefold():
                self.dismiss(True)
            else:
                self.app.notify(
                    _("Not confirmed: type {word}, or Esc to cancel.").format(word=self._question.word),
                    severity="warning",
                )
            return
        self.query_one(Choices).action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        if event.option_index == 0:
            self.dismiss(False)
        elif not self._question.word:
            self.dismiss(True)
        else:
            self.query_one("#ask").display = True
            word = self.query_one(TypedField)
            word.display = True
            word.focus()
            self.query_one(Choices).display = False
            self.refresh_bindings()


class TextDialog(ReadingDialog):
    """Something in full, to be read."""

    BINDINGS: ClassVar = [*reading_keys("text", "escape,enter,q")]
    DEFAULT_CSS: ClassVar[str] = "TextDialog > .dialog { width: 100; }"

    def __init__(self, title: str, content: Content, subtitle: str = "") -> None:
        super().__init__()
        self._title = title
        self._content = content
        self._subtitle = subtitle

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", can_focus=False) as dialog:
            dialog.border_title = stored(self._title, 90)
            dialog.border_subtitle = words(self._subtitle)
            yield Static(assemble(self._content))


class FieldsDialog(Dialog[tuple[str, ...] | None]):
    """One or two values to be typed; `fault` says what is wrong with them, in words, or nothing."""

    BINDINGS: ClassVar = [
        Binding("enter", "next", N_("Go on"), id="fields.next"),
        Binding("tab", "app.focus_next", N_("Next field"), id="fields.tab"),
        Binding("escape", "cancel", N_("Cancel"), id="fields.cancel"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    FieldsDialog > .dialog {
        width: 64; padding: 0 1;
        & > .label { color: $quiet; }
        & > Field { background: $panel; }
        & > #fault { color: $warning; }
    }
    """

    def __init__(
        self, title: str, about: Content, fields: Sequence[tuple[str, str]], fault: Callable[[tuple[str, ...]], str]
    ) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._fields = fields
        self._fault = fault

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = stored(self._title, 60)
            yield Static(assemble(self._about))
            for label, value in self._fields:
                yield Static(words(label), classes="label")
                yield Field(value)
            yield Static(id="fault")

    def action_next(self) -> None:
        """To the next field, and after the last one take what was typed."""
        fields = list(self.query(Field))
        here = next((place for place, field in enumerate(fields) if field.has_focus), len(fields) - 1)
        if here < len(fields) - 1:
            fields[here + 1].focus()
            return
        values = tuple(field.value for field in fields)
        fault = self._fault(values)
        if fault:
            self.query_one("#fault", Static).update(words("! " + fault))
        else:
            self.dismiss(values)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One field has no next one."""
        return action != "app.focus_next" or len(self._fields) > 1

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What is typed takes the place of what is proposed."""
        if isinstance(event.widget, Field):
            event.widget.action_select_all()

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#fault", Static).update(words(""))
