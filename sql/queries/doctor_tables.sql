-- Which tables of a tenant are not, or not well, behind row-level isolation?
-- problem is a code: not_enabled, not_forced, no_policy, no_check, open_policy, partition_rights,
-- public_rights, view_open. No row is a sound posture.
with
tenant_tables as (
    select
        c.oid,
        c.relname::text as name,
        c.relrowsecurity,
        c.relforcerowsecurity
    from pg_catalog.pg_class as c
    where
        c.relnamespace = 'public'::regnamespace
        and c.relkind in ('r', 'p')
        and not c.relispartition
        and (
            c.relname = 'tenants'
            or exists (
                select true
                from pg_catalog.pg_attribute as a
                where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            )
        )
),

policies as (
    select
        p.polrelid as oid,
        p.polname::text as name,
        p.polpermissive,
        p.polcmd,
        coalesce(pg_get_expr(p.polqual, p.polrelid), '') as using_rows,
        coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as checked_rows
    from pg_catalog.pg_policy as p
),

granted as (
    select
        c.relname::text as name,
        c.relispartition,
        coalesce(r.rolname::text, 'public') as grantee
    from pg_catalog.pg_class as c
    cross join lateral aclexplode(c.relacl) as a
    left join pg_catalog.pg_roles as r on r.oid = a.grantee
    where
        c.relnamespace = 'public'::regnamespace
        and c.relkind in ('r', 'p', 'v')
        and a.grantee <> c.relowner
        and not exists (
            select true
            from pg_catalog.pg_depend as d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
        )
)

select
    t.name,
    'not_enabled' as problem,
    null as detail
from tenant_tables as t
where not t.relrowsecurity
union all
select
    t.name,
    'not_forced' as problem,
    null as detail
from tenant_tables as t
where not t.relforcerowsecurity
union all
select
    t.name,
    'no_policy' as problem,
    null as detail
from tenant_tables as t
where not exists (
    select true
    from policies as p
    where p.oid = t.oid and p.using_rows like '%current_tenant()%'
)
union all
select
    t.name,
    'no_check' as problem,
    p.name as detail
from tenant_tables as t
inner join policies as p on p.oid = t.oid
where p.using_rows like '%current_tenant()%' and p.polcmd in ('*', 'w') and p.checked_rows not like '%current_tenant()%'
union all
select
    t.name,
    'open_policy' as problem,
    p.name as detail
from tenant_tables as t
inner join policies as p on p.oid = t.oid
where p.polpermissive and concat(p.using_rows, p.checked_rows) !~ 'current_tenant\(\)|tenant_id IS NULL'
union all
select distinct
    g.name,
    'partition_rights' as problem,
    g.grantee as detail
from granted as g
where g.relispartition
union all
select distinct
    g.name,
    'public_rights' as problem,
    g.grantee as detail
from granted as g
where g.grantee = 'public'
union all
select
    c.relname::text as name,
    'view_open' as problem,
    null as detail
from pg_catalog.pg_class as c
where
    c.relnamespace = 'public'::regnamespace
    and c.relkind = 'v'
    and c.relname in ('meter_readings', 'domain_events', 'daily_consumption')
    and not coalesce('security_barrier=true' = any(c.reloptions), false)
order by 1, 2
