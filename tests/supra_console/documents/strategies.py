"""Documents of every kind, right ones and broken ones, made from the same annotations that check them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta, timezone
from decimal import Decimal
from functools import cache, partial
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic.fields import FieldInfo

from supra_console import identifiers
from supra_console.documents.base import Document
from supra_console.documents.rules import (
    Day,
    Identifier,
    Key,
    Keyed,
    Listed,
    Moment,
    Number,
    Open,
    Rule,
    Scalar,
    Shaped,
    Text,
    Whole,
)
from supra_console.documents.sync import LoadStats

Raw = Any
RULES = (Rule, Listed, Keyed)

IDENTIFIERS: dict[Callable[[str], str], SearchStrategy[str]] = {
    identifiers.rfc: st.sampled_from(["GODE561231GR8", "MAB9307148T4", "XAXX010101000", "ÑAB9307148T4"]),
    identifiers.clabe: st.sampled_from(["032180000118359719", "002010077777777771"]),
    identifiers.phone: st.from_regex(re.compile(r"[2-9][0-9]{9}", re.ASCII), fullmatch=True),
    identifiers.email: st.from_regex(re.compile(r"[a-z]{1,9}(\.[a-z]{1,9})?@[a-z]{2,9}\.mx", re.ASCII), fullmatch=True),
}


# ── Right ones ────────────────────────────────────────────────────────────────────────────


def raws(kind: Any) -> SearchStrategy[Raw]:
    """Raw values, as read from jsonb, that `kind` has to accept."""
    kind, rule = bare(kind)
    origin = get_origin(kind)
    if isinstance(rule, Listed):
        return st.lists(raws(get_args(kind)[0]), min_size=rule.low, max_size=min(rule.high, rule.low + 2))
    if isinstance(rule, Keyed):
        key, value = get_args(kind)
        return st.dictionaries(raws(key), raws(value), max_size=3)
    if rule is not None:
        return by_rule(rule)
    if origin in (Union, UnionType):
        return st.one_of(*(st.none() if member is type(None) else raws(member) for member in get_args(kind)))
    if origin is Literal:
        return st.sampled_from(get_args(kind))
    if kind is bool:
        return st.booleans()
    return objects(kind)


@cache
def objects(model: type[Document]) -> SearchStrategy[dict[str, Raw]]:
    """Objects of one model, with or without their optional fields."""
    required: dict[str, SearchStrategy[Raw]] = {}
    optional: dict[str, SearchStrategy[Raw]] = {}
    for name, field in model.model_fields.items():
        (required if field.is_required() else optional)[field.alias or name] = raws(annotation(field))
    return st.fixed_dictionaries(required, optional=optional).map(partial(coherent, model))


def coherent(model: type[Document], raw: dict[str, Raw]) -> dict[str, Raw]:
    """The same object with the fields that depend on each other put in agreement."""
    for first, last in (("from_m3", "to_m3"), ("valid_from", "valid_until"), ("effective_from", "effective_until")):
        if first in raw and raw.get(last) is not None and not later(raw[first], raw[last]):
            raw[last] = None
    if "opens" in raw and raw["closes"] <= raw["opens"]:
        raw |= {"opens": "00:00", "closes": "23:59"}
    if "codigo_postal" in raw and raw.get("pais", "MEX") == "MEX":
        raw["codigo_postal"] = "76000"
    if raw.get("exempt") and raw.get("rate"):
        raw["exempt"] = False
    if model is LoadStats:
        counts = {count: raw[count] // 3 for count in ("loaded", "quarantined", "skipped") if count in raw}
        raw |= counts | {"source": sum(counts.values())}
    return raw


def later(first: Raw, last: Raw) -> bool:
    return bool(last > first) if isinstance(first, str) and "-" in first else Decimal(last) > Decimal(first)


def by_rule(rule: Any) -> SearchStrategy[Raw]:
    match rule:
        case Number(decimals=decimals):
            low, high = rule.bounds
            exact = [
                st.decimals(low, high, places=places).filter(partial(accepted, rule))
                for places in {0, min(2, decimals), decimals}
            ]
            quoted = [one.map(lambda number: format(number, "f")) for one in exact]
            return st.one_of(*exact, *(quoted if rule.quoted else ()))
        case Whole():
            return st.integers(rule.low, rule.high)
        case Text():
            return printable(rule.least, min(rule.most, 40))
        case Shaped():
            return st.from_regex(re.compile(rule.shape, re.ASCII), fullmatch=True)
        case Identifier():
            return IDENTIFIERS[rule.canonical]
        case Day():
            return st.dates().map(lambda day: day.isoformat())
        case Moment():
            zones = st.sampled_from([timezone.utc, timezone(timedelta(hours=-6))])  # noqa: UP017
            return st.datetimes(timezones=zones).map(lambda moment: moment.isoformat())
        case Key():
            return st.uuids().map(str)
        case Scalar():
            return st.one_of(st.none(), st.booleans(), NUMBERS, printable(0, 20))
        case Open():
            return st.recursive(
                st.one_of(st.none(), st.booleans(), NUMBERS, printable(0, 20)) if rule.anything else OPEN_OBJECTS,
                lambda inner: st.dictionaries(
                    printable(0, 8), st.one_of(inner, st.lists(inner, max_size=2)), max_size=3
                ),
                max_leaves=4,
            )
    raise AssertionError(rule)


def accepted(rule: Rule, value: Raw) -> bool:
    """Not for what is broken: for bounds that the rule itself leaves out."""
    try:
        rule.check(value)
    except ValueError:
        return False
    return True


def printable(least: int, most: int) -> SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=least, max_size=most)


NUMBERS = st.one_of(st.integers(-(10**11), 10**11), st.decimals(-(10**11), 10**11, places=6).map(abs))
OPEN_OBJECTS = st.dictionaries(
    printable(0, 8), st.one_of(st.none(), st.booleans(), NUMBERS, printable(0, 20)), max_size=3
)


# ── Broken ones ───────────────────────────────────────────────────────────────────────────

FLOAT = 1.5
CONTROLS = ["\x00", "a\x1b[2J", "\x9b31m", "\ud800", "a\nb\x07"]


def broken(kind: Any) -> Iterator[Raw]:
    """Values that `kind` has to refuse: of another type, out of range, unstorable."""
    kind, rule = bare(kind)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        members = [member for member in get_args(kind) if member is not type(None)]
        yield from broken(members[0]) if len(members) == 1 else [[], 7, "text"]
        return
    if not isinstance(rule, Scalar | Open):
        yield object()
    match rule:
        case Number(decimals=decimals):
            low, high = rule.bounds
            yield from [low - 1, high + 1, str(high + 1), low + Decimal(1).scaleb(-decimals - 1)]
            yield from [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+99999"), Decimal("1E-99999")]
            yield from [] if rule.quoted else [format(high, "f")]
            yield from [True, FLOAT, "", "1e3", "1,000.00", "$5", " 1", "١", "9" * 5000, [], {}]
        case Whole():
            yield from [
                rule.low - 1,
                rule.high + 1,
                rule.low + Decimal("0.5"),
                Decimal("NaN"),
                True,
                FLOAT,
                "5",
                10**5000,
            ]
        case Text():
            yield from [*CONTROLS, "x" * (rule.most + 1), 5, ["x"]] + ([""] if rule.least else [])
        case Shaped() | Identifier():
            yield from [*CONTROLS, "", "?" * 100_000, "٧٦٠٠٠", 5]
        case Day():
            yield from ["2026-02-30", "16/02/2026", "2026-02-16T00:00:00Z", "99999-01-01", "", 20260216]
        case Moment():
            yield from ["2026-02-16", "2026-02-16T09:30:00", "2026-02-30T00:00:00Z", "09:30", "", 1771234567]
        case Key():
            yield from ["", "00000000", "{00000000-0000-0000-0000-000000000000}", "g" * 36, 5]
        case Scalar():
            yield from [[], {}, FLOAT, Decimal("NaN"), "\x00", "x" * 501]
        case Open():
            yield from [FLOAT, {"x": FLOAT}, {"x": Decimal("Infinity")}, {"\x00": 1}, {"x": ["\ud800"]}, nested(200)]
            yield {str(index): index for index in range(rule.values)}
            yield {"x": "y" * (rule.characters + 1)}
            yield from [] if rule.anything else ["text", 5]
        case Listed():
            yield from ["text", {}, 5, [None] * (rule.high + 1), ["x"] * 1_000_000] + ([[]] if rule.low else [])
        case Keyed():
            yield from ["text", [], 5, {str(index): 1 for index in range(rule.high + 1)}]
        case None if kind is bool:
            yield from ["true", 1, 0]
        case None if origin is Literal:
            yield from ["", "no such choice", 5, []]
        case None:
            yield from [[], "text", 5]


def nested(depth: int) -> Raw:
    value: Raw = {}
    for _ in range(depth):
        value = {"x": value}
    return value


# ── Taking annotations apart ──────────────────────────────────────────────────────────────


def annotation(field: FieldInfo) -> Any:
    """A field's type with the rule that pydantic split off it."""
    kind = field.annotation
    for extra in field.metadata:
        kind = Annotated[kind, extra]  # type: ignore[assignment]
    return kind


def accepts_nothing(kind: Any) -> bool:
    """Whether JSON's null will do."""
    inner, rule = bare(kind)
    return type(None) in get_args(inner) or isinstance(rule, Scalar) or (isinstance(rule, Open) and rule.anything)


def bare(kind: Any) -> tuple[Any, Any]:
    """The type under its annotations, and the rule among them."""
    if get_origin(kind) is not Annotated:
        return kind, None
    inner, *extras = get_args(kind)
    return inner, next((extra for extra in extras if isinstance(extra, RULES)), None)


def models(kind: Any) -> Iterator[type[Document]]:
    """Every model in a type, from the outside in."""
    kind, rule = bare(kind)
    if isinstance(kind, type) and issubclass(kind, Document):
        yield kind
        for field in kind.model_fields.values():
            yield from models(annotation(field))
    elif not isinstance(rule, Rule):
        for member in get_args(kind):
            yield from models(member)
