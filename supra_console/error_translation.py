"""Which member of our family of errors is what psycopg, SQLAlchemy or the operating system raised?

`translate()` is the boundary. It gives our own words, the SQLSTATE and, where it helps, the name of the
constraint. The server's own text is read but never quoted: its MESSAGE and DETAIL may hold a CURP or a name.

psycopg is not imported here: its errors are known by the names of their classes.
"""

from __future__ import annotations

from supra_console.errors import (
    AlreadyExists,
    ConfigurationError,
    ConnectionLost,
    ConstraintViolated,
    Contention,
    InsecureConnection,
    InvalidInput,
    LockTimeout,
    MissingFeature,
    NoSuchDatabase,
    NotAllowedFromHere,
    PasswordNeeded,
    PermissionDenied,
    ServerBusy,
    ServerNotReady,
    ServerTrouble,
    StatementTimeout,
    StillInUse,
    SupraError,
    Unreachable,
    UnreadableData,
    WrongPassword,
)

# SQLSTATE, or its class of two characters, to the member of the family.
_BY_SQLSTATE: dict[str, type[SupraError]] = {
    "08": ConnectionLost,
    "0A000": MissingFeature,
    "22": InvalidInput,
    "23": ConstraintViolated,
    "23503": StillInUse,
    "23505": AlreadyExists,
    "23P01": AlreadyExists,
    "25006": PermissionDenied,
    "25P03": ConnectionLost,
    "25P04": StatementTimeout,
    "28": NotAllowedFromHere,
    "28P01": WrongPassword,
    "3D000": NoSuchDatabase,
    "3F000": MissingFeature,
    "40001": Contention,
    "40P01": Contention,
    "42501": PermissionDenied,
    "42704": MissingFeature,
    "42883": MissingFeature,
    "42P01": MissingFeature,
    "42703": MissingFeature,
    "44000": PermissionDenied,
    "53": ServerTrouble,
    "53300": ServerBusy,
    "55P03": LockTimeout,
    "57014": StatementTimeout,
    "57P01": ConnectionLost,
    "57P02": ConnectionLost,
    "57P03": ServerNotReady,
    "57P05": ConnectionLost,
    "58": ServerTrouble,
    "XX": ServerTrouble,
}

# libpq gives no SQLSTATE when a connection attempt fails, only text: the server's
# (English or Spanish), its own, or PgBouncer's. The first line that fits wins.
_BY_TEXT: tuple[tuple[type[SupraError], tuple[str, ...]], ...] = (
    (
        ConfigurationError,
        (
            "invalid connection option",
            "definition of service",
            "service file",
            "invalid integer value",
            "invalid port number",
            " value: ",
            "bad value for",
            "certificate file",
            "private key file",
            "unrecognized configuration parameter",
            "unsupported startup parameter",
        ),
    ),
    (ConnectionLost, ("ssl syscall error", "unexpected eof", "ssl connection has been closed")),
    (
        InsecureConnection,
        (
            "channel binding required",
            "authentication method requirement",
            "does not support ssl",
            "certificate verify failed",
            "does not match host name",
            "ssl error",
            "no encryption",
            "sin cifrado",
            "ssl required",
            "tls required",
        ),
    ),
    (PasswordNeeded, ("no password supplied",)),
    (
        WrongPassword,
        (
            "authentication failed",
            "autentificación",
            "no such user",
            'role "',
            "el rol «",
        ),
    ),
    (
        NotAllowedFromHere,
        (
            "pg_hba.conf",
            "not permitted to log in",
            "no está permitido iniciar",
            "permission denied for database",
            "permiso denegado a la base",
        ),
    ),
    (
        ServerBusy,
        (
            "too many clients",
            "too many connections",
            "demasiados clientes",
            "demasiadas conexiones",
            "remaining connection slots",
            "no more connections allowed",
            "query_wait_timeout",
        ),
    ),
    (
        ServerNotReady,
        (
            "starting up",
            "shutting down",
            "iniciándose",
            "apagándose",
            "recovery mode",
            "modo de recuperación",
            "not accepting connections",
            "not yet accepting connections",
            "server login has been failing",
        ),
    ),
    (NoSuchDatabase, ('database "', "no such database", "la base de datos «")),
    (
        ConnectionLost,
        (
            "terminating connection",
            "server closed the connection",
            "connection is closed",
            "connection is lost",
            "connection was lost",
            "connection has been closed",
            "consuming input failed",
            "sending query",
            "no connection to the server",
            "connection not open",
            "lost synchronization",
            "server conn crashed",
        ),
    ),
    (
        Unreachable,
        (
            "refused",
            "failed to resolve",
            "could not translate host",
            "timeout expired",
            "timed out",
            "no route",
            "unreachable",
            "could not connect",
            "connection failed",
            "no such file or directory",
            "received invalid response",
        ),
    ),
)


def _named(error: BaseException) -> str | None:
    """The constraint (or column, table) the server named; never a value."""
    diag = getattr(error, "diag", None)
    for attribute in ("constraint_name", "column_name", "table_name"):
        name = getattr(diag, attribute, None)
        if isinstance(name, str) and name:
            return name
    return None


def _family(error: BaseException, sqlstate: str | None) -> type[SupraError]:
    if sqlstate:
        exact = _BY_SQLSTATE.get(sqlstate) or _BY_SQLSTATE.get(sqlstate[:2])
        if exact:
            return exact
    # psycopg's class names, without importing psycopg.
    names = {cls.__name__ for cls in type(error).__mro__}
    if "PoolTimeout" in names:
        return ServerBusy
    if "ConnectionTimeout" in names:
        return Unreachable
    if names & {
        "OperationalError",
        "InterfaceError",
        "ProgrammingError",
        "DatabaseError",
    }:
        text = str(error).lower()
        for family, phrases in _BY_TEXT:
            if any(phrase in text for phrase in phrases):
                return family
        # A server that speaks another language: libpq still knows whether a password was asked for.
        attempt = getattr(error, "pgconn", None)
        if getattr(attempt, "needs_password", False):
            return PasswordNeeded
        if getattr(attempt, "used_password", False) and "FATAL" in str(error):
            return WrongPassword
        if "OperationalError" in names:
            return ConnectionLost
        if "DataError" in names:  # raised by psycopg itself, on the way in or on the way out
            return InvalidInput if "cannot contain nul" in text else UnreadableData
    if isinstance(error, TimeoutError):
        return StatementTimeout
    if isinstance(error, OSError):
        return Unreachable
    return SupraError


def translate(error: BaseException) -> SupraError:
    """The member of the family that says what this error means.

    Args:
        error: anything raised by psycopg, psycopg_pool, SQLAlchemy or the system.

    Returns:
        A new error (or the same, if it is one of ours already). Raise it `from
        None`: the original's text may quote stored values.
    """
    if isinstance(error, SupraError):
        return error
    original = getattr(error, "orig", None)  # SQLAlchemy's wrapper
    if isinstance(original, BaseException):
        return translate(original)
    sqlstate = getattr(error, "sqlstate", None)
    if not isinstance(sqlstate, str):
        sqlstate = None
    family = _family(error, sqlstate)
    return family(sqlstate=sqlstate, constraint=_named(error))
