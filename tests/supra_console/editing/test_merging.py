"""Two versions of a document: nothing is lost, nothing is decided for anybody."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supra_console.editing.merging import ABSENT, Difference, Side, differences, merged, same
from supra_console.jsonb import Json

SCALARS = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("ab") | st.just(Decimal("1.50"))
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, JSON, JSON)
def test_all_of_mine_or_all_of_theirs(base: Json, mine: Json, theirs: Json) -> None:
    found = differences(base, mine, theirs)
    assert same(merged(base, mine, theirs, {one.path: Side.MINE for one in found}), mine)
    assert same(merged(base, mine, theirs, {one.path: Side.THEIRS for one in found}), theirs)


@given(JSON, JSON, JSON)
def test_there_are_differences_exactly_where_mine_is_not_theirs(base: Json, mine: Json, theirs: Json) -> None:
    found = differences(base, mine, theirs)
    assert bool(found) == (not same(mine, theirs))
    assert all(not same(one.mine, one.theirs) for one in found)
    assert len({one.path for one in found}) == len(found)


@given(JSON, JSON)
def test_what_only_one_changed_is_settled(base: Json, mine: Json) -> None:
    assert same(merged(base, mine, base, {}), mine)
    assert same(merged(base, base, mine, {}), mine)


@given(JSON, JSON, JSON)
def test_what_both_changed_waits_for_a_choice(base: Json, mine: Json, theirs: Json) -> None:
    if any(one.settled is None for one in differences(base, mine, theirs)):
        with pytest.raises(KeyError):
            merged(base, mine, theirs, {})


def test_a_mixture_takes_each_field_from_its_side() -> None:
    base: Json = {"rules": [{"times": 1, "days": 30}, {"times": 2, "days": 10}], "least": 5}
    mine: Json = {"rules": [{"times": 9, "days": 30}, {"times": 2, "days": 10}], "least": 6}
    theirs: Json = {"rules": [{"times": 1, "days": 7}, {"times": 2, "days": 10}], "least": 7}
    found = differences(base, mine, theirs)
    assert found == (
        Difference(("rules", 0, "times"), 1, 9, 1),
        Difference(("rules", 0, "days"), 30, 30, 7),
        Difference(("least",), 5, 6, 7),
    )
    assert [one.settled for one in found] == [Side.MINE, Side.THEIRS, None]
    assert merged(base, mine, theirs, {("least",): Side.THEIRS}) == {
        "rules": [{"times": 9, "days": 7}, {"times": 2, "days": 10}],
        "least": 7,
    }


def test_a_list_that_grew_is_one_field() -> None:
    assert differences({"a": [1]}, {"a": [1, 2]}, {"a": [3]}) == (Difference(("a",), [1], [1, 2], [3]),)


def test_what_is_not_there_is_not_nothing() -> None:
    (one,) = differences({}, {"a": None}, {})
    assert one == Difference(("a",), ABSENT, None, ABSENT)
    assert merged({"a": 1}, {}, {"a": 1}, {}) == {}
    assert not same(True, 1)
    assert same(Decimal("5.50"), Decimal("5.5"))
