"""How is a tariff written in the Open Water Rate Specification?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from supra_console.display import UNSAFE
from supra_console.documents.billing import Block, TariffInsert
from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs.files.contents import Written
from supra_console.tariffs.files.owrs.words import CLASSES, FREQUENCIES, OURS, WATER
from supra_console.tariffs.rating import Mode, is_water


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
    # a tier has a start alone: where one block does not begin at the end of another, that would be lost
    joined = [block.from_m3 for block in blocks] == [0, *(block.to_m3 for block in blocks[:-1])]
    if not fits or not joined or blocks[-1].to_m3 is not None:
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
        stem = stem if stem[0].isalpha() and stem not in OURS else f"c_{stem}"
        key = stem
        number = 2
        while key in keys.values():
            key, number = f"{stem}_{number}", number + 1
        keys[concept.code] = key
    return keys


def _formula(base: str | None, value: Decimal, kind: str, keys: Mapping[str, str]) -> str:
    if kind == "fixed":
        return f"{value:f}"
    if base is not None and not is_water(base) and base not in keys:
        raise InvalidInput(
            _("This tariff cannot be written in the Open Water Rate Specification"),
            _("A concept is worked out on one there is not. Mend it first."),
        )
    return f"{_short(value / 100)}*{WATER if base is None or is_water(base) else keys[base]}"


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
