"""The console as a process on a real terminal: how it starts, is ended, and breaks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import DEMO_PASSWORD, REPOSITORY, TestDatabase

PATIENCE = 90.0  # seconds until a test gives up; nothing here takes nearly as long
CONSOLE = (sys.executable, "-m", "supra_console")


class Terminal:
    """A process on a pseudo-terminal of 80 by 24."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str]) -> None:
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(REPOSITORY)
            os.execve(command[0], command, environment)  # noqa: S606  -- the console itself
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.sent = b""
        self.status: int | None = None

    def read(self, seconds: float) -> bool:
        """Read what comes within so many seconds; False when nothing did."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.sent += data
        return bool(data)

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.text:
            assert time.monotonic() < deadline, f"{text!r} never came: {self.text[-2000:]}"
            self.read(0.2)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self, number: int | None = None) -> int:
        """Send a signal (or none) and wait for the end; the exit status, negative for a signal."""
        if number is not None:
            os.kill(self.pid, number)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0.05):
                    pass
                self.status = os.waitstatus_to_exitcode(status)
                return self.status
        raise AssertionError("the process does not end")

    @property
    def text(self) -> str:
        """What was sent, without the escape sequences; its end may be half a character."""
        return re.sub(
            r"\x1b\[[0-9;?<>=$]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[=>78]", "", self.sent.decode(errors="replace")
        )

    def close(self) -> None:
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        with contextlib.suppress(OSError):
            os.close(self.master)


@pytest.fixture
def environment(tmp_path: Path, shared_database: TestDatabase) -> dict[str, str]:
    """A profile of the demo clerk, with the password where libpq looks for it."""
    values = conninfo_to_dict(shared_database.admin)
    host, port = values.get("host", "127.0.0.1"), values.get("port", "5432")
    escaped = DEMO_PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"*:*:*:demo_clerk:{escaped}\n", "utf-8")
    passfile.chmod(0o600)
    profiles = tmp_path / "profiles.toml"
    profiles.write_text(
        f'[profiles.demo]\nhost = "{host}"\nport = {port}\ndbname = "{shared_database.name}"\n'
        f'user = "demo_clerk"\npassfile = "{passfile}"\n'
    )
    profiles.chmod(0o600)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SUPRA_", "LC_", "LANG"))}
    return own | {
        "SUPRA_PROFILES": str(profiles),
        "SUPRA_LOG_DIR": str(tmp_path),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(REPOSITORY),
    }


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def started(terminals: list[Terminal], environment: dict[str, str], *command: str) -> Terminal:
    terminal = Terminal(command or CONSOLE, environment)
    terminals.append(terminal)
    return terminal


def signed_in(terminals: list[Terminal], environment: dict[str, str]) -> Terminal:
    terminal = started(terminals, environment)
    terminal.wait_for("demo_clerk")
    return terminal


# ---------------------------------------------------------------------- starting


def test_the_first_frame_needs_textual_alone() -> None:
    heavy = ("psycopg", "sqlalchemy", "pydantic", "keyring", "babel", "markdown_it", "textual.widgets._data_table")
    script = "import sys; import screens.app, screens.accounts.lookup; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert not {name for name in heavy if name in done.stdout.split()}


def test_what_is_typed_before_the_sign_in_is_searched(terminals: list[Terminal], environment: dict[str, str]) -> None:
    terminal = started(terminals, environment)
    terminal.wait_for("Find an account")
    terminal.press("zzzzqqqq\r")
    terminal.wait_for("No account matches")


def test_idle_it_sends_nothing_and_starting_it_sends_one_screen(
    terminals: list[Terminal], environment: dict[str, str]
) -> None:
    terminal = signed_in(terminals, environment)
    deadline = time.monotonic() + PATIENCE
    while terminal.read(1.5):  # a cursor that blinks, or a clock, would never leave it silent for so long
        assert time.monotonic() < deadline
    assert len(terminal.sent) < 9000


# ---------------------------------------------------------------------- ending

RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")


def test_ctrl_q_ends_it_well(terminals: list[Terminal], environment: dict[str, str]) -> None:
    terminal = signed_in(terminals, environment)
    terminal.press("\x11")
    assert terminal.end() == 0
    assert all(sequence in terminal.sent for sequence in RESTORED)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_restored(
    number: signal.Signals, terminals: list[Terminal], environment: dict[str, str]
) -> None:
    terminal = signed_in(terminals, environment)
    assert terminal.end(number) == 128 + number
    last_frame = terminal.sent.rindex(b"demo_clerk")
    assert all(sequence in terminal.sent[last_frame:] for sequence in RESTORED)
    assert "Traceback" not in terminal.text


def test_a_signal_while_signing_in_ends_it_too(terminals: list[Terminal], environment: dict[str, str]) -> None:
    terminal = started(terminals, environment)
    terminal.wait_for("Find an account")
    assert terminal.end(signal.SIGTERM) == 128 + signal.SIGTERM


def test_a_terminal_that_goes_away_ends_it(terminals: list[Terminal], environment: dict[str, str]) -> None:
    terminal = signed_in(terminals, environment)
    os.close(terminal.master)
    deadline = time.monotonic() + PATIENCE
    while os.waitpid(terminal.pid, os.WNOHANG)[0] == 0:
        assert time.monotonic() < deadline
        select.select([], [], [], 0.05)
    terminal.status = 0


# ---------------------------------------------------------------------- breaking

BREAKS = """
import sys
from supra_console import cli
from screens.accounts.lookup import LookupScreen

def action_clear(self):
    password = "hunter2-and-a-CURP"
    raise ValueError(password)

LookupScreen.action_clear = action_clear
LookupScreen.check_action = lambda self, action, parameters: True
sys.exit(cli.main([]))
"""


def test_an_error_nobody_foresaw_leaves_one_line_a_log_and_status_70(
    terminals: list[Terminal], environment: dict[str, str], tmp_path: Path
) -> None:
    terminal = started(terminals, environment, sys.executable, "-c", BREAKS)
    terminal.wait_for("demo_clerk")
    terminal.press("\x1b")
    assert terminal.end() == 70
    after = terminal.sent[terminal.sent.rindex(b"\x1b[?1049l") :].decode()
    found = re.search(r"reference ([0-9A-Z]{4}-[0-9A-Z]{4})", after)
    assert found
    assert "Traceback" not in terminal.text
    assert "hunter2" not in terminal.text
    log = (tmp_path / "console.log").read_text("utf-8")
    assert found.group(1) in log
    assert "ValueError" in log
    assert "hunter2" not in log


# ---------------------------------------------------------------------- terminals that cannot


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"TERM": "dumb"}, "cannot move its cursor"),
        ({"PYTHONIOENCODING": "iso8859-1"}, "not UTF-8"),
    ],
)
def test_a_terminal_that_cannot_show_it_is_refused_in_one_line(
    changes: dict[str, str], words: str, terminals: list[Terminal], environment: dict[str, str]
) -> None:
    terminal = started(terminals, environment | changes)
    assert terminal.end() == 2
    assert words in terminal.text
    assert b"\x1b" not in terminal.sent
    assert len(terminal.text.strip().splitlines()) == 1


def test_without_a_terminal_it_says_what_to_use_instead(environment: dict[str, str]) -> None:
    done = subprocess.run(
        CONSOLE, cwd=REPOSITORY, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "--json" in done.stderr
    assert done.stdout == ""
