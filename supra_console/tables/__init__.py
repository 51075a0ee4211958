"""Mappings of every table, one module per domain of the plan.

Foreign keys cross the domains, so they come up together: whoever imports one has all of ``Base.metadata``.
"""

from supra_console.tables import (
    ai,
    auth,
    billing,
    collections,
    compliance,
    config,
    contracts,
    events,
    infrastructure,
    operations,
    payments,
    persons,
    readings,
    search,
    sync,
    system,
    tenants,
)
from supra_console.tables.base import Base

__all__ = [
    "Base",
    "ai",
    "auth",
    "billing",
    "collections",
    "compliance",
    "config",
    "contracts",
    "events",
    "infrastructure",
    "operations",
    "payments",
    "persons",
    "readings",
    "search",
    "sync",
    "system",
    "tenants",
]
