"""Readings are all found by a parallel plan too: TimescaleDB may lose them where a condition asks for the tenant."""

from __future__ import annotations

import psycopg

from queries import schema
from tests.conftest import TestDatabase
from tests.queries.desk import signed_in

EAGER = """
    select
        set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true),
        set_config('min_parallel_table_scan_size', '0', true), set_config('min_parallel_index_scan_size', '0', true)
"""
JOINED = "select count(*) from meter_readings as m join contracts as c on c.id = m.contract_id"


async def test_a_parallel_plan_finds_every_reading(shared_database: TestDatabase) -> None:
    async with signed_in(shared_database, "demo_clerk") as db:
        async with db.reading() as connection:
            await connection.execute("select set_config('max_parallel_workers_per_gather', '0', true)")
            alone = await (await connection.execute(JOINED)).fetchone()
        assert alone is not None
        assert alone[0] > 0
        found = set()
        async with db.reading(timeout=60.0) as connection:
            await connection.execute(EAGER)
            plan = await (await connection.execute(f"explain {JOINED}")).fetchall()
            assert any("Parallel" in line for (line,) in plan), plan
            assert not any("Parallel Custom Scan (ChunkAppend)" in line for (line,) in plan), plan
            for _attempt in range(20):
                found.add(await (await connection.execute(JOINED)).fetchone())
        assert found == {alone}


def test_whoever_comes_without_the_console_finds_them_too(empty_database: TestDatabase) -> None:
    schema.init(empty_database.admin)
    with psycopg.connect(empty_database.admin) as connection:
        setting = connection.execute("select current_setting('timescaledb.enable_parallel_chunk_append')").fetchone()
    assert setting == ("off",)
    schema.downgrade(empty_database.admin)
    with psycopg.connect(empty_database.admin) as connection:
        left = connection.execute(
            "select from pg_db_role_setting as s join pg_database as d on d.oid = s.setdatabase"
            " where d.datname = current_database()"
        )
    assert left.rowcount == 0
