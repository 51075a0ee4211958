"""From a draft into force through the console's own calls, and what each refusal says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from queries import tariff_approval, tariffs
from queries.tariff_approval import DraftersApproval, InForce, InvoicesIssued, NotReady, NotSound
from queries.tariffs import TariffChanged, TariffConflict
from supra_console.database import Database
from supra_console.errors import InvalidInput, PermissionDenied
from supra_console.profiles import Profile
from supra_console.tariffs.register import State, TariffRow
from tests.conftest import TestDatabase
from tests.sql.tariff_desk import KEEP


@dataclass
class Desk:
    """Two supervisors and a clerk of the demo utility, and a price in force that will be replaced."""

    drafter: Database
    approver: Database
    clerk: Database
    elsewhere: Database
    admin: str
    old: TariffRow
    today: date

    async def draft(self, *, days: int = 40, replaces: bool = True, **columns: object) -> TariffRow:
        """A new version of the old price, so many days from now."""
        assert self.old.document is not None
        document = self.old.document.model_copy(
            update={
                "id": None, "version": None, "name": "Nueva", "effective_from": self.today + timedelta(days=days),
                "effective_until": None, "gazette_reference": None, **columns,
            }
        )  # fmt: skip
        return await tariffs.create(self.drafter, document, replaces=self.old.id if replaces else None)

    async def approved(self, **columns: Any) -> TariffRow:
        """A draft that went through review, with its impact report."""
        row = await self.draft(**columns)
        row = await tariff_approval.submit(self.drafter, row.id, row.version)
        row = await tariff_approval.approve(self.approver, row.id, row.version, None, "Consejo Directivo")
        await self.report(row)
        return row

    async def report(self, row: TariffRow) -> None:
        async with self.approver.writing() as connection:
            await connection.execute(KEEP, [[], "{}", row.id])


@pytest.fixture
async def desk(database: TestDatabase) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:

        async def sign_in(role: str) -> Database:
            parameters = {name: str(value) for name, value in conninfo_to_dict(database.sign_in(role)).items()}
            db = await Database.open(Profile(role, parameters))
            stack.push_async_callback(db.close)
            return db

        drafter = await sign_in("demo_supervisor")
        register = await tariffs.register(drafter)
        old = register.find(most_billed(database.admin))
        assert old is not None
        yield Desk(
            drafter, await sign_in("demo_dba"), await sign_in("demo_clerk"), await sign_in("demo_other"),
            database.admin, old, register.today,
        )  # fmt: skip


async def test_the_whole_way_into_force_and_back(desk: Desk) -> None:
    row = await desk.draft()
    states = [row.state(desk.today)]
    row = await tariff_approval.submit(desk.drafter, row.id, row.version)
    states.append(row.state(desk.today))
    row = await tariff_approval.approve(desk.approver, row.id, row.version, desk.today - timedelta(days=2), "Consejo")
    states.append(row.state(desk.today))
    await desk.report(row)
    row = await tariff_approval.activate(desk.drafter, row.id, row.version, gazette_reference="La Sombra 12")
    states.append(row.state(desk.today))
    assert states == [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.SCHEDULED]
    assert (row.approved_by, row.approval_date) == ("Consejo", desk.today - timedelta(days=2))
    old = await tariffs.tariff(desk.clerk, desk.old.id)
    assert old is not None
    assert old.effective_until == row.effective_from

    row = await tariff_approval.withdraw(desk.approver, row.id, row.version, "not published")
    assert row.state(desk.today) is State.DRAFT
    assert (await tariffs.tariff(desk.clerk, desk.old.id)) == replace(desk.old, version=old.version + 1, raw=old.raw | {
        "version": old.version + 1, "effective_until": None,
    }, document=None if desk.old.document is None else desk.old.document.model_copy(
        update={"version": old.version + 1}
    ))  # fmt: skip
    history = [event.what for event in await tariffs.history(desk.clerk, row.id)]
    assert history == [
        "tariff.withdrawn", "tariff.activated", "tariff.impact_kept", "tariff.approved", "tariff.submitted",
        "tariff.drafted",
    ]  # fmt: skip


async def test_a_review_that_ends_in_a_no_gives_the_reason(desk: Desk) -> None:
    row = await desk.draft()
    row = await tariff_approval.submit(desk.drafter, row.id, row.version)
    with pytest.raises(InvalidInput):
        await tariff_approval.send_back(desk.approver, row.id, row.version, " ")
    row = await tariff_approval.send_back(desk.approver, row.id, row.version, "the second block is too dear")
    assert row.state(desk.today) is State.DRAFT
    latest, *_ = await tariffs.history(desk.clerk, row.id)
    assert isinstance(latest.payload, dict)
    assert latest.payload["reason"] == "the second block is too dear"


async def test_who_wrote_on_it_is_told_to_ask_another(desk: Desk) -> None:
    row = await desk.draft()
    row = await tariff_approval.submit(desk.drafter, row.id, row.version)
    with pytest.raises(DraftersApproval) as refused:
        await tariff_approval.approve(desk.drafter, row.id, row.version)
    assert refused.value.sqlstate == "SU103"
    row = await tariff_approval.approve(desk.approver, row.id, row.version)
    assert row.approved_by == desk.approver.identity.name


async def test_a_clerk_takes_no_step(desk: Desk) -> None:
    row = await desk.draft()
    with pytest.raises(PermissionDenied):
        await tariff_approval.submit(desk.clerk, row.id, row.version)
    with pytest.raises(PermissionDenied):
        await desk.clerk.write(lambda connection: connection.execute("delete from tariff_schedules"))


async def test_what_is_not_there_or_another_s_is_gone(desk: Desk) -> None:
    row = await desk.draft()
    with pytest.raises(TariffChanged) as refused:
        await tariff_approval.submit(desk.drafter, uuid4(), 1)
    assert refused.value.current is None
    with pytest.raises((TariffChanged, PermissionDenied)):
        await tariff_approval.submit(desk.elsewhere, row.id, row.version)
    await tariffs.delete(desk.drafter, row.id, row.version)
    with pytest.raises(TariffChanged) as refused:
        await tariff_approval.submit(desk.drafter, row.id, row.version)
    assert refused.value.current is None


async def test_what_somebody_changed_meanwhile_is_handed_over_as_it_is(desk: Desk) -> None:
    row = await desk.draft()
    assert row.document is not None
    changed = row.document.model_copy(update={"name": "Otra"})
    await tariffs.save(desk.approver, row.id, row.version, changed)
    with pytest.raises(TariffChanged) as refused:
        await tariff_approval.submit(desk.drafter, row.id, row.version)
    assert refused.value.current is not None
    assert (refused.value.current.name, refused.value.current.version) == ("Otra", 2)


async def test_a_step_that_was_taken_already_is_not_taken_twice(desk: Desk) -> None:
    row = await desk.draft()
    row = await tariff_approval.submit(desk.drafter, row.id, row.version)
    with pytest.raises(TariffChanged):
        await tariff_approval.submit(desk.drafter, row.id, row.version)


async def test_an_edit_voids_the_approval(desk: Desk) -> None:
    row = await desk.approved()
    assert row.document is not None
    row = await tariffs.save(desk.drafter, row.id, row.version, row.document.model_copy(update={"name": "Otra"}))
    assert row.state(desk.today) is State.DRAFT
    with pytest.raises(TariffChanged):
        await tariff_approval.activate(desk.approver, row.id, row.version, gazette_reference="La Sombra 12")


async def test_what_is_not_sound_is_refused_by_the_rule_s_name(desk: Desk) -> None:
    assert desk.old.document is not None
    first, *others = desk.old.document.blocks
    row = await desk.draft(blocks=(first, *others[1:]))
    with pytest.raises(NotSound) as refused:
        await tariff_approval.submit(desk.drafter, row.id, row.version)
    assert refused.value.constraint == "gap"


async def test_what_is_missing_is_named(desk: Desk) -> None:
    row = await desk.approved()
    ready = await tariff_approval.readiness(desk.clerk, row)
    assert (ready.gazette, ready.approval, ready.approval_date_ok, ready.impact_fits) == (False, True, True, True)
    assert (ready.conflicts, ready.issued.count) == ((), 0)
    with pytest.raises(NotReady) as refused:
        await tariff_approval.activate(desk.approver, row.id, row.version)
    assert refused.value.constraint == "gazette_reference"
    assert "La Sombra de Arteaga" in refused.value.advice

    bare = await desk.draft(days=60, gazette_reference="La Sombra 13")
    ready = await tariff_approval.readiness(desk.clerk, bare)
    assert (ready.gazette, ready.approval, ready.approval_date_ok, ready.impact_fits) == (True, False, False, False)
    bare = await tariff_approval.submit(desk.drafter, bare.id, bare.version)
    bare = await tariff_approval.approve(desk.approver, bare.id, bare.version)
    with pytest.raises(NotReady) as refused:
        await tariff_approval.activate(desk.approver, bare.id, bare.version)
    assert refused.value.constraint == "impact_report"


async def test_a_tariff_in_the_way_is_named_with_its_dates(desk: Desk) -> None:
    row = await desk.approved(replaces=False)
    ready = await tariff_approval.readiness(desk.clerk, row)
    assert [other.id for other in ready.conflicts] == [desk.old.id]
    with pytest.raises(TariffConflict) as refused:
        await tariff_approval.activate(desk.approver, row.id, row.version, gazette_reference="La Sombra 12")
    assert [(other.id, other.effective_from) for other in refused.value.others] == [
        (desk.old.id, desk.old.effective_from)
    ]
    assert refused.value.constraint == "excl_tariff_validity"


@pytest.mark.parametrize("lasts", [None, 30])
async def test_days_without_a_price_are_told_before(desk: Desk, lasts: int | None) -> None:
    until = None if lasts is None else desk.today + timedelta(days=40 + lasts)
    row = await desk.draft(effective_until=until)
    assert (await tariff_approval.readiness(desk.clerk, row)).unpriced_from == until
    apart = await desk.draft(effective_until=until, replaces=False)
    assert (await tariff_approval.readiness(desk.clerk, apart)).unpriced_from is None


async def test_what_it_replaces_has_to_be_there_still(desk: Desk) -> None:
    draft = await desk.draft()
    assert draft.document is not None
    heir = await tariffs.create(desk.drafter, draft.document, replaces=draft.id)
    with pytest.raises(NotSound) as refused:
        await tariff_approval.submit(desk.drafter, heir.id, heir.version)
    assert refused.value.constraint == "replaces"
    assert refused.value.advice == NotSound.REPLACES


async def test_a_withdrawal_names_what_came_between(desk: Desk) -> None:
    later = await desk.approved(days=80)
    later = await tariff_approval.activate(desk.approver, later.id, later.version, gazette_reference="La Sombra 12")
    between = await desk.approved(days=40, effective_until=later.effective_from)
    between = await tariff_approval.activate(
        desk.approver, between.id, between.version, gazette_reference="La Sombra 13"
    )
    with pytest.raises(TariffConflict) as refused:
        await tariff_approval.withdraw(desk.approver, later.id, later.version, "too dear")
    assert [other.id for other in refused.value.others] == [between.id]


async def test_a_withdrawal_names_the_later_tariff_that_rests_on_it(desk: Desk) -> None:
    row = await desk.approved(days=40)
    row = await tariff_approval.activate(desk.approver, row.id, row.version, gazette_reference="La Sombra 12")
    assert row.document is not None
    document = row.document.model_copy(update={"effective_from": desk.today + timedelta(days=80)})
    later = await tariffs.create(desk.drafter, document, replaces=row.id)
    later = await tariff_approval.submit(desk.drafter, later.id, later.version)
    later = await tariff_approval.approve(desk.approver, later.id, later.version)
    await desk.report(later)
    later = await tariff_approval.activate(desk.approver, later.id, later.version, gazette_reference="La Sombra 13")
    ended = await tariffs.tariff(desk.clerk, row.id)
    assert ended is not None
    with pytest.raises(TariffConflict) as refused:
        await tariff_approval.withdraw(desk.approver, ended.id, ended.version, "too dear")
    assert [other.id for other in refused.value.others] == [later.id]


async def test_what_is_in_force_is_neither_withdrawn_nor_edited(desk: Desk) -> None:
    with pytest.raises(InForce):
        await tariff_approval.withdraw(desk.approver, desk.old.id, desk.old.version, "too dear")
    with pytest.raises(TariffChanged):
        await tariff_approval.readiness(desk.approver, desk.old)


async def test_a_back_dated_start_lists_the_invoices_and_wants_their_number(desk: Desk) -> None:
    since = latest_billing(desk.admin, desk.old)
    days = (since - desk.today).days
    row = await desk.draft(days=days)
    row = await tariff_approval.submit(desk.drafter, row.id, row.version)
    row = await tariff_approval.approve(desk.approver, row.id, row.version, since, "Consejo Directivo")
    await desk.report(row)
    issued = (await tariff_approval.readiness(desk.clerk, row)).issued
    assert issued == await tariff_approval.issued_invoices(desk.clerk, row.id)
    assert issued.count == len(issued.sample) > 0
    assert issued.total == sum((one.total for one in issued.sample), Decimal(0))
    assert issued.first == issued.last == since
    for seen in (None, issued.count - 1, issued.count + 1):
        with pytest.raises(InvoicesIssued):
            await tariff_approval.activate(
                desk.approver, row.id, row.version, gazette_reference="La Sombra 1", acknowledged_invoices=seen
            )
    row = await tariff_approval.activate(
        desk.approver, row.id, row.version, gazette_reference="La Sombra 1", acknowledged_invoices=issued.count
    )
    assert row.state(desk.today) is State.IN_FORCE
    event, *_ = await tariffs.history(desk.clerk, row.id)
    assert isinstance(event.payload, dict)
    assert event.payload["acknowledged_invoices"] == issued.count


def most_billed(admin: str) -> UUID:
    """The open tariff in force by which most bills were made."""
    with psycopg.connect(admin) as connection:
        found = connection.execute(
            """
            select s.id from tariff_schedules as s
            cross join lateral supra.issued_invoices(s.id) as i
            where s.active and s.effective_until is null and s.effective_from <= supra.today()
            group by s.id order by count(*) desc, s.id limit 1
            """
        ).fetchone()
    assert found is not None
    return UUID(str(found[0]))


def latest_billing(admin: str, row: TariffRow) -> date:
    """The last day on which bills of a tariff's series were made."""
    with psycopg.connect(admin) as connection:
        found = connection.execute("select max(billing_date) from supra.issued_invoices(%s)", [row.id]).fetchone()
    assert found is not None
    assert isinstance(found[0], date)
    return found[0]


def test_what_is_missing_has_words_of_ours() -> None:
    for code in ("approval_of_this_content", "gazette_reference", "earlier_approval_date", "impact_report"):
        assert NotReady(constraint=code).advice == NotReady.WHAT[code]
    assert NotReady(constraint="of a later version").advice
