"""What happens on the way of a tariff into force: ask first, do it, say how it went, read again?

Writes are never cancelled by another question; while one is going on no other begins. Where somebody else was faster
that is said, the list is read again, and nothing was changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.content import Content
from textual.message import Message

from screens.tariffs import questions
from screens.tariffs.showing import TariffsFrame
from screens.tariffs.wording import days_of, series_name
from screens.widgets.dialogs import ConfirmDialog, FieldsDialog, Question, Statements, TextDialog
from screens.widgets.frame import once_laid_out
from screens.widgets.text import lines, stored, words
from supra_console.editing.remarks import Weight
from supra_console.errors import SupraError
from supra_console.i18n import N_, _
from supra_console.tariffs.register import TariffRow

if TYPE_CHECKING:
    from supra_console.database import Database


class StepDialog(ConfirmDialog):
    """What a step of a tariff means; Esc, and Enter at once, do nothing."""

    TITLE = N_("Before a tariff takes its next step")
    HELP = N_("""\
What this step does, and what there is to know before it. **Nothing has happened yet.**

- Enter on *Cancel*, or Esc, leaves everything as it is.
- ↓ goes to the line that does it. Where it cannot be taken back, the word or number shown is to be **typed**;
  pasted text does not confirm.
- PgUp and PgDn move in the list, where there is one: invoices that were issued under the old price, or what the rules
  remark.
""")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        once_laid_out(self, self._fit)

    def _fit(self) -> None:
        """The list gives way: what can be chosen is always in sight."""
        table, facts = self.query_one(Statements), self.query_one("#facts")
        around = 8  # the strip, the bar, the frame, the two choices, and the air between them
        room = self.size.height - around - facts.size.height
        table.styles.height = max(3, min(9, table.row_count + 1, room))


class ActingFrame(TariffsFrame):
    """The part of the screen that brings tariffs into force, or back."""

    @dataclass
    class Acted(Message):
        """Something was done, or refused."""

        text: str = ""
        error: SupraError | None = None

    STEPS: ClassVar = ("submit", "send_back", "approve", "activate", "withdraw", "delete")
    _busy = False

    def action_step(self, step: str) -> None:
        """Take the tariff under the cursor one step on."""
        if self.chosen is not None and step in self.STEPS:
            self.take(step, self.chosen)

    @work(group="act")
    async def take(self, step: str, row: TariffRow) -> None:
        """Ask what the step needs, and do it."""
        if self._busy or self.picture is None:
            return
        self._busy = True
        try:
            text = await getattr(self, f"_{step}")(row)
        except SupraError as error:
            self.post_message(self.Acted(error=error))
        else:
            if text:
                self.post_message(self.Acted(text))
        finally:
            self._busy = False

    # ------------------------------------------------------------------ the steps; each gives what is told afterwards

    async def _submit(self, row: TariffRow) -> str:
        assert self.picture is not None  # noqa: S101 - take() has looked
        remarks = self._ask.examine(self.picture.register, row)
        errors = [remark for remark in remarks if remark.weight is Weight.ERROR]
        if errors:
            shown = [stored(f"‼ {remark}", 300, "$error") for remark in errors]
            self._read(_("This must be mended before it can be submitted"), shown)
            return ""
        question = questions.about_submission(self.picture, row, remarks)
        done = await self._agreed(question, lambda db: self._ask.submit(db, row.id, row.version))
        return _("Submitted for review.") if done else ""

    async def _send_back(self, row: TariffRow) -> str:
        about = questions.about_return(row)
        typed = await self._typed(_("Send back"), about, [(_("Why"), "")], questions.fault_of_reason)
        if typed is None:
            return ""
        await self._ask.send_back(await self._session.database(), row.id, row.version, typed[0].strip())
        return _("Sent back: it is a draft again.")

    async def _approve(self, row: TariffRow) -> str:
        picture, identity = self.picture, self._session.identity
        assert picture is not None  # noqa: S101 - take() has looked
        today = picture.register.today
        about = words(_("The day of the council's resolution, and who resolved it."), "$quiet")
        fields = [
            # Today's day would approve a tariff that has begun for nothing: it was resolved before.
            (_("Resolved on, as 2026-02-16"), today.isoformat() if today <= row.effective_from else ""),
            (_("Resolved by"), identity.name if identity is not None else ""),
        ]
        typed = await self._typed(_("Approve"), about, fields, partial(questions.fault_of_approval, today=today))
        resolved_on = questions.read_day(typed[0]) if typed else None
        if typed is None or resolved_on is None:
            return ""
        by = typed[1].strip()
        done = await self._agreed(
            questions.about_approval(picture, row, resolved_on, by),
            lambda db: self._ask.approve(db, row.id, row.version, resolved_on, by),
        )
        return _("Approved. Next: put it in force (F).") if done else ""

    async def _activate(self, row: TariffRow) -> str:
        picture = self.picture
        assert picture is not None  # noqa: S101 - take() has looked
        found = await self._ask.readiness(await self._session.database(), row)
        if questions.stops(found):
            self._read(_("What is missing before it can be put in force"), questions.missing(row, found))
            return ""
        about = words(_("Where it was published, such as La Sombra de Arteaga, P.O. No. 84, 2026."), "$quiet")
        fields = [(_("Gazette reference"), row.gazette_reference or "")]
        typed = await self._typed(_("Put in force"), about, fields, questions.fault_of_gazette)
        if typed is None:
            return ""
        gazette = typed[0].strip()
        done = await self._agreed(
            questions.about_activation(picture, row, gazette, found),
            lambda db: self._ask.activate(db, row.id, row.version, gazette, found.issued.count or None),
        )
        return _("It is activated.") if done else ""

    async def _withdraw(self, row: TariffRow) -> str:
        picture = self.picture
        assert picture is not None  # noqa: S101 - take() has looked
        about = questions.about_return(row)
        typed = await self._typed(_("Withdraw"), about, [(_("Why"), "")], questions.fault_of_reason)
        if typed is None:
            return ""
        reason = typed[0].strip()
        done = await self._agreed(
            questions.about_withdrawal(picture, row, reason),
            lambda db: self._ask.withdraw(db, row.id, row.version, reason),
        )
        return _("Withdrawn: it is a draft again.") if done else ""

    async def _delete(self, row: TariffRow) -> str:
        assert self.picture is not None  # noqa: S101 - take() has looked
        question = questions.about_deletion(self.picture, row)
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

    def _read(self, title: str, shown: Sequence[Content]) -> None:
        self.app.push_screen(TextDialog(title, lines(shown), _("↑↓ to read on, Esc to close")))

    # ------------------------------------------------------------------ telling

    @on(Acted)
    def _acted(self, message: Acted) -> None:
        error = message.error
        self.app.heard(error)
        others: Sequence[TariffRow] = getattr(error, "others", ())
        if error is not None and others:
            shown = [stored(error.title, 200, "bold"), stored(error.advice, 300), words("")]
            shown += [stored(f"‼ {one.name}: {series_name(one)}, {days_of(one)}", 300, "$error") for one in others]
            self._read(_("Days of another tariff"), shown)
        elif error is not None:
            self.app.explain(error)
        else:
            self.app.notify(message.text)
        self.action_again()
