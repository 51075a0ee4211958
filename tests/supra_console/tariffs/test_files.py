"""A tariff comes back from a file as it went in, and a file that is none says where and why."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supra_console.display import is_safe
from supra_console.documents.base import DocumentError
from supra_console.documents.billing import TariffInsert
from supra_console.errors import InvalidInput
from supra_console.tariffs import files
from supra_console.tariffs.files import Format, csv_files
from supra_console.tariffs.files.on_disk import MAX_BYTES
from supra_console.tariffs.rating import rate
from supra_console.tariffs.rules import examine
from tests.supra_console.tariffs.tariffs_made import block, raw, sound_tariffs, tariff

TABLE = """row,field,value,from_m3,to_m3,price_per_m3,fixed_charge,code,name,type,base,iva_rate
tariff,name,Doméstica 2026,,,,,,,,,
tariff,category,domestica,,,,,,,,,
tariff,billing_period,mensual,,,,,,,,,
tariff,effective_from,2026-01-01,,,,,,,,,
tariff,social_discount_pct,50,,,,,,,,,
block,,,0,10,5.50,45.00,,,,,
block,,,10,,8.75,0,,,,,
concept,,10,,,,,ALC,Alcantarillado,percentage,agua,0.16
"""


def read_back(written: str, form: Format) -> TariffInsert:
    found = examine(files.parse(written, form).raw)
    assert found.tariff is not None, found.remarks
    return found.tariff


def problems(text: str, form: Format) -> dict[str, str]:
    with pytest.raises(DocumentError) as caught:
        files.parse(text, form)
    return {problem.where: problem.message for problem in caught.value.problems}


# ── Round trips ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
@given(made=sound_tariffs())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back_exactly(form: Format, made: TariffInsert) -> None:
    written = files.write(made, form)
    assert written.notes == ()
    back = read_back(written.text, form)
    assert back == made
    # to the digit: 5.50 stays 5.50
    assert files.write(back, form).text == written.text


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
def test_every_column_a_person_writes_is_in_the_file(form: Format) -> None:
    made = tariff(
        explotacion_id="5e0f6f7e-58a5-4c0c-8d1e-6b6f0f5f7a10",
        effective_until="2028-01-01",
        rating_mode="base_plus_excess",
        additional_concepts=[{"code": "a", "name": "A", "type": "fixed", "value": Decimal("7.25"), "iva_rate": 0}],
        iva_applicable=True,
        iva_rate=Decimal("0.0800"),
        social_discount_pct=Decimal("12.50"),
        gazette_reference="La Sombra de Arteaga 12",
    )
    assert set(files.content(made)) == set(files.COLUMNS)
    assert read_back(files.write(made, form).text, form) == made


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
@given(name=st.text(min_size=1, max_size=200), gazette=st.text(min_size=1, max_size=100))
@settings(max_examples=150, deadline=None)
def test_any_text_the_rules_accept_survives(form: Format, name: str, gazette: str) -> None:
    found = examine(raw(name=name, gazette_reference=gazette))
    if found.tariff is None:
        return
    written = files.write(found.tariff, form).text
    assert read_back(written, form) == found.tariff
    if form is Format.JSON:
        assert is_safe(written.replace("\n", ""))


# ── JSON ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["", "{", "[1,2", "{'name': 1}", '{"a": NAN}', '{"a": 1,}', "[" * 5000, "\x00", '{"a":' * 200 + "1"]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        files.parse(text, Format.JSON)
    assert not isinstance(caught.value, DocumentError)


def test_what_is_no_json_says_in_which_line() -> None:
    text = '{\n  "name": "x",\n  "blocks": [\n    {"from_m3": 0,}\n  ]\n}'
    with pytest.raises(InvalidInput, match=r"not a JSON document \(line 4, column 1[89]\)"):
        files.parse(text, Format.JSON)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_no_number_is_refused_at_its_field(number: str) -> None:
    text = files.to_json(raw(blocks=[block(0, None, 1)], iva_rate=0)).replace(
        '"price_per_m3": 1', f'"price_per_m3": {number}'
    )
    assert number in text
    found = examine(files.parse(text, Format.JSON).raw)
    assert [remark.path for remark in found.remarks] == [("blocks", 0, "price_per_m3")]
    everywhere = {column: Decimal(number) for column in files.COLUMNS}
    cells = dict.fromkeys(("from_m3", "to_m3", "price_per_m3", "fixed_charge"), Decimal(number))
    concept = dict.fromkeys(("code", "name", "value", "base", "iva_rate"), Decimal(number))
    for junk in (everywhere, raw(blocks=[cells] * 2, additional_concepts=[concept, concept | {"type": "percentage"}])):
        assert examine(junk).tariff is None


def test_a_list_of_tariffs_is_said_to_be_one() -> None:
    assert "a file holds one tariff" in problems(f"[{files.to_json(raw())}]", Format.JSON)["The document"]


def test_what_the_database_keeps_is_said_to_be_left_aside() -> None:
    stored = raw(version=3, active=True, approved_by="Cabildo", drafters=[], replaces_id=None)
    reading = files.parse(files.to_json(stored), Format.JSON)
    assert reading.notes == ("The database's own, and left aside: version, active, approved_by, drafters",)
    assert examine(reading.raw).sound


@pytest.mark.parametrize("text", ["null", '"a tariff"', "12", "true"])
def test_json_that_is_no_object_is_no_tariff(text: str) -> None:
    assert problems(text, Format.JSON) == {"The document": "must be an object with named fields"}


@pytest.mark.parametrize(
    ("blocks", "path"),
    [
        ('{"0": 1}', ("blocks",)),
        ('"none"', ("blocks",)),
        ("null", ("blocks",)),
        ("[]", ("blocks",)),
        ('[{"from_m3": 0, "to_m3": null}]', ("blocks", 0, "price_per_m3")),
        ('[{"from_m3": 0, "to_m3": null, "price_per_m3": "5.50"}]', ("blocks", 0, "price_per_m3")),
        ('[{"from_m3": 0, "to_m3": null, "price_per_m3": "NaN"}]', ("blocks", 0, "price_per_m3")),
        ('[{"from_m3": 0, "to_m3": null, "price_per_m3": 1e999}]', ("blocks", 0, "price_per_m3")),
        ("[" + ",".join(['{"from_m3": 0, "to_m3": null, "price_per_m3": 1}'] * 10_000) + "]", ("blocks",)),
    ],
)
def test_blocks_of_other_programs_are_refused_with_the_field(blocks: str, path: tuple[object, ...]) -> None:
    text = (
        '{"name": "x", "category": "domestica", "billing_period": "mensual", "effective_from": "2026-01-01",'
        f' "blocks": {blocks}}}'
    )
    found = examine(files.parse(text, Format.JSON).raw)
    assert found.tariff is None
    assert path in [remark.path for remark in found.remarks]
    assert all(remark.message for remark in found.remarks)


def test_a_name_that_stands_twice_is_refused() -> None:
    assert list(problems('{"name": "a", "name": "b"}', Format.JSON)) == ["“name”"]
    assert list(problems('{"blocks": [{"to_m3": 1, "to_m3": 2}]}', Format.JSON)) == ["“to_m3”"]


def test_a_file_is_for_people_and_drives_no_terminal() -> None:
    written = files.to_json({"name": 'Doméstica "\x1b]0;x\x07 \x7f\u202e é": 1', "blocks": [{"to_m3": None}], "n": []})
    assert "Doméstica" in written
    assert is_safe(written.replace("\n", ""))
    assert files.parse(written, Format.JSON).raw["name"] == 'Doméstica "\x1b]0;x\x07 \x7f\u202e é": 1'
    assert '    {"to_m3": null}\n' in written


# ── For which explotación ─────────────────────────────────────────────────────────────────


class Place(NamedTuple):
    id: UUID
    code: str
    name: str
    municipality: str


PLACES = [
    Place(UUID(int=1), "QRO", "Querétaro Centro", "Querétaro"),
    Place(UUID(int=2), "QRN", "Querétaro Norte", "Querétaro"),
    Place(UUID(int=3), "TEQ", "Administración Tequisquiapan", "Tequisquiapan"),
]


@pytest.mark.parametrize(
    ("named", "number"),
    [("qro", 1), ("TEQ", 3), ("Tequisquiapán", 3), (" querétaro norte ", 2), ("administracion tequisquiapan", 3)],
)
def test_an_explotacion_is_named_by_code_name_or_municipality(named: str, number: int) -> None:
    written = files.to_json(raw(explotacion=named))
    table = f"{TABLE}tariff,explotacion,{named},,,,,,,,,\n"
    for reading in (files.parse(written, Format.JSON), files.parse(table, Format.CSV)):
        assert "explotacion" not in reading.raw
        assert files.unplaced(reading) == (f"Explotación “{named.strip()}” is looked up when the file is taken in.",)
        placed = files.placed(reading, PLACES)
        found = examine(placed.raw)
        assert (found.sound, placed.notes) == (True, ())
        assert found.tariff is not None
        assert found.tariff.explotacion_id == UUID(int=number)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"explotacion": "Querétaro"}, "is the name of several; their codes: QRO, QRN"),
        ({"explotacion": "Celaya"}, "is no code and no name of an explotación of yours"),
        ({"explotacion": 5}, "must be the code or the name of an explotación"),
        ({"explotacion": " "}, "must be the code or the name of an explotación"),
        ({"explotacion": "TEQ", "explotacion_id": str(UUID(int=3))}, "one of the two says it"),
    ],
)
def test_an_explotacion_that_is_not_known_is_refused(columns: dict[str, object], says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        files.placed(files.parse(files.to_json(raw(**columns)), Format.JSON), PLACES)
    (problem,) = caught.value.problems
    assert problem.path == ("explotacion_id",)
    assert says in problem.message


def test_a_file_that_names_no_explotacion_says_for_whom_it_is() -> None:
    said = ("For all explotaciones without a tariff of their own: the file names none.",)
    reading = files.parse(files.to_json(raw()), Format.JSON)
    assert (files.unplaced(reading), files.placed(reading, PLACES).notes) == (said, said)
    own = files.parse(files.to_json(raw(explotacion_id=str(UUID(int=1)))), Format.JSON)
    assert (files.unplaced(own), files.placed(own, PLACES)) == ((), own)


# ── CSV ───────────────────────────────────────────────────────────────────────────────────


def test_a_table_is_a_tariff() -> None:
    found = examine(files.parse(TABLE, Format.CSV).raw)
    assert found.sound
    assert found.tariff is not None
    assert rate(found.tariff, Decimal(11)).water == Decimal("108.75")
    assert found.tariff.additional_concepts[0].iva_rate == Decimal("0.16")


def test_semicolons_other_orders_empty_rows_and_a_mark_in_front_are_read() -> None:
    rows = [line.split(",") for line in TABLE.splitlines()]
    turned = "\r\n".join(";".join(reversed(cells)) for cells in rows) + "\r\n;;;;;;;;;;;\r\n"
    assert csv_files.read(turned) == csv_files.read(TABLE)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("told", [True, False])
def test_a_table_as_excel_writes_it_is_read(separator: str, told: bool) -> None:
    """With a line that tells the separator, and as many cells as the sheet was ever wide."""
    rows = [line.replace(",", separator) + separator * 3 for line in TABLE.splitlines()]
    lines = ([f"sep={separator}"] if told else []) + rows
    assert csv_files.read("\r\n".join(lines) + "\r\n") == csv_files.read(TABLE)
    lines[-2] = lines[-2].replace("8.75", "8.755555")
    with pytest.raises(DocumentError, match=f"Line {len(lines) - 1}, Block 2"):
        csv_files.read("\n".join(lines))


def test_a_header_in_other_words_is_told_how_to_begin() -> None:
    with pytest.raises(InvalidInput) as caught:
        csv_files.read("Desde;Hasta;Precio;Cuota fija\n0;10;5.50;45\n")
    assert "--format csv" in caught.value.advice


def test_a_spreadsheet_does_not_take_a_name_for_a_formula() -> None:
    for name in ("=1+1", "+52 442", "-1", "@x", "'quoted", "''"):
        made = tariff(name=name)
        assert f"tariff,name,'{name}," in csv_files.write(made)
        assert read_back(csv_files.write(made), Format.CSV).name == name


FORMULAS = st.text(st.sampled_from("=+-@'\";,|\t a1é"), min_size=1, max_size=40)


@given(name=FORMULAS, gazette=FORMULAS)
@settings(max_examples=200, deadline=None)
@example(name='Doméstica;=HYPERLINK("http://x";"y")', gazette='a;"=1+1&"')
def test_a_list_separator_inside_a_text_begins_no_formula(name: str, gazette: str) -> None:
    found = examine(raw(name=name, gazette_reference=gazette))
    if found.tariff is None:
        return
    written = csv_files.write(found.tariff)
    for separator in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(written), delimiter=separator) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert read_back(written, Format.CSV) == found.tariff


@given(name=FORMULAS)
@settings(max_examples=100, deadline=None)
def test_a_table_saved_again_with_semicolons_is_the_same(name: str) -> None:
    found = examine(raw(name=name))
    if found.tariff is None:
        return
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(csv.reader(io.StringIO(csv_files.write(found.tariff))))
    assert read_back(text.getvalue(), Format.CSV) == found.tariff


def test_a_text_with_any_list_separator_or_a_quote_is_in_quotes() -> None:
    assert 'tariff,name,"Doméstica; A",' in csv_files.write(tariff(name="Doméstica; A"))
    assert 'tariff,name,"Doméstica ""A""",' in csv_files.write(tariff(name='Doméstica "A"'))


@pytest.mark.parametrize(
    ("before", "after", "where", "message"),
    [
        ("8.75", '"8,75"', "Line 8, Block 2, price per m³", "point and no comma"),
        ("45.00", "$45.00", "Line 7, Block 1, fixed charge", "without a currency sign"),
        ("45.00", '"1,045.00"', "Line 7, Block 1, fixed charge", "thousands separator"),
        ("5.50", "5.50001", "Line 7, Block 1, price per m³", "at most 4 decimals"),
        ("0.16", "16%", "Line 9, Concept 1, IVA rate", "percent sign"),
        ("0.16", "NaN", "Line 9, Concept 1, IVA rate", "digits and a point"),
        ("discount_pct,50", "discount_pct,half", "Line 6, Social discount", "digits and a point"),
        ("tariff,name", "tariff,nombre", "Line 2, field", "must be one of"),
        ("tariff,category,domestica", "tariff,name,x", "Line 3, Name", "stands twice"),
        ("block,,,10", "bloque,,,10", "Line 8, row", "must be tariff, block or concept"),
        ("block,,,10", "block,x,,10", "Line 8, field", "must be empty"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line(before: str, after: str, where: str, message: str) -> None:
    assert TABLE.count(before) == 1
    found = problems(TABLE.replace(before, after), Format.CSV)
    assert list(found) == [where]
    assert message in found[where]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b,c\n1,2,3\n",
        TABLE.replace("iva_rate", "iva_rate,iva_rate", 1),
        TABLE.replace(",base,", ",", 1),
        TABLE.replace("iva_rate", "iva_rate,\x1b[31m", 1),
        TABLE + 'block,,,"x\n',
        TABLE + "block,,,1,2,3,4,,,,,,,,,more\n",
        TABLE.replace("Doméstica", "x" * 200_000),
        "row\x00",
    ],
)
def test_what_is_no_such_table_is_refused_whole(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        files.parse(text, Format.CSV)
    assert not isinstance(caught.value, DocumentError)
    assert is_safe(str(caught.value))


def test_ten_thousand_rows_are_refused_by_the_rule_about_blocks() -> None:
    found = examine(files.parse(TABLE + "block,,,10,,8.75,0,,,,,\n" * 10_000, Format.CSV).raw)
    assert [remark.path for remark in found.remarks] == [("blocks",)]


# ── Files ─────────────────────────────────────────────────────────────────────────────────


def test_the_name_says_the_form() -> None:
    names = {"a.json": Format.JSON, "a.CSV": Format.CSV, "a.owrs": Format.OWRS, "a.yml": Format.OWRS, "-": Format.JSON}
    assert {name: files.format_of(name) for name in names} == names


def test_a_file_is_saved_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "tariff.csv"
    path.write_text("before")
    files.save(str(path), TABLE)
    assert path.read_text(encoding="utf-8") == TABLE
    assert [one.name for one in tmp_path.iterdir()] == ["tariff.csv"]
    path.write_bytes(b"\xef\xbb\xbf" + TABLE.encode())
    assert files.load(str(path)).raw["name"] == "Doméstica 2026"


def test_what_cannot_be_read_or_written_is_said_in_a_line(tmp_path: Path) -> None:
    wide = tmp_path / "wide.json"
    wide.write_bytes(b" " * (MAX_BYTES + 1))
    other = tmp_path / "latin.csv"
    other.write_bytes("Doméstica".encode("latin-1"))
    for source in (
        str(tmp_path / "none.json"),
        str(tmp_path),
        str(wide),
        str(other),
        "/dev/zero",
        "a\x00b",
        "x" * 5000,
    ):
        with pytest.raises(InvalidInput) as caught:
            files.load(source)
        assert is_safe(str(caught.value))
    for target in (str(tmp_path / "no" / "x.json"), str(tmp_path), "a\x00b", "/dev/null"):
        with pytest.raises(InvalidInput):
            files.save(target, "x")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["latin.csv", "wide.json"]


def test_standard_input_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    assert files.load("-", Format.CSV).raw["category"] == "domestica"


def test_a_file_there_is_no_room_for_is_told_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "tariff.json"
    path.write_text("old", encoding="utf-8")
    program = "import sys; from supra_console.tariffs import files; files.save(sys.argv[1], 'x' * 100_000)"
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 1; exec "$0" -c "$1" "$2"', sys.executable, program, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["tariff.json"]
    assert path.read_text(encoding="utf-8") == "old"
