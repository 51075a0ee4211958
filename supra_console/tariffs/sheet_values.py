"""Which values stand in a sheet of typed texts, and which texts stand for a tariff's values?

`to_raw` reads each cell as the column wants it. What cannot be read becomes a remark at its path, and the text itself
stands in the raw tariff, so that the rules see every other cell and a draft loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

from supra_console.documents.billing import TariffInsert
from supra_console.documents.wording import Loc, place
from supra_console.editing.remarks import Remark
from supra_console.errors import InvalidInput
from supra_console.i18n import language
from supra_console.jsonb import Json
from supra_console.tariffs.numbers import read_date, read_number
from supra_console.tariffs.sheet import BLOCK_FIELDS, CONCEPT_FIELDS, TERM_FIELDS, BlockRow, ConceptRow, Sheet, Terms

Raw = dict[str, Json]
"""Plain values by column, fit for JSON: what a draft keeps and a file holds."""
Row = TypeVar("Row", BlockRow, ConceptRow, Terms)

DECIMALS: Final[Mapping[str, int]] = {
    "from_m3": 3,
    "to_m3": 3,
    "price_per_m3": 4,
    "fixed_charge": 2,
    "iva_rate": 4,
    "social_discount_pct": 2,
}
"""Of each number; a concept's value has 4 as a percentage and 2 as an amount."""
_DATES: Final = frozenset(("effective_from", "effective_until"))
_NULL: Final = frozenset(("to_m3", "explotacion_id", "effective_until", "social_discount_pct", "gazette_reference"))
"""What says something by being empty; any other empty cell is left out: missing, or its default."""
_COLUMNS: Final = ("iva_rate", "social_discount_pct")
"""Numbers in columns of their own, not in a document that keeps them as they were written."""
MOST_ROWS: Final = 1_000
"""Rows of a stored list that are taken into a sheet; no tariff has so many."""


# ---------------------------------------------------------------------- texts to values


def to_raw(sheet: Sheet) -> tuple[Raw, tuple[Remark, ...]]:
    """The plain values by column, and what could not be read.

    Numbers are Decimals, dates are ISO texts, empty cells are None or left out.
    """
    remarks: list[Remark] = []
    terms, blocks, concepts = sheet.terms, sheet.blocks, sheet.concepts
    raw = _read(terms, TERM_FIELDS, (), remarks)
    raw["iva_applicable"] = {"true": True, "false": False}.get(terms.iva_applicable, terms.iva_applicable)
    raw["blocks"] = [_read(row, BLOCK_FIELDS, ("blocks", place), remarks) for place, row in enumerate(blocks)]
    raw["additional_concepts"] = [
        _read(row, CONCEPT_FIELDS, ("additional_concepts", place), remarks, 4 if row.type == "percentage" else 2)
        for place, row in enumerate(concepts)
    ]
    return raw, tuple(remarks)


def _read(
    row: object, names: Iterable[str], path: Loc, remarks: list[Remark], value_decimals: int = 4
) -> dict[str, Any]:
    """The values of one row."""
    raw: dict[str, Any] = {}
    for name in names:
        text: str = getattr(row, name)
        stripped = text.strip()
        if not stripped:
            if name in _NULL:
                raw[name] = None
            continue
        raw[name], fault = _value(name, stripped, value_decimals, language())
        if fault:
            where = (*path, name)
            remarks.append(Remark(where, place(TariffInsert, where), fault, code="unreadable"))
    return raw


@lru_cache(maxsize=4096)
def _value(name: str, text: str, value_decimals: int, _language: str | None) -> tuple[Decimal | str, str]:
    """What a cell holds and, where it cannot be read, how it is to be written. A keystroke changes one cell of 200."""
    try:
        if name in _DATES:
            return read_date(text).isoformat(), ""
        if name == "value" or name in DECIMALS:
            return read_number(text, decimals=DECIMALS.get(name, value_decimals)), ""
    except InvalidInput as error:
        return text, error.advice
    return text, ""


# ---------------------------------------------------------------------- values to texts


def from_raw(raw: Mapping[str, object]) -> Sheet:
    """The texts of stored values, whatever other programs stored: what has no place in a sheet is left out.

    A document that our rules accept comes back from `to_raw` with the same values.
    """
    columns: dict[str, object] = {name: _trimmed(raw.get(name)) for name in _COLUMNS}
    if raw.get("iva_applicable") is False and raw.get("iva_rate") == 0:
        columns["iva_rate"] = ""  # what the column holds where there is no rate
    return Sheet(
        tuple(_row(BlockRow, entry) for entry in _entries(raw.get("blocks"))),
        tuple(_row(ConceptRow, entry) for entry in _entries(raw.get("additional_concepts"))),
        _row(Terms, {**raw, **columns}),
    )


def _trimmed(number: object) -> str:
    """A number of a column, which has as many decimals as the column, without those that say nothing."""
    text = text_of(number)
    return text.rstrip("0").rstrip(".") if isinstance(number, Decimal) and "." in text else text


def _entries(value: object) -> list[object]:
    return list(value[:MOST_ROWS]) if isinstance(value, list | tuple) else []


def _row(kind: type[Row], value: object) -> Row:
    values: Mapping[Any, object] = value if isinstance(value, Mapping) else {}
    return kind(**{one.name: text_of(values.get(one.name)) for one in fields(kind)})


def text_of(value: object) -> str:
    """A plain value as one types it; nothing for what is no plain value."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal() if value.is_finite() and abs(int(value.as_tuple().exponent)) < 40:
            return f"{value:f}"
        case int() if value.bit_length() > 200:
            return ""
        case Decimal() | int() | str():
            return str(value)[:400]
        case UUID():
            return str(value)
        case date():
            return value.isoformat()[:10]
        case _:
            return ""
