"""Two supervisors at work on tariffs through the console's own calls, for the tests of their way into force."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict

from queries import tariff_approval, tariffs
from supra_console.database import Database
from supra_console.profiles import Profile
from supra_console.tariffs.register import TariffRow
from tests.conftest import TestDatabase
from tests.sql.tariff_desk import KEEP


@dataclass
class Desk:
    """Two supervisors and a clerk of the demo utility, and a price in force that will be replaced."""

    drafter: Database
    approver: Database
    clerk: Database
    elsewhere: Database
    admin: str
    old: TariffRow
    today: date

    async def draft(
        self, *, of: TariffRow | None = None, days: int = 40, replaces: bool = True, **columns: object
    ) -> TariffRow:
        """A new version of the old price, or another, so many days from now."""
        old = of or self.old
        assert old.document is not None
        document = old.document.model_copy(
            update={
                "id": None, "version": None, "name": "Nueva", "effective_from": self.today + timedelta(days=days),
                "effective_until": None, "gazette_reference": None, **columns,
            }
        )  # fmt: skip
        return await tariffs.create(self.drafter, document, replaces=old.id if replaces else None)

    async def approved(self, **columns: Any) -> TariffRow:
        """A draft that went through review, with its impact report."""
        row = await self.draft(**columns)
        (row,) = await tariff_approval.submit(self.drafter, [row])
        (row,) = await tariff_approval.approve(self.approver, [row], None, "Consejo Directivo")
        await self.report(row)
        return row

    async def report(self, row: TariffRow) -> None:
        async with self.approver.writing() as connection:
            await connection.execute(KEEP, [[], "{}", row.id])


@asynccontextmanager
async def at_the_desk(database: TestDatabase) -> AsyncIterator[Desk]:
    """All of them signed in."""
    async with AsyncExitStack() as stack:

        async def sign_in(role: str) -> Database:
            parameters = {name: str(value) for name, value in conninfo_to_dict(database.sign_in(role)).items()}
            db = await Database.open(Profile(role, parameters))
            stack.push_async_callback(db.close)
            return db

        drafter = await sign_in("demo_supervisor")
        register = await tariffs.register(drafter)
        old = register.find(most_billed(database.admin))
        assert old is not None
        yield Desk(
            drafter, await sign_in("demo_dba"), await sign_in("demo_clerk"), await sign_in("demo_other"),
            database.admin, old, register.today,
        )  # fmt: skip


def most_billed(admin: str) -> UUID:
    """The open tariff in force by which most bills were made."""
    with psycopg.connect(admin) as connection:
        found = connection.execute(
            """
            select s.id from tariff_schedules as s
            cross join lateral supra.issued_invoices(s.id) as i
            where s.active and s.effective_until is null and s.effective_from <= supra.today()
            group by s.id order by count(*) desc, s.id limit 1
            """
        ).fetchone()
    assert found is not None
    return UUID(str(found[0]))


def latest_billing(admin: str, row: TariffRow) -> date:
    """The last day on which bills of a tariff's series were made."""
    with psycopg.connect(admin) as connection:
        found = connection.execute("select max(billing_date) from supra.issued_invoices(%s)", [row.id]).fetchone()
    assert found is not None
    assert isinstance(found[0], date)
    return found[0]
