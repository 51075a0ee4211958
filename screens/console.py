"""How is the console opened on a terminal?

What must be right before the first frame is checked here, and said in one line if it is not. The
garbage collector rests until the console is idle for the first time: nothing that is made during
the start is garbage.
"""

from __future__ import annotations

import gc
import os
import sys

from supra_console import crash
from supra_console.errors import ConfigurationError
from supra_console.i18n import _
from supra_console.profiles import Profile, Profiles


def refuse_unusable_terminal() -> None:
    """Say in one line why this terminal cannot show the console.

    Raises:
        ConfigurationError: no terminal, one without cursor movement, or one that is not UTF-8.
    """
    screen, keyboard = sys.__stderr__, sys.__stdin__
    if screen is None or keyboard is None or not (screen.isatty() and keyboard.isatty()):
        raise ConfigurationError(
            _("The console needs a terminal"),
            _("In scripts, use the commands, such as lookup with --json; --help lists them."),
        )
    if os.environ.get("TERM", "dumb") in {"dumb", "unknown"}:
        raise ConfigurationError(
            _("This terminal cannot move its cursor (TERM={term})").format(term=os.environ.get("TERM", "")),
            _("Set TERM to what your terminal is, such as xterm-256color or linux."),
        )
    encoding = screen.encoding.lower().replace("-", "").replace("_", "")
    if encoding != "utf8":
        raise ConfigurationError(
            _("This terminal's locale is {encoding}, not UTF-8").format(encoding=screen.encoding),
            _("Start with a UTF-8 locale, such as LANG=es_MX.UTF-8 or LANG=C.UTF-8."),
        )


def run(profiles: Profiles, profile: Profile | None = None, user: str | None = None) -> int:
    """Open the console and stay in it.

    Args:
        profiles: what the user may sign in to.
        profile: the one to begin with; None leaves the choice to the connect screen.
        user: the login role, in place of the profile's.

    Returns:
        The exit status.

    Raises:
        Exception: what nobody foresaw, after the terminal was restored.
    """
    try:
        refuse_unusable_terminal()
    except ConfigurationError as error:
        # Said here: whoever caught it above would restore a terminal that was never taken over.
        crash.complain(error)
        return error.exit_status
    gc.disable()
    from screens.app import SupraApp
    from screens.session import SignIn

    # A profile that says who signs in needs nothing typed, as long as libpq or the keyring has the password.
    known = user or (profile.user if profile else None)
    request = SignIn(profile, known) if profile and known else None
    app = SupraApp(profiles, request=request, chosen=profile)
    app.run()
    if app.error is not None:
        raise app.error
    return app.return_code or 0
