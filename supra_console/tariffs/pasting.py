"""What does a piece of a spreadsheet say about a tariff?

Cells parted by tabs or semicolons, a row on each line. A first line of titles says which column is which; without one
they go side by side from the cursor on. Texts are kept as they are: what is no number is marked in its cell by the
rules, and not lost. What has no place in a tariff is refused, and never left out without a word.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs.sheet import BLOCK_FIELDS, CONCEPT_FIELDS, BlockRow, ConceptRow, Sheet
from supra_console.tariffs.titles import OF_BLOCKS, OF_CONCEPTS, Words, column_of, columns_of, read_title

MOST_LINES: Final = 500
MOST_CHARACTERS: Final = 100_000
LONGEST_CELL: Final = 200
_OTHER_TYPES: Final = {"porcentaje": "percentage", "%": "percentage", "fijo": "fixed", "cuota fija": "fixed"}
_UNITS: Final = re.compile(r"mxn|m\.n\.|mn|pesos?|m3|m³", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a spreadsheet, by the columns it goes to.

    Attributes:
        rows: of each line the texts by column.
        titled: whether its titles said which column is which.
    """

    rows: tuple[dict[str, str], ...]
    titled: bool


def cells(text: str) -> list[list[str]]:
    """The rows and cells of a piece of a spreadsheet; lines without anything are left out.

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
    return rows


def _endings(lines: list[str]) -> list[str]:
    return [line + "\n" for line in lines]


def blocks_in(text: str, name: str) -> Piece:
    """The blocks in a piece of a spreadsheet.

    Args:
        name: the column it goes to, and the next ones, where it has no titles.

    Raises:
        InvalidInput: it is far more than a tariff, or has columns that are not understood.
    """
    return _piece(cells(text), name, BLOCK_FIELDS, OF_BLOCKS)


def concepts_in(text: str, name: str) -> Piece:
    """The concepts in a piece of a spreadsheet; as `blocks_in`."""
    return _piece(cells(text), name, CONCEPT_FIELDS, OF_CONCEPTS)


def _piece(rows: list[list[str]], name: str, names: tuple[str, ...], known: Words) -> Piece:
    if _titled(rows, known):
        below = rows[1:]
        filled = {place for row in below for place, text in enumerate(row) if text}
        columns = columns_of(rows[0], known, filled)
        return Piece(
            tuple({key: text for key, text in zip(columns, row, strict=False) if key is not None} for row in below),
            titled=True,
        )
    columns = names[names.index(name) :]
    wide = max((place for row in rows for place, text in enumerate(row, 1) if text), default=0)
    if wide > len(columns):
        advice = _(
            "Nothing was pasted: it has %(wide)d columns, and there are %(here)d from the cursor on. Copy fewer, or "
            "with a line of titles: desde, hasta, precio, cuota fija."
        )
        raise InvalidInput(
            _("There are more columns than have a place here"), advice % {"wide": wide, "here": len(columns)}
        )
    return Piece(tuple(dict(zip(columns, row, strict=False)) for row in rows), titled=False)


def _titled(rows: list[list[str]], known: Words) -> bool:
    """Whether the first line names columns: of blocks, words where numbers are wanted; of concepts, known ones.

    A single word that is not known is a text like any other, and marked in its cell.
    """
    if len(rows) < 2 or any(map(_is_amount, rows[0])):
        return False
    texts = [text for text in rows[0] if any(character.isalpha() or character in "$%#" for character in text)]
    understood = sum(column_of(read_title(text), known) is not None for text in texts)
    return understood > 1 or (len(texts) == 1 and understood == 1) or (known is OF_BLOCKS and len(texts) > 1)


def _is_amount(text: str) -> bool:
    """Whether it is meant as a number, however it is written: `$1,250.50`, `50,00`, `16%`, `10 m³`."""
    bare = _UNITS.sub("", text)
    return any(map(str.isdigit, bare)) and not any(map(str.isalpha, bare))


def paste_blocks(sheet: Sheet, row: int, name: str, text: str) -> Sheet:
    """Put cells over the blocks from a row on; blocks are added where there are not enough.

    Raises:
        InvalidInput: as `blocks_in`.
    """
    return put_blocks(sheet, row, blocks_in(text, name))


def put_blocks(sheet: Sheet, row: int, piece: Piece) -> Sheet:
    """Put a piece over the blocks from a row on."""
    return replace(sheet, blocks=_over(sheet.blocks, piece.rows, row, BlockRow()))


def paste_concepts(sheet: Sheet, row: int, name: str, text: str) -> Sheet:
    """Put cells over the concepts from a row on; concepts are added where there are not enough.

    Raises:
        InvalidInput: as `concepts_in`.
    """
    return put_concepts(sheet, row, concepts_in(text, name))


def put_concepts(sheet: Sheet, row: int, piece: Piece) -> Sheet:
    """Put a piece over the concepts from a row on."""
    made = _over(sheet.concepts, piece.rows, row, ConceptRow())
    typed = (replace(one, type=_OTHER_TYPES.get(one.type.lower(), one.type)) for one in made)
    return replace(sheet, concepts=tuple(typed))


def _over(rows: tuple[Any, ...], given: Sequence[dict[str, str]], row: int, empty: Any) -> tuple[Any, ...]:
    made = list(rows)
    for place, texts in enumerate(given, row):
        while place >= len(made):
            made.append(empty)
        made[place] = replace(made[place], **texts)
    return tuple(made)
