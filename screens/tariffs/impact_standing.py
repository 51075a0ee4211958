"""How far is the working out of an impact, and how is that said?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from screens.tariffs.impact_views import change, signed
from supra_console.errors import SupraError
from supra_console.formats import moment, number
from supra_console.i18n import _
from supra_console.tariffs.impact import ImpactReport


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is.

    Attributes:
        report: what is known; of some of the months while it runs, or after it was stopped.
        running: it works; then `done` of `months` are read.
        keeping: it is being kept.
        kept_at: when the report was kept; None while it is not.
        kept_by: by whom, where that is known.
        fits: the report is about the present content.
        stopped: somebody stopped it.
        problem: why it could not go on, or not be kept.
    """

    report: ImpactReport | None = None
    running: bool = False
    done: int = 0
    months: int = 12
    keeping: bool = False
    kept_at: datetime | None = None
    kept_by: str | None = None
    fits: bool = True
    stopped: bool = False
    problem: SupraError | None = None


def sums(report: ImpactReport | None) -> str:
    """The figures everybody asks for first."""
    if report is None:
        return _("No figures yet")
    total = report.total
    if report.complete and not total.readings:
        return _("It bills nobody: no reading of these months is one of its category, period and explotación.")
    parts = [f"{signed(total.difference)}  {change(total)}"]
    if report.complete:
        parts += [
            _("▲ {n} pay more").format(n=number(total.higher)),
            _("▼ {n} less").format(n=number(total.lower)),
            _("= {n} the same").format(n=number(total.same)),
        ]
    else:
        parts.append(_("{n} readings rated so far").format(n=number(total.readings)))
    return "   ".join(parts)


def said(now: Standing, *, may_keep: bool, active: bool) -> tuple[str, str]:
    """How it stands, in a sentence with its role.

    Args:
        may_keep: the reports of this person are kept.
        active: one of the tariffs is active, so that its report is for no approval.
    """
    if now.problem is not None:
        return f"✗ {now.problem.title}{now.problem.code}. {now.problem.advice}", "error"
    if now.running:
        if now.report is None:
            return _("Finding out whom it concerns … Esc stops"), ""
        if now.done == now.months:
            return _("All {months} months read; adding up each contract … Esc stops").format(months=now.months), ""
        filled = "█" * now.done + "░" * (now.months - now.done)
        return (
            _("{bar} {done} of {months} months read … Esc stops").format(bar=filled, done=now.done, months=now.months),
            "",
        )
    if now.stopped:
        return _("! Stopped after {done} of {months} months: not the whole. R works it out again.").format(
            done=now.done, months=now.months
        ), "warning"
    if now.keeping:
        return _("Keeping it …"), ""
    if now.kept_at is not None:
        who = _(" by {who}").format(who=now.kept_by) if now.kept_by else ""
        when = moment(now.kept_at)
        return _("√ Kept, of exactly this content, {when}{who}").format(when=when, who=who), "good"
    if now.report is None:
        return _("Asking the server …"), ""
    if not may_keep:
        return _("Not kept: only a supervisor's counts for the approval"), "warning"
    if active:
        return _("Not kept, and not needed: it is active already. K keeps it all the same."), ""
    return _("! Not kept. K keeps it for the approval."), "warning"
