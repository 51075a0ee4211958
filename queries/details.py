"""What does one account look like, and who has looked?

`open_account` writes down who looks before it reads anything to be shown, in a transaction of its own that is
committed first: no audit, no view. Then one read-only transaction fetches all parts of the account in one snapshot
and, by the pipeline, about one round trip. Should a part fail (a privilege that is missing, a statement that takes
too long), the parts are read one by one, and the failed ones say why while the rest lives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import class_row, dict_row

from queries.account_records import (
    Account,
    Address,
    ContactPoint,
    Contract,
    Debt,
    Event,
    Explotacion,
    Holder,
    Invoice,
    Line,
    Meter,
    Neighbour,
    Payment,
    Reading,
    Request,
    Sector,
    Step,
    Toma,
    UnpaidInvoice,
    Workings,
    WorkOrder,
)
from queries.statements import load
from supra_console import jsonb
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.errors import ConnectionLost, InvalidInput, SupraError, Unreachable
from supra_console.i18n import _

T = TypeVar("T")

READINGS = 12
INVOICES = 24
PAYMENTS = 24
OTHERS = 50
NEIGHBOURS = 20
NEIGHBOUR_METRES = 500

# Twelve readings of the longest billing period (three months), and a month to spare.
_WINDOW = timedelta(days=37 * 31)
_FETCH_TIMEOUT = 5.0  # seconds for one statement
_AUDIT_TIMEOUT = 5.0


class NoSuchAccount(InvalidInput):
    """There is no such contract in this utility (or it is another utility's: nobody is told which)."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no such account"), _("Check the contract number; look it up again."), sqlstate=None
        )


@dataclass(frozen=True, slots=True)
class _Keys:
    """What the audit statement gives: by which keys the parts are read."""

    contract_id: UUID
    person_id: UUID
    toma_id: UUID
    event_id: UUID


@dataclass(frozen=True, slots=True)
class _Part:
    """One list of an account: its statement, the record of a row, and how many rows are shown."""

    name: str
    statement: str
    make: type[Any] | None
    limit: int


_READINGS = _Part("readings", "last_readings", Reading, READINGS)
_INVOICES = _Part("invoices", "account_invoices", None, INVOICES)
_LINES = _Part("lines", "account_invoice_lines", None, INVOICES)
_PARTS = (
    _Part("head", "account_head", None, 1),
    _Part("sector", "sector_of_toma", Sector, 1),
    _Part("debt", "debt_summary", Debt, 1),
    _Part("unpaid", "unpaid_invoices", UnpaidInvoice, OTHERS),
    _READINGS,
    _INVOICES,
    _LINES,
    _Part("payments", "account_payments", Payment, PAYMENTS),
    _Part("work_orders", "account_work_orders", WorkOrder, OTHERS),
    _Part("contact_points", "account_contact_points", ContactPoint, OTHERS),
    _Part("requests", "account_requests", Request, OTHERS),
    _Part("events", "account_events", Event, OTHERS),
    _Part("neighbours", "tomas_near", Neighbour, NEIGHBOURS),
)
# Only what holds documents is told how to read them exactly: it costs as much as a small statement.
_WITH_DOCUMENTS = {"lines", "events"}
# One row more than is shown tells that there are more; these have a fixed number of rows.
_WHOLE = {"head", "sector", "debt", "lines", "contact_points"}


async def find_contract(db: Database, number: str) -> UUID:
    """The contract with exactly this number.

    Raises:
        NoSuchAccount: there is none in this utility.
    """

    async def work(connection: Connection) -> UUID | None:
        cursor = await connection.execute(load("contract_by_number"), {"number": number.strip()})
        row = await cursor.fetchone()
        return row[0] if row else None

    found = await db.read(work)
    if found is None:
        raise NoSuchAccount
    return found


async def open_account(db: Database, contract_id: UUID, *, on_day: date | None = None) -> Account:
    """Everything about one account, after the view was recorded and committed.

    Args:
        on_day: the day debts are aged by; today in the utility's time zone if None.

    Raises:
        NoSuchAccount: no such contract in this utility; nothing was recorded.
        SupraError: the view could not be recorded (then nothing was read to be shown), or not even
            the head of the account could be read. Parts that fail alone are in `Account.failures`.
    """
    keys = await _record(db, contract_id, "account.viewed", {})
    parameters = _parameters(keys, on_day)
    try:
        answers = await db.read(lambda connection: _all_parts(connection, parameters), timeout=_FETCH_TIMEOUT)
        failures: Mapping[str, SupraError] = {}
    except (ConnectionLost, Unreachable):
        raise
    except SupraError:
        answers, failures = await _parts_one_by_one(db, parameters)
    return _assemble(keys, answers, failures)


async def read_invoice(db: Database, contract_id: UUID, invoice_id: UUID) -> Invoice | None:
    """An older invoice of an account whose view is recorded already, with its lines; None if it is not there."""
    parameters = {"contract_id": contract_id, "invoice_id": invoice_id}

    async def work(connection: Connection) -> tuple[Invoice, ...]:
        async with connection.pipeline():
            invoices = await _execute(connection, _INVOICES, parameters)
            lines = await _execute(connection, _LINES, parameters)
        return _invoices(await invoices.fetchall(), await lines.fetchall())

    return next(iter(await db.read(work, timeout=_FETCH_TIMEOUT)), None)


async def record_copy(db: Database, contract_id: UUID, what: Sequence[str]) -> None:
    """Write down that parts of an account leave the console by the clipboard; committed when this returns.

    Args:
        what: names of the fields copied, never their values.
    """
    await _record(db, contract_id, "account.copied", {"fields": list(what)})


# ---------------------------------------------------------------------- reading


async def _record(db: Database, contract_id: UUID, event_type: str, payload: dict[str, object]) -> _Keys:
    async with db.writing(timeout=_AUDIT_TIMEOUT) as connection:
        cursor = connection.cursor(row_factory=class_row(_Keys))
        await cursor.execute(
            load("account_audit"),
            {"contract_id": contract_id, "event_type": event_type, "payload": jsonb.dumps(payload)},
        )
        keys = await cursor.fetchone()
    if keys is None:
        raise NoSuchAccount
    return keys


def _parameters(keys: _Keys, on_day: date | None) -> dict[str, object]:
    return {
        "contract_id": keys.contract_id,
        "person_id": keys.person_id,
        "toma_id": keys.toma_id,
        "on_day": on_day,
        "invoice_id": None,
        "since": datetime.now(UTC) - _WINDOW,
        "metres": NEIGHBOUR_METRES,
    }


async def _execute(connection: Connection, part: _Part, parameters: Mapping[str, object]) -> AsyncCursor[Any]:
    cursor: AsyncCursor[Any] = connection.cursor(row_factory=class_row(part.make) if part.make else dict_row)
    if part.name in _WITH_DOCUMENTS:
        jsonb.register(cursor)
    how_many = part.limit if part.name in _WHOLE else part.limit + 1
    return await cursor.execute(load(part.statement), {**parameters, "how_many": how_many})


async def _all_parts(connection: Connection, parameters: Mapping[str, object]) -> dict[str, list[Any]]:
    """Every part in one pipeline; the first failure ends them all."""
    async with connection.pipeline():
        # The statements join in the order they are written, so the planner need not try the others; and none
        # is long enough to be worth compiling, whatever its estimate.
        await connection.execute("select set_config('join_collapse_limit', '1', true), set_config('jit', 'off', true)")
        cursors = {part.name: await _execute(connection, part, parameters) for part in _PARTS}
    answers = {name: await cursor.fetchall() for name, cursor in cursors.items()}
    await _complete_readings(connection, answers, parameters)
    return answers


async def _parts_one_by_one(
    db: Database, parameters: Mapping[str, object]
) -> tuple[dict[str, list[Any]], dict[str, SupraError]]:
    """Every part in a transaction of its own; those that fail are empty and named with the reason."""
    answers: dict[str, list[Any]] = {}
    failures: dict[str, SupraError] = {}
    for part in _PARTS:
        try:
            work = partial(_one_part, part=part, parameters=parameters)
            answers[part.name] = await db.read(work, timeout=_FETCH_TIMEOUT)
        except (ConnectionLost, Unreachable):
            raise
        except SupraError as error:
            if part.name == "head":
                raise
            answers[part.name] = []
            failures[part.name] = error
    return answers, failures


async def _one_part(connection: Connection, part: _Part, parameters: Mapping[str, object]) -> list[Any]:
    answers = {part.name: await (await _execute(connection, part, parameters)).fetchall()}
    if part.name == "readings":
        await _complete_readings(connection, answers, parameters)
    return answers[part.name]


async def _complete_readings(
    connection: Connection, answers: dict[str, list[Any]], parameters: Mapping[str, object]
) -> None:
    """Look beyond the window where it holds too few: a toma cut years ago still has its last readings."""
    if len(answers["readings"]) < READINGS:
        beyond = {**parameters, "since": None}
        answers["readings"] = await (await _execute(connection, _READINGS, beyond)).fetchall()


# ---------------------------------------------------------------------- putting together


def _assemble(keys: _Keys, answers: Mapping[str, list[Any]], failures: Mapping[str, SupraError]) -> Account:
    if not answers["head"]:
        raise NoSuchAccount  # gone between the two transactions
    head = answers["head"][0]
    shown = {part.name: tuple(answers[part.name][: part.limit]) for part in _PARTS if part.name != "lines"}
    return Account(
        event_id=keys.event_id,
        contract=_record_of(Contract, head, "contract"),
        holder=_record_of(Holder, head, "holder"),
        toma=_record_of(Toma, head, "toma"),
        address=_record_of(Address, head, "address"),
        billing_address=_record_of(Address, head, "billing") if head["billing_id"] else None,
        explotacion=_record_of(Explotacion, head, "explotacion"),
        meter=_record_of(Meter, head, "meter") if head["meter_id"] else None,
        sector=next(iter(shown["sector"]), None),
        debt=next(iter(shown["debt"]), None),
        unpaid=shown["unpaid"],
        readings=shown["readings"],
        invoices=_invoices(shown["invoices"], answers["lines"]),
        payments=shown["payments"],
        work_orders=shown["work_orders"],
        contact_points=shown["contact_points"],
        requests=shown["requests"],
        events=shown["events"],
        neighbours=shown["neighbours"],
        cut=frozenset(part.name for part in _PARTS if part.name != "lines" and len(answers[part.name]) > part.limit),
        failures=dict(failures),
    )


def _invoices(rows: Sequence[dict[str, Any]], line_rows: Sequence[dict[str, Any]]) -> tuple[Invoice, ...]:
    lines: dict[UUID, list[Line]] = defaultdict(list)
    for row in line_rows:
        detail, tariff_name = row.pop("tariff_detail"), row.pop("tariff_name")
        lines[row.pop("invoice_id")].append(Line(**row, workings=workings(detail, tariff_name)))
    return tuple(Invoice(**row, lines=tuple(lines[row["id"]])) for row in rows)


def _record_of(make: type[T], head: Mapping[str, Any], prefix: str) -> T:
    """The record whose columns of the head begin with its name."""
    return make(**{field.name: head[f"{prefix}_{field.name}"] for field in fields(make)})  # type: ignore[arg-type]


def workings(detail: object, tariff_name: str | None = None) -> Workings | None:
    """How a line's amount came about, from its stored document; None where that cannot be told.

    The document is read by hand and forgivingly: what other programs stored must not keep an
    invoice off the screen. `supra_console.documents.billing` holds its strict model.
    """
    if not isinstance(detail, dict):
        return None
    try:
        amounts = {
            name: _decimal(detail[name])
            for name in (
                "amount", "consumption_m3", "discount_pct", "discount",
                "base_amount", "percentage", "unit_amount", "quantity",
            )
            if detail.get(name) is not None
        }  # fmt: skip
        texts = {
            name: str(detail[name])
            for name in ("kind", "mode", "tariff_name", "base", "reason")
            if detail.get(name) is not None
        }
        if tariff_name is not None:
            texts.setdefault("tariff_name", tariff_name)
        steps = tuple(
            Step(
                from_m3=_decimal(step["from_m3"]),
                to_m3=None if step.get("to_m3") is None else _decimal(step["to_m3"]),
                m3=_decimal(step["m3"]),
                price_per_m3=_decimal(step["price_per_m3"]),
                fixed_charge=_decimal(step.get("fixed_charge", 0)),
                amount=_decimal(step["amount"]),
            )
            for step in detail.get("steps", ())
        )
        return Workings(**texts, **amounts, steps=steps)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TypeError("not a number")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number
