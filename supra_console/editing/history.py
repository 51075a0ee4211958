"""How does one get back to what a document was, and forward again?

A history is a value like the states it holds: every step gives a new one, so nothing that is shown can change behind
the screen's back. Steps about one topic (the keystrokes in one cell) are one step to undo.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")

LONGEST = 500
"""Steps that can be undone; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class History(Generic[S]):
    """A document's present state, with the ones before it and those that were undone.

    Attributes:
        present: the state as it is.
        past: the states before it, the oldest first.
        future: the states that were undone, the next to redo last.
        topic: what the last step was about; None for a step of its own.
    """

    present: S
    past: tuple[S, ...] = ()
    future: tuple[S, ...] = ()
    topic: Hashable = None

    def step(self, state: S, topic: Hashable = None) -> History[S]:
        """The history after one more step.

        Args:
            state: the new state; the same as the present one is no step.
            topic: a step with the topic of the one before, other than None, is undone together with it.
        """
        if state == self.present:
            return self
        if topic is not None and topic == self.topic and self.past:
            if state == self.past[-1]:  # typed and taken back
                return History(state, self.past[:-1])
            return History(state, self.past, (), topic)
        return History(state, (*self.past[1 - LONGEST :], self.present), (), topic)

    def undo(self) -> History[S]:
        """One step back; itself where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (*self.future, self.present))

    def redo(self) -> History[S]:
        """One step forward again; itself where nothing was undone."""
        if not self.future:
            return self
        return History(self.future[-1], (*self.past, self.present), self.future[:-1])

    def settled(self, state: S) -> History[S]:
        """The same history whose present is `state`: what was stored may be written otherwise than it was typed."""
        return History(state, self.past, self.future)
