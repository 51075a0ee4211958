"""scripts/localdb: a server of its own, nobody else's port, and no process left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "localdb"


class Runner:
    """Runs the script with a state folder of its own, on a machine where no server is named."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {key: value for key, value in os.environ.items() if key != "SUPRA_DATABASE_URL"}
        self.environment["XDG_STATE_HOME"] = str(state)

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, SCRIPT, *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def url(self, *arguments: str) -> str:
        done = self("up", "--instance", "mine", "--throwaway", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def localdb(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path)
    yield runner
    runner("down", "--instance", "mine", "--erase")


def wait_until_down(localdb: Runner, seconds: float = 90) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if localdb("status", "--instance", "mine").returncode == 1:
            return True
    return False


def server_id(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select system_identifier::text from pg_control_system()").fetchone()
        assert row is not None
        return str(row[0])


def test_a_named_server_is_used_and_left_alone(localdb: Runner) -> None:
    named = "postgresql://somebody@db.example/postgres"
    assert localdb("up", SUPRA_DATABASE_URL=named).stdout.strip() == named
    assert localdb("down", SUPRA_DATABASE_URL=named).returncode == 0
    assert not list(localdb.state.iterdir())


def test_an_instance_that_was_never_started_is_down(localdb: Runner) -> None:
    done = localdb("status", "--instance", "mine")
    assert (done.returncode, done.stderr) == (1, "instance 'mine' is down\n")


def test_the_server_keeps_its_data_and_address_over_a_restart(localdb: Runner) -> None:
    first = localdb.url()
    identifier = server_id(first)
    assert localdb("down", "--instance", "mine").returncode == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first)
    second = localdb.url()
    assert second == first
    assert server_id(second) == identifier


def test_two_starts_at_once_give_one_server(localdb: Runner) -> None:
    with ThreadPoolExecutor(2) as threads:
        urls = set(threads.map(lambda _: localdb.url(), range(2)))
    assert len(urls) == 1


def test_a_port_taken_meanwhile_is_left_to_whoever_took_it(localdb: Runner) -> None:
    first = localdb.url()
    localdb("down", "--instance", "mine")
    port = conninfo_to_dict(first)["port"]
    with socket.create_server(("127.0.0.1", int(str(port)))):
        second = localdb.url()
        assert second != first
        server_id(second)


def test_a_half_made_data_folder_is_made_again(localdb: Runner) -> None:
    home = localdb.state / "supra-console" / "localdb" / "mine"
    (home / "data").mkdir(parents=True)
    (home / "data" / "PG_VERSION").write_text("17\n")
    server_id(localdb.url())


def test_the_server_ends_with_the_process_it_was_started_for(localdb: Runner) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        localdb.url("--pooler", "--until-exit-of", str(owner.pid))
        assert localdb("status", "--instance", "mine").returncode == 0
    assert wait_until_down(localdb)


def test_without_root_it_names_the_alternatives(localdb: Runner) -> None:
    as_nobody = (
        "import importlib.machinery, importlib.util, os, sys\n"
        "loader = importlib.machinery.SourceFileLoader('localdb', sys.argv[1])\n"
        "module = importlib.util.module_from_spec(importlib.util.spec_from_loader('localdb', loader))\n"
        "sys.modules['localdb'] = module\n"
        "loader.exec_module(module)\n"
        "os.geteuid() or os.setuid(65534)\n"
        "sys.argv[1:] = ['up']\n"
        "sys.exit(module.main())\n"
    )
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", as_nobody, SCRIPT],
            env={"PATH": os.environ["PATH"], "HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    for wanted in ("needs root", "SUPRA_DATABASE_URL", "Docker"):
        assert wanted in done.stderr
