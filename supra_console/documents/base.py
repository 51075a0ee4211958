"""What do all JSONB documents of SUPRA have in common?

A document is a frozen, strict pydantic model, or a tuple of them. Its fields are written in the vocabulary
below, each with its name as a clerk says it. `check()` turns a raw value into a document, `plain()` back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from supra_console import identifiers
from supra_console.documents.rules import Day, Identifier, Key, Moment, Number, Open, Scalar, Shaped, Text
from supra_console.documents.wording import Loc, code, path, place, verdict
from supra_console.errors import InvalidInput
from supra_console.i18n import N_, _
from supra_console.jsonb import Unreadable

T = TypeVar("T")


class Document(BaseModel):
    """An object of ours: every field known, nothing else accepted, nothing changed afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


def named(title: str, description: str | None = None) -> Any:
    """A field's name as a clerk says it, and what it means, with its unit; both marked with `N_`."""
    return Field(title=title, description=description)


# ── The family of errors ──────────────────────────────────────────────────────────────────


class Problem(NamedTuple):
    """One mistake: where in words, what must be, the path for whoever marks the cell, and a word for programs."""

    where: str
    message: str
    path: Loc = ()
    code: str = "shape"

    def __str__(self) -> str:
        return _("%(where)s: %(message)s") % {"where": self.where, "message": self.message}


class DocumentError(InvalidInput):
    """A document breaks its rules; `problems` says where and how, without quoting a value."""

    TITLE = N_("The document is not valid")

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(advice="; ".join(map(str, self.problems)))


# ── The vocabulary the documents are written in ───────────────────────────────────────────

Money = Annotated[Decimal, Number(0, None, 2)]
"""MXN to the cent."""
UnitPrice = Annotated[Decimal, Number(0, None, 4)]
"""MXN per unit, to a hundredth of a cent."""
CubicMetres = Annotated[Decimal, Number(0, None, 3)]
"""m³ to the litre."""
Rate = Annotated[Decimal, Number(0, 1, 4)]
"""A fraction with the decimals of an IVA rate: 0.16 is 16%."""
Fraction = Annotated[Decimal, Number(0, 1, 6)]
"""A finer fraction: an interest, a probability, a confidence."""
Percentage = Annotated[Decimal, Number(0, 100, 2)]
"""Out of a hundred."""
Feature = Annotated[object, Scalar()]
"""One plain value."""
Object = Annotated[dict[str, object], Open()]
"""Fields of somebody else's."""
Amount = Annotated[Decimal, Number(None, None, 6)]
"""Any measured number, in a unit named beside it."""
Metres = Annotated[Decimal, Number(0, 100_000, 2)]
Latitude = Annotated[Decimal, Number(-90, 90, 7)]
Longitude = Annotated[Decimal, Number(-180, 180, 7)]

Label = Annotated[str, Text(50)]
ShortText = Annotated[str, Text(200)]
Remark = Annotated[str, Text(2000, lines=True)]
Code = Annotated[
    str, Shaped(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,49}", N_("must be a code of 1 to 50 letters, digits, _ . : or -"))
]
Link = Annotated[
    str,
    Shaped(
        r"(https://|s3://|/)[!-~]{1,490}",
        N_("must be an address that begins with https://, s3:// or /, without spaces, of at most 500 characters"),
    ),
]
PostalCode = Annotated[str, Shaped(r"[0-9]{5}", N_("must be a postal code of five digits"))]
Rfc = Annotated[str, Identifier(identifiers.rfc, N_("must be an RFC of 12 or 13 characters"))]
Phone = Annotated[str, Identifier(identifiers.phone, N_("must be a Mexican phone number of ten digits"))]
Email = Annotated[str, Identifier(identifiers.email, N_("must be an e-mail address such as nombre@ejemplo.mx"))]
Clabe = Annotated[str, Identifier(identifiers.clabe, N_("must be a CLABE of 18 digits whose check digit is right"))]
Date = Annotated[date, Day()]
Timestamp = Annotated[datetime, Moment()]
Id = Annotated[UUID, Key()]
TimeOfDay = Annotated[
    str, Shaped(r"([01][0-9]|2[0-3]):[0-5][0-9]", N_("must be a time of day such as 09:30, from 00:00 to 23:59"))
]


# ── In and out ────────────────────────────────────────────────────────────────────────────

_MOST_PROBLEMS = 20


def check(adapter: TypeAdapter[T], kind: Any, value: object) -> T:
    """The document in a raw value.

    Args:
        adapter: the validator of `kind`.
        kind: the type, from which fields are named in words.
        value: as read from `jsonb`, or a document already.

    Raises:
        DocumentError: with at most 20 problems.
    """
    if isinstance(value, Unreadable):
        raise DocumentError([Problem(_("The document"), value.reason)])
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
    raise DocumentError(Problem(place(kind, path(e)), verdict(e), path(e), code(e)) for e in found[:_MOST_PROBLEMS])


def plain(document: object) -> Any:
    """The raw value of a document: optional fields without a value left out, Decimals as they are."""
    if isinstance(document, Document):
        fields = type(document).model_fields
        return {
            fields[name].alias or name: plain(value)
            for name, value in document
            if value is not None or fields[name].is_required()
        }
    if isinstance(document, Mapping):
        return {key: plain(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [plain(entry) for entry in document]
    if isinstance(document, date):
        return document.isoformat()
    if isinstance(document, UUID):
        return str(document)
    return document
