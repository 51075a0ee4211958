"""What does a consumption cost under a tariff, and by which steps?

The water charge comes of the blocks, in one of four ways (`Mode`); a consumption belongs to (from, to], and none
pays the first block's fixed charge. Then the social discount, the additional concepts in their order, and IVA on
each line; every line and every line's IVA is rounded half up to the cent, and nothing before it is.

The database reckons the same way (`sql/schema/025-tariffs.sql`); a test holds both equal to the cent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Literal, TypeAlias

from supra_console.documents import billing
from supra_console.documents.billing import FixedConcept, FixedDetail, PercentageDetail, TariffInsert, WaterDetail
from supra_console.documents.rules import Number
from supra_console.errors import InvalidInput
from supra_console.i18n import _

WATER = "agua"
"""The code of the water's own line; a concept without a base is worked out on it."""

WATER_NAMES = frozenset((WATER, "water"))
"""What a base may call the water charge, in capitals or not; no concept may be called so."""

WATER_TITLE = "Servicio de agua potable"
"""The water's line as a bill words it."""

CENT = Decimal("0.01")
_ZERO = Decimal("0.00")

LITRE = Decimal("0.001")
"""m³; the least by which two consumptions differ."""

LARGEST = Decimal("9999999.999")
"""m³; what invoices.consumption_m3 holds, and with it no product of ours exceeds the 28 digits Decimal reckons with."""

_CONSUMPTION = Number(0, LARGEST, 3)

LineKind: TypeAlias = Literal["water", "percentage", "fixed"]


class Mode(StrEnum):
    """How the blocks make the water charge."""

    ACCUMULATED = "accumulated"
    """Price and fixed charge add up over the blocks entered (the plan's)."""
    REACHED_BLOCK = "reached_block"
    """The block reached prices all m³, and adds its own fixed charge."""
    BASE_PLUS_EXCESS = "base_plus_excess"
    """The fixed charge of the block reached, and its price for the m³ above its lower limit."""
    FLAT = "flat"
    """The fixed charge of the block reached is the whole charge."""


@dataclass(frozen=True, slots=True)
class Step:
    """One block that counted: `amount` is m3 x price_per_m3 + fixed_charge, in MXN, not rounded."""

    from_m3: Decimal
    to_m3: Decimal | None
    m3: Decimal
    price_per_m3: Decimal
    fixed_charge: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill.

    Attributes:
        base: code of the line a percentage was worked out on; None for the others.
        base_amount: that line's amount, MXN before IVA.
        value: a percentage's %, a fixed concept's MXN; None for the water.
        amount: MXN before IVA.
        iva_rate: as a fraction.
        iva: MXN.
    """

    code: str
    name: str
    kind: LineKind
    base: str | None
    base_amount: Decimal | None
    value: Decimal | None
    amount: Decimal
    iva_rate: Decimal
    iva: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """What a consumption costs, and how it came about; amounts in MXN.

    Attributes:
        m3: the consumption.
        social: whether the contract has the social tariff.
        gross: the water before the discount.
        discount_pct: None where no discount was given.
        water: the water after the discount.
        lines: the water first, then the concepts in their order.
        subtotal: of the lines, before IVA.
    """

    m3: Decimal
    mode: Mode
    social: bool
    steps: tuple[Step, ...]
    gross: Decimal
    discount_pct: Decimal | None
    discount: Decimal
    water: Decimal
    lines: tuple[Line, ...]
    subtotal: Decimal
    iva: Decimal
    total: Decimal

    @property
    def concepts(self) -> Decimal:
        """The additional concepts together, before IVA."""
        return self.subtotal - self.water


def rate(tariff: TariffInsert, m3: Decimal, *, social: bool = False) -> Bill:
    """What a consumption costs.

    A tariff that is not sound is rated by the same rule as far as it goes, so that a draft can be tried.

    Args:
        tariff: with its blocks in order.
        m3: the consumption of one billing period, in m³.
        social: the contract has the social tariff; it gets the discount where the tariff has one.

    Raises:
        InvalidInput: the consumption is negative, no number, too large or has more than 3 decimals; or a concept
            is worked out on something that is not there before it.
    """
    m3 = consumption(m3)
    mode = Mode(tariff.rating_mode)
    steps = tuple(_step(block, mode, m3) for block in _entered(tariff.blocks, mode, m3))
    gross = cents(sum((step.amount for step in steps), Decimal(0)))
    pct = tariff.social_discount_pct if social else None
    lines = charges(tariff, gross, social=social)
    water = lines[0].amount
    subtotal = sum((line.amount for line in lines), _ZERO)
    iva = sum((line.iva for line in lines), _ZERO)
    return Bill(m3, mode, social, steps, gross, pct, gross - water, water, lines, subtotal, iva, subtotal + iva)


def consumption(m3: object) -> Decimal:
    """A consumption as it can be billed: 0 to 9,999,999.999 m³ to the litre.

    Raises:
        InvalidInput: it is anything else.
    """
    try:
        return _CONSUMPTION.check(m3)
    except (ValueError, ArithmeticError):
        raise InvalidInput(
            _("This consumption cannot be billed"),
            _("Give m³ from 0 to 9999999.999, with at most 3 decimals."),
        ) from None


def cents(amount: Decimal) -> Decimal:
    """An amount rounded half up to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def is_water(base: str | None) -> bool:
    """Whether a concept's base means the water charge."""
    return base is None or base.lower() in WATER_NAMES


def waters(tariff: TariffInsert, consumptions: Iterable[Decimal]) -> Iterator[Decimal]:
    """The water before any discount, MXN to the cent, for one consumption after another.

    For a curve of many points: each block is looked at once, however many there are.

    Args:
        consumptions: rising, each as `consumption` returns it.
    """
    mode = Mode(tariff.rating_mode)
    coming = deque(sorted(tariff.blocks, key=_start))
    entered: list[billing.Block] = []
    passed = Decimal(0)
    for m3 in consumptions:
        while coming and _enters(m3, coming[0]):
            entered.append(coming.popleft())
        if mode is not Mode.ACCUMULATED:
            entered = entered[-1:]
        else:
            for block in [block for block in entered if block.to_m3 is not None and block.to_m3 <= m3]:
                passed += _amount(block, volume_in(block.from_m3, block.to_m3, mode, m3))
                entered.remove(block)
        here = (_amount(block, volume_in(block.from_m3, block.to_m3, mode, m3)) for block in entered)
        yield cents(sum(here, passed))


def _start(block: billing.Block) -> Decimal:
    return block.from_m3


def _enters(m3: Decimal, block: billing.Block) -> bool:
    return m3 > block.from_m3 or (not m3 and not block.from_m3)


def _entered(blocks: Iterable[billing.Block], mode: Mode, m3: Decimal) -> Sequence[billing.Block]:
    """The blocks that count for a consumption, from below."""
    entered = sorted((block for block in blocks if _enters(m3, block)), key=_start)
    return entered if mode is Mode.ACCUMULATED else entered[-1:]


def _amount(block: billing.Block, volume: Decimal) -> Decimal:
    return volume * block.price_per_m3 + block.fixed_charge


def _step(block: billing.Block, mode: Mode, m3: Decimal) -> Step:
    volume = volume_in(block.from_m3, block.to_m3, mode, m3)
    return Step(block.from_m3, block.to_m3, volume, block.price_per_m3, block.fixed_charge, _amount(block, volume))


def volume_in(from_m3: Decimal, to_m3: Decimal | None, mode: Mode, m3: Decimal) -> Decimal:
    """The m³ that an entered block prices, of a consumption of `m3`."""
    match mode:
        case Mode.ACCUMULATED:
            return (m3 if to_m3 is None or m3 < to_m3 else to_m3) - from_m3
        case Mode.BASE_PLUS_EXCESS:
            return m3 - from_m3
        case _:
            return m3


def charges(tariff: TariffInsert, gross: Decimal, *, social: bool = False) -> tuple[Line, ...]:
    """The lines of a bill whose water comes to `gross`, the water first.

    Args:
        gross: MXN to the cent, before any discount.

    Raises:
        InvalidInput: a concept is worked out on something that is not there before it.
    """
    pct = tariff.social_discount_pct if social else None
    water = gross if pct is None else gross - cents(gross * pct / 100)
    water_rate = tariff.iva_rate if tariff.iva_applicable else Decimal(0)
    lines = [Line(WATER, WATER_TITLE, "water", None, None, None, water, water_rate, cents(water * water_rate))]
    amounts = {WATER: water}
    for concept in tariff.additional_concepts:
        base = base_amount = None
        if isinstance(concept, FixedConcept):
            amount = cents(concept.value)
        else:
            base = WATER if concept.base is None or is_water(concept.base) else concept.base
            if base not in amounts:
                raise InvalidInput(
                    _("This tariff cannot be rated"),
                    _("A concept is worked out on one that does not come before it."),
                )
            base_amount = amounts[base]
            amount = cents(base_amount * concept.value / 100)
        amounts[concept.code] = amount
        iva_rate = water_rate if concept.iva_rate is None else concept.iva_rate
        lines.append(
            Line(
                concept.code, concept.name, concept.type, base, base_amount, concept.value,
                amount, iva_rate, cents(amount * iva_rate),
            )
        )  # fmt: skip
    return tuple(lines)


def tariff_details(tariff: TariffInsert, bill: Bill) -> tuple[WaterDetail | PercentageDetail | FixedDetail, ...]:
    """How each line of a bill was made, as `invoice_lines.tariff_detail` keeps it; in the order of the lines.

    Raises:
        ValueError: an amount is more than an invoice can hold.
    """
    return tuple(_detail(tariff, bill, line) for line in bill.lines)


def _detail(tariff: TariffInsert, bill: Bill, line: Line) -> WaterDetail | PercentageDetail | FixedDetail:
    if line.kind == "water":
        return WaterDetail(
            kind="water",
            tariff_id=tariff.id,
            tariff_name=tariff.name,
            mode=tariff.rating_mode,
            consumption_m3=bill.m3,
            steps=tuple(
                billing.Step(
                    from_m3=step.from_m3,
                    to_m3=step.to_m3,
                    m3=step.m3,
                    price_per_m3=step.price_per_m3,
                    fixed_charge=step.fixed_charge,
                    amount=step.amount,
                )
                for step in bill.steps
            ),
            discount_pct=bill.discount_pct,
            discount=None if bill.discount_pct is None else bill.discount,
            amount=line.amount,
        )
    value = line.value or Decimal(0)
    if line.base is None or line.base_amount is None:
        return FixedDetail(kind="fixed", unit_amount=value, amount=line.amount)
    return PercentageDetail(
        kind="percentage", base=line.base, base_amount=line.base_amount, percentage=value, amount=line.amount
    )
