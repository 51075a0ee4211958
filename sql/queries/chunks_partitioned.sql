-- Tables that PostgreSQL itself partitions by a time, their newest partition and what fell into the default one.
-- The bounds are read from their own text, which PostgreSQL writes in the zone of this very session.
with
parents as (
    select
        t.partrelid as oid,
        t.partdefid as default_oid
    from pg_catalog.pg_partitioned_table as t
    inner join pg_catalog.pg_attribute as a on a.attrelid = t.partrelid and a.attnum = t.partattrs[0]
    where
        t.partstrat = 'r'
        and t.partnatts = 1
        and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
)

select
    n.nspname::text as schema,
    c.relname::text as name,
    count(*) filter (where b.bound <> 'DEFAULT') as partitions,
    min(substring(b.bound from 'FROM \(''([^'']+)''\)')::timestamptz) as begins,
    max(substring(b.bound from 'TO \(''([^'']+)''\)')::timestamptz) as ends,
    p.default_oid <> 0 as has_default,
    min(
        case
            when k.oid <> p.default_oid then null
            when pg_relation_size(k.oid) = 0 then 0
            else nullif(k.reltuples, -1)::bigint
        end
    ) as default_rows,
    coalesce(sum(pg_total_relation_size(k.oid)), 0)::bigint as size
from parents as p
inner join pg_catalog.pg_class as c on c.oid = p.oid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
left join pg_catalog.pg_inherits as i on i.inhparent = p.oid
left join pg_catalog.pg_class as k on k.oid = i.inhrelid
left join lateral pg_get_expr(k.relpartbound, k.oid) as b (bound) on true
group by n.nspname, c.relname, p.default_oid
order by n.nspname, c.relname
