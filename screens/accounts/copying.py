"""What of this account should go to the clipboard?

Copying takes personal data out of the console, so it is a choice of one thing at a time, written down before it
happens. The text is the one on the screen: control characters made visible, so that it is safe to paste.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from queries.account_records import Account
from screens.accounts.head import debt_in_words
from screens.widgets.frame import Dialog
from screens.widgets.text import stored, words
from supra_console.display import safe
from supra_console.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that can be copied; `fields` is what the audit says was taken."""

    title: str
    text: str
    fields: tuple[str, ...]


def pieces(account: Account) -> list[Piece]:
    """What there is to copy, single values first."""
    values = (
        (_("Contract"), account.contract.number, "contract_number"),
        (_("Holder"), account.holder.name, "name"),
        (_("Address"), account.address.line, "address"),
        (_("Phone"), account.holder.phone, "phone"),
        (_("E-mail"), account.holder.email, "email"),
        ("RFC", account.holder.rfc, "rfc"),
        (_("Toma"), account.toma.number, "toma_number"),
        (_("Meter"), account.meter.serial_number if account.meter else None, "serial_number"),
    )
    found = [Piece(title, safe(value), (field,)) for title, value, field in values if value]
    summary = [piece for piece in found if piece.fields[0] in ("contract_number", "name", "address", "toma_number")]
    summary.append(Piece(_("Debt"), debt_in_words(account.debt)[0], ("debt",)))
    text = "\n".join(f"{piece.title}: {piece.text}" for piece in summary)
    return [*found, Piece(_("All of it, in lines"), text, tuple(field for piece in summary for field in piece.fields))]


class CopyDialog(Dialog[Piece | None]):
    """Choose what to copy; Esc copies nothing."""

    TITLE = N_("Copy")
    BINDINGS: ClassVar = [Binding("escape", "dismiss", N_("Copy nothing"), id="copy.nothing")]
    DEFAULT_CSS: ClassVar[str] = """
    CopyDialog OptionList, CopyDialog OptionList:focus {
        height: auto; max-height: 12; border: none; padding: 0; background: transparent; scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self._pieces = pieces(account)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = words(_("Copy to the clipboard; it is recorded"))
            dialog.border_subtitle = words(_("Enter to copy, Esc to copy nothing"))
            yield OptionList(
                *(
                    Option(words(f"{piece.title:<22}", "$quiet") + stored(piece.text.split("\n")[0], 48))
                    for piece in self._pieces
                )
            )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._pieces[event.option_index])
