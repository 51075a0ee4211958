-- The indexes of one chunk, of its own rows and of its compressed part, the largest first; for TimescaleDB
-- 2.29 and later: the compressed part is known from the settings.
select
    x.relname::text as name,
    pg_relation_size(x.oid) as size,
    pg_get_indexdef(x.oid) as definition,
    i.indrelid <> c.oid as compressed
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
left join _timescaledb_catalog.compression_settings as o on o.relid = c.oid
left join pg_catalog.pg_class as p on p.oid = o.compress_relid
inner join pg_catalog.pg_index as i on i.indrelid in (c.oid, p.oid)
inner join pg_catalog.pg_class as x on x.oid = i.indexrelid
where n.nspname = %(schema)s and c.relname = %(name)s
order by 2 desc, 1
