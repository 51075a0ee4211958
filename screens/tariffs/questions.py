"""What is a person asked before a tariff takes its next step?

Plain questions made of records, so that what a dialog says can be read and tested as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from textual.content import Content

from screens.tariffs import timeline
from screens.tariffs.picture import Picture
from screens.tariffs.wording import days_of, series_name
from screens.widgets.dialogs import Question
from screens.widgets.listing import pair
from screens.widgets.text import stored, words
from supra_console.editing.remarks import Remark
from supra_console.formats import day, money, number
from supra_console.i18n import _, ngettext
from supra_console.tariffs.register import FIRST_YEAR, State, TariffRow, says_something

if TYPE_CHECKING:
    from queries.tariff_readiness import IssuedInvoices, Readiness

LONGEST_REASON = 500
LONGEST_RESOLVER = 200
LONGEST_GAZETTE = 100


def about(row: TariffRow) -> list[Content]:
    """Which tariff is meant, in two lines."""
    return [stored(row.name, 120, "bold"), stored(f"{series_name(row)} · {days_of(row)}", 160)]


def _impact(row: TariffRow) -> Content:
    if row.impact_fits:
        return words("√ " + _("The impact report is of exactly this content."), "$success")
    if row.impact_at is not None:
        return words("! " + _("The impact report is of another content: work it out again (I)."), "$warning")
    return words("! " + _("Nobody has worked out whom it hits yet (I)."), "$warning")


# ---------------------------------------------------------------------- before each step


def about_submission(picture: Picture, row: TariffRow, remarks: Sequence[Remark]) -> Question:
    """Before a draft goes to review."""
    facts = [*about(row), _impact(row)]
    proposal = picture.proposal(row)
    if proposal is not None:
        facts += timeline.in_the_way(proposal)
    facts.append(
        words(_("Somebody who did not write on it approves it. Any edit brings it back to a draft."), "$quiet")
    )
    return Question(
        _("Submit for review"),
        tuple(facts),
        tuple(map(str, remarks)),
        _("Submit it for review"),
        listed=_("What the rules say of it"),
    )


def about_approval(picture: Picture, row: TariffRow, resolved_on: date, resolved_by: str) -> Question:
    """Before somebody signs that a tariff was resolved."""
    facts = [*about(row), pair(_("resolved by"), resolved_by), pair(_("on"), day(resolved_on)), _impact(row)]
    if resolved_on > row.effective_from:
        text = _("It begins before that day: it cannot be put in force until its first day is a later one.")
        facts.append(words("! " + text, "$warning"))
    facts.append(words(_("Your name is recorded with exactly this content; any edit voids the approval."), "$quiet"))
    return Question(_("Approve"), tuple(facts), (), _("Approve it"))


def about_activation(picture: Picture, row: TariffRow, gazette: str, found: Readiness) -> Question:
    """Before a tariff is put in force; back-dated ones name the bills that went out under the old price."""
    today = picture.register.today
    facts = [*about(row), pair(_("gazette"), gazette)]
    replaced = picture.register.find(row.replaces_id)
    if replaced is not None and replaced.active:
        # A new version often keeps the name: the days tell the two apart.
        text = _("{name} of {first} ends on {day}.").format(
            name="\0", first=day(replaced.effective_from), day=day(row.effective_from)
        )
        before, _name, after = text.partition("\0")
        facts.append(words(before) + stored(replaced.name, 80) + words(after))
    if found.unpriced_from is not None:
        text = _("From {day} on nothing has a price: what it replaces would have gone on.")
        facts.append(words("! " + text.format(day=day(found.unpriced_from)), "$warning"))
    issued = found.issued
    word = ""
    listed: tuple[str, ...] = ()
    if row.effective_from > today:
        facts.append(words(_("It can be withdrawn until the day it begins."), "$quiet"))
    else:
        text = _("It counts at once, and cannot be changed or withdrawn any more.")
        facts.append(words("! " + text, "$warning"))
        word = _("activate")
    if issued.count:
        facts += _about_issued(issued)
        listed = tuple(
            f"{one.number}  {one.contract}  {day(one.billing_date)}  {money(one.total)}" for one in issued.sample
        )
        word = str(issued.count)
    return Question(
        _("Put in force"),
        tuple(facts),
        listed,
        _("Put it in force"),
        word,
        _("Issued under the old price: invoice, contract, day, total"),
    )


def _about_issued(issued: IssuedInvoices) -> list[Content]:
    text = ngettext(
        "{n} invoice of its days went out under the old price: {total}",
        "{n} invoices of its days went out under the old price: {total}",
        issued.count,
    ).format(n=number(issued.count), total=money(issued.total))
    facts = [words("‼ " + text, "$error")]
    if issued.first is not None:
        span = f"{day(issued.first)} – {day(issued.last)}"
        shown = len(issued.sample)
        more = _(" · the latest {n} are listed").format(n=number(shown)) if shown < issued.count else ""
        facts.append(words(_("They stay as they are: correct them by credit notes.") + f" {span}{more}", "$quiet"))
    return facts


def about_return(row: TariffRow) -> Content:
    """Above the reason why a tariff goes back to its drafters."""
    text = _("It becomes a draft again. Its drafters read your reason in its history.")
    return stored(row.name, 60, "bold") + words("\n") + words(text, "$quiet")


def about_withdrawal(picture: Picture, row: TariffRow, reason: str) -> Question:
    """Before a scheduled tariff becomes a draft again."""
    facts = [*about(row), pair(_("reason"), reason)]
    replaced = picture.register.find(row.replaces_id)
    if replaced is not None:
        named = stored(f"{replaced.name} ({day(replaced.effective_from)})", 110)
        facts.append(named + words(" " + _("goes on as it would have without it.")))
    facts.append(words("! " + _("Its approval is void: it has to be submitted and approved again."), "$warning"))
    return Question(_("Withdraw"), tuple(facts), (), _("Withdraw it"), _("withdraw"))


def about_deletion(picture: Picture, row: TariffRow) -> Question:
    """Before a draft is gone for good."""
    facts = [*about(row), words("! " + _("It does not come back. The journal keeps that it was there."), "$warning")]
    state = picture.state(row)
    if state is not State.DRAFT:
        facts.append(words("! " + _("It was submitted: somebody may be reading it."), "$warning"))
    return Question(_("Delete"), tuple(facts), (), _("Delete it"), "" if state is State.DRAFT else _("delete"))


# ---------------------------------------------------------------------- what is still missing


def checklist(row: TariffRow, found: Readiness) -> list[tuple[bool | None, Content]]:
    """All that an activation needs: whether it is there, and in words; None for what a dialog asks for."""
    first = day(row.effective_from)
    return [
        (found.approval, words(_("approved, by somebody who did not write on it, as it is now"))),
        (
            found.approval_date_ok,
            words(_("resolved no later than its first day, {day}").format(day=first)),
        ),
        (found.impact_fits, words(_("an impact report of exactly this content (I)"))),
        (not found.conflicts, words(_("no other tariff holds any of its days"))),
        (found.gazette or None, words(_("its reference in the gazette, La Sombra de Arteaga"))),
    ]


def faults(errors: Sequence[Remark]) -> list[Content]:
    """What the rules want mended before it can be submitted."""
    return [stored(f"‼ {error}", 300, "$error") for error in errors]


def missing(row: TariffRow, found: Readiness) -> list[Content]:
    """The checklist in lines, and the tariffs that are in the way."""
    return _told(row, found, checklist(row, found))


def lacks(row: TariffRow, found: Readiness) -> list[Content]:
    """The same without what is there, or is asked for."""
    return _told(row, found, [one for one in checklist(row, found) if one[0] is False])


def _told(row: TariffRow, found: Readiness, wanted: Sequence[tuple[bool | None, Content]]) -> list[Content]:
    signs = {True: words("√ ", "$success"), False: words("‼ ", "$error"), None: words("· ", "$quiet")}
    shown = [signs[there] + text for there, text in wanted]
    if found.approval and not found.approval_date_ok:
        text = _("Send it back (B): a later first day, or approved anew with the day it was resolved on.")
        shown.append(words("   " + text, "$quiet"))
    shown += [
        words("   ") + stored(other.name, 80) + words(": ") + stored(days_of(other), 60) for other in found.conflicts
    ]
    return shown


def stops(found: Readiness) -> bool:
    """Whether something is missing that a dialog cannot ask for."""
    return not (found.approval and found.approval_date_ok and found.impact_fits) or bool(found.conflicts)


# ---------------------------------------------------------------------- what was typed


def fault_of_reason(values: tuple[str, ...]) -> str:
    """What is wrong with a reason; nothing if it will do."""
    return _fault_of_text(values[0], LONGEST_REASON, _("Say why, in a few words."))


def fault_of_gazette(values: tuple[str, ...]) -> str:
    """What is wrong with a reference to the gazette."""
    return _fault_of_text(values[0], LONGEST_GAZETTE, _("Write the number and year of the gazette."))


def fault_of_approval(values: tuple[str, ...], today: date) -> str:
    """What is wrong with the day of a resolution, or with who resolved."""
    resolved_on = read_day(values[0])
    if resolved_on is None:
        return _("Write the day as 2026-02-16.")
    if resolved_on > today:
        return _("A resolution cannot be of a day to come.")
    return _fault_of_text(values[1], LONGEST_RESOLVER, _("Write who resolved it."))


def _fault_of_text(value: str, longest: int, empty: str) -> str:
    if not says_something(value):
        return empty
    if len(value.strip()) > longest:
        return _("At most {n} characters.").format(n=number(longest))
    return ""


def read_day(text: str) -> date | None:
    """An ISO day; None if it is none, or so long ago that no resolution is of it."""
    try:
        found = date.fromisoformat(text.strip()) if len(text.strip()) == 10 else None
    except ValueError:
        return None
    return found if found is not None and found.year >= FIRST_YEAR else None
