"""Who are you, and on which server?

Profiles above, user and password below. A password is only asked for when neither libpq's own
files nor the keyring have one, so Enter on the user is often all. What went wrong stands under
the fields, which keep what was typed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.input import Selection
from textual.widgets.option_list import Option

from screens.session import Link, SignIn, State
from screens.widgets.choices import Choices
from screens.widgets.field import Field
from screens.widgets.frame import Frame
from screens.widgets.text import assemble, lines, stored, words
from supra_console.errors import PasswordNeeded, SupraError, WrongPassword
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from supra_console.profiles import Profile, Profiles

_PROTECTION = {
    "disable": N_("not encrypted"),
    "allow": N_("encrypted only if the server insists; the server is not verified"),
    "prefer": N_("encrypted if the server can; the server is not verified"),
    "require": N_("encrypted; the server is not verified"),
    "verify-ca": N_("encrypted; the server's certificate is verified"),
    "verify-full": N_("encrypted; certificate and host name are verified"),
}


def protection(profile: Profile) -> str:
    """What the profile asks of the connection, in words."""
    host = profile.parameters.get("host") or os.environ.get("PGHOST", "")
    if host.startswith("/"):
        return _("a socket on this machine")
    mode = profile.parameters.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"
    return _(_PROTECTION.get(mode, "")) or mode


class ConnectScreen(Frame[None]):
    """Sign in to a server with one of the profiles."""

    CSS_PATH = "connect.tcss"
    TITLE = N_("Sign in")
    HELP = N_("""\
Choose a **profile** (a server), say **who** you are, and press Enter.

The password is asked for when neither a `.pgpass` file nor the keyring knows it. Leave it empty
to let them answer. What you type is never shown and never kept.

Profiles live in `profiles.toml`; a red line at the top means *production*: real customers.
""")
    BINDINGS: ClassVar = [
        Binding("enter", "sign_in", N_("Sign in"), id="connect.sign_in"),
        Binding("tab", "app.focus_next", N_("Next field"), id="connect.next"),
        Binding("up", "turn(-1)", N_("Choose"), id="connect.up", group=Binding.Group(N_("Choose"))),
        Binding("down", "turn(1)", N_("Choose"), id="connect.down", group=Binding.Group(N_("Choose"))),
        Binding("escape", "give_up", N_("Stop waiting"), id="connect.stop"),
    ]
    AUTO_FOCUS = None
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012  -- as Textual declares it

    def __init__(
        self,
        profiles: Profiles,
        chosen: Profile | None = None,
        request: SignIn | None = None,
        error: SupraError | None = None,
    ) -> None:
        super().__init__()
        self._profiles = list(profiles) or [profiles.get("environment")]
        if chosen is not None and chosen not in self._profiles:
            self._profiles.insert(0, chosen)
        default = next((profile for profile in self._profiles if profile.name == profiles.default), None)
        self._chosen = chosen or default
        self.profile = self._chosen or self._profiles[0]
        self._request = request
        self._error = error
        self._waiting = False

    # ------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        several = len(self._profiles) > 1
        with Vertical(id="sign-in") as box:
            box.border_title = words(_("Sign in to SUPRA"))
            if several:
                profiles = Choices(*(Option(self._line(profile)) for profile in self._profiles), id="profiles")
                profiles.highlighted = self._profiles.index(self.profile)
                yield profiles
            yield Static(id="about")
            with Horizontal(id="fields"):
                yield Static(words(f"{_('User')}\n\n{_('Password')}", "$quiet"), id="labels")
                with Vertical():
                    yield Field(id="user")
                    yield Field(password=True, id="password")
            yield Static(id="notice")

    def on_mount(self) -> None:
        self.app.link = Link(State.SIGNED_OUT, self.profile)
        self._show_profile()
        if self._request is not None and self._request.user:
            self.query_one("#user", Field).value = self._request.user
        if self._request is not None and self._error is not None:
            self.failed(self._request, self._error)
        elif self._chosen is None and len(self._profiles) > 1:
            self.query_one("#profiles").focus()
        else:
            self._focus_what_is_missing()

    @staticmethod
    def _line(profile: Profile) -> Content:
        mark = words(f" {_('PRODUCTION')} ", "bold $on-production on $production") if profile.production else words("")
        mark = mark + "  " if profile.production else mark
        about = stored(profile.description or profile.address, 60)
        return assemble(stored(f"{profile.name:<14}", 24, "bold"), " ", mark, about)

    def _show_profile(self) -> None:
        profile = self.profile
        rows = [] if len(self._profiles) > 1 else [(_("Profile"), self._line(profile))]
        rows.append((_("Server"), stored(profile.address, 56)))
        rows.append((_("Line"), words(protection(profile))))
        label = max(len(_("Password")), *(len(name) for name, _value in rows)) + 2
        self.query_one("#about", Static).update(
            lines(words(f"{name:<{label}}", "$quiet") + value for name, value in rows)
        )
        self.query_one("#labels").styles.width = label
        user = self.query_one("#user", Field)
        user.value = profile.user or (profile.users[0] if profile.users else "")
        user.cursor_position = len(user.value)
        self.query_one("#password", Field).value = ""
        self._notice(self._hint())
        self.set_class(profile.production, "-production")

    def _hint(self) -> Content:
        users = self.profile.users
        if len(users) > 1:
            return assemble(words("↑↓  ", "bold"), stored(" · ".join(users), 200, "$quiet"))
        return words(_("Leave the password empty to use .pgpass or the keyring."), "$quiet")

    def _notice(self, content: Content) -> None:
        self.query_one("#notice", Static).update(content)

    def _focus_what_is_missing(self) -> None:
        user = self.query_one("#user", Field)
        choose = not user.value or len(self.profile.users) > 1
        (user if choose else self.query_one("#password", Field)).focus()

    # ------------------------------------------------------------------ choosing

    @on(OptionList.OptionHighlighted, "#profiles")
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        profile = self._profiles[event.option_index]
        if profile is not self.profile:
            self.profile = profile
            self.app.link = Link(State.SIGNED_OUT, profile)
            self._show_profile()

    def action_turn(self, step: int) -> None:
        """On the user: the next of the profile's users; elsewhere: the next profile."""
        if self.focused is not None and self.focused.id == "user" and len(self.profile.users) > 1:
            user = self.query_one("#user", Field)
            users = self.profile.users
            here = users.index(user.value) if user.value in users else -1 if step > 0 else 0
            user.value = users[(here + step) % len(users)]
            user.cursor_position = len(user.value)
            self.query_one("#password", Field).value = ""
        elif len(self._profiles) > 1:
            profiles = self.query_one("#profiles", OptionList)
            profiles.action_cursor_down() if step > 0 else profiles.action_cursor_up()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Choosing needs a choice; there is only something to stop while we wait."""
        if action == "give_up":
            return self._waiting
        if action == "turn":
            return len(self._profiles) > 1 or len(self.profile.users) > 1
        return True

    # ------------------------------------------------------------------ signing in

    def action_sign_in(self) -> None:
        """Sign in with what stands in the fields; an empty password leaves it to libpq and the keyring."""
        user = self.query_one("#user", Field).value.strip()
        if self._waiting:
            return
        if not user:
            self._notice(words(_("Say who you are: the user name comes first."), "$warning"))
            self.query_one("#user", Field).focus()
            return
        self._waiting = True
        self.refresh_bindings()
        where = stored(self.profile.address, 50)
        self._notice(assemble(words(_("Signing in to") + " "), where, words(" …")))
        self.app.sign_in(SignIn(self.profile, user, self.query_one("#password", Field).value or None))

    def action_give_up(self) -> None:
        """Stop waiting for a server that does not answer."""
        self.app.workers.cancel_group(self.app, "sign-in")
        self._waiting = False
        self.refresh_bindings()
        self.app.link = Link(State.SIGNED_OUT, self.profile)
        self._notice(words(_("Stopped. Enter tries again."), "$quiet"))

    def failed(self, request: SignIn, error: SupraError) -> None:
        """Say why nobody was signed in; what was typed stays."""
        self._waiting = False
        self.refresh_bindings()
        password = self.query_one("#password", Field)
        if isinstance(error, PasswordNeeded) and not password.value:
            self._notice(words(_("Type the password of {user}.").format(user=request.user or "")))
            password.focus()
            return
        title = assemble(
            words("✗ ", "bold $error"), stored(error.title, 200, "bold $error"), words(error.code, "$quiet")
        )
        self._notice(lines([title, stored("  " + error.advice, 300)]))
        if isinstance(error, WrongPassword):
            # Typing replaces what was refused.
            password.focus()
            password.selection = Selection(0, len(password.value))
        elif self.focused is None:
            self._focus_what_is_missing()
