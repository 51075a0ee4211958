"""How does a tariff get out of a file, and into one?

A FILE is one tariff: as JSON with the columns of `tariff_schedules`, as CSV with a row for each block
(`csv_files`), or in the Open Water Rate Specification (`owrs`). Reading gives the plain values by column, which
`rules.examine` judges; nothing is guessed and nothing is repaired on the way.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from supra_console import jsonb
from supra_console.display import is_safe, safe
from supra_console.documents.base import DocumentError, Problem, plain
from supra_console.documents.billing import CONTENT, TariffInsert
from supra_console.errors import InvalidInput
from supra_console.i18n import _

MAX_BYTES = 4 * 1024 * 1024
"""A tariff of 100 blocks and 50 concepts is some 20 kB; 10,000 blocks still get to the rule that refuses them."""

STDIN = "-"

COLUMNS = CONTENT
"""What a file carries, in its order. State, approval and keys stay in the database."""


class Format(StrEnum):
    """In which form a file holds a tariff."""

    JSON = "json"
    CSV = "csv"
    OWRS = "owrs"


_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|.)")
_SUFFIXES = {".csv": Format.CSV, ".owrs": Format.OWRS, ".yaml": Format.OWRS, ".yml": Format.OWRS}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says.

    Attributes:
        raw: plain values by column, for `rules.examine`.
        notes: what of the file was left aside, translated; it holds nothing a terminal should not get.
    """

    raw: dict[str, object]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A tariff as the text of a file, and what of it that form could not hold (translated)."""

    text: str
    notes: tuple[str, ...] = ()


def format_of(source: str) -> Format:
    """The form a file's name promises; JSON unless it ends in .csv, .owrs, .yaml or .yml."""
    return _SUFFIXES.get(Path(source).suffix.lower(), Format.JSON)


def load(source: str, form: Format | None = None, *, customer_class: str | None = None) -> Reading:
    """The tariff in a file.

    Args:
        source: a path, or `-` for standard input.
        form: its form; None goes by the name.
        customer_class: which customer class of an OWRS file, where it has several.

    Raises:
        DocumentError: its cells do not hold what they must; each problem says where.
        InvalidInput: there is no such file, or it is not of this form at all.
    """
    return parse(_text(source), form or format_of(source), customer_class=customer_class)


def parse(text: str, form: Format, *, customer_class: str | None = None) -> Reading:
    """The tariff in the text of a file; raises as `load` does."""
    if form is Format.CSV:
        from supra_console.tariffs import csv_files

        return Reading(csv_files.read(text))
    if form is Format.OWRS:
        from supra_console.tariffs import owrs

        return owrs.read(text, customer_class)
    value = jsonb.read(text)
    if not isinstance(value, dict):
        raise DocumentError([Problem(_("The document"), _("must be an object with named fields"))])
    json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_refuse_doubles)
    return Reading(dict(value))


def _refuse_doubles(pairs: list[tuple[str, object]]) -> None:
    """Of two equal names JSON keeps the last; whoever wrote both meant one of them, and nobody knows which."""
    names: set[str] = set()
    for name, _value in pairs:
        if name in names:
            raise DocumentError([Problem(f"“{safe(name, 40)}”", _("stands twice in the same object"))])
        names.add(name)


def write(tariff: TariffInsert, form: Format) -> Written:
    """A tariff in one of the forms.

    Raises:
        InvalidInput: this form has no way to say what the tariff charges.
    """
    if form is Format.CSV:
        from supra_console.tariffs import csv_files

        return Written(csv_files.write(tariff))
    if form is Format.OWRS:
        from supra_console.tariffs import owrs

        return owrs.write(tariff)
    return Written(to_json(content(tariff)))


def content(tariff: TariffInsert) -> dict[str, object]:
    """The columns a file carries, as plain values; those without a value are left out."""
    values = plain(tariff)
    return {name: values[name] for name in COLUMNS if name in values}


def to_json(raw: Mapping[str, object]) -> str:
    """JSON with a line for each column, block and concept, and in it nothing that could drive a terminal.

    Raises:
        InvalidInput: a value has no form in JSON, such as a stored document that could not be read.
    """
    try:
        columns = [f"  {jsonb.dumps(name)}: {_entries(value)}" for name, value in raw.items()]
    except (TypeError, ValueError):
        raise InvalidInput(
            _("This tariff cannot be written as JSON"), _("It holds a document that cannot be read.")
        ) from None
    return "{\n" + ",\n".join(columns) + "\n}\n"


def _entries(value: object) -> str:
    if not isinstance(value, list | tuple) or not value:
        return _plain(value)
    return "[\n" + ",\n".join(f"    {_entry(entry)}" for entry in value) + "\n  ]"


def _entry(value: object) -> str:
    if not isinstance(value, Mapping):
        return _plain(value)
    return "{" + ", ".join(f"{_plain(key)}: {_plain(entry)}" for key, entry in value.items()) + "}"


def _plain(value: object) -> str:
    return _ESCAPE.sub(_readable, jsonb.dumps(value)).replace("\x7f", "\\u007f")


def _readable(found: re.Match[str]) -> str:
    """Accents as they are; halves of characters, and whatever could drive a terminal, stay escaped."""
    if len(found[0]) != len("\\u0000"):
        return found[0]
    character = chr(int(found[0][2:], 16))
    return character if is_safe(character) and not character.isascii() else found[0]


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
        raise _trouble(path, error) from None


def _text(source: str) -> str:
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
    name = safe(source, 200)
    if isinstance(error, FileNotFoundError):
        return InvalidInput(_("There is no file {name}").format(name=name), _("Check the name, and where you are."))
    if isinstance(error, IsADirectoryError):
        return InvalidInput(_("{name} is no file").format(name=name), _("Give the file of one tariff."))
    if isinstance(error, PermissionError):
        return InvalidInput(_("{name} may not be opened").format(name=name), _("Ask whoever it belongs to."))
    return InvalidInput(_("{name} cannot be opened").format(name=name), _("Check the name and try again."))
