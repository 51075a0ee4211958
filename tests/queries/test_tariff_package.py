"""A whole price list takes a step together or not at all: on a real server, with two people at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from queries import tariff_approval, tariff_readiness, tariffs
from queries.tariff_refusals import DraftersApproval, InForce, InvoicesIssued, NotReady, NotSound, PackageRefused
from queries.tariffs import TariffChanged, TariffConflict
from supra_console import database as connections
from supra_console.errors import ConnectionLost, InvalidInput, PermissionDenied, SupraError
from supra_console.tariffs.register import State, TariffRow
from tests.conftest import TestDatabase
from tests.queries.tariff_desk import Desk, at_the_desk, latest_billing


@pytest.fixture
async def desk(database: TestDatabase) -> AsyncIterator[Desk]:
    async with at_the_desk(database) as made:
        yield made


async def price_list(desk: Desk, how_many: int = 3) -> list[TariffRow]:
    """New versions of so many tariffs in force."""
    register = await tariffs.register(desk.drafter)
    in_force = [row for row in register.tariffs if row.active and row.effective_until is None]
    return [await desk.draft(of=row, name=f"New {row.name}") for row in in_force[:how_many]]


async def approved(desk: Desk, package: Sequence[TariffRow]) -> tuple[TariffRow, ...]:
    """The same, resolved yesterday or on their first day, with their impact reports."""
    resolved = min(desk.today - timedelta(days=1), *(row.effective_from for row in package))
    package = await tariff_approval.submit(desk.drafter, package)
    package = await tariff_approval.approve(desk.approver, package, resolved, "Consejo Directivo")
    for row in package:
        await desk.report(row)
    return package


async def now(desk: Desk, package: Sequence[TariffRow]) -> list[TariffRow]:
    """As they are by now, in the order of the package."""
    found = {row.id: row for row in await tariffs.some(desk.clerk, [row.id for row in package])}
    return [found[row.id] for row in package]


async def states(desk: Desk, package: Sequence[TariffRow]) -> list[State]:
    return [row.state(desk.today) for row in await now(desk, package)]


def named(refused: pytest.ExceptionInfo[PackageRefused]) -> dict[str, type[SupraError]]:
    return {one.row.name: type(one.error) for one in refused.value.refusals}


def gazettes(package: Sequence[TariffRow]) -> dict[UUID, str]:
    return dict.fromkeys((row.id for row in package), "La Sombra 12")


async def test_a_price_list_goes_all_the_way_together_and_back(desk: Desk) -> None:
    package = await price_list(desk, 5)
    before = {row.id: row for row in (await tariffs.register(desk.clerk)).tariffs if row.active}
    package = list(await approved(desk, package))
    ready = await tariff_readiness.readiness(desk.clerk, package)
    assert all(not one.conflicts and one.impact_fits and one.approval_date_ok for one in ready)
    package = list(await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package)))
    assert await states(desk, package) == [State.SCHEDULED] * 5
    for row in package:
        assert row.replaces_id is not None
        assert row.gazette_reference == "La Sombra 12"
        old = await tariffs.tariff(desk.clerk, row.replaces_id)
        assert old is not None
        assert old.effective_until == row.effective_from
        history = [event.what.removeprefix("tariff.") for event in await tariffs.history(desk.clerk, row.id)]
        assert history == ["activated", "impact_kept", "approved", "submitted", "drafted"]
    package = list(await tariff_approval.withdraw(desk.drafter, package, "not published"))
    assert await states(desk, package) == [State.DRAFT] * 5
    after = {row.id: row for row in (await tariffs.register(desk.clerk)).tariffs if row.active}
    assert {one: row.effective_until for one, row in after.items()} == {
        one: row.effective_until for one, row in before.items()
    }
    assert len(await tariff_approval.submit(desk.drafter, package)) == 5
    package = await now(desk, package)
    assert {row.state(desk.today) for row in await tariff_approval.send_back(desk.approver, package, "too dear")} == {
        State.DRAFT
    }


async def test_one_that_is_not_sound_keeps_all_of_them_drafts_and_each_is_named(desk: Desk) -> None:
    assert desk.old.document is not None
    first, *others = desk.old.document.blocks
    good, bad = await price_list(desk), await desk.draft(name="With a gap", blocks=(first, *others[1:]))
    heir = await desk.draft(name="Of a draft", of=good[0])
    package = [good[0], bad, *good[1:], heir]
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.submit(desk.drafter, package)
    assert named(refused) == {"With a gap": NotSound, "Of a draft": NotSound}
    assert [one.error.constraint for one in refused.value.refusals] == ["gap", "replaces"]
    assert await now(desk, package) == package
    for row in package:
        assert [event.what for event in await tariffs.history(desk.clerk, row.id)] == ["tariff.drafted"]


async def test_one_that_the_approver_wrote_on_is_approved_with_none_of_them(desk: Desk) -> None:
    package = await price_list(desk)
    assert package[1].document is not None
    content = package[1].document.model_copy(update={"name": "Also by the approver"})
    package[1] = await tariffs.save(desk.approver, package[1].id, package[1].version, content)
    package = list(await tariff_approval.submit(desk.drafter, package))
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.approve(desk.approver, package)
    assert named(refused) == {"Also by the approver": DraftersApproval}
    assert await states(desk, package) == [State.IN_REVIEW] * 3


async def test_what_somebody_changed_or_deleted_meanwhile_is_named_and_nothing_done(desk: Desk) -> None:
    package = await price_list(desk, 4)
    assert package[0].document is not None
    changed = await tariffs.save(
        desk.approver, package[0].id, package[0].version, package[0].document.model_copy(update={"name": "Otra"})
    )
    await tariffs.delete(desk.approver, package[3].id, package[3].version)
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.submit(desk.drafter, package)
    assert named(refused) == {package[0].name: TariffChanged, package[3].name: TariffChanged}
    current = [one.error.current for one in refused.value.refusals if isinstance(one.error, TariffChanged)]
    assert current == [changed, None]
    assert await states(desk, package[:3]) == [State.DRAFT] * 3
    with pytest.raises(PackageRefused) as refused:
        await tariff_readiness.readiness(desk.clerk, package)
    assert named(refused) == {package[3].name: TariffChanged}


async def test_who_may_not_take_part_is_told_once(desk: Desk) -> None:
    package = await price_list(desk)
    with pytest.raises(PermissionDenied):
        await tariff_approval.submit(desk.clerk, package)
    with pytest.raises((PermissionDenied, PackageRefused)):
        await tariff_approval.submit(desk.elsewhere, package)
    assert await now(desk, package) == package


async def test_a_reason_is_wanted_of_each_and_a_day_to_come_refused(desk: Desk) -> None:
    package = await tariff_approval.submit(desk.drafter, await price_list(desk))
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.send_back(desk.approver, package, " - ")
    assert set(named(refused).values()) == {InvalidInput}
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.approve(desk.approver, package, desk.today + timedelta(days=1), "Consejo")
    assert len(refused.value.refusals) == 3
    assert await states(desk, package) == [State.IN_REVIEW] * 3


async def test_a_reference_of_its_own_stays(desk: Desk) -> None:
    bare, own = await price_list(desk, 1), await desk.draft(days=40, gazette_reference="La Sombra 7")
    package = await approved(desk, [*bare, own])
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.activate(desk.approver, package)
    assert named(refused) == {bare[0].name: NotReady}
    package = await tariff_approval.activate(desk.approver, package, gazettes={bare[0].id: "La Sombra 12"})
    assert {row.id: row.gazette_reference for row in package} == {bare[0].id: "La Sombra 12", own.id: "La Sombra 7"}


async def test_back_dated_ones_want_the_invoices_of_each_acknowledged(desk: Desk) -> None:
    since = latest_billing(desk.admin, desk.old)
    back_dated = await desk.draft(name="Back-dated", days=(since - desk.today).days)
    others = [row for row in await price_list(desk, 3) if row.replaces_id != desk.old.id][:2]
    package = await approved(desk, [others[0], back_dated, *others[1:]])
    ready = dict(zip([row.id for row in package], await tariff_readiness.readiness(desk.clerk, package), strict=True))
    issued = {one: found.issued.count for one, found in ready.items() if found.issued.count}
    assert set(issued) == {back_dated.id}
    for seen in ({}, {back_dated.id: issued[back_dated.id] - 1}):
        with pytest.raises(PackageRefused) as refused:
            await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package), acknowledged=seen)
        assert named(refused) == {"Back-dated": InvoicesIssued}
    assert await states(desk, package) == [State.APPROVED] * 3
    await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package), acknowledged=issued)
    assert sorted(await states(desk, package)) == [State.IN_FORCE, State.SCHEDULED, State.SCHEDULED]
    event, *_ = await tariffs.history(desk.clerk, back_dated.id)
    assert isinstance(event.payload, dict)
    assert event.payload["acknowledged_invoices"] == issued[back_dated.id] > 0


async def test_invoices_of_one_for_all_explotaciones_are_those_that_were_seen(desk: Desk) -> None:
    """Another of the package takes some of them away, were it put in force first."""
    since = latest_billing(desk.admin, desk.old)
    with psycopg.connect(desk.admin) as admin:
        admin.execute("alter table tariff_schedules disable trigger user")
        admin.execute("delete from tariff_schedules where id = %s", [desk.old.id])
        admin.execute("alter table tariff_schedules enable trigger user")
    days = (since - desk.today).days
    general = await desk.draft(name="For all", days=days, replaces=False, explotacion_id=None)
    own = await desk.draft(name="Of one", days=days - 1, replaces=False)
    package = await approved(desk, [own, general])
    ready = await tariff_readiness.readiness(desk.clerk, package)
    seen = {row.id: found.issued.count for row, found in zip(package, ready, strict=True)}
    assert all(seen.values())
    await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package), acknowledged=seen)
    assert await states(desk, package) == [State.IN_FORCE] * 2


async def chain(desk: Desk) -> tuple[TariffRow, ...]:
    """Two approved tariffs, the later of which replaces the earlier; the later one is named first."""
    package = await approved(desk, [await desk.draft(name="First", days=40)])
    (first,) = await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package))
    (second,) = await approved(desk, [await desk.draft(name="Second", of=first, days=80)])
    (first,) = await tariff_approval.withdraw(desk.approver, [first], "with the second one")
    (first,) = await approved(desk, [first])
    return second, first


async def test_one_may_replace_another_of_the_package(desk: Desk) -> None:
    package = await chain(desk)
    ready = await tariff_readiness.readiness(desk.clerk, package)
    assert [(one.conflicts, one.unpriced_from) for one in ready] == [((), None)] * 2
    package = await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package))
    by_name = {row.name: row for row in package}
    assert by_name["First"].effective_until == by_name["Second"].effective_from
    assert by_name["Second"].effective_until is None
    package = await tariff_approval.withdraw(desk.approver, package, "not published")
    assert await states(desk, package) == [State.DRAFT] * 2
    old = await tariffs.tariff(desk.clerk, desk.old.id)
    assert old is not None
    assert old.effective_until is None


async def test_prices_of_two_seasons_leave_no_day_without_a_price(desk: Desk) -> None:
    """Both replace the same tariff; the second alone would leave days to nobody."""
    second = await desk.draft(name="Second", days=80)
    first = await desk.draft(name="First", days=40, effective_until=second.effective_from)
    package = await approved(desk, [second, first])
    ready = await tariff_readiness.readiness(desk.clerk, package)
    assert [(one.conflicts, one.unpriced_from) for one in ready] == [((), None)] * 2
    (alone,) = await tariff_readiness.readiness(desk.clerk, [first])
    assert alone.unpriced_from == second.effective_from
    await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package))
    old = await tariffs.tariff(desk.clerk, desk.old.id)
    assert old is not None
    assert old.effective_until == first.effective_from
    await tariff_approval.withdraw(desk.approver, await now(desk, package), "not published")
    old = await tariffs.tariff(desk.clerk, desk.old.id)
    assert old is not None
    assert old.effective_until is None


async def test_two_for_the_same_days_are_told_of_each_other(desk: Desk) -> None:
    package = await approved(desk, [await desk.draft(name="One"), await desk.draft(name="Rival", days=41)])
    package = tuple(sorted(package, key=lambda row: row.name))
    ready = await tariff_readiness.readiness(desk.clerk, package)
    assert [[other.name for other in one.conflicts] for one in ready] == [[], ["One"]]
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package))
    (refusal,) = refused.value.refusals
    assert refusal.row.name == "Rival"
    assert isinstance(refusal.error, TariffConflict)
    assert [other.name for other in refusal.error.others] == ["One"]
    assert await states(desk, package) == [State.APPROVED] * 2


async def test_one_that_has_begun_keeps_the_others_scheduled(desk: Desk) -> None:
    package = await approved(desk, await price_list(desk, 2))
    package = await tariff_approval.activate(desk.approver, package, gazettes=gazettes(package))
    with pytest.raises(PackageRefused) as refused:
        await tariff_approval.withdraw(desk.approver, [*package, await now_in_force(desk)], "too dear")
    assert list(named(refused).values()) == [InForce]
    assert await states(desk, package) == [State.SCHEDULED] * 2


async def now_in_force(desk: Desk) -> TariffRow:
    register = await tariffs.register(desk.clerk)
    return next(row for row in register.tariffs if row.active and row.state(desk.today) is State.IN_FORCE)


# ---------------------------------------------------------------------- two people at once


async def waiting(admin: psycopg.AsyncConnection, taken: Sequence[asyncio.Future[object]]) -> None:
    """Until all of them wait for a lock."""
    statement = """
        select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%tariff%'
    """
    while True:
        assert not any(one.done() for one in taken)
        row = await (await admin.execute(statement)).fetchone()
        if row is not None and row[0] == len(taken):
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("turned", [False, True])
async def test_two_people_who_take_the_same_step_at_once_wait_for_each_other(
    desk: Desk, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "ATTEMPTS", 1)  # a deadlock would not be tried again, but raised
    package = list(await approved(desk, await price_list(desk, 4)))
    package.sort(key=lambda row: str(row.id))
    asked = [package, package[::-1]]
    if turned:
        asked.reverse()
    async with (
        await psycopg.AsyncConnection.connect(desk.admin) as holding,
        await psycopg.AsyncConnection.connect(desk.admin, autocommit=True) as watching,
    ):
        # Both stand before the same door; whoever comes first has to find all the others free.
        await holding.execute("select from tariff_schedules where id = %s for update", [package[0].id])
        taken: list[asyncio.Future[object]] = [
            asyncio.ensure_future(tariff_approval.activate(db, mine, gazettes=gazettes(mine)))
            for db, mine in zip((desk.drafter, desk.approver), asked, strict=True)
        ]
        await waiting(watching, taken)
        await holding.rollback()
        ended = await asyncio.gather(*taken, return_exceptions=True)
    refused = [one for one in ended if isinstance(one, BaseException)]
    assert len(refused) == 1
    assert isinstance(refused[0], PackageRefused)
    assert {type(one.error) for one in refused[0].refusals} == {TariffChanged}
    assert len(refused[0].refusals) == 4
    assert await states(desk, package) == [State.SCHEDULED] * 4


@pytest.mark.parametrize("turned", [False, True])
async def test_packages_that_share_some_and_what_they_replace_do_not_lock_each_other_out(
    desk: Desk, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One withdraws what the other's drafts replace: each needs rows the other has named last."""
    monkeypatch.setattr(connections, "ATTEMPTS", 1)
    scheduled = await approved(desk, await price_list(desk, 3))
    scheduled = await tariff_approval.activate(desk.approver, scheduled, gazettes=gazettes(scheduled))
    later = await approved(desk, [await desk.draft(of=row, name=f"Later {row.name}", days=80) for row in scheduled])
    first = min((row.id for row in scheduled), key=str)
    scheduled = tuple(await now(desk, scheduled))
    async with (
        await psycopg.AsyncConnection.connect(desk.admin) as holding,
        await psycopg.AsyncConnection.connect(desk.admin, autocommit=True) as watching,
    ):
        await holding.execute("select from tariff_schedules where id = %s for update", [first])

        async def withdrawn() -> object:
            return await tariff_approval.withdraw(desk.drafter, scheduled[:: -1 if turned else 1], "not published")

        async def put_in_force() -> object:
            return await tariff_approval.activate(
                desk.approver, later[:: 1 if turned else -1], gazettes=gazettes(later)
            )

        taken: list[asyncio.Future[object]] = [
            asyncio.ensure_future(withdrawn()),
            asyncio.ensure_future(put_in_force()),
        ]
        await waiting(watching, taken)
        await holding.rollback()
        ended = await asyncio.gather(*taken, return_exceptions=True)
    refused = [one for one in ended if isinstance(one, BaseException)]
    assert [type(one) for one in refused] == [PackageRefused]  # of one, whoever came second
    together = {*await states(desk, later)}, {*await states(desk, scheduled)}
    assert together in (({State.SCHEDULED}, {State.SCHEDULED}), ({State.APPROVED}, {State.DRAFT}))


async def test_a_line_that_is_cut_in_the_middle_leaves_nothing(desk: Desk) -> None:
    package = await approved(desk, await price_list(desk, 3))
    last = max((row for row in package), key=lambda row: str(row.id))
    async with (
        await psycopg.AsyncConnection.connect(desk.admin) as holding,
        await psycopg.AsyncConnection.connect(desk.admin, autocommit=True) as watching,
    ):
        await holding.execute("select from tariff_schedules where id = %s for update", [last.id])
        taken: asyncio.Future[object] = asyncio.ensure_future(
            tariff_approval.activate(desk.approver, package, gazettes=gazettes(package))
        )
        await waiting(watching, [taken])
        await watching.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and wait_event_type = 'Lock'"
        )
        with pytest.raises(ConnectionLost):
            await taken
    assert await states(desk, package) == [State.APPROVED] * 3
