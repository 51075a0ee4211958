-- What customers said, and what crews were sent to do about it: open, under way and done.

-- One customer in nine was heard in the last half year.
create unlogged table demo.talk as
select
    a.n,
    demo.id('contact', a.n) as contact_id,
    case when demo.roll(a.n, 'talk kind') < 0.22 then 'reporte_fuga'
        else demo.one_of(a.n, 'talk about', array['consulta', 'consulta', 'queja', 'queja', 'reclamacion', 'solicitud', 'sugerencia', 'denuncia'])
    end as contact_type,
    (demo.until() - demo.whole(a.n, 'talked', 1, 180)
        + time '08:30' + make_interval(mins => demo.whole(a.n, 'talked at', 0, 540))) at time zone 'America/Mexico_City'
        as created_at
from demo.account as a
where demo.spread(a.n, 'talks', sqrt(3)) < 0.11 and a.status in ('activo', 'suspendido', 'pendiente');

-- 1 cut, 2 installation, 3 leak, 4 new meter, 5 reading to be verified, 6 reconnection
create unlogged table demo.work as
select
    w.n,
    w.kind,
    w.contact_id,
    w.ordered_at,
    demo.id('work order', w.n * 8 + w.kind) as work_order_id,
    case
        when w.kind = 2 then demo.one_of(w.n, 'installed yet', array['pendiente', 'asignada', 'en_proceso'])
        when w.ordered_at > (demo.until() - 12)::timestamp at time zone 'America/Mexico_City'
            then demo.one_of(w.n * 8 + w.kind, 'how far', array['pendiente', 'pendiente', 'asignada', 'en_ruta', 'en_proceso', 'completada'])
        when demo.roll(w.n * 8 + w.kind, 'outcome') < 0.05 then 'pendiente'
        when demo.roll(w.n * 8 + w.kind, 'outcome') < 0.09 then 'no_realizada'
        when demo.roll(w.n * 8 + w.kind, 'outcome') < 0.12 then 'cancelada'
        else 'completada'
    end as status
from (
    select
        a.n,
        1 as kind,
        null::uuid as contact_id,
        t.cut_date - interval '2 days' as ordered_at
    from demo.account as a
    join tomas as t on t.tenant_id = a.tenant_id and t.id = a.toma_id
    where t.status = 'cortada'
    union all
    select
        a.n, 2, null,
        (a.start_date + time '11:00') at time zone 'America/Mexico_City'
    from demo.account as a
    where a.status = 'pendiente'
    union all
    select k.n, 3, k.contact_id, k.created_at + interval '25 minutes'
    from demo.talk as k
    where k.contact_type = 'reporte_fuga'
    union all
    select
        a.n, 4, null,
        (demo.until() - demo.whole(a.n, 'meter order', 1, 150) + time '09:00') at time zone 'America/Mexico_City'
    from demo.account as a
    where a.status = 'activo' and a.metered and demo.spread(a.n, 'meter order', sqrt(5)) < 0.02
    union all
    select
        c.n, 5, null, max(c.read_at) + interval '1 day'
    from demo.consumption as c
    where c.anomaly in ('spike', 'reversed') and c.month > demo.months() - 2
        and demo.roll(demo.period(c.n, c.month), 'verify') < 0.7
    group by c.n
    union all
    select
        a.n, 6, null,
        (demo.until() - demo.whole(a.n, 'reconnected', 1, 90) + time '10:00') at time zone 'America/Mexico_City'
    from demo.account as a
    where a.status = 'activo' and a.payer = 2 and demo.spread(a.n, 'reconnected', sqrt(11)) < 0.05
) as w
where w.ordered_at < demo.until()::timestamp at time zone 'America/Mexico_City';

alter table demo.work add primary key (n, kind);
analyze demo.work;

insert into contacts (
    id, tenant_id, contact_number, person_id, contract_id, office_id, channel, contact_type, category, subject,
    description, priority, status, assigned_to, created_by, ai_classification, work_order_ids, sla_due_at,
    first_response_at, resolved_at, resolution, satisfaction, created_at, updated_at
)
select
    k.contact_id, a.tenant_id, 'C' || to_char(k.created_at, 'YYMM') || lpad(a.k::text, 7, '0'), a.person_id, a.contract_id,
    o.office_id,
    demo.one_of(k.n, 'talk by', array['telefono', 'telefono', 'whatsapp', 'whatsapp', 'ventanilla', 'portal', 'email', 'redes_sociales']),
    k.contact_type,
    case k.contact_type when 'reporte_fuga' then 'fuga' when 'queja' then 'servicio' when 'reclamacion' then 'facturacion' else 'general' end,
    case k.contact_type
        when 'reporte_fuga' then demo.one_of(k.n, 'leak', array['Fuga en la banqueta', 'Fuga en la toma', 'Agua brota en la calle'])
        when 'queja' then demo.one_of(k.n, 'complaint', array['Baja presión', 'Sin agua desde ayer', 'Agua turbia', 'Mala atención en ventanilla'])
        when 'reclamacion' then demo.one_of(k.n, 'claim', array['Cobro excesivo', 'Lectura equivocada', 'Pago no aplicado', 'Tarifa que no corresponde'])
        when 'solicitud' then demo.one_of(k.n, 'request', array['Cambio de titular', 'Copia de recibo', 'Convenio de pago', 'Cambio de medidor'])
        when 'consulta' then demo.one_of(k.n, 'question', array['Saldo de la cuenta', 'Fecha de corte', 'Horario de la oficina', 'Requisitos de contrato'])
        when 'denuncia' then 'Toma clandestina en la colonia'
        else 'Sugerencia de mejora'
    end,
    null,
    case k.contact_type when 'reporte_fuga' then 'urgente' when 'reclamacion' then 'alta' else 'normal' end,
    s.status,
    o.cashier_id,
    o.cashier_id,
    case
        when demo.roll(k.n, 'classified') < 0.5 then jsonb_build_object(
            'category', k.contact_type, 'priority', 'normal', 'sentiment',
            demo.one_of(k.n, 'mood', array['neutral', 'neutral', 'negativo', 'positivo']),
            'confidence', round((0.6 + 0.39 * demo.roll(k.n, 'sure'))::numeric, 2), 'model', 'clasificador-2'
        )
    end,
    case when w.work_order_id is not null then jsonb_build_array(w.work_order_id) else '[]' end,
    k.created_at + interval '2 days',
    case when s.status <> 'abierto' then k.created_at + make_interval(mins => demo.whole(k.n, 'answered', 2, 900)) end,
    case when s.status in ('resuelto', 'cerrado') then k.created_at + make_interval(mins => demo.whole(k.n, 'solved', 900, 9000)) end,
    case when s.status in ('resuelto', 'cerrado') then demo.one_of(k.n, 'solution', array['Se atendió y se informó al usuario', 'Procede; se ajustó', 'No procede; se explicó al usuario']) end,
    case when s.status = 'cerrado' then demo.whole(k.n, 'satisfied', 2, 5) end,
    k.created_at, k.created_at
from demo.talk as k
join demo.account as a on a.n = k.n
join demo.till as o on o.explotacion_id = a.explotacion_id
left join demo.work as w on w.n = k.n and w.kind = 3
cross join lateral (
    select case
        when k.created_at > (demo.until() - 8)::timestamp at time zone 'America/Mexico_City'
            then demo.one_of(k.n, 'state now', array['abierto', 'abierto', 'en_proceso', 'en_espera'])
        when demo.roll(k.n, 'state') < 0.06 then 'en_proceso'
        when demo.roll(k.n, 'state') < 0.09 then 'cancelado'
        when demo.roll(k.n, 'state') < 0.40 then 'resuelto'
        else 'cerrado'
    end as status
) as s
order by k.n;

insert into work_orders (
    id, tenant_id, explotacion_id, order_number, order_type, priority, status, toma_id, contract_id, meter_id,
    address_id, contact_id, crew_id, assigned_to, created_by, description, scheduled_date, sla_due_at, started_at,
    completed_at, result_code, resolution_notes, reading_value, photos, gps_arrival, materials, total_cost,
    created_at, updated_at
)
select
    w.work_order_id, a.tenant_id, a.explotacion_id, 'OT' || to_char(w.ordered_at, 'YYMM') || lpad(a.k::text, 7, '0') || w.kind,
    v.code,
    v.priority,
    w.status,
    a.toma_id, a.contract_id, case when a.metered then a.meter_id end, a.address_id, w.contact_id,
    case when w.status <> 'pendiente' then c.crew_id end,
    case when w.status <> 'pendiente' then c.technician_id end,
    o.cashier_id,
    v.description,
    (w.ordered_at + interval '2 days')::date,
    w.ordered_at + interval '3 days',
    case when w.status in ('en_proceso', 'completada', 'no_realizada') then d.started_at end,
    case when w.status = 'completada' then d.started_at + make_interval(mins => v.minutes) end,
    case w.status when 'completada' then 'realizada' when 'no_realizada' then 'sin_acceso' end,
    case w.status when 'completada' then 'Trabajo terminado' when 'no_realizada' then 'Nadie abrió; se dejó aviso' end,
    case when w.status = 'completada' and v.code in ('corte', 'reconexion', 'verificacion_lectura') then l.shown end,
    case
        when w.status = 'completada' then jsonb_build_array(jsonb_build_object(
            'url', 'https://archivo.demo.example/ordenes/' || w.work_order_id || '.jpg', 'description', 'Fachada',
            'taken_at', to_char(d.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        ))
        else '[]'
    end,
    case
        when w.status in ('completada', 'no_realizada') then jsonb_build_object(
            'latitude', a.latitude, 'longitude', a.longitude, 'accuracy_m', 6,
            'at', to_char(d.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )
    end,
    case
        when w.status = 'completada' and v.code in ('fuga', 'cambio_medidor') then jsonb_build_array(jsonb_build_object(
            'item', v.item, 'quantity', '1', 'unit_cost', v.cost::text
        ))
        else '[]'
    end,
    case when w.status = 'completada' and v.code in ('fuga', 'cambio_medidor') then v.cost else 0 end,
    w.ordered_at,
    coalesce(case when w.status in ('completada', 'no_realizada') then d.started_at end, w.ordered_at)
from demo.work as w
join demo.account as a on a.n = w.n
join demo.till as o on o.explotacion_id = a.explotacion_id
join (values
    (1, 'corte', 'normal', 30, 'Corte por adeudo', null, 0.00, 'C1'),
    (2, 'instalacion_toma', 'normal', 240, 'Instalar toma de contrato nuevo', null, 0.00, 'F1'),
    (3, 'fuga', 'urgente', 170, 'Reparar fuga reportada', 'Abrazadera 1/2"', 148.50, 'F1'),
    (4, 'cambio_medidor', 'normal', 60, 'Cambiar medidor', 'Medidor 1/2"', 912.75, 'M1'),
    (5, 'verificacion_lectura', 'baja', 20, 'Verificar lectura atípica', null, 0.00, 'M1'),
    (6, 'reconexion', 'alta', 30, 'Reconectar tras pago', null, 0.00, 'C1')
) as v (kind, code, priority, minutes, description, item, cost, crew) on v.kind = w.kind
left join lateral (
    select
        x.id as crew_id,
        y.technician_id
    from crews as x
    cross join (
        select min(s.user_id::text)::uuid as technician_id
        from demo.staff as s
        where s.tenant = a.tenant and s.role = 'tecnico'
    ) as y
    where x.tenant_id = a.tenant_id and x.explotacion_id = a.explotacion_id and x.code = v.crew
) as c on true
cross join lateral (
    select least(
        w.ordered_at + make_interval(mins => demo.whole(w.n * 8 + w.kind, 'started', 90, 6000)),
        (demo.until() - 1)::timestamp at time zone 'America/Mexico_City' + interval '18 hours'
    ) as started_at
) as d
left join lateral (
    select max(r.meter_before + r.used_m3) as shown
    from demo.consumption as r
    where r.n = w.n and r.anomaly is distinct from 'unmetered'
) as l on true
order by w.n, w.kind;

-- Suspicion of theft, from readings that cannot be.
insert into fraud_cases (
    id, tenant_id, case_number, explotacion_id, toma_id, contract_id, address_id, fraud_type, detection_source, status,
    anomaly_data, inspections, estimated_loss_m3, assigned_to, detected_at, closed_at, created_at, updated_at
)
select
    demo.id('fraud', a.n), a.tenant_id, 'FR' || lpad(a.k::text, 7, '0'), a.explotacion_id, a.toma_id, a.contract_id,
    a.address_id,
    demo.one_of(a.n, 'fraud', array['medidor_alterado', 'derivacion', 'reconexion_no_autorizada', 'uso_distinto']),
    demo.one_of(a.n, 'detected by', array['anomalia', 'lecturista', 'denuncia', 'inspeccion']),
    s.status,
    jsonb_build_object(
        'anomaly_type', 'consumo_bajo', 'score', round((0.6 + 0.39 * demo.roll(a.n, 'fraud score'))::numeric, 3),
        'expected_m3', round(a.usual_m3::numeric, 1), 'observed_m3', round((a.usual_m3 * 0.1)::numeric, 1)
    ),
    case
        when s.status in ('confirmado', 'descartado') then jsonb_build_array(jsonb_build_object(
            'date', (s.detected_at + interval '9 days')::date, 'inspector_id', o.cashier_id,
            'findings', 'Se revisó la toma y el cuadro del medidor', 'result', s.status
        ))
        else '[]'
    end,
    round((a.usual_m3 * 6)::numeric, 1), o.cashier_id, s.detected_at,
    case when s.status = 'descartado' then s.detected_at + interval '12 days' end,
    s.detected_at, s.detected_at
from demo.account as a
join demo.till as o on o.explotacion_id = a.explotacion_id
cross join lateral (
    select
        demo.one_of(a.n, 'fraud state', array['abierto', 'en_investigacion', 'confirmado', 'descartado']) as status,
        (demo.until() - demo.whole(a.n, 'fraud found', 20, 200) + time '13:00') at time zone 'America/Mexico_City' as detected_at
) as s
where a.status = 'activo' and a.metered and demo.spread(a.n, 'fraud', sqrt(13)) < 0.004
order by a.n;
