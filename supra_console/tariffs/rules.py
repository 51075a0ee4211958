"""Is a tariff right, and if not, where and why?

The documents (`supra_console.documents.billing`) say what each field may hold; here is what makes the whole right:
blocks that cover every consumption once, a bill that never falls, concepts that can be worked out. `examine` takes
whatever is given, also while it is being typed: the rules about blocks run on the cells that can be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic import TypeAdapter

from supra_console.documents.base import Document, DocumentError, check
from supra_console.documents.billing import CHARGE, PRICE, VOLUME, TariffInsert
from supra_console.documents.rules import Day, Key
from supra_console.documents.wording import Loc, place
from supra_console.editing.remarks import Remark, Weight, has_errors, of_shape
from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.jsonb import Unreadable
from supra_console.tariffs.rating import LITRE, WATER_NAMES, Mode, cents, is_water, volume_in
from supra_console.tariffs.register import Series

MOST_BLOCKS: Final = 100
MOST_CONCEPTS: Final = 50
"""More than the document takes; rules are not tried on such lists."""

MONTHS: Final[Mapping[str, int]] = {"mensual": 1, "bimestral": 2, "trimestral": 3}
"""Of each billing period."""

KEPT_BY_THE_DATABASE: Final = frozenset(
    (
        "drafters", "submitted_by", "submitted_at", "approved_by_user", "approved_at", "approved_hash",
        "activated_by", "activated_at", "ended_replaced", "replaced_until", "content_hash",
    )
)  # fmt: skip
"""Columns of a row that are no part of the tariff a person writes; `examine` leaves them aside."""

# The upper limit that stands for "no limit" in price lists of other programs, and the price for "not set".
_NINES = re.compile(r"9{4,}(\.9+)?")
_TOO_MUCH = Decimal(1_000_000)
_LAST_YEAR = 2900


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the tariff itself.

    Attributes:
        today: in Querétaro.
        population: how many tomas each series prices; None where it was not counted.
        siblings: tariffs of the same category with another billing period.
        replaced: the tariff whose place this one takes.
    """

    today: date | None = None
    population: Mapping[Series, int] | None = None
    siblings: tuple[TariffInsert, ...] = ()
    replaced: TariffInsert | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What there is to say about a tariff.

    Attributes:
        tariff: None while a field is wrong in itself.
        remarks: errors first.
    """

    tariff: TariffInsert | None
    remarks: tuple[Remark, ...]

    @property
    def sound(self) -> bool:
        """Whether it may be submitted: there may be warnings, and no errors."""
        return self.tariff is not None and not has_errors(self.remarks)


def examine(raw: Mapping[str, object], context: Context | None = None) -> Examination:
    """What there is to say about a tariff's plain values.

    Args:
        raw: by column; numbers int or Decimal, dates `date` or ISO text. Anything else is answered with a remark.
    """
    given: object = raw
    if not isinstance(given, Mapping):
        return Examination(None, read(given)[1])
    columns = {name: value for name, value in given.items() if name not in KEPT_BY_THE_DATABASE}
    tariff, shape = read(columns)
    known = columns if tariff is None else tariff.__dict__ | {"active": raw.get("active")}
    return Examination(tariff, _in_order([*shape, *_judge(known, context or Context(), shape)]))


def remarks(tariff: TariffInsert, context: Context | None = None) -> tuple[Remark, ...]:
    """What there is to say about a tariff whose fields are right in themselves; errors first."""
    return _in_order(_judge(tariff.__dict__, context or Context(), ()))


# ── Fields ────────────────────────────────────────────────────────────────────────────────


@cache
def _adapter() -> TypeAdapter[TariffInsert]:
    return TypeAdapter(TariffInsert)


def read(columns: object) -> tuple[TariffInsert | None, tuple[Remark, ...]]:
    """The tariff in plain values by column, or what is wrong with its fields each by itself."""
    closed = []
    if isinstance(columns, dict):
        closed = [_say((str(name),), value.reason) for name, value in columns.items() if isinstance(value, Unreadable)]
    try:
        return check(_adapter(), TariffInsert, columns), ()
    except DocumentError as error:
        said = {remark.path for remark in closed}
        shape = (replace(remark, path=_cell(remark.path)) for remark in of_shape(error.problems))
        return None, (*closed, *(remark for remark in shape if remark.path not in said))


def _cell(path: Loc) -> Loc:
    """A path without the kind of concept that the validator put into it."""
    return (*path[:2], *path[3:]) if len(path) == 4 and path[0] == "additional_concepts" else path


def _say(path: Loc, message: str, code: str = "shape", weight: Weight = Weight.ERROR) -> Remark:
    return Remark(path, place(TariffInsert, path), message, weight, code)


def _in_order(found: Sequence[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(found, key=lambda remark: remark.weight is Weight.WARNING))


# ── Cells, as far as they can be read ─────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Block:
    """A block's cells; None for one that cannot be read."""

    from_m3: Decimal | None
    to_m3: Decimal | None
    open: bool
    price: Decimal | None
    charge: Decimal | None


@dataclass(frozen=True, slots=True)
class _Concept:
    code: str | None
    percentage: bool
    value: Decimal | None
    base: object


@dataclass(frozen=True, slots=True)
class _Tariff:
    """A tariff as far as it can be read."""

    category: str | None
    period: str | None
    explotacion_id: UUID | None
    effective_from: date | None
    effective_until: date | None
    mode: Mode | None
    blocks: tuple[_Block, ...] = field(repr=False)
    concepts: tuple[_Concept, ...] = field(repr=False)


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


def _legible(columns: Mapping[str, object]) -> _Tariff:
    category, period = columns.get("category"), columns.get("billing_period")
    return _Tariff(
        category=category if isinstance(category, str) else None,
        period=period if isinstance(period, str) and period in MONTHS else None,
        explotacion_id=_try(Key().check, columns.get("explotacion_id")),
        effective_from=_try(Day().check, columns.get("effective_from")),
        effective_until=_try(Day().check, columns.get("effective_until")),
        mode=_try(lambda mode: Mode(str(mode)), columns.get("rating_mode", Mode.ACCUMULATED)),
        blocks=tuple(_block(_cells(row)) for row in _list(columns.get("blocks"), MOST_BLOCKS)),
        concepts=tuple(_concept(_cells(row)) for row in _list(columns.get("additional_concepts"), MOST_CONCEPTS)),
    )


def _block(cells: Mapping[str, object]) -> _Block:
    to_m3 = cells.get("to_m3", "")
    return _Block(
        from_m3=_try(VOLUME.check, cells.get("from_m3")),
        to_m3=_try(VOLUME.check, to_m3),
        open=to_m3 is None,
        price=_try(PRICE.check, cells.get("price_per_m3")),
        charge=_try(CHARGE.check, cells.get("fixed_charge", 0)),
    )


def _concept(cells: Mapping[str, object]) -> _Concept:
    code = cells.get("code")
    return _Concept(
        code=code if isinstance(code, str) and len(code) <= 20 else None,
        percentage=cells.get("type") == "percentage",
        value=_try(PRICE.check, cells.get("value")),
        base=cells.get("base"),
    )


# ── The rules ─────────────────────────────────────────────────────────────────────────────

_Found: TypeAlias = Iterator[Remark]


def _judge(columns: Mapping[str, object], context: Context, shape: Sequence[Remark]) -> list[Remark]:
    """All rules about the whole, on what can be read of it."""
    tariff = _legible(columns)
    found = [
        *_limits(tariff.blocks),
        *_sentinels(tariff),
        *_prices(tariff.blocks, tariff.mode),
        *_concepts(tariff.concepts),
        *_dates(tariff, context, draft=columns.get("active") is not True),
        *_place_of(tariff, context),
        *_scaled(tariff, context),
    ]
    said = {(remark.path, remark.code) for remark in shape}
    return [remark for remark in found if (remark.path, remark.code) not in said]


def _limits(blocks: Sequence[_Block]) -> _Found:
    """From 0 on, each consumption in exactly one block."""
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        if number == 0 and block.from_m3:
            yield _say(
                ("blocks", 0, "from_m3"), _("must be 0: the first block begins with the first litre"), "not_from_zero"
            )
        if block.to_m3 is not None and block.from_m3 is not None and block.to_m3 <= block.from_m3:
            yield _say(
                ("blocks", number, "to_m3"), _("must be more than the m³ the block starts from, or empty"), "order"
            )
        if block.open and not last:
            yield _say(
                ("blocks", number, "to_m3"), _("is missing: only the last block is open, without an end"), "open_inside"
            )
        if last and block.to_m3 is not None:
            yield _say(
                ("blocks", number, "to_m3"), _("must be empty: the last block is open, without an end"), "not_open"
            )
    for number, (one, after) in enumerate(pairwise(blocks), 1):
        if one.to_m3 is None or after.from_m3 is None:
            continue
        if after.from_m3 > one.to_m3:
            yield _say(
                ("blocks", number, "from_m3"),
                _("must be where the block before ends: between the two, m³ have no price"),
                "gap",
            )
        elif after.from_m3 < one.to_m3:
            yield _say(
                ("blocks", number, "from_m3"),
                _("must be where the block before ends: some m³ have two prices"),
                "overlap",
            )


def _sentinels(tariff: _Tariff) -> _Found:
    """No number that stands for "none"."""
    for number, block in enumerate(tariff.blocks):
        if _is_sentinel(block.to_m3):
            yield _say(
                ("blocks", number, "to_m3"),
                _("must be a real limit: leave it empty where the block has no end"),
                "sentinel",
            )
        for name, amount in (("price_per_m3", block.price), ("fixed_charge", block.charge)):
            if _is_sentinel(amount):
                yield _say(
                    ("blocks", number, name), _("must be a real amount, not a row of nines or a million"), "sentinel"
                )
    for number, concept in enumerate(tariff.concepts):
        if not concept.percentage and _is_sentinel(concept.value):
            yield _say(
                ("additional_concepts", number, "value"),
                _("must be a real amount, not a row of nines or a million"),
                "sentinel",
            )
    if tariff.effective_until is not None and tariff.effective_until.year >= _LAST_YEAR:
        yield _say(
            ("effective_until",), _("must be a real day: leave it empty where the tariff has no end"), "sentinel"
        )


def _is_sentinel(number: Decimal | None) -> bool:
    if number is None or number < 9999:
        return False
    return number >= _TOO_MUCH or _NINES.fullmatch(f"{number.normalize():f}") is not None


def _prices(blocks: Sequence[_Block], mode: Mode | None) -> _Found:
    """The bill never falls as consumption rises; a price that does is worth a look."""
    for number, block in enumerate(blocks):
        if mode is Mode.FLAT and block.price:
            yield _say(
                ("blocks", number, "price_per_m3"),
                _("must be 0: where the charge is flat, the fixed charge is all of it"),
                "flat_price",
            )
    for number, (one, after) in enumerate(pairwise(blocks), 1):
        if mode is not None and _falls(one, after, mode):
            yield _say(
                ("blocks", number, "price_per_m3" if mode is Mode.REACHED_BLOCK else "fixed_charge"),
                _("must be more: the bill falls where this block begins, so that using more water costs less"),
                "falling_bill",
            )
        elif one.price is not None and after.price is not None and after.price < one.price:
            yield _say(
                ("blocks", number, "price_per_m3"),
                _("is less than in the block before: the more is used, the less a m³ costs"),
                "falling_price",
                Weight.WARNING,
            )


def _falls(one: _Block, after: _Block, mode: Mode) -> bool:
    """Whether the first litre of a block makes the bill less than the last of the block before.

    Within a block no bill falls, and none of its lines does where the water does not.
    """
    limit = one.to_m3
    if mode is Mode.ACCUMULATED or limit is None or limit != after.from_m3:
        return False
    before, then = _water(one, limit, mode), _water(after, limit + LITRE, mode)
    return before is not None and then is not None and then < before


def _water(block: _Block, m3: Decimal, mode: Mode) -> Decimal | None:
    """What a consumption that reaches this block pays for its water, in a mode that looks at no other."""
    if block.from_m3 is None or block.price is None or block.charge is None:
        return None
    return cents(volume_in(block.from_m3, block.to_m3, mode, m3) * block.price + block.charge)


def _concepts(concepts: Sequence[_Concept]) -> _Found:
    """Codes that differ; percentages of something that is worked out before them."""
    codes = [concept.code for concept in concepts]
    first: dict[str, int] = {}
    for number, concept in enumerate(concepts):
        path = ("additional_concepts", number)
        if concept.code is not None:
            if first.setdefault(concept.code.casefold(), number) != number:
                yield _say((*path, "code"), _("must be another: a concept before has this code"), "duplicate_code")
            if concept.code != concept.code.strip():
                yield _say((*path, "code"), _("must not begin or end with a blank"), "blank")
            if concept.code.strip().casefold() in WATER_NAMES:
                yield _say((*path, "code"), _("must be another: this word means the water charge"), "reserved_code")
        if not concept.percentage:
            continue
        if concept.value is not None and 0 < concept.value < 1:
            yield _say(
                (*path, "value"),
                _("is less than 1%: ten percent is written 10, not 0.10"),
                "low_percentage",
                Weight.WARNING,
            )
        base = concept.base
        if not (base is None or isinstance(base, str)) or is_water(base) or base in codes[:number]:
            continue
        if base not in codes:
            yield _say(
                (*path, "base"),
                _("must be empty, for the water charge, or the code of a concept before this one"),
                "unresolved_base",
            )
        elif _turns_back(concepts, number):
            yield _say((*path, "base"), _("goes round in a circle: the concept is worked out on itself"), "circle")
        else:
            yield _say(
                (*path, "base"),
                _("must come before this concept: concepts are worked out in their order"),
                "unresolved_base",
            )


def _turns_back(concepts: Sequence[_Concept], start: int) -> bool:
    """Whether a concept's bases lead back to it."""
    by_code = {concept.code: concept for concept in reversed(concepts)}
    concept: _Concept | None = concepts[start]
    for _hop in concepts:
        if concept is None or not concept.percentage or not isinstance(concept.base, str):
            return False
        if concept.base == concepts[start].code:
            return True
        concept = by_code.get(concept.base)
    return False


def _dates(tariff: _Tariff, context: Context, *, draft: bool) -> _Found:
    """A period that has days, after the tariff it replaces."""
    since, until, replaced = tariff.effective_from, tariff.effective_until, context.replaced
    if since is None:
        return
    if until is not None and until <= since:
        yield _say(("effective_until",), _("must be later than the day the tariff starts"), "order")
    if replaced is not None and since <= replaced.effective_from:
        yield _say(
            ("effective_from",), _("must be later than the day the tariff it replaces starts"), "before_replaced"
        )
    if draft and context.today is not None and since <= context.today:
        yield _say(
            ("effective_from",),
            _("is not in the future: bills may have been issued already at the old price"),
            "back_dated",
            Weight.WARNING,
        )


def _place_of(tariff: _Tariff, context: Context) -> _Found:
    """A series that tomas are billed by; the same as of the tariff it replaces."""
    replaced = context.replaced
    if replaced is not None:
        for name, mine, theirs in (
            ("explotacion_id", tariff.explotacion_id, replaced.explotacion_id),
            ("category", tariff.category, replaced.category),
            ("billing_period", tariff.period, replaced.billing_period),
        ):
            if mine != theirs and (mine is not None or name == "explotacion_id"):
                yield _say((name,), _("must be that of the tariff it replaces"), "other_series")
    if context.population is None or tariff.category is None or tariff.period is None:
        return
    here = [
        series
        for series, tomas in context.population.items()
        if tomas > 0 and (tariff.explotacion_id is None or series.explotacion_id == tariff.explotacion_id)
    ]
    periods = {series.billing_period for series in here if series.category == tariff.category}
    if not periods:
        yield _say(("category",), _("must be one that tomas have: none would be billed by this tariff"), "no_tomas")
    elif tariff.period not in periods:
        yield _say(
            ("billing_period",), _("must be one that tomas of this category have: none is billed so often"), "no_tomas"
        )


def _scaled(tariff: _Tariff, context: Context) -> _Found:
    """Twice the months, twice the m³: limits in proportion to those of the category's other billing periods."""
    sibling = _sibling(tariff, context)
    if sibling is None or tariff.period is None:
        return
    mine = [block.to_m3 for block in tariff.blocks[:-1]]
    theirs = [block.to_m3 for block in sibling.blocks[:-1]]
    if len(mine) != len(theirs):
        if mine:
            yield _say(
                ("blocks",),
                _("are not as many as in the category's tariff for another billing period"),
                "unscaled_limits",
                Weight.WARNING,
            )
        return
    for number, (limit, other) in enumerate(zip(mine, theirs, strict=True)):
        if limit is None or other is None:
            continue
        if limit * MONTHS[sibling.billing_period] != other * MONTHS[tariff.period]:
            yield _say(
                ("blocks", number, "to_m3"),
                _("is not in proportion to the months, compared with the category's tariff for another billing period"),
                "unscaled_limits",
                Weight.WARNING,
            )


def _sibling(tariff: _Tariff, context: Context) -> TariffInsert | None:
    """The tariff to compare limits with: in force when this one starts, monthly before the others."""
    day = tariff.effective_from or context.today or date.max
    fitting = [
        other
        for other in context.siblings
        if other.category == tariff.category
        and other.billing_period != tariff.period
        and other.explotacion_id == tariff.explotacion_id
        and other.effective_from <= day
        and (other.effective_until is None or day < other.effective_until)
    ]
    return min(fitting, key=lambda other: MONTHS[other.billing_period], default=None)
