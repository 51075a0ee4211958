"""The register of tariffs: what is seen at a glance, what each step asks, and what may not be done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from textual import events
from textual.pilot import Pilot

from queries.tariffs import Register, TariffChanged, TariffConflict
from screens.editing.dialogs import JsonDialog
from screens.places import Place
from screens.session import Session
from screens.tariffs import details
from screens.tariffs.picture import FILTERS, Picture, listed, view
from screens.tariffs.raw import as_stored
from screens.tariffs.screen import TariffCommands, TariffsScreen
from screens.widgets.dialogs import ConfirmDialog, FieldsDialog, TextDialog, TypedField
from screens.widgets.field import Field
from screens.widgets.frame import Frame
from screens.widgets.line_table import Cell
from supra_console.documents.base import Problem
from supra_console.editing.remarks import Remark, Weight, of_shape
from supra_console.errors import ConnectionLost, PermissionDenied, SupraError
from supra_console.identity import GROUPS, Identity
from supra_console.jsonb import Unreadable
from supra_console.tariffs.register import NewTariff, TariffRow
from supra_console.tariffs.register import State as Life
from tests.screens.driving import pressed, text_of
from tests.screens.quiet import settle
from tests.screens.signed_in import IDENTITY, Signed, application
from tests.screens.tariffs_sample import (
    ANA,
    APPROVED,
    BACK_DATED,
    BAD,
    DRAFT,
    INVOICES,
    NOW,
    OWN_REVIEW,
    POPULATION,
    READY,
    REVIEW,
    SCHEDULED,
    CannedTariffs,
    register,
    row,
)

SMALL, LARGE = (80, 24), (120, 40)
SUPERVISOR = replace(IDENTITY, login="demo_supervisor", user_id=ANA, name="Ana García", groups=GROUPS[:3])
CLERK = replace(IDENTITY, login="demo_clerk", groups=GROUPS[:2])


class Opened(Frame[None]):
    """Stands where an editor or the impact would be."""

    TITLE = "Opened"
    BINDINGS = [("escape", "dismiss", "Back")]  # noqa: RUF012

    def __init__(self, _session: Session, subject: object) -> None:
        super().__init__()
        self.subject = subject


async def settled(pilot: Pilot[Any], *groups: str) -> None:
    """Wait for what is asked, and for what was posted."""
    await settle(pilot, *(groups or ("tariffs", "population", "details")))


@asynccontextmanager
async def showing(
    *answers: Register | SupraError,
    size: tuple[int, int] = SMALL,
    identity: Identity = SUPERVISOR,
    canned: CannedTariffs | None = None,
) -> AsyncIterator[tuple[Pilot[Any], CannedTariffs]]:
    """The screen on tariffs from memory."""
    tariffs = canned or CannedTariffs(*answers)
    app = application(Signed(identity))
    for name in ("tariff-editor", "tariff-impact"):
        app.places[name] = Place(name, "", "tests.screens.test_tariffs:Opened")
    async with app.run_test(size=size) as pilot:
        await app.push_screen(TariffsScreen(app.session, tariffs.queries()))
        await settled(pilot)
        yield pilot, tariffs


def screen_of(pilot: Pilot[Any]) -> TariffsScreen:
    screen = next(one for one in pilot.app.screen_stack if isinstance(one, TariffsScreen))
    assert isinstance(screen, TariffsScreen)
    return screen


async def at(pilot: Pilot[Any], tariff: TariffRow) -> str:
    """Put the cursor on a tariff; what stands on the terminal then."""
    screen = screen_of(pilot)
    assert screen.picture is not None
    if tariff.id not in {one.id for one in listed(screen.picture)}:
        screen.list_those("all")
    await pilot.pause()
    screen.table.cursor_row = [one.id for one in listed(screen.picture)].index(tariff.id)
    await pilot.pause()
    return text_of(pilot)


async def stepped(pilot: Pilot[Any], *keys: str) -> str:
    """Press keys; what stands there when the step is through, or asks again."""
    seen = await pressed(pilot, *keys)
    await pilot.pause()
    await settled(pilot)
    return text_of(pilot) or seen


def unfolded(text: str) -> str:
    """What stands in a dialog, without its frame and where its lines were folded."""
    return " ".join(text.replace("│", " ").split())


def toasts(pilot: Pilot[Any]) -> str:
    return " ".join(f"{one.title} {one.message}" for one in pilot.app._notifications)


def picture(*tariffs: TariffRow, **changes: Any) -> Picture:
    return replace(Picture.of(register(*tariffs), ANA, True), **changes)


def keys_shown(pilot: Pilot[Any]) -> str:
    return text_of(pilot).splitlines()[-1]


# ---------------------------------------------------------------------- at a glance


async def test_each_tariff_is_seen_with_place_series_state_and_first_day() -> None:
    async with showing() as (pilot, _canned):
        seen = text_of(pilot)
    for essential in (
        "‼ 2 series with gaps or overlaps",
        "15 of 18 tariffs",
        "San Juan del Río",
        "✎ draft",
        "? in review",
        "√ approved",
        "▓ scheduled",
        "█ in force",
        "‼ unreadable",
        "Jan 1, 2027",
    ):
        assert essential in seen


async def test_the_chosen_series_is_drawn_over_time_with_its_proposal() -> None:
    async with showing() as (pilot, _canned):
        seen = await at(pilot, DRAFT)
    activated = next(line for line in seen.splitlines() if line.startswith(" activated"))
    assert "░" in activated
    assert "█" in activated
    assert any(line.startswith(" draft ") and "▒" in line for line in seen.splitlines())
    assert "today▲" in seen
    assert "tomas 84,120" in seen


@pytest.mark.parametrize(
    ("category", "said"),
    [
        ("industrial", "‼ gap Jan 1, 2026 – Mar 1, 2026: nothing prices the water"),
        ("gobierno", "‼ overlap Mar 1, 2026 – Jun 1, 2026: two prices at once"),
    ],
)
async def test_gaps_and_overlaps_are_named_with_their_days(category: str, said: str) -> None:
    async with showing() as (pilot, _canned):
        tariff = next(one for one in register().tariffs if one.series.category == category)
        assert said in await at(pilot, tariff)


async def test_a_draft_says_which_tariff_is_in_its_way() -> None:
    lost = replace(DRAFT, replaces_id=None)
    async with showing(register(NOW, lost)) as (pilot, _canned):
        seen = await at(pilot, lost)
    assert f"‼ in the way: {NOW.name}, Jan 1, 2026 – ∞" in seen
    assert "✎!draft" in seen


async def test_tomas_that_no_tariff_prices_are_the_first_thing_said() -> None:
    canned = CannedTariffs(register(NOW))
    canned.counted = {**POPULATION, NOW.series: 5}
    async with showing(canned=canned) as (pilot, _canned):
        assert "‼ 33,147 tomas no tariff prices" in text_of(pilot)
        seen = await pressed(pilot, "u")
    assert "31,007  San Juan del Río, domestica, mensual" in seen
    assert "2,140  San Juan del Río, comercial, mensual" in seen


async def test_that_tomas_cannot_be_counted_keeps_the_list() -> None:
    canned = CannedTariffs()
    canned.counted = PermissionDenied()
    async with showing(canned=canned) as (pilot, _canned):
        assert "15 of 18 tariffs" in text_of(pilot)


async def test_an_empty_register_says_how_to_begin() -> None:
    async with showing(Register(date(2026, 1, 1), (), ())) as (pilot, _canned):
        assert "There is no tariff yet. N drafts the first." in text_of(pilot)


async def test_a_server_that_is_away_leaves_what_was_there() -> None:
    async with showing(register(), ConnectionLost()) as (pilot, _canned):
        await stepped(pilot, "r")
        seen = text_of(pilot)
    assert "✗ The connection to the server was lost" in seen
    assert "San Juan del Río" in seen


async def test_typing_finds_by_place_category_state_and_name() -> None:
    async with showing() as (pilot, _canned):
        await pressed(pilot, "slash", *"juan revi")
        screen = screen_of(pilot)
        assert screen.picture is not None
        assert [one.id for one in listed(screen.picture)] == [REVIEW.id]
        assert "with “juan revi”" in text_of(pilot)
        await pressed(pilot, "enter")
        assert screen.table.has_focus
        await pressed(pilot, "slash", "escape")
        assert len(listed(screen.picture)) == 15


def test_each_filter_lists_what_it_says() -> None:
    states = {one.name: {picture().state(row) for row in listed(picture(shown=one.name))} for one in FILTERS}
    assert states["in_hand"] == {Life.DRAFT, Life.IN_REVIEW, Life.APPROVED}
    assert states["scheduled"] == {Life.SCHEDULED}
    assert states["review"] == {Life.IN_REVIEW}
    assert Life.SUPERSEDED not in states["current"]
    assert states["all"] == set(Life)
    trouble = {row.series.category for row in listed(picture(shown="trouble"))}
    assert trouble == {"industrial", "gobierno", "rural", "comercial"}


async def test_t_goes_through_the_states() -> None:
    async with showing() as (pilot, _canned):
        titles = []
        for _filter in FILTERS:
            await pressed(pilot, "t")
            titles.append(text_of(pilot).splitlines()[1])
    assert any("drafts, in review, approved" in title for title in titles)
    assert any("all, also the superseded" in title for title in titles)


def test_the_explotacion_is_named_where_a_municipality_has_several() -> None:
    several = picture()
    places = (
        *several.register.explotaciones,
        replace(several.register.explotaciones[0], id=UUID(int=109), name="Norte"),
    )
    several = replace(several, register=replace(several.register, explotaciones=places))
    made = view(several, 80)
    cells = made.cells(next(one for one in made.rows if one.subject.id == NOW.id))
    assert cells[1] == "Querétaro: Administración Querétaro"


# ---------------------------------------------------------------------- going elsewhere


async def test_enter_opens_the_editor_and_coming_back_reads_again() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, DRAFT)
        await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, Opened)
        assert pilot.app.screen.subject == DRAFT
        asked = canned.asked
        await stepped(pilot, "escape")
        assert canned.asked == asked + 1
        assert screen_of(pilot).chosen == DRAFT


async def test_v_makes_a_new_version_and_n_a_new_tariff() -> None:
    async with showing() as (pilot, _canned):
        await at(pilot, NOW)
        await pressed(pilot, "v")
        subject = pilot.app.screen.subject  # type: ignore[attr-defined]
        assert isinstance(subject, NewTariff)
        assert subject.replaces == NOW
        await pressed(pilot, "escape", "n")
        assert pilot.app.screen.subject == NewTariff()  # type: ignore[attr-defined]


async def test_i_shows_the_impact_of_the_chosen_or_of_all_marked() -> None:
    async with showing() as (pilot, _canned):
        await at(pilot, DRAFT)
        await pressed(pilot, "i")
        assert pilot.app.screen.subject == (DRAFT,)  # type: ignore[attr-defined]
        await pressed(pilot, "escape")
        await at(pilot, DRAFT)
        await pressed(pilot, "space")
        await at(pilot, REVIEW)
        await pressed(pilot, "space")
        assert "● 2 marked" in text_of(pilot)
        await pressed(pilot, "i")
        assert pilot.app.screen.subject == (DRAFT, REVIEW)  # type: ignore[attr-defined]
        await pressed(pilot, "escape", "escape")
        assert "marked" not in text_of(pilot)


async def test_two_marked_of_one_series_are_named_and_not_rated() -> None:
    twin = replace(DRAFT, id=UUID(int=300), name="Twin")
    async with showing(register(DRAFT, REVIEW, twin)) as (pilot, _canned):
        screen_of(pilot).list_those("in_hand")
        seen = await pressed(pilot, "m", "i")
        assert isinstance(pilot.app.screen, TextDialog)
        assert "These price the same contracts" in seen
        assert DRAFT.name in seen
        assert "Twin" in seen


async def test_the_day_of_a_resolution_is_typed_and_who_resolved_the_last_is_proposed() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, REVIEW)
        await stepped(pilot, "a")
        assert [field.value for field in pilot.app.screen.query(Field)] == ["", "Consejo Directivo"]
        await stepped(pilot, *"2026-11-20", "enter", *"Cabildo", "enter", "down", "enter")
        assert canned.done == [("approve", (REVIEW,), date(2026, 11, 20), "Cabildo")]


async def test_a_tariff_on_its_way_whose_first_day_is_past_is_an_alarm() -> None:
    begun = replace(REVIEW, effective_from=date(2026, 10, 1))
    async with showing(register(begun)) as (pilot, _canned):
        seen = text_of(pilot)
    assert "?!in review" in seen
    assert "‼ 1 past its first day" in seen
    assert "‼ Its first day is past: bills go out under the old price." in seen


async def test_words_typed_ahead_are_words_and_no_keys() -> None:
    class Slow(CannedTariffs):
        async def register(self, _db: object) -> Register:
            await answer.wait()
            return await super().register(_db)

    answer = asyncio.Event()
    tariffs = Slow()
    app = application(Signed(SUPERVISOR))
    async with app.run_test(size=SMALL) as pilot:
        await app.push_screen(TariffsScreen(app.session, tariffs.queries()))
        await pressed(pilot, "slash", *"juan revi")
        answer.set()
        await settled(pilot)
        shown = screen_of(pilot).picture
        assert shown is not None
        assert [one.id for one in listed(shown)] == [REVIEW.id]


async def test_that_every_toma_has_a_price_is_an_answer_too() -> None:
    canned = CannedTariffs()
    canned.counted = {NOW.series: 5}
    async with showing(canned=canned) as (pilot, _canned):
        await pressed(pilot, "u")
        assert "Every toma has a price." in toasts(pilot)


@pytest.mark.parametrize("typed", ["---", " . "])
async def test_dashes_are_no_reason_and_no_gazette(typed: str) -> None:
    async with showing() as (pilot, canned):
        for tariff, key in ((SCHEDULED, "w"), (REVIEW, "b"), (APPROVED, "f")):
            await at(pilot, tariff)
            await stepped(pilot, key, *typed, "enter")
            assert isinstance(pilot.app.screen, FieldsDialog)
            await pressed(pilot, "escape")
        assert canned.done == []


async def test_a_resolution_too_late_says_the_way_out() -> None:
    canned = CannedTariffs()
    canned.ready = replace(READY, approval_date_ok=False)
    async with showing(canned=canned) as (pilot, _canned):
        await at(pilot, APPROVED)
        assert "Send it back (B)" in await stepped(pilot, "f")


async def test_other_words_take_the_place_of_the_first_and_no_line_says_why() -> None:
    async with showing() as (pilot, _canned):
        await pressed(pilot, "slash", *"nowhere", "enter")
        assert "none; Esc drops the words" in text_of(pilot)
        await pressed(pilot, "slash", *"tequis", "enter")
        assert "“tequis”" in text_of(pilot)


async def test_what_is_in_force_is_not_marked() -> None:
    async with showing() as (pilot, _canned):
        await at(pilot, NOW)
        await pressed(pilot, "space")
        assert "marked" not in text_of(pilot)


async def test_details_tell_who_did_what_when() -> None:
    async with showing(size=LARGE) as (pilot, _canned):
        await at(pilot, REVIEW)
        seen = await stepped(pilot, "d")
        assert isinstance(pilot.app.screen, TextDialog)
    for essential in ("12.3456", "submitted for review", "Beto Ríos", "Nov 18, 2026, 10:05", "of this content", "gap"):
        assert essential in seen


# ---------------------------------------------------------------------- what cannot be read


async def test_a_row_that_cannot_be_read_says_why_and_is_opened_as_it_is_stored() -> None:
    async with showing() as (pilot, _canned):
        seen = await at(pilot, BAD)
        assert "cannot be read" in seen
        assert "Block 1, from m³: must be a number" in seen
        await pressed(pilot, "enter")
        assert isinstance(pilot.app.screen, JsonDialog)
        seen = text_of(pilot)
    assert '"from_m3": "0"' in seen
    assert "effective_until" in seen
    assert "\x1b" not in seen
    assert "\u202e" not in seen


@pytest.mark.parametrize(
    "value", [Unreadable("too deep", "[[[[\x1b]"), float("nan"), [{"a": [1]}] * 10_000, {"x": object()}, "plain", None]
)
def test_whatever_is_stored_can_be_shown(value: object) -> None:
    bad = replace(BAD, raw={"blocks": value}, unreadable=of_shape([Problem("Blocks", "must be a list", ("blocks",))]))
    text = as_stored(bad)
    assert text.startswith("It cannot be read as a tariff:\n‼ Blocks: must be a list")
    assert "blocks: " in text


async def test_hostile_texts_do_nothing_on_any_path() -> None:
    hostile = [replace(one, name=BAD.name, explotacion=BAD.name) for one in register().tariffs]
    async with showing(register(*hostile), size=LARGE) as (pilot, _canned):
        for tariff in (DRAFT, REVIEW, APPROVED, BAD, SCHEDULED):
            seen = await at(pilot, tariff)
            assert "\x1b" not in seen
            await stepped(pilot, "d")
            assert "\x1b" not in text_of(pilot)
            await pressed(pilot, "escape")


# ---------------------------------------------------------------------- who may


async def test_a_clerk_looks_and_is_told_who_may_act() -> None:
    async with showing(identity=CLERK, size=LARGE) as (pilot, canned):
        await at(pilot, DRAFT)
        assert "only supervisors draft and approve" in text_of(pilot)
        for key in ("s", "v", "n", "delete"):
            await stepped(pilot, key)
            assert screen_of(pilot).on_top
        await at(pilot, REVIEW)
        for key in ("a", "b"):
            await stepped(pilot, key)
            assert screen_of(pilot).on_top
        assert screen_of(pilot).check_action("step", ("approve",)) is False
        assert canned.done == []


async def test_who_wrote_on_a_tariff_cannot_approve_it_and_reads_why() -> None:
    async with showing() as (pilot, canned):
        seen = await at(pilot, OWN_REVIEW)
        assert "You wrote on it: somebody else approves it." in seen
        await stepped(pilot, "a")
        assert screen_of(pilot).on_top
        assert canned.done == []


@pytest.mark.parametrize(
    ("tariff", "keys"),
    [
        (DRAFT, {"S Submit"}),
        (REVIEW, {"A Approve", "B Send back"}),
        (APPROVED, {"F In force", "B Send back"}),
        (SCHEDULED, {"W Withdraw"}),
        (NOW, set()),
    ],
)
async def test_only_steps_that_have_a_place_show_their_keys(tariff: TariffRow, keys: set[str]) -> None:
    every = {"S Submit", "A Approve", "B Send back", "F In force", "W Withdraw"}
    async with showing(size=LARGE) as (pilot, _canned):
        await at(pilot, tariff)
        shown = keys_shown(pilot)
    assert {one for one in every if one in shown} == keys


async def test_the_palette_offers_the_steps_that_are_possible() -> None:
    async with showing() as (pilot, _canned):
        await at(pilot, REVIEW)
        provider = TariffCommands(screen_of(pilot).app, screen_of(pilot))
        texts = [command.text for command in provider.now()]
        await at(pilot, OWN_REVIEW)
        without = [command.text for command in provider.now()]
    assert "This tariff: approve it" in texts
    assert "This tariff: submit it for review" not in texts
    assert "This tariff: approve it" not in without
    assert "Tariffs: draft a new one" in without


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 50)])
async def test_the_essentials_are_seen_at_any_size(size: tuple[int, int]) -> None:
    async with showing(size=size) as (pilot, _canned):
        seen = await at(pilot, DRAFT)
    for essential in ("Querétaro", "domestica", " men", "✎ draft", "Jan 1, 2027", "activated", "today"):
        assert essential in seen


# ---------------------------------------------------------------------- the steps


async def test_submitting_says_what_it_means_and_stands_on_cancel() -> None:
    canned = CannedTariffs()
    canned.remarks = (Remark(("blocks", 2), "Block 3", "is cheaper than the one before", Weight.WARNING, "falling"),)
    async with showing(canned=canned) as (pilot, _canned):
        await at(pilot, DRAFT)
        seen = await stepped(pilot, "s")
        assert isinstance(pilot.app.screen, ConfirmDialog)
        assert "Block 3: is cheaper than the one before" in seen
        assert "Nobody has worked out whom it hits yet" in seen
        await stepped(pilot, "enter")
        assert canned.done == []
        asked = canned.asked
        await stepped(pilot, "s", "down", "enter")
        assert canned.done == [("submit", (DRAFT,))]
        assert canned.asked == asked + 1
        assert "Submitted for review." in toasts(pilot)


async def test_a_draft_with_errors_is_not_submitted_but_told_what_to_mend() -> None:
    canned = CannedTariffs()
    canned.remarks = (Remark(("blocks", 1), "Block 2, from m³", "leaves a gap", code="gap"),)
    async with showing(canned=canned) as (pilot, _canned):
        await at(pilot, DRAFT)
        seen = await stepped(pilot, "s")
        assert isinstance(pilot.app.screen, TextDialog)
        assert "‼ Block 2, from m³: leaves a gap" in seen
        assert canned.done == []


async def test_approving_asks_when_and_by_whom_it_was_resolved() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, REVIEW)
        await stepped(pilot, "a")
        assert isinstance(pilot.app.screen, FieldsDialog)
        seen = await stepped(pilot, *"2026-11-22", "enter", "enter")
        assert isinstance(pilot.app.screen, ConfirmDialog)
        assert "resolved by Consejo Directivo" in seen
        assert "Nov 22, 2026" in seen
        await stepped(pilot, "down", "enter")
        assert canned.done == [("approve", (REVIEW,), date(2026, 11, 22), "Consejo Directivo")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("22/11/2026", "Write the day as 2026-02-16."),
        ("2026-02-30", "Write the day as 2026-02-16."),
        ("2026-11-23", "A resolution cannot be of a day to come."),
        ("99999-01-01", "Write the day as 2026-02-16."),
        ("0202-11-22", "Write the day as 2026-02-16."),
    ],
)
async def test_a_day_that_is_none_or_to_come_is_refused_with_the_reason(typed: str, said: str) -> None:
    async with showing() as (pilot, canned):
        await at(pilot, REVIEW)
        await stepped(pilot, "a")
        pilot.app.screen.query(Field).first().value = typed
        await stepped(pilot, "enter")
        seen = await stepped(pilot, "enter")
        assert isinstance(pilot.app.screen, FieldsDialog)
        assert said in seen
        assert canned.done == []


async def test_sending_back_wants_a_reason() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, REVIEW)
        seen = await stepped(pilot, "b", "enter")
        assert "Say why, in a few words." in seen
        await stepped(pilot, *"no", "enter")
        assert canned.done == [("send_back", (REVIEW,), "no")]


async def test_what_is_missing_for_the_activation_is_listed_with_the_tariffs_in_the_way() -> None:
    canned = CannedTariffs()
    canned.ready = replace(READY, impact_fits=False, gazette=False, conflicts=(NOW,))
    async with showing(canned=canned) as (pilot, _canned):
        await at(pilot, APPROVED)
        seen = await stepped(pilot, "f")
        assert isinstance(pilot.app.screen, TextDialog)
    assert "√ approved, by somebody who did not write on it" in seen
    assert "‼ an impact report of exactly this content" in seen
    assert "· its reference in the gazette" in seen
    assert f"{NOW.name}: Jan 1, 2026 – ∞" in seen
    assert canned.done == []


async def test_activation_asks_for_the_gazette_and_says_what_it_ends() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, APPROVED)
        await stepped(pilot, "f", "enter")
        assert "Write the number and year of the gazette." in text_of(pilot)
        seen = await stepped(pilot, *"84", "enter")
        assert "Comercial, San Juan del Río, 2026-01 of Jan 1, 2026 ends on Jan 1, 2027." in seen
        await stepped(pilot, "down", "enter")
        assert canned.done == [("activate", (APPROVED,), {APPROVED.id: "84"}, {})]


async def test_activation_says_from_when_on_nothing_will_have_a_price() -> None:
    canned = CannedTariffs()
    canned.ready = replace(READY, unpriced_from=date(2027, 3, 1))
    async with showing(canned=canned) as (pilot, _canned):
        await at(pilot, APPROVED)
        seen = await stepped(pilot, "f", *"84", "enter")
        assert "! From Mar 1, 2027 on nothing has a price" in seen
        await stepped(pilot, "down", "enter")
        assert canned.done[0][0] == "activate"


async def test_a_back_dated_start_lists_the_invoices_and_wants_their_number_typed() -> None:
    canned = CannedTariffs()
    canned.ready = replace(READY, issued=INVOICES)
    async with showing(canned=canned) as (pilot, _canned):
        await at(pilot, BACK_DATED)
        seen = await stepped(pilot, "f", "enter")
        assert "2,304 invoices of its days went out under the old price: MX$1,204,311.50" in unfolded(seen)
        assert "A-9000" in seen
        assert "Cancel" in seen.splitlines()[-4] + seen.splitlines()[-3]
        assert "Put it in force …" in seen
        await stepped(pilot, "down", "enter")
        word = pilot.app.screen.query_one(TypedField)
        word.post_message(events.Paste("2304"))
        await pilot.pause()
        assert word.value == ""
        await stepped(pilot, *"2303", "enter")
        assert canned.done == []
        word.value = ""
        await stepped(pilot, *"2304", "enter")
        assert canned.done == [
            (
                "activate",
                (BACK_DATED,),
                {BACK_DATED.id: BACK_DATED.gazette_reference},
                {BACK_DATED.id: 2304},
            )
        ]


async def test_a_start_today_without_invoices_wants_a_word() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, BACK_DATED)
        seen = await stepped(pilot, "f", "enter", "down", "enter")
        assert "activate" in seen
        assert canned.done == []
        await stepped(pilot, *"activate", "enter")
        assert canned.done[0][0] == "activate"
        assert canned.done[0][-1] == {}


async def test_withdrawing_wants_a_reason_and_a_word() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, SCHEDULED)
        seen = await stepped(pilot, "w", *"wrong", "enter")
        assert "(Jan 1, 2026) goes on as it would have without it" in " ".join(seen.replace("│", " ").split())
        await stepped(pilot, "down", "enter", *"withdraw", "enter")
        assert canned.done == [("withdraw", (SCHEDULED,), "wrong")]


async def test_a_draft_is_deleted_only_when_that_is_chosen() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, DRAFT)
        await stepped(pilot, "delete", "enter")
        assert canned.done == []
        await stepped(pilot, "delete", "down", "enter")
        assert canned.done == [("delete", DRAFT.id, DRAFT.version)]


async def test_deleting_what_was_submitted_wants_a_word() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, REVIEW)
        await stepped(pilot, "delete", "down", "enter")
        assert canned.done == []
        await stepped(pilot, *"delete", "enter")
        assert canned.done == [("delete", REVIEW.id, REVIEW.version)]


# ---------------------------------------------------------------------- somebody else was faster


@pytest.mark.parametrize(
    ("current", "said"),
    [
        (None, "Somebody else deleted this tariff meanwhile"),
        (replace(DRAFT, active=True), "Somebody else activated this tariff meanwhile"),
        (replace(DRAFT, version=9), "Somebody else changed this record meanwhile"),
    ],
)
async def test_a_tariff_that_moved_on_is_said_to_have_and_the_list_is_read_again(
    current: TariffRow | None, said: str
) -> None:
    async with showing() as (pilot, canned):
        await at(pilot, DRAFT)
        canned.refusal = TariffChanged(current)
        asked = canned.asked
        await stepped(pilot, "s", "down", "enter")
        assert said in toasts(pilot)
        assert canned.asked == asked + 1
        assert screen_of(pilot).on_top


async def test_a_conflict_of_validity_names_the_other_tariff_and_its_days() -> None:
    async with showing() as (pilot, canned):
        await at(pilot, APPROVED)
        await stepped(pilot, "f", *"84", "enter")
        canned.refusal = TariffConflict([NOW], sqlstate="23P01")
        seen = await stepped(pilot, "down", "enter")
        assert isinstance(pilot.app.screen, TextDialog)
    assert "Another tariff is in force on some of these days" in seen
    assert f"‼ {NOW.name}: Querétaro, domestica, mensual, Jan 1, 2026 – ∞" in unfolded(seen)


async def test_the_cursor_stays_on_its_tariff_when_others_come_and_go() -> None:
    fewer = register(*(one for one in register().tariffs if one.series.category != "comercial"))
    async with showing(register(), fewer) as (pilot, _canned):
        await at(pilot, REVIEW)
        await stepped(pilot, "r")
        assert screen_of(pilot).chosen == REVIEW


async def test_the_cursor_goes_to_the_draft_one_has_just_made() -> None:
    before = register(*(one for one in register().tariffs if one.id != DRAFT.id))
    async with showing(before, register()) as (pilot, _canned):
        await at(pilot, NOW)
        await pressed(pilot, "v")
        await stepped(pilot, "escape")
        assert screen_of(pilot).chosen == DRAFT


def test_a_series_that_nobody_kept_in_order_fits_the_room_there_is() -> None:
    wild = picture(*(row(number, "2026-01-01") for number in range(1, 80)))
    shown = details.under(wild, wild.register.tariffs[0], 78, 9)
    assert len(str(shown).splitlines()) <= 9
    assert "overlap" in str(shown)
    assert "… and more: D shows all" in str(shown)


def test_a_long_register_is_listed_at_once() -> None:
    many = [row(number, "2026-01-01", place=number % 3, name=f"Tariff {number}") for number in range(1, 400)]
    made = view(picture(*many), 80)
    assert len(made.rows) == 399
    assert all(isinstance(value, Cell | str) for value in made.cells(made.rows[0]))


# ---------------------------------------------------------------------- how it looks


LOOKS = {
    "list": (None, ()),
    "review": (REVIEW, ()),
    "gap": (next(one for one in register().tariffs if one.series.category == "industrial"), ()),
    "unreadable": (BAD, ()),
    "details": (REVIEW, ("d",)),
    "activation": (BACK_DATED, ("f", "enter", "down")),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", LOOKS)
def test_looks(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    tariff, keys = LOOKS[name]
    canned = CannedTariffs()
    canned.ready = replace(READY, issued=INVOICES)
    app = application(Signed(SUPERVISOR))
    for place in ("tariff-editor", "tariff-impact"):
        app.places[place] = Place(place, "", "tests.screens.test_tariffs:Opened")

    async def prepare(pilot: Pilot[Any]) -> None:
        await pilot.app.push_screen(TariffsScreen(app.session, canned.queries()))
        await settled(pilot)
        if tariff is not None:
            await at(pilot, tariff)
        await stepped(pilot, *keys)

    assert snap_compare(app, terminal_size=size, run_before=prepare)
