"""Forms: what the models say, and texts that lead back to the value they came from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.configuration import DOCUMENTS, TABLE
from supra_console import jsonb
from supra_console.documents import DOCUMENTS as VALIDATORS
from supra_console.documents import TYPES, dump, forms, parse
from supra_console.documents.base import DocumentError
from supra_console.documents.explotacion_configs import Billing, Cutoff, Fiscal
from supra_console.documents.forms import REQUIRED, Kind
from supra_console.documents.wording import Loc

from .strategies import raws

EIGHT = st.sampled_from(DOCUMENTS)


@given(EIGHT, st.data())
def test_the_texts_of_a_document_mean_that_document(name: str, data: st.DataObject) -> None:
    model = TYPES[TABLE, name]
    document = parse(TABLE, name, data.draw(raws(model)))
    typed = forms.as_typed(model, dump(TABLE, name, document))
    assert parse(TABLE, name, forms.as_meant(model, typed)) == document


@given(EIGHT, st.data())
def test_texts_outlive_a_file(name: str, data: st.DataObject) -> None:
    model = TYPES[TABLE, name]
    typed = forms.as_typed(model, dump(TABLE, name, data.draw(raws(model))))
    assert forms.checked(model, jsonb.read(jsonb.dumps(typed))) == typed


@given(
    EIGHT,
    st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["vat_rules", "cycle_days"]), inner),
        max_leaves=8,
    ),
)
def test_what_has_another_shape_is_no_form(name: str, raw: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  -- that it is refused, is all there is to it
        forms.checked(TYPES[TABLE, name], raw)


def refused(name: str, raw: object) -> list[Loc]:
    """The paths of what is wrong."""
    try:
        parse(TABLE, name, raw)
    except DocumentError as error:
        return [problem.path for problem in error.problems]
    return []


@given(EIGHT, st.data())
def test_any_text_in_any_field_is_a_value_or_a_refusal(name: str, data: st.DataObject) -> None:
    model = TYPES[TABLE, name]
    typed = forms.as_typed(model, {})
    rows = [row for row in forms.rows(model, typed) if row.kind not in (Kind.GROUP, Kind.LIST, Kind.ENTRY)]
    row = data.draw(st.sampled_from(rows))
    text = data.draw(st.text() | st.sampled_from(["1,5", "$3", "1e9", "NaN", "٣", " 7 ", "-1", "9" * 40]))
    changed = forms.put(typed, row.path, text)
    assert forms.at(changed, row.path) == text
    assert forms.at(typed, row.path) == row.value  # nothing is changed in place
    for path in refused(name, forms.as_meant(model, changed)):
        assert path[: len(row.path)] == row.path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_empty_document_is_the_defaults_in_every_line(name: str) -> None:
    model = TYPES[TABLE, name]
    rows = forms.rows(model, forms.as_typed(model, {}))
    assert all(row.is_default for row in rows if len(row.path) == 1)
    assert [row.path[0] for row in rows if len(row.path) == 1] == list(model.model_fields)
    assert VALIDATORS[TABLE, name].validate_python(forms.as_meant(model, forms.as_typed(model, {}))) == model()


def line(model: forms.Model, *path: int | str, **document: Any) -> forms.Row:
    return next(row for row in forms.rows(model, forms.as_typed(model, document)) if row.path == path)


def test_a_line_says_what_the_model_says() -> None:
    row = line(Billing, "cycle_days", cycle_days=60)
    assert (row.title, row.field.about) == ("Cycle", "days of a billing cycle, 1 to 90")
    assert (row.kind, row.value, row.default, row.is_default) == (Kind.WHOLE, "60", "30", False)
    assert line(Billing, "auto_create").kind is Kind.YES_NO
    choice = line(Cutoff, "mode")
    assert (choice.kind, choice.field.choices) == (Kind.CHOICE, ("suspension", "reduccion"))
    several = line(Cutoff, "weekdays")
    assert (several.kind, several.value) == (Kind.SEVERAL, "lunes, martes, miercoles, jueves")
    assert len(several.field.choices) == 7
    assert line(Fiscal, "cfdi_defaults", "serie").field.optional


def test_entries_of_a_list_have_lines_of_their_own() -> None:
    rows = forms.rows(Cutoff, forms.as_typed(Cutoff, {}))
    places = [row.path for row in rows]
    here = places.index(("seasonal_block",))
    assert places[here : here + 5] == [
        ("seasonal_block",),
        ("seasonal_block", 0),
        ("seasonal_block", 0, "since"),
        ("seasonal_block", 0, "until"),
        ("seasonal_block", 0, "reason"),
    ]
    assert [row.title for row in rows[here : here + 3]] == ["Seasons without cuts", "Season 1", "First day"]
    assert [row.depth for row in rows[here : here + 3]] == [0, 1, 2]
    assert rows[here + 2].field.default is REQUIRED
    assert rows[here].is_default


def test_entries_come_and_go() -> None:
    typed = forms.as_typed(Cutoff, {})
    field = next(field for field in forms.fields(Cutoff) if field.name == "seasonal_block")
    more = forms.add_entry(typed, field, ("seasonal_block",), 1)
    assert len(more["seasonal_block"]) == 2
    with pytest.raises(DocumentError, match="not valid"):
        parse(TABLE, "cutoff", forms.as_meant(Cutoff, more))  # its days are still to be typed
    for name, text in (("since", "04-01"), ("until", "04-15")):
        more = forms.put(more, ("seasonal_block", 1, name), text)
    assert len(parse(TABLE, "cutoff", forms.as_meant(Cutoff, more)).seasonal_block) == 2
    assert forms.remove_entry(more, ("seasonal_block",), 1) == typed


def test_a_line_goes_back_to_its_default() -> None:
    typed = forms.as_typed(Cutoff, {"seasonal_block": [], "min_debt": Decimal(7)})
    for row in forms.rows(Cutoff, typed):
        typed = forms.default_at(typed, row)
    assert typed == forms.as_typed(Cutoff, {})
