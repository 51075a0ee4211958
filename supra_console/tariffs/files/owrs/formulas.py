"""What does a formula of a rate add up?

Formulas are sums: numbers, names, products with a number, brackets. `0.16*(water_charge+alc)` is 0.16 times the one
and 0.16 times the other; whatever is not such a sum, or says a name twice, is refused and never taken in part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs import numbers

_WORD = re.compile(r"\s*(?:([0-9][0-9.,]*)|([A-Za-z_][A-Za-z0-9_]*)|([-+*/()]))")
_MOST_CHARACTERS = 1_000
_MOST_BRACKETS = 10
_DECIMALS = 10
"""More than any rate has; how many it may have is said where it is used."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A number, and names with what each is taken times.

    Attributes:
        name: the name the formula consists of, if of nothing else.
    """

    number: Decimal = Decimal(0)
    times: Mapping[str, Decimal] = field(default_factory=dict)
    name: str | None = None


def read(text: str, value_of: Callable[[str], Decimal | None]) -> Sum:
    """What a formula adds up.

    Args:
        text: the formula.
        value_of: the number a name stands for, for names that others are multiplied by (`flat_rate*usage`); None if
            it stands for none.

    Raises:
        InvalidInput: it is no such sum; the title is the reason, as the end of a sentence.
    """
    if len(text) > _MOST_CHARACTERS:
        raise InvalidInput(_("is longer than any formula of a rate"))
    reader = _Reader(_words(text), value_of)
    found = reader.sum(0)
    if reader.rest:
        raise _no_sum()
    return found


def _words(text: str) -> list[str]:
    words, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            raise _no_sum()
        words.append(found[0].strip())
        at = found.end()
    return words


class _Reader:
    """The words of a formula, from the first to the last."""

    def __init__(self, words: list[str], value_of: Callable[[str], Decimal | None]) -> None:
        self.rest = words[::-1]
        self.value_of = value_of

    def sum(self, depth: int) -> Sum:
        found = self._product(depth)
        while self._take("+"):
            found = _added(found, self._product(depth))
        return found

    def _product(self, depth: int) -> Sum:
        found = self._factor(depth)
        while self._take("*"):
            found = self._multiplied(found, self._factor(depth))
        return found

    def _factor(self, depth: int) -> Sum:
        word = self.rest.pop() if self.rest else ""
        if word[:1].isdigit():
            return Sum(_number(word))
        if word.isidentifier():
            return Sum(times={word: Decimal(1)}, name=word)
        if word != "(" or depth >= _MOST_BRACKETS:
            raise _no_sum()
        found = self.sum(depth + 1)
        if not self._take(")"):
            raise _no_sum()
        return found

    def _take(self, word: str) -> bool:
        if not self.rest or self.rest[-1] != word:
            return False
        self.rest.pop()
        return True

    def _multiplied(self, one: Sum, other: Sum) -> Sum:
        """One of the two is a number, or a name that stands for one."""
        if one.times and other.times:
            known, others = self._value(one), self._value(other)
            if (known is None) == (others is None):
                raise InvalidInput(_("multiplies what are no plain numbers"))
            one, other = (one if known is None else Sum(known), other if others is None else Sum(others))
        share, rest = (one.number, other) if not one.times else (other.number, one)
        return Sum(share * rest.number, {name: share * times for name, times in rest.times.items()})

    def _value(self, side: Sum) -> Decimal | None:
        return None if side.name is None else self.value_of(side.name)


def _added(one: Sum, other: Sum) -> Sum:
    twice = one.times.keys() & other.times.keys()
    if twice:
        raise InvalidInput(_("adds up {name} twice").format(name=min(twice)))
    return Sum(one.number + other.number, {**one.times, **other.times})


def _number(digits: str) -> Decimal:
    try:
        return numbers.read_number(digits, decimals=_DECIMALS)
    except InvalidInput:
        raise InvalidInput(_("holds a number that is not digits and a point")) from None


def _no_sum() -> InvalidInput:
    return InvalidInput(_("is no sum of numbers, names and products of them with a number"))
