"""Numbers pass through JSON and jsonb to the last digit; what cannot be read arrives as a value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Json, Jsonb

from supra_console import jsonb
from supra_console.errors import InvalidInput

quick = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def connection(server: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server, autocommit=True) as connection:
        jsonb.register(connection)
        yield connection


def through(connection: psycopg.Connection, value: object, kind: type[Json | Jsonb] = Jsonb) -> object:
    row = connection.execute("select %s", [kind(value)]).fetchone()
    assert row is not None
    return row[0]


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 5_000)


@quick
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    )
)
def test_what_is_written_is_read_again(value: object) -> None:
    assert jsonb.read(jsonb.dumps(value)) == value


@quick
@given(number=NUMBERS)
def test_a_number_passes_through_the_database(connection: psycopg.Connection, number: Decimal) -> None:
    stored = through(connection, {"n": number})
    assert isinstance(stored, dict)
    assert not isinstance(stored["n"], float)
    assert stored["n"] == number


@pytest.mark.parametrize(
    "text", ["5.50", "0.10", "8.7500", "12345678901234567890.123456789012345678901234567890", "1e400"]
)
def test_the_database_sees_a_number_with_all_its_digits(connection: psycopg.Connection, text: str) -> None:
    row = connection.execute(
        "select jsonb_typeof(j -> 'n'), (j ->> 'n')::numeric = %s::numeric, j from (select %s::jsonb as j)",
        [text, Jsonb({"n": Decimal(text)})],
    ).fetchone()
    assert row is not None
    assert row[:2] == ("number", True)
    assert format(Decimal(row[2]["n"]), "f") == format(Decimal(text), "f")


def test_json_is_exact_as_well(connection: psycopg.Connection) -> None:
    assert through(connection, [Decimal("0.1000")], Json) == [Decimal("0.1000")]


def test_what_documents_are_made_of_is_written_in_iso_form() -> None:
    moment = datetime(2026, 2, 16, 9, 30, tzinfo=UTC)
    row = (date(2026, 2, 16), moment, UUID(int=1), ())
    assert jsonb.read(jsonb.dumps(row)) == ["2026-02-16", "2026-02-16T09:30:00+00:00", str(UUID(int=1)), []]


@pytest.mark.parametrize("value", [1.5, {"x": [0.1]}, object(), {1: 1}, b"x", {1, 2}], ids=str)
def test_a_float_or_a_stranger_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        jsonb.dumps(value)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_no_number_is_not_written(number: str) -> None:
    with pytest.raises(ValueError, match="NaN or Infinity"):
        jsonb.dumps([Decimal(number)])


def test_a_document_without_end_is_not_written() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="too deeply"):
        jsonb.dumps(endless)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1,]", "NaN", "[Infinity]", "-", '"\\', b"\xff", '"' + '\\"' * 500_000, "[" * 100_000, '{"a":' * 5_000],
    ids=range(11),
)
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidInput):
        jsonb.read(text)


def test_brackets_in_texts_are_no_depth() -> None:
    assert jsonb.read('["' + "[{" * 5_000 + '", "\\"' + "[" * 5_000 + '"]') == ["[{" * 5_000, '"' + "[" * 5_000]


def test_a_hundred_levels_are_read_and_a_hundred_and_one_are_not() -> None:
    assert jsonb.read("[" * 100 + "]" * 100)
    with pytest.raises(InvalidInput, match="nested too deeply"):
        jsonb.read("[" * 101 + "]" * 101)


def test_one_unreadable_row_leaves_the_others_alone(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "select j::jsonb from unnest(array[repeat('[', 5000) || repeat(']', 5000), '{\"a\": 1.10}']) as j"
    ).fetchall()
    deep, fine = (value for (value,) in rows)
    assert isinstance(deep, jsonb.Unreadable)
    assert deep.reason == "The document is nested too deeply to be read"
    assert deep.text.startswith("[[[[")
    assert "[[" not in repr(deep)
    assert fine == {"a": Decimal("1.10")}
