"""How does a command write its answer: for people, and for scripts?

For people in aligned columns, every value through the gate of `display`; for scripts as JSON,
with money and other exact numbers as strings. Neither can drive the terminal it lands on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from supra_console.display import UNSAFE, safe
from supra_console.errors import SupraError


def plain(value: Any) -> Any:
    """A record as JSON knows it: dataclasses as objects, `Decimal`, UUIDs and dates as strings."""
    if isinstance(value, enum.Enum):
        return value.name.lower()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, SupraError):
        return {"title": value.title, "advice": value.advice, "sqlstate": value.sqlstate}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value)


def to_json(value: Any) -> str:
    """JSON a person can read in a terminal: accents as they are, whatever could drive it escaped."""
    return UNSAFE.sub(_escaped, json.dumps(plain(value), ensure_ascii=False, indent=2))


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    # Line ends here are json's own: those of a value are escaped already.
    return character if character == "\n" else json.dumps(character)[1:-1]


def print_json(value: Any) -> None:
    """Write a record to standard output as JSON."""
    text = to_json(value)
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    print(text if encoding == "utf8" else json.dumps(json.loads(text), indent=2))


def columns(rows: Sequence[Sequence[object]], widest: int = 48) -> str:
    """Rows in aligned columns; a cell beyond `widest` characters is cut.

    What a terminal has no room for stands below, indented and aligned too; elsewhere a row is always one line.
    """
    cells = [[safe(value, widest) for value in row] for row in rows]
    if not cells:
        return ""
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    first, *below = _side_by_side(widths)
    lines = []
    for row in cells:
        padded = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        lines.append("  ".join(padded[first]).rstrip())
        lines.extend(f"  {'  '.join(padded[more])}".rstrip() for more in below if any(row[more]))
    return "\n".join(lines)


def _side_by_side(widths: Sequence[int]) -> list[slice]:
    """Which columns share a line."""
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else math.inf
    lines, begins, used = [], 0, 0
    for column, width in enumerate(widths):
        if column > begins and used + width > room:
            lines.append(slice(begins, column))
            begins, used = column, 2
        used += width + 2
    return [*lines, slice(begins, len(widths))]


def fields(pairs: Sequence[tuple[str, object]]) -> str:
    """Labels and values below one another; what is empty is left out."""
    shown = [(label, safe(value)) for label, value in pairs if value not in (None, "")]
    width = max((len(label) for label, _ in shown), default=0)
    return "\n".join(f"  {label.ljust(width)}  {value}" for label, value in shown)


class Progress:
    """How far a long work is: a bar on a terminal, a line for each step elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._step = ""

    def __enter__(self) -> Progress:
        if sys.stderr.isatty() and os.environ.get("TERM") not in (None, "dumb"):
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bars

            self._bar = Bars(
                BarColumn(),
                TextColumn("{task.percentage:>3.0f}%"),
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, step: str, done: int, total: int) -> None:
        """Say that `done` of `total` parts are done, and which step is under way."""
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task("", total=total)
            self._bar.update(self._task, description=safe(step), completed=done, total=total)
        elif step != self._step or done == total:
            print(f"{done * 100 // max(total, 1):3d}%  {safe(step)}", file=sys.stderr, flush=True)
        self._step = step
