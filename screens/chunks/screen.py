"""Are the time series healthy, if not why not, and what is to be done?

Six views by number; the keys of each work on the row under the cursor. Only a DBA changes anything, and sees the
statements first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.binding import Binding

from screens.chunks import aggregates, details, findings, jobs
from screens.chunks.acting import ActingFrame
from screens.chunks.advising import AdvisingFrame
from screens.chunks.chunk_list import SORTS
from screens.chunks.views import VIEWS
from screens.chunks.wording import kind_of
from screens.palette import Command, Provider
from screens.widgets.numbered_views import view_keys
from supra_console.errors import SupraError
from supra_console.i18n import N_, _
from supra_console.timeseries import Chunk, Edition, Hypertable, State

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


class ChunkCommands(Provider):
    """What the palette offers on the time series."""

    def now(self) -> Iterator[Command]:
        screen = self.screen
        if not isinstance(screen, ChunksScreen) or screen.picture is None:
            return
        for title, opens in screen.other_views():
            yield Command(_("Chunks: {view}").format(view=title), opens)
        if screen.allowed and any(screen.overdue()):
            yield Command(_("Chunks: compress all that are overdue"), screen.action_act_overdue, _("shown first"))
        yield Command(_("Chunks: read again"), screen.action_again)


class ChunksScreen(ActingFrame, AdvisingFrame):
    """Hypertables, chunks, jobs, aggregates, findings and the advisor."""

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
        *view_keys("chunks", [view.title for view in VIEWS]),
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

    def action_back(self) -> None:
        """Stop the advisor, leave the filter, drop the pick; else back to the overview."""
        picture = self.picture
        if picture is None:
            return
        if self.view.name == "advisor" and picture.trying is not None and picture.trying.running:
            self.picture = replace(picture, trying=replace(picture.trying, stopping=True))
        elif self.view.name == "chunks" and self.filter.display:
            self.end_filter()
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

    def action_open(self) -> None:
        """All of what the row stands for."""
        if self.filtering:
            self.to_the_rows()
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
            self._read(title, jobs.in_full(picture, row.subject))
        elif name == "aggregates":
            self._read(picture.name(row.subject.hypertable), aggregates.in_full(picture, row.subject))
        elif name == "findings":
            self._read(_("Finding"), findings.in_full(row.subject))

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
            self._read(f"{chunk.schema}.{chunk.name}", details.in_full(picture.snapshot, table, found))

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
