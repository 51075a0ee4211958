-- Who looks at (or copies) this account? Writes that down, and gives the keys to read the account by.
--
-- Run and committed in a transaction of its own before anything of the account is read or shown. A contract that is
-- not there, or belongs to another tenant, gives no row and writes no event.
--
-- Parameters: contract_id, event_type, payload (jsonb text).
-- Index: contracts' primary key. Cost: under 1 ms, and the flush of the commit.
select
    c.id as contract_id,
    c.person_id,
    c.toma_id,
    supra.record_event(%(event_type)s, 'contract', c.id, %(payload)s::jsonb) as event_id
from contracts as c
where c.id = %(contract_id)s
