"""In which fields do two versions of a document differ?"""

from __future__ import annotations

from dataclasses import dataclass

from supra_console.documents.wording import Loc


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
