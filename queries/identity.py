"""Who is signed in, and which utilities may they work in?

Signing in itself is `supra_console.database.Database.open`; here is what a screen or a command
asks afterwards.
"""

from __future__ import annotations

from supra_console.database import Database
from supra_console.display import safe
from supra_console.errors import InvalidInput
from supra_console.i18n import _
from supra_console.identity import Identity, Tenant


async def tenants(db: Database) -> tuple[Tenant, ...]:
    """The utilities this person may choose from, by name; for all but DBAs only the own."""
    return await db.tenants()


async def choose(db: Database, tenant: str) -> Identity:
    """Work in the utility with this slug or id from the next transaction on.

    Raises:
        InvalidInput: there is none among those this person may choose from.
    """
    for choice in await db.tenants():
        if tenant in (choice.slug, str(choice.id)):
            return await db.choose_tenant(choice.id)
    raise InvalidInput(
        _("There is no utility {tenant} to choose").format(tenant=safe(tenant)),
        _("Only a DBA chooses the utility, among those in service."),
    )
