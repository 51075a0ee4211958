"""What does a piece of a spreadsheet say about a tariff?

Cells parted by tabs or semicolons, a row on each line. They are kept as they are: what is no number is marked in its
cell by the rules, and not lost.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import Any, Final

from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs.sheet import BLOCK_FIELDS, CONCEPT_FIELDS, BlockRow, ConceptRow, Sheet

MOST_LINES: Final = 500
MOST_CHARACTERS: Final = 100_000
LONGEST_CELL: Final = 200
_OTHER_TYPES: Final = {"porcentaje": "percentage", "%": "percentage", "fijo": "fixed", "cuota fija": "fixed"}


def cells(text: str) -> list[list[str]]:
    """The rows and cells of a piece of a spreadsheet; lines without anything, and a line of titles, are left out.

    Raises:
        InvalidInput: it is far more than a tariff.
    """
    too_much = InvalidInput(
        _("That is more than a tariff"),
        _("Paste at most %(lines)d lines of cells, parted by tabs or semicolons.") % {"lines": MOST_LINES},
    )
    if len(text) > MOST_CHARACTERS:
        raise too_much
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    delimiter = "\t" if "\t" in text else ";"
    try:
        rows = [[one.strip() for one in row] for row in csv.reader(_endings(lines), delimiter=delimiter)]
    except csv.Error:
        raise too_much from None
    rows = [row for row in rows if any(row)]
    if len(rows) > MOST_LINES or any(len(one) > LONGEST_CELL for row in rows for one in row):
        raise too_much
    return rows[1:] if len(rows) > 1 and _titles(rows[0]) else rows


def _endings(lines: list[str]) -> list[str]:
    return [line + "\n" for line in lines]


def _titles(row: list[str]) -> bool:
    """Whether a line names its columns: words, and not a digit except that of m3."""
    plain = [one.lower().replace("m3", "m³") for one in row if one]
    return len(plain) > 1 and not any(character in "0123456789$" for one in plain for character in one)


def is_table(text: str) -> bool:
    """Whether a pasted text is more than one cell."""
    return any(mark in text.strip("\r\n") for mark in "\t;\r\n")


def paste_blocks(sheet: Sheet, row: int, name: str, text: str) -> Sheet:
    """Put cells over the blocks from a cell on; blocks are added where there are not enough.

    Raises:
        InvalidInput: it is far more than a tariff.
    """
    found = cells(text)
    return replace(sheet, blocks=_over(sheet.blocks, found, row, BLOCK_FIELDS.index(name), BlockRow(), BLOCK_FIELDS))


def paste_concepts(sheet: Sheet, row: int, name: str, text: str) -> Sheet:
    """Put cells over the concepts from a cell on; concepts are added where there are not enough.

    Raises:
        InvalidInput: it is far more than a tariff.
    """
    found = cells(text)
    first = CONCEPT_FIELDS.index(name)
    made = _over(sheet.concepts, found, row, first, ConceptRow(), CONCEPT_FIELDS)
    typed = (replace(one, type=_OTHER_TYPES.get(one.type.lower(), one.type)) for one in made)
    return replace(sheet, concepts=tuple(typed))


def _over(
    rows: tuple[Any, ...], found: list[list[str]], row: int, column: int, empty: Any, names: tuple[str, ...]
) -> tuple[Any, ...]:
    made = list(rows)
    for place, texts in enumerate(found, row):
        while place >= len(made):
            made.append(empty)
        given = dict(zip(names[column:], texts, strict=False))
        made[place] = replace(made[place], **given)
    return tuple(made)
