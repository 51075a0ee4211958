"""What TimescaleDB Community adds, on its real code: compression, policies, an aggregate that follows late readings.

The WebAssembly server has no PostGIS and no ICU. So the files that need neither are applied as they are, and the
tables that hypertables point at are stood in for by their keys.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text

SCHEMA = Path(__file__).parents[2] / "sql" / "schema"
TENANT = "00000000-0000-4000-8000-000000000001"
OTHER_TENANT = "00000000-0000-4000-8000-000000000002"
ABSENT = re.compile(r"create extension if not exists (?:postgis|pgcrypto);|create collation .*;")
STAND_INS = ("sectores_hidraulicos", "acometidas", "tomas", "meters", "contracts", "persons")

Connection = psycopg.Connection[tuple[Any, ...]]


def apply(connection: Connection, stem: str) -> None:
    (path,) = SCHEMA.glob(f"{stem}*.sql")
    connection.execute(ABSENT.sub("", path.read_text("utf-8")).encode())


def load_two_years_of_monthly_readings(connection: Connection, tomas: int = 800) -> None:
    for tenant in (TENANT, OTHER_TENANT):
        connection.execute("insert into tenants (id, slug, name) values (%s, %s, 'x')", [tenant, f"t{tenant[-1]}"])
        for table in ("tomas", "meters", "contracts"):
            connection.execute(
                f"insert into {table} (id, tenant_id) "
                f"select md5(%(tenant)s || '{table}' || n)::uuid, %(tenant)s from generate_series(1, %(tomas)s) as n",
                {"tenant": tenant, "tomas": tomas if tenant == TENANT else 10},
            )
        connection.execute(
            """
            insert into timeseries.meter_readings
                (tenant_id, meter_id, toma_id, contract_id, sector_id, reading_value, previous_reading, consumption,
                 reading_date, source, period_start, period_end)
            select %(tenant)s, md5(%(tenant)s || 'meters' || n)::uuid, md5(%(tenant)s || 'tomas' || n)::uuid,
                   md5(%(tenant)s || 'contracts' || n)::uuid, md5('sector' || n %% 20)::uuid,
                   100 + (25 - month) * 12, 100 + (24 - month) * 12, 10 + n %% 7,
                   date_trunc('month', now()) - make_interval(months => month, days => -(n %% 25), hours => -9),
                   'manual_field', current_date - 30, current_date
            from generate_series(1, %(tomas)s) as n
            cross join generate_series(1, 24) as month
            """,
            {"tenant": tenant, "tomas": tomas if tenant == TENANT else 10},
        )


@pytest.fixture(scope="module")
def community(timescale: str) -> Iterator[Connection]:
    """The hypertables with two years of readings, and the file under test applied twice, each in one transaction."""
    with psycopg.connect(timescale, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        for stem in ("000", "001", "002", "003"):
            apply(connection, stem)
        for table in STAND_INS:
            more = {"tomas": "acometida_id uuid,", "acometidas": "sector_id uuid,"}.get(table, "")
            connection.execute(
                f"create table {table} (id uuid primary key default gen_random_uuid(), {more} "
                "tenant_id uuid not null references tenants, unique (tenant_id, id))"
            )
        apply(connection, "007")
        apply(connection, "012")
        load_two_years_of_monthly_readings(connection)
        for _ in range(2):
            with connection.transaction():
                apply(connection, "021")
        yield connection


@pytest.fixture
def as_tenant(community: Connection) -> Iterator[Connection]:
    """The same connection, bound to the utility that has the readings."""
    community.execute("select set_config('app.current_tenant', %s, false)", [TENANT])
    yield community
    community.execute("select set_config('app.current_tenant', '', false)")


def value(connection: Connection, statement: str, *parameters: object) -> Any:
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None
    return row[0]


def run_job(connection: Connection, procedure: str, hypertable: str) -> None:
    """Run a policy now; this server has no background workers that would."""
    job = value(
        connection,
        "select job_id from timescaledb_information.jobs where proc_name = %s and hypertable_name = %s",
        procedure,
        hypertable,
    )
    connection.execute(f"call run_job({job})")


def test_the_policies_of_the_plan_exist_and_run_as_a_role_nobody_can_sign_in_with(community: Connection) -> None:
    jobs = community.execute(
        """
        select proc_name, hypertable_name, owner::text,
               coalesce(config ->> 'compress_after', config ->> 'drop_after', config ->> 'start_offset')
        from timescaledb_information.jobs
        where job_id >= 1000
        order by proc_name, hypertable_name
        """
    ).fetchall()
    assert jobs == [
        ("policy_compression", "domain_events", "supra_jobs", "1 year"),
        ("policy_compression", "meter_readings", "supra_jobs", "6 mons"),
        ("policy_refresh_continuous_aggregate", "daily_consumption", "supra_jobs", "9 years"),
        ("policy_retention", "domain_events", "supra_jobs", "5 years"),
        ("policy_retention", "meter_readings", "supra_jobs", "10 years"),
    ]
    assert value(community, "select rolconnlimit from pg_roles where rolname = 'supra_jobs'") == 0


def test_compression_is_by_tenant_and_in_the_order_rows_are_asked_for(community: Connection) -> None:
    settings = community.execute(
        "select hypertable::text, segmentby, orderby from timescaledb_information.hypertable_compression_settings "
        "where hypertable::text like 'timeseries.%' order by 1"
    ).fetchall()
    assert settings == [
        ("timeseries.domain_events", "tenant_id", "aggregate_type,aggregate_id,created_at DESC"),
        ("timeseries.meter_readings", "tenant_id", "meter_id,reading_date DESC"),
    ]


def test_even_a_few_readings_older_than_six_months_take_a_third_of_their_space_or_less(community: Connection) -> None:
    run_job(community, "policy_compression", "meter_readings")
    before, after, compressed, young = community.execute(
        """
        select (select sum(before_compression_total_bytes) from chunk_compression_stats('timeseries.meter_readings')),
               (select sum(after_compression_total_bytes) from chunk_compression_stats('timeseries.meter_readings')),
               count(*) filter (where is_compressed), count(*) filter (where not is_compressed)
        from timescaledb_information.chunks where hypertable_name = 'meter_readings'
        """
    ).fetchall()[0]
    assert compressed >= 17
    assert young >= 6
    assert after * 3 <= before


def test_the_plan_s_segment_by_meter_would_make_readings_larger(community: Connection) -> None:
    with community.transaction(force_rollback=True):
        chunk, before, ours = community.execute(
            """
            select format('%I.%I', chunk_schema, chunk_name), before_compression_total_bytes,
                   after_compression_total_bytes
            from chunk_compression_stats('timeseries.meter_readings')
            where compression_status = 'Compressed' order by chunk_name limit 1
            """
        ).fetchall()[0]
        community.execute("select decompress_chunk(%s::regclass)", [chunk])
        community.execute(
            "alter table timeseries.meter_readings set "
            "(timescaledb.compress_segmentby = 'tenant_id, meter_id', "
            "timescaledb.compress_orderby = 'reading_date desc')"
        )
        community.execute("select compress_chunk(%s::regclass)", [chunk])
        plan = value(
            community,
            "select after_compression_total_bytes from chunk_compression_stats('timeseries.meter_readings') "
            "where format('%%I.%%I', chunk_schema, chunk_name) = %s",
            chunk,
        )
    assert ours < before < plan


def test_a_meter_s_last_readings_are_found_in_compressed_and_uncompressed_chunks(as_tenant: Connection) -> None:
    readings = as_tenant.execute(
        "select reading_date from meter_readings where meter_id = md5(%s || 'meters' || 7)::uuid "
        "order by reading_date desc limit 12",
        [TENANT],
    ).fetchall()
    assert len(readings) == 12
    assert readings == sorted(readings, reverse=True)


def test_daily_consumption_counts_all_history_before_and_after_the_first_refresh(as_tenant: Connection) -> None:
    totals = "select count(*), sum(total_consumption) from daily_consumption"
    fresh = as_tenant.execute(totals).fetchall()
    run_job(as_tenant, "policy_refresh_continuous_aggregate", "daily_consumption")
    refreshed = as_tenant.execute(totals).fetchall()
    readings = as_tenant.execute("select count(*), sum(consumption) from meter_readings").fetchall()
    assert fresh == refreshed == readings


def test_the_aggregate_takes_in_a_reading_that_came_late(as_tenant: Connection) -> None:
    run_job(as_tenant, "policy_refresh_continuous_aggregate", "daily_consumption")
    total = "select sum(total_consumption) from daily_consumption"
    before = value(as_tenant, total)
    as_tenant.execute(
        """
        insert into meter_readings
            (tenant_id, meter_id, toma_id, sector_id, reading_value, consumption, reading_date, source)
        values (%(tenant)s, md5(%(tenant)s || 'meters1')::uuid, md5(%(tenant)s || 'tomas1')::uuid,
                md5('sector1')::uuid, 500, 77, now() - interval '200 days', 'manual_office')
        """,
        {"tenant": TENANT},
    )
    assert value(as_tenant, total) == before
    run_job(as_tenant, "policy_refresh_continuous_aggregate", "daily_consumption")
    assert value(as_tenant, total) == before + 77


def test_a_day_begins_at_midnight_of_the_utility_s_clock(as_tenant: Connection) -> None:
    hours = as_tenant.execute(
        "select distinct to_char(day at time zone 'America/Mexico_City', 'HH24:MI') from daily_consumption"
    ).fetchall()
    assert hours == [("00:00",)]


def test_consumption_of_a_sector_per_day_is_at_hand(as_tenant: Connection) -> None:
    days = as_tenant.execute(
        "select day, sum(total_consumption) from daily_consumption where sector_id = md5('sector3')::uuid group by day"
    ).fetchall()
    assert len(days) >= 24


def test_the_tenant_s_view_shows_no_other_tenant_s_consumption(as_tenant: Connection) -> None:
    assert value(as_tenant, "select count(distinct tenant_id) from timeseries.daily_consumption") == 2
    assert as_tenant.execute("select distinct tenant_id::text from daily_consumption").fetchall() == [(TENANT,)]


def test_nobody_who_signs_in_has_a_right_on_the_aggregate_itself(community: Connection) -> None:
    rights = community.execute(
        """
        select r.role
        from unnest(array['supra_readonly', 'supra_operator', 'supra_supervisor', 'supra_dba', 'supra_app']) as r (role)
        where has_table_privilege(r.role, 'timeseries.daily_consumption', 'select')
           or has_table_privilege(r.role, 'timeseries.meter_readings', 'select')
           or has_schema_privilege(r.role, 'timeseries', 'usage')
        """
    ).fetchall()
    assert rights == []


def test_the_features_say_which_edition_runs(community: Connection) -> None:
    features: dict[str, bool] = dict(community.execute("select feature, available from supra.features").fetchall())
    assert features["compression"] is features["policies"] is features["continuous_aggregates"] is True


def test_the_way_back_takes_out_aggregate_policies_and_hypertables(community: Connection, timescale: str) -> None:
    path = SCHEMA.parent / "alembic" / "versions" / "0001_baseline.py"
    spec = importlib.util.spec_from_file_location("baseline", path)
    assert spec is not None
    assert spec.loader is not None
    baseline = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(baseline)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(timescale), poolclass=NullPool)
    with engine.connect() as connection:
        for name in baseline.TIME_SERIES:
            baseline.drop_relation(connection, name)
        left = connection.execute(
            text(
                "select (select count(*) from timescaledb_information.jobs where job_id >= 1000), "
                "(select count(*) from timescaledb_information.hypertables), "
                "(select count(*) from pg_class where relowner = 'supra_jobs'::regrole)"
            )
        ).one()
        connection.rollback()
    assert left == (0, 0, 0)
    assert value(community, "select count(*) from timescaledb_information.hypertables") > 0
