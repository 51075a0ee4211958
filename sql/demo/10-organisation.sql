-- The two tenants, the people who sign in to the console, and what an office needs to work:
-- channels, crews, kinds of work, service levels.

-- The second tenant: small, and with numbers and persons that collide with the first one's.
insert into tenants (id, slug, name, rfc, created_at, updated_at)
values (
    demo.id('tenant', 2), 'comapa-demo', 'Comisión Municipal de Agua Potable y Alcantarillado (demo)', 'CMA8503217B4',
    timestamptz '2018-01-02 09:00-06', timestamptz '2018-01-02 09:00-06'
);

insert into explotaciones (id, tenant_id, code, name, municipality, inegi_cve_mun, created_at, updated_at)
select
    demo.id('explotacion', row_number() over (order by v.code)), demo.id('tenant', 2), v.code, v.name, v.municipality,
    v.inegi, timestamptz '2018-01-02 09:00-06', timestamptz '2018-01-02 09:00-06'
from (values
    ('01', 'Cabecera', 'San Juan del Río', '22016'),
    ('02', 'Zona rural', 'Pedro Escobedo', '22012')
) as v (code, name, municipality, inegi);

create unlogged table demo.tenant as
select
    v.tenant,
    t.id as tenant_id,
    v.accounts_before,
    v.accounts,
    v.persons_before,
    v.persons,
    null::double precision[] as shares
from (
    select
        1::smallint as tenant,
        'cea-queretaro' as slug,
        0 as accounts_before,
        demo.accounts() as accounts,
        0 as persons_before,
        ceil(demo.accounts() * 0.93)::integer as persons
    union all
    select
        2, 'comapa-demo', demo.accounts(), greatest(50, round(demo.accounts() * 0.02))::integer,
        ceil(demo.accounts() * 0.93)::integer, ceil(greatest(50, round(demo.accounts() * 0.02)) * 0.93)::integer
) as v
join tenants as t on t.slug = v.slug;

-- Who signs in -----------------------------------------------------------------------------------

create unlogged table demo.staff as
select
    row_number() over (order by t.tenant, v.position)::integer as person_no,
    t.tenant,
    t.tenant_id,
    demo.id('user', t.tenant * 100 + v.position) as user_id,
    v.*
from demo.tenant as t
cross join (values
    (1, 'demo_clerk', 'atencion_cliente', 'Guadalupe Ugalde Servín', 1),
    (2, 'demo_operator', 'operador', 'Javier Reséndiz Olvera', 1),
    (3, 'demo_supervisor', 'supervisor', 'María del Carmen Arvizu Luna', 1),
    (4, 'demo_dba', 'admin', 'Rodrigo Feregrino Páez', 1),
    (5, null, 'lecturista', 'José Juan Mendoza Trejo', 1),
    (6, null, 'lecturista', 'Beatriz Hernández Nieves', 1),
    (7, null, 'cajero', 'Yolanda Camacho Ríos', 1),
    (8, null, 'tecnico', 'Marcelino de la O Hernández', 1),
    (9, null, 'tecnico', 'Óscar Ibarra Núñez', 1),
    (10, null, 'auditor', 'Susana Vértiz Loyola', 1),
    (1, 'demo_other', 'operador', 'Esteban Bárcenas Zúñiga', 2),
    (2, null, 'tecnico', 'Félix Granados Morán', 2)
) as v (position, db_role, role, name, of_tenant)
where v.of_tenant = t.tenant;

insert into users (id, tenant_id, email, name, role, db_role, active, created_at, updated_at)
select
    s.user_id,
    s.tenant_id,
    lower(translate(replace(s.name, ' ', '.'), 'áéíóúüñÁÉÍÓÚ', 'aeiouunAEIOU')) || '@'
    || case s.tenant when 1 then 'cea.demo.example' else 'comapa.demo.example' end,
    s.name,
    s.role,
    s.db_role,
    true,
    demo.until() - interval '3 years',
    demo.until() - interval '3 years'
from demo.staff as s;

-- Desks, channels, crews -------------------------------------------------------------------------

-- The seed data has desks, channels, kinds of work and service levels of the first tenant; the second gets its own.
insert into offices (id, tenant_id, explotacion_id, code, name, created_at, updated_at)
select
    demo.id('office', row_number() over (order by t.tenant, e.code)), e.tenant_id, e.id, 'OF-' || e.code,
    'Oficina ' || e.name, demo.until() - interval '5 years', demo.until() - interval '5 years'
from explotaciones as e
join demo.tenant as t on t.tenant_id = e.tenant_id
where t.tenant = 2;

insert into payment_channels (id, tenant_id, code, name, channel_type, commission_pct, created_at, updated_at)
select
    demo.id('channel', t.tenant * 100 + v.position), t.tenant_id, v.code, v.name, v.channel_type, v.commission,
    demo.until() - interval '5 years', demo.until() - interval '5 years'
from demo.tenant as t
cross join (values
    (1, 'ventanilla', 'Cajas de las oficinas', 'ventanilla', 0),
    (2, 'oxxo', 'Tiendas OXXO', 'tienda', 1.75),
    (3, 'spei', 'Transferencia SPEI', 'spei', 0.35),
    (4, 'banco', 'Ventanilla bancaria', 'banco', 0.80),
    (5, 'domiciliacion', 'Cargo recurrente a cuenta', 'domiciliacion', 0.50),
    (6, 'portal', 'Portal y aplicación', 'digital', 2.10)
) as v (position, code, name, channel_type, commission)
where t.tenant = 2;

insert into surcharges (id, tenant_id, explotacion_id, code, name, surcharge_type, value, grace_days, created_at, updated_at)
select
    demo.id('surcharge', row_number() over (order by t.tenant, e.code)), e.tenant_id, e.id, 'REC', 'Recargo por mora',
    'percentage', 0.02, 15, demo.until() - interval '5 years', demo.until() - interval '5 years'
from explotaciones as e
join demo.tenant as t on t.tenant_id = e.tenant_id;

insert into work_order_types
    (id, tenant_id, code, name, default_priority, estimated_minutes, checklist, created_at, updated_at)
select
    demo.id('order_type', t.tenant * 100 + v.position), t.tenant_id, v.code, v.name, v.priority, v.minutes,
    jsonb_build_array(
        jsonb_build_object('item', 'Foto de la fachada', 'required', true, 'photo', true),
        jsonb_build_object('item', 'Lectura del medidor', 'required', v.reads, 'photo', v.reads)
    ),
    demo.until() - interval '5 years', demo.until() - interval '5 years'
from demo.tenant as t
cross join (values
    (1, 'corte', 'Corte del servicio', 'normal', 30, true),
    (2, 'reconexion', 'Reconexión del servicio', 'alta', 30, true),
    (3, 'fuga', 'Reparación de fuga', 'urgente', 180, false),
    (4, 'cambio_medidor', 'Cambio de medidor', 'normal', 60, true),
    (5, 'inspeccion', 'Inspección de la toma', 'normal', 45, true),
    (6, 'instalacion_toma', 'Instalación de toma', 'normal', 240, true),
    (7, 'verificacion_lectura', 'Verificación de lectura', 'baja', 20, true),
    (8, 'desazolve', 'Desazolve de descarga', 'alta', 120, false)
) as v (position, code, name, priority, minutes, reads)
where t.tenant = 2;

insert into crews (id, tenant_id, explotacion_id, code, name, specialty, created_at, updated_at)
select
    demo.id('crew', row_number() over (order by t.tenant, e.code, v.position)), e.tenant_id, e.id, v.code,
    v.name || ' ' || e.name, v.specialty, demo.until() - interval '3 years', demo.until() - interval '3 years'
from explotaciones as e
join demo.tenant as t on t.tenant_id = e.tenant_id
cross join (values
    (1, 'C1', 'Cortes', 'cortes'), (2, 'F1', 'Fugas', 'fugas'), (3, 'M1', 'Medidores', 'medidores')
) as v (position, code, name, specialty);

insert into crew_members (id, tenant_id, crew_id, user_id, member_role, joined_on, created_at, updated_at)
select
    demo.id('crew_member', row_number() over (order by s.person_no, c.code)), c.tenant_id, c.id, s.user_id,
    case s.position % 2 when 0 then 'jefe' else 'tecnico' end, (demo.until() - interval '2 years')::date,
    demo.until() - interval '2 years', demo.until() - interval '2 years'
from demo.staff as s
join lateral (
    select c.*
    from crews as c
    where c.tenant_id = s.tenant_id
    order by c.code, c.id
    limit 3
) as c on true
where s.role = 'tecnico';

insert into sla_definitions
    (id, tenant_id, entity_type, category, priority, response_hours, resolution_hours, created_at, updated_at)
select
    demo.id('sla', t.tenant * 100 + v.position), t.tenant_id, v.entity_type, v.category, v.priority, v.response,
    v.resolution, demo.until() - interval '5 years', demo.until() - interval '5 years'
from demo.tenant as t
cross join (values
    (1, 'contact', 'reporte_fuga', 'urgente', 2, 24),
    (2, 'contact', 'queja', 'normal', 24, 120),
    (3, 'contact', 'reclamacion', 'normal', 24, 240),
    (4, 'contact', 'consulta', 'normal', 8, 48),
    (5, 'work_order', 'fuga', 'urgente', 4, 24),
    (6, 'work_order', 'reconexion', 'alta', 8, 24)
) as v (position, entity_type, category, priority, response, resolution)
where t.tenant = 2;
