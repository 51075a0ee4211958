-- With which settings was one chunk compressed? For TimescaleDB 2.17 to 2.28; until 2.18 they are kept for the
-- compressed part, later for the chunk itself.
select
    array(
        select quote_ident(b.name)
        from unnest(s.segmentby) with ordinality as b (name, place)
        order by b.place
    ) as segmentby,
    array(
        select
            quote_ident(b.name)
            || case when b.falls then ' DESC' else '' end
            || case when b.falls <> b.nulls_first then case when b.nulls_first then ' NULLS FIRST' else ' NULLS LAST' end else '' end
        from unnest(s.orderby, s.orderby_desc, s.orderby_nullsfirst)
        with ordinality as b (name, falls, nulls_first, place)
        order by b.place
    ) as orderby
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join _timescaledb_catalog.chunk as k on k.schema_name = n.nspname and k.table_name = c.relname
left join _timescaledb_catalog.chunk as o on o.id = k.compressed_chunk_id
left join pg_catalog.pg_namespace as m on m.nspname = o.schema_name
left join pg_catalog.pg_class as p on p.relnamespace = m.oid and p.relname = o.table_name
inner join _timescaledb_catalog.compression_settings as s on s.relid in (c.oid, p.oid)
where n.nspname = %(schema)s and c.relname = %(name)s
