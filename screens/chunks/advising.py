"""How does the advisor measure, candidate after candidate, while the screen goes on?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from screens.chunks.picture import Trying
from screens.chunks.showing import ChunksFrame
from supra_console.errors import SupraError

if TYPE_CHECKING:
    from queries.chunk_advisor import Advice, Trial


class AdvisingFrame(ChunksFrame):
    """The part of the screen that tries compression settings."""

    @dataclass
    class Tried(Message):
        """The advisor has measured a candidate."""

        trial: Trial

    @dataclass
    class Advised(Message):
        """The advisor is through, or could not go on."""

        advice: Advice | None
        error: SupraError | None = None

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
