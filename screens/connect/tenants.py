"""In which utility does this DBA want to work?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.widgets.choices import Choices
from screens.widgets.frame import Dialog
from screens.widgets.text import assemble, stored, words
from supra_console.i18n import N_, _
from supra_console.identity import Tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supra_console.identity import Identity


class TenantDialog(Dialog[Tenant | None]):
    """Choose one of the utilities; Esc stays where one is."""

    BINDINGS: ClassVar = [
        Binding("enter", "choose", N_("Work there"), id="tenants.choose"),
        Binding("up", "move('cursor_up')", N_("Move"), id="tenants.up", group=Binding.Group(N_("Move"))),
        Binding("down", "move('cursor_down')", N_("Move"), id="tenants.down", group=Binding.Group(N_("Move"))),
        Binding("escape", "dismiss", N_("Stay"), id="tenants.stay"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    TenantDialog > .dialog { width: 60; padding: 1 1; }
    TenantDialog Choices { max-height: 14; }
    """

    def __init__(self, tenants: Sequence[Tenant], identity: Identity) -> None:
        super().__init__()
        self._tenants = tenants
        self._identity = identity

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = words(_("Work in which utility?"))
            choices = Choices(*(self._option(tenant) for tenant in self._tenants))
            present = [tenant.id for tenant in self._tenants]
            if self._identity.tenant.id in present:
                choices.highlighted = present.index(self._identity.tenant.id)
            yield choices

    def _option(self, tenant: Tenant) -> Option:
        own = words("  " + _("your own"), "$quiet") if tenant == self._identity.home else words("")
        return Option(assemble(stored(tenant.name, 40), own))

    def action_move(self, way: str) -> None:
        """To the next or the one before."""
        getattr(self.query_one(Choices), f"action_{way}")()

    def action_choose(self) -> None:
        """Work in the highlighted one."""
        self.query_one(Choices).action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._tenants[event.option_index])
