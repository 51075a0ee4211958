"""By which factor do the limits change when the billing period does, and by how much do prices?"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.widgets.choices import Choices
from screens.widgets.dialogs import FieldsDialog
from screens.widgets.frame import Dialog
from screens.widgets.text import words
from supra_console.errors import InvalidInput
from supra_console.i18n import N_, _
from supra_console.tariffs.numbers import read_number

FACTORS: Final[tuple[tuple[Decimal, str], ...]] = (
    (Decimal(2), N_("× 2      mensual → bimestral")),
    (Decimal(3), N_("× 3      mensual → trimestral")),
    (Decimal("1.5"), N_("× 1.5    bimestral → trimestral")),
    (Decimal(1) / 2, N_("÷ 2      bimestral → mensual")),
    (Decimal(1) / 3, N_("÷ 3      trimestral → mensual")),
    (Decimal(2) / 3, N_("÷ 1.5    trimestral → bimestral")),
)

MOST_PERCENT: Final = 1000


def raise_dialog() -> FieldsDialog:
    """By how many per cent all prices go up."""
    about = words(_("All prices and fixed charges of the blocks go up by so many per cent; -2 lowers. Concepts stay."))
    return FieldsDialog(_("Raise all prices"), about, [(_("Per cent, such as 4.5"), "")], _fault_of_percent)


def _fault_of_percent(values: tuple[str, ...]) -> str:
    try:
        percent = read_number(values[0], decimals=4)
    except InvalidInput as error:
        return error.advice
    return "" if -100 < percent <= MOST_PERCENT else _("Write more than -100 and at most 1000.")


class ScaleDialog(Dialog[Decimal | None]):
    """One of a few factors; Esc changes nothing."""

    TITLE = N_("Scale the limits")
    BINDINGS: ClassVar = [
        Binding("up", "move('cursor_up')", N_("Choose"), id="scale.up", group=Binding.Group(N_("Choose"))),
        Binding("down", "move('cursor_down')", N_("Choose"), id="scale.down", group=Binding.Group(N_("Choose"))),
        Binding("enter", "choose", N_("Do what is marked"), id="scale.choose"),
        Binding("escape", "cancel", N_("Cancel"), id="scale.cancel"),
    ]
    DEFAULT_CSS: ClassVar[str] = """
    ScaleDialog > .dialog { width: 56; & > Choices { margin: 1 0 0 0; } }
    """

    def body(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = words(_("Scale the limits"))
            yield Static(words(_("All limits in m³ are multiplied; prices, charges and the period stay as they are.")))
            yield Choices(*(Option(words(_(text))) for _factor, text in FACTORS))

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.highlighted = 0
        choices.focus()

    def action_move(self, way: str) -> None:
        """To the other line."""
        getattr(self.query_one(Choices), f"action_{way}")()

    def action_choose(self) -> None:
        """Take the factor that is marked."""
        self.query_one(Choices).action_select()

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(FACTORS[event.option_index][0])
