"""What is there to say about a sheet after a keystroke?

Pure, and asked after every one: 50 blocks are judged, and their curve worked out, within 10 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from supra_console.documents.billing import TariffInsert
from supra_console.editing.remarks import Remark, Weight
from supra_console.jsonb import Json
from supra_console.tariffs.rules import Context, examine, read
from supra_console.tariffs.sheet import Sheet
from supra_console.tariffs.sheet_values import to_raw

BESIDE: Final[dict[str, Json]] = {
    "name": "?",
    "explotacion_id": None,
    "category": "domestica",
    "billing_period": "mensual",
    "effective_from": "2000-01-01",
    "effective_until": None,
    "gazette_reference": None,
}
"""What no bill depends on."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A sheet, what there is to say about it, and the tariff it is.

    Attributes:
        remarks: what cannot be read, other errors, warnings.
        tariff: None while a cell cannot be read or breaks its own rule.
        rated: the same, also while it lacks what no bill depends on, such as its first day.
    """

    sheet: Sheet
    remarks: tuple[Remark, ...]
    tariff: TariffInsert | None
    rated: TariffInsert | None


def judge(sheet: Sheet, context: Context | None = None) -> Judgement:
    """Read every cell, and try the rules on what can be read."""
    raw, unreadable = to_raw(sheet)
    found = examine(raw, context)
    told = {remark.path for remark in unreadable}
    # What the document says of a text that is no number is said better by whoever tried to read it.
    rest = [remark for remark in found.remarks if remark.path not in told]
    errors = [remark for remark in rest if remark.weight is Weight.ERROR]
    warnings = [remark for remark in rest if remark.weight is not Weight.ERROR]
    tariff = None if unreadable else found.tariff
    typed = [remark for remark in unreadable if not _follows(sheet, remark)]
    return Judgement(sheet, (*typed, *errors, *warnings), tariff, tariff or read(raw | BESIDE)[0])


def _follows(sheet: Sheet, remark: Remark) -> bool:
    """Whether a limit only went along with the one that was typed: that is one mistake, and said there."""
    match remark.path:
        case ("blocks", int() as row, "from_m3") if row > 0:
            return sheet.blocks[row].from_m3 == sheet.blocks[row - 1].to_m3
        case _:
            return False
