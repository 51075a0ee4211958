"""How does a draft get into force, and what is missing on the way?

Every step is one call of a function of `sql/schema/026-tariff-approval.sql`. The functions decide who may, whether the
tariff is still as it was read, and what has to be there first; they record what was done in the same transaction.
Here they are called, and what they refuse is said in our words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, LiteralString
from uuid import UUID

from psycopg.rows import dict_row, tuple_row

from queries import tariffs
from queries.statements import load
from queries.tariffs import TariffChanged, TariffConflict
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.errors import AlreadyExists, InvalidInput, PermissionDenied, SupraError
from supra_console.i18n import N_, _
from supra_console.tariffs.register import TariffRow

SAMPLE = 100  # invoices that are listed, however many there are
_TIMEOUT = 30.0  # seconds; a tariff for all explotaciones has all invoices looked through


class DraftersApproval(PermissionDenied):
    """Who wrote on a tariff wants to approve it."""

    TITLE = N_("Who wrote on a tariff may not approve it")
    ADVICE = N_("Nothing was changed. Ask another supervisor.")


class NotSound(InvalidInput):
    """Its content does not make a tariff; `constraint` is the rule, as `rules.examine` calls it."""

    TITLE = N_("This tariff is not sound")
    ADVICE = N_("Nothing was changed. Open it: the editor says what is wrong, and where.")
    REPLACES = N_(
        "What it replaces is not, or no longer, in force or scheduled for the same category, period and explotación. "
        "Make a new version of the tariff that is."
    )

    def __init__(self, *, sqlstate: str | None = None, constraint: str | None = None) -> None:
        advice = _(self.REPLACES) if constraint == "replaces" else None
        super().__init__(advice=advice, sqlstate=sqlstate, constraint=constraint)


class NotReady(InvalidInput):
    """Something is missing for the activation; `constraint` names it."""

    TITLE = N_("Something is missing before this tariff can be put in force")
    WHAT: ClassVar[dict[str | None, str]] = {
        "approval_of_this_content": N_("It was approved with other content: it has to be approved again."),
        "gazette_reference": N_("Its reference in the gazette, La Sombra de Arteaga, is missing."),
        "earlier_approval_date": N_("It was resolved later than its first day: it has to begin on that day or later."),
        "impact_report": N_("There is no impact report of exactly this content: work it out."),
    }

    def __init__(self, *, sqlstate: str | None = None, constraint: str | None = None) -> None:
        what = self.WHAT.get(constraint)
        super().__init__(advice=_(what) if what else None, sqlstate=sqlstate, constraint=constraint)


class InForce(InvalidInput):
    """An active tariff that has begun, or that priced a bill, was to be changed."""

    TITLE = N_("A tariff in force does not change")
    ADVICE = N_("Nothing was changed. Make a new version of it.")


class InvoicesIssued(InvalidInput):
    """Invoices went out for its days, and their number was not given, or is another by now."""

    TITLE = N_("Invoices have been issued for the days of this tariff")
    ADVICE = N_("Nothing was changed. Look at the list of them, and confirm their number.")


# What the functions raise; the file says it in their words.
_REASONS: dict[str | None, Callable[..., SupraError]] = {
    "SU103": DraftersApproval,
    "SU104": NotSound,
    "SU105": NotReady,
    "SU106": InForce,
    "SU107": InvoicesIssued,
}


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
        sample: the latest of them, 100 at most.
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
        issued: invoices that went out for its days, if it is back-dated.
        unpriced_from: the day it ends, where what it replaces would have gone on: nothing has a price from then on.
    """

    gazette: bool
    approval: bool
    approval_date_ok: bool
    impact_fits: bool
    conflicts: tuple[TariffRow, ...]
    issued: IssuedInvoices
    unpriced_from: date | None = None


async def readiness(db: Database, row: TariffRow) -> Readiness:
    """What is missing before a tariff can be activated.

    Raises:
        TariffChanged: it is gone, or active by now.
    """
    current = await tariffs.tariff(db, row.id)
    if current is None or current.active:
        raise TariffChanged(current)
    replaced = None if current.replaces_id is None else await tariffs.tariff(db, current.replaces_id)
    (today,) = await db.read(lambda connection: connection.one("select supra.today()", tuple_row))
    return Readiness(
        gazette=any(map(str.isalnum, current.gazette_reference or "")),
        approval=current.approved_at is not None,
        approval_date_ok=current.approval_date is not None and current.approval_date <= current.effective_from,
        impact_fits=current.impact_fits,
        conflicts=await tariffs.conflicts(db, row.id),
        issued=await issued_invoices(db, row.id) if current.effective_from <= today else IssuedInvoices(),
        unpriced_from=current.effective_until if replaced is not None and _ends_before(current, replaced) else None,
    )


def _ends_before(row: TariffRow, replaced: TariffRow) -> bool:
    """Whether a tariff takes days from the one it replaces that it does not price itself."""
    until, would_end = row.effective_until, replaced.effective_until
    return replaced.active and until is not None and (would_end is None or until < would_end)


async def issued_invoices(db: Database, tariff_id: UUID) -> IssuedInvoices:
    """The invoices that went out already for days of this tariff, the latest of them one by one."""

    async def work(connection: Connection) -> IssuedInvoices:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(load("tariffs_issued"), {"tariff_id": tariff_id, "how_many": SAMPLE})
        rows = await cursor.fetchall()
        if not rows:
            return IssuedInvoices()
        figures = rows[0]
        return IssuedInvoices(
            count=figures["invoices"],
            total=figures["total_of_all"],
            first=figures["first_day"],
            last=figures["last_day"],
            sample=tuple(
                IssuedInvoice(row["number"], row["contract"], row["billing_date"], row["total"]) for row in rows
            ),
        )

    return await db.read(work, timeout=_TIMEOUT)


# ── Steps ─────────────────────────────────────────────────────────────────────────────────


async def submit(db: Database, tariff_id: UUID, version: int) -> TariffRow:
    """Send a draft to review.

    Raises:
        NotSound: its blocks or concepts do not make a tariff.
        TariffChanged: it is not as it was read, or no draft; nothing was changed.
        PermissionDenied: only supervisors take part.
    """
    return await _step(db, tariff_id, "select supra.submit_tariff(%s, %s)", version)


async def send_back(db: Database, tariff_id: UUID, version: int, reason: str) -> TariffRow:
    """Make a draft again of what is in review, or approved and not active.

    Raises:
        InvalidInput: there is no reason.
        TariffChanged, PermissionDenied: as for `submit`.
    """
    return await _step(db, tariff_id, "select supra.return_tariff(%s, %s, %s)", version, reason)


async def approve(
    db: Database, tariff_id: UUID, version: int, approval_date: date | None = None, approved_by: str | None = None
) -> TariffRow:
    """Sign that a tariff was resolved, exactly as it is.

    Args:
        approval_date: the day of the resolution; today if none is given, never in the future.
        approved_by: who resolved it; the one who signs if nobody is named.

    Raises:
        DraftersApproval: the one who signs wrote on it.
        NotSound, InvalidInput, TariffChanged, PermissionDenied: as for `submit`.
    """
    return await _step(
        db, tariff_id, "select supra.approve_tariff(%s, %s, %s::date, %s)", version, approval_date, approved_by
    )


async def activate(
    db: Database,
    tariff_id: UUID,
    version: int,
    *,
    gazette_reference: str | None = None,
    acknowledged_invoices: int | None = None,
) -> TariffRow:
    """Put an approved tariff in force from its first day on; what it replaces ends on that day.

    Args:
        gazette_reference: where it was published, if that is not kept with it yet.
        acknowledged_invoices: how many invoices that went out for its days were seen, if it is back-dated.

    Raises:
        NotReady: something is missing; it says what.
        InvoicesIssued: there are others than were seen.
        TariffConflict: another tariff holds some of its days.
        TariffChanged, PermissionDenied: as for `submit`.
    """
    return await _step(
        db,
        tariff_id,
        "select supra.activate_tariff(%s, %s, %s, %s)",
        version,
        gazette_reference,
        acknowledged_invoices,
    )


async def withdraw(db: Database, tariff_id: UUID, version: int, reason: str) -> TariffRow:
    """Make a draft again of a tariff that has not begun; what it replaced goes on as it would have.

    Raises:
        InForce: it has begun, or a bill was made by it.
        TariffConflict: another tariff holds days that it would give back.
        InvalidInput, TariffChanged, PermissionDenied: as for `send_back`.
    """
    try:
        return await _step(db, tariff_id, "select supra.withdraw_tariff(%s, %s, %s)", version, reason)
    except TariffConflict as error:
        # Not its own days are in the way, but those that what it replaced would have again.
        register = await tariffs.register(db)
        own = register.find(tariff_id)
        replaced = register.find(own.replaces_id) if own else None
        others = (
            row
            for row in register.tariffs
            if own
            and replaced
            and replaced.effective_until
            and row.active
            and row.id != own.id
            and row.series == own.series
            and row.effective_from >= replaced.effective_until
        )
        raise TariffConflict(tuple(others), sqlstate=error.sqlstate) from None


async def _step(db: Database, tariff_id: UUID, statement: LiteralString, *given: object) -> TariffRow:
    """Call one of the functions, and read what came of it."""

    async def work(connection: Connection) -> None:
        await connection.execute(statement, [tariff_id, *given])

    try:
        await db.write(work, timeout=_TIMEOUT)
    except SupraError as error:
        raise await _explained(db, tariff_id, error) from None
    row = await tariffs.tariff(db, tariff_id)
    if row is None:
        raise TariffChanged(None)
    return row


async def _explained(db: Database, tariff_id: UUID, error: SupraError) -> SupraError:
    """The same in our words, where the functions or the constraint have a code for it."""
    if error.sqlstate == "SU101":
        return TariffChanged(None)
    if error.sqlstate == "SU102":
        return TariffChanged(await tariffs.tariff(db, tariff_id))
    if isinstance(error, AlreadyExists) and error.constraint == "excl_tariff_validity":
        return TariffConflict(await tariffs.conflicts(db, tariff_id), sqlstate=error.sqlstate)
    reason = _REASONS.get(error.sqlstate)
    return reason(sqlstate=error.sqlstate, constraint=error.constraint) if reason else error
