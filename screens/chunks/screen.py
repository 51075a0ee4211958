"""Are the time series healthy, if not why not, and what is to be done?

Six views by number; the keys of each work on the row under the cursor. Only a DBA changes anything, and sees the
statements first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.message import Message

from screens.chunks import aggregates, details, findings, jobs, questions
from screens.chunks.chunk_list import SORTS
from screens.chunks.dialogs import ConfirmDialog, FieldsDialog, Question, TextDialog, read_moment, read_span, together
from screens.chunks.picture import ListingTable, Trying
from screens.chunks.running import RunDialog
from screens.chunks.showing import ChunksFrame
from screens.chunks.views import VIEWS, ViewStrip
from screens.chunks.wording import count, kind_of, span
from screens.palette import Command, Provider
from screens.widgets.text import lines, words
from supra_console.errors import SupraError
from supra_console.i18n import N_, _, ngettext
from supra_console.timeseries import Chunk, Edition, Hypertable, Job, State

if TYPE_CHECKING:
    from queries.chunk_actions import Outcome
    from queries.chunk_advisor import Advice, Trial
    from supra_console.database import Database

IN_VIEW = {
    "act_overdue": "overview",
    "pick": "chunks",
    "overdue": "chunks",
    "act": "chunks",
    "sort": "chunks",
    "filter": "chunks",
    "job": "jobs",
    "refresh_range": "aggregates",
    "copy": "findings",
    "advise": "advisor",
    "copy_advice": "advisor",
}
"""In which view an action has a place; the others hide its key."""
CHANGES = frozenset(("act_overdue", "act", "job", "refresh_range", "advise"))
"""What only a DBA may do."""


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


class ChunkCommands(Provider):
    """What the palette offers on the time series."""

    def now(self) -> Iterator[Command]:
        screen = self.screen
        if not isinstance(screen, ChunksScreen) or screen.picture is None:
            return
        for place, view in enumerate(VIEWS):
            if place != screen.place:
                title = _("Chunks: {view}").format(view=_(view.title))
                yield Command(title, partial(screen.action_view, place + 1))
        if screen.allowed and any(screen.overdue()):
            yield Command(_("Chunks: compress all that are overdue"), screen.action_act_overdue, _("shown first"))
        yield Command(_("Chunks: read again"), screen.action_again)


class ChunksScreen(ChunksFrame):
    """Hypertables, chunks, jobs, aggregates, findings and the advisor."""

    CSS_PATH = "chunks.tcss"
    TITLE = N_("Chunks")
    AUTO_FOCUS = "#rows"
    HELP = N_("""\
**Is all well?** View 1 has a line for each time series. `‼` and `!` count what is wrong; view 5 says what, how it is
known, what comes of it and **which statement mends it**. The strip has a cell for each chunk:

- `█` compressed, `░` open (young, not compressed yet)
- `▒` partly: rows came **late** into a compressed chunk; reading them is slower until it is recompressed
- `!` **overdue**: the policy should have compressed it. Look at the job in view 3.
- `×` the retention drops it at its next run. Is it archived?

**Why is the disk full?** View 2, `S` until it says *largest first*. A ratio of 1 or less says that compression made
it larger: view 6 measures which setting suits the table.

**Why did nothing happen?** View 3: a job that FAILED has its message below; *paused* waits for `P`; *no history* is
not the same as *never ran*; jobs without free workers start late.

**Why is the daily report wrong?** View 4: *too late* counts ranges that changed and that no policy refreshes any more.
`F` refreshes a range.

**To change something** one must be a DBA. Chunks are picked with Space, or all overdue ones with `O`; without a pick
the one under the cursor is meant. The statements are shown first, and nothing runs until that is confirmed.

The screen asks the server by itself every few seconds. `~` marks an estimate, `?` what the server does not tell.
""")
    PROVIDERS: ClassVar = (ChunkCommands,)
    BINDINGS: ClassVar = [
        Binding("1", "view(1)", N_("Views"), id="chunks.view.1", key_display="1-6", tooltip=N_("Overview")),
        *(
            Binding(str(place), f"view({place})", view.title, id=f"chunks.view.{place}", show=False)
            for place, view in enumerate(VIEWS[1:], 2)
        ),
        Binding("left", "turn(-1)", N_("View before"), id="chunks.before", show=False, priority=True),
        Binding("right", "turn(1)", N_("Next view"), id="chunks.next", show=False, priority=True),
        Binding(
            "enter", "open", N_("Open"), id="chunks.open", tooltip=N_("All of what the row stands for"), priority=True
        ),
        Binding(
            "enter",
            "advise",
            N_("Measure"),
            id="chunks.advise",
            tooltip=N_("Try compression settings on a copy"),
            priority=True,
        ),
        Binding("space", "pick", N_("Pick"), id="chunks.pick", tooltip=N_("Pick this chunk, or leave it out again")),
        Binding("o", "overdue", N_("Overdue"), id="chunks.overdue", tooltip=N_("Pick all chunks that are overdue")),
        Binding("c", "act('compress')", N_("Compress"), id="chunks.compress", tooltip=N_("Compress what is picked")),
        Binding(
            "d", "act('decompress')", N_("Decompress"), id="chunks.decompress", tooltip=N_("Decompress what is picked")
        ),
        Binding(
            "e",
            "act('recompress')",
            N_("Recompress"),
            id="chunks.recompress",
            tooltip=N_("Bring late rows into the compressed part"),
        ),
        Binding(
            "c",
            "act_overdue",
            N_("Compress overdue"),
            id="chunks.all",
            tooltip=N_("Compress all overdue chunks of all tables"),
        ),
        Binding("n", "job('run')", N_("Run now"), id="chunks.job.run"),
        Binding("p", "job('pause')", N_("Pause, resume"), id="chunks.job.pause"),
        Binding(
            "i", "job('schedule')", N_("Interval"), id="chunks.job.schedule", tooltip=N_("Change how often it runs")
        ),
        Binding("f", "refresh_range", N_("Refresh a range"), id="chunks.refresh"),
        Binding("c", "copy", N_("Copy statement"), id="chunks.copy"),
        Binding("c", "copy_advice", N_("Copy statement"), id="chunks.copy_advice"),
        Binding("s", "sort", N_("Sort"), id="chunks.sort", tooltip=N_("Another order")),
        Binding("slash", "filter", N_("Filter"), id="chunks.filter", key_display="/"),
        Binding("t", "table", N_("Next table"), id="chunks.table", tooltip=N_("The next hypertable")),
        Binding("escape", "back", N_("Back"), id="chunks.back", tooltip=N_("Stop, clear, or back to the overview")),
        Binding("r", "again", N_("Read again"), id="chunks.again"),
    ]

    @dataclass
    class Acted(Message):
        """Something was done, or refused."""

        text: str = ""
        error: SupraError | None = None
        outcomes: tuple[Outcome, ...] = ()

    @dataclass
    class Tried(Message):
        """The advisor has measured a candidate."""

        trial: Trial

    @dataclass
    class Advised(Message):
        """The advisor is through, or could not go on."""

        advice: Advice | None
        error: SupraError | None = None

    _busy = False

    # ------------------------------------------------------------------ what is possible

    @property
    def allowed(self) -> bool:
        """Whether this person may change something on this server."""
        picture = self.picture
        return picture is not None and picture.may_act and picture.snapshot.server.edition is Edition.COMMUNITY

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is hidden where it has no place, and dim where it may not or cannot be used now."""
        if self.filtering:
            return action in ("back", "open")
        home = IN_VIEW.get(action)
        if home is not None and home != self.view.name:
            return False
        if action == "table" and self.view.name not in ("chunks", "advisor"):
            return False
        if action == "open" and self.view.name == "advisor":
            return False
        if action == "back":
            return self.place != 0
        if action == "again":
            return True
        if self.picture is None or (action in CHANGES and not self.allowed):
            return None
        return self._has_object(action) or None

    def _has_object(self, action: str) -> bool:
        """Whether there is something for the action to work on."""
        picture, row = self.picture, self.row
        if picture is None:
            return False
        if action in ("open", "pick", "act", "job"):
            return row is not None
        if action == "refresh_range":  # by moments only
            return row is not None and not isinstance(row.subject.watermark, int)
        if action in ("act_overdue", "overdue"):
            return any(self.overdue())
        if action == "copy":
            return bool(row is not None and getattr(row.subject, "mend", ""))
        if action == "copy_advice":
            return bool(picture.trying and picture.trying.advice and picture.trying.advice.statement)
        if action == "advise":
            return picture.chosen is not None and not (picture.trying and picture.trying.running)
        return True

    def overdue(self) -> Iterator[Chunk]:
        """The overdue chunks: of all tables in the overview, else of the chosen one."""
        picture = self.picture
        if picture is not None:
            chunks = picture.chunks if self.view.name == "chunks" else picture.snapshot.chunks
            yield from (chunk for chunk in chunks if picture.snapshot.state(chunk) is State.OVERDUE)

    # ------------------------------------------------------------------ going about

    def action_view(self, number: int) -> None:
        """Open a view by its number."""
        self.place = number - 1

    def action_turn(self, step: int) -> None:
        """The view beside this one."""
        self.place = (self.place + step) % len(VIEWS)

    @on(ViewStrip.Chosen)
    def _clicked(self, event: ViewStrip.Chosen) -> None:
        self.place = event.place

    def action_back(self) -> None:
        """Stop the advisor, leave the filter, drop the pick; else back to the overview."""
        picture = self.picture
        field = self.query_one("#filter")
        if picture is None:
            return
        if self.view.name == "advisor" and picture.trying is not None and picture.trying.running:
            self.picture = replace(picture, trying=replace(picture.trying, stopping=True))
        elif self.view.name == "chunks" and field.display:
            field.display = False
            self.query_one("#filter").value = ""  # type: ignore[attr-defined]
            self.table.focus()
        elif self.view.name == "chunks" and picture.picked:
            self.picture = replace(picture, picked=frozenset())
        else:
            self.place = 0

    def action_table(self) -> None:
        """The next hypertable."""
        picture = self.picture
        if picture is None or not picture.snapshot.hypertables:
            return
        numbers = [table.id for table in picture.snapshot.hypertables]
        here = numbers.index(picture.chosen) if picture.chosen in numbers else -1
        chosen = numbers[(here + 1) % len(numbers)]
        self.picture = replace(picture, chosen=chosen, picked=frozenset())

    @on(ListingTable.Selected)
    def _selected(self) -> None:
        """A click on the row the cursor is on."""
        self.action_open()

    def action_open(self) -> None:
        """All of what the row stands for."""
        if self.filtering:
            self.table.focus()
            self.refresh_bindings()
            return
        picture, row = self.picture, self.row
        if picture is None or row is None:
            return
        name = self.view.name
        if name == "overview":
            self.place = 1
        elif name == "chunks":
            self.show_details(row.subject, picture.hypertable)
        elif name == "jobs":
            title = _("Job {id}: {what} {table}").format(
                id=row.subject.id, what=kind_of(row.subject), table=picture.name(row.subject.hypertable)
            )
            self._read(title, lines(jobs.in_full(picture, row.subject)))
        elif name == "aggregates":
            self._read(picture.name(row.subject.hypertable), lines(aggregates.in_full(picture, row.subject)))
        elif name == "findings":
            self._read(_("Finding"), lines(findings.in_full(row.subject)))

    def _read(self, title: str, content: Any) -> None:
        self.app.push_screen(TextDialog(title, content, _("↑↓ to read on, Esc to close")))

    @work(exclusive=True, group="details")
    async def show_details(self, chunk: Chunk, table: Hypertable | None) -> None:
        """Ask for one chunk from near, and show it."""
        picture = self.picture
        if picture is None or table is None:
            return
        try:
            found = await self._ask.details(await self._session.database(), chunk, table)
        except SupraError as error:
            self.app.heard(error)
            self.app.explain(error)
            return
        if self.on_top:
            self._read(f"{chunk.schema}.{chunk.name}", lines(details.in_full(picture.snapshot, table, found)))

    # ------------------------------------------------------------------ the list of chunks

    def action_pick(self) -> None:
        """Pick the chunk, or leave it out again, and go on to the next."""
        picture, row = self.picture, self.row
        if picture is None or row is None:
            return
        self.picture = replace(picture, picked=picture.picked ^ {row.subject.id})
        self.table.action_cursor_down()

    def action_overdue(self) -> None:
        """Pick all that are overdue; once more leaves them out."""
        picture = self.picture
        if picture is not None:
            late = frozenset(chunk.id for chunk in self.overdue())
            picked = picture.picked - late if late <= picture.picked else picture.picked | late
            self.picture = replace(picture, picked=picked)

    def action_sort(self) -> None:
        """The next order."""
        picture = self.picture
        if picture is not None:
            orders = list(SORTS)
            sort = orders[(orders.index(picture.sort) + 1) % len(orders)]
            self.picture = replace(picture, sort=sort)
            self.table.action_first()

    def action_filter(self) -> None:
        """Type what the chunks must have."""
        field = self.query_one("#filter")
        field.display = True
        field.focus()
        self.refresh_bindings()

    # ------------------------------------------------------------------ changing something

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
        if not await self.app.push_screen_wait(ConfirmDialog(questions.about_steps(kind, steps))):
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

    # ------------------------------------------------------------------ the advisor

    def action_advise(self) -> None:
        """Measure candidates on a copy of one chunk."""
        picture, table = self.picture, self.picture.hypertable if self.picture else None
        if picture is None or table is None or (picture.trying and picture.trying.running):
            return
        self.picture = replace(picture, trying=Trying(table.id, len(self._ask.candidates(table))))
        self.advise(table.id)

    @work(group="advise")
    async def advise(self, number: int) -> None:
        """Candidate after candidate; Esc stops between two."""
        picture = self.picture
        if picture is None:
            return
        try:
            advice = await self._ask.advise(
                await self._session.database(), picture.snapshot, number, self._tell_trial, self._advice_stopped
            )
        except SupraError as error:
            self.post_message(self.Advised(None, error))
        else:
            self.post_message(self.Advised(advice))

    def _tell_trial(self, trial: Trial) -> None:
        self.post_message(self.Tried(trial))

    def _advice_stopped(self) -> bool:
        return bool(self.picture and self.picture.trying and self.picture.trying.stopping)

    @on(Tried)
    def _tried(self, message: Tried) -> None:
        picture = self.picture
        if picture is not None and picture.trying is not None:
            trials = (*picture.trying.trials, message.trial)
            self.picture = replace(picture, trying=replace(picture.trying, trials=trials))

    @on(Advised)
    def _advised(self, message: Advised) -> None:
        self.app.heard(message.error)
        picture = self.picture
        if picture is None or picture.trying is None:
            return
        trying = replace(picture.trying, running=False, advice=message.advice)
        if message.advice is not None:
            trying = replace(trying, trials=message.advice.trials)
        if message.error is not None:
            trying = replace(trying, problem=f"{message.error.title}. {message.error.advice}")
        self.picture = replace(picture, trying=trying)

    # ------------------------------------------------------------------ copying

    def action_copy(self) -> None:
        """The statement that mends the finding."""
        if self.row is not None:
            self._copy(self.row.subject.mend)

    def action_copy_advice(self) -> None:
        """The statement that the advisor recommends."""
        trying = self.picture.trying if self.picture else None
        if trying is not None and trying.advice is not None:
            self._copy(trying.advice.statement)

    def _copy(self, statement: str) -> None:
        self.app.copy_to_clipboard(statement)
        self.app.notify(_("Copied: {what}").format(what=statement[:60]))
