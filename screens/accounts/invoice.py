"""How did this invoice come about?

Its lines, and under each the arithmetic that made it: the tariff blocks the consumption entered, the percentage of
another line, the fixed charge. Where the workings do not come to what was charged, it says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from queries.account_records import Invoice, Line, Step, Workings, invoice_name
from screens.accounts.tables import role_of, said
from screens.widgets.frame import Dialog
from screens.widgets.text import lines, stored, words
from supra_console.formats import day, money, month, number, percent, volume
from supra_console.i18n import N_, _

WIDTH = 70
CENT = Decimal("0.01")


def step_in_words(step: Step) -> str:
    """`10.000 m³ × 5.5000 = 55.00`, and the fixed charge where there is one."""
    text = f"{number(step.m3, 3)} m³ × {number(step.price_per_m3, 4)} = {number(step.m3 * step.price_per_m3, 2)}"
    if step.fixed_charge:
        text += _(" + {charge} fixed = {amount}").format(
            charge=number(step.fixed_charge, 2), amount=number(step.amount, 2)
        )
    return text


def block_name(step: Step) -> str:
    """`0–10 m³`; the last block is open."""
    return (
        f"{number(step.from_m3)}–{number(step.to_m3)} m³" if step.to_m3 is not None else f"> {number(step.from_m3)} m³"
    )


def arithmetic(workings: Workings) -> Iterator[str]:
    """The steps to an amount, one line each."""
    if workings.kind == "water":
        for step in workings.steps:
            yield f"{block_name(step)}: {step_in_words(step)}"
        if workings.discount:
            share = percent(workings.discount_pct / 100) if workings.discount_pct is not None else ""
            yield _("discount {share}: −{amount}").format(share=share, amount=number(workings.discount, 2))
    elif workings.kind == "percentage" and workings.percentage is not None and workings.base_amount is not None:
        share = percent(workings.percentage / 100, 0 if workings.percentage == workings.percentage.to_integral() else 2)
        base = f"{number(workings.base_amount, 2)} ({workings.base or ''})"
        yield f"{share} × {base} = {number(workings.amount, 2)}"
    elif workings.kind == "fixed" and workings.unit_amount is not None:
        quantity = workings.quantity if workings.quantity is not None else Decimal(1)
        yield f"{number(quantity)} × {number(workings.unit_amount, 2)} = {number(workings.amount, 2)}"
    elif workings.reason:
        yield workings.reason


def comes_to(workings: Workings) -> Decimal | None:
    """What the arithmetic gives, half up to the cent; None where there is none to follow."""
    if workings.kind == "water" and workings.mode == "accumulated" and workings.steps:
        result = sum((step.m3 * step.price_per_m3 + step.fixed_charge for step in workings.steps), Decimal(0))
        # The discount is an amount in cents, taken from the rounded sum.
        return result.quantize(CENT, ROUND_HALF_UP) - (workings.discount or 0)
    if workings.kind == "percentage" and workings.percentage is not None and workings.base_amount is not None:
        return (workings.base_amount * workings.percentage / 100).quantize(CENT, ROUND_HALF_UP)
    if workings.kind == "fixed" and workings.unit_amount is not None:
        quantity = workings.quantity if workings.quantity is not None else Decimal(1)
        return (quantity * workings.unit_amount).quantize(CENT, ROUND_HALF_UP)
    return None


class InvoiceDialog(Dialog[None]):
    """One invoice with its lines and how they were worked out."""

    TITLE = N_("Invoice")
    HELP = N_("""\
# Invoice

The lines of one invoice and, under each, **how the amount came about**: for water the m³ that fell
into each tariff block, times its price, and the block's fixed charge; for other concepts the
percentage of another line.

A line whose arithmetic does not come to what was charged says so.
""")
    BINDINGS: ClassVar = [Binding("escape,enter,q", "dismiss", N_("Close"), id="invoice.close", key_display="Esc")]

    def __init__(self, invoice: Invoice, problem: str = "") -> None:
        super().__init__()
        self._invoice = invoice
        self._problem = problem

    def compose(self) -> ComposeResult:
        invoice = self._invoice
        name = invoice_name(invoice.serie, invoice.invoice_number) or _("Invoice without a number")
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = (
                stored(name, 40) + words(f" · {month(invoice.period_end)} · ") + stored(said(invoice.status), 20)
            )
            dialog.border_subtitle = words(_("↑↓ to read on, Esc to close"))
            yield Static(lines(self._text()))

    def _text(self) -> Iterator[Content]:
        invoice = self._invoice
        yield _pair(
            _("Period"),
            words(f"{day(invoice.period_start)} – {day(invoice.period_end)}"),
        )
        if invoice.consumption_m3 is not None:
            text = volume(invoice.consumption_m3)
            if invoice.previous_reading is not None and invoice.current_reading is not None:
                text = f"{number(invoice.current_reading)} − {number(invoice.previous_reading)} = {text}"
            yield _pair(_("Consumption"), words(text))
        yield _pair(_("Issued, due"), words(f"{day(invoice.billing_date)}, {day(invoice.due_date)}"))
        yield words("")
        if self._problem:
            yield words(f"✗ {self._problem}", "$error")
        elif not invoice.lines:
            yield words(_("This invoice has no lines."), "$quiet")
        for line in invoice.lines:
            yield from _line(line)
        yield words("─" * WIDTH, "$quiet")
        for label, amount, style in (
            (_("Subtotal"), invoice.subtotal, ""),
            (_("IVA"), invoice.iva_amount, ""),
            (_("Total"), invoice.total, "bold"),
            (_("Paid"), -invoice.amount_paid, ""),
            (
                _("Owed"),
                invoice.balance,
                f"bold ${role_of(invoice.status)}" if role_of(invoice.status) in ("error", "warning") else "bold",
            ),
        ):
            yield _amount(words(label, style), money(amount), style)


def _pair(label: str, value: Content) -> Content:
    return words(f"{label:<16}", "$quiet") + value


def _amount(label: Content, amount: str, style: str = "") -> Content:
    label = label.truncate(WIDTH - len(amount) - 1, ellipsis=True)
    return label + words(" " * (WIDTH - label.cell_length - len(amount))) + words(amount, style)


def _line(line: Line) -> Iterator[Content]:
    name = " · ".join(part for part in (line.concept_name, line.subconcept_name) if part)
    yield _amount(stored(name, style="bold"), money(line.subtotal))
    if line.workings is None:
        yield words("  " + _("How this amount came about is not recorded."), "$quiet")
    else:
        if line.workings.tariff_name:
            yield words("  ") + stored(line.workings.tariff_name, WIDTH - 2, "$quiet")
        for step in arithmetic(line.workings):
            yield words("  ") + stored(step, WIDTH - 2)
        result = comes_to(line.workings)
        if result is not None and result != line.subtotal:
            text = _("this comes to {result}, not to {charged}").format(
                result=number(result, 2), charged=number(line.subtotal, 2)
            )
            yield words("  ! " + text, "bold $warning")
    if line.iva_amount:
        text = _("IVA {rate}").format(rate=percent(line.iva_rate))
        yield _amount(words("  " + text, "$quiet"), money(line.iva_amount), "$quiet")
