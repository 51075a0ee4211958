"""Who sees and writes what: each tenant its own rows, whatever a session sets, says or points at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.sql.conftest import Connection, Utilities

# Ours has a row in each of these, and so has the other utility.
FILLED: tuple[LiteralString, ...] = (
    "explotaciones", "users", "persons", "addresses", "sectores_hidraulicos", "acometidas", "tomas", "meters",
    "contracts", "tariff_schedules", "invoices", "meter_readings", "daily_consumption",
)  # fmt: skip


def tenants_seen(connection: Connection, table: LiteralString) -> set[object]:
    return {tenant for (tenant,) in connection.execute(f"select tenant_id from {table}")}


@pytest.mark.parametrize("group", ["readonly", "operator", "supervisor", "dba"])
@pytest.mark.parametrize("table", FILLED)
def test_a_person_sees_the_own_tenant_s_rows_alone(
    utilities: Utilities, sign_in: Callable[[str], Connection], group: str, table: LiteralString
) -> None:
    assert tenants_seen(sign_in(utilities.ours.user(group)), table) == {utilities.ours["tenant"]}


def test_no_foreign_row_in_any_table_or_view(
    utilities: Utilities, sign_in: Callable[[str], Connection], admin: Connection
) -> None:
    relations = admin.execute(
        """
        select c.relname from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
          and has_any_column_privilege('supra_readonly', c.oid, 'select')
          and exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'tenant_id')
        """
    ).fetchall()
    assert len(relations) > 50
    operator = sign_in(utilities.ours.user("operator"))
    for (relation,) in relations:
        seen = tenants_seen(operator, str(relation))
        assert seen <= {utilities.ours["tenant"], None}, relation


def test_a_setting_is_not_a_tenant(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    supervisor = sign_in(utilities.ours.user("supervisor"))
    supervisor.execute("select set_config('app.current_tenant', %s, false)", [str(utilities.theirs["tenant"])])
    supervisor.execute("set app.is_admin = 'true'")
    supervisor.execute("select set_config('app.user_id', %s, false)", [str(utilities.theirs["dba"])])
    assert tenants_seen(supervisor, "persons") == {utilities.ours["tenant"]}
    assert supervisor.execute("select supra.current_user_id()").fetchone() == (utilities.ours["supervisor"],)


def test_a_dba_may_choose_the_tenant_and_is_at_home_without_choosing(
    utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    dba = sign_in(utilities.ours.user("dba"))
    assert tenants_seen(dba, "persons") == {utilities.ours["tenant"]}
    dba.execute("select set_config('app.current_tenant', %s, true)", [str(utilities.theirs["tenant"])])
    assert tenants_seen(dba, "persons") == {utilities.theirs["tenant"]}


def test_only_who_may_choose_learns_which_tenants_there_are(
    utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    choice = sign_in(utilities.ours.user("dba")).execute("select slug from supra.choosable_tenants()").fetchall()
    assert {("ours",), ("theirs",)} <= set(choice)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sign_in(utilities.ours.user("supervisor")).execute("select slug from supra.choosable_tenants()")
    mine = sign_in(utilities.ours.user("supervisor")).execute("select slug from tenants").fetchall()
    assert mine == [("ours",)]


def test_the_service_sees_nothing_until_it_names_a_tenant_and_nothing_after(
    utilities: Utilities, sign_in: Callable[[str], Connection], app_role: str
) -> None:
    service = sign_in(app_role)
    assert tenants_seen(service, "persons") == set()
    service.execute("select set_config('app.current_tenant', %s, true)", [str(utilities.ours["tenant"])])
    assert tenants_seen(service, "persons") == {utilities.ours["tenant"]}
    service.commit()
    # What set_config(…, true) leaves behind is '', which is no uuid and no tenant either.
    assert service.execute("select current_setting('app.current_tenant', true)").fetchone() == ("",)
    assert tenants_seen(service, "persons") == set()


def test_the_service_acts_for_the_user_it_names(
    utilities: Utilities, sign_in: Callable[[str], Connection], app_role: str
) -> None:
    service = sign_in(app_role)
    service.execute("select set_config('app.user_id', %s, true)", [str(utilities.ours["operator"])])
    assert service.execute("select supra.current_user_id()").fetchone() == (utilities.ours["operator"],)


def test_who_has_no_users_row_or_a_disabled_one_sees_nothing(
    utilities: Utilities, sign_in: Callable[[str], Connection], stranger: str
) -> None:
    for role in (stranger, utilities.ours.user("disabled")):
        connection = sign_in(role)
        assert tenants_seen(connection, "persons") == set()
        assert tenants_seen(connection, "meter_readings") == set()
        assert connection.execute("select supra.current_user_id()").fetchone() == (None,)


def test_a_disabled_dba_does_not_get_in_by_choosing(
    utilities: Utilities, sign_in: Callable[[str], Connection], admin: Connection
) -> None:
    dba = sign_in(utilities.ours.user("dba"))
    admin.execute("update users set active = false where id = %s", [utilities.ours["dba"]])
    admin.commit()
    try:
        dba.execute("select set_config('app.current_tenant', %s, true)", [str(utilities.theirs["tenant"])])
        assert tenants_seen(dba, "persons") == set()
    finally:
        admin.execute("update users set active = true where id = %s", [utilities.ours["dba"]])
        admin.commit()


def test_a_row_cannot_be_written_into_another_tenant(
    utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    operator = sign_in(utilities.ours.user("operator"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        operator.execute(
            "insert into persons (tenant_id, person_type, name) values (%s, 'fisica', 'X')",
            [utilities.theirs["tenant"]],
        )
    operator.rollback()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        operator.execute("update persons set tenant_id = %s", [utilities.theirs["tenant"]])
    operator.rollback()
    moved = operator.execute("update persons set name = 'X' where id = %s", [utilities.theirs["person"]])
    assert moved.rowcount == 0


def test_a_contract_cannot_point_at_another_tenant_s_person(
    utilities: Utilities, sign_in: Callable[[str], Connection], admin: Connection
) -> None:
    change: LiteralString = "update contracts set person_id = %s where id = %s"
    for connection in (sign_in(utilities.ours.user("operator")), admin):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute(change, [utilities.theirs["person"], utilities.ours["contract"]])


def test_the_same_e_mail_may_be_used_in_two_tenants(utilities: Utilities, admin: Connection) -> None:
    shared = admin.execute(
        "select count(*) from users where email = 'operator@example.mx' and tenant_id = any (%s)",
        [[utilities.ours["tenant"], utilities.theirs["tenant"]]],
    )
    assert shared.fetchone() == (2,)


def test_chunks_and_hypertables_are_out_of_reach(
    utilities: Utilities, sign_in: Callable[[str], Connection], admin: Connection
) -> None:
    chunks = admin.execute("select show_chunks('timeseries.meter_readings')::text").fetchall()
    assert chunks
    for group in ("readonly", "dba"):
        for relation in ("timeseries.meter_readings", "timeseries.daily_consumption", *(str(c) for (c,) in chunks)):
            connection = sign_in(utilities.ours.user(group))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select count(*) from {relation}")


def test_nobody_drops_or_makes_a_chunk_by_what_the_extension_brings(
    utilities: Utilities, sign_in: Callable[[str], Connection], admin: Connection
) -> None:
    row = admin.execute("select show_chunks('timeseries.meter_readings')::oid limit 1").fetchone()
    assert row is not None
    for group in ("readonly", "dba"):
        for inner in ("drop_chunk", "freeze_chunk", "show_chunk"):
            connection = sign_in(utilities.ours.user(group))
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
                connection.execute(f"select _timescaledb_functions.{inner}(%s::oid::regclass)", [row[0]])
    # What only computes stays executable: without it, no first(), no histogram(), no aggregate that follows.
    left = admin.execute(
        """
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.pronamespace in ('_timescaledb_functions'::regnamespace, '_timescaledb_internal'::regnamespace)
          and has_function_privilege('supra_dba', p.oid, 'execute')
          and p.provolatile = 'v' and (p.prokind = 'f' or p.prosecdef)
          and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
        """
    ).fetchall()
    assert left == []


@pytest.mark.parametrize(
    "question",
    [
        "select _postgis_stats('public.tomas', 'geom')",
        "select st_estimatedextent('public', 'tomas', 'geom')",
        "select _postgis_index_extent('public.tomas', 'geom')",
        "select _postgis_selectivity('public.tomas', 'geom', st_makeenvelope(-101, 20, -100, 21, 4326))",
    ],
)
def test_statistics_do_not_tell_where_another_tenant_s_customers_are(
    utilities: Utilities, sign_in: Callable[[str], Connection], question: LiteralString
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
        sign_in(utilities.ours.user("dba")).execute(question)


READING: LiteralString = """
    insert into meter_readings (tenant_id, meter_id, toma_id, reading_value, consumption, reading_date, source)
    values (%s, %s, %s, 25, 15, '2026-02-15 12:00-06', 'autolectura')
    returning sector_id
"""


def test_readings_are_written_through_the_view_and_only_for_the_own_tenant(
    utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    ours, theirs = utilities.ours, utilities.theirs
    operator = sign_in(ours.user("operator"))
    written = operator.execute(READING, [ours["tenant"], ours["meter"], ours["toma"]])
    assert written.fetchone() == (ours["sector"],)
    assert operator.execute("update meter_readings set status = 'suspicious'").rowcount == 2
    with pytest.raises(psycopg.errors.WithCheckOptionViolation):
        operator.execute(READING, [theirs["tenant"], theirs["meter"], theirs["toma"]])
    operator.rollback()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        operator.execute(READING, [ours["tenant"], theirs["meter"], ours["toma"]])


def test_the_tenant_is_asked_for_once_per_statement(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    operator = sign_in(utilities.ours.user("operator"))
    for table in ("persons", "meter_readings"):
        plan = "\n".join(str(line) for (line,) in operator.execute(f"explain select * from {table}"))
        assert "InitPlan" in plan
        assert "= supra.current_tenant()" not in plan


def test_shared_values_are_read_by_all_and_kept_by_dbas(
    utilities: Utilities, sign_in: Callable[[str], Connection]
) -> None:
    new: LiteralString = (
        "insert into domain_values (tenant_id, domain, code, description) values (%s, 'TEST', 'A', 'A')"
    )
    supervisor = sign_in(utilities.ours.user("supervisor"))
    supervisor.execute(new, [utilities.ours["tenant"]])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        supervisor.execute(new, [None])
    dba = sign_in(utilities.ours.user("dba"))
    dba.execute(new, [None])
    assert dba.execute("select tenant_id from domain_values where domain = 'TEST'").fetchall() == [(None,)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        dba.execute(new, [None])


def test_a_supervisor_cannot_change_who_is_who(utilities: Utilities, sign_in: Callable[[str], Connection]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sign_in(utilities.ours.user("supervisor")).execute("update users set db_role = 'somebody'")
