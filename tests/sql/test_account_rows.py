"""Persons, places, meters and readings: what a row may hold, and what the database adds to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.sql.conftest import Connection, Utilities

PERSON: LiteralString = (
    "insert into persons (tenant_id, person_type, rfc, name) values (%s, 'fisica', %s, 'Otra persona')"
)
ADDRESS: LiteralString = """
    insert into addresses (tenant_id, street, exterior_number, colonia, zip_code, latitude, longitude)
    values (%s, 'Calle Peñuelas', '7 Bis', 'Álamos', '76160', %s, %s)
    returning normalized_text, st_astext(geom)
"""


@pytest.mark.parametrize("generic", ["XAXX010101000", "XEXX010101000"])
def test_the_generic_rfc_is_shared_by_many(utilities: Utilities, admin: Connection, generic: str) -> None:
    for _ in range(2):
        admin.execute(PERSON, [utilities.ours["tenant"], generic])


def test_an_rfc_identifies_one_person_of_a_tenant(utilities: Utilities, admin: Connection) -> None:
    both = admin.execute("select count(*) from persons where rfc = 'GALJ800101AB1'").fetchone()
    assert both == (2,)  # one in each utility
    with pytest.raises(psycopg.errors.UniqueViolation):
        admin.execute(PERSON, [utilities.ours["tenant"], "GALJ800101AB1"])


def test_an_rfc_is_kept_in_capitals_so_that_it_cannot_be_there_twice(utilities: Utilities, admin: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(PERSON, [utilities.ours["tenant"], "galj800101ab1"])


@pytest.mark.parametrize(
    ("written", "plain"),
    [("José ÑANDÚ", "jose nandu"), ("Jose\u0301", "jose"), ("Straße Ø", "strasse o"), ("", "")],
)
def test_text_is_compared_without_accents_and_case(admin: Connection, written: str, plain: str) -> None:
    assert admin.execute("select supra.plain(%s)", [written]).fetchone() == (plain,)


def test_names_are_found_by_their_plain_text_through_the_index(admin: Connection) -> None:
    admin.execute("set local enable_seqscan = off")
    plan = admin.execute("explain select id from persons where supra.plain(name) like '%garcia%'").fetchall()
    assert any("idx_persons_name" in str(line) for (line,) in plan)


def test_an_address_derives_its_point_and_its_search_text(utilities: Utilities, admin: Connection) -> None:
    derived = admin.execute(ADDRESS, [utilities.ours["tenant"], Decimal("20.6"), Decimal("-100.4")]).fetchone()
    assert derived == ("calle penuelas 7 bis alamos 76160", "POINT(-100.4 20.6)")
    assert admin.execute(ADDRESS, [utilities.ours["tenant"], None, None]).fetchone() == (
        "calle penuelas 7 bis alamos 76160",
        None,
    )


def test_the_point_cannot_differ_from_its_coordinates(utilities: Utilities, admin: Connection) -> None:
    with pytest.raises(psycopg.errors.GeneratedAlways):
        admin.execute("update tomas set geom = st_makepoint(0, 0)::geography")
    admin.rollback()
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(ADDRESS, [utilities.ours["tenant"], Decimal("20.6"), None])
    admin.rollback()
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(ADDRESS, [utilities.ours["tenant"], Decimal("-100.4"), Decimal("20.6")])


def test_a_sector_may_lie_in_several_pieces(utilities: Utilities, admin: Connection) -> None:
    admin.execute(
        """
        update sectores_hidraulicos
        set geom = st_multi(st_union(st_makeenvelope(-100.5, 20.7, -100.4, 20.8, 4326),
                                     st_makeenvelope(-100.3, 20.5, -100.2, 20.6, 4326)))::geography
        where id = %s
        """,
        [utilities.ours["sector"]],
    )
    covering = admin.execute(
        "select s.code from tomas t join addresses a on (a.tenant_id, a.id) = (t.tenant_id, t.address_id) "
        "join sectores_hidraulicos s on s.tenant_id = t.tenant_id and st_covers(s.geom, a.geom) where t.id = %s",
        [utilities.ours["toma"]],
    )
    assert covering.fetchall() == [("S1",)]


def test_a_stale_edit_touches_no_row(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    operator = sign_in(utilities.ours.user("operator"))
    edit: LiteralString = "update persons set phone = '442' where id = %s and version = %s returning updated_at = now()"
    seen = operator.execute("select version from persons where id = %s", [utilities.ours["person"]]).fetchone()
    assert seen is not None
    assert operator.execute(edit, [utilities.ours["person"], seen[0]]).fetchone() == (True,)
    assert operator.execute(edit, [utilities.ours["person"], seen[0]]).fetchone() is None


def test_toma_and_meter_can_be_loaded_in_one_pass(utilities: Utilities, admin: Connection) -> None:
    ours = utilities.ours
    admin.execute("set constraints all deferred")
    admin.execute(
        "insert into tomas (tenant_id, explotacion_id, address_id, toma_number, toma_type, id, meter_id) "
        "values (%s, %s, %s, 'T2', 'domestica', %s, %s)",
        [ours["tenant"], ours["north"], ours["address"], ours["toma 2"], ours["meter 2"]],
    )
    admin.execute(
        "insert into meters (tenant_id, id, toma_id, serial_number) values (%s, %s, %s, 'M2')",
        [ours["tenant"], ours["meter 2"], ours["toma 2"]],
    )
    admin.execute("set constraints all immediate")


def test_a_direct_debit_needs_an_account(utilities: Utilities, admin: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(
            "update contracts set payment_method = 'domiciliacion' where id = %s", [utilities.ours["contract"]]
        )


def test_a_day_of_consumption_is_a_day_of_the_utility_s_clock(
    utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    ours = utilities.ours
    operator = sign_in(ours.user("operator"))
    # 20:00 and 23:30 in Querétaro are two different days of UTC and one of ours.
    for moment, m3 in (("2026-03-10 20:00-06", "1.5"), ("2026-03-10 23:30-06", "2.5"), ("2026-03-11 00:10-06", "9")):
        operator.execute(
            "insert into meter_readings "
            "(tenant_id, meter_id, toma_id, reading_value, consumption, reading_date, source) "
            "values (%s, %s, %s, 100, %s, %s, 'smart_meter')",
            [ours["tenant"], ours["meter"], ours["toma"], m3, moment],
        )
    days = operator.execute(
        """
        select (day at time zone 'America/Mexico_City')::text, total_consumption, avg_consumption, reading_count
        from daily_consumption
        where sector_id = %s and day >= timestamptz '2026-03-01 00:00-06'
        order by day
        """,
        [ours["sector"]],
    ).fetchall()
    assert days == [
        ("2026-03-10 00:00:00", Decimal("4.000"), Decimal("2"), 2),
        ("2026-03-11 00:00:00", Decimal("9.000"), Decimal("9"), 1),
    ]


def test_a_route_can_be_renumbered_in_one_statement(utilities: Utilities, admin: Connection) -> None:
    ours = utilities.ours
    admin.execute(
        "insert into reading_routes (id, tenant_id, explotacion_id, code, name) values (%s, %s, %s, 'R1', 'Ruta')",
        [ours["route"], ours["tenant"], ours["north"]],
    )
    for number in (1, 2):
        toma = admin.execute(
            "insert into tomas (tenant_id, explotacion_id, address_id, toma_number, toma_type) "
            "values (%s, %s, %s, %s, 'domestica') returning id",
            [ours["tenant"], ours["north"], ours["address"], f"R{number}"],
        ).fetchone()
        assert toma is not None
        admin.execute(
            "insert into reading_route_stops (tenant_id, route_id, toma_id, stop_order) values (%s, %s, %s, %s)",
            [ours["tenant"], ours["route"], toma[0], number],
        )
    admin.execute("update reading_route_stops set stop_order = 3 - stop_order where route_id = %s", [ours["route"]])
