"""What was read, what is owed for it, and what was charged and paid?"""

from __future__ import annotations

from decimal import Decimal

from queries.account_records import Account, Reading, invoice_name
from screens.accounts.tables import Row, Table, bar, counted, role_of, said, status
from screens.widgets.line_table import Cell, Column, longest, remaining
from supra_console.formats import day, money, month, number, volume
from supra_console.i18n import N_, _, ngettext


def last_valid(account: Account) -> Reading | None:
    """The last reading that somebody took and nobody doubts."""
    return next((reading for reading in account.readings if reading.status in ("valid", "corrected")), None)


def remarks(reading: Reading) -> Cell:
    """What is unusual about a reading, in words; nothing for an ordinary one."""
    words = []
    if reading.anomaly_type:
        words.append("! " + said(reading.anomaly_type))
    if reading.estimated:
        words.append(_("estimated"))
    elif reading.status not in ("valid", "suspicious") or (reading.status != "valid" and not words):
        words.append(said(reading.status))
    role = "error" if reading.anomaly_type else "warning" if reading.status != "valid" else ""
    return Cell(", ".join(words) or said(reading.source), role or "quiet")


def readings(account: Account, width: int) -> Table:
    """The last twelve readings with a bar for each consumption; estimated ones are hatched."""
    rows = account.readings
    used = [reading.consumption for reading in rows if reading.consumption is not None]
    largest = max(used, default=Decimal(0))
    columns = (
        Column("date", _("Read"), 12),
        Column("index", _("Index"), 10, right=True),
        Column("used", "m³", 8, right=True),
        Column("bar", f"0–{volume(largest)}" if used else ""),
        Column("remarks", _("Remarks"), 22),
    )
    room = remaining(width, columns)
    parts = []
    if rows:
        parts.append(counted(ngettext("{n} reading", "{n} readings", len(rows)), len(rows), "readings" in account.cut))
    if used:
        parts.append(_("mean {mean}").format(mean=volume(round(sum(used, Decimal(0)) / len(used), 1))))
    strange = sum(reading.anomaly_type is not None for reading in rows)
    if strange:
        parts.append(ngettext("{n} anomaly", "{n} anomalies", strange).format(n=strange))
    estimated = sum(reading.estimated for reading in rows)
    if estimated:
        parts.append(ngettext("{n} estimated ▒", "{n} estimated ▒", estimated).format(n=estimated))
    return Table(
        " · ".join(parts) or _("Nothing was ever read here."),
        columns,
        tuple(
            Row(
                str(reading.id),
                (
                    day(reading.reading_date),
                    number(reading.reading_value),
                    number(reading.consumption),
                    Cell(
                        bar(reading.consumption or Decimal(0), largest, room, reading.estimated),
                        "error" if reading.anomaly_type else "warning" if reading.estimated else "bar",
                    ),
                    remarks(reading),
                ),
            )
            for reading in rows
        ),
        "warning" if strange else "",
    )


# ---------------------------------------------------------------------- debt

AGES = (
    N_("not due yet"),
    N_("1 to 30 days late"),
    N_("31 to 60 days late"),
    N_("61 to 90 days late"),
    N_("over 90 days late"),
)
_AGE_ROLES = ("bar", "warning", "warning", "error", "error")


def debt(account: Account, width: int) -> Table:
    """What is owed by age, then the invoices that make it up."""
    columns = (
        Column("what", _("Age or invoice"), 20),
        Column("due", _("Due"), 12),
        Column("owed", _("Owed"), 13, right=True),
        Column("bar", ""),
    )
    owed = account.debt
    if owed is None:
        return Table("", columns, ())
    room = remaining(width, columns)
    rows = []
    for place, (title, role, amount) in enumerate(zip(AGES, _AGE_ROLES, owed.ageing, strict=True)):
        age = Cell(_(title), "quiet" if not amount else "" if role == "bar" else role)
        drawn = Cell(bar(amount, owed.total_debt, room), role)
        rows.append(Row(f"age {place}", (age, "", money(amount), drawn)))
    rows.append(Row("total", (Cell(_("total"), "strong"), "", Cell(money(owed.total_debt), "strong"), "")))
    for invoice in account.unpaid:
        about = []
        if late := invoice.days_overdue:
            about.append(ngettext("{n} day late", "{n} days late", late).format(n=number(late)))
        if invoice.amount_paid:
            paid, total = money(invoice.amount_paid), money(invoice.total)
            about.append(_("{paid} of {total} paid").format(paid=paid, total=total))
        name = invoice_name(invoice.serie, invoice.invoice_number) or month(invoice.period_end)
        cells = (name, day(invoice.due_date), money(invoice.balance), ", ".join(about))
        rows.append(Row(str(invoice.id), cells, invoice.id))
    parts = [counted(ngettext("{n} unpaid invoice", "{n} unpaid invoices", owed.unpaid_invoices), owed.unpaid_invoices)]
    if "unpaid" in account.cut:
        parts.append(_("the {n} oldest are listed").format(n=number(len(account.unpaid))))
    if owed.part_paid:
        parts.append(_("{amount} already paid of them").format(amount=money(owed.part_paid)))
    if owed.on_account:
        parts.append(_("{amount} on account, not applied").format(amount=money(owed.on_account)))
    if owed.payment_plan:
        parts.append(_("payment plan {number}").format(number=owed.payment_plan))
    return Table(" · ".join(parts), columns, tuple(rows))


# ---------------------------------------------------------------------- invoices and payments


def invoices(account: Account, width: int) -> Table:
    """The latest invoices; Enter shows how one came about."""
    names = {invoice.id: invoice_name(invoice.serie, invoice.invoice_number) for invoice in account.invoices}
    columns = (
        Column("number", _("Invoice"), longest(filter(None, names.values()), 14, 20)),
        Column("period", _("Period"), 9),
        Column("m3", "m³", 8, right=True),
        Column("total", _("Total"), 12, right=True),
        Column("owed", _("Owed"), 12, right=True),
        Column("status", _("Status")),
    )
    due_shown = _OWED if remaining(width, columns) > 24 else ()
    rows = tuple(
        Row(
            str(invoice.id),
            (
                names[invoice.id] or Cell(_("not numbered"), "quiet"),
                month(invoice.period_end),
                number(invoice.consumption_m3),
                money(invoice.total),
                money(invoice.balance) if invoice.balance and invoice.status != "cancelada" else "",
                Cell(
                    said(invoice.status)
                    + (_(", due {day}").format(day=day(invoice.due_date)) if invoice.status in due_shown else ""),
                    role_of(invoice.status),
                ),
            ),
            invoice.id,
        )
        for invoice in account.invoices
    )
    note = counted(ngettext("{n} invoice", "{n} invoices", len(rows)), len(rows), "invoices" in account.cut)
    return Table(
        f"{note} · " + _("Enter shows its lines and the tariff blocks that made them")
        if rows
        else _("No invoice yet."),
        columns,
        rows,
    )


_OWED = ("pendiente", "impagada")


def payments(account: Account, width: int) -> Table:
    """The latest payments and what they were for."""
    columns = (
        Column("date", _("Paid"), 12),
        Column("amount", _("Amount"), 12, right=True),
        Column("how", _("How"), 22),
        Column("status", _("Status"), 10),
        Column("what", _("For")),
    )
    rows = tuple(
        Row(
            str(payment.id),
            (
                day(payment.payment_date),
                money(payment.amount),
                ", ".join(dict.fromkeys((said(payment.method), said(payment.channel)))),
                status(payment.status),
                " · ".join(
                    part
                    for part in (
                        invoice_name(payment.serie, payment.invoice_number)
                        or ("" if payment.invoice_id else _("on account")),
                        payment.status_reason,
                        payment.reference,
                    )
                    if part
                ),
            ),
            payment.invoice_id,
        )
        for payment in account.payments
    )
    note = counted(ngettext("{n} payment", "{n} payments", len(rows)), len(rows), "payments" in account.cut)
    return Table(note if rows else _("Nothing was paid yet."), columns, rows)
