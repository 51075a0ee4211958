"""What must a single value of a document be, and how is that said?

Each rule is an annotation of a field: the check and the sentence a clerk reads, in one place. Values come as
`supra_console.jsonb` reads them: numbers as int or Decimal (amounts also as strings of digits), dates in ISO
form, lists as lists. A float is always refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from supra_console.errors import InvalidInput
from supra_console.i18n import _, ngettext


def refuse(sentence: str, code: str = "shape") -> PydanticCustomError:
    """The error a validator raises.

    Args:
        sentence: translated; holds no value of the document.
        code: a word for programs that says which rule it was, such as "order".
    """
    return PydanticCustomError("rule", "{sentence}", {"sentence": sentence, "code": code})


class Rule:
    """Base of the annotations below. `check` returns the value in its canonical form or raises ValueError."""

    CODE: ClassVar[str] = "shape"

    def check(self, value: object) -> object:
        raise NotImplementedError

    def sentence(self) -> str:
        """What the value must be, as the end of a sentence that begins with the field's name."""
        raise NotImplementedError

    def _validate(self, value: object) -> object:
        try:
            return self.check(value)
        except PydanticCustomError:  # the check had more to say than the rule's sentence
            raise
        except (ValueError, ArithmeticError, InvalidInput):
            raise refuse(self.sentence(), self.CODE) from None

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)


_DIGITS = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
# What the widest of our columns holds, numeric(14,2): the bound of numbers that have no other.
CEILING = Decimal("999999999999.99")


@dataclass(frozen=True)
class Number(Rule):
    """An exact number from `low` to `high` (None: only the columns' own width) with at most `decimals` decimals.

    `quoted`: digits in a JSON string will do as well; not where the database itself reckons with the number.
    """

    low: Decimal | int | None
    high: Decimal | int | None
    decimals: int
    quoted: bool = True

    def check(self, value: object) -> Decimal:
        if type(value) is int or (self.quoted and isinstance(value, str) and _DIGITS.fullmatch(value)):
            value = Decimal(value)
        if isinstance(value, str) and not self.quoted:
            raise refuse(_("must be a number, not a text: digits and a point, without quotes"))
        if not isinstance(value, Decimal) or not value.is_finite():
            raise ValueError
        low, high = self.bounds
        if value > high and self.high is None:
            raise refuse(_("must not be more than %(high)s") % {"high": high})
        if not low <= value <= high:
            raise ValueError
        rounded = value.quantize(Decimal(1).scaleb(-self.decimals))
        if rounded != value:
            raise ValueError
        # As written (5.50 stays 5.50), unless its zeros are more than the type has or it says 1E+2.
        kept = value if -self.decimals <= int(value.as_tuple().exponent) <= 0 else rounded
        return kept.copy_abs() if kept.is_zero() else kept

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The smallest and the largest value accepted."""
        low, high = self.low, self.high
        return Decimal(-CEILING if low is None else low), Decimal(CEILING if high is None else high)

    def sentence(self) -> str:
        words = {"low": self.low, "high": self.high}
        if self.low is None:
            text = _("must be a number")
        elif self.high is None:
            text = _("must be a number of at least %(low)s") % words
        else:
            text = _("must be a number from %(low)s to %(high)s") % words
        digits = ngettext(", with at most %(n)d decimal", ", with at most %(n)d decimals", self.decimals)
        return text + digits % {"n": self.decimals}


@dataclass(frozen=True)
class Whole(Rule):
    """A whole number from `low` to `high`."""

    low: int
    high: int

    def check(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not self.low <= value <= self.high:
            raise ValueError
        if value != int(value):
            raise ValueError
        return int(value)

    def sentence(self) -> str:
        return _("must be a whole number from %(low)d to %(high)d") % {"low": self.low, "high": self.high}


# What a document's text may not hold: control characters, and halves of characters that UTF-8 cannot write.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNPRINTABLE_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Text(Rule):
    """A text of `least` to `most` characters, of several lines if `lines`."""

    most: int
    least: int = 1
    lines: bool = False

    def check(self, value: object) -> str:
        if not isinstance(value, str) or not self.least <= len(value) <= self.most:
            raise ValueError
        if (_UNPRINTABLE_IN_LINES if self.lines else _UNPRINTABLE).search(value):
            raise ValueError
        return value

    def sentence(self) -> str:
        words = {"least": self.least, "most": self.most}
        if self.least:
            return _("must be a text of %(least)d to %(most)d characters, none of them a control character") % words
        return _("must be a text of at most %(most)d characters, none of them a control character") % words


@dataclass(frozen=True)
class Shaped(Rule):
    """A text of one shape; `must` is the whole sentence, marked with `N_`."""

    shape: str
    must: str

    def check(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > 2000 or not re.fullmatch(self.shape, value, re.ASCII):
            raise ValueError
        return value

    def sentence(self) -> str:
        return _(self.must)


@dataclass(frozen=True)
class Identifier(Rule):
    """A text that one of `supra_console.identifiers` accepts, kept in its canonical form."""

    canonical: Callable[[str], str]
    must: str

    def check(self, value: object) -> str:
        if isinstance(value, str):
            return self.canonical(value)
        raise ValueError

    def sentence(self) -> str:
        return _(self.must)


class Day(Rule):
    """A calendar day, `2026-02-16`."""

    def check(self, value: object) -> date:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            return date.fromisoformat(value)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        raise ValueError

    def sentence(self) -> str:
        return _("must be a date such as 2026-02-16")


class Moment(Rule):
    """A moment with its offset from UTC, `2026-02-16T09:30:00-06:00`."""

    _SHAPE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)", re.ASCII)

    def check(self, value: object) -> datetime:
        if isinstance(value, str) and self._SHAPE.fullmatch(value):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise ValueError
        return value

    def sentence(self) -> str:
        return _("must be a date and time with its time zone, such as 2026-02-16T09:30:00-06:00")


class Key(Rule):
    """The id of a row."""

    def check(self, value: object) -> UUID:
        if isinstance(value, str) and len(value) == 36:
            return UUID(value)
        if isinstance(value, UUID):
            return value
        raise ValueError

    def sentence(self) -> str:
        return _("must be the id of a record (32 hexadecimal digits in five groups)")


@dataclass(frozen=True)
class Listed:
    """A list of `low` to `high` entries, kept as a tuple."""

    high: int
    low: int = 0

    def _validate(self, value: object) -> object:
        if not isinstance(value, list | tuple) or not self.low <= len(value) <= self.high:
            raise refuse(self.sentence())
        return tuple(value)

    def sentence(self) -> str:
        if self.low:
            return _("must be a list of %(low)d to %(high)d entries") % {"low": self.low, "high": self.high}
        return _("must be a list of at most %(high)d entries") % {"high": self.high}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._validate, handler(source))


@dataclass(frozen=True)
class Keyed:
    """An object with names of the user's own, at most `high` of them."""

    high: int

    def _validate(self, value: object) -> object:
        if not isinstance(value, dict) or len(value) > self.high:
            raise refuse(self.sentence())
        return value

    def sentence(self) -> str:
        return _("must be an object of at most %(high)d named entries") % {"high": self.high}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._validate, handler(source))


@dataclass(frozen=True)
class Open(Rule):
    """A document whose fields somebody else decides (a bank, a PAC, an event), bounded and storable.

    Attributes:
        depth: objects and lists within each other.
        values: numbers, texts, lists and objects in it, altogether.
        characters: of all its texts and names together.
        lists: a list will do as well as an object.
        anything: so will a plain value.
    """

    depth: int = 12
    values: int = 2_000
    characters: int = 64_000
    lists: bool = False
    anything: bool = False

    def check(self, value: object) -> object:
        if not (self.anything or isinstance(value, dict) or (self.lists and isinstance(value, list))):
            raise ValueError
        values = characters = depth = 0
        level: list[object] = [value]
        while level:
            below: list[object] = []
            for entry in level:
                match entry:
                    case dict():
                        characters += sum(map(self._length, entry))
                        below += entry.values()
                    case list() | tuple():
                        below += entry
                    case str():
                        characters += self._length(entry)
                    case None | bool() | int():
                        pass
                    case Decimal() if entry.is_finite() and abs(entry.adjusted()) <= 1000:
                        pass
                    case _:
                        raise ValueError
            values += len(level)
            depth += any(isinstance(entry, dict | list | tuple) for entry in level)
            if values + len(below) > self.values or characters > self.characters or depth > self.depth:
                raise ValueError
            level = below
        return value

    @staticmethod
    def _length(text: object) -> int:
        if not isinstance(text, str) or _UNSTORABLE.search(text):
            raise ValueError
        return len(text)

    def sentence(self) -> str:
        if self.anything:
            kind = _("must be a value")
        elif self.lists:
            kind = _("must be an object or a list")
        else:
            kind = _("must be an object")
        limits = _(
            " of at most %(values)d values and %(characters)d characters, nested at most %(depth)d deep, "
            "without NaN, Infinity or characters a database cannot store"
        )
        return kind + limits % {"values": self.values, "characters": self.characters, "depth": self.depth}


_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class Scalar(Rule):
    """A single value of any plain kind: a number, a short text, yes or no, or nothing."""

    def check(self, value: object) -> object:
        match value:
            case None | bool():
                return value
            case int() | Decimal():
                return Number(None, None, 12).check(value)
            case _:
                return Text(500, 0).check(value)

    def sentence(self) -> str:
        return _("must be a number, a text of at most 500 characters, true or false, or empty")
