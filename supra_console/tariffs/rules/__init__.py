"""Is a tariff right, and if not, where and why?

The documents (`supra_console.documents.billing`) say what each field may hold; here is what makes the whole right:
blocks that cover every consumption once, a bill that never falls, concepts that can be worked out. `examine` takes
whatever is given, also while it is being typed: the rules about blocks run on the cells that can be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from pydantic import TypeAdapter

from supra_console.documents.base import DocumentError, check
from supra_console.documents.billing import TariffInsert
from supra_console.documents.wording import Loc
from supra_console.editing.remarks import Remark, Weight, has_errors, of_shape
from supra_console.jsonb import Unreadable
from supra_console.tariffs.rules.blocks import limits, prices
from supra_console.tariffs.rules.concepts import concepts
from supra_console.tariffs.rules.legible import legible, say
from supra_console.tariffs.rules.levies import levies
from supra_console.tariffs.rules.names import names
from supra_console.tariffs.rules.sentinels import sentinels
from supra_console.tariffs.rules.setting import Context, dates, place_of, scaled

__all__ = ["Context", "Examination", "examine", "read", "remarks"]

KEPT_BY_THE_DATABASE: Final = frozenset(
    (
        "drafters", "submitted_by", "submitted_at", "approved_by_user", "approved_at", "approved_hash",
        "activated_by", "activated_at", "ended_replaced", "replaced_until", "content_hash",
    )
)  # fmt: skip
"""Columns of a row that are no part of the tariff a person writes; `examine` leaves them aside."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What there is to say about a tariff.

    Attributes:
        tariff: None while a field is wrong in itself.
        remarks: errors first.
    """

    tariff: TariffInsert | None
    remarks: tuple[Remark, ...]

    @property
    def sound(self) -> bool:
        """Whether it may be submitted: there may be warnings, and no errors."""
        return self.tariff is not None and not has_errors(self.remarks)


def examine(raw: Mapping[str, object], context: Context | None = None) -> Examination:
    """What there is to say about a tariff's plain values.

    Args:
        raw: by column; numbers int or Decimal, dates `date` or ISO text. Anything else is answered with a remark.
    """
    given: object = raw
    if not isinstance(given, Mapping):
        return Examination(None, read(given)[1])
    columns = {name: value for name, value in given.items() if name not in KEPT_BY_THE_DATABASE}
    tariff, shape = read(columns)
    known = columns if tariff is None else tariff.__dict__ | {"active": raw.get("active")}
    return Examination(tariff, _in_order([*shape, *_judge(known, context or Context(), shape)]))


def remarks(tariff: TariffInsert, context: Context | None = None) -> tuple[Remark, ...]:
    """What there is to say about a tariff whose fields are right in themselves; errors first."""
    return _in_order(_judge(tariff.__dict__, context or Context(), ()))


# ── Fields ────────────────────────────────────────────────────────────────────────────────


@cache
def _adapter() -> TypeAdapter[TariffInsert]:
    return TypeAdapter(TariffInsert)


def read(columns: object) -> tuple[TariffInsert | None, tuple[Remark, ...]]:
    """The tariff in plain values by column, or what is wrong with its fields each by itself."""
    closed = []
    if isinstance(columns, dict):
        closed = [say((str(name),), value.reason) for name, value in columns.items() if isinstance(value, Unreadable)]
    try:
        return check(_adapter(), TariffInsert, columns), ()
    except DocumentError as error:
        said = {remark.path for remark in closed}
        shape = (replace(remark, path=_cell(remark.path)) for remark in of_shape(error.problems))
        return None, (*closed, *(remark for remark in shape if remark.path not in said))


def _cell(path: Loc) -> Loc:
    """A path without the kind of concept that the validator put into it."""
    return (*path[:2], *path[3:]) if len(path) == 4 and path[0] == "additional_concepts" else path


def _in_order(found: Sequence[Remark]) -> tuple[Remark, ...]:
    return tuple(sorted(found, key=lambda remark: remark.weight is Weight.WARNING))


def _judge(columns: Mapping[str, object], context: Context, shape: Sequence[Remark]) -> list[Remark]:
    """All rules about the whole, on what can be read of it."""
    tariff = legible(columns)
    found = [
        *names(tariff),
        *limits(tariff.blocks),
        *sentinels(tariff),
        *prices(tariff.blocks, tariff.mode),
        *concepts(tariff.concepts),
        *levies(tariff),
        *dates(tariff, context, draft=columns.get("active") is not True),
        *place_of(tariff, context),
        *scaled(tariff, context),
    ]
    said = {(remark.path, remark.code) for remark in shape}
    return [remark for remark in found if (remark.path, remark.code) not in said]
