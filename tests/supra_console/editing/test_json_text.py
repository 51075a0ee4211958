"""JSON for a person's eyes, with every digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console import jsonb
from supra_console.display import is_safe
from supra_console.editing.changes import written
from supra_console.editing.json_text import pretty

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(JSON)
def test_it_says_the_same_as_the_short_form(value: object) -> None:
    assert jsonb.dumps(jsonb.read(pretty(value))) == jsonb.dumps(jsonb.read(jsonb.dumps(value)))


@given(st.text())
def test_letters_stay_letters_and_nothing_drives_a_terminal(text: str) -> None:
    shown = pretty(text)
    assert is_safe(shown)
    assert jsonb.read(shown) == text
    assert pretty("año ñ €") == '"año ñ €"'


def test_a_line_for_each_value_and_one_for_what_is_short() -> None:
    document = {"blocks": [{"from_m3": 0, "price": Decimal("5.50")}], "concepts": [], "name": 'Dom "A"'}
    assert pretty(document).splitlines() == [
        "{",
        '  "blocks": [',
        '    {"from_m3": 0, "price": 5.50}',
        "  ],",
        '  "concepts": [],',
        '  "name": "Dom \\"A\\""',
        "}",
    ]


def test_too_deep_is_refused_before_it_is_walked_through() -> None:
    deep: object = 1
    for _level in range(5000):
        deep = [deep]
    with pytest.raises(ValueError, match="deeply"):
        pretty(deep)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (Decimal("1E+2"), "100"),
        (Decimal("5.50"), "5.50"),
        ([1, "b"], "1, b"),
        ([], "none"),
        ([{"a": 1}], '[{"a":1}]'),
    ],
)
def test_a_value_is_written_as_it_is_typed(value: object, text: str) -> None:
    assert written(value) == text
