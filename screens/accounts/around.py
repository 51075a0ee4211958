"""What is being done at an account, who speaks for it, what happened to it, and what lies next to it?"""

from __future__ import annotations

from decimal import Decimal

from queries.account_records import Account, street_line
from screens.accounts.tables import Row, Table, counted, role_of, said, status
from screens.widgets.line_table import Cell, Column
from supra_console import jsonb
from supra_console.formats import day, moment, number
from supra_console.i18n import _, ngettext


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
