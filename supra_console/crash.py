"""What does a person see when the console fails in a way nobody foresaw?

One line with a reference number, on a terminal that works again, and exit status 70. No
traceback: it would show passwords and CURPs that happened to be in local variables.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from supra_console import logs
from supra_console.display import safe
from supra_console.error_translation import translate
from supra_console.errors import SupraError
from supra_console.i18n import N_, _

CRASHED = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130
BROKEN_PIPE = 141

# Leave the alternate screen; show the cursor; no mouse, focus or paste reports; plain keys; plain colours.
_RESTORE = (
    "\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"
    "\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
)

# How the operating system says that nothing more can be written where the answer goes.
_UNWRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}

_terminal: tuple[int, list[Any]] | None = None


class Unwritten(SupraError):
    """Standard output takes no more."""

    TITLE = N_("The answer could not be written")
    ADVICE = N_("The disk is full, or standard output is closed.")


def install() -> None:
    """Remember the terminal as it is, and let nothing print a traceback."""
    global _terminal
    _reopen_closed()
    with contextlib.suppress(Exception):  # no terminal, or no termios (Windows)
        import termios

        _terminal = (0, termios.tcgetattr(0))
    sys.excepthook = _on_exception
    threading.excepthook = _on_thread_exception
    sys.unraisablehook = _on_unraisable


def _reopen_closed() -> None:
    """Put something where whoever started us closed a stream (`>&-`), lest the next file to be opened stands there.

    Input ends at once and complaints are lost; an answer fails to be written, as it would on a full disk.
    """
    for name, flags, mode in (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, flags), mode, encoding="utf-8"))  # noqa: SIM115


def restore_terminal() -> None:
    """Give the terminal back as it was before the app, as far as that can be done from outside."""
    with contextlib.suppress(Exception):
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            sys.__stdout__.write(_RESTORE)
            sys.__stdout__.flush()
    if _terminal is not None:
        with contextlib.suppress(Exception):
            import termios

            termios.tcsetattr(_terminal[0], termios.TCSANOW, _terminal[1])


def message(error: BaseException) -> str:
    """The one line for an error nobody foresaw; the rest is in the log under its reference number."""
    try:
        return _told(error)
    except Exception:  # out of memory, or broken itself: still one line, still without values
        return "supra-console stopped: an error nobody foresaw."


def _told(error: BaseException) -> str:
    number = logs.report(error)
    return _("supra-console stopped: an error nobody foresaw, reference {number}. It is written to {path}.").format(
        number=number, path=safe(logs.log_path())
    )


def run(work: Callable[[], int], *, on_terminal: bool = False) -> int:
    """Do the work of a command and turn whatever it raises into one line and an exit status.

    Args:
        work: the command; returns its exit status.
        on_terminal: whether it takes the terminal over, which then has to be given back.

    Returns:
        The command's status; 2 (or the error's own) for what can be explained; 70 for a crash.
    """
    try:
        status = work()
        # What is still on its way fails here, and not where the interpreter ends.
        sys.stdout.flush()
    except SystemExit:
        raise
    except KeyboardInterrupt:
        if on_terminal:
            restore_terminal()
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): no complaint.
        _let_go()
        return BROKEN_PIPE
    except BaseException as error:
        if on_terminal:
            restore_terminal()
        elif isinstance(error, OSError) and error.errno in _UNWRITTEN and error.filename is None:
            complain(Unwritten())
            _let_go()
            return Unwritten.exit_status
        explained = _explained(error)
        if explained is not None:
            complain(explained)
            return explained.exit_status
        _print(message(error))
        return CRASHED
    return status


def _let_go() -> None:
    """Lose what cannot be written, so that the interpreter's last flush has nothing to complain about."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def complain(error: SupraError) -> None:
    """Title, advice and codes on standard error."""
    _print(f"supra-console: {safe(str(error))}")


def _explained(error: BaseException) -> SupraError | None:
    """The error in our words, if it is ours or the database's; None for a crash."""
    if isinstance(error, SupraError):
        return error
    psycopg = sys.modules.get("psycopg")
    if psycopg is not None and isinstance(error, psycopg.OperationalError | psycopg.errors.InsufficientPrivilege):
        return translate(error)
    return None


def _print(line: str) -> None:
    with contextlib.suppress(Exception):
        print(line, file=sys.stderr, flush=True)


def _on_exception(kind: type[BaseException], error: BaseException, trace: object) -> None:
    if not isinstance(error, KeyboardInterrupt):
        restore_terminal()
        _print(message(error))


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        logs.report(args.exc_value, "in a thread")


def _on_unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is not None:
        logs.report(args.exc_value, "while cleaning up")
