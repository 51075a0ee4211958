"""How does a tariff of the register get into a file, and one from a file into the editor?

The forms and their reading are `supra_console.tariffs.files`; a name's end says which. What is taken in is not stored:
it stands in the editor, where every rule marks its cell, until somebody saves it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import normalize

from textual import on, work
from textual.message import Message

from screens.tariffs.acting import ActingFrame
from screens.widgets.text import lines, stored, words
from supra_console.display import safe
from supra_console.errors import InvalidInput, SupraError
from supra_console.i18n import _
from supra_console.tariffs.files.belonging import Explotacion
from supra_console.tariffs.numbers import read_date
from supra_console.tariffs.register import NewTariff, Series, TariffRow
from supra_console.tariffs.series import replaced_by


class ExchangingFrame(ActingFrame):
    """The part of the screen that writes and reads files."""

    @dataclass
    class Written(Message):
        """A tariff is in a file; what of it the form could not hold."""

        path: str
        notes: tuple[str, ...]

    @dataclass
    class TakenIn(Message):
        """A file was read; what of it was left aside."""

        subject: NewTariff
        notes: tuple[str, ...]

    @dataclass
    class NotExchanged(Message):
        """The file could not be written, or read."""

        error: SupraError

    @work(group="exchange")
    async def action_export(self) -> None:
        """Write the chosen tariff to a file."""
        row = self.chosen
        if row is None or row.document is None:
            return
        typed = await self._typed(
            _("Write it to a file"),
            lines(
                (
                    stored(row.name, 200, "bold"),
                    words(_("The end of the name says the form: .json, .csv (a spreadsheet's), .owrs."), "$quiet"),
                )
            ),
            [(_("File"), suggested_name(row))],
            lambda values: _("There is such a file already: choose another name.") if _is_there(values[0]) else "",
        )
        if typed is None:
            return
        try:
            notes = await asyncio.to_thread(_write, row, _path(typed[0]))
        except SupraError as error:
            self.post_message(self.NotExchanged(error))
        else:
            self.post_message(self.Written(typed[0], notes))

    @work(group="exchange")
    async def action_take_in(self) -> None:
        """Open a tariff of a file in the editor."""
        typed = await self._typed(
            _("Take a tariff from a file"),
            lines(
                (
                    words(_("JSON, CSV or OWRS; the end of the name says which.")),
                    words(_("It opens in the editor, and is stored when you save it."), "$quiet"),
                )
            ),
            [(_("File"), "")],
            lambda values: "" if values[0].strip() else _("Type the file's name."),
        )
        if typed is None or self.picture is None:
            return
        try:
            raw, notes = await asyncio.to_thread(_read, _path(typed[0]), self.picture.register.explotaciones)
        except SupraError as error:
            self.post_message(self.NotExchanged(error))
        else:
            subject = NewTariff(raw, followed_by(raw, self.picture.register.tariffs))
            self.post_message(self.TakenIn(subject, notes))

    @on(Written)
    def _told(self, message: Written) -> None:
        self.app.notify("\n".join((safe(message.path), *message.notes)), title=_("Written"), severity="information")

    @on(TakenIn)
    def _open(self, message: TakenIn) -> None:
        if message.notes:
            self.app.notify("\n".join(message.notes), title=_("From the file"), severity="warning")
        self.edit(message.subject)

    @on(NotExchanged)
    def _not_exchanged(self, message: NotExchanged) -> None:
        self.app.explain(message.error)

    def edit(self, subject: NewTariff) -> None:
        """Open the editor on a new tariff."""
        raise NotImplementedError


def suggested_name(row: TariffRow) -> str:
    """A name for the file of a tariff: letters, digits and hyphens, and its first day."""
    plain = normalize("NFKD", row.name).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "tarifa"
    day = row.effective_from.isoformat()
    return f"{stem}.json" if stem.endswith(day[:7]) else f"{stem}-{day}.json"


def followed_by(raw: dict[str, Any], rows: tuple[TariffRow, ...]) -> TariffRow | None:
    """The active tariff of the same series that the one in a file would follow; None where none does."""
    try:
        first = raw.get("effective_from")
        first = first if isinstance(first, date) else read_date(str(first))
    except InvalidInput:
        return None
    same = str(raw.get("category")), str(raw.get("billing_period")), str(raw.get("explotacion_id"))
    earlier = [row for row in rows if row.effective_from < first]
    found = next((row.series for row in earlier if _words(row.series) == same), None)
    return None if found is None else replaced_by(found, first, earlier)


def _words(series: Series) -> tuple[str, str, str]:
    return series.category, series.billing_period, str(series.explotacion_id)


def _path(typed: str) -> str:
    return str(Path(typed.strip()).expanduser())


def _is_there(typed: str) -> bool:
    try:
        return Path(_path(typed)).exists()
    except (OSError, RuntimeError, ValueError):
        return False  # writing it will say what is wrong


def _write(row: TariffRow, path: str) -> tuple[str, ...]:
    from supra_console.tariffs import files

    if row.document is None:
        return ()
    written = files.write(row.document, files.format_of(path))
    files.save(path, written.text)
    return written.notes


def _read(path: str, explotaciones: Sequence[Explotacion]) -> tuple[dict[str, object], tuple[str, ...]]:
    """The plain values in a file that cells can hold, what was left aside, and for whom it is if it does not say so.

    Raises:
        SupraError: there is no such file, or nothing in it that could stand in cells.
    """
    from supra_console.tariffs import files, rules

    reading = files.placed(files.load(path), explotaciones)
    _tariff, remarks = rules.read(reading.raw)
    for remark in remarks:
        if remark.path in ((), ("blocks",), ("additional_concepts",)):
            raise InvalidInput(_("The file holds no tariff"), str(remark))
    unknown = _("is not a field of this document")
    return files.completed(reading.raw), (
        *reading.notes,
        *(str(remark) for remark in remarks if remark.message == unknown),
    )
