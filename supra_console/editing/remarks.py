"""What is there to say about a document while somebody edits it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from supra_console.documents.base import Problem
from supra_console.documents.wording import Loc
from supra_console.i18n import _


class Weight(StrEnum):
    """What a remark means for saving: an error must be mended first, a warning be seen."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to mend or to look at.

    Attributes:
        path: where, as indexes (from 0) and field names: ("blocks", 2, "to_m3"); empty for the whole.
        where: the same in words, translated: "Block 3, to m³".
        message: what must be, as the end of a sentence that begins with `where`; holds no value of the document.
        weight: error or warning.
        code: a word for programs, such as "gap"; the same in every language.
    """

    path: Loc
    where: str
    message: str
    weight: Weight = Weight.ERROR
    code: str = "shape"

    def __str__(self) -> str:
        return _("%(where)s: %(message)s") % {"where": self.where, "message": self.message}


def of_shape(problems: Iterable[Problem]) -> tuple[Remark, ...]:
    """What a document's validator found, as errors."""
    return tuple(Remark(problem.path, problem.where, problem.message, code=problem.code) for problem in problems)


def has_errors(remarks: Iterable[Remark]) -> bool:
    """Whether anything must be mended before the document may be saved."""
    return any(remark.weight is Weight.ERROR for remark in remarks)
