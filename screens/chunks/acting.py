"""What happens when a DBA changes something: ask first, do it, say how it went, read again?

Writes are never cancelled by another question; while one is going on no other begins.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from screens.chunks import questions
from screens.chunks.running import RunDialog
from screens.chunks.showing import ChunksFrame
from screens.chunks.typed import read_moment, read_span, together
from screens.chunks.wording import count, span
from screens.widgets.dialogs import ConfirmDialog, FieldsDialog, Question
from screens.widgets.text import words
from supra_console.errors import SupraError
from supra_console.i18n import N_, _, ngettext
from supra_console.timeseries import Chunk, Job

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome
    from supra_console.database import Database

UNFIT = {
    "compress": N_("these chunks are compressed already"),
    "decompress": N_("these chunks are not compressed"),
    "recompress": N_("no rows came late into these chunks"),
}


def fits(kind: str, chunk: Chunk) -> bool:
    """Whether a chunk can be changed so, as far as is known."""
    if kind == "compress":
        return not chunk.compressed
    return chunk.compressed if kind == "decompress" else chunk.partial


class ActingFrame(ChunksFrame):
    """The part of the screen that changes chunks, jobs and aggregates."""

    @dataclass
    class Acted(Message):
        """Something was done, or refused."""

        text: str = ""
        error: SupraError | None = None
        outcomes: tuple[Outcome, ...] = ()

    _busy = False

    def action_act(self, kind: str) -> None:
        """Compress, decompress or recompress what is picked, else the chunk under the cursor."""
        self.work_on_chunks(kind, tuple(self.aimed()))

    def action_act_overdue(self) -> None:
        """Compress all overdue chunks of all tables."""
        self.work_on_chunks("compress", None)

    @work(group="act")
    async def work_on_chunks(self, kind: str, chunk_ids: tuple[int, ...] | None) -> None:
        """Show what would run, and if that is agreed to run it chunk by chunk."""
        picture = self.picture
        if picture is None or self._busy:
            return
        if chunk_ids is not None:
            chunk_ids = tuple(
                chunk.id for chunk in picture.snapshot.chunks if chunk.id in chunk_ids and fits(kind, chunk)
            )
        steps = self._ask.plan(picture.snapshot, kind, chunk_ids)
        if not steps:
            self.app.notify(_("Nothing to do: {why}.").format(why=_(UNFIT[kind])), severity="warning")
            return
        if not await self.app.push_screen_wait(
            ConfirmDialog(questions.about_steps(kind, steps, picture.snapshot.taken))
        ):
            return
        self._busy = True
        try:
            database = await self._session.database()
            outcomes = await self.app.push_screen_wait(
                RunDialog(
                    questions.titled(kind, len(steps)),
                    steps,
                    lambda progress, stop: self._ask.run(database, steps, progress, stop),
                )
            )
        finally:
            self._busy = False
        self.post_message(self.Acted(outcomes=outcomes))

    def action_job(self, what: str) -> None:
        """Run the job of the row now, pause or resume it, or change its schedule."""
        row, picture = self.row, self.picture
        if row is not None and picture is not None:
            self.work_on_job(what, row.subject, picture.name(row.subject.hypertable))

    @work(group="act")
    async def work_on_job(self, what: str, job: Job, name: str) -> None:
        """Ask, then do it."""
        if what == "run":
            await self._agreed(
                questions.about_run(name, job),
                lambda database: self._ask.run_job_now(database, job.id),
                _("Job {id} starts as soon as a worker is free.").format(id=job.id),
            )
        elif what == "pause":
            change = self._ask.pause_job if job.scheduled else self._ask.resume_job
            text = _("Job {id} is paused.") if job.scheduled else _("Job {id} runs as scheduled again.")
            await self._agreed(
                questions.about_pause(name, job), lambda database: change(database, job.id), text.format(id=job.id)
            )
        else:
            about = words(
                _("How often job {id} is to run, such as 12 h, 1 d 6 h or 30 min.").format(id=job.id), "$quiet"
            )
            fields = [(_("Every"), span(job.schedule_interval))]
            typed = await self.app.push_screen_wait(
                FieldsDialog(_("Schedule of job {id}").format(id=job.id), about, fields, questions.fault_of_span)
            )
            interval = read_span(together(typed[0])) if typed else None
            if interval is not None:
                await self._agreed(
                    questions.about_schedule(name, job, interval),
                    lambda database: self._ask.change_schedule(database, job.id, interval),
                    _("Job {id} runs every {span} from now on.").format(id=job.id, span=span(interval)),
                )

    @work(group="act")
    async def action_refresh_range(self) -> None:
        """Refresh a range of the aggregate of the row."""
        picture, row = self.picture, self.row
        table = picture.snapshot.hypertable(row.subject.hypertable) if picture and row else None
        if picture is None or row is None or table is None:
            return
        begins, ends = questions.range_to_refresh(picture.snapshot, row.subject)
        about = words(_("From and to, as dates or moments in UTC; the end is not part of the range."), "$quiet")
        typed = await self.app.push_screen_wait(
            FieldsDialog(
                _("Refresh a range"),
                about,
                [(_("From"), begins), (_("To"), ends)],
                questions.fault_of_range,
            )
        )
        if typed is None:
            return
        first, last = map(read_moment, typed)
        if first is None or last is None:
            return
        await self._agreed(
            questions.about_refresh(table, first, last),
            lambda database: self._ask.refresh(database, table.id, first, last),
            _("The refresh of {name} is on its way.").format(name=table.name),
        )

    async def _agreed(self, question: Question, do: Callable[[Database], Awaitable[None]], text: str) -> None:
        """Show what would run, and if that is agreed to do it."""
        if self._busy or not await self.app.push_screen_wait(ConfirmDialog(question)):
            return
        self._busy = True
        try:
            await do(await self._session.database())
        except SupraError as error:
            self.post_message(self.Acted(error=error))
        else:
            self.post_message(self.Acted(text))
        finally:
            self._busy = False

    @on(Acted)
    def _acted(self, message: Acted) -> None:
        picture = self.picture
        if message.error is not None:
            self.app.heard(message.error)
            self.app.explain(message.error)
        elif message.text:
            self.app.notify(message.text)
        if message.outcomes and picture is not None:
            done = {outcome.step.chunk.id: outcome for outcome in message.outcomes}
            # What failed, or was not come to, stays picked: the same key goes on with it.
            settled = {number for number, outcome in done.items() if outcome.state != "failed"}
            self.picture = replace(picture, outcomes={**picture.outcomes, **done}, picked=picture.picked - settled)
            self._tell(message.outcomes)
        self.action_again()

    def _tell(self, outcomes: tuple[Outcome, ...]) -> None:
        states = [outcome.state for outcome in outcomes]
        parts = [
            text.format(n=count(n))
            for text, n in (
                (ngettext("{n} done", "{n} done", states.count("done")), states.count("done")),
                (ngettext("{n} skipped", "{n} skipped", states.count("skipped")), states.count("skipped")),
                (ngettext("{n} failed", "{n} failed", states.count("failed")), states.count("failed")),
            )
            if n
        ]
        self.app.notify(", ".join(parts), severity="warning" if "failed" in states else "information")
