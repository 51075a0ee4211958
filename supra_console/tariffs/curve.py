"""At which consumptions does one look at a tariff, and what does it cost there?

A bill is a straight line within a block, but for the rounding, and may jump where the next begins; the points of a
curve are therefore both sides of each limit, a litre apart, and nothing between is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from supra_console.documents.billing import TariffInsert
from supra_console.tariffs.rating import LARGEST, LITRE, charges, consumption, waters


@dataclass(frozen=True, slots=True)
class Point:
    """What a consumption costs: m³, and MXN with IVA."""

    m3: Decimal
    total: Decimal


def curve(tariff: TariffInsert, up_to: Decimal, *, social: bool = False) -> tuple[Point, ...]:
    """The bill against m³, from 0 to `up_to`: exact at each limit and a litre beyond it.

    Raises:
        InvalidInput: as for `rating.rate`.
    """
    up_to = consumption(up_to)
    limits = [limit for limit in _limits(tariff) if limit <= up_to]
    at = sorted({Decimal(0), *limits, *(min(limit + LITRE, up_to) for limit in (Decimal(0), *limits)), up_to})
    return tuple(
        Point(m3, _total(tariff, gross, social=social)) for m3, gross in zip(at, waters(tariff, at), strict=True)
    )


def fixed_test_set(tariff: TariffInsert) -> tuple[Decimal, ...]:
    """The consumptions every tariff is tried with: 0, each limit, a litre beyond each, and a large one."""
    limits = _limits(tariff)
    large = min(max(Decimal(1000), 10 * max(limits, default=Decimal(0))), LARGEST)
    tried = {Decimal(0), *limits, *(limit + LITRE for limit in limits), large}
    return tuple(sorted(m3 for m3 in tried if m3 <= LARGEST))


def reach(old: TariffInsert | None, new: TariffInsert | None) -> Decimal:
    """How far a curve of both should go, in whole m³: half as far again as the last limit of either."""
    limits = [limit for tariff in (old, new) if tariff is not None for limit in _limits(tariff)]
    furthest = max(limits, default=Decimal(0)) * 3 / 2
    return min(max(furthest, Decimal(30)).to_integral_value(ROUND_CEILING), LARGEST)


def _limits(tariff: TariffInsert) -> list[Decimal]:
    """Where a block begins or ends, but for 0."""
    ends = {end for block in tariff.blocks for end in (block.from_m3, block.to_m3) if end}
    return sorted(ends)


def _total(tariff: TariffInsert, gross: Decimal, *, social: bool) -> Decimal:
    return sum((line.amount + line.iva for line in charges(tariff, gross, social=social)), Decimal(0))
