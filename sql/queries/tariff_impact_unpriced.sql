-- Which volumes have one price and lack the other, though their tariff replaces one? Nothing can be compared there.
--
-- A concept that is worked out on nothing, say, leaves a tariff without a total. Such readings count as not rated.
--
-- Parameters: none. Cost: 20 ms.
update impact_volume as v
set
    old_cents = null,
    new_cents = null
from impact_pair as p
where
    v.kind / 2 = p.no
    and p.old_id is not null
    and (v.old_cents is null) <> (v.new_cents is null)
