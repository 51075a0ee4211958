"""The schema as the catalogue tells it: what holds for every table, so that a new one cannot forget it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.sql.conftest import Connection, Utilities

# Our own base tables: not the extensions', not partitions.
TABLES = """
    select c.oid, n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole::text as owner,
           exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'tenant_id') as has_tenant
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('public', 'timeseries') and c.relkind in ('r', 'p') and not c.relispartition
      and not exists (select from pg_depend as d
                      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
"""
GROUPS = "array['supra_readonly', 'supra_operator', 'supra_supervisor', 'supra_dba', 'supra_app']::name[]"
OWNERS = "array['supra_owner', 'supra_guard', 'supra_timeseries', 'supra_search']::name[]"

# Who may do what with which column.
GRANTED = """
    select table_schema, table_name, column_name, grantee, privilege_type from information_schema.column_privileges
    where grantee like 'supra_%' and grantee not like 'supra_test%' order by 1, 2, 3, 4, 5
"""

# Tables without a tenant: catalogues that are the same for everybody.
CATALOGUES = {"domain_value_links", "sat_catalogs"}
# Unique without the tenant on purpose: what a login role and a tenant are called.
GLOBALLY_UNIQUE = {("tenants", "slug"), ("users", "db_role")}


def rows(admin: Connection, statement: str) -> list[tuple[Any, ...]]:
    return admin.execute(statement).fetchall()


def test_there_are_the_plan_s_62_tables_and_the_impact_reports(admin: Connection) -> None:
    by_schema: dict[str, int] = dict(rows(admin, f"select nspname, count(*) from ({TABLES}) as t group by nspname"))
    assert by_schema == {"public": 61, "timeseries": 2}


def test_every_tenant_table_forces_row_security_with_one_policy_for_reading_and_writing(admin: Connection) -> None:
    unprotected = rows(
        admin,
        f"""
        select t.relname from ({TABLES}) as t
        where t.nspname = 'public' and (t.has_tenant or t.relname = 'tenants')
          and not (t.relrowsecurity and t.relforcerowsecurity and exists (
              select from pg_policy as p
              where p.polrelid = t.oid and p.polname = 'tenant_isolation' and p.polcmd = '*'
                and pg_get_expr(p.polqual, p.polrelid) like '%SELECT supra.current_tenant()%'
                and pg_get_expr(p.polwithcheck, p.polrelid) like '%SELECT supra.current_tenant()%'))
        """,
    )
    assert unprotected == []


def test_a_table_without_a_tenant_is_a_catalogue_nobody_writes(admin: Connection) -> None:
    without = {
        str(name)
        for (name,) in rows(admin, f"select relname from ({TABLES}) as t where not has_tenant and relname <> 'tenants'")
    }
    assert without == CATALOGUES
    writers = rows(
        admin,
        f"""
        select t.relname, g.role from ({TABLES}) as t cross join unnest({GROUPS}) as g (role)
        where not t.has_tenant and t.relname <> 'tenants'
          and has_table_privilege(g.role, t.oid, 'insert, update, delete, truncate')
        """,
    )
    assert writers == []


def test_every_foreign_key_into_a_tenant_s_table_carries_the_tenant(admin: Connection) -> None:
    crossing = rows(
        admin,
        f"""
        with t as ({TABLES})
        select k.conrelid::regclass::text, k.conname
        from pg_constraint as k
        join t as source on source.oid = k.conrelid
        join t as target on target.oid = k.confrelid
        where k.contype = 'f' and target.has_tenant
          and not exists (
              select
              from unnest(k.conkey, k.confkey) as pair (here, there)
              join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = pair.here and a.attname = 'tenant_id'
              join pg_attribute as b on b.attrelid = k.confrelid and b.attnum = pair.there and b.attname = 'tenant_id')
        """,
    )
    assert crossing == []


def test_every_foreign_key_has_an_index_led_by_the_tenant(admin: Connection) -> None:
    # A partial index serves where it leaves out nothing but nulls, which a key never looks for.
    unindexed = rows(
        admin,
        f"""
        with t as ({TABLES})
        select k.conrelid::regclass::text, k.conname
        from pg_constraint as k
        join t on t.oid = k.conrelid
        where k.contype = 'f'
          and not exists (
              select
              from pg_index as i
              join pg_attribute as lead on lead.attrelid = i.indrelid and lead.attnum = i.indkey[0]
              where i.indrelid = k.conrelid and i.indisvalid
                and lead.attname = 'tenant_id'
                and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
                and (i.indpred is null
                     or pg_get_expr(i.indpred, i.indrelid) ~ '^\\([a-z_]+ IS NOT NULL\\)$'))
        """,
    )
    assert unindexed == []


def test_every_unique_key_of_a_tenant_s_table_holds_the_tenant(admin: Connection) -> None:
    oracles = rows(
        admin,
        f"""
        select t.relname, string_agg(a.attname, ',' order by a.attnum)
        from ({TABLES}) as t
        join pg_index as i on i.indrelid = t.oid and i.indisunique and not i.indisprimary
        left join pg_attribute as a on a.attrelid = t.oid and a.attnum = any (i.indkey::int2[])
        where t.has_tenant or t.relname = 'tenants'
        group by t.relname, i.indexrelid
        having not bool_or(coalesce(a.attname, '') = 'tenant_id')
        """,
    )
    assert set(oracles) == GLOBALLY_UNIQUE


def test_what_others_point_at_is_unique_together_with_its_tenant(admin: Connection) -> None:
    # Partitioned tables cannot (the partition key is missing), and nothing points at an invoice's line.
    lacking = rows(
        admin,
        f"""
        select t.relname from ({TABLES}) as t
        where t.nspname = 'public' and t.has_tenant
          and not exists (
              select from pg_constraint as k
              where k.conrelid = t.oid and k.contype = 'u' and pg_get_constraintdef(k.oid) = 'UNIQUE (tenant_id, id)')
        """,
    )
    assert {str(name) for (name,) in lacking} <= {
        "invoice_lines",
        "communications",
        "ai_agent_executions",
        "domain_values",
    }


def test_everything_belongs_to_the_owner_roles_and_none_of_them_can_sign_in(admin: Connection) -> None:
    assert set(rows(admin, f"select distinct owner from ({TABLES}) as t")) == {("supra_owner",)}
    views = rows(
        admin,
        """
        select relname, relowner::regrole::text from pg_class
        where oid in ('public.meter_readings'::regclass, 'public.domain_events'::regclass,
                      'public.daily_consumption'::regclass)
        """,
    )
    assert {owner for _, owner in views} == {"supra_timeseries"}
    functions = rows(
        admin,
        f"select oid::regprocedure from pg_proc where pronamespace = 'supra'::regnamespace "
        f"and proowner::regrole::text <> all ({OWNERS}::text[])",
    )
    assert functions == []
    risky = rows(
        admin,
        f"select rolname from pg_roles where rolname = any ({OWNERS}) and (rolcanlogin or rolsuper) "
        f"or rolname = any ({GROUPS}) and (rolbypassrls or rolsuper or rolcreaterole)",
    )
    assert risky == []


def test_nobody_who_signs_in_has_a_right_behind_the_tenant_views(admin: Connection) -> None:
    schemas = rows(
        admin,
        f"""
        select g.role, s.name
        from unnest({GROUPS}) as g (role) cross join (values ('timeseries'), ('search')) as s (name)
        where has_schema_privilege(g.role, s.name, 'usage, create')
        """,
    )
    assert schemas == []
    # Chunks live in a schema of TimescaleDB's, and partitions in public: rights on them would go round the policies.
    relations = rows(
        admin,
        f"""
        select g.role, c.oid::regclass
        from unnest({GROUPS}) as g (role)
        cross join pg_class as c
        left join pg_inherits as i on i.inhrelid = c.oid
        left join pg_class as parent on parent.oid = i.inhparent
        where (c.relispartition
               or c.relnamespace in ('timeseries'::regnamespace, 'search'::regnamespace)
               or parent.relnamespace = 'timeseries'::regnamespace)
          and c.relkind in ('r', 'p', 'v', 'm')
          and has_table_privilege(g.role, c.oid, 'select, insert, update, delete, truncate, references, trigger')
        """,
    )
    assert relations == []


def test_a_partition_is_closed_even_to_who_would_be_granted_it(admin: Connection) -> None:
    partitions = rows(
        admin,
        """
        select relname, relrowsecurity and relforcerowsecurity from pg_class
        where relispartition and relkind = 'r' and relnamespace = 'public'::regnamespace
        """,
    )
    assert len(partitions) >= 2
    assert {closed for _, closed in partitions} == {True}


def test_functions_that_lend_their_owner_s_rights_cannot_be_led_astray(admin: Connection) -> None:
    loose = rows(
        admin,
        """
        select oid::regprocedure from pg_proc
        where pronamespace in ('supra'::regnamespace, 'search'::regnamespace) and prosecdef
          and not exists (select from unnest(proconfig) as setting where setting ~ '^search_path=.*pg_temp$')
        """,
    )
    assert loose == []
    public = rows(
        admin,
        """
        select oid::regprocedure from pg_proc
        where pronamespace in ('supra'::regnamespace, 'search'::regnamespace)
          and (proacl is null or exists (select from aclexplode(proacl) where grantee = 0))
        """,
    )
    assert public == []


def test_every_row_with_a_version_is_touched_by_its_trigger(admin: Connection) -> None:
    untouched = rows(
        admin,
        f"""
        select t.relname
        from ({TABLES}) as t
        join pg_attribute as v on v.attrelid = t.oid and v.attname = 'version' and v.atttypid = 'integer'::regtype
        where not v.attnotnull
          or not exists (select from pg_trigger as g
                         where g.tgrelid = t.oid and g.tgfoid = 'supra.touch_row()'::regprocedure)
          or not exists (select from pg_attribute as u
                         where u.attrelid = t.oid and u.attname = 'updated_at' and u.attnotnull)
        """,
    )
    assert untouched == []
    half = rows(
        admin,
        f"""
        select t.relname from ({TABLES}) as t
        where exists (select from pg_attribute as u where u.attrelid = t.oid and u.attname = 'updated_at')
          and not exists (select from pg_attribute as v where v.attrelid = t.oid and v.attname = 'version')
        """,
    )
    assert half == []


def test_no_float_holds_anything(admin: Connection) -> None:
    floats = rows(
        admin,
        f"""
        select t.relname, a.attname from ({TABLES}) as t
        join pg_attribute as a on a.attrelid = t.oid and a.attnum > 0
        where a.atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype)
        """,
    )
    assert floats == []


def test_every_number_is_one(admin: Connection) -> None:
    unchecked = rows(
        admin,
        f"""
        select t.relname, a.attname from ({TABLES}) as t
        join pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and a.atttypid = 'numeric'::regtype
        where a.attgenerated = ''
          and not exists (select from pg_constraint as k
                          where k.conrelid = t.oid and k.contype = 'c' and k.conkey = array[a.attnum]
                            and pg_get_constraintdef(k.oid) like '%<> ''NaN''%')
        """,
    )
    assert unchecked == []


def test_every_document_has_its_shape_checked(admin: Connection) -> None:
    unchecked = rows(
        admin,
        f"""
        select t.relname, a.attname from ({TABLES}) as t
        join pg_attribute as a on a.attrelid = t.oid and a.attnum > 0 and a.atttypid = 'jsonb'::regtype
        where not exists (select from pg_constraint as k
                          where k.conrelid = t.oid and k.contype = 'c' and a.attnum = any (k.conkey))
        """,
    )
    assert unchecked == []


def test_every_status_has_an_index_behind_the_tenant(admin: Connection) -> None:
    slow = rows(
        admin,
        f"""
        select t.relname from ({TABLES}) as t
        join pg_attribute as a on a.attrelid = t.oid and a.attname = 'status'
        where t.has_tenant
          and not exists (
              select from pg_index as i
              where i.indrelid = t.oid
                and (pg_get_indexdef(i.indexrelid) like '%(tenant_id, status%' or
                     pg_get_expr(i.indpred, i.indrelid) like '%status%'))
        """,
    )
    # One row per entity migrated, a dozen in all.
    assert slow == [("migrations_legacy",)] or slow == []


def test_the_hypertables_are_hypertables_with_monthly_chunks(admin: Connection) -> None:
    intervals: dict[str, str] = dict(
        rows(
            admin,
            "select hypertable_name, time_interval::text from timescaledb_information.dimensions "
            "where hypertable_schema = 'timeseries' and hypertable_name in ('meter_readings', 'domain_events')",
        )
    )
    assert intervals == {"meter_readings": "30 days", "domain_events": "30 days"}


def test_features_say_what_the_server_has(admin: Connection) -> None:
    features = {name: (available, note) for name, available, note in rows(
        admin, "select feature, available, note from supra.features"
    )}  # fmt: skip
    assert all(features[name][0] for name in ("postgresql", "postgis", "vector", "pg_trgm", "timescaledb"))
    community = features["timescaledb"][1] == "community edition"
    assert features["continuous_aggregates"][0] is community


def test_roles_and_policies_can_be_applied_again(admin: Connection, utilities: Utilities) -> None:
    schema = files("sql") / "schema"
    granted = rows(admin, GRANTED)
    for name in ("000-roles.sql", "018-rls-policies.sql"):
        admin.execute((schema / name).read_text("utf-8"))
    # 018 says of later tables what the files that make them say.
    assert rows(admin, GRANTED) == granted


@pytest.mark.parametrize("table", ["persons", "contracts", "invoices", "payments", "tariff_schedules"])
def test_a_group_has_what_the_one_before_it_has(admin: Connection, table: str) -> None:
    assert rows(
        admin,
        f"select bool_and(has_table_privilege(g.role, '{table}', 'select')) from unnest({GROUPS}) as g (role)",
    ) == [(True,)]


def test_prices_are_for_supervisors_and_the_desk_is_for_operators(admin: Connection) -> None:
    may: dict[str, bool] = dict(
        rows(
            admin,
            """
            select g.role || ' ' || t.name, has_any_column_privilege(g.role, t.name, 'update')
            from (values ('supra_readonly'), ('supra_operator'), ('supra_supervisor')) as g (role)
            cross join (values ('persons'), ('tariff_schedules'), ('users')) as t (name)
            """,
        )
    )
    assert {grant for grant, granted in may.items() if granted} == {
        "supra_operator persons",
        "supra_supervisor persons",
        "supra_supervisor tariff_schedules",
    }


@pytest.mark.parametrize("group", ["supra_readonly", "supra_operator", "supra_supervisor", "supra_dba"])
def test_the_audit_is_append_only_for_everyone_who_signs_in(admin: Connection, group: str) -> None:
    assert rows(
        admin, f"select has_table_privilege('{group}', 'domain_events', 'insert, update, delete, truncate')"
    ) == [(False,)]


def test_no_hash_of_a_secret_is_readable_by_people(admin: Connection) -> None:
    readable = rows(
        admin,
        f"""
        select g.role, t.relname, a.attname
        from ({TABLES}) as t
        join pg_attribute as a on a.attrelid = t.oid and a.attname in ('password_hash', 'token_hash', 'key_hash')
        cross join unnest({GROUPS}) as g (role)
        where g.role <> 'supra_app' and has_column_privilege(g.role, t.oid, a.attnum, 'select')
        """,
    )
    assert readable == []


def test_a_password_in_plain_text_cannot_be_stored(admin: Connection, utilities: Utilities) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(
            "insert into users (tenant_id, email, name, role, password_hash) "
            "values (%s, 'new@example.mx', 'New', 'operador', 'secret')",
            [utilities.ours["tenant"]],
        )
