-- The indexes of one chunk, of its own rows and of its compressed part, the largest first; for TimescaleDB
-- 2.17 to 2.28: the compressed part is a chunk too.
select
    x.relname::text as name,
    pg_relation_size(x.oid) as size,
    pg_get_indexdef(x.oid) as definition,
    i.indrelid <> c.oid as compressed
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join _timescaledb_catalog.chunk as k on k.schema_name = n.nspname and k.table_name = c.relname
left join _timescaledb_catalog.chunk as o on o.id = k.compressed_chunk_id
left join pg_catalog.pg_namespace as m on m.nspname = o.schema_name
left join pg_catalog.pg_class as p on p.relnamespace = m.oid and p.relname = o.table_name
inner join pg_catalog.pg_index as i on i.indrelid in (c.oid, p.oid)
inner join pg_catalog.pg_class as x on x.oid = i.indexrelid
where n.nspname = %(schema)s and c.relname = %(name)s
order by 2 desc, 1
