"""Who am I here, for which utility, on which server, and is it production?

One line at the top of every screen. What it says never scrolls away and never moves: utility to
the left, person and server to the right. Production turns the whole line red and begins with the word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from screens.session import Link, State
from screens.widgets.text import assemble, stored, words
from supra_console.display import safe
from supra_console.i18n import _

if TYPE_CHECKING:
    from screens.shell import Shell


def _shortened(text: str, width: int) -> str:
    """The text in at most so many cells; what is cut ends in an ellipsis."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[:-1]
    return text + "…" if width > 0 else ""


def _what(link: Link) -> str:
    """The utility, or what is going on instead."""
    if link.state == State.SIGNING_IN and link.profile:
        return _("signing in to {server} …").format(server=safe(link.profile.name))
    if link.identity is None:
        return _("not signed in")
    other = link.identity.tenant != link.identity.home
    # A DBA who works in another utility than their own sees that it is another.
    return safe(link.identity.tenant.name) + (" ⇄" if other else "")


def _whereabouts(link: Link) -> list[str]:
    """Person and server, longest form first; the rights go first, then the port, then the domain."""
    identity = link.identity
    if identity is None:
        return [safe(link.profile.address) if link.profile else ""]
    who = safe(identity.login)
    rights = safe(identity.group.removeprefix("supra_"))
    with_rights = who if who.endswith(rights) else f"{who} ({rights})"
    # A socket's folder says no more than that the server is this machine.
    host = _("this machine") if identity.host.startswith("/") else safe(identity.host)
    database = safe(identity.database)
    numeric = host.replace(".", "").isdigit() or ":" in host
    forms = [f"{with_rights}  {host}:{identity.port}/{database}", f"{who}  {host}:{identity.port}/{database}"]
    forms.append(f"{who}  {host}/{database}")
    forms.append(f"{who}  {host if numeric else host.partition('.')[0]}/{database}")
    return forms


def _trust(link: Link) -> tuple[str, bool]:
    """The state of the line, and whether it is an alarm."""
    if link.state == State.LOST:
        return _("CONNECTION LOST"), True
    if link.identity is None:
        return "", False
    here = link.identity.host.startswith(("/", "127.")) or link.identity.host in {"", "localhost", "::1"}
    return ("TLS", False) if link.identity.tls else (_("no TLS"), not here)


def line(link: Link, width: int) -> Content:
    """The strip for a width in cells."""
    production = link.profile is not None and link.profile.production
    mark = f" {_('PRODUCTION')} " if production else " SUPRA "
    trust, alarm = _trust(link)
    what = _what(link)
    end = f"  {trust} " if trust else " "
    room = width - cell_len(mark) - 1 - cell_len(end) - 2
    forms = _whereabouts(link)
    where = next((form for form in forms if cell_len(form) + cell_len(what) <= room), forms[-1])
    what = _shortened(what, max(12, room - cell_len(where)))
    where = _shortened(where, max(0, room - cell_len(what)))
    gap = width - cell_len(mark) - 1 - cell_len(what) - cell_len(where) - cell_len(end)
    return assemble(
        words(mark, "bold reverse"),
        words(" "),
        stored(what, style="bold"),
        words(" " * max(1, gap)),
        stored(where),
        words(end[:1]),
        words(end[1:], "bold reverse" if alarm else ""),
    )


class IdentityStrip(Widget):
    """The line at the top of every screen."""

    DEFAULT_CSS: ClassVar[str] = """
    IdentityStrip {
        dock: top; height: 1; width: 1fr;
        background: $panel; color: $foreground;
        &:ansi { background: ansi_blue; color: ansi_bright_white; }
        &:nocolor { text-style: reverse; }
        &.-production { background: $production; color: $on-production; }
        &.-lost { background: $warning; color: $background; }
    }
    """

    ALLOW_SELECT = False
    app: Shell

    def on_mount(self) -> None:
        self.watch(self.app, "link", self._show)

    def _show(self, link: Link) -> None:
        self.set_class(link.profile is not None and link.profile.production, "-production")
        self.set_class(link.state == State.LOST and not self.has_class("-production"), "-lost")
        self.refresh()

    def render(self) -> Content:
        return line(self.app.link, self.size.width)
