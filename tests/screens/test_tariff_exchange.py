"""Tariffs and files: what is written can be read, what is read is not stored, and nothing is written over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.tariffs.exchanging import followed_by, suggested_name
from screens.widgets.dialogs import FieldsDialog
from screens.widgets.field import Field
from supra_console.tariffs import files, rules
from supra_console.tariffs.register import NewTariff
from supra_console.tariffs.sheet_values import from_raw, to_raw
from tests.screens.driving import pressed, text_of
from tests.screens.tariffs_sample import DRAFT, NOW, register
from tests.screens.test_tariffs import CLERK, Opened, at, settled, showing, toasts


async def filled(pilot: Pilot[Any], key: str, path: Path | str) -> str:
    """Ask for the step, type the file's name, and go on; what stands there then."""
    await pressed(pilot, key)
    await pilot.pause()
    dialog = pilot.app.screen
    assert isinstance(dialog, FieldsDialog)
    dialog.query_one(Field).value = str(path)
    await pressed(pilot, "enter")
    if pilot.app.screen is not dialog:
        await settled(pilot, "exchange")
    return text_of(pilot)


@pytest.mark.parametrize("ending", ["json", "csv"])
async def test_what_is_written_to_a_file_is_the_tariff(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"domestica.{ending}"
    async with showing() as (pilot, _canned):
        await at(pilot, NOW)
        await filled(pilot, "x", path)
        assert "domestica" in toasts(pilot)
    read = rules.examine(files.load(str(path)).raw).tariff
    assert read is not None
    assert NOW.document is not None
    assert files.content(read) == files.content(NOW.document)


async def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "precious.json"
    path.write_text("precious")
    async with showing() as (pilot, _canned):
        await at(pilot, NOW)
        assert "choose another name" in await filled(pilot, "x", path)
        assert isinstance(pilot.app.screen, FieldsDialog)
    assert path.read_text() == "precious"


async def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    async with showing() as (pilot, _canned):
        await at(pilot, NOW)
        await filled(pilot, "x", tmp_path / "no such folder" / "a.json")
        assert "There is no folder" in toasts(pilot)


async def test_a_tariff_of_a_file_stands_in_the_editor_after_the_one_it_follows(tmp_path: Path) -> None:
    path = tmp_path / "next.json"
    assert DRAFT.document is not None
    path.write_text(files.write(DRAFT.document, files.Format.JSON).text)
    async with showing() as (pilot, canned):
        await filled(pilot, "o", path)
        await pilot.pause()
        opened = pilot.app.screen
        assert isinstance(opened, Opened)
        assert isinstance(opened.subject, NewTariff)
        assert opened.subject.raw == files.load(str(path)).raw
        assert opened.subject.replaces == NOW
        assert canned.done == []


async def test_what_a_file_leaves_out_stands_in_its_cells(tmp_path: Path) -> None:
    """The README's own example says neither how blocks charge nor that IVA does not apply."""
    path = tmp_path / "short.json"
    raw = {**files.load(str(_written(tmp_path))).raw}
    for name in ("rating_mode", "iva_applicable", "iva_rate"):
        raw.pop(name, None)
    path.write_text(files.to_json(raw))
    async with showing() as (pilot, _canned):
        await filled(pilot, "o", path)
        await pilot.pause()
        opened = pilot.app.screen
        assert isinstance(opened, Opened)
        assert isinstance(opened.subject, NewTariff)
        typed, unread = to_raw(from_raw(opened.subject.raw))
        assert unread == ()
        assert rules.examine(typed).sound
        assert (typed["rating_mode"], typed["iva_applicable"]) == ("accumulated", False)


def _written(folder: Path) -> Path:
    path = folder / "whole.json"
    assert DRAFT.document is not None
    path.write_text(files.write(DRAFT.document, files.Format.JSON).text)
    return path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "There is no file"),
        ("{", "not a JSON document"),
        ("[]", "a file holds one tariff"),
        ('{"explotacion": "Celaya"}', "is no code and no name of an explotación of yours"),
        ('{"blocks": "all"}', "must be a list"),
    ],
)
async def test_a_file_that_holds_no_tariff_says_why(tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "odd.json"
    if text is not None:
        path.write_text(text)
    async with showing() as (pilot, _canned):
        await filled(pilot, "o", path)
        assert says in toasts(pilot)
        assert not isinstance(pilot.app.screen, Opened)


async def test_what_is_no_field_of_a_tariff_is_said_to_be_left_aside(tmp_path: Path) -> None:
    path = tmp_path / "more.json"
    path.write_text('{"name": "A", "colour": 1, "blocks": [{"from_m3": 0, "weight": 2}]}')
    async with showing() as (pilot, _canned):
        await filled(pilot, "o", path)
        await pilot.pause()
        assert isinstance(pilot.app.screen, Opened)
        assert "“colour”: is not a field" in toasts(pilot)
        assert "“weight”: is not a field" in toasts(pilot)


async def test_who_only_looks_may_write_files_and_take_none_in() -> None:
    async with showing(identity=CLERK) as (pilot, _canned):
        await at(pilot, NOW)
        screen = pilot.app.screen
        assert screen.check_action("export", ()) is True
        assert screen.check_action("take_in", ()) is False


def test_a_file_is_named_after_its_tariff() -> None:
    named = replace(NOW, name="Doméstica (Tequis), 2026 \x1b[2J/../etc")
    assert suggested_name(named) == "domestica-tequis-2026-2j-etc-2026-01-01.json"
    assert suggested_name(replace(NOW, name="水")) == "tarifa-2026-01-01.json"


@pytest.mark.parametrize("first", ["2025-13-01", None, 7, [], "2020-01-01"])
def test_a_tariff_without_a_first_day_or_before_all_others_follows_none(first: object) -> None:
    assert followed_by(NOW.raw | {"effective_from": first}, register().tariffs) is None
