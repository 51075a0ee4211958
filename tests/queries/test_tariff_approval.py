"""From a draft into force through the console's own calls, and what each refusal says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from queries import tariff_approval, tariff_readiness, tariffs
from queries.tariff_refusals import DraftersApproval, InForce, InvoicesIssued, NotReady, NotSound
from queries.tariffs import TariffChanged, TariffConflict
from supra_console.errors import InvalidInput, PermissionDenied
from supra_console.tariffs.register import State
from tests.conftest import TestDatabase
from tests.queries.tariff_desk import Desk, at_the_desk, latest_billing


@pytest.fixture
async def desk(database: TestDatabase) -> AsyncIterator[Desk]:
    async with at_the_desk(database) as made:
        yield made


async def test_the_whole_way_into_force_and_back(desk: Desk) -> None:
    row = await desk.draft()
    states = [row.state(desk.today)]
    (row,) = await tariff_approval.submit(desk.drafter, [row])
    states.append(row.state(desk.today))
    (row,) = await tariff_approval.approve(desk.approver, [row], desk.today - timedelta(days=2), "Consejo")
    states.append(row.state(desk.today))
    await desk.report(row)
    (row,) = await tariff_approval.activate(desk.drafter, [row], gazettes={row.id: "La Sombra 12"})
    states.append(row.state(desk.today))
    assert states == [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.SCHEDULED]
    assert (row.approved_by, row.approval_date) == ("Consejo", desk.today - timedelta(days=2))
    old = await tariffs.tariff(desk.clerk, desk.old.id)
    assert old is not None
    assert old.effective_until == row.effective_from

    (row,) = await tariff_approval.withdraw(desk.approver, [row], "not published")
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
    (row,) = await tariff_approval.submit(desk.drafter, [row])
    with pytest.raises(InvalidInput):
        await tariff_approval.send_back(desk.approver, [row], " ")
    (row,) = await tariff_approval.send_back(desk.approver, [row], "the second block is too dear")
    assert row.state(desk.today) is State.DRAFT
    latest, *_ = await tariffs.history(desk.clerk, row.id)
    assert isinstance(latest.payload, dict)
    assert latest.payload["reason"] == "the second block is too dear"


async def test_who_wrote_on_it_is_told_to_ask_another(desk: Desk) -> None:
    row = await desk.draft()
    (row,) = await tariff_approval.submit(desk.drafter, [row])
    with pytest.raises(DraftersApproval) as refused:
        await tariff_approval.approve(desk.drafter, [row])
    assert refused.value.sqlstate == "SU103"
    (row,) = await tariff_approval.approve(desk.approver, [row])
    assert row.approved_by == desk.approver.identity.name


async def test_a_clerk_takes_no_step(desk: Desk) -> None:
    row = await desk.draft()
    with pytest.raises(PermissionDenied):
        await tariff_approval.submit(desk.clerk, [row])
    with pytest.raises(PermissionDenied):
        await desk.clerk.write(lambda connection: connection.execute("delete from tariff_schedules"))


async def test_what_is_not_there_or_another_s_is_gone(desk: Desk) -> None:
    row = await desk.draft()
    with pytest.raises(TariffChanged) as refused:
        await tariff_approval.submit(desk.drafter, [replace(row, id=uuid4())])
    assert refused.value.current is None
    with pytest.raises((TariffChanged, PermissionDenied)):
        await tariff_approval.submit(desk.elsewhere, [row])
    await tariffs.delete(desk.drafter, row.id, row.version)
    with pytest.raises(TariffChanged) as refused:
        await tariff_approval.submit(desk.drafter, [row])
    assert refused.value.current is None


async def test_what_somebody_changed_meanwhile_is_handed_over_as_it_is(desk: Desk) -> None:
    row = await desk.draft()
    assert row.document is not None
    changed = row.document.model_copy(update={"name": "Otra"})
    await tariffs.save(desk.approver, row.id, row.version, changed)
    with pytest.raises(TariffChanged) as refused:
        await tariff_approval.submit(desk.drafter, [row])
    assert refused.value.current is not None
    assert (refused.value.current.name, refused.value.current.version) == ("Otra", 2)


async def test_a_step_that_was_taken_already_is_not_taken_twice(desk: Desk) -> None:
    row = await desk.draft()
    (row,) = await tariff_approval.submit(desk.drafter, [row])
    with pytest.raises(TariffChanged):
        await tariff_approval.submit(desk.drafter, [row])


async def test_an_edit_voids_the_approval(desk: Desk) -> None:
    row = await desk.approved()
    assert row.document is not None
    row = await tariffs.save(desk.drafter, row.id, row.version, row.document.model_copy(update={"name": "Otra"}))
    assert row.state(desk.today) is State.DRAFT
    with pytest.raises(TariffChanged):
        await tariff_approval.activate(desk.approver, [row], gazettes={row.id: "La Sombra 12"})


async def test_what_is_not_sound_is_refused_by_the_rule_s_name(desk: Desk) -> None:
    assert desk.old.document is not None
    first, *others = desk.old.document.blocks
    row = await desk.draft(blocks=(first, *others[1:]))
    with pytest.raises(NotSound) as refused:
        await tariff_approval.submit(desk.drafter, [row])
    assert refused.value.constraint == "gap"


async def test_what_is_missing_is_named(desk: Desk) -> None:
    row = await desk.approved()
    (ready,) = await tariff_readiness.readiness(desk.clerk, [row])
    assert (ready.gazette, ready.approval, ready.approval_date_ok, ready.impact_fits) == (False, True, True, True)
    assert (ready.conflicts, ready.issued.count) == ((), 0)
    with pytest.raises(NotReady) as refused:
        await tariff_approval.activate(desk.approver, [row])
    assert refused.value.constraint == "gazette_reference"
    assert "La Sombra de Arteaga" in refused.value.advice

    bare = await desk.draft(days=60, gazette_reference="La Sombra 13")
    (ready,) = await tariff_readiness.readiness(desk.clerk, [bare])
    assert (ready.gazette, ready.approval, ready.approval_date_ok, ready.impact_fits) == (True, False, False, False)
    (bare,) = await tariff_approval.submit(desk.drafter, [bare])
    (bare,) = await tariff_approval.approve(desk.approver, [bare])
    with pytest.raises(NotReady) as refused:
        await tariff_approval.activate(desk.approver, [bare])
    assert refused.value.constraint == "impact_report"


async def test_a_tariff_in_the_way_is_named_with_its_dates(desk: Desk) -> None:
    row = await desk.approved(replaces=False)
    (ready,) = await tariff_readiness.readiness(desk.clerk, [row])
    assert [other.id for other in ready.conflicts] == [desk.old.id]
    with pytest.raises(TariffConflict) as refused:
        await tariff_approval.activate(desk.approver, [row], gazettes={row.id: "La Sombra 12"})
    assert [(other.id, other.effective_from) for other in refused.value.others] == [
        (desk.old.id, desk.old.effective_from)
    ]
    assert refused.value.constraint == "excl_tariff_validity"


@pytest.mark.parametrize("lasts", [None, 30])
async def test_days_without_a_price_are_told_before(desk: Desk, lasts: int | None) -> None:
    until = None if lasts is None else desk.today + timedelta(days=40 + lasts)
    row = await desk.draft(effective_until=until)
    assert (await tariff_readiness.readiness(desk.clerk, [row]))[0].unpriced_from == until
    apart = await desk.draft(effective_until=until, replaces=False)
    assert (await tariff_readiness.readiness(desk.clerk, [apart]))[0].unpriced_from is None


async def test_what_it_replaces_has_to_be_there_still(desk: Desk) -> None:
    draft = await desk.draft()
    assert draft.document is not None
    heir = await tariffs.create(desk.drafter, draft.document, replaces=draft.id)
    with pytest.raises(NotSound) as refused:
        await tariff_approval.submit(desk.drafter, [heir])
    assert refused.value.constraint == "replaces"
    assert refused.value.advice == NotSound.REPLACES


async def test_a_withdrawal_names_what_came_between(desk: Desk) -> None:
    later = await desk.approved(days=80)
    (later,) = await tariff_approval.activate(desk.approver, [later], gazettes={later.id: "La Sombra 12"})
    between = await desk.approved(days=40, effective_until=later.effective_from)
    (between,) = await tariff_approval.activate(desk.approver, [between], gazettes={between.id: "La Sombra 13"})
    with pytest.raises(TariffConflict) as refused:
        await tariff_approval.withdraw(desk.approver, [later], "too dear")
    assert [other.id for other in refused.value.others] == [between.id]


async def test_a_withdrawal_names_the_later_tariff_that_rests_on_it(desk: Desk) -> None:
    row = await desk.approved(days=40)
    (row,) = await tariff_approval.activate(desk.approver, [row], gazettes={row.id: "La Sombra 12"})
    assert row.document is not None
    document = row.document.model_copy(update={"effective_from": desk.today + timedelta(days=80)})
    later = await tariffs.create(desk.drafter, document, replaces=row.id)
    (later,) = await tariff_approval.submit(desk.drafter, [later])
    (later,) = await tariff_approval.approve(desk.approver, [later])
    await desk.report(later)
    (later,) = await tariff_approval.activate(desk.approver, [later], gazettes={later.id: "La Sombra 13"})
    ended = await tariffs.tariff(desk.clerk, row.id)
    assert ended is not None
    with pytest.raises(TariffConflict) as refused:
        await tariff_approval.withdraw(desk.approver, [ended], "too dear")
    assert [other.id for other in refused.value.others] == [later.id]


async def test_what_is_in_force_is_neither_withdrawn_nor_edited(desk: Desk) -> None:
    with pytest.raises(InForce):
        await tariff_approval.withdraw(desk.approver, [desk.old], "too dear")
    with pytest.raises(TariffChanged):
        await tariff_readiness.readiness(desk.approver, [desk.old])


async def test_a_back_dated_start_lists_the_invoices_and_wants_their_number(desk: Desk) -> None:
    since = latest_billing(desk.admin, desk.old)
    days = (since - desk.today).days
    row = await desk.draft(days=days)
    (row,) = await tariff_approval.submit(desk.drafter, [row])
    (row,) = await tariff_approval.approve(desk.approver, [row], since, "Consejo Directivo")
    await desk.report(row)
    issued = (await tariff_readiness.readiness(desk.clerk, [row]))[0].issued
    assert issued == (await tariff_readiness.issued_invoices(desk.clerk, [row.id]))[row.id]
    assert issued.count == len(issued.sample) > 0
    assert issued.total == sum((one.total for one in issued.sample), Decimal(0))
    assert issued.first == issued.last == since
    for seen in (None, issued.count - 1, issued.count + 1):
        with pytest.raises(InvoicesIssued):
            await tariff_approval.activate(
                desk.approver,
                [row],
                gazettes={row.id: "La Sombra 1"},
                acknowledged={} if seen is None else {row.id: seen},
            )
    (row,) = await tariff_approval.activate(
        desk.approver, [row], gazettes={row.id: "La Sombra 1"}, acknowledged={row.id: issued.count}
    )
    assert row.state(desk.today) is State.IN_FORCE
    event, *_ = await tariffs.history(desk.clerk, row.id)
    assert isinstance(event.payload, dict)
    assert event.payload["acknowledged_invoices"] == issued.count


def test_what_is_missing_has_words_of_ours() -> None:
    for code in ("approval_of_this_content", "gazette_reference", "earlier_approval_date", "impact_report"):
        assert NotReady(constraint=code).advice == NotReady.WHAT[code]
    assert NotReady(constraint="of a later version").advice
