"""The catalogue of TimescaleDB 2.17 to 2.30 in its shapes, each read by the statement that fits it.

Servers of two versions stand behind the other tests. Here the tables of the others stand in a plain database, with the
columns that TimescaleDB's own update scripts give them, around real relations.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from queries import chunks
from queries.chunk_records import chunk_of, hypertable_of
from queries.statements import load
from supra_console.timeseries import Chunk, Hypertable
from tests.conftest import create_database, drop_database, unique_name

Rows = list[dict[str, Any]]

# What stays the same: two hypertables, of which one has a space dimension and odd names.
COMMON = """
create schema _timescaledb_catalog;
create schema _timescaledb_internal;
create schema "Ödd";
create table public.readings (at timestamptz, meter integer);
create table "Ödd"."T's" ("At" bigint, "Who" text);
create table _timescaledb_internal.c1 (at timestamptz, meter integer, note text);
create table _timescaledb_internal.c2 (like _timescaledb_internal.c1);
create table _timescaledb_internal.c3 ("At" bigint, "Who" text);
create table _timescaledb_internal.z1 (blob text);
create index on _timescaledb_internal.c1 (at);
create index on _timescaledb_internal.z1 (blob);
insert into _timescaledb_internal.z1 select 'x' from generate_series(1, 2000);
insert into _timescaledb_internal.c2 select now(), n from generate_series(1, 500) as n;
analyze _timescaledb_internal.c2;
create table _timescaledb_catalog.hypertable (
    id integer, schema_name name, table_name name, num_dimensions smallint, compression_state smallint,
    compressed_hypertable_id integer, status integer
);
create table _timescaledb_catalog.compression_chunk_size (
    chunk_id integer, compressed_chunk_id integer, uncompressed_heap_size bigint, uncompressed_toast_size bigint,
    uncompressed_index_size bigint, compressed_heap_size bigint, compressed_toast_size bigint,
    compressed_index_size bigint, numrows_pre_compression bigint, numrows_post_compression bigint
);
insert into _timescaledb_catalog.compression_chunk_size values (1, 9, 700, 100, 200, 60, 30, 10, 5000, 5);
create table _timescaledb_catalog.continuous_agg (
    mat_hypertable_id integer, user_view_schema name, user_view_name name
);
"""

DIMENSION = """
create table _timescaledb_catalog.dimension (
    id integer, hypertable_id integer, column_name name, column_type regtype, num_slices smallint,
    interval_length bigint {more}
);
insert into _timescaledb_catalog.dimension values
    (1, 1, 'at', 'timestamptz', null, {length} {value}),
    (2, 2, 'At', 'bigint', null, 1000 {none}),
    (3, 2, 'Who', 'text', 4, null {none});
"""
FIXED = DIMENSION.format(more="", length="2592000000000", value="", none="")
BY_CALENDAR = DIMENSION.format(more=", interval interval", length="null", value=", '1 mon'", none=", null")

SETTINGS = """
create table _timescaledb_catalog.compression_settings (
    relid regclass, {part} segmentby text[], orderby text[], orderby_desc bool[], orderby_nullsfirst bool[]
);
insert into _timescaledb_catalog.compression_settings values
    ('public.readings', {none} '{{meter}}', '{{at}}', '{{t}}', '{{t}}'),
    ({chunk} '{{meter}}', '{{at}}', '{{t}}', '{{f}}');
"""
UNTIL_2_18 = SETTINGS.format(part="", none="", chunk="'_timescaledb_internal.z1',")
SINCE_2_19 = SETTINGS.format(
    part="compress_relid regclass,",
    none="null,",
    chunk="'_timescaledb_internal.c1', '_timescaledb_internal.z1',",
)

HYPERTABLES = """
insert into _timescaledb_catalog.hypertable values
    (1, 'public', 'readings', 1, {state}, {inner_id}, {status}), (2, 'Ödd', 'T''s', 2, 0, null, 0);
"""
INNER = "insert into _timescaledb_catalog.hypertable values (3, '_timescaledb_internal', 'z1', 0, 2, null, 0);"

NAMED = """
create table _timescaledb_catalog.chunk (
    id integer, hypertable_id integer, schema_name name, table_name name, compressed_chunk_id integer, {dropped}
    status integer, osm_chunk boolean, creation_time timestamptz
);
insert into _timescaledb_catalog.chunk values
    (1, 1, '_timescaledb_internal', 'c1', 9, {no} 9, false, '2026-01-01 00:00+00'),
    (2, 1, '_timescaledb_internal', 'c2', null, {no} 0, false, '2026-02-01 00:00+00'),
    (3, 2, '_timescaledb_internal', 'c3', null, {no} 0, false, '2026-02-01 00:00+00'),
    (9, 3, '_timescaledb_internal', 'z1', null, {no} 0, false, '2026-02-01 00:00+00');
"""
GONE = """
insert into _timescaledb_catalog.chunk values
    (4, 1, '_timescaledb_internal', 'gone', null, true, 0, false, '2026-02-01 00:00+00');
"""
BY_RELATION = """
create table _timescaledb_catalog.chunk (
    id integer, relid regclass, hypertable_id integer, status integer, osm_chunk boolean, creation_time timestamptz
);
insert into _timescaledb_catalog.chunk values
    (1, '_timescaledb_internal.c1', 1, 9, false, '2026-01-01 00:00+00'),
    (2, '_timescaledb_internal.c2', 1, 0, false, '2026-02-01 00:00+00'),
    (3, '_timescaledb_internal.c3', 2, 0, false, '2026-02-01 00:00+00');
"""

JANUARY, FEBRUARY, MARCH = 1767225600000000, 1769904000000000, 1772323200000000
SLICES = f"""
create table _timescaledb_catalog.dimension_slice (
    id integer, dimension_id integer, range_start bigint, range_end bigint
);
insert into _timescaledb_catalog.dimension_slice values
    (11, 1, {JANUARY}, {FEBRUARY}), (12, 1, {FEBRUARY}, {MARCH}), (13, 2, 0, 1000), (14, 3, {-(2**63)}, 500);
create table _timescaledb_catalog.chunk_constraint (
    chunk_id integer, dimension_slice_id integer, constraint_name name, hypertable_constraint_name name
);
insert into _timescaledb_catalog.chunk_constraint values
    (1, 11, 'a', null), (2, 12, 'b', null), (3, 13, 'c', null), (3, 14, 'd', null), (1, null, 'key', 'key');
"""
OWN_SLICES = f"""
create table _timescaledb_catalog.dimension_slice (
    id integer, chunk_id integer, dimension_id integer, range_start bigint, range_end bigint
);
insert into _timescaledb_catalog.dimension_slice values
    (11, 1, 1, {JANUARY}, {FEBRUARY}), (12, 2, 1, {FEBRUARY}, {MARCH}), (13, 3, 2, 0, 1000),
    (14, 3, 3, {-(2**63)}, 500);
"""


def with_inner(status: int = 0) -> str:
    return HYPERTABLES.format(state=1, inner_id=3, status=status) + INNER


WITH_DROPPED = NAMED.format(dropped="dropped boolean,", no="false,") + GONE
WITHOUT_DROPPED = NAMED.format(dropped="", no="")
WITHOUT_PART = "update _timescaledb_catalog.compression_chunk_size set compressed_chunk_id = 0;"

SHAPES = {
    "2.17.2": COMMON + FIXED + UNTIL_2_18 + with_inner() + WITH_DROPPED + SLICES,
    "2.18.2": COMMON + FIXED + UNTIL_2_18 + with_inner() + WITH_DROPPED + SLICES,
    "2.19.3": COMMON + FIXED + SINCE_2_19 + with_inner() + WITH_DROPPED + SLICES,
    "2.25.0": COMMON + FIXED + SINCE_2_19 + with_inner() + WITH_DROPPED + SLICES,
    "2.27.1": COMMON + BY_CALENDAR + SINCE_2_19 + with_inner() + WITHOUT_DROPPED + SLICES,
    "2.28.0": COMMON + BY_CALENDAR + SINCE_2_19 + with_inner() + WITHOUT_DROPPED + OWN_SLICES,
    "2.29.2": COMMON
    + BY_CALENDAR
    + SINCE_2_19
    + HYPERTABLES.format(state=0, inner_id="null", status=4)
    + BY_RELATION
    + OWN_SLICES
    + WITHOUT_PART,
}


@pytest.fixture(scope="module", params=SHAPES)
def catalogue(request: pytest.FixtureRequest, server: str) -> Iterator[tuple[str, str]]:
    """A version, and a database with its catalogue."""
    name = unique_name("catalogue")
    dsn = create_database(server, name)
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(SHAPES[request.param].encode())
    yield request.param, dsn
    drop_database(server, name)


def rows(dsn: str, statement: str, parameters: dict[str, object] | None = None) -> Rows:
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        return connection.execute(load(statement).encode(), parameters).fetchall()


def chunks_in(catalogue: tuple[str, str]) -> tuple[Chunk, ...]:
    version, dsn = catalogue
    listed = rows(dsn, chunks.list_for(version))
    parts: dict[str, object] = {name: [row[name] for row in listed] for name in ("own", "part")}
    sizes = {row["own"]: row for row in rows(dsn, "chunks_sizes", parts)}
    return tuple(chunk_of(row, {1: True, 2: False}, sizes[row["own"]]) for row in listed)


def test_the_statement_is_the_one_of_the_version() -> None:
    assert [chunks.list_for(version) for version in ("2.17.0", "2.23.0-dev", "2.28.1", "2.29.0", "2.30.0", "3.0")] == [
        "chunks_list", "chunks_list", "chunks_list@2.28", "chunks_list@2.29", "chunks_list@2.29", "chunks_list@2.29",
    ]  # fmt: skip


def test_chunks_are_the_same_whatever_the_catalogue(catalogue: tuple[str, str]) -> None:
    january, february, odd = chunks_in(catalogue)
    assert (january.name, february.name, odd.name) == ("c1", "c2", "c3")
    assert (january.begins, january.ends) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert (odd.begins, odd.ends) == (0, 1000)
    assert (january.before, january.after, january.ratio) == (1000, 100, 10.0)
    assert (january.rows, january.batches, january.rows_per_batch) == (5000, 5, 1000.0)
    assert (january.compressed, january.partial) == (True, True)
    assert (february.rows, february.before, february.batches) == (500, None, None)


def test_the_compressed_part_counts_for_the_size_of_its_chunk(catalogue: tuple[str, str]) -> None:
    _version, dsn = catalogue
    with psycopg.connect(dsn) as connection:
        both = connection.execute(
            "select pg_total_relation_size('_timescaledb_internal.c1')"
            " + pg_total_relation_size('_timescaledb_internal.z1')"
        ).fetchone()
    assert (chunks_in(catalogue)[0].size,) == both


def test_hypertables_are_the_same_and_inner_ones_are_not_shown(catalogue: tuple[str, str]) -> None:
    _version, dsn = catalogue
    readings, odd = sorted((hypertable_of(row) for row in rows(dsn, "chunks_hypertables")), key=lambda one: one.id)
    assert isinstance(readings, Hypertable)
    assert (readings.full_name, odd.full_name) == ("public.readings", "Ödd.T's")
    assert readings.compression is not None
    assert (readings.compression.segmentby, readings.compression.orderby) == (("meter",), ("at DESC",))
    assert (odd.compression, odd.interval, odd.dimensions) == (None, 1000, 2)
    assert readings.interval == timedelta(days=30)  # by the calendar too: a month counts as 30 days


def test_a_chunk_from_near_has_the_settings_it_was_compressed_with(catalogue: tuple[str, str]) -> None:
    version, dsn = catalogue
    variant = chunks.variant_of(version)
    where: dict[str, object] = {"schema": "_timescaledb_internal", "name": "c1"}
    (settings,) = rows(dsn, f"chunks_settings{variant}", where)
    assert (settings["segmentby"], settings["orderby"]) == (["meter"], ["at DESC NULLS LAST"])
    assert [(row["name"], row["compressed"]) for row in rows(dsn, f"chunks_indexes{variant}", where)] == [
        ("z1_blob_idx", True), ("c1_at_idx", False),
    ]  # fmt: skip
