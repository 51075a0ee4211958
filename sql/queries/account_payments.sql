-- What was last paid on this contract, and for which invoice?
--
-- Parameters: contract_id, how_many. Indexes: idx_payments_contract, invoices (tenant_id, id). Cost: under 1 ms.
select
    p.id,
    p.payment_date,
    p.amount,
    p.channel,
    p.method,
    p.reference,
    p.status,
    p.status_reason,
    p.invoice_id,
    i.serie,
    i.invoice_number
from contracts as c
inner join payments as p on c.tenant_id = p.tenant_id and c.id = p.contract_id
left join invoices as i on p.tenant_id = i.tenant_id and p.invoice_id = i.id
where c.id = %(contract_id)s
order by p.payment_date desc, p.id
limit %(how_many)s
