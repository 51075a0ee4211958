"""What does it cost to make a full-size utility, against merely copying the same rows?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from queries import demo

# The tables that hold nearly all the rows of a utility.
BULK = (
    "public.persons",
    "public.addresses",
    "public.tomas",
    "public.meters",
    "public.contracts",
    "timeseries.meter_readings",
    "public.invoices",
    "public.invoice_lines",
    "public.payments",
    "timeseries.domain_events",
)


@dataclass(frozen=True, slots=True)
class Load:
    """Rows and seconds of a demo load, and of a bare COPY of its bulk tables."""

    accounts: int
    months: int
    rows: int
    seconds: float
    copied_rows: int
    copy_seconds: float
    steps: dict[str, float]

    @property
    def ratio(self) -> float:
        """How many times longer a row takes than by bare COPY."""
        return (self.seconds / self.rows) / (self.copy_seconds / self.copied_rows)


def bare_copy(dsn: str) -> tuple[int, float]:
    """Rows and seconds of copying the bulk tables into tables without keys, indexes or triggers."""
    rows, seconds = 0, 0.0
    with psycopg.connect(dsn, autocommit=True) as source, psycopg.connect(dsn, autocommit=True) as target:
        target.execute("drop schema if exists bare_copy cascade")
        target.execute("create schema bare_copy")
        for name in BULK:
            table = sql.Identifier(*name.split("."))
            bare = sql.Identifier("bare_copy", name.split(".")[1])
            target.execute(sql.SQL("create table {} as select * from {} limit 0").format(bare, table))
            began = time.perf_counter()
            with source.cursor() as reader, target.cursor() as writer:
                out_of = sql.SQL("copy (select * from {}) to stdout (format binary)").format(table)
                with (
                    reader.copy(out_of) as out,
                    writer.copy(sql.SQL("copy {} from stdin (format binary)").format(bare)) as into,
                ):
                    for data in out:
                        into.write(data)
                rows += writer.rowcount
            seconds += time.perf_counter() - began
            target.execute(sql.SQL("drop table {}").format(bare))
        target.execute("drop schema bare_copy")
    return rows, seconds


def load(dsn: str, accounts: int, months: int, kept: Path, report: Callable[[str], None]) -> Load | None:
    """Load the utility unless it is there; figures of an earlier load are read from `kept`."""
    said: set[str] = set()

    def follow(progress: demo.Progress) -> None:
        if progress.step not in said:
            said.add(progress.step)
            report(f"loading: {progress.step} ({progress.done} of {progress.total} parts done)")

    done = demo.load_demo(dsn, accounts, months, progress=follow)
    if done.already:
        return Load(**json.loads(kept.read_text())) if kept.exists() else None
    report("loading: the same rows by bare COPY")
    copied_rows, copy_seconds = bare_copy(dsn)
    figures = Load(accounts, months, done.rows, done.seconds, copied_rows, copy_seconds, dict(done.steps))
    kept.write_text(json.dumps(asdict(figures)))
    return figures
