"""What would a bill come to, by which steps, and how do old and new compare at every consumption?

A consumption is typed and its bill stands below with each step; beside it the curve of bill against m³, and below the
fixed test set: 0, each limit, a litre beyond each, and a large value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from screens.tariffs.editor.views import LETTERS
from screens.widgets.field import Field
from screens.widgets.line_table import GAP, Cell, Column, LineTable, Value
from screens.widgets.plot import Curve, Figure, Plot
from screens.widgets.text import assemble, stored, words
from supra_console.documents.billing import TariffInsert
from supra_console.errors import InvalidInput
from supra_console.formats import money, number
from supra_console.i18n import _
from supra_console.tariffs.curve import curve, fixed_test_set, reach
from supra_console.tariffs.numbers import read_number
from supra_console.tariffs.rating import Bill, rate

NAME, AMOUNT = 15, 10
"""Cells of a line of the bill at least: of its name, and of its amount."""
FIRST_M3: Final = "20"
"""m³ to begin with: what a household uses."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried.

    Attributes:
        new: the tariff as it is being edited; None while it cannot be rated at all.
        old: the one it replaces.
        present: whether `new` is the sheet as it stands, not as it last could be rated.
        social: with the social discount.
    """

    new: TariffInsert | None = None
    old: TariffInsert | None = None
    present: bool = True
    social: bool = False

    @property
    def discounted(self) -> bool:
        """Whether either knows a social discount."""
        return any(one is not None and one.social_discount_pct is not None for one in (self.new, self.old))


@dataclass(frozen=True, slots=True)
class TestRow:
    """One consumption of the fixed test set, with what it costs."""

    __test__: ClassVar[bool] = False
    m3: Decimal
    old: Decimal | None
    new: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """New less old."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def share(self) -> str:
        """The difference in per cent of the old bill."""
        if self.difference is None or not self.old:
            return ""
        percent = (self.difference * 100 / self.old).quantize(Decimal("0.1")) + 0  # no -0.0
        return f"{'+' if percent > 0 else ''}{number(percent, 1)}%"

    def values(self) -> Sequence[Value]:
        """The cells of its line."""
        difference = self.difference
        role = "" if difference is None else "quiet" if not difference else "warning" if difference > 0 else "good"
        sign = "" if difference is None else f"{'+' if difference > 0 else ''}{number(difference, 2)}"
        old, new = ("—" if amount is None else number(amount, 2) for amount in (self.old, self.new))
        return number(self.m3), Cell(old, "quiet"), Cell(new, "strong"), Cell(sign, role), Cell(self.share, role), ""


def test_row(trial: Trial, m3: Decimal) -> TestRow:
    """What a consumption costs under both."""
    return TestRow(m3, total(trial.old, m3, trial.social), total(trial.new, m3, trial.social))


def total(tariff: TariffInsert | None, m3: Decimal, social: bool) -> Decimal | None:
    """What a consumption costs with IVA; None where it cannot be rated."""
    if tariff is None:
        return None
    try:
        return rate(tariff, m3, social=social).total
    except InvalidInput:
        return None


def test_set(trial: Trial) -> tuple[Decimal, ...]:
    """The fixed test set of both tariffs together: where either has a limit, the other is worth looking at."""
    at = {m3 for tariff in (trial.new, trial.old) if tariff is not None for m3 in fixed_test_set(tariff)}
    return tuple(sorted(at))


class Curves:
    """The curve of bill against m³, new over old; what did not change is not worked out again."""

    def __init__(self) -> None:
        self._known: dict[bool, tuple[TariffInsert, Decimal, bool, Curve | None]] = {}

    def figure(self, trial: Trial) -> Figure:
        """Both as lines."""
        right = reach(trial.old, trial.new)
        drawn = [self._curve(tariff, right, trial.social, dashed) for tariff, dashed in self._lines(trial)]
        title = _("MXN; the old one dashed") if trial.old is not None else _("MXN")
        return Figure(tuple(one for one in drawn if one is not None), right, "m³", title)

    @staticmethod
    def _lines(trial: Trial) -> list[tuple[TariffInsert, bool]]:
        pairs = ((trial.new, False), (trial.old, True))
        return [(tariff, dashed) for tariff, dashed in pairs if tariff is not None]

    def _curve(self, tariff: TariffInsert, right: Decimal, social: bool, dashed: bool) -> Curve | None:
        known = self._known.get(dashed)
        if known is None or known[0] is not tariff or known[1:3] != (right, social):
            try:
                points = tuple((point.m3, point.total) for point in curve(tariff, right, social=social))
                made = Curve(points, dashed)
            except InvalidInput:
                made = None
            known = self._known[dashed] = (tariff, right, social, made)
        return known[3]


# ---------------------------------------------------------------------- the bill


@dataclass(frozen=True, slots=True)
class BillRow:
    """A line of the bill: what, how it came about, MXN."""

    what: str
    how: str
    amount: Decimal
    role: str = ""


def bill_rows(bill: Bill) -> Sequence[BillRow]:
    """Each step of the water, the discount, the lines with their IVA, and the total."""
    rows = []
    for step in bill.steps:
        end = "" if step.to_m3 is None else number(step.to_m3)
        how = f"{number(step.m3)} × {plain_amount(step.price_per_m3)}"
        if step.fixed_charge:
            how += f" + {plain_amount(step.fixed_charge)}"
        rows.append(BillRow(f"{number(step.from_m3)}–{end} m³", how, step.amount, "quiet"))
    if bill.discount_pct is not None:
        rows.append(BillRow(_("water before discount"), "", bill.gross))
        rows.append(BillRow(_("social discount"), f"{plain(bill.discount_pct)}%", -bill.discount))
    for place, line in enumerate(bill.lines):
        if place == 0:
            rows.append(BillRow(_("water"), "", line.amount))
        elif line.base is not None and line.base_amount is not None and line.value is not None:
            rows.append(BillRow(line.name, f"{plain(line.value)}% × {plain_amount(line.base_amount)}", line.amount))
        else:
            rows.append(BillRow(line.name, "", line.amount))
    for line in bill.lines:
        if line.iva_rate:
            how = f"{plain(line.iva_rate * 100)}% × {plain_amount(line.amount)}"
            name = _("water") if line is bill.lines[0] else line.name
            rows.append(BillRow(_("IVA: {line}").format(line=name), how, line.iva, "quiet"))
    rows.append(BillRow(_("TOTAL"), f"{number(bill.m3)} m³", bill.total, "strong"))
    return rows


def plain(amount: Decimal) -> str:
    """A number as it is typed, without needless zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class BillTable(LineTable[BillRow]):
    """The bill for the typed consumption."""

    _bill: Sequence[BillRow] = ()

    def on_resize(self) -> None:
        """There is another room for the names."""
        super().on_resize()
        self.show(self._bill)

    def show(self, rows: Sequence[BillRow]) -> None:
        """Show these lines; how an amount came about is shown whole, and so is its name where there is room."""
        self._bill = rows
        how = max((cell_len(row.how) for row in rows), default=0)
        name = max((cell_len(row.what) for row in rows), default=0)
        amount = max((AMOUNT, *(len(plain_amount(row.amount)) for row in rows)))
        room = self.size.width - how - amount - 3 * GAP
        what = max(NAME, min(name, room))
        columns = (Column("what", _("Bill"), what), Column("how", ""), Column("amount", "MXN", amount, right=True))
        self.fill(columns, rows, self._values, cursor=self.cursor_row)

    @staticmethod
    def _values(row: BillRow) -> Sequence[Value]:
        return Cell(row.what, row.role), Cell(row.how, "quiet"), Cell(plain_amount(row.amount), row.role)


def plain_amount(amount: Decimal) -> str:
    """Cents, and more where a step has more."""
    exponent = int(amount.as_tuple().exponent)
    shown = amount if exponent < -2 and amount != amount.quantize(Decimal("0.01")) else amount.quantize(Decimal("0.01"))
    return number(shown, max(2, -int(shown.normalize().as_tuple().exponent)))


class TestSetTable(LineTable[Decimal]):
    """The fixed test set, old against new; a bill is worked out when its line comes into sight."""

    __test__: ClassVar[bool] = False

    def show(self, trial: Trial) -> None:
        """Show what both tariffs cost at these consumptions."""
        columns = (
            Column("m3", "m³", 12, right=True),
            Column("old", _("Old"), 14, right=True),
            Column("new", _("New"), 14, right=True),
            Column("difference", _("Difference"), 14, right=True),
            Column("percent", "%", 8, right=True),
            Column("rest", ""),
        )
        self.fill(columns, test_set(trial), lambda m3: test_row(trial, m3).values(), cursor=self.cursor_row)


# ---------------------------------------------------------------------- the view


class ConsumptionField(Field):
    """A line for a number, which leaves the letters that stand for Alt and a digit to the screen.

    Whoever comes to it types another number, in place of the one that is there.
    """

    def __init__(self, value: str, *, id: str) -> None:
        super().__init__(value, id=id)
        self.select_on_focus = True

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is typed here, and means nothing to the screen."""
        return key not in LETTERS and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if event.key in LETTERS:
            event.prevent_default()
            event.stop()
            await self.app._check_bindings(event.key)


class TryView(Vertical):
    """A consumption to type, its bill, the curve and the test set."""

    def __init__(self, curves: Curves) -> None:
        super().__init__(id="try")
        self._trial = Trial()
        self._curves = curves

    def compose(self) -> ComposeResult:
        with Horizontal(id="asked"):
            yield Static(words(_("Consumption, m³")), id="m3-label")
            yield ConsumptionField(FIRST_M3, id="m3")
            yield Static(id="answer")
        with Horizontal(id="upper"):
            yield BillTable(id="bill")
            yield Plot(id="plot")
        yield TestSetTable(id="test-set")

    def show(self, trial: Trial) -> None:
        """Try this."""
        self._trial = trial
        self.query_one(Plot).show(self._curves.figure(trial))
        self.query_one(TestSetTable).show(trial)
        self._show_bill()

    def ask(self, m3: Decimal) -> None:
        """Type this consumption."""
        field = self.query_one("#m3", Field)
        field.value = f"{m3:f}"
        field.cursor_position = len(field.value)

    @on(Input.Changed, "#m3")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_bill()

    @on(TestSetTable.Selected)
    def _selected(self) -> None:
        m3 = self.query_one(TestSetTable).row
        if m3 is not None:
            self.ask(m3)

    def _show_bill(self) -> None:
        trial, table, answer = self._trial, self.query_one(BillTable), self.query_one("#answer", Static)
        if trial.new is None:
            table.show(())
            answer.update(words(_("It can be rated when the errors are mended."), "$warning"))
            return
        try:
            m3 = read_number(self.query_one("#m3", Field).value, decimals=3)
            bill = rate(trial.new, m3, social=trial.social)
        except InvalidInput as error:
            table.show(())
            answer.update(stored(error.advice, 100, "$warning"))
            return
        table.show(bill_rows(bill))
        answer.update(self._said(bill, total(trial.old, m3, trial.social)))

    def _said(self, bill: Bill, old: Decimal | None) -> Content:
        parts = [words(money(bill.total), "bold")]
        if not self._trial.present:
            parts.append(words("  ! " + _("as it was before the last error"), "$warning"))
        elif old is not None:
            difference = bill.total - old
            sign = "+" if difference > 0 else ""
            parts.append(words("  " + _("old {amount}").format(amount=money(old)), "$quiet"))
            parts.append(words(f"  {sign}{money(difference)}", "$warning" if difference > 0 else "$success"))
        if self._trial.social:
            parts.append(words("  " + _("social tariff"), "$primary"))
        return assemble(*parts)
