"""How are the eight documents called, and how do they stand?"""

from __future__ import annotations

from typing import NamedTuple

from queries.configuration import TABLE, Configuration, changes
from screens.widgets.line_table import Cell, Value
from supra_console.documents import TYPES, dump
from supra_console.documents.base import DocumentError
from supra_console.i18n import N_, _, ngettext
from supra_console.jsonb import Json, Unreadable


class Name(NamedTuple):
    """A document's title and what it is about, marked with `N_`."""

    title: str
    about: str


NAMES = {
    "billing": Name(N_("Billing"), N_("the cycle, batches and their release")),
    "collections": Name(N_("Collections"), N_("grace, surcharges, interest, payment plans")),
    "estimation": Name(N_("Estimation"), N_("consumption where there is no reading")),
    "notifications": Name(N_("Notifications"), N_("channels, hours, reminders")),
    "cutoff": Name(N_("Cuts of service"), N_("from which debt, on which days, in which seasons not")),
    "digital": Name(N_("Digital services"), N_("what customers do without coming")),
    "fiscal": Name(N_("Fiscal"), N_("IVA by concept, defaults of the CFDI")),
    "quality": Name(N_("Quality"), N_("complaints and measurements that lead to an inspection")),
}


def title(name: str) -> str:
    """A document's title, translated."""
    return _(NAMES[name].title)


def called(unit: Configuration) -> str:
    """An explotación with its municipality, unless that says the same again."""
    same = unit.municipality.casefold() in unit.name.casefold()
    return unit.name if same else f"{unit.name}, {unit.municipality}"


def standing(name: str, stored: Json | Unreadable) -> Value:
    """How far a stored document is from the defaults."""
    try:
        present = dump(TABLE, name, stored)
    except DocumentError:
        return Cell("‼ " + _("cannot be read"), "error")
    count = len({change.path[0] for change in changes(name, dump(TABLE, name, TYPES[TABLE, name]()), present)})
    if not count:
        return Cell(_("defaults"), "quiet")
    return ngettext("%(n)d field of its own", "%(n)d fields of its own", count) % {"n": count}
