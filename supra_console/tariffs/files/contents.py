"""What of a tariff does a file carry?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from supra_console.documents.base import plain
from supra_console.documents.billing import CONTENT, GENERAL_IVA, TariffInsert
from supra_console.tariffs.rating import Mode

COLUMNS = CONTENT
"""What a file carries, in its order. State, approval and keys stay in the database."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says.

    Attributes:
        raw: plain values by column, for `rules.examine`.
        notes: what of the file was left aside, translated; it holds nothing a terminal should not get.
        explotacion: the code or name of one, which `belonging.placed` makes a key of; None where the file names none.
    """

    raw: dict[str, object]
    notes: tuple[str, ...] = ()
    explotacion: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A tariff as the text of a file, and what of it that form could not hold (translated)."""

    text: str
    notes: tuple[str, ...] = ()


def content(tariff: TariffInsert) -> dict[str, object]:
    """The columns a file carries, as plain values; those without a value are left out."""
    values = plain(tariff)
    return {name: values[name] for name in COLUMNS if name in values}


def completed(raw: dict[str, object]) -> dict[str, object]:
    """The same with what the documents take where a column is not there, for cells in which a person sees it."""
    rate = GENERAL_IVA if raw.get("iva_applicable") is True else Decimal(0)
    return {"rating_mode": Mode.ACCUMULATED.value, "iva_applicable": False, "iva_rate": rate} | raw
