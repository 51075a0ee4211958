"""What went wrong, in words a person can act on?

One family of errors for the whole console: each has a title and advice of our own, and what
came from the server its SQLSTATE as well. `supra_console.error_translation` makes them of what
psycopg, SQLAlchemy or the operating system raised.
"""

from __future__ import annotations

from typing import ClassVar

from supra_console.i18n import N_, _


class SupraError(Exception):
    """Something the console can explain.

    Attributes:
        title: what happened, one line, translated.
        advice: what to do about it, translated; may be empty.
        sqlstate: the server's five-character code, if the server said anything.
        constraint: the name of the constraint or object concerned, never a value.
        exit_status: what a command line ends with.
    """

    TITLE: ClassVar[str] = N_("The console could not do that")
    ADVICE: ClassVar[str] = N_("Try again; if it happens again, give the reference number to support.")
    exit_status: int = 2

    def __init__(
        self,
        title: str | None = None,
        advice: str | None = None,
        *,
        sqlstate: str | None = None,
        constraint: str | None = None,
    ) -> None:
        self.title = title if title is not None else _(self.TITLE)
        self.advice = advice if advice is not None else _(self.ADVICE)
        self.sqlstate = sqlstate
        self.constraint = constraint
        super().__init__(self.title)

    @property
    def code(self) -> str:
        """The server's code as it stands behind a title, ` [42501]`; nothing without one."""
        return f" [{self.sqlstate}]" if self.sqlstate else ""

    def __str__(self) -> str:
        """Title, advice and codes on one line, for a terminal or a log."""
        codes = ", ".join(code for code in (self.sqlstate, self.constraint) if code)
        text = self.title + (f" [{codes}]" if codes else "")
        return f"{text}. {self.advice}" if self.advice else text


class ConfigurationError(SupraError):
    """A profile, option or file is wrong; nothing was tried."""

    TITLE = N_("The configuration is not right")
    ADVICE = N_("Correct the profile and try again.")


class InsecureConnection(ConfigurationError):
    """The connection would not be as protected as the profile demands."""

    TITLE = N_("The server does not offer the protection this profile demands")
    ADVICE = N_("Check sslmode, sslrootcert, channel_binding and require_auth with the DBA.")


class Unreachable(SupraError):
    """No server answered."""

    TITLE = N_("The server cannot be reached")
    ADVICE = N_("Check host, port and the network; ask whether the server is running.")


class ServerBusy(Unreachable):
    """A server is there and cannot take us now."""

    TITLE = N_("The server has no free connection")
    ADVICE = N_("Wait a minute and try again; a DBA can see who holds the connections.")


class ServerNotReady(Unreachable):
    """A server is there, starting or stopping."""

    TITLE = N_("The server is starting or shutting down")
    ADVICE = N_("Wait a moment and try again.")


class WrongPassword(SupraError):
    """The server refused the user or the password."""

    TITLE = N_("The server refused this user and password")
    ADVICE = N_("Check the user name and type the password again.")


class PasswordNeeded(WrongPassword):
    """The server asks for a password and neither libpq nor the keyring has one."""

    TITLE = N_("The server asks for a password")
    ADVICE = N_("Type it, or keep it in .pgpass or the keyring.")


class NotAllowedFromHere(WrongPassword):
    """pg_hba.conf has no line for this user, database and address."""

    TITLE = N_("The server does not let this user sign in from here")
    ADVICE = N_("Ask the DBA to allow this user, database and address, or use another host.")


class NoSuchDatabase(SupraError):
    """The server has no database of that name."""

    TITLE = N_("There is no such database on the server")
    ADVICE = N_("Check dbname in the profile; `supra-console db init` makes the schema.")


class NotRegistered(SupraError):
    """The login role maps to no row of `users`."""

    TITLE = N_("This user is known to the server and not to SUPRA")
    ADVICE = N_("Ask an administrator to add a user whose db_role is this login.")


class UserDisabled(SupraError):
    """The row of `users` is switched off."""

    TITLE = N_("This user is disabled in SUPRA")
    ADVICE = N_("Ask an administrator to enable the user again.")


class UnsafeRole(SupraError):
    """A superuser, an owner or a role that goes round row-level isolation."""

    TITLE = N_("This role is above the isolation between utilities")
    ADVICE = N_("Sign in as a user of your own; superusers and owners are for maintenance.")


class ServerTooOld(SupraError):
    """Older than PostgreSQL 16."""

    TITLE = N_("The server is too old")
    ADVICE = N_("SUPRA needs PostgreSQL 16 or newer.")


class MissingFeature(SupraError):
    """A table, function or extension that this server does not have."""

    TITLE = N_("This server lacks something the console needs here")
    ADVICE = N_("`supra-console doctor` says what is missing; the rest keeps working.")


class PermissionDenied(SupraError):
    """The role may not do this."""

    TITLE = N_("Your role may not do this")
    ADVICE = N_("Ask a supervisor, or a DBA for the right.")


class ConnectionLost(SupraError):
    """The connection ended in the middle of something; nothing was changed."""

    TITLE = N_("The connection to the server was lost")
    ADVICE = N_("Nothing was changed. Try again.")


class OutcomeUnknown(SupraError):
    """COMMIT was sent and the answer never came, nor could it be looked up."""

    TITLE = N_("It is not known whether the change was saved")
    ADVICE = N_("Look at the record before you try again, so that nothing is done twice.")


class StatementTimeout(SupraError):
    """The statement took longer than it was given, or was cancelled."""

    TITLE = N_("The server took too long and was stopped")
    ADVICE = N_("Narrow the search, or try again when the server is less busy.")


class LockTimeout(StatementTimeout):
    """Somebody else holds the row or table."""

    TITLE = N_("Somebody else is changing this at the moment")
    ADVICE = N_("Wait a moment and try again.")


class Contention(SupraError):
    """A serialization failure or deadlock that three attempts did not get past."""

    TITLE = N_("Others keep changing the same records")
    ADVICE = N_("Nothing was changed. Try again in a moment.")


class StaleRow(SupraError):
    """The row's version moved on since it was read."""

    TITLE = N_("Somebody else changed this record meanwhile")
    ADVICE = N_("Nothing was changed. Look at the difference and decide.")


class InvalidInput(SupraError):
    """What was given cannot be stored or searched."""

    TITLE = N_("What was given is not valid")
    ADVICE = N_("Correct it and try again.")


class UnreadableData(SupraError):
    """A value of the server's that Python has no equal of, such as a date beyond the year 9999."""

    TITLE = N_("The server sent a value that cannot be shown")
    ADVICE = N_("Tell the DBA which record it was; the rest keeps working.")


class ConstraintViolated(InvalidInput):
    """A rule of the database refuses the row; the constraint is named."""

    TITLE = N_("The database refuses this: it breaks a rule")
    ADVICE = N_("Nothing was changed.")


class AlreadyExists(ConstraintViolated):
    """A unique or exclusion constraint."""

    TITLE = N_("There is one like this already")


class StillInUse(ConstraintViolated):
    """A foreign key: what is pointed at does not exist, or is pointed at."""

    TITLE = N_("Something this depends on is missing, or something depends on it")


class ServerTrouble(SupraError):
    """Disk full, out of memory, an internal error, a damaged file."""

    TITLE = N_("The server is in trouble")
    ADVICE = N_("Tell the DBA, with the code.")
