"""The time series on the screen: what is seen, what the keys do, and what is asked before anything changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from queries.chunk_actions import Kind, plan
from screens.accounts.lookup import LookupScreen
from screens.app import SupraApp
from screens.chunks import chunk_list, jobs, overview, questions
from screens.chunks.picture import Judgement
from screens.chunks.screen import ChunksScreen
from screens.chunks.views import VIEWS
from screens.palette import Palette
from screens.places import Place
from screens.session import Session
from screens.widgets.dialogs import TextDialog
from supra_console import i18n
from supra_console.errors import ConnectionLost, PermissionDenied
from supra_console.identity import Identity
from supra_console.timeseries import Edition, Missing, Snapshot
from tests.screens.chunk_screen import (
    DBA,
    GROUPS_OF_WORKERS,
    LARGE,
    SMALL,
    application,
    chunks_screen,
    note,
    opened,
    picture,
    settled,
    showing,
)
from tests.screens.driving import pressed, text_of
from tests.screens.pretend import application as pretended
from tests.screens.pretend import settled as everything_settled
from tests.screens.signed_in import IDENTITY
from tests.screens.timeseries_sample import (
    DAY,
    EVENTS,
    JOBS,
    JUDGEMENT,
    LAST,
    READINGS,
    SERVER,
    TAKEN,
    CannedSeries,
    advice,
    apache,
    chunk,
    many,
    snapshot,
)

# ---------------------------------------------------------------------- at a glance


async def test_the_overview_says_within_one_screen_what_is_wrong() -> None:
    async with showing() as (pilot, _canned):
        seen = text_of(pilot)
    for essential in (
        "‼ 2 serious · ! 2 more findings",
        "meter_readings",
        "~2.4 M",
        "! 17/26",
        "5.6×",
        "domain_events",
        "FAILED",
        "∑ daily_consumption",
        "communications",
        "+2.5 MB a month, 152 MB in 12 months",
        "next compress",
        "16 compressed",
        "2 overdue",
    ):
        assert essential in seen


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("1", "Compr."),
        ("2", "26 chunks · newest first"),
        ("3", "could not extend file"),
        ("4", "older than the policy's window"),
        ("5", "2 chunks are larger than before"),
        ("6", "How it is measured"),
    ],
)
async def test_a_number_opens_each_view(place: str, says: str) -> None:
    async with showing() as (pilot, _canned):
        assert says in await pressed(pilot, place)


async def test_the_arrows_go_round_the_views() -> None:
    async with showing() as (pilot, _canned):
        await pressed(pilot, "left")
        assert chunks_screen(pilot).view.name == "advisor"
        await pressed(pilot, "right", "right")
        assert chunks_screen(pilot).view.name == "chunks"


@pytest.mark.parametrize("place", range(len(VIEWS)))
@pytest.mark.parametrize("size", [(60, 15), SMALL, LARGE], ids=str)
async def test_every_view_is_usable_on_any_terminal(size: tuple[int, int], place: int) -> None:
    async with showing(size=size) as (pilot, _canned):
        seen = await pressed(pilot, str(place + 1))
        lines = seen.splitlines()
        assert len(lines) == size[1]
        assert "F1" in lines[-1]
        assert chunks_screen(pilot).table.size.height >= 4 or not chunks_screen(pilot).table.display


async def test_what_the_overview_stands_on_is_what_the_other_views_are_about() -> None:
    async with showing() as (pilot, _canned):
        assert "domain_events · 14 chunks" in await pressed(pilot, "down", "enter")
        assert "domain_events: nothing is tried yet" in await pressed(pilot, "6")
        assert "daily_consumption: nothing" in await pressed(pilot, "t")
        assert "domain_events · FAILED" not in await pressed(pilot, "1")
        assert chunks_screen(pilot).row is not None
        assert chunks_screen(pilot).row.key == "timeseries.domain_events"  # type: ignore[union-attr]


async def test_a_wider_terminal_shows_more_columns() -> None:
    narrow = [column.key for column in chunk_list.view(picture(), 79).columns]
    wide = [column.key for column in chunk_list.view(picture(), 119).columns]
    assert {"heap", "index", "toast", "ends"} <= set(wide) - set(narrow)
    assert {"growth", "forecast", "begins"} <= {one.key for one in overview.view(picture(), 119).columns} - {
        one.key for one in overview.view(picture(), 79).columns
    }


# ---------------------------------------------------------------------- the list


async def test_sorting_goes_through_the_orders_and_stands_on_the_first() -> None:
    async with showing() as (pilot, _canned):
        assert "newest first" in await pressed(pilot, "2")
        assert "largest first" in await pressed(pilot, "s")
        sizes = [one.size for one in chunk_list.listed(picture(sort="size"))]
        assert sizes == sorted(sizes, reverse=True)
        assert chunks_screen(pilot).table.cursor_row == 0


def test_every_order_keeps_all_chunks() -> None:
    for sort in chunk_list.SORTS:
        assert {one.id for one in chunk_list.listed(picture(sort=sort))} == {one.id for one in picture().chunks}
    assert chunk_list.listed(picture(sort="late"))[0].late_rows == 412
    assert chunk_list.listed(picture(sort="ratio", chosen=EVENTS))[0].ratio == pytest.approx(0.7, abs=0.01)
    assert chunk_list.listed(picture(sort="batch", chosen=EVENTS))[0].rows_per_batch == 1


async def test_the_filter_takes_words_of_name_state_and_date() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "2", "slash", *"overdue")
        assert "2 of 26 chunks with “overdue”" in seen
        await pressed(pilot, "enter")
        assert chunks_screen(pilot).table.has_focus
        assert "26 chunks · newest first" in await pressed(pilot, "escape")


@pytest.mark.parametrize(
    ("needle", "found"), [("2025-03", 2), ("nov 2025", 2), ("late", 1), ("_125_", 1), ("zzz", 0), ("OVERDUE 2026", 2)]
)
def test_what_a_filter_finds(needle: str, found: int) -> None:
    assert len(chunk_list.listed(picture(needle=needle))) == found


async def test_two_thousand_chunks_are_made_when_they_come_into_sight() -> None:
    async with showing(many()) as (pilot, _canned):
        await pressed(pilot, "2")
        table = chunks_screen(pilot).table
        assert table.row_count == 2000
        await pressed(pilot, "end", "pageup", "home", "end")
        assert table.cursor_row == 1999
        assert len(table._lines) < 100


async def test_picking_goes_on_to_the_next_and_counts() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "2", "space", "space")
        assert "● 2 picked" in seen
        assert chunks_screen(pilot).table.cursor_row == 2
        assert "picked" not in await pressed(pilot, "escape")
        assert "● 2 picked" in await pressed(pilot, "o")
        assert "picked" not in await pressed(pilot, "o")


async def test_a_chunk_from_near() -> None:
    async with showing() as (pilot, _canned):
        await pressed(pilot, "2", *["down"] * 10, "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TextDialog)
        seen = text_of(pilot)
    for essential in ("partly", "−81%", "Late rows", "412", "segmentby", "0.42 ms, 12 rows, 14 blocks", "2 indexes"):
        assert essential in seen


# ---------------------------------------------------------------------- findings and the advisor


async def test_a_finding_shows_evidence_consequence_and_statement_which_can_be_copied() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "5", "down", "down")
        for part in ("1 chunk is older than 180 days", "Consequence:", "five times the room", "call run_job(1000);"):
            assert part in seen
        await pressed(pilot, "c")
        assert pilot.app.clipboard == "call run_job(1000);"


async def test_what_the_server_does_not_tell_is_said() -> None:
    missing = (Missing("runs", "only a DBA is told"), Missing("something new", "because"))
    async with showing(snapshot(missing=missing)) as (pilot, _canned):
        assert "? 2 not told" in text_of(pilot)
        seen = await pressed(pilot, "5", "end", "up")
        assert "? not told" in seen
        assert "runs of the jobs" in seen
        assert "only a DBA is told" in seen


@pytest.mark.parametrize(
    ("part", "place", "says"),
    [
        ("jobs", "3", "? jobs: because"),
        ("aggregates", "4", "? continuous aggregates: because"),
        ("sizes", "2", "? sizes of chunks: because"),
        ("hypertables", "1", "? hypertables: because"),
    ],
)
async def test_a_part_that_is_missing_is_said_where_it_would_stand(part: str, place: str, says: str) -> None:
    lacking: dict[str, Any] = {"jobs": {"jobs": ()}, "aggregates": {"aggregates": ()}}.get(part, {})
    async with showing(snapshot(missing=(Missing(part, "because"),), **lacking)) as (pilot, _canned):
        await pressed(pilot, place)
        assert says in note(pilot)
        assert "There is no" not in note(pilot)


def test_where_only_failures_are_kept_it_is_said() -> None:
    answer = snapshot(server=replace(SERVER, logs_runs=False))
    assert "Runs that succeed are not kept" in "".join(str(line) for line in jobs.in_full(picture(answer), JOBS[2]))


async def test_the_advisor_puts_candidates_side_by_side() -> None:
    async with showing(size=LARGE) as (pilot, _canned):
        await pressed(pilot, "6", "enter")
        await settled(pilot)
        seen = text_of(pilot)
    for part in ("tenant_id, meter_id / reading_date ↓", "+40%", "−83%", "last 12 readings", "61 ms", "★"):
        assert part in seen
    assert "Today's setting is the best" in seen


async def test_a_recommendation_comes_with_its_statement() -> None:
    canned = CannedSeries()
    canned.advice = advice(1)
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "6", "enter")
        await settled(pilot)
        assert "saves 79%" in text_of(pilot)
        await pressed(pilot, "c")
        assert pilot.app.clipboard.startswith("alter table timeseries.meter_readings")


async def test_escape_stops_the_advisor_between_two_candidates() -> None:
    canned = CannedSeries()
    canned.gate = asyncio.Semaphore(1)
    async with showing(series=canned) as (pilot, _canned):
        seen = await pressed(pilot, "6", "enter")
        assert "1 of 4 tried" in seen
        assert "stops after this candidate" in await pressed(pilot, "escape")
        canned.gate.release()
        await settled(pilot)
        assert "2 candidates" in note(pilot)


async def test_the_advisor_says_why_it_could_not_measure() -> None:
    canned = CannedSeries()
    canned.refusal = PermissionDenied()
    async with showing(series=canned) as (pilot, _canned):
        await pressed(pilot, "6", "enter")
        await settled(pilot)
        assert "✗ Your role may not do this" in note(pilot)


# ---------------------------------------------------------------------- who may, and where


async def test_whoever_is_no_dba_looks_and_is_told_why_the_rest_is_dim() -> None:
    async with showing(identity=IDENTITY) as (pilot, canned):
        assert "only supra_dba may change it" in text_of(pilot)
        await pressed(pilot, "c", "2", "o", "c", "d", "e", "3", "n", "p", "i", "4", "f", "6", "enter")
        await settled(pilot)
        assert canned.done == []
        assert chunks_screen(pilot).on_top
        assert "only supra_dba" in text_of(pilot)


async def test_the_apache_edition_says_what_it_lacks_and_shows_the_rest() -> None:
    async with showing(apache()) as (pilot, canned):
        seen = text_of(pilot)
        assert "Apache edition: no compression, policies or aggregates" in seen
        assert "meter_readings" in seen
        assert "26 open" in seen
        assert "26 chunks" in await pressed(pilot, "2")
        await pressed(pilot, "c")
        assert "This edition has no policies." in await pressed(pilot, "3")
        assert "This edition has no continuous aggregates." in await pressed(pilot, "4")
        assert "cannot compress" in await pressed(pilot, "6", "enter")
        assert canned.done == []


async def test_a_server_without_timescaledb_shows_its_partitioned_tables() -> None:
    none = replace(apache(), server=replace(SERVER, edition=Edition.NONE, timescaledb=None), hypertables=(), chunks=())
    async with showing(none) as (pilot, _canned):
        assert "This server has no TimescaleDB" in text_of(pilot)
        assert "communications" in text_of(pilot)
        for place in "23456":
            await pressed(pilot, place)


HOSTILE = "\x1b]52;c;aGk=\x07[/x][@click=app.quit]x[/] ‮gnp.exe‬​Ana\x9b31m"


async def test_stored_names_and_messages_never_drive_the_terminal() -> None:
    normal = snapshot()
    answer = snapshot(
        hypertables=tuple(replace(one, name=HOSTILE, schema=HOSTILE) for one in normal.hypertables),
        chunks=tuple(replace(one, name=HOSTILE) for one in normal.chunks),
        jobs=tuple(replace(one, last_error=HOSTILE, procedure=HOSTILE, kind="other") for one in normal.jobs),
        runs=tuple(replace(one, message=HOSTILE) for one in normal.runs),
        missing=(Missing(HOSTILE, HOSTILE),),
    )
    judged = Judgement(
        tuple(replace(one, subject=HOSTILE, evidence=HOSTILE, mend=HOSTILE) for one in JUDGEMENT.findings)
    )
    async with showing(series=CannedSeries(answer, judgement=judged), size=LARGE) as (pilot, _canned):
        for key in ("1", "2", "o", "c", "escape", "enter", "escape", "3", "n", "escape", "enter", "escape", "4", "5"):
            seen = await pressed(pilot, key)
            assert not {"\x1b", "\x07", "\x9b", "‮", "​"} & set(seen)
        assert pilot.app.is_running


# ---------------------------------------------------------------------- asking again


async def test_it_asks_again_a_while_after_the_answer_and_not_under_a_dialog() -> None:
    async with showing(every=3600) as (pilot, canned):
        screen = chunks_screen(pilot)
        assert screen._timer is not None
        await pressed(pilot, "f1")
        screen._tick()
        await settled(pilot)
        assert canned.asked == 1
        await pressed(pilot, "escape")
        await settled(pilot)
        assert canned.asked == 2
        assert screen._timer is not None
        screen._tick()
        await settled(pilot)
        assert canned.asked == 3
        # By itself it spares the server what has not changed; who asks by hand, and who comes back, gets all anew.
        assert [since is not None for since in canned.since] == [False, False, True]


async def test_a_question_that_hangs_is_not_asked_twice() -> None:
    canned = CannedSeries()
    hanging = asyncio.Event()
    queries = canned.queries()

    async def slow(database: Any, since: Snapshot | None) -> Snapshot:
        answer = await canned.snapshot(database, since)
        await hanging.wait()
        return answer

    app = application()
    async with app.run_test() as pilot:
        await app.push_screen(ChunksScreen(app.session, queries._replace(snapshot=slow), every=None))
        await pressed(pilot, "r", "r", "r")
        assert canned.asked == 1
        hanging.set()
        await settled(pilot)
        assert "meter_readings" in text_of(pilot)


async def test_a_new_answer_keeps_the_cursor_on_its_row() -> None:
    grown = snapshot(chunks=(*snapshot().chunks, chunk(126, READINGS, LAST + 30 * DAY)))
    fewer = snapshot(chunks=tuple(one for one in grown.chunks if one.id != 121))
    async with showing(snapshot(), grown, fewer) as (pilot, _canned):
        await pressed(pilot, "2", *["down"] * 4)
        assert chunks_screen(pilot).row.key == "121"  # type: ignore[union-attr]
        await pressed(pilot, "r")
        await settled(pilot)
        assert chunks_screen(pilot).row.key == "121"  # type: ignore[union-attr]
        await pressed(pilot, "r")
        await settled(pilot)
        assert chunks_screen(pilot).row.key == "120"  # type: ignore[union-attr]


async def test_the_same_answer_a_moment_later_sends_nothing_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    later = replace(snapshot(), taken=TAKEN + timedelta(seconds=5))
    async with showing(snapshot(), later, size=LARGE) as (pilot, _canned):
        for place in "123456":
            await pressed(pilot, place)
            sent: list[str] = []
            driver = pilot.app._driver
            assert driver is not None
            monkeypatch.setattr(driver, "write", sent.append)
            chunks_screen(pilot).action_again()
            await settled(pilot)
            assert "".join(sent).replace("\x1b[?2026h", "").replace("\x1b[?2026l", "") == ""
            monkeypatch.undo()
            i18n.install("en")


async def test_a_failure_is_said_and_what_was_shown_stays() -> None:
    async with showing(snapshot(), ConnectionLost(), snapshot()) as (pilot, _canned):
        await pressed(pilot, "r")
        await settled(pilot)
        assert "✗ The connection to the server was lost" in note(pilot)
        assert "CONNECTION LOST" in text_of(pilot)
        assert "meter_readings" in text_of(pilot)
        await pressed(pilot, "r")
        await settled(pilot)
        assert "TimescaleDB 2.23.0" in note(pilot)


async def test_a_first_failure_says_so_too() -> None:
    async with showing(PermissionDenied(sqlstate="42501")) as (pilot, _canned):
        assert "Your role may not do this [42501]" in note(pilot)
        await pressed(pilot, "2", "c", "enter", "escape")


# ---------------------------------------------------------------------- the way there


async def test_f2_and_the_palette_lead_to_the_chunks() -> None:
    app = application(IDENTITY)
    async with app.run_test() as pilot:
        await pressed(pilot, "f2")
        assert isinstance(app.screen, Palette)
        seen = text_of(pilot)
        assert "Accounts: find an account" in seen
        assert "Chunks: time series, compression, jobs" in seen
        assert "Quit" not in "\n".join(seen.splitlines()[2:-1])


async def test_f2_goes_to_the_chunks_and_back() -> None:
    canned = CannedSeries()

    class Series(Place):
        def open(self, session: Session, *subject: object) -> Screen[Any]:
            return ChunksScreen(session, canned.queries(), every=None)

    app = pretended()
    app.places["chunks"] = Series("chunks", "Chunks: time series, compression, jobs", "")
    async with app.run_test() as pilot:
        await everything_settled(pilot)
        assert "F2 Go to" in text_of(pilot)
        await pressed(pilot, "f2", "down", "enter")
        await everything_settled(pilot)
        await settled(pilot)
        assert "2 serious" in text_of(pilot)
        assert len(app.screen_stack) == 1
        await pressed(pilot, "f2", "enter")
        await everything_settled(pilot)
        assert isinstance(app.screen, LookupScreen)


async def test_the_palette_offers_the_views() -> None:
    async with showing() as (pilot, _canned):
        seen = await pressed(pilot, "ctrl+p", *"chunks")
        assert "Chunks: Findings" in seen
        assert "Chunks: compress all that are overdue" in seen


def test_who_compresses_a_chunk_that_is_written_to_is_told_who_waits() -> None:
    picture = snapshot()
    steps = plan(picture, Kind.COMPRESS, tuple(one.id for one in picture.chunks if not one.compressed))
    now = [one for one in steps if isinstance(one.chunk.ends, datetime) and one.chunk.ends > picture.taken]
    said = [str(fact) for fact in questions.about_steps("compress", steps, picture.taken).facts]
    assert any(f"{len(now)} of them still take" in fact for fact in said)
    over = [one for one in steps if one not in now]
    assert not any("still take" in str(fact) for fact in questions.about_steps("compress", over, picture.taken).facts)


# ---------------------------------------------------------------------- looks


def looks(
    *keys: str, answer: Snapshot | None = None, identity: Identity = DBA, best: int = 2
) -> tuple[SupraApp, Callable[[Pilot[Any]], Awaitable[None]]]:
    app = application(identity)
    canned = CannedSeries(answer or snapshot())
    canned.advice = advice(best)

    async def prepare(pilot: Pilot[Any]) -> None:
        await opened(pilot, ChunksScreen(app.session, canned.queries(), every=None))
        for key in keys:
            await pilot.press(key)
            await settled(pilot, *GROUPS_OF_WORKERS, "run")

    return app, prepare


LOOKS: dict[str, tuple[str, ...]] = {
    "overview": (),
    "chunks": ("2", "o"),
    "jobs": ("3",),
    "aggregates": ("4",),
    "findings": ("5",),
    "advisor": ("6", "enter"),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LOOKS)
def test_looks(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    app, prepare = looks(*LOOKS[name])
    assert snap_compare(app, terminal_size=size, run_before=prepare)


ONCE: dict[str, tuple[Callable[[], Any], tuple[int, int]]] = {
    "apache": (lambda: looks(answer=apache()), SMALL),
    "folded": (lambda: looks(answer=many()), SMALL),
    "overview-60x15": (lambda: looks(), (60, 15)),
    "details": (lambda: looks("2", *["down"] * 10, "enter"), SMALL),
    "dry-run": (lambda: looks("2", "o", "c"), SMALL),
    "decompress": (lambda: looks("2", *["down"] * 9, "d", "down", "enter"), SMALL),
    "run": (lambda: looks("2", "o", "c", "down", "enter"), SMALL),
    "done": (lambda: looks("2", "o", "c", "down", "enter", "enter"), LARGE),
    "recommended": (lambda: looks("6", "enter", "down", best=1), SMALL),
    "looking-only": (lambda: looks("2", identity=IDENTITY), SMALL),
    "schedule": (lambda: looks("3", "i"), SMALL),
    "help": (lambda: looks("f1"), LARGE),
}


@pytest.mark.parametrize("name", ONCE)
def test_looks_once(snap_compare: Any, name: str) -> None:
    made, size = ONCE[name]
    app, prepare = made()
    assert snap_compare(app, terminal_size=size, run_before=prepare)
