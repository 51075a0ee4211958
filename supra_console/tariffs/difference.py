"""In which fields do two tariffs differ?

Blocks are told apart by where they begin, so that a block put in between is one new block and not a change of all
that follow; where as many blocks were moved together (a monthly tariff made bimestral), they are compared one by one,
if that says it in fewer changes. Concepts are told apart by their codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Final, TypeAlias
from uuid import UUID

from supra_console.documents.base import Document
from supra_console.documents.billing import CONTENT, GENERAL_IVA, TariffInsert
from supra_console.documents.wording import Loc, place
from supra_console.editing.changes import Change
from supra_console.i18n import _
from supra_console.tariffs.rating import WATER, is_water

_BLOCK: Final = ("from_m3", "to_m3", "price_per_m3", "fixed_charge")
_CONCEPT: Final = ("code", "name", "type", "value", "base", "iva_rate")
_DEFAULTS: Final[Mapping[str, object]] = {
    "rating_mode": "accumulated",
    "iva_applicable": False,
    "fixed_charge": Decimal(0),
    "base": WATER,
}
"""What a field that is not there means."""
_MOST_ROWS: Final = 200
_MOST_STRANGE_FIELDS: Final = 5

_Row: TypeAlias = Mapping[str, object]
_Pairs: TypeAlias = list[tuple[int | None, int | None]]


def changes(before: Mapping[str, object] | None, after: Mapping[str, object]) -> tuple[Change, ...]:
    """The fields that differ, in the order of the columns; amounts that are equal (5.5, 5.50) do not.

    Args:
        before: plain values by column; None where there was no tariff.
        after: plain values by column. Neither has to be right.

    Returns:
        For each, its path in `after` (in `before` for what is gone).
    """
    found: list[Change] = []
    for name in CONTENT:
        old = None if before is None else _column(before, name)
        new = _column(after, name)
        if name in ("blocks", "additional_concepts"):
            found += _lists(name, old, new)
        elif not _same(old, new):
            found.append(Change((name,), place(TariffInsert, (name,)), old, new))
    return tuple(found)


def _column(raw: Mapping[str, object], name: str) -> object:
    value = raw.get(name, _DEFAULTS.get(name))
    if name == "iva_rate" and name not in raw:
        return GENERAL_IVA if raw.get("iva_applicable") is True else Decimal(0)
    return value


# ── Lists ─────────────────────────────────────────────────────────────────────────────────


def _lists(name: str, old: object, new: object) -> list[Change]:
    before, after = _rows(old), _rows(new)
    if before is None or after is None:  # not lists of objects, or of thousands: shown as a whole
        return [] if _same(old, new) else [Change((name,), place(TariffInsert, (name,)), old, new)]
    if name == "additional_concepts":
        return [*_of_pairs(name, before, after, _by_code(before, after)), *_moved(name, before, after)]
    by_limits = _of_pairs(name, before, after, _by_limits(before, after))
    if len(before) != len(after):
        return by_limits
    one_by_one = _of_pairs(name, before, after, [(number, number) for number in range(len(after))])
    return min(by_limits, one_by_one, key=len)


def _rows(value: object) -> list[_Row] | None:
    """The objects of a list; None if it is none."""
    if value is None:
        return []
    if not isinstance(value, list | tuple) or len(value) > _MOST_ROWS:
        return None
    rows = [row.__dict__ if isinstance(row, Document) else row for row in value]
    return rows if all(isinstance(row, Mapping) for row in rows) else None


def _by_limits(before: Sequence[_Row], after: Sequence[_Row]) -> _Pairs:
    """Blocks that begin at the same m³; between two such pairs, one by one."""
    pairs: _Pairs = []
    old, new = ([_key(row.get("from_m3")) for row in rows] for rows in (before, after))
    for _tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for step in range(max(i2 - i1, j2 - j1)):
            pairs.append((i1 + step if i1 + step < i2 else None, j1 + step if j1 + step < j2 else None))
    return pairs


def _by_code(before: Sequence[_Row], after: Sequence[_Row]) -> _Pairs:
    """Concepts of the same code; the rest is gone or new."""
    left = {_key(row.get("code")): number for number, row in reversed(list(enumerate(before)))}
    pairs: _Pairs = [(left.pop(_key(row.get("code")), None), number) for number, row in enumerate(after)]
    kept = {number for number, _after in pairs}
    return pairs + [(number, None) for number in range(len(before)) if number not in kept]


def _of_pairs(name: str, before: Sequence[_Row], after: Sequence[_Row], pairs: _Pairs) -> list[Change]:
    found: list[Change] = []
    for i, j in pairs:
        old = None if i is None else before[i]
        new = None if j is None else after[j]
        where: Loc = (name, j if j is not None else i or 0)
        found += _of_rows(where, old, new)
    return found


def _of_rows(where: Loc, old: _Row | None, new: _Row | None) -> Iterator[Change]:
    known = _BLOCK if where[0] == "blocks" else _CONCEPT
    strange = sorted({key for row in (old, new) if row for key in row if isinstance(key, str)} - set(known))
    for field in (*known, *strange[:_MOST_STRANGE_FIELDS]):
        then = None if old is None else old.get(field, _DEFAULTS.get(field))
        now = None if new is None else new.get(field, _DEFAULTS.get(field))
        if field == "base":
            then, now = _base(old, then), _base(new, now)
        if _same(then, now):
            continue
        words = place(TariffInsert, (*where, field))
        if old is None:
            words = _("%(where)s (new)") % {"where": words}
        elif new is None:
            words = _("%(where)s (removed)") % {"where": words}
        yield Change((*where, field), words, then, now)


def _base(row: _Row | None, base: object) -> object:
    """The water charge by its one name; a fixed charge has no base unless one was written."""
    if row is None or (row.get("type") != "percentage" and row.get("base") is None):
        return None
    return WATER if base is None or (isinstance(base, str) and is_water(base)) else base


def _moved(name: str, before: Sequence[_Row], after: Sequence[_Row]) -> list[Change]:
    """The order of the concepts that both have; a percentage may depend on it."""
    old, new = ([_key(row.get("code")) for row in rows] for rows in (before, after))
    common = set(old) & set(new)
    then, now = ([code for code in codes if code in common] for codes in (old, new))
    if then == now or len(then) != len(now):
        return []
    where = _("%(where)s, order") % {"where": place(TariffInsert, (name,))}
    return [Change((name,), where, ", ".join(then), ", ".join(now))]


# ── Values ────────────────────────────────────────────────────────────────────────────────


def _same(one: object, other: object) -> bool:
    try:
        return _plain(one) == _plain(other)
    except (ArithmeticError, RecursionError):  # a signalling NaN deep in a list; a list too deep to look through
        return False


def _key(value: object) -> str:
    """What rows are told apart by; all values that are neither number nor text are alike."""
    plain = _plain(value)
    return str(plain) if isinstance(plain, str | Decimal) else type(plain).__name__


def _plain(value: object) -> object:
    """A value so that equal amounts, days and ids are equal however they were given."""
    match value:
        case bool():
            return ("bool", value)  # true is not the number 1
        case int():
            return Decimal(value)
        case Decimal():
            return value.normalize() if value.is_finite() and abs(value.adjusted()) < 100 else str(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            return value
