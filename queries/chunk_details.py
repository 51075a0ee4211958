"""How does one chunk look from near?

Its indexes, the settings it was compressed with, its late rows counted, and what reading in it takes: tried with the
keys of a row of the utility's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import dict_row

from queries.chunks import TIMEOUT, variant_of
from queries.parts import Parts
from queries.statements import load
from supra_console.connections import Connection
from supra_console.database import Database
from supra_console.timeseries import Chunk, ChunkDetails, Compression, Hypertable, Index, ReadCost


@dataclass(frozen=True, slots=True)
class Window:
    """The tenant view over a hypertable, and what one asks it for."""

    view: str
    keys: tuple[str, ...]
    time: str

    def example(self) -> sql.Composed:
        """Whatever the utility has in the chunk: the keys of one row."""
        keys = sql.SQL(", ").join(map(sql.Identifier, self.keys))
        return sql.SQL("select {} from public.{} where {} limit 1").format(
            keys, sql.Identifier(self.view), self._within()
        )

    def measured(self) -> sql.Composed:
        """All the chunk has under these keys, run and timed by the server."""
        keys = sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(key)) for key in self.keys)
        return sql.SQL("explain (analyze, buffers, format json) select * from public.{} where {} and {}").format(
            sql.Identifier(self.view), keys, self._within()
        )

    def _within(self) -> sql.Composed:
        return sql.SQL("{0} >= %s and {0} < %s").format(sql.Identifier(self.time))


_WINDOWS = {
    ("timeseries", "meter_readings"): Window("meter_readings", ("meter_id",), "reading_date"),
    ("timeseries", "domain_events"): Window("domain_events", ("aggregate_type", "aggregate_id"), "created_at"),
    ("timeseries", "daily_consumption"): Window("daily_consumption", ("toma_id",), "day"),
}


async def chunk_details(db: Database, chunk: Chunk, hypertable: Hypertable) -> ChunkDetails:
    """One chunk from near: its indexes, its settings, its late rows counted, and what reading in it takes.

    Raises:
        SupraError: the server cannot be reached. What fails alone is in `ChunkDetails.missing`.
    """
    return await db.read(lambda connection: _details(connection, chunk, hypertable), timeout=TIMEOUT)


async def _details(connection: Connection, chunk: Chunk, hypertable: Hypertable) -> ChunkDetails:
    parts = Parts(connection)
    where = {"schema": chunk.schema, "name": chunk.name}
    facts = await connection.one(load("chunks_server"), dict_row)
    variant = variant_of(facts["timescaledb"] or "")
    indexes = await parts.rows("indexes", f"chunks_indexes{variant}", lambda row: Index(**row), where)
    settings: tuple[Compression, ...] = ()
    late: tuple[int | None, ...] = (chunk.late_rows,)
    if chunk.compressed:
        settings = await parts.rows(
            "compression",
            f"chunks_settings{variant}",
            lambda row: Compression(tuple(row["segmentby"]), tuple(row["orderby"])),
            where,
        )
        late = await parts.rows("late_rows", "chunks_late_rows", lambda row: row["late_rows"], where)
    window = _WINDOWS.get((hypertable.schema, hypertable.name))
    read = await parts.attempt("read", lambda: _read(connection, chunk, window))
    return ChunkDetails(
        chunk=chunk,
        indexes=indexes,
        compression=next(iter(settings), None),
        late_rows=next(iter(late), None),
        read=read,
        missing=tuple(parts.missing),
    )


async def _read(connection: Connection, chunk: Chunk, window: Window | None) -> ReadCost | None:
    if window is None or chunk.begins is None or chunk.ends is None:
        return None
    span = [chunk.begins, chunk.ends]
    row = await (await connection.execute(window.example(), span)).fetchone()
    if row is None:
        return None
    asked = [*row, *span]
    await connection.execute(window.measured(), asked)  # what is measured is the reading, not the disk
    row = await (await connection.execute(window.measured(), asked)).fetchone()
    plan = row[0][0] if row else {}
    blocks = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return ReadCost(
        rows=round(plan["Plan"]["Actual Rows"]),
        milliseconds=plan["Planning Time"] + plan["Execution Time"],
        blocks=blocks,
    )
