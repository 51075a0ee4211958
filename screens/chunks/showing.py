"""How does the picture of the time series reach the terminal, and stay true?

The part of the screen that asks and shows; what it does stands in `screen.py`. It asks again a few seconds after each
answer, not while a dialog or another screen is in front of it. The same answer sends nothing to the terminal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widgets import Input, Static

from screens.chunks.asking import ChunkQueries
from screens.chunks.picture import Judgement, Picture
from screens.chunks.views import VIEWS, View
from screens.widgets.list_frame import FilteredFrame
from screens.widgets.listing import ListingTable, Row
from screens.widgets.number_strip import NumberStrip
from screens.widgets.numbered_views import NumberedViews
from supra_console import formats
from supra_console.errors import SupraError
from supra_console.i18n import N_, _
from supra_console.timeseries import Partitioned, Snapshot

if TYPE_CHECKING:
    from screens.session import Session

EVERY = 5.0
"""Seconds from an answer to the next question."""
ABOVE_AND_BELOW = 4
"""Lines that are not the table's or the text's under it: two strips, the note, the keys."""


class ChunksFrame(FilteredFrame, NumberedViews):
    """Six views of one picture."""

    FILTER = N_("name, month or state, such as 2025-03 or overdue")
    VIEW_TITLES = tuple(view.title for view in VIEWS)
    picture: var[Picture | None] = var(None, init=False, always_update=True)

    @dataclass
    class Loaded(Message):
        """The server has answered."""

        snapshot: Snapshot
        judgement: Judgement

    @dataclass
    class LoadFailed(Message):
        """The server has not; what is shown is from before."""

        error: SupraError

    def __init__(self, session: Session, queries: ChunkQueries | None = None, *, every: float | None = EVERY) -> None:
        super().__init__()
        self._session = session
        self._ask = queries or ChunkQueries()
        self._every = every
        self._loading = False
        self._due = False
        self._timer: Timer | None = None
        self._problem: SupraError | None = None
        self._where: dict[str, str] = {}  # the row each view was left on

    # ------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield NumberStrip(self.VIEW_TITLES)
        yield from super().body()

    def on_mount(self) -> None:
        self.action_again()

    @property
    def view(self) -> View:
        """The view that is open."""
        return VIEWS[self.place]

    @property
    def row(self) -> Row[Any] | None:
        """The row the cursor is on."""
        return self.table.row

    # ------------------------------------------------------------------ asking

    def action_again(self) -> None:
        """Ask now, and have everything measured anew."""
        self._again(None)

    def _again(self, since: Snapshot | None) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._due = False
        if not self._loading:
            self._loading = True
            self.load(since)

    @work(exclusive=True, group="chunks")
    async def load(self, since: Snapshot | None) -> None:
        """Read the picture and judge it; what has not changed since that snapshot may be taken from it."""
        try:
            database = await self._session.database()
            snapshot, _locale = await asyncio.gather(
                self._ask.snapshot(database, since), asyncio.to_thread(formats.locale)
            )
        except SupraError as error:
            self.post_message(self.LoadFailed(error))
        else:
            self.post_message(self.Loaded(snapshot, self._ask.judge(snapshot)))

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self._ready_for_the_next()
        self._problem = None
        self.app.heard()
        before = self.picture or Picture(message.snapshot)
        known = {chunk.id for chunk in message.snapshot.chunks}
        chosen = before.chosen
        if message.snapshot.hypertable(chosen if chosen is not None else -1) is None:
            chosen = next((table.id for table in message.snapshot.hypertables), None)
        identity = self._session.identity
        self.picture = replace(
            before,
            snapshot=message.snapshot,
            judgement=message.judgement,
            chosen=chosen,
            picked=before.picked & known,
            may_act=identity is not None and identity.may("supra_dba"),
        )

    @on(LoadFailed)
    def _load_failed(self, message: LoadFailed) -> None:
        self._ready_for_the_next()
        self._problem = message.error
        self.app.heard(message.error)
        self._show()

    def _ready_for_the_next(self) -> None:
        self._loading = False
        if self._every is not None:
            self._timer = self.set_timer(self._every, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self.on_top:
            self._again(self.picture.snapshot if self.picture is not None else None)
        else:
            self._due = True

    def on_screen_resume(self) -> None:
        """Back on top: what was due meanwhile is asked now."""
        if self._due:
            self.action_again()

    # ------------------------------------------------------------------ showing

    def watch_picture(self, before: Picture | None, picture: Picture | None) -> None:
        self._show()
        self.refresh_bindings()

    def watch_place(self, before: int, place: int) -> None:
        table, picture = self.table, self.picture
        if table.row is not None:
            self._where[VIEWS[before].name] = table.row.key
        self._choose_from(before)
        self.filter.display = self.view.name == "chunks" and bool(picture and picture.needle)
        self._show(self._where.get(self.view.name))
        table.focus()
        self.refresh_bindings()

    def _choose_from(self, before: int) -> None:
        """The row the overview was left on is the table that the other views are about."""
        row, picture = self.row, self.picture
        if VIEWS[before].name != "overview" or row is None or picture is None or isinstance(row.subject, Partitioned):
            return
        if row.subject.hypertable.id != picture.chosen:
            self.set_reactive(
                ChunksFrame.picture, replace(picture, chosen=row.subject.hypertable.id, picked=frozenset(), needle="")
            )
            self._where.pop("chunks", None)
            with self.prevent(Input.Changed):
                self.filter.value = ""

    def _show(self, key: str | None = None) -> None:
        picture, problem = self.picture, self._problem
        if picture is None:
            if problem is not None:
                self._note(self._complaint(problem), "error")
            return
        if key is None and self.row is not None:
            key = self.row.key
        made = self.view.listing(picture, self.size.width - 1)
        with self.app.batch_update():
            if problem is not None:
                self._note(self._complaint(problem), "error")
            else:
                self._note(made.note, made.note_role)
            self.table.display = bool(made.columns)
            self.table.show(made, key)
            self._show_under()

    @staticmethod
    def _complaint(error: SupraError) -> str:
        return _("✗ {title}{code}. What is shown is from before; it is asked again by itself.").format(
            title=error.title, code=error.code
        )

    @on(ListingTable.Highlighted)
    def _show_under(self) -> None:
        under, picture = self.query_one("#under", Static), self.picture
        if picture is None:
            return
        lines_left = self.size.height - ABOVE_AND_BELOW
        wanted = min(self.table.row_count + 1, max(4, lines_left // 2)) if self.table.display else 0
        room = max(3, lines_left - wanted)
        row = self.row
        shown = row is not None or self.view.name == "advisor"
        under.display = shown
        if shown:
            under.styles.max_height = room
            under.update(self.view.under(picture, row, self.size.width - 2, room))
        if self.view.name != "chunks":  # whose keys are the same on every row
            self.refresh_bindings()

    def narrow(self, needle: str) -> None:
        """List the chunks that have this."""
        if self.picture is not None and self.picture.needle != needle:
            self.picture = replace(self.picture, needle=needle)

    def aimed(self) -> Sequence[int]:
        """The chunks that are picked, else the one the cursor is on."""
        if self.picture is None:
            return ()
        if self.picture.picked:
            return [chunk.id for chunk in self.picture.chunks if chunk.id in self.picture.picked]
        return [self.row.subject.id] if self.row is not None and self.view.name == "chunks" else ()
