"""What do the commands print and do that list, judge, rate, compare and exchange tariffs?

A FILE is judged and rated without any server: `validate FILE` and `rate FILE` know neither psycopg nor Textual.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from supra_console.cli import tariffs_json
from supra_console.cli.sessions import signed_in
from supra_console.cli.status import FINDING, FINE
from supra_console.errors import InvalidInput
from supra_console.i18n import _

if TYPE_CHECKING:
    from queries.tariffs import Register
    from supra_console.database import Database
    from supra_console.documents.billing import TariffInsert
    from supra_console.tariffs.files import Format, Reading
    from supra_console.tariffs.impact import ImpactReport
    from supra_console.tariffs.impact import Progress as Month
    from supra_console.tariffs.register import TariffRow
    from supra_console.tariffs.rules import Examination

STATES = ("draft", "in_review", "approved", "scheduled", "in_force", "superseded")
YEAR = 12
"""Months that a kept report is of, at least."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Source:
    """A tariff as it was given: in a file, or by its id."""

    reading: Reading
    examination: Examination
    active: bool = False

    @property
    def raw(self) -> dict[str, object]:
        return self.reading.raw

    @property
    def notes(self) -> tuple[str, ...]:
        return self.reading.notes

    def tariff(self) -> TariffInsert:
        """The tariff, if there is nothing wrong with it. Bills are made by an active one whatever is wrong with it.

        Raises:
            InvalidInput: there is.
        """
        found = self.examination
        if not found.sound:
            from supra_console.tariffs import text

            _say(text.remarks(found.remarks))
        if found.tariff is None or not (found.sound or self.active):
            raise InvalidInput(
                _("This tariff is not valid, and nothing is reckoned by it"), _("Mend what is said above.")
            )
        return found.tariff


def state(typed: str) -> str:
    """A state as scripts call it, or as the list shows it."""
    from supra_console.tariffs import text
    from supra_console.tariffs.files.belonging import folded

    names = {folded(_(shown)): known.value for known, shown in text.STATES.items()}
    found = typed if typed in STATES else names.get(folded(typed))
    if found is None:
        raise argparse.ArgumentTypeError(_("must be one of: %(choices)s") % {"choices": ", ".join((*STATES, *names))})
    return found


def listing(options: argparse.Namespace) -> int:
    """Every tariff in a line, with where in its life it is."""
    from queries import tariffs
    from supra_console.output import print_json
    from supra_console.tariffs import text

    register = signed_in(options, tariffs.register)
    rows = [row for row in register.tariffs if _wanted(options, row, register)]
    if options.json:
        print_json([tariffs_json.row(row, register) for row in rows])
    elif rows:
        print(text.register(rows, register.today))
    else:
        _say(_("There are no such tariffs."))
    return FINE if rows else FINDING


def show(options: argparse.Namespace) -> int:
    """One stored tariff with its approval; status 1 if it is not valid."""
    from queries import tariffs
    from supra_console.output import print_json
    from supra_console.tariffs import files, rules, text

    asked = _id(options.id)
    register = signed_in(options, tariffs.register)
    row = _there(register.find(asked))
    found = rules.examine(row.raw)
    errors, _warnings = _weighed(found)
    if options.json:
        content = {name: tariffs_json.exact(row.raw.get(name)) for name in files.COLUMNS}
        print_json(tariffs_json.row(row, register) | content | tariffs_json.remarks(found))
        return FINDING if errors else FINE
    print(text.approval(row, register.today))
    print()
    if found.tariff is not None:
        print(text.tariff(found.tariff))
    else:
        print(text.unreadable({name: row.raw.get(name) for name in files.COLUMNS}))
    if found.remarks:
        print(f"\n{text.remarks(found.remarks)}")
    return FINDING if errors else FINE


def validate(options: argparse.Namespace) -> int:
    """Whether a file is a valid tariff; status 1 if it is not, 2 if it cannot be read at all."""
    from supra_console.output import print_json
    from supra_console.tariffs import files, text

    source = _from_file(options)
    notes = (*source.notes, *(files.unplaced(source.reading) if source.raw else ()))
    errors, warnings = _weighed(source.examination)
    if options.json:
        print_json(tariffs_json.remarks(source.examination) | {"notes": notes})
    else:
        if source.examination.remarks:
            print(text.remarks(source.examination.remarks))
        print(text.verdict(errors, warnings))
        _note(notes)
    return FINDING if errors else FINE


def rate(options: argparse.Namespace) -> int:
    """What consumptions cost under a tariff, with every step."""
    from supra_console.output import print_json
    from supra_console.tariffs import numbers, rating, text

    volumes = [numbers.read_number(typed, decimals=3) for typed in options.m3]
    source = _given(options)
    tariff = source.tariff()
    bills = [rating.rate(tariff, m3, social=options.social) for m3 in volumes]
    if options.json:
        shown = [tariffs_json.bill(tariff, bill) for bill in bills]
        print_json(shown[0] if len(shown) == 1 else shown)
    else:
        from supra_console.display import safe

        print(safe(tariff.name))
        print("\n\n".join(text.bill(bill) for bill in bills))
        _note(source.notes)
    return FINE


def impact(options: argparse.Namespace) -> int:
    """Whom new tariffs hit, by real readings rated in the database; Ctrl-C stops it and leaves nothing behind."""
    from queries import tariff_impact, tariffs
    from supra_console.errors import PermissionDenied
    from supra_console.output import Progress, print_json
    from supra_console.tariffs import impact_text
    from supra_console.tariffs.impact import ImpactReport

    asked = [_id(typed) for typed in options.ids]
    if options.keep and options.months < YEAR:  # as the database has it
        bounds = _("must be a whole number from %(low)d to %(high)d") % {"low": YEAR, "high": 1200}
        raise InvalidInput(advice=f"--months: {bounds}")

    async def work(db: Database) -> ImpactReport | None:
        if options.keep and not db.identity.may("supra_supervisor"):
            raise PermissionDenied  # the database would say so after all the work
        rows = (await tariffs.register(db)).tariffs
        ids = asked or [row.id for row in rows if not row.active]
        if not ids:
            return None
        _refuse_rivals([row for row in rows if row.id in ids])
        with Progress() as told:

            def show(done: Month) -> None:
                told.show(_("months of readings"), done.done, done.months)

            report = await tariff_impact.impact(db, ids, progress=show, months=options.months)
        if options.keep:
            await tariff_impact.keep(db, report)
        return report

    report = signed_in(options, work)
    if report is None:
        _say(_("There are no drafts to compare."))
        if options.json:
            print_json(impact_text.for_scripts(ImpactReport(())))
        return FINDING
    if options.json:
        print_json(impact_text.for_scripts(report))
    else:
        print(impact_text.text(report))
    if options.keep:
        _say(_("The report is kept with each of the tariffs."))
    return FINE


def _refuse_rivals(rows: Iterable[TariffRow]) -> None:
    """Of two new prices for the same contracts none is the one to compare with; which two, is for people to hear."""
    from supra_console.display import safe

    by_series = sorted(rows, key=lambda row: str(row.series))
    rivals = [
        f"{safe(row.name, 60)} ({row.id})"
        for _series, group in groupby(by_series, key=lambda row: row.series)
        if len(together := list(group)) > 1
        for row in together
    ]
    if rivals:
        raise InvalidInput(
            _("Some of these tariffs price the same contracts: {names}").format(names="; ".join(rivals[:10])),
            _("Name the ids of one of each."),
        )


def issued(options: argparse.Namespace) -> int:
    """Every invoice that went out for a day of a tariff, the latest first; status 1 when there is none."""
    from queries import tariff_readiness, tariffs
    from queries.tariff_readiness import IssuedInvoices
    from supra_console.output import print_json
    from supra_console.tariffs import text

    asked = _id(options.id)

    async def work(db: Database) -> IssuedInvoices:
        _there(await tariffs.tariff(db, asked))
        return (await tariff_readiness.issued_invoices(db, [asked], listed=None))[asked]

    found = signed_in(options, work)
    if options.json:
        figures = {"count": found.count, "total": found.total, "first": found.first, "last": found.last}
        print_json(figures | {"invoices": found.sample})
    elif found.count:
        print(text.invoices((one.number, one.contract, one.billing_date, one.total) for one in found.sample))
        _say(text.invoices_in_all(found.count, found.total, found.first, found.last))
    else:
        _say(_("No invoice has been issued for its days."))
    return FINE if found.count else FINDING


def export(options: argparse.Namespace) -> int:
    """Write a tariff, stored or in a file, in one of the forms; status 1 if it is not valid.

    Without one, all stored tariffs as a list of JSON.
    """
    from supra_console.tariffs import files, text

    form = files.Format(options.format)
    if options.json and form is not files.Format.JSON:
        raise InvalidInput(_("--json and another --format are two forms"), _("Leave one of them out."))
    if options.source is None:
        return _export_all(options, form)
    source = _given(options)
    found = source.examination
    if found.remarks:
        _say(text.remarks(found.remarks))
    if found.tariff is not None:
        written = files.write(found.tariff, form)
    elif form is files.Format.JSON and isinstance(source.raw, dict):
        # what cannot be read as a tariff is still handed over as it is
        written = files.Written(files.to_json(_stored(source.raw)[0]))
    else:
        raise InvalidInput(_("This tariff cannot be written in that form"), _("Write it as JSON and mend it."))
    _note(written.notes)
    _hand_over(options, written.text)
    return FINE if found.sound else FINDING


def _export_all(options: argparse.Namespace, form: Format) -> int:
    from queries import tariffs
    from supra_console.tariffs import files

    if form is not files.Format.JSON:
        raise InvalidInput(_("A file holds one tariff"), _("Name the tariff to write, or write all as JSON."))
    register = signed_in(options, tariffs.register)
    stored = [(row.id, *_stored(row.raw, row)) for row in register.tariffs]
    texts = [files.to_json({"id": key} | columns) for key, columns, _whole in stored]
    _hand_over(options, "[\n" + ",\n".join(text.rstrip("\n") for text in texts) + "\n]\n")
    return FINE if texts and all(whole for _key, _columns, whole in stored) else FINDING


def _stored(raw: dict[str, object], row: TariffRow | None = None) -> tuple[dict[str, object], bool]:
    """The columns of a file as they are stored, and whether all are there.

    A document that cannot be taken apart is said to be left out, and of which tariff, where there are several.
    """
    from supra_console.display import safe
    from supra_console.jsonb import Unreadable
    from supra_console.tariffs import files

    columns = {name: raw[name] for name in files.COLUMNS if raw.get(name) is not None}
    closed = [name for name, value in columns.items() if isinstance(value, Unreadable)]
    whose = "" if row is None else f"{safe(row.name, 60)} ({row.id}): "
    _note(whose + _("{name} cannot be read and is left out.").format(name=name) for name in closed)
    return {name: value for name, value in columns.items() if name not in closed}, not closed


def _hand_over(options: argparse.Namespace, text: str) -> None:
    from supra_console.tariffs import files

    if options.output is None:
        sys.stdout.write(text)
    else:
        files.save(options.output, text)


def take_in(options: argparse.Namespace) -> int:
    """Make a draft of the tariff in a file; status 1, and nothing made, if it is not valid where it goes."""
    from queries import tariffs
    from supra_console.display import safe
    from supra_console.errors import PermissionDenied
    from supra_console.output import print_json
    from supra_console.tariffs import text

    source = _from_file(options)
    if not source.examination.sound:
        return _not_taken(options, source)
    replaces = None if options.replaces is None else _id(options.replaces)

    async def work(db: Database) -> tuple[_Source, TariffRow | None, TariffRow | None]:
        if not db.identity.may("supra_supervisor"):
            raise PermissionDenied  # before whatever else there is to say
        if replaces is not None:
            _there(await tariffs.tariff(db, replaces))
        register = replace(await tariffs.register(db), population=await tariffs.population(db))
        judged, old = _beside(source, register, replaces)
        tariff = judged.examination.tariff
        if tariff is None or not judged.examination.sound:
            return judged, old, None
        return judged, old, await tariffs.create(db, tariff, replaces=None if old is None else old.id)

    judged, old, row = signed_in(options, work)
    if row is None:
        return _not_taken(options, judged)
    if judged.examination.remarks:
        _say(text.remarks(judged.examination.remarks))
    _note(judged.notes)
    if old is not None:
        _say(_("It replaces {name} ({id}).").format(name=safe(old.name), id=old.id))
    if options.json:
        print_json({"id": row.id, "version": row.version, "name": row.name, "state": "draft"})
    else:
        print(_("Drafted: {id}").format(id=row.id))
    return FINE


def _not_taken(options: argparse.Namespace, source: _Source) -> int:
    from supra_console.output import print_json
    from supra_console.tariffs import text

    _say(text.remarks(source.examination.remarks))
    _note(source.notes)
    _say(_("Nothing was taken in."))
    if options.json:
        print_json(tariffs_json.remarks(source.examination) | {"notes": source.notes})
    return FINDING


def _beside(source: _Source, register: Register, replaces: UUID | None) -> tuple[_Source, TariffRow | None]:
    """The same judged as in the editor: for the explotación it names, beside what is stored; and what it replaces."""
    from supra_console.documents.base import DocumentError
    from supra_console.editing.remarks import of_shape
    from supra_console.tariffs import files, rules
    from supra_console.tariffs.series import beside

    try:
        reading = files.placed(source.reading, register.explotaciones)
    except DocumentError as error:
        return replace(source, examination=rules.Examination(None, of_shape(error.problems))), None
    tariff = rules.examine(reading.raw).tariff
    if tariff is None:
        return source, None
    old, siblings = beside(tariff, register.tariffs, replaces or tariff.replaces_id)
    context = rules.Context(
        register.today, register.population or None, siblings, None if old is None else old.document
    )
    return _Source(reading, rules.examine(reading.raw, context)), old


# ---------------------------------------------------------------------- where a tariff comes from


def _given(options: argparse.Namespace) -> _Source:
    """The tariff that was named: a file, or the id of a stored one."""
    named: str = options.source
    if not _ID.fullmatch(named) or Path(named).exists():
        return _from_file(options)
    from queries import tariffs
    from supra_console.tariffs import files, rules

    row = _there(signed_in(options, lambda db: tariffs.tariff(db, UUID(named))))
    return _Source(files.Reading(row.raw), rules.examine(row.raw), row.active)


def _from_file(options: argparse.Namespace) -> _Source:
    from supra_console.documents.base import DocumentError
    from supra_console.editing.remarks import of_shape
    from supra_console.tariffs import files, rules

    form = None if getattr(options, "reading", None) is None else files.Format(options.reading)
    try:
        reading = files.load(options.source, form, customer_class=options.customer_class)
    except DocumentError as error:
        return _Source(files.Reading({}), rules.Examination(None, of_shape(error.problems)))
    return _Source(reading, rules.examine(reading.raw))


def _id(typed: str) -> UUID:
    if not _ID.fullmatch(typed):
        raise InvalidInput(_("This is not the id of a tariff"), _("`supra-console tariffs list` shows the ids."))
    return UUID(typed)


def _there(row: TariffRow | None) -> TariffRow:
    if row is None:
        raise InvalidInput(_("There is no tariff with this id"), _("`supra-console tariffs list` shows the ids."))
    return row


def _wanted(options: argparse.Namespace, row: TariffRow, register: Register) -> bool:
    from supra_console.tariffs.files.belonging import folded

    asked = (
        (options.state, row.state(register.today).value),
        (options.category, row.series.category),
        (options.municipality, row.municipality or ""),
    )
    return all(wanted is None or folded(wanted) == folded(value) for wanted, value in asked)


# ---------------------------------------------------------------------- how it is told


def _weighed(found: Examination) -> tuple[int, int]:
    """How many errors and warnings."""
    from supra_console.editing.remarks import Weight

    errors = sum(remark.weight is Weight.ERROR for remark in found.remarks)
    return errors, len(found.remarks) - errors


def _note(notes: Iterable[str]) -> None:
    for note in notes:
        _say(note)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
