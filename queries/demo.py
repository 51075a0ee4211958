"""How does a demo utility get into a database, the same every time, and who may sign in to it?

`load_demo()` runs the steps of `sql/demo` as an administrator: set-based, each step its own
transaction, large ones in slices that two connections share. The work tables live in the
schema `demo`, which is dropped at the end: where it is found at the beginning, a load was
interrupted and is made again from nothing. What was loaded is recorded as a domain event.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from queries.demo_load import Connection, DemoUtility, Load, Progress, connect, exists
from supra_console.error_translation import translate
from supra_console.errors import ConfigurationError, InvalidInput, MissingFeature, PermissionDenied
from supra_console.i18n import _

__all__ = ["DEMO_ROLES", "DemoUtility", "LoadReport", "Progress", "ensure_demo_roles", "load_demo"]

CLOCK: Final = ZoneInfo("America/Mexico_City")

DEMO_ROLES: Final[Mapping[str, str]] = {
    "demo_clerk": "supra_readonly",
    "demo_operator": "supra_operator",
    "demo_supervisor": "supra_supervisor",
    "demo_dba": "supra_dba",
    "demo_other": "supra_operator",
}
"""Login role to the group it belongs to; the rows of `users` are part of the demo utility."""

ACCOUNTS: Final = range(20, 2_000_001)
MONTHS: Final = range(1, 121)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did. With `already` nothing was done, and `utility` is what was there before."""

    utility: DemoUtility
    already: bool
    rows: int
    seconds: float
    steps: tuple[tuple[str, float], ...] = ()
    """Title and seconds of each step."""


def load_demo(
    conninfo: str,
    accounts: int,
    months: int,
    seed: int = 1,
    progress: Callable[[Progress], None] | None = None,
    *,
    until: date | None = None,
    replace: bool = False,
    workers: int = 2,
) -> LoadReport:
    """Fill a database with a demo utility of so many accounts and months of history.

    Args:
        conninfo: the administrator's connection string; a superuser, because triggers are
            switched off while what they maintain is written with the rows themselves.
        accounts: service points of the main tenant; the second one gets 2% of that, at least 50.
        months: months of readings and invoices, up to the one before `until`.
        seed: the same seed, size and month give the same content to the last byte.
        progress: called before each step and after each part of it, from this thread.
        until: any day of the month that counts as the current one; this month by default.
        replace: throw away the demo utility that is there. Without it a second load does nothing.
        workers: connections the large steps are shared between.

    Raises:
        InvalidInput: sizes out of range.
        ConfigurationError: the database holds data that is not a demo utility's.
        MissingFeature: there is no schema of ours in the database.
        PermissionDenied: not a superuser, or another load is under way.
    """
    if accounts not in ACCOUNTS or months not in MONTHS:
        raise InvalidInput(_("A demo utility has 20 to 2,000,000 accounts and 1 to 120 months"))
    wanted = DemoUtility(accounts, months, seed, (until or datetime.now(CLOCK).date()).replace(day=1))
    began = time.monotonic()
    try:
        with _only_load(conninfo):
            with connect(conninfo) as admin:
                present = _present(admin)
                interrupted = exists(admin, "demo", "to_regnamespace")
                if present is not None and not interrupted and not replace:
                    return LoadReport(present, True, 0, 0.0)
                if present is None and not interrupted and _holds_accounts(admin):
                    raise ConfigurationError(
                        _("This database holds accounts that are not a demo utility's"),
                        _("Load the demo utility into a database of its own."),
                    )
            load = Load(conninfo, wanted, progress, max(1, workers))
            load.run(clear=present is not None or interrupted)
        load.tidy()
    except psycopg.Error as error:
        raise translate(error) from None
    return LoadReport(wanted, False, load.rows, time.monotonic() - began, tuple(load.timings.items()))


# ── Before a load ─────────────────────────────────────────────────────────────────────────


@contextmanager
def _only_load(conninfo: str) -> Iterator[None]:
    """Hold the lock that keeps a second load away, by an administrator of a database with our schema.

    Its transaction touches no table, so that the load can truncate them.
    """
    with connect(conninfo) as control, control.transaction():
        control.execute("set local idle_in_transaction_session_timeout = 0")
        if control.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() != (True,):
            raise PermissionDenied(
                _("Only a superuser can load the demo utility"),
                _("It switches triggers off and writes past row security. Sign in as the server's administrator."),
            )
        if not exists(control, "supra.rate_blocks(jsonb,numeric)", "to_regprocedure"):
            raise MissingFeature(_("The database has no SUPRA schema"), _("Run `supra-console db init` on it first."))
        if control.execute("select pg_try_advisory_xact_lock(hashtext('supra load-demo'))").fetchone() != (True,):
            raise PermissionDenied(
                _("A demo utility is being loaded into this database right now"), _("Wait until it is done.")
            )
        yield


def _present(admin: Connection) -> DemoUtility | None:
    """The demo utility that was loaded, as its journal entry tells.

    The loader's own entry: whoever signs in can record an event of that name too, and it carries who did. Taken for
    the loader's, it would let real accounts be replaced.
    """
    found = admin.execute(
        """
        select payload ->> 'accounts', payload ->> 'months', payload ->> 'seed', payload ->> 'until'
        from timeseries.domain_events
        where event_type = 'demo.loaded'
          and not metadata ? 'db_user'
        order by created_at desc
        limit 1
        """
    ).fetchone()
    if found is None:
        return None
    accounts, months, seed, until = found
    return DemoUtility(int(accounts), int(months), int(seed), date.fromisoformat(until))


def _holds_accounts(admin: Connection) -> bool:
    found = admin.execute("select exists (select from contracts) or exists (select from persons)").fetchone()
    return found == (True,)


# ── Signing in ────────────────────────────────────────────────────────────────────────────


def ensure_demo_roles(conninfo: str, passwords: Mapping[str, str]) -> None:
    """Make the login roles of the demo's users, or give those that exist these passwords.

    Args:
        conninfo: the administrator's connection string; roles are the whole cluster's.
        passwords: role of `DEMO_ROLES` to password. The server gets SCRAM verifiers only.

    Raises:
        InvalidInput: a role that is not one of the demo's, or an empty password.
    """
    for role, password in passwords.items():
        if role not in DEMO_ROLES or not password:
            raise InvalidInput(
                _("The demo has the users {users}; each needs a password").format(users=", ".join(DEMO_ROLES))
            )
    try:
        with connect(conninfo) as admin:
            for role, password in passwords.items():
                _retried(partial(_ensure_role, admin, role, password))
    except psycopg.Error as error:
        raise translate(error) from None


def _ensure_role(admin: Connection, role: str, password: str) -> None:
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    name, group = sql.Identifier(role), DEMO_ROLES[role]
    with admin.transaction():
        exists = admin.execute("select from pg_roles where rolname = %s", [role]).fetchone() is not None
        admin.execute(
            sql.SQL(
                "{} role {} login nosuperuser nobypassrls nocreaterole nocreatedb noreplication password {}"
            ).format(sql.SQL("alter" if exists else "create"), name, sql.Literal(verifier))
        )
        others = admin.execute(
            """
            select m.roleid::regrole::text
            from pg_auth_members as m
            where m.member = %s::regrole and m.roleid <> %s::regrole
            """,
            [role, group],
        ).fetchall()
        for (other,) in others:
            admin.execute(sql.SQL("revoke {} from {}").format(sql.SQL(other), name))
        admin.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), name))


def _retried(work: Callable[[], None], times: int = 5) -> None:
    """Roles are shared by the cluster, and two changes of one role at once do not wait for each other."""
    for attempt in range(times):
        try:
            work()
        except (psycopg.errors.InternalError_, psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject):
            if attempt == times - 1:
                raise
        else:
            return
