"""What do the specification's words mean to us?"""

from __future__ import annotations

CLASSES = {
    "RESIDENTIAL_SINGLE": "domestica",
    "COMMERCIAL": "comercial",
    "INDUSTRIAL": "industrial",
    "INSTITUTIONAL": "gobierno",
    "MIXED": "mixta",
    "RURAL": "rural",
    "SOCIAL": "social",
}
"""Customer classes and our categories; the first four are the specification's own."""
FREQUENCIES = {"monthly": "mensual", "bimonthly": "bimestral", "quarterly": "trimestral"}
UNITS = frozenset(
    (
        "m3", "m³", "cubic meter", "cubic meters", "cubic metre", "cubic metres",
        "kl", "kiloliter", "kiloliters", "kilolitre", "kilolitres",
    )
)  # fmt: skip
"""A kilolitre is a cubic metre."""
USAGES = frozenset(("usage", "usage_m3", "usage_kl"))
"""The consumption in formulas. `usage_ccf` is none of them: where the bill is in m³, nobody knows which is meant."""

SERVICE, COMMODITY, WATER, IVA, BILL = "service_charge", "commodity_charge", "water_charge", "iva", "bill"
SYNONYMS = {"tier_starts_commodity": "tier_starts", "tier_prices_commodity": "tier_prices"}
"""Names of the published files, which the specification's examples call otherwise."""
OURS = frozenset((SERVICE, COMMODITY, WATER, IVA, BILL, "tier_starts", "tier_prices", *SYNONYMS, *USAGES))
"""No charge is called so."""
