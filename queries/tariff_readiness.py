"""What is missing before tariffs can be put in force, and which bills went out for their days already?

All of it is there for whoever may look; `tariff_approval` acts on it, and the server decides again when it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from queries import tariffs
from queries.statements import load
from queries.tariff_refusals import Refusal, raised
from queries.tariffs import TariffChanged
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.tariffs.register import TariffRow, says_something
from supra_console.tariffs.series import in_the_way

SAMPLE = 100  # invoices that are listed, however many there are
_TIMEOUT = 30.0  # seconds; a price list that begins in the past has all invoices since looked through


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """One that went out for a day of the tariff; `contract` is its number."""

    number: str
    contract: str
    billing_date: date
    total: Decimal


@dataclass(frozen=True, slots=True)
class IssuedInvoices:
    """All that went out for the days of a tariff, under the price of then.

    Attributes:
        first, last: the days of billing between which they lie; None where there are none.
        sample: the latest of them, as many as were asked for.
    """

    count: int = 0
    total: Decimal = Decimal("0.00")
    first: date | None = None
    last: date | None = None
    sample: tuple[IssuedInvoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """What there is of all that an activation needs.

    Attributes:
        approval: it is approved as it is; an edit would have voided that.
        approval_date_ok: resolved no later than its first day.
        impact_fits: the impact report kept last is of exactly this content.
        conflicts: tariffs in force or scheduled that hold some of its days.
        issued: invoices that went out for its days already: if it is back-dated, or they were dated ahead.
        unpriced_from: the day it ends, where what it replaces would have gone on: nothing has a price from then on.
    """

    gazette: bool
    approval: bool
    approval_date_ok: bool
    impact_fits: bool
    conflicts: tuple[TariffRow, ...]
    issued: IssuedInvoices
    unpriced_from: date | None = None


async def readiness(db: Database, package: Sequence[TariffRow]) -> tuple[Readiness, ...]:
    """What is missing before each of a package can be activated, together with the others of it.

    Raises:
        TariffChanged: the tariff is gone, or active by now.
        PackageRefused: some of several are.
    """
    register = await tariffs.register(db)
    current = [register.find(row.id) for row in package]
    there = [row for row in current if row is not None and not row.active]
    if len(there) < len(package):
        moved = [
            Refusal(row, TariffChanged(now))
            for row, now in zip(package, current, strict=True)
            if now is None or now.active
        ]
        raise raised(package, moved)
    others = in_the_way(there, register.tariffs)
    issued = await issued_invoices(db, [row.id for row in there])
    return tuple(
        Readiness(
            gazette=says_something(row.gazette_reference),
            approval=row.approved_at is not None,
            approval_date_ok=row.approval_date is not None and row.approval_date <= row.effective_from,
            impact_fits=row.impact_fits,
            conflicts=others[row.id],
            issued=issued[row.id],
            unpriced_from=_unpriced_from(row, register.find(row.replaces_id), there),
        )
        for row in there
    )


def _unpriced_from(row: TariffRow, replaced: TariffRow | None, package: Sequence[TariffRow]) -> date | None:
    """The day from which on a tariff takes days from the one it replaces that nothing of the package prices."""
    until = row.effective_until
    if until is None or replaced is None or not (replaced.active or replaced in package):
        return None
    if replaced.effective_until is not None and replaced.effective_until <= until:
        return None
    for other in package:
        begins, ends = other.effective_from, other.effective_until
        if other.id != row.id and other.series == row.series and begins <= until and (ends is None or until < ends):
            return None
    return until


async def issued_invoices(
    db: Database, tariff_ids: Sequence[UUID], *, listed: int | None = SAMPLE
) -> Mapping[UUID, IssuedInvoices]:
    """The invoices that went out already for days of each of these tariffs.

    Args:
        listed: so many of each are given one by one, the latest; all of them with None.
    """

    async def work(connection: Connection) -> Mapping[UUID, IssuedInvoices]:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(load("tariffs_issued"), {"ids": list(tariff_ids), "how_many": listed})
        rows = groupby(await cursor.fetchall(), key=itemgetter("tariff_id"))
        return dict.fromkeys(tariff_ids, IssuedInvoices()) | {one: _issued(list(found)) for one, found in rows}

    return await db.read(work, timeout=_TIMEOUT)


def _issued(rows: Sequence[dict[str, Any]]) -> IssuedInvoices:
    figures = rows[0]
    return IssuedInvoices(
        count=figures["invoices"],
        total=figures["total_of_all"],
        first=figures["first_day"],
        last=figures["last_day"],
        sample=tuple(IssuedInvoice(row["number"], row["contract"], row["billing_date"], row["total"]) for row in rows),
    )
