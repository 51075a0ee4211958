"""What of a tariff can be read while it is being typed, and how is something said about one of its cells?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from supra_console.documents.base import Document
from supra_console.documents.billing import CHARGE, GENERAL_IVA, IVA_RATE, PRICE, SHARE, VALUE, VOLUME, TariffInsert
from supra_console.documents.rules import Day, Key
from supra_console.documents.wording import Loc, place
from supra_console.editing.remarks import Remark, Weight
from supra_console.errors import InvalidInput
from supra_console.tariffs.rating import Mode

Found: TypeAlias = Iterator[Remark]

MOST_BLOCKS: Final = 100
MOST_CONCEPTS: Final = 50
"""More than the document takes; rules are not tried on such lists."""
MOST_CHARACTERS: Final = 200
"""Of a name; the same."""

MONTHS: Final[Mapping[str, int]] = {"mensual": 1, "bimestral": 2, "trimestral": 3}
"""Of each billing period."""


def say(path: Loc, message: str, code: str = "shape", weight: Weight = Weight.ERROR) -> Remark:
    return Remark(path, place(TariffInsert, path), message, weight, code)


@dataclass(frozen=True, slots=True)
class LegibleBlock:
    """A block's cells; None for one that cannot be read."""

    from_m3: Decimal | None
    to_m3: Decimal | None
    open: bool
    price: Decimal | None
    charge: Decimal | None


@dataclass(frozen=True, slots=True)
class LegibleConcept:
    """A concept's cells; of a rate that is not there the water's is meant."""

    code: str | None
    name: str | None
    percentage: bool
    fixed: bool
    value: Decimal | None
    base: object
    iva_rate: Decimal | None
    iva_named: bool


@dataclass(frozen=True, slots=True)
class LegibleTariff:
    """A tariff as far as it can be read."""

    name: str | None
    category: str | None
    period: str | None
    explotacion_id: UUID | None
    effective_from: date | None
    effective_until: date | None
    mode: Mode | None
    iva_applicable: bool | None
    iva_rate: Decimal | None
    social_discount_pct: Decimal | None
    gazette_reference: str | None
    blocks: tuple[LegibleBlock, ...] = field(repr=False)
    concepts: tuple[LegibleConcept, ...] = field(repr=False)


def _cells(row: object) -> Mapping[str, object]:
    if isinstance(row, Document):
        return row.__dict__
    return row if isinstance(row, Mapping) else {}


def _try(rule: Callable[[object], Any], value: object) -> Any:
    """The value if the rule accepts it."""
    try:
        return rule(value)
    except (ValueError, ArithmeticError, InvalidInput):
        return None


def _list(value: object, most: int) -> Sequence[object]:
    return value if isinstance(value, list | tuple) and len(value) <= most else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= MOST_CHARACTERS else None


def legible(columns: Mapping[str, object]) -> LegibleTariff:
    category, period = columns.get("category"), columns.get("billing_period")
    applies, rate = columns.get("iva_applicable", False), columns.get("iva_rate")
    if rate is None and "iva_rate" not in columns:
        rate = GENERAL_IVA if applies is True else Decimal(0)
    return LegibleTariff(
        name=_text(columns.get("name")),
        category=category if isinstance(category, str) else None,
        period=period if isinstance(period, str) and period in MONTHS else None,
        explotacion_id=_try(Key().check, columns.get("explotacion_id")),
        effective_from=_try(Day().check, columns.get("effective_from")),
        effective_until=_try(Day().check, columns.get("effective_until")),
        mode=_try(lambda mode: Mode(str(mode)), columns.get("rating_mode", Mode.ACCUMULATED)),
        iva_applicable=applies if isinstance(applies, bool) else None,
        iva_rate=_try(IVA_RATE.check, rate),
        social_discount_pct=_try(SHARE.check, columns.get("social_discount_pct")),
        gazette_reference=_text(columns.get("gazette_reference")),
        blocks=tuple(_block(_cells(row)) for row in _list(columns.get("blocks"), MOST_BLOCKS)),
        concepts=tuple(_concept(_cells(row)) for row in _list(columns.get("additional_concepts"), MOST_CONCEPTS)),
    )


def _block(cells: Mapping[str, object]) -> LegibleBlock:
    to_m3 = cells.get("to_m3", "")
    return LegibleBlock(
        from_m3=_try(VOLUME.check, cells.get("from_m3")),
        to_m3=_try(VOLUME.check, to_m3),
        open=to_m3 is None,
        price=_try(PRICE.check, cells.get("price_per_m3")),
        charge=_try(CHARGE.check, cells.get("fixed_charge", 0)),
    )


def _concept(cells: Mapping[str, object]) -> LegibleConcept:
    code = cells.get("code")
    return LegibleConcept(
        code=code if isinstance(code, str) and len(code) <= 20 else None,
        name=_text(cells.get("name")),
        percentage=cells.get("type") == "percentage",
        fixed=cells.get("type") == "fixed",
        value=_try(VALUE.check, cells.get("value")),
        base=cells.get("base"),
        iva_rate=_try(IVA_RATE.check, cells.get("iva_rate")),
        iva_named=cells.get("iva_rate") is not None,
    )
