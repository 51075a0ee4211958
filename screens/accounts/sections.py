"""Which eight sections has an account, and what does one say that could not be read?

Each is a function from the account, and the cells there are, to a table. What could not be read says so where it
would stand; the others are whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from queries.account_records import Account
from screens.accounts.around import contacts, events, neighbours, work_orders
from screens.accounts.billed import debt, invoices, payments, readings
from screens.accounts.tables import Table
from supra_console.i18n import N_


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
