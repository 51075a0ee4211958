"""Configuration with the database behind it: two people, a line in the journal, and a document of another program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from textual.pilot import Pilot

from screens.app import SupraApp
from screens.configuration.editor import ConfigurationEditor
from screens.configuration.screen import ConfigurationScreen
from screens.editing.conflict import ConflictDialog
from screens.editing.dialogs import DifferenceDialog, JsonDialog
from screens.session import Session, SignIn
from supra_console.profiles import Profile, Profiles
from tests.conftest import DEMO_PASSWORD, TestDatabase
from tests.screens.driving import text_of
from tests.screens.pretend import settled
from tests.screens.quiet import until
from tests.screens.test_configuration import line_of, top

GROUPS = ("configuration", "sign-in", "show", "palette")


def as_admin(database: TestDatabase, statement: str) -> list[dict[str, Any]]:
    with psycopg.connect(database.admin, autocommit=True, row_factory=dict_row) as admin:
        cursor = admin.execute(statement)
        return cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def signed_in(database: TestDatabase, role: str) -> AsyncIterator[Pilot[Any]]:
    """The console on the configuration, reached as a person reaches it."""
    values = conninfo_to_dict(database.admin)
    parameters = {"host": str(values.get("host")), "port": str(values.get("port")), "dbname": database.name}
    profile = Profile("test", parameters)
    app = SupraApp(
        Profiles(Path("x.toml"), {"test": profile}),
        request=SignIn(profile, role, DEMO_PASSWORD),
        session=Session(),
        environment={},
    )
    async with app.run_test(size=(110, 32)) as pilot:
        await settled(pilot, *GROUPS)
        app.go("configuration")
        await settled(pilot, *GROUPS)
        assert isinstance(app.screen, ConfigurationScreen)
        yield pilot


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Keys, each with all that it asks of the server; a worker that waits for a person is not waited for."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot, "configuration")


async def saved(pilot: Pilot[Any]) -> None:
    """Ctrl+S twice: seen, and saved."""
    await press(pilot, "ctrl+s")
    assert isinstance(top(pilot), DifferenceDialog)
    await press(pilot, "ctrl+s")


async def open_billing(pilot: Pilot[Any]) -> ConfigurationEditor:
    await press(pilot, "enter", "enter")
    editor = top(pilot)
    assert isinstance(editor, ConfigurationEditor)
    return editor


async def test_a_supervisor_saves_and_the_journal_says_what_changed(database: TestDatabase) -> None:
    async with signed_in(database, "demo_supervisor") as pilot:
        assert "defaults" in line_of(pilot, "Billing")
        editor = await open_billing(pilot)
        await press(pilot, "backspace", "backspace", *"60")
        await saved(pilot)
        await settled(pilot, "save")
        assert not editor.unsaved
        await press(pilot, "escape")
        assert "1 field of its own" in line_of(pilot, "Billing")
    (event,) = as_admin(
        database, "select payload, metadata from timeseries.domain_events where event_type = 'configuration.changed'"
    )
    assert event["payload"]["changes"] == [{"field": "cycle_days", "before": 30, "after": 60}]
    assert event["metadata"]["db_user"] == "demo_supervisor"


async def test_the_second_of_two_sees_the_difference_and_overwrites_nothing(database: TestDatabase) -> None:
    async with signed_in(database, "demo_supervisor") as pilot:
        editor = await open_billing(pilot)
        await press(pilot, "backspace", "backspace", *"60")
        as_admin(database, "update explotacion_configs set billing = billing || '{\"cycle_days\": 90}'")
        await press(pilot, "ctrl+s", "ctrl+s")
        await until(pilot, lambda: isinstance(top(pilot), ConflictDialog))
        assert all(text in text_of(pilot) for text in ("30", "60", "90"))
        await press(pilot, "t", "ctrl+s")
        await settled(pilot, "save")
        assert editor.state["cycle_days"] == "90"
        assert not editor.unsaved
    values = {
        row["days"] for row in as_admin(database, "select billing -> 'cycle_days' as days from explotacion_configs")
    }
    assert values == {90}


async def test_a_clerk_looks(database: TestDatabase) -> None:
    async with signed_in(database, "demo_clerk") as pilot:
        await open_billing(pilot)
        assert "to look at only" in text_of(pilot)
        assert "Only supervisors and DBAs" in text_of(pilot)
        await press(pilot, "9", "ctrl+s")
        assert isinstance(top(pilot), ConfigurationEditor)


async def test_a_document_of_another_program_is_shown_and_left_alone(database: TestDatabase) -> None:
    as_admin(database, 'update explotacion_configs set billing = \'{"cycle_days": "\\u001b[31m"}\'')
    async with signed_in(database, "demo_supervisor") as pilot:
        await press(pilot, "enter", "enter")
        assert isinstance(top(pilot), JsonDialog)
        assert "\\u001b[31m" in text_of(pilot)
        assert "\x1b" not in text_of(pilot)


async def test_a_line_that_is_cut_loses_nothing_that_was_typed(database: TestDatabase) -> None:
    async with signed_in(database, "demo_supervisor") as pilot:
        editor = await open_billing(pilot)
        await press(pilot, "backspace", "backspace", *"60")
        as_admin(
            database,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and usename = 'demo_supervisor'",
        )
        await saved(pilot)
        await settled(pilot, "save")  # a dead connection is replaced before anything is asked of it
        assert not editor.unsaved
        assert editor.stored is not None
        assert editor.stored.state["cycle_days"] == "60"
