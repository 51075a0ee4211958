"""What is wrong with the time series is found, with its figures and the SQL that mends it; and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from supra_console.timeseries import Compression, Edition, LooseGrant, Missing, Snapshot
from supra_console.timeseries_findings import Finding, Severity, findings, forecast, growth_per_month
from tests.supra_console.timeseries_made import (
    AGGREGATE,
    COMMUNICATIONS,
    DAILY,
    EVENTS,
    JOBS,
    MB,
    MONTH,
    NOW,
    READINGS,
    SERVER,
    chunk,
    healthy,
    hypertable,
    job,
)


def found(snapshot: Snapshot, code: str) -> Finding:
    """The one finding of that code."""
    (one,) = [finding for finding in findings(snapshot) if finding.code == code]
    return one


def with_chunks(*changed: Any) -> Snapshot:
    """The healthy picture with some chunks in the place of those of the same id."""
    by_id = {one.id: one for one in healthy().chunks} | {one.id: one for one in changed}
    return healthy(chunks=tuple(sorted(by_id.values(), key=lambda one: one.begins)))


def with_job(changed: Any) -> Snapshot:
    return healthy(jobs=tuple(changed if one.id == changed.id else one for one in JOBS))


def test_a_healthy_utility_has_no_finding() -> None:
    assert findings(healthy()) == ()


def test_a_server_without_timescaledb_has_none_either() -> None:
    server = replace(SERVER, edition=Edition.NONE, timescaledb=None, max_workers=None, workers=None)
    assert findings(Snapshot(NOW, server, missing=(Missing("timescaledb", "not there"),))) == ()


# given chunks that compression made larger ------------------------------------------------------------------------


def test_chunks_that_grew_are_serious_and_get_other_settings() -> None:
    by_meter = Compression(("tenant_id", "meter_id"), ("reading_date DESC",))
    picture = with_chunks(*(chunk(age, after=218 * MB) for age in range(10, 24)))
    picture = replace(picture, hypertables=(hypertable(compression=by_meter), picture.hypertables[1]))

    one = found(picture, "grew")

    assert (one.severity, one.subject) == (Severity.SERIOUS, "timeseries.meter_readings")
    assert "14 of 17" in one.evidence
    assert "218%" in one.evidence
    assert "timescaledb.compress_segmentby = 'tenant_id'" in one.mend
    assert "timescaledb.compress_orderby = 'meter_id, reading_date DESC'" in one.mend
    assert one.mend.count("compress_chunk(decompress_chunk(") == 17


def test_one_row_in_a_batch_is_serious_whether_or_not_it_grew() -> None:
    by_meter = Compression(("tenant_id", "meter_id"), ("reading_date DESC",))
    picture = with_chunks(*(chunk(age, batches=400_000) for age in range(7, 24)))
    picture = replace(picture, hypertables=(hypertable(compression=by_meter), picture.hypertables[1]))

    one = found(picture, "few_rows_per_batch")

    assert one.severity is Severity.SERIOUS
    assert "6,800,000 rows lie in 6,800,000 batches, 1.0 in each" in one.evidence
    assert "tenant_id, meter_id" in one.evidence


def test_a_dozen_rows_in_a_batch_are_a_warning_and_fifty_are_none() -> None:
    few = with_chunks(*(chunk(age, batches=400_000 // 12) for age in range(7, 24)))
    enough = with_chunks(*(chunk(age, batches=400_000 // 50) for age in range(7, 24)))
    assert found(few, "few_rows_per_batch").severity is Severity.WARNING
    assert findings(enough) == ()


def test_a_small_table_may_have_small_batches() -> None:
    assert findings(with_chunks(*(chunk(age, rows=50, batches=5) for age in range(7, 24)))) == ()


def test_the_settings_of_an_odd_name_are_mended_in_sql_that_runs() -> None:
    odd = hypertable(schema="Ödd", name="a\"b'c", compression=Compression(('"Meter"',), ("at",)))
    picture = healthy(
        hypertables=(odd,), aggregates=(), chunks=tuple(chunk(age, after=200 * MB) for age in range(7, 10))
    )
    assert found(picture, "grew").mend.startswith(
        'alter table "Ödd"."a""b\'c" set (\n'
        "    timescaledb.compress, timescaledb.compress_segmentby = '',\n"
        "    timescaledb.compress_orderby = '\"Meter\", at'\n);\n"
    )


# given chunks the policy did not take ------------------------------------------------------------------------------


def test_a_chunk_its_policy_should_have_compressed_is_overdue() -> None:
    one = found(with_chunks(chunk(8, compressed=False), chunk(9, compressed=False)), "overdue")
    assert one.evidence.startswith("2 chunks of 200 MB should be compressed, the oldest since ")
    assert one.mend == "call run_job(1000);"


def test_a_chunk_is_not_overdue_before_the_policy_has_had_its_turn() -> None:
    fresh = chunk(7, compressed=False, ends=NOW - 6 * MONTH - timedelta(hours=11))
    stale = chunk(7, compressed=False, ends=NOW - 6 * MONTH - timedelta(hours=13))
    assert findings(with_chunks(fresh)) == ()
    assert found(with_chunks(stale), "overdue")


def test_nothing_is_overdue_where_no_policy_says_so() -> None:
    picture = with_chunks(chunk(8, compressed=False))
    assert findings(replace(picture, jobs=JOBS[1:])) == ()


def test_late_rows_are_a_note_until_they_are_many() -> None:
    few = with_chunks(chunk(8, partial=True, late_rows=40))
    many = with_chunks(chunk(8, partial=True, late_rows=40_000))
    assert found(few, "late_rows").severity is Severity.NOTE
    one = found(many, "late_rows")
    assert one.severity is Severity.WARNING
    assert one.evidence == "about 40,000 rows came to 1 chunk after it was compressed"
    assert one.mend == "select compress_chunk('_timescaledb_internal._hyper_1_108_chunk');"


def test_row_security_is_found_where_compression_is_on_and_only_there() -> None:
    on = healthy(hypertables=(hypertable(row_security=True), healthy().hypertables[1]))
    one = found(on, "row_security")
    assert one.mend == "alter table timeseries.meter_readings disable row level security;"
    off = hypertable(row_security=True, compression=None)
    assert findings(healthy(hypertables=(off, healthy().hypertables[1]))) == ()


# given jobs that do not run as they should -------------------------------------------------------------------------


def test_a_job_whose_last_run_failed_is_serious_with_its_message() -> None:
    failed = job(
        1000, "compression", READINGS, last_status="Failed", failures=3, last_error="disk full", last_sqlstate="53100"
    )
    one = found(with_job(failed), "job_failed")
    assert (one.severity, one.subject) == (Severity.SERIOUS, "policy_compression timeseries.meter_readings")
    assert one.evidence == "3 of 100 runs failed, the last one as well; 53100: disk full"
    assert one.mend == "call run_job(1000);"


def test_before_a_retention_is_run_by_hand_one_sees_what_it_would_drop() -> None:
    failed = job(1001, "retention", READINGS, last_status="Failed", drop_after=timedelta(days=3652))
    assert found(with_job(failed), "job_failed").mend == (
        "select show_chunks('timeseries.meter_readings', older_than => interval '3652 days');\ncall run_job(1001);"
    )


def test_a_job_that_fails_often_is_a_warning_and_one_that_failed_once_is_none() -> None:
    assert found(with_job(replace(JOBS[0], failures=20)), "job_failed").severity is Severity.WARNING
    assert findings(with_job(replace(JOBS[0], failures=2))) == ()


def test_timescaledb_s_own_job_that_the_apache_edition_cannot_run_is_a_note() -> None:
    own = job(3, "history", None, owner="postgres", last_status="Failed", failures=100, last_sqlstate="0A000")
    apache = replace(SERVER, edition=Edition.APACHE)
    one = found(healthy(server=apache, jobs=(own,), aggregates=()), "job_failed")
    assert one.severity is Severity.NOTE
    assert one.mend == (
        "update _timescaledb_config.bgw_job set scheduled = false where id = 3;\n"
        "select _timescaledb_functions.restart_background_workers();"
    )
    paused = replace(own, scheduled=False)
    assert findings(healthy(server=apache, jobs=(paused,), aggregates=())) == ()
    assert found(healthy(jobs=(*JOBS, own)), "job_failed").mend == "call run_job(3);"


def test_a_job_without_history_is_no_finding() -> None:
    unknown = replace(JOBS[0], runs=None, successes=None, failures=None, last_status=None, last_start=None)
    assert findings(with_job(replace(unknown, last_finish=None))) == ()


def test_jobs_that_wait_for_a_worker_are_starved() -> None:
    waiting = with_job(replace(JOBS[0], next_start=NOW - timedelta(hours=1)))
    picture = replace(waiting, server=replace(SERVER, max_workers=2, workers=2))
    one = found(picture, "jobs_starved")
    assert "2 of 2 workers run" in one.evidence
    assert one.mend.startswith("alter system set timescaledb.max_background_workers = 5;")


def test_a_job_that_runs_at_this_moment_does_not_starve() -> None:
    running = replace(JOBS[0], next_start=NOW - timedelta(hours=1), last_start=NOW - timedelta(hours=1))
    assert findings(with_job(running)) == ()


def test_a_database_whose_scheduler_stands_still_is_serious() -> None:
    one = found(healthy(server=replace(SERVER, workers=0)), "no_scheduler")
    assert one.evidence == "no worker of TimescaleDB runs in this database, and 3 jobs are scheduled"
    assert findings(healthy(server=replace(SERVER, workers=0), jobs=(), aggregates=())) == ()


def test_a_paused_policy_is_found_and_its_last_run_never_made_up() -> None:
    paused = replace(JOBS[0], scheduled=False, last_finish=None)
    one = found(with_job(paused), "job_paused")
    assert one.evidence == "the job is paused; its last run was never recorded"
    assert one.mend == "select alter_job(1000, scheduled => true);"


def test_a_history_of_failures_alone_is_a_note_so_that_it_is_not_taken_for_no_runs() -> None:
    one = found(healthy(server=replace(SERVER, logs_runs=False)), "history_off")
    assert (one.severity, one.evidence) == (Severity.NOTE, "of 3 policies only runs that failed are kept")
    assert findings(healthy(server=replace(SERVER, logs_runs=True))) == ()
    assert findings(healthy(server=replace(SERVER, logs_runs=None))) == ()


def test_a_retention_that_would_drop_what_is_not_archived_is_serious() -> None:
    picture = with_job(replace(JOBS[1], drop_after=22 * MONTH))
    one = found(picture, "retention_unarchived")
    assert one.severity is Severity.SERIOUS
    assert "the next run drops 2 chunks of about 800,000 rows" in one.evidence
    assert one.mend == "select alter_job(1001, scheduled => false);"
    archived = replace(picture, archived_until={READINGS: NOW - 20 * MONTH})
    assert findings(archived) == ()
    assert findings(healthy()) == ()


def test_rows_that_nobody_counted_are_not_said_to_be_none() -> None:
    uncounted = with_chunks(chunk(9, partial=True, late_rows=None))
    assert found(uncounted, "late_rows").evidence == "about ? rows came to 1 chunk after it was compressed"
    some = with_chunks(chunk(9, partial=True, late_rows=None), chunk(8, partial=True, late_rows=40))
    assert found(some, "late_rows").evidence == "about 40+ rows came to 2 chunks after they were compressed"
    jobs = (JOBS[0], replace(JOBS[1], drop_after=22 * MONTH), JOBS[2])
    unread = replace(with_chunks(chunk(23, rows=None)), jobs=jobs)
    assert "2 chunks of about 400,000+ rows" in found(unread, "retention_unarchived").evidence


def test_a_retention_that_was_paused_so_that_nothing_is_lost_is_not_to_be_resumed() -> None:
    picture = with_job(replace(JOBS[1], drop_after=22 * MONTH, scheduled=False))
    assert found(picture, "job_paused").mend == ""
    archived = replace(picture, archived_until={READINGS: NOW - 20 * MONTH})
    assert found(archived, "job_paused").mend == "select alter_job(1001, scheduled => true);"


# given a continuous aggregate --------------------------------------------------------------------------------------


def test_an_aggregate_that_lags_behind_its_policy_is_found() -> None:
    late = replace(AGGREGATE, watermark=NOW - timedelta(days=12))
    one = found(healthy(aggregates=(late,)), "aggregate_lags")
    assert "12 days behind the newest row" in one.evidence
    assert one.mend == "call run_job(1002);"
    none = replace(AGGREGATE, watermark=None)
    assert found(healthy(aggregates=(none,)), "aggregate_lags").evidence == "nothing is materialized"


def test_an_aggregate_of_a_source_that_gets_nothing_new_does_not_lag() -> None:
    quiet = replace(AGGREGATE, watermark=NOW - timedelta(days=11), newest=NOW - timedelta(days=12))
    assert findings(healthy(aggregates=(quiet,))) == ()


def test_changes_older_than_the_policy_s_window_are_serious() -> None:
    jobs = (*JOBS[:2], replace(JOBS[2], start_offset=3 * MONTH))
    changed = replace(AGGREGATE, invalidated=((NOW - 9 * MONTH, NOW - 8 * MONTH), (NOW - MONTH, NOW)))
    one = found(healthy(aggregates=(changed,), jobs=jobs), "aggregate_outside_window")
    assert one.severity is Severity.SERIOUS
    assert one.mend == (
        "call refresh_continuous_aggregate('timeseries.daily_consumption', "
        "'2026-02-24 22:00:00+0000', '2026-03-28 22:00:00+0000');"
    )


def test_a_single_row_that_came_late_is_found_and_its_whole_bucket_is_refreshed() -> None:
    jobs = (*JOBS[:2], replace(JOBS[2], start_offset=3 * MONTH))
    changed = replace(AGGREGATE, invalidated=((NOW - 9 * MONTH, NOW - 9 * MONTH),))
    one = found(healthy(aggregates=(changed,), jobs=jobs), "aggregate_outside_window")
    assert "'2026-02-24 22:00:00+0000', '2026-02-26 22:00:00+0000'" in one.mend


def test_no_refresh_that_is_offered_follows_rows_that_were_dropped() -> None:
    no_policy = found(healthy(jobs=JOBS[:2]), "aggregate_no_policy")
    assert "start_offset => interval '3570 days'" in no_policy.mend
    assert "start_offset => null" in found(healthy(jobs=JOBS[:1]), "aggregate_no_policy").mend
    jobs = (*JOBS[:2], replace(JOBS[2], start_offset=3 * MONTH))
    dropped = replace(AGGREGATE, invalidated=((None, NOW - 20 * MONTH),))
    changed = found(healthy(aggregates=(dropped,), jobs=jobs), "aggregate_outside_window")
    assert "'2024-12-02 22:00:00+0000'" in changed.mend  # where its oldest chunk begins


def test_changes_before_the_first_row_of_the_source_change_nothing() -> None:
    endless = replace(AGGREGATE, invalidated=((None, NOW - 50 * MONTH), (NOW - MONTH, None)))
    assert findings(healthy(aggregates=(endless,))) == ()


def test_an_aggregate_without_a_policy_is_found_but_not_where_the_jobs_were_not_told() -> None:
    picture = healthy(jobs=JOBS[:2])
    assert (
        "add_continuous_aggregate_policy('timeseries.daily_consumption'" in found(picture, "aggregate_no_policy").mend
    )
    assert findings(replace(picture, missing=(Missing("jobs", "no right"),))) == ()


def test_a_bucket_wider_than_a_chunk_is_a_note() -> None:
    wide = replace(AGGREGATE, bucket="90 days", bucket_width=3 * MONTH, watermark=NOW)
    one = found(healthy(aggregates=(wide,)), "bucket_over_chunk")
    assert one.evidence == "a bucket is 90 days, a chunk of timeseries.meter_readings only 30 days"
    assert one.mend == "select set_chunk_time_interval('timeseries.meter_readings', interval '90 days');"


# given rights, memory and partitions -------------------------------------------------------------------------------


def test_rights_past_the_tenant_views_are_serious_one_finding_for_each_person() -> None:
    grants = (
        LooseGrant("timeseries.meter_readings", "demo_clerk", "select"),
        LooseGrant("_timescaledb_internal._hyper_1_1_chunk", "demo_clerk", "insert, select"),
        LooseGrant("timeseries.domain_events", "public", "select"),
    )
    clerk, everybody = [one for one in findings(healthy(loose_grants=grants)) if one.code == "loose_grant"]
    assert clerk.severity is Severity.SERIOUS
    assert clerk.evidence.startswith("has rights on 2 hypertables and chunks")
    assert clerk.mend.splitlines() == [
        "revoke select on timeseries.meter_readings from demo_clerk;",
        "revoke insert, select on _timescaledb_internal._hyper_1_1_chunk from demo_clerk;",
    ]
    assert everybody.mend == "revoke select on timeseries.domain_events from public;"


def test_chunks_that_outgrow_the_memory_get_a_shorter_interval() -> None:
    picture = healthy(server=replace(SERVER, effective_cache=240 * MB))
    one = found(picture, "interval_over_memory")
    assert "a chunk of 30 days takes 100 MB" in one.evidence
    assert "a quarter of the memory is 60 MB" in one.evidence
    assert one.mend == "select set_chunk_time_interval('timeseries.meter_readings', interval '15 days');"


def test_a_partition_that_ends_soon_warns_and_one_that_ended_is_serious() -> None:
    soon = replace(COMMUNICATIONS, ends=NOW + timedelta(days=20))
    gone = replace(COMMUNICATIONS, ends=NOW - timedelta(days=1))
    assert found(healthy(partitioned=(soon,)), "partition_missing_next").severity is Severity.WARNING
    one = found(healthy(partitioned=(gone,)), "partition_missing_next")
    assert (one.severity, one.subject) == (Severity.SERIOUS, "public.communications")
    assert one.mend == "select supra.ensure_partitions();"


def test_a_partitioned_table_without_a_default_partition_is_found() -> None:
    one = found(
        healthy(partitioned=(replace(COMMUNICATIONS, has_default=False, default_rows=None),)), "partition_no_default"
    )
    assert one.mend.splitlines() == [
        "create table public.communications_default partition of public.communications default;",
        "select supra.seal_partition('public.communications_default');",
    ]


def test_rows_in_the_default_partition_are_found() -> None:
    one = found(healthy(partitioned=(replace(COMMUNICATIONS, default_rows=12),)), "partition_default_rows")
    assert one.evidence == "about 12 rows lie in the default partition"


def test_the_worst_comes_first() -> None:
    picture = with_chunks(chunk(8, partial=True, late_rows=4), chunk(9, compressed=False), chunk(10, after=300 * MB))
    assert [one.severity for one in findings(picture)] == [Severity.SERIOUS, Severity.WARNING, Severity.NOTE]


# growth and forecast -----------------------------------------------------------------------------------------------


def test_growth_is_what_a_month_settles_at() -> None:
    # 20 MB in 30 days, compressed or yet to be
    assert growth_per_month(healthy(), READINGS) == pytest.approx(20 * MB * 30.44 / 30, rel=0.001)


def test_without_a_policy_what_is_not_compressed_stays_as_large_as_it_is() -> None:
    picture = healthy(jobs=(), chunks=tuple(chunk(age, compressed=False) for age in range(11, -1, -1)))
    assert growth_per_month(picture, READINGS) == pytest.approx(100 * MB * 30.44 / 30, rel=0.001)


def test_fewer_than_three_whole_chunks_tell_no_growth() -> None:
    two = healthy(chunks=(chunk(1), chunk(0), chunk(-1)))
    assert growth_per_month(two, READINGS) is None
    assert forecast(two, READINGS) is None
    assert growth_per_month(healthy(), EVENTS) is None


def test_months_without_rows_count_as_time() -> None:
    picture = healthy(chunks=tuple(chunk(age, compressed=True) for age in (10, 6, 2)))
    assert growth_per_month(picture, READINGS) == pytest.approx(3 * 20 * MB / (9 * 30) * 30.44, rel=0.001)


def test_integer_time_tells_no_growth() -> None:
    numbers = tuple(chunk(age, begins=1000 - age, ends=1001 - age) for age in range(9, -1, -1))
    assert growth_per_month(healthy(chunks=numbers), READINGS) is None


def test_a_year_from_now_the_young_months_are_still_uncompressed() -> None:
    # 25 chunks are there: those of the future settle at 20 MB, half a year of new rows lies there uncompressed
    there, year = 25 * 20 * MB, 365.2425
    expected = there + 180 / 30 * 100 * MB + (year - 180) / 30 * 20 * MB
    assert forecast(healthy(), READINGS) == pytest.approx(expected, rel=0.01)


def test_what_the_retention_drops_is_no_part_of_the_forecast() -> None:
    picture = with_job(replace(JOBS[1], drop_after=6 * MONTH))
    assert forecast(picture, READINGS) == pytest.approx(6 * 100 * MB, rel=0.01)


def test_space_partitions_of_one_range_count_together() -> None:
    halves = tuple(
        chunk(age, id=1000 + age * 2 + side, heap=2 * MB, index=0, toast=0, before=20 * MB, after=2 * MB)
        for age in range(20, 8, -1)
        for side in (0, 1)
    )
    assert growth_per_month(healthy(chunks=halves), READINGS) == pytest.approx(4 * MB * 30.44 / 30, rel=0.001)


def test_the_aggregate_grows_too() -> None:
    chunks = tuple(chunk(age, compressed=False, number=DAILY) for age in range(5, -1, -1))
    assert growth_per_month(healthy(chunks=chunks), DAILY) == pytest.approx(100 * MB * 30.44 / 30, rel=0.001)
