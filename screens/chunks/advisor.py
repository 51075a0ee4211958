"""Which compression settings suit this table, measured on a chunk of its own?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from screens.chunks.findings import statement
from screens.chunks.picture import Picture, why_not
from screens.chunks.wording import count, each, milliseconds, ratio, size
from screens.widgets.line_table import Cell, Column, Value
from screens.widgets.listing import Listing, Row, Shown, joined, listing, pair
from screens.widgets.text import lines, stored, words
from supra_console.formats import percent
from supra_console.i18n import N_, _, ngettext
from supra_console.timeseries import Edition

if TYPE_CHECKING:
    from queries.chunk_advisor import Candidate, Trial

TIMED = 2
"""So many queries have a column of their own; all of them stand under the table."""


QUERIES = {
    "last_12_readings": N_("last 12 readings"),
    "readings_of_toma": N_("readings of a toma"),
    "sector_by_day": N_("a sector by day"),
    "toma_by_day": N_("a toma by day"),
    "history": N_("history of a subject"),
    "last_of_a_type": N_("last of a type"),
}
"""Our own queries, by the names that the trial gives them."""


def query_name(name: str) -> str:
    """A query in words."""
    return _(QUERIES.get(name, "")) or name.replace("_", " ")


def candidate_text(candidate: Candidate) -> str:
    """`tenant_id / meter_id, reading_date ↓`: what segments, and in which order."""
    order = ", ".join(column.replace(" DESC", " ↓").removesuffix(" ASC") for column in candidate.orderby)
    return f"{', '.join(candidate.segmentby) or '–'} / {order or '–'}"


def per_row(size_in_bytes: int, trial: Trial) -> float | None:
    """Bytes for each row."""
    return size_in_bytes / trial.rows if trial.rows else None


def shrinks(trial: Trial) -> float | None:
    """Bytes before for each after."""
    return trial.before / trial.after if trial.before and trial.after else None


def view(picture: Picture, width: int) -> Listing:
    """One row for each candidate that was tried, today's among them."""
    table, trying = picture.hypertable, picture.trying
    if table is None:
        return Listing(_("No table is chosen: Enter on one in the overview."))
    if picture.snapshot.server.edition is not Edition.COMMUNITY:
        return Listing(_("This edition cannot compress, so there is nothing to try."))
    name = picture.name(table.id)
    if trying is None or trying.hypertable != table.id:
        text = _("{table}: nothing is tried yet. Enter copies one chunk aside and compresses it in several ways.")
        return Listing(why_not(picture) or text.format(table=name))
    trials = trying.trials
    names = list(dict.fromkeys(query for trial in trials for query in trial.latencies))
    best = trying.advice.best if trying.advice is not None else None
    shown: list[Shown[Trial]] = [
        Shown(Column("mark", "", 1), lambda trial: Cell("★" if best is not None and trial == best else " ", "good")),
        Shown(Column("present", "", 5), lambda trial: _("today") if trial.candidate.present else "", 100),
        Shown(Column("candidate", _("segmentby / orderby")), lambda trial: _candidate(trial)),
        Shown(Column("bytes", _("B a row"), 7, right=True), _bytes),
        Shown(Column("change", _("Change"), 7, right=True), lambda trial: _saved(trial)),
        Shown(Column("ratio", _("Ratio"), 6, right=True), lambda trial: ratio(shrinks(trial)), 96),
        Shown(Column("batch", _("Batch"), 6, right=True), lambda trial: _batch(trial)),
    ]
    for place, query in enumerate(names[:TIMED]):
        wide = 16 if width >= 110 else 8
        # What the letter stands for is said under the table.
        title = query_name(query) if wide > 8 else f"({chr(97 + place)})"
        shown.append(Shown(Column(query, title, wide, right=True), _latency(query), 60 if place == 0 else 72))
    rows = [Row(candidate_text(trial.candidate), trial) for trial in trials]
    note, role = _note(picture, name)
    return listing(note, shown, rows, width, role)


def _note(picture: Picture, name: str) -> tuple[str, str]:
    trying = picture.trying
    assert trying is not None  # noqa: S101 - the caller has looked
    done = len(trying.trials)
    if trying.problem:
        return f"✗ {trying.problem}", "error"
    if trying.running:
        of = _("{n} of {all}").format(n=done, all=trying.expected) if trying.expected else str(done)
        stopping = _("stops after this candidate …") if trying.stopping else _("Esc stops after this candidate")
        return _("{table}: {of} tried …").format(table=name, of=of) + " · " + stopping, "warning"
    advice = trying.advice
    parts = [name, ngettext("{n} candidate", "{n} candidates", done).format(n=done)]
    if advice is not None:
        parts.append(_("on {chunk}").format(chunk=advice.chunk.name))
        if advice.sampled:
            parts.append(_("a sample of it"))
        rows = max((trial.rows for trial in trying.trials), default=0)
        parts.append(_("{n} rows").format(n=count(rows)))
    else:
        parts.append(_("stopped"))
    return " · ".join(parts), ""


def _candidate(trial: Trial) -> Value:
    return candidate_text(trial.candidate)


def _bytes(trial: Trial) -> Value:
    if trial.error is not None:
        return Cell("✗", "error")
    value = per_row(trial.after, trial)
    return each(value) if value is not None else ""


def _saved(trial: Trial) -> Value:
    if trial.error is not None:
        return Cell(_("failed"), "error")
    if trial.after > trial.before:
        return Cell("+" + percent(trial.after / trial.before - 1 if trial.before else None), "error")
    return Cell("−" + percent(1 - trial.after / trial.before if trial.before else None), "good")


def _batch(trial: Trial) -> Value:
    return Cell(each(trial.rows_per_batch), "error" if trial.rows_per_batch < 10 else "") if trial.error is None else ""


def _latency(query: str) -> Callable[[Trial], Value]:
    return lambda trial: milliseconds(trial.latencies[query]) if query in trial.latencies else ""


# ---------------------------------------------------------------------- under the table


def under(picture: Picture, row: Row[Trial] | None, width: int, height: int) -> Content:
    """The candidate the cursor is on, and the recommendation with its statement."""
    return lines(_under(picture, row.subject if row is not None else None))


def _under(picture: Picture, trial: Trial | None) -> Iterator[Content]:
    trying = picture.trying
    if trial is None or trying is None:
        yield from _explained()
        return
    yield stored(candidate_text(trial.candidate), 200, "bold") + words(
        "   " + _("today's setting") if trial.candidate.present else "", "$quiet"
    )
    if trial.error is not None:
        yield words("✗ ", "bold $error") + stored(f"{trial.error.title}. {trial.error.advice}", 300)
    else:
        yield joined(
            [
                pair(_("before"), f"{size(trial.before)}, {each(per_row(trial.before, trial))} B"),
                pair(_("after"), f"{size(trial.after)}, {each(per_row(trial.after, trial))} B"),
                pair(_("rows"), count(trial.rows)),
            ],
            "   ",
        )
        timed = [
            pair(f"({chr(97 + place)}) {query_name(query)}", milliseconds(value))
            for place, (query, value) in enumerate(trial.latencies.items())
        ]
        if timed:
            yield joined(timed, "   ")
    if trying.advice is not None:
        yield words("")
        yield from recommendation(picture)


def recommendation(picture: Picture) -> Iterator[Content]:
    """What to do, and the statement that does it."""
    trying = picture.trying
    advice = trying.advice if trying is not None else None
    if advice is None:
        return
    if advice.best is None:
        yield words(_("No candidate could be measured."), "$warning")
        return
    best = advice.best
    if best.candidate.present:
        yield words("★ " + _("Today's setting is the best of these; leave it as it is."), "bold $success")
        return
    share = percent(1 - best.after / best.before) if best.before else ""
    yield words("★ ", "bold $success") + stored(
        _("{candidate} saves {share}").format(candidate=candidate_text(best.candidate), share=share), 200, "bold"
    )
    if advice.statement:
        yield from statement(advice.statement, _("The statement, for the owner of the table:"))


def _explained() -> Iterator[Content]:
    yield words(_("How it is measured"), "bold")
    yield words(_("One chunk (a sample of it, if it is large) is copied into a schema of its own and compressed under"))
    yield words(_("each candidate; our own queries are timed on each. The schema is always dropped, the table is"))
    yield words(_("only read. Esc stops between two candidates; what was measured by then stays."))
