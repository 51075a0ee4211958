-- Which rights go round the tenant views: on the hypertables of the schema timeseries, their chunks and aggregates?
-- A chunk is found by its owner, who is its hypertable's. A right on some columns is one on the table; who loses the one
-- loses the other. No row is a sound posture.
with
owners as (
    select distinct c.relowner as oid
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'timeseries'
),

rights as materialized (
    select
        c.oid,
        n.nspname,
        c.relname,
        g.rolname,
        a.privilege_type
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    cross join lateral (
        select
            w.grantee,
            w.privilege_type
        from aclexplode(c.relacl) as w
        union all
        select
            w.grantee,
            w.privilege_type
        from pg_catalog.pg_attribute as k
        cross join lateral aclexplode(k.attacl) as w
        where k.attrelid = c.oid and k.attacl is not null
    ) as a
    left join pg_catalog.pg_roles as g on g.oid = a.grantee
    where
        n.nspname in ('timeseries', '_timescaledb_internal')
        and c.relkind not in ('i', 'I', 't')
        and c.relowner in (select o.oid from owners as o)
        and a.grantee <> c.relowner
        and (
            g.rolname is null
            or g.rolname not in ('supra_owner', 'supra_guard', 'supra_timeseries', 'supra_search', 'supra_jobs')
        )
)

select
    quote_ident(r.nspname) || '.' || quote_ident(r.relname) as relation,
    coalesce(r.rolname::text, 'public') as grantee,
    string_agg(distinct lower(r.privilege_type), ', ' order by lower(r.privilege_type)) as privilege
from rights as r
where
    not exists (
        select true
        from pg_catalog.pg_depend as e
        where e.classid = 'pg_class'::regclass and e.objid = r.oid and e.deptype = 'e'
    )
group by r.nspname, r.relname, r.rolname
order by r.nspname <> 'timeseries', r.nspname, r.relname, r.rolname
