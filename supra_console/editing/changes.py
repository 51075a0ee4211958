"""In which fields do two versions of a document differ?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest

from supra_console import jsonb
from supra_console.documents.wording import Loc
from supra_console.editing.merging import same
from supra_console.i18n import _
from supra_console.jsonb import Json


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs.

    Attributes:
        path: where, as in `Remark.path`.
        where: the same in words, translated.
        before: the plain value there before (Decimal, str, bool, date, None …); None where there was none.
        after: the plain value now.
    """

    path: Loc
    where: str
    before: object | None
    after: object | None


def between(before: Json, after: Json, where: Callable[[Loc], str]) -> tuple[Change, ...]:
    """The fields in which two plain JSON values differ, in the order they stand there.

    Lists of objects are compared entry by entry at the same place; lists of single values are one field.

    Args:
        where: a path in words.
    """
    return tuple(Change(path, where(path), one, other) for path, one, other in _between((), before, after))


def _between(path: Loc, before: Json, after: Json) -> Iterator[tuple[Loc, Json, Json]]:
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _between((*path, name), before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list) and _of_objects(before) and _of_objects(after):
        for place, (one, other) in enumerate(zip_longest(before, after)):
            yield from _between((*path, place), one, other)
    else:
        yield path, before, after


def _of_objects(entries: list[Json]) -> bool:
    return all(isinstance(entry, dict) for entry in entries)


def written(value: object | None) -> str:
    """A plain value as it is typed into a field, single values with commas; objects as JSON, nothing as a dash."""
    match value:
        case None | "":
            return "—"
        case bool():
            return _("yes") if value else _("no")
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case list() | tuple() if not any(isinstance(entry, Mapping | list | tuple) for entry in value):
            return ", ".join(map(written, value)) or _("none")
        case Mapping() | list() | tuple():
            return jsonb.dumps(value)
        case _:
            return str(value)
