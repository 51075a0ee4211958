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
budgets, other units, blocks that add fixed charges of their own) and noted where it does not (names, discount).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from supra_console.display import UNSAFE, safe
from supra_console.documents.base import DocumentError, Problem
from supra_console.documents.billing import Block, TariffInsert
from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs import numbers
from supra_console.tariffs.files import yaml_text
from supra_console.tariffs.files.contents import Reading, Written
from supra_console.tariffs.rating import Mode, is_water

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
UNITS = ("m3", "m³", "cubic meter", "cubic meters", "cubic metre", "cubic metres")

WATER = "water_charge"
_OURS = {"service_charge", "tier_starts", "tier_prices", "commodity_charge", WATER, "iva", "bill"}
_FLAT = re.compile(r"([0-9.]+)\*usage(_m3)?")
_SHARE = re.compile(r"([0-9.]+)\*([a-z][a-z0-9_]*)")
_SHARE_OF_SUM = re.compile(r"([0-9.]+)\*\(([a-z0-9_+]+)\)")


# ── Writing ───────────────────────────────────────────────────────────────────────────────


def write(tariff: TariffInsert) -> Written:
    """A tariff as OWRS.

    Raises:
        InvalidInput: its blocks charge in a way that tiers above one service charge do not.
    """
    service_charge, tiers = _tiers(tariff)
    keys = _keys(tariff)
    charges = [
        (keys[concept.code], _formula(concept.base, concept.value, concept.type, keys), concept.name)
        for concept in tariff.additional_concepts
    ]
    lines = [
        "---",
        "metadata:",
        f"  effective_date: {tariff.effective_from.isoformat()}",
        f"  utility_name: {_quoted(tariff.name)}",
        f"  bill_frequency: {_name_of(FREQUENCIES, tariff.billing_period)}",
        "  bill_unit: m3",
        "rate_structure:",
        f"  {_name_of(CLASSES, tariff.category)}:",
        f"    service_charge: {service_charge:f}",
        "    tier_starts:",
        *(f"      - {start:f}" for start, _price in tiers),
        "    tier_prices:",
        *(f"      - {price:f}" for _start, price in tiers),
        "    commodity_charge: Tiered",
        f"    {WATER}: service_charge+commodity_charge",
        *(f"    {key}: {formula}  # {UNSAFE.sub(' ', name)}" for key, formula, name in charges),
    ]
    iva = _iva(tariff, keys)
    lines += [f"    iva: {iva}"] if iva else []
    lines.append(f"    bill: {'+'.join([WATER, *(key for key, *_rest in charges), *(['iva'] if iva else [])])}")
    return Written("\n".join(lines) + "\n", tuple(_lost(tariff)))


def _tiers(tariff: TariffInsert) -> tuple[Decimal, list[tuple[Decimal, Decimal]]]:
    """One service charge, and where each tier starts at which price, where that is the same money."""
    blocks = tariff.blocks
    mode = Mode(tariff.rating_mode)
    added = [block.fixed_charge for block in blocks[1:]]
    if mode is Mode.BASE_PLUS_EXCESS:
        # a fixed charge that is just what the blocks below cost adds nothing of its own
        added = [above.fixed_charge - _cost_at_end(below) for below, above in pairwise(blocks)]
    fits = not any(added) and (mode in (Mode.ACCUMULATED, Mode.BASE_PLUS_EXCESS) or len(blocks) == 1)
    if not fits:
        raise InvalidInput(
            _("This tariff cannot be written in the Open Water Rate Specification"),
            _("It knows tiers above one service charge; these blocks charge otherwise. Write JSON or CSV."),
        )
    price = Decimal(0) if mode is Mode.FLAT else None
    return blocks[0].fixed_charge, [(block.from_m3, block.price_per_m3 if price is None else price) for block in blocks]


def _cost_at_end(block: Block) -> Decimal:
    width = Decimal(0) if block.to_m3 is None else block.to_m3 - block.from_m3
    return block.fixed_charge + width * block.price_per_m3


def _keys(tariff: TariffInsert) -> dict[str, str]:
    """A name in formulas for each concept's code."""
    keys: dict[str, str] = {}
    for concept in tariff.additional_concepts:
        stem = re.sub(r"[^a-z0-9]+", "_", concept.code.lower()).strip("_") or "charge"
        stem = stem if stem[0].isalpha() and stem not in _OURS else f"c_{stem}"
        key = stem
        number = 2
        while key in keys.values():
            key, number = f"{stem}_{number}", number + 1
        keys[concept.code] = key
    return keys


def _formula(base: str | None, value: Decimal, kind: str, keys: Mapping[str, str]) -> str:
    if kind == "fixed":
        return f"{value:f}"
    return f"{_short(value / 100)}*{WATER if base is None or is_water(base) else keys.get(base, WATER)}"


def _iva(tariff: TariffInsert, keys: Mapping[str, str]) -> str:
    """IVA as a formula: each rate times the charges that bear it."""
    of_water = tariff.iva_rate if tariff.iva_applicable else Decimal(0)
    bearers: dict[Decimal, list[str]] = {}
    rates = [(WATER, of_water)]
    rates += [
        (keys[concept.code], of_water if concept.iva_rate is None else concept.iva_rate)
        for concept in tariff.additional_concepts
    ]
    for key, rate in rates:
        if rate:
            bearers.setdefault(rate, []).append(key)
    return "+".join(f"{_short(rate)}*({'+'.join(names)})" for rate, names in bearers.items())


def _lost(tariff: TariffInsert) -> Iterator[str]:
    if tariff.social_discount_pct:
        yield _("The social discount is not in the file: the specification has no such holder.")
    if tariff.gazette_reference or tariff.effective_until or tariff.explotacion_id:
        yield _("Gazette reference, last day and explotación are not in the file.")
    if CLASSES[_name_of(CLASSES, tariff.category)] in ("mixta", "rural", "social"):
        yield _("The customer class is none of the specification's own.")
    if tariff.additional_concepts:
        yield _("Concepts keep their codes in small letters, and their names as comments.")
    yield _("Formulas do not round: a bill reckoned by them can differ by some cents.")


def _name_of(names: Mapping[str, str], ours: str) -> str:
    return next(name for name, value in names.items() if value == ours)


def _short(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quoted(text: str) -> str:
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + UNSAFE.sub(lambda found: f"\\U{ord(found[0]):08X}", inner) + '"'


# ── Reading ───────────────────────────────────────────────────────────────────────────────


def read(text: str, customer_class: str | None = None) -> Reading:
    """One customer class of an OWRS file as plain values of a tariff.

    Args:
        text: YAML.
        customer_class: which one; None where the file has only one that is a category of ours.

    Raises:
        DocumentError: it charges in a way our tariffs do not; each problem names the field.
        InvalidInput: it is no OWRS, or has several classes.
    """
    document = yaml_text.read(text)
    document = document if isinstance(document, dict) else {}
    metadata = document.get("metadata")
    classes = document.get("rate_structure")
    if not isinstance(metadata, dict) or not isinstance(classes, dict):
        raise InvalidInput(
            _("The file is not in the Open Water Rate Specification"),
            _("It must have metadata and rate_structure."),
        )
    name = _chosen(classes, customer_class)
    return _Rate(name, classes[name], metadata).reading([other for other in classes if other != name])


def _chosen(classes: Mapping[str, Any], wanted: str | None) -> str:
    known = [name for name in classes if name in CLASSES]
    if wanted is not None and wanted in known:
        return wanted
    if wanted is None and len(known) == 1:
        return known[0]
    shown = ", ".join(known) or _("none")
    raise InvalidInput(
        _("The file has no single customer class to read"),
        _("Classes that are a category of ours: {names}. Name one with --class.").format(names=shown),
    )


def _terms_of(formula: object) -> list[str]:
    return str(formula if formula is not None else "").replace(" ", "").split("+")


class _Rate:
    """One customer class on its way to a tariff."""

    def __init__(self, name: str, body: object, metadata: Mapping[str, Any]) -> None:
        if isinstance(body, list):  # some files list their charges one by one
            body = {key: value for part in body if isinstance(part, dict) for key, value in part.items()}
        self.name = name
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}
        self.metadata = metadata
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def reading(self, others: Sequence[str]) -> Reading:
        raw = self._terms() | {"blocks": self._blocks()} | self._concepts()
        if self.problems:
            raise DocumentError(self.problems)
        if others:
            self.notes.append(
                _("Other customer classes of the file were left aside: {names}").format(
                    names=safe(", ".join(others), 200)
                )
            )
        return Reading(raw, tuple(self.notes))

    def _refuse(self, field: str, message: str) -> None:
        self.problems.append(Problem(safe(field, 60), message))

    def _terms(self) -> dict[str, object]:
        unit = self.metadata.get("bill_unit")
        if not isinstance(unit, str) or unit.lower() not in UNITS:
            self._refuse("bill_unit", _("must be m3; other units are no round number of cubic metres"))
        frequency = str(self.metadata.get("bill_frequency", "")).lower()
        if frequency not in FREQUENCIES:
            self._refuse("bill_frequency", _("must be one of: %(choices)s") % {"choices": ", ".join(FREQUENCIES)})
        terms: dict[str, object] = {
            "name": self.metadata.get("utility_name"),
            "category": CLASSES[self.name],
            "billing_period": FREQUENCIES.get(frequency),
            "effective_from": self.metadata.get("effective_date"),
            "rating_mode": Mode.ACCUMULATED.value,
        }
        return {name: value for name, value in terms.items() if value is not None}

    def _blocks(self) -> list[object]:
        service = self._number("service_charge", 2, Decimal(0))
        charge = str(self.body.get("commodity_charge", "")).replace(" ", "")
        starts: list[Decimal] = [Decimal(0)]
        prices: list[Decimal] = [Decimal(0)]
        if charge.lower() == "tiered":
            starts, prices = self._numbers("tier_starts", 3), self._numbers("tier_prices", 4)
        elif flat := _FLAT.fullmatch(charge):
            prices = [self._read("commodity_charge", flat[1], 4)]
        elif charge != "0":
            self._refuse("commodity_charge", _("must be Tiered, 0 or a price times usage"))
        if len(starts) != len(prices):
            self._refuse("tier_prices", _("must be as many as the tiers"))
        ends: list[Decimal | None] = [*starts[1:], None]
        return [
            {"from_m3": start, "to_m3": end, "price_per_m3": price, "fixed_charge": Decimal(0) if number else service}
            for number, (start, end, price) in enumerate(zip(starts, ends, prices, strict=False))
        ]

    def _concepts(self) -> dict[str, object]:
        """Whatever else the bill adds up, and the IVA on each."""
        parts = _terms_of(self.body.get("bill"))
        water = {"service_charge", "commodity_charge"}
        if WATER in parts:
            self._check_water(water & set(parts))
            water = {WATER}
        elif "commodity_charge" not in parts:
            self._refuse("bill", _("must add up the commodity charge and other charges"))
        elif "service_charge" not in parts and self._number("service_charge", 2, Decimal(0)):
            self._refuse("bill", _("leaves out the service charge"))
        codes = [part for part in parts if part not in water | {"iva"}]
        rates = self._iva_rates() if "iva" in parts else {}
        concepts = [concept for code in codes if (concept := self._concept(code, rates)) is not None]
        unused = [name for name in self.body if name not in _OURS and name not in codes]
        if unused:
            self.notes.append(
                _("Not part of the bill, and left aside: {names}").format(names=safe(", ".join(unused), 200))
            )
        of_water = rates.get(WATER, Decimal(0))
        values: dict[str, object] = {"iva_applicable": bool(of_water), "iva_rate": of_water}
        return values | ({"additional_concepts": concepts} if concepts else {})

    def _check_water(self, twice: set[str]) -> None:
        """Whether what the file calls the water charge is ours."""
        terms = set(_terms_of(self.body.get(WATER)))
        if twice:
            self._refuse("bill", _("adds up a part of the water charge twice"))
        if not {"commodity_charge"} <= terms <= {"commodity_charge", "service_charge"} or (
            "service_charge" not in terms and self._number("service_charge", 2, Decimal(0))
        ):
            self._refuse(WATER, _("must be the service charge and the commodity charge"))

    def _concept(self, code: str, rates: Mapping[str, Decimal]) -> dict[str, object] | None:
        formula = str(self.body.get(code, "")).replace(" ", "")
        concept: dict[str, object] = {"code": code, "name": code}
        if share := _SHARE.fullmatch(formula):
            base = "agua" if share[2] == WATER else share[2]
            if share[2] in ("commodity_charge", "service_charge"):
                self._refuse(code, _("must be worked out on the whole water charge, or on an earlier charge"))
            concept |= {"type": "percentage", "value": self._read(code, share[1], 6) * 100, "base": base}
        elif isinstance(self.body.get(code), str) and re.fullmatch(r"[0-9.]+", formula):
            amount = self._read(code, formula, 2)
            if not amount:
                return None
            concept |= {"type": "fixed", "value": amount}
        else:
            self._refuse(code, _("must be an amount, or a fraction of an earlier charge"))
        return concept | {"iva_rate": rates.get(code, Decimal(0))}

    def _iva_rates(self) -> dict[str, Decimal]:
        formula = str(self.body.get("iva", "")).replace(" ", "")
        rates: dict[str, Decimal] = {}
        rest = formula
        while found := _SHARE_OF_SUM.match(rest) or _SHARE.match(rest):
            rate = self._read("iva", found[1], 4)
            rates |= dict.fromkeys(found[2].split("+"), rate)
            rest = rest[found.end() :].removeprefix("+")
        if rest or not formula:
            self._refuse("iva", _("must be rates times charges, such as 0.16*(water_charge)"))
        return rates

    def _number(self, field: str, decimals: int, default: Decimal) -> Decimal:
        return self._read(field, self.body[field], decimals) if field in self.body else default

    def _numbers(self, field: str, decimals: int) -> list[Decimal]:
        values = self.body.get(field)
        if isinstance(values, list) and values:
            return [self._read(field, value, decimals) for value in values]
        if not isinstance(values, dict):
            self._refuse(field, _("must be a list"))
        else:
            self._read(field, values, decimals)
        return []

    def _read(self, field: str, value: object, decimals: int) -> Decimal:
        if isinstance(value, dict):
            self._refuse(field, _("depends on something; a tariff has one price for all its tomas"))
            return Decimal(0)
        try:
            return numbers.read_number(str(value), decimals=decimals)
        except InvalidInput as error:
            self._refuse(field, error.advice or error.title)
            return Decimal(0)
