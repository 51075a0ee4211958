"""Which account does this person mean?

One box to type in, and the accounts that match below it while one types. A newer keystroke
cancels the older statement on the server. The box keeps the focus; the arrows move in the table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.reactive import var
from textual.theme import Theme
from textual.timer import Timer
from textual.widgets import Input, Static

from screens.accounts import notices
from screens.widgets.field import Field
from screens.widgets.frame import Frame, once_laid_out
from screens.widgets.text import words
from supra_console.errors import ConnectionLost, StatementTimeout, SupraError, Unreachable
from supra_console.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from queries.accounts import Hit, SearchResult
    from screens.accounts.hits import HitsTable
    from screens.session import Link, Session

LIMIT = 50
LEAST = 3  # characters before a search begins by itself
DEBOUNCE = 0.12  # seconds without a key; between the keys of a quick typist no statement is begun
PATIENCE = 0.3  # seconds before the screen says that it is searching
SEEN_AFTER = 0.4  # seconds; Enter pressed sooner meant "search", not "open the first of these"
OPENS_AFTER = 0.7  # seconds without a key before a single exact hit opens by itself

Search = Callable[["Session", str, int], Awaitable["SearchResult"]]


async def search_accounts(session: Session, text: str, limit: int) -> SearchResult:
    """Ask the database; waits for the sign-in that may still be going on."""
    database = await session.database()
    from queries import accounts  # brings psycopg, which the first frame does not wait for

    return await accounts.search(database, text, limit)


# empty: nothing typed; short: too little to search; searching: asked, and slow to answer;
# answered: the hits are the answer to what is typed; failed: there is no answer.
Phase = Literal["empty", "short", "searching", "answered", "failed"]


class Answer(NamedTuple):
    """All the screen shows, at one moment.

    Attributes:
        text: what was searched.
        hits: best first; after a failure or while searching those of the text before.
        more: there are more than these.
        error: why there is no answer.
    """

    phase: Phase = "empty"
    text: str = ""
    hits: tuple[Hit, ...] = ()
    more: bool = False
    error: SupraError | None = None

    @property
    def single(self) -> Hit | None:
        """The account that a complete number names, if it names one and begins no other."""
        exact = [hit for hit in self.hits if hit.tier == 1]
        begins_another = any(hit.tier == 2 for hit in self.hits)
        return exact[0] if len(exact) == 1 and not begins_another and not self.more else None


class LookupScreen(Frame[None]):
    """Find an account by anything the customer can say."""

    CSS_PATH = "lookup.tcss"
    TITLE = N_("Find an account")
    HELP = N_("""\
Type anything the customer gives you. The box always has the keyboard; results follow the typing.

- **Numbers**: contract, toma, meter serial, RFC, CURP, telephone, e-mail, invoice, payment. The
  whole number, or its beginning. One that names a single account opens it when you pause.
- **Words** of names and addresses, in any order, without accents: `garcia lopez juriquilla`.
- **Spelling** need not be right: `garsia` finds García, marked with ≈.

The last column says why an account is there: `=` the very number, `…` its beginning, `≈` spelt
alike. The two lines at the bottom show all of the account under the cursor.

Opening an account is recorded. What you type is not kept.
""")
    BINDINGS: ClassVar = [
        Binding("up", "move('cursor_up')", N_("Move"), id="lookup.up", group=Binding.Group(N_("Move"))),
        Binding("down", "move('cursor_down')", N_("Move"), id="lookup.down", group=Binding.Group(N_("Move"))),
        Binding("enter", "enter", N_("Open"), id="lookup.open", tooltip=N_("Open the account; search at once")),
        Binding("escape", "clear", N_("Clear"), id="lookup.clear"),
        Binding("pageup", "move('page_up')", N_("Page up"), show=False, id="lookup.page_up"),
        Binding("pagedown", "move('page_down')", N_("Page down"), show=False, id="lookup.page_down"),
        Binding("ctrl+home", "move('first')", N_("First account"), show=False, id="lookup.first"),
        Binding("ctrl+end", "move('last')", N_("Last account"), show=False, id="lookup.last"),
    ]
    AUTO_FOCUS = "#box"

    answer: var[Answer] = var(Answer(), init=False)

    class Answered(Message):
        """The database's answer."""

        def __init__(self, text: str, result: SearchResult) -> None:
            super().__init__()
            self.text = text
            self.result = result

    class Failed(Message):
        """The database's refusal, or the line's."""

        def __init__(self, text: str, error: SupraError) -> None:
            super().__init__()
            self.text = text
            self.error = error

    class Waiting(Message):
        """The answer is slow to come."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, session: Session, search: Search = search_accounts) -> None:
        super().__init__()
        self._session = session
        self._search = search
        self._prepared = False
        self._table: HitsTable | None = None
        self._asked = ""  # what is being asked now,
        self._begun = False  # whether its statement is on the way already,
        self._entered = False  # and whether Enter was pressed for it
        self._seen_since = -inf
        self._opening: Timer | None = None
        self._opened = False

    # ------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        box = Field(id="box", placeholder=_("contract, meter, RFC, telephone, name, street …"))
        box.compact = False
        box.border_title = words(_("Find an account"))
        yield box
        yield Static(notices.empty(), id="notice")
        yield Static(id="summary")

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._redraw)
        # The table is made once somebody is signed in; before that it would only keep them waiting.
        self.watch(self.app, "link", self._linked)

    def _linked(self, link: Link) -> None:
        if link.identity is not None and not self._prepared:
            self._prepared = True
            once_laid_out(self, self._make_table)

    async def _make_table(self) -> None:
        from screens.accounts.hits import HitsTable

        table = HitsTable()
        table.display = bool(self.answer.hits)
        await self.mount(table, after="#notice")
        self._table = table
        if self.answer.hits:
            self.watch_answer(Answer(), self.answer)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self._table is not None and self.answer.hits:
            self._table.again()

    def _redraw(self, theme: Theme) -> None:
        if self._table is not None and self.answer.hits:
            self._table.again()

    # ------------------------------------------------------------------ typing

    @property
    def box(self) -> Field:
        """Where one types."""
        return self.query_one("#box", Field)

    @property
    def typed(self) -> str:
        """What stands in the box, with single spaces."""
        return " ".join(self.box.value.split())

    @on(Input.Changed, "#box")
    def _changed(self) -> None:
        self._stop_opening()
        text = self.typed
        if text and text == self._asked:
            return  # a space more or less is the same question
        answered = text == self.answer.text and self.answer.phase == "answered"
        if answered or len(text) < LEAST:
            self._stop_asking()
        if not text:
            self.answer = Answer()
        elif len(text) < LEAST and not answered:
            self.answer = Answer("short")
        elif not answered:
            self._ask(text, delay=DEBOUNCE)

    def on_key(self, event: events.Key) -> None:
        """Typing goes to the box, wherever the focus is."""
        if event.is_printable and not self.box.has_focus:
            self.box.focus()
            self.box.take(event)

    def action_enter(self) -> None:
        """Open the account under the cursor; or, while its answer is not there yet, ask at once."""
        self._stop_opening()
        text = self.typed
        if not text:
            return
        hit = self._table.row if self._table is not None else None
        if text == self.answer.text and self.answer.phase == "answered" and hit is not None:
            if len(self.answer.hits) == 1 or monotonic() - self._seen_since >= SEEN_AFTER:
                self._open(hit)
        elif text == self._asked and self._begun:
            self._entered = True
        else:
            self._ask(text, entered=True)

    def action_clear(self) -> None:
        """Empty the box, and with it the table."""
        self.box.value = ""

    def action_move(self, way: str) -> None:
        """Move the cursor of the table while the box keeps the focus."""
        self._stop_opening()
        self._seen_since = -inf  # whoever moves has seen them
        if self._table is not None:
            getattr(self._table, f"action_{way}")()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without accounts there is nothing to move in, and without text nothing to clear."""
        if action == "move":
            return bool(self.answer.hits) or None
        if action in {"enter", "clear"}:
            # Enter asks at once, so it may not wait for the first answer to what is typed.
            return bool(self.typed) or self.answer.phase != "empty" or None
        return True

    # ------------------------------------------------------------------ asking

    def _ask(self, text: str, *, delay: float = 0.0, entered: bool = False) -> None:
        self._asked, self._begun, self._entered = text, False, entered
        self.search(text, delay)

    def _stop_asking(self) -> None:
        self._asked = ""
        self.workers.cancel_group(self, "search")

    @work(exclusive=True, group="search")
    async def search(self, text: str, delay: float = 0.0) -> None:
        """Ask the database; a newer question cancels this one, on the server too."""
        if delay:
            await asyncio.sleep(delay)
        self._begun = True
        slow = self.set_timer(PATIENCE, lambda: self.post_message(self.Waiting(text)))
        try:
            result = await self._search(self._session, text, LIMIT)
        except SupraError as error:
            self.post_message(self.Failed(text, error))
        else:
            self.post_message(self.Answered(text, result))
        finally:
            slow.stop()

    @on(Waiting)
    def _waiting(self, message: Waiting) -> None:
        if message.text == self.typed:
            self.answer = self.answer._replace(phase="searching")

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        self.app.heard()
        if message.text != self.typed:
            return
        self._asked = ""
        self.answer = Answer("answered", message.text, message.result.hits, message.result.more)
        self._seen_since = monotonic()
        single = self.answer.single
        if single is not None and self._entered:
            self._open(single)
        elif single is not None:
            self._opening = self.set_timer(OPENS_AFTER, lambda: self._open(single))
            self.box.border_subtitle = words(_("1 account, opens by itself …"))

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.app.heard(message.error)
        if message.text == self.typed:
            self._asked = ""
            passing = isinstance(message.error, ConnectionLost | Unreachable | StatementTimeout)
            hits = self.answer.hits if passing else ()
            self.answer = Answer("failed", message.text, hits, self.answer.more, message.error)

    # ------------------------------------------------------------------ showing

    def watch_answer(self, before: Answer, answer: Answer) -> None:
        """The one place where the screen changes."""
        with self.app.batch_update():
            self.box.border_subtitle = words(self._status(answer))
            self.box.set_class(answer.phase == "failed", "-failed")
            self._notice(answer)
            if self._table is not None and (answer.hits is not before.hits or answer.phase != before.phase):
                self._table.show(answer.hits, answer.text, stale=answer.phase == "failed")
                self._table.display = bool(answer.hits)
            self._summarize()
        could, can = before.phase != "empty", answer.phase != "empty"
        if (bool(before.hits), could) != (bool(answer.hits), can):
            self.refresh_bindings()

    @staticmethod
    def _status(answer: Answer) -> str:
        if answer.phase == "searching":
            return _("searching …")
        if answer.phase == "failed":
            return _("these are from before") if answer.hits else ""
        count = len(answer.hits)
        if answer.more:
            return _("{count} of more than {count}").format(count=count)
        return ngettext("{count} account", "{count} accounts", count).format(count=count) if count else ""

    def _notice(self, answer: Answer) -> None:
        notice = self.query_one("#notice", Static)
        # One by one: a class of the screen's would have every widget's style looked up again.
        notice.display = not answer.hits or answer.phase == "failed"
        notice.set_class(bool(answer.hits), "-above")
        if answer.error is not None:
            notice.update(notices.failed(answer.error))
        elif answer.phase == "empty":
            notice.update(notices.empty())
        elif answer.phase == "short":
            notice.update(notices.too_short(LEAST))
        elif answer.phase == "answered" and not answer.hits:
            notice.update(notices.nothing(answer.text))

    def _summarize(self) -> None:
        from screens.accounts.hits import summary

        hit = self._table.row if self._table is not None else None
        line = self.query_one("#summary", Static)
        line.display = hit is not None
        line.update(summary(hit, self.size.width - 2) if hit is not None else words(""))

    def on_line_table_highlighted(self) -> None:
        self._summarize()

    def on_line_table_selected(self) -> None:
        """A click on the account the cursor is on."""
        self.action_enter()

    # ------------------------------------------------------------------ opening

    def _stop_opening(self) -> None:
        if self._opening is not None:
            self._opening.stop()
            self._opening = None
            self.box.border_subtitle = words(self._status(self.answer))

    def _open(self, hit: Hit) -> None:
        self._stop_opening()
        if self.app.screen is self:
            self._opened = True
            self.app.go("account", hit.contract_id)

    def on_screen_resume(self) -> None:
        """Back from an account: the next thing typed replaces what was searched."""
        if self._opened:
            self._opened = False
            self.box.select_all()
