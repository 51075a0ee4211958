"""How far does a tariff fit the Open Water Rate Specification, and a rate of that specification our tariff?

OWRS is the California Data Collaborative's form for exchanging water rates: YAML, a rate for each customer class,
tiers, and formulas over named charges. One class is one tariff:

    metadata:                          rate_structure:
      effective_date: 2026-01-01         RESIDENTIAL_SINGLE:
      utility_name: "…"                    service_charge: 45.00
      bill_frequency: monthly              tier_starts: [0, 10]
      bill_unit: m3                        tier_prices: [5.50, 8.75]
                                           commodity_charge: Tiered
                                           water_charge: service_charge+commodity_charge
                                           alc: 0.1*water_charge
                                           iva: 0.16*(alc)
                                           bill: water_charge+alc+iva

What fits both ways: tiers above one service charge, percentages of the water or of an earlier charge, fixed charges,
IVA on each. What does not is refused where it changes an amount (prices that depend on a meter's size or a season,
budgets, other units, formulas of another kind, blocks that add fixed charges of their own) and noted where it does not
(names, discount).
"""

from __future__ import annotations

from supra_console.tariffs.files.owrs.reading import read
from supra_console.tariffs.files.owrs.words import CLASSES
from supra_console.tariffs.files.owrs.writing import write

__all__ = ["CLASSES", "read", "write"]
