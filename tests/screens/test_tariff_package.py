"""Several tariffs at once: what is marked, which steps are offered, what is asked, and what is said if one cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from textual.pilot import Pilot

from queries.tariff_readiness import IssuedInvoices, Readiness
from queries.tariff_refusals import DraftersApproval, PackageRefused, Refusal
from queries.tariffs import Register, TariffChanged, TariffConflict
from screens.tariffs import several
from screens.tariffs.picture import listed
from screens.tariffs.screen import TariffCommands, TariffsScreen
from screens.widgets.dialogs import ConfirmDialog, FieldsDialog, Statements, TextDialog, TypedField
from screens.widgets.field import Field
from supra_console.editing.remarks import Remark, Weight
from supra_console.errors import OutcomeUnknown
from supra_console.tariffs.register import State as Life
from supra_console.tariffs.register import TariffRow
from tests.screens.driving import pressed
from tests.screens.signed_in import Signed, application
from tests.screens.tariffs_sample import (
    ANA,
    BETO,
    DRAFT,
    HASH,
    INVOICES,
    NOW,
    READY,
    SCHEDULED,
    CannedTariffs,
    at,
    register,
    row,
)
from tests.screens.test_tariffs import SUPERVISOR, picture, screen_of, settled, showing, stepped, toasts, unfolded
from tests.screens.test_tariffs import at as to

SMALL = (80, 24)
CATEGORIES = ("domestica", "comercial", "industrial", "gobierno")
IN_FORCE = tuple(
    row(100 + 10 * place + number, "2026-01-01", place=place, category=category, gazette_reference="84, 2025")
    for place in range(3)
    for number, category in enumerate(CATEGORIES)
)


def price_list(**changes: Any) -> tuple[TariffRow, ...]:
    """A new version of each, all from the same day on."""
    return tuple(
        replace(
            old,
            id=UUID(int=old.id.int + 1000),
            name=old.name.replace("2026-01", "2027-01"),
            effective_from=date(2027, 1, 1),
            raw=old.raw | {"id": UUID(int=old.id.int + 1000), "effective_from": date(2027, 1, 1)},
            active=False,
            replaces_id=old.id,
            drafters=(BETO,),
            drafter_names=("Beto Ríos",),
            gazette_reference=None,
            impact_hash=HASH,
            impact_at=at(17),
            **changes,
        )
        for old in IN_FORCE
    )


DRAFTS = price_list()
IN_REVIEW = price_list(submitted_at=at(18), submitted_by="Beto Ríos")
APPROVED = price_list(
    submitted_at=at(18), approved_at=at(20), approved_by="Consejo Directivo", approval_date=date(2026, 11, 19)
)
STARTS = tuple(replace(one, active=True, activated_at=at(21), gazette_reference="90, 2026") for one in APPROVED)
EARLY = (
    replace(APPROVED[0], effective_from=date(2026, 10, 1), approval_date=date(2026, 9, 30)),
    replace(APPROVED[1], effective_from=date(2026, 10, 1), approval_date=date(2026, 9, 30)),
    *APPROVED[2:],
)
SECOND = IssuedInvoices(10, Decimal("5123.00"), date(2026, 10, 5), date(2026, 11, 20), INVOICES.sample[:10])


def of(*tariffs: TariffRow) -> Register:
    return register(*IN_FORCE, *tariffs)


async def marked(pilot: Pilot[Any], tariff: TariffRow) -> str:
    """All like this one marked, and the cursor on it."""
    await to(pilot, tariff)
    return await pressed(pilot, "m")


def marks(pilot: Pilot[Any]) -> frozenset[UUID]:
    shown = screen_of(pilot).picture
    assert shown is not None
    return shown.marked


def listed_in_dialog(pilot: Pilot[Any]) -> list[str]:
    return list(pilot.app.screen.query_one(Statements)._rows)


# ---------------------------------------------------------------------- marking


@pytest.mark.parametrize("package", [DRAFTS, IN_REVIEW, APPROVED, STARTS])
async def test_m_marks_all_listed_that_are_where_this_one_is(package: tuple[TariffRow, ...]) -> None:
    other = replace(DRAFT if package is not DRAFTS else SCHEDULED, id=UUID(int=4000))
    async with showing(of(*package, other)) as (pilot, _canned):
        seen = await marked(pilot, package[3])
        assert marks(pilot) == {one.id for one in package}
        assert "● 12 marked" in seen
        screen_of(pilot).picture = replace(screen_of(pilot).picture, needle="tequis 2027")  # type: ignore[type-var]
        await pressed(pilot, "m")
        assert len(marks(pilot)) == 8
        await pressed(pilot, "escape")
        assert not marks(pilot)


async def test_only_what_can_take_a_step_is_marked() -> None:
    async with showing(of(*DRAFTS)) as (pilot, _canned):
        await to(pilot, IN_FORCE[0])
        await pressed(pilot, "m", "space")
        assert not marks(pilot)


@pytest.mark.parametrize(
    ("package", "keys"),
    [(DRAFTS, {"submit"}), (IN_REVIEW, {"approve", "send_back"}), (APPROVED, {"activate", "send_back"}),
     (STARTS, {"withdraw"})],
)  # fmt: skip
async def test_steps_are_those_of_all_that_are_marked(package: tuple[TariffRow, ...], keys: set[str]) -> None:
    """Wherever the cursor is: also on a tariff in another state."""
    async with showing(of(*package)) as (pilot, _canned):
        await marked(pilot, package[0])
        await to(pilot, IN_FORCE[0])
        screen = screen_of(pilot)
        steps = ("submit", "approve", "activate", "send_back", "withdraw", "delete")
        assert {step for step in steps if screen.check_action("step", (step,))} == keys
        texts = {command.text for command in TariffCommands(screen.app, screen).now()}
        assert len({text for text in texts if text.startswith("All marked")}) == len(keys)
        assert not any(text.startswith("This tariff: sub") for text in texts)


async def test_of_different_states_only_what_fits_both_is_offered() -> None:
    async with showing(of(*IN_REVIEW[:6], *APPROVED[6:])) as (pilot, canned):
        await marked(pilot, IN_REVIEW[0])
        await marked(pilot, APPROVED[6])
        assert len(marks(pilot)) == 12
        for key in ("a", "f", "s"):
            await stepped(pilot, key)
            assert screen_of(pilot).on_top
        await stepped(pilot, "b", *"too dear", "enter", "down", "enter")
        ((step, package, reason),) = canned.done
        assert (step, len(package), reason) == ("send_back", 12, "too dear")


# ---------------------------------------------------------------------- the steps


async def test_submitting_lists_all_with_what_the_rules_say_and_does_it_at_once() -> None:
    canned = CannedTariffs(of(*DRAFTS), of(*IN_REVIEW))
    warning = Remark(("blocks", 2), "Block 3", "is cheaper than the one before", Weight.WARNING, "falling")
    canned.remarks_of = {DRAFTS[7].id: (warning,)}
    async with showing(canned=canned) as (pilot, _canned):
        await marked(pilot, DRAFTS[0])
        seen = await stepped(pilot, "s")
        assert isinstance(pilot.app.screen, ConfirmDialog)
        for essential in (
            "12 tariffs: all of them, or none", "3 municipalities · from Jan 1, 2027 on",
            "Each has an impact report of exactly its content", "! The rules remark on 1 of them.",
            "Submit all 12 for review",
            "! Block 3: is cheaper than the one before", "San Juan del Río, gobierno, mensual",
        ):  # fmt: skip
            assert essential in unfolded(seen)
        said = listed_in_dialog(pilot)
        assert said[1] == "  ! Block 3: is cheaper than the one before"
        assert len(said) == 13
        await stepped(pilot, "enter")
        assert canned.done == []
        await stepped(pilot, "s", "down", "enter")
        assert canned.done == [("submit", DRAFTS)]
        assert "12 tariffs submitted for review." in toasts(pilot)
        assert marks(pilot) == {one.id for one in DRAFTS}  # for the next step


async def test_errors_of_some_are_told_and_nothing_is_asked() -> None:
    canned = CannedTariffs(of(*DRAFTS))
    canned.remarks_of = {DRAFTS[4].id: (Remark(("blocks", 1), "Block 2, from m³", "leaves a gap", code="gap"),)}
    async with showing(canned=canned) as (pilot, _canned):
        await marked(pilot, DRAFTS[0])
        seen = await stepped(pilot, "s")
        assert isinstance(pilot.app.screen, TextDialog)
        assert "1 of 12 cannot go on" in seen
        assert "San Juan del Río, domestica, mensual" in seen
        assert "‼ Block 2, from m³: leaves a gap" in seen
        assert len(marks(pilot)) == 12


async def test_tariffs_in_the_way_and_missing_impacts_are_counted_before() -> None:
    lost = tuple(replace(one, replaces_id=None, impact_hash=None) for one in DRAFTS[:2])
    async with showing(of(*lost, *DRAFTS[2:])) as (pilot, _canned):
        await marked(pilot, DRAFTS[5])
        seen = unfolded(await stepped(pilot, "s"))
        assert "! 2 of them have no impact report" in seen
        assert "‼ 2 of them cannot be put in force" in seen
        assert listed_in_dialog(pilot)[1].startswith("  ‼ in the way: Domestica, Querétaro, 2026-01")


async def test_one_resolution_approves_all() -> None:
    async with showing(of(*IN_REVIEW)) as (pilot, canned):
        await marked(pilot, IN_REVIEW[0])
        seen = await stepped(pilot, "a")
        assert isinstance(pilot.app.screen, FieldsDialog)
        assert "12 tariffs" in seen
        assert [field.value for field in pilot.app.screen.query(Field)] == ["", ""]
        seen = await stepped(pilot, *"2026-11-20", "enter", *"Cabildo", "enter")
        assert "Approve all 12" in seen
        await stepped(pilot, "down", "enter")
        assert canned.done == [("approve", IN_REVIEW, date(2026, 11, 20), "Cabildo")]
        assert "12 tariffs approved." in toasts(pilot)


async def test_those_one_wrote_on_are_named_before_anything_is_asked() -> None:
    mine = replace(IN_REVIEW[2], drafters=(BETO, ANA))
    async with showing(of(*IN_REVIEW[:2], mine, *IN_REVIEW[3:])) as (pilot, canned):
        await marked(pilot, IN_REVIEW[0])
        seen = await stepped(pilot, "a")
        assert isinstance(pilot.app.screen, TextDialog)
        assert "1 of 12 cannot go on" in seen
        assert "Querétaro, industrial, mensual" in seen
        assert "You wrote on it: somebody else approves it." in seen
        assert canned.done == []


async def test_an_own_package_is_not_approved_at_all() -> None:
    async with showing(of(*(replace(one, drafters=(ANA,)) for one in IN_REVIEW))) as (pilot, _canned):
        await marked(pilot, IN_REVIEW[0])
        assert screen_of(pilot).check_action("step", ("approve",)) is None


async def test_activation_asks_one_gazette_for_those_without_and_says_what_ends() -> None:
    own = replace(APPROVED[11], gazette_reference="La Sombra 7")
    async with showing(of(*APPROVED[:11], own)) as (pilot, canned):
        await marked(pilot, APPROVED[0])
        seen = await stepped(pilot, "f")
        assert "11 tariffs" in seen
        assert pilot.app.screen.query(Field).first().value == ""
        seen = unfolded(await stepped(pilot, *"90", "enter"))
        for essential in (
            "gazette 90 (for the 11 without one)", "1 keeps the gazette it has.", "12 tariffs end by it",
            "They can be withdrawn until the day they begin", "Put all 12 in force",
            "→ Jan 1, 2027 ends that of Jan 1, 2026: Domestica, Querétaro",
        ):  # fmt: skip
            assert essential in seen
        await stepped(pilot, "down", "enter")
        ((step, package, gazettes, seen_invoices),) = canned.done
        assert (step, package, seen_invoices) == ("activate", (*APPROVED[:11], own), {})
        assert gazettes == {one.id: "90" for one in APPROVED[:11]}


async def test_where_all_have_a_gazette_none_is_asked_for() -> None:
    package = tuple(replace(one, gazette_reference="La Sombra 7") for one in APPROVED)
    async with showing(of(*package)) as (pilot, canned):
        await marked(pilot, package[0])
        seen = await stepped(pilot, "f")
        assert isinstance(pilot.app.screen, ConfirmDialog)
        assert "12 keep the gazette they have." in seen
        await stepped(pilot, "down", "enter")
        assert canned.done[0][2] == {}


async def test_back_dated_ones_add_up_and_each_is_acknowledged_with_its_own_number() -> None:
    canned = CannedTariffs(of(*EARLY))
    canned.ready_of = {
        EARLY[0].id: replace(READY, issued=INVOICES, unpriced_from=date(2027, 3, 1)),
        EARLY[1].id: replace(READY, issued=SECOND),
    }
    async with showing(canned=canned) as (pilot, _canned):
        await marked(pilot, EARLY[0])
        seen = unfolded(await stepped(pilot, "f", *"90", "enter"))
        for essential in (
            "2,314 invoices of their days went out under the old prices:", "MX$1,209,434.50",
            "2 of them count at once", "1 leaves days without a price", "credit notes",
        ):  # fmt: skip
            assert essential in seen
        said = listed_in_dialog(pilot)
        assert said[1].startswith("  ‼ 2,304 invoices: MX$1,204,311.50, Oct 5, 2026")
        assert said[2] == "  ! from Mar 1, 2027 on nothing has a price"
        assert any("‼ 10 invoices: " in line for line in said[:8])
        await stepped(pilot, "down", "enter", *"2304", "enter")
        assert canned.done == []
        pilot.app.screen.query_one(TypedField).value = ""
        await stepped(pilot, *"2314", "enter")
        assert canned.done[0][-1] == {EARLY[0].id: 2304, EARLY[1].id: 10}


async def test_what_some_lack_is_told_for_each_of_them() -> None:
    canned = CannedTariffs(of(*APPROVED))
    canned.ready = replace(READY, gazette=False)
    canned.ready_of = {
        APPROVED[0].id: replace(READY, impact_fits=False, gazette=False),
        APPROVED[9].id: replace(READY, conflicts=(NOW,), approval_date_ok=False),
    }
    async with showing(canned=canned) as (pilot, _canned):
        await marked(pilot, APPROVED[0])
        seen = await stepped(pilot, "f")
        assert isinstance(pilot.app.screen, TextDialog)
        for essential in (
            "2 of 12 cannot go on", "‼ an impact report of exactly this content", "‼ no other tariff holds any",
            f"{NOW.name}: Jan 1, 2026", "‼ resolved no later than its first day",
        ):  # fmt: skip
            assert essential in seen
        assert "its reference in the gazette" not in seen
        assert canned.done == []


async def test_withdrawing_wants_one_reason_and_the_word() -> None:
    async with showing(of(*STARTS)) as (pilot, canned):
        await marked(pilot, STARTS[0])
        seen = unfolded(await stepped(pilot, "w", *"wrong", "enter"))
        assert "Withdraw all 12" in seen
        assert "→ that of Jan 1, 2026 goes on: Domestica, Querétaro, 2026-01" in seen
        await stepped(pilot, "down", "enter", *"withdraw", "enter")
        assert canned.done == [("withdraw", STARTS, "wrong")]
        assert not marks(pilot)


# ---------------------------------------------------------------------- none of them


async def test_each_that_was_refused_is_named_and_the_marks_that_fit_stay() -> None:
    moved = replace(DRAFTS[1], submitted_at=at(22), version=4)
    edited = replace(DRAFTS[3], version=4)
    canned = CannedTariffs(of(*DRAFTS), of(DRAFTS[0], moved, edited, *DRAFTS[4:]))
    async with showing(canned=canned) as (pilot, _canned):
        await marked(pilot, DRAFTS[0])
        await stepped(pilot, "s")
        canned.refusal = PackageRefused(
            [
                Refusal(DRAFTS[1], TariffChanged(moved)),
                Refusal(DRAFTS[2], TariffChanged(None)),
                Refusal(DRAFTS[5], TariffConflict([NOW], sqlstate="23P01")),
            ]
        )
        asked = canned.asked
        seen = await stepped(pilot, "down", "enter")
        assert isinstance(pilot.app.screen, TextDialog)
        for essential in (
            "None of the tariffs was changed", "3 of 12 cannot go on", "Querétaro, comercial, mensual",
            "Somebody else changed this record meanwhile", "Somebody else deleted this tariff meanwhile",
            "Another tariff is in force on some of these days", f"{NOW.name}: Jan 1, 2026",
        ):  # fmt: skip
            assert essential in unfolded(seen)
        assert canned.asked == asked + 1
        gone = {DRAFTS[1].id, DRAFTS[2].id}
        assert marks(pilot) == {one.id for one in DRAFTS} - gone


async def test_a_refusal_for_one_reason_is_told_of_a_single_tariff_as_before() -> None:
    async with showing(of(*IN_REVIEW[:1])) as (pilot, canned):
        await marked(pilot, IN_REVIEW[0])
        await stepped(pilot, "a", *"2026-11-20", "enter", *"Cabildo", "enter")
        canned.refusal = DraftersApproval(sqlstate="SU103")
        await stepped(pilot, "down", "enter")
        assert "Who wrote on a tariff may not approve it" in toasts(pilot)


async def test_an_answer_that_never_came_is_said_and_the_list_tells_what_became_of_it() -> None:
    canned = CannedTariffs(of(*APPROVED), of(*STARTS))
    async with showing(canned=canned) as (pilot, _canned):
        await marked(pilot, APPROVED[0])
        await stepped(pilot, "f", *"90", "enter")
        canned.refusal = OutcomeUnknown()
        asked = canned.asked
        await stepped(pilot, "down", "enter")
        assert "It is not known whether the change was saved" in toasts(pilot)
        assert canned.asked == asked + 1
        shown = screen_of(pilot).picture
        assert shown is not None
        assert {shown.state(one) for one in listed(shown) if one.id.int > 1000} == {Life.SCHEDULED}
        assert not marks(pilot)


def test_hostile_names_are_only_text() -> None:
    hostile = replace(DRAFTS[0], name="[/x]\x1b]52;c;x\x07", municipality="[@click=app.quit]")
    known = picture(*IN_FORCE, hostile, DRAFTS[1])
    package = (hostile, DRAFTS[1])
    question = several.about_activation(known, package, "90", {one.id: READY for one in package})
    assert all("\x1b" not in fact.plain for fact in question.facts)
    shown = several.refused(package, [Refusal(hostile, TariffChanged(None))])
    assert all("\x1b" not in line.plain for line in shown)


# ---------------------------------------------------------------------- how it looks

LOOKS: dict[str, tuple[tuple[TariffRow, ...], tuple[str, ...]]] = {
    "submission": (DRAFTS, ("s", "down")),
    "activation": (EARLY, ("f", *"La Sombra de Arteaga, P.O. No. 90, 2026", "enter", "down")),
    "refused": (DRAFTS, ("s", "down", "enter")),
}


def back_dated() -> dict[UUID, Readiness]:
    return {EARLY[0].id: replace(READY, issued=INVOICES), EARLY[1].id: replace(READY, issued=SECOND)}


@pytest.mark.parametrize("name", LOOKS)
def test_looks(snap_compare: Any, name: str) -> None:
    package, keys = LOOKS[name]
    canned = CannedTariffs(of(*package))
    canned.ready_of = back_dated()
    canned.remarks_of = {
        DRAFTS[7].id: (Remark(("blocks", 2), "Block 3", "is cheaper than the one before", Weight.WARNING, "falling"),)
    }
    app = application(Signed(SUPERVISOR))

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.app.push_screen(TariffsScreen(app.session, canned.queries()))
        await settled(pilot)
        await marked(pilot, package[0])
        if name == "refused":
            canned.refusal = PackageRefused(
                [Refusal(DRAFTS[1], TariffChanged(None)), Refusal(DRAFTS[5], TariffConflict([NOW], sqlstate="23P01"))]
            )
        await stepped(pilot, *keys)

    assert snap_compare(app, terminal_size=SMALL, run_before=prepare)
