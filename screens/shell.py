"""What may a screen ask of the console, and what looks the same everywhere?

`Shell` is the application as its screens and widgets know it: who is signed in, the way to other places, the colours,
and a line in the corner. How one signs in, and which screens there are, is the business of `app.py` above.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual import events, work
from textual.app import SystemCommand
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.screen import Screen
from textual.worker import Worker

from screens.frugal import FrugalApp
from screens.session import Link, Session, SignIn, State
from screens.theme import DARK, THEMES
from supra_console.display import safe
from supra_console.errors import ConnectionLost, SupraError, Unreachable

if TYPE_CHECKING:
    from textual.theme import Theme

    from screens.places import Place


class Shell(FrugalApp[int]):
    """The console around its screens.

    Attributes:
        link: how the connection stands; the strip and the screens watch it.
        session: the way to the database.
        places: the screens one may go to, by name.
    """

    link: var[Link] = var(Link(), init=False)

    def __init__(self, session: Session, places: Iterable[Place], theme: Theme) -> None:
        super().__init__(ansi_color=theme.ansi or None)
        self.session = session
        self.places = {place.name: place for place in places}
        for known in THEMES.values():
            self.register_theme(known)
        # Set without a watcher, and the stylesheet told: nothing was read yet, so nothing is to be read again.
        self.set_reactive(Shell.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(theme.dark, "-dark-mode", update=False)
        self.set_class(not theme.dark, "-light-mode", update=False)

    # ------------------------------------------------------------------ signing in

    def sign_in(self, request: SignIn) -> Worker[None]:
        """Try to sign in; a message says how it ended."""
        raise NotImplementedError

    def sign_out(self) -> Worker[None]:
        """Close the connection and ask again who is there."""
        raise NotImplementedError

    def choose_tenant(self) -> Worker[None]:
        """Let a DBA say which utility to work in."""
        raise NotImplementedError

    def heard(self, error: SupraError | None = None) -> None:
        """A screen tells how its last question went, so that the strip can say if the line is cut."""
        if self.link.identity is None:
            return
        lost = isinstance(error, ConnectionLost | Unreachable)
        state = State.LOST if lost else State.SIGNED_IN
        if state != self.link.state:
            self.link = self.link._replace(state=state)

    # ------------------------------------------------------------------ keys

    async def on_key(self, event: events.Key) -> None:
        """A capital nothing is bound to does what its small letter does: the key bar writes V; Caps Lock may be on."""
        if len(event.key) == 1 and event.key.isupper():
            event.prevent_default()
            if not await self._check_bindings(event.key):
                await self._check_bindings(event.key.lower())

    # ------------------------------------------------------------------ going about

    def action_help(self) -> None:
        """What this screen answers, and all its keys."""
        raise NotImplementedError

    def go(self, name: str, *subject: object) -> None:
        """Open a place: over the present one if it shows a subject, else in its stead."""
        screen = self.places[name].open(self.session, *subject)
        if subject:
            self.push_screen(screen)
        else:
            self.show_only(screen)

    @work(exclusive=True, group="show")
    async def show_only(self, screen: Screen[Any]) -> None:
        """Make a screen the only one: dialogs and subjects of the one before are closed."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_screen(screen)

    # ------------------------------------------------------------------ how it looks

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own roles, for themes that do not define them."""
        return DARK.variables

    def wear(self, theme: str) -> None:
        """Change the colours; without colour (NO_COLOR) only their places."""
        self.theme = theme
        if not self.no_color:
            self.ansi_color = None  # as the theme says from now on

    def explain(self, error: SupraError) -> None:
        """An error in a corner, for what no screen shows in its own place."""
        self.notify(f"{error.advice}{error.code}", title=error.title, severity="error")

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A line in the corner; never read as markup, whoever asks."""
        super().notify(safe(message), title=safe(title), severity=severity, timeout=timeout, markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None: Textual's own, such as saving a screenshot with customers' data, are not offered."""
        return ()
