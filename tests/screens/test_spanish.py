"""The console in the Spanish of a Mexican service office: nothing in English, nothing cut, at 80 by 24."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from queries.accounts import Hit, SearchResult
from screens.accounts.details import DetailsScreen
from screens.accounts.hits import HitsTable, why, widths
from screens.accounts.lookup import LookupScreen
from screens.accounts.sections import SECTIONS
from screens.accounts.tables import SectionTable
from screens.app import SupraApp
from screens.chunks.picture import Picture, Trying
from screens.chunks.screen import ChunksScreen
from screens.chunks.views import VIEWS, View
from screens.session import Session
from screens.widgets.field import Field
from screens.widgets.number_strip import titles
from supra_console import i18n
from supra_console.i18n import _
from tests.screens.accounts_sample import CannedAccounts, account, key
from tests.screens.signed_in import application
from tests.screens.test_details import opened, settled
from tests.screens.timeseries_sample import JUDGEMENT, CannedSeries, advice, snapshot, trials

Prepare = Callable[[Pilot[Any]], Awaitable[None]]


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    i18n.install("es_MX")
    yield
    i18n.install("en")


def hit(number: int, tier: int, matched_by: str, status: str = "activo") -> Hit:
    return Hit(
        contract_id=key(number),
        contract_number=f"QRO-{number:07}",
        contract_status=status,
        person_id=key(number + 1000),
        holder="María Guadalupe García López",
        toma_number=f"T-{number:07}",
        address="Avenida Universidad 120 int. B, Juriquilla, 76230",
        municipality="Querétaro",
        tier=tier,
        matched_by=matched_by,
        matched_value="garcia",
        score=0.9,
    )


HITS = (
    hit(12345, 3, "name"),
    hit(12346, 3, "name_address", "suspendido"),
    hit(12347, 3, "address", "pendiente"),
    hit(12348, 4, "address"),
    hit(12349, 2, "contract_number", "cancelado"),
    hit(12350, 1, "phone", "baja"),
)


async def search(_session: Session, text: str, _limit: int) -> SearchResult:
    return SearchResult(HITS if "garcia" in text else (), more=False)


def lookup(*keys: str) -> tuple[SupraApp, Prepare]:
    app = application()

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot, LookupScreen(app.session, search))
        for one in keys:
            await pilot.press(one)
        await settled(pilot, "search")

    return app, prepare


def details(*keys: str) -> tuple[SupraApp, Prepare]:
    app = application()

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot, DetailsScreen(app.session, key(2), CannedAccounts(account())))
        for one in keys:
            await pilot.press(one)
            await pilot.pause()

    return app, prepare


def series(*keys: str) -> tuple[SupraApp, Prepare]:
    app = application()

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot, ChunksScreen(app.session, CannedSeries(snapshot()).queries(), every=None))
        for one in keys:
            await pilot.press(one)
            await settled(pilot, "chunks")

    return app, prepare


SNAPSHOTS = [
    pytest.param(lookup, (), id="lookup"),
    pytest.param(lookup, (*"garcia",), id="lookup-accounts"),
    pytest.param(lookup, ("f1",), id="lookup-help"),
    pytest.param(details, (), id="details-readings"),
    pytest.param(details, ("2",), id="details-debt"),
    pytest.param(details, ("3", "enter"), id="details-invoice"),
    pytest.param(details, ("6",), id="details-contacts"),
    pytest.param(details, ("8",), id="details-nearby"),
    pytest.param(series, (), id="chunks-overview"),
    pytest.param(series, ("2",), id="chunks-list"),
    pytest.param(series, ("3",), id="chunks-jobs"),
    pytest.param(series, ("4",), id="chunks-aggregates"),
    pytest.param(series, ("5",), id="chunks-findings"),
    pytest.param(series, ("f1",), id="chunks-help"),
]


@pytest.mark.parametrize(("screen", "keys"), SNAPSHOTS)
def test_looks(snap_compare: Any, screen: Callable[..., tuple[SupraApp, Prepare]], keys: tuple[str, ...]) -> None:
    app, prepare = screen(*keys)
    assert snap_compare(app, terminal_size=(80, 24), run_before=prepare)


def test_the_titles_of_all_sections_are_whole() -> None:
    names = [_(section.title) for section in SECTIONS]
    assert [title.partition(" ")[2] for title in titles(names, 80)] == names


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_the_columns_of_a_section_are_wide_enough_for_their_titles(section: Any) -> None:
    table = section.table(account(), 79)
    assert [column.title for column in table.columns if column.width and len(column.title) > column.width] == []
    assert len(table.note) <= 78


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("width", [59, 79, 119])
def test_the_columns_of_a_view_of_the_series_are_wide_enough_for_their_titles(view: View, width: int) -> None:
    trying = Trying(1, 4, trials(), advice(), running=False)
    made = view.listing(Picture(snapshot(), JUDGEMENT, chosen=1, trying=trying), width)
    assert [column.title for column in made.columns if column.width and len(column.title) > column.width] == []


def test_the_titles_of_all_views_of_the_series_are_whole() -> None:
    names = [_(view.title) for view in VIEWS]
    assert [title.partition(" ")[2] for title in titles(names, 80)] == names


def test_the_columns_of_the_lookup_are_wide_enough() -> None:
    columns = widths(78, HITS)
    assert [name for name, width in columns.items() if len(_(HitsTable.TITLES[name])) > width] == []
    assert [why(hit) for hit in HITS if len(why(hit)) > columns["why"]] == []


@pytest.mark.parametrize("kind", [SupraApp, Screen, Field, OptionList, SectionTable])
def test_help_names_what_textuals_keys_do_in_spanish(kind: type[DOMNode]) -> None:
    descriptions = {
        binding.description
        for ancestor in kind.__mro__
        for binding in Binding.make_bindings(vars(ancestor).get("BINDINGS", ()))
        if binding.description and not binding.system and not binding.action.endswith("(True)")
    }
    assert descriptions
    assert {text for text in descriptions if _(text) == text} == set()
