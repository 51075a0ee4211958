"""The command line as a process of its own, with the profiles and the home of one test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from supra_console.display import is_safe

Command = Callable[..., subprocess.CompletedProcess[str]]


def runner(environment: dict[str, str]) -> Command:
    """Run the command; what it writes never drives a terminal and never is a traceback."""

    def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "supra_console", *arguments],
            env=environment | variables,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=120,
        )
        assert is_safe((done.stdout + done.stderr).replace("\n", ""))
        assert "Traceback" not in done.stderr
        return done

    return command


def profile(environment: dict[str, str], dsn: str, **changes: str) -> None:
    """Write a profile `demo` that leads there."""
    values = {key: str(value) for key, value in conninfo_to_dict(dsn).items()} | changes
    path = Path(environment["SUPRA_PROFILES"])
    path.write_text("[profiles.demo]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    path.chmod(0o600)
