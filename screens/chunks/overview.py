"""Are the time series healthy, and which is not?

One row for each hypertable, continuous aggregate and table that PostgreSQL itself partitions by time; under them, all
of the one the cursor is on, with every chunk it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content

from screens.chunks import strip
from screens.chunks.picture import Picture, unknown, untold, why_not
from screens.chunks.wording import (
    UNKNOWN,
    about,
    at_least,
    bound,
    clock,
    count,
    kind_of,
    month_of,
    outcome_of,
    ratio,
    signed_size,
    size,
    span,
)
from screens.widgets.line_table import Cell, Column, Value, longest
from screens.widgets.listing import Listing, Row, Shown, joined, listing, pair
from screens.widgets.text import lines, stored, words
from supra_console.i18n import _, ngettext
from supra_console.timeseries import Bound, Edition, Partitioned, State
from supra_console.timeseries_overview import Standing

MONTHS = 12
"""How far the forecast looks."""


@dataclass(frozen=True)
class Table(Standing):
    """A hypertable's standing, in the picture it is part of."""

    picture: Picture


def found(picture: Picture, full_name: str) -> Value:
    """How many findings a table has, by the worst of them."""
    mine = [finding for finding in picture.judgement.findings if finding.subject == full_name]
    if not mine:
        return Cell("·", "quiet")
    worst = max(finding.severity for finding in mine)
    sign, role = (("·", ""), ("!", "warning"), ("‼", "error"))[max(0, min(2, int(worst)))]
    return Cell(f"{sign} {len(mine)}", role)


def view(picture: Picture, width: int) -> Listing:
    """The rows of the overview."""
    snapshot = picture.snapshot
    subjects: list[Table | Partitioned] = [Table(picture.snapshot, one, picture) for one in snapshot.hypertables]
    subjects += snapshot.partitioned
    chunks = longest((str(getattr(_compressed(one), "value", _compressed(one))) for one in subjects), 8, 13)
    shown = [
        Shown(Column("name", _("Table")), lambda one: _name(picture, one)),
        Shown(Column("kind", _("Kind"), 11), _kind, 130),
        Shown(Column("size", _("Size"), 7, right=True), lambda one: size(one.size)),
        Shown(Column("rows", _("Rows"), 8, right=True), _rows, 72),
        Shown(Column("chunks", _("Compr."), chunks, right=True), _compressed),
        Shown(Column("ratio", _("Ratio"), 6, right=True), _ratio),
        Shown(Column("begins", _("Oldest"), 9), lambda one: month_of(_oldest(one)), 108),
        Shown(Column("ends", _("Newest"), 9), lambda one: month_of(_newest(one)), 108),
        Shown(Column("growth", _("A month"), 9, right=True), _growth, 94),
        Shown(Column("forecast", _("In a year"), 10, right=True), _forecast, 108),
        Shown(Column("last", _("Policy"), 10), _policy),
        Shown(Column("next", _("Next run"), 20), _next_run, 160),
        Shown(Column("found", "!", 3, right=True), lambda one: found(picture, _full_name(one))),
    ]
    note, role = _note(picture)
    return listing(note, shown, [Row(_full_name(one), one) for one in subjects], width, role)


def _note(picture: Picture) -> tuple[str, str]:
    """The server, and how many things are wrong or untold."""
    snapshot, server = picture.snapshot, picture.snapshot.server
    if server.edition is Edition.NONE:
        return _("This server has no TimescaleDB; only tables partitioned by PostgreSQL are shown."), "warning"
    if missing := untold(picture, "hypertables", "chunks"):
        return missing, "error"
    # The most telling first: what does not fit is cut.
    parts = []
    serious = sum(finding.severity >= 2 for finding in picture.judgement.findings)
    others = len(picture.judgement.findings) - serious
    if serious:
        parts.append(ngettext("‼ {n} serious", "‼ {n} serious", serious).format(n=serious))
    if others:
        parts.append(ngettext("! {n} more finding", "! {n} more findings", others).format(n=others))
    if not picture.judgement.findings:
        parts.append(_("no findings"))
    if snapshot.missing:
        parts.append(_("? {n} not told").format(n=len(snapshot.missing)))
    if reason := why_not(picture):
        parts.append(reason)
    parts.append(f"TimescaleDB {server.timescaledb or UNKNOWN}")
    if server.edition is Edition.APACHE:
        parts[:0] = [_("Apache edition: no compression, policies or aggregates")]
    return " · ".join(parts), "error" if serious else ""


# ---------------------------------------------------------------------- cells


def _full_name(one: Table | Partitioned) -> str:
    return one.hypertable.full_name if isinstance(one, Table) else f"{one.schema}.{one.name}"


def _name(picture: Picture, one: Table | Partitioned) -> Value:
    if isinstance(one, Table):
        # An aggregate reads another table; it stands a step in.
        return ("∑ " if one.hypertable.aggregate else "") + picture.name(one.hypertable.id)
    return Cell(one.name)


def _kind(one: Table | Partitioned) -> Value:
    if not isinstance(one, Table):
        return Cell(_("partitioned"), "quiet")
    return Cell(_("aggregate") if one.hypertable.aggregate else _("hypertable"), "quiet")


def _rows(one: Table | Partitioned) -> Value:
    if not isinstance(one, Table):
        return ""
    return unknown(about(one.rows)) if one.rows is None else at_least(about(one.rows), one.more_rows)


def _compressed(one: Table | Partitioned) -> Value:
    if not isinstance(one, Table):
        return Cell(f"–/{count(one.partitions)}", "quiet")
    text = f"{count(one.compressed)}/{count(len(one.chunks))}"
    if one.states[State.OVERDUE]:
        return Cell(f"! {text}", "error")
    return Cell(f"▒ {text}", "warning") if one.states[State.PARTIAL] else text


def _ratio(one: Table | Partitioned) -> Value:
    if not isinstance(one, Table):
        return ""
    return Cell(ratio(one.ratio), "error" if one.ratio is not None and one.ratio <= 1 else "")


def _oldest(one: Table | Partitioned) -> Bound | None:
    return one.oldest if isinstance(one, Table) else one.begins


def _newest(one: Table | Partitioned) -> Bound | None:
    return one.newest if isinstance(one, Table) else one.ends


def _growth(one: Table | Partitioned) -> Value:
    value = one.picture.judgement.growth.get(one.hypertable.id) if isinstance(one, Table) else None
    return "" if value is None else signed_size(value)


def _forecast(one: Table | Partitioned) -> Value:
    value = one.picture.judgement.forecast.get(one.hypertable.id) if isinstance(one, Table) else None
    return "" if value is None else size(value)


def _policy(one: Table | Partitioned) -> Value:
    job = one.last_job if isinstance(one, Table) else None
    if job is None:
        return Cell("–", "quiet")
    return Cell(*outcome_of(job))


def _next_run(one: Table | Partitioned) -> Value:
    job = one.next_job if isinstance(one, Table) else None
    return clock(job.next_start) if job else Cell("–", "quiet")


# ---------------------------------------------------------------------- under the table


def under(picture: Picture, row: Row[Table | Partitioned], width: int, height: int) -> Content:
    """All of the table the cursor is on, and a cell for each of its chunks."""
    return lines(_under(picture, row.subject, width, height))


def _under(picture: Picture, one: Table | Partitioned, width: int, height: int) -> Iterator[Content]:
    if not isinstance(one, Table):
        yield stored(_full_name(one), 120, "bold") + words("  " + _("partitioned by PostgreSQL"), "$quiet")
        yield joined(
            [
                pair(_("range"), f"{bound(one.begins)} – {bound(one.ends)}"),
                pair(_("default partition"), _default_rows(one)),
            ],
            "   ",
        )
        return
    table = one.hypertable
    kind = _("continuous aggregate") if table.aggregate else _("hypertable")
    shape = _("{column}, {interval} a chunk").format(column=table.time_column, interval=span(table.interval) or UNKNOWN)
    if width >= 72:
        shape = f"{kind} · {shape}"
    yield stored(table.full_name, 120, "bold") + words("  ") + stored(shape, 120, "$quiet")
    yield joined(_facts(picture, one, width), "   ")
    if (job := one.next_job) is not None and height > 8:
        yield pair(_("next"), f"{kind_of(job)} {clock(job.next_start)}")
    if table.compression is not None and height > 8:
        by = ", ".join(table.compression.segmentby) or "–"
        order = ", ".join(table.compression.orderby) or "–"
        yield joined([pair("segmentby", by), pair("orderby", order)], "   ")
    if one.chunks:
        made = strip.month_strip(picture.snapshot, one.chunks, width, max(1, height - 7))
        if height > 7:
            yield words("")
        yield from strip.drawn(made)
        yield strip.legend(made, width)
        if folded := strip.folding(made):
            yield words(folded, "$warning")
    else:
        yield words(_("It has no chunks."), "$quiet")


def _facts(picture: Picture, one: Table, width: int) -> Iterator[Content]:
    if one.chunks:
        yield pair(_("range"), f"{bound(one.oldest)} – {bound(one.newest)}")
    growth = picture.judgement.growth.get(one.hypertable.id)
    forecast = picture.judgement.forecast.get(one.hypertable.id)
    if growth is not None and forecast is not None and width >= 72:
        text = _("{growth} a month, {size} in {n} months").format(
            growth=signed_size(growth), size=size(forecast), n=MONTHS
        )
        yield stored(text, 80)


def _default_rows(one: Partitioned) -> str:
    if not one.has_default:
        return _("none")
    return UNKNOWN if one.default_rows is None else _("{n} rows").format(n=about(one.default_rows))
