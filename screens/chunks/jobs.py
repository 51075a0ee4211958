"""Do the background jobs run, and if not, why not?

No history is said as such: a server that keeps none is not one whose jobs never ran.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from textual.content import Content

from screens.chunks.picture import Picture, untold, why_not
from screens.chunks.wording import UNKNOWN, clock, count, kind_of, outcome_of, span
from screens.widgets.line_table import Cell, Column, Value
from screens.widgets.listing import Listing, Row, Shown, joined, listing, pair
from screens.widgets.text import lines, stored, words
from supra_console import jsonb
from supra_console.i18n import _, ngettext
from supra_console.timeseries import Edition, Job, Run, Snapshot

TOGETHER = timedelta(minutes=1)
"""Jobs that begin within so much of each other want workers at the same time."""


def rush(jobs: Sequence[Job]) -> tuple[int, datetime | None]:
    """How many jobs at most begin together, and when."""
    starts = sorted(job.next_start for job in jobs if job.scheduled and job.next_start is not None)
    best: tuple[int, datetime | None] = (0, None)
    for place, first in enumerate(starts):
        together = sum(start - first <= TOGETHER for start in starts[place:])
        if together > best[0]:
            best = (together, first)
    return best


def headroom(snapshot: Snapshot) -> tuple[str, str]:
    """Whether there are workers for the jobs, in a sentence with its role."""
    server = snapshot.server
    most, running = server.max_workers, server.workers
    if most is None and running is None:
        return _("workers: not told"), ""
    parts = [_("workers: {running} of {most}").format(running=_known(running), most=_known(most))]
    role = ""
    if running == 0:
        parts = [_("! the scheduler is not running: no job begins by itself")]
        role = "error"
    together, moment = rush(snapshot.jobs)
    # The launcher and the scheduler of each database hold a worker themselves.
    free = most - 2 if most is not None else None
    if together > 1 and free is not None and together > free:
        parts.append(
            _("! {n} jobs begin together at {moment}, {free} workers are free for them").format(
                n=together, moment=clock(moment), free=max(0, free)
            )
        )
        role = role or "warning"
    elif together > 1:
        parts.append(_("at most {n} jobs begin together").format(n=together))
    return ", ".join(parts), role


def _known(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def runs_of(picture: Picture, job: Job) -> list[Run]:
    """The past runs of a job, newest first."""
    return [run for run in picture.snapshot.runs if run.job == job.id]


def view(picture: Picture, width: int) -> Listing:
    """All jobs: those that failed first, then by their next start."""
    jobs = sorted(picture.snapshot.jobs, key=lambda job: (job.last_status != "Failed", _start(job), job.id))
    shown: list[Shown[Job]] = [
        Shown(Column("id", _("Job"), 5, right=True), lambda job: str(job.id)),
        Shown(Column("kind", _("Does"), 11), kind_of),
        Shown(Column("table", _("Table")), lambda job: _about(picture, job)),
        Shown(Column("outcome", _("Last run"), 10), lambda job: Cell(*outcome_of(job))),
        Shown(Column("failures", _("Failed"), 9, right=True), _failures, 72),
        Shown(Column("finished", _("Finished"), 19), lambda job: clock(job.last_finish), 110),
        Shown(Column("next", _("Next start"), 19), lambda job: _next(job)),
        Shown(Column("every", _("Every"), 8, right=True), lambda job: span(job.schedule_interval), 96),
        Shown(Column("owner", _("Owner"), 14), lambda job: job.owner, 150),
    ]
    note, role = headroom(picture.snapshot)
    number = ngettext("{n} job", "{n} jobs", len(jobs)).format(n=count(len(jobs)))
    failed = sum(job.last_status == "Failed" for job in jobs)
    parts = [number]
    if failed:
        parts.append(ngettext("{n} failed", "{n} failed", failed).format(n=failed))
    if jobs and (reason := why_not(picture)):
        parts.append(reason)
    parts.append(note)
    if not jobs:
        apache = picture.snapshot.server.edition is not Edition.COMMUNITY
        parts = [_("This edition has no policies.")] if apache else [_("There are no jobs."), note]
    if missing := untold(picture, "jobs"):
        parts, role, failed = [missing], "warning", 0
    return listing(
        " · ".join(parts), shown, [Row(str(job.id), job) for job in jobs], width, "error" if failed else role
    )


def _start(job: Job) -> float:
    return job.next_start.timestamp() if job.scheduled and job.next_start is not None else 1e12


def _about(picture: Picture, job: Job) -> str:
    return picture.name(job.hypertable) or (job.procedure if job.kind == "other" else "–")


def _next(job: Job) -> Value:
    if not job.scheduled:
        return Cell(_("never: paused"), "warning")
    return clock(job.next_start) if job.next_start else Cell("–", "quiet")


def _failures(job: Job) -> Value:
    if job.runs is None:
        return Cell(UNKNOWN, "quiet")
    text = _("{failures} of {runs}").format(failures=count(job.failures or 0), runs=count(job.runs))
    return Cell(text, "error" if job.failures else "quiet")


# ---------------------------------------------------------------------- under the table


def under(picture: Picture, row: Row[Job], width: int, height: int) -> Content:
    """The job the cursor is on, with its last runs."""
    return lines(list(in_full(picture, row.subject))[: max(3, height)])


def settings(job: Job) -> str:
    """Its configuration, `compress_after 7 d · max_runtime 1 h`."""
    parts = [
        f"{name} {span(value)}"
        for name, value in (
            ("compress_after", job.compress_after),
            ("drop_after", job.drop_after),
            ("start_offset", job.start_offset),
            ("end_offset", job.end_offset),
            ("max_runtime", job.max_runtime),
        )
        if value is not None
    ]
    told = {"compress_after", "drop_after", "start_offset", "end_offset", "hypertable_id", "mat_hypertable_id"}
    rest = {key: value for key, value in job.config.items() if key not in told}
    return " · ".join([*parts, *([jsonb.dumps(rest)] if rest else [])])


def in_full(picture: Picture, job: Job) -> Iterator[Content]:
    """A job and what became of it, line by line."""
    text, role = outcome_of(job)
    yield joined(
        [
            stored(f"{job.id} {job.procedure}", 120, "bold"),
            pair(_("every"), span(job.schedule_interval) or UNKNOWN),
            pair(_("owner"), job.owner),
            stored(text, style=f"${_STYLE.get(role, role)}" if role else ""),
        ],
        "   ",
    )
    if configured := settings(job):
        yield pair(_("configuration"), configured)
    if job.last_error or job.last_sqlstate:
        code = f" [{job.last_sqlstate}]" if job.last_sqlstate else ""
        yield words("✗ ", "bold $error") + stored(job.last_error or "", 300) + words(code, "$quiet")
    runs = runs_of(picture, job)
    if picture.snapshot.server.logs_runs is False:
        yield words(_("Runs that succeed are not kept here (timescaledb.enable_job_execution_logging)."), "$quiet")
    if not runs:
        yield words(_no_runs(job), "$quiet")
    said = job.last_error
    for run in runs:
        sign, style = {True: ("✓", "$success"), False: ("✗", "bold $error"), None: ("…", "$quiet")}[run.succeeded]
        took = span(run.finished - run.started) if run.finished and run.started else ""
        # The same message again and again is said once.
        code = f" [{run.sqlstate}]" if run.sqlstate and run.message != said else ""
        message = run.message if run.message and run.message != said else ""
        said = run.message or said
        yield words(f"{sign} ", style) + stored(f"{clock(run.started)}  {took:<8}  {message}{code}".rstrip(), 300)


def _no_runs(job: Job) -> str:
    if job.runs is None:
        return _("The server keeps no history of jobs, or does not tell it: this is not the same as no runs.")
    if job.runs == 0:
        return _("It has not run yet.")
    return _("Its single runs are not told; in all {runs}, of which {failures} failed.").format(
        runs=count(job.runs), failures=count(job.failures or 0)
    )


_STYLE = {"good": "success"}
