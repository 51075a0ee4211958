"""Which tariff is a rate of the Open Water Rate Specification?

It is taken wholly and to the cent, or refused with the field, the formula and the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from supra_console.display import safe
from supra_console.documents.base import DocumentError, Problem
from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs import numbers
from supra_console.tariffs.files import yaml_text
from supra_console.tariffs.files.contents import Reading
from supra_console.tariffs.files.owrs import formulas
from supra_console.tariffs.files.owrs.formulas import Sum
from supra_console.tariffs.files.owrs.words import (
    BILL,
    CLASSES,
    COMMODITY,
    FREQUENCIES,
    IVA,
    OURS,
    SERVICE,
    SYNONYMS,
    UNITS,
    USAGES,
    WATER,
)
from supra_console.tariffs.rating import Mode

_NONE = Decimal(0)


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


class _Rate:
    """One customer class on its way to a tariff."""

    def __init__(self, name: str, body: object, metadata: Mapping[str, Any]) -> None:
        self.name = name
        self.metadata = metadata
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.used = {BILL}
        self.body = self._fields(body)
        self.service = self._amount(SERVICE, 2) if SERVICE in self.body else _NONE

    def reading(self, others: Sequence[str]) -> Reading:
        raw = self._terms() | {"blocks": self._blocks()} | self._bill()
        if self.problems:
            raise DocumentError(self.problems)
        unused = [name for name in self.body if name not in self.used]
        for names, sentence in (
            (unused, _("Not part of the bill, and left aside: {names}")),
            (others, _("Other customer classes of the file were left aside: {names}")),
        ):
            if names:
                self.notes.append(sentence.format(names=safe(", ".join(names), 200)))
        return Reading(raw, tuple(self.notes))

    def _fields(self, body: object) -> dict[str, Any]:
        """Names and what they hold; some files list them one by one, some have other names for tiers."""
        fields: dict[str, Any] = {}
        for part in body if isinstance(body, list) else [body]:
            for key, value in part.items() if isinstance(part, dict) else ():
                name = SYNONYMS.get(str(key), str(key))
                if name in fields:
                    self._refuse(name, _("stands twice"))
                fields[name] = value
            if not isinstance(part, dict):
                self._refuse(self.name, _("must be an object with named fields"))
        return fields

    def _refuse(self, field: str, message: str) -> None:
        self.problems.append(Problem(safe(field, 60), message))

    def _refuse_formula(self, field: str, message: str) -> None:
        """A formula is refused with its text, so that whoever reads the reason sees what it is about."""
        formula = safe(str(self.body.get(field, "")), 60)
        self._refuse(field, _("{reason} (the file has “{formula}”)").format(reason=message, formula=formula))

    # ── Terms and blocks ──────────────────────────────────────────────────────────────────

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
            "effective_from": self._first_day(),
            "rating_mode": Mode.ACCUMULATED.value,
        }
        return {name: value for name, value in terms.items() if value is not None}

    def _first_day(self) -> object:
        written = self.metadata.get("effective_date")
        try:
            return None if written is None else numbers.read_date(str(written)).isoformat()
        except InvalidInput as error:
            self._refuse("effective_date", error.advice or error.title)
            return None

    def _blocks(self) -> list[object]:
        starts, prices = [_NONE], [_NONE]
        charge = self._single(COMMODITY)
        if str(charge).strip().lower() == "tiered":
            starts, prices = self._numbers("tier_starts", 3), self._numbers("tier_prices", 4)
            if starts and prices and len(starts) != len(prices):
                self._refuse("tier_prices", _("must be as many as the tiers"))
        elif (price := self._sum(COMMODITY)) is not None:
            prices = [self._price(price)]
        return [
            {"from_m3": start, "to_m3": end, "price_per_m3": price, "fixed_charge": _NONE if number else self.service}
            for number, (start, end, price) in enumerate(zip_longest(starts, starts[1:], prices))
        ]

    def _price(self, formula: Sum) -> Decimal:
        """The price in a price times usage."""
        usage = list(formula.times)
        if len(usage) == 1 and usage[0] in USAGES and not formula.number:
            return self._exact(COMMODITY, formula.times[usage[0]], 4)
        if usage == ["usage_ccf"]:
            self._refuse_formula(COMMODITY, _("is in hundreds of cubic feet, and the bill in m³: write usage"))
        elif usage or formula.number:
            self._refuse_formula(COMMODITY, _("must be Tiered, 0 or a price times usage"))
        return _NONE

    # ── The bill ──────────────────────────────────────────────────────────────────────────

    def _bill(self) -> dict[str, object]:
        """Whatever the bill adds up, and the IVA on each."""
        if WATER in self.body:
            self._check_water()
        bill = self._sum(BILL)
        if bill is None:
            return {}
        if bill.number or any(times != 1 for times in bill.times.values()):
            self._refuse_formula(BILL, _("must add up the commodity charge and other charges"))
        codes = [name for name in bill.times if name not in (SERVICE, COMMODITY, WATER, IVA)]
        whole = self._whole(bill.times)
        if whole is None or WATER not in whole:
            self._refuse_formula(BILL, self._not_whole(bill.times))
        if IVA in self.body and IVA not in bill.times:
            self._refuse_formula(BILL, _("leaves out the IVA"))
        rates = self._iva_rates(codes) if IVA in bill.times else {}
        concepts = self._concepts(codes, rates)
        of_water = rates.get(WATER, _NONE)
        values: dict[str, object] = {"iva_applicable": bool(of_water), "iva_rate": of_water}
        return values | ({"additional_concepts": concepts} if concepts else {})

    def _check_water(self) -> None:
        """Whether what the file calls the water charge is ours."""
        self.used.add(WATER)
        water = self._sum(WATER)
        if water is not None and (
            water.number or WATER in water.times or self._whole(water.times) != {WATER: Decimal(1)}
        ):
            self._refuse_formula(WATER, _("must be the service charge and the commodity charge"))

    def _whole(self, times: Mapping[str, Decimal]) -> dict[str, Decimal] | None:
        """The same with the parts of the water charge taken together; None where only a part of it is there."""
        parts = {name: share for name, share in times.items() if name in (SERVICE, COMMODITY)}
        others = {name: share for name, share in times.items() if name not in parts}
        if not parts:
            return others
        if not self.service:
            parts.pop(SERVICE, None)
            parts = {COMMODITY: parts[COMMODITY], SERVICE: parts[COMMODITY]} if parts else {}
        if WATER in others or len(parts) != 2 or parts[SERVICE] != parts[COMMODITY]:
            return None
        return {WATER: parts[COMMODITY], **others}

    def _not_whole(self, times: Mapping[str, Decimal]) -> str:
        if WATER in times:
            return _("adds up a part of the water charge twice")
        if COMMODITY in times:
            return _("leaves out the service charge")
        return _("must add up the commodity charge and other charges")

    def _concepts(self, codes: Sequence[str], rates: Mapping[str, Decimal]) -> list[dict[str, object]]:
        made = [concept for number, code in enumerate(codes) if (concept := self._concept(code, codes[:number]))]
        bases = {concept.get("base") for concept in made}
        # files name all charges a utility might have; one of nothing is none, unless another is worked out on it
        return [
            concept | {"iva_rate": rates.get(str(concept["code"]), _NONE)}
            for concept in made
            if concept["value"] or concept["type"] == "percentage" or concept["code"] in bases
        ]

    def _concept(self, code: str, earlier: Sequence[str]) -> dict[str, object] | None:
        formula = self._sum(code)
        whole = None if formula is None else self._whole(formula.times)
        if formula is None:
            return None
        if not formula.times:
            return {"code": code, "name": code, "type": "fixed", "value": self._exact(code, formula.number, 2)}
        if whole is None:
            self._refuse_formula(code, _("must be worked out on the whole water charge, or on an earlier charge"))
        elif len(whole) != 1 or formula.number or not whole.keys() <= {WATER, *earlier}:
            self._refuse_formula(code, _("must be an amount, or a fraction of an earlier charge"))
        else:
            ((base, share),) = whole.items()
            value = self._exact(code, share, 6) * 100
            base = "agua" if base == WATER else base
            return {"code": code, "name": code, "type": "percentage", "value": value, "base": base}
        return None

    def _iva_rates(self, codes: Sequence[str]) -> dict[str, Decimal]:
        """The rate that the water and each charge of the bill bears."""
        formula = self._sum(IVA)
        if formula is None:
            return {}
        whole = self._whole(formula.times)
        if whole is None:
            self._refuse_formula(IVA, _("must be on the whole water charge: our IVA is not on a part of it"))
            return {}
        if formula.number or not whole:
            self._refuse_formula(IVA, _("must be rates times charges, such as 0.16*(water_charge)"))
        for stranger in whole.keys() - {WATER, *codes}:
            self._refuse_formula(IVA, _("is on {name}, which is no charge of the bill").format(name=safe(stranger, 40)))
        return {name: self._exact(IVA, rate, 4) for name, rate in whole.items()}

    # ── Values ────────────────────────────────────────────────────────────────────────────

    def _sum(self, field: str) -> Sum | None:
        """What the formula in a field adds up; None, and refused, where it is none."""
        value = self._single(field)
        if value is None:
            self._refuse(field, _("is missing"))
            return None
        if not isinstance(value, str):
            self._refuse(field, self._astray(value))
            return None
        try:
            found = formulas.read(value, self._constant)
        except InvalidInput as error:
            self._refuse_formula(field, error.title)
            return None
        self.used |= found.times.keys()
        return found

    def _constant(self, name: str) -> Decimal | None:
        """The number a name stands for in products, such as `flat_rate`; charges and our own names stand for none."""
        value = self._single(name) if name not in OURS else None
        try:
            return numbers.read_number(value, decimals=6) if isinstance(value, str) else None
        except InvalidInput:
            return None

    def _single(self, field: str) -> object:
        """What a field holds; some files write one value as a list of one."""
        self.used.add(field)
        value = self.body.get(field)
        return value[0] if isinstance(value, list) and len(value) == 1 else value

    def _amount(self, field: str, decimals: int) -> Decimal:
        return self._read(field, self._single(field), decimals)

    def _numbers(self, field: str, decimals: int) -> list[Decimal]:
        self.used.add(field)
        values = self.body.get(field)
        if isinstance(values, list) and values:
            return [self._read(field, value, decimals) for value in values]
        self._refuse(field, self._astray(values) if isinstance(values, dict) else _("must be a list"))
        return []

    def _read(self, field: str, value: object, decimals: int) -> Decimal:
        if not isinstance(value, str):
            self._refuse(field, self._astray(value))
            return _NONE
        try:
            return numbers.read_number(value, decimals=decimals)
        except InvalidInput as error:
            self._refuse(field, error.advice or error.title)
            return _NONE

    def _exact(self, field: str, number: Decimal, decimals: int) -> Decimal:
        return self._read(field, f"{number:f}", decimals)

    @staticmethod
    def _astray(value: object) -> str:
        if isinstance(value, dict):
            return _("depends on something; a tariff has one price for all its tomas")
        return _("must be one number, or a formula, and not a list")
