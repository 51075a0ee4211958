"""The console's neighbours on the same server: pgcli, pg_activity and Harlequin, each in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from bench.terminal import Program

REQUIREMENTS = {"pgcli": "pgcli", "pg_activity": "pg_activity[psycopg]", "harlequin": "harlequin[postgres]"}


def cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "supra-console" / "bench-peers"


def install(name: str, report: Callable[[str], None]) -> Path | None:
    """The folder of the neighbour's programs; None if it cannot be had, which is said."""
    home = cache() / name
    if (home / "complete").exists():
        return home / "bin"
    report(f"peers: installing {name}")
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(home)], [*pip, REQUIREMENTS[name]]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            report(f"peers: {name} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
            return None
    (home / "complete").touch()
    return home / "bin"


def programs(dsn: str, report: Callable[[str], None]) -> list[Program]:
    """Those that can be had, signed in to the database as the given role."""
    way = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    signed_in = {"PGPASSWORD": way["password"], "COLUMNS": "80", "LINES": "24"}
    options = ["-h", way["host"], "-p", way["port"], "-U", way["user"], "-d", way["dbname"]]
    address = f"postgresql://{way['user']}@{way['host']}:{way['port']}/{way['dbname']}"
    wanted = {
        "pgcli": (["pgcli", *options], f"{way['dbname']}>"),
        "pg_activity": (["pg_activity", *options], "RUNNING QUERIES"),
        "harlequin": (["harlequin", "-a", "postgres", address], "Data Catalog"),
    }
    found = []
    for name, (command, marker) in wanted.items():
        folder = install(name, report)
        if folder is not None:
            found.append(Program(name, [str(folder / command[0]), *command[1:]], marker, marker, signed_in, ours=False))
    return found
