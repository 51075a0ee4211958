"""How is a tariff a table that a spreadsheet opens?

One header, then a row for each thing the tariff consists of; `row` says which, and the other columns are filled
as that kind of row has them:

    row,field,value,from_m3,to_m3,price_per_m3,fixed_charge,code,name,type,base,iva_rate
    tariff,name,Doméstica 2026,,,,,,,,,
    tariff,category,domestica,,,,,,,,,
    block,,,0,10,5.50,45.00,,,,,
    block,,,10,,8.75,0,,,,,
    concept,,10,,,,,ALC,Alcantarillado,percentage,agua,0.16

`tariff` rows name a column of `tariff_schedules` each. An empty cell is no value. Numbers are digits and a point.
Columns may stand in any order and be separated by semicolons or tabs, after a line `sep=;` or without. What is written
is read back exactly.

A text that a spreadsheet would take for a formula is written with an apostrophe before it, and loses it when read; so
is what follows a semicolon, a tab or a line end inside a text, where a spreadsheet with another list separator would
begin a cell of its own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from supra_console.display import safe
from supra_console.documents.base import DocumentError, Problem
from supra_console.documents.billing import TariffInsert
from supra_console.documents.wording import Loc, place
from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.tariffs import numbers
from supra_console.tariffs.files.belonging import FIELD
from supra_console.tariffs.files.contents import COLUMNS, content

BLOCK = {"from_m3": 3, "to_m3": 3, "price_per_m3": 4, "fixed_charge": 2}
"""A block's columns and their decimals."""
CONCEPT = ("code", "name", "type", "value", "base", "iva_rate")
_CONCEPT_NUMBERS = {"value": 4, "iva_rate": 4}
HEADER = ("row", "field", "value", *BLOCK, *(name for name in CONCEPT if name != "value"))

_FILLED = {"tariff": {"field", "value"}, "block": set(BLOCK), "concept": set(CONCEPT)}
_SINGLE = tuple(name for name in COLUMNS if name not in ("blocks", "additional_concepts"))
_READ = (*_SINGLE, FIELD)
_NUMBERS = {"iva_rate": 4, "social_discount_pct": 2}
# As spreadsheets in English and Spanish write them.
_TRUTH = {"true": True, "false": False, "verdadero": True, "falso": False}
# Where an apostrophe keeps a cell, or what would become one, from being a formula; and where one is taken off again.
_FORMULA = re.compile(r"""^(?=[=+\-@\t\r'])|(?<=[;\t\r\n])(?=[=+\-@\t\r'"])""")
_GUARD = re.compile(r"(?:^|(?<=[;\t\r\n]))'")
_QUOTED = re.compile(r'[",;\t\r\n]')
# The line Excel itself puts before a table, to say what parts its cells.
_SEPARATOR = re.compile(r"sep=([,;\t])[,;\t]*\r?", re.IGNORECASE)
_MOST_PROBLEMS = 20


def write(tariff: TariffInsert) -> str:
    """The table of a tariff."""
    raw = content(tariff)
    rows: list[Mapping[str, str]] = [dict(zip(HEADER, HEADER, strict=True))]
    rows.extend({"row": "tariff", "field": name, "value": _cell(raw[name])} for name in _SINGLE if name in raw)
    for kind, column in (("block", "blocks"), ("concept", "additional_concepts")):
        entries = raw.get(column, ())
        rows.extend(
            {"row": kind} | {name: _cell(value) for name, value in entry.items()}
            for entry in (entries if isinstance(entries, list) else ())
        )
    return "".join(",".join(_quoted(row.get(name, "")) for name in HEADER) + "\n" for row in rows)


def read(text: str) -> dict[str, object]:
    """The plain values of a table, by column of `tariff_schedules`.

    Raises:
        DocumentError: cells do not hold what they must; each problem names the line.
        InvalidInput: it is not such a table.
    """
    raw: dict[str, object] = {}
    blocks: list[object] = []
    concepts: list[object] = []
    problems: list[Problem] = []
    for line, row in _rows(text):
        if len(problems) >= _MOST_PROBLEMS:
            break
        kind = (row.get("row") or "").strip().lower()
        if kind not in _FILLED:
            problems.append(_problem(line, _("row"), _("must be tariff, block or concept")))
            continue
        astray = [name for name, cell in row.items() if cell and name != "row" and name not in _FILLED[kind]]
        problems.extend(_problem(line, name, _("must be empty in a row of this kind")) for name in astray)
        if kind == "tariff":
            _take_field(line, row, raw, problems)
        elif kind == "block":
            blocks.append(_entry(line, row, BLOCK, ("blocks", len(blocks)), problems))
        else:
            where = ("additional_concepts", len(concepts))
            concepts.append(_entry(line, row, dict.fromkeys(CONCEPT) | _CONCEPT_NUMBERS, where, problems))
    if problems:
        raise DocumentError(problems[:_MOST_PROBLEMS])
    return raw | {"blocks": blocks} | ({"additional_concepts": concepts} if concepts else {})


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that has anything in it, with the line it ends on."""
    first, _end, rest = text.partition("\n")
    told = _SEPARATOR.fullmatch(first)
    text, before = (rest, 1) if told else (text, 0)
    first = text.partition("\n")[0]
    # the header has none of them inside a cell
    separator = told[1] if told else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        while header and not header[-1]:  # as far as a spreadsheet was ever wide
            header.pop()
        _check_header(header)
        for cells in reader:
            if not any(cells):
                continue
            line = reader.line_num + before
            if len(cells) > len(header) and any(cells[len(header) :]):
                raise _refusal(_("Line {line} has more cells than the header").format(line=line))
            yield line, dict(zip(header, cells, strict=False))
    except csv.Error:
        raise _refusal(_("Line {line} is not a row of a table").format(line=reader.line_num + before)) from None


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in HEADER]
    missing = [name for name in HEADER if name not in header]
    if len(set(header)) != len(header):
        raise _refusal(_("A column stands twice in the header"))
    if missing:
        raise _refusal(_("The header lacks {names}").format(names=", ".join(missing)))
    if unknown:
        raise _refusal(_("No column of a tariff is called {name}").format(name=safe(unknown[0], 40) or "“”"))


def _refusal(reason: str) -> InvalidInput:
    return InvalidInput(
        _("The file is not a table of a tariff: {reason}").format(reason=reason),
        _("Its first line must be: {header}. `tariffs export ID --format csv` writes such a table.").format(
            header=",".join(HEADER)
        ),
    )


def _take_field(line: int, row: Mapping[str, str], raw: dict[str, object], problems: list[Problem]) -> None:
    name, cell = row.get("field", ""), row.get("value", "")
    if name not in _READ:
        problems.append(_problem(line, "field", _("must be one of: %(choices)s") % {"choices": ", ".join(_READ)}))
    elif name in raw:
        problems.append(_problem(line, _words((name,)), _("stands twice"), (name,)))
    elif cell:
        raw[name] = _value(line, cell, _NUMBERS.get(name), (name,), problems)
        if name == "iva_applicable":
            raw[name] = _TRUTH.get(cell.strip().lower(), cell)


def _entry(
    line: int, row: Mapping[str, str], decimals: Mapping[str, int | None], where: Loc, problems: list[Problem]
) -> dict[str, object]:
    entry: dict[str, object] = {
        name: _value(line, row[name], decimals[name], (*where, name), problems) for name in decimals if row.get(name)
    }
    return entry | {"to_m3": entry.get("to_m3")} if "to_m3" in decimals else entry


def _value(line: int, cell: str, decimals: int | None, path: Loc, problems: list[Problem]) -> object:
    if decimals is None:
        return _GUARD.sub("", cell)
    try:
        return numbers.read_number(cell, decimals=decimals)
    except InvalidInput as error:
        problems.append(_problem(line, _words(path), error.advice or error.title, path))
        return cell


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _FORMULA.sub("'", value)
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)


def _quoted(cell: str) -> str:
    """In quotes where any spreadsheet's list separator is in it, whichever this file has."""
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if _QUOTED.search(cell) else cell


def _words(path: Loc) -> str:
    return place(TariffInsert, path)


def _problem(line: int, where: str, message: str, path: Loc = ()) -> Problem:
    return Problem(_("Line {line}, {where}").format(line=line, where=where), message, path)
