"""How is one document of an explotación changed, with nothing lost and nobody overwritten?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from queries.configuration import TABLE, Configuration, ConfigurationChanged, changes
from screens.configuration.asking import ConfigurationQueries
from screens.configuration.form import DocumentForm
from screens.configuration.wording import called, title
from screens.editing.dialogs import Comparison
from screens.editing.frame import EditorFrame, StaleDocument, Stored
from screens.widgets.text import assemble, stored, words
from supra_console.documents import TYPES, dump, forms, parse
from supra_console.documents.base import DocumentError
from supra_console.documents.forms import Kind, Row, Typed
from supra_console.documents.wording import Loc, place
from supra_console.editing.changes import Change, between
from supra_console.editing.remarks import Remark, of_shape
from supra_console.errors import InvalidInput, SupraError
from supra_console.i18n import N_, _
from supra_console.jsonb import Json
from supra_console.tariffs.numbers import read_number

if TYPE_CHECKING:
    from screens.session import Session

Texts = dict[str, Typed]

ATTEMPTS = 3
"""Of saving, when others keep saving other documents of the same explotación."""


class ConfigurationEditor(EditorFrame[Texts]):
    """One of the eight documents of an explotación."""

    TITLE = N_("Configuration")
    AUTO_FOCUS = ""
    HELP = N_("""\
One document of an explotación's configuration, field by field. What you type is checked with every key; what is wrong
stands beside the field with `‼`.

- Type into the line under the cursor, in place of what is there (End goes on with it); ↑ ↓ and Tab go to another.
  **Space** turns yes or no, and a choice.
- `=` means the default, `≠` says what the default would be; **F5** goes back to it.
- Entries of a list (seasons, rules): **Ctrl+N** adds one after the cursor, **Ctrl+R** removes the one under it.
- **Ctrl+Z** and **Ctrl+Y** go back and forth; **F3** shows what changed, also against the defaults.
- **Ctrl+S** shows what would be saved, and saves it when it is pressed again. If somebody else saved meanwhile, both
  versions are shown field by field.

What you type is kept on this machine with every key: a lost connection or a closed terminal loses nothing.
""")
    BINDINGS: ClassVar = [
        Binding(
            "ctrl+n",
            "add",
            N_("Add entry"),
            id="configuration.add",
            priority=True,
            tooltip=N_("One more season or rule"),
        ),
        Binding("ctrl+r", "remove", N_("Remove entry"), id="configuration.remove", priority=True),
        Binding("f5", "default", N_("Default"), id="configuration.default", tooltip=N_("The default of this field")),
    ]

    def __init__(
        self, session: Session, explotacion: Configuration, name: str, queries: ConfigurationQueries | None = None
    ) -> None:
        super().__init__(session)
        self._explotacion = explotacion
        self._column = name
        self._ask = queries or ConfigurationQueries()
        self._model: forms.Model = TYPES[TABLE, name]
        self.draft_key = draft_key(explotacion, name)

    def compose_editor(self) -> ComposeResult:
        yield DocumentForm(self._typed)

    def on_mount(self) -> None:
        self.load()

    @property
    def form(self) -> DocumentForm:
        """The fields."""
        return self.query_one(DocumentForm)

    # ------------------------------------------------------------------ reading and saving

    @work(exclusive=True, group="configuration")
    async def load(self) -> None:
        """Read the document as it is now."""
        try:
            found = await self._ask.one(await self._session.database(), self._explotacion.id)
            if found is None:
                raise InvalidInput(_("This explotación is not in service any more"), "")
            document = self._stored(found)
        except SupraError as error:
            self.app.heard(error)
            self.app.explain(error)
            self.leave()
            return
        self.app.heard()
        identity = self._session.identity
        allowed = identity is not None and identity.may("supra_supervisor")
        self.begin(
            document,
            read_only="" if allowed else _("Only supervisors and DBAs change the configuration; you may look."),
        )
        self.set_focus(self.form.value)

    def _stored(self, found: Configuration) -> Stored[Texts]:
        """The document as texts.

        Raises:
            DocumentError: what is stored is none.
        """
        self._explotacion = found
        document = cast("dict[str, Json]", dump(TABLE, self._column, found.documents[self._column]))
        return Stored(forms.as_typed(self._model, document), found.version)

    async def store(self, state: Texts, version: int | None) -> Stored[Texts]:
        document = parse(TABLE, self._column, forms.as_meant(self._model, state))
        database = await self._session.database()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._stored(
                    await self._ask.save(database, self._explotacion.id, self._column, document, version)
                )
            except ConfigurationChanged as changed:
                if changed.current is None:
                    raise StaleDocument(None) from None
                theirs = self._stored(changed.current)
                if attempt == ATTEMPTS or self.stored is None or theirs.state != self.stored.state:
                    raise StaleDocument(theirs) from None
                # Only another of the eight changed: this one is still as it was read, and saving asks again for that.
                version = theirs.version
        raise AssertionError

    # ------------------------------------------------------------------ what the frame asks

    def heading(self) -> Content:
        where = f"  {self._explotacion.code} {called(self._explotacion)}"
        return assemble(words(title(self._column), "bold"), stored(where, 90))

    def examine(self, state: Texts) -> tuple[Remark, ...]:
        try:
            parse(TABLE, self._column, forms.as_meant(self._model, state))
        except DocumentError as error:
            unreadable = {row.path: row for row in forms.rows(self._model, state) if not forms.is_readable(row)}
            return tuple(explained(remark, unreadable.get(remark.path)) for remark in of_shape(error.problems))
        return ()

    def raw(self, state: Texts) -> Json:
        return cast("Json", state)

    def restore(self, raw: Json) -> Texts:
        return forms.checked(self._model, raw)

    def changes(self, before: Texts, after: Texts) -> tuple[Change, ...]:
        return changes(self._column, forms.as_meant(self._model, before), forms.as_meant(self._model, after))

    def document(self, state: Texts) -> object:
        return forms.as_meant(self._model, state)

    def comparisons(self) -> Sequence[Comparison]:
        defaults = forms.as_typed(self._model, {})
        return (
            *super().comparisons(),
            Comparison(_("The defaults, and this document"), self.changes(defaults, self.state)),
        )

    def where(self, path: Loc) -> str:
        return place(self._model, path)

    def point_at(self, path: Loc) -> None:
        self.form.go_to(path)

    def show(self, state: Texts, remarks: tuple[Remark, ...]) -> None:
        before = self.stored.state if self.stored is not None else state
        changed = frozenset(one.path for one in between(cast("Json", before), cast("Json", state), str))
        rows = forms.rows(self._model, state)
        self.form.show(rows, remarks, changed, read_only=bool(self.read_only))

    # ------------------------------------------------------------------ steps

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Entries are added and removed only where there are some."""
        if action in ("add", "remove"):
            return bool(self._list(whole=action == "add")) and not self.read_only
        if action == "default":
            row = self.form.row if self.open else None
            return (row is not None and row.default is not None and not row.is_default and not self.read_only) or None
        return super().check_action(action, parameters)

    @on(DocumentForm.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    def _typed(self, path: Loc, text: str) -> None:
        self.edit(forms.put(self.state, path, text), topic=path)

    def action_add(self) -> None:
        """One more entry, after the one under the cursor or at the end; the cursor on its first field."""
        found = self._list(whole=True)
        if found is not None:
            row, entry = found
            entries = forms.at(self.state, row.path)
            here = entry + 1 if entry is not None else len(entries)
            self.edit(forms.add_entry(self.state, row.field, row.path, here))
            first = forms.fields(row.field.model)[0].name if row.field.model is not None else ""
            self.form.go_to((*row.path, here, first))

    def action_remove(self) -> None:
        """The entry under the cursor goes; Ctrl+Z brings it back."""
        found = self._list(whole=False)
        row, entry = found or (None, None)
        if row is not None and entry is not None:
            self.edit(forms.remove_entry(self.state, row.path, entry))
            self.form.go_to((*row.path, max(0, entry - 1)))

    def action_default(self) -> None:
        """The field under the cursor back to its default."""
        row = self.form.row
        if row is not None and row.default is not None:
            self.edit(forms.default_at(self.state, row))

    def _list(self, *, whole: bool) -> tuple[Row, int | None] | None:
        """The list the cursor is in and the place of its entry; None outside, or on the list itself unless `whole`."""
        here = self.form.row if self.open else None
        if here is None:
            return None
        if here.kind is Kind.LIST:
            return (here, None) if whole else None
        for length in range(len(here.path), 0, -1):
            step = here.path[length - 1]
            if isinstance(step, int):
                rows = forms.rows(self._model, self.state)
                return next(row for row in rows if row.path == here.path[: length - 1]), step
        return None


def draft_key(explotacion: Configuration, name: str) -> str:
    """What the local draft of this document is called."""
    return f"configuration {explotacion.id} {name}"


def explained(remark: Remark, row: Row | None) -> Remark:
    """The remark, with how to write the number if that is what was wrong."""
    if row is None:
        return remark
    try:
        read_number(row.value, decimals=0 if row.kind is Kind.WHOLE else 4)
    except InvalidInput as error:
        return replace(remark, message=f"{remark.message}. {error.advice}")
    return remark
