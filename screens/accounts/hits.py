"""Which accounts match, and why?

The table of hits, one line an account, and the two lines under it that say all of the account the
cursor is on: what the table had to cut, and the reason in full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.content import Content

from queries.reasons import KINDS, kind
from screens.widgets.line_table import Column, LineTable, longest
from screens.widgets.text import assemble, cell, folded, highlighted, lines, stored, words
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from queries.accounts import Hit

EXACT, PREFIX, ALL_WORDS, SIMILAR = 1, 2, 3, 4

KEYS = frozenset(KINDS) - {"name", "address", "name_address"}

# The word is the schema's; what is not simply in force stands out from the column.
_STATUS_ROLES = {"suspendido": "warning", "pendiente": "coming"}

# Above so many columns the toma and the municipality have room of their own.
WIDE = 100
# Below so many the reason is only in the lines under the table.
NARROW = 72


def why(hit: Hit) -> str:
    """The reason for the column: `= phone`, `phone…`, `name`, `≈ name`."""
    template = {EXACT: "= {}", PREFIX: "{}…", SIMILAR: "≈ {}"}.get(hit.tier, "{}")
    return template.format(kind(hit.matched_by))


def reason(hit: Hit) -> Content:
    """The reason with the value that matched: `phone = 442 123 4567`."""
    if hit.matched_by in KEYS:
        sign = {EXACT: "=", PREFIX: _("begins"), SIMILAR: "≈"}.get(hit.tier, "")
        return assemble(words(f"{kind(hit.matched_by)} {sign} ", "$quiet"), stored(hit.matched_value, 40, "$primary"))
    if hit.tier == SIMILAR:
        return words("≈ " + _("spelt alike"), "$quiet")
    return words(_("every word"), "$quiet")


def widths(total: int, hits: Sequence[Hit]) -> dict[str, int]:
    """Columns and their widths in a table of so many cells, numbers as wide as they need."""
    wide = total >= WIDE

    columns = {
        "contract": longest((hit.contract_number for hit in hits), 8, 16),
        "holder": 0,
        "address": 0,
        "toma": longest((hit.toma_number for hit in hits), 6, 14) if wide else 0,
        "status": 10,
        "why": 11 if total >= NARROW else 0,
    }
    shown = [name for name, width in columns.items() if width or name in {"holder", "address"}]
    # Each column has a cell of air on either side; one column is the scrollbar's.
    rest = total - 1 - 2 * len(shown) - sum(columns.values())
    columns["holder"] = max(12, rest * 9 // 20)
    columns["address"] = max(12, rest - columns["holder"])
    return {name: columns[name] for name in shown}


def summary(hit: Hit, width: int) -> Content:
    """The account under the cursor in two lines of so many cells, with the reason in full."""
    place = ", ".join(part for part in (hit.address, hit.municipality) if part)
    name = assemble(stored(hit.contract_number, 30, "bold"), "  ", stored(hit.holder, 400, "bold"))
    toma = assemble(words(_("toma") + " ", "$quiet"), stored(hit.toma_number, 30), "  ", stored(place, 400))
    return lines([_ends(name, stored(hit.contract_status, 20), width), _ends(toma, reason(hit), width)])


def _ends(left: Content, right: Content, width: int) -> Content:
    """Two texts at the ends of a line; the left one gives way."""
    room = max(0, width - right.cell_length - 2)
    left = left.truncate(room, ellipsis=True)
    return left + " " * (width - left.cell_length - right.cell_length) + right


class HitsTable(LineTable["Hit"]):
    """Accounts by their contract's id; the focus stays in the search box, the cursor here moves."""

    TITLES: ClassVar = {
        "contract": N_("Contract"),
        "holder": N_("Holder"),
        "address": N_("Address"),
        "toma": N_("Toma"),
        "status": N_("Status"),
        "why": N_("Why"),
    }

    def __init__(self) -> None:
        super().__init__(id="hits")
        self.can_focus = False
        self._hits: tuple[Hit, ...] = ()
        self._shown: tuple[str, ...] = ()  # the names of the columns
        self._terms: tuple[str, ...] = ()
        self._stale = False

    def show(self, hits: tuple[Hit, ...], text: str, *, stale: bool = False) -> None:
        """Show these accounts, keeping the cursor on its account if somebody had moved it.

        Args:
            hits: best first.
            text: what was searched; its words are marked where they stand.
            stale: the hits are not the answer to what stands in the box now.
        """
        kept = self.row if self.cursor_row > 0 else None
        self._terms = tuple(term for term in folded(text).split() if len(term) > 1)
        self._hits, self._stale = hits, stale
        room = widths(self.app.size.width, hits)
        self._shown = tuple(room)
        columns = [Column(name, _(self.TITLES[name]), width) for name, width in room.items()]
        self.fill(columns, hits, self._values, cursor=hits.index(kept) if kept in hits else 0)

    def again(self) -> None:
        """Draw all rows anew, for another width or other colours."""
        here = self.cursor_row
        self.show(self._hits, " ".join(self._terms), stale=self._stale)
        self.cursor_row = here

    def _values(self, hit: Hit) -> tuple[Text, ...]:
        match = self.role("match")
        base = self.role("quiet") if self._stale else Style.null()
        place = f"{hit.address}, {hit.municipality}" if "toma" in self._shown and hit.municipality else hit.address

        def text(value: object, *, matched: bool = False) -> Text:
            shown = cell(value, 400)
            shown.style = base
            if self._stale:
                return shown
            if matched:
                shown.stylize(match)
            return shown if matched else highlighted(shown, self._terms, match)

        status = cell(hit.contract_status, 40)
        in_force = hit.contract_status == "activo" or self._stale
        status.style = base if in_force else self.role(_STATUS_ROLES.get(hit.contract_status, "quiet"))
        why_shown = cell(why(hit))
        why_shown.style = self.role("quiet")
        made: dict[str, Callable[[], Text]] = {
            "contract": lambda: text(hit.contract_number, matched=hit.matched_by == "contract_number"),
            "holder": lambda: text(hit.holder),
            "address": lambda: text(place),
            "toma": lambda: text(hit.toma_number, matched=hit.matched_by == "toma_number"),
            "status": lambda: status,
            "why": lambda: why_shown,
        }
        return tuple(made[name]() for name in self._shown)
