"""For which explotación is the tariff of a file?

A council's list has the municipality's name and no key of a database. `explotacion` in a file is a code or a name; it
becomes a key where the explotaciones are known, which is where the file is taken in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol
from unicodedata import combining, normalize
from uuid import UUID

from supra_console.display import safe
from supra_console.documents.base import DocumentError, Problem
from supra_console.i18n import _
from supra_console.tariffs.files.contents import Reading

FIELD = "explotacion"


class Explotacion(Protocol):
    """What a file may call one by."""

    @property
    def id(self) -> UUID: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def municipality(self) -> str: ...


def taken_out(raw: dict[str, object]) -> tuple[dict[str, object], str | None]:
    """The columns, and which explotación the file names beside them.

    Raises:
        DocumentError: it is named in two ways, or by what is no text.
    """
    named = raw.get(FIELD)
    columns = {name: value for name, value in raw.items() if name != FIELD}
    if named is None:
        return columns, None
    if not isinstance(named, str) or not named.strip():
        raise _problem(_("must be the code or the name of an explotación"))
    if columns.get("explotacion_id") is not None:
        raise _problem(_("stands beside explotacion_id: one of the two says it"))
    return columns, named.strip()


def placed(reading: Reading, explotaciones: Iterable[Explotacion]) -> Reading:
    """The same with the key of the explotación it names; what names none says for whom it is.

    Raises:
        DocumentError: there is no such explotación, or several have this name.
    """
    if reading.explotacion is None:
        return replace(reading, notes=(*reading.notes, *unplaced(reading)))
    asked = folded(reading.explotacion)
    known = list(explotaciones)
    for part in ("code", "name", "municipality"):
        found = [one for one in known if folded(getattr(one, part)) == asked]
        if len(found) == 1:
            return replace(reading, raw={**reading.raw, "explotacion_id": str(found[0].id)}, explotacion=None)
        if found:
            codes = ", ".join(safe(one.code, 20) for one in found[:10])
            raise _problem(_("is the name of several; their codes: {codes}").format(codes=codes))
    raise _problem(_("is no code and no name of an explotación of yours"))


def unplaced(reading: Reading) -> tuple[str, ...]:
    """What is to be said about the explotación where none is known yet."""
    if reading.explotacion is not None:
        name = safe(reading.explotacion, 60)
        return (_("Explotación “{name}” is looked up when the file is taken in.").format(name=name),)
    if reading.raw.get("explotacion_id") is None:
        return (_("For all explotaciones without a tariff of their own: the file names none."),)
    return ()


def folded(name: str) -> str:
    """A name without capitals and accents, as it is typed in a hurry."""
    return "".join(one for one in normalize("NFKD", name) if not combining(one)).casefold().strip()


def _problem(message: str) -> DocumentError:
    return DocumentError([Problem(_("Explotación"), message, ("explotacion_id",), "explotacion")])
