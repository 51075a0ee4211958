-- What happened to this tariff, latest first: who drafted, approved, activated it, and when?
--
-- Parameters: tariff_id, how_many. Index: idx_events_aggregate of each chunk. Cost: about 0.1 ms for each chunk.
select
    e.id,
    e.created_at as happened_at,
    e.event_type as what,
    coalesce(u.name, e.metadata ->> 'db_user') as who,
    e.payload
from domain_events as e
left join users as u on u.id::text = e.metadata ->> 'user_id'
where e.aggregate_type = 'tariff' and e.aggregate_id = %(tariff_id)s
order by e.created_at desc, e.id
limit %(how_many)s
