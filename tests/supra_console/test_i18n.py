"""The console speaks the reader's language, and writes values the reader's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from supra_console import formats, i18n


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    i18n.install("en")


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One Spanish catalogue with two messages."""
    spanish = Catalog(locale="es_MX")
    spanish.add("Nothing found.", "No se encontró nada.")
    spanish.add(("{n} account", "{n} accounts"), ("{n} cuenta", "{n} cuentas"))
    folder = tmp_path / "es_MX" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "supra-console.mo").open("wb") as file:
        write_mo(file, spanish)
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("language", ["es_MX", "es-MX", "es", "es_AR"])
def test_every_spanish_reader_gets_the_spanish_catalogue(language: str) -> None:
    i18n.install(language)
    assert i18n._("Nothing found.") == "No se encontró nada."
    assert i18n.ngettext("{n} account", "{n} accounts", 1) == "{n} cuenta"
    assert i18n.ngettext("{n} account", "{n} accounts", 2) == "{n} cuentas"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("language", ["en", "fr_FR", "xx"])
def test_others_read_english(language: str) -> None:
    i18n.install(language)
    assert i18n._("Nothing found.") == "Nothing found."


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({"LANG": "es_MX.UTF-8"}, "No se encontró nada."),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_MX.UTF-8"}, "No se encontró nada."),
        ({"LANG": "es_MX.UTF-8", "LC_ALL": "C"}, "Nothing found."),
        ({"LANG": "C.UTF-8"}, "Nothing found."),
        ({}, "Nothing found."),
    ],
)
def test_the_environment_decides_when_nobody_else_does(
    variables: dict[str, str], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    i18n.install()
    assert i18n._("Nothing found.") == shown


def test_no_text_has_no_translation() -> None:
    # gettext would answer the catalogue's header
    i18n.install("es_MX")
    assert i18n._("") == ""


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es_MX", ["$1,234.50", "-$0.05", "12,345.678 m³", "16%", "15 mar 2025", "mar 2025", "15 mar 2025, 14:05"]),
        ("en", ["MX$1,234.50", "-MX$0.05", "12,345.678 m³", "16%", "Mar 15, 2025", "Mar 2025", "Mar 15, 2025, 14:05"]),
    ],
)
def test_values_are_written_the_readers_way(language: str, expected: list[str]) -> None:
    i18n.install(language)
    assert [
        formats.money(Decimal("1234.5")),
        formats.money(Decimal("-0.05")),
        formats.volume(Decimal("12345.678")),
        formats.percent(Decimal("0.16")),
        formats.day(date(2025, 3, 15)),
        formats.month(date(2025, 3, 15)),
        formats.moment(datetime(2025, 3, 15, 20, 5, tzinfo=UTC)),
    ] == expected


def test_a_moment_late_in_the_evening_counts_for_the_day_in_queretaro() -> None:
    i18n.install("es_MX")
    assert formats.day(datetime(2025, 4, 1, 3, 0, tzinfo=UTC)) == "31 mar 2025"


@pytest.mark.parametrize("language", ["C", "xx_YY", "klingon", "../../etc"])
def test_a_language_babel_does_not_know_is_written_in_english(language: str) -> None:
    i18n.install(language)
    assert formats.number(Decimal("1234.5"), 2) == "1,234.50"


def test_what_is_no_number_or_no_day_is_shown_as_it_is() -> None:
    i18n.install("es_MX")
    assert formats.money(Decimal("NaN")) == "NaN"
    assert formats.number(Decimal("Infinity")) == "Infinity"
    assert formats.money(None) == formats.day(None) == formats.moment(None) == formats.volume(None) == ""
    assert formats.moment(datetime(1, 1, 1, tzinfo=UTC)).endswith("00:00")
    assert formats.day(date(9999, 12, 31)) == "31 dic 9999"
