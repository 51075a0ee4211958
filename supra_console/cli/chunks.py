"""What do the commands print and do that watch, explain and steer the time series?"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from supra_console import crash
from supra_console.cli.sessions import signed_in
from supra_console.cli.status import FINDING, FINE
from supra_console.errors import InvalidInput, MissingFeature, PermissionDenied, SupraError
from supra_console.i18n import _, ngettext

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome, Step
    from queries.chunk_advisor import Advice, Trial
    from supra_console.database import Database
    from supra_console.timeseries import Hypertable, Snapshot

MAY_ACT = "supra_dba"
JUDGED = {"hypertables", "chunks", "jobs", "grants", "partitioned"}
"""Parts that everybody is told on every server; without one of them, no finding is no good news."""


def status(options: argparse.Namespace) -> int:
    """Every hypertable, aggregate and partitioned table in a line; what could not be asked on standard error."""
    from queries import chunks
    from supra_console.cli import chunks_text
    from supra_console.output import print_json
    from supra_console.timeseries_overview import overview

    snapshot = signed_in(options, chunks.snapshot)
    if options.json:
        shown = {
            "taken": snapshot.taken,
            "server": snapshot.server,
            "hypertables": overview(snapshot),
            "chunks": [{"state": snapshot.state(chunk), "chunk": chunk} for chunk in snapshot.chunks],
            "aggregates": snapshot.aggregates,
            "partitioned": snapshot.partitioned,
            "missing": snapshot.missing,
        }
        print_json(shown)
    else:
        print(chunks_text.status(snapshot))
        _complain_of_missing(snapshot)
    return FINE


def jobs(options: argparse.Namespace) -> int:
    """Policies and other jobs, what came of their runs, and when they run next."""
    from queries import chunks
    from supra_console.cli import chunks_text
    from supra_console.output import print_json

    snapshot = signed_in(options, chunks.snapshot)
    if options.json:
        print_json(
            {"server": snapshot.server, "jobs": snapshot.jobs, "runs": snapshot.runs, "missing": snapshot.missing}
        )
    else:
        print(chunks_text.jobs(snapshot))
        _complain_of_missing(snapshot)
    return FINE


def findings(options: argparse.Namespace) -> int:
    """What is wrong, by what it is known, what follows, and what mends it.

    Raises:
        SupraError: nothing was found, and not all could be looked at.
    """
    from queries import chunks
    from supra_console import timeseries_findings
    from supra_console.cli import chunks_text
    from supra_console.output import print_json

    snapshot = signed_in(options, chunks.snapshot)
    found = timeseries_findings.findings(snapshot)
    unseen = not found and any(one.part in JUDGED for one in snapshot.missing)
    if options.json:
        print_json({"findings": found, "missing": snapshot.missing})
    else:
        if not unseen:
            print(chunks_text.findings(found))
        _complain_of_missing(snapshot)
    if unseen:
        raise SupraError(
            _("The server would not tell all that there is to judge"),
            _("Nothing is wrong with the rest; try again, or ask as a DBA."),
        )
    return FINDING if found else FINE


def advise(options: argparse.Namespace) -> int:
    """Try candidate settings on a copy of one chunk; Ctrl-C between two trials keeps what was measured."""
    from queries import chunk_advisor, chunks
    from supra_console.cli import chunks_text
    from supra_console.output import print_json

    async def work(db: Database) -> Advice:
        snapshot = await chunks.snapshot(db)
        _demand_compression(snapshot)
        _demand_dba(db)
        table = _named(snapshot, options.table)
        told = 0
        total = len(chunk_advisor.candidates(table))

        def show(trial: Trial) -> None:
            nonlocal told
            told += 1
            _say(f"{told}/{total}  {chunks_text.candidate(trial.candidate)}")

        with _stopping(_("Stopping after this trial; Ctrl-C again gives it up, too.")) as stop:
            return await chunk_advisor.advise(
                db, snapshot, table.id, max_rows=options.max_rows, progress=show, stop=stop.is_set
            )

    advice = signed_in(options, work)
    if options.json:
        print_json({"advice": advice, "saved": [trial.saved for trial in advice.trials]})
    else:
        print(chunks_text.advice(advice))
    return FINE


def compress(options: argparse.Namespace) -> int:
    """Compress what the policy should have: shown first, then asked for, then chunk by chunk."""
    from queries import chunk_actions, chunks
    from supra_console.output import print_json

    async def work(db: Database) -> tuple[tuple[Step, ...], tuple[Outcome, ...] | None]:
        snapshot = await chunks.snapshot(db)
        _demand_compression(snapshot)
        steps = chunk_actions.plan(snapshot, chunk_actions.Kind.COMPRESS, None)
        _show_steps(steps, options.json)
        if options.dry_run or not steps:
            return steps, None
        _demand_dba(db)
        if not options.yes and not _confirmed(len(steps)):
            return steps, None
        with _stopping(
            _("Stopping after this chunk; Ctrl-C again gives it up, too, and what is compressed stays so.")
        ) as stop:
            return steps, await chunk_actions.run(db, steps, _Told(len(steps)), stop.is_set)

    steps, outcomes = signed_in(options, work)
    left = steps[len(outcomes) :] if outcomes is not None else steps
    if options.json:
        # Of a chunk whose outcome nobody knows, as of one that was not tried, the list says nothing more.
        print_json({"steps": [_plain_step(step) for step in steps], "outcomes": outcomes, "left": len(left)})
    if outcomes is None:
        return FINE
    return _summed_up(outcomes, len(left))


def _summed_up(outcomes: tuple[Outcome, ...], left: int) -> int:
    """Say in a line what was done and how to go on; the exit status."""
    counts = {state: sum(outcome.state == state for outcome in outcomes) for state in ("done", "skipped", "failed")}
    _say(_("{done} compressed, {skipped} skipped, {failed} failed, {left} left").format(**counts, left=left))
    lost = next((outcome.error for outcome in outcomes if outcome.lost), None)
    if left or lost is not None:
        _say(_("What is compressed stays so. The same command goes on with the rest."))
    if lost is not None:
        raise lost
    if left:
        return crash.INTERRUPTED
    return FINDING if counts["failed"] else FINE


# ---------------------------------------------------------------------- asking and telling


class _Told:
    """Tells of each chunk when it is done, in a line on standard error."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.count = 0

    def __call__(self, outcome: Outcome) -> None:
        from supra_console.cli import chunks_text

        self.count += 1
        _say(f"{self.count}/{self.total}  {chunks_text.outcome(outcome)}")


def _show_steps(steps: tuple[Step, ...], json: bool) -> None:
    from supra_console.cli import chunks_text

    if not steps:
        _say(_("No chunk is overdue."))
    elif json:
        for step in steps:
            _say(step.statement)
    else:
        print(chunks_text.steps(steps), flush=True)


def _plain_step(step: Step) -> dict[str, object]:
    return {"chunk": f"{step.chunk.schema}.{step.chunk.name}", "size": step.chunk.size, "statement": step.statement}


def _confirmed(count: int) -> bool:
    """Whether the person at the terminal types yes.

    Raises:
        InvalidInput: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise InvalidInput(
            _("Nothing was done: there is nobody to ask"), _("Give --yes to do it, or --dry-run to see what would be.")
        )
    question = ngettext("Compress {count} chunk? Type yes: ", "Compress {count} chunks? Type yes: ", count)
    # Not asyncio's way with Ctrl-C, which waits for the line that is being typed.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        print(question.format(count=count), end="", file=sys.stderr, flush=True)
        typed = sys.stdin.readline().strip().casefold()
    finally:
        signal.signal(signal.SIGINT, before)
    if typed in ("yes", _("yes").casefold()):
        return True
    _say(_("Nothing was done."))
    return False


@contextmanager
def _stopping(text: str) -> Iterator[asyncio.Event]:
    """An event that the first Ctrl-C sets; the second one gives up what is under way, too."""
    loop, task, stop = asyncio.get_running_loop(), asyncio.current_task(), asyncio.Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupted() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        else:
            stop.set()
            _say(text)

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield stop
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def _complain_of_missing(snapshot: Snapshot) -> None:
    from supra_console.cli import chunks_text

    for one in snapshot.missing:
        _say(chunks_text.missing(one))


def _say(line: str) -> None:
    from supra_console.display import safe

    print(safe(line), file=sys.stderr, flush=True)


def _named(snapshot: Snapshot, name: str) -> Hypertable:
    """The hypertable or aggregate of that name, with or without its schema.

    Raises:
        InvalidInput: there is none, or several.
    """
    from supra_console.display import safe

    found = [table for table in snapshot.hypertables if name in (table.full_name, table.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(safe(table.full_name) for table in found or snapshot.hypertables)
    raise InvalidInput(
        _("There are several of that name") if found else _("There is no hypertable {name}").format(name=safe(name)),
        _("Those of this server: {names}.").format(names=names or "-"),
    )


def _demand_compression(snapshot: Snapshot) -> None:
    from supra_console.timeseries import Edition

    if snapshot.server.edition is not Edition.COMMUNITY:
        raise MissingFeature(
            _("This server cannot compress chunks"),
            _("It takes TimescaleDB Community; `supra-console chunks status` says what this server has."),
        )


def _demand_dba(db: Database) -> None:
    if not db.identity.may(MAY_ACT):
        raise PermissionDenied(
            _("Only a DBA changes the time series"), _("Sign in with a role that belongs to supra_dba.")
        )
