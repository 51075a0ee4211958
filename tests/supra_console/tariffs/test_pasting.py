"""What a piece of a spreadsheet says: by its titles, by its place, and never anything left out without a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console.errors import InvalidInput
from supra_console.tariffs import pasting, sheet_values
from supra_console.tariffs.sheet import BlockRow, ConceptRow, Sheet, gapless
from supra_console.tariffs.titles import OF_BLOCKS, column_of, read_title

PLAN = Sheet(
    blocks=(
        BlockRow("0", "10", "5.50", "45.00"),
        BlockRow("10", "20", "8.75", "0"),
        BlockRow("20", "40", "15.30", "0"),
        BlockRow("40", "", "25.00", "0"),
    ),
    concepts=(ConceptRow("alc", "Alcantarillado", "percentage", "10", "", "0.16"),),
)


def test_a_piece_of_a_spreadsheet_goes_over_the_cells() -> None:
    text = 'Desde\tHasta\tPrecio\tCuota\r\n0\t12\t6.10\t50.00\r\n12\t24\t9.00\t0\r\n24\t\t"12.50"\t0\r\n'
    pasted = pasting.paste_blocks(Sheet(), 0, "from_m3", text)
    assert pasted.blocks == (
        BlockRow("0", "12", "6.10", "50.00"),
        BlockRow("12", "24", "9.00", "0"),
        BlockRow("24", "", "12.50", "0"),
    )
    assert gapless(pasted.blocks)


def test_what_is_pasted_badly_is_marked_and_not_lost() -> None:
    pasted = pasting.paste_blocks(PLAN, 2, "price_per_m3", "$1,250.50;x\n\n;;\n9,75")
    assert pasted.blocks[2] == BlockRow("20", "40", "$1,250.50", "x")
    assert pasted.blocks[3] == BlockRow("40", "", "9,75", "0")
    _raw, unreadable = sheet_values.to_raw(pasted)
    assert [remark.path[1:] for remark in unreadable] == [
        (2, "price_per_m3"),
        (2, "fixed_charge"),
        (3, "price_per_m3"),
    ]


def test_concepts_are_pasted_too() -> None:
    pasted = pasting.paste_concepts(PLAN, 1, "code", "san;Saneamiento;porcentaje;12;alc\ncr;Cruz Roja;fijo;2.00")
    assert [(one.code, one.type, one.value) for one in pasted.concepts] == [
        ("alc", "percentage", "10"),
        ("san", "percentage", "12"),
        ("cr", "fixed", "2.00"),
    ]


@pytest.mark.parametrize("text", ["1\t2\n" * 10_000, "x" * 200_000, "a\t" + "y" * 300])
def test_far_more_than_a_tariff_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        pasting.paste_blocks(PLAN, 0, "from_m3", text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_whatever_is_pasted_is_kept_or_refused(text: str) -> None:
    try:
        pasted = pasting.paste_blocks(PLAN, 0, "from_m3", text)
    except InvalidInput:
        return
    sheet_values.to_raw(pasted)


# ---------------------------------------------------------------------- titles


@pytest.mark.parametrize(
    "titles",
    [
        "Desde\tHasta\tCuota fija\tPrecio por m3",
        "DE\tA\tCARGO FIJO ($)\tTARIFA $/m³",
        "Límite inferior m³\tLímite superior m³\tMínimo\tExcedente",
        "from m³\tto m³\tfixed MXN\tMXN/m³",
        "from_m3\tto_m3\tfixed_charge\tprice_per_m3",
        "De\tHasta\tCuota\tImporte por metro cúbico",
        "From\tTo\tBase\tPrice",
    ],
)
def test_columns_go_where_their_titles_say(titles: str) -> None:
    text = f"{titles}\n0\t10\t229.19\t0\n10\t20\t0\t30.50\n20\t\t0\t41\n"
    expected = (BlockRow("0", "10", "0", "229.19"), BlockRow("10", "20", "30.50", "0"), BlockRow("20", "", "41", "0"))
    # Wherever the cursor is, and whatever stands there.
    assert pasting.paste_blocks(Sheet(), 0, "price_per_m3", text).blocks == expected
    assert pasting.paste_blocks(PLAN, 0, "from_m3", text).blocks == (*expected, PLAN.blocks[3])


@pytest.mark.parametrize(
    ("titles", "says"),
    [
        ("Desde\tHasta\tImporte\tPrecio", "Not understood: Importe."),
        ("Desde\tHasta\tCuota\tTope", "Not understood: Cuota; Tope."),
        ("Desde\tHasta\tPrecio con IVA\tCuota fija", "Understood: Desde = from m³; Hasta = to m³; Cuota fija"),
        ("Desde\tHasta\tPrecio\tTarifa", "The same column twice: Precio = Tarifa."),
        ("Mínimo m³\tMáximo m³\tCuota\tPrecio", "Not understood: Mínimo m³; Máximo m³."),
        ("Rango\tDesde\tHasta\tPrecio", "Not understood: Rango."),
        ("Desde\t\tHasta\tPrecio", "column 2, which has no title"),
        ("Desde\tHasta\tPrecio", "column 4, which has no title"),
        ("Desde\tHasta\tPrecio\tCuota 2026", "Not understood: Cuota 2026."),
        ("Desde\tHasta\tCuota fija por m3\tPrecio", "Not understood: Cuota fija por m3."),
        ("uno\tdos\ttres\tcuatro", "Not understood: uno; dos; tres; cuatro."),
    ],
)
def test_titles_that_are_not_understood_are_refused_with_what_is(titles: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pasting.paste_blocks(PLAN, 0, "from_m3", f"{titles}\n0\t10\t229.19\t0\n")
    assert says in refused.value.advice
    assert "Nothing was pasted" in refused.value.advice


def test_a_column_without_title_or_content_is_nothing() -> None:
    pasted = pasting.paste_blocks(Sheet(), 0, "from_m3", "Desde\t\tHasta\tPrecio\n0\t\t\t5\n")
    assert pasted.blocks == (BlockRow("0", "", "5", "0"),)


def test_a_single_title_over_a_column_is_read_and_another_word_is_a_text() -> None:
    pasted = pasting.paste_blocks(PLAN, 0, "from_m3", "Precio\n6.10\n9.20\n")
    assert [one.price_per_m3 for one in pasted.blocks] == ["6.10", "9.20", "15.30", "25.00"]
    pasted = pasting.paste_blocks(PLAN, 0, "price_per_m3", "seis\n9.20\n")
    assert [one.price_per_m3 for one in pasted.blocks[:2]] == ["seis", "9.20"]


@pytest.mark.parametrize("text", ["0\t10\t5\t45\tIVA 16%", "1\t0\t10\t5\t45\n2\t10\t\t8\t0"])
def test_columns_that_have_no_place_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pasting.paste_blocks(PLAN, 0, "from_m3", text)
    assert "5 columns" in refused.value.advice
    with pytest.raises(InvalidInput):
        pasting.paste_blocks(PLAN, 0, "price_per_m3", "5\t45\t6")
    assert pasting.paste_blocks(PLAN, 0, "price_per_m3", "5\t45\t\t").blocks[0] == BlockRow("0", "10", "5", "45")


def test_concepts_go_where_their_titles_say() -> None:
    text = "Nombre;Clave;Valor;Tipo\nAlcantarillado;alc;12;porcentaje\nCruz Roja;cr;2.00;fijo"
    pasted = pasting.paste_concepts(Sheet(), 0, "code", text)
    assert [(one.code, one.name, one.type, one.value) for one in pasted.concepts] == [
        ("alc", "Alcantarillado", "percentage", "12"),
        ("cr", "Cruz Roja", "fixed", "2.00"),
    ]
    with pytest.raises(InvalidInput):
        pasting.paste_concepts(Sheet(), 0, "code", "Nombre;Clave;Vigencia\nAlcantarillado;alc;2027")
    words = pasting.paste_concepts(Sheet(), 0, "code", "alc;Alcantarillado;porcentaje\nsan;Saneamiento;porcentaje")
    assert [one.code for one in words.concepts] == ["alc", "san"]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_whatever_stands_as_a_title_is_read(text: str) -> None:
    assert column_of(read_title(text), OF_BLOCKS) in (None, *OF_BLOCKS)
