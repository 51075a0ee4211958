"""Do the policies run, and does none do harm?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from supra_console import formats
from supra_console.i18n import N_, _, ngettext
from supra_console.timeseries import Chunk, Edition, Job, Snapshot, State
from supra_console.timeseries_rules.finding import Finding, Severity
from supra_console.timeseries_text import interval, regclass, total

OFTEN = 0.2
"""Of a job's runs; more failures than this are no accident."""

STARVED = timedelta(minutes=15)

_UNDONE = {
    "compression": N_("Chunks stay uncompressed and take several times their room."),
    "retention": N_("What should be dropped stays, and grows."),
    "refresh": N_("The aggregate falls behind its source."),
    "reorder": N_("New chunks stay in the order in which they were written."),
}
_UNDONE_OTHER = N_("What the job does is left undone.")
_NEEDLESS = N_("Nothing of the utility depends on it: this edition ships the job and cannot run it.")


def _failed(snapshot: Snapshot) -> Iterator[Finding]:
    for job in snapshot.jobs:
        often = bool(job.runs and job.failures and job.failures / job.runs >= OFTEN)
        if job.last_status != "Failed" and not often:
            continue
        needless = job.kind == "history" and snapshot.server.edition is Edition.APACHE
        if needless and not job.scheduled:
            continue
        reason = ": ".join(part for part in (job.last_sqlstate, job.last_error) if part)
        evidence = _("{failures} of {runs} runs failed, the last one {status}").format(
            failures=formats.number(job.failures),
            runs=formats.number(job.runs),
            status=_("as well") if job.last_status == "Failed" else _("did not"),
        )
        if needless:
            severity, mend = Severity.NOTE, _unscheduled(job)
        else:
            severity = Severity.SERIOUS if job.last_status == "Failed" else Severity.WARNING
            # A retention that is run by hand drops at once, so what it would drop is looked at first.
            mend = _shown_first(snapshot, job) + f"call run_job({job.id});"
        yield Finding(
            "job_failed",
            severity,
            _job_name(snapshot, job),
            f"{evidence}; {reason}" if reason else evidence,
            _(_NEEDLESS if needless else _UNDONE.get(job.kind, _UNDONE_OTHER)),
            mend,
        )


def _shown_first(snapshot: Snapshot, job: Job) -> str:
    table = snapshot.hypertable(job.hypertable) if job.hypertable is not None else None
    if job.kind != "retention" or table is None or not isinstance(job.drop_after, timedelta):
        return ""
    return f"select show_chunks({regclass(table.schema, table.name)}, older_than => {interval(job.drop_after)});\n"


def _starved(snapshot: Snapshot) -> Iterator[Finding]:
    server = snapshot.server
    if server.edition is not Edition.COMMUNITY:
        return
    policies = [job for job in snapshot.jobs if job.scheduled and job.kind in _UNDONE]
    if policies and server.workers == 0:
        yield Finding(
            "no_scheduler",
            Severity.SERIOUS,
            _("background jobs"),
            ngettext(
                "no worker of TimescaleDB runs in this database, and {count} job is scheduled",
                "no worker of TimescaleDB runs in this database, and {count} jobs are scheduled",
                len(policies),
            ).format(count=formats.number(len(policies))),
            _("No policy runs by itself: nothing is compressed, refreshed or dropped."),
            "select _timescaledb_functions.start_background_workers();",
        )
        return
    due = [job for job in policies if job.next_start is not None and job.next_start <= snapshot.taken - STARVED]
    waiting = [job for job in due if not _running(job)]
    if waiting:
        oldest = min(job.next_start for job in waiting if job.next_start is not None)
        yield Finding(
            "jobs_starved",
            Severity.WARNING,
            _("background jobs"),
            ngettext(
                "{count} job waits for a worker, since {since}; {workers} of {most} workers run",
                "{count} jobs wait for a worker, the first since {since}; {workers} of {most} workers run",
                len(waiting),
            ).format(
                count=formats.number(len(waiting)),
                since=formats.moment(oldest),
                workers=formats.number(server.workers),
                most=formats.number(server.max_workers),
            ),
            _("They run late or not at all while others hold the workers."),
            _more_workers(server.max_workers, len(snapshot.jobs)),
        )


def _unscheduled(job: Job) -> str:
    """SQL that pauses a job where the edition has no alter_job(); its scheduler looks again when it starts."""
    return (
        f"update _timescaledb_config.bgw_job set scheduled = false where id = {job.id};\n"  # noqa: S608 - to be read
        "select _timescaledb_functions.restart_background_workers();"
    )


def _paused(snapshot: Snapshot) -> Iterator[Finding]:
    for job in snapshot.jobs:
        if not job.scheduled and job.kind in _UNDONE:
            # What was paused so that nothing is lost is not resumed before there is an archive.
            losing = job.kind == "retention" and job.hypertable is not None and _lost(snapshot, job.hypertable)
            yield Finding(
                "job_paused",
                Severity.WARNING,
                _job_name(snapshot, job),
                _("the job is paused; its last run was {last}").format(
                    last=formats.moment(job.last_finish) if job.last_finish else _("never recorded")
                ),
                _(_UNDONE[job.kind]),
                "" if losing else f"select alter_job({job.id}, scheduled => true);",
            )


def _history(snapshot: Snapshot) -> Iterator[Finding]:
    policies = [job for job in snapshot.jobs if job.kind in _UNDONE]
    if policies and snapshot.server.logs_runs is False:
        yield Finding(
            "history_off",
            Severity.NOTE,
            _("background jobs"),
            ngettext(
                "of {count} policy only runs that failed are kept",
                "of {count} policies only runs that failed are kept",
                len(policies),
            ).format(count=formats.number(len(policies))),
            _("An empty history says nothing: when a job last ran well, and how long it took, cannot be looked up."),
            "alter system set timescaledb.enable_job_execution_logging = on;\nselect pg_reload_conf();",
        )


def _retention(snapshot: Snapshot) -> Iterator[Finding]:
    for table in snapshot.hypertables:
        policy = snapshot.policy(table.id, "retention")
        if policy is None or not policy.scheduled:
            continue
        archived, lost = snapshot.archived_until.get(table.id), _lost(snapshot, table.id)
        if not lost:
            continue
        yield Finding(
            "retention_unarchived",
            Severity.SERIOUS,
            table.full_name,
            ngettext(
                "the next run drops {count} chunk of about {rows} rows; archived is {archived}; it runs {next}",
                "the next run drops {count} chunks of about {rows} rows; archived is {archived}; it runs {next}",
                len(lost),
            ).format(
                count=formats.number(len(lost)),
                rows=total(chunk.rows for chunk in lost),
                archived=_("what is older than {day}").format(day=formats.day(archived))
                if isinstance(archived, datetime)
                else _("nothing, as far as is known"),
                next=formats.moment(policy.next_start) if policy.next_start else _("as soon as it may"),
            ),
            _("What is dropped is gone: the plan keeps it in an archive first."),
            f"select alter_job({policy.id}, scheduled => false);",
        )


def _lost(snapshot: Snapshot, table: int) -> list[Chunk]:
    """The chunks that the retention drops and no archive has."""
    archived = snapshot.archived_until.get(table)
    return [
        chunk
        for chunk in snapshot.chunks_of(table)
        if snapshot.state(chunk) is State.DROPPING
        and not (isinstance(archived, datetime) and isinstance(chunk.ends, datetime) and chunk.ends <= archived)
    ]


def _job_name(snapshot: Snapshot, job: Job) -> str:
    table = snapshot.hypertable(job.hypertable) if job.hypertable is not None else None
    return f"{job.procedure} {table.full_name}" if table else f"{job.procedure} ({job.id})"


def _running(job: Job) -> bool:
    """Whether it has begun after it last ended."""
    return job.last_start is not None and (job.last_finish is None or job.last_start > job.last_finish)


def _more_workers(most: int | None, jobs: int) -> str:
    if most is None or most > jobs:
        return ""
    return f"alter system set timescaledb.max_background_workers = {jobs + 2};  -- and restart the server"


RULES = (_failed, _starved, _paused, _history, _retention)
