-- Who may reach what only the tenant views and the search function may: hypertables, their chunks,
-- their aggregates, and the search support? No row is a sound posture.
-- A right on a chunk goes round the tenant filter of the view as much as one on its hypertable, and
-- an inner routine of TimescaleDB that acts on any chunk goes round rights altogether.
with
hidden as (
    select n.oid
    from pg_catalog.pg_namespace as n
    where n.nspname in ('timeseries', 'search', 'trial')
),

hypertable_chunks as (
    select i.inhrelid as oid
    from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as parent on i.inhparent = parent.oid
    inner join hidden as h on h.oid = parent.relnamespace
),

rights as (
    select
        n.nspname::text as object,
        a.grantee,
        a.privilege_type as privilege
    from pg_catalog.pg_namespace as n
    inner join hidden as h on h.oid = n.oid
    cross join lateral aclexplode(n.nspacl) as a
    where a.grantee <> n.nspowner
    union all
    select
        c.oid::regclass::text as object,
        a.grantee,
        a.privilege_type as privilege
    from pg_catalog.pg_class as c
    cross join lateral aclexplode(c.relacl) as a
    where
        a.grantee <> c.relowner
        and (
            c.relnamespace in (select h.oid from hidden as h)
            or c.oid in (select k.oid from hypertable_chunks as k)
        )
    union all
    select
        p.oid::regprocedure::text as object,
        a.grantee,
        a.privilege_type as privilege
    from pg_catalog.pg_proc as p
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where
        a.grantee <> p.proowner
        and p.pronamespace in (
            select n.oid
            from pg_catalog.pg_namespace as n
            where n.nspname in ('_timescaledb_functions', '_timescaledb_internal')
        )
        and p.proname in ('drop_chunk', 'create_chunk', 'freeze_chunk')
)

select
    r.object,
    coalesce(g.rolname::text, 'public') as grantee,
    string_agg(distinct lower(r.privilege), ', ' order by lower(r.privilege)) as privileges
from rights as r
left join pg_catalog.pg_roles as g on g.oid = r.grantee
where
    g.rolname is null
    or g.rolname not in ('supra_owner', 'supra_guard', 'supra_timeseries', 'supra_search', 'supra_jobs')
group by r.object, coalesce(g.rolname::text, 'public')
order by r.object, coalesce(g.rolname::text, 'public')
