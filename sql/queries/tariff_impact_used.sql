-- What did those concerned use in some months, as far as a bill is made of it? Into the new table impact_used_n, in litres.
--
-- Litres are whole numbers, which hash and add up in a third of the time of m³; with offset 0 it is the workers of a
-- parallel scan that work them out. A reading without consumption counts as an impossible one.
--
-- Parameters: none; begins and ends (half open) stand in the text, since a command that makes a table takes none.
-- Indexes: none; the months' chunks are read whole. Cost: 1.5 s for 3 months of 400,000 contracts.
create temporary table impact_used_n on commit drop as
select
    c.no,
    c.kind,
    m.litres
from (
    select
        r.contract_id,
        (coalesce(r.consumption, -1) * 1000)::bigint as litres
    from meter_readings as r
    where
        r.status in ('valid', 'corrected', 'estimated')
        and r.reading_date >= '{begins}'
        and r.reading_date < '{ends}'
    offset 0
) as m
inner join impact_concerned as c on m.contract_id = c.contract_id
