"""Who is at the other end of a fresh connection, and what can its server do?

Where the server asks for a password that nobody typed and libpq does not find, the keyring is asked for it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psycopg
from psycopg.rows import class_row, dict_row

from supra_console import passwords
from supra_console.connections import CONNECTION_DEFAULTS, Connection, Line
from supra_console.display import safe
from supra_console.error_translation import translate
from supra_console.errors import NotRegistered, PasswordNeeded
from supra_console.i18n import _
from supra_console.identity import Identity, Login, identify
from supra_console.profiles import Profile
from supra_console.statements import load

CHECK_INTERVAL = "1s"  # how soon the server notices that we are gone and frees our locks


async def sign_in(
    profile: Profile, password: str | None, user: str | None, application_name: str
) -> tuple[Line, Identity, frozenset[str]]:
    """Open the first connection, which the line keeps, and ask whose it is.

    Returns:
        The line, the person, and the settings that not every server has.

    Raises:
        SupraError: as `Database.open`.
    """
    parameters = CONNECTION_DEFAULTS | {"application_name": application_name} | dict(profile.parameters)
    if user is not None:
        parameters["user"] = user
    if password is not None:
        parameters["password"] = password
    line = Line(parameters)
    try:
        connection = await line.connect()
    except PasswordNeeded:
        login = parameters.get("user") or profile.user
        kept = await asyncio.to_thread(passwords.stored, profile, login) if login else None
        if kept is None:
            raise
        parameters["password"] = kept
        connection = await line.connect()
    try:
        identity, features = await _who(connection, profile)
    except BaseException as error:
        connection.drop()
        if isinstance(error, psycopg.Error):
            raise translate(error) from None
        raise
    line.opened = connection
    return line, identity, features


async def _who(connection: Connection, profile: Profile) -> tuple[Identity, frozenset[str]]:
    """Who the fresh connection belongs to, and what its server can do."""
    await connection.execute("begin read only; set local statement_timeout = '5s'")
    login = await connection.one(load("sign_in"), class_row(Login))
    login.check()
    try:
        row = await connection.one(load("identity"), dict_row)
    except psycopg.errors.InsufficientPrivilege:
        raise NotRegistered(
            _("{login} may not even ask who it is").format(login=safe(login.login)),
            _("Ask the DBA to make it a member of a group of SUPRA."),
        ) from None
    identity = identify(
        login,
        row,
        host=connection.info.host,
        port=connection.info.port,
        tls=connection.pgconn.ssl_in_use,
        production=profile.production,
        profile=profile.name,
    )
    features = set()
    with suppress(psycopg.Error):  # not on every operating system
        await connection.execute(f"set local client_connection_check_interval = '{CHECK_INTERVAL}'")
        features.add("client_connection_check_interval")
    await connection.rollback()
    return identity, frozenset(features)
