"""What do the views of the time series know, and what do they make of it?

A view is a function from a `Picture` to a `Listing`, and another to the text under it; neither knows a widget, so both
can be read and tested as text. The screen keeps the picture and puts the views on the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from screens.widgets.line_table import Cell, Value
from supra_console.i18n import N_, _
from supra_console.timeseries import Chunk, Edition, Hypertable, Missing, Snapshot

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome
    from queries.chunk_advisor import Advice, Trial
    from supra_console.timeseries_findings import Finding


class Judgement(NamedTuple):
    """What is thought of a snapshot; growth and forecast in bytes, by the hypertable's id."""

    findings: tuple[Finding, ...] = ()
    growth: Mapping[int, int | None] = {}
    forecast: Mapping[int, int | None] = {}


@dataclass(frozen=True, slots=True)
class Trying:
    """A measurement by the advisor, going on or done.

    Attributes:
        hypertable: its id.
        expected: how many candidates there are; 0 while that is not known.
    """

    hypertable: int
    expected: int = 0
    trials: tuple[Trial, ...] = ()
    advice: Advice | None = None
    running: bool = True
    stopping: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All the views show, at one moment.

    Attributes:
        chosen: the id of the hypertable whose chunks are listed, and which the advisor tries.
        sort: `time`, `size`, `ratio`, `batch` or `late`.
        needle: only chunks with this in their name, range or state.
        picked: ids of chunks.
        outcomes: of the last run on each chunk, by its id.
        may_act: the person is a DBA.
    """

    snapshot: Snapshot
    judgement: Judgement = field(default_factory=Judgement)
    chosen: int | None = None
    sort: str = "time"
    needle: str = ""
    picked: frozenset[int] = frozenset()
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    trying: Trying | None = None
    may_act: bool = True

    @property
    def hypertable(self) -> Hypertable | None:
        """The chosen one."""
        return self.snapshot.hypertable(self.chosen) if self.chosen is not None else None

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Of the chosen hypertable, oldest first."""
        return self.snapshot.chunks_of(self.chosen) if self.chosen is not None else ()

    def name(self, number: int | None) -> str:
        """Of a hypertable, without its schema where the name alone is clear."""
        table = self.snapshot.hypertable(number) if number is not None else None
        if table is None:
            return ""
        same = sum(one.name == table.name for one in self.snapshot.hypertables)
        return table.name if same == 1 else table.full_name


def unknown(text: str) -> Value:
    """A value, quiet where the server would not tell it."""
    return Cell(text, "quiet") if text == "?" else text


PARTS = {
    "timescaledb": N_("TimescaleDB"),
    "hypertables": N_("hypertables"),
    "chunks": N_("chunks"),
    "sizes": N_("sizes of chunks"),
    "compression": N_("compression"),
    "jobs": N_("jobs"),
    "runs": N_("runs of the jobs"),
    "aggregates": N_("continuous aggregates"),
    "aggregate_rows": N_("rows of the aggregates"),
    "late_rows": N_("late rows"),
    "grants": N_("rights on chunks"),
    "partitioned": N_("partitioned tables"),
    "indexes": N_("indexes"),
    "read": N_("cost of reading"),
}
"""How the parts that may be missing are called."""


def part_name(one: Missing) -> str:
    """What was not told, in words."""
    return _(PARTS.get(one.part, "")) or one.part


def untold(picture: Picture, *parts: str) -> str:
    """The first of these parts that the server did not tell, with its reason; nothing if it told them all."""
    first = next((one for one in picture.snapshot.missing if one.part in parts), None)
    return f"? {part_name(first)}: {first.reason}" if first is not None else ""


def why_not(picture: Picture) -> str:
    """Why this person cannot change anything here; nothing if they can."""
    edition = picture.snapshot.server.edition
    if edition is not Edition.COMMUNITY:
        return ""
    return "" if picture.may_act else _("only supra_dba may change it")
