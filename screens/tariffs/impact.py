"""Whom does a draft hit, and by how much?

The last twelve months of readings, rated with the old price and the new one. It begins by itself, shows figures from
the newest days on, and can be stopped. What is finished is kept for its approval, and opened again as it was kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from uuid import UUID

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static
from textual.worker import Worker

from screens.tariffs.impact_standing import Standing, said, sums
from screens.tariffs.impact_views import VIEWS, names_of
from screens.widgets.list_frame import ListFrame
from screens.widgets.listing import ListingTable
from screens.widgets.number_strip import NumberStrip
from screens.widgets.numbered_views import NumberedViews, view_keys
from screens.widgets.text import stored
from supra_console import formats
from supra_console.documents.impact import Rise
from supra_console.errors import SupraError
from supra_console.formats import number
from supra_console.i18n import N_, ngettext
from supra_console.tariffs.impact import ImpactReport, KeptImpact, Progress

if TYPE_CHECKING:
    from screens.session import Session
    from supra_console.database import Database
    from supra_console.tariffs.register import TariffRow

SUPERVISOR = "supra_supervisor"


async def _kept(db: Database, tariff_id: UUID) -> KeptImpact | None:
    await asyncio.to_thread(import_module, "queries.tariff_impact")
    from queries import tariff_impact

    return await tariff_impact.kept(db, tariff_id)


async def _impact(db: Database, ids: Sequence[UUID], progress: Callable[[Progress], None]) -> ImpactReport:
    from queries import tariff_impact

    return await tariff_impact.impact(db, ids, progress=progress)


async def _keep(db: Database, report: ImpactReport) -> None:
    from queries import tariff_impact

    await tariff_impact.keep(db, report)


class ImpactQueries(NamedTuple):
    """All that is asked or done; every failure is a `SupraError`."""

    kept: Callable[[Database, UUID], Awaitable[KeptImpact | None]] = _kept
    impact: Callable[[Database, Sequence[UUID], Callable[[Progress], None]], Awaitable[ImpactReport]] = _impact
    keep: Callable[[Database, ImpactReport], Awaitable[None]] = _keep


class ImpactScreen(ListFrame, NumberedViews):
    """Whom some tariffs hit."""

    CSS_PATH = "impact.tcss"
    TITLE = N_("Impact")
    AUTO_FOCUS = "#rows"
    HELP = N_("""\
**What is rated?** The readings of the twelve months before the newest one, of contracts that are billed now, as far as
bills are made of them (valid, corrected, estimated). Each is rated twice: with the tariff that is replaced and with
this one. Amounts are with IVA.

**What is not?** View 1 counts it, with its reason: contracts without a meter pay a fixed rate; suspicious and rejected
readings are no bill's. Where a tariff replaces nothing there is no change to speak of, only what it brings.

**Who gains and who loses?** Views 2 to 4, the largest change first; 5 draws how many change by how much; 6 has the 50
largest rises, Enter opens the account; 7 has those with the social tariff and the vulnerable apart.

**Does it count for the approval?** Yes, if it is *kept* and *of this content*: the tariff cannot be put in force
without. A supervisor's is kept by itself. After any edit it has to be worked out again (R).

Esc stops the work, at once and on the server too; nothing is left behind.
""")
    BINDINGS: ClassVar = [
        *view_keys("impact", [view.title for view in VIEWS]),
        Binding("enter", "open", N_("Open account"), id="impact.open", tooltip=N_("Open the account"), priority=True),
        Binding("k", "keep", N_("Keep"), id="impact.keep", tooltip=N_("Keep it for the approval")),
        Binding("r", "again", N_("Work out again"), id="impact.again"),
        Binding("escape", "stop", N_("Stop"), id="impact.stop", tooltip=N_("Stop the work")),
        Binding("escape", "back", N_("Back"), id="impact.back"),
    ]

    VIEW_TITLES = tuple(view.title for view in VIEWS)
    standing: var[Standing] = var(Standing(), init=False, always_update=True)

    @dataclass
    class Found(Message):
        """What was kept before was read."""

        kept: KeptImpact | None

    @dataclass
    class Told(Message):
        """Some more months are rated."""

        progress: Progress

    @dataclass
    class Finished(Message):
        """It is worked out."""

        report: ImpactReport

    @dataclass
    class Kept(Message):
        """It is kept, or why not."""

        error: SupraError | None = None

    @dataclass
    class Failed(Message):
        """It could not be worked out."""

        error: SupraError

    def __init__(self, session: Session, subject: Sequence[TariffRow], queries: ImpactQueries | None = None) -> None:
        super().__init__()
        self._session = session
        self._tariffs = tuple(subject)
        self._ask = queries or ImpactQueries()
        self._work: Worker[None] | None = None

    # ------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield Static(id="whose")
        yield Static(id="sums")
        yield Static(id="note")
        yield NumberStrip(self.VIEW_TITLES)
        yield ListingTable()

    def on_mount(self) -> None:
        self._show()
        self.look()

    @property
    def _activated(self) -> bool:
        """Whether one of them is active, so that the report is for no approval."""
        return any(row.active for row in self._tariffs)

    @property
    def may_keep(self) -> bool:
        """Whether this person's reports are kept."""
        identity = self._session.identity
        return identity is not None and identity.may(SUPERVISOR)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc stops what runs and goes back otherwise; Enter opens an account among the rises."""
        now = self.standing
        if action == "stop":
            return now.running
        if action == "back":
            return not now.running
        if action == "again":
            return not now.running or None
        if action == "keep":
            possible = now.report is not None and now.report.complete and now.kept_at is None and not now.running
            return (possible and not now.keeping and self.may_keep) or None
        if action == "open":
            return VIEWS[self.place].name == "rises" and self.table.row is not None
        return True

    # ------------------------------------------------------------------ working

    @work(exclusive=True, group="impact")
    async def look(self) -> None:
        """Open what was kept, if it is of the present content; else work it out."""
        kept = None
        try:
            database = await self._session.database()
            await asyncio.to_thread(formats.locale)
            if len(self._tariffs) == 1:
                kept = await self._ask.kept(database, self._tariffs[0].id)
        except SupraError as error:
            self.post_message(self.Failed(error))
        else:
            self.post_message(self.Found(kept))

    @on(Found)
    def _found(self, message: Found) -> None:
        kept = message.kept
        if kept is None or not kept.fits:
            self.action_again()
            return
        self.app.heard()
        self.standing = Standing(kept.report, kept_at=kept.at, kept_by=kept.by, fits=kept.fits)

    def action_again(self) -> None:
        """Work it out."""
        self.standing = Standing(running=True)
        self._work = self.rate()

    @work(exclusive=True, group="impact")
    async def rate(self) -> None:
        """Rate the months; cancelling this cancels it on the server."""
        try:
            database = await self._session.database()
            ids = [tariff.id for tariff in self._tariffs]
            report = await self._ask.impact(database, ids, lambda progress: self._heard_of(progress))
        except SupraError as error:
            self.post_message(self.Failed(error))
        else:
            self.post_message(self.Finished(report))

    def _heard_of(self, progress: Progress) -> None:
        self.post_message(self.Told(progress))

    @on(Told)
    def _told(self, message: Told) -> None:
        if self.standing.running:
            told = message.progress
            self.standing = Standing(told.report, running=True, done=told.done, months=told.months)

    @on(Finished)
    def _finished(self, message: Finished) -> None:
        self.app.heard()
        self.standing = Standing(message.report)
        if self.may_keep and not self._activated:
            self.action_keep()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.app.heard(message.error)
        now = self.standing
        self.standing = Standing(now.report, done=now.done, months=now.months, problem=message.error)

    def action_stop(self) -> None:
        """Stop the work; what is rated so far stays on the screen."""
        now = self.standing
        if now.running and self._work is not None:
            self._work.cancel()
            self.standing = Standing(now.report, done=now.done, months=now.months, stopped=True)

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    # ------------------------------------------------------------------ keeping

    def action_keep(self) -> None:
        """Keep the report for the approval."""
        report = self.standing.report
        if report is not None and report.complete:
            self.standing = Standing(report, keeping=True)
            self.keep(report)

    @work(group="keep")
    async def keep(self, report: ImpactReport) -> None:
        """One report for each tariff."""
        try:
            await self._ask.keep(await self._session.database(), report)
        except SupraError as error:
            self.post_message(self.Kept(error))
        else:
            self.post_message(self.Kept())

    @on(Kept)
    def _was_kept(self, message: Kept) -> None:
        self.app.heard(message.error)
        report = self.standing.report
        if message.error is not None:
            self.standing = Standing(report, problem=message.error)
        elif report is not None:
            self.standing = Standing(report, kept_at=report.parts[0].made_at)

    # ------------------------------------------------------------------ going about

    def action_open(self) -> None:
        """The account of a rise."""
        row = self.table.row
        if row is not None and isinstance(row.subject, Rise):
            self.app.go("account", row.subject.contract_id)

    # ------------------------------------------------------------------ showing

    def watch_standing(self, _before: Standing, _now: Standing) -> None:
        self._show()
        self.refresh_bindings()

    def watch_place(self) -> None:
        self.table.action_first()
        self._show()
        self.refresh_bindings()

    def _show(self) -> None:
        report, width = self.standing.report, self.size.width
        with self.app.batch_update():
            many = len(self._tariffs)
            title = ngettext("{n} tariff: ", "{n} tariffs: ", many).format(n=number(many)) if many > 1 else ""
            names = names_of([row.name for row in self._tariffs], width - 2 - len(title))
            self.query_one("#whose", Static).update(stored(title + names, 400, "bold"))
            self.query_one("#sums", Static).update(stored(sums(report), 400))
            self._note(*said(self.standing, may_keep=self.may_keep, active=self._activated))
            if report is None:
                self.table.empty()
                return
            key = self.table.row.key if self.table.row is not None else None
            self.table.show(VIEWS[self.place].listing(report, width - 1), key)
