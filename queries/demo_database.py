"""Is there a demo database on this server that its users can sign in to, and if not, how is it made?

Every step can be interrupted and made again. What is finished is marked by a fingerprint of the
schema's files in the comment of the database, so that a second run asks two questions and is done.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from supra_console.error_translation import translate
from supra_console.i18n import _

DATABASE = "supra_demo"
PASSFILE = "demo.pgpass"
USERS = ("demo_clerk", "demo_operator", "demo_supervisor", "demo_dba", "demo_other")
ROOM = Path(__file__).resolve().parent.parent / "sql"

# What of the administrator's way to the server the demo's users share.
SHARED_KEYWORDS = ("host", "hostaddr", "port", "sslmode", "sslrootcert", "sslnegotiation", "gssencmode")


@dataclass(frozen=True, slots=True)
class DemoDatabase:
    """A demo that is ready.

    Attributes:
        profile: what its connection profile holds; the passwords are in the pass file it names.
        users: the login roles.
        already: whether nothing had to be done.
    """

    profile: Mapping[str, str | int | bool | list[str]]
    users: tuple[str, ...]
    already: bool


def prepare(
    admin_url: str,
    folder: Path,
    *,
    accounts: int,
    months: int,
    database: str = DATABASE,
    progress: Callable[[str, int, int], None] | None = None,
) -> DemoDatabase:
    """Database, schema, demo utility, users and their passwords; only what is missing of it.

    Args:
        admin_url: connection string of a superuser, to any database of the server.
        folder: where the pass file is kept.
        accounts, months: the size of the demo utility, if it has to be loaded.
        database: its name; made if there is none.
        progress: called with the step under way, and how many of how many parts are done.

    Raises:
        SupraError: what stood in the way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    passfile = folder / PASSFILE
    target = make_conninfo(admin_url, dbname=database)
    parameters = conninfo_to_dict(target)
    way = {key: str(parameters[key]) for key in SHARED_KEYWORDS if parameters.get(key)}
    profile: dict[str, str | int | bool | list[str]] = {
        **way,
        "dbname": database,
        "user": USERS[0],
        "passfile": str(passfile),
        "users": list(USERS),
        "description": _("Demo utility"),
    }
    passwords = _passwords(passfile, [way.get("host", "localhost"), way.get("port", "5432"), database])
    fingerprint = _fingerprint()
    try:
        already = _mark(admin_url, database) == fingerprint and _lets_in(
            make_conninfo(**way, dbname=database, user=USERS[0], passfile=str(passfile))
        )
        if not already:
            _create(admin_url, database)
            _fill(target, passwords, accounts, months, progress)
            _set_mark(admin_url, database, fingerprint)
    except psycopg.Error as error:
        raise translate(error) from None
    return DemoDatabase(profile, USERS, already)


def _create(admin_url: str, database: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        there = admin.execute("select true from pg_database where datname = %s", [database]).fetchone()
        if not there:
            # template0: TimescaleDB's launcher visits template1, which then cannot be copied.
            admin.execute(
                sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(database))
            )


def _fill(
    target: str,
    passwords: Mapping[str, str],
    accounts: int,
    months: int,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    from queries import demo, schema

    if progress is not None:
        progress(_("schema"), 0, 1)
    schema.init(target)
    demo.load_demo(
        target,
        accounts,
        months,
        progress=None if progress is None else lambda part: progress(part.step, part.done, part.total),
    )
    demo.ensure_demo_roles(target, passwords)


def _fingerprint() -> str:
    """What the schema's files say, in short."""
    digest = hashlib.sha256()
    for path in sorted([*ROOM.glob("schema/*.sql"), *ROOM.glob("alembic/versions/*.py")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"SUPRA demo {digest.hexdigest()[:16]}"


def _mark(admin_url: str, database: str) -> str | None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        row = admin.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [database]
        ).fetchone()
    return str(row[0]) if row and row[0] else None


def _set_mark(admin_url: str, database: str, fingerprint: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(fingerprint))
        )


def _lets_in(conninfo: str) -> bool:
    """Whether the password in the pass file is still the server's; they are all set at once, so one tells."""
    with suppress(psycopg.OperationalError), psycopg.connect(conninfo):
        return True
    return False


def _passwords(passfile: Path, place: list[str]) -> dict[str, str]:
    """The users' passwords: those of the pass file, new ones for whom it lacks; the file is kept up to date.

    Args:
        place: host, port and database, which may have changed since.
    """
    before = passfile.read_text("utf-8") if passfile.exists() else ""
    # libpq's form: fields between colons, a backslash before a colon or backslash that is meant.
    lines = [re.findall(r"(?:^|:)((?:\\.|[^:\\])*)", line) for line in before.splitlines()]
    kept = {_without_backslashes(line[3]): _without_backslashes(line[4]) for line in lines if len(line) == 5}
    passwords = {user: kept.get(user) or secrets.token_urlsafe(18) for user in USERS}
    text = "".join(
        ":".join(re.sub(r"([:\\])", r"\\\1", part) for part in (*place, user, password)) + "\n"
        for user, password in passwords.items()
    )
    if before != text or passfile.stat().st_mode & 0o077:
        handle, draft = tempfile.mkstemp(dir=passfile.parent, prefix=".demo-")  # 0600 from the start
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(draft).replace(passfile)
    return passwords


def _without_backslashes(field: str) -> str:
    return re.sub(r"\\(.)", r"\1", field)
