"""How does a JSON document travel between Python and a `jsonb` column, exactly?

Numbers are written as JSON numbers and read as `int` or `Decimal`, never as `float`.
Numbers and not strings, because `jsonb` keeps a number as `numeric`: to the last
digit, trailing zeros included, and still a number for `supra.rate_blocks()`, for the
CHECK constraints on the shape of a document and for whoever queries it in psql. A
price in quotes would be none of these.

Whatever other programs stored comes back as a value: a document that cannot be read
safely (nested thousands deep, megabytes long) arrives as `Unreadable` with its text,
so that one bad row never takes the other rows of a query with it.

Nothing here imports pydantic; the connection can be set up without its 100 ms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn, TypeAlias
from uuid import UUID

from supra_console.errors import InvalidInput
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from psycopg.abc import AdaptContext

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 100
"""Objects and lists within each other; Python's own reader gives up near 1,000."""

MAX_CHARACTERS = 16 * 1024 * 1024
"""A bank's file of 100,000 payments is about 10 MB."""

# An unterminated string runs to the end of the text, so that a text full of quotes is
# read once and not once for each quote.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored document that is not taken apart: why, and its text as it is.

    Attributes:
        reason: the reason, translated.
        text: the document as the server sent it; show it only through `safe()`.
    """

    reason: str
    text: str = field(repr=False)


def read(text: str | bytes, *, nan: bool = False) -> Json:
    """The value of a JSON text, numbers exact.

    Args:
        text: the document.
        nan: take NaN and Infinity, which are no JSON, as Decimals: for whoever refuses them with their field.

    Raises:
        InvalidInput: it is no JSON, or is too deep or long; it says in which line.
    """
    constant = Decimal if nan else _not_a_number
    try:
        text = text if isinstance(text, str) else str(text, "utf-8")
        if len(text) > MAX_CHARACTERS:
            raise _refusal(N_("The document is too long to be read"))
        if _depth_exceeded(text):
            raise _refusal(N_("The document is nested too deeply to be read"))
        value: Json = json.loads(text, parse_float=Decimal, parse_int=_integer, parse_constant=constant)
    except json.JSONDecodeError as error:
        title = _("The text is not a JSON document (line {line}, column {column})")
        raise InvalidInput(title.format(line=error.lineno, column=error.colno)) from None
    except (ValueError, ArithmeticError):
        raise _refusal(N_("The text is not a JSON document")) from None
    return value


def loads(text: str | bytes) -> Json | Unreadable:
    """What psycopg calls for each `json` or `jsonb` value it receives."""
    try:
        return read(text)
    except InvalidInput as error:
        raw = text if isinstance(text, str) else str(text, "utf-8", "replace")
        return Unreadable(error.title, raw)


def dumps(value: object) -> str:
    """JSON text of a value, Decimals as numbers with every digit they have.

    Dates, moments and UUIDs are written in their ISO form. A float is refused: it is
    never what was meant where money, volumes and coordinates are Decimal.

    Raises:
        TypeError: a value JSON has no form for, or a float.
        ValueError: NaN or Infinity, or a document deeper than `MAX_DEPTH`.
    """
    parts: list[str] = []
    _write(value, parts, 0)
    return "".join(parts)


def register(context: AdaptContext | None = None) -> None:
    """Make a psycopg connection (or all, for None) read and write JSON this way."""
    from psycopg.types.json import set_json_dumps, set_json_loads

    set_json_dumps(dumps, context)
    set_json_loads(loads, context)


def _write(value: object, parts: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("a document is nested too deeply to be written")
    if value is None or isinstance(value, bool | str):
        parts.append(json.dumps(value))
    elif isinstance(value, int):
        parts.append(str(value))
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("a document cannot hold NaN or Infinity")
        parts.append(str(value))
    elif isinstance(value, date):  # a datetime is one too
        parts.append(f'"{value.isoformat()}"')
    elif isinstance(value, UUID):
        parts.append(f'"{value}"')
    elif isinstance(value, Mapping):
        before = "{"
        for key, entry in value.items():
            if not isinstance(key, str):
                raise TypeError("the keys of a document are strings")
            parts.append(f"{before}{json.dumps(key)}:")
            _write(entry, parts, depth + 1)
            before = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list | tuple):
        before = "["
        for entry in value:
            parts.append(before)
            _write(entry, parts, depth + 1)
            before = ","
        parts.append("]" if value else "[]")
    else:
        raise TypeError(f"a document cannot hold a {type(value).__name__}")


def _depth_exceeded(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for found in _BRACKETS.finditer(text):
        match found[0]:
            case "[" | "{":
                depth += 1
                if depth > MAX_DEPTH:
                    return True
            case "]" | "}":
                depth -= 1
    return False


def _integer(digits: str) -> int | Decimal:
    # Python refuses to convert some thousands of digits; a server does not.
    return int(digits) if len(digits) <= 1000 else Decimal(digits)


def _not_a_number(_constant: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _refusal(title: str) -> InvalidInput:
    return InvalidInput(_(title))
