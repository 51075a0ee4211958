-- Which are the latest invoices of this contract? Or: what does one older invoice of it say?
--
-- Parameters: contract_id; invoice_id (null: the latest); how_many. Index: idx_invoices_contract. Cost: under 1 ms.
select
    i.id,
    i.serie,
    i.invoice_number,
    i.invoice_type,
    i.status,
    i.period_start,
    i.period_end,
    i.billing_date,
    i.due_date,
    i.consumption_m3,
    i.previous_reading,
    i.current_reading,
    i.subtotal,
    i.iva_amount,
    i.total,
    i.amount_paid,
    i.balance,
    i.folio_fiscal
from contracts as c
inner join invoices as i on c.tenant_id = i.tenant_id and c.id = i.contract_id
where c.id = %(contract_id)s and (i.id = %(invoice_id)s::uuid or %(invoice_id)s::uuid is null)
order by i.period_start desc, i.billing_date desc, i.id
limit %(how_many)s
