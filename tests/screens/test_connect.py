"""Signing in: what is asked, what is kept, and what every failure says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from screens.accounts.lookup import LookupScreen
from screens.app import SupraApp
from screens.connect.connect import ConnectScreen, protection
from screens.connect.tenants import TenantDialog
from screens.session import Session, SignIn, State
from screens.widgets.choices import Choices
from screens.widgets.field import Field
from supra_console.errors import (
    NoSuchDatabase,
    NotRegistered,
    PasswordNeeded,
    SupraError,
    Unreachable,
    UnsafeRole,
    UserDisabled,
    WrongPassword,
)
from supra_console.identity import Identity
from supra_console.profiles import Profile, Profiles
from tests.conftest import DEMO_PASSWORD, TestDatabase
from tests.screens.driving import text_of
from tests.screens.pretend import (
    CEA,
    CLERK,
    COUNTER,
    DEMO,
    HOSTILE,
    JAPAM,
    PRODUCTION,
    PretendDatabase,
    Searches,
    application,
    opener,
    places,
    settled,
)

DBA = replace(CLERK, groups=("supra_readonly", "supra_dba"))


def field(pilot: Pilot[Any], name: str) -> Field:
    return pilot.app.screen.query_one(f"#{name}", Field)


def shows(app: App[Any], kind: type[Screen[Any]]) -> bool:
    return isinstance(app.screen, kind)


def recording(app: SupraApp) -> list[SignIn]:
    """What the console tries to sign in with."""
    tried: list[SignIn] = []
    given = app.session._opener

    async def open_database(request: SignIn) -> Any:
        tried.append(request)
        return await given(request)

    app.session._opener = open_database
    return tried


# ---------------------------------------------------------------------- what is asked


async def test_a_profile_that_needs_no_typing_signs_in_by_itself() -> None:
    app = application()
    tried = recording(app)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert shows(app, LookupScreen)
        assert tried == [SignIn(DEMO, "demo_clerk")]
        assert app.link.state == State.SIGNED_IN
        assert "demo_clerk" in text_of(pilot)


async def test_a_password_that_is_needed_is_asked_for_without_alarm() -> None:
    app = application(None, PasswordNeeded(), PretendDatabase())
    tried = recording(app)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert shows(app, ConnectScreen)
        assert field(pilot, "password").has_focus
        assert "Type the password of demo_clerk." in text_of(pilot)
        await pilot.press(*"secreto", "enter")
        await settled(pilot)
        assert shows(app, LookupScreen)
        assert tried[-1] == SignIn(DEMO, "demo_clerk", "secreto")


async def test_the_password_is_never_on_the_screen() -> None:
    app = application(None, WrongPassword(), at_once=False)
    async with app.run_test() as pilot:
        await settled(pilot)
        field(pilot, "password").focus()
        await pilot.press(*"secreto", "enter")
        await settled(pilot)
        assert "secreto" not in text_of(pilot)
        assert "•••••••" in text_of(pilot)
        assert "secreto" not in repr(SignIn(DEMO, "demo_clerk", "secreto"))


async def test_copying_out_of_the_password_copies_nothing() -> None:
    async with application(at_once=False).run_test() as pilot:
        await settled(pilot)
        password = field(pilot, "password")
        password.focus()
        await pilot.press(*"secreto", "ctrl+shift+a", "ctrl+c", "ctrl+x")
        assert pilot.app.clipboard == ""
        assert password.value == "secreto"


async def test_arrows_choose_among_the_users_of_a_profile() -> None:
    app = application(profiles=(COUNTER,), at_once=False)
    tried = recording(app)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert field(pilot, "user").has_focus
        assert field(pilot, "user").value == "demo_clerk"
        await pilot.press("down", "enter")
        await settled(pilot)
        assert tried == [SignIn(COUNTER, "demo_operator")]


async def test_production_is_announced_before_one_signs_in() -> None:
    app = application(profiles=(DEMO, PRODUCTION), at_once=False)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert text_of(pilot).startswith(" SUPRA ")
        assert app.screen.query_one(Choices).has_focus
        await pilot.press("down")
        await pilot.pause()
        assert text_of(pilot).startswith(" PRODUCTION ")
        assert "db1.cea.example:5432/supra" in text_of(pilot)
        assert "certificate and host name are verified" in text_of(pilot)
        assert field(pilot, "user").value == "ana.garcia"


async def test_without_a_user_nothing_is_tried() -> None:
    nobody = Profile("nobody", {"host": "127.0.0.1"})
    app = application(profiles=(nobody,), at_once=False)
    tried = recording(app)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert tried == []
        assert "Say who you are" in text_of(pilot)


async def test_a_machine_without_profiles_leaves_all_to_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGUSER", "ana")
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGDATABASE", "supra")
    app = SupraApp(
        Profiles(Path("none.toml"), {}), session=Session(opener()), places=places(Searches()), environment={}
    )
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "db.example:5432/supra" in text_of(pilot)
        assert field(pilot, "user").value == "ana"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"host": "db"}, "encrypted if the server can; the server is not verified"),
        ({"host": "db", "sslmode": "disable"}, "not encrypted"),
        ({"host": "db", "sslmode": "verify-full"}, "encrypted; certificate and host name are verified"),
        ({"host": "/run/postgresql"}, "a socket on this machine"),
        ({"host": "db", "sslmode": "new-mode"}, "new-mode"),
    ],
)
def test_the_protection_of_the_line_is_said(
    parameters: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert protection(Profile("x", parameters)) == words


async def test_hostile_profiles_are_shown_and_do_nothing() -> None:
    evil = Profile(
        HOSTILE[:60], {"host": HOSTILE[:90], "dbname": "[/x]"}, users=(HOSTILE[:40], "b"), description=HOSTILE
    )
    app = application(None, WrongPassword(HOSTILE, HOSTILE), profiles=(evil, DEMO), at_once=False)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("tab", "tab", "enter")
        await settled(pilot)
        assert not set(text_of(pilot)) & {"\x1b", "\x07", "\u202e", "\u200b"}
        assert app.is_running


# ---------------------------------------------------------------------- failures


async def test_a_failure_keeps_what_was_typed_and_enter_tries_again() -> None:
    app = application(None, Unreachable(), PretendDatabase(), at_once=False)
    tried = recording(app)
    async with app.run_test() as pilot:
        await settled(pilot)
        field(pilot, "password").focus()
        await pilot.press(*"secreto", "enter")
        await settled(pilot)
        assert "✗ The server cannot be reached" in text_of(pilot)
        assert "Check host, port and the network" in text_of(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert [request.password for request in tried] == ["secreto", "secreto"]
        assert shows(app, LookupScreen)


async def test_after_a_refused_password_typing_replaces_it() -> None:
    app = application(None, WrongPassword(sqlstate="28P01"), PretendDatabase(), at_once=False)
    tried = recording(app)
    async with app.run_test() as pilot:
        await settled(pilot)
        field(pilot, "password").focus()
        await pilot.press(*"falso", "enter")
        await settled(pilot)
        assert "The server refused this user and password [28P01]" in text_of(pilot)
        await pilot.press(*"bueno", "enter")
        await settled(pilot)
        assert tried[-1].password == "bueno"


async def test_one_may_stop_waiting_for_a_server_that_does_not_answer() -> None:
    app = application(at_once=False)
    asked = asyncio.Event()

    async def silence(_request: SignIn) -> Any:
        asked.set()
        await asyncio.Event().wait()

    app.session._opener = silence
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await asyncio.wait_for(asked.wait(), 5)
        await pilot.pause()
        assert "Signing in to 127.0.0.1:5432/supra" in text_of(pilot)
        assert "Stop waiting" in text_of(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert "Stopped. Enter tries again." in text_of(pilot)


# ---------------------------------------------------------------------- on a real server


def profile_of(database: TestDatabase, user: str, **changes: str) -> Profile:
    parameters = {key: str(value) for key, value in conninfo_to_dict(database.admin).items() if key != "password"}
    return Profile("test", parameters | {"user": user} | changes)


async def signed_in(profile: Profile, password: str | None) -> tuple[SupraApp, str, Identity | None]:
    """Sign in as a person would, and see what the screen says."""
    app = SupraApp(Profiles(Path("x.toml"), {"test": profile}), environment={}, places=places(Searches()))
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        if password is not None:
            field(pilot, "password").value = password
        await pilot.press("enter")
        await settled(pilot)
        return app, text_of(pilot), app.session.identity


@pytest.fixture
def unregistered(shared_database: TestDatabase) -> Iterator[str]:
    name = "supra_test_unregistered"
    with psycopg.connect(shared_database.admin, autocommit=True) as admin:
        admin.execute(f"drop role if exists {name}")
        admin.execute(f"create role {name} login password 'x' in role supra_readonly")
        yield name
        admin.execute(f"drop role {name}")


async def test_a_clerk_signs_in(shared_database: TestDatabase) -> None:
    _app, shown, identity = await signed_in(profile_of(shared_database, "demo_clerk"), DEMO_PASSWORD)
    assert identity is not None
    assert identity.login == "demo_clerk"
    assert "demo_clerk" in shown
    assert "Find an account" in shown


def title(error: type[SupraError]) -> str:
    return error().title


async def test_every_failure_has_words(shared_database: TestDatabase, unregistered: str) -> None:
    clerk = profile_of(shared_database, "demo_clerk")
    unreachable = profile_of(shared_database, "demo_clerk", host="127.0.0.1", port="1")
    elsewhere = profile_of(shared_database, "demo_clerk", dbname="no_such_database")
    admin = conninfo_to_dict(shared_database.admin)
    superuser = profile_of(shared_database, str(admin["user"]))
    stranger = profile_of(shared_database, unregistered)
    for profile, password, words in (
        (unreachable, DEMO_PASSWORD, title(Unreachable)),
        (elsewhere, DEMO_PASSWORD, title(NoSuchDatabase)),
        (superuser, str(admin.get("password") or ""), "is above the isolation between utilities"),
        (stranger, "x", "is known to the server and not to SUPRA"),
    ):
        _app, shown, identity = await signed_in(profile, password or None)
        assert identity is None
        assert f"✗ {words}" in shown or words in shown, words
        assert "Traceback" not in shown
    assert clerk.user == "demo_clerk"
    assert title(UnsafeRole)
    assert title(NotRegistered)


async def test_a_disabled_user_is_told_so(database: TestDatabase) -> None:
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute("update users set active = false where db_role = 'demo_clerk'")
    _app, shown, identity = await signed_in(profile_of(database, "demo_clerk"), DEMO_PASSWORD)
    assert identity is None
    assert "is disabled in SUPRA" in shown
    assert title(UserDisabled)


# ---------------------------------------------------------------------- utilities


async def test_a_dba_chooses_the_utility_and_sees_which(monkeypatch: pytest.MonkeyPatch) -> None:
    dba = Identity(
        **{name: getattr(CLERK, name) for name in CLERK.__slots__} | {"groups": ("supra_readonly", "supra_dba")}
    )
    app = application(None, PretendDatabase(dba, (CEA, JAPAM)))
    async with app.run_test() as pilot:
        await settled(pilot)
        assert shows(app, TenantDialog)
        assert "your own" in text_of(pilot)
        await pilot.press("down", "enter")
        await settled(pilot, "tenant", "show", "prepare")
        assert shows(app, LookupScreen)
        assert "JAPAM San Juan del Río ⇄" in text_of(pilot)


async def test_a_dba_may_stay_in_the_own_utility() -> None:
    dba = Identity(
        **{name: getattr(CLERK, name) for name in CLERK.__slots__} | {"groups": ("supra_readonly", "supra_dba")}
    )
    app = application(None, PretendDatabase(dba, (CEA, JAPAM)))
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot, "tenant", "show", "prepare")
        assert shows(app, LookupScreen)
        assert "⇄" not in text_of(pilot)


async def test_a_clerk_is_not_asked() -> None:
    app = application(None, PretendDatabase(CLERK, (CEA, JAPAM)))
    async with app.run_test() as pilot:
        await settled(pilot)
        assert shows(app, LookupScreen)
