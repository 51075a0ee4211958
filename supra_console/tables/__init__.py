"""Mappings of every table, one module per domain of the plan.

Foreign keys cross the domains, so they come up together: whoever imports one has all of ``Base.metadata``.
"""

from supra_console.tables import (
    auth,
    billing,
    collections,
    contracts,
    infrastructure,
    payments,
    persons,
    readings,
    tenants,
)

__all__ = [
    "auth",
    "billing",
    "collections",
    "contracts",
    "infrastructure",
    "payments",
    "persons",
    "readings",
    "tenants",
]
