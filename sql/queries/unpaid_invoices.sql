-- Which invoices of this contract are still owed, oldest first?
--
-- Parameters: contract_id; on_day (null: today in the utility's time zone); how_many.
-- Index: idx_invoices_contract. Cost: under 1 ms.
select
    i.id,
    i.serie,
    i.invoice_number,
    i.period_start,
    i.period_end,
    i.due_date,
    i.total,
    i.amount_paid,
    i.balance,
    i.status,
    greatest(coalesce(%(on_day)s::date, (now() at time zone 'America/Mexico_City')::date) - i.due_date, 0)
        as days_overdue
from contracts as c
inner join invoices as i on c.tenant_id = i.tenant_id and c.id = i.contract_id
where c.id = %(contract_id)s and i.status in ('pendiente', 'impagada')
order by i.due_date, i.id
limit %(how_many)s
