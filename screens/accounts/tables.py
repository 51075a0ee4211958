"""What is a section of an account made of, before it is a widget?

Plain records: a table with a sentence above it. The sections are worked out from an account without Textual, so
what stands in a cell can be read and tested as text; `SectionTable` puts it on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from screens.widgets.line_table import Cell, Column, LineTable
from supra_console.formats import number
from supra_console.i18n import N_, _

FULL, HALF, HATCHED = "█", "▌", "▒"
"""What bars are drawn with; hatched is what was estimated. The Linux console has all three."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        key: unique within the table.
        opens: the invoice or contract that Enter opens, if any.
    """

    key: str
    cells: tuple[Cell | str, ...]
    opens: UUID | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A section: what it says in one line, and its rows."""

    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note_role: str = ""


def bar(value: Decimal, largest: Decimal, cells: int, hatched: bool = False) -> str:
    """A bar of at most so many cells; half a cell is the smallest step, and anything above zero shows."""
    if value <= 0 or largest <= 0:
        return ""
    halves = max(1, int(2 * cells * value / largest + Decimal("0.5")))
    if hatched:
        return HATCHED * max(1, halves // 2)
    return FULL * (halves // 2) + HALF * (halves % 2)


def counted(text: str, shown: int, cut: bool = False) -> str:
    """`3 invoices`; `24 invoices of more than 24` where the list goes on."""
    text = text.format(n=number(shown))
    return _("{shown} of more than {limit}").format(shown=text, limit=number(shown)) if cut else text


# The words of the schema that call for attention, or for none. A word that is not here is shown plain.
_ROLES: Mapping[str, str] = {
    "activo": "good",
    "activa": "good",
    "pagada": "good",
    "aplicado": "good",
    "pendiente": "warning",
    "pendiente_alta": "warning",
    "provisional": "warning",
    "suspendido": "warning",
    "suspendida": "warning",
    "alta": "warning",
    "impagada": "error",
    "cortada": "error",
    "clausurada": "error",
    "averiado": "error",
    "rechazado": "error",
    "devuelto": "error",
    "urgente": "error",
    "baja": "quiet",
    "cancelada": "quiet",
    "cancelado": "quiet",
    "cerrado": "quiet",
    "retirado": "quiet",
}


def role_of(code: str | None) -> str:
    """How a status of the schema is coloured."""
    return _ROLES.get(code or "", "")


# The codes that are English; the others are the utility's own words and need no translation.
_ENGLISH = frozenset(
    (
        # readings: their status and source
        N_("valid"), N_("suspicious"), N_("estimated"), N_("rejected"), N_("corrected"),
        N_("smart meter"), N_("manual field"), N_("manual office"), N_("photo"),
        # what the payloads of events name
        N_("amount"), N_("anomaly"), N_("contract id"), N_("contract number"), N_("end date"), N_("fields"),
        N_("previous contract id"), N_("reading id"), N_("reason"), N_("serial number"), N_("tariff category"),
    )
)  # fmt: skip


def said(code: str | None) -> str:
    """A code of the schema as people say it: `consumo_alto` is `consumo alto`."""
    text = (code or "").replace("_", " ")
    return _(text) if text in _ENGLISH else text


def status(code: str | None) -> Cell:
    """A status with its colour."""
    return Cell(said(code), role_of(code))


class SectionTable(LineTable[Row]):
    """The rows of the section that is open."""

    def __init__(self) -> None:
        super().__init__(id="rows")

    def show(self, table: Table, keep_cursor: bool = False) -> None:
        """Replace what is shown.

        Args:
            keep_cursor: stay on the same row, if it is still there.
        """
        here = self.row.key if keep_cursor and self.row else None
        keys = [row.key for row in table.rows]
        cursor = keys.index(here) if here in keys else 0
        self.fill(table.columns, table.rows, lambda row: row.cells, cursor=cursor)

    @property
    def in_full(self) -> str:
        """The row the cursor is on, with what its last column had to cut."""
        values = [cell.value if isinstance(cell, Cell) else cell for cell in self.row.cells] if self.row else []
        return "  ".join(text for value in values if (text := str(value).strip(FULL + HALF + HATCHED)))
