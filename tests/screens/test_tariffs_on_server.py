"""A tariff's way into force on a real server: two people, two editors, an old price, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from textual.pilot import Pilot

from queries import tariff_approval, tariff_readiness, tariffs
from queries.tariff_refusals import DraftersApproval
from screens.session import Link, Session, SignIn, State
from screens.tariffs.picture import listed
from screens.tariffs.screen import TariffsScreen
from screens.widgets.dialogs import FieldsDialog, TextDialog
from supra_console.database import Database
from supra_console.profiles import Profile
from supra_console.tariffs.register import State as Life
from supra_console.tariffs.register import TariffRow
from tests.conftest import TestDatabase
from tests.queries.tariff_desk import latest_billing
from tests.screens.driving import text_of
from tests.screens.quiet import running, until
from tests.screens.signed_in import application
from tests.screens.test_tariffs import at, screen_of, settled, stepped, toasts, unfolded
from tests.sql.tariff_desk import KEEP


@dataclass
class Desk:
    """One person's console on the tariffs, and the same person's connection."""

    pilot: Pilot[Any]
    db: Database

    async def at(self, row: TariffRow) -> str:
        """Read again, and put the cursor on a tariff."""
        await stepped(self.pilot, "r")
        await self.acted()
        known = next(one for one in self.rows() if one.id == row.id)
        return await at(self.pilot, known)

    @property
    def on_top(self) -> bool:
        """Whether no dialog is open."""
        return self.pilot.app.screen is screen_of(self.pilot)

    def rows(self) -> tuple[TariffRow, ...]:
        picture = screen_of(self.pilot).picture
        assert picture is not None
        return picture.register.tariffs

    async def press(self, *keys: str) -> str:
        """Press keys, and wait for what the server answers between them."""
        for key in keys:
            await self.pilot.press(key)
            await self.acted()
        return text_of(self.pilot)

    async def acted(self) -> None:
        """Wait until a step is through, or waits for an answer in a dialog."""
        await self.pilot.pause()
        await until(self.pilot, lambda: len(self.pilot.app.screen_stack) > 2 or not running(self.pilot, "act"))
        await settled(self.pilot)

    async def approves(self) -> str:
        """Sign that it was resolved today."""
        picture = screen_of(self.pilot).picture
        assert picture is not None
        await self.press("a")
        await self.type(picture.register.today.isoformat())
        await self.press("enter")
        await self.type("Cabildo")
        return await self.press("enter", "down", "enter")

    async def type(self, text: str) -> None:
        await self.pilot.press(*text)


@asynccontextmanager
async def desk(database: TestDatabase, role: str, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Desk]:
    parameters = {name: str(value) for name, value in conninfo_to_dict(database.sign_in(role)).items() if value}
    profile = Profile("test", parameters)
    session = Session()
    identity = await session.sign_in(SignIn(profile, role))
    app = application(session)
    app.link = Link(State.SIGNED_IN, profile, identity)
    async with app.run_test(size=size) as pilot:
        await app.push_screen(TariffsScreen(session))
        await settled(pilot)
        yield Desk(pilot, await session.database())
    await session.sign_out()


async def most_used(db: Database) -> TariffRow:
    """The tariff that prices most bills today."""
    register, tomas = await tariffs.register(db), await tariffs.population(db)
    in_force = [row for row in register.tariffs if row.state(register.today) is Life.IN_FORCE]
    return max(in_force, key=lambda row: tomas.get(row.series, 0))


async def drafted(db: Database, begins: date | None = None, *, replaces: bool = True) -> TariffRow:
    """A new version of the tariff that prices most bills today, from the next year on where nothing else is said."""
    old = await most_used(db)
    assert old.document is not None
    begins = begins or date((await tariffs.register(db)).today.year + 1, 1, 1)
    changes: dict[str, object] = {
        "name": "The new price",
        "effective_from": begins,
        "effective_until": None,
        "replaces_id": None,
    }
    changes["gazette_reference"] = None
    content = old.document.model_copy(update=changes)
    return await tariffs.create(db, content, replaces=old.id if replaces else None)


async def with_impact(db: Database, row: TariffRow) -> TariffRow:
    """The tariff with an impact report of its present content."""
    async with db.writing() as connection:
        await connection.execute(KEEP, [[], "{}", row.id])
    return await now(db, row)


async def now(db: Database, row: TariffRow) -> TariffRow:
    found = await tariffs.tariff(db, row.id)
    assert found is not None
    return found


async def approved(db: Database, other: Database, begins: date | None = None, *, replaces: bool = True) -> TariffRow:
    """A draft of one that the other has approved, with its impact report."""
    row = await with_impact(db, await drafted(db, begins, replaces=replaces))
    (row,) = await tariff_approval.submit(db, [row])
    day = row.effective_from - timedelta(days=1)
    today = (await tariffs.register(db)).today
    (row,) = await tariff_approval.approve(other, [row], min(day, today), "Consejo Directivo")
    return row


async def test_from_a_draft_into_force_by_two_people(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as drafter, desk(database, "demo_dba") as approver:
        row = await drafted(drafter.db)
        assert "Drafted by" in await drafter.at(row)
        await drafter.press("s", "down", "enter")
        assert "Submitted for review." in toasts(drafter.pilot)
        assert "You wrote on it: somebody else approves it." in text_of(drafter.pilot)

        await drafter.press("a")
        assert drafter.on_top
        in_review = await now(drafter.db, row)
        with pytest.raises(DraftersApproval):
            await tariff_approval.approve(drafter.db, [in_review])

        await approver.at(row)
        await approver.approves()
        assert "Approved." in toasts(approver.pilot)
        signed = await now(approver.db, row)
        assert signed.approved_by == "Cabildo"

        seen = await approver.press("f")
        assert isinstance(approver.pilot.app.screen, TextDialog)
        assert "‼ an impact report of exactly this content" in seen
        await approver.press("escape")
        await with_impact(approver.db, signed)
        await approver.at(row)
        await approver.press("f")
        assert isinstance(approver.pilot.app.screen, FieldsDialog)
        await approver.type("P.O. No. 84")
        seen = await approver.press("enter")
        assert f"ends on Jan 1, {row.effective_from.year}" in seen
        await approver.press("down", "enter")
        assert "It is activated." in toasts(approver.pilot)

        final = await now(drafter.db, row)
        assert final.active
        assert final.gazette_reference == "P.O. No. 84"
        assert final.replaces_id is not None
        before = await tariffs.tariff(drafter.db, final.replaces_id)
        assert before is not None
        assert before.effective_until == final.effective_from
        seen = await drafter.at(row)
        assert "scheduled" in seen
        seen = await drafter.press("d", "pagedown", "pagedown")
        for done in ("drafted", "submitted for review", "approved", "impact report kept", "activated"):
            assert done in unfolded(seen)


async def test_a_scheduled_tariff_is_withdrawn_and_its_predecessor_goes_on(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as mine, desk(database, "demo_dba") as other:
        row = await approved(mine.db, other.db)
        (row,) = await tariff_approval.activate(other.db, [row], gazettes={row.id: "84"})
        await mine.at(row)
        await mine.press("w")
        await mine.type("the council changed its mind")
        seen = await mine.press("enter", "down", "enter")
        assert "goes on as it would have" in seen
        await mine.type("withdraw")
        await mine.press("enter")
        assert "Withdrawn: it is a draft again." in toasts(mine.pilot)
        assert not (await now(mine.db, row)).active
        assert row.replaces_id is not None
        before = await tariffs.tariff(mine.db, row.replaces_id)
        assert before is not None
        assert before.effective_until is None
        seen = await mine.press("d", "pagedown", "pagedown")
        assert "the council changed its mind" in unfolded(seen)


async def test_a_draft_deleted_by_somebody_else_is_said_to_be_gone(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as mine, desk(database, "demo_dba") as other:
        row = await drafted(mine.db)
        await mine.at(row)
        await other.at(row)
        await other.press("delete", "down", "enter")
        assert "Deleted." in toasts(other.pilot)
        await mine.press("s", "down", "enter")
        assert "Somebody else deleted this tariff meanwhile" in toasts(mine.pilot)
        assert row.id not in {one.id for one in mine.rows()}


async def test_an_edit_in_between_is_not_approved_unseen(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as mine, desk(database, "demo_dba") as other:
        row = await drafted(mine.db)
        (row,) = await tariff_approval.submit(mine.db, [row])
        await other.at(row)
        assert row.document is not None
        later = row.document.model_copy(update={"effective_from": row.effective_from + timedelta(days=1)})
        await tariffs.save(mine.db, row.id, row.version, later)
        await other.approves()
        assert "Somebody else changed this record meanwhile" in toasts(other.pilot)
        current = await now(mine.db, row)
        assert current.state(date(2026, 1, 1)) is Life.DRAFT
        shown = next(one for one in other.rows() if one.id == row.id)
        assert shown == current


async def test_a_tariff_in_the_way_is_named_with_its_days(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as mine, desk(database, "demo_dba") as other:
        row = await approved(mine.db, other.db, replaces=False)
        seen = await mine.at(row)
        assert "‼ in the way:" in seen
        seen = unfolded(await mine.press("f"))
        (ready,) = await tariff_readiness.readiness(mine.db, [row])
        assert len(ready.conflicts) == 1
        assert "‼ no other tariff holds any of its days" in seen
        assert ready.conflicts[0].name in seen


async def test_a_back_dated_start_names_the_invoices_that_went_out(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as mine, desk(database, "demo_dba") as other:
        register = await tariffs.register(mine.db)
        row = await approved(mine.db, other.db, latest_billing(database.admin, await most_used(mine.db)))
        issued = (await tariff_readiness.issued_invoices(mine.db, [row.id]))[row.id]
        assert issued.count > 0
        await mine.at(row)
        await mine.press("f")
        await mine.type("84")
        seen = await mine.press("enter")
        assert f"{issued.count} invoice" in unfolded(seen)
        assert issued.sample[0].number in seen
        await mine.press("down", "enter")
        await mine.type(str(issued.count + 1))
        await mine.press("enter")
        assert not (await now(mine.db, row)).active
        await mine.press("backspace", *["backspace"] * len(str(issued.count)))
        await mine.type(str(issued.count))
        await mine.press("enter")
        assert "It is activated." in toasts(mine.pilot)
        assert (await now(mine.db, row)).state(register.today) is Life.IN_FORCE


async def test_an_operator_looks_at_everything_and_changes_nothing(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as mine:
        row = await drafted(mine.db)
    async with desk(database, "demo_operator") as clerk:
        seen = await clerk.at(row)
        assert "only supervisors draft and approve" in seen
        for key in ("s", "delete", "v", "n"):
            await clerk.press(key)
            assert clerk.on_top
        await clerk.press("d")
        assert isinstance(clerk.pilot.app.screen, TextDialog)
        assert await now(clerk.db, row) == row


async def test_what_another_program_left_is_looked_at_and_the_rest_works(database: TestDatabase) -> None:
    with psycopg.connect(database.admin) as admin:
        admin.execute("alter table tariff_schedules disable trigger user")
        admin.execute("alter table tariff_schedules drop constraint tariff_schedules_blocks_check")
        admin.execute(
            'update tariff_schedules set blocks = \'[{"from_m3": "\\u001b]0;x"}]\' where id ='
            " (select min(id::text)::uuid from tariff_schedules where active and effective_until is null"
            " and tenant_id = (select id from tenants where slug = 'cea-queretaro'))"
        )
    async with desk(database, "demo_clerk") as clerk:
        bad = [row for row in clerk.rows() if row.document is None]
        assert len(bad) == 1
        assert "cannot be read" in await clerk.at(bad[0])
        seen = await clerk.press("enter")
        assert "from_m3" in seen
        assert "\x1b" not in seen
        await clerk.press("escape")
        picture = screen_of(clerk.pilot).picture
        assert picture is not None
        assert len(listed(picture)) > 1


async def test_a_price_list_is_put_in_force_all_or_none(database: TestDatabase) -> None:
    async with desk(database, "demo_supervisor") as mine, desk(database, "demo_dba", (80, 24)) as other:
        register, tomas = await tariffs.register(mine.db), await tariffs.population(mine.db)
        old = [row for row in register.tariffs if row.state(register.today) is Life.IN_FORCE and tomas.get(row.series)]
        package = []
        for one in old[:6]:
            assert one.document is not None
            content = one.document.model_copy(
                update={"effective_from": date(register.today.year + 1, 1, 1), "gazette_reference": None}
            )
            package.append(await with_impact(mine.db, await tariffs.create(mine.db, content, replaces=one.id)))
        await mine.at(package[0])
        await mine.press("m", "s", "down", "enter")
        assert "6 tariffs submitted for review." in toasts(mine.pilot)
        await other.at(package[3])
        await other.press("m")
        await other.approves()
        assert "6 tariffs approved." in toasts(other.pilot)

        await other.press("f")  # they are marked still
        await other.type("P.O. No. 90")
        seen = await other.press("enter")
        assert "6 tariffs end by it" in unfolded(seen)
        # Somebody sends one back while the other reads.
        sent_back = await now(mine.db, package[2])
        await tariff_approval.send_back(mine.db, [sent_back], "the second block")
        seen = unfolded(await other.press("down", "enter"))
        assert "None of the tariffs was changed" in seen
        assert "1 of 6 cannot go on" in seen
        assert "Somebody else changed this record meanwhile" in seen
        assert not any([(await now(mine.db, one)).active for one in package])
        await other.press("escape")
        assert "5 marked" in text_of(other.pilot)

        await other.press("f")
        await other.type("P.O. No. 90")
        await other.press("enter", "down", "enter")
        assert "5 tariffs are activated." in toasts(other.pilot)
        found = [await now(mine.db, one) for one in package]
        assert [one.active for one in found] == [one.id != sent_back.id for one in package]
        assert {one.gazette_reference for one in found if one.active} == {"P.O. No. 90"}
