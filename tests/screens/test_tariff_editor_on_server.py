"""A tariff written on a real server: saved against its version, by two at once, and over a line that breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from textual.pilot import Pilot

from queries import tariffs
from screens.editing.conflict import ConflictDialog
from screens.editing.dialogs import DifferenceDialog
from screens.editing.leaving import OfferDialog
from screens.session import Link, Session, SignIn
from screens.session import State as Connection
from screens.tariffs.editor.screen import TariffEditor
from supra_console.database import Database
from supra_console.profiles import Profile
from supra_console.tariffs.register import NewTariff, State, TariffRow, new_version
from tests.conftest import TestDatabase
from tests.queries.desk import signed_in
from tests.screens.driving import pressed, text_of
from tests.screens.quiet import running, until
from tests.screens.signed_in import application
from tests.screens.tariff_editor_sample import settled, typed
from tests.screens.test_tariffs_on_server import drafted
from tests.supra_console.broken_line import broken_line
from tests.supra_console.test_database import COMMIT

SMALL = (80, 24)


@asynccontextmanager
async def editing(
    database: TestDatabase, subject: TariffRow | NewTariff, role: str = "demo_supervisor", **line: str
) -> AsyncIterator[tuple[Pilot[Any], TariffEditor, Database]]:
    """The editor, signed in; `line` is another way to the server."""
    parameters = {name: str(value) for name, value in conninfo_to_dict(database.sign_in(role)).items() if value}
    profile = Profile("test", parameters | line)
    session = Session()
    identity = await session.sign_in(SignIn(profile, role))
    app = application(session)
    app.link = Link(Connection.SIGNED_IN, profile, identity)
    async with app.run_test(size=SMALL) as pilot:
        editor = TariffEditor(session, subject)
        await app.push_screen(editor)
        await settled(pilot)
        yield pilot, editor, await session.database()
    await session.sign_out()


async def save(pilot: Pilot[Any]) -> None:
    await pressed(pilot, "ctrl+s")
    assert isinstance(pilot.app.screen, DifferenceDialog), text_of(pilot)
    await pressed(pilot, "ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, ConflictDialog) or not running(pilot, "save"))


async def in_force(db: Database) -> TariffRow:
    """The tariff that prices most bills today."""
    register, tomas = await tariffs.register(db), await tariffs.population(db)
    rows = [row for row in register.tariffs if row.state(register.today) is State.IN_FORCE]
    return max(rows, key=lambda row: tomas.get(row.series, 0))


def price(row: TariffRow | None, block: int = 0) -> Decimal:
    assert row is not None
    assert row.document is not None
    return row.document.blocks[block].price_per_m3


async def test_a_new_version_is_written_and_saved(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        old = await in_force(db)
    begins = date(old.effective_from.year + 2, 1, 1)
    async with editing(database, new_version(old)) as (pilot, editor, db):
        await pressed(pilot, "right", "right")
        await typed(pilot, "123.45")
        await pressed(pilot, "alt+2", *["down"] * 4)
        await typed(pilot, begins.isoformat())
        assert not [remark for remark in editor.remarks if remark.weight == "error"], text_of(pilot)
        await save(pilot)
        assert not editor.unsaved
        register = await tariffs.register(db)
        made = next(row for row in register.tariffs if row.replaces_id == old.id)
        assert (price(made), made.effective_from) == (Decimal("123.45"), begins)
        assert made.state(register.today) is State.DRAFT
        assert made.series == old.series
        assert made.document is not None
        assert old.document is not None
        assert made.document.additional_concepts == old.document.additional_concepts

        await pressed(pilot, "alt+1")
        await typed(pilot, "124")
        await save(pilot)
        again = await tariffs.tariff(db, made.id)
        assert price(again) == 124
        assert again is not None
        assert again.version == made.version + 1


async def test_two_editors_at_once_overwrite_nothing(database: TestDatabase) -> None:
    async with signed_in(database, "demo_dba") as other:
        row = await drafted(other)
        async with editing(database, row) as (pilot, editor, db):
            await pressed(pilot, "right", "right")
            await typed(pilot, "77.5")
            assert row.document is not None
            theirs = row.document.model_copy(update={"gazette_reference": "12/2026"})
            blocks = tuple(block.model_copy(update={"price_per_m3": block.price_per_m3 + 1}) for block in theirs.blocks)
            await tariffs.save(other, row.id, row.version, theirs.model_copy(update={"blocks": blocks}))

            await save(pilot)
            assert isinstance(pilot.app.screen, ConflictDialog)
            shown = text_of(pilot)
            assert "12/2026" in shown
            assert "77.5" in shown
            assert price(await tariffs.tariff(db, row.id)) == price(row) + 1

            place = next(
                i for i, one in enumerate(pilot.app.screen._differences) if one.path == ("blocks", 0, "price_per_m3")
            )
            await pressed(pilot, *["down"] * place, "m", "ctrl+s")
            await settled(pilot, "save")
            assert editor.state.terms.gazette_reference == "12/2026"
            await save(pilot)
            kept = await tariffs.tariff(db, row.id)
            assert (price(kept), price(kept, 1)) == (Decimal("77.5"), price(row, 1) + 1)
            assert kept is not None
            assert kept.gazette_reference == "12/2026"
            assert len(kept.drafters) == 2


async def test_a_line_that_breaks_while_saving_loses_nothing(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        row = await drafted(db)
    target = conninfo_to_dict(database.admin)
    async with broken_line(str(target["host"]), int(str(target["port"]))) as line:
        there = {"host": "127.0.0.1", "port": str(line.port)}
        async with editing(database, row, **there) as (pilot, editor, _db):
            await pressed(pilot, "right", "right")
            await typed(pilot, "88.5")

            def at_commit(block: bytes) -> bool:
                if COMMIT in block:
                    line.cut()
                return COMMIT not in block

            line.watch = at_commit
            await save(pilot)
            line.watch = None
            assert editor.unsaved
            assert "not saved" in text_of(pilot)
            # And now the terminal is closed.
        async with editing(database, row, **there) as (pilot, editor, db):
            await settled(pilot)
            assert isinstance(pilot.app.screen, OfferDialog)
            await pressed(pilot, "enter")
            await settled(pilot, "offer")
            assert editor.state.blocks[0].price_per_m3 == "88.5"
            assert price(await tariffs.tariff(db, row.id)) == price(row)
            await save(pilot)
            assert price(await tariffs.tariff(db, row.id)) == Decimal("88.5")
            assert not editor.unsaved


async def test_a_clerk_looks_at_what_is_in_force(database: TestDatabase) -> None:
    async with signed_in(database) as db:
        old = await in_force(db)
    async with editing(database, old, "demo_clerk") as (pilot, editor, _db):
        assert editor.read_only
        assert "MX$" in await pressed(pilot, "3")
        await pressed(pilot, "alt+1", "9", "f5")
        assert not editor.unsaved
