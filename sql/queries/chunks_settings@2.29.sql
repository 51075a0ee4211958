-- With which settings was one chunk compressed? For TimescaleDB 2.29 and later.
select
    array(
        select quote_ident(b.name)
        from unnest(o.segmentby) with ordinality as b (name, place)
        order by b.place
    ) as segmentby,
    array(
        select
            quote_ident(b.name)
            || case when b.falls then ' DESC' else '' end
            || case when b.falls <> b.nulls_first then case when b.nulls_first then ' NULLS FIRST' else ' NULLS LAST' end else '' end
        from unnest(o.orderby, o.orderby_desc, o.orderby_nullsfirst)
        with ordinality as b (name, falls, nulls_first, place)
        order by b.place
    ) as orderby
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join _timescaledb_catalog.compression_settings as o on o.relid = c.oid
where n.nspname = %(schema)s and c.relname = %(name)s
