"""How does a person read a JSON document, exact to the last digit?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from supra_console import jsonb
from supra_console.display import UNSAFE

INDENT = "  "


def pretty(value: object) -> str:
    """JSON text with a line for each value; short lists and objects of plain values stay on one line.

    Raises:
        TypeError, ValueError: as `jsonb.dumps`.
    """
    jsonb.dumps(value)  # refuses what is too deep before it is walked through
    return "".join(_pretty(value, ""))


def _pretty(value: object, margin: str) -> Iterator[str]:
    entries: list[tuple[str, object]]
    match value:
        case Mapping():
            entries = [(f"{_plain(key)}: ", entry) for key, entry in value.items()]
            opening, closing = "{", "}"
        case list() | tuple():
            entries = [("", entry) for entry in value]
            opening, closing = "[", "]"
        case _:
            entries = []
    if not entries:
        yield _plain(value)
        return
    if not any(isinstance(entry, Mapping | list | tuple) for _name, entry in entries):
        line = opening + ", ".join(name + _plain(entry) for name, entry in entries) + closing
        if len(margin) + len(line) <= 70:
            yield line
            return
    deeper = margin + INDENT
    for place, (name, entry) in enumerate(entries):
        yield (opening if not place else ",") + "\n" + deeper + name
        yield from _pretty(entry, deeper)
    yield "\n" + margin + closing


def _plain(value: object) -> str:
    """A value without others in it; letters as letters, what a terminal may not see as its escape."""
    if isinstance(value, str):
        return UNSAFE.sub(lambda found: _escape(found[0]), json.dumps(value, ensure_ascii=False))
    return jsonb.dumps(value)


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"
