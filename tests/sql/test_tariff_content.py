"""What a tariff may hold: blocks and concepts that are sound, and a hash that is of the content and of nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Json

from tests.sql.conftest import BLOCKS, Connection, Utilities
from tests.sql.tariff_desk import Desk


@pytest.fixture
def desk(admin: Connection, utilities: Utilities) -> Desk:
    return Desk(admin, utilities.ours)


# ── What is not sound ─────────────────────────────────────────────────────────────────────

ONE = {"from_m3": 0, "to_m3": None, "price_per_m3": 5.5, "fixed_charge": 45}


def two(limit: object, begins: object, **second: object) -> list[dict[str, object]]:
    return [ONE | {"to_m3": limit}, ONE | {"from_m3": begins} | second]


def percentage(code: str, value: object, base: str | None = None) -> dict[str, object]:
    return {"code": code, "name": code, "type": "percentage", "value": value, "base": base}


@pytest.mark.parametrize(
    ("fault", "columns"),
    [
        ("not_from_zero", {"blocks": [ONE | {"from_m3": 1}]}),
        ("gap", {"blocks": two(10, 11)}),
        ("overlap", {"blocks": two(10, 9)}),
        ("not_from_zero", {"blocks": two(10, 10)[::-1]}),
        ("open_inside", {"blocks": two(None, 10)}),
        ("not_open", {"blocks": [ONE | {"to_m3": 10}]}),
        ("sentinel", {"blocks": two(9999, 9999)}),
        ("sentinel", {"blocks": two(99999.99, 99999.99)}),
        ("sentinel", {"blocks": two(1000000, 1000000)}),
        ("sentinel", {"blocks": [ONE | {"price_per_m3": 99999.0}]}),
        ("sentinel", {"blocks": [ONE | {"fixed_charge": 99999.99}]}),
        ("sentinel", {"effective_until": date(9999, 12, 31)}),
        ("sentinel", {"effective_until": "infinity"}),
        *(("dates", {"effective_from": day}) for day in (
            "infinity", "-infinity", "0044-03-15 BC", "1899-12-31", "2900-01-01", "20000-01-01",
        )),
        ("name", {"name": ""}),
        ("name", {"name": "a\x1b[2J"}),
        ("unknown_key", {"blocks": [ONE | {"extra": 1}]}),
        ("decimals", {"blocks": two(10.0001, 10.0001)}),
        ("decimals", {"blocks": [ONE | {"price_per_m3": 1.00001}]}),
        ("decimals", {"blocks": [ONE | {"fixed_charge": 1.001}]}),
        ("falling_bill", {"blocks": two(10, 10, price_per_m3=1), "rating_mode": "reached_block"}),
        ("falling_bill", {"blocks": two(10, 10, fixed_charge=99.98), "rating_mode": "base_plus_excess"}),
        ("falling_bill", {"blocks": two(10, 10, fixed_charge=44, price_per_m3=0), "rating_mode": "flat",
                          "first_price": 0}),
        ("flat_price", {"rating_mode": "flat"}),
        ("too_many", {"blocks": [ONE | {"from_m3": n, "to_m3": n + 1} for n in range(10_000)]}),
        ("duplicate_code", {"additional_concepts": [percentage("a", 10), percentage("A", 10)]}),
        ("reserved_code", {"additional_concepts": [percentage("Agua", 10)]}),
        ("code", {"additional_concepts": [percentage(" ", 10)]}),
        ("code", {"additional_concepts": [percentage("a" * 21, 10)]}),
        ("code", {"additional_concepts": [percentage("", 10)]}),
        ("code", {"additional_concepts": [percentage("ALC ", 10)]}),
        ("code", {"additional_concepts": [percentage("\u00a0ALC", 10)]}),
        ("code", {"additional_concepts": [percentage("a\tb", 10)]}),
        ("name", {"additional_concepts": [percentage("a", 10) | {"name": ""}]}),
        ("name", {"additional_concepts": [percentage("a", 10) | {"name": "a" * 201}]}),
        ("unknown_key", {"additional_concepts": [percentage("a", 10) | {"extra": 1}]}),
        ("percentage_range", {"additional_concepts": [percentage("a", 0)]}),
        ("percentage_range", {"additional_concepts": [percentage("a", 100.01)]}),
        ("unresolved_base", {"additional_concepts": [percentage("a", 10, "b"), percentage("b", 10, "a")]}),
        ("unresolved_base", {"additional_concepts": [percentage("a", 10, "a")]}),
        ("unresolved_base", {"additional_concepts": [percentage("a", 10, "")]}),
        ("decimals", {"additional_concepts": [percentage("a", 10.00001)]}),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_not_submitted(desk: Desk, fault: str, columns: dict[str, Any]) -> None:
    if columns.pop("first_price", None) is not None:
        columns["blocks"][0]["price_per_m3"] = 0
    made = desk.by("supervisor").draft(
        **{name: Json(value) if isinstance(value, list) else value for name, value in columns.items()}
    )
    with desk.refused("SU104", fault):
        desk.step("submit_tariff", made)


def test_a_charge_of_four_nines_is_one(desk: Desk) -> None:
    blocks = [ONE | {"to_m3": 10, "fixed_charge": 9999.99}, ONE | {"from_m3": 10, "price_per_m3": 9999}]
    concepts = [{"code": "a", "name": "a", "type": "fixed", "value": 9999.99}]
    made = desk.by("supervisor").draft(blocks=Json(blocks), additional_concepts=Json(concepts))
    assert desk.step("submit_tariff", made) == 2


def test_what_went_bad_in_review_is_not_approved(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    desk.step("submit_tariff", made)
    desk.by("admin").do("alter table tariff_schedules disable trigger guard_tariff")
    desk.do("update tariff_schedules set blocks = %s where id = %s", Json(two(10, 11)), made)
    with desk.by("dba").refused("SU104", "gap"):
        desk.step("approve_tariff", made)


@pytest.mark.parametrize(
    "blocks",
    [
        "{}", "[]", "[[]]", '"x"', "null", '[{"from_m3": 0}]',
        '[{"from_m3": "0", "to_m3": null, "price_per_m3": 1, "fixed_charge": 0}]',
        '[{"from_m3": 0, "to_m3": null, "price_per_m3": "NaN", "fixed_charge": 0}]',
        '[{"from_m3": 0, "to_m3": null, "price_per_m3": -1, "fixed_charge": 0}]',
        '[{"from_m3": 0, "to_m3": 0, "price_per_m3": 1, "fixed_charge": 0}]',
    ],
)  # fmt: skip
def test_blocks_of_another_shape_are_not_stored(desk: Desk, blocks: str) -> None:
    with desk.by("supervisor").refused("23514", "tariff_schedules_blocks_check"):
        desk.draft(blocks=blocks)


def test_no_number_is_not_a_number(desk: Desk) -> None:
    with desk.by("supervisor").refused("22P02"):
        desk.draft(blocks='[{"from_m3": 0, "to_m3": null, "price_per_m3": NaN, "fixed_charge": 0}]')
    for column in ("iva_rate", "social_discount_pct"):
        with pytest.raises(psycopg.errors.CheckViolation), desk.connection.transaction():
            desk.draft(**{column: "NaN"})


# ── The hash ──────────────────────────────────────────────────────────────────────────────


def test_the_hash_is_of_the_content_and_of_nothing_else(desk: Desk) -> None:
    made = desk.by("supervisor").draft()
    first = desk.hash(made)
    assert len(first) == 64
    same = BLOCKS.replace("5.50", "5.500").replace('"from_m3": 0, ', '"from_m3": 0.0, ')
    desk.do("update tariff_schedules set blocks = %s, name = 'x', gazette_reference = 'y' where id = %s", same, made)
    desk.step("submit_tariff", made)
    assert desk.hash(made) == first
    seen = {first}
    for column in (
        "effective_from = effective_from + 1", "effective_until = effective_from + 90", "category = 'rural'",
        "billing_period = 'bimestral'", "rating_mode = 'reached_block'", "iva_applicable = true", "iva_rate = 0.16",
        "social_discount_pct = 0", "explotacion_id = null", f"replaces_id = '{desk.utility['tariff']}'",
        "blocks = jsonb_set(blocks, '{3,price_per_m3}', '25.0001')",
        """additional_concepts = '[{"code": "a", "name": "a", "type": "fixed", "value": 1}]'""",
    ):  # fmt: skip
        desk.do(f"update tariff_schedules set {column} where id = %s", made)
        seen.add(desk.hash(made))
    assert len(seen) == 13
