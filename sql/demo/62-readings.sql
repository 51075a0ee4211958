-- The readings behind the consumption, as the readers, telemetry and estimates left them.

insert into timeseries.meter_readings (
    id, tenant_id, meter_id, toma_id, contract_id, sector_id, reading_value, previous_reading, consumption,
    reading_date, period_start, period_end, source, reader_user_id, device_id, status, anomaly_type, anomaly_score,
    observations, gps_latitude, gps_longitude, created_at
)
select
    demo.id('reading', demo.period(c.n, c.month)),
    a.tenant_id,
    a.meter_id,
    a.toma_id,
    case when c.month >= a.own_from then a.contract_id else a.former_contract_id end,
    demo.id('sector', a.sector_no),
    s.shown,
    c.meter_before,
    s.shown - c.meter_before,
    c.read_at,
    c.period_start,
    c.period_end,
    s.source,
    case when s.source in ('manual_field', 'photo') then r.reader_user_id end,
    case
        when s.source = 'smart_meter' then 'GW-' || lpad((a.sector_no * 3 + a.n % 3)::text, 4, '0')
        when s.source in ('manual_field', 'photo') then 'HH-' || lpad((a.sector_no % 40)::text, 3, '0')
    end,
    case
        when c.anomaly = 'estimated' then 'estimated'
        when c.anomaly = 'reversed' then 'rejected'
        when c.anomaly in ('spike', 'drop') then
            case when c.month < demo.months() and demo.roll(p.period, 'looked into') < 0.4 then 'corrected' else 'suspicious' end
        else 'valid'
    end,
    case c.anomaly
        when 'spike' then 'consumo_alto' when 'drop' then 'consumo_bajo' when 'zero' then 'consumo_cero'
        when 'reversed' then 'lectura_menor' when 'estimated' then 'sin_acceso'
    end,
    case c.anomaly
        when 'spike' then 0.80 + 0.199 * demo.roll(p.period, 'score') when 'drop' then 0.55 + 0.3 * demo.roll(p.period, 'score')
        when 'zero' then 0.30 + 0.4 * demo.roll(p.period, 'score') when 'reversed' then 0.95 + 0.049 * demo.roll(p.period, 'score')
        when 'estimated' then 0.20 + 0.2 * demo.roll(p.period, 'score')
    end::numeric(5, 3),
    case c.anomaly
        when 'estimated' then demo.one_of(p.period, 'no access', array['Casa cerrada', 'Medidor cubierto', 'Perro suelto', 'Medidor opaco'])
        when 'reversed' then 'Lectura menor que la anterior; se factura el promedio'
        when 'spike' then demo.one_of(p.period, 'spike why', array['Posible fuga interna', 'Verificar lectura', null])
    end,
    case when s.source in ('manual_field', 'photo') then a.latitude end,
    case when s.source in ('manual_field', 'photo') then a.longitude end,
    c.read_at
from demo.consumption as c
join demo.account as a on a.n = c.n
join reading_routes as r on r.id = demo.id('route', a.sector_no)
cross join lateral (
    select demo.period(c.n, c.month) as period
) as p
cross join lateral (
    select
        case c.anomaly
            when 'reversed' then greatest(c.meter_before - demo.whole(p.period, 'reversed by', 1, 60), 0)
            else c.meter_before + c.used_m3
        end as shown,
        case
            when c.anomaly = 'estimated' then 'estimated'
            when a.smart then 'smart_meter'
            when demo.roll(p.period, 'source') < 0.90 then 'manual_field'
            when demo.roll(p.period, 'source') < 0.95 then 'photo'
            when demo.roll(p.period, 'source') < 0.98 then 'autolectura'
            else 'manual_office'
        end as source
) as s
where a.metered
    and c.n between demo.slice_from() and demo.slice_to()
    and a.n between demo.slice_from() and demo.slice_to()
order by c.month, c.n;
