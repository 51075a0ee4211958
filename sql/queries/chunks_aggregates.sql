-- Continuous aggregates, whoever owns them: how far they are materialized and what changed below that since. Times are
-- TimescaleDB's own numbers. What a transaction changed waits in the log of the source until a refresh takes it to the
-- log of the aggregate; both are still to be refreshed.
select
    a.mat_hypertable_id as hypertable,
    a.raw_hypertable_id as source,
    w.watermark,
    not a.materialized_only as realtime,
    i.lows,
    i.highs
from _timescaledb_catalog.continuous_agg as a
left join _timescaledb_catalog.continuous_aggs_watermark as w on w.mat_hypertable_id = a.mat_hypertable_id
cross join lateral (
    select
        coalesce(array_agg(l.low order by l.low, l.high), '{}') as lows,
        coalesce(array_agg(l.high order by l.low, l.high), '{}') as highs
    from (
        select
            m.lowest_modified_value as low,
            m.greatest_modified_value as high
        from _timescaledb_catalog.continuous_aggs_materialization_invalidation_log as m
        where m.materialization_id = a.mat_hypertable_id
        union
        select
            h.lowest_modified_value as low,
            h.greatest_modified_value as high
        from _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log as h
        where h.hypertable_id = a.raw_hypertable_id
        order by 1, 2
        limit 1000
    ) as l
    where l.low < w.watermark
) as i
order by a.mat_hypertable_id
