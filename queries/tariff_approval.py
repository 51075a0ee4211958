"""How do drafts get into force, one of them or a whole price list?

What a council resolves at once is one package: all of it takes a step or nothing does, in one transaction. A single
tariff is a package of one. Every step is a call of a function of `sql/schema/026-tariff-approval.sql` for each tariff.
The functions decide who may, whether the tariff is still as it was read, and what has to be there first; they record
what was done in the same transaction. What they refuse is collected, so that all of it is known at once, and said in
the words of `tariff_refusals`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import LiteralString, NamedTuple
from uuid import UUID

import psycopg
from psycopg.sql import SQL

from queries import tariffs
from queries.statements import load
from queries.tariff_refusals import CHANGED, GONE, explained, of_the_tariff
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.error_translation import translate
from supra_console.errors import SupraError
from supra_console.tariffs.register import TariffRow
from supra_console.tariffs.series import in_order

_TIMEOUT = 30.0  # seconds for each tariff; one for all explotaciones has all invoices looked through


class _Step(NamedTuple):
    """What is called for one tariff, and with what beside its id and version."""

    row: TariffRow
    given: tuple[object, ...] = ()


class _Refused(Exception):
    """What the server said of some of a package; raised so that everything is undone."""

    def __init__(self, refusals: Mapping[UUID, SupraError]) -> None:
        self.refusals = refusals
        super().__init__()


async def submit(db: Database, package: Sequence[TariffRow]) -> tuple[TariffRow, ...]:
    """Send drafts to review.

    Returns:
        The tariffs as they are now, in the order of the register. So do the other steps.

    Raises:
        NotSound: its blocks or concepts do not make a tariff.
        TariffChanged: it is not as it was read, or no draft; nothing was changed.
        PermissionDenied: only supervisors take part.
        PackageRefused: the same, of some of several; it names each of them. Nothing was changed.
    """
    return await _take(db, "supra.submit_tariff(s.id, s.version)", [_Step(row) for row in package])


async def send_back(db: Database, package: Sequence[TariffRow], reason: str) -> tuple[TariffRow, ...]:
    """Make drafts again of what is in review, or approved and not active.

    Raises:
        InvalidInput: there is no reason.
        TariffChanged, PermissionDenied, PackageRefused: as for `submit`.
    """
    return await _take(db, "supra.return_tariff(s.id, s.version, %s)", [_Step(row, (reason,)) for row in package])


async def approve(
    db: Database, package: Sequence[TariffRow], approval_date: date | None = None, approved_by: str | None = None
) -> tuple[TariffRow, ...]:
    """Sign that tariffs were resolved, exactly as they are, by one resolution.

    Args:
        approval_date: the day of the resolution; today if none is given, never in the future.
        approved_by: who resolved it; the one who signs if nobody is named.

    Raises:
        DraftersApproval: the one who signs wrote on it.
        NotSound, InvalidInput, TariffChanged, PermissionDenied, PackageRefused: as for `submit`.
    """
    steps = [_Step(row, (approval_date, approved_by)) for row in package]
    return await _take(db, "supra.approve_tariff(s.id, s.version, %s::date, %s)", steps)


async def activate(
    db: Database,
    package: Sequence[TariffRow],
    *,
    gazettes: Mapping[UUID, str] | None = None,
    acknowledged: Mapping[UUID, int] | None = None,
) -> tuple[TariffRow, ...]:
    """Put approved tariffs in force from their first days on; what they replace ends on that day.

    One of them may replace another of them: they are taken in the order of their first days.

    Args:
        gazettes: by tariff, where it was published, if that is not kept with it yet or is to be another.
        acknowledged: by tariff, how many invoices that went out for its days were seen, if it is back-dated.

    Raises:
        NotReady: something is missing; it says what.
        InvoicesIssued: there are others than were seen.
        TariffConflict: another tariff holds some of its days.
        TariffChanged, PermissionDenied, PackageRefused: as for `submit`.
    """
    published, seen = gazettes or {}, acknowledged or {}
    steps = [_Step(row, (published.get(row.id), seen.get(row.id))) for row in in_order(package)]
    return await _take(db, "supra.activate_tariff(s.id, s.version, %s, %s)", steps)


async def withdraw(db: Database, package: Sequence[TariffRow], reason: str) -> tuple[TariffRow, ...]:
    """Make drafts again of tariffs that have not begun; what they replaced goes on as it would have.

    What was activated last is taken first, so that each finds its series as it left it.

    Raises:
        InForce: it has begun, or a bill was made by it.
        TariffConflict: another tariff holds days that it would give back.
        InvalidInput, TariffChanged, PermissionDenied, PackageRefused: as for `send_back`.
    """
    latest_first = sorted(
        package, key=lambda row: (row.activated_at is not None, row.activated_at, row.effective_from), reverse=True
    )
    steps = [_Step(row, (reason,)) for row in latest_first]
    return await _take(db, "supra.withdraw_tariff(s.id, s.version, %s)", steps, withdrawn=True)


async def _take(
    db: Database, function: LiteralString, steps: Sequence[_Step], *, withdrawn: bool = False
) -> tuple[TariffRow, ...]:
    """Call a function for each tariff, in this order, and read what came of it.

    All are held first, and compared with what was read: from then on their versions are moved by nobody but this
    transaction (a withdrawal gives its days back to another of them). One trip to the server for each: the savepoint,
    the call and its end travel together. A tariff that is refused is undone alone, so that the others are heard too;
    then everything is.
    """
    package = [step.row for step in steps]
    ids = [row.id for row in package]
    call = SQL("savepoint step; select {} from tariff_schedules as s where s.id = %s; release savepoint step").format(
        SQL(function)
    )

    async def work(connection: Connection) -> None:
        held = dict(await (await connection.execute(load("tariffs_hold"), {"ids": ids})).fetchall())
        cursor = psycopg.AsyncClientCursor(connection)
        refusals = {
            row.id: SupraError(sqlstate=CHANGED if row.id in held else GONE)
            for row in package
            if held.get(row.id) != row.version
        }
        for row, given in steps:
            if row.id in refusals:
                continue
            try:
                await cursor.execute(call, [*given, row.id])
            except psycopg.Error as error:
                problem = translate(error)
                if not of_the_tariff(problem):
                    raise
                refusals[row.id] = problem
                await connection.execute("rollback to savepoint step; release savepoint step")
        if refusals:
            raise _Refused(refusals)

    try:
        await db.write(work, timeout=_TIMEOUT)
    except _Refused as stop:
        raise explained(package, stop.refusals, await tariffs.register(db), withdrawn=withdrawn) from None
    return await tariffs.some(db, ids)
