"""The impact of a draft: figures while it works, Esc that stops it, what is kept, and how each view reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from textual.pilot import Pilot

from screens.app import SupraApp
from screens.places import Place
from screens.tariffs.impact import ImpactQueries, ImpactScreen
from screens.tariffs.impact_standing import sums
from screens.tariffs.impact_views import VIEWS
from supra_console.documents.impact import (
    Band,
    Colonia,
    Figures,
    Holders,
    LeftOut,
    Municipality,
    Rise,
    TariffImpact,
)
from supra_console.errors import ConnectionLost, InvalidInput, SupraError
from supra_console.identity import GROUPS
from supra_console.tariffs.impact import AMOUNTS, PERCENTS, ImpactReport, KeptImpact, Progress, bands
from supra_console.tariffs.register import TariffRow
from tests.screens.driving import text_of
from tests.screens.pretend import HOSTILE
from tests.screens.quiet import PATIENCE, settle
from tests.screens.signed_in import IDENTITY, Signed, application
from tests.screens.tariffs_sample import ANA, DRAFT, HASH, row

SMALL, LARGE = (80, 24), (120, 40)
SUPERVISOR = replace(IDENTITY, login="demo_supervisor", user_id=ANA, name="Ana García", groups=GROUPS[:3])
CLERK = replace(IDENTITY, login="demo_clerk", groups=GROUPS[:2])
WHEN = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
OTHER = row(31, "2027-01-01", place=1, active=False)


def figures(contracts: int, old: str, new: str, higher: int = 0, lower: int = 0, same: int = 0) -> Figures:
    return Figures(
        contracts=contracts,
        readings=contracts * 11,
        old=Decimal(old),
        new=Decimal(new),
        higher=higher,
        lower=lower,
        same=same,
    )


def part(tariff: TariffRow = DRAFT, *, colonia: str = "Centro", times: int = 1) -> TariffImpact:
    """An invented impact: 1,200 contracts, of which most pay more."""
    whole = figures(1200 * times, "3210450.20", "3398012.75", 800 * times, 250 * times, 100 * times)
    town = tariff.municipality or ""
    percents = {0: 2, 3: 48, 4: 200, -1: 100, 5: 610, 6: 150, 7: 30, 10: 10}
    amounts = {2: 1, 4: 249, -1: 100, 5: 500, 6: 260, 7: 35, 9: 5}

    def counted(numbers: dict[int, int]) -> dict[int, Figures]:
        return {band: figures(many * times, "1000.00", "1000.00") for band, many in numbers.items()}

    return TariffImpact(
        tariff_id=tariff.id,
        name="Domestic 2027",
        content_hash=HASH,
        category=tariff.series.category,
        billing_period=tariff.series.billing_period,
        municipality=town,
        old_id=UUID(int=2),
        old_name="Domestic 2026",
        begins=date(2025, 10, 25),
        ends=date(2026, 10, 25),
        months=12,
        made_at=WHEN,
        m3=Decimal("212345.678"),
        figures=whole,
        municipalities=(Municipality(name=town, figures=whole),),
        colonias=(
            Colonia(municipality=town, name=colonia, figures=figures(700, "2000000.00", "2150000.00", 500, 100, 60)),
            Colonia(
                municipality=town,
                name="Bernardo Quintana Arrioja 2a. Sección",
                figures=figures(300, "900000.00", "880000.00", 20, 260, 20),
            ),
            Colonia(municipality=town, name="", figures=figures(200, "310450.20", "368012.75", 180, 0, 20)),
        ),
        holders=(
            Holders(kind="other", figures=figures(1000, "3000000.00", "3180000.00", 700, 180, 90)),
            Holders(kind="vulnerable", figures=figures(120, "150000.00", "156000.00", 70, 40, 5)),
            Holders(kind="social", figures=figures(70, "52000.20", "54000.75", 25, 25, 5)),
            Holders(kind="social_vulnerable", figures=figures(10, "8450.00", "8012.00", 5, 5, 0)),
        ),
        percents=bands(PERCENTS, counted(percents)),
        amounts=bands(AMOUNTS, counted(amounts)),
        rises=tuple(
            Rise(
                contract_id=UUID(int=1000 + number),
                contract_number=f"40000{number:05}",
                colonia=(colonia, "La Loma", "")[number % 3],
                social=number % 7 == 0,
                vulnerable=number % 3 == 0,
                readings=12,
                m3=Decimal(9000 - 100 * number),
                old=Decimal(90000 - 1000 * number),
                new=Decimal(99000 - 1100 * number),
            )
            for number in range(50)
        ),
        left_out=(
            LeftOut(reason="cuota_fija", contracts=45 * times),
            LeftOut(reason="medido", contracts=5 * times),
            LeftOut(reason="suspicious", readings=96 * times),
            LeftOut(reason="rejected", readings=21 * times),
        ),
    )


WHOLE = ImpactReport((part(),))
EARLY = ImpactReport(
    (
        part().model_copy(
            update={
                "figures": figures(0, "302000.50", "318000.25").model_copy(update={"readings": 1100}),
                "colonias": (),
                "holders": (),
                "percents": (),
                "amounts": (),
                "rises": (),
                "left_out": (),
            }
        ),
    ),
    complete=False,
)


class Canned:
    """Answers from memory; the work goes on when it is let."""

    def __init__(
        self,
        answer: ImpactReport | SupraError = WHOLE,
        kept: KeptImpact | None = None,
        refusal: SupraError | None = None,
        told: Sequence[Progress] = (),
    ) -> None:
        self.answer, self.before, self.refusal, self.told = answer, kept, refusal, told
        self.let, self.held = asyncio.Event(), asyncio.Event()
        if not told:
            self.let.set()
        self.asked: list[tuple[UUID, ...]] = []
        self.cancelled = 0
        self.saved: list[ImpactReport] = []

    async def kept(self, _db: Any, _tariff: UUID) -> KeptImpact | None:
        return self.before

    async def impact(self, _db: Any, ids: Sequence[UUID], progress: Callable[[Progress], None]) -> ImpactReport:
        self.asked.append(tuple(ids))
        for one in self.told:
            progress(one)
        self.held.set()
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.answer, SupraError):
            raise self.answer
        return self.answer

    async def keep(self, _db: Any, report: ImpactReport) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.saved.append(report)

    def queries(self) -> ImpactQueries:
        return ImpactQueries(self.kept, self.impact, self.keep)


async def settled(pilot: Pilot[Any], canned: Canned) -> None:
    """Wait for what is asked and kept, and for what was posted; not for work that is held."""
    if not canned.let.is_set():
        await asyncio.wait_for(canned.held.wait(), PATIENCE)
    await settle(pilot, "keep", *(("impact",) if canned.let.is_set() else ()))


def console(identity: Any = SUPERVISOR) -> SupraApp:
    app = application(Signed(identity))
    app.places["account"] = Place("account", "", "tests.screens.pretend:Opened")
    return app


@asynccontextmanager
async def showing(
    canned: Canned, *subject: TariffRow, size: tuple[int, int] = SMALL, identity: Any = SUPERVISOR
) -> AsyncIterator[Pilot[Any]]:
    app = console(identity)
    async with app.run_test(size=size) as pilot:
        await app.push_screen(ImpactScreen(app.session, subject or (DRAFT,), canned.queries()))
        await settled(pilot, canned)
        yield pilot


def view(pilot: Pilot[Any]) -> ImpactScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ImpactScreen)
    return screen


async def test_it_begins_by_itself_and_a_supervisor_s_is_kept() -> None:
    canned = Canned()
    async with showing(canned) as pilot:
        seen = text_of(pilot)
        assert canned.asked == [(DRAFT.id,)]
        assert canned.saved == [WHOLE]
        assert "√ Kept" in seen
        assert "+MX$187,562.55  +5.8%" in seen
        assert "▲ 800 pay more" in seen


async def test_the_first_figures_are_there_while_it_works() -> None:
    canned = Canned(told=(Progress(0, 12, EARLY), Progress(3, 12, EARLY)))
    async with showing(canned) as pilot:
        seen = text_of(pilot)
        assert "███░░░░░░░░░ 3 of 12 months" in seen
        assert "+MX$15,999.75  +5.3%" in seen
        assert "1,100 readings rated so far" in seen
        assert canned.saved == []
        for place in range(1, 8):  # every view has something to say, or nothing, and none fails
            await pilot.press(str(place))
            await pilot.pause()
        canned.let.set()
        await settled(pilot, canned)
        assert "√ Kept" in text_of(pilot)


async def test_escape_stops_the_work_and_goes_back_only_after() -> None:
    canned = Canned(told=(Progress(3, 12, EARLY),))
    async with showing(canned) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        seen = text_of(pilot)
        assert canned.cancelled == 1
        assert "! Stopped after 3 of 12 months" in seen
        assert "+MX$15,999.75" in seen
        assert canned.saved == []
        canned.let.set()
        await pilot.press("r")
        await settled(pilot, canned)
        assert "√ Kept" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, ImpactScreen)


async def test_leaving_in_the_middle_stops_the_work_too() -> None:
    canned = Canned(told=(Progress(0, 12, None),))
    async with showing(canned) as pilot:
        await pilot.app.pop_screen()
        await pilot.pause()
        assert canned.cancelled == 1


async def test_what_was_kept_of_the_present_content_is_opened_and_not_worked_out_again() -> None:
    canned = Canned(kept=KeptImpact(WHOLE, True, WHEN, "Beto Ríos"))
    async with showing(canned) as pilot:
        seen = text_of(pilot)
        assert canned.asked == []
        assert "√ Kept, of exactly this content, Nov 23, 2026, 10:05 by Beto Ríos" in seen
        await pilot.press("r")
        await settled(pilot, canned)
        assert canned.asked == [(DRAFT.id,)]


async def test_of_a_tariff_in_force_nothing_is_kept_unasked() -> None:
    canned = Canned()
    async with showing(canned, replace(DRAFT, active=True)) as pilot:
        assert "Not kept, and not needed" in text_of(pilot)
        assert canned.saved == []
        await pilot.press("k")
        await settled(pilot, canned)
        assert canned.saved == [WHOLE]


async def test_what_was_kept_of_other_content_is_worked_out_again() -> None:
    canned = Canned(kept=KeptImpact(WHOLE, False, WHEN, "Beto Ríos"))
    async with showing(canned):
        assert canned.asked == [(DRAFT.id,)]


async def test_a_clerk_looks_and_keeps_nothing() -> None:
    canned = Canned()
    async with showing(canned, identity=CLERK) as pilot:
        assert "Not kept: only a supervisor's counts" in text_of(pilot)
        await pilot.press("k")
        await settled(pilot, canned)
        assert canned.saved == []


async def test_a_report_that_could_not_be_kept_can_be_kept_later() -> None:
    canned = Canned(refusal=ConnectionLost())
    async with showing(canned) as pilot:
        assert "✗" in text_of(pilot)
        canned.refusal = None
        await pilot.press("k")
        await settled(pilot, canned)
        assert canned.saved == [WHOLE]
        assert "√ Kept" in text_of(pilot)


async def test_a_line_that_is_cut_is_told_with_the_way_on() -> None:
    canned = Canned(answer=ConnectionLost())
    async with showing(canned) as pilot:
        assert "✗" in text_of(pilot)
        canned.answer = WHOLE
        await pilot.press("r")
        await settled(pilot, canned)
        assert "√ Kept" in text_of(pilot)


async def test_a_package_is_one_picture() -> None:
    both = ImpactReport((part(), part(OTHER)))
    canned = Canned(answer=both)
    async with showing(canned, DRAFT, OTHER) as pilot:
        seen = text_of(pilot)
        assert canned.asked == [(DRAFT.id, OTHER.id)]
        assert "2 tariffs:" in seen
        assert "+MX$375,125.10" in seen
        assert "1,600 pay more" in seen


async def test_enter_on_a_rise_opens_the_account() -> None:
    async with showing(Canned()) as pilot:
        await pilot.press("6", "down", "enter")
        await pilot.pause()
        assert getattr(pilot.app.screen, "contract_id", None) == UUID(int=1001)


async def test_a_tariff_that_replaces_nothing_says_what_it_brings() -> None:
    alone = part().model_copy(
        update={"old_id": None, "figures": Figures(contracts=10, readings=99, first_price=Decimal("1234.50"))}
    )
    async with showing(Canned(answer=ImpactReport((alone,)))) as pilot:
        seen = text_of(pilot)
        assert "first price, nothing to compare with" in seen
        assert "MX$1,234.50" in seen


@pytest.mark.parametrize("place", range(1, 8))
async def test_no_stored_text_drives_terminal_or_markup(place: int) -> None:
    sane = part()
    hostile = sane.model_copy(
        update={
            "name": HOSTILE,
            "municipality": HOSTILE,
            "municipalities": tuple(one.model_copy(update={"name": HOSTILE}) for one in sane.municipalities),
            "colonias": tuple(one.model_copy(update={"name": HOSTILE}) for one in sane.colonias),
            "rises": tuple(
                one.model_copy(update={"colonia": HOSTILE, "contract_number": HOSTILE}) for one in sane.rises
            ),
        }
    )
    canned = Canned(answer=ImpactReport((hostile, part(OTHER, colonia="Sol"))))
    async with showing(canned, replace(DRAFT, name=HOSTILE), OTHER, size=LARGE) as pilot:
        await pilot.press(str(place))
        await pilot.pause()
        seen = text_of(pilot)
        assert "\x1b" not in seen
        assert "\u202e" not in seen


def ready(canned: Canned, *keys: str) -> tuple[SupraApp, Callable[[Pilot[Any]], Awaitable[None]]]:
    app = console()

    async def prepare(pilot: Pilot[Any]) -> None:
        await app.push_screen(ImpactScreen(app.session, (DRAFT,), canned.queries()))
        await settled(pilot, canned)
        for one in keys:
            await pilot.press(one)
            await pilot.pause()

    return app, prepare


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("place", [1, 4, 5, 6], ids=[VIEWS[place - 1].name for place in (1, 4, 5, 6)])
def test_looks(snap_compare: Any, place: int, size: tuple[int, int]) -> None:
    app, prepare = ready(Canned(kept=KeptImpact(WHOLE, True, WHEN, "Beto Ríos")), str(place))
    assert snap_compare(app, terminal_size=size, run_before=prepare)


def test_looks_while_it_works(snap_compare: Any) -> None:
    app, prepare = ready(Canned(told=(Progress(3, 12, EARLY),)))
    assert snap_compare(app, terminal_size=SMALL, run_before=prepare)


def test_looks_when_refused(snap_compare: Any) -> None:
    app, prepare = ready(Canned(answer=InvalidInput("Two of these tariffs price the same contracts", "One by one.")))
    assert snap_compare(app, terminal_size=SMALL, run_before=prepare)


NOBODY = ImpactReport(
    (
        part().model_copy(
            update={
                "figures": Figures(),
                "municipalities": (),
                "colonias": (),
                "holders": (),
                "rises": (),
                "percents": bands(PERCENTS, {}),
                "amounts": bands(AMOUNTS, {}),
                "m3": Decimal(0),
            }
        ),
    )
)


def test_a_tariff_that_bills_nobody_says_so_in_words() -> None:
    assert "It bills nobody" in sums(NOBODY)
    views = {view.name: view.listing(NOBODY, 79) for view in VIEWS}
    assert [column.title for column in views["rises"].columns] == ["No bill rises"]
    assert "It bills nobody" not in sums(WHOLE)


def test_bands_have_their_bounds_and_the_unchanged_their_place() -> None:
    made = bands(PERCENTS, {0: figures(1, "0", "0"), -1: figures(2, "0", "0"), 10: figures(3, "0", "0")})
    assert [(band.low, band.high, band.figures.contracts) for band in made] == [
        (None, Decimal(-50), 1),
        (Decimal(0), Decimal(0), 2),
        (Decimal(100), None, 3),
    ]
    assert isinstance(made[0], Band)
