-- What is billed for each consumption, and when and how much of it was paid.

insert into demo.bill (
    n, month, issue, rate_no, read_at, used_m3, meter_before, estimated, billing_date, due_date, period_start, period_end,
    subtotal, iva_amount, total, first_paid_at, first_paid, second_paid_at, second_paid, status
)
select
    b.n, b.month, i.issue, b.rate_no, b.read_at, b.used_m3, b.meter_before, b.estimated, b.billing_date, b.due_date,
    b.period_start, b.period_end, b.subtotal, b.iva_amount, b.total,
    case when i.issue = 1 then b.first_paid_at end,
    case when i.issue = 1 and b.first_paid_at is not null then b.first_paid end,
    case when i.issue = 1 then b.second_paid_at end,
    case when i.issue = 1 and b.second_paid_at is not null then b.total - b.first_paid end,
    case
        when i.issue = 0 then 'cancelada'
        when b.first_paid_at is not null and (b.first_paid = b.total or b.second_paid_at is not null) then 'pagada'
        when b.first_paid_at is null and b.month = demo.months() and demo.roll(b.period, 'simulated') < 0.01 then 'provisional'
        when b.due_date < demo.until() then 'impagada'
        else 'pendiente'
    end
from (
    select
        w.*,
        -- what lies after the last loaded month has not happened yet
        case when w.pays_at < demo.until() then w.pays_at at time zone 'America/Mexico_City' end as first_paid_at,
        case
            when w.pays_at < demo.until() and w.pays_rest_at < demo.until() then w.pays_rest_at at time zone 'America/Mexico_City'
        end as second_paid_at,
        case when w.part is null then w.total else round(w.total * w.part, 2) end as first_paid
    from (
        select
            c.n, c.month, c.used_m3, c.billing_date, c.due_date, c.period_start, c.period_end,
            case when a.metered then c.read_at end as read_at,
            case when a.metered then c.meter_before end as meter_before,
            coalesce(c.anomaly in ('estimated', 'reversed'), false) as estimated,
            r.rate_no,
            r.subtotal,
            r.iva_amount,
            r.subtotal + r.iva_amount as total,
            p.period,
            d.part,
            d.pays_at,
            case
                when d.part is not null and a.payer = 3 and demo.roll(p.period, 'pays rest') < 0.6
                    then d.pays_at + make_interval(mins => demo.whole(p.period, 'rest after', 15000, 80000))
            end as pays_rest_at
        from demo.consumption as c
        join demo.account as a on a.n = c.n
        join demo.rate as r on r.tariff_no = c.tariff_no and r.used_m3 = c.used_m3 and r.social = c.social
        cross join lateral (
            select demo.period(c.n, c.month) as period
        ) as p
        cross join lateral (
            select
                case
                    when a.payer = 4 and c.month >= a.default_from then
                        case when demo.roll(p.period, 'pays a little') < 0.10 then c.due_date + time '12:20' end
                    when a.payer = 1 then
                        c.billing_date + time '09:10' + make_interval(
                            mins => (720 + demo.roll(p.period, 'pays after') ^ 1.4 * 18500)::integer
                        )
                    when a.payer = 3 then
                        c.billing_date + time '10:40' + make_interval(mins => demo.whole(p.period, 'pays after', 7200, 30000))
                    else c.due_date + time '11:05' + make_interval(
                        mins => (600 + demo.roll(p.period, 'pays after') ^ 1.6 * 100000)::integer
                    )
                end as pays_at,
                case
                    when a.payer = 4 and c.month >= a.default_from then 0.15 + 0.35 * demo.roll(p.period, 'part')::numeric
                    when a.payer = 3 and demo.roll(p.period, 'pays in parts') < 0.55
                        then 0.30 + 0.50 * demo.roll(p.period, 'part')::numeric
                end as part
        ) as d
        where c.n between demo.slice_from() and demo.slice_to()
            and a.n between demo.slice_from() and demo.slice_to()
    ) as w
) as b
-- two in a thousand were issued wrong first
cross join lateral (
    select g.issue
    from generate_series(case when demo.roll(b.period, 'issued wrong') < 0.002 then 0 else 1 end, 1) as g (issue)
) as i
order by b.n, b.month, i.issue;
