-- What each invoice is made of: the lines its consumption was rated to.

insert into invoice_lines (
    id, invoice_id, tenant_id, concept_code, concept_name, owner_entity, quantity, unit_price, subtotal, iva_rate,
    iva_amount, total, tariff_detail, clave_prod_serv, clave_unidad, sort_order, created_at
)
select
    demo.id('line', (demo.period(b.n, b.month) * 2 + b.issue) * 8 + l.sort_order),
    demo.id('invoice', demo.period(b.n, b.month) * 2 + b.issue),
    a.tenant_id,
    l.code,
    l.name,
    case a.tenant when 1 then 'CEA' else 'COMAPA' end,
    l.quantity,
    l.unit_price,
    l.subtotal,
    l.iva_rate,
    l.iva_amount,
    l.total,
    l.detail,
    l.product,
    l.unit,
    l.sort_order,
    (b.billing_date + time '21:30') at time zone 'America/Mexico_City'
from demo.bill as b
join demo.account as a on a.n = b.n
join demo.rate_line as l on l.rate_no = b.rate_no
where b.n between demo.slice_from() and demo.slice_to()
    and a.n between demo.slice_from() and demo.slice_to()
order by b.n, b.month, b.issue, l.sort_order;
