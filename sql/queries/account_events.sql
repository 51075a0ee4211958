-- What happened to this contract, its toma and its holder, latest first?
--
-- Who looked at the account is left out: those events are for auditors, and would crowd out the others.
--
-- Parameters: contract_id, toma_id, person_id, how_many.
-- Index: idx_events_aggregate of each chunk. Cost: about 0.3 ms for each chunk.
select
    e.id,
    e.created_at,
    e.event_type,
    e.aggregate_type,
    e.metadata ->> 'db_user' as db_user,
    e.payload
from (
    values
    ('contract', %(contract_id)s::uuid),
    ('toma', %(toma_id)s::uuid),
    ('person', %(person_id)s::uuid)
) as subject (aggregate_type, aggregate_id)
inner join domain_events as e
    on subject.aggregate_type = e.aggregate_type and subject.aggregate_id = e.aggregate_id
where e.event_type not in ('account.viewed', 'account.copied')
order by e.created_at desc, e.id
limit %(how_many)s
