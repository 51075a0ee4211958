"""What holds the screens together?

One application: it shows a first frame, signs in, keeps the identity strip true, and opens the
places of `places.py`. Everything a screen answers is the screen's own business.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.screen import Screen

from screens.frugal import FrugalApp
from screens.places import PLACES, Place
from screens.session import Link, Session, SignIn, State
from screens.theme import DARK, THEMES, first_theme
from screens.widgets.frame import TooSmall, fits
from supra_console.display import safe
from supra_console.errors import ConnectionLost, SupraError, Unreachable
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from screens.palette import Command
    from supra_console.identity import Identity
    from supra_console.profiles import Profile, Profiles

FIRST_PLACE = "accounts"


class SupraApp(FrugalApp[int]):
    """The SUPRA console.

    Args:
        profiles: what the user may sign in to.
        request: sign in with this at once, without asking; None shows the connect screen.
        chosen: the profile the connect screen begins with.
        session: for tests, a session whose opener needs no server.
    """

    CSS_PATH = "app.tcss"
    TITLE = "SUPRA"
    ENABLE_COMMAND_PALETTE = False  # ours is in palette.py
    ALLOW_SELECT = False  # text copied with the mouse would go past the audit
    BINDINGS: ClassVar = [
        Binding("f1", "help", N_("Help"), id="console.help", tooltip=N_("What this screen answers, and all its keys")),
        Binding("f2", "places", N_("Go to"), id="console.places", tooltip=N_("The other places of the console")),
        Binding("ctrl+p", "palette", N_("Commands"), id="console.palette", tooltip=N_("Everything possible now")),
        Binding("ctrl+q", "quit", N_("Quit"), id="console.quit", tooltip=N_("Close the console"), priority=True),
        Binding("ctrl+l", "redraw", N_("Redraw"), id="console.redraw", show=False),
    ]

    link: var[Link] = var(Link(), init=False)

    class SignedIn(Message):
        """A person is signed in."""

        def __init__(self, request: SignIn, identity: Identity) -> None:
            super().__init__()
            self.request = request
            self.identity = identity

    class SignInFailed(Message):
        """Nobody was signed in; the error says why."""

        def __init__(self, request: SignIn, error: SupraError) -> None:
            super().__init__()
            self.request = request
            self.error = error

    def __init__(
        self,
        profiles: Profiles,
        *,
        request: SignIn | None = None,
        chosen: Profile | None = None,
        session: Session | None = None,
        places: Iterable[Place] = PLACES,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        theme = THEMES[first_theme(environment)]
        super().__init__(ansi_color=theme.ansi or None)
        self.profiles = profiles
        self.request = request
        self.chosen = chosen or (request.profile if request else None)
        self.session = session or Session()
        self.places = {place.name: place for place in places}
        self.error: Exception | None = None
        for known in THEMES.values():
            self.register_theme(known)
        # Set without a watcher, and the stylesheet told: nothing was read yet, so nothing is to be read again.
        self.set_reactive(SupraApp.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(theme.dark, "-dark-mode", update=False)
        self.set_class(not theme.dark, "-light-mode", update=False)
        if request is not None:
            self.link = Link(State.SIGNING_IN, request.profile)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own roles, for themes that do not define them."""
        return DARK.variables

    # ------------------------------------------------------------------ life

    def get_default_screen(self) -> Screen[Any]:
        """The first frame: where the work is, if we can sign in without asking, else the connect screen."""
        known = self.request is not None
        screen = self.places[FIRST_PLACE].open(self.session) if known else self._connect_screen()
        self.stylesheet.read_all(screen.css_path)  # Textual reads that of the screens after it
        screen._push_result_callback(screen, None)  # Textual gives the first none, and takes one when it goes
        return screen

    def on_mount(self) -> None:
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                # The default would end the process and leave the terminal in raw mode on the alternate screen.
                loop.add_signal_handler(number, self.exit, None, 128 + number)
        self.app_resume_signal.subscribe(self, lambda _app: self.action_redraw())

    def first_frame_shown(self) -> None:
        if self.request is not None:
            self.sign_in(self.request)
        else:
            self._settle()

    async def on_unmount(self) -> None:
        await self.session.sign_out()

    def _handle_exception(self, error: Exception) -> None:
        """Keep the error for whoever runs the application; the terminal is restored first."""
        if self.error is None:
            self.error = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Textual would print a traceback with every local variable, passwords among them."""
        self._close_messages_no_wait()

    def panic(self, *renderables: object) -> None:
        """As `_fatal_error`: what an error renders of itself may quote values."""
        self._close_messages_no_wait()

    def _settle(self) -> None:
        """The start is over: what it made stays, and need never be looked through for garbage."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    def mind_the_size(self, size: Size) -> None:
        """Cover a terminal that is too small with one line that says so."""
        if not fits(size) and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())

    # ------------------------------------------------------------------ signing in

    @work(exclusive=True, group="sign-in")
    async def sign_in(self, request: SignIn) -> None:
        """Try to sign in; a message says how it ended."""
        if self.session.identity is None:
            self.link = Link(State.SIGNING_IN, request.profile)
        try:
            identity = await self.session.sign_in(request)
        except SupraError as error:
            self.post_message(self.SignInFailed(request, error))
        else:
            self.post_message(self.SignedIn(request, identity))

    @on(SignedIn)
    def _signed_in(self, message: SignedIn) -> None:
        self.link = Link(State.SIGNED_IN, message.request.profile, message.identity)
        if self.request is None:
            self._show_only(self.places[FIRST_PLACE].open(self.session))
        self.request = message.request
        self.call_after_refresh(self._settle)
        if message.identity.may_choose_tenant and message.request.profile.tenant is None:
            self.choose_tenant(unless_single=True)

    @on(SignInFailed)
    def _sign_in_failed(self, message: SignInFailed) -> None:
        self.link = Link(State.SIGNED_OUT, message.request.profile)
        from screens.connect.connect import ConnectScreen

        self.request = None
        self._settle()
        if isinstance(self.screen, ConnectScreen):
            self.screen.failed(message.request, message.error)
        else:
            screen = self._connect_screen(message.request, message.error)
            self._show_only(screen)

    @work(exclusive=True, group="sign-in")
    async def sign_out(self) -> None:
        """Close the connection and ask again who is there."""
        await self.session.sign_out()
        self.link = Link(State.SIGNED_OUT, self.link.profile)
        self.request = None
        self._show_only(self._connect_screen())

    @work(exclusive=True, group="tenant")
    async def choose_tenant(self, *, unless_single: bool = False) -> None:
        """Let a DBA say which utility to work in."""
        from screens.connect.tenants import TenantDialog

        database = await self.session.database()
        try:
            tenants = await database.tenants()
            if len(tenants) < 2 and unless_single:
                return
            tenant = await self.push_screen_wait(TenantDialog(tenants, database.identity))
            if tenant is None or tenant == database.identity.tenant:
                return
            identity = await database.choose_tenant(tenant.id)
        except SupraError as error:
            self.explain(error)
            return
        self.link = self.link._replace(identity=identity)
        # What is on the screen belongs to the other utility.
        self._show_only(self.places[FIRST_PLACE].open(self.session))

    def heard(self, error: SupraError | None = None) -> None:
        """A screen tells how its last question went, so that the strip can say if the line is cut."""
        if self.link.identity is None:
            return
        lost = isinstance(error, ConnectionLost | Unreachable)
        state = State.LOST if lost else State.SIGNED_IN
        if state != self.link.state:
            self.link = self.link._replace(state=state)

    def _connect_screen(self, request: SignIn | None = None, error: SupraError | None = None) -> Screen[Any]:
        from screens.connect.connect import ConnectScreen

        return ConnectScreen(self.profiles, self.chosen, request, error)

    # ------------------------------------------------------------------ going about

    def go(self, name: str, *subject: object) -> None:
        """Open a place: over the present one if it shows a subject, else in its stead."""
        screen = self.places[name].open(self.session, *subject)
        if subject:
            self.push_screen(screen)
        else:
            self._show_only(screen)

    @work(exclusive=True, group="show")
    async def _show_only(self, screen: Screen[Any]) -> None:
        """Make a screen the only one: dialogs and subjects of the one before are closed."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_screen(screen)

    @work(exclusive=True, group="palette")
    async def action_palette(self) -> None:
        """Show what is possible now, and do what is chosen."""
        from screens.palette import ConsoleCommands

        providers = [*getattr(self.screen, "PROVIDERS", ()), ConsoleCommands]
        await self._choose([command for provider in providers for command in provider(self, self.screen).now()])

    @work(exclusive=True, group="palette")
    async def action_places(self) -> None:
        """Show the places one may go to, and go to the one that is chosen."""
        from screens.palette import to_places

        await self._choose(list(to_places(self)))

    async def _choose(self, commands: list[Command]) -> None:
        from screens.palette import Palette

        if isinstance(self.screen, Palette | TooSmall):
            return
        command = await self.push_screen_wait(Palette(commands))
        if command is not None:
            self.call_later(command.run)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where there is but one place, there is nowhere to go."""
        if action == "places":
            return sum(bool(place.title) and place.open_to(self.session.identity) for place in self.places.values()) > 1
        return True

    def action_help(self) -> None:
        """What this screen answers, and all its keys."""
        from screens.widgets.help import HelpScreen

        if not isinstance(self.screen, HelpScreen | TooSmall):
            self.push_screen(HelpScreen(self.screen))

    def action_help_quit(self) -> None:
        """Ctrl+C is for copying; say how to leave."""
        self.notify(_("Ctrl+Q closes the console"))

    def wear(self, theme: str) -> None:
        """Change the colours; without colour (NO_COLOR) only their places."""
        self.theme = theme
        if not self.no_color:
            self.ansi_color = None  # as the theme says from now on

    def explain(self, error: SupraError) -> None:
        """An error in a corner, for what no screen shows in its own place."""
        code = f" [{error.sqlstate}]" if error.sqlstate else ""
        self.notify(f"{error.advice}{code}", title=error.title, severity="error")

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
