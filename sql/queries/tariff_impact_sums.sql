-- What do all months come to for each contract? In cents.
--
-- Parameters: none. Cost: 3 s for 12 months of 400,000 contracts.
create temporary table impact_sum on commit drop as
select
    u.no,
    count(v.new_cents) as readings,
    sum(v.litres) filter (where v.new_cents is not null) as litres,
    sum(v.old_cents)::bigint as old_cents,
    sum(v.new_cents)::bigint as new_cents
from impact_used as u
inner join impact_volume as v on u.kind = v.kind and u.litres = v.litres
group by u.no
