"""What are the fields of a document, for whoever fills it in?

Everything is read from the Pydantic models: names, what they mean with unit and limits, choices, defaults. A form
holds what was typed as texts, so that a value that is wrong yet is still there; `as_typed` and `as_meant` lead from a
document's plain value to the texts and back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from supra_console.documents.base import Document, plain
from supra_console.documents.rules import Listed, Number, Rule, Whole
from supra_console.documents.wording import Loc
from supra_console.editing.merging import same
from supra_console.i18n import _
from supra_console.jsonb import Json

Typed: TypeAlias = "str | list[Typed] | dict[str, Typed]"
"""What was typed: texts in the shape of the document. Never changed in place."""
Model: TypeAlias = type[Document]

YES, NO = "true", "false"
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    YES_NO = "yes or no"
    CHOICE = "choice"
    SEVERAL = "several"  # single values in an order, with commas between
    GROUP = "group"  # fields under a heading
    LIST = "list"  # entries of several fields each
    ENTRY = "entry"


class Nothing(StrEnum):
    """The default of a field that must be filled in."""

    REQUIRED = "required"


REQUIRED: Final = Nothing.REQUIRED


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a document.

    Attributes:
        name: as in the JSON.
        title, about: its name, and what it means with unit and limits; translated when asked for.
        choices: the values of a choice, or those that `SEVERAL` may hold.
        optional: may be left empty.
        default: the plain value it has when the document does not say; REQUIRED if it must.
        rule: what one value must be; None where there is more to say than a rule does.
        model: of the fields of a group, or of each entry of a list.
        items: of which kind the values of `SEVERAL` are.
    """

    name: str
    msgid: str
    meaning: str
    kind: Kind
    choices: tuple[str, ...]
    optional: bool
    default: Json | Nothing
    rule: Rule | None = None
    model: Model | None = None
    items: Kind = Kind.TEXT

    @property
    def title(self) -> str:
        text = _(self.msgid) if self.msgid else self.name
        return text[:1].upper() + text[1:]

    @property
    def about(self) -> str:
        return _(self.meaning) if self.meaning else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a form.

    Attributes:
        path: where in the document.
        depth: how many groups and lists it stands in.
        value: the text as typed; of a list the number of its entries; of a group or an entry nothing.
        default: the text of the default; None where there is none to show.
        is_default: whether the document means the default here.
    """

    path: Loc
    depth: int
    field: FormField
    kind: Kind
    value: str
    default: str | None
    is_default: bool

    @property
    def title(self) -> str:
        """What stands at the left."""
        if self.kind is Kind.ENTRY:
            return f"{entry_noun(self.field)} {int(self.path[-1]) + 1}"
        return self.field.title


def entry_noun(field: FormField) -> str:
    """What one entry of a list is called."""
    noun = field.model.model_config.get("title") if field.model is not None else None
    text = _(noun) if noun else _("entry")
    return text[:1].upper() + text[1:]


# ── From the models ───────────────────────────────────────────────────────────────────────


@cache
def fields(model: Model) -> tuple[FormField, ...]:
    """The fields of a document, in the order the model declares them."""
    return tuple(_form_field(field.alias or name, field) for name, field in model.model_fields.items())


def _form_field(name: str, field: FieldInfo) -> FormField:
    bare, rules, optional = _unwrap(field.annotation, tuple(field.metadata))
    kind, items = _kind(bare, rules), Kind.TEXT
    choices: tuple[str, ...] = ()
    model: Model | None = None
    if kind is Kind.CHOICE:
        choices = tuple(map(str, get_args(bare)))
    elif kind in (Kind.SEVERAL, Kind.LIST):
        inner, rules_inside, _optional = _unwrap(get_args(bare)[0], ())
        if kind is Kind.LIST:
            model = inner
        else:
            items = _kind(inner, rules_inside)
            choices = tuple(map(str, get_args(inner))) if items is Kind.CHOICE else ()
    elif kind is Kind.GROUP:
        model = bare
    default: Json | Nothing = REQUIRED if field.is_required() else plain(field.get_default(call_default_factory=True))
    rule = next((one for one in rules if isinstance(one, Rule)), None)
    return FormField(
        name, field.title or "", field.description or "", kind, choices, optional, default, rule, model, items
    )


def _unwrap(annotation: Any, rules: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...], bool]:
    """The type under annotations and `| None`, its rules, and whether it may be None."""
    optional = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            rules = (*rules, *more)
        elif get_origin(annotation) in (Union, UnionType):
            members = [member for member in get_args(annotation) if member is not type(None)]
            if len(members) != 1:
                raise TypeError("a form has no field for a union")
            annotation, optional = members[0], True
        else:
            return annotation, rules, optional


def _kind(bare: Any, rules: tuple[Any, ...]) -> Kind:
    if bare is bool:
        return Kind.YES_NO
    if get_origin(bare) is Literal:
        return Kind.CHOICE
    if isinstance(bare, type) and issubclass(bare, Document):
        return Kind.GROUP
    if get_origin(bare) is tuple and any(isinstance(rule, Listed) for rule in rules):
        inner, _rules, _optional = _unwrap(get_args(bare)[0], ())
        return Kind.LIST if isinstance(inner, type) and issubclass(inner, Document) else Kind.SEVERAL
    if any(isinstance(rule, Whole) for rule in rules):
        return Kind.WHOLE
    if any(isinstance(rule, Number) for rule in rules):
        return Kind.NUMBER
    if bare is str:
        return Kind.TEXT
    raise TypeError("a form has no field for this type")


# ── Texts and values ──────────────────────────────────────────────────────────────────────


def as_typed(model: Model, document: Mapping[str, Json]) -> dict[str, Typed]:
    """The texts of a document's plain value; a field it does not say shows its default."""
    return {field.name: _text(field, document.get(field.name)) for field in fields(model)}


def _text(field: FormField, value: Json) -> Typed:
    if value is None and field.default is not REQUIRED:
        value = field.default
    match field.kind:
        case Kind.GROUP:
            assert field.model is not None  # noqa: S101
            return as_typed(field.model, value if isinstance(value, dict) else {})
        case Kind.LIST:
            assert field.model is not None  # noqa: S101
            entries = value if isinstance(value, list) else []
            return [as_typed(field.model, entry if isinstance(entry, dict) else {}) for entry in entries]
        case Kind.SEVERAL:
            return ", ".join(map(_word, value)) if isinstance(value, list) else ""
        case Kind.YES_NO:
            return YES if value is True else NO
        case _:
            return _word(value)


def _word(value: Json) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def as_meant(model: Model, typed: Mapping[str, Typed]) -> dict[str, Json]:
    """The plain value the texts stand for; what cannot be read stays a text, for the model to refuse."""
    meant = {field.name: _value(field, typed[field.name]) for field in fields(model)}
    optional = {field.name for field in fields(model) if field.optional}
    return {name: value for name, value in meant.items() if not (value is None and name in optional)}


def _value(field: FormField, typed: Typed) -> Json:
    if isinstance(typed, dict):
        assert field.model is not None  # noqa: S101
        return as_meant(field.model, typed)
    if isinstance(typed, list):
        model = field.model
        assert model is not None  # noqa: S101
        return [as_meant(model, entry) for entry in typed if isinstance(entry, dict)]
    text = typed if field.kind is Kind.TEXT else typed.strip()
    match field.kind:
        case Kind.YES_NO:
            return text == YES
        case Kind.SEVERAL:
            return [_single(field.items, word.strip()) for word in text.split(",")] if text else []
        case _ if not text and field.optional:
            return None
        case _:
            return _single(field.kind, text)


def _single(kind: Kind, text: str) -> Json:
    if kind in (Kind.WHOLE, Kind.NUMBER) and _NUMBER.fullmatch(text):
        number = Decimal(text)
        return int(number) if kind is Kind.WHOLE and number == int(number) else number
    return text


def is_readable(row: Row) -> bool:
    """Whether a number was written as numbers are; another field always is."""
    return row.kind not in (Kind.WHOLE, Kind.NUMBER) or _NUMBER.fullmatch(row.value.strip()) is not None


def checked(model: Model, raw: object) -> dict[str, Typed]:
    """Texts read from a file, if they have the shape of this document.

    Raises:
        ValueError: they have not.
    """
    if not isinstance(raw, dict) or raw.keys() != {field.name for field in fields(model)}:
        raise ValueError
    return {field.name: _checked(field, raw[field.name]) for field in fields(model)}


def _checked(field: FormField, raw: object) -> Typed:
    if field.kind is Kind.GROUP and field.model is not None:
        return checked(field.model, raw)
    if field.kind is Kind.LIST and field.model is not None and isinstance(raw, list):
        return [checked(field.model, entry) for entry in raw]
    if not isinstance(raw, str) or field.kind is Kind.LIST:
        raise ValueError
    return raw


# ── The lines of a form ───────────────────────────────────────────────────────────────────


def rows(model: Model, typed: Mapping[str, Typed]) -> tuple[Row, ...]:
    """All lines, with headings of groups, lists and entries."""
    return tuple(_rows(model, typed, (), 0))


def _rows(model: Model, typed: Mapping[str, Typed], path: Loc, depth: int) -> Iterator[Row]:
    for field in fields(model):
        text = typed[field.name]
        here = (*path, field.name)
        meant = _value(field, text)
        known = field.default is not REQUIRED
        is_default = known and same(plain_or_none(meant), plain_or_none(field.default))
        if isinstance(text, dict) and field.model is not None:
            yield Row(here, depth, field, Kind.GROUP, "", None, is_default)
            yield from _rows(field.model, text, here, depth + 1)
        elif isinstance(text, list) and field.model is not None:
            count = str(len(field.default)) if isinstance(field.default, list) else "0"
            yield Row(here, depth, field, Kind.LIST, str(len(text)), count, is_default)
            for place, entry in enumerate(text):
                yield Row((*here, place), depth + 1, field, Kind.ENTRY, "", None, False)
                if isinstance(entry, dict):
                    yield from _rows(field.model, entry, (*here, place), depth + 2)
        elif isinstance(text, str):
            default = _text(field, field.default) if known and field.default is not None else None
            shown = default if isinstance(default, str) else None
            yield Row(here, depth, field, field.kind, text, shown, is_default)


def plain_or_none(value: object) -> Any:
    """The value, or None for the mark of a field without a default."""
    return None if isinstance(value, Nothing) else value


# ── Steps of editing ──────────────────────────────────────────────────────────────────────


def put(typed: Typed, path: Loc, value: Typed) -> Any:
    """The texts with another one at `path`."""
    if not path:
        return value
    step, *rest = path
    if isinstance(typed, dict):
        return {**typed, str(step): put(typed[str(step)], tuple(rest), value)}
    if isinstance(typed, list) and isinstance(step, int):
        return [*typed[:step], put(typed[step], tuple(rest), value), *typed[step + 1 :]]
    raise KeyError(step)


def at(typed: Typed, path: Loc) -> Typed:
    """The text, group or list at `path`."""
    for step in path:
        if isinstance(typed, dict):
            typed = typed[str(step)]
        elif isinstance(typed, list) and isinstance(step, int):
            typed = typed[step]
        else:
            raise KeyError(step)
    return typed


def add_entry(typed: Typed, field: FormField, path: Loc, place: int) -> Any:
    """One more entry, on its defaults, at this place of the list at `path`."""
    entries = at(typed, path)
    assert isinstance(entries, list) and field.model is not None  # noqa: S101, PT018
    return put(typed, path, [*entries[:place], as_typed(field.model, {}), *entries[place:]])


def remove_entry(typed: Typed, path: Loc, place: int) -> Any:
    """The list at `path` without this entry."""
    entries = at(typed, path)
    assert isinstance(entries, list)  # noqa: S101
    return put(typed, path, [*entries[:place], *entries[place + 1 :]])


def default_at(typed: Typed, row: Row) -> Any:
    """The texts with the default of this line."""
    return put(typed, row.path, _text(row.field, plain_or_none(row.field.default)))
