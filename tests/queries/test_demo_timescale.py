"""A demo utility on TimescaleDB Community without PostGIS: the state its time series are in, and its isolation."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from queries import accounts, demo_timescale
from supra_console.database import Database
from supra_console.errors import ConfigurationError
from tests.timescale import TimeseriesDatabase

CHUNKS = """
    select count(*),
           count(*) filter (where is_compressed),
           count(*) filter (where not is_compressed and range_end <= now() - interval '6 months')
    from timescaledb_information.chunks where hypertable_name = 'meter_readings'
"""


def test_most_of_what_is_due_is_compressed_and_one_chunk_is_overdue(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.as_admin() as admin:
        row = admin.execute(CHUNKS).fetchone()
        assert row is not None
        total, compressed, overdue = row
        late = admin.execute("select count(*) from _timescaledb_catalog.chunk where status & 8 = 8").fetchone()
        unseen = admin.execute(
            "select count(*) from _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log"
        ).fetchone()
    assert (compressed >= 16, overdue, total - compressed >= 6) == (True, 1, True)
    assert late == unseen == (1,)


async def test_a_demo_user_signs_in_and_finds_accounts_of_its_own_tenant(
    timeseries_database: TimeseriesDatabase,
) -> None:
    found = {}
    for role in ("demo_dba", "demo_other"):
        with timeseries_database.sign_in(role) as profile:
            db = await Database.open(profile)
            try:
                assert db.identity.login == role
                found[db.identity.tenant.slug] = len((await accounts.search(db, "maria")).hits)
            finally:
                await db.close()
    assert set(found) == {"cea-queretaro", "comapa-demo"}
    assert found["cea-queretaro"] > 0
    with psycopg.connect(timeseries_database.admin) as admin:
        assert admin.execute("select session_user").fetchone() == ("postgres",)


def test_a_second_run_does_nothing(timeseries_server: str) -> None:
    assert demo_timescale.prepare(timeseries_server) is False


def test_what_was_interrupted_is_made_again_whoever_is_signed_in(timeseries_database: TimeseriesDatabase) -> None:
    with timeseries_database.as_admin() as admin:
        admin.execute("comment on domain geography is null")
    with timeseries_database.sign_in("demo_dba"):
        assert demo_timescale.prepare(timeseries_database.admin, overdue=2) is True
        profile = demo_timescale.sign_in(timeseries_database.admin)
        assert (profile["user"], profile["production"]) == ("demo_dba", False)
    with timeseries_database.as_admin() as admin:
        row = admin.execute(CHUNKS).fetchone()
    assert row is not None
    assert row[2] == 2


def test_a_place_of_the_schema_that_has_changed_is_missed_loudly() -> None:
    path = demo_timescale.SCHEMA / "004-persons-addresses.sql"
    text = path.read_text("utf-8")
    assert "geom text" in demo_timescale.without_postgis(path.name, text)
    with pytest.raises(ConfigurationError, match="004"):
        demo_timescale.without_postgis(path.name, text.replace("geom geography", "place geography"))
    with pytest.raises(ConfigurationError, match="011"):
        demo_timescale.without_postgis("011-operations.sql", "select st_distance(a, b);")


def test_no_file_of_the_schema_is_left_out() -> None:
    for path in sorted(Path(demo_timescale.SCHEMA).glob("*.sql")):
        demo_timescale.without_postgis(path.name, path.read_text("utf-8"))
