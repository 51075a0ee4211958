"""What is there to know about this account?

The head says at a glance whose it is and whether anything is wrong; the numbers 1 to 8 open the sections below it.
Opening an account, coming back to it by R, and opening a neighbour are views like any other: written down before
anything is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Protocol, cast
from uuid import UUID

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from queries.account_records import Account, Invoice
from screens.accounts.head import AccountHead
from screens.accounts.sections import SECTIONS
from screens.accounts.tables import SectionTable
from screens.palette import Command, Provider
from screens.widgets.frame import once_laid_out
from screens.widgets.number_strip import NumberStrip
from screens.widgets.numbered_views import NumberedViews, view_keys
from screens.widgets.text import lines, stored, words
from supra_console import formats
from supra_console.errors import SupraError
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.session import Session
    from supra_console.database import Database

LOW = 20
"""Below so many lines the table takes those that show a row in full."""
_WITH_ROWS_TO_OPEN = ("debt", "invoices", "payments", "neighbours")


class AccountQueries(Protocol):
    """What the screen asks; `queries.details` is it."""

    async def open_account(self, db: Database, contract_id: UUID) -> Account:
        """Record the view, then read the account."""
        ...

    async def read_invoice(self, db: Database, contract_id: UUID, invoice_id: UUID) -> Invoice | None:
        """Read an older invoice of the account."""
        ...

    async def record_copy(self, db: Database, contract_id: UUID, what: Sequence[str]) -> None:
        """Record that something is copied."""
        ...


class AccountCommands(Provider):
    """What the palette offers on an account."""

    def now(self) -> Iterator[Command]:
        screen = self.screen
        if not isinstance(screen, DetailsScreen) or screen.account is None:
            return
        for title, opens in screen.other_views():
            yield Command(_("Account: {section}").format(section=title), opens)
        yield Command(_("Account: copy to the clipboard"), screen.action_copy, _("it is recorded"))
        yield Command(_("Account: read again"), screen.action_again, _("it is recorded as another view"))


class DetailsScreen(NumberedViews):
    """One account: holder, contract, toma and meter, and eight sections about it."""

    CSS_PATH = "details.tcss"
    TITLE = N_("Account")
    AUTO_FOCUS = "#rows"
    HELP = N_("""\
The lines at the top say **whose** account it is and **whether anything is wrong**: the contract's and
the toma's status, the last reading, and the debt with the age of its oldest invoice.

- **1 to 8** (or ← →) open a section; ↑↓ move in it.
- **Readings**: a bar for each consumption; `!` names an anomaly, a hatched bar was estimated.
- **Debt**: what is owed by age, part payments counted. The due date itself is not late.
- **Invoices**: Enter shows the lines and the tariff blocks that made them.
- **Nearby**: tomas within 500 m; Enter opens that account.
- **C** copies one thing to the clipboard.

*Every view and every copy is recorded* with your name before anything is shown.
""")
    PROVIDERS: ClassVar = (AccountCommands,)
    BINDINGS: ClassVar = [
        Binding("escape", "back", N_("Back"), id="account.back", tooltip=N_("Back to where you came from")),
        *view_keys(
            "account",
            [section.title for section in SECTIONS],
            part="section",
            several=N_("Sections"),
            before=N_("Section before"),
            after=N_("Next section"),
        ),
        Binding(
            "enter",
            "open",
            N_("Open"),
            id="account.open",
            tooltip=N_("Open the invoice or the neighbour"),
            priority=True,
        ),
        Binding(
            "c", "copy", N_("Copy"), id="account.copy", tooltip=N_("Copy one thing to the clipboard; it is recorded")
        ),
        Binding(
            "r", "again", N_("Read again"), id="account.again", tooltip=N_("Read the account again; it is recorded")
        ),
    ]

    VIEW_TITLES = tuple(section.title for section in SECTIONS)
    account: var[Account | None] = var(None, init=False)

    @dataclass
    class Loaded(Message):
        """The account was read, after its view was recorded."""

        account: Account

    @dataclass
    class LoadFailed(Message):
        """Nothing may be shown; the error says why."""

        error: SupraError

    @dataclass
    class InvoiceFetched(Message):
        """An older invoice was read, or why not."""

        invoice: Invoice | None
        error: SupraError | None = None

    @dataclass
    class Copied(Message):
        """The copy is recorded; the text may go to the clipboard."""

        title: str
        text: str

    def __init__(self, session: Session, contract_id: UUID, queries: AccountQueries | None = None) -> None:
        super().__init__()
        self._session = session
        self._contract_id = contract_id
        self._queries = queries
        self._loading = False

    # ------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield AccountHead()
        yield NumberStrip(self.VIEW_TITLES)
        yield Static(id="note")
        yield SectionTable()
        yield Static(id="row")

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._show_section(keep_cursor=True))
        self.action_again()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height < LOW, "-low")
        # The bars and the column that takes the rest are as wide as the screen.
        once_laid_out(self, partial(self._show_section, keep_cursor=True))

    # ------------------------------------------------------------------ loading

    def action_again(self) -> None:
        """Read the account (again)."""
        if self._loading:
            return
        self._loading = True
        if self.account is None:
            self.query_one(AccountHead).notice = words(_("Opening the account …"), "$quiet")
        self.load()

    @work(exclusive=True, group="account", exit_on_error=False)
    async def load(self) -> None:
        """Record the view, read the account, and say how it went."""
        try:
            database = await self._session.database()
            # Babel comes up while the server answers.
            account, _locale = await asyncio.gather(
                self._ask.open_account(database, self._contract_id), asyncio.to_thread(formats.locale)
            )
        except SupraError as error:
            self.post_message(self.LoadFailed(error))
        else:
            self.post_message(self.Loaded(account))

    @property
    def _ask(self) -> AccountQueries:
        if self._queries is None:
            from queries import details

            self._queries = cast("AccountQueries", details)
        return self._queries

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self._loading = False
        self.app.heard()
        self.account = message.account

    @on(LoadFailed)
    def _load_failed(self, message: LoadFailed) -> None:
        self._loading = False
        error = message.error
        self.app.heard(error)
        if self.account is not None:
            # What is on the screen was recorded when it came; it stays as it was.
            self.app.explain(error)
            return
        self.query_one(AccountHead).notice = lines(
            [
                words("✗ ", "bold $error") + stored(error.title, 200, "bold $error") + words(error.code, "$error"),
                stored(error.advice, 300),
                words(""),
                words(_("R tries again, Esc goes back."), "$quiet"),
            ]
        )

    # ------------------------------------------------------------------ showing

    def watch_account(self, account: Account | None) -> None:
        self.query_one(AccountHead).account = account
        self.query_one(NumberStrip).failed = frozenset(
            place for place, section in enumerate(SECTIONS) if account is not None and section.failed(account)
        )
        self._show_section(keep_cursor=True)
        self.refresh_bindings()

    def watch_place(self) -> None:
        self._show_section()
        self.refresh_bindings()

    def _show_section(self, keep_cursor: bool = False) -> None:
        rows, note = self.query_one(SectionTable), self.query_one("#note", Static)
        if self.account is None:
            rows.empty()
            note.update(words(""))
            return
        table = SECTIONS[self.place].table(self.account, self.size.width - 1)
        note.set_classes(f"-{table.note_role}" if table.note_role else "")
        note.update(stored(table.note))
        with self.app.batch_update():
            # Twelve bars take the lines that elsewhere show the row under the cursor in full.
            self.set_class(SECTIONS[self.place].name == "readings", "-charted")
            rows.show(table, keep_cursor)
            self._show_row()

    @on(SectionTable.Highlighted)
    def _show_row(self) -> None:
        self.query_one("#row", Static).update(stored(self.query_one(SectionTable).in_full, 400))

    # ------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing works on an account that is not there; only some rows can be opened."""
        if action in ("view", "turn", "copy"):
            return self.account is not None or None
        if action == "open":
            return (self.account is not None and SECTIONS[self.place].name in _WITH_ROWS_TO_OPEN) or None
        return True

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    @on(SectionTable.Selected)
    def action_open(self) -> None:
        """Open what the row stands for: an invoice, or a neighbour's account."""
        row = self.query_one(SectionTable).row
        if row is None or row.opens is None or self.account is None:
            return
        if SECTIONS[self.place].name == "neighbours":
            self.app.go("account", row.opens)
            return
        invoice = next((invoice for invoice in self.account.invoices if invoice.id == row.opens), None)
        if invoice is None:
            self.fetch_invoice(row.opens)
        else:
            problem = self.account.failures.get("lines")
            self._show_invoice(invoice, f"{problem.title}. {problem.advice}" if problem else "")

    @work(exclusive=True, group="invoice", exit_on_error=False)
    async def fetch_invoice(self, invoice_id: UUID) -> None:
        """Read an invoice that is older than those at hand."""
        try:
            database = await self._session.database()
            invoice = await self._ask.read_invoice(database, self._contract_id, invoice_id)
        except SupraError as error:
            self.post_message(self.InvoiceFetched(None, error))
        else:
            self.post_message(self.InvoiceFetched(invoice))

    @on(InvoiceFetched)
    def _invoice_fetched(self, message: InvoiceFetched) -> None:
        self.app.heard(message.error)
        if message.error is not None:
            self.app.explain(message.error)
        elif message.invoice is None:
            self.app.notify(_("This invoice is not there any more."), severity="warning")
        elif self.is_current:
            self._show_invoice(message.invoice)

    def _show_invoice(self, invoice: Invoice, problem: str = "") -> None:
        from screens.accounts.invoice import InvoiceDialog

        self.app.push_screen(InvoiceDialog(invoice, problem))

    @work(exclusive=True, group="copy", exit_on_error=False)
    async def action_copy(self) -> None:
        """Let the person choose one thing, record that, then copy it."""
        from screens.accounts.copying import CopyDialog

        if self.account is None:
            return
        piece = await self.app.push_screen_wait(CopyDialog(self.account))
        if piece is None:
            return
        try:
            await self._ask.record_copy(await self._session.database(), self._contract_id, piece.fields)
        except SupraError as error:
            self.app.heard(error)
            self.app.explain(error)
        else:
            self.post_message(self.Copied(piece.title, piece.text))

    @on(Copied)
    def _copied(self, message: Copied) -> None:
        self.app.copy_to_clipboard(message.text)
        self.app.notify(_("Copied: {what}").format(what=message.title))
