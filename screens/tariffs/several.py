"""What is a person asked before several tariffs take a step together, and told where they cannot?

A whole price list is too long for a dialog: the figures of all stand on top, and the list under them has each tariff
with what there is to know of it. As for one, plain questions made of records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from textual.content import Content

from screens.tariffs import questions
from screens.tariffs.picture import Picture
from screens.tariffs.wording import days_of, series_name, whose
from screens.widgets.dialogs import Question
from screens.widgets.listing import pair
from screens.widgets.text import stored, words
from supra_console.editing.remarks import Remark
from supra_console.errors import SupraError
from supra_console.formats import day, money, number
from supra_console.i18n import _, ngettext
from supra_console.tariffs.register import TariffRow, says_something
from supra_console.tariffs.series import in_the_way

if TYPE_CHECKING:
    from queries.tariff_readiness import IssuedInvoices, Readiness
    from queries.tariff_refusals import Refusal

Package = Sequence[TariffRow]
_ALARMS = ("!", "‼")


def about(package: Package) -> list[Content]:
    """Which tariffs are meant, in two lines."""
    places = sorted({whose(row) for row in package})
    where = ", ".join(places) if len(places) <= 2 else _("{n} municipalities").format(n=number(len(places)))
    begins = [row.effective_from for row in package]
    when = _("from {day} on") if min(begins) == max(begins) else _("from {day} or later, the last from {last}")
    return [
        words(_("{n} tariffs: all of them, or none").format(n=number(len(package))), "bold"),
        stored(f"{where} · {when.format(day=day(min(begins)), last=day(max(begins)))}", 160),
    ]


def each(package: Package, notes: Mapping[UUID, Sequence[str]]) -> tuple[str, ...]:
    """Every tariff, with its notes under it; those with one that warns come first, so that none is overlooked."""
    told = []
    for row in sorted(package, key=lambda row: not any(note.startswith(_ALARMS) for note in notes.get(row.id, ()))):
        told += [named(row), *(f"  {note}" for note in notes.get(row.id, ()))]
    return tuple(told)


def named(row: TariffRow) -> str:
    """`Tequisquiapan, domestica, mensual · Jan 1, 2027 – ∞`."""
    return f"{series_name(row)} · {days_of(row)}"


def _impact(package: Package) -> Content:
    lacking = sum(not row.impact_fits for row in package)
    if not lacking:
        return words("√ " + _("Each has an impact report of exactly its content."), "$success")
    text = ngettext(
        "{n} of them has no impact report of exactly its content (I).",
        "{n} of them have no impact report of exactly their content (I).",
        lacking,
    )
    return words("! " + text.format(n=number(lacking)), "$warning")


# ---------------------------------------------------------------------- before each step


def about_submission(picture: Picture, package: Package, remarks: Mapping[UUID, Sequence[Remark]]) -> Question:
    """Before drafts go to review."""
    others = in_the_way(package, picture.register.tariffs)
    blocked = sum(bool(others[row.id]) for row in package)
    facts = [*about(package), _impact(package)]
    if blocked:
        text = ngettext(
            "{n} of them cannot be put in force: another tariff has some of its days.",
            "{n} of them cannot be put in force: other tariffs have some of their days.",
            blocked,
        )
        facts.append(words("‼ " + text.format(n=number(blocked)), "$error"))
    remarked = sum(bool(remarks[row.id]) for row in package)
    if remarked:
        text = ngettext("The rules remark on {n} of them.", "The rules remark on {n} of them.", remarked)
        facts.append(words("! " + text.format(n=number(remarked)), "$warning"))
    text = _("Somebody who did not write on them approves them. An edit makes that one a draft again.")
    facts.append(words(text, "$quiet"))
    notes = {
        row.id: [
            *("‼ " + _("in the way:") + f" {other.name}, {days_of(other)}" for other in others[row.id]),
            *(f"! {remark}" for remark in remarks[row.id]),
        ]
        for row in package
    }
    return Question(
        _("Submit for review"),
        tuple(facts),
        each(package, notes),
        _("Submit all {n} for review").format(n=number(len(package))),
        listed=_("The tariffs, and what the rules say of them"),
    )


def about_approval(package: Package, resolved_on: date, resolved_by: str) -> Question:
    """Before somebody signs that tariffs were resolved, all by one resolution."""
    facts = [*about(package), pair(_("resolved by"), resolved_by), pair(_("on"), day(resolved_on)), _impact(package)]
    late = {row.id: ["! " + _("begins before that day")] for row in package if resolved_on > row.effective_from}
    if late:
        text = ngettext(
            "{n} of them begins before that day: it cannot be put in force until its first day is a later one.",
            "{n} of them begin before that day: they cannot be put in force until their first day is a later one.",
            len(late),
        )
        facts.append(words("! " + text.format(n=number(len(late))), "$warning"))
    text = _("Your name is recorded with exactly their content; an edit voids the approval of that one.")
    facts.append(words(text, "$quiet"))
    return Question(
        _("Approve"),
        tuple(facts),
        each(package, late),
        _("Approve all {n}").format(n=number(len(package))),
        listed=_("The tariffs"),
    )


def about_activation(picture: Picture, package: Package, gazette: str, found: Mapping[UUID, Readiness]) -> Question:
    """Before tariffs are put in force; back-dated ones name the bills that went out under the old prices."""
    facts = [*about(package), *_gazettes(package, gazette)]
    ends = [replaced for row in package if (replaced := _ended(picture, package, row)) is not None]
    if ends:
        text = ngettext(
            "{n} tariff ends by it: the list says which, and when.",
            "{n} tariffs end by it: the list says which, and when.",
            len(ends),
        )
        facts.append(words(text.format(n=number(len(ends)))))
    unpriced = sum(found[row.id].unpriced_from is not None for row in package)
    if unpriced:
        text = ngettext("{n} leaves days without a price.", "{n} leave days without a price.", unpriced)
        facts.append(words("! " + text.format(n=number(unpriced)), "$warning"))
    begun = sum(row.effective_from <= picture.register.today for row in package)
    if begun:
        text = ngettext(
            "{n} of them counts at once, and cannot be changed or withdrawn any more.",
            "{n} of them count at once, and cannot be changed or withdrawn any more.",
            begun,
        )
        facts.append(words("! " + text.format(n=number(begun)), "$warning"))
    else:
        facts.append(words(_("They can be withdrawn until the day they begin."), "$quiet"))
    issued = sum(found[row.id].issued.count for row in package)
    if issued:
        total = sum((found[row.id].issued.total for row in package), Decimal(0))
        text = ngettext(
            "{n} invoice of their days went out under the old prices: {total}",
            "{n} invoices of their days went out under the old prices: {total}",
            issued,
        )
        facts.append(words("‼ " + text.format(n=number(issued), total=money(total)), "$error"))
        facts.append(words(_("They stay as they are: correct them by credit notes."), "$quiet"))
    notes = {row.id: list(_on_activation(picture, package, row, found[row.id])) for row in package}
    return Question(
        _("Put in force"),
        tuple(facts),
        each(package, notes),
        _("Put all {n} in force").format(n=number(len(package))),
        str(issued) if issued else _("activate") if begun else "",
        _("The tariffs, and what ends where they begin"),
    )


def without_gazette(package: Package) -> list[TariffRow]:
    """Those whose reference in the gazette is not kept with them yet."""
    return [row for row in package if not says_something(row.gazette_reference)]


def _gazettes(package: Package, gazette: str) -> Iterator[Content]:
    """One reference for those that have none; nobody's own is written over."""
    bare = len(without_gazette(package))
    own = len(package) - bare
    if bare:
        text = ngettext("for the {n} without one", "for the {n} without one", bare).format(n=number(bare))
        yield pair(_("gazette"), gazette) + words(f" ({text})" if own else "", "$quiet")
    if own:
        text = ngettext("{n} keeps the gazette it has.", "{n} keep the gazette they have.", own)
        yield words(text.format(n=number(own)))


def _ended(picture: Picture, package: Package, row: TariffRow) -> TariffRow | None:
    """What it replaces, which may be another of the package."""
    replaced = picture.register.find(row.replaces_id)
    return replaced if replaced is not None and (replaced.active or replaced in package) else None


def _on_activation(picture: Picture, package: Package, row: TariffRow, found: Readiness) -> Iterator[str]:
    if found.issued.count:
        yield "‼ " + _issued(found.issued)
    if found.unpriced_from is not None:
        yield "! " + _("from {day} on nothing has a price").format(day=day(found.unpriced_from))
    replaced = _ended(picture, package, row)
    if replaced is not None:
        text = _("{day} ends that of {first}: {name}")  # a name may be cut, the days not
        yield "→ " + text.format(day=day(row.effective_from), first=day(replaced.effective_from), name=replaced.name)


def _issued(issued: IssuedInvoices) -> str:
    text = ngettext("{n} invoice: {total}", "{n} invoices: {total}", issued.count)
    span = f", {day(issued.first)} – {day(issued.last)}" if issued.first is not None else ""
    return text.format(n=number(issued.count), total=money(issued.total)) + span


def about_return(package: Package, reason: str) -> Question:
    """Before tariffs go back to their drafters."""
    facts = [*about(package), pair(_("reason"), reason)]
    approved = sum(row.approved_at is not None for row in package)
    if approved:
        text = ngettext("The approval of {n} is void then.", "The approvals of {n} are void then.", approved)
        facts.append(words("! " + text.format(n=number(approved)), "$warning"))
    facts.append(words(_("They become drafts again. Their drafters read your reason in their history."), "$quiet"))
    return Question(
        _("Send back"),
        tuple(facts),
        each(package, {}),
        _("Send all {n} back").format(n=number(len(package))),
        listed=_("The tariffs"),
    )


def about_withdrawal(picture: Picture, package: Package, reason: str) -> Question:
    """Before scheduled tariffs become drafts again."""
    facts = [*about(package), pair(_("reason"), reason)]
    notes = {}
    for row in package:
        replaced = picture.register.find(row.replaces_id)
        if replaced is not None and replaced not in package:
            text = _("that of {first} goes on: {name}")
            notes[row.id] = ["→ " + text.format(first=day(replaced.effective_from), name=replaced.name)]
    facts.append(words("! " + _("Their approval is void: they have to be submitted and approved again."), "$warning"))
    return Question(
        _("Withdraw"),
        tuple(facts),
        each(package, notes),
        _("Withdraw all {n}").format(n=number(len(package))),
        _("withdraw"),
        _("The tariffs, and what goes on without them"),
    )


def above_fields(package: Package, text: str) -> Content:
    """Over what is to be typed for all of them."""
    return words(_("{n} tariffs").format(n=number(len(package))), "bold") + words("\n" + text, "$quiet")


# ---------------------------------------------------------------------- why they cannot


def _list(package: Package, why: Mapping[UUID, Sequence[Content]]) -> Iterator[Content]:
    """What keeps some of a package, and so all of it, from its step."""
    kept = [row for row in package if why.get(row.id)]
    text = _("{n} of {all} cannot go on, so nothing was changed. Space on one leaves it out.")
    yield words(text.format(n=number(len(kept)), all=number(len(package))), "$warning")
    for row in kept:
        yield words("")
        yield stored(named(row), 160, "bold")
        yield stored(row.name, 120, "$quiet")
        yield from why[row.id]


def faults(package: Package, errors: Mapping[UUID, Sequence[Remark]]) -> list[Content]:
    """What the rules want mended before they can be submitted."""
    said = {one: [stored(f"‼ {error}", 300, "$error") for error in of_one] for one, of_one in errors.items()}
    return list(_list(package, said))


def own(package: Package, mine: Package) -> list[Content]:
    """Those that this person wrote on."""
    text = words("‼ " + _("You wrote on it: somebody else approves it."), "$error")
    return list(_list(package, {row.id: [text] for row in mine}))


def missing(package: Package, found: Mapping[UUID, Readiness]) -> list[Content]:
    """What those lack that cannot be put in force; the gazette is asked for afterwards."""
    return list(
        _list(
            package,
            {row.id: questions.lacks(row, found[row.id]) for row in package if questions.stops(found[row.id])},
        )
    )


def refused(package: Package, refusals: Sequence[Refusal]) -> list[Content]:
    """What the server said of some of them."""
    return list(_list(package, {one.row.id: list(_said(one.error)) for one in refusals}))


def _said(error: SupraError) -> Iterator[Content]:
    yield stored(f"‼ {error.title}", 200, "$error")
    yield stored(f"  {error.advice}", 300)
    for other in getattr(error, "others", ()):
        yield stored(f"  {other.name}: {days_of(other)}", 300)
