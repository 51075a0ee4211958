"""In which fields do two versions of a document differ?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supra_console import jsonb
from supra_console.documents.wording import Loc
from supra_console.i18n import _


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


def written(value: object | None) -> str:
    """A plain value as it is typed into a field; a list or an object as JSON, nothing as a dash."""
    match value:
        case None:
            return "—"
        case bool():
            return _("yes") if value else _("no")
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case Mapping() | list() | tuple():
            return jsonb.dumps(value)
        case _:
            return str(value)
