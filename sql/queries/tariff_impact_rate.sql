-- What does each volume that came new cost, under the old price and under the new one? In cents.
--
-- One call of the rating for each tariff and price, over all its new volumes. A consumption no bill is made of has no
-- price. Once for impact_pair.old_id and once for new_id: side_ stands for one of them.
--
-- Parameters: none. Cost: 2 ms a tariff, and 1 s for half a million volumes.
with fresh as materialized (
    select
        v.kind / 2 as pair,
        array_agg(v.litres * 0.001) as volumes,
        array_agg(mod(v.kind, 2) = 1) as socials
    from impact_volume as v
    where v.side_cents is null and v.litres between 0 and 9999999999
    group by v.kind / 2
)

update impact_volume as v
set side_cents = (r.total * 100)::bigint
from fresh as f
inner join impact_pair as p on f.pair = p.no
inner join tariff_schedules as s on p.side_id = s.id
cross join lateral supra.rate_consumptions(s, f.volumes, f.socials) as r
where v.volume = (f.pair * 2 + r.social::integer) * 100000000000 + (r.m3 * 1000)::bigint
