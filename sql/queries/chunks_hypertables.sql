-- All hypertables, and those that hold what a continuous aggregate has materialized, under the name of its view.
-- TimescaleDB 2.17 to 2.29: the settings of a hypertable are the row of its own oid in every version, and until 2.28
-- its compressed chunks hang under a hypertable of state 2, which is nobody's business. A dimension by the calendar
-- has its interval in a column that older versions lack, so it is read from the row as a document.
select
    h.id,
    coalesce(a.user_view_schema, h.schema_name)::text as schema,
    coalesce(a.user_view_name, h.table_name)::text as name,
    pg_get_userbyid(c.relowner)::text as owner,
    a.mat_hypertable_id is not null as aggregate,
    d.column_name::text as time_column,
    format_type(d.column_type, null) as time_type,
    h.num_dimensions as dimensions,
    d.interval_length,
    (to_jsonb(d) ->> 'interval')::interval as calendar_interval,
    s.relid is not null as compresses,
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
    ) as orderby,
    c.relrowsecurity as row_security
from _timescaledb_catalog.hypertable as h
inner join pg_catalog.pg_namespace as n on n.nspname = h.schema_name
inner join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = h.table_name
cross join lateral (
    select t.*
    from _timescaledb_catalog.dimension as t
    where t.hypertable_id = h.id and t.num_slices is null
    order by t.id
    limit 1
) as d
left join _timescaledb_catalog.continuous_agg as a on a.mat_hypertable_id = h.id
left join _timescaledb_catalog.compression_settings as s on s.relid = c.oid
where h.compression_state <> 2
order by a.mat_hypertable_id is not null, 2, 3
