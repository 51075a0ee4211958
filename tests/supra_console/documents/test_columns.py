"""Every JSONB column has its document: right ones come back from the database to the last digit, broken are named."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from supra_console.documents import DOCUMENTS, TYPES, DocumentError, dump, parse
from supra_console.documents.base import Document, check
from supra_console.documents.billing import TariffInsert

from .conftest import Store
from .strategies import accepts_nothing, annotation, broken, models, objects, raws

COLUMNS = sorted(TYPES)
NAMES = [f"{table}.{column}" for table, column in COLUMNS]
MODELS = sorted({model for kind in (*TYPES.values(), TariffInsert) for model in models(kind)}, key=str)
STRATEGIES = {column: raws(kind) for column, kind in TYPES.items()}

quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exactly(value: object) -> object:
    """A JSON value in which two numbers are equal only if every digit is, trailing zeros included."""
    match value:
        case dict():
            return {key: exactly(entry) for key, entry in value.items()}
        case list():
            return [exactly(entry) for entry in value]
        case bool() | None | str():
            return value
        case int() | Decimal():
            return ("number", format(Decimal(value), "f"))
    raise AssertionError(type(value))


def test_the_registry_is_the_catalogue(store: Store) -> None:
    assert set(DOCUMENTS) == store.columns


def test_every_default_of_the_schema_is_a_document(store: Store) -> None:
    for (table, column), value in store.defaults.items():
        parse(table, column, value)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=NAMES)
@quick
@given(data=st.data())
def test_documents_come_back_to_the_last_digit(store: Store, table: str, column: str, data: st.DataObject) -> None:
    raw = data.draw(STRATEGIES[table, column])
    document = parse(table, column, raw)
    written = dump(table, column, document)
    stored = store.keep(table, column, written)
    assert exactly(stored) == exactly(written)
    assert parse(table, column, stored) == document
    assert exactly(store.pass_through(raw)) == exactly(raw)


def every_break(model: type[Document]) -> Iterator[tuple[str, str, Any]]:
    for name, field in model.model_fields.items():
        kind = annotation(field)
        empty_too = () if accepts_nothing(kind) else (None,)
        for value in (*broken(kind), *empty_too):
            yield name, field.alias or name, value


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(quick, max_examples=1)
@given(data=st.data())
def test_a_broken_field_is_named(model: type[Document], data: st.DataObject) -> None:
    whole = data.draw(objects(model))
    adapter = TypeAdapter(model)
    for name, key, value in every_break(model):
        with pytest.raises(DocumentError) as caught:
            check(adapter, model, whole | {key: value})
        named = [problem for problem in caught.value.problems if problem.path[:1] == (key,)]
        assert named, (model, key)
        title = model.model_fields[name].title
        assert title
        for problem in named:
            assert title.lower() in problem.where.lower() or len(problem.path) > 1
            assert problem.message.startswith(("must ", "is ", "cannot "))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(quick, max_examples=1)
@given(data=st.data())
def test_a_missing_or_unknown_field_is_named(model: type[Document], data: st.DataObject) -> None:
    whole = data.draw(objects(model))
    adapter = TypeAdapter(model)
    for name, field in model.model_fields.items():
        if field.is_required():
            with pytest.raises(DocumentError) as caught:
                check(adapter, model, {key: value for key, value in whole.items() if key != (field.alias or name)})
            assert any(problem.path == (field.alias or name,) for problem in caught.value.problems)
            assert "is missing" in str(caught.value)
    with pytest.raises(DocumentError, match="“no_such_field”: is not a field of this document"):
        check(adapter, model, whole | {"no_such_field": 1})


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=NAMES)
def test_what_is_no_document_at_all_is_refused(table: str, column: str) -> None:
    for value in ("text", 5, Decimal("NaN"), True, None, object(), {"\x00": object()}):
        with pytest.raises(DocumentError):
            parse(table, column, value)
