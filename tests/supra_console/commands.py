"""The command line as a process of its own, with the profiles and the home of one test."""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import pty
import subprocess
import sys
import termios
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


def on_a_terminal(environment: dict[str, str], answers: list[str], *arguments: str) -> tuple[int, str]:
    """Run the command with a terminal of its own, answer its prompts, and return status and what was on it."""
    leader, follower = pty.openpty()

    def take_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", "supra_console", *arguments],
        env=environment,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        preexec_fn=take_the_terminal,
    )
    os.close(follower)
    seen, decoder = "", codecs.getincrementaldecoder("utf-8")()  # a block may end inside a character
    waiting = list(answers)
    while True:
        try:
            block = os.read(leader, 4096)
        except OSError:  # the last process has closed it
            break
        seen += decoder.decode(block)
        if waiting and seen.endswith(": "):
            seen += "\n"
            os.write(leader, waiting.pop(0).encode() + b"\n")
    os.close(leader)
    return process.wait(), seen
