"""What every screen has: the strip, the bar, help, the palette, and a terminal of any size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widgets._toast import Toast

from screens.accounts.lookup import LookupScreen
from screens.connect.connect import ConnectScreen
from screens.palette import Palette
from screens.session import Link, State
from screens.theme import THEMES, first_theme
from screens.widgets.frame import Frame, TooSmall
from screens.widgets.help import HelpScreen
from screens.widgets.identity_strip import line
from screens.widgets.key_bar import Entry, fitting
from supra_console.errors import PermissionDenied
from supra_console.identity import Tenant
from tests.screens.driving import text_of
from tests.screens.pretend import (
    CLERK,
    DEMO,
    HOSTILE,
    JAPAM,
    PRODUCTION,
    PretendDatabase,
    Searches,
    application,
    hit,
    settled,
)

WIDTHS = (60, 80, 120, 200)


def shows(app: App[Any], kind: type[Screen[Any]]) -> bool:
    return isinstance(app.screen, kind)


# ---------------------------------------------------------------------- the strip

REMOTE = replace(CLERK, host="db1.cea.example", production=True, tls=False, login="ana.garcia")
LONG = replace(CLERK, tenant=Tenant(CLERK.tenant.id, "x", "Comisión Estatal de Aguas de Querétaro " * 3), host="h" * 90)
LINKS = {
    "not signed in": Link(State.SIGNED_OUT, DEMO),
    "signing in": Link(State.SIGNING_IN, DEMO),
    "signed in": Link(State.SIGNED_IN, DEMO, CLERK),
    "production": Link(State.SIGNED_IN, PRODUCTION, REMOTE),
    "lost": Link(State.LOST, DEMO, CLERK),
    "long": Link(State.SIGNED_IN, PRODUCTION, LONG),
    "elsewhere": Link(State.SIGNED_IN, DEMO, replace(CLERK, tenant=JAPAM)),
    "nothing": Link(),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", LINKS)
def test_the_strip_fills_its_line_at_any_width(name: str, width: int) -> None:
    assert cell_len(line(LINKS[name], width).plain) == width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_strip_always_says_who_where_and_production(width: int) -> None:
    shown = line(LINKS["production"], width).plain
    assert shown.startswith(" PRODUCTION ")
    assert "ana.garcia" in shown
    assert "CEA Quer" in shown
    assert "db1" in shown
    assert shown.rstrip().endswith("no TLS")


def test_the_strip_says_that_the_line_is_cut_and_that_the_utility_is_another() -> None:
    assert "CONNECTION LOST" in line(LINKS["lost"], 80).plain
    assert "JAPAM San Juan del Río ⇄" in line(LINKS["elsewhere"], 120).plain


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(WIDTHS))
def test_stored_names_never_drive_the_strip(tenant: str, login: str, width: int) -> None:
    identity = replace(CLERK, tenant=Tenant(CLERK.tenant.id, "x", tenant), login=login)
    shown = line(Link(State.SIGNED_IN, DEMO, identity), width).plain
    assert "\x1b" not in shown
    assert "\n" not in shown


async def test_the_strip_stays_above_dialogs() -> None:
    app = application(None, PretendDatabase(REMOTE), profiles=(PRODUCTION,))
    async with app.run_test() as pilot:
        await settled(pilot)
        for key in ("f1", "ctrl+p"):
            await pilot.press(key)
            await pilot.pause()
            assert text_of(pilot).startswith(" PRODUCTION ")
            await pilot.press("escape")
            await pilot.pause()


# ---------------------------------------------------------------------- the bar


def entry(text: str, *, everywhere: bool = False) -> Entry:
    return Entry("F9", text, "f9", enabled=True, everywhere=everywhere)


@given(st.lists(st.text("abcdef", min_size=1, max_size=20), max_size=12), st.integers(20, 200))
def test_the_bar_drops_from_its_end_and_keeps_help(texts: list[str], width: int) -> None:
    wanted = [entry(text) for text in texts] + [entry("Help", everywhere=True), entry("Quit", everywhere=True)]
    kept = fitting(wanted, width)
    assert any(one.text == "Help" for one in kept)
    own = [one for one in kept if not one.everywhere]
    assert own == wanted[: len(own)]


async def test_what_is_not_possible_now_is_dim_and_a_click_presses_the_key() -> None:
    app = application(Searches(garcia=(hit(1), hit(2))))
    async with app.run_test() as pilot:
        await settled(pilot)
        moves = [binding for binding in app.screen.active_bindings.values() if binding.binding.id == "lookup.down"]
        assert [binding.enabled for binding in moves] == [False]
        await pilot.press(*"garcia")
        await settled(pilot)
        moves = [binding for binding in app.screen.active_bindings.values() if binding.binding.id == "lookup.down"]
        assert [binding.enabled for binding in moves] == [True]
        bar = text_of(pilot).split("\n")[-1]
        await pilot.click(offset=(bar.index("Help") + 1, 23))
        await pilot.pause()
        assert shows(app, HelpScreen)


# ---------------------------------------------------------------------- help and palette


@pytest.mark.parametrize("at_once", [True, False])
async def test_every_screen_has_help_with_its_keys(at_once: bool) -> None:
    app = application(at_once=at_once)
    async with app.run_test(size=(80, 50)) as pilot:
        await settled(pilot)
        await pilot.press("f1")
        await settled(pilot)
        shown = text_of(pilot)
        assert "Keys of this screen" in shown
        assert "Keys everywhere" in shown
        assert ("Opening an account is recorded" if at_once else "Choose a profile") in shown
        await pilot.press("escape")
        await pilot.pause()
        assert shows(app, LookupScreen if at_once else ConnectScreen)


async def commands(app: App[Any], pilot: Any) -> str:
    await pilot.press("ctrl+p")
    await pilot.pause()
    assert shows(app, Palette)
    shown = text_of(pilot)
    await pilot.press("escape")
    await pilot.pause()
    return shown


async def test_the_palette_lists_only_what_is_possible_now() -> None:
    dba = replace(CLERK, groups=("supra_readonly", "supra_dba"))
    asked = application(at_once=False)
    async with asked.run_test() as pilot:
        await settled(pilot)
        shown = await commands(asked, pilot)
        assert "Quit" in shown
        assert "Sign out" not in shown
        assert "find an account" not in shown
    clerk = application()
    async with clerk.run_test() as pilot:
        await settled(pilot)
        shown = await commands(clerk, pilot)
        assert "Sign out" in shown
        assert "Utility" not in shown
        assert "Theme: dark" not in shown
        assert "Theme: light" in shown
    chooser = application(None, PretendDatabase(dba))
    async with chooser.run_test() as pilot:
        await settled(pilot)
        assert "Utility: work in another one" in await commands(chooser, pilot)


async def test_a_few_letters_and_enter_do_what_is_chosen() -> None:
    app = application()
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"light", "enter")
        await pilot.pause()
        assert app.theme == "supra-light"
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"xyzzy")
        await pilot.pause()
        assert "No command is called like that" in text_of(pilot)


async def test_what_is_typed_ahead_of_the_palette_reaches_it() -> None:
    app = application()
    async with app.run_test() as pilot:
        await settled(pilot)
        app.action_palette()
        # As a terminal sends them: nothing waits for the palette's line to be there.
        for key in (*"light", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settled(pilot)
        assert app.theme == "supra-light"


class Lettered(Frame[None]):
    """A screen with a letter of its own, and one that has its capital too."""

    BINDINGS: ClassVar = [("v", "note('v')"), ("g", "note('g')"), ("G", "note('G')")]

    def __init__(self) -> None:
        super().__init__()
        self.noted = ""

    def action_note(self, letter: str) -> None:
        self.noted += letter


async def test_a_capital_does_what_its_small_letter_does_unless_it_has_its_own() -> None:
    app = application()
    async with app.run_test() as pilot:
        await settled(pilot)
        screen = Lettered()
        await app.push_screen(screen)
        await pilot.press("v", "V", "g", "G", "X")
        assert screen.noted == "vvgG"


async def test_signing_out_asks_who_is_there_and_closes_the_connection() -> None:
    database = PretendDatabase()
    app = application(None, database)
    async with app.run_test() as pilot:
        await settled(pilot)
        app.sign_out()
        await settled(pilot)
        assert shows(app, ConnectScreen)
        assert database.closed


# ---------------------------------------------------------------------- themes and terminals


@pytest.mark.parametrize(
    ("environment", "theme"),
    [
        ({"COLORTERM": "truecolor"}, "supra-dark"),
        ({"TERM": "xterm-256color"}, "supra-dark"),
        ({"TERM": "linux"}, "supra-16"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "supra-16"),
        ({"TERM": "xterm-256color", "SUPRA_THEME": "light"}, "supra-light"),
    ],
)
def test_the_first_theme_is_what_the_terminal_can_show(environment: dict[str, str], theme: str) -> None:
    assert first_theme(environment) == theme


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["supra-dark", "supra-light"])
def test_every_colour_that_carries_text_can_be_read(name: str) -> None:
    theme = THEMES[name]
    for text in (theme.foreground, theme.primary, theme.warning, theme.error, theme.accent, theme.variables["quiet"]):
        for ground in (theme.background, theme.surface):
            assert text
            assert ground
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(theme.variables["on-production"], theme.variables["production"]) >= 4.5
    cursor = theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]
    assert contrast(*cursor) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light", "16"])
async def test_every_theme_shows_every_first_screen(theme: str) -> None:
    for at_once in (True, False):
        async with application(at_once=at_once, environment={"SUPRA_THEME": theme}).run_test() as pilot:
            await settled(pilot)
            assert pilot.app.theme == f"supra-{theme}"
            assert "Quit" in text_of(pilot)


async def test_sixty_by_fifteen_is_usable() -> None:
    app = application(Searches(garcia=[hit(number) for number in range(9)]))
    async with app.run_test(size=(60, 15)) as pilot:
        await settled(pilot)
        await pilot.press(*"garcia")
        await settled(pilot)
        shown = text_of(pilot)
        assert "García" in shown
        assert "F1 Help" in shown
        assert "9 accounts" in shown


async def test_signing_in_at_sixty_by_fifteen_shows_fields_and_failure() -> None:
    profiles = (DEMO, PRODUCTION, *(replace(DEMO, name=f"p{number}") for number in range(6)))
    app = application(None, PermissionDenied(), profiles=profiles, at_once=False)
    async with app.run_test(size=(60, 15)) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        shown = text_of(pilot)
        assert "Password" in shown
        assert "Your role may not do this" in shown


async def test_a_terminal_too_small_says_so_in_one_line_and_what_was_typed_stays() -> None:
    app = application(Searches(garcia=(hit(1), hit(2))))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press(*"garcia")
        await settled(pilot)
        await pilot.resize_terminal(50, 10)
        await pilot.pause()
        assert shows(app, TooSmall)
        assert text_of(pilot).strip() == "Too small: 50x10, needs 60x15"
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert "40x8" in text_of(pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert shows(app, LookupScreen)
        assert "2 accounts" in text_of(pilot)


# ---------------------------------------------------------------------- notes in the corner


async def test_a_note_is_never_read_as_markup() -> None:
    app = application()
    async with app.run_test(notifications=True) as pilot:
        await settled(pilot)
        app.notify(HOSTILE, title=HOSTILE[:40], severity="error")
        app.screen.notify(HOSTILE)
        app.explain(PermissionDenied(HOSTILE[:60], HOSTILE[:60], sqlstate="42501"))
        await pilot.pause()
        toasts = [str(toast.render()) for toast in app.screen.query(Toast)]
        assert len(toasts) == 3
        assert all("[/x][@click=app.quit]" in toast for toast in toasts)
        assert not any("\x1b" in toast or "\u202e" in toast for toast in toasts)
        assert "[42501]" in toasts[2]


async def test_ctrl_c_says_how_to_leave() -> None:
    app = application()
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.is_running
