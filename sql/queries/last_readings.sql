-- What was last read at this toma, latest first?
--
-- By toma and not by meter: the history goes on when a meter is replaced. meter_readings is the tenant's view over
-- the hypertable; its limit is not pushed into the chunks, so `since` keeps the number of chunks small.
--
-- Parameters: toma_id; since (null: from the beginning); how_many.
-- Index: idx_readings_toma of each chunk. Cost: about 0.1 ms for each chunk since then.
select
    r.id,
    r.meter_id,
    r.reading_date,
    r.reading_value,
    r.previous_reading,
    r.consumption,
    r.period_start,
    r.period_end,
    r.source,
    r.status,
    r.anomaly_type,
    r.anomaly_score
from meter_readings as r
where
    r.toma_id = %(toma_id)s
    and r.reading_date >= coalesce(%(since)s::timestamptz, '-infinity')
order by r.reading_date desc, r.id
limit %(how_many)s
