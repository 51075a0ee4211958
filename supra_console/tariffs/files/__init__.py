"""How does a tariff get out of a file, and into one?

A FILE is one tariff: as JSON with the columns of `tariff_schedules`, as CSV with a row for each block
(`csv_files`), or in the Open Water Rate Specification (`owrs`). Reading gives the plain values by column, which
`rules.examine` judges; nothing is guessed and nothing is repaired on the way.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from supra_console.documents.billing import TariffInsert
from supra_console.i18n import _
from supra_console.tariffs.files import json_files
from supra_console.tariffs.files.belonging import placed, taken_out, unplaced
from supra_console.tariffs.files.contents import COLUMNS, Reading, Written, completed, content
from supra_console.tariffs.files.json_files import to_json
from supra_console.tariffs.files.on_disk import save, text_of

__all__ = [
    "COLUMNS",
    "Format",
    "Reading",
    "Written",
    "completed",
    "content",
    "format_of",
    "load",
    "parse",
    "placed",
    "save",
    "to_json",
    "unplaced",
    "write",
]


class Format(StrEnum):
    """In which form a file holds a tariff."""

    JSON = "json"
    CSV = "csv"
    OWRS = "owrs"


_SUFFIXES = {".csv": Format.CSV, ".owrs": Format.OWRS, ".yaml": Format.OWRS, ".yml": Format.OWRS}


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
    return parse(text_of(source), form or format_of(source), customer_class=customer_class)


def parse(text: str, form: Format, *, customer_class: str | None = None) -> Reading:
    """The tariff in the text of a file; raises as `load` does."""
    if form is Format.OWRS:
        from supra_console.tariffs.files import owrs

        return owrs.read(text, customer_class)
    if form is Format.CSV:
        from supra_console.tariffs.files import csv_files

        raw, explotacion = taken_out(csv_files.read(text))
    else:
        raw, explotacion = taken_out(json_files.read(text))
    return Reading(raw, _kept(raw), explotacion)


def _kept(raw: dict[str, object]) -> tuple[str, ...]:
    """Which columns of a stored row a file may have, and nobody takes from it."""
    from supra_console.tariffs.rules import KEPT_BY_THE_DATABASE

    theirs = KEPT_BY_THE_DATABASE | TariffInsert.model_fields.keys() - {*COLUMNS, "replaces_id"}
    names = [name for name in raw if name in theirs]
    return (_("The database's own, and left aside: {names}").format(names=", ".join(names)),) if names else ()


def write(tariff: TariffInsert, form: Format) -> Written:
    """A tariff in one of the forms.

    Raises:
        InvalidInput: this form has no way to say what the tariff charges.
    """
    if form is Format.CSV:
        from supra_console.tariffs.files import csv_files

        return Written(csv_files.write(tariff))
    if form is Format.OWRS:
        from supra_console.tariffs.files import owrs

        return owrs.write(tariff)
    return Written(to_json(content(tariff)))
