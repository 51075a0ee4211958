-- What do the months that are done come to, by tariff and explotación? Amounts in MXN.
--
-- Parameters: none. Cost: 20 ms.
select
    v.kind / 2 as pair,
    max(greatest(case when v.new_cents is not null then v.litres end, v.old_cents, v.new_cents)) as largest,
    sum(v.readings) filter (where v.new_cents is not null) as readings,
    sum(v.readings) filter (where v.new_cents is null) as unbillable,
    coalesce(sum(v.litres * v.readings) filter (where v.new_cents is not null), 0) * 0.001 as m3,
    coalesce(sum(v.old_cents * v.readings), 0) * 0.01 as old,
    coalesce(sum(v.new_cents * v.readings) filter (where v.old_cents is not null), 0) * 0.01 as new,
    coalesce(sum(v.new_cents * v.readings) filter (where v.old_cents is null), 0) * 0.01 as first_price
from impact_volume as v
group by v.kind / 2
