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
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen

from screens.places import PLACES, Place
from screens.session import Link, Session, SignIn, State
from screens.shell import Shell
from screens.theme import THEMES, first_theme
from screens.widgets.frame import TooSmall
from supra_console.errors import SupraError
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from screens.palette import Command
    from supra_console.identity import Identity
    from supra_console.profiles import Profile, Profiles

FIRST_PLACE = "accounts"


class SupraApp(Shell):
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
        super().__init__(session or Session(), places, THEMES[first_theme(environment)])
        self.profiles = profiles
        self.request = request
        self.chosen = chosen or (request.profile if request else None)
        self.error: Exception | None = None
        if request is not None:
            self.link = Link(State.SIGNING_IN, request.profile)

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
            self.show_only(self.places[FIRST_PLACE].open(self.session))
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
            self.show_only(screen)

    @work(exclusive=True, group="sign-in")
    async def sign_out(self) -> None:
        """Close the connection and ask again who is there."""
        await self.session.sign_out()
        self.link = Link(State.SIGNED_OUT, self.link.profile)
        self.request = None
        self.show_only(self._connect_screen())

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
        self.show_only(self.places[FIRST_PLACE].open(self.session))

    def _connect_screen(self, request: SignIn | None = None, error: SupraError | None = None) -> Screen[Any]:
        from screens.connect.connect import ConnectScreen

        return ConnectScreen(self.profiles, self.chosen, request, error)

    # ------------------------------------------------------------------ going about

    def action_palette(self) -> None:
        """Show what is possible now, and do what is chosen."""
        from screens.palette import ConsoleCommands

        providers = [*getattr(self.screen, "PROVIDERS", ()), ConsoleCommands]
        self._choose([command for provider in providers for command in provider(self, self.screen).now()])

    def action_places(self) -> None:
        """Show the places one may go to, and go to the one that is chosen."""
        from screens.palette import to_places

        self._choose(list(to_places(self)), _("Go to"))

    def _choose(self, commands: list[Command], title: str = "") -> None:
        """The palette is there before the next key is looked at, so what is typed ahead reaches it."""
        from screens.palette import Palette

        if not isinstance(self.screen, Palette | TooSmall):
            self.push_screen(Palette(commands, title), self._run)

    def _run(self, command: Command | None) -> None:
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
