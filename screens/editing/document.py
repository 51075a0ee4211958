"""What does an editor say of its document, so that the frame around it can do the rest?

`EditedDocument` is the editor's half of `EditorFrame`: the methods that raise NotImplementedError are the editor's to
write, the others may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.app import ComposeResult
from textual.content import Content

from screens.editing.dialogs import Comparison
from screens.widgets.frame import Frame
from supra_console.documents.wording import Loc
from supra_console.editing import local_drafts
from supra_console.editing.changes import Change, written
from supra_console.editing.history import History
from supra_console.editing.local_drafts import DraftNotKept
from supra_console.editing.merging import Absent, Value
from supra_console.editing.remarks import Remark
from supra_console.errors import StaleRow
from supra_console.i18n import _
from supra_console.jsonb import Json

if TYPE_CHECKING:
    from screens.session import Session
    from supra_console.identity import Identity

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Stored(Generic[S]):
    """A document as it is stored; `version` is None while it is not."""

    state: S
    version: int | None


class StaleDocument(StaleRow):
    """Somebody else changed the document meanwhile, or deleted it.

    Attributes:
        theirs: the document as it is stored now; None if it is gone.
    """

    def __init__(self, theirs: Stored[Any] | None) -> None:
        super().__init__()
        self.theirs = theirs


class EditedDocument(Frame[None], Generic[S]):
    """A document of one kind: how it is examined, compared, stored and shown.

    Attributes:
        draft_key: what the local draft is called; one document, within this utility on this server.
        stored: the document as it was read or last saved; None until `EditorFrame.begin`.
        remarks: what there is to say about the present state.
        read_only: why nothing can be changed, in words; empty where it can.
    """

    draft_key: str = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._history: History[S] | None = None
        self.stored: Stored[S] | None = None
        self.remarks: tuple[Remark, ...] = ()
        self.read_only = ""
        self._owner: Identity | None = None  # who opened it
        self._wanted = ""  # how the draft on this machine would be called if it were the only one
        self._key = ""  # how it is called
        self._before: Json = None  # the stored document as the draft keeps it
        self._busy = False  # from the question whether to save to the answer
        self._storing = False  # the server is asked to save
        self._leaving = False  # as soon as nothing is in front
        self._keeping = True  # the draft can be written
        self._offering = False  # what was left unsaved, and nobody said yet what becomes of it
        self._just_saved = False  # and nothing was done since
        self._key_state: object = None

    # ------------------------------------------------------------------ what the editor gives

    def compose_editor(self) -> ComposeResult:
        """The widgets between the heading and the remarks."""
        raise NotImplementedError

    def heading(self) -> Content:
        """What is edited, in a few words; the frame adds how it stands."""
        raise NotImplementedError

    def examine(self, state: S) -> tuple[Remark, ...]:
        """What there is to say about it, errors first; asked after each keystroke."""
        raise NotImplementedError

    def raw(self, state: S) -> Json:
        """All that was typed, for the local draft and for comparing field by field."""
        raise NotImplementedError

    def restore(self, raw: Json) -> S:
        """The state of a `raw`; any exception means that it is none."""
        raise NotImplementedError

    def changes(self, before: S, after: S) -> tuple[Change, ...]:
        """The fields in which two states differ."""
        raise NotImplementedError

    async def store(self, state: S, version: int | None) -> Stored[S]:
        """Save the state over `version`; None creates the document.

        Raises:
            StaleDocument: another version is stored; nothing was changed.
            SupraError: anything else; nothing was changed, or the error says otherwise.
        """
        raise NotImplementedError

    def show(self, state: S, remarks: tuple[Remark, ...]) -> None:
        """Paint it."""
        raise NotImplementedError

    def settle(self) -> None:
        """What is being typed is entered: nothing brings back what stood there before but undoing it."""

    def where(self, path: Loc) -> str:
        """A path into `raw` in words."""
        return ", ".join(str(step + 1) if isinstance(step, int) else step for step in path)

    def said(self, path: Loc, value: Value) -> str:
        """A value of `raw` in words, where two versions are compared; what is not there is not an empty one."""
        return _("(not there)") if isinstance(value, Absent) else written(value)

    def point_at(self, path: Loc) -> None:
        """Put the cursor where a remark is about; nothing, if the editor cannot."""

    def document(self, state: S) -> object:
        """What F4 shows as JSON; `raw`, unless the editor knows better."""
        return self.raw(state)

    def comparisons(self) -> Sequence[Comparison]:
        """What F3 shows, each under its title; what is stored against the present, unless the editor knows more."""
        return (Comparison(_("What is stored, and now"), self._changes()),)

    def worth_saving(self) -> bool:
        """Whether there is anything to save; an editor of new documents may want an untouched one saved."""
        return self.unsaved

    # ------------------------------------------------------------------ how it stands

    @property
    def state(self) -> S:
        """The present state."""
        if self._history is None:
            raise RuntimeError("asked for a state before begin()")
        return self._history.present

    @property
    def open(self) -> bool:
        """Whether the document was read."""
        return self._history is not None

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost but for the local draft."""
        return self._history is not None and self.stored is not None and self._history.present != self.stored.state

    def _changes(self) -> tuple[Change, ...]:
        return self.changes(self.stored.state, self.state) if self.stored is not None else ()

    # ------------------------------------------------------------------ the draft on this machine

    def _claim(self) -> None:
        """The key of the draft; another once a new document has a name of its own."""
        wanted = local_drafts.key_of(self._owner, self.draft_key)
        if wanted != self._wanted:
            if self._key:
                local_drafts.drop(self._key)
                local_drafts.release(self._key)
            self._wanted, self._key = wanted, local_drafts.claim(wanted)

    def _keep(self) -> None:
        """Write the draft; that it cannot be written is told once."""
        if not self.unsaved:
            local_drafts.drop(self._key)
            return
        version = self.stored.version if self.stored is not None else None
        try:
            local_drafts.save(self._key, self.raw(self.state), before=self._before, version=version)
        except DraftNotKept as error:
            if self._keeping:
                self.app.explain(error)
            self._keeping = False
        else:
            self._keeping = True
