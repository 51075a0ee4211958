"""A tester signs in as each role of each tenant and looks for a row that is not hers.

Every relation, view, chunk, statistic and function she can reach is tried from the catalogue, so that a table added
tomorrow is tried as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row, scalar_row

from tests.conftest import DEMO_ROLES, TestDatabase

EVERYBODY = pytest.mark.parametrize("role", DEMO_ROLES)
RELATIONS = """
    select c.oid::regclass::text
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
      and n.nspname !~ '^pg_|^information_schema$|^_timescaledb_(?!internal)|^timescaledb_'
      and not exists (
          select
          from pg_catalog.pg_depend as d
          where d.objid = c.oid
            and d.deptype = 'e'
      )
    order by 1
"""
PERSONAL = "persons", "contracts", "tomas", "meters", "invoices", "payments", "addresses"


@pytest.fixture
def signed_in(shared_database: TestDatabase, role: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database.sign_in(role), autocommit=True) as connection:
        yield connection


@pytest.fixture
def foreign(shared_database: TestDatabase, role: str) -> dict[str, object]:
    """A contract of the other tenant with everything that identifies it, as an administrator sees it."""
    with psycopg.connect(shared_database.admin, row_factory=dict_row) as admin:
        found = admin.execute(
            """
            select c.tenant_id, c.id as contract_id, c.contract_number, p.rfc, p.name, p.phone, t.toma_number,
                m.serial_number, m.id as meter_id, p.id as person_id, c.explotacion_id, c.toma_id
            from contracts as c
            join persons as p on p.id = c.person_id
            join tomas as t on t.id = c.toma_id
            join meters as m on m.id = t.meter_id
            where c.tenant_id <> (select u.tenant_id from users as u where u.db_role = %s)
              and p.phone is not null
              and not exists (
                  select from contracts as o
                  where o.contract_number = c.contract_number and o.tenant_id <> c.tenant_id
              )
              and not exists (
                  select from persons as o where o.phone = p.phone and o.tenant_id <> p.tenant_id
              )
              and not exists (
                  select from meters as o
                  where o.serial_number = m.serial_number and o.tenant_id <> m.tenant_id
              )
            order by c.contract_number desc
            limit 1
            """,
            [role],
        ).fetchone()
    assert found is not None, "the demo needs a second tenant"
    return found


def own_tenant(connection: psycopg.Connection) -> object:
    return connection.cursor(row_factory=scalar_row).execute("select supra.current_tenant()").fetchone()


@EVERYBODY
def test_no_relation_shows_a_foreign_row(shared_database: TestDatabase, signed_in: psycopg.Connection) -> None:
    own = own_tenant(signed_in)
    assert own is not None
    with psycopg.connect(shared_database.admin) as admin:
        relations = admin.cursor(row_factory=scalar_row).execute(RELATIONS).fetchall()
    assert len(relations) > 62
    readable = 0
    for relation in relations:
        # A whole row as JSON holds tenant_id wherever it is, and the id of the table of tenants itself.
        key = "id" if relation == "tenants" else "tenant_id"
        query = f"select count(*) from {relation} as r where (to_jsonb(r) ->> %s)::uuid <> %s"
        try:
            count = signed_in.cursor(row_factory=scalar_row).execute(query, [key, own]).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            continue
        readable += 1
        assert count == 0, f"{relation} shows {count} foreign rows"
    assert readable >= 40


@EVERYBODY
def test_hypertables_chunks_and_search_support_cannot_be_reached(
    shared_database: TestDatabase, signed_in: psycopg.Connection
) -> None:
    with psycopg.connect(shared_database.admin) as admin:
        hidden = (
            admin.cursor(row_factory=scalar_row)
            .execute(
                """
                select c.oid::regclass::text
                from pg_catalog.pg_class as c
                where c.relkind in ('r', 'p', 'v', 'm')
                  and (c.relnamespace in ('timeseries'::regnamespace, 'search'::regnamespace)
                       or c.oid in (
                           select format('%I.%I', chunk_schema, chunk_name)::regclass
                           from timescaledb_information.chunks
                       ))
                """
            )
            .fetchall()
        )
    assert any("_hyper_" in name for name in hidden)
    for relation in hidden:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            signed_in.execute(f"select from {relation} limit 1")


@EVERYBODY
def test_search_finds_nothing_of_the_other_tenant(signed_in: psycopg.Connection, foreign: dict[str, object]) -> None:
    for key in ("contract_number", "toma_number", "serial_number", "phone", "name"):
        contracts = (
            signed_in.cursor(row_factory=scalar_row)
            .execute("select contract_id from supra.account_search(%s, 100)", [foreign[key]])
            .fetchall()
        )
        assert foreign["contract_id"] not in contracts, key


@EVERYBODY
def test_settings_choose_no_tenant_unless_a_dba_chooses(
    signed_in: psycopg.Connection, role: str, foreign: dict[str, object]
) -> None:
    own = own_tenant(signed_in)
    for setting, value in (("app.current_tenant", foreign["tenant_id"]), ("app.is_admin", "true")):
        signed_in.execute("select set_config(%s, %s, false)", [setting, str(value)])
    seen = signed_in.cursor(row_factory=scalar_row).execute("select distinct tenant_id from contracts").fetchall()
    assert seen == [foreign["tenant_id"] if role == "demo_dba" else own]


@EVERYBODY
def test_a_blank_or_foolish_setting_shows_no_foreign_row(signed_in: psycopg.Connection) -> None:
    own = own_tenant(signed_in)
    signed_in.execute("select set_config('app.current_tenant', '', false)")
    assert own_tenant(signed_in) == own
    signed_in.execute("reset all")
    assert own_tenant(signed_in) == own


@EVERYBODY
def test_a_function_of_ones_own_in_pg_temp_deceives_nobody(
    signed_in: psycopg.Connection, foreign: dict[str, object]
) -> None:
    try:
        signed_in.execute("create temp table users (db_role text, tenant_id uuid, active boolean, id uuid)")
        signed_in.execute(
            "insert into pg_temp.users values (session_user, %s, true, gen_random_uuid())", [foreign["tenant_id"]]
        )
        signed_in.execute(
            "create function pg_temp.pg_has_role(name, text, text) returns boolean language sql return true"
        )
    except psycopg.errors.InsufficientPrivilege:
        return  # no temporary objects at all: nothing to be deceived by
    signed_in.execute("set search_path = pg_temp, public")
    signed_in.execute("select set_config('app.current_tenant', %s, false)", [str(foreign["tenant_id"])])
    is_dba = signed_in.execute("select pg_catalog.pg_has_role('supra_dba', 'member')").fetchone() == (True,)
    assert (own_tenant(signed_in) == foreign["tenant_id"]) is is_dba


@EVERYBODY
def test_nothing_can_be_written_for_the_other_tenant(signed_in: psycopg.Connection, foreign: dict[str, object]) -> None:
    columns = {"tenant_id": foreign["tenant_id"], "person_type": "fisica", "name": "Intrusa"}
    insert = sql.SQL("insert into persons ({}) values ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(sql.Placeholder() * len(columns))
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        signed_in.execute(insert, list(columns.values()))
    for table in PERSONAL:
        with signed_in.transaction(force_rollback=True):
            try:
                changed = signed_in.execute(
                    sql.SQL("update {} set tenant_id = tenant_id where tenant_id = %s").format(sql.Identifier(table)),
                    [foreign["tenant_id"]],
                )
            except psycopg.errors.InsufficientPrivilege:
                continue
            assert changed.rowcount == 0


@EVERYBODY
def test_statistics_tell_nothing_about_rows(signed_in: psycopg.Connection) -> None:
    leaked = (
        signed_in.cursor(row_factory=scalar_row)
        .execute(
            """
            select distinct tablename
            from pg_stats
            where tablename in ('persons', 'addresses', 'contracts', 'users', 'invoices')
            """
        )
        .fetchall()
    )
    assert leaked == []


@EVERYBODY
def test_nobody_who_signs_in_is_above_the_isolation(signed_in: psycopg.Connection) -> None:
    row = signed_in.execute(
        """
        select rolsuper, rolbypassrls, rolcreaterole, rolreplication,
            pg_catalog.pg_has_role('supra_owner', 'member'), pg_catalog.pg_has_role('supra_search', 'member'),
            pg_catalog.pg_has_role('supra_timeseries', 'member')
        from pg_catalog.pg_roles
        where rolname = current_user
        """
    ).fetchone()
    assert row == (False,) * 7


def test_two_tenants_may_use_the_same_numbers(shared_database: TestDatabase) -> None:
    """The same contract number in both tenants opens each one's own account."""
    with psycopg.connect(shared_database.admin, row_factory=scalar_row) as admin:
        both = admin.execute(
            "select contract_number from contracts group by 1 having count(distinct tenant_id) = 2 limit 1"
        ).fetchone()
    assert both is not None, "the demo's second tenant should reuse contract numbers"
    seen = []
    for role in ("demo_clerk", "demo_other"):
        with psycopg.connect(shared_database.sign_in(role), row_factory=scalar_row) as connection:
            seen += connection.execute("select id from contracts where contract_number = %s", [both]).fetchall()
    assert len(seen) == len(set(seen)) == 2
