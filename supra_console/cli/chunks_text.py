"""How do chunks, jobs, findings and advice read as text?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from supra_console import formats
from supra_console.display import safe
from supra_console.i18n import _, ngettext
from supra_console.output import columns
from supra_console.timeseries import Aggregate, Bound, Missing, Snapshot, State
from supra_console.timeseries_findings import Finding, Severity
from supra_console.timeseries_overview import Overview, overview
from supra_console.timeseries_text import size, span

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome, Step
    from queries.chunk_advisor import Advice, Candidate, Trial

WIDE = 120


def status(snapshot: Snapshot) -> str:
    """Server, hypertables, aggregates and partitioned tables."""
    return "\n\n".join(
        part for part in (_server(snapshot), _tables(snapshot), _aggregates(snapshot), _partitioned(snapshot)) if part
    )


def _server(snapshot: Snapshot) -> str:
    server = snapshot.server
    if server.timescaledb is None:
        return _("PostgreSQL {version} without TimescaleDB").format(version=safe(server.version))
    return _("PostgreSQL {version}, TimescaleDB {timescaledb} ({edition})").format(
        version=safe(server.version), timescaledb=safe(server.timescaledb), edition=str(server.edition)
    )


def _tables(snapshot: Snapshot) -> str:
    # What could not be asked is not known to be none.
    unasked = {one.part for one in snapshot.missing}
    chunks_known, jobs_known = "chunks" not in unasked, not unasked & {"chunks", "jobs"}
    rows: list[tuple[str, ...]] = [
        (
            one.name,
            _size(one.size if chunks_known else None),
            _rows(one) if chunks_known else "?",
            formats.number(one.chunks) if chunks_known else "?",
            formats.number(one.compressed) if chunks_known else "?",
            formats.number(one.states.get(State.PARTIAL, 0)) if chunks_known else "?",
            formats.number(one.states.get(State.OVERDUE, 0)) if jobs_known else "?",
            _ratio(one.ratio),
            _bound(one.oldest),
            _bound(one.newest),
            _moment(one.next_start),
            one.last_status or "-",
            _size(one.growth),
            _size(one.in_a_year),
        )
        for one in overview(snapshot)
    ]
    head = (
        _("hypertable"), _("size"), _("rows ~"), _("chunks"), _("compressed"), _("late rows"), _("overdue"), _("ratio"),
        _("oldest"), _("newest"), _("next run"), _("last run"), _("a month"), _("in a year"),
    )  # fmt: skip
    return columns([head, *rows]) if rows else ""


def _rows(one: Overview) -> str:
    more = "+" if one.more_rows else ""
    return "?" if one.rows is None else f"{formats.number(one.rows)}{more}"


def _ranges(one: Aggregate) -> str:
    more = "+" if one.more_invalidated else ""
    return f"{formats.number(len(one.invalidated))}{more}"


def _aggregates(snapshot: Snapshot) -> str:
    rows = [
        (_name(snapshot, one), one.bucket, _bound(one.watermark), _lag(one), _ranges(one))
        for one in snapshot.aggregates
    ]
    head = (_("aggregate"), _("bucket"), _("watermark"), _("lag"), _("ranges to refresh"))
    return columns([head, *rows]) if rows else ""


def _name(snapshot: Snapshot, one: Aggregate) -> str:
    table = snapshot.hypertable(one.hypertable)
    return table.full_name if table is not None else f"#{one.hypertable}"


def _lag(one: Aggregate) -> str:
    if isinstance(one.newest, datetime) and isinstance(one.watermark, datetime):
        return span(max(one.newest - one.watermark, timedelta()))
    if isinstance(one.newest, int) and isinstance(one.watermark, int):
        return formats.number(max(one.newest - one.watermark, 0))
    return "?"


def _partitioned(snapshot: Snapshot) -> str:
    rows = [
        (
            f"{one.schema}.{one.name}",
            _size(one.size),
            formats.number(one.partitions),
            _bound(one.begins),
            _bound(one.ends),
            _("none") if not one.has_default else formats.number(one.default_rows) or "?",
        )
        for one in snapshot.partitioned
    ]
    head = (_("partitioned"), _("size"), _("partitions"), _("oldest"), _("newest"), _("rows of the default ~"))
    return columns([head, *rows]) if rows else ""


def jobs(snapshot: Snapshot) -> str:
    """A line for each job, and one more for what its last failure said."""
    rows = []
    failures = []
    for job in snapshot.jobs:
        table = snapshot.hypertable(job.hypertable) if job.hypertable is not None else None
        rows.append(
            (
                str(job.id),
                job.kind,
                table.full_name if table is not None else "-",
                job.owner,
                _("paused") if not job.scheduled else span(job.schedule_interval) if job.schedule_interval else "-",
                _moment(job.next_start),
                _moment(job.last_finish),
                job.last_status or "-",
                # no history is not no runs
                _("unknown") if job.runs is None else formats.number(job.runs),
                _("unknown") if job.failures is None else formats.number(job.failures),
            )
        )
        if job.last_error:
            failures.append(f"{job.id}: {safe(job.last_sqlstate or '')} {safe(job.last_error, WIDE)}")
    if not rows:
        return _("No jobs.")
    head = (
        _("job"), _("kind"), _("hypertable"), _("owner"), _("every"), _("next run"), _("last run"), _("came to"),
        _("runs"), _("failures"),
    )  # fmt: skip
    return "\n".join([columns([head, *rows]), *failures])


def findings(found: Sequence[Finding]) -> str:
    """Each with its evidence, consequence and remedy, the worst first."""
    if not found:
        return _("Nothing is wrong with the time series.")
    return "\n\n".join("\n".join(_finding(one)) for one in found)


def _finding(one: Finding) -> Iterator[str]:
    words = {Severity.SERIOUS: _("SERIOUS"), Severity.WARNING: _("WARNING"), Severity.NOTE: _("NOTE")}
    yield f"{words[one.severity]}  {safe(one.subject)}: {safe(one.evidence)}"
    yield f"  {safe(one.consequence)}"
    for line in one.mend.splitlines():
        yield f"    {safe(line)}"


def missing(one: Missing) -> str:
    """What could not be asked, and why."""
    return _("not shown: {part}: {reason}").format(part=one.part, reason=_(one.reason))


def steps(planned: Sequence[Step]) -> str:
    """What a dry run shows: a chunk and its statement in a line."""
    rows = [(_bound(one.chunk.begins), _size(one.chunk.size), one.statement) for one in planned]
    total = sum(one.chunk.size for one in planned)
    text = ngettext("{count} chunk, {size}", "{count} chunks, {size}", len(planned))
    return "\n".join([columns(rows, WIDE), text.format(count=formats.number(len(planned)), size=size(total))])


def outcome(one: Outcome) -> str:
    """What came of one chunk."""
    name = f"{safe(one.step.chunk.schema)}.{safe(one.step.chunk.name)}"
    if one.state == "done":
        return _("{chunk}: {before} to {after} in {seconds:.1f} s").format(
            chunk=name, before=_size(one.before), after=_size(one.after), seconds=one.seconds
        )
    text = _("{chunk}: skipped: {reason}") if one.state == "skipped" else _("{chunk}: failed: {reason}")
    return text.format(chunk=name, reason=str(one.error or ""))


def candidate(one: Candidate) -> str:
    """Settings in a line."""
    text = _("by {segmentby}, ordered by {orderby}").format(
        segmentby=", ".join(one.segmentby) or "-", orderby=", ".join(one.orderby) or "-"
    )
    return f"{text} ({_('today')})" if one.present else text


def advice(given: Advice) -> str:
    """The trials side by side, and the recommendation with its SQL."""
    queries = list(dict.fromkeys(name for trial in given.trials for name in trial.latencies))
    head = (_("settings"), _("bytes a row"), _("saved"), _("rows a batch"), *(f"{name} ms" for name in queries))
    rows = [(candidate(trial.candidate), *_measured(trial, queries)) for trial in given.trials]
    rows_tried = next((trial.rows for trial in given.trials if trial.rows), 0)
    text = _("{table}, {rows} rows of {chunk} (a sample)") if given.sampled else _("{table}, {rows} rows of {chunk}")
    told = text.format(
        table=safe(given.hypertable.full_name), rows=formats.number(rows_tried), chunk=safe(given.chunk.name)
    )
    return "\n".join([told, columns([head, *rows], WIDE), "", *_recommended(given)])


def _measured(trial: Trial, queries: Sequence[str]) -> Iterator[str]:
    if trial.error is not None:
        yield str(trial.error)
        return
    yield formats.number(Decimal(trial.after) / trial.rows, 1) if trial.rows else "-"
    yield formats.percent(trial.saved)
    yield formats.number(Decimal(repr(round(trial.rows_per_batch, 1))), 1)
    for name in queries:
        yield formats.number(Decimal(repr(round(trial.latencies[name], 2))), 2) if name in trial.latencies else "-"


def _recommended(given: Advice) -> Iterator[str]:
    if given.best is None:
        yield _("Nothing that was tried makes it smaller.")
    elif given.best.candidate.present:
        yield _("The settings of today are the best that was tried.")
    else:
        yield _("Best: {settings}; it saves {saved}.").format(
            settings=candidate(given.best.candidate), saved=formats.percent(given.best.saved)
        )
        yield f"    {safe(given.statement)}"


def _size(value: int | None) -> str:
    return "?" if value is None else size(value)


def _ratio(value: float | None) -> str:
    return "-" if value is None else formats.number(Decimal(repr(round(value, 1))), 1)


def _bound(value: Bound | None) -> str:
    if value is None:
        return "-"
    return formats.day(value) if isinstance(value, datetime) else formats.number(value)


def _moment(value: datetime | None) -> str:
    return "-" if value is None else formats.moment(value)
