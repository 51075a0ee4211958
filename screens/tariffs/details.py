"""Where does this tariff stand, who did what when, and what is the next step?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from textual.content import Content

from screens.tariffs import timeline
from screens.tariffs.picture import Picture
from screens.tariffs.wording import LOOKS, days_of, event_word, first_day, names_of, series_name
from screens.widgets.listing import joined, pair
from screens.widgets.text import assemble, lines, stored, words
from supra_console.formats import day, moment, number
from supra_console.i18n import _
from supra_console.tariffs.register import State, TariffRow

if TYPE_CHECKING:
    from queries.tariffs import Event

_NOTED = ("reason", "approved_by", "approval_date", "gazette_reference")
_PROBLEMS = 200
"""Lines for what is wrong with a series; one that nobody kept in order has thousands."""
_PAYLOAD = 300
"""Characters of what the journal noted with an event."""


def under(picture: Picture, row: TariffRow, width: int, height: int) -> Content:
    """The tariff under the cursor and its series over time, in at most so many lines."""
    line = picture.lines[row.series]
    drawing = list(timeline.drawn(line, picture.register.today, width, row.id))
    wrong = list(islice(timeline.problems(line, row.id), height + 1))
    top = list(_head(picture, row, roomy=True))
    if _lines(top, width) + _lines(wrong, width) + len(drawing) > height:
        top = list(_head(picture, row, roomy=False))
    room = max(1, height - _lines(top, width) - len(drawing))
    if _lines(wrong, width) > room:
        more = words(_("… and more: D shows all"), "$warning")
        kept = [place for place in range(1, len(wrong)) if _lines([*wrong[:place], more], width) <= room]
        wrong = [*wrong[: max(kept)], more] if kept else wrong[:1]
    return lines([*top, *wrong, *drawing])


def _lines(contents: Sequence[Content], width: int) -> int:
    """How many lines they take where long ones are folded."""
    return sum(-(-max(1, content.cell_length) // width) for content in contents)


def _head(picture: Picture, row: TariffRow, roomy: bool) -> Iterator[Content]:
    look = LOOKS[picture.state(row)]
    yield assemble(
        stored(row.name, 90, "bold"),
        words("  "),
        words(_(look.word), look.style),
        words("  "),
        stored(days_of(row), 60),
    )
    if row.unreadable:
        yield words("‼ " + _("cannot be read, so it is only looked at: Enter shows it as it is stored"), "$error")
        yield stored(str(row.unreadable[0]), 200, "$error")
        return
    if roomy:
        yield from _facts(picture, row)
    yield next_step(picture, row)


def _facts(picture: Picture, row: TariffRow) -> Iterator[Content]:
    document = row.document
    assert document is not None  # noqa: S101 - unreadable rows were sorted out
    parts = [pair(_("blocks"), number(len(document.blocks)))]
    if document.additional_concepts:
        parts.append(pair(_("concepts"), number(len(document.additional_concepts))))
    if picture.register.population:
        parts.append(pair(_("tomas"), number(picture.register.population.get(row.series, 0))))
    replaced = picture.register.find(row.replaces_id)
    if replaced is not None:
        parts.append(pair(_("replaces the one of"), first_day(replaced)))
    yield joined(parts, "   ")


def next_step(picture: Picture, row: TariffRow) -> Content:
    """What has to happen next, and by whom; what was decided, where nothing has."""
    state = picture.state(row)
    who = ", ".join(row.drafter_names) or _("somebody unknown")
    late = words("")
    if picture.overdue(row):
        late = words("‼ " + _("Its first day is past: bills go out under the old price.") + " ", "$error")
    if state is State.DRAFT:
        text = _("Drafted by {who}. Next: its impact (I), then submit it (S).")
        return stored((text if picture.may_act else _("Drafted by {who}.")).format(who=who), 300)
    if state is State.IN_REVIEW:
        text = _("Submitted by {who} on {day}. ").format(who=row.submitted_by or who, day=day(row.submitted_at))
        if not picture.may_act:
            return late + stored(text, 200)
        if picture.own(row):
            return late + words(_("You wrote on it: somebody else approves it.") + " ", "$warning") + stored(text, 200)
        return late + stored(text + _("Next: approve it (A), or send it back (B)."), 300)
    if state is State.APPROVED:
        text = _("Resolved by {who} on {day}. ").format(who=row.approved_by or "–", day=day(row.approval_date))
        return late + stored(text, 200) + (missing(row) if picture.may_act else words(""))
    resolved = ", ".join(part for part in (row.approved_by, day(row.approval_date)) if part)
    parts = [pair(_("gazette"), row.gazette_reference or "–"), pair(_("resolved by"), resolved or "–")]
    if row.activated_at is not None:
        parts.append(pair(_("activated"), moment(row.activated_at)))
    return joined(parts, "  ")


def missing(row: TariffRow) -> Content:
    """What an approved tariff still lacks, as far as its row tells."""
    if row.approval_date is not None and row.approval_date > row.effective_from:
        return words(_("Next: send it back (B): it was resolved after its first day."), "$warning")
    if not row.impact_fits:
        return words(_("Missing: an impact report of this content (I)."), "$warning")
    if not row.gazette_reference:
        return words(_("Next: put it in force (F), which asks for the gazette."))
    return words(_("Next: put it in force (F)."))


def unpriced(picture: Picture) -> Iterator[Content]:
    """The series that tomas have and no tariff prices today, each with so many tomas."""
    yield words(_("These tomas would go unbilled today. N drafts a tariff for them."), "$warning")
    yield words("")
    for series, tomas in picture.unpriced:
        place = picture.municipality(series) or "–"
        yield words(f"{number(tomas):>10}  ") + stored(f"{place}, {names_of(series)}", 120)


# ---------------------------------------------------------------------- in full


def in_full(picture: Picture, row: TariffRow, events: Sequence[Event], width: int) -> Iterator[Content]:
    """All that is known of a tariff, and its history."""
    document = row.document
    yield stored(row.name, 200, "bold")
    yield stored(series_name(row), 200) + words("  ") + stored(days_of(row), 80)
    yield next_step(picture, row)
    for remark in row.unreadable:
        yield stored(f"‼ {remark}", 300, "$error")
    yield words("")
    yield words(_("The series over time"), "bold $primary")
    line = picture.lines[row.series]
    yield from timeline.drawn(line, picture.register.today, width, row.id)
    yield timeline.legend()
    yield from islice(timeline.problems(line), _PROBLEMS)
    if document is not None:
        yield words("")
        yield words(_("Prices"), "bold $primary")
        yield words(f"{_('above m³'):>12} {_('to m³'):>12} {_('MXN per m³'):>12} {_('fixed MXN'):>12}", "$quiet")
        for block in document.blocks:
            cells = (block.from_m3, block.to_m3, block.price_per_m3, block.fixed_charge)
            yield words(" ".join(f"{_plain(cell):>12}" for cell in cells))
        for concept in document.additional_concepts:
            unit = "%" if concept.type == "percentage" else "MXN"
            yield stored(f"+ {concept.name} ({concept.code}): {_plain(concept.value)} {unit}", 200)
    yield words("")
    yield words(_("Approval"), "bold $primary")
    yield from _approval(row)
    yield words("")
    yield words(_("What happened"), "bold $primary")
    if not events:
        yield words(_("The journal has nothing about it: it was there before the journal, or loaded."), "$quiet")
    for event in events:
        yield _happened(event)


def _plain(value: Decimal | None) -> str:
    return "∞" if value is None else f"{value:f}"


def _approval(row: TariffRow) -> Iterator[Content]:
    yield pair(_("drafted by"), ", ".join(row.drafter_names) or "–")
    yield pair(_("submitted"), _by(row.submitted_by, moment(row.submitted_at)))
    yield pair(_("approved"), moment(row.approved_at) or "–")
    yield pair(_("resolved by"), _by(row.approved_by, day(row.approval_date)))
    yield pair(_("gazette"), row.gazette_reference or "–")
    fits = _("of this content") if row.impact_fits else _("of another content: it has to be worked out again")
    yield pair(_("impact report"), f"{moment(row.impact_at)}, {fits}" if row.impact_at else "–")
    yield pair(_("activated"), moment(row.activated_at) or "–")


def _by(who: str | None, when: str) -> str:
    return ", ".join(part for part in (who, when) if part) or "–"


def _happened(event: Event) -> Content:
    return assemble(
        words(moment(event.happened_at) + "  ", "$quiet"),
        stored(event_word(event.what), 60, "bold"),
        words("  "),
        stored(event.who or "–", 60),
        words("  "),
        stored(noted(event.payload), _PAYLOAD, "$quiet"),
    )


def noted(payload: object) -> str:
    """What the journal noted with an event, as far as a reader wants it: reasons, columns, who resolved."""
    if not isinstance(payload, Mapping):
        return ""
    parts = [str(payload[name]) for name in _NOTED if payload.get(name)]
    changes = payload.get("changes")
    if isinstance(changes, Mapping) and changes:
        parts.append(_("changed: {columns}").format(columns=", ".join(map(str, changes))))
    if payload.get("acknowledged_invoices"):
        parts.append(_("{n} issued invoices acknowledged").format(n=payload["acknowledged_invoices"]))
    return " · ".join(parts)
