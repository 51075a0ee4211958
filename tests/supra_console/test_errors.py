"""Every failure is explained in our words, and none quotes what is stored."""

from __future__ import annotations

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from supra_console import errors
from supra_console.error_translation import translate
from supra_console.errors import SupraError

FAMILY = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, SupraError)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('connection to server at "h", port 5432 failed: Connection refused', errors.Unreachable),
        ("failed to resolve host 'nowhere': Name or service not known", errors.Unreachable),
        ('connection failed: FATAL:  password authentication failed for user "ana"', errors.WrongPassword),
        ("FATAL:  la autentificación password falló para el usuario «ana»", errors.WrongPassword),
        ("connection failed: fe_sendauth: no password supplied", errors.PasswordNeeded),
        ('connection failed: FATAL:  role "ana" does not exist', errors.WrongPassword),
        ("FATAL:  SASL authentication failed", errors.WrongPassword),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "ana"', errors.NotAllowedFromHere),
        ('FATAL:  role "ana" is not permitted to log in', errors.WrongPassword),
        ('FATAL:  database "supra" does not exist', errors.NoSuchDatabase),
        ("FATAL:  no existe la base de datos «supra»", errors.NoSuchDatabase),
        ("FATAL:  no such database: supra", errors.NoSuchDatabase),
        ("FATAL:  sorry, too many clients already", errors.ServerBusy),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", errors.ServerBusy),
        ("FATAL:  no more connections allowed (max_client_conn)", errors.ServerBusy),
        ("FATAL:  the database system is starting up", errors.ServerNotReady),
        ("FATAL:  the database system is shutting down", errors.ServerNotReady),
        ("server does not support SSL, but SSL was required", errors.InsecureConnection),
        ("SSL error: certificate verify failed", errors.InsecureConnection),
        ("channel binding required, but server authenticated client without it", errors.InsecureConnection),
        ('authentication method requirement "scram-sha-256" failed', errors.InsecureConnection),
        ('definition of service "cea" not found', errors.ConfigurationError),
        ('root certificate file "/x" does not exist', errors.ConfigurationError),
        ("FATAL:  unsupported startup parameter: options", errors.ConfigurationError),
        ("consuming input failed: server closed the connection unexpectedly", errors.ConnectionLost),
        ("consuming input failed: SSL SYSCALL error: EOF detected", errors.ConnectionLost),
        ("consuming input failed: SSL error: unexpected eof while reading", errors.ConnectionLost),
        ("SSL connection has been closed unexpectedly", errors.ConnectionLost),
        ("the connection is lost", errors.ConnectionLost),
        ("something nobody has seen", errors.ConnectionLost),
    ],
)
def test_connection_failures_without_sqlstate_are_told_apart(text: str, expected: type[SupraError]) -> None:
    assert type(translate(psycopg.OperationalError(text))) is expected


@pytest.mark.parametrize(
    ("sqlstate", "expected"),
    [
        ("28P01", errors.WrongPassword),
        ("28000", errors.NotAllowedFromHere),
        ("3D000", errors.NoSuchDatabase),
        ("53300", errors.ServerBusy),
        ("57P03", errors.ServerNotReady),
        ("57P01", errors.ConnectionLost),
        ("57014", errors.StatementTimeout),
        ("55P03", errors.LockTimeout),
        ("42501", errors.PermissionDenied),
        ("25006", errors.PermissionDenied),
        ("44000", errors.PermissionDenied),
        ("40001", errors.Contention),
        ("40P01", errors.Contention),
        ("42P01", errors.MissingFeature),
        ("42883", errors.MissingFeature),
        ("23505", errors.AlreadyExists),
        ("23P01", errors.AlreadyExists),
        ("23503", errors.StillInUse),
        ("23514", errors.ConstraintViolated),
        ("22P02", errors.InvalidInput),
        ("08006", errors.ConnectionLost),
        ("53100", errors.ServerTrouble),
        ("XX000", errors.ServerTrouble),
    ],
)
def test_what_the_server_says_is_translated_by_its_code(sqlstate: str, expected: type[SupraError]) -> None:
    problem = translate(psycopg.errors.lookup(sqlstate)("a text that is not looked at"))
    assert type(problem) is expected
    assert problem.sqlstate == sqlstate


def test_stored_values_are_never_quoted(server: str) -> None:
    with psycopg.connect(server) as connection:
        connection.execute("create temp table t (curp text constraint one_person_each primary key)")
        connection.execute("insert into t values ('GOCA800101MQTXXX09')")
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            connection.execute("insert into t values ('GOCA800101MQTXXX09')")
    assert "GOCA800101" in str(caught.value)

    problem = translate(caught.value)

    assert isinstance(problem, errors.AlreadyExists)
    assert problem.constraint == "one_person_each"
    assert "GOCA800101" not in f"{problem} {problem.title} {problem.advice} {problem!r} {problem.args}"
    assert "one_person_each" in str(problem)
    assert "23505" in str(problem)


def test_what_python_cannot_hold_is_told_from_what_the_server_cannot_store(server: str) -> None:
    with psycopg.connect(server) as connection:
        with pytest.raises(psycopg.DataError) as read:
            connection.execute("select 'infinity'::date").fetchall()
        with pytest.raises(psycopg.DataError) as written:
            connection.execute("select %s::text", ["a\0b"])
    assert type(translate(read.value)) is errors.UnreadableData
    assert type(translate(written.value)) is errors.InvalidInput


def test_wrapped_errors_are_unwrapped() -> None:
    from sqlalchemy.exc import OperationalError

    inner = psycopg.errors.QueryCanceled("canceling statement due to statement timeout")
    assert isinstance(translate(OperationalError("select secret", {"p": 1}, inner)), errors.StatementTimeout)


def test_ours_stay_what_they_are() -> None:
    problem = errors.StaleRow()
    assert translate(problem) is problem


def test_a_full_pool_is_a_busy_server() -> None:
    assert isinstance(translate(PoolTimeout("couldn't get a connection after 5.00 sec")), errors.ServerBusy)


def test_the_unforeseen_is_a_plain_member_of_the_family() -> None:
    assert type(translate(RuntimeError("boom"))) is SupraError


@pytest.mark.parametrize("member", FAMILY)
def test_every_member_says_what_happened_and_what_to_do(member: type[SupraError]) -> None:
    problem = member()
    assert problem.title
    assert problem.advice.endswith(".")
    assert not problem.title.endswith(".")
    assert problem.exit_status == 2
