"""All benchmarks at full size: `make bench`. A table on the screen, and bench/results.json.

The first run loads 400,000 accounts x 12 months into the `bench` server, which takes a while and is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench import chunks, details, loading, lookup, peers, tariffs, terminal
from bench.pty import NotSeen
from queries import accounts, demo, schema
from queries.demo_database import USERS
from supra_console.database import Database
from supra_console.profiles import Profile, save_profile

REPOSITORY = Path(__file__).resolve().parent.parent
DATABASE = "supra_bench"
PASSWORD = "bench"  # noqa: S105  -- of the demo roles on a loopback server of its own
OPERATOR, SUPERVISOR = "demo_operator", "demo_supervisor"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure beside its mark; `met` is None where there is no mark."""

    what: str
    value: str
    mark: str = ""
    met: bool | None = None


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def database(size: int, months: int) -> Iterator[tuple[str, loading.Load | None]]:
    """The loaded database of the bench server, and what loading it cost (now, or when it was done)."""
    localdb = [REPOSITORY / "scripts" / "localdb"]
    up = subprocess.run([*localdb, "up", "--instance", "bench"], check=True, stdout=subprocess.PIPE, text=True)
    server = up.stdout.strip()
    name = f"{DATABASE}_{size}_{months}"
    dsn = make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as admin:
        if admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    schema.init(dsn)
    kept = peers.cache().parent / f"bench-load-{size}-{months}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    figures = loading.load(dsn, size, months, kept, say)
    demo.ensure_demo_roles(dsn, dict.fromkeys(USERS, PASSWORD))
    try:
        yield dsn, figures
    finally:
        subprocess.run([*localdb, "down", "--instance", "bench"], check=False)


def load_lines(figures: loading.Load | None) -> list[Line]:
    if figures is None:
        return [Line("loading", "loaded earlier, by other means; no figures")]
    return [
        Line("loading: rows per second", f"{figures.rows / figures.seconds:,.0f}"),
        Line("loading: rows", f"{figures.rows:,} in {figures.seconds:,.0f} s"),
        Line("loading: bare COPY, rows per second", f"{figures.copied_rows / figures.copy_seconds:,.0f}"),
        Line("loading: a row against bare COPY", f"{figures.ratio:.2f}x"),
    ]


def lookup_lines(report: lookup.Report) -> list[Line]:
    lines = []
    for kind in report.kinds:
        naive = "" if kind.ratio is None else f", naive {kind.naive_p50:,.0f} ms = {kind.ratio:,.0f}x"
        value = f"p50 {kind.p50:.1f}, p95 {kind.p95:.1f} ms, recall {kind.recall:.1%}{naive}"
        recall = "" if kind.recall_mark is None else f", ≥ {kind.recall_mark:.0%}"
        lines.append(Line(f"lookup: {kind.kind}", value, f"p95 ≤ {kind.mark:.0f} ms{recall}", kind.met))
    cost = report.isolation_cost
    value = f"{cost:+.1%} ({report.isolation_with:.3f} / {report.isolation_without:.3f} ms)"
    return [*lines, Line("isolation on exact look-ups", value, "< 5%", cost < lookup.ISOLATION_MARK)]


def details_lines(figures: list[details.Figures]) -> list[Line]:
    return [
        Line(one.kind, f"p50 {one.p50:.1f}, p95 {one.p95:.1f} ms", f"p95 ≤ {one.mark:.0f} ms", one.met)
        for one in figures
    ]


def terminal_lines(figures: dict[str, terminal.Figures], hits: list[float]) -> list[Line]:
    console, bare = figures["console"], figures["bare"]
    lines = []

    def compared(what: str, ours: float, floor: float, unit: Callable[[float], str], mark: float) -> None:
        ratio = ours / floor
        lines.append(Line(what, f"{unit(ours)} / {unit(floor)} = {ratio:.2f}x", f"≤ {mark}x", ratio <= mark))

    def ms(seconds: float) -> str:
        return f"{seconds * 1000:.1f} ms"

    def mb(size: float) -> str:
        return f"{size / 1e6:.1f} MB"

    compared("first paint", console.median("first_paint"), bare.median("first_paint"), ms, 1.0)
    compared("signed in and usable", console.median("usable"), bare.median("usable"), ms, 1.35)
    for percent in (50, 95):
        ours, floor = console.percentile("key_to_repaint", percent), bare.percentile("key_to_repaint", percent)
        compared(f"key to repaint, p{percent}", ours, floor, ms, 1.25)
    compared("memory when idle", console.median("memory"), bare.median("memory"), mb, 2.0)
    compared("start-up bytes", console.median("start_bytes"), bare.median("start_bytes"), str, 1.2)
    quiet, busy = console.median("idle_bytes"), console.median("idle_cpu")
    lines.append(Line("idle, bytes per second", f"{quiet:.0f} (bare {bare.median('idle_bytes'):.0f})", "0", quiet == 0))
    lines.append(Line("idle, processor", f"{busy:.2%} (bare {bare.median('idle_cpu'):.2%})", "≤ 0.2%", busy <= 0.002))
    p95 = terminal.p95(hits) * 1000
    lines.append(Line("Enter to hits painted, p95", f"{p95:.1f} ms", "≤ 60 ms", p95 <= 60))
    for name in ("pgcli", "pg_activity", "harlequin"):
        if name in figures:
            one = figures[name]
            value = (
                f"first paint {ms(one.median('first_paint'))}, memory {mb(one.median('memory'))}, "
                f"idle {one.median('idle_bytes'):.0f} B/s, {one.median('idle_cpu'):.2%} of a core"
            )
            lines.append(Line(f"beside it: {name}", value))
    return lines


async def examples(operator: str) -> list[tuple[str, str]]:
    """Texts to type and the contract that is painted first for each."""
    parameters = {key: str(value) for key, value in conninfo_to_dict(operator).items()}
    db = await Database.open(Profile(name="bench", parameters=parameters, production=False))
    try:
        found = []
        for text in terminal.TYPED:
            result = await accounts.search(db, text, 50)
            if len(result.hits) > 1:
                found.append((text, result.hits[0].contract_number))
        return found
    finally:
        await db.close()


def chunks_lines(shown: chunks.Overview, kept: chunks.Compressed) -> list[Line]:
    def lasting(what: str, one: chunks.Latency, mark: float) -> Line:
        value = f"{one.total:.1f} ms, of it {one.planning:.1f} planning and {one.execution:.1f} execution"
        return Line(f"{kept.readings:,} readings: {what}", value, f"< {mark:.0f} ms", one.total < mark)

    few, many = shown.statements
    return [
        Line(
            f"chunks: overview of {shown.chunks}",
            f"p50 {shown.p50:.0f}, p95 {shown.p95:.0f} ms",
            f"p95 ≤ {chunks.OVERVIEW_MARK:.0f} ms",
            shown.p95 <= chunks.OVERVIEW_MARK,
        ),
        Line("chunks: statements for none / for all", f"{few} / {many}", "as many", few == many),
        Line(
            "chunks: the server's work, refreshed every 5 s",
            f"{shown.share:.2%} of a core ({shown.cpu * 1000:.0f} ms each)",
            f"< {chunks.REFRESH_MARK:.0%}",
            shown.share < chunks.REFRESH_MARK,
        ),
        Line(
            f"chunks: memory after {chunks.HOUR} refreshes",
            f"console {shown.grown / 1024:+,.0f} kB, server's process {shown.server_grown / 1024:+,.0f} kB",
            f"< {chunks.MEMORY_MARK // 1024:,} kB",
            max(shown.grown, shown.server_grown) < chunks.MEMORY_MARK,
        ),
        Line(
            f"{kept.readings:,} readings: compressed",
            f"{kept.before / 1e6:,.0f} MB to {kept.after / 1e6:,.0f} MB, {kept.saved:.1%} saved, "
            f"{kept.rows_per_batch:.0f} rows in a batch",
            f"> {chunks.SAVED_MARK:.0%}",
            kept.saved > chunks.SAVED_MARK,
        ),
        lasting("last 12 of a meter", kept.of_meter, chunks.METER_MARK),
        lasting("last 12 of a toma, as the console asks", kept.of_toma, chunks.METER_MARK),
        lasting("daily consumption of a sector", kept.of_sector, chunks.SECTOR_MARK),
        Line(f"{kept.readings:,} readings: loaded, compressed, aggregated", f"{kept.seconds:,.0f} s"),
        Line("chunks: overview in WebAssembly", f"{kept.overview:.0f} ms"),
    ]


def tariff_lines(hit: tariffs.Impact, edited: tariffs.Editing) -> list[Line]:
    mega = 1 << 20
    return [
        Line(
            f"tariffs: impact of {hit.tariffs} on {hit.contracts:,} contracts, {hit.readings:,} readings",
            f"{hit.total:.1f} s",
            f"≤ {tariffs.IMPACT_MARK:.0f} s",
            hit.total <= tariffs.IMPACT_MARK,
        ),
        Line(
            "tariffs: impact / plain aggregate",
            f"{hit.total:.1f} / {hit.plain:.1f} s = {hit.ratio:.2f}x",
            f"≤ {tariffs.RATIO_MARK:.0f}x",
            hit.ratio <= tariffs.RATIO_MARK,
        ),
        Line("tariffs: impact / the aggregate with its settings", f"{hit.tuned:.1f} s = {hit.total / hit.tuned:.2f}x"),
        Line(
            "tariffs: first figures",
            f"{hit.first:.2f} s",
            f"≤ {tariffs.FIRST_MARK:.0f} s",
            hit.first <= tariffs.FIRST_MARK,
        ),
        Line(
            "tariffs: console's memory for the impact",
            f"{hit.peak / mega:.1f} MB",
            f"≤ {tariffs.MEMORY_MARK // mega} MB",
            hit.peak <= tariffs.MEMORY_MARK,
        ),
        Line(
            f"tariffs: {tariffs.BLOCKS} blocks judged, and their curve",
            f"p50 {edited.judged[0]:.1f}, p95 {edited.judged[1]:.1f} ms",
            f"p95 ≤ {tariffs.KEYSTROKE_MARK:.0f} ms",
            edited.judged[1] <= tariffs.KEYSTROKE_MARK,
        ),
        Line(
            f"tariffs: key to repaint of the editor, {tariffs.BLOCKS} blocks",
            f"p50 {edited.painted[0]:.1f}, p95 {edited.painted[1]:.1f} ms",
        ),
        Line(
            "tariffs: memory for what the editor reads",
            f"{edited.peak / mega:.1f} MB",
            f"≤ {tariffs.MEMORY_MARK // mega} MB",
            edited.peak <= tariffs.MEMORY_MARK,
        ),
    ]


async def with_tariffs(supervisor: str) -> list[Line]:
    """Whom new prices hit, and the editor."""
    return tariff_lines(await tariffs.impact(supervisor, say), await tariffs.editor(supervisor, say))


async def time_series(meters: int) -> list[Line]:
    """Needs none of the accounts: servers of its own."""
    return chunks_lines(await chunks.overview(say), await chunks.compressed(say, meters=meters))


def in_terminals(operator: str) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        parameters = {key: str(value) for key, value in conninfo_to_dict(operator).items()}
        passfile = Path(folder) / "passwords"
        passfile.touch(mode=0o600)
        passfile.write_text(f"*:*:*:*:{parameters.pop('password')}\n")
        profiles = Path(folder) / "profiles.toml"
        save_profile("bench", parameters | {"passfile": str(passfile)}, path=profiles)
        environment = {"SUPRA_PROFILES": str(profiles)}
        console = terminal.console("bench", environment)
        programs = [terminal.bare(), console, *peers.programs(operator, say)]
        figures = terminal.compare(programs, say)
        hits = terminal.enter_to_hits(console, asyncio.run(examples(operator)))
    return terminal_lines(figures, hits)


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, {sys.version.split()[0]}"
    )


def with_accounts(options: argparse.Namespace, parts: list[str]) -> list[Line]:
    """The parts that ask for accounts, on the large utility."""
    with database(options.accounts, options.months) as (dsn, figures):
        operator = make_conninfo(dsn, user=OPERATOR, password=PASSWORD)
        lines = load_lines(figures)
        if "details" in parts:
            lines += details_lines(asyncio.run(details.measure(dsn, operator, many=options.queries)))
        if "lookup" in parts:
            lines += lookup_lines(asyncio.run(lookup.measure(dsn, operator, many=options.queries)))
        if "tariffs" in parts:
            lines += asyncio.run(with_tariffs(make_conninfo(dsn, user=SUPERVISOR, password=PASSWORD)))
        if "terminal" in parts:
            try:
                lines += in_terminals(operator)
            except NotSeen as problem:
                lines.append(Line("terminal", str(problem), "", False))
    return lines


def write(where: str, lines: list[Line]) -> None:
    """Keep the figures; those of parts that did not run this time stay."""
    path = REPOSITORY / "bench" / "results.json"
    measured = [asdict(line) for line in lines]
    names = {line.what for line in lines}
    before = json.loads(path.read_text())["lines"] if path.exists() else []
    results = {"where": where, "lines": [line for line in before if line["what"] not in names] + measured}
    path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


def main() -> int:
    """Run the parts asked for; exit status 1 when a mark is missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--accounts", type=int, default=400_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--queries", type=int, default=500, help="of each kind")
    parser.add_argument("parts", nargs="*", help="lookup, details, tariffs, terminal, chunks; all by default")
    options = parser.parse_args()
    parts = options.parts or ["lookup", "details", "tariffs", "terminal", "chunks"]
    lines = with_accounts(options, parts) if {"lookup", "details", "tariffs", "terminal"} & set(parts) else []
    if "chunks" in parts:
        lines += asyncio.run(time_series(options.accounts))
    where = f"{options.accounts:,} accounts x {options.months} months on {machine()}"
    width = max(len(line.what) for line in lines)
    print(where)
    for line in lines:
        verdict = {None: "", True: "met", False: "MISSED"}[line.met]
        print(f"{line.what:{width}}  {line.value}" + (f"  [{line.mark}: {verdict}]" if line.mark else ""))
    write(where, lines)
    return int(any(line.met is False for line in lines))


if __name__ == "__main__":
    sys.exit(main())
