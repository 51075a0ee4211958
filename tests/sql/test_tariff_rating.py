"""The database and the console reckon the same bill, to the cent, for a million random tariffs, volumes and contracts.

What differs by a cent somewhere shows at limits, at rounding halves and in percentages of percentages; so that is what
the random tariffs are made of.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any, TypeAlias

import psycopg
import pytest

from supra_console import jsonb
from supra_console.documents.base import plain
from supra_console.documents.billing import Block, FixedConcept, PercentageConcept, RatingMode, TariffInsert
from supra_console.errors import InvalidInput
from supra_console.tariffs import rules
from supra_console.tariffs.rating import charges, consumption, rate, waters
from tests.sql.conftest import BLOCKS, Connection

TARIFFS = 4_000
VOLUMES = 125  # of each tariff; each with and without the social tariff
SEED = 20260216
MODES: tuple[RatingMode, ...] = ("accumulated", "reached_block", "base_plus_excess", "flat")

# Consumption, social, water, IVA, total.
Bill: TypeAlias = tuple[Decimal, bool, Decimal, Decimal, Decimal]


def tariff(**columns: object) -> TariffInsert:
    """A tariff of some series, of these columns."""
    return TariffInsert.model_validate(
        {
            "name": "any", "category": "domestica", "effective_from": "2026-01-01", "billing_period": "mensual",
            "blocks": jsonb.read(BLOCKS),
        } | columns
    )  # fmt: skip


def a_chance() -> random.Random:
    """The same one every time, so that what failed fails again."""
    return random.Random(SEED)  # noqa: S311


def number(chance: random.Random, highest: int, decimals: int) -> Decimal:
    """A number of a price list; as often as not a round one."""
    scale = chance.randint(0, decimals)
    return Decimal(chance.randint(0, highest * 10**scale)).scaleb(-scale)


def a_random_tariff(chance: random.Random) -> TariffInsert:
    """One that is sound or nearly so, with fields that no document refuses."""
    mode = chance.choice(MODES)
    many = chance.choice((0, 1, 2, 3, 5, 8, 20))
    limits = list(accumulate(number(chance, 40, 3) + Decimal("0.001") for _ in range(many)))
    blocks = [
        Block.model_construct(
            from_m3=low, to_m3=high, price_per_m3=Decimal(0) if mode == "flat" else number(chance, 90, 4),
            fixed_charge=number(chance, 300, 2),
        )
        for low, high in zip([Decimal(0), *limits], [*limits, None], strict=True)
    ]  # fmt: skip
    concepts: list[PercentageConcept | FixedConcept] = []
    for place in range(chance.choice((0, 0, 1, 2, 3, 6))):
        common: dict[str, Any] = {
            "code": f"c{place}", "name": "any", "iva_rate": chance.choice((None, Decimal(0), Decimal("0.16"))),
        }  # fmt: skip
        if chance.random() < 0.3:
            concepts.append(
                FixedConcept.model_construct(type="fixed", value=number(chance, 200, 2), base=None, **common)
            )
            continue
        base = chance.choice((None, "agua", "WATER", *(concept.code for concept in concepts)))
        value = number(chance, 99, 4) + Decimal("0.0001")
        concepts.append(PercentageConcept.model_construct(type="percentage", value=value, base=base, **common))
    return TariffInsert.model_construct(
        name="any", category="domestica", effective_from=date(2026, 1, 1), billing_period="mensual", rating_mode=mode,
        blocks=tuple(blocks), additional_concepts=tuple(concepts), iva_applicable=chance.random() < 0.5,
        iva_rate=chance.choice((Decimal(0), Decimal("0.16"), Decimal("0.08"), number(chance, 1, 4))),
        social_discount_pct=chance.choice((None, Decimal(50), number(chance, 100, 2))),
    )  # fmt: skip


def volumes_for(chance: random.Random, priced: TariffInsert) -> list[Decimal]:
    """0, each limit, a litre to either side of it, and any others; rising."""
    litre = Decimal("0.001")
    limits = [block.to_m3 for block in priced.blocks if block.to_m3 is not None]
    found = {Decimal(0), litre, Decimal("9999999.999")}
    found |= {limit + step for limit in limits for step in (-litre, Decimal(0), litre)}
    while len(found) < VOLUMES:
        found.add(number(chance, chance.choice((3, 60, 5000)), 3))
    return sorted(found)[:VOLUMES]


def columns_of(priced: TariffInsert) -> tuple[object, ...]:
    return (
        jsonb.dumps(plain(priced.blocks)), jsonb.dumps(plain(priced.additional_concepts)), priced.rating_mode,
        priced.iva_applicable, priced.iva_rate, priced.social_discount_pct,
    )  # fmt: skip


def bills(priced: TariffInsert, volumes: Sequence[Decimal]) -> Iterator[Bill]:
    """What the console reckons for many consumptions at once, with and without the social tariff."""
    for m3, gross in zip(volumes, waters(priced, volumes), strict=True):
        for social in (False, True):
            lines = charges(priced, gross, social=social)
            iva = sum(line.iva for line in lines)
            yield m3, social, lines[0].amount, Decimal(iva), sum((line.amount for line in lines), Decimal(iva))


TABLES = """
    create temporary table tried (
        no integer, blocks jsonb, additional_concepts jsonb, rating_mode text, iva_applicable boolean,
        iva_rate numeric, social_discount_pct numeric
    );
    create temporary table expected (
        no integer, m3 numeric, social boolean, water numeric, iva numeric, total numeric
    )
"""
COMPARED = """
    with rated as materialized (
        select r.no, x.*
        from (
            select t.no, array_agg(e.m3) as volumes, array_agg(e.social) as socials,
                   jsonb_populate_record(null::tariff_schedules, to_jsonb(t)) as tariff
            from tried as t join expected as e using (no)
            group by t.no, to_jsonb(t)
        ) as r
        cross join lateral supra.rate_consumptions(r.tariff, r.volumes, r.socials) as x
    )
    select count(*) filter (where (x.water, x.iva, x.total) is not distinct from (e.water, e.iva, e.total)),
           count(*),
           min(e.no) filter (where (x.water, x.iva, x.total) is distinct from (e.water, e.iva, e.total))
    from expected as e left join rated as x using (no, m3, social)
"""


def test_a_million_random_bills_are_the_same_in_the_database(admin: Connection) -> None:
    chance = a_chance()
    made = [a_random_tariff(chance) for _ in range(TARIFFS)]
    admin.execute(TABLES)
    with admin.cursor() as cursor:
        with cursor.copy("copy tried from stdin") as copy:
            for no, priced in enumerate(made):
                copy.write_row((no, *columns_of(priced)))
        with cursor.copy("copy expected from stdin") as copy:
            for no, priced in enumerate(made):
                for bill in bills(priced, volumes_for(chance, priced)):
                    copy.write_row((no, *bill))
    admin.execute("analyze tried, expected")
    row = admin.execute(COMPARED).fetchone()
    assert row is not None
    same, compared, differs = row
    assert isinstance(differs, int | None)
    assert same == compared == TARIFFS * VOLUMES * 2, None if differs is None else made[differs]


def test_many_at_once_and_one_with_its_steps_are_the_same_bill() -> None:
    """What the million compares is what `rate` says, step by step."""
    chance = a_chance()
    for _ in range(60):
        priced = a_random_tariff(chance)
        volumes = volumes_for(chance, priced)[::7]
        for m3, social, water, iva, total in bills(priced, volumes):
            one = rate(priced, m3, social=social)
            assert (one.water, one.iva, one.total) == (water, iva, total)


def test_the_water_of_blocks_that_leave_gaps_or_overlap_is_the_same_too(admin: Connection) -> None:
    """Old rows are rated as far as the rule goes, so that the change they bring can be told."""
    chance = a_chance()
    for _ in range(150):
        blocks = []
        for _ in range(chance.randint(1, 5)):
            low = Decimal(chance.choice((0, 0, 5, 10, 20)))
            high = chance.choice((None, low + chance.randint(1, 20)))
            blocks.append(
                Block.model_construct(
                    from_m3=low, to_m3=high, price_per_m3=number(chance, 9, 4), fixed_charge=number(chance, 30, 2)
                )
            )
        mode = chance.choice(MODES)
        odd = tariff().model_copy(update={"blocks": tuple(blocks), "rating_mode": mode})
        volumes = [Decimal(n) for n in (0, 3, 5, 10, 12, 20, 33)]
        written = jsonb.dumps(plain(odd.blocks))
        found = admin.execute(
            """
            select x.water, supra.rate_blocks(t.blocks, x.m3, t.rating_mode)
            from jsonb_populate_record(null::tariff_schedules, jsonb_build_object(
                'blocks', %s::jsonb, 'rating_mode', %s::text, 'additional_concepts', '[]'::jsonb,
                'iva_applicable', false
            )) as t
            cross join lateral supra.rate_consumptions(t, %s::numeric[], array_fill(false, array[%s])) as x
            order by x.m3
            """,
            [written, mode, volumes, len(volumes)],
        ).fetchall()
        assert len(found) == len(volumes)
        for m3, (at_once, alone) in zip(volumes, found, strict=True):
            entered = any(m3 > block.from_m3 or not (m3 or block.from_m3) for block in blocks)
            expected = rate(odd, m3).gross if entered else None
            assert (at_once, alone) == (expected, expected), (written, mode, m3)


@pytest.mark.parametrize(
    ("mode", "m3", "water"),
    [
        ("accumulated", "0", "45.00"), ("accumulated", "10", "100.00"), ("accumulated", "11", "108.75"),
        ("reached_block", "10", "100.00"), ("reached_block", "11", "96.25"), ("base_plus_excess", "10.001", "0.01"),
        ("flat", "0", "45.00"),
    ],
)  # fmt: skip
def test_the_plan_s_blocks_in_each_mode(admin: Connection, mode: str, m3: str, water: str) -> None:
    assert admin.execute("select supra.rate_blocks(%s, %s, %s)", [BLOCKS, Decimal(m3), mode]).fetchone() == (
        Decimal(water),
    )
    assert rate(tariff(rating_mode=mode), Decimal(m3)).gross == Decimal(water)


@pytest.mark.parametrize("m3", [None, "-0.001", "NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("blocks", [BLOCKS, '[{"from_m3": 1, "to_m3": 2, "price_per_m3": 1, "fixed_charge": 0}]'])
def test_what_is_no_consumption_has_no_price(admin: Connection, m3: str | None, blocks: str) -> None:
    for mode in MODES:
        assert admin.execute("select supra.rate_blocks(%s, %s::numeric, %s)", [blocks, m3, mode]).fetchone() == (None,)
        assert admin.execute(
            """
            select x.water, x.concepts, x.iva, x.total
            from jsonb_populate_record(null::tariff_schedules, jsonb_build_object(
                'blocks', %s::jsonb, 'rating_mode', %s::text, 'iva_applicable', true, 'iva_rate', 0.16,
                'additional_concepts', '[{"code": "a", "name": "a", "type": "percentage", "value": 10}]'::jsonb
            )) as t
            cross join lateral supra.rate_consumptions(t, array[%s]::numeric[], array[true]) as x
            """,
            [blocks, mode, m3],
        ).fetchall() == [(None, None, None, None)]
    with pytest.raises(InvalidInput):
        consumption(None if m3 is None else Decimal(m3))


def test_a_concept_of_one_that_does_not_come_before_has_no_price(admin: Connection) -> None:
    concepts = '[{"code": "a", "name": "a", "type": "percentage", "value": 10, "base": "b"}]'
    assert admin.execute(
        """
        select x.water, x.total from jsonb_populate_record(null::tariff_schedules, jsonb_build_object(
            'blocks', %s::jsonb, 'rating_mode', 'accumulated', 'additional_concepts', %s::jsonb)) as t
        cross join lateral supra.rate_consumptions(t, array[10], array[false]) as x
        """,
        [BLOCKS, concepts],
    ).fetchone() == (Decimal("100.00"), None)
    with pytest.raises(InvalidInput):
        rate(tariff(additional_concepts=jsonb.read(concepts)), Decimal(10))


def test_what_a_tariff_says_never_becomes_part_of_a_statement(admin: Connection) -> None:
    """Codes and bases are the only words in it, and they are compared, never run."""
    evil = "x'); drop table invoices; --"
    concepts = [
        {"code": evil[:20], "name": evil, "type": "percentage", "value": 10, "base": "agua"},
        {"code": "%s %I $1", "name": evil, "type": "percentage", "value": 10, "base": evil[:20]},
    ]
    priced = tariff(additional_concepts=concepts)
    found = admin.execute(
        """
        select x.total from jsonb_populate_record(null::tariff_schedules, jsonb_build_object(
            'blocks', %s::jsonb, 'rating_mode', 'accumulated', 'additional_concepts', %s::jsonb)) as t
        cross join lateral supra.rate_consumptions(t, array[11], array[false]) as x
        """,
        [BLOCKS, jsonb.dumps(concepts)],
    ).fetchone()
    assert found == (rate(priced, Decimal(11)).total,)


def test_the_database_finds_fault_where_the_rules_do(admin: Connection) -> None:
    """Nothing passes the one and not the other; the rules say more, and in words."""
    chance = a_chance()
    seen = set()
    for _ in range(1_500):
        priced = a_random_tariff(chance)
        columns = columns_of(priced)
        (fault,) = admin.execute(
            """
            select supra.tariff_fault(jsonb_populate_record(null::tariff_schedules, jsonb_build_object(
                'blocks', %s::jsonb, 'additional_concepts', %s::jsonb, 'rating_mode', %s::text)))
            """,
            columns[:3],
        ).fetchone() or ("?",)
        raw = tariff().model_dump() | {
            "blocks": plain(priced.blocks), "additional_concepts": plain(priced.additional_concepts),
            "rating_mode": priced.rating_mode,
        }  # fmt: skip
        errors = {remark.code for remark in rules.examine(raw).remarks if remark.weight.value == "error"}
        assert (fault is None) == (not errors), (fault, errors, columns)
        assert fault is None or fault in errors, (fault, errors, columns)
        seen.add(fault)
    assert {None, "falling_bill"} <= seen


NO_LIMIT = {"9999", "9999.00", "9999.9", "9999.99"}
NO_NUMBER = {"99999", "99999.99", "999999", "999999.99", "1000000", "1000000.01"}


@pytest.mark.parametrize("number", sorted({"999", "9998", "9999.5", "10000", "99998", *NO_LIMIT, *NO_NUMBER}))
@pytest.mark.parametrize("cell", ["to_m3", "price_per_m3", "fixed_charge", "value"])
def test_the_same_numbers_stand_for_none_in_both(admin: Connection, cell: str, number: str) -> None:
    first = {"from_m3": 0, "to_m3": 10, "price_per_m3": 1, "fixed_charge": 1} | {cell: Decimal(number)}
    first.pop("value", None)
    blocks = [first, {"from_m3": first["to_m3"], "to_m3": None, "price_per_m3": 200_000}]
    concepts = [{"code": "a", "name": "a", "type": "fixed", "value": Decimal(number) if cell == "value" else 1}]
    row = admin.execute(
        """
        select supra.tariff_fault(jsonb_populate_record(null::tariff_schedules, jsonb_build_object(
            'blocks', %s::jsonb, 'additional_concepts', %s::jsonb, 'rating_mode', 'accumulated')))
        """,
        [jsonb.dumps(blocks), jsonb.dumps(concepts)],
    ).fetchone()
    raw = tariff().model_dump() | {"blocks": blocks, "additional_concepts": concepts}
    errors = [remark.code for remark in rules.examine(raw).remarks if remark.weight.value == "error"]
    assert row == (errors[0] if errors else None,)
    assert errors == ["sentinel"] * (number in NO_NUMBER or (cell == "to_m3" and number in NO_LIMIT))


def test_half_a_million_consumptions_are_rated_in_seconds(admin: psycopg.Connection[Any]) -> None:
    admin.execute("set local statement_timeout = '20s'")
    row = admin.execute(
        """
        select count(x.total) from (
            select array_agg((n %% 90000) / 1000.0) as volumes, array_agg(n %% 9 = 0) as socials
            from generate_series(1, 500000) as n
        ) as p
        cross join (select * from tariff_schedules limit 1) as t
        cross join lateral supra.rate_consumptions(t, p.volumes, p.socials) as x
        """.replace("%%", "%")
    ).fetchone()
    assert row == (500_000,)
