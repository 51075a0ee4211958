"""Can a tariff's additional concepts be worked out, one after the other?"""

from __future__ import annotations

from collections.abc import Sequence

from supra_console.editing.remarks import Weight
from supra_console.i18n import _
from supra_console.tariffs.rating import WATER_NAMES, is_water
from supra_console.tariffs.rules.legible import Found, LegibleConcept, say


def concepts(listed: Sequence[LegibleConcept]) -> Found:
    """Codes that differ; percentages of something that is worked out before them."""
    codes = [concept.code for concept in listed]
    first: dict[str, int] = {}
    for number, concept in enumerate(listed):
        path = ("additional_concepts", number)
        if concept.code is not None:
            if first.setdefault(concept.code.casefold(), number) != number:
                yield say((*path, "code"), _("must be another: a concept before has this code"), "duplicate_code")
            if concept.code.strip() and concept.code != concept.code.strip():
                yield say((*path, "code"), _("must not begin or end with a blank"), "blank")
            if concept.code.strip().casefold() in WATER_NAMES:
                yield say((*path, "code"), _("must be another: this word means the water charge"), "reserved_code")
        if concept.fixed and concept.base is not None:
            yield say(
                (*path, "base"),
                _("is not looked at: a fixed charge is worked out on nothing; leave it empty"),
                "unused_base",
                Weight.WARNING,
            )
        if not concept.percentage:
            continue
        if concept.value is not None and 0 < concept.value < 1:
            yield say(
                (*path, "value"),
                _("is less than 1%: ten percent is written 10, not 0.10"),
                "low_percentage",
                Weight.WARNING,
            )
        base = concept.base
        if not (base is None or isinstance(base, str)) or is_water(base) or base in codes[:number]:
            continue
        if base not in codes:
            yield say(
                (*path, "base"),
                _("must be empty, for the water charge, or the code of a concept before this one"),
                "unresolved_base",
            )
        elif _turns_back(listed, number):
            yield say((*path, "base"), _("goes round in a circle: the concept is worked out on itself"), "circle")
        else:
            yield say(
                (*path, "base"),
                _("must come before this concept: concepts are worked out in their order"),
                "unresolved_base",
            )


def _turns_back(listed: Sequence[LegibleConcept], start: int) -> bool:
    """Whether a concept's bases lead back to it."""
    by_code = {concept.code: concept for concept in reversed(listed)}
    concept: LegibleConcept | None = listed[start]
    for _hop in listed:
        if concept is None or not concept.percentage or not isinstance(concept.base, str):
            return False
        if concept.base == listed[start].code:
            return True
        concept = by_code.get(concept.base)
    return False
