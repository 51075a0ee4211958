"""What does an account say in plain text, for a pipe, a ticket or a terminal without the console?

The same records that the account screen shows and `account --json` writes.
"""

from __future__ import annotations

from collections.abc import Iterator

from queries.account_records import Account, Address
from supra_console import formats
from supra_console.display import safe
from supra_console.i18n import _
from supra_console.output import columns, fields


def describe(account: Account) -> str:
    """The account in sections: head, debt, then the lists, each left out when it is empty."""
    return "\n\n".join(section for section in _sections(account) if section)


def _sections(account: Account) -> Iterator[str]:
    contract, holder, toma = account.contract, account.holder, account.toma
    yield _titled(
        f"{contract.number}  {contract.status}",
        fields(
            [
                (_("Holder"), holder.name),
                (_("RFC"), holder.rfc),
                (_("Telephone"), holder.phone),
                (_("E-mail"), holder.email),
                (_("Since"), formats.day(contract.start_date)),
                (_("Tariff category"), contract.tariff_category),
                (_("Toma"), f"{toma.number}  {toma.type}  {toma.status}"),
                (_("Address"), _address(account.address)),
                (_("Billing address"), _address(account.billing_address)),
                (_("Sector"), f"{account.sector.code}  {account.sector.name}" if account.sector else None),
                (_("Meter"), f"{account.meter.serial_number}  {account.meter.status}" if account.meter else None),
            ]
        ),
    )
    if account.debt is not None:
        debt = account.debt
        yield _titled(
            _("Debt"),
            fields(
                [
                    (_("Total"), formats.money(debt.total_debt)),
                    (_("Unpaid invoices"), debt.unpaid_invoices),
                    (_("Not yet due"), formats.money(debt.not_due)),
                    (_("Paid in part"), formats.money(debt.part_paid) if debt.part_paid else None),
                    (_("Oldest due date"), formats.day(debt.oldest_due_date)),
                    (_("Days overdue"), debt.days_overdue),
                ]
            ),
        )
    yield _titled(
        _("Readings"),
        columns(
            [
                (
                    formats.day(r.reading_date),
                    formats.number(r.reading_value),
                    formats.volume(r.consumption),
                    r.anomaly_type or "",
                )
                for r in account.readings
            ]
        ),
    )
    yield _titled(
        _("Invoices"),
        columns(
            [
                (
                    f"{i.serie or ''}{i.invoice_number or ''}",
                    formats.month(i.period_end),
                    i.status,
                    formats.money(i.total),
                    formats.money(i.balance),
                    formats.day(i.due_date),
                )
                for i in account.invoices
            ]
        ),
    )
    yield _titled(
        _("Payments"),
        columns(
            [
                (formats.moment(p.payment_date), formats.money(p.amount), p.channel, p.status, p.reference or "")
                for p in account.payments
            ]
        ),
    )
    yield _titled(
        _("Open work orders"),
        columns([(o.order_number, o.type_name, o.status, formats.day(o.scheduled_date)) for o in account.work_orders]),
    )
    yield _titled(
        _("Could not be shown"), columns([(part, error.title) for part, error in account.failures.items()], widest=120)
    )


def _titled(title: str, body: str) -> str:
    return f"{safe(title)}\n{body}" if body else ""


def _address(address: Address | None) -> str:
    if address is None:
        return ""
    street = " ".join(filter(None, (address.street, address.exterior_number, address.interior_number)))
    return ", ".join(filter(None, (street, address.colonia, address.zip_code, address.municipality)))
