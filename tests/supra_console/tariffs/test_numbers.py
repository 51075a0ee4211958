"""Which typed texts are numbers and days, and how the others are to be written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console.errors import InvalidInput
from supra_console.tariffs.numbers import read_date, read_number
from tests.supra_console.tariffs.tariffs_made import amounts


@pytest.mark.parametrize(
    ("text", "decimals", "kept"),
    [
        ("1234.50", 2, "1234.50"),
        (" 5.5 ", 4, "5.5"),
        ("0", 2, "0"),
        ("-0", 2, "0"),
        ("-5", 2, "-5"),  # that it may not be negative is the field's to say
        ("007", 0, "7"),
        ("5.00", 0, "5"),
        ("5.5000", 1, "5.5"),
        ("999999999999999", 0, "999999999999999"),
    ],
)
def test_digits_and_a_point_are_a_number(text: str, decimals: int, kept: str) -> None:
    assert str(read_number(text, decimals=decimals)) == kept


@given(number=amounts(4, 10**6))
def test_what_is_written_is_read(number: Decimal) -> None:
    assert read_number(f"{number:f}", decimals=4) == number


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("", "Write a number, such as 1234.50."),
        ("  ", "Write a number, such as 1234.50."),
        ("8,75", "Write a point and no comma: 1234.50."),
        ("1.234,50", "Write a point and no comma: 1234.50."),
        ("1,234.50", "Write it without a thousands separator: 1234.50, digits and a point."),
        ("1,234", "Write it without a thousands separator: 1234.50, digits and a point."),
        ("1 234 567", "Write it without a thousands separator: 1234.50, digits and a point."),
        ("1'234.5", "Write it without a thousands separator: 1234.50, digits and a point."),
        ("1\u202f234", "Write it without a thousands separator: 1234.50, digits and a point."),
        ("1.234.567", "Write it without a thousands separator: 1234.50, digits and a point."),
        ("$8.75", "Write it without a currency sign: 1234.50, digits and a point."),
        ("MXN 8.75", "Write it without a currency sign: 1234.50, digits and a point."),
        ("8.75 pesos", "Write it without a currency sign: 1234.50, digits and a point."),
        ("10 %", "Write it without a percent sign: 1234.50, digits and a point."),
        ("8.756", "Write at most 2 decimals."),
        ("1" * 16, "Write at most 15 digits before the point."),
        ("1e3", "Write 1234.50: digits and a point."),
        (".5", "Write 1234.50: digits and a point."),
        ("5.", "Write 1234.50: digits and a point."),
        ("+5", "Write 1234.50: digits and a point."),
        ("١٢", "Write 1234.50: digits and a point."),
        ("NaN", "Write 1234.50: digits and a point."),
        ("Infinity", "Write 1234.50: digits and a point."),
        ("5\x1b[2J", "Write 1234.50: digits and a point."),
        ("9" * 1_000_000, "Write 1234.50: digits and a point."),
    ],
    ids=lambda text: text[:12],
)
def test_the_way_to_write_it_is_told(text: str, how: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_number(text, decimals=2)
    assert refused.value.advice == how


def test_the_example_has_the_decimals_of_the_field() -> None:
    for decimals, example in [(0, "1234."), (1, "1234.5:"), (4, "1234.5000:")]:
        with pytest.raises(InvalidInput) as refused:
            read_number("x", decimals=decimals)
        assert example.rstrip(".:") in refused.value.advice
    with pytest.raises(InvalidInput) as refused:
        read_number("2.5", decimals=0)
    assert refused.value.advice == "Write a whole number, without decimals."


@given(text=st.text(max_size=40))
def test_any_text_is_a_number_or_told_off(text: str) -> None:
    try:
        number = read_number(text, decimals=3)
    except InvalidInput:
        return
    assert number.is_finite()
    assert int(number.as_tuple().exponent) >= -3


def test_a_day_is_read_one_way() -> None:
    assert read_date(" 2026-02-16 ") == date(2026, 2, 16)
    assert read_date("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("text", "title", "how"),
    [
        ("", "This is not a date", "Write year, month and day: 2026-02-16."),
        ("16/02/2026", "This is not a date", "Write year, month and day: 2026-02-16."),
        ("2026-2-16", "This is not a date", "Write year, month and day: 2026-02-16."),
        ("2026-02-16T00:00", "This is not a date", "Write year, month and day: 2026-02-16."),
        ("infinity", "This is not a date", "Write year, month and day: 2026-02-16."),
        ("٢٠٢٦-٠٢-١٦", "This is not a date", "Write year, month and day: 2026-02-16."),
        ("10000-01-01", "This date is beyond the calendar", "Write a year from 1900 to 2899: 2026-02-16."),
        ("0000-01-01", "This date is beyond the calendar", "Write a year from 1900 to 2899: 2026-02-16."),
        ("9" * 90 + "-01-01", "This date is beyond the calendar", "Write a year from 1900 to 2899: 2026-02-16."),
        ("9" * 5000 + "-01-01", "This is not a date", "Write year, month and day: 2026-02-16."),
        ("2026-02-30", "The calendar has no such day", "Write a day that the month has, such as 2026-02-16."),
        ("2026-13-01", "The calendar has no such day", "Write a day that the month has, such as 2026-02-16."),
    ],
    ids=lambda text: text[:12],
)
def test_days_that_are_none_are_told_apart(text: str, title: str, how: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_date(text)
    assert (refused.value.title, refused.value.advice) == (title, how)
