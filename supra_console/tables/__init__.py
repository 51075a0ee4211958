"""Mappings of every table, one module per domain of the plan.

Whoever needs all of them at once (a comparison with a live database) imports the modules listed here; a screen imports
the one it works with.
"""

MODULES = (
    "tenants",
    "auth",
    "persons",
    "infrastructure",
    "contracts",
    "readings",
    "billing",
    "payments",
    "collections",
)
