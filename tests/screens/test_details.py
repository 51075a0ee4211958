"""An account on the screen: what is seen at a glance, what the keys do, and what is recorded before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from textual.pilot import Pilot
from textual.screen import Screen

from queries.account_records import Account, Workings
from screens.accounts.copying import CopyDialog, pieces
from screens.accounts.details import DetailsScreen
from screens.accounts.head import AccountHead, debt_in_words
from screens.accounts.invoice import InvoiceDialog, arithmetic, comes_to
from screens.accounts.sections import SECTIONS
from screens.accounts.tables import SectionTable, bar
from screens.app import SupraApp
from screens.session import Session, SignIn, State
from screens.widgets.number_strip import titles
from supra_console.errors import ConnectionLost, PermissionDenied, StatementTimeout, SupraError
from supra_console.profiles import Profile
from tests.conftest import TestDatabase
from tests.screens.accounts_sample import DEBT, SEWERAGE, WATER, CannedAccounts, account, invoices, key
from tests.screens.driving import text_of
from tests.screens.quiet import settle
from tests.screens.signed_in import application


def console(pilot: Pilot[Any]) -> SupraApp:
    assert isinstance(pilot.app, SupraApp)
    return pilot.app


async def opened(pilot: Pilot[Any], screen: Screen[Any]) -> None:
    """Push a screen and wait until its account is there, or refused."""
    await pilot.app.push_screen(screen)
    await settled(pilot)


async def settled(pilot: Pilot[Any], group: str = "account") -> None:
    """Wait for the screen's workers and what they posted."""
    await settle(pilot, group)


@asynccontextmanager
async def showing(
    answer: Account | SupraError, *more: Account | SupraError, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[Any], CannedAccounts]]:
    """The screen on an account from memory."""
    queries = CannedAccounts(answer, *more)
    app = application()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, DetailsScreen(app.session, key(2), queries))
        yield pilot, queries


# ---------------------------------------------------------------------- at a glance


async def test_the_essentials_are_seen_at_once_on_80_by_24() -> None:
    async with showing(account()) as (pilot, _queries):
        seen = text_of(pilot)
    for essential in (
        "María Guadalupe García López",
        "QRO-0012345 activo",
        "Avenida Universidad 120 int. B, Juriquilla, 76230 Querétaro",
        "T-0098765 domestica, activa",
        "MX-778812 Badger",
        "S-014 Juriquilla Norte",
        "330.11 owed, 3 unpaid invoices, the oldest 49 days late",
        "vulnerable: adulto mayor",
        "! consumo alto",
        "Nov 3, 2025",  # the twelfth reading
    ):
        assert essential in seen


@pytest.mark.parametrize(
    ("place", "title", "says"),
    [
        ("1", "Readings", "12 readings · mean 25.4 m³ · 2 anomalies · 1 estimated"),
        ("2", "Debt", "31 to 60 days late"),
        ("3", "Invoices", "QRO-120045"),
        ("4", "Payments", "on account"),
        ("5", "Orders", "OT-77120"),
        ("6", "Contacts", "prefers whatsapp"),
        ("7", "Events", "payment.applied"),
        ("8", "Nearby", "QRO-0012346"),
    ],
)
async def test_a_number_opens_each_section(place: str, title: str, says: str) -> None:
    async with showing(account()) as (pilot, _queries):
        await pilot.press(place)
        await pilot.pause()
        seen = text_of(pilot)
    assert f"{place} {title}" in seen
    assert says in seen


async def test_the_arrows_go_round_the_sections() -> None:
    async with showing(account()) as (pilot, _queries):
        screen = pilot.app.screen
        assert isinstance(screen, DetailsScreen)
        await pilot.press("left")
        assert SECTIONS[screen.place].name == "neighbours"
        await pilot.press("right", "right")
        assert SECTIONS[screen.place].name == "debt"


async def test_a_small_terminal_keeps_the_essentials_and_a_larger_one_redraws() -> None:
    async with showing(account(), size=(60, 15)) as (pilot, _queries):
        small = text_of(pilot)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        large = text_of(pilot)
    assert "QRO-0012345 activo" in small
    assert "330.11 owed" in small
    assert "Oct 3, 2026" in small
    assert large.count("█") > 3 * small.count("█")


def test_an_estimated_reading_is_told_apart_without_colour() -> None:
    table = SECTIONS[0].table(account(), 79)
    estimated = table.rows[1]
    assert "▒" in str(getattr(estimated.cells[3], "value", ""))
    assert "estimated" in str(getattr(estimated.cells[4], "value", ""))


# ---------------------------------------------------------------------- looks


def snapshot_of(answer: Account | SupraError, *keys: str) -> tuple[SupraApp, Callable[[Pilot[Any]], Awaitable[None]]]:
    app = application()

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot, DetailsScreen(app.session, key(2), CannedAccounts(answer)))
        for one in keys:
            await pilot.press(one)
            await pilot.pause()

    return app, prepare


HOSTILE = "\x1b]52;c;aGk=\x07[/x][@click=app.quit]x[/] \u202egnp.exe\u202c \u200bAna\x00\x9b31m"


def hostile_account() -> Account:
    """Every text in it tries to drive the terminal, the markup or the layout."""
    normal = account()
    long = "Ñandú " * 70
    return account(
        contract=replace(normal.contract, number="[/x]", status="activo\x1b[2J"),
        holder=replace(normal.holder, name=HOSTILE, vulnerability_type=HOSTILE, phone="\x9b5n", email="[b]@x"),
        toma=replace(normal.toma, number=HOSTILE, type="[red]"),
        address=replace(normal.address, street=long, colonia="محمد العربية"),
        meter=replace(normal.meter, serial_number="\x07" * 50, brand="日本水道") if normal.meter else None,
        sector=replace(normal.sector, name=HOSTILE) if normal.sector else None,
        readings=tuple(replace(reading, anomaly_type=HOSTILE[:30]) for reading in normal.readings),
        invoices=tuple(
            replace(
                invoice,
                serie="[@click=app.quit]",
                lines=tuple(replace(line, concept_name=HOSTILE) for line in invoice.lines),
            )
            for invoice in normal.invoices
        ),
        payments=tuple(replace(payment, reference=HOSTILE, method="\x1bc") for payment in normal.payments),
        work_orders=tuple(replace(order, description=long + HOSTILE) for order in normal.work_orders),
        requests=tuple(replace(request, subject=HOSTILE) for request in normal.requests),
        events=tuple(replace(event, payload={HOSTILE: {"deep": [HOSTILE]}}) for event in normal.events),
        neighbours=tuple(replace(neighbour, street=HOSTILE) for neighbour in normal.neighbours),
        failures={"payments": PermissionDenied(sqlstate="42501")},
    )


SNAPSHOTS = [
    pytest.param((80, 24), account(), (), id="readings-80x24"),
    pytest.param((120, 40), account(), (), id="readings-120x40"),
    pytest.param((80, 24), account(), ("2", "down", "down"), id="debt-80x24"),
    pytest.param((120, 40), account(), ("3",), id="invoices-120x40"),
    pytest.param((80, 24), account(), ("3", "enter"), id="invoice-80x24"),
    pytest.param((80, 24), account(), ("8", "down"), id="neighbours-80x24"),
    pytest.param((80, 24), hostile_account(), ("4",), id="hostile-and-part-failed-80x24"),
    pytest.param((80, 24), PermissionDenied(sqlstate="42501"), (), id="refused-80x24"),
]


@pytest.mark.parametrize(("size", "answer", "keys"), SNAPSHOTS)
def test_looks(snap_compare: Any, size: tuple[int, int], answer: Account | SupraError, keys: tuple[str, ...]) -> None:
    app, prepare = snapshot_of(answer, *keys)
    assert snap_compare(app, terminal_size=size, run_before=prepare)


async def test_no_stored_text_drives_terminal_or_markup() -> None:
    async with showing(hostile_account(), size=(120, 40)) as (pilot, _queries):
        for place in "12345678":
            await pilot.press(place)
            await pilot.pause()
            seen = text_of(pilot)
            assert not set(seen) & set(map(chr, [*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x200B]))
        await pilot.press("3", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, InvoiceDialog)
        assert "[/x][@click=app.quit]" in text_of(pilot)


# ---------------------------------------------------------------------- failures


async def test_a_part_that_failed_says_so_and_is_marked() -> None:
    broken = account(readings=(), failures={"readings": StatementTimeout(sqlstate="57014")})
    async with showing(broken) as (pilot, _queries):
        seen = text_of(pilot)
        await pilot.press("3")
        await pilot.pause()
        elsewhere = text_of(pilot)
    assert "✗ The server took too long and was stopped [57014]" in seen
    assert "1 Readings!" in seen
    assert "QRO-120045" in elsewhere


async def test_lines_that_could_not_be_read_are_not_taken_for_none() -> None:
    bare = tuple(replace(invoice, lines=()) for invoice in invoices())
    broken = account(invoices=bare, failures={"lines": PermissionDenied(sqlstate="42501")})
    async with showing(broken) as (pilot, _queries):
        await pilot.press("3", "enter")
        await pilot.pause()
        seen = text_of(pilot)
    assert "Your role may not do this" in seen
    assert "has no lines" not in seen


async def test_a_refused_view_shows_nothing_and_can_be_tried_again() -> None:
    async with showing(PermissionDenied(sqlstate="42501"), account()) as (pilot, queries):
        refused = text_of(pilot)
        await pilot.press("r")
        await settled(pilot)
        seen = text_of(pilot)
    assert "Your role may not do this [42501]" in refused
    assert "García" not in refused
    assert "García" in seen
    assert queries.viewed == [key(2), key(2)]


async def test_a_lost_line_leaves_what_was_shown_and_says_so_at_the_top() -> None:
    async with showing(account(), ConnectionLost()) as (pilot, _queries):
        await pilot.press("r")
        await settled(pilot)
        seen = text_of(pilot)
        state = console(pilot).link.state
    assert "García" in seen
    assert state is State.LOST


async def test_an_invoice_older_than_those_at_hand_is_read_when_it_is_opened() -> None:
    async with showing(account(invoices=invoices()[:1])) as (pilot, _queries):
        await pilot.press("2", *["down"] * 6, "enter")
        await settled(pilot, "invoice")
        await pilot.pause()
        assert isinstance(pilot.app.screen, InvoiceDialog)
        assert "QRO-120043" in text_of(pilot)


# ---------------------------------------------------------------------- copying


async def test_a_copy_is_recorded_before_it_is_on_the_clipboard() -> None:
    async with showing(account()) as (pilot, queries):
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(pilot.app.screen, CopyDialog)
        await pilot.press("down", "enter")
        await settled(pilot, "copy")
        assert queries.copied == [("name",)]
        assert pilot.app.clipboard == "María Guadalupe García López"


async def test_without_a_record_nothing_is_copied() -> None:
    async with showing(account()) as (pilot, queries):
        queries.refusal = PermissionDenied(sqlstate="42501")
        await pilot.press("c")
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot, "copy")
        assert pilot.app.clipboard == ""
        assert [note.title for note in pilot.app._notifications] == ["Your role may not do this"]


def test_what_is_copied_can_be_pasted_into_a_terminal() -> None:
    assert not {"\x1b", "\x9b", "\x00", "\u202e"} & set("".join(piece.text for piece in pieces(hostile_account())))


# ---------------------------------------------------------------------- on a real server


@asynccontextmanager
async def signed_in(database: TestDatabase, role: str = "demo_clerk") -> AsyncIterator[Pilot[Any]]:
    parameters = {name: str(value) for name, value in conninfo_to_dict(database.sign_in(role)).items() if value}
    session = Session()
    await session.sign_in(SignIn(Profile("test", parameters)))
    async with application(session).run_test(size=(80, 24)) as pilot:
        yield pilot


def as_admin(database: TestDatabase, statement: str, *parameters: object) -> list[Any]:
    with psycopg.connect(database.admin, autocommit=True) as admin:
        cursor = admin.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def viewers(database: TestDatabase, contract: UUID) -> list[str]:
    rows = as_admin(
        database,
        "select metadata ->> 'db_user' from timeseries.domain_events"
        " where aggregate_id = %s and event_type = 'account.viewed'",
        contract,
    )
    return [row[0] for row in rows]


def contract_with_neighbours(database: TestDatabase) -> UUID:
    rows = as_admin(
        database,
        "select c.id from contracts as c join tomas as t on t.id = c.toma_id"
        " where c.tenant_id = (select id from tenants where slug = 'cea-queretaro') and c.status = 'activo'"
        " and exists (select from tomas as x where x.tenant_id = t.tenant_id and x.id <> t.id"
        " and st_dwithin(x.geom, t.geom, 400)) order by c.contract_number limit 1",
    )
    found: UUID = rows[0][0]
    return found


async def test_an_account_and_its_neighbour_are_both_recorded(database: TestDatabase) -> None:
    contract = contract_with_neighbours(database)
    async with signed_in(database) as pilot:
        console(pilot).go("account", contract)
        await settled(pilot)
        first = pilot.app.screen
        assert isinstance(first, DetailsScreen)
        assert first.account is not None
        assert first.account.contract.id == contract
        assert first.account.contract.number in text_of(pilot)
        assert viewers(database, contract) == ["demo_clerk"]

        await pilot.press("8", "enter")
        await settled(pilot)
        second = pilot.app.screen
        assert isinstance(second, DetailsScreen)
        assert second is not first
        assert second.account is not None
        assert second.account.contract.id == first.account.neighbours[0].contract_id
        assert viewers(database, second.account.contract.id) == ["demo_clerk"]

        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is first


async def test_nothing_is_shown_while_it_cannot_be_recorded(database: TestDatabase) -> None:
    contract = contract_with_neighbours(database)
    ((holder,),) = as_admin(
        database, "select p.name from persons as p join contracts as c on c.person_id = p.id where c.id = %s", contract
    )
    function = "function supra.record_event(text, text, uuid, jsonb)"
    as_admin(database, f"revoke execute on {function} from supra_readonly")
    async with signed_in(database) as pilot:
        console(pilot).go("account", contract)
        await settled(pilot)
        refused = text_of(pilot)
        as_admin(database, f"grant execute on {function} to supra_readonly")
        await pilot.press("r")
        await settled(pilot)
        seen = text_of(pilot)
    assert "Your role may not do this [42501]" in refused
    assert holder not in refused
    assert holder[:30] in seen
    assert viewers(database, contract) == ["demo_clerk"]


async def test_an_account_of_another_utility_is_not_there(database: TestDatabase) -> None:
    ((foreign,),) = as_admin(
        database,
        "select id from contracts where tenant_id <> (select id from tenants where slug = 'cea-queretaro') limit 1",
    )
    async with signed_in(database) as pilot:
        console(pilot).go("account", foreign)
        await settled(pilot)
        assert "There is no such account" in text_of(pilot)
    assert viewers(database, foreign) == []


async def test_an_invoice_shows_the_blocks_that_made_it(database: TestDatabase) -> None:
    async with signed_in(database) as pilot:
        console(pilot).go("account", contract_with_neighbours(database))
        await settled(pilot)
        await pilot.press("3", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, InvoiceDialog)
        seen = text_of(pilot)
    assert " m³ × " in seen
    assert "this comes to" not in seen


# ---------------------------------------------------------------------- rules


@given(st.decimals(-50, 500, places=3), st.decimals(0, 500, places=3), st.integers(1, 200), st.booleans())
def test_a_bar_is_never_too_long_and_shows_whatever_is_above_zero(
    value: Decimal, largest: Decimal, cells: int, hatched: bool
) -> None:
    largest = max(value, largest)
    drawn = bar(value, largest, cells, hatched)
    assert len(drawn) <= cells
    assert bool(drawn) == (value > 0)


@given(st.integers(30, 300))
def test_sections_keep_their_numbers_in_any_width(width: int) -> None:
    shown = titles([section.title for section in SECTIONS], width)
    assert [title[0] for title in shown] == list("12345678")
    assert width < 40 or sum(len(title) + 1 for title in shown) < width


def test_the_arithmetic_is_the_one_on_the_invoice() -> None:
    assert list(arithmetic(WATER)) == [
        "0–10 m³: 10.000 m³ × 5.5000 = 55.00 + 45.00 fixed = 100.00",
        "10–20 m³: 1.000 m³ × 8.7500 = 8.75",
    ]
    assert list(arithmetic(SEWERAGE)) == ["10% × 108.75 (AGUA) = 10.88"]
    assert comes_to(WATER) == Decimal("108.75")
    assert comes_to(SEWERAGE) == Decimal("10.88")  # 10.875, half up


@pytest.mark.parametrize(
    "wrong",
    [
        replace(WATER, discount=Decimal("0.01")),
        replace(SEWERAGE, base_amount=Decimal("108.84")),
        Workings("fixed", Decimal("108.75"), unit_amount=Decimal("54.38"), quantity=Decimal(2)),
    ],
)
async def test_workings_that_do_not_come_to_the_charge_say_so(wrong: Workings) -> None:
    first = invoices()[0]
    charged = replace(first, lines=(replace(first.lines[0], workings=wrong),))
    async with showing(account(invoices=(charged,))) as (pilot, _queries):
        await pilot.press("3", "enter")
        await pilot.pause()
        assert "! this comes to" in text_of(pilot)


@pytest.mark.parametrize(
    ("changes", "words", "role"),
    [
        ({}, "330.11 owed, 3 unpaid invoices, the oldest 49 days late", "warning"),
        ({"days_overdue": 0}, "330.11 owed, 3 unpaid invoices, not due yet", ""),
        ({"days_overdue": 61}, "the oldest 61 days late", "error"),
        ({"days_overdue": 400, "days_over_90": Decimal("99.50")}, "over 90 days: ", "error"),
        ({"unpaid_invoices": 0, "total_debt": Decimal(0)}, "nothing owed", "good"),
    ],
)
def test_the_debt_says_its_age(changes: dict[str, Any], words: str, role: str) -> None:
    said, coloured = debt_in_words(replace(DEBT, **changes))
    assert words in said
    assert coloured == role


async def test_the_head_and_the_table_hold_no_account_before_it_is_recorded() -> None:
    async with showing(PermissionDenied()) as (pilot, _queries):
        assert pilot.app.screen.query_one(AccountHead).account is None
        assert pilot.app.screen.query_one(SectionTable).row_count == 0
