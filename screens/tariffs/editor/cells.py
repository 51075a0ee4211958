"""Which cells does a sheet show, and which of them carry a remark?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple

from queries.tariffs import Explotacion
from screens.widgets.cell_lines import GridCell, GridColumn, GridRow
from supra_console.documents.wording import Loc
from supra_console.editing.remarks import Remark, Weight
from supra_console.errors import InvalidInput
from supra_console.formats import day
from supra_console.i18n import N_, _
from supra_console.tariffs.numbers import read_date
from supra_console.tariffs.sheet import CONCEPT_FIELDS, Sheet, Terms

NUMBER = "number"
NOTE = "note"
VALUE = "value"

Key = tuple[int | str, ...]

CATEGORIES: Final = ("domestica", "comercial", "industrial", "gobierno", "mixta", "rural", "social")
PERIODS: Final = ("mensual", "bimestral", "trimestral")
MODES: Final[Mapping[str, str]] = {
    "accumulated": N_("blocks add up"),
    "reached_block": N_("block reached prices all"),
    "base_plus_excess": N_("base plus excess"),
    "flat": N_("flat amount"),
}
TYPES: Final[Mapping[str, str]] = {"percentage": N_("percentage"), "fixed": N_("fixed")}


class Term(NamedTuple):
    """A line of the terms: the column it is, its name, and what to write, both marked with `N_`."""

    field: str
    title: str
    hint: str


TERMS: Final = (
    Term("name", N_("Name"), N_("as the register calls it")),
    Term("explotacion_id", N_("Explotación"), N_("Space: the next one")),
    Term("category", N_("Category"), N_("Space: the next one")),
    Term("billing_period", N_("Billing period"), N_("Space; F9 scales limits")),
    Term("effective_from", N_("Effective from"), N_("first day: 2027-01-01")),
    Term("effective_until", N_("Effective until"), N_("first day after; empty: open")),
    Term("rating_mode", N_("Rating mode"), N_("Space: the next one")),
    Term("iva_applicable", N_("IVA on the water"), N_("Space: yes or no")),
    Term("iva_rate", N_("IVA rate"), N_("a fraction; 0.16 is 16%")),
    Term("social_discount_pct", N_("Social discount"), N_("% of the water, or empty")),
    Term("gazette_reference", N_("Gazette"), N_("La Sombra de Arteaga, number")),
)


class Marks:
    """The remarks by the cell they are about."""

    def __init__(self, remarks: Iterable[Remark]) -> None:
        self._cells: dict[Key, Remark] = {}
        self._rows: dict[Key, Remark] = {}
        for remark in remarks:  # errors come first, and the first at a cell is the one that is shown
            self._cells.setdefault(_cell_key(remark.path), remark)
            if len(remark.path) > 1:
                self._rows.setdefault(remark.path[:2], remark)

    def at(self, *key: int | str) -> Remark | None:
        """The remark at a cell."""
        return self._cells.get(key)

    def in_row(self, *key: int | str) -> Remark | None:
        """The first remark in a row of blocks or concepts."""
        return self._rows.get(key)


def _cell_key(path: Loc) -> Key:
    """The kind of a concept stands between its place and its field in a document's paths."""
    return (*path[:2], path[-1]) if len(path) > 2 else path


def role_of(remark: Remark | None) -> str:
    """How a cell with this remark is marked."""
    if remark is None:
        return ""
    return "error" if remark.weight is Weight.ERROR else "warning"


def note_of(remark: Remark | None) -> str:
    """A remark at the end of its row, which says already which block it is."""
    if remark is None:
        return ""
    _block, _comma, field = remark.where.partition(", ")
    return f"{field}: {remark.message}" if field else remark.message


# ---------------------------------------------------------------------- blocks


def block_columns(width: int) -> tuple[GridColumn, ...]:
    """Of the grid of blocks, in so many cells."""
    wide = 12 if width >= 100 else 9
    return (
        GridColumn(NUMBER, "#", 3, right=True),
        GridColumn("from_m3", _("from m³"), wide, right=True),
        GridColumn("to_m3", _("to m³"), wide, right=True),
        GridColumn("price_per_m3", _("MXN/m³"), wide, right=True),
        GridColumn("fixed_charge", _("fixed MXN"), wide + 1, right=True),
        GridColumn(NOTE, ""),
    )


def block_rows(sheet: Sheet, marks: Marks) -> Sequence[GridRow]:
    """A row for each block: its number, its cells, and the first remark about it."""
    rows = []
    for number, block in enumerate(sheet.blocks):
        remark = marks.in_row("blocks", number)
        rows.append(
            (
                GridCell(str(number + 1), "quiet", label=True),
                GridCell(block.from_m3, role_of(marks.at("blocks", number, "from_m3"))),
                GridCell(block.to_m3, role_of(marks.at("blocks", number, "to_m3"))),
                GridCell(block.price_per_m3, role_of(marks.at("blocks", number, "price_per_m3"))),
                GridCell(block.fixed_charge, role_of(marks.at("blocks", number, "fixed_charge"))),
                GridCell(note_of(remark), role_of(remark), label=True),
            )
        )
    return rows


# ---------------------------------------------------------------------- terms


def term_columns(width: int) -> tuple[GridColumn, ...]:
    """Of the grid of terms, in so many cells."""
    return (
        GridColumn("title", _("Terms"), 18),
        GridColumn(VALUE, "", 26 if width < 100 else 44),
        GridColumn(NOTE, ""),
    )


def term_rows(sheet: Sheet, marks: Marks, explotaciones: Sequence[Explotacion]) -> Sequence[GridRow]:
    """A row for each term: its name, its cell, and a remark or else what to write."""
    rows = []
    for term in TERMS:
        remark = marks.at(term.field)
        text = getattr(sheet.terms, term.field)
        note = GridCell(_said(remark, term, text), role_of(remark), label=True) if remark else _hint(term, text)
        choices = _choices(term.field, sheet.terms, explotaciones)
        rows.append((GridCell(_(term.title), "quiet", label=True), GridCell(text, role_of(remark), choices), note))
    return rows


def _said(remark: Remark, term: Term, text: str) -> str:
    """What is to be mended; of what is missing, which the lines below say, how it is written."""
    return remark.message if text.strip() else _(term.hint)


def _hint(term: Term, text: str) -> GridCell:
    """What to write; beside the first day after it, the last day of it, which gazettes print."""
    if term.field == "effective_until" and text.strip():
        with suppress(InvalidInput, OverflowError):
            last = day(read_date(text) - timedelta(days=1))
            return GridCell(_("last day: {day}").format(day=last), "quiet", label=True)
    return GridCell(_(term.hint), "quiet", label=True)


def _choices(field: str, terms: Terms, explotaciones: Sequence[Explotacion]) -> tuple[tuple[str, str], ...]:
    """Codes and words of a term that is one of a few; what is stored and unknown stands among them."""
    match field:
        case "category":
            known = tuple((one, one) for one in CATEGORIES)
        case "billing_period":
            known = tuple((one, one) for one in PERIODS)
        case "rating_mode":
            known = tuple((code, _(words)) for code, words in MODES.items())
        case "iva_applicable":
            known = (("false", _("no")), ("true", _("yes")))
        case "explotacion_id":
            places = tuple((str(one.id), f"{one.name} ({one.code})") for one in explotaciones)
            known = (("", _("all of them")), *places)
        case _:
            return ()
    text = getattr(terms, field)
    return known if any(code == text for code, _words in known) else (*known, (text, text))


# ---------------------------------------------------------------------- concepts


def concept_columns(width: int) -> tuple[GridColumn, ...]:
    """Of the grid of concepts, in so many cells."""
    columns = (
        GridColumn("code", _("Concept"), 10),
        GridColumn("name", _("Name"), None if width < 110 else 30),
        GridColumn("type", _("Type"), 10),
        GridColumn("value", _("% or MXN"), 9, right=True),
        GridColumn("base", _("Of (water)"), 10),
        GridColumn("iva_rate", _("IVA"), 6, right=True),
    )
    return columns if width < 110 else (*columns, GridColumn(NOTE, ""))


def concept_rows(sheet: Sheet, marks: Marks, width: int) -> Sequence[GridRow]:
    """A row for each concept, and where there is room the first remark about it."""
    types = tuple((code, _(words)) for code, words in TYPES.items())
    rows = []
    for number, concept in enumerate(sheet.concepts):
        cells = []
        for name in CONCEPT_FIELDS:
            text, role = getattr(concept, name), role_of(marks.at("additional_concepts", number, name))
            known = types if concept.type in TYPES else (*types, (concept.type, concept.type))
            cells.append(GridCell(text, role, known if name == "type" else ()))
        if width >= 110:
            remark = marks.in_row("additional_concepts", number)
            cells.append(GridCell(note_of(remark), role_of(remark), label=True))
        rows.append(tuple(cells))
    return rows


def path_of(grid: str, row: int, key: str) -> Loc:
    """Where a cell of a grid (`blocks`, `concepts`, `terms`) is in the tariff."""
    match grid:
        case "blocks":
            return ("blocks", row, key)
        case "concepts":
            return ("additional_concepts", row, key)
        case _:
            return (TERMS[row].field,) if row < len(TERMS) else ()
