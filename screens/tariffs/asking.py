"""What does the register of tariffs ask, and do?

Injected into the screen, so that a test answers by itself. The defaults import the queries when they are called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from supra_console.tariffs.register import Series, TariffRow

if TYPE_CHECKING:
    from queries.tariff_readiness import Readiness
    from queries.tariffs import Event, Register
    from supra_console.database import Database
    from supra_console.editing.remarks import Remark

Package = Sequence[TariffRow]


async def _ready() -> None:
    """Import what reads tariffs, pydantic with it, while the screen stays alive."""
    await asyncio.to_thread(import_module, "queries.tariffs")


async def _register(db: Database) -> Register:
    await _ready()
    from queries import tariffs

    return await tariffs.register(db)


async def _population(db: Database) -> Mapping[Series, int]:
    from queries import tariffs

    return await tariffs.population(db)


async def _history(db: Database, tariff_id: UUID) -> tuple[Event, ...]:
    from queries import tariffs

    return await tariffs.history(db, tariff_id)


async def _delete(db: Database, tariff_id: UUID, version: int) -> None:
    from queries import tariffs

    await tariffs.delete(db, tariff_id, version)


def _examine(register: Register, row: TariffRow) -> tuple[Remark, ...]:
    """What the rules say of it, as its editor says it."""
    from screens.tariffs.editor.stored import surroundings
    from supra_console.tariffs import rules

    known = surroundings(register, row)
    if row.document is None:
        return row.unreadable
    return rules.remarks(row.document, known.context if known is not None else None)


async def _readiness(db: Database, package: Package) -> tuple[Readiness, ...]:
    from queries import tariff_readiness

    return await tariff_readiness.readiness(db, package)


async def _submit(db: Database, package: Package) -> object:
    from queries import tariff_approval

    return await tariff_approval.submit(db, package)


async def _send_back(db: Database, package: Package, reason: str) -> object:
    from queries import tariff_approval

    return await tariff_approval.send_back(db, package, reason)


async def _approve(db: Database, package: Package, approval_date: date, approved_by: str) -> object:
    from queries import tariff_approval

    return await tariff_approval.approve(db, package, approval_date, approved_by)


async def _activate(
    db: Database, package: Package, gazettes: Mapping[UUID, str], acknowledged: Mapping[UUID, int]
) -> object:
    from queries import tariff_approval

    return await tariff_approval.activate(db, package, gazettes=gazettes, acknowledged=acknowledged)


async def _withdraw(db: Database, package: Package, reason: str) -> object:
    from queries import tariff_approval

    return await tariff_approval.withdraw(db, package, reason)


class TariffQueries(NamedTuple):
    """All that is asked or done; every failure is a `SupraError`. A single tariff is a package of one."""

    register: Callable[[Database], Awaitable[Register]] = _register
    population: Callable[[Database], Awaitable[Mapping[Series, int]]] = _population
    history: Callable[[Database, UUID], Awaitable[tuple[Event, ...]]] = _history
    examine: Callable[[Register, TariffRow], tuple[Remark, ...]] = _examine
    delete: Callable[[Database, UUID, int], Awaitable[None]] = _delete
    readiness: Callable[[Database, Package], Awaitable[tuple[Readiness, ...]]] = _readiness
    submit: Callable[[Database, Package], Awaitable[Any]] = _submit
    send_back: Callable[[Database, Package, str], Awaitable[Any]] = _send_back
    approve: Callable[[Database, Package, date, str], Awaitable[Any]] = _approve
    activate: Callable[[Database, Package, Mapping[UUID, str], Mapping[UUID, int]], Awaitable[Any]] = _activate
    withdraw: Callable[[Database, Package, str], Awaitable[Any]] = _withdraw
