-- What only the owner of the continuous aggregates may see of them: their bucket, and the newest row of their source.
select
    s.mat_hypertable_id as hypertable,
    s.bucket,
    case
        when s.bucket ~ '^[0-9]+$' then s.bucket
        when extract(year from s.bucket::interval) = 0 and extract(month from s.bucket::interval) = 0
            then extract(epoch from s.bucket::interval) || ' seconds'
    end as width,
    s.newest
from supra.continuous_aggregates_state() as s
