"""How do tariffs, what there is to say about them, and bills read as text?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from supra_console import formats
from supra_console.display import safe
from supra_console.i18n import N_, _, ngettext
from supra_console.output import columns, fields
from supra_console.tariffs.register import State, TariffRow

if TYPE_CHECKING:
    from supra_console.documents.billing import TariffInsert
    from supra_console.editing.remarks import Remark
    from supra_console.tariffs.rating import Bill, Line, Step

MODES: Mapping[str, str] = {
    "accumulated": N_("blocks add up"),
    "reached_block": N_("the block reached prices all m³"),
    "base_plus_excess": N_("base of the block reached, plus the excess"),
    "flat": N_("one charge for the range"),
}

STATES: Mapping[State, str] = {
    State.DRAFT: N_("draft"),
    State.IN_REVIEW: N_("in review"),
    State.APPROVED: N_("approved"),
    State.SCHEDULED: N_("scheduled"),
    State.IN_FORCE: N_("in force"),
    State.SUPERSEDED: N_("superseded"),
}

WIDE = 120
NAME = 200
"""Characters of a tariff's name at most: what tells versions apart stands at its end."""
MOST = 2000
"""Characters of a stored document that nobody can read."""


def register(rows: Sequence[TariffRow], today: date) -> str:
    """A line for each tariff."""
    head = (
        _("id"), _("state"), _("category"), _("period"), _("municipality"), _("from"), _("until"), _("name"),
    )  # fmt: skip
    lines = [
        (
            str(row.id),
            _(STATES[row.state(today)]),
            row.series.category,
            row.series.billing_period,
            row.municipality or _("all"),
            row.raw.get("effective_from"),
            row.raw.get("effective_until"),
            row.name,
        )
        for row in rows
    ]
    return columns([head, *lines], shutil.get_terminal_size().columns - 2 if sys.stdout.isatty() else NAME)


def tariff(document: TariffInsert) -> str:
    """Terms, blocks and concepts."""
    terms = fields(
        [
            (_("Name"), document.name),
            (_("Category"), document.category),
            (_("Billing period"), document.billing_period),
            (_("In force"), _in_force(document.effective_from, document.effective_until)),
            (_("Rating"), _(MODES[document.rating_mode])),
            (_("IVA of the water"), formats.percent(document.iva_rate) if document.iva_applicable else _("none")),
            (_("Social discount"), _percentage(document.social_discount_pct)),
            (_("Gazette"), document.gazette_reference),
        ]
    )
    blocks = columns(
        [
            (_("from m³"), _("to m³"), _("price per m³"), _("fixed charge")),
            *(
                (b.from_m3, b.to_m3 or "", price, charge)
                for b, price, charge in zip(
                    document.blocks,
                    _aligned([b.price_per_m3 for b in document.blocks]),
                    _aligned([b.fixed_charge for b in document.blocks]),
                    strict=True,
                )
            ),
        ]
    )
    concepts = [
        (
            concept.code,
            concept.name,
            _percentage(concept.value) if concept.type == "percentage" else formats.money(concept.value),
            (concept.base or _("water")) if concept.type == "percentage" else "",
            _("as the water") if concept.iva_rate is None else formats.percent(concept.iva_rate),
        )
        for concept in document.additional_concepts
    ]
    head = (_("concept"), _("name"), _("value"), _("of"), _("IVA"))
    return "\n\n".join([terms, blocks, *([columns([head, *concepts], WIDE)] if concepts else [])])


def invoices(found: Iterable[tuple[str, str, date, Decimal]]) -> str:
    """A line for each invoice: its number, its contract's, its day and what it comes to in MXN."""
    head = (_("invoice"), _("contract"), _("date"), "MXN")
    return columns([head, *((number, contract, day, total) for number, contract, day, total in found)])


def invoices_in_all(count: int, total: Decimal, first: date | None, last: date | None) -> str:
    """How many they are, what they come to, and between which days they lie."""
    return ngettext(
        "{n} invoice, {total}, {first} to {last}", "{n} invoices, {total}, {first} to {last}", count
    ).format(n=formats.number(count), total=formats.money(total), first=formats.day(first), last=formats.day(last))


def unreadable(raw: Mapping[str, object]) -> str:
    """The columns of a tariff that our documents do not accept, as they are stored, each cut to a screen."""
    return fields([(name, safe(value, MOST)) for name, value in raw.items()])


def approval(row: TariffRow, today: date) -> str:
    """Where in its life a stored tariff is, and by whom."""
    return fields(
        [
            (_("Id"), row.id),
            (_("Version"), row.version),
            (_("State"), _(STATES[row.state(today)])),
            (_("Municipality"), row.municipality or _("all")),
            (_("Drafted by"), ", ".join(row.drafter_names)),
            (_("Submitted"), _done(formats.moment(row.submitted_at) if row.submitted_at else None, row.submitted_by)),
            (_("Approved"), _done(formats.day(row.approval_date), row.approved_by)),
            (_("Activated"), formats.moment(row.activated_at) if row.activated_at else None),
            (_("Impact report"), _impact(row)),
        ]
    )


def remarks(found: Iterable[Remark]) -> str:
    """A line for each remark, with its code for whoever looks it up."""
    return "\n".join(f"{_weight(remark)} {safe(str(remark), 400)} [{safe(remark.code)}]" for remark in found)


def verdict(errors: int, warnings: int) -> str:
    """The line that sums a validation up."""
    if errors:
        return ngettext("{count} error: not a valid tariff.", "{count} errors: not a valid tariff.", errors).format(
            count=errors
        )
    if warnings:
        return ngettext("Valid, with {count} warning.", "Valid, with {count} warnings.", warnings).format(
            count=warnings
        )
    return _("Valid.")


def bill(bill: Bill) -> str:
    """A bill with every step."""
    head = _("{volume}, {mode}").format(volume=formats.volume(bill.m3), mode=_(MODES[bill.mode]))
    if bill.social:
        head += ", " + _("social tariff")
    steps = columns(
        [
            (_("from m³"), _("to m³"), _("m³"), _("price per m³"), _("fixed charge"), _("amount")),
            *_steps(bill.steps),
        ]
    )
    sums = [(_("Water, before discount"), bill.gross), (_discount(bill), -bill.discount)] if bill.discount else []
    rows: list[tuple[object, ...]] = [(label, formats.money(amount), "", "") for label, amount in sums]
    rows += [_line(line) for line in bill.lines]
    rows += [
        (_("Subtotal"), formats.money(bill.subtotal), "", ""),
        (_("IVA"), formats.money(bill.iva), "", ""),
        (_("Total"), formats.money(bill.total), "", ""),
    ]
    return f"{head}\n\n{steps}\n\n{columns([(_('line'), _('amount'), _('worked out'), _('IVA')), *rows], WIDE)}"


def _steps(steps: Sequence[Step]) -> Iterator[tuple[object, ...]]:
    """Amounts below one another, all of them MXN; the last are not rounded yet."""
    prices = _aligned([step.price_per_m3 for step in steps])
    charges = _aligned([step.fixed_charge for step in steps])
    amounts = _aligned([step.amount for step in steps])
    for step, price, charge, amount in zip(steps, prices, charges, amounts, strict=True):
        yield step.from_m3, _end(step.to_m3), step.m3, price, charge, amount


def _end(to_m3: Decimal | None) -> str:
    return "" if to_m3 is None else str(to_m3)


def _line(line: Line) -> tuple[object, ...]:
    worked_out = ""
    if line.kind == "percentage" and line.base_amount is not None:
        worked_out = _("{percentage} of {amount}").format(
            percentage=_percentage(line.value), amount=formats.money(line.base_amount)
        )
    iva = f"{formats.money(line.iva)} ({formats.percent(line.iva_rate)})" if line.iva_rate else ""
    return line.name, formats.money(line.amount), worked_out, iva


def _discount(bill: Bill) -> str:
    return _("Social discount, {percentage}").format(percentage=_percentage(bill.discount_pct))


def _aligned(amounts: Sequence[Decimal]) -> list[str]:
    """Amounts of a column with as many decimals as the longest has, two at least, by their points."""
    decimals = max((-int(amount.normalize().as_tuple().exponent) for amount in amounts), default=2)
    texts = [formats.number(amount, max(2, decimals)) for amount in amounts]
    return [text.rjust(max(map(len, texts))) for text in texts]


def _percentage(value: Decimal | None) -> str:
    return "" if value is None else f"{formats.number(value)}%"


def _in_force(first: date, until: date | None) -> str:
    if until is None:
        return _("from {day}").format(day=formats.day(first))
    return _("from {day} until {until}").format(day=formats.day(first), until=formats.day(until))


def _done(when: str | None, who: str | None) -> str:
    return ", ".join(part for part in (when, who) if part)


def _impact(row: TariffRow) -> str:
    if row.impact_at is None:
        return _("none")
    when = formats.moment(row.impact_at)
    return when if row.impact_fits else _("{when}, of another content").format(when=when)


def _weight(remark: Remark) -> str:
    from supra_console.editing.remarks import Weight

    return _("error:") if remark.weight is Weight.ERROR else _("warning:")
