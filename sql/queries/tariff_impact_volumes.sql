-- How often was each volume used in some months, by tariff and social tariff? Each is rated once, however many used it.
--
-- Parameters: none; impact_used_n is the months'. Cost: 0.1 s for a month of 400,000 contracts.
insert into impact_volume as v (volume, kind, litres, readings)
select
    u.volume,
    u.volume / 100000000000,
    mod(u.volume, 100000000000),
    count(*)
from impact_used_n as u
group by u.volume
on conflict (volume) do update set readings = v.readings + excluded.readings
