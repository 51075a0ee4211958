-- Holds tariffs, and those they replace, until the transaction ends, and says which versions they are.
--
-- Always in the order of their ids: two people who bring some of the same tariffs into force wait for each other, and
-- not one for what the other has. Whoever may not change tariffs may not hold them either (42501).
--
-- Parameters: ids. Index: the primary key. Cost: about 1 ms for a hundred, and the wait for whoever holds one.
select
    s.id,
    s.version
from tariff_schedules as s
where
    s.id = any(%(ids)s::uuid[])
    or s.id in (select d.replaces_id from tariff_schedules as d where d.id = any(%(ids)s::uuid[]))
order by s.id
for update of s
