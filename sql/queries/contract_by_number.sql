-- Which contract has this number?
--
-- Parameters: number. Index: contracts (tenant_id, contract_number). Cost: well under 1 ms.
select c.id
from contracts as c
where c.contract_number = %(number)s
