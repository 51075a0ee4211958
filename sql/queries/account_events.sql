-- What happened to this contract, its toma and its holder, latest first?
--
-- Who looked at the account is left out: those events are for auditors, and would crowd out the others.
--
-- Parameters: contract_id, toma_id, person_id, how_many.
-- Index: idx_events_aggregate of each chunk. Cost: about 0.1 ms for each chunk, most of it planning.
select
    e.id,
    e.created_at,
    e.event_type,
    e.aggregate_type,
    e.metadata ->> 'db_user' as db_user,
    e.payload
from domain_events as e
where
    e.aggregate_type in ('contract', 'toma', 'person')
    and e.aggregate_id in (%(contract_id)s, %(toma_id)s, %(person_id)s)
    and e.event_type not in ('account.viewed', 'account.copied')
order by e.created_at desc, e.id
limit %(how_many)s
