"""`supra-console chunks` as people and cron use it: what it prints, asks, does, and with which status it ends."""

from __future__ import annotations

import argparse
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from supra_console.cli import chunks
from supra_console.errors import SupraError
from supra_console.timeseries import Missing
from tests.conftest import TestDatabase
from tests.supra_console.broken_line import broken_line
from tests.supra_console.commands import Command, profile
from tests.supra_console.timeseries_made import healthy
from tests.timescale import TimeseriesDatabase

OVERDUE = 4
EVIL = "odd \x1b]0;name\x07 [/bold]"


@pytest.fixture(scope="module")
def odd_table(timeseries_database: TimeseriesDatabase) -> None:
    """A hypertable of somebody else's, with a number for its time and a name that would drive a terminal."""
    with timeseries_database.as_admin() as admin:
        admin.execute(f'create table "{EVIL}" (at integer not null, value integer)')
        admin.execute("select create_hypertable(%s, by_range('at', 100))", [f'"{EVIL}"'])
        admin.execute(f'insert into "{EVIL}" select n, n from generate_series(1, 250) as n')


@pytest.fixture
def overdue(timeseries_database: TimeseriesDatabase) -> None:
    """Four chunks that the policy should have compressed."""
    with timeseries_database.as_admin() as admin:
        chunks = admin.execute(
            """
            select format('%I.%I', chunk_schema, chunk_name), is_compressed
            from timescaledb_information.chunks
            where hypertable_name = 'meter_readings' and range_end <= now() - interval '6 months'
            order by range_end desc
            """
        ).fetchall()
        for number, (chunk, compressed) in enumerate(chunks):
            if compressed != (number >= OVERDUE):
                admin.execute(f"select {'de' if compressed else ''}compress_chunk(%s::regclass)", [chunk])


@pytest.fixture
def as_dba(timeseries_database: TimeseriesDatabase, environment: dict[str, str]) -> Iterator[None]:
    """Everybody on the server is its DBA, and the profile leads there."""
    profile(environment, timeseries_database.admin, user="demo_dba")
    with timeseries_database.sign_in("demo_dba"):
        yield


def left(run: Command) -> int:
    """How many chunks are overdue, as the command itself says."""
    plan = json.loads(run("chunks", "compress", "--overdue", "--dry-run", "--json").stdout)
    return len(plan["steps"])


# ---------------------------------------------------------------------- looking


@pytest.mark.usefixtures("odd_table", "overdue", "as_dba")
def test_status_has_a_line_for_each_table_and_nothing_drives_the_terminal(run: Command) -> None:
    for arguments in (["chunks"], ["chunks", "status"]):
        done = run(*arguments)
        assert done.returncode == 0
        for name in ("timeseries.meter_readings", "timeseries.daily_consumption", "public.communications", "odd ␛]0;"):
            assert name in done.stdout
        assert "TimescaleDB 2.23" in done.stdout


@pytest.mark.usefixtures("overdue", "as_dba")
def test_scripts_get_all_of_it_whichever_side_json_stands(run: Command) -> None:
    for arguments in (["chunks", "--json"], ["chunks", "--json", "status"], ["chunks", "status", "--json"]):
        shown = json.loads(run(*arguments).stdout)
        readings = next(one for one in shown["hypertables"] if one["name"] == "timeseries.meter_readings")
        assert readings["states"]["overdue"] == OVERDUE
        assert readings["chunks"] == sum(readings["states"].values())
        assert readings["ratio"] > 2
        assert {one["state"] for one in shown["chunks"]} == {"uncompressed", "compressed", "partial", "overdue"}


@pytest.mark.usefixtures("as_dba")
def test_jobs_without_a_history_are_not_jobs_without_runs(run: Command) -> None:
    done = run("chunks", "jobs")
    assert done.returncode == 0
    assert "unknown" in done.stdout
    jobs = json.loads(run("chunks", "jobs", "--json").stdout)["jobs"]
    assert {"compression", "retention", "refresh"} <= {job["kind"] for job in jobs}


@pytest.mark.usefixtures("overdue", "as_dba")
def test_findings_end_with_1_and_show_what_mends_them(run: Command) -> None:
    done = run("chunks", "findings")
    assert done.returncode == 1
    assert "compress_chunk" in done.stdout
    found = json.loads(run("chunks", "findings", "--json").stdout)["findings"]
    assert {"overdue", "late_rows"} <= {one["code"] for one in found}


@pytest.mark.parametrize("as_json", [False, True])
def test_what_could_not_be_asked_is_no_good_news(
    as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = iter(
        (
            healthy(),
            healthy(missing=(Missing("runs", "only a DBA is told"),)),
            healthy(jobs=(), aggregates=(), missing=(Missing("jobs", "it took too long"),)),
        )
    )
    monkeypatch.setattr(chunks, "signed_in", lambda *_: next(pictures))
    options = argparse.Namespace(json=as_json)
    assert chunks.findings(options) == 0
    assert chunks.findings(options) == 0
    capsys.readouterr()
    with pytest.raises(SupraError) as caught:
        chunks.findings(options)
    assert caught.value.exit_status == 2
    assert "Nothing is wrong" not in capsys.readouterr().out


@pytest.mark.usefixtures("as_dba")
def test_advice_is_measured_and_finds_that_the_plan_s_settings_grow_the_readings(run: Command) -> None:
    done = run("chunks", "advise", "meter_readings", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    by_settings = {
        tuple(trial["candidate"]["segmentby"]): saved
        for trial, saved in zip(told["advice"]["trials"], told["saved"], strict=True)
    }
    assert by_settings["tenant_id", "meter_id"] < 0 < by_settings["tenant_id",]
    assert "meter_id" in run("chunks", "advise", "timeseries.meter_readings").stdout


@pytest.mark.usefixtures("as_dba")
def test_a_table_that_is_none_is_explained_with_those_there_are(run: Command) -> None:
    done = run("chunks", "advise", "readings")
    assert done.returncode == 2
    assert "timeseries.meter_readings" in done.stderr


@pytest.mark.parametrize("arguments", [["compress"], ["advise"], ["nonsense"], ["advise", "x", "--max-rows", "0"]])
def test_a_wrong_command_line_is_explained_with_status_2(run: Command, arguments: list[str]) -> None:
    done = run("chunks", *arguments)
    assert done.returncode == 2
    assert "usage" in done.stderr


# ---------------------------------------------------------------------- compressing


@pytest.mark.usefixtures("overdue", "as_dba")
def test_a_dry_run_and_nobody_to_ask_change_nothing(run: Command) -> None:
    dry = run("chunks", "compress", "--overdue", "--dry-run")
    assert dry.returncode == 0
    assert dry.stdout.count("supra.compress_chunk") == OVERDUE
    unasked = run("chunks", "compress", "--overdue")
    assert unasked.returncode == 2
    assert "--yes" in unasked.stderr
    assert left(run) == OVERDUE


@pytest.mark.usefixtures("overdue", "as_dba")
def test_what_is_overdue_is_compressed_chunk_by_chunk_and_journalled(
    run: Command, timeseries_database: TimeseriesDatabase
) -> None:
    done = run("chunks", "compress", "--overdue", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [outcome["state"] for outcome in told["outcomes"]] == ["done"] * OVERDUE
    assert all(outcome["after"] < outcome["before"] for outcome in told["outcomes"])
    assert f"{OVERDUE}/{OVERDUE}" in done.stderr
    assert left(run) == 0
    with timeseries_database.as_admin() as admin:
        journal = admin.execute(
            "select count(*) from timeseries.domain_events where event_type = 'chunk.compressed'"
        ).fetchone()
    assert journal is not None
    assert journal[0] >= OVERDUE
    again = run("chunks", "compress", "--overdue", "--yes")
    assert (again.returncode, again.stdout) == (0, "")


@pytest.mark.usefixtures("overdue", "as_dba")
def test_somebody_else_s_overdue_chunk_fails_with_1_and_the_others_are_compressed(
    run: Command, timeseries_database: TimeseriesDatabase
) -> None:
    with timeseries_database.as_admin() as admin:
        admin.execute("create table theirs (at timestamptz not null)")
        admin.execute("select create_hypertable('theirs', by_range('at'))")
        admin.execute("insert into theirs values (now() - interval '1 year')")
        admin.execute("alter table theirs set (timescaledb.compress)")
        admin.execute("select add_compression_policy('theirs', interval '1 month')")
    try:
        done = run("chunks", "compress", "--overdue", "--yes")
        assert done.returncode == 1
        assert "somebody else" in done.stderr
        assert f"{OVERDUE} compressed, 0 skipped, 1 failed, 0 left" in done.stderr
    finally:
        with timeseries_database.as_admin() as admin:
            admin.execute("drop table theirs")


@contextmanager
def at_a_terminal(environment: dict[str, str], *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The command with somebody at its keyboard, and the keyboard."""
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "supra_console", *arguments],
        env=environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(terminal)
    with process:
        try:
            yield process, keyboard
        finally:
            process.kill()
            os.close(keyboard)


def heard(process: subprocess.Popen[str], text: str) -> str:
    """What the process says on standard error, up to a text."""
    assert process.stderr is not None
    said = ""
    while text not in said:
        character = process.stderr.read(1)
        assert character, said
        said += character
    return said


@pytest.mark.usefixtures("overdue", "as_dba")
@pytest.mark.parametrize(("typed", "after"), [("no\n", OVERDUE), ("\n", OVERDUE), ("yes\n", 0)])
def test_only_a_typed_yes_starts_it(run: Command, environment: dict[str, str], typed: str, after: int) -> None:
    with at_a_terminal(environment, "chunks", "compress", "--overdue") as (process, keyboard):
        assert f"Compress {OVERDUE} chunks" in heard(process, "Type yes: ")
        os.write(keyboard, typed.encode())
        output, _errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.count("supra.compress_chunk") == OVERDUE
    assert left(run) == after


@pytest.mark.usefixtures("overdue", "as_dba")
def test_ctrl_c_at_the_question_leaves_everything_as_it_is(run: Command, environment: dict[str, str]) -> None:
    with at_a_terminal(environment, "chunks", "compress", "--overdue") as (process, _keyboard):
        heard(process, "Type yes: ")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert left(run) == OVERDUE


@pytest.mark.usefixtures("overdue", "as_dba")
def test_ctrl_c_between_chunks_keeps_what_is_done_and_says_how_to_go_on(
    run: Command, environment: dict[str, str]
) -> None:
    with at_a_terminal(environment, "chunks", "compress", "--overdue", "--yes") as (process, _keyboard):
        heard(process, f"1/{OVERDUE}")
        process.send_signal(signal.SIGINT)
        _output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "The same command goes on" in errors
    assert 0 < left(run) < OVERDUE
    assert run("chunks", "compress", "--overdue", "--yes").returncode == 0
    assert left(run) == 0


@pytest.mark.usefixtures("overdue")
async def test_a_server_that_goes_away_leaves_what_is_done_and_says_so(
    environment: dict[str, str], run: Command, timeseries_database: TimeseriesDatabase
) -> None:
    import asyncio

    there: dict[str, Any] = conninfo_to_dict(timeseries_database.admin)
    async with broken_line(str(there["host"]), int(there["port"])) as line:
        profile(environment, timeseries_database.admin, user="demo_dba", port=str(line.port))
        with timeseries_database.sign_in("demo_dba"):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "supra_console", "chunks", "compress", "--overdue", "--yes"),
                env=environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            assert process.stderr is not None
            first = await process.stderr.readline()
            line.refusing = True
            line.cut()
            _output, rest = await process.communicate()
    errors = (first + rest).decode()
    assert process.returncode == 2, errors
    assert "1 compressed" in errors
    assert "The same command goes on" in errors
    profile(environment, timeseries_database.admin, user="demo_dba")
    with timeseries_database.sign_in("demo_dba"):
        assert 0 < left(run) < OVERDUE


# ---------------------------------------------------------------------- who may, and where


@pytest.mark.usefixtures("overdue")
def test_an_operator_may_look_and_not_act(
    run: Command, environment: dict[str, str], timeseries_database: TimeseriesDatabase
) -> None:
    profile(environment, timeseries_database.admin, user="demo_operator")
    with timeseries_database.sign_in("demo_operator"):
        assert run("chunks").returncode == 0
        assert left(run) == OVERDUE
        for refused in (["compress", "--overdue", "--yes"], ["advise", "meter_readings"]):
            done = run("chunks", *refused)
            assert done.returncode == 2
            assert "DBA" in done.stderr


def test_the_apache_edition_shows_what_it_has_and_compresses_nothing(
    run: Command, environment: dict[str, str], shared_database: TestDatabase
) -> None:
    profile(environment, shared_database.sign_in("demo_dba"))
    done = run("chunks")
    assert done.returncode == 0
    assert "timeseries.meter_readings" in done.stdout
    assert "Apache" in done.stderr
    for impossible in (["compress", "--overdue", "--yes"], ["advise", "meter_readings"]):
        done = run("chunks", *impossible)
        assert (done.returncode, done.stdout) == (2, "")
        assert "cannot compress" in done.stderr


def test_a_server_without_timescaledb_still_shows_its_partitions(
    run: Command, environment: dict[str, str], database: TestDatabase
) -> None:
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute("drop extension timescaledb cascade")
    profile(environment, database.sign_in("demo_dba"))
    done = run("chunks")
    assert done.returncode == 0
    assert "without TimescaleDB" in done.stdout
    assert "public.communications" in done.stdout
    assert run("chunks", "jobs").stdout == "No jobs.\n"
    assert run("chunks", "compress", "--overdue", "--yes").returncode == 2
