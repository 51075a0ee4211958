"""Finding an account: what follows the typing, what opens, what is said when nothing comes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.accounts import lookup as lookup_module
from screens.accounts.hits import HitsTable, reason, summary, why, widths
from screens.accounts.lookup import LookupScreen
from screens.session import State
from supra_console.errors import ConnectionLost, MissingFeature, PermissionDenied, StatementTimeout, SupraError
from tests.screens.driving import text_of
from tests.screens.pretend import (
    HOSTILE,
    Opened,
    PretendDatabase,
    Searches,
    application,
    hit,
    lookup,
    settled,
    table,
)
from tests.screens.quiet import until

GARCIAS = tuple(hit(number) for number in range(1, 5))


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens only because this machine is slow; a test that waits for one of these makes it short."""
    for name in ("PATIENCE", "SEEN_AFTER", "OPENS_AFTER"):
        monkeypatch.setattr(lookup_module, name, 3600.0)


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Type, and wait until the answer is on the screen."""
    await pilot.press(*text)
    await settled(pilot)


def subtitle(pilot: Pilot[Any]) -> str:
    return str(lookup(pilot).box.border_subtitle or "")


# ---------------------------------------------------------------------- typing


async def test_results_follow_the_typing_and_only_the_last_text_is_asked() -> None:
    search = Searches(garcia=GARCIAS)
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        assert search.asked[-1] == "garcia"
        assert table(pilot).row_count == 4
        assert subtitle(pilot) == "4 accounts"
        assert "40000" in text_of(pilot)


async def test_a_newer_keystroke_cancels_the_older_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "DEBOUNCE", 3600.0)
    search = Searches(garcia_l=GARCIAS[:1])
    async with application(search).run_test() as pilot:
        await settled(pilot)
        search.gate.clear()
        await pilot.press(*"garcia", "enter")
        await pilot.pause()
        assert search.asked == ["garcia"]
        monkeypatch.setattr(lookup_module, "DEBOUNCE", 0.0)
        await pilot.press(*" l")
        await pilot.pause()
        assert search.cancelled == ["garcia"]
        search.gate.set()
        await settled(pilot)
        assert search.asked[-1] == "garcia l"
        assert table(pilot).row_count == 1


async def test_what_was_found_stays_while_the_next_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "PATIENCE", 0.01)
    search = Searches(garcia=GARCIAS)
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        search.gate.clear()
        await pilot.press(*" x", "enter")
        screen = lookup(pilot)
        await until(pilot, lambda: subtitle(pilot) == "searching …")
        assert table(pilot).row_count == 4
        search.gate.set()
        await settled(pilot)
        assert screen.answer.phase == "answered"


async def test_spaces_more_or_less_are_the_same_question() -> None:
    search = Searches(garcia=GARCIAS)
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        asked = len(search.asked)
        await typed(pilot, "  ")
        assert len(search.asked) == asked
        assert table(pilot).row_count == 4


async def test_one_may_type_before_anybody_is_signed_in() -> None:
    search = Searches(garcia=GARCIAS)
    app = application(search)
    signed_in = asyncio.Event()

    async def slowly(_request: object) -> Any:
        await signed_in.wait()
        return PretendDatabase()

    app.session._opener = slowly
    async with app.run_test() as pilot:
        await pilot.press(*"garcia", "enter")
        await pilot.pause()
        assert search.asked == []
        assert "signing in to demo" in text_of(pilot)
        signed_in.set()
        await settled(pilot)
        assert search.asked == ["garcia"]
        assert table(pilot).row_count == 4


async def test_two_characters_are_too_few_unless_entered() -> None:
    search = Searches(**{"42": (hit(42, 1, "contract_number"), hit(43, 1, "toma_number"))})
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "42")
        assert search.asked == []
        assert "3 characters or more" in text_of(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert search.asked == ["42"]
        assert table(pilot).row_count == 2


async def test_escape_clears() -> None:
    search = Searches(garcia=GARCIAS)
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await pilot.press("escape")
        await settled(pilot)
        assert lookup(pilot).box.value == ""
        assert "Type what the customer gives you" in text_of(pilot)
        assert "García" not in text_of(pilot)


async def test_typing_goes_to_the_box_even_without_focus() -> None:
    async with application(Searches()).run_test() as pilot:
        await settled(pilot)
        pilot.app.screen.set_focus(None)
        await pilot.press("g", "a")
        assert lookup(pilot).box.value == "ga"


async def test_fifty_of_more_than_fifty() -> None:
    search = Searches(garcia=[hit(number) for number in range(10_000)])
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        assert table(pilot).row_count == 50
        assert subtitle(pilot) == "50 of more than 50"


# ---------------------------------------------------------------------- moving and opening


async def test_the_arrows_move_in_the_table_while_the_box_keeps_the_focus() -> None:
    search = Searches(garcia=GARCIAS)
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await pilot.press("down", "down")
        await pilot.pause()
        assert table(pilot).cursor_row == 2
        assert lookup(pilot).box.has_focus
        assert GARCIAS[2].toma_number in text_of(pilot)
        await pilot.press("up", "enter")
        await pilot.pause()
        opened = pilot.app.screen
        assert isinstance(opened, Opened)
        assert opened.contract_id == GARCIAS[1].contract_id


async def test_the_cursor_stays_on_its_account_when_the_answer_changes() -> None:
    search = Searches(garcia=GARCIAS, garcia_l=(GARCIAS[2], GARCIAS[0]))
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await pilot.press("down", "down")
        await typed(pilot, " l")
        found = table(pilot).row
        assert found is not None
        assert found.contract_id == GARCIAS[2].contract_id


async def test_a_single_exact_number_opens_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "OPENS_AFTER", 0.01)
    search = Searches(**{"4000000042": (hit(42, 1, "contract_number"),)})
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await pilot.press(*"4000000042")
        await until(pilot, lambda: isinstance(pilot.app.screen, Opened))
        assert getattr(pilot.app.screen, "contract_id", None) == hit(42).contract_id


async def test_it_says_that_it_opens_and_another_key_stops_it() -> None:
    search = Searches(**{"4000000042": (hit(42, 1, "contract_number"),)})
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "4000000042")
        assert subtitle(pilot) == "1 account, opens by itself …"
        await pilot.press("down")
        assert lookup(pilot)._opening is None
        assert subtitle(pilot) == "1 account"


@pytest.mark.parametrize(
    "hits",
    [
        pytest.param((hit(42, 1, "rfc"), hit(43, 1, "rfc")), id="two accounts of one RFC"),
        pytest.param((hit(42, 1, "toma_number"), hit(420, 2, "toma_number")), id="begins another number"),
        pytest.param((hit(42, 2, "contract_number"),), id="only a beginning"),
        pytest.param((hit(42, 3, "name"),), id="only words"),
    ],
)
async def test_what_is_not_one_complete_number_does_not_open_by_itself(hits: tuple[Any, ...]) -> None:
    async with application(Searches(garcia=hits)).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        assert lookup(pilot)._opening is None


async def test_enter_opens_a_single_exact_number_at_once() -> None:
    search = Searches(**{"4000000042": (hit(42, 1, "contract_number"),)})
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await pilot.press(*"4000000042", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Opened)


async def test_enter_asks_at_once_even_before_anything_was_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "DEBOUNCE", 3600.0)
    search = Searches(garcia=GARCIAS)
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await pilot.press(*"garcia", "enter")
        await settled(pilot)
        assert search.asked == ["garcia"]
        assert table(pilot).row_count == 4


async def test_enter_while_the_statement_runs_does_not_ask_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "DEBOUNCE", 3600.0)
    search = Searches(**{"4000000042": (hit(42, 1, "contract_number"),)})
    async with application(search).run_test() as pilot:
        await settled(pilot)
        search.gate.clear()
        await pilot.press(*"4000000042", "enter")
        await pilot.pause()
        await pilot.press("enter")
        search.gate.set()
        await settled(pilot)
        assert search.asked == ["4000000042"]
        assert isinstance(pilot.app.screen, Opened)


async def test_enter_right_after_the_answer_came_does_not_open_the_first_of_many() -> None:
    async with application(Searches(garcia=GARCIAS)).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await pilot.press("enter")
        await pilot.pause()
        assert lookup(pilot).answer.phase == "answered"
        await pilot.press("down", "up", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Opened)


async def test_back_from_an_account_typing_replaces_what_was_searched() -> None:
    search = Searches(garcia=GARCIAS, lopez=GARCIAS[:1])
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Opened)
        pilot.app.pop_screen()
        await pilot.pause()
        assert table(pilot).row_count == 4
        await typed(pilot, "lopez")
        assert lookup(pilot).box.value == "lopez"


async def test_back_from_help_typing_goes_on() -> None:
    search = Searches(garcia=GARCIAS, garcial=GARCIAS[:1])
    async with application(search).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await pilot.press("f1")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        await typed(pilot, "l")
        assert lookup(pilot).box.value == "garcial"


# ---------------------------------------------------------------------- nothing comes


async def test_nothing_found_says_what_was_tried_and_how_to_widen() -> None:
    async with application(Searches()).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "xyzzy")
        shown = text_of(pilot)
        assert "No account matches xyzzy" in shown
        assert "invoice, payment" in shown
        assert "one word less" in shown


async def test_a_lost_connection_keeps_the_results_marks_them_and_the_next_key_tries_again() -> None:
    search = Searches(garcia=GARCIAS, garcia_l=ConnectionLost(), garcia_lo=GARCIAS[:2])
    app = application(search)
    async with app.run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await typed(pilot, " l")
        shown = text_of(pilot)
        assert table(pilot).row_count == 4
        assert "The connection to the server was lost" in shown
        assert "The next key, or Enter, tries again" in shown
        assert subtitle(pilot) == "these are from before"
        assert "CONNECTION LOST" in shown
        assert app.link.state == State.LOST
        await typed(pilot, "o")
        assert table(pilot).row_count == 2
        assert app.link.state == State.SIGNED_IN
        assert "CONNECTION LOST" not in text_of(pilot)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StatementTimeout(sqlstate="57014"), "Add a word or use a number"),
        (PermissionDenied(sqlstate="42501"), "Your role may not do this"),
        (MissingFeature(sqlstate="42883"), "This server lacks something"),
    ],
)
async def test_a_refusal_is_said_in_words_with_its_code(error: SupraError, words: str) -> None:
    async with application(Searches(garcia=error)).run_test() as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        shown = text_of(pilot)
        assert words in shown
        assert f"[{error.sqlstate}]" in shown


# ---------------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    ("tier", "matched_by", "short"),
    [(1, "phone", "= phone"), (2, "meter_serial", "meter…"), (3, "name", "name"), (4, "address", "≈ address")],
)
def test_each_hit_says_why(tier: int, matched_by: str, short: str) -> None:
    assert why(hit(1, tier, matched_by)) == short
    assert reason(hit(1, tier, matched_by)).plain


@pytest.mark.parametrize("total", [60, 80, 99, 100, 120, 200])
def test_the_columns_fill_the_width(total: int) -> None:
    columns = widths(total, GARCIAS)
    assert sum(columns.values()) + 2 * len(columns) + 1 <= max(total, 60)
    assert ("toma" in columns) == (total >= 100)


@pytest.mark.parametrize("width", [58, 78, 118])
def test_the_summary_is_two_whole_lines(width: int) -> None:
    shown = summary(hit(1, 1, "phone", holder="X" * 300, address="Y" * 300), width)
    assert [len(line) for line in shown.plain.split("\n")] == [width, width]


async def test_hostile_text_is_shown_and_does_nothing() -> None:
    evil = hit(
        1,
        1,
        "contract_number",
        holder=HOSTILE,
        address=HOSTILE,
        toma_number=HOSTILE[:60],
        contract_number=HOSTILE[:30],
        contract_status=HOSTILE[:20],
        municipality=HOSTILE,
        matched_value=HOSTILE,
    )
    for size in ((80, 24), (120, 40)):
        async with application(Searches(garcia=(evil, *GARCIAS))).run_test(size=size) as pilot:
            await settled(pilot)
            await typed(pilot, "garcia")
            shown = text_of(pilot)
            assert not set(shown) & set(map(chr, [*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x200B]))
            assert "[/x][@click" in shown
            assert all(len(line) == size[0] for line in shown.split("\n"))
            await pilot.click(HitsTable, offset=(20, 1))
            assert pilot.app.is_running


async def test_a_hostile_paste_is_cleaned_before_it_is_shown() -> None:
    async with application(Searches()).run_test() as pilot:
        await settled(pilot)
        screen = lookup(pilot)
        screen.box.insert_text_at_cursor(HOSTILE[:60])
        await settled(pilot)
        assert "\x1b" not in screen.box.value
        assert "\x1b" not in text_of(pilot)


async def test_another_width_and_other_colours_draw_the_table_anew() -> None:
    search = Searches(garcia=GARCIAS)
    app = application(search)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await typed(pilot, "garcia")
        await pilot.press("down")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert "Toma" in text_of(pilot)
        assert table(pilot).cursor_row == 1
        app.wear("supra-light")
        await pilot.pause()
        assert table(pilot).cursor_row == 1
        assert isinstance(app.screen, LookupScreen)
