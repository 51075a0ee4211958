"""Who is signed in, where, and what may they do?

An `Identity` is what the header shows and what dims an action. It is never what protects
the data: the database refuses by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from supra_console.errors import MissingFeature, NotRegistered, ServerTooOld, UnsafeRole, UserDisabled
from supra_console.i18n import _

OLDEST_SERVER = 160000

# Groups of people, each with all the rights of the one before.
GROUPS = ("supra_readonly", "supra_operator", "supra_supervisor", "supra_dba")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One utility of the database."""

    id: UUID
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The person signed in, the utility they work in, and the server.

    Attributes:
        login: the PostgreSQL role.
        user_id, name, role: of the `users` row; `role` is the job (`atencion_cliente`).
        groups: the group roles the login belongs to, weakest first.
        tenant: the utility whose rows are seen now.
        home: the utility of the `users` row; differs from `tenant` only for a DBA who chose.
        server_version: as people say it, `17.5`.
        tls: whether the connection, as far as the console can see it, is encrypted.
        production: whether the profile says that real customers are behind it.
    """

    login: str
    user_id: UUID
    name: str
    role: str
    groups: tuple[str, ...]
    tenant: Tenant
    home: Tenant
    host: str
    port: int
    database: str
    server_version: str
    server_version_num: int
    tls: bool
    production: bool
    profile: str

    @property
    def group(self) -> str:
        """The strongest group, which names the person's rights."""
        return self.groups[-1]

    def may(self, group: str) -> bool:
        """Whether the person has the rights of that group (`supra_supervisor`)."""
        return group in self.groups

    @property
    def may_choose_tenant(self) -> bool:
        """Only DBAs work in more than one utility."""
        return self.may("supra_dba")


@dataclass(frozen=True, slots=True)
class Login:
    """The row of `sign_in.sql`: the role, before anything of SUPRA is asked."""

    login: str
    database: str
    server_version_num: int
    server_version: str
    above_isolation: str | None
    groups: list[str]
    has_schema: bool

    def check(self) -> None:
        """Refuse what the console must not work with.

        Raises:
            ServerTooOld, UnsafeRole, MissingFeature, NotRegistered.
        """
        if self.server_version_num < OLDEST_SERVER:
            raise ServerTooOld(
                _("The server is PostgreSQL {version}, which is too old").format(version=self.server_version)
            )
        if self.above_isolation:
            raise UnsafeRole(
                _("{login} is above the isolation between utilities ({roles})").format(
                    login=self.login, roles=self.above_isolation
                )
            )
        if not self.has_schema:
            raise MissingFeature(
                _("Database {database} holds no SUPRA schema").format(database=self.database),
                _("An administrator makes it with `supra-console db init`."),
            )
        if not set(GROUPS) & set(self.groups):
            raise NotRegistered(
                _("{login} belongs to no group of SUPRA").format(login=self.login),
                _("Ask the DBA to make it a member of supra_readonly, supra_operator, supra_supervisor or supra_dba."),
            )


def identify(
    login: Login, row: dict[str, Any], *, host: str, port: int, tls: bool, production: bool, profile: str
) -> Identity:
    """The person behind a login, from the row of `identity.sql`.

    Raises:
        NotRegistered: no `users` row names the login.
        UserDisabled: the row is switched off.
    """
    if row["enabled"] is None:
        raise NotRegistered(_("{login} is known to the server and not to SUPRA").format(login=login.login))
    if not row["enabled"]:
        raise UserDisabled(_("{login} is disabled in SUPRA").format(login=login.login))
    if row["tenant_id"] is None:
        raise NotRegistered(_("The utility of {login} cannot be seen by it").format(login=login.login))
    home = Tenant(row["tenant_id"], row["tenant_slug"], row["tenant_name"])
    return Identity(
        login=login.login,
        user_id=row["user_id"],
        name=row["name"],
        role=row["role"],
        groups=tuple(group for group in GROUPS if group in login.groups),
        tenant=home,
        home=home,
        host=host,
        port=port,
        database=login.database,
        server_version=login.server_version,
        server_version_num=login.server_version_num,
        tls=tls,
        production=production,
        profile=profile,
    )
