"""How does the register of tariffs reach the terminal, and stay true?

The part of the screen that asks and shows; what it does stands in `acting.py`. It asks when it is opened, after each
step, and when one comes back to it from an editor. How many tomas each series has is counted once, afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from textual import on, work
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from screens.tariffs import details
from screens.tariffs.asking import TariffQueries
from screens.tariffs.picture import SUPERVISOR, Picture, view
from screens.widgets.list_frame import FilteredFrame
from screens.widgets.listing import ListingTable
from supra_console import formats
from supra_console.errors import SupraError
from supra_console.i18n import N_, _
from supra_console.tariffs.register import Series, TariffRow

if TYPE_CHECKING:
    from queries.tariffs import Register
    from screens.session import Session

ABOVE_AND_BELOW = 3
"""Lines that are not the table's or the text's under it: the strip, the note, the keys."""


class TariffsFrame(FilteredFrame):
    """The list of tariffs, and under it the one of the cursor with its series over time."""

    FILTER = N_("municipality, category, period, state or name")
    picture: var[Picture | None] = var(None, init=False, always_update=True)

    @dataclass
    class Loaded(Message):
        """The server has answered."""

        register: Register

    @dataclass
    class Counted(Message):
        """The tomas are counted."""

        population: Mapping[Series, int]

    @dataclass
    class LoadFailed(Message):
        """The server has not; what is shown is from before."""

        error: SupraError

    def __init__(self, session: Session, queries: TariffQueries | None = None) -> None:
        super().__init__()
        self._session = session
        self._ask = queries or TariffQueries()
        self._problem: SupraError | None = None
        self._population: Mapping[Series, int] = {}
        self._left = False  # for an editor, say, that may change what is listed
        self._followed: frozenset[UUID] = frozenset()  # that took a step after which there is another
        self._new: str | None = None  # the row of a draft that was not listed before

    # ------------------------------------------------------------------ layout

    def on_mount(self) -> None:
        self.action_again()

    @property
    def chosen(self) -> TariffRow | None:
        """The tariff the cursor is on."""
        row = self.table.row
        return row.subject if row is not None else None

    # ------------------------------------------------------------------ asking

    def action_again(self) -> None:
        """Ask now."""
        self.load()

    @work(exclusive=True, group="tariffs")
    async def load(self) -> None:
        """Read the register."""
        try:
            database = await self._session.database()
            register, _locale = await asyncio.gather(self._ask.register(database), asyncio.to_thread(formats.locale))
        except SupraError as error:
            self.post_message(self.LoadFailed(error))
        else:
            self.post_message(self.Loaded(register))

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self._problem = None
        self.app.heard()
        register = replace(message.register, population=self._population)
        identity = self._session.identity
        picture = Picture.of(
            register,
            identity.user_id if identity is not None else None,
            identity is not None and identity.may(SUPERVISOR),
        )
        if self.picture is None:
            picture = replace(picture, needle=self.filter.value)  # typed ahead
            self.count()
        else:
            before = self.picture
            new = {row.id for row in register.tariffs} - {row.id for row in before.register.tariffs}
            self._new = str(new.pop()) if len(new) == 1 else None
            picture = replace(
                picture, shown=before.shown, needle=before.needle, marked=picture.kept_of(before, self._followed)
            )
            self._followed = frozenset()
        self.picture = picture

    @work(exclusive=True, group="population")
    async def count(self) -> None:
        """Count the tomas of each series; a list without them is of use as well."""
        try:
            population = await self._ask.population(await self._session.database())
        except SupraError as error:
            self.app.heard(error)
        else:
            self.post_message(self.Counted(population))

    @on(Counted)
    def _counted(self, message: Counted) -> None:
        self._population = message.population
        if self.picture is not None:
            register = replace(self.picture.register, population=message.population)
            self.picture = replace(self.picture, register=register)

    @on(LoadFailed)
    def _load_failed(self, message: LoadFailed) -> None:
        self._problem = message.error
        self.app.heard(message.error)
        self._show()

    def on_screen_resume(self) -> None:
        """Back from an editor: what it saved is to be seen."""
        if self._left:
            self._left = False
            self.action_again()

    # ------------------------------------------------------------------ showing

    def watch_picture(self, before: Picture | None, picture: Picture | None) -> None:
        self._show()
        self.refresh_bindings()

    def _show(self) -> None:
        picture, complaint = self.picture, self._complaint()
        if picture is None:
            if complaint:
                self._note(complaint, "error")
            return
        made = view(picture, self.size.width - 1)
        key = self._new or (self.table.row.key if self.table.row is not None else None)
        self._new = None
        with self.app.batch_update():
            if complaint:
                self._note(complaint, "error")
            else:
                self._note(made.note, made.note_role)
            self.table.show(made, key)
            self._show_under()

    def _complaint(self) -> str:
        error = self._problem
        if error is None:
            return ""
        if self.picture is None:
            return f"✗ {error.title}{error.code}. {error.advice}"
        return _("✗ {title}{code}. What is shown is from before; R asks again.").format(
            title=error.title, code=error.code
        )

    @on(ListingTable.Highlighted)
    def _show_under(self) -> None:
        under, picture, row = self.query_one("#under", Static), self.picture, self.chosen
        under.display = picture is not None and row is not None
        if picture is not None and row is not None:
            lines_left = self.size.height - ABOVE_AND_BELOW - self.filter.display
            room = max(4, lines_left - min(self.table.row_count + 1, max(4, lines_left // 2)))
            under.styles.max_height = room
            under.update(details.under(picture, row, self.size.width - 2, room))
        self.refresh_bindings()

    def narrow(self, needle: str) -> None:
        """List the tariffs that have this."""
        if self.picture is not None and self.picture.needle != needle:
            self.picture = replace(self.picture, needle=needle)
