"""scripts/timescaledb: the demo's server lives until `down`, keeps its data and everybody's role, and meets nobody."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests import timescale

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "timescaledb"


class Runner:
    """Runs the script with a state folder of its own."""

    def __init__(self, state: Path) -> None:
        self.home = state / "supra-console" / "timescaledb"
        self.environment = {**os.environ, "XDG_STATE_HOME": str(state)}

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, SCRIPT, *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def url(self) -> str:
        done = self("up")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def pid(self) -> int:
        return int(json.loads((self.home / "instance.json").read_text())["pid"])


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path)
    yield runner
    assert runner("down", "--erase").returncode == 0


def value(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return row[0]


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_the_server_outlives_the_script_and_keeps_data_and_address_and_signs_everybody_in(script: Runner) -> None:
    url = script.url()
    assert value(url, "select session_user") == "postgres"  # nobody made the role yet
    run(
        url,
        "create role demo_dba login",
        "create table kept as select 'data' as what",
        "grant select on kept to public",
    )
    assert script.url() == url
    assert script("down").returncode == 0
    assert script("status").returncode == 1
    assert script.url() == url
    assert value(url, "select what from kept") == "data"
    assert value(url, "select session_user") == "demo_dba"
    assert "up on 127.0.0.1" in script("status").stdout


def test_data_that_cannot_be_opened_after_a_server_was_killed_is_made_anew(script: Runner) -> None:
    url = script.url()
    run(url, "create table lost ()")
    os.kill(script.pid, signal.SIGKILL)
    (script.home / "data" / "global" / "pg_control").write_bytes(b"")
    assert value(script.url(), "select to_regclass('lost')") is None


def test_data_of_another_schema_is_made_anew(script: Runner) -> None:
    url = script.url()
    run(url, "create table older ()")
    path = script.home / "instance.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "recipe": "another"}))
    assert value(script.url(), "select to_regclass('older')") is None


def test_a_port_that_somebody_took_is_left_to_them(script: Runner) -> None:
    first = script.url()
    script("down")
    port = int(str(conninfo_to_dict(first)["port"]))
    with socket.create_server(("127.0.0.1", port)):
        second = script.url()
        assert conninfo_to_dict(second)["port"] != str(port)
        assert value(second, "select 1") == 1


def test_a_process_that_got_the_number_since_is_not_ours(script: Runner) -> None:
    script.home.mkdir(parents=True)
    (script.home / "instance.json").write_text(json.dumps({"port": 1, "pid": os.getpid(), "recipe": "x"}))
    assert script("status").returncode == 1
    assert script("down").returncode == 0  # and we are still here


def test_without_its_packages_one_line_says_what_is_missing(script: Runner, tmp_path: Path) -> None:
    nowhere = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_fetch_retries": "0"}
    done = script("up", XDG_CACHE_HOME=str(tmp_path / "cache"), **nowhere)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "demo-timescale" in done.stderr


def test_a_role_that_is_not_there_signs_nobody_in(tmp_path: Path) -> None:
    with timescale.running(None, "--sign-in", 'no"body; drop') as dsn:
        assert value(dsn, "select session_user") == "postgres"
        run(dsn, 'create role "no""body; drop" login')
    with timescale.running(tmp_path / "data") as dsn:
        run(dsn, 'create role "no""body; drop" login')
    with timescale.running(tmp_path / "data", "--sign-in", 'no"body; drop') as dsn:
        assert value(dsn, "select session_user") == 'no"body; drop'
