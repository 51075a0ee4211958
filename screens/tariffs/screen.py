"""Which tariffs are there, which one holds when, and what is the next step of each?

One list of all series; under it the tariff of the cursor, its series over time, and what is missing. Editors and the
impact are places of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from textual import work
from textual.binding import Binding

from screens.editing.dialogs import JsonDialog
from screens.palette import Command, Provider
from screens.tariffs import details
from screens.tariffs.exchanging import ExchangingFrame
from screens.tariffs.picture import FILTERS, Picture, listed
from screens.tariffs.raw import as_stored
from screens.tariffs.wording import days_of, series_name
from screens.widgets.text import stored, words
from supra_console.errors import SupraError
from supra_console.i18n import N_, _
from supra_console.tariffs.register import NewTariff, State, TariffRow, new_version

EDITOR, IMPACT = "tariff-editor", "tariff-impact"

STEPS = {
    "submit": (State.DRAFT,),
    "send_back": (State.IN_REVIEW, State.APPROVED),
    "approve": (State.IN_REVIEW,),
    "activate": (State.APPROVED,),
    "withdraw": (State.SCHEDULED,),
    "delete": (State.DRAFT, State.IN_REVIEW, State.APPROVED),
}
"""In which states a step has a place; elsewhere its key is hidden."""
STEP_TITLES = {
    "submit": N_("This tariff: submit it for review"),
    "approve": N_("This tariff: approve it"),
    "activate": N_("This tariff: put it in force, or see what is missing"),
    "send_back": N_("This tariff: send it back to its drafters"),
    "withdraw": N_("This tariff: withdraw it"),
    "delete": N_("This tariff: delete it"),
}
"""How the palette calls the steps."""
MARKED_TITLES = {
    "submit": N_("All marked: submit them for review"),
    "approve": N_("All marked: approve them"),
    "activate": N_("All marked: put them in force, or see what is missing"),
    "send_back": N_("All marked: send them back to their drafters"),
    "withdraw": N_("All marked: withdraw them"),
}
"""The same while several are marked."""


class TariffCommands(Provider):
    """What the palette offers on the register."""

    def now(self) -> Iterator[Command]:
        screen = self.screen
        if not isinstance(screen, TariffsScreen) or screen.picture is None:
            return
        for one in FILTERS:
            if one.name != screen.picture.shown:
                title = _("Tariffs: list those {which}").format(which=_(one.title))
                yield Command(title, partial(screen.list_those, one.name))
        for step, title in (MARKED_TITLES if screen.picture.marked else STEP_TITLES).items():
            if screen.check_action("step", (step,)):
                yield Command(_(title), partial(screen.action_step, step))
        if screen.check_action("new", ()):
            yield Command(_("Tariffs: draft a new one"), screen.action_new)
            yield Command(_("Tariffs: take one from a file"), screen.action_take_in)
        if screen.check_action("mark_all", ()):
            yield Command(_("Tariffs: mark all listed in the same state, or none"), screen.action_mark_all)
        if screen.check_action("export", ()):
            yield Command(_("This tariff: write it to a file"), screen.action_export)
        if screen.picture.unpriced:
            yield Command(_("Tariffs: tomas that none prices"), screen.action_unpriced)
        yield Command(_("Tariffs: read again"), screen.action_again)


def _alike(picture: Picture, row: TariffRow) -> frozenset[UUID]:
    """All that are listed and can be marked, in the state of this one."""
    state = picture.state(row)
    return frozenset(one.id for one in listed(picture) if picture.state(one) is state and picture.can_be_marked(one))


class TariffsScreen(ExchangingFrame):
    """The register of tariffs and the way of each into force."""

    TITLE = N_("Tariffs")
    AUTO_FOCUS = "#rows"
    HELP = N_("""\
**Which price holds?** Each line is a tariff: for a municipality, a category and a billing period, from a day on. The
three together are a *series*, which has one price at a time. The list leaves out what is superseded; T shows other
states, `/` looks for words, such as *tequis rural draft*.

**What is wrong?** `!` beside a state: its series has a **gap** (days without a price) or an **overlap**, or another
tariff is in the way of a draft. The lines below say on which days. In the drawing `█` is in force, `▓` scheduled,
`▒` proposed, `░` superseded, `·` a gap, `╳` an overlap, and `▲` today.

**Does every toma have a price?** If not, the line on top says how many have none, and U which they are.

**How does a price change?** A tariff in force is never edited. V on it makes a *new version*, with its prices, in the
editor. Then, in this order:

- I: whom it hits, on twelve months of real readings. The report is kept; it counts for exactly this content.
- S: **submit** it for review. From then on it waits for somebody else.
- A: **approve** it. *Who wrote on it cannot.* Say when it was resolved, and by whom. B sends it back with a reason.
- F: put it **in force**, with its reference in the gazette. What it replaces ends on its first day, by itself.

Any edit of a tariff in review or approved makes it a draft again: approvals are of one content.

**A whole price list is one resolution.** Space marks a tariff, M all that are listed *in the same state* as the one
under the cursor (once more: none), Esc none at all. I then works out their impact together, and S, A, B, F and W take
them **all or none**: if one cannot go on, nothing is changed, and each that cannot is named with its reason. A key is
there only where all that are marked are in the state it needs. One day, one resolver, one reference in the gazette
count for all; a tariff that has a reference keeps it. Somebody else's change drops the mark where the state is
another by then.

**Why can I not put it in force?** F lists what is missing, and names any tariff that holds some of its days.

**It is in force and wrong.** Make a new version. One that has not begun yet can be withdrawn (W). One that begins in
the past shows the invoices that went out under the old price, and wants their number typed.

**Files.** X writes the tariff to a file, O takes one from a file into the editor: JSON, CSV or OWRS.

**Who did what?** D: all of it, with the history. Only supervisors draft and approve; everybody may look. A tariff that
another program left unreadable is opened to look at, as it is stored.
""")
    PROVIDERS: ClassVar = (TariffCommands,)
    BINDINGS: ClassVar = [
        Binding("enter", "open", N_("Open"), id="tariffs.open", tooltip=N_("Open it in the editor"), priority=True),
        Binding("s", "step('submit')", N_("Submit"), id="tariffs.submit", tooltip=N_("Submit this draft for review")),
        Binding(
            "a",
            "step('approve')",
            N_("Approve"),
            id="tariffs.approve",
            tooltip=N_("Sign that it was resolved; not by who wrote on it"),
        ),
        Binding(
            "f",
            "step('activate')",
            N_("In force"),
            id="tariffs.activate",
            tooltip=N_("Put it in force, or see what is missing"),
        ),
        Binding(
            "b",
            "step('send_back')",
            N_("Send back"),
            id="tariffs.send_back",
            tooltip=N_("Make it a draft again, with a reason"),
        ),
        Binding(
            "w",
            "step('withdraw')",
            N_("Withdraw"),
            id="tariffs.withdraw",
            tooltip=N_("Make a scheduled tariff a draft again"),
        ),
        Binding(
            "v",
            "version",
            N_("New version"),
            id="tariffs.version",
            tooltip=N_("Draft a successor with the prices of this one"),
        ),
        Binding("i", "impact", N_("Impact"), id="tariffs.impact", tooltip=N_("Whom it hits: this one, or all marked")),
        Binding("d", "details", N_("Details"), id="tariffs.details", tooltip=N_("All of it, and who did what when")),
        Binding("n", "new", N_("New"), id="tariffs.new", tooltip=N_("Draft a tariff from nothing")),
        Binding("slash", "filter", N_("Filter"), id="tariffs.filter", key_display="/"),
        Binding("t", "states", N_("States"), id="tariffs.states", tooltip=N_("List other states")),
        Binding(
            "space",
            "mark",
            N_("Mark"),
            id="tariffs.mark",
            tooltip=N_("Mark it: marked tariffs go together"),
        ),
        Binding(
            "m",
            "mark_all",
            N_("Mark all"),
            id="tariffs.mark_all",
            tooltip=N_("Mark all listed in the same state as this one, or none"),
        ),
        Binding("x", "export", N_("Export"), id="tariffs.export", tooltip=N_("Write it to a file")),
        Binding("o", "take_in", N_("Import"), id="tariffs.import", tooltip=N_("Take a tariff from a file")),
        Binding(
            "delete", "step('delete')", N_("Delete"), id="tariffs.delete", tooltip=N_("Delete what is not in force")
        ),
        Binding(
            "u", "unpriced", N_("Unpriced"), id="tariffs.unpriced", tooltip=N_("The tomas that no tariff prices today")
        ),
        Binding("escape", "back", N_("Back"), id="tariffs.back", tooltip=N_("Leave the filter, drop the marks")),
        Binding("r", "again", N_("Read again"), id="tariffs.again"),
    ]

    # ------------------------------------------------------------------ what is possible

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is hidden where it has no place or this person may not, and dim where it cannot be taken now."""
        if self.filtering:
            return action in ("back", "open")
        picture, row = self.picture, self.chosen
        if action == "again":
            return True
        if action == "back":
            return bool((picture is not None and picture.marked) or self.filter.display)
        if action == "filter":
            return True  # what is typed ahead is words, not keys
        if picture is None:
            return None
        if action == "step":
            return self._may_step(str(parameters[0]))
        if action in ("new", "take_in"):
            return picture.may_act and (EDITOR in self.app.places or None)
        if action in ("states", "unpriced"):
            return True
        if row is None:
            return None
        if action == "export":
            return row.document is not None or None
        if action in ("mark", "mark_all"):
            return picture.can_be_marked(row)
        if action == "version":
            return picture.may_act and ((row.document is not None and EDITOR in self.app.places) or None)
        if action == "impact":
            return (IMPACT in self.app.places and (bool(picture.marked) or row.document is not None)) or None
        if action == "open":
            return row.document is None or EDITOR in self.app.places or None
        return True

    def _may_step(self, step: str) -> bool | None:
        """Whether all that would take it are where it begins. Deleting is of one: drafts may build on each other."""
        picture, package = self.picture, self.package
        if picture is None or not picture.may_act:
            return False
        if not package or any(picture.state(row) not in STEPS[step] for row in package):
            return False
        if step == "delete":
            return (not self._busy and not picture.marked) or None
        if self._busy or any(row.document is None for row in package):
            return None
        return None if step == "approve" and all(map(picture.own, package)) else True

    # ------------------------------------------------------------------ going about

    def action_open(self) -> None:
        """The editor; a tariff that cannot be read is shown as it is stored."""
        if self.filtering:
            self.to_the_rows()
            return
        row = self.chosen
        if row is None:
            return
        if row.document is None:
            self.app.push_screen(JsonDialog(_("To look at only: {name}").format(name=row.name), as_stored(row)))
        else:
            self._go(EDITOR, row)

    def action_version(self) -> None:
        """Draft a successor of the chosen tariff."""
        if self.chosen is not None:
            self.edit(new_version(self.chosen))

    def action_new(self) -> None:
        """Draft a tariff from nothing."""
        self.edit(NewTariff())

    def edit(self, subject: NewTariff) -> None:
        """Open the editor on a new tariff."""
        self._go(EDITOR, subject)

    def action_impact(self) -> None:
        """Whom the chosen tariff hits, or all that are marked."""
        picture, row = self.picture, self.chosen
        if picture is None or row is None:
            return
        times = Counter(one.series for one in picture.package)
        rivals = sorted((one for one in picture.package if times[one.series] > 1), key=lambda one: series_name(one))
        if rivals:
            shown = [stored(f"{series_name(one)}: {one.name}, {days_of(one)}", 300) for one in rivals]
            self._read(
                _("These price the same contracts"), [*shown, words(_("Space leaves one of them out."), "$quiet")]
            )
        else:
            self._go(IMPACT, self.package)

    def _go(self, place: str, subject: Any) -> None:
        self._left = True
        self.app.go(place, subject)

    @work(exclusive=True, group="details")
    async def action_details(self) -> None:
        """All that is known of the tariff, with its history."""
        picture, row = self.picture, self.chosen
        if picture is None or row is None:
            return
        try:
            events = await self._ask.history(await self._session.database(), row.id)
        except SupraError as error:
            self.app.heard(error)
            self.app.explain(error)
            return
        if self.on_top:
            width = min(94, self.size.width - 6)
            self._read(row.name, details.in_full(picture, row, events, width))

    def action_unpriced(self) -> None:
        """Which tomas no tariff prices."""
        if self.picture is not None and not self.picture.unpriced:
            counted = bool(self.picture.register.population)
            self.app.notify(_("Every toma has a price.") if counted else _("The tomas are not counted yet."))
        elif self.picture is not None:
            self._read(_("Tomas that no tariff prices"), details.unpriced(self.picture))

    # ------------------------------------------------------------------ what is listed

    def action_states(self) -> None:
        """The next of the lists."""
        picture = self.picture
        if picture is not None:
            names = [one.name for one in FILTERS]
            self.list_those(names[(names.index(picture.shown) + 1) % len(names)])

    def list_those(self, name: str) -> None:
        """List the tariffs of one filter."""
        if self.picture is not None:
            self.picture = replace(self.picture, shown=name)

    def action_filter(self) -> None:
        """Type what the tariffs must have; other words take the place of those that are there."""
        super().action_filter()
        self.filter.action_select_all()

    def action_mark(self) -> None:
        """Mark the tariff, or leave it out again, and go on to the next."""
        picture, row = self.picture, self.chosen
        if picture is not None and row is not None:
            self.picture = replace(picture, marked=picture.marked ^ {row.id})
            self.table.action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark all listed in the state of the one under the cursor, as those of a whole price list; once more none."""
        picture, row = self.picture, self.chosen
        if picture is not None and row is not None:
            alike = _alike(picture, row)
            marked = picture.marked - alike if alike <= picture.marked else picture.marked | alike
            self.picture = replace(picture, marked=marked)

    def action_back(self) -> None:
        """Leave the filter; else drop the marks."""
        if self.filter.display:
            self.end_filter()
        elif self.picture is not None:
            self.picture = replace(self.picture, marked=frozenset())
