"""What does a tariff cost to try: whom it hits at full size, and each keystroke in the editor?

The impact is that of a whole utility, a new price for every series at once, and its floor is a plain aggregate over
the same readings joined to their contracts, by the same person in the same run, before and after. The drafts live in
the transaction that is measured and are gone with it. The editor's figures need no server: fifty blocks, as many as a
draft may reasonably have.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median, quantiles
from typing import Any, LiteralString
from unittest.mock import patch
from uuid import UUID

from psycopg.conninfo import conninfo_to_dict

from queries import tariff_impact, tariffs
from screens.widgets.cell_grid import CellGrid
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.profiles import Profile
from supra_console.tariffs import rules
from supra_console.tariffs.curve import curve, reach
from supra_console.tariffs.impact import Progress
from tests.screens.tariff_editor_sample import CannedTariffs, editing, row

IMPACT_MARK, RATIO_MARK, FIRST_MARK = 30.0, 3.0, 2.0  # seconds, times the plain aggregate, seconds
KEYSTROKE_MARK = 10.0  # ms, validation and curve
MEMORY_MARK = 32 << 20  # bytes in the console, whatever the population
BLOCKS = 50
TRIALS = 200

# A price that is lower in the second block and higher from the third on, for each tariff without an end.
DRAFTS: LiteralString = """
    insert into tariff_schedules (
        tenant_id, explotacion_id, name, category, effective_from, billing_period, rating_mode, blocks,
        additional_concepts, iva_applicable, iva_rate, social_discount_pct, replaces_id
    )
    select
        s.tenant_id, s.explotacion_id, 'Bench ' || s.category, s.category, date '2099-01-01', s.billing_period,
        s.rating_mode,
        (
            select jsonb_agg(
                b.block || jsonb_build_object(
                    'price_per_m3',
                    round((b.block ->> 'price_per_m3')::numeric * 1.06 - case b.place when 2 then 1 else 0 end, 4)
                )
                order by b.place
            )
            from jsonb_array_elements(s.blocks) with ordinality as b (block, place)
        ),
        s.additional_concepts, s.iva_applicable, s.iva_rate, s.social_discount_pct, s.id
    from tariff_schedules as s
    where s.active and s.effective_until is null
    returning id
"""
# As the server plans it, in the console's own transaction.
PLAIN: LiteralString = """
    select c.explotacion_id, c.tariff_category, count(*), sum(m.consumption)
    from meter_readings as m
    join contracts as c on c.tenant_id = m.tenant_id and c.id = m.contract_id
    where m.status in ('valid', 'corrected', 'estimated')
    group by c.explotacion_id, c.tariff_category
"""
# The same as the impact has it planned: whole tables read, nothing compiled.
TUNED: LiteralString = """
    select set_config('random_page_cost', '4', true), set_config('jit', 'off', true),
        set_config('work_mem', '64MB', true), set_config('parallel_tuple_cost', '0.001', true)
"""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Impact:
    """Seconds of a utility's impact and of its floors, and what it took of the console's memory.

    Attributes:
        plain: the aggregate as the server plans it, the median of two.
        tuned: the same aggregate with the impact's settings, the median of two.
        first: until the first figures are there.
        total: until the report is there.
        peak: bytes the console allocated at most meanwhile.
    """

    tariffs: int
    contracts: int
    readings: int
    plain: float
    tuned: float
    first: float
    total: float
    peak: int

    @property
    def ratio(self) -> float:
        """Times the plain aggregate."""
        return self.total / self.plain


@dataclass(frozen=True, slots=True)
class Editing:
    """Milliseconds of a keystroke with so many blocks, and what the editor reads.

    Attributes:
        judged: p50 and p95 of validation and curve, in processor time: one thread computes, and nothing else.
        painted: p50 and p95 of all that follows a key, painting included, in processor time as well: the pilot that
            types waits between keys.
        peak: bytes the console allocated at most for what the editor reads at full size.
    """

    judged: tuple[float, float]
    painted: tuple[float, float]
    peak: int


async def opened(dsn: str) -> Database:
    parameters = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    return await Database.open(Profile("bench", parameters), application_name="supra-bench")


async def seconds(connection: Connection, *statements: LiteralString) -> float:
    """Of the last of these; those before are settings."""
    await connection.execute("savepoint floor")
    for statement in statements[:-1]:
        await connection.execute(statement)
    began = time.perf_counter()
    rows = await (await connection.execute(statements[-1])).fetchall()
    took = time.perf_counter() - began
    assert sum(line[2] for line in rows), "no readings"
    await connection.execute("rollback to savepoint floor")
    return took


async def impact(supervisor_dsn: str, say: Say) -> Impact:
    """Every price of the utility replaced at once."""
    db = await opened(supervisor_dsn)
    try:
        async with db.writing(timeout=600.0) as connection:
            say("plain aggregates over the readings")
            plain, tuned = [await seconds(connection, PLAIN)], [await seconds(connection, TUNED, PLAIN)]
            drafts = [line[0] for line in await (await connection.execute(DRAFTS)).fetchall()]
            say(f"impact of {len(drafts)} tariffs")
            found = await _impact(connection, drafts, plain, tuned)
            await connection.rollback()
            return found
    finally:
        await db.close()


async def _impact(connection: Connection, drafts: Sequence[UUID], plain: list[float], tuned: list[float]) -> Impact:
    first: list[float] = []
    await connection.execute("savepoint impact")
    gc.collect()
    tracemalloc.start()
    began = time.perf_counter()

    def told(progress: Progress) -> None:
        if progress.report is not None and not first:
            first.append(time.perf_counter() - began)

    report = await tariff_impact.within(connection, drafts, progress=told)
    total = time.perf_counter() - began
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await connection.execute("rollback to savepoint impact")
    plain.append(await seconds(connection, PLAIN))
    tuned.append(await seconds(connection, TUNED, PLAIN))
    sums = report.total
    return Impact(len(drafts), sums.contracts, sums.readings, median(plain), median(tuned), first[0], total, peak)


# ---------------------------------------------------------------------- the editor


def blocks(price: str) -> list[dict[str, Any]]:
    """Fifty blocks of ten m³, each dearer than the one before."""
    return [
        {
            "from_m3": 10 * number,
            "to_m3": 10 * (number + 1) if number + 1 < BLOCKS else None,
            "price_per_m3": Decimal(price) + Decimal(number) / 4,
            "fixed_charge": Decimal("45.00") if number == 0 else 0,
        }
        for number in range(BLOCKS)
    ]


def percentiles(took: Sequence[float]) -> tuple[float, float]:
    cuts = quantiles(took, n=100, method="inclusive")
    return cuts[49], cuts[94]


def judged() -> tuple[float, float]:
    """Validation and curve, as after each keystroke; the curve of the old price is kept as long as it is the same."""
    draft = row(2, blocks=blocks("5.90"))
    took = []
    for number in range(TRIALS + 20):
        raw = draft.raw | {"blocks": [*blocks("5.90")[:-1], blocks(f"6.{number:03}")[-1]]}
        began = time.process_time()
        found = rules.examine(raw)
        assert found.tariff is not None, found.remarks
        curve(found.tariff, reach(None, found.tariff))
        took.append((time.process_time() - began) * 1000)
    return percentiles(took[20:])


async def painted() -> tuple[float, float]:
    """A digit typed into the last price of fifty, until everything that follows of it is done and painted."""
    old, draft = (
        row(1, active=True, blocks=blocks("5.50")),
        row(2, blocks=blocks("5.90"), replaces_id=UUID(int=1), effective_from=date(2027, 1, 1), name="Bench"),
    )
    took = []
    # What is typed is kept on disk at each key, as everywhere; here in a folder that goes with the run.
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, {"XDG_STATE_HOME": folder}),
    ):
        async with editing(subject=draft, queries=CannedTariffs([old, draft])) as (pilot, editor, _queries):
            grid = editor.query_one("#blocks", CellGrid)
            for key in (*["down"] * (BLOCKS - 1), "right", "right"):
                await pilot.press(key)
            for number in range(TRIALS // 2):
                for key in (str(number % 10), "backspace"):
                    began = time.process_time()
                    await pilot.press(key)
                    took.append((time.process_time() - began) * 1000)
            assert grid.row == BLOCKS - 1
    return percentiles(took[20:])


async def read_by_editor(supervisor_dsn: str) -> int:
    """Bytes allocated at most while the editor's register and population are read at full size."""
    db = await opened(supervisor_dsn)
    try:
        await tariffs.register(db)  # imports are not the population's
        gc.collect()
        tracemalloc.start()
        kept = await tariffs.register(db), await tariffs.population(db)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert kept[0].tariffs
        return peak
    finally:
        await db.close()


async def editor(supervisor_dsn: str, say: Say) -> Editing:
    """Each keystroke with fifty blocks."""
    say("the editor with fifty blocks")
    return Editing(judged(), await painted(), await read_by_editor(supervisor_dsn))
