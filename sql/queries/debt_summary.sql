-- What does this contract owe, and for how long?
--
-- The plan's query pattern 3, corrected: balances and not totals, so that part payments count; a row for a contract
-- that owes nothing, too; ageing by days past the due date, which is itself not late. Payments on account are not
-- taken off, for nobody has applied them yet; they are told beside the debt. The five ages add up to total_debt.
--
-- Parameters: contract_id; on_day (null: today in the utility's time zone).
-- Indexes: contracts' primary key, idx_invoices_contract, idx_payments_contract, idx_payment_plans_contract.
-- Cost: under 1 ms; it reads the invoices and payments of one contract.
select
    c.contract_number,
    count(i.id)::integer as unpaid_invoices,
    count(i.id) filter (where i.amount_paid > 0)::integer as part_paid_invoices,
    coalesce(sum(i.amount_paid), 0) as part_paid,
    coalesce(sum(i.balance), 0) as total_debt,
    coalesce(sum(i.balance) filter (where i.due_date >= d.today), 0) as not_due,
    coalesce(sum(i.balance) filter (where d.today - i.due_date between 1 and 30), 0) as days_1_30,
    coalesce(sum(i.balance) filter (where d.today - i.due_date between 31 and 60), 0) as days_31_60,
    coalesce(sum(i.balance) filter (where d.today - i.due_date between 61 and 90), 0) as days_61_90,
    coalesce(sum(i.balance) filter (where d.today - i.due_date > 90), 0) as days_over_90,
    min(i.due_date) as oldest_due_date,
    max(i.due_date) as newest_due_date,
    greatest(d.today - min(i.due_date), 0) as days_overdue,
    (
        select coalesce(sum(p.amount), 0)
        from payments as p
        where p.tenant_id = c.tenant_id and p.contract_id = c.id and p.invoice_id is null and p.status = 'aplicado'
    ) as on_account,
    (
        select n.plan_number
        from payment_plans as n
        where n.tenant_id = c.tenant_id and n.contract_id = c.id and n.status = 'activo'
        order by n.start_date desc
        limit 1
    ) as payment_plan
from contracts as c
cross join
    (select coalesce(%(on_day)s::date, (now() at time zone 'America/Mexico_City')::date) as today) as d
left join invoices as i
    on c.tenant_id = i.tenant_id and c.id = i.contract_id and i.status in ('pendiente', 'impagada')
where c.id = %(contract_id)s
group by c.tenant_id, c.id, c.contract_number, d.today
