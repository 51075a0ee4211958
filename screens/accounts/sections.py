"""What do the eight sections of an account say?

Each is a function from the account, and the cells there are, to a table. What could not be read says so where it
would stand; the others are whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from queries.account_records import Account, Reading, invoice_name, street_line
from screens.accounts.tables import Row, Table, bar, counted, role_of, said, status
from screens.widgets.line_table import Cell, Column, longest, remaining
from supra_console import jsonb
from supra_console.formats import day, moment, money, month, number, volume
from supra_console.i18n import N_, _, ngettext


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        title: short, marked with `N_`.
        parts: names of `Account.failures` and `Account.cut` that concern it.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    make: Callable[[Account, int], Table]

    def table(self, account: Account, width: int) -> Table:
        """The section for a table `width` cells wide, with what could not be read in place of its note."""
        table = self.make(account, width)
        for part in self.parts:
            if (error := account.failures.get(part)) is not None:
                return replace(table, note=f"✗ {error.title}{error.code}. {error.advice}", note_role="error")
        return table

    def failed(self, account: Account) -> bool:
        """Whether part of it could not be read."""
        return any(part in account.failures for part in self.parts)


# ---------------------------------------------------------------------- readings


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


# ---------------------------------------------------------------------- work, contacts, events


def work_orders(account: Account, width: int) -> Table:
    """Open work at the contract or its toma, most urgent first."""
    columns = (
        Column("number", _("Order"), 14),
        Column("priority", _("Priority"), 8),
        Column("status", _("Status"), 11),
        Column("due", _("Due"), 12),
        Column("what", _("Work")),
    )
    rows = tuple(
        Row(
            str(order.id),
            (
                order.order_number,
                Cell(said(order.priority), role_of(order.priority) if order.priority != "baja" else "quiet"),
                said(order.status),
                day(order.scheduled_date or order.sla_due_at),
                " · ".join(part for part in (order.type_name, order.crew_name, order.description) if part),
            ),
        )
        for order in account.work_orders
    )
    note = counted(
        ngettext("{n} open work order", "{n} open work orders", len(rows)), len(rows), "work_orders" in account.cut
    )
    return Table(note if rows else _("No work is open here."), columns, rows)


def contacts(account: Account, width: int) -> Table:
    """How to reach the holder, then what the customer last asked or complained about."""
    holder = account.holder
    columns = (
        Column("kind", _("Way or request"), 18),
        Column("when", _("When"), 12),
        Column("status", _("Status"), 14),
        Column("what", ""),
    )
    ways = [
        (said(kind), value, "")
        for kind, value in (
            ("telefono", holder.phone),
            ("telefono", holder.phone_secondary),
            ("whatsapp", holder.whatsapp),
            ("email", holder.email),
        )
        if value
    ]
    known = {value for _kind, value, _mark in ways}
    for point in account.contact_points:
        if point.value not in known:
            marks = (
                _("verified") if point.verified else "",
                _("preferred") if point.primary_contact else "",
                point.label,
            )
            ways.append((said(point.contact_type), point.value, ", ".join(mark for mark in marks if mark)))
    rows = [Row(f"way {place}", (kind, "", mark, value)) for place, (kind, value, mark) in enumerate(ways)]
    rows += [
        Row(
            str(request.id),
            (
                said(request.contact_type),
                day(request.created_at),
                status(request.status),
                f"{request.subject} · {said(request.channel)} · {request.contact_number}",
            ),
        )
        for request in account.requests
    ]
    parts = [ngettext("{n} way to reach the holder", "{n} ways to reach the holder", len(ways)).format(n=len(ways))]
    if holder.preferred_channel:
        parts.append(_("prefers {channel}").format(channel=said(holder.preferred_channel)))
    parts.append(
        counted(
            ngettext("{n} request", "{n} requests", len(account.requests)),
            len(account.requests),
            "requests" in account.cut,
        )
    )
    return Table(" · ".join(parts), columns, tuple(rows))


def events(account: Account, width: int) -> Table:
    """What happened to contract, toma and holder."""
    columns = (
        Column("when", _("When"), 20),
        Column("what", _("What"), 24),
        Column("who", _("Who"), 14),
        Column("payload", _("Particulars")),
    )
    rows = tuple(
        Row(
            str(event.id),
            (moment(event.created_at), event.event_type, event.db_user or "", _particulars(event.payload)),
        )
        for event in account.events
    )
    note = counted(ngettext("{n} event", "{n} events", len(rows)), len(rows), "events" in account.cut)
    return Table(note if rows else _("Nothing happened yet."), columns, rows)


def _particulars(payload: object) -> str:
    """`key value · key value`, one level deep; what lies deeper in JSON."""
    if not isinstance(payload, dict):
        return str(getattr(payload, "reason", ""))
    return " · ".join(
        f"{said(key)} {value if isinstance(value, str | int | Decimal) else jsonb.dumps(value)}"
        for key, value in payload.items()
        if value is not None
    )


def neighbours(account: Account, width: int) -> Table:
    """The nearest tomas within 500 m; Enter opens the account, which is audited like any other."""
    columns = (
        Column("distance", "m", 5, right=True),
        Column("toma", _("Toma"), 12),
        Column("contract", _("Contract"), 14),
        Column("status", _("Status"), 20),
        Column("address", _("Address")),
    )
    rows = tuple(
        Row(
            str(neighbour.toma_id),
            (
                number(neighbour.distance_m, 0),
                neighbour.toma_number,
                neighbour.contract_number or Cell(_("no contract"), "quiet"),
                Cell(
                    " · ".join(said(code) for code in (neighbour.contract_status, neighbour.toma_status) if code),
                    role_of(neighbour.toma_status) or role_of(neighbour.contract_status),
                ),
                street_line(neighbour.street, neighbour.exterior_number, neighbour.interior_number),
            ),
            neighbour.contract_id,
        )
        for neighbour in account.neighbours
    )
    if not rows:
        missing = account.toma.latitude is None
        return Table(_("The toma has no coordinates.") if missing else _("No other toma within 500 m."), columns, rows)
    note = counted(ngettext("{n} toma", "{n} tomas", len(rows)), len(rows), "neighbours" in account.cut)
    return Table(f"{note} · " + _("within 500 m, nearest first; Enter opens one"), columns, rows)


SECTIONS = (
    Section("readings", N_("Readings"), ("readings",), readings),
    Section("debt", N_("Debt"), ("debt", "unpaid"), debt),
    Section("invoices", N_("Invoices"), ("invoices", "lines"), invoices),
    Section("payments", N_("Payments"), ("payments",), payments),
    Section("orders", N_("Orders"), ("work_orders",), work_orders),
    Section("contacts", N_("Contacts"), ("contact_points", "requests"), contacts),
    Section("events", N_("Events"), ("events",), events),
    Section("neighbours", N_("Nearby"), ("neighbours",), neighbours),
)


def last_valid(account: Account) -> Reading | None:
    """The last reading that somebody took and nobody doubts."""
    return next((reading for reading in account.readings if reading.status in ("valid", "corrected")), None)
