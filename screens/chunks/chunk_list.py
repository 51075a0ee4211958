"""Which chunks does this table have, and how does each stand?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from textual.content import Content

from screens.chunks.picture import Picture, unknown, untold, why_not
from screens.chunks.wording import (
    LOOKS,
    about,
    bound,
    clock,
    count,
    each,
    month_of,
    period,
    ratio,
    saved,
    size,
)
from screens.widgets.line_table import Cell, Column, Value, longest
from screens.widgets.listing import Listing, Row, Shown, joined, listing, pair
from screens.widgets.text import folded, lines, stored, words
from supra_console import i18n
from supra_console.i18n import N_, _, ngettext
from supra_console.timeseries import Bound, Chunk, Edition, State

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome

INTERNAL = "_timescaledb_internal"

SORTS: Mapping[str, tuple[str, Callable[[Chunk], float]]] = {
    "time": (N_("newest first"), lambda chunk: 0),
    "size": (N_("largest first"), lambda chunk: -chunk.size),
    "ratio": (N_("worst ratio first"), lambda chunk: chunk.ratio if chunk.ratio is not None else 1e9),
    "batch": (
        N_("fewest rows a batch first"),
        lambda chunk: chunk.rows_per_batch if chunk.rows_per_batch is not None else 1e12,
    ),
    "late": (N_("most late rows first"), lambda chunk: -(chunk.late_rows or 0)),
}
"""The orders the list can have; equal ones stand newest first."""


def searched(picture: Picture, chunk: Chunk) -> str:
    """What the filter looks in: the name, the state, and the range as ISO and as it is shown."""
    state = _(LOOKS[picture.snapshot.state(chunk)].word)
    late = _("late rows") if chunk.late_rows else ""
    return _searched(f"{chunk.name} {state} {late}", chunk.begins, chunk.ends, i18n.language())


@lru_cache(8192)  # each letter typed asks for all of them again
def _searched(words: str, begins: Bound | None, ends: Bound | None, language: str | None) -> str:
    shown = f"{begins} {month_of(begins)} {bound(begins)} {ends} {month_of(ends)} {bound(ends)}"
    return folded(f"{words} {shown}")


def listed(picture: Picture) -> list[Chunk]:
    """The chunks in the order and through the filter of the picture."""
    chunks = list(reversed(picture.chunks))
    terms = folded(picture.needle).split()
    if terms:
        chunks = [chunk for chunk in chunks if all(term in searched(picture, chunk) for term in terms)]
    return sorted(chunks, key=SORTS[picture.sort][1])


def view(picture: Picture, width: int) -> Listing:
    """The chunks of the chosen hypertable."""
    table = picture.hypertable
    if table is None:
        return Listing(_("No table is chosen: Enter on one in the overview."))
    chunks = listed(picture)
    mark = longest((saved_by(outcome) for outcome in picture.outcomes.values()), 6, 12)
    shown: list[Shown[Chunk]] = [
        Shown(Column("mark", "", 1), lambda chunk: Cell("●" if chunk.id in picture.picked else " ", "match")),
        Shown(Column("begins", _("From"), 13), lambda chunk: bound(chunk.begins)),
        Shown(Column("ends", _("To"), 13), lambda chunk: bound(chunk.ends), 126 if picture.outcomes else 110),
        Shown(Column("state", _("State")), lambda chunk: _state(picture, chunk)),
        Shown(Column("size", _("Size"), 7, right=True), lambda chunk: size(chunk.size)),
        Shown(Column("heap", _("Heap"), 7, right=True), lambda chunk: size(chunk.heap), 96),
        Shown(Column("index", _("Index"), 7, right=True), lambda chunk: size(chunk.index), 96),
        Shown(Column("toast", "Toast", 7, right=True), lambda chunk: size(chunk.toast), 96),
        Shown(Column("rows", _("Rows"), 8, right=True), lambda chunk: unknown(about(chunk.rows)), 72),
        Shown(Column("ratio", _("Ratio"), 6, right=True), _ratio),
        Shown(Column("batch", _("Batch"), 6, right=True), _batch, 66),
        Shown(Column("late", _("Late"), 6, right=True), _late, 66),
    ]
    if picture.outcomes:
        shown.append(Shown(Column("done", _("Done"), mark), lambda chunk: _done(picture, chunk)))
    note, role = _note(picture, len(chunks))
    return listing(note, shown, [Row(str(chunk.id), chunk) for chunk in chunks], width, role)


def _note(picture: Picture, shown: int) -> tuple[str, str]:
    everything = len(picture.chunks)
    number = ngettext("{n} chunk", "{n} chunks", everything).format(n=count(everything))
    if picture.needle:
        number = _("{n} of {chunks} with “{text}”").format(n=count(shown), chunks=number, text=picture.needle)
    if missing := untold(picture, "chunks", "sizes"):
        return missing, "warning"
    parts = [picture.name(picture.chosen), number, _(SORTS[picture.sort][0])]
    if picture.picked:
        picked = [chunk for chunk in picture.chunks if chunk.id in picture.picked]
        text = ngettext("● {n} picked, {size}", "● {n} picked, {size}", len(picked))
        parts.append(text.format(n=count(len(picked)), size=size(sum(chunk.size for chunk in picked))))
    if picture.snapshot.server.edition is Edition.APACHE:
        parts.append(_("Apache edition: no compression"))
    elif reason := why_not(picture):
        parts.append(reason)
    return " · ".join(parts), ""


def _state(picture: Picture, chunk: Chunk) -> Value:
    state = picture.snapshot.state(chunk)
    look = LOOKS[state]
    # The quiet ones are the many; colour is for what calls for attention.
    role = look.role if state in (State.OVERDUE, State.PARTIAL, State.DROPPING) else ""
    return Cell(f"{look.sign} {_(look.word)}", role)


def _ratio(chunk: Chunk) -> Value:
    return Cell(ratio(chunk.ratio), "error" if chunk.ratio is not None and chunk.ratio <= 1 else "")


def _batch(chunk: Chunk) -> Value:
    few = chunk.rows_per_batch is not None and chunk.rows_per_batch < 10
    return Cell(each(chunk.rows_per_batch), "error" if few else "")


def _late(chunk: Chunk) -> Value:
    if not chunk.compressed:
        return ""
    if chunk.late_rows is None:
        return Cell("?", "quiet")
    return Cell(about(chunk.late_rows), "warning") if chunk.late_rows else Cell("0", "quiet")


def saved_by(outcome: Outcome) -> str:
    """How it went with a chunk, for a column: `✓ −82%`, `– skipped`, `✗ failed`."""
    if outcome.state == "done":
        return "✓ " + saved(outcome.before, outcome.after)
    return "– " + _("skipped") if outcome.state == "skipped" else "✗ " + _("failed")


def role_of(outcome: Outcome) -> str:
    """The role of `saved_by`."""
    return {"done": "good", "skipped": "quiet"}.get(outcome.state, "error")


def _done(picture: Picture, chunk: Chunk) -> Value:
    outcome = picture.outcomes.get(chunk.id)
    return Cell(saved_by(outcome), role_of(outcome)) if outcome is not None else ""


# ---------------------------------------------------------------------- under the table


def under(picture: Picture, row: Row[Chunk], width: int, height: int) -> Content:
    """The chunk the cursor is on, in full."""
    return lines(_under(picture, row.subject, width))


def _name(chunk: Chunk) -> str:
    """Without the schema that nearly all chunks are in."""
    return chunk.name if chunk.schema == INTERNAL else f"{chunk.schema}.{chunk.name}"


def _under(picture: Picture, chunk: Chunk, width: int) -> Iterator[Content]:
    state = LOOKS[picture.snapshot.state(chunk)]
    yield joined(
        [
            words(f"{state.sign} {_(state.word)}", f"${_STYLE.get(state.role, state.role)}"),
            stored(_name(chunk), 120, "bold"),
            stored(period(chunk.begins, chunk.ends)),
        ],
        "   ",
    )
    facts = [
        pair(_("heap"), size(chunk.heap)),
        pair(_("index"), size(chunk.index)),
        pair("toast", size(chunk.toast)),
        pair(_("rows"), about(chunk.rows)),
    ]
    if chunk.created is not None and width > 100:
        facts.append(pair(_("made"), clock(chunk.created)))
    if chunk.before and chunk.after:
        text = f"{size(chunk.before)} → {size(chunk.after)} ({saved(chunk.before, chunk.after)})"
        facts.insert(0, pair(_("compressed"), text))
    yield joined(facts, "   ")
    outcome = picture.outcomes.get(chunk.id)
    if outcome is not None and outcome.error is not None:
        yield words(
            "✗ " if outcome.state == "failed" else "– ", "bold $error" if outcome.state == "failed" else "$quiet"
        ) + stored(f"{outcome.error.title}. {outcome.error.advice}", 300)


_STYLE = {"good": "success", "bar": "primary", "coming": "accent"}
