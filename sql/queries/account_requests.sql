-- What did this customer last ask, report or complain about?
--
-- Those of the contract, and those of its holder that name no contract.
--
-- Parameters: contract_id, person_id, how_many.
-- Indexes: idx_contacts_contract, idx_contacts_person. Cost: under 1 ms.
select
    x.id,
    x.contact_number,
    x.channel,
    x.contact_type,
    x.subject,
    x.priority,
    x.status,
    x.created_at,
    x.resolved_at
from contacts as x
where
    x.contract_id = %(contract_id)s
    or (x.person_id = %(person_id)s and x.contract_id is null)
order by x.created_at desc, x.id
limit %(how_many)s
