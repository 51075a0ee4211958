"""What becomes of changes that are not saved: when somebody leaves, and when they come back?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.editing.dialogs import Changes
from screens.widgets.choices import Choices
from screens.widgets.frame import Dialog
from screens.widgets.text import lines, stored, words
from supra_console import formats
from supra_console.editing.changes import Change
from supra_console.i18n import N_, _, ngettext

STAY: Final = "stay"
KEEP: Final = "keep"
THROW_AWAY: Final = "throw away"
TAKE: Final = "take"
LOOK: Final = "look"
LATER: Final = "later"


class ChoiceDialog(Dialog[str]):
    """Changes, and a few things that can become of them; Esc is the harmless one."""

    CSS_PATH = "editing.tcss"
    ESCAPE: ClassVar[str] = STAY
    BINDINGS: ClassVar = [
        Binding("up", "move('cursor_up')", N_("Choose"), id="choice.up", group=Binding.Group(N_("Choose"))),
        Binding("down", "move('cursor_down')", N_("Choose"), id="choice.down", group=Binding.Group(N_("Choose"))),
        Binding("enter", "choose", N_("Do what is marked"), id="choice.choose"),
        Binding("escape", "escape", N_("Back"), id="choice.escape"),
        Binding("pageup", "read('page_up')", show=False),
        Binding("pagedown", "read('page_down')", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    ChoiceDialog > .dialog {
        width: 100; max-width: 100%;
        & > #facts { margin: 0 0 1 0; }
        & > #choices { margin: 1 0 0 0; }
    }
    """

    def __init__(self, changes: Sequence[Change]) -> None:
        super().__init__()
        self._changes = changes

    def asks(self) -> str:
        """What is asked."""
        raise NotImplementedError

    def facts(self) -> list[Content]:
        """What is to be known for it."""
        raise NotImplementedError

    def choices(self) -> list[tuple[str, str, bool]]:
        """Answers: the value, the words, and whether something is lost."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = words(self.asks())
            yield Static(lines(self.facts()), id="facts")
            yield Changes()
            yield Choices(
                *(Option(words(text, "$warning" if loses else "")) for _value, text, loses in self.choices()),
                id="choices",
            )

    def on_mount(self) -> None:
        table = self.query_one(Changes)
        table.can_focus = False
        table.show(self._changes, around=15)
        choices = self.query_one(Choices)
        choices.highlighted = 0
        choices.focus()

    def action_move(self, way: str) -> None:
        """To the other line."""
        getattr(self.query_one(Choices), f"action_{way}")()

    def action_read(self, way: str) -> None:
        """Move in the changes."""
        getattr(self.query_one(Changes), f"action_{way}")()

    def action_choose(self) -> None:
        """Do what the line says that is marked."""
        self.query_one(Choices).action_select()

    def action_escape(self) -> None:
        """The harmless answer."""
        self.dismiss(self.ESCAPE)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choices()[event.option_index][0])


class LeaveDialog(ChoiceDialog):
    """Leaving with changes that are not saved."""

    TITLE = N_("Not saved")

    def asks(self) -> str:
        return _("Your changes are not saved")

    def facts(self) -> list[Content]:
        count = len(self._changes)
        return [words(ngettext("%(n)d field differs", "%(n)d fields differ", count) % {"n": count})]

    def choices(self) -> list[tuple[str, str, bool]]:
        return [
            (STAY, _("Stay here"), False),
            (KEEP, _("Leave; keep them on this machine and offer them the next time"), False),
            (THROW_AWAY, _("Leave; throw my changes away"), True),
        ]


class OfferDialog(ChoiceDialog):
    """Coming back to a document with changes that were never saved."""

    TITLE = N_("Left unsaved")
    ESCAPE = LATER
    HELP = N_("""\
The last time, this document was left with changes that were not saved: the connection was lost, the terminal was
closed, or somebody left. They were kept on this machine.

- **Go on with them** puts them into the editor; nothing is saved by that.
- If somebody else changed the document meanwhile, both versions are shown field by field, and nothing is overwritten.
- Esc decides nothing: they are offered again the next time.
""")

    def __init__(self, when: datetime, changes: Sequence[Change], moved: bool, read_only: str) -> None:
        super().__init__(changes)
        self._when = when
        self._moved = moved
        self._read_only = read_only

    def asks(self) -> str:
        return _("You left changes here that are not saved")

    def facts(self) -> list[Content]:
        facts = [words(_("Last edited {when}; against what is stored now:").format(when=formats.moment(self._when)))]
        if self._moved:
            facts.append(words(_("The stored document has changed since: you choose field by field."), "$warning"))
        if self._read_only:
            facts.append(stored(self._read_only, 300, "$warning"))
        return facts

    def choices(self) -> list[tuple[str, str, bool]]:
        take = [] if self._read_only else [(TAKE, _("Go on with them"), False)]
        return [*take, (LOOK, _("Look at them as JSON, to copy"), False), (THROW_AWAY, _("Throw them away"), True)]
