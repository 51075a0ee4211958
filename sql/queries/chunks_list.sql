-- All chunks of all hypertables, for TimescaleDB 2.17 to 2.27: a chunk has a name, its slices are its constraints,
-- its compressed part is another chunk.
-- Bounds are TimescaleDB's own numbers: microseconds since 1970 where the column is a time. The mark changes when the
-- chunk or its compressed part was written to; while it stays, so do the sizes, which cost ten times this statement.
with
time_dimensions as (
    select distinct on (d.hypertable_id)
        d.id,
        d.hypertable_id
    from _timescaledb_catalog.dimension as d
    where d.num_slices is null
    order by d.hypertable_id, d.id
)

select
    k.id,
    k.hypertable_id as hypertable,
    k.schema_name::text as schema,
    k.table_name::text as name,
    s.range_start as begins,
    s.range_end as ends,
    k.creation_time as created,
    z.uncompressed_heap_size + z.uncompressed_toast_size + z.uncompressed_index_size as before,
    z.compressed_heap_size + z.compressed_toast_size + z.compressed_index_size as after,
    z.uncompressed_heap_size as heap_before,
    z.numrows_pre_compression as rows_before,
    z.numrows_post_compression as batches,
    nullif(c.reltuples, -1)::bigint as estimate,
    k.status,
    (c.relpages + coalesce(p.relpages, 0)) * current_setting('block_size')::bigint as guess,
    c.oid as own,
    p.oid as part,
    hashtextextended(
        concat_ws(
            '.', k.status, c.relfilenode, c.relpages, p.relfilenode, p.relpages,
            pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_deleted(c.oid),
            pg_stat_get_tuples_inserted(p.oid), pg_stat_get_tuples_updated(p.oid), pg_stat_get_tuples_deleted(p.oid)
        ), 0
    ) as mark
from _timescaledb_catalog.chunk as k
inner join pg_catalog.pg_namespace as n on n.nspname = k.schema_name
inner join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = k.table_name
inner join time_dimensions as d on d.hypertable_id = k.hypertable_id
inner join _timescaledb_catalog.chunk_constraint as r on r.chunk_id = k.id
inner join _timescaledb_catalog.dimension_slice as s on s.id = r.dimension_slice_id and s.dimension_id = d.id
left join _timescaledb_catalog.chunk as o on o.id = k.compressed_chunk_id
left join pg_catalog.pg_namespace as m on m.nspname = o.schema_name
left join pg_catalog.pg_class as p on p.relnamespace = m.oid and p.relname = o.table_name
left join _timescaledb_catalog.compression_chunk_size as z on z.chunk_id = k.id
where not k.osm_chunk
order by k.hypertable_id, s.range_start, k.id
