"""Tariffs to try things on: the plan's, and sound ones of every kind for hypothesis."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from supra_console.documents.billing import TariffInsert
from supra_console.jsonb import read
from supra_console.tariffs.rating import Mode
from supra_console.tariffs.rules import examine

Raw = dict[str, Any]
CENT = Decimal("0.01")
IVA = Decimal("0.16")

PLAN_BLOCKS: Any = read(
    """[
  {"from_m3": 0,  "to_m3": 10,   "price_per_m3": 5.50,  "fixed_charge": 45.00},
  {"from_m3": 10, "to_m3": 20,   "price_per_m3": 8.75,  "fixed_charge": 0},
  {"from_m3": 20, "to_m3": 40,   "price_per_m3": 15.30, "fixed_charge": 0},
  {"from_m3": 40, "to_m3": null,  "price_per_m3": 25.00, "fixed_charge": 0}
]"""
)
SEWERAGE = {"code": "alcantarillado", "name": "Alcantarillado", "type": "percentage", "value": 10, "iva_rate": IVA}
TREATMENT = {"code": "saneamiento", "name": "Saneamiento", "type": "percentage", "value": 12, "iva_rate": IVA}
METER = {"code": "medidor", "name": "Renta de medidor", "type": "fixed", "value": Decimal("7.25"), "iva_rate": IVA}


def raw(**changes: object) -> Raw:
    """The plan's tariff by column, with changes."""
    return {
        "name": "Doméstica 2027",
        "category": "domestica",
        "billing_period": "mensual",
        "effective_from": "2027-01-01",
        "blocks": PLAN_BLOCKS,
    } | changes


def tariff(**changes: object) -> TariffInsert:
    """The same as a document; its fields have to be right."""
    made = examine(raw(**changes)).tariff
    assert made is not None, examine(raw(**changes)).remarks
    return made


def block(from_m3: object, to_m3: object, price_per_m3: object, fixed_charge: object = 0) -> Raw:
    """One block, its numbers given as digits, int or Decimal; anything else stays what it is."""
    values = {"from_m3": from_m3, "to_m3": to_m3, "price_per_m3": price_per_m3, "fixed_charge": fixed_charge}
    return {
        name: Decimal(value) if isinstance(value, str) and value[:1].isdigit() else value
        for name, value in values.items()
    }


def amounts(places: int, most: int) -> SearchStrategy[Decimal]:
    return st.integers(0, most * 10**places).map(lambda units: Decimal(units).scaleb(-places))


@st.composite
def blocks(draw: st.DrawFn, mode: Mode, most: int = 6) -> list[Raw]:
    """Blocks without gap or overlap whose bill never falls."""
    limits = sorted(draw(st.sets(amounts(3, 200).filter(bool), max_size=most - 1)))
    edges = [Decimal(0), *limits, None]
    made: list[Raw] = []
    for start, end in pairwise(edges):
        price = Decimal(0) if mode is Mode.FLAT else draw(amounts(4, 60))
        charge = draw(amounts(2, 300))
        if made and mode is not Mode.ACCUMULATED:
            before = made[-1]
            if mode is Mode.REACHED_BLOCK:
                price, charge = price + before["price_per_m3"], charge + before["fixed_charge"]
            else:
                below = before["fixed_charge"] + (start - before["from_m3"]) * before["price_per_m3"]
                charge += below.quantize(CENT, ROUND_CEILING)
        made.append(block(start, end, price, charge))
    return made


@st.composite
def concepts(draw: st.DrawFn) -> list[Raw]:
    """Concepts worked out on the water or on each other."""
    made: list[Raw] = []
    for number in range(draw(st.integers(0, 4))):
        one: Raw = {"code": f"c{number}", "name": f"Concepto {number}"}
        if draw(st.booleans()):
            bases = [None, "agua", "WATER", *(earlier["code"] for earlier in made)]
            one |= {
                "type": "percentage",
                "value": draw(amounts(4, 100).filter(bool)),
                "base": draw(st.sampled_from(bases)),
            }
        else:
            one |= {"type": "fixed", "value": draw(amounts(2, 500))}
        if draw(st.booleans()):
            one["iva_rate"] = draw(st.sampled_from([Decimal(0), Decimal("0.08"), Decimal("0.16")]))
        made.append(one)
    return made


@st.composite
def sound_raws(draw: st.DrawFn, mode: Mode | None = None) -> Raw:
    """Plain values of tariffs that nothing is wrong with."""
    chosen = mode or draw(st.sampled_from(Mode))
    return raw(
        rating_mode=chosen.value,
        blocks=draw(blocks(chosen)),
        additional_concepts=draw(concepts()),
        iva_applicable=draw(st.booleans()),
        iva_rate=draw(st.sampled_from([Decimal(0), Decimal("0.08"), Decimal("0.16")])),
        social_discount_pct=draw(st.none() | amounts(2, 100)),
    )


def sound_tariffs(mode: Mode | None = None) -> SearchStrategy[TariffInsert]:
    return sound_raws(mode).map(lambda values: tariff(**values))


CONSUMPTIONS = amounts(3, 250)
"""m³ to the litre, beyond the last limit of all tariffs made here."""
