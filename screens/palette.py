"""What can I do from here, now?

The command palette (^P) lists what is possible at this moment for this person: screens they may
open, the choice of a utility if they are a DBA, themes they do not wear already. A screen adds
its own with a `Provider` in its `PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from screens.theme import TITLES
from screens.widgets.choices import Choices
from screens.widgets.field import Field
from screens.widgets.frame import Dialog
from screens.widgets.text import words
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from screens.shell import Shell


class Command(NamedTuple):
    """A line of the palette; both texts are our own and translated already."""

    text: str
    run: Callable[[], Any]
    help: str = ""


class Provider:
    """Where commands come from; a subclass says what is possible now."""

    def __init__(self, app: Shell, screen: Screen[Any]) -> None:
        self.app = app
        self.screen = screen

    def now(self) -> Iterator[Command]:
        """The commands that would work if chosen at this moment."""
        yield from ()


class ConsoleCommands(Provider):
    """What is possible on every screen."""

    def now(self) -> Iterator[Command]:
        identity = self.app.session.identity
        yield from to_places(self.app)
        if identity is not None and identity.may_choose_tenant:
            yield Command(_("Utility: work in another one"), self.app.choose_tenant)
        yield Command(_("Help: this screen and its keys"), self.app.action_help)
        for name, title in TITLES.items():
            if name != self.app.theme:
                yield Command(_(title), _bound(self.app.wear, name))
        if identity is not None:
            yield Command(_("Sign out"), self.app.sign_out, _("to sign in as somebody else, or somewhere else"))
        yield Command(_("Quit"), self.app.action_quit)


def to_places(app: Shell) -> Iterator[Command]:
    """The places that this person may go to."""
    for place in app.places.values():
        if place.title and place.open_to(app.session.identity):
            yield Command(_(place.title), _bound(app.go, place.name))


def _bound(function: Callable[[str], Any], argument: str) -> Callable[[], Any]:
    return lambda: function(argument)


class Palette(Dialog[Command | None]):
    """Type a few letters of a command, press Enter."""

    BINDINGS: ClassVar = [
        Binding("escape,ctrl+p", "dismiss", N_("Close"), id="palette.close", key_display="Esc"),
        Binding("enter", "run", N_("Run"), id="palette.run"),
        Binding("up", "move('cursor_up')", N_("Move"), id="palette.up", group=Binding.Group(N_("Move"))),
        Binding("down", "move('cursor_down')", N_("Move"), id="palette.down", group=Binding.Group(N_("Move"))),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    Palette { align: center top; }
    Palette > .dialog { width: 64; margin-top: 1; }
    Palette Choices { max-height: 14; margin-top: 1; }
    """

    def __init__(self, commands: Sequence[Command], title: str = "") -> None:
        super().__init__()
        self._commands = commands
        self._title = title
        self._listed: list[Command] = []

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = words(self._title or _("Commands"))
            yield Field(placeholder=_("Type a few letters of a command"))
            options = Choices()
            options.can_focus = False
            yield options

    def on_mount(self) -> None:
        self._list("")

    def on_key(self, event: events.Key) -> None:
        """What is typed before the line has the keyboard is for the line."""
        field = self.query_one(Field)
        if not field.has_focus:
            field.take(event)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._list(event.value.strip())

    def _list(self, query: str) -> None:
        matcher = Matcher(query)
        scored = [(matcher.match(command.text) if query else 1.0, command) for command in self._commands]
        # A stable sort keeps the order of the providers among equals.
        self._listed = [command for score, command in sorted(scored, key=lambda pair: -pair[0]) if score > 0]
        options = self.query_one(Choices)
        options.clear_options()
        options.add_options([Option(self._prompt(command)) for command in self._listed])
        if not self._listed:
            options.add_option(Option(words(_("No command is called like that")), disabled=True))
        options.highlighted = 0 if self._listed else None

    @staticmethod
    def _prompt(command: Command) -> Content:
        prompt = words(command.text)
        return prompt + words(f"  {command.help}", "$quiet") if command.help else prompt

    def action_move(self, way: str) -> None:
        """Move in the list while the focus stays in the line."""
        getattr(self.query_one(Choices), f"action_{way}")()

    def action_run(self) -> None:
        """Do what is highlighted."""
        highlighted = self.query_one(Choices).highlighted
        if self._listed and highlighted is not None:
            self.dismiss(self._listed[highlighted])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._listed[event.option_index])
