-- Of which lines are the latest invoices of this contract (or one older) made, and by which tariff blocks?
--
-- The invoices are those account_invoices.sql lists.
--
-- Parameters: contract_id; invoice_id (null: the latest); how_many (invoices). Indexes: idx_invoices_contract, idx_invoice_lines_invoice.
-- Cost: about 1 ms for a dozen invoices.
select
    l.invoice_id,
    l.concept_code,
    l.concept_name,
    l.subconcept_name,
    l.quantity,
    l.unit_price,
    l.subtotal,
    l.iva_rate,
    l.iva_amount,
    l.total,
    l.clave_prod_serv,
    l.clave_unidad,
    l.tariff_detail,
    s.name as tariff_name
from (
    select
        i.tenant_id,
        i.id
    from contracts as c
    inner join invoices as i on c.tenant_id = i.tenant_id and c.id = i.contract_id
    where c.id = %(contract_id)s and (i.id = %(invoice_id)s::uuid or %(invoice_id)s::uuid is null)
    order by i.period_start desc, i.billing_date desc, i.id
    limit %(how_many)s
) as latest
inner join invoice_lines as l on latest.tenant_id = l.tenant_id and latest.id = l.invoice_id
left join tariff_schedules as s on l.tenant_id = s.tenant_id and l.tariff_detail ->> 'tariff_id' = s.id::text
order by l.invoice_id, l.sort_order, l.concept_code
