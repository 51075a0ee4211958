"""What has somebody typed into a tariff so far, and what does one stroke make of it?

A `Sheet` holds texts, not values: half a number, a comma or a currency sign stay where they were typed until they
are mended. It never changes: each operation answers another sheet, so that undo is the sheet before. Where one block
begins where the one before ends, every operation keeps it so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, Final

from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs.rating import is_water

GENERAL_IVA: Final = "0.16"
"""LIVA art. 1: where IVA applies, it is this unless another rate is typed."""
STEP: Final = Decimal(10)
"""m³ of a new block where no neighbour says how wide blocks are here."""
LITRE: Final = Decimal("0.001")
_LARGEST: Final = Decimal(10) ** 9
"""What is reckoned with; the rules refuse limits and prices long before."""
_LONGEST: Final = 20
"""Characters of a text that may be a number at all."""


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block as typed: m³ from (not included) and to (included), MXN per m³, MXN for entering it."""

    from_m3: str = ""
    to_m3: str = ""
    price_per_m3: str = ""
    fixed_charge: str = ""


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """One additional concept as typed; `type` is percentage or fixed, `iva_rate` a fraction."""

    code: str = ""
    name: str = ""
    type: str = "percentage"
    value: str = ""
    base: str = ""
    iva_rate: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything but blocks and concepts, as typed.

    Attributes:
        explotacion_id: the id of one; empty for all of them.
        effective_until: the first day it no longer counts.
        iva_applicable: `true` or `false`.
        iva_rate: of the water itself, as a fraction; empty is 0 where IVA does not apply, else the general one.
    """

    name: str = ""
    explotacion_id: str = ""
    category: str = "domestica"
    billing_period: str = "mensual"
    effective_from: str = ""
    effective_until: str = ""
    rating_mode: str = "accumulated"
    iva_applicable: str = "false"
    iva_rate: str = ""
    social_discount_pct: str = ""
    gazette_reference: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tariff as typed; a new one has a single open block from 0."""

    blocks: tuple[BlockRow, ...] = (BlockRow("0", "", "", "0"),)
    concepts: tuple[ConceptRow, ...] = ()
    terms: Terms = field(default_factory=Terms)


BLOCK_FIELDS: Final = tuple(one.name for one in fields(BlockRow))
CONCEPT_FIELDS: Final = tuple(one.name for one in fields(ConceptRow))
TERM_FIELDS: Final = tuple(one.name for one in fields(Terms))


# ---------------------------------------------------------------------- reading what was typed


def value(text: str) -> Decimal | None:
    """A typed number, for reckoning with it; None where it is not one yet. Nothing is guessed."""
    stripped = text.strip()
    if not stripped or len(stripped) > _LONGEST or not set(stripped) <= set("0123456789."):
        return None
    try:
        number = Decimal(stripped)
    except InvalidOperation:
        return None
    return number if number < _LARGEST else None


def written(number: Decimal) -> str:
    """A number as one types it: digits and a point, no exponent."""
    return f"{number:f}"


def same(one: str, other: str) -> bool:
    """Whether two limits are the same one: 10 and 10.000 are."""
    if one.strip() == other.strip():
        return True
    first, second = value(one), value(other)
    return first is not None and first == second


def gapless(blocks: tuple[BlockRow, ...]) -> bool:
    """Whether each block begins where the one before ends, the first at 0, and only the last is open."""
    if not blocks or value(blocks[0].from_m3) != 0 or blocks[-1].to_m3.strip():
        return False
    return all(
        (start := value(one.from_m3)) is not None
        and (end := value(one.to_m3)) is not None
        and start < end
        and same(one.to_m3, after.from_m3)
        for one, after in pairwise(blocks)
    )


# ---------------------------------------------------------------------- one cell


def follows(sheet: Sheet, row: int, name: str) -> bool:
    """Whether the neighbour's limit is the same m³, and goes along when this one is moved."""
    blocks = sheet.blocks
    if name == "to_m3" and row + 1 < len(blocks):
        return same(blocks[row].to_m3, blocks[row + 1].from_m3)
    return name == "from_m3" and row > 0 and same(blocks[row - 1].to_m3, blocks[row].from_m3)


def set_block(sheet: Sheet, row: int, name: str, text: str, *, along: bool | None = None) -> Sheet:
    """Another text in a block's cell; a limit takes the neighbour along that stood at the same m³.

    Args:
        along: whether it did when the typing began, as `follows` says: a number that is half typed may be the
            neighbour's by chance. None where the text is whole.
    """
    blocks = list(sheet.blocks)
    if follows(sheet, row, name) if along is None else along:
        if name == "to_m3":
            blocks[row + 1] = replace(blocks[row + 1], from_m3=text)
        else:
            blocks[row - 1] = replace(blocks[row - 1], to_m3=text)
    blocks[row] = _with(blocks[row], name, text)
    return replace(sheet, blocks=tuple(blocks))


def move_limit(sheet: Sheet, row: int, limit: Decimal) -> Sheet:
    """Another upper limit for a block; the next begins there.

    Raises:
        InvalidInput: the limit lies outside the two blocks it parts.
    """
    _between(limit, sheet.blocks[row].from_m3, sheet.blocks[row + 1].to_m3 if row + 1 < len(sheet.blocks) else "")
    return set_block(sheet, row, "to_m3", written(limit))


def set_concept(sheet: Sheet, row: int, name: str, text: str) -> Sheet:
    """Another text in a concept's cell."""
    concepts = list(sheet.concepts)
    concepts[row] = _with(concepts[row], name, text)
    return replace(sheet, concepts=tuple(concepts))


def renamed(sheet: Sheet, row: int, code: str) -> Sheet:
    """Where a concept has another code now, what was worked out on it goes by the new one.

    Asked once the code is typed whole, since half of one may be another's. Bases stay as they are where the old code
    was not the only one, or the new one is none or another's: the rules say then what they lack.

    Args:
        code: its code before.
    """
    old, new = code.strip(), sheet.concepts[row].code.strip()
    others = {one.code.strip() for place, one in enumerate(sheet.concepts) if place != row}
    if not old or not new or {old, new} & others or is_water(old) or is_water(new):
        return sheet
    concepts = tuple(
        replace(one, base=new) if place > row and one.base.strip() == old else one
        for place, one in enumerate(sheet.concepts)
    )
    return replace(sheet, concepts=concepts)


def set_term(sheet: Sheet, name: str, text: str) -> Sheet:
    """Another text in a term; where IVA begins to apply and no rate is typed, the general one is put in, and goes again
    where it does not apply any more. 0 is a rate like any other.
    """
    terms = _with(sheet.terms, name, text)
    if name == "iva_applicable" and text == "true" and not terms.iva_rate.strip():
        terms = replace(terms, iva_rate=GENERAL_IVA)
    elif name == "iva_applicable" and text == "false" and terms.iva_rate.strip() == GENERAL_IVA:
        terms = replace(terms, iva_rate="")
    return replace(sheet, terms=terms)


# ---------------------------------------------------------------------- blocks


def add_block(sheet: Sheet) -> Sheet:
    """An open block at the end, its price to be typed; the one that was open ends where it begins."""
    blocks = sheet.blocks
    if not blocks:
        return replace(sheet, blocks=(BlockRow("0", "", "", "0"),))
    last = blocks[-1]
    if last.to_m3.strip():
        return replace(sheet, blocks=(*blocks, BlockRow(last.to_m3, "", "", "0")))
    limit = default_split(sheet, len(blocks) - 1)
    at = "" if limit is None else written(limit)
    return replace(sheet, blocks=(*blocks[:-1], replace(last, to_m3=at), BlockRow(at, "", "", "0")))


def insert_block(sheet: Sheet, row: int) -> Sheet:
    """A block before this one that takes the first half of its m³; its price is to be typed.

    Raises:
        InvalidInput: the block is too narrow, or its limits cannot be read.
    """
    if not sheet.blocks:
        return add_block(sheet)
    block = sheet.blocks[row]
    limit = default_split(sheet, row)
    if limit is None:
        raise InvalidInput(
            _("There is no room for a block"), _("The block's limits cannot be read, or it is too narrow.")
        )
    at = written(limit)
    pair = (BlockRow(block.from_m3, at, "", "0"), replace(block, from_m3=at))
    return replace(sheet, blocks=(*sheet.blocks[:row], *pair, *sheet.blocks[row + 1 :]))


def default_split(sheet: Sheet, row: int) -> Decimal | None:
    """Where a block is split unless somebody says where: its middle, or as far on as the one before is wide."""
    block = sheet.blocks[row]
    start, end = value(block.from_m3), value(block.to_m3)
    if start is None or (end is None and block.to_m3.strip()):
        return None
    if end is None:
        before = value(sheet.blocks[row - 1].from_m3) if row else None
        width = start - before if before is not None and before < start else STEP
        return start + width
    if end - start < 2 * LITRE:
        return None
    middle = (start + end) / 2
    whole = middle.quantize(Decimal(1))
    if start < whole < end:
        return whole
    return middle.quantize(LITRE)


def split(sheet: Sheet, row: int, at: Decimal) -> Sheet:
    """Two blocks in place of one, parted at a limit, such that no bill changes by it.

    Where charges add up the second has none; where only the reached block counts it has the same; where it is a
    base for the m³ above, it includes what the first half's m³ cost (rounded to the cent).

    Raises:
        InvalidInput: the limit is not inside the block.
    """
    block = sheet.blocks[row]
    _between(at, block.from_m3, block.to_m3)
    limit = written(at)
    charge = block.fixed_charge
    match sheet.terms.rating_mode:
        case "accumulated":
            charge = "0"
        case "base_plus_excess":
            start, price, base = value(block.from_m3), value(block.price_per_m3), value(charge or "0")
            if start is not None and price is not None and base is not None:
                charge = written((base + price * (at - start)).quantize(Decimal("0.01"), ROUND_HALF_UP))
        case _:
            pass
    pair = (replace(block, to_m3=limit), replace(block, from_m3=limit, fixed_charge=charge))
    return replace(sheet, blocks=(*sheet.blocks[:row], *pair, *sheet.blocks[row + 1 :]))


def merge(sheet: Sheet, row: int) -> Sheet:
    """This block and the next as one, at this block's price and charge.

    Raises:
        InvalidInput: there is no next block.
    """
    if row + 1 >= len(sheet.blocks):
        raise InvalidInput(_("There is no block to merge with"), _("The last block has none after it."))
    joined = replace(sheet.blocks[row], to_m3=sheet.blocks[row + 1].to_m3)
    return replace(sheet, blocks=(*sheet.blocks[:row], joined, *sheet.blocks[row + 2 :]))


def delete_block(sheet: Sheet, row: int) -> Sheet:
    """Without this block; its m³ go to the one before, the first one's to the next."""
    blocks = list(sheet.blocks)
    gone = blocks.pop(row)
    if row > 0 and same(blocks[row - 1].to_m3, gone.from_m3):
        blocks[row - 1] = replace(blocks[row - 1], to_m3=gone.to_m3)
    elif row == 0 and blocks and same(gone.to_m3, blocks[0].from_m3):
        blocks[0] = replace(blocks[0], from_m3=gone.from_m3)
    return replace(sheet, blocks=tuple(blocks))


# ---------------------------------------------------------------------- concepts


def add_concept(sheet: Sheet, row: int | None = None) -> Sheet:
    """A concept before this row, or at the end."""
    row = len(sheet.concepts) if row is None else row
    return replace(sheet, concepts=(*sheet.concepts[:row], ConceptRow(), *sheet.concepts[row:]))


def delete_concept(sheet: Sheet, row: int) -> Sheet:
    """Without this concept; what was worked out on it is for the reader to mend, and marked until then."""
    return replace(sheet, concepts=(*sheet.concepts[:row], *sheet.concepts[row + 1 :]))


# ---------------------------------------------------------------------- helpers


def _with(row: Any, name: str, text: str) -> Any:
    return replace(row, **{name: text})


def _between(limit: Decimal, low: str, high: str) -> None:
    start, end = value(low), value(high)
    possible = limit.is_finite() and 0 < limit < _LARGEST and limit == limit.quantize(LITRE)
    above = possible and start is not None and limit > start
    below = possible and (not high.strip() or (end is not None and limit < end))
    if not above or not below:
        raise InvalidInput(
            _("The limit is not inside the block"),
            _("It must be m³ above where the block starts and below where it ends, with 3 decimals at most."),
        )
