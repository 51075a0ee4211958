-- Which readings of those concerned is no bill made of, and why?
--
-- Parameters: begins, ends (half open). Indexes: idx_readings_status of each chunk. Cost: 0.2 s for 400,000 contracts.
select
    c.kind / 2 as pair,
    m.status as reason,
    count(*) as readings
from meter_readings as m
inner join impact_concerned as c on m.contract_id = c.contract_id
where
    m.status in ('suspicious', 'rejected')
    and m.reading_date >= %(begins)s
    and m.reading_date < %(ends)s
group by c.kind / 2, m.status
