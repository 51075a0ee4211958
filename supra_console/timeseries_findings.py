"""What is wrong with the time series, how is it known, what follows from it, and what mends it?

Pure rules over a `Snapshot`; nothing is asked here. Every finding carries its evidence in figures, and SQL that a DBA
can read before it runs. What the server did not tell is no finding: a rule whose part is missing stays silent.
"""

from __future__ import annotations

from supra_console.timeseries import Snapshot
from supra_console.timeseries_growth import forecast, growth_per_month
from supra_console.timeseries_rules import aggregates, compression, jobs, tables
from supra_console.timeseries_rules.finding import Finding, Severity

__all__ = ["Finding", "Severity", "findings", "forecast", "growth_per_month"]

_RULES = (*compression.RULES, *jobs.RULES, *aggregates.RULES, *tables.RULES)


def findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Everything that is wrong, the worst first, and then by name."""
    found: list[Finding] = []
    for rule in _RULES:
        found.extend(rule(snapshot))
    return tuple(sorted(found, key=lambda one: (-one.severity, one.subject, one.code)))
