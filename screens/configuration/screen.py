"""Which explotaciones are configured how?

Explotaciones to the left, the eight documents of the one under the cursor to the right; Enter opens a document. Who may
not change anything may look at all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from queries.configuration import DOCUMENTS, TABLE, Configuration
from screens.configuration.asking import ConfigurationQueries
from screens.configuration.editor import ConfigurationEditor, draft_key
from screens.configuration.wording import NAMES, called, standing, title
from screens.editing.dialogs import JsonDialog
from screens.widgets.frame import Frame
from screens.widgets.line_table import Cell, Column, LineTable, Value
from screens.widgets.text import assemble, stored, words
from supra_console import formats
from supra_console.documents import parse
from supra_console.documents.base import DocumentError
from supra_console.editing import local_drafts
from supra_console.editing.json_text import pretty
from supra_console.errors import SupraError
from supra_console.i18n import N_, _
from supra_console.jsonb import Unreadable

if TYPE_CHECKING:
    from screens.session import Session


Subject = TypeVar("Subject")


class Choosing(LineTable[Subject]):
    """Rows of which one is chosen at once, so that keys that arrive together are taken in their order."""

    BINDINGS: ClassVar = [Binding("enter", "select", N_("Open"), id="configuration.open")]

    class Highlighted(LineTable.Highlighted):
        """The cursor is on another row."""

    def __init__(self, choose: Callable[[], None]) -> None:
        super().__init__()
        self._choose = choose

    def action_select(self) -> None:
        """Choose the row the cursor is on."""
        if self.row is not None:
            self._choose()


class Units(Choosing[Configuration]):
    """The explotaciones."""


class Documents(Choosing[str]):
    """The eight documents of one."""


class ConfigurationScreen(Frame[None]):
    """Explotaciones and their documents."""

    CSS_PATH = "configuration.tcss"
    TITLE = N_("Configuration")
    AUTO_FOCUS = "Units"
    HELP = N_("""\
Each **explotación** has eight documents that say how it bills, collects, cuts and so on. Where a document says
nothing, the **defaults** hold; the list says how many fields are the explotación's own.

- ↑ ↓ choose the explotación, → or Enter goes to its documents, Enter there opens one.
- `●` marks a document with changes of yours that were left unsaved; they are offered when you open it.
- `‼` marks a document that some other program stored and that cannot be read. Enter shows it as it is.

Supervisors and DBAs save; everybody may look. Every save leaves a line in the journal with the fields that changed.
""")
    BINDINGS: ClassVar = [
        Binding("right", "side('Documents')", N_("Documents"), id="configuration.right", show=False),
        Binding("left,escape", "side('Units')", N_("Explotaciones"), id="configuration.left", show=False),
        Binding("tab", "turn", N_("Other side"), id="configuration.turn"),
        Binding("r", "again", N_("Read again"), id="configuration.again"),
    ]

    @dataclass
    class Loaded(Message):
        """The server has answered."""

        units: tuple[Configuration, ...]

    @dataclass
    class LoadFailed(Message):
        """The server has not; what is shown is from before."""

        error: SupraError

    def __init__(self, session: Session, queries: ConfigurationQueries | None = None) -> None:
        super().__init__()
        self._session = session
        self._ask = queries or ConfigurationQueries()
        self._units: tuple[Configuration, ...] = ()
        self._shown: Configuration | None = None  # whose documents are listed

    # ------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        yield Static(words(_("Asking the server …")), id="note")
        with Horizontal():
            yield Units(lambda: self.action_side("Documents"))
            yield Documents(self._open)
        yield Static(id="about")

    def on_mount(self) -> None:
        self.action_again()

    def on_screen_resume(self) -> None:
        """Back from a document: it may have been saved."""
        if self._units:
            self.action_again()

    @property
    def units(self) -> Units:
        """The explotaciones."""
        return self.query_one(Units)

    @property
    def documents(self) -> Documents:
        """The documents of the one under the cursor."""
        return self.query_one(Documents)

    # ------------------------------------------------------------------ asking

    def action_again(self) -> None:
        """Ask now."""
        self.load()

    @work(exclusive=True, group="configuration")
    async def load(self) -> None:
        """Read all explotaciones with their documents."""
        try:
            found = await self._ask.every(await self._session.database())
        except SupraError as error:
            self.post_message(self.LoadFailed(error))
        else:
            self.post_message(self.Loaded(found))

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self.app.heard()
        self._units = message.units
        note = self.query_one("#note", Static)
        note.remove_class("-error")
        note.update(words(_("Explotaciones and their configuration") if self._units else _("There is no explotación")))
        here = self.units.row
        place = next((place for place, one in enumerate(self._units) if here is not None and one.id == here.id), 0)
        columns = (Column("code", _("Code"), 5), Column("name", _("Municipality")))
        self.units.fill(columns, self._units, _unit_cells, cursor=place)
        self._show_documents()

    @on(LoadFailed)
    def _failed(self, message: LoadFailed) -> None:
        self.app.heard(message.error)
        note = self.query_one("#note", Static)
        note.add_class("-error")
        note.update(assemble(words("‼ "), stored(f"{message.error.title}. {message.error.advice}", 300)))

    # ------------------------------------------------------------------ showing

    @on(Choosing.Highlighted)
    def _moved(self) -> None:
        """Another explotación, or another document of it."""
        if self._shown is self.units.row:
            self._show_about()
        else:
            self._show_documents()

    def _show_documents(self) -> None:
        unit = self._shown = self.units.row
        if unit is None:
            self.documents.empty()
            return
        columns = (Column("mark", "", 1), Column("name", _("Document"), 18), Column("standing", _("Stands")))
        cursor = self.documents.cursor_row

        def cells(name: str) -> tuple[Value, ...]:
            key = local_drafts.key_of(self._session.identity, draft_key(unit, name))
            mark = Cell("●", "warning") if local_drafts.waiting(key) else ""
            return mark, title(name), standing(name, unit.documents[name])

        self.documents.fill(columns, DOCUMENTS, cells, cursor=cursor)
        self._show_about()

    def _show_about(self) -> None:
        unit, name = self.units.row, self.documents.row
        if unit is None or name is None:
            return
        saved = (
            _("last saved {when}").format(when=formats.moment(unit.updated_at))
            if unit.updated_at is not None
            else _("never saved: all on the defaults")
        )
        self.query_one("#about", Static).update(
            assemble(
                stored(called(unit), 60, "bold"),
                words(f"  {saved}\n", "$quiet"),
                words(f"{title(name)}: {_(NAMES[name].about)}"),
            )
        )

    # ------------------------------------------------------------------ going about

    def action_side(self, name: str) -> None:
        """To the explotaciones, or to the documents."""
        self.set_focus(self.query_one(name))  # at once; `focus()` waits until nothing else is to be done

    def action_turn(self) -> None:
        """To the other side."""
        self.set_focus(self.documents if self.focused is self.units else self.units)

    def _open(self) -> None:
        """The document under the cursor; one that cannot be read, as it is stored."""
        unit, name = self.units.row, self.documents.row
        if unit is None or name is None:
            return
        try:
            parse(TABLE, name, unit.documents[name])
        except DocumentError as error:
            raw = unit.documents[name]
            text = raw.text if isinstance(raw, Unreadable) else pretty(raw)
            heading = _("{document} as it is stored, which cannot be edited").format(document=title(name))
            self.app.push_screen(JsonDialog(heading, text, error.problems[:4]))
            return
        self.app.push_screen(ConfigurationEditor(self._session, unit, name, self._ask))


def _unit_cells(unit: Configuration) -> tuple[Value, ...]:
    return unit.code, unit.municipality
