"""Which screens are there?

One line per screen. A screen's module is imported when somebody goes there; what a screen needs
of the person's rights stands here too, so that the palette offers only what is possible.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual.screen import Screen

from supra_console.i18n import N_

if TYPE_CHECKING:
    from screens.session import Session
    from supra_console.identity import Identity


class Place(NamedTuple):
    """A screen and the way to it.

    Attributes:
        name: how code calls it.
        title: how the palette calls it, marked with `N_`; empty for a screen that needs a subject.
        screen: `module:class`; the class takes the session and, where it needs one, its subject.
        group: the weakest group whose members may go there.
    """

    name: str
    title: str
    screen: str
    group: str = "supra_readonly"

    def open(self, session: Session, *subject: object) -> Screen[Any]:
        """A new screen, imported now if it was not yet."""
        module, _colon, name = self.screen.partition(":")
        return cast("Screen[Any]", getattr(import_module(module), name)(session, *subject))

    def open_to(self, identity: Identity | None) -> bool:
        """Whether this person may go there."""
        return identity is not None and identity.may(self.group)


PLACES = (
    Place("accounts", N_("Accounts: find an account"), "screens.accounts.lookup:LookupScreen"),
    Place("tariffs", N_("Tariffs: prices, approval, validity"), "screens.tariffs.screen:TariffsScreen"),
    Place("chunks", N_("Chunks: time series, compression, jobs"), "screens.chunks.screen:ChunksScreen"),
    Place(
        "configuration",
        N_("Configuration: how each explotación works"),
        "screens.configuration.screen:ConfigurationScreen",
    ),
    Place("account", "", "screens.accounts.details:DetailsScreen"),
    Place("tariff-editor", "", "screens.tariffs.editor.screen:TariffEditor"),
    Place("tariff-impact", "", "screens.tariffs.impact:ImpactScreen"),
)
