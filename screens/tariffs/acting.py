"""What happens on the way of tariffs into force: ask first, do it, say how it went, read again?

A step is taken by all that are marked, together or not at all, and by the one under the cursor where none is. Writes
are never cancelled by another question; while one is going on no other begins. Where somebody else was faster that is
said, the list is read again, and nothing was changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, on, work
from textual.content import Content
from textual.message import Message

from screens.tariffs import questions, several
from screens.tariffs.asking import Package
from screens.tariffs.picture import Picture
from screens.tariffs.showing import TariffsFrame
from screens.tariffs.wording import days_of, series_name
from screens.widgets.choices import Choices
from screens.widgets.dialogs import ConfirmDialog, FieldsDialog, Question, Statements
from screens.widgets.frame import once_laid_out
from screens.widgets.text import stored, words
from supra_console.editing.remarks import Weight
from supra_console.errors import SupraError
from supra_console.formats import number
from supra_console.i18n import N_, _
from supra_console.tariffs.register import TariffRow

if TYPE_CHECKING:
    from queries.tariff_refusals import Refusal
    from supra_console.database import Database

T = TypeVar("T")


FOLLOWED = ("submit", "approve")
"""Steps after which the same tariffs, still marked, are to take another."""


class StepDialog(ConfirmDialog):
    """What a step of a tariff means; Esc, and Enter at once, do nothing."""

    TITLE = N_("Before a tariff takes its next step")
    HELP = N_("""\
What this step does, and what there is to know before it. **Nothing has happened yet.**

- Enter on *Cancel*, or Esc, leaves everything as it is.
- ↓ goes to the line that does it. Where it cannot be taken back, the word or number shown is to be **typed**;
  pasted text does not confirm.
- PgUp and PgDn move in the list, where there is one: invoices that were issued under the old price, what the rules
  remark, or the tariffs that take the step together. Of those, the ones with a warning (`!`, `‼`) come first.
""")

    _too_long = False

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        once_laid_out(self, self._fit)

    def _fit(self) -> None:
        """The list gives way: what can be chosen is always in sight. Where it cannot, all of it is one long text."""
        table, facts, dialog = self.query_one(Statements), self.query_one("#facts"), self.query_one(".dialog")
        around = 8  # the strip, the bar, the frame, the two choices, and the air between them
        room = self.size.height - around - facts.size.height
        self._too_long = room < (3 if table.display else 0)
        height = table.row_count + 1 if self._too_long else max(3, min(9, table.row_count + 1, room))
        table.styles.height = table.styles.max_height = height
        dialog.styles.overflow_y = "auto" if self._too_long else "hidden"
        if self._too_long:
            self.call_after_refresh(dialog.scroll_home, animate=False)
        if self._too_long or table.row_count >= height:
            more = _("PgUp PgDn read on") + " · " + _("nothing has happened yet")
            dialog.border_subtitle = words(more)

    def action_move(self, way: str) -> None:
        super().action_move(way)
        if self._too_long:
            self.query_one(Choices).scroll_visible(animate=False)

    def action_read(self, way: str) -> None:
        if self._too_long:
            getattr(self.query_one(".dialog"), f"scroll_{way}")(animate=False)
        else:
            super().action_read(way)


class ActingFrame(TariffsFrame):
    """The part of the screen that brings tariffs into force, or back."""

    @dataclass
    class Acted(Message):
        """Something was done, or refused."""

        text: str = ""
        error: SupraError | None = None
        package: Package = ()

    STEPS: ClassVar = ("submit", "send_back", "approve", "activate", "withdraw", "delete")
    _busy = False

    @property
    def package(self) -> Package:
        """What takes the next step: all that are marked, else the tariff under the cursor."""
        marked = self.picture.package if self.picture is not None else ()
        return marked or ((self.chosen,) if self.chosen is not None else ())

    def action_step(self, step: str) -> None:
        """Take the marked tariffs one step on, or the one under the cursor."""
        if self.package and step in self.STEPS:
            self.take(step, self.package)

    @work(group="act")
    async def take(self, step: str, package: Package) -> None:
        """Ask what the step needs, and do it."""
        if self._busy or self.picture is None:
            return
        self._busy = True
        try:
            text = await getattr(self, f"_{step}")(self.picture, package)
        except SupraError as error:
            self.post_message(self.Acted(error=error, package=package))
        else:
            if text:
                self.post_message(self.Acted(text, package=package if step in FOLLOWED else ()))
        finally:
            self._busy = False

    # ------------------------------------------------------------------ the steps; each gives what is told afterwards

    async def _submit(self, picture: Picture, package: Package) -> str:
        remarks = {row.id: self._ask.examine(picture.register, row) for row in package}
        errors = {one: [remark for remark in said if remark.weight is Weight.ERROR] for one, said in remarks.items()}
        if any(errors.values()):
            first, *others = package
            shown = several.faults(package, errors) if others else questions.faults(errors[first.id])
            self._read(_("This must be mended before it can be submitted"), shown)
            return ""
        question = _asked(
            package,
            lambda row: questions.about_submission(picture, row, remarks[row.id]),
            lambda: several.about_submission(picture, package, remarks),
        )
        done = await self._agreed(question, lambda db: self._ask.submit(db, package))
        return _told(package, _("Submitted for review."), _("{n} tariffs submitted for review.")) if done else ""

    async def _send_back(self, _picture: Picture, package: Package) -> str:
        text = _("They become drafts again. Their drafters read your reason in their history.")
        about = _asked(package, questions.about_return, lambda: several.above_fields(package, text))
        typed = await self._typed(_("Send back"), about, [(_("Why"), "")], questions.fault_of_reason)
        if typed is None:
            return ""
        reason = typed[0].strip()
        if len(package) == 1:
            await self._ask.send_back(await self._session.database(), package, reason)
            return _("Sent back: it is a draft again.")
        question = several.about_return(package, reason)
        done = await self._agreed(question, lambda db: self._ask.send_back(db, package, reason))
        return _told(package, "", _("{n} tariffs sent back: they are drafts again.")) if done else ""

    async def _approve(self, picture: Picture, package: Package) -> str:
        mine = [row for row in package if picture.own(row)]
        if mine:
            self._read(_("Somebody else approves these"), several.own(package, mine))
            return ""
        today = picture.register.today
        text = _("The day of the council's resolution, and who resolved it.")
        about = _asked(package, lambda _row: words(text, "$quiet"), lambda: several.above_fields(package, text))
        # Neither today nor the one who signs is proposed: the record is of the resolution, which was another day's.
        fields = [(_("Resolved on, as 2026-02-16"), ""), (_("Resolved by"), picture.resolver)]
        typed = await self._typed(_("Approve"), about, fields, partial(questions.fault_of_approval, today=today))
        resolved_on = questions.read_day(typed[0]) if typed else None
        if typed is None or resolved_on is None:
            return ""
        by = typed[1].strip()
        question = _asked(
            package,
            lambda row: questions.about_approval(picture, row, resolved_on, by),
            lambda: several.about_approval(package, resolved_on, by),
        )
        done = await self._agreed(question, lambda db: self._ask.approve(db, package, resolved_on, by))
        next_one, next_all = _("Approved. Next: put it in force (F)."), _("{n} tariffs approved.")
        return _told(package, next_one, next_all) if done else ""

    async def _activate(self, picture: Picture, package: Package) -> str:
        ready = await self._ask.readiness(await self._session.database(), package)
        found = {row.id: one for row, one in zip(package, ready, strict=True)}
        if any(map(questions.stops, ready)):
            shown = _asked(
                package,
                lambda row: questions.missing(row, found[row.id]),
                lambda: several.missing(package, found),
            )
            self._read(_("What is missing before it can be put in force"), shown)
            return ""
        # Of one tariff its own reference is shown, and may be typed over; of several none is ever written over.
        unpublished = package if len(package) == 1 else several.without_gazette(package)
        gazette = ""
        if unpublished:
            text = _("Where it was published, such as La Sombra de Arteaga, P.O. No. 84, 2026.")
            about = _asked(package, lambda _row: words(text, "$quiet"), lambda: several.above_fields(unpublished, text))
            fields = [(_("Gazette reference"), unpublished[0].gazette_reference or "" if len(package) == 1 else "")]
            typed = await self._typed(_("Put in force"), about, fields, questions.fault_of_gazette)
            if typed is None:
                return ""
            gazette = typed[0].strip()
        question = _asked(
            package,
            lambda row: questions.about_activation(picture, row, gazette, found[row.id]),
            lambda: several.about_activation(picture, package, gazette, found),
        )
        gazettes = {row.id: gazette for row in unpublished}
        seen = {one: ready.issued.count for one, ready in found.items() if ready.issued.count}
        done = await self._agreed(question, lambda db: self._ask.activate(db, package, gazettes, seen))
        return _told(package, _("It is activated."), _("{n} tariffs are activated.")) if done else ""

    async def _withdraw(self, picture: Picture, package: Package) -> str:
        text = _("They become drafts again. Their drafters read your reason in their history.")
        about = _asked(package, questions.about_return, lambda: several.above_fields(package, text))
        typed = await self._typed(_("Withdraw"), about, [(_("Why"), "")], questions.fault_of_reason)
        if typed is None:
            return ""
        reason = typed[0].strip()
        question = _asked(
            package,
            lambda row: questions.about_withdrawal(picture, row, reason),
            lambda: several.about_withdrawal(picture, package, reason),
        )
        done = await self._agreed(question, lambda db: self._ask.withdraw(db, package, reason))
        text_of_all = _("{n} tariffs withdrawn: they are drafts again.")
        return _told(package, _("Withdrawn: it is a draft again."), text_of_all) if done else ""

    async def _delete(self, picture: Picture, package: Package) -> str:
        (row,) = package
        question = questions.about_deletion(picture, row)
        done = await self._agreed(question, lambda db: self._ask.delete(db, row.id, row.version))
        return _("Deleted.") if done else ""

    # ------------------------------------------------------------------ asking

    async def _agreed(self, question: Question, do: Callable[[Database], Awaitable[object]]) -> bool:
        """Show what the step means, and if that is agreed to do it."""
        if not await self.app.push_screen_wait(StepDialog(question)):
            return False
        await do(await self._session.database())
        return True

    async def _typed(
        self,
        title: str,
        about: Content,
        fields: Sequence[tuple[str, str]],
        fault: Callable[[tuple[str, ...]], str],
    ) -> tuple[str, ...] | None:
        return await self.app.push_screen_wait(FieldsDialog(title, about, fields, fault))

    # ------------------------------------------------------------------ telling

    @on(Acted)
    def _acted(self, message: Acted) -> None:
        error = message.error
        self.app.heard(error)
        others: Sequence[TariffRow] = getattr(error, "others", ())
        refusals: Sequence[Refusal] = getattr(error, "refusals", ())
        if error is not None and refusals:
            self._read(error.title, several.refused(message.package, refusals))
        elif error is not None and others:
            shown = [stored(error.title, 200, "bold"), stored(error.advice, 300), words("")]
            shown += [stored(f"‼ {one.name}: {series_name(one)}, {days_of(one)}", 300, "$error") for one in others]
            self._read(_("Days of another tariff"), shown)
        elif error is not None:
            self.app.explain(error)
        else:
            self.app.notify(message.text)
            self._followed = frozenset(row.id for row in message.package)
            if self.picture is not None and not message.package:
                self.picture = replace(self.picture, marked=frozenset())
        self.action_again()


def _asked(package: Package, of_one: Callable[[TariffRow], T], of_several: Callable[[], T]) -> T:
    """What is said of a single tariff, or of several."""
    return of_one(package[0]) if len(package) == 1 else of_several()


def _told(package: Package, of_one: str, of_several: str) -> str:
    return of_one if len(package) == 1 else of_several.format(n=number(len(package)))
