"""Does compression do what it is there for, and in time?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from supra_console import formats
from supra_console.i18n import _, ngettext
from supra_console.timeseries import (
    Chunk,
    Compression,
    Hypertable,
    Snapshot,
    State,
)
from supra_console.timeseries_rules.finding import Finding, Severity
from supra_console.timeseries_text import literal, regclass, relation, size, total

FEW_ROWS_PER_BATCH = 20
"""A batch holds up to 1,000 rows; below this it costs more than it saves, whatever the rows are."""

ENOUGH_ROWS = 1000
"""Chunks with fewer rows say nothing of a setting: small tables have small batches."""

LATE_SHARE = 0.01
"""Late rows are read one by one beside the batches; below one in a hundred nobody notices."""

NO_SCHEDULE = timedelta(days=1)  # patience with a policy that does not say how often it runs


def _grew(snapshot: Snapshot) -> Iterator[Finding]:
    for table, settings, compressed in _compressed(snapshot):
        grown = [chunk for chunk in compressed if chunk.before and chunk.after and chunk.after > chunk.before]
        if not grown:
            continue
        before, after = sum(chunk.before or 0 for chunk in grown), sum(chunk.after or 0 for chunk in grown)
        yield Finding(
            "grew",
            Severity.SERIOUS,
            table.full_name,
            ngettext(
                "{count} of {all} compressed chunks grew: {before} became {after} ({share})",
                "{count} of {all} compressed chunks grew: {before} became {after} ({share})",
                len(grown),
            ).format(
                count=formats.number(len(grown)),
                all=formats.number(len(compressed)),
                before=size(before),
                after=size(after),
                share=formats.percent(after / before),
            ),
            _("They take more room than before and are slower to read; each further chunk adds to it."),
            _other_settings(table, settings, compressed),
        )


def _few_rows(snapshot: Snapshot) -> Iterator[Finding]:
    for table, settings, compressed in _compressed(snapshot):
        counted = [chunk for chunk in compressed if chunk.rows and chunk.batches]
        rows, batches = sum(chunk.rows or 0 for chunk in counted), sum(chunk.batches or 0 for chunk in counted)
        if rows < ENOUGH_ROWS or rows / batches >= FEW_ROWS_PER_BATCH:
            continue
        yield Finding(
            "few_rows_per_batch",
            Severity.SERIOUS if rows / batches < 2 else Severity.WARNING,
            table.full_name,
            _(
                "{rows} rows lie in {batches} batches, {each} in each; a batch has room for 1,000. Segmented by {by}"
            ).format(
                rows=formats.number(rows),
                batches=formats.number(batches),
                each=formats.number(Decimal(rows) / batches, 1),
                by=", ".join(settings.segmentby) or _("nothing"),
            ),
            _("Compression cannot work on so few rows at a time: little is saved, or the chunks grow."),
            _other_settings(table, settings, compressed),
        )


def _overdue(snapshot: Snapshot) -> Iterator[Finding]:
    for table in snapshot.hypertables:
        policy = snapshot.policy(table.id, "compression")
        if policy is None or not isinstance(policy.compress_after, timedelta):
            continue
        # A chunk is not late before the policy has had its turn.
        limit = snapshot.taken - policy.compress_after - (policy.schedule_interval or NO_SCHEDULE)
        late = [
            chunk
            for chunk in snapshot.chunks_of(table.id)
            if snapshot.state(chunk) is State.OVERDUE and isinstance(chunk.ends, datetime) and chunk.ends <= limit
        ]
        if not late:
            continue
        oldest = min(chunk.ends for chunk in late if isinstance(chunk.ends, datetime)) + policy.compress_after
        yield Finding(
            "overdue",
            Severity.WARNING,
            table.full_name,
            ngettext(
                "{count} chunk of {size} should be compressed, the oldest since {since}",
                "{count} chunks of {size} should be compressed, the oldest since {since}",
                len(late),
            ).format(
                count=formats.number(len(late)),
                size=size(sum(chunk.size for chunk in late)),
                since=formats.day(oldest),
            ),
            _("They take several times the room they need, and each run of the policy has more to do."),
            f"call run_job({policy.id});",
        )


def _late_rows(snapshot: Snapshot) -> Iterator[Finding]:
    for table in snapshot.hypertables:
        partial = [chunk for chunk in snapshot.chunks_of(table.id) if chunk.partial]
        if not partial:
            continue
        late, rows = sum(chunk.late_rows or 0 for chunk in partial), sum(chunk.rows or 0 for chunk in partial)
        yield Finding(
            "late_rows",
            Severity.WARNING if rows and late > rows * LATE_SHARE else Severity.NOTE,
            table.full_name,
            ngettext(
                "about {late} rows came to {count} chunk after it was compressed",
                "about {late} rows came to {count} chunks after they were compressed",
                len(partial),
            ).format(late=total(chunk.late_rows for chunk in partial), count=formats.number(len(partial))),
            _("They lie outside the batches, uncompressed, and are looked for beside them at each reading."),
            "\n".join(f"select compress_chunk({regclass(chunk.schema, chunk.name)});" for chunk in partial),
        )


def _row_security(snapshot: Snapshot) -> Iterator[Finding]:
    for table in snapshot.hypertables:
        if table.row_security and table.compression is not None:
            yield Finding(
                "row_security",
                Severity.SERIOUS,
                table.full_name,
                _("row level security is on, and so is compression"),
                _("TimescaleDB refuses to compress such a table, and its policies do not reach its chunks."),
                f"alter table {relation(table.schema, table.name)} disable row level security;",
            )


def _compressed(snapshot: Snapshot) -> Iterator[tuple[Hypertable, Compression, list[Chunk]]]:
    for table in snapshot.hypertables:
        chunks = [chunk for chunk in snapshot.chunks_of(table.id) if chunk.compressed]
        if table.compression is not None and chunks:
            yield table, table.compression, chunks


def _other_settings(table: Hypertable, settings: Compression, chunks: list[Chunk]) -> str:
    """SQL that segments by the first column alone and sorts by the others, then compresses the chunks anew.

    What made the segments small keeps its rows together all the same when it leads the order.
    """
    by, order = settings.segmentby, settings.orderby
    if not by:
        return ""
    kept, moved = (by[:1], by[1:]) if len(by) > 1 else ((), by)
    kind = "materialized view" if table.aggregate else "table"
    return "\n".join(
        [
            f"alter {kind} {relation(table.schema, table.name)} set (",
            f"    timescaledb.compress, timescaledb.compress_segmentby = {literal(', '.join(kept))},",
            f"    timescaledb.compress_orderby = {literal(', '.join((*moved, *order)))}",
            ");",
            *(f"select compress_chunk(decompress_chunk({regclass(chunk.schema, chunk.name)}));" for chunk in chunks),
        ]
    )


RULES = (_grew, _few_rows, _overdue, _late_rows, _row_security)
