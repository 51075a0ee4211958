"""Tariffs that Mexican utilities published: each fits our columns, and costs what its source says.

One file each in `published/`: where it was found, the figures as quoted, how they were read, what was left out, and
bills with their arithmetic; `published` is the amount the source itself gives. Nothing is claimed beyond
`quoted_up_to_m3`: the last quoted price is left open only because a last block is.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from supra_console import jsonb
from supra_console.documents.billing import TariffInsert
from supra_console.editing.remarks import Weight
from supra_console.tariffs import files
from supra_console.tariffs.rating import rate
from supra_console.tariffs.rules import examine
from tests.supra_console.tariffs import arithmetic

FILES = sorted((Path(__file__).parent / "published").glob("*.json"))

each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def load(path: Path) -> dict[str, Any]:
    value = jsonb.read(path.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def tariff(path: Path) -> TariffInsert:
    found = examine(load(path)["tariff"]).tariff
    assert found is not None
    return found


def test_there_are_at_least_ten_of_different_kinds() -> None:
    published = [load(path) for path in FILES]
    assert len({one["utility"] for one in published}) >= 10
    kinds = {kind for one in published for kind in one["kinds"]}
    assert kinds >= {
        "accumulated", "reached_block", "base_plus_excess", "flat", "minimum_plus_excess", "drainage_and_sanitation",
        "iva_by_use", "social_discount", "bimestral", "uma", "published_bill",
    }  # fmt: skip


@each
def test_each_names_its_source_and_what_was_quoted(path: Path) -> None:
    one = load(path)
    assert one["quoted"]
    assert one["bills"]
    for source in one["sources"]:
        assert source["title"]
        assert source["by"]
        assert source["address"].startswith("http")
    assert one["from_memory"] == []


@each
def test_each_is_sound_but_for_the_mistakes_it_was_published_with(path: Path) -> None:
    one = load(path)
    found = [remark for remark in examine(one["tariff"]).remarks if remark.weight is Weight.ERROR]
    assert [[remark.code, remark.path[1]] for remark in found] == one["errors"]


@each
def test_each_bill_is_what_the_arithmetic_and_the_source_say(path: Path) -> None:
    one = load(path)
    for bill in one["bills"]:
        if one["quoted_up_to_m3"] is not None:
            assert Decimal(bill["m3"]) <= Decimal(one["quoted_up_to_m3"])
        assert arithmetic.check(bill["arithmetic"])[-1] == Decimal(bill["total"])
        rated = rate(tariff(path), Decimal(bill["m3"]), social=bill.get("social", False))
        assert [str(line.amount) for line in rated.lines] == [bill["water"], *bill["concepts"]]
        assert (str(rated.iva), str(rated.total)) == (bill["iva"], bill["total"])


def test_bills_that_were_published_in_dollars_are_met_to_the_cent() -> None:
    path = next(path for path in FILES if path.stem == "ibnet-23181-2021")
    usd = load(path)["usd"]
    pesos, dollars = map(Decimal, usd["rate"])
    for m3, published in usd["bills"].items():
        total = rate(tariff(path), Decimal(m3)).total * dollars / pesos
        # their prices are cut to the cent of a dollar, too
        assert abs(total.quantize(Decimal("0.01"), ROUND_HALF_UP) - Decimal(published)) <= Decimal("0.01")


@each
@pytest.mark.parametrize("form", [files.Format.JSON, files.Format.CSV])
def test_each_comes_back_from_a_file_as_it_went_in(path: Path, form: files.Format) -> None:
    written = files.write(tariff(path), form)
    assert written.notes == ()
    assert examine(files.parse(written.text, form).raw).tariff == tariff(path)
