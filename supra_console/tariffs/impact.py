"""Whom do some tariffs hit together, and by how much?

Each tariff's own impact is a document that can be kept (`supra_console.documents.impact`); here several become one
picture: totals, categories, municipalities, colonias, bands of change, kinds of holders, the largest rises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from supra_console.documents.impact import MOST_RISES, Band, Figures, LeftOut, Rise, TariffImpact

K = TypeVar("K")

PERCENTS = tuple(map(Decimal, (-50, -25, -10, -5, 0, 5, 10, 25, 50, 100)))
"""Bounds of the bands of change, in % of what was paid."""

AMOUNTS = tuple(map(Decimal, (-1000, -200, -50, -10, 0, 10, 50, 200, 1000)))
"""Bounds of the bands of change, in MXN of an average bill."""

UNCHANGED = -1
"""The band of those whose bills stay as they are."""


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """Some tariffs' impact together.

    Attributes:
        parts: one document for each tariff, in the order asked for.
        complete: all months are in it; until then it has no colonias, holders, bands and rises.
    """

    parts: tuple[TariffImpact, ...]
    complete: bool = True

    @property
    def total(self) -> Figures:
        """All of it."""
        return add(part.figures for part in self.parts)

    @property
    def m3(self) -> Decimal:
        """m³ that were rated."""
        return sum((part.m3 for part in self.parts), Decimal(0))

    @property
    def unpriced(self) -> tuple[TariffImpact, ...]:
        """The tariffs without an old price: what they change cannot be said."""
        return tuple(part for part in self.parts if part.old_id is None)

    def by_category(self) -> dict[str, Figures]:
        """The figures by category."""
        return grouped((part.category, part.figures) for part in self.parts)

    def by_municipality(self) -> dict[str, Figures]:
        """The figures by municipality of the explotación."""
        return grouped((one.name, one.figures) for part in self.parts for one in part.municipalities)

    def by_colonia(self) -> dict[tuple[str, str], Figures]:
        """The figures by municipality and colonia."""
        return grouped(((one.municipality, one.name), one.figures) for part in self.parts for one in part.colonias)

    def by_holder(self) -> dict[str, Figures]:
        """The figures by kind of holder: social, vulnerable, social_vulnerable, other."""
        return grouped((one.kind, one.figures) for part in self.parts for one in part.holders)

    def percents(self) -> tuple[Band, ...]:
        """Contracts by change in %, from the largest fall up."""
        return merged(part.percents for part in self.parts)

    def amounts(self) -> tuple[Band, ...]:
        """Contracts by change in MXN of an average bill, from the largest fall up."""
        return merged(part.amounts for part in self.parts)

    def rises(self) -> tuple[Rise, ...]:
        """The largest rises of all."""
        every = [rise for part in self.parts for rise in part.rises]
        return tuple(sorted(every, key=lambda rise: (-rise.difference, str(rise.contract_id)))[:MOST_RISES])

    def left_out(self) -> tuple[LeftOut, ...]:
        """What was not rated, by reason."""
        found: dict[str, LeftOut] = {}
        for one in (one for part in self.parts for one in part.left_out):
            before = found.get(one.reason)
            found[one.reason] = (
                one
                if before is None
                else LeftOut(
                    reason=one.reason,
                    contracts=before.contracts + one.contracts,
                    readings=before.readings + one.readings,
                )
            )
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is.

    Attributes:
        done: months read so far, the latest first.
        months: of so many.
        report: of what is rated so far; None before the first month.
    """

    done: int
    months: int
    report: ImpactReport | None = None


@dataclass(frozen=True, slots=True)
class KeptImpact:
    """An impact that was kept.

    Attributes:
        fits: whether it is about the tariff's present content.
        by: who had it kept; None where that person is gone.
    """

    report: ImpactReport
    fits: bool
    at: datetime
    by: str | None


def add(figures: Iterable[Figures]) -> Figures:
    """The sum of some figures."""
    return sum(figures, Figures.model_construct())


def grouped(pairs: Iterable[tuple[K, Figures]]) -> dict[K, Figures]:
    """The sums by key, largest change first."""
    found: dict[K, Figures] = {}
    for key, figures in pairs:
        found[key] = found[key] + figures if key in found else figures
    return dict(sorted(found.items(), key=lambda entry: -abs(entry[1].difference)))


def bands(edges: Sequence[Decimal], found: Mapping[int, Figures]) -> tuple[Band, ...]:
    """Bands with their bounds, from the lowest up; the unchanged lie between falls and rises.

    Args:
        found: figures by band, as the database numbers them: 0 below the first edge, `UNCHANGED` for no change.
    """
    limits: list[Decimal | None] = [None, *edges, None]
    made = []
    for number in range(len(edges) + 1):
        low, high = limits[number], limits[number + 1]
        if low == 0 and UNCHANGED in found:
            made.append(Band(low=Decimal(0), high=Decimal(0), figures=found[UNCHANGED]))
        if number in found:
            made.append(Band(low=low, high=high, figures=found[number]))
    return tuple(made)


def merged(lists: Iterable[Iterable[Band]]) -> tuple[Band, ...]:
    """The bands of several tariffs as one list."""
    found = grouped(((one.low, one.high), one.figures) for bands in lists for one in bands)
    return tuple(
        Band.model_construct(low=low, high=high, figures=found[low, high])
        for low, high in sorted(
            found, key=lambda bounds: (Decimal("-Infinity") if bounds[0] is None else bounds[0], bounds[1] != 0)
        )
    )
