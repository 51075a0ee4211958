"""The database reckons the bills that were worked out by hand, and those of published tariffs, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from supra_console import jsonb
from supra_console.documents.base import plain
from supra_console.tariffs.rules import examine
from tests.sql.conftest import Connection
from tests.supra_console.tariffs.bills import BILLS, TARIFFS
from tests.supra_console.tariffs.test_published import FILES, load

RATED = """
    select x.water, x.concepts, x.iva, x.total
    from unnest(%(m3)s::numeric[], %(social)s::boolean[]) with ordinality as asked (m3, social, place)
    cross join lateral supra.rate_consumptions(
        jsonb_populate_record(null::tariff_schedules, %(tariff)s::jsonb), array[asked.m3], array[asked.social]
    ) as x
    order by asked.place
"""

Bill = tuple[str, bool, tuple[Decimal, Decimal, Decimal, Decimal]]
"""m³, social, and water, concepts, IVA, total."""


def amounts(water: str, concepts: Sequence[str], iva: str, total: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return Decimal(water), sum(map(Decimal, concepts), Decimal(0)), Decimal(iva), Decimal(total)


def in_database(admin: Connection, raw: dict[str, object], bills: Sequence[Bill]) -> list[tuple[object, ...]]:
    tariff = examine(raw).tariff
    assert tariff is not None
    return admin.execute(
        RATED,
        {
            "tariff": jsonb.dumps(plain(tariff)),
            "m3": [Decimal(m3) for m3, _social, _amounts in bills],
            "social": [social for _m3, social, _amounts in bills],
        },
    ).fetchall()


@pytest.mark.parametrize("name", TARIFFS)
def test_bills_worked_out_by_hand(admin: Connection, name: str) -> None:
    bills = [
        (hand.m3, hand.social, amounts(hand.water, hand.concepts.split(), hand.iva, hand.total))
        for hand in BILLS
        if hand.tariff == name
    ]
    assert in_database(admin, TARIFFS[name], bills) == [expected for _m3, _social, expected in bills]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bills_of_published_tariffs(admin: Connection, path: Path) -> None:
    one = load(path)
    bills = [
        (bill["m3"], bill.get("social", False), amounts(bill["water"], bill["concepts"], bill["iva"], bill["total"]))
        for bill in one["bills"]
    ]
    assert in_database(admin, one["tariff"], bills) == [expected for _m3, _social, expected in bills]
