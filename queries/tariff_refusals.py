"""Why did tariffs not take a step on their way into force, in our words?

The functions of `sql/schema/026-tariff-approval.sql` refuse by code; here each code gets its error. Several tariffs
take a step together or not at all: where some are refused, `PackageRefused` names each of those with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from queries.tariffs import Register, TariffChanged, TariffConflict
from supra_console.errors import AlreadyExists, InvalidInput, PermissionDenied, SupraError
from supra_console.i18n import N_, _
from supra_console.tariffs.register import TariffRow
from supra_console.tariffs.series import in_the_way


class DraftersApproval(PermissionDenied):
    """Who wrote on a tariff wants to approve it."""

    TITLE = N_("Who wrote on a tariff may not approve it")
    ADVICE = N_("Nothing was changed. Ask another supervisor.")


class NotSound(InvalidInput):
    """Its content does not make a tariff; `constraint` is the rule, as `rules.examine` calls it."""

    TITLE = N_("This tariff is not sound")
    ADVICE = N_("Nothing was changed. Open it: the editor says what is wrong, and where.")
    REPLACES = N_(
        "What it replaces is not, or no longer, in force or scheduled for the same category, period and explotación. "
        "Make a new version of the tariff that is."
    )

    def __init__(self, *, sqlstate: str | None = None, constraint: str | None = None) -> None:
        advice = _(self.REPLACES) if constraint == "replaces" else None
        super().__init__(advice=advice, sqlstate=sqlstate, constraint=constraint)


class NotReady(InvalidInput):
    """Something is missing for the activation; `constraint` names it."""

    TITLE = N_("Something is missing before this tariff can be put in force")
    WHAT: ClassVar[dict[str | None, str]] = {
        "approval_of_this_content": N_("It was approved with other content: it has to be approved again."),
        "gazette_reference": N_("Its reference in the gazette, La Sombra de Arteaga, is missing."),
        "earlier_approval_date": N_("It was resolved later than its first day: it has to begin on that day or later."),
        "impact_report": N_("There is no impact report of exactly this content: work it out."),
    }

    def __init__(self, *, sqlstate: str | None = None, constraint: str | None = None) -> None:
        what = self.WHAT.get(constraint)
        super().__init__(advice=_(what) if what else None, sqlstate=sqlstate, constraint=constraint)


class InForce(InvalidInput):
    """An active tariff that has begun, or that priced a bill, was to be changed."""

    TITLE = N_("A tariff in force does not change")
    ADVICE = N_("Nothing was changed. Make a new version of it.")


class InvoicesIssued(InvalidInput):
    """Invoices went out for its days, and their number was not given, or is another by now."""

    TITLE = N_("Invoices have been issued for the days of this tariff")
    ADVICE = N_("Nothing was changed. Look at the list of them, and confirm their number.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One of a package that could not take the step; `row` is as it was read before."""

    row: TariffRow
    error: SupraError


class PackageRefused(InvalidInput):
    """Some of a package could not take the step, so that none did."""

    TITLE = N_("None of the tariffs was changed")
    ADVICE = N_("They take a step together or not at all.")

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__()


# What the functions raise; the file says it in their words.
GONE, CHANGED = "SU101", "SU102"
_REASONS: Mapping[str | None, Callable[..., SupraError]] = {
    "SU103": DraftersApproval,
    "SU104": NotSound,
    "SU105": NotReady,
    "SU106": InForce,
    "SU107": InvoicesIssued,
}


def of_the_tariff(error: SupraError) -> bool:
    """Whether the tariff itself is the reason; else the line, the server or somebody's lock kept all of them back."""
    code = error.sqlstate or ""
    return code == "42501" or code[:2] in ("SU", "22", "23")


def raised(package: Sequence[TariffRow], refusals: Sequence[Refusal]) -> SupraError:
    """Of a single tariff its own reason, of several which of them and why."""
    return refusals[0].error if len(package) == 1 else PackageRefused(refusals)


def explained(
    package: Sequence[TariffRow], refusals: Mapping[UUID, SupraError], register: Register, *, withdrawn: bool = False
) -> SupraError:
    """What the server refused, in our words.

    Args:
        package: in the order in which they were to take the step.
        refusals: what the server said, by the tariff's id.
        register: as it is now that everything was undone.
        withdrawn: the step was a withdrawal: what it gives back may be in the way, not the tariff's own days.
    """
    others = {} if withdrawn else in_the_way(package, register.tariffs)
    found = []
    for row in package:
        error = refusals.get(row.id)
        if error is None:
            continue
        if error.sqlstate == GONE:
            error = TariffChanged(None)
        elif error.sqlstate == CHANGED:
            error = TariffChanged(register.find(row.id))
        elif isinstance(error, AlreadyExists) and error.constraint == "excl_tariff_validity":
            rivals = _of_what_returns(row, register) if withdrawn else others[row.id]
            error = TariffConflict(rivals, sqlstate=error.sqlstate)
        elif error.sqlstate in _REASONS:
            error = _REASONS[error.sqlstate](sqlstate=error.sqlstate, constraint=error.constraint)
        found.append(Refusal(row, error))
    return raised(package, found)


def _of_what_returns(withdrawn: TariffRow, register: Register) -> tuple[TariffRow, ...]:
    """The tariffs on the days that what it replaced would have again."""
    replaced = register.find(withdrawn.replaces_id)
    ended = None if replaced is None else replaced.effective_until
    return tuple(
        row
        for row in register.tariffs
        if ended is not None
        and row.active
        and row.id != withdrawn.id
        and row.series == withdrawn.series
        and row.effective_from >= ended
    )
