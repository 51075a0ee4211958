"""Which tariffs are there, and where in its life is each?

A row of `tariff_schedules` as the console reads it. What another program stored and our documents do not accept is
kept as it is, with the reason: such a tariff is shown and never edited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from supra_console.documents.billing import TariffInsert
    from supra_console.editing.remarks import Remark

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2899
"""In which a tariff may begin; what other programs have beyond them stands for "always" or "never"."""


def says_something(text: str | None) -> bool:
    """Whether there is a letter or a digit in it: blanks and dashes say nothing, to the database neither."""
    return any(map(str.isalnum, text or ""))


class State(StrEnum):
    """From draft to superseded; in this order."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"  # and not activated yet
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Series:
    """What only one price can be in force for at a time.

    Attributes:
        explotacion_id: None for every explotación without a tariff of its own.
    """

    category: str
    billing_period: str
    explotacion_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TariffRow:
    """One row of `tariff_schedules`.

    Attributes:
        municipality: of the explotación; None where the tariff is for all.
        effective_until: the first day it no longer counts; None while open.
        document: the tariff, where our documents accept it; id and version included.
        raw: the row's plain values by column, as read (blocks and concepts as they are stored).
        unreadable: why there is no document.
        drafters: users who wrote on it (users.id); none of them may approve it.
        content_hash: of what an approval and an impact report are about, by the database.
        impact_hash: of the content the latest kept impact report is about.
        active: activated; it prices bills from effective_from on.
    """

    id: UUID
    version: int
    name: str
    series: Series
    explotacion: str | None
    municipality: str | None
    effective_from: date
    effective_until: date | None
    active: bool
    document: TariffInsert | None
    raw: dict[str, object]
    content_hash: str
    unreadable: tuple[Remark, ...] = ()
    replaces_id: UUID | None = None
    drafters: tuple[UUID, ...] = ()
    drafter_names: tuple[str, ...] = ()
    submitted_at: datetime | None = None
    submitted_by: str | None = None
    approved_at: datetime | None = None
    approved_by: str | None = None
    approval_date: date | None = None
    gazette_reference: str | None = None
    activated_at: datetime | None = None
    impact_hash: str | None = None
    impact_at: datetime | None = None

    def state(self, today: date) -> State:
        """Where in its life it is on a day, by its approval and its dates."""
        if self.active:
            if self.effective_until is not None and self.effective_until <= today:
                return State.SUPERSEDED
            return State.SCHEDULED if self.effective_from > today else State.IN_FORCE
        if self.approved_at is not None:
            return State.APPROVED
        return State.DRAFT if self.submitted_at is None else State.IN_REVIEW

    @property
    def impact_fits(self) -> bool:
        """Whether the kept impact report is about exactly this content."""
        return self.impact_hash is not None and self.impact_hash == self.content_hash


# What a new version does not take over from the one before.
_OF_THE_DECISION = frozenset(
    (
        "id",
        "version",
        "active",
        "effective_from",
        "effective_until",
        "gazette_reference",
        "approved_by",
        "approval_date",
        "replaces_id",
    )
)


@dataclass(frozen=True, slots=True)
class NewTariff:
    """A tariff that is not stored yet: what its editor begins with.

    Attributes:
        raw: plain values by column to begin with; empty for none.
        replaces: the tariff that ends where this one begins; None for the first of a series.
    """

    raw: dict[str, object] = field(default_factory=dict)
    replaces: TariffRow | None = None


def new_version(row: TariffRow) -> NewTariff:
    """A draft that takes the place of a tariff, with its prices; its first day is to be typed.

    What belongs to the old decision (gazette, approval, end) is left out.
    """
    kept = {name: value for name, value in row.raw.items() if name not in _OF_THE_DECISION}
    return NewTariff(kept, row)
