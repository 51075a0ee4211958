-- The money that came in, through which door and with which reference; and what bounced.

insert into payments (
    id, tenant_id, contract_id, invoice_id, office_id, received_by, amount, payment_date, channel, method, reference,
    external_id, receipt_number, status, status_reason, created_at, updated_at
)
select
    demo.id('payment', y.number),
    a.tenant_id,
    case when b.month >= a.own_from then a.contract_id else a.former_contract_id end,
    demo.id('invoice', demo.period(b.n, b.month) * 2 + b.issue),
    case when c.channel = 'ventanilla' then o.office_id end,
    case when c.channel = 'ventanilla' then o.cashier_id end,
    p.amount,
    p.paid_at,
    c.channel,
    case c.channel
        when 'ventanilla' then demo.one_of(y.number, 'over the counter', array['efectivo', 'efectivo', 'tarjeta_debito', 'tarjeta_credito', 'cheque'])
        when 'oxxo' then 'efectivo' when 'banco' then 'efectivo' when 'portal' then
            demo.one_of(y.number, 'online', array['tarjeta_credito', 'tarjeta_debito'])
        when 'domiciliacion' then 'domiciliacion'
        else 'transferencia'
    end,
    case c.channel
        when 'oxxo' then 'OX' when 'spei' then 'SP' when 'banco' then 'BC' when 'domiciliacion' then 'DM'
        when 'portal' then 'PW' else 'CJ'
    end || to_char(p.paid_at, 'YYMMDD') || lpad(upper(to_hex(y.number)), 8, '0'),
    case when c.channel <> 'ventanilla' then upper(c.channel) || '-' || y.number end,
    case when p.status = 'aplicado' then 'R' || y.number end,
    p.status,
    case p.status
        when 'rechazado' then 'Fondos insuficientes' when 'devuelto' then 'Cargo no reconocido por el titular'
        when 'cancelado' then 'Cobro capturado dos veces' when 'pendiente' then 'En espera de la conciliación del canal'
    end,
    p.paid_at,
    p.paid_at
from demo.bill as b
join demo.account as a on a.n = b.n
join demo.till as o on o.explotacion_id = a.explotacion_id
cross join lateral (
    select
        1 as position,
        b.first_paid as amount,
        b.first_paid_at as paid_at,
        'aplicado' as status
    where b.first_paid_at is not null
    union all
    select 2, b.second_paid, b.second_paid_at, 'aplicado'
    where b.second_paid_at is not null
    union all
    select
        3, b.total, (b.due_date - 3 + time '10:15') at time zone 'America/Mexico_City',
        case
            when b.month = demo.months() and b.first_paid_at is null then 'pendiente'
            else demo.one_of(demo.period(b.n, b.month), 'bounced how', array['rechazado', 'rechazado', 'devuelto', 'cancelado'])
        end
    where b.status <> 'provisional' and b.issue = 1 and b.due_date - 3 < demo.until()
        and demo.roll(demo.period(b.n, b.month), 'bounced') < 0.006
) as p
cross join lateral (
    select (demo.period(b.n, b.month) * 2 + b.issue) * 4 + p.position as number
) as y
cross join lateral (
    select case
        when demo.roll(a.n, 'pays by') < 0.46 then
            case when demo.roll(y.number, 'at the bank') < 0.25 then 'banco' else 'ventanilla' end
        when demo.roll(a.n, 'pays by') < 0.69 then 'oxxo'
        when demo.roll(a.n, 'pays by') < 0.90 then
            case when demo.roll(y.number, 'by transfer') < 0.45 then 'spei' else 'portal' end
        when demo.roll(a.n, 'pays by') < 0.96 then 'domiciliacion'
        else 'ventanilla'
    end as channel
) as c
where b.n between demo.slice_from() and demo.slice_to()
    and a.n between demo.slice_from() and demo.slice_to()
order by b.n, b.month, b.issue, p.position;
