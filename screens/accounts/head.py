"""Whose account is this, and is anything wrong with it?

Six lines above the sections that never scroll away: holder, contract and status; address; toma and meter; sector and
tariff; the last reading; the debt with its age. What calls for attention is said in words and coloured besides.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import var
from textual.widget import Widget

from queries.account_records import Account, Debt
from screens.accounts.billed import last_valid
from screens.accounts.tables import role_of, said
from screens.widgets.text import assemble, lines, stored, words
from supra_console.display import safe
from supra_console.errors import SupraError
from supra_console.formats import day, money, number, volume
from supra_console.i18n import _, ngettext

LABEL = 10


def _coloured(role: str) -> str:
    return {"good": "$success", "quiet": "$quiet"}.get(role, f"${role}") if role else ""


def debt_in_words(debt: Debt | None, error: SupraError | None = None) -> tuple[str, str]:
    """What is owed and for how long, with the role that colours it."""
    if debt is None:
        return (f"✗ {error.title}" if error else ""), "error"
    if not debt.unpaid_invoices:
        return _("nothing owed"), "good"
    amount = money(debt.total_debt)
    invoices = ngettext("{n} unpaid invoice", "{n} unpaid invoices", debt.unpaid_invoices).format(
        n=number(debt.unpaid_invoices)
    )
    late = debt.days_overdue
    if not late:
        return _("{amount} owed, {invoices}, not due yet").format(amount=amount, invoices=invoices), ""
    days = ngettext("{n} day", "{n} days", late).format(n=number(late))
    text = _("{amount} owed, {invoices}, the oldest {days} late").format(amount=amount, invoices=invoices, days=days)
    if debt.days_over_90:
        text += _("; over 90 days: {amount}").format(amount=money(debt.days_over_90))
    return text, "error" if late > 60 else "warning"


class AccountHead(Widget):
    """The six lines."""

    DEFAULT_CSS: ClassVar[str] = "AccountHead { height: 6; width: 1fr; padding: 0 1; background: $surface; }"
    ALLOW_SELECT = False

    account: var[Account | None] = var(None, init=False)
    notice: var[Content] = var(Content(""), init=False)
    """What stands there while there is no account: that it is being opened, or why it cannot be."""

    def watch_account(self) -> None:
        self.refresh()

    def watch_notice(self) -> None:
        self.refresh()

    def render(self) -> Content:
        account = self.account
        if account is None:
            return self.notice
        width = self.size.width
        return lines(
            [
                self._title(account, width),
                self._line(width, (_("Address"), stored(account.address.line))),
                self._line(width, (_("Toma"), self._toma(account)), (_("Meter"), self._meter(account))),
                self._line(width, (_("Sector"), self._sector(account)), (_("Tariff"), self._tariff(account))),
                self._line(width, (_("Reading"), self._reading(account))),
                self._line(width, (_("Debt"), self._debt(account))),
            ]
        )

    @staticmethod
    def _line(width: int, *pairs: tuple[str, Content]) -> Content:
        """Label and value, once or twice; the second begins beyond the middle."""
        middle = width * 11 // 20
        parts: list[Content] = []
        for place, (label, value) in enumerate(pairs):
            room = (middle if len(pairs) == 2 and place == 0 else width if len(pairs) == 1 else width - middle) - LABEL
            value = value.truncate(max(0, room - (1 if len(pairs) == 2 and place == 0 else 0)), ellipsis=True)
            if place == 0 and len(pairs) == 2:
                value = value + words(" " * max(0, room - value.cell_length))
            parts += [words(f"{label[: LABEL - 1]:<{LABEL}}", "$quiet"), value]
        return assemble(*parts)

    @staticmethod
    def _title(account: Account, width: int) -> Content:
        contract = account.contract
        role = role_of(contract.status)
        right = assemble(
            stored(contract.number, 30, "bold"),
            " ",
            stored(said(contract.status), 20, f"bold {_coloured(role)}".strip()),
        )
        marks = Content("")
        if account.holder.vulnerable:
            kind = said(account.holder.vulnerability_type)
            marks += words("  " + _("vulnerable"), "bold $warning") + stored(
                f": {kind}" if kind else "", 30, "$warning"
            )
        name = safe(account.holder.name)
        room = width - right.cell_length - 2
        left = stored(name, style="bold")
        if cell_len(name) + marks.cell_length > room:
            marks = marks.truncate(max(0, room - min(cell_len(name), room // 2)), ellipsis=True)
        left = left.truncate(max(1, room - marks.cell_length), ellipsis=True) + marks
        return left + words(" " * max(2, width - left.cell_length - right.cell_length)) + right

    @staticmethod
    def _toma(account: Account) -> Content:
        toma = account.toma
        about = stored(f"{toma.number} ", 30) + stored(said(toma.type), 30)
        state = words(", ") + stored(said(toma.status), 30, _coloured(role_of(toma.status)))
        if toma.cut_date and toma.status in ("cortada", "suspendida"):
            state += words(_(" since {day}").format(day=day(toma.cut_date)))
        return about + state

    @staticmethod
    def _meter(account: Account) -> Content:
        meter = account.meter
        if meter is None:
            return words(_("none, {billing}").format(billing=said(account.toma.billing_type)), "$warning")
        about = stored(" ".join(part for part in (meter.serial_number, meter.brand, meter.model) if part), 60)
        if meter.status == "activo":
            return about
        return about + words(", ") + stored(said(meter.status), 30, _coloured(role_of(meter.status)))

    @staticmethod
    def _sector(account: Account) -> Content:
        if (error := account.failures.get("sector")) is not None:
            return words(f"✗ {error.title}", "$error")
        sector = account.sector
        if sector is None:
            return words(_("in none"), "$quiet")
        return stored(f"{sector.code} {sector.name}", 80) + words(
            "" if sector.by_position else _(" (by its acometida)"), "$quiet"
        )

    @staticmethod
    def _tariff(account: Account) -> Content:
        about = stored(f"{said(account.contract.tariff_category)}, {said(account.toma.billing_period)}", 60)
        return about + words(", " + _("social"), "$accent") if account.contract.social_tariff else about

    @staticmethod
    def _reading(account: Account) -> Content:
        if (error := account.failures.get("readings")) is not None:
            return words(f"✗ {error.title}", "$error")
        if not account.readings:
            return words(_("never read"), "$quiet")
        latest = account.readings[0]
        text = words(day(latest.reading_date)) + words(
            f"  {number(latest.reading_value)}, {volume(latest.consumption)}"
        )
        if latest.anomaly_type:
            text += words("  ! ", "bold $error") + stored(said(latest.anomaly_type), 40, "$error")
        elif latest.status != "valid":
            text += words("  ") + stored(said(latest.status), 40, "$warning")
        valid = last_valid(account)
        if valid is not None and valid is not latest:
            text += words("; " + _("last valid {day}").format(day=day(valid.reading_date)), "$quiet")
        return text

    @staticmethod
    def _debt(account: Account) -> Content:
        text, role = debt_in_words(account.debt, account.failures.get("debt"))
        return words(text, f"bold {_coloured(role)}".strip())
