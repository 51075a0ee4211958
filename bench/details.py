"""How long does an account take to open, audit included, and its last twelve readings alone?"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import scalar_row

from queries import details
from queries.statements import load
from supra_console.database import Database
from supra_console.profiles import Profile

ACCOUNT_MARK, READINGS_MARK = 50.0, 10.0  # ms, p95
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds of one kind of request, and the mark its 95th percentile is held to."""

    kind: str
    samples: int
    p50: float
    p95: float
    longest: float
    mark: float

    @property
    def met(self) -> bool:
        return self.p95 <= self.mark


def figures(kind: str, times: list[float], mark: float) -> Figures:
    cuts = quantiles(times, n=100)
    return Figures(kind, len(times), cuts[49], cuts[94], max(times), mark)


def draw(admin_dsn: str, role: str, many: int, seed: int) -> list[tuple[UUID, UUID]]:
    """Contracts of the role's tenant with a meter, as (contract, toma), from all over the table."""
    with psycopg.connect(admin_dsn) as admin:
        rows = admin.execute(
            """
            select c.id, c.toma_id
            from contracts as c
            join tomas as t on t.tenant_id = c.tenant_id and t.id = c.toma_id
            where c.tenant_id = (select u.tenant_id from users as u where u.db_role = %s)
              and t.meter_id is not null
            order by c.contract_number
            """,
            [role],
        ).fetchall()
    return random.Random(seed).sample(rows, min(many, len(rows)))  # noqa: S311 -- a sample, not a secret


async def measure(admin_dsn: str, operator_dsn: str, *, many: int = 500, seed: int = 1) -> list[Figures]:
    """As the operator, under isolation, each account opened for the first time in this run."""
    parameters = {key: str(value) for key, value in conninfo_to_dict(operator_dsn).items()}
    drawn = draw(admin_dsn, parameters["user"], many + WARM_UP, seed)
    profile = Profile(name="bench", parameters=parameters, production=False)
    db = await Database.open(profile, application_name="supra-bench")
    accounts, readings = [], []
    try:
        for contract, _ in drawn:
            began = time.perf_counter()
            account = await details.open_account(db, contract)
            accounts.append((time.perf_counter() - began) * 1000)
            if account.failures:
                raise RuntimeError(f"a part of the account failed: {account.failures}")
        statement, since = load("last_readings"), datetime.now(UTC) - timedelta(days=400)
        for _, toma in drawn:
            began = time.perf_counter()
            async with db.reading() as connection:
                cursor = connection.cursor(row_factory=scalar_row)
                parameters_of = {"toma_id": toma, "since": since, "how_many": 12}
                await (await cursor.execute(statement, parameters_of)).fetchall()
            readings.append((time.perf_counter() - began) * 1000)
    finally:
        await db.close()
    return [
        figures("account opened, audited", accounts[WARM_UP:], ACCOUNT_MARK),
        figures("last 12 readings", readings[WARM_UP:], READINGS_MARK),
    ]
