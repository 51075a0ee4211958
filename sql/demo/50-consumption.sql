-- How much water each account used in each month, what the meter showed, and which price counts.
-- Seasons, dry and burst pipes, meters that ran backwards, visits that found nobody.

insert into demo.consumption (
    n, month, anomaly, used_m3, meter_before, read_at, billing_date, period_start, period_end, tariff_no, due_date,
    social
)
select
    u.n,
    u.month,
    u.anomaly,
    u.used_m3,
    u.first_shown + sum(u.used_m3) over (partition by u.n order by u.month) - u.used_m3,
    u.read_at,
    u.billing_date,
    u.period_start,
    u.period_end,
    f.tariff_no,
    u.billing_date + u.due_days,
    u.social
from (
    select
        a.n,
        m.month,
        a.tenant,
        a.explotacion_id,
        a.category,
        a.social and m.month >= a.own_from as social,
        d.anomaly,
        floor(demo.roll(a.n, 'meter began') * 2400)::numeric as first_shown,
        case
            when d.anomaly = 'unmetered' then coalesce((e.billing_config ->> 'unmetered_m3')::numeric, 20) * a.months_billed
            when d.anomaly = 'zero' then 0
            else round(
                (
                    a.usual_m3 * a.months_billed
                    * case
                        when d.anomaly in ('estimated', 'reversed') then 1
                        else (array[0.91, 0.94, 1.03, 1.12, 1.16, 1.08, 1.0, 0.98, 0.95, 0.96, 0.95, 0.94])
                            [extract(month from m.month_start)::integer] * (0.78 + 0.44 * demo.roll(p.period, 'use'))
                    end
                    * case d.anomaly when 'spike' then least(5 + 5 * demo.roll(p.period, 'burst'), 1 + 1500 / a.usual_m3) when 'drop' then 0.12 else 1 end
                )::numeric,
                case when a.smart then 1 else 0 end
            )
        end as used_m3,
        (d.period_end + time '08:00' + make_interval(secs => floor(demo.roll(p.period, 'hour') * 32400)))
            at time zone 'America/Mexico_City' as read_at,
        d.period_end + 2 as billing_date,
        greatest(
            d.period_end - make_interval(months => a.months_billed),
            case when m.month >= a.own_from then a.start_date end
        )::date as period_start,
        d.period_end,
        coalesce((e.billing_config ->> 'due_days')::integer, 15) as due_days
    from demo.account as a
    join explotaciones as e on e.tenant_id = a.tenant_id and e.id = a.explotacion_id
    cross join lateral (
        select
            i as month,
            demo.month_start(i) as month_start
        from generate_series(a.first_month, a.last_month) as i
        where (demo.months() - i) % a.months_billed = 0
    ) as m
    cross join lateral (
        select demo.period(a.n, m.month) as period
    ) as p
    cross join lateral (
        select
            m.month_start + a.reading_day - 1 as period_end,
            case
                when not a.metered then 'unmetered'
                when demo.roll(a.n, 'vacant') < 0.02 then 'zero'
                when demo.roll(p.period, 'anomaly') < 0.006 then 'spike'
                when demo.roll(p.period, 'anomaly') < 0.008 then 'reversed'
                when demo.roll(p.period, 'anomaly') < 0.045 then 'estimated'
                when demo.roll(p.period, 'anomaly') < 0.062 then 'zero'
                when demo.roll(p.period, 'anomaly') < 0.068 then 'drop'
            end as anomaly
    ) as d
    where a.n between demo.slice_from() and demo.slice_to()
) as u
-- the price in force on the day of billing: its last day is not part of it
join demo.tariff as f
    on f.tenant = u.tenant
    and f.explotacion_id = u.explotacion_id
    and f.category = u.category
    and f.effective_from <= u.billing_date
    and (f.effective_until > u.billing_date or f.effective_until is null)
order by u.n, u.month;
