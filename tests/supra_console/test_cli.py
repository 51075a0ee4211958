"""The command line as people and scripts use it: a process of its own, a real server, its exit status."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from supra_console import __version__
from tests.conftest import DEMO_PASSWORD, DEMO_ROLES, TestDatabase
from tests.supra_console.commands import Command, on_a_terminal, profile


@pytest.fixture
def clerk(environment: dict[str, str], shared_database: TestDatabase) -> TestDatabase:
    """The demo utility, and a profile to sign in to it as the clerk."""
    profile(environment, shared_database.sign_in("demo_clerk"))
    return shared_database


def some_contract(database: TestDatabase) -> tuple[str, str]:
    """A contract number of the main utility, and its holder's name."""
    with psycopg.connect(database.admin) as admin:
        row = admin.execute(
            "select c.contract_number, p.name from contracts c join persons p on p.id = c.person_id"
            " join users u on u.tenant_id = c.tenant_id and u.db_role = 'demo_clerk'"
            " order by c.contract_number limit 1"
        ).fetchone()
    assert row is not None
    return str(row[0]), str(row[1])


def views(database: TestDatabase) -> int:
    with psycopg.connect(database.admin) as admin:
        row = admin.execute(
            "select count(*) from timeseries.domain_events where event_type = 'account.viewed'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def shell(environment: dict[str, str], streams: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with its streams sent somewhere by a shell."""
    command = shlex.join([sys.executable, "-m", "supra_console", *arguments])
    return subprocess.run(
        ["sh", "-c", f"{command} {streams}"],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )


# ---------------------------------------------------------------------- without a server


def test_version_and_help_need_nothing(run: Command) -> None:
    assert run("--version").stdout == f"supra-console {__version__}\n"
    for arguments in (["--help"], ["lookup", "--help"], ["db", "--help"], ["db", "load-demo", "--help"]):
        assert run(*arguments).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["lookup"], ["db"], ["lookup", "x", "--limit", "0"], ["--log-level", "loud"], ["account"]],
)
def test_a_wrong_command_line_is_explained_with_status_2(run: Command, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_a_wrong_profile_file_is_one_line(run: Command, environment: dict[str, str]) -> None:
    Path(environment["SUPRA_PROFILES"]).write_text('[profiles.demo]\nhots = "x"\n')
    done = run("lookup", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "hots" in done.stderr
    assert "Did you mean host?" in done.stderr


def test_an_unreachable_server_is_one_line(run: Command, environment: dict[str, str], unused_tcp_port: int) -> None:
    Path(environment["SUPRA_PROFILES"]).write_text(f'[profiles.demo]\nhost = "127.0.0.1"\nport = {unused_tcp_port}\n')
    done = run("lookup", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("supra-console: The server cannot be reached")
    report = json.loads(run("doctor", "--json").stdout)
    assert [check["name"] for check in report["checks"]] == ["sign-in"]
    assert report["state"] == "failed"
    assert run("doctor").returncode == 2


def test_the_console_wants_a_terminal(run: Command) -> None:
    for arguments in ([], ["console"]):
        done = run(*arguments)
        assert done.returncode == 2
        assert "needs a terminal" in done.stderr


def test_profiles_are_listed_without_their_secrets(run: Command, environment: dict[str, str]) -> None:
    assert "No profiles" in run("profiles").stdout
    profile(environment, "host=db.example port=6432 dbname=supra user=ana password=hunter2")
    text, listed = run("profiles").stdout, run("profiles", "--json").stdout
    assert "db.example:6432/supra" in text
    assert json.loads(listed)["profiles"][0]["user"] == "ana"
    assert "hunter2" not in text + listed


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["profiles"], ["profiles", "--json"], ["lookup", "garcia", "--json"]])
@pytest.mark.usefixtures("clerk")
def test_an_answer_that_cannot_be_written_is_one_line_and_status_2(
    environment: dict[str, str], arguments: list[str], unbuffered: str
) -> None:
    for output in (">/dev/full", ">&-"):
        done = shell(environment | {"PYTHONUNBUFFERED": unbuffered}, output, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("supra-console: The answer could not be written")
        assert done.stderr.count("\n") == 1


def test_help_that_cannot_be_written_is_told_too(environment: dict[str, str]) -> None:
    for arguments in (["--help"], ["--version"], ["tariffs", "rate", "--help"]):
        done = shell(environment | {"PYTHONUNBUFFERED": ""}, ">/dev/full", *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("supra-console: The answer could not be written")


@pytest.mark.usefixtures("clerk")
def test_whoever_reads_on_no_longer_is_told_nothing(environment: dict[str, str]) -> None:
    for unbuffered in ("", "1"):
        done = shell(environment | {"PYTHONUNBUFFERED": unbuffered}, "| head -c 1", "lookup", "garcia")
        assert (len(done.stdout), done.stderr) == (1, "")
        done = shell(environment | {"PYTHONUNBUFFERED": unbuffered}, "| true", "profiles")
        assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "2>/dev/full", "<&- 2>&-"])
@pytest.mark.usefixtures("clerk")
def test_a_closed_input_or_complaint_changes_no_answer(environment: dict[str, str], closed: str) -> None:
    done = shell(environment, closed, "lookup", "garcia", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["hits"]


@pytest.mark.usefixtures("clerk")
def test_a_complaint_never_gets_into_the_answer(environment: dict[str, str]) -> None:
    done = shell(environment, "2>&-", "lookup", "garcia", "--limit", "1")
    assert done.stdout.count("\n") == 1


def test_administration_asks_for_an_administrators_connection(run: Command) -> None:
    for step in (["init"], ["status"], ["prepare-demo"], ["load-demo", "--accounts", "20", "--months", "1"]):
        done = run("db", *step)
        assert done.returncode == 2
        assert "--admin-url" in done.stderr


# ---------------------------------------------------------------------- lookup and account


@pytest.mark.usefixtures("clerk")
def test_lookup_finds_by_number_for_people_and_for_scripts(run: Command, clerk: TestDatabase) -> None:
    number, holder = some_contract(clerk)
    done = run("lookup", number)
    assert done.returncode == 0
    assert number in done.stdout
    hits = json.loads(run("lookup", number, "--json").stdout)["hits"]
    assert (hits[0]["contract_number"], hits[0]["holder"], hits[0]["tier"]) == (number, holder, 1)


@pytest.mark.usefixtures("clerk")
def test_words_need_no_quotes_and_options_may_stand_anywhere(run: Command) -> None:
    one = run("--profile", "demo", "lookup", "garcia", "calle", "--limit", "1", "--json")
    other = run("lookup", "garcia calle", "--json", "--limit", "1", "--profile", "demo")
    assert json.loads(one.stdout) == json.loads(other.stdout)


@pytest.mark.usefixtures("clerk")
def test_a_list_that_was_cut_says_so(run: Command) -> None:
    done = run("lookup", "garcia", "--limit", "2")
    assert done.stdout.count("\n") == 2
    assert "2 of more than 2" in done.stderr
    assert json.loads(run("lookup", "garcia", "--limit", "2", "--json").stdout)["more"] is True


@pytest.mark.usefixtures("clerk")
def test_finding_nothing_is_status_1(run: Command) -> None:
    done = run("lookup", "qqqqzzzzxxxx")
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads(run("lookup", "qqqqzzzzxxxx", "--json").stdout) == {"hits": [], "more": False}


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize("text", ["%", "\\", "'; drop table persons --", "\x1b[31m", "ñ" * 5000, "\u202e", " "])
def test_any_text_may_be_searched(run: Command, text: str) -> None:
    assert run("lookup", text).returncode in (0, 1)


@pytest.mark.usefixtures("clerk")
def test_lookup_imports_neither_textual_nor_the_heavy_libraries(environment: dict[str, str]) -> None:
    program = (
        "import sys; from supra_console.cli import main; main(['lookup', 'garcia', '--json']);"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'textual', 'sqlalchemy', 'pydantic', 'keyring', 'geoalchemy2', 'alembic', 'rich', 'tomlkit'}),"
        " file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_stored_escape_sequences_reach_no_terminal(
    run: Command, environment: dict[str, str], database: TestDatabase
) -> None:
    number, _ = some_contract(database)
    evil = "Ana \x1b]52;c;ZXZpbA==\x07 [/bold] \x9b31m \u202e"
    with psycopg.connect(database.admin) as admin:
        admin.execute(
            "update persons set name = %s where id = (select person_id from contracts where contract_number = %s)",
            [evil, number],
        )
    profile(environment, database.sign_in("demo_clerk"))
    for arguments in (["lookup", number], ["account", number]):
        assert "Ana ␛]52" in run(*arguments).stdout
    hits = json.loads(run("lookup", number, "--json").stdout)["hits"]
    assert hits[0]["holder"] == evil  # a script gets what is stored, and the text it reads is harmless


def test_an_account_is_shown_after_its_view_was_recorded(run: Command, clerk: TestDatabase) -> None:
    number, holder = some_contract(clerk)
    before = views(clerk)
    done = run("account", number)
    assert done.returncode == 0
    assert number in done.stdout
    assert holder in done.stdout
    account = json.loads(run("account", number, "--json").stdout)
    assert account["contract"]["number"] == number
    assert isinstance(account["debt"]["total_debt"], str)
    assert views(clerk) == before + 2


def test_an_unknown_or_foreign_account_is_not_there(run: Command, clerk: TestDatabase) -> None:
    with psycopg.connect(clerk.admin) as admin:
        row = admin.execute(
            "select c.contract_number from contracts c join users u on u.tenant_id = c.tenant_id"
            " where u.db_role = 'demo_other' and not exists (select from contracts o where"
            " o.contract_number = c.contract_number and o.tenant_id <> c.tenant_id) limit 1"
        ).fetchone()
    assert row is not None
    before = views(clerk)
    answers = {run("account", number).stderr for number in (str(row[0]), "no such number")}
    assert len(answers) == 1
    assert views(clerk) == before


def test_the_language_is_the_readers(run: Command, clerk: TestDatabase) -> None:
    number, _ = some_contract(clerk)
    assert "MX$" in run("--lang", "en", "account", number).stdout
    assert "MX$" not in run("account", number, "--lang", "es_MX").stdout


def test_a_terminal_without_unicode_gets_codes_and_scripts_valid_json(run: Command, clerk: TestDatabase) -> None:
    number, holder = some_contract(clerk)
    poor = {"LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert run("lookup", number, **poor).returncode == 0
    listed = run("lookup", number, "--json", **poor).stdout
    assert listed.isascii()
    assert json.loads(listed)["hits"][0]["holder"] == holder


# ---------------------------------------------------------------------- passwords and signals


def test_a_password_is_asked_for_and_not_echoed(environment: dict[str, str], clerk: TestDatabase) -> None:
    number, holder = some_contract(clerk)
    profile(environment, clerk.sign_in("demo_clerk", ""), passfile="/nonexistent")
    status, seen = on_a_terminal(environment, ["wrong", DEMO_PASSWORD], "lookup", number)
    assert status == 0, seen
    assert seen.count("Password of demo_clerk at 127.0.0.1") == 2
    assert "refused this user and password" in seen
    assert holder in seen
    assert DEMO_PASSWORD not in seen
    assert "wrong" not in seen


def test_three_wrong_passwords_are_enough(environment: dict[str, str], clerk: TestDatabase) -> None:
    profile(environment, clerk.sign_in("demo_clerk", ""), passfile="/nonexistent")
    status, seen = on_a_terminal(environment, ["a1", "b2", "c3"], "lookup", "x")
    assert status == 2
    assert seen.count("Password of") == 3


def test_without_a_terminal_a_missing_password_is_said_so(
    run: Command, environment: dict[str, str], clerk: TestDatabase
) -> None:
    profile(environment, clerk.sign_in("demo_clerk", ""), passfile="/nonexistent")
    done = run("lookup", "x")
    assert done.returncode == 2
    assert "asks for a password" in done.stderr


def test_an_interrupt_ends_the_statement_on_the_server(environment: dict[str, str], database: TestDatabase) -> None:
    profile(environment, database.sign_in("demo_clerk"))
    number, _ = some_contract(database)
    with psycopg.connect(database.admin) as holder, psycopg.connect(database.admin, autocommit=True) as admin:
        holder.execute("lock table users in access exclusive mode")  # whoever signs in waits for it
        process = subprocess.Popen(
            [sys.executable, "-m", "supra_console", "lookup", number],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell that runs the tests in the background lets its children ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        waiting = "select pid from pg_stat_activity where usename = 'demo_clerk' and wait_event_type = 'Lock'"
        while not admin.execute(waiting).fetchall():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
        while admin.execute(waiting).fetchall():
            pass
    assert (process.returncode, out, errors) == (130, "", "")


# ---------------------------------------------------------------------- administration


def test_a_database_is_made_filled_and_made_again(run: Command, empty_database: TestDatabase) -> None:
    url = empty_database.admin
    assert run("db", "status", "--admin-url", url).returncode == 1
    made = run("db", "init", "--admin-url", url)
    assert made.returncode == 0, made.stderr
    status = json.loads(run("db", "status", "--json", SUPRA_DATABASE_URL=url).stdout)
    assert status["current"] == status["head"]
    assert run("db", "init", "--admin-url", url).returncode == 0

    load = ["db", "load-demo", "--admin-url", url, "--accounts", "60", "--months", "3", "--seed", "5"]
    first = run(*load)
    assert first.returncode == 0, first.stderr
    assert "60 accounts, 3 months, seed 5" in first.stdout
    assert "100%" in first.stderr
    again = run(*load[:-2], "--seed", "6")
    assert "already" in again.stdout
    assert "--replace" in again.stderr
    assert "seed 6" in run(*load[:-2], "--seed", "6", "--replace").stdout


def test_the_demo_is_prepared_once_and_a_second_run_changes_nothing(
    run: Command, environment: dict[str, str], server: str, empty_database: TestDatabase
) -> None:
    """Given the roles of the cluster keep the password other tests know, both runs end with users who get in."""
    passfile = Path(environment["HOME"]) / "demo.pgpass"
    escaped = DEMO_PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    passfile.write_text("".join(f"elsewhere:1:x:{role}:{escaped}\n" for role in DEMO_ROLES))
    mine = '# mine\n[profiles.cea]\nhost = "db"\n'
    Path(environment["SUPRA_PROFILES"]).write_text(mine)
    prepare = ["db", "prepare-demo", "--admin-url", server, "--accounts", "60", "--months", "3"]
    prepare += ["--database", empty_database.name]

    first = run(*prepare)
    assert first.returncode == 0, first.stderr
    files = {path: path.read_bytes() for path in (passfile, Path(environment["SUPRA_PROFILES"]))}
    second = run(*prepare)

    assert second.returncode == 0
    assert second.stderr == ""
    assert {path: path.read_bytes() for path in files} == files
    assert files[Path(environment["SUPRA_PROFILES"])].decode().startswith(mine)
    assert passfile.stat().st_mode & 0o777 == 0o600
    for role in DEMO_ROLES:
        assert run("lookup", "garcia", "--profile", "demo", "--user", role).returncode in (0, 1)
    checked = run("doctor", "--profile", "demo", "--json")
    assert checked.returncode == 0, checked.stdout
