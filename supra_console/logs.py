"""What happened, for those who help, without what was in it?

One rotating file in the user's log folder. No value from the database, no statement
parameter and no password reaches it: an exception is written as its type, SQLSTATE,
constraint and the lines of code it went through; a line of somebody else's library as its
template, without what was to be filled in.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from pathlib import Path

FOLDER_VARIABLE = "SUPRA_LOG_DIR"
SIZE = 1_000_000  # bytes, after which the file becomes the older one
OURS = ("supra_console", "queries", "screens")
LEVELS = ("debug", "info", "warning", "error")

# Without letters and digits that are mistaken for one another when read out over a telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def log_path() -> Path:
    """The log file: in the user's log folder, or in `SUPRA_LOG_DIR`."""
    override = os.environ.get(FOLDER_VARIABLE)
    if override:
        return Path(override).expanduser() / "console.log"
    from platformdirs import user_log_path

    return user_log_path("supra-console") / "console.log"


def reference() -> str:
    """A number a person can read out, and support can find in the log: `K7Q2-M9XD`."""
    number = int.from_bytes(os.urandom(8))
    letters = [_ALPHABET[number // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


class _Formatter(logging.Formatter):
    """Lines without values."""

    def format(self, record: logging.LogRecord) -> str:
        when = self.formatTime(record)
        if record.name.split(".")[0] in OURS:
            text = record.getMessage()
        elif record.name == "py.warnings":
            text = ": ".join(record.getMessage().split(": ", 2)[:2])  # place and kind, not the text
        else:
            # A template alone: what libraries fill in may be a statement's parameter or a row.
            text = str(record.msg).partition("\n")[0] if isinstance(record.msg, str) else ""
        line = f"{when} {record.process} {record.levelname} {record.name}: {text}"
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + describe(record.exc_info[1])
        return line.replace("\x1b", "␛")


def describe(error: BaseException) -> str:
    """An exception and its causes, by type, codes and places in the code; no text, no locals."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        codes = [str(getattr(current, "sqlstate", None) or "")]
        named = getattr(getattr(current, "diag", None), "constraint_name", None) or getattr(current, "constraint", None)
        codes.append(str(named or ""))
        lines.append(
            "  " + " ".join([f"{type(current).__module__}.{type(current).__qualname__}", *filter(None, codes)])
        )
        frames = traceback.extract_tb(current.__traceback__)
        lines.extend(f"    {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        if isinstance(current, BaseExceptionGroup):
            lines.extend(describe(member) for member in current.exceptions)
        inner = getattr(current, "error", None)  # of a worker that failed, where Textual keeps what failed in it
        if isinstance(inner, BaseException) and id(inner) not in seen:
            lines.append(describe(inner))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


class _RotatingFile(logging.Handler):
    """A file and one older one. (logging.handlers costs 16 ms to import: it knows about sockets.)"""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record) + "\n"
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.path.exists() and self.path.stat().st_size > SIZE:
                self.path.replace(self.path.with_suffix(".1.log"))
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(line)
        except Exception:  # a full disk or a read-only home must not end the work; nothing to tell it to
            return


def setup(level: str = "warning") -> None:
    """Send every log line of the process to the file, and none to the terminal.

    Args:
        level: one of LEVELS; `debug` and `info` are still without values.
    """
    handler = _RotatingFile(log_path())
    handler.setFormatter(_Formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.raiseExceptions = False
    logging.captureWarnings(True)


def report(error: BaseException, doing: str = "") -> str:
    """Write an error that nobody expected to the log.

    Args:
        error: the exception; its text is not written.
        doing: what was going on, in our own words.

    Returns:
        The reference number that the person is shown.
    """
    number = reference()
    logging.getLogger("supra_console.crash").error(
        "%s python %s %s", number, ".".join(map(str, sys.version_info[:3])), doing, exc_info=error
    )
    return number
