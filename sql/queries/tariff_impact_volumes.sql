-- How often was each volume used in some months, by tariff and social tariff? Each is rated once, however many used it.
--
-- Parameters: none; impact_used_n is the months'. Cost: 0.1 s for a month of 400,000 contracts.
insert into impact_volume as v (kind, litres, readings)
select
    u.kind,
    u.litres,
    count(*)
from impact_used_n as u
group by u.kind, u.litres
on conflict (kind, litres) do update set readings = v.readings + excluded.readings
