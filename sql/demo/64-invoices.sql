-- The bills as CFDI invoices. What has been paid of each is written at once: the payments that
-- follow are the same money, and the trigger that adds it up is off during the load.

insert into invoices (
    id, tenant_id, contract_id, person_id, toma_id, explotacion_id, batch_id, invoice_number, folio_fiscal, serie,
    invoice_type, origin, period_start, period_end, billing_date, due_date, subtotal, iva_amount, total, amount_paid,
    reading_id, reading_date, consumption_m3, previous_reading, current_reading, status, cfdi_status, cfdi_stamp_date,
    cfdi_cancellation_date, payment_reference, spei_reference, delivered, delivery_channel, delivered_at, notes,
    created_at, updated_at
)
select
    demo.id('invoice', demo.period(b.n, b.month) * 2 + b.issue),
    a.tenant_id,
    h.contract_id,
    h.person_id,
    a.toma_id,
    a.explotacion_id,
    t.batch_id,
    case when b.status <> 'provisional' then h.number end,
    case when b.status <> 'provisional' then demo.id('cfdi', demo.period(b.n, b.month) * 2 + b.issue) end,
    t.serie,
    'consumo',
    case when b.read_at is null then 'cuota_fija' when b.estimated then 'estimacion' else 'lectura' end,
    b.period_start, b.period_end, b.billing_date, b.due_date, b.subtotal, b.iva_amount, b.total,
    coalesce(b.first_paid, 0) + coalesce(b.second_paid, 0),
    case when b.read_at is not null then demo.id('reading', demo.period(b.n, b.month)) end,
    b.read_at,
    b.used_m3,
    b.meter_before,
    b.meter_before + b.used_m3,
    b.status,
    case b.status when 'cancelada' then 'cancelada' when 'provisional' then null else 'timbrada' end,
    case when b.status <> 'provisional' then h.issued_at end,
    case when b.status = 'cancelada' then h.issued_at + interval '3 hours' end,
    case when b.issue = 1 and b.status <> 'provisional' then h.number || lpad((a.k * 37 % 97)::text, 2, '0') end,
    case when b.issue = 1 and b.status <> 'provisional' then lpad(h.number, 16, '0') end,
    b.issue = 1 and b.status <> 'provisional',
    case when b.issue = 1 and b.status <> 'provisional' then h.channel end,
    case when b.issue = 1 and b.status <> 'provisional' then h.issued_at + interval '1 day' end,
    case when b.status = 'cancelada' then 'Lectura capturada con error; se refacturó' end,
    h.issued_at,
    coalesce(b.second_paid_at, b.first_paid_at, h.issued_at)
from demo.bill as b
join demo.account as a on a.n = b.n
join demo.person as former on former.person = a.former_person
join demo.batch as t on t.explotacion_id = a.explotacion_id and t.month = b.month
cross join lateral (
    select
        case when b.month >= a.own_from then a.contract_id else a.former_contract_id end as contract_id,
        case when b.month >= a.own_from then a.person_id else former.person_id end as person_id,
        -- year, month and account: numbers run in the order of billing
        to_char(b.billing_date, 'YYMM') || lpad(a.k::text, 7, '0') || case b.issue when 0 then 'C' else '' end as number,
        (b.billing_date + time '21:30') at time zone 'America/Mexico_City' as issued_at,
        case
            when demo.roll(a.n, 'paperless') >= 0.38 then 'impreso'
            when demo.roll(a.n, 'reach') < 0.6 then 'whatsapp'
            else 'email'
        end as channel
) as h
where b.n between demo.slice_from() and demo.slice_to()
    and a.n between demo.slice_from() and demo.slice_to()
order by b.n, b.month, b.issue;
