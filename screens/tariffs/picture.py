"""What does the list of tariffs know, and which of them does it show?

A function from a `Picture` to a `Listing`, without a widget, so that it can be read and tested as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from screens.tariffs.wording import LOOKS, days, first_day, last_day, names_of, whose
from screens.widgets.line_table import Cell, Column, Value
from screens.widgets.listing import Listing, Row, Shown, listing
from screens.widgets.text import folded
from supra_console import i18n
from supra_console.formats import number
from supra_console.i18n import N_, _, ngettext
from supra_console.tariffs.register import Series, State, TariffRow
from supra_console.tariffs.series import Proposal, Timeline, timelines

if TYPE_CHECKING:
    from queries.tariffs import Register

SUPERVISOR: Final = "supra_supervisor"
IN_HAND: Final = frozenset((State.DRAFT, State.IN_REVIEW, State.APPROVED))
MARKED: Final = IN_HAND | {State.SCHEDULED}
"""In which states a tariff can be marked: those from which it can still take a step."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All the screen shows, at one moment.

    Attributes:
        lines: the timeline of each series.
        shown: which of `FILTERS` is on, by its name.
        needle: only tariffs with these words.
        marked: ids of those that are rated together, and take their next step together.
        user_id: of the person signed in.
        may_act: the person drafts and approves tariffs.
    """

    register: Register
    lines: Mapping[Series, Timeline] = field(default_factory=dict)
    shown: str = "current"
    needle: str = ""
    marked: frozenset[UUID] = frozenset()
    user_id: UUID | None = None
    may_act: bool = True

    @classmethod
    def of(cls, register: Register, user_id: UUID | None, may_act: bool) -> Picture:
        """The first one, of what the server told."""
        lines = timelines(register.tariffs, register.today)
        return cls(register, lines, user_id=user_id, may_act=may_act)

    def state(self, row: TariffRow) -> State:
        """Where in its life a tariff is today."""
        return row.state(self.register.today)

    def proposal(self, row: TariffRow) -> Proposal | None:
        """A draft as tried on its series."""
        return next((one for one in self.lines[row.series].proposals if one.row.id == row.id), None)

    def troubled(self, row: TariffRow) -> bool:
        """Whether something is wrong with it or with its series."""
        if row.document is None or not self.lines[row.series].sound:
            return True
        proposal = self.proposal(row)
        if self.overdue(row):
            return True
        return proposal is not None and (bool(proposal.in_the_way) or any(not gap.priced for gap in proposal.leaves))

    def can_be_marked(self, row: TariffRow) -> bool:
        """Whether it can be one of several that are rated, or take a step, together."""
        return row.document is not None and self.state(row) in MARKED

    @property
    def package(self) -> tuple[TariffRow, ...]:
        """Those that are marked, in the order of the register."""
        return tuple(row for row in self.register.tariffs if row.id in self.marked)

    def kept_of(self, before: Picture, followed: frozenset[UUID]) -> frozenset[UUID]:
        """The marks of an earlier picture, without those whose tariff is gone or was brought to another state since.

        Args:
            followed: those that were brought there by the person who marked them, for the next step.
        """
        then = {row.id: before.state(row) for row in before.package}
        return frozenset(
            row.id
            for row in self.register.tariffs
            if self.can_be_marked(row)
            and (then.get(row.id) is self.state(row) or (row.id in then and row.id in followed))
        )

    def overdue(self, row: TariffRow) -> bool:
        """Whether its first day has come while it was on its way: bills go out under the old price."""
        return self.state(row) in (State.IN_REVIEW, State.APPROVED) and row.effective_from <= self.register.today

    @property
    def resolver(self) -> str:
        """Who resolved the tariff that was resolved last; nobody if none was."""
        resolved = [row for row in self.register.tariffs if row.approved_by and row.approval_date is not None]
        latest = max(resolved, key=lambda row: (row.approval_date, row.approved_at is not None), default=None)
        return latest.approved_by or "" if latest is not None else ""

    @property
    def unpriced(self) -> tuple[tuple[Series, int], ...]:
        """Series that tomas have and no tariff prices today, with so many tomas, the largest first."""
        today, found = self.register.today, []
        for series, tomas in self.register.population.items():
            general = Series(series.category, series.billing_period)
            priced = any(self.lines[one].on(today) for one in (series, general) if one in self.lines)
            # Rows for all explotaciones count tomas that stand under their own as well.
            if series.explotacion_id is not None and not priced:
                found.append((series, tomas))
        return tuple(sorted(found, key=lambda pair: -pair[1]))

    def municipality(self, series: Series) -> str:
        """Where a series is; nothing for all explotaciones, or one that is not listed any more."""
        known = {one.id: one.municipality for one in self.register.explotaciones}
        return known.get(series.explotacion_id, "") if series.explotacion_id is not None else ""

    def own(self, row: TariffRow) -> bool:
        """Whether the person signed in wrote on it, and so may not approve it."""
        return self.user_id is not None and self.user_id in row.drafters


class Filter(NamedTuple):
    """Which tariffs are listed, and how that is called."""

    name: str
    title: str
    fits: Callable[[Picture, TariffRow], bool]


FILTERS: Final[Sequence[Filter]] = (
    Filter("current", N_("without the superseded"), lambda picture, row: picture.state(row) is not State.SUPERSEDED),
    Filter("in_hand", N_("drafts, in review, approved"), lambda picture, row: picture.state(row) in IN_HAND),
    Filter("review", N_("in review"), lambda picture, row: picture.state(row) is State.IN_REVIEW),
    Filter("scheduled", N_("scheduled"), lambda picture, row: picture.state(row) is State.SCHEDULED),
    Filter("in_force", N_("in force"), lambda picture, row: picture.state(row) is State.IN_FORCE),
    Filter("trouble", N_("with a gap, an overlap or a fault"), lambda picture, row: picture.troubled(row)),
    Filter("all", N_("all, also the superseded"), lambda picture, row: True),
)


def filter_of(picture: Picture) -> Filter:
    """The one that is on."""
    return next(one for one in FILTERS if one.name == picture.shown)


def _searched(picture: Picture, row: TariffRow) -> str:
    state = _(LOOKS[picture.state(row)].word)
    place = f"{whose(row)} {row.explotacion or ''} {names_of(row.series)}"
    words = f"{place} {state} {row.name} {row.gazette_reference or ''} {row.effective_from}"
    return f"{_folded(words)} {_days(row.effective_from, row.effective_until, i18n.language())}"


@lru_cache(8192)  # each letter typed asks for all of them again
def _days(begins: date, ends: date | None, _language: str | None) -> str:
    return folded(days(begins, ends))


_folded = lru_cache(8192)(folded)


def listed(picture: Picture) -> list[TariffRow]:
    """The tariffs through both filters: series by series, in each the newest first."""
    fits, terms = filter_of(picture).fits, folded(picture.needle).split()
    rows = [row for row in picture.register.tariffs if fits(picture, row)]
    if terms:
        rows = [row for row in rows if all(term in _searched(picture, row) for term in terms)]
    newest_first = sorted(rows, key=lambda row: row.effective_from, reverse=True)
    return sorted(newest_first, key=_order)


def _order(row: TariffRow) -> tuple[bool, str, str, str, str]:
    series = row.series
    own = series.explotacion_id is not None
    return own, _folded(row.municipality or ""), _folded(row.explotacion or ""), series.category, series.billing_period


def view(picture: Picture, width: int) -> Listing:
    """One row for each tariff."""
    rows = listed(picture)
    place = 20 if width >= 110 else None  # where the name has a column, it takes what is left
    shown: list[Shown[TariffRow]] = [
        Shown(Column("mark", "", 1), lambda row: Cell("●" if row.id in picture.marked else " ", "match")),
        Shown(Column("municipality", _("Municipality"), place), lambda row: _whose(picture, row)),
        *_series(width),
        Shown(Column("state", _("State"), 13), lambda row: _state(picture, row)),
        Shown(Column("from", _("From"), 12), first_day),
        Shown(Column("until", _("Until"), 12), last_day, 96),
        Shown(Column("name", _("Name")), lambda row: row.name, 110),
        Shown(Column("by", _("Drafted by"), 18), lambda row: ", ".join(row.drafter_names), 150),
    ]
    note, role = _note(picture, len(rows))
    return listing(note, shown, [Row(str(row.id), row) for row in rows], width, role)


def _series(width: int) -> Iterator[Shown[TariffRow]]:
    """The category and the period; where there is no room for two columns, `domestica bim` in one."""
    if width >= 66:
        yield Shown(Column("category", _("Category"), 10), lambda row: row.series.category)
        yield Shown(Column("period", _("Period"), 10), lambda row: row.series.billing_period)
    else:
        yield Shown(
            Column("category", _("Category"), 14),
            lambda row: f"{row.series.category:.10} {row.series.billing_period:.3}",
        )


def _whose(picture: Picture, row: TariffRow) -> str:
    """The municipality, and the explotación where there are several in it."""
    same = sum(one.municipality == row.municipality for one in picture.register.explotaciones)
    return f"{whose(row)}: {row.explotacion}" if same > 1 and row.explotacion else whose(row)


def _state(picture: Picture, row: TariffRow) -> Value:
    look = LOOKS[picture.state(row)]
    if row.document is None:
        return Cell("‼ " + _("unreadable"), "error")
    alarm = "!" if picture.troubled(row) else " "
    return Cell(f"{look.sign}{alarm}{_(look.word)}", "error" if alarm == "!" else look.role)


def _note(picture: Picture, shown: int) -> tuple[str, str]:
    everything = len(picture.register.tariffs)
    if not everything:
        return _("There is no tariff yet. N drafts the first."), ""
    text = ngettext("{n} tariff", "{n} tariffs", everything).format(n=number(everything))
    if shown != everything:
        text = _("{n} of {tariffs}").format(n=number(shown), tariffs=text)
    asked, told = [], [text]
    if picture.marked:
        marked = len(picture.marked)
        asked.append(ngettext("● {n} marked", "● {n} marked", marked).format(n=number(marked)))
    if not shown:
        asked.append(_("none; Esc drops the words") if picture.needle else _("none; T lists others"))
    if picture.needle:
        asked.append(_("with “{text}”").format(text=picture.needle))
    if picture.shown != FILTERS[0].name:
        asked.append(_(filter_of(picture).title))
    elif not asked:
        told.append(_(filter_of(picture).title))
    if not picture.may_act:
        asked.append(_("only supervisors draft and approve"))
    trouble = list(_trouble(picture))
    # What was asked for comes first, and what is wrong is not cut away behind the rest.
    return " · ".join([*asked, *trouble, *told]), "error" if trouble else ""


def _trouble(picture: Picture) -> Iterator[str]:
    tomas = sum(pair[1] for pair in picture.unpriced)
    if tomas:
        text = ngettext("‼ {n} toma no tariff prices", "‼ {n} tomas no tariff prices", tomas)
        yield text.format(n=number(tomas))
    overdue = sum(map(picture.overdue, picture.register.tariffs))
    if overdue:
        text = ngettext("‼ {n} past its first day", "‼ {n} past their first day", overdue)
        yield text.format(n=number(overdue))
    troubled = sum(not line.sound for line in picture.lines.values())
    if troubled:
        text = ngettext("‼ {n} series with gaps or overlaps", "‼ {n} series with gaps or overlaps", troubled)
        yield text.format(n=number(troubled))
