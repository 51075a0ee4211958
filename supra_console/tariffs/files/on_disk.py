"""How does a text get from a file or standard input, and whole into a file or not at all?"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from supra_console.display import safe
from supra_console.errors import InvalidInput
from supra_console.i18n import _

MAX_BYTES = 4 * 1024 * 1024
"""A tariff of 100 blocks and 50 concepts is some 20 kB; 10,000 blocks still get to the rule that refuses them."""

STDIN = "-"


def save(path: str, text: str) -> None:
    """Write a file whole or not at all; one that is there is replaced.

    Raises:
        InvalidInput: it cannot be written there.
    """
    temporary = None
    try:
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            raise IsADirectoryError
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(temporary).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(temporary).replace(target)
    except (OSError, ValueError, RuntimeError) as error:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()
        if isinstance(error, FileNotFoundError):
            folder = safe(str(Path(path).parent), 200)
            raise InvalidInput(
                _("There is no folder {name}").format(name=folder), _("Make it first, or choose another name.")
            ) from None
        raise _trouble(path, error) from None


def text_of(source: str) -> str:
    """The text of a file, without the mark some editors put in front.

    One that is too long is refused after as many bytes, so that a device that never ends does no harm.
    """
    try:
        if source == STDIN:
            read = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                read = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _trouble(source, error) from None
    if len(read) > MAX_BYTES:
        raise InvalidInput(
            _("The file is too long for a tariff"), _("At most {size} MB are read.").format(size=MAX_BYTES >> 20)
        )
    try:
        return str(read, "utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            _("The file is not text in UTF-8"), _("Save it as UTF-8 (in a spreadsheet: “CSV UTF-8”).")
        ) from None


def _trouble(source: str, error: Exception) -> InvalidInput:
    name = safe(source, 200) or "“”"
    if isinstance(error, FileNotFoundError):
        return InvalidInput(_("There is no file {name}").format(name=name), _("Check the name, and where you are."))
    if isinstance(error, IsADirectoryError):
        return InvalidInput(_("{name} is no file").format(name=name), _("Give the file of one tariff."))
    if isinstance(error, PermissionError):
        return InvalidInput(_("{name} may not be opened").format(name=name), _("Ask whoever it belongs to."))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return InvalidInput(_("{name} could not be written").format(name=name), _("There is no room left for it."))
    return InvalidInput(_("{name} cannot be opened").format(name=name), _("Check the name and try again."))
