"""In which words does a clerk read where a document is wrong, and how?

pydantic says `(1, 'percentage', 'value')` and `missing`; a clerk reads "Concept 2, value:
is missing". The names come from the titles of the fields and of the documents.
"""

from __future__ import annotations

import re
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from supra_console.i18n import _

Loc: TypeAlias = tuple[int | str, ...]


def path(error: ErrorDetails) -> Loc:
    """Where the mistake is; for a kind that is missing or unknown, the field that says the kind."""
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return (*error["loc"], error["ctx"]["discriminator"].strip("'"))
    return error["loc"]


def code(error: ErrorDetails) -> str:
    """Which rule it was, in a word for programs; "shape" for all that are about the form alone."""
    return str(error["ctx"].get("code", "shape")) if error["type"] == "rule" else "shape"


def verdict(error: ErrorDetails) -> str:
    """What is wrong, as the end of a sentence that begins with the field's name."""
    match error["type"]:
        case "rule":
            return error["msg"]
        case "missing" | "union_tag_not_found":
            return _("is missing")
        case "extra_forbidden":
            return _("is not a field of this document")
        case "bool_type":
            return _("must be true or false")
        case "literal_error":
            return _one_of(error["ctx"]["expected"])
        case "union_tag_invalid":
            return _one_of(error["ctx"]["expected_tags"])
        case "model_type" | "model_attributes_type" | "dict_type":
            return _("must be an object with named fields")
        case _:
            return _("is not valid")


def place(kind: Any, loc: Loc) -> str:
    """A path in words: "Block 2, price per m³".

    Args:
        kind: the type the path starts from.
        loc: indexes (from 0), field names, and the tags of discriminated unions.
    """
    words: list[str] = []
    for step in loc:
        kind = _bare(kind)
        if isinstance(kind, tuple):  # a discriminated union: the step is the tag of a member
            tagged = next((member for member in kind if step in _tags(member)), None)
            kind = tagged or kind[0]
            if tagged:
                continue
        if get_origin(kind) is tuple and isinstance(step, int):
            kind = get_args(kind)[0]
            noun = _noun(kind)
            if noun and words:
                words.pop()  # "Block 2" says it without "Blocks"
            words.append(f"{_(noun) if noun else _('entry')} {step + 1}")
        elif isinstance(kind, type) and issubclass(kind, BaseModel) and (field := _field(kind, step)):
            words.append(_(field.title) if field.title else _quoted(step))
            kind = field
        elif step != "[key]":
            words.append(_quoted(step))
            kind = get_args(kind)[1] if get_origin(kind) is dict else Any
    text = ", ".join(words) or _("the document")
    return text[:1].upper() + text[1:]


def _bare(kind: Any) -> Any:
    """The type under annotations and `| None`; a tuple of types for a union of several."""
    while True:
        if isinstance(kind, FieldInfo):
            kind = kind.annotation
        elif get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, UnionType):
            members = tuple(member for member in get_args(kind) if member is not type(None))
            if len(members) > 1:
                return tuple(map(_bare, members))
            kind = members[0]
        else:
            return kind


def _field(model: type[BaseModel], step: int | str) -> FieldInfo | None:
    fields = model.model_fields
    return fields.get(str(step)) or next((field for field in fields.values() if field.alias == step), None)


def _tags(member: Any) -> list[Any]:
    """The values that name a member of a discriminated union: those of its required fixed words."""
    fields = member.model_fields.values() if isinstance(member, type) and issubclass(member, BaseModel) else ()
    return [
        tag
        for field in fields
        if field.is_required() and get_origin(field.annotation) is Literal
        for tag in get_args(field.annotation)
    ]


def _noun(kind: Any) -> str | None:
    bare = _bare(kind)
    member = bare[0] if isinstance(bare, tuple) else bare
    if isinstance(member, type) and issubclass(member, BaseModel):
        return member.model_config.get("title")
    return None


def _quoted(name: object) -> str:
    """A name the document brought along, if it can be shown as it is."""
    return f"“{name}”" if re.fullmatch(r"[\w.\- ]{1,40}", str(name)) else _("a name that cannot be shown")


def _one_of(expected: str) -> str:
    return _("must be one of: %(choices)s") % {"choices": ", ".join(re.findall(r"'([^']*)'", expected))}
