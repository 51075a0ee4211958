"""The log helps and betrays nothing; a crash is one line and exit status 70."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from textual.worker import WorkerFailed

from supra_console import crash, logs
from supra_console.errors import StaleRow

SECRET = "GOCA800101MQTXXX09"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    monkeypatch.setenv("SUPRA_LOG_DIR", str(tmp_path / "log"))
    logs.setup("debug")
    yield logs.log_path()
    logging.captureWarnings(False)
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


def test_an_exception_is_written_without_its_text_or_locals(log: Path, server: str) -> None:
    with psycopg.connect(server) as connection:
        connection.execute("create temp table t (curp text constraint one_person_each primary key)")
        try:
            connection.execute("insert into t values (%(curp)s), (%(curp)s)", {"curp": SECRET})
        except psycopg.Error as error:
            number = logs.report(error, "saving")
    text = log.read_text()
    assert number in text
    assert "psycopg.errors.UniqueViolation 23505 one_person_each" in text
    assert "test_logs.py" in text
    assert SECRET not in text


def test_the_error_of_a_worker_is_written_with_where_it_was(log: Path) -> None:
    def fails() -> None:
        raise ZeroDivisionError(SECRET)

    try:
        try:
            fails()
        except ZeroDivisionError as error:
            failed = WorkerFailed(error)
        raise failed
    except WorkerFailed as error:
        logs.report(error)
    text = log.read_text()
    assert "builtins.ZeroDivisionError" in text
    assert " fails" in text
    assert SECRET not in text


def test_the_cause_and_the_members_of_a_group_are_written_too(log: Path) -> None:
    try:
        try:
            dict[str, str]()[SECRET]
        except KeyError as cause:
            raise ExceptionGroup(SECRET, [ValueError(SECRET)]) from cause
    except ExceptionGroup as error:
        logs.report(error)
    text = log.read_text()
    assert all(name in text for name in ("ExceptionGroup", "ValueError", "KeyError"))
    assert SECRET not in text


def test_libraries_write_templates_without_what_fills_them(log: Path) -> None:
    logging.getLogger("psycopg.pool").warning("error connecting in %r: %s", "pool", SECRET)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: %s" % SECRET)  # noqa: UP031
    with warnings.catch_warnings(action="always"):
        logging.captureWarnings(True)
        warnings.warn(SECRET, stacklevel=1)
    text = log.read_text()
    assert "error connecting in %r: %s" in text
    assert "Task exception was never retrieved" in text
    assert SECRET not in text


def test_our_own_lines_are_written_whole(log: Path) -> None:
    logging.getLogger("screens.accounts").info("searched in %d ms", 12)
    assert "searched in 12 ms" in log.read_text()


def test_the_log_belongs_to_its_owner_alone(log: Path) -> None:
    logging.getLogger("supra_console").error("x")
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.parent.stat().st_mode & 0o777 == 0o700


def test_the_log_turns_over(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "SIZE", 1000)
    for number in range(100):
        logging.getLogger("supra_console").error("line %d", number)
    assert {path.name for path in log.parent.iterdir()} == {"console.log", "console.1.log"}
    assert log.stat().st_size <= 1100
    assert "line 99" in log.read_text()


def test_a_log_that_cannot_be_written_stops_nothing(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log.parent.parent.joinpath("file").write_text("")
    monkeypatch.setenv("SUPRA_LOG_DIR", str(log.parent.parent / "file" / "log"))
    logs.setup("debug")
    logging.getLogger("supra_console").error("x")
    assert logs.report(ValueError("x"))
    assert capsys.readouterr().err == ""


def test_a_reference_number_can_be_read_out() -> None:
    numbers = {logs.reference() for _ in range(200)}
    assert len(numbers) == 200
    assert all(len(number) == 9 and number[4] == "-" and not set(number) & set("01IOLU") for number in numbers)


def test_a_crash_is_one_line_without_values_and_status_70(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        password = SECRET
        raise RuntimeError(password)

    assert crash.run(work) == 70
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert SECRET not in line
    assert "Traceback" not in line
    number = next(word.strip(",.") for word in line.split() if len(word.strip(",.")) == 9 and "-" in word)
    assert number in log.read_text()


def test_even_a_broken_log_leaves_one_line(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logs, "report", lambda _error: 1 // 0)
    assert crash.run(lambda: int("x")) == 70
    assert capsys.readouterr().err == "supra-console stopped: an error nobody foresaw.\n"


def test_what_can_be_explained_is_explained(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise StaleRow

    assert crash.run(work) == 2
    assert "Somebody else changed this record" in capsys.readouterr().err


def test_an_interrupt_is_quiet(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise KeyboardInterrupt

    assert crash.run(work) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("where", ["main", "thread", "after", "reader gone"])
def test_no_process_prints_a_traceback(where: str, tmp_path: Path) -> None:
    program = f"""
import sys, threading
from supra_console import crash, logs
crash.install(); logs.setup()
def boom(secret='{SECRET}'):
    raise RuntimeError(secret)
def thread():
    t = threading.Thread(target=boom); t.start(); t.join(); return 3
def reader():
    while True: print('x' * 10000)
where = sys.argv[1]
status = crash.run({{'main': boom, 'thread': thread, 'after': lambda: 3, 'reader gone': reader}}[where])
if where == 'after': boom()
sys.exit(status)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, where],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"SUPRA_LOG_DIR": str(tmp_path), "PYTHONPATH": str(Path(crash.__file__).parent.parent)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    status = process.wait()
    assert status == {"main": 70, "thread": 3, "after": 1, "reader gone": 141}[where]
    assert "Traceback" not in errors
    assert SECRET not in errors
    if where not in ("after", "main"):
        assert errors == ""
    if where != "reader gone":
        assert "RuntimeError" in (tmp_path / "console.log").read_text()


def test_the_terminal_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "__stdout__", terminal)
    crash.restore_terminal()
    written = terminal.getvalue()
    assert written.index("\x1b[?1049l") < written.index("\x1b[?25h")
    assert "\x1b[?1000l" in written
