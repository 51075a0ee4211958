"""Two people changed the same document: in which fields do they differ, and what comes of the choices?

Documents are compared as plain JSON values, three ways: what both began with, mine, theirs. Objects are compared
field by field, and lists entry by entry while all three have as many entries; a list that grew or shrank is one
field, because nobody can say which entry became which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, cast

from supra_console.documents.wording import Loc
from supra_console.jsonb import Json


class Side(StrEnum):
    """Whose value is taken."""

    MINE = "mine"
    THEIRS = "theirs"


class Absent:
    """What a field is that is not there; JSON's null is a value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
Value: TypeAlias = "Json | Absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which mine and theirs differ.

    Attributes:
        path: where, as in `Remark.path`; empty for the document itself.
        base: what both began with.
    """

    path: Loc
    base: Value
    mine: Value
    theirs: Value

    @property
    def settled(self) -> Side | None:
        """Whose it is where only one of the two changed it; None where both did, and somebody has to choose."""
        if same(self.base, self.theirs):
            return Side.MINE
        if same(self.base, self.mine):
            return Side.THEIRS
        return None

    def value(self, side: Side) -> Value:
        """The value of one side."""
        return self.mine if side is Side.MINE else self.theirs


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same; unlike Python's, true is not 1, nor 5.50 written as 5.5."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def differences(base: Value, mine: Value, theirs: Value) -> tuple[Difference, ...]:
    """The fields in which mine and theirs differ, in the order they stand in the documents."""
    return tuple(_differences((), base, mine, theirs))


def merged(base: Value, mine: Value, theirs: Value, choices: Mapping[Loc, Side]) -> Value:
    """The document after the choices; a difference nobody chose about goes to the side that alone changed it.

    Raises:
        KeyError: both changed a field and nobody chose.
    """

    def take(difference: Difference) -> Value:
        side = choices.get(difference.path) or difference.settled
        if side is None:
            raise KeyError(difference.path)
        return difference.value(side)

    return _merged((), base, mine, theirs, take)


def _differences(path: Loc, base: Value, mine: Value, theirs: Value) -> Iterator[Difference]:
    if same(mine, theirs):
        return
    if isinstance(mine, dict) and isinstance(theirs, dict) and isinstance(base, dict | Absent):
        for key in _keys(mine, theirs):
            yield from _differences((*path, key), _get(base, key), _get(mine, key), _get(theirs, key))
    elif (entries := _entries(base, mine, theirs)) is not None:
        for place, three in enumerate(entries):
            yield from _differences((*path, place), *three)
    else:
        yield Difference(path, base, mine, theirs)


def _merged(path: Loc, base: Value, mine: Value, theirs: Value, take: Callable[[Difference], Value]) -> Value:
    if same(mine, theirs):
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict) and isinstance(base, dict | Absent):
        fields: dict[str, Json] = {}
        for key in _keys(mine, theirs):
            value = _merged((*path, key), _get(base, key), _get(mine, key), _get(theirs, key), take)
            if not isinstance(value, Absent):
                fields[key] = value
        return fields
    if (entries := _entries(base, mine, theirs)) is not None:
        # An entry that stands in all three is never absent.
        return [cast("Json", _merged((*path, place), *three, take)) for place, three in enumerate(entries)]
    return take(Difference(path, base, mine, theirs))


def _entries(base: Value, mine: Value, theirs: Value) -> list[tuple[Json, Json, Json]] | None:
    """The entries of three lists side by side, if they are lists of the same length."""
    if isinstance(base, list) and isinstance(mine, list) and isinstance(theirs, list):
        return list(zip(base, mine, theirs, strict=True)) if len(base) == len(mine) == len(theirs) else None
    return None


def _keys(mine: dict[str, Json], theirs: dict[str, Json]) -> list[str]:
    return [*mine, *(key for key in theirs if key not in mine)]


def _get(value: Value, key: str) -> Value:
    return value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
