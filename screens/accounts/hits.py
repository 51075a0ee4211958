"""Which accounts match, and why?

The table of hits, one line an account, and the two lines under it that say all of the account the
cursor is on: what the table had to cut, and the reason in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from queries.reasons import KINDS, kind
from screens.widgets.text import assemble, cell, folded, highlighted, lines, stored, words
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from queries.accounts import Hit

EXACT, PREFIX, ALL_WORDS, SIMILAR = 1, 2, 3, 4

KEYS = frozenset(KINDS) - {"name", "address", "name_address"}

# The word is the schema's; what is not simply in force stands out from the column.
_STATUS_STYLES = {"suspendido": "hits--warning", "pendiente": "hits--coming"}

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

    def longest(values: Iterable[str], least: int, most: int) -> int:
        return max(least, min(most, max((len(value) for value in values), default=least)))

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


class HitsTable(DataTable[Text]):
    """Accounts by their contract's id; the focus stays in the search box, the cursor here moves."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hits--match",
        "hits--quiet",
        "hits--coming",
        "hits--warning",
        "hits--stale",
    }
    DEFAULT_CSS: ClassVar[str] = """
    HitsTable {
        background: transparent; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden;
        & > .datatable--header, &:ansi > .datatable--header {
            background: transparent; color: $quiet; text-style: none;
        }
        & > .hits--match { color: $primary; text-style: bold; }
        & > .hits--quiet { color: $quiet; }
        & > .hits--coming { color: $accent; }
        & > .hits--warning { color: $warning; }
        & > .hits--stale { color: $quiet; }
    }
    """
    TITLES: ClassVar = {
        "contract": N_("Contract"),
        "holder": N_("Holder"),
        "address": N_("Address"),
        "toma": N_("Toma"),
        "status": N_("Status"),
        "why": N_("Why"),
    }

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, id="hits")
        self.can_focus = False
        self._widths: dict[str, int] = {}
        self._hits: tuple[Hit, ...] = ()
        self._rows: dict[str, tuple[Text, ...]] = {}  # all of them by key,
        self._shown: dict[str, tuple[Text, ...]] = {}  # and those the table has already
        self._terms: tuple[str, ...] = ()
        self._stale = False

    @property
    def hit(self) -> Hit | None:
        """The account the cursor is on."""
        return self._hits[self.cursor_row] if 0 <= self.cursor_row < len(self._hits) else None

    def show(self, hits: tuple[Hit, ...], text: str, *, stale: bool = False) -> None:
        """Show these accounts, keeping the cursor on its account if somebody had moved it.

        Args:
            hits: best first.
            text: what was searched; its words are marked where they stand.
            stale: the hits are not the answer to what stands in the box now.
        """
        kept = self.hit if self.cursor_row > 0 else None
        self._terms = tuple(term for term in folded(text).split() if len(term) > 1)
        self._hits, self._stale = hits, stale
        columns = widths(self.app.size.width, hits)
        with self.app.batch_update():
            if columns != self._widths:
                self._rebuild(columns)
            self._rows = rows = {str(hit.contract_id): self._cells(hit) for hit in hits}
            if list(rows) == list(self._shown):
                self._update(rows)
                self._shown = rows
            else:
                self.clear()
                self._shown = {}
                # What the screen has room for is painted first; a table takes its time for each row.
                room = len(rows) if kept in hits else self.app.size.height
                self._add(rows, room)
                if len(rows) > room:
                    self.call_after_refresh(self._add_rest, rows)
            if kept in hits:
                self.move_cursor(row=hits.index(kept))

    def _add(self, rows: dict[str, tuple[Text, ...]], count: int) -> None:
        for key, cells in rows.items():
            if key not in self._shown and len(self._shown) < count:
                self.add_row(*cells, key=key)
                self._shown[key] = cells

    def _add_rest(self, rows: dict[str, tuple[Text, ...]]) -> None:
        if rows is self._rows:
            self._add(rows, len(rows))

    def _rebuild(self, columns: dict[str, int]) -> None:
        self.clear(columns=True)
        self._shown = {}
        self._widths = columns
        for name, width in columns.items():
            self.add_column(Text(_(self.TITLES[name])), key=name, width=width)

    def _update(self, rows: dict[str, tuple[Text, ...]]) -> None:
        for key, cells in rows.items():
            for name, before, after in zip(self._widths, self._shown[key], cells, strict=True):
                if before != after or before.spans != after.spans or before.style != after.style:
                    self.update_cell(key, name, after, update_width=False)

    def again(self) -> None:
        """Draw all rows anew, for another width or other colours."""
        self._widths = {}
        here = self.cursor_coordinate
        self.show(self._hits, " ".join(self._terms), stale=self._stale)
        self._add_rest(self._rows)
        self.move_cursor(row=here.row)

    def _cells(self, hit: Hit) -> tuple[Text, ...]:
        quiet, match = self._style("hits--quiet"), self._style("hits--match")
        base = self._style("hits--stale") if self._stale else Style.null()
        place = f"{hit.address}, {hit.municipality}" if "toma" in self._widths and hit.municipality else hit.address

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
        status.style = base if in_force else self._style(_STATUS_STYLES.get(hit.contract_status, "hits--quiet"))
        made: dict[str, Callable[[], Text]] = {
            "contract": lambda: text(hit.contract_number, matched=hit.matched_by == "contract_number"),
            "holder": lambda: text(hit.holder),
            "address": lambda: text(place),
            "toma": lambda: text(hit.toma_number, matched=hit.matched_by == "toma_number"),
            "status": lambda: status,
            "why": lambda: cell(why(hit), style=str(quiet)),
        }
        return tuple(made[name]() for name in self._widths)

    def _style(self, name: str) -> Style:
        """A component's colours without its background, which is the row's own."""
        style = self.get_component_rich_style(name, partial=True)
        return Style(color=style.color, bold=style.bold)

    def first(self) -> None:
        """The cursor on the best hit."""
        self.cursor_coordinate = Coordinate(0, 0)
