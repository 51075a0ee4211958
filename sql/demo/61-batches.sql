-- One run for each explotación and month; all invoices of a run share its series.

analyze demo.bill;

create unlogged table demo.batch as
select
    row_number() over (order by t.tenant, e.code, m.month)::integer as batch_no,
    t.tenant,
    e.tenant_id,
    e.id as explotacion_id,
    e.code,
    m.month,
    demo.id('batch', row_number() over (order by t.tenant, e.code, m.month)) as batch_id,
    coalesce(e.billing_config ->> 'serie', left('F' || regexp_replace(e.code, '[^A-Za-z0-9]', '', 'g'), 10)) as serie
from demo.tenant as t
join explotaciones as e on e.tenant_id = t.tenant_id
cross join generate_series(1, demo.months()) as m (month);

insert into invoice_batches (
    id, tenant_id, explotacion_id, batch_number, period_start, period_end, status, invoice_count, total_amount,
    created_by, closed_at, created_at, updated_at
)
select
    b.batch_id, b.tenant_id, b.explotacion_id, to_char(demo.month_start(b.month), 'YYYYMM') || '-' || b.code,
    demo.month_start(b.month), (demo.month_start(b.month) + interval '1 month - 1 day')::date,
    case b.month when demo.months() then 'emitido' else 'cerrado' end, s.invoices, s.total,
    (select x.user_id from demo.staff as x where x.tenant = b.tenant and x.role = 'supervisor'),
    case when b.month < demo.months() then demo.month_start(b.month) + interval '1 month 9 hours' end,
    demo.month_start(b.month) + interval '1 month - 3 days', demo.month_start(b.month) + interval '1 month'
from demo.batch as b
join (
    select
        a.explotacion_id,
        i.month,
        count(*) as invoices,
        sum(i.total) as total
    from demo.bill as i
    join demo.account as a on a.n = i.n
    where i.status not in ('cancelada', 'provisional')
    group by a.explotacion_id, i.month
) as s on s.explotacion_id = b.explotacion_id and s.month = b.month;

analyze demo.batch;

-- The counter of each explotación, and who takes the money there.
create unlogged table demo.till as
select
    e.id as explotacion_id,
    (
        select o.id
        from offices as o
        where o.tenant_id = e.tenant_id and o.explotacion_id = e.id
        order by o.code
        limit 1
    ) as office_id,
    (
        select s.user_id
        from demo.staff as s
        where s.tenant = t.tenant and s.role in ('cajero', 'operador')
        order by s.role
        limit 1
    ) as cashier_id
from demo.tenant as t
join explotaciones as e on e.tenant_id = t.tenant_id;
