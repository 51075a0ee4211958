-- Addresses, connections, service points and meters, one each for every account, and the meters
-- that were taken down.

insert into addresses (
    id, tenant_id, explotacion_id, street, exterior_number, interior_number, colonia, municipality, city, state,
    zip_code, latitude, longitude, address_type, validated, sepomex_validated, created_at, updated_at
)
select
    a.address_id, a.tenant_id, a.explotacion_id, a.street, a.exterior_number, a.interior_number, p.colonia,
    p.municipality, p.city, 'Querétaro', p.zip_code, a.latitude, a.longitude, 'callejero',
    demo.roll(a.n, 'validated') < 0.8, demo.roll(a.n, 'sepomex') < 0.7, a.start_date, a.start_date
from demo.account as a
join demo.place as p on p.tenant = a.tenant and p.place = a.place
where a.n between demo.slice_from() and demo.slice_to()
order by a.n;

-- where some want their bills sent to
insert into addresses (
    id, tenant_id, explotacion_id, street, exterior_number, colonia, municipality, city, state, zip_code,
    address_type, created_at, updated_at
)
select
    demo.id('billing address', a.n), a.tenant_id, a.explotacion_id, r.street, demo.whole(a.n, 'billing number', 1, 800)::text,
    p.colonia, p.municipality, p.city, 'Querétaro', p.zip_code, 'correspondencia', a.start_date, a.start_date
from demo.account as a
join demo.tenant as t on t.tenant = a.tenant
join demo.place as p
    on p.tenant = a.tenant and p.place = width_bucket(demo.roll(a.n, 'billing place'), t.shares)
join demo.place_street as r on r.tenant = p.tenant and r.place = p.place and r.position = 1
where demo.roll(a.n, 'billing address') < 0.03
    and a.n between demo.slice_from() and demo.slice_to()
order by a.n;

insert into acometidas (
    id, tenant_id, sector_id, address_id, code, diameter_mm, material, installation_date, status, geom,
    created_at, updated_at
)
select
    a.acometida_id, a.tenant_id, demo.id('sector', a.sector_no), a.address_id, 'A' || lpad(a.k::text, 7, '0'),
    case a.category when 'industrial' then 50 when 'gobierno' then 25 when 'comercial' then 19 else 13 end,
    demo.one_of(a.n, 'pipe', array['PEAD', 'PEAD', 'cobre', 'PVC', 'galvanizado']),
    a.start_date - demo.whole(a.n, 'connected', 10, 400),
    case a.status when 'baja' then 'inactiva' when 'cancelado' then 'clausurada' else 'activa' end,
    st_setsrid(st_makepoint(a.longitude::double precision, a.latitude::double precision), 4326)::geography,
    a.start_date, a.start_date
from demo.account as a
where a.n between demo.slice_from() and demo.slice_to()
order by a.n;

insert into tomas (
    id, tenant_id, explotacion_id, acometida_id, address_id, toma_number, toma_type, status, cut_date, cut_reason,
    has_meter, meter_id, billing_type, tariff_category, billing_period, latitude, longitude, inhabitants,
    property_type, created_at, updated_at
)
select
    a.toma_id, a.tenant_id, a.explotacion_id, a.acometida_id, a.address_id, a.toma_number, a.toma_type, s.status,
    case when s.status in ('cortada', 'suspendida') then demo.until() - demo.whole(a.n, 'cut', 3, 150) end,
    case s.status when 'cortada' then 'adeudo' when 'suspendida' then 'solicitud' end,
    a.metered,
    case when a.metered then a.meter_id end,
    case
        when not a.metered then 'cuota_fija'
        when demo.roll(a.n, 'meter broken') < 0.01 then 'estimado'
        else 'medido'
    end,
    a.category,
    case a.months_billed when 2 then 'bimestral' else 'mensual' end,
    a.latitude, a.longitude,
    case when a.category in ('domestica', 'rural', 'social', 'mixta') then demo.whole(a.n, 'inhabitants', 1, 7) end,
    case
        when a.category in ('domestica', 'rural', 'social')
            then demo.one_of(a.n, 'property', array['casa', 'casa', 'casa', 'departamento', 'terreno'])
        when a.category = 'industrial' then 'nave'
        when a.category = 'gobierno' then demo.one_of(a.n, 'public property', array['oficina', 'escuela', 'hospital'])
        else 'local'
    end,
    a.start_date, a.start_date
from demo.account as a
cross join lateral (
    select
        case
            when a.status = 'pendiente' then 'pendiente_alta'
            when a.status = 'cancelado' then 'clausurada'
            when a.status = 'baja' then 'baja'
            when a.status = 'suspendido' and demo.roll(a.n, 'asked for') < 0.25 then 'suspendida'
            when a.status = 'suspendido' then 'cortada'
            when a.payer = 4 and demo.roll(a.n, 'cut off') < 0.2 then 'cortada'
            else 'activa'
        end as status
) as s
where a.n between demo.slice_from() and demo.slice_to()
order by a.n;

insert into meters (
    id, tenant_id, toma_id, serial_number, brand, model, diameter_inches, meter_type, is_smart, communication_protocol,
    device_eui, last_communication, installation_date, last_calibration_date, expected_replacement_date, status,
    initial_reading, location_description, accessible, created_at, updated_at
)
select
    a.meter_id, a.tenant_id, a.toma_id,
    b.letters || to_char(d.installed, 'YY') || lpad((a.k::bigint * 48271 % 9999991)::text, 7, '0'),
    b.brand,
    b.brand || ' ' || case when a.smart then b.smart_model else b.model end,
    case a.category when 'industrial' then 2 when 'gobierno' then 1 when 'comercial' then 0.75 else 0.5 end,
    case
        when a.smart then demo.one_of(a.n, 'smart kind', array['smart', 'ultrasonico', 'smart'])
        when a.category = 'industrial' then 'electromagnetico'
        else demo.one_of(a.n, 'meter kind', array['velocidad', 'velocidad', 'volumetrico'])
    end,
    a.smart,
    case when a.smart then demo.one_of(a.n, 'protocol', array['LoRaWAN', 'LoRaWAN', 'NB-IoT', 'wM-Bus']) end,
    case when a.smart then '70B3D5' || upper(right(replace(demo.id('eui', a.n)::text, '-', ''), 10)) end,
    case when a.smart then demo.until() - make_interval(mins => demo.whole(a.n, 'last heard', 5, 4000)) end,
    d.installed,
    d.installed,
    (d.installed + interval '8 years')::date,
    case
        when a.status in ('baja', 'cancelado') then 'inactivo'
        when demo.roll(a.n, 'meter broken') < 0.01 then 'averiado'
        else 'activo'
    end,
    0,
    demo.one_of(a.n, 'meter place', array['banqueta', 'fachada', 'cochera', 'jardín', 'patio', 'cuadro exterior']),
    demo.roll(a.n, 'accessible') < 0.92,
    d.installed, d.installed
from demo.account as a
cross join lateral (
    -- before the first reading, whoever held the contract then
    select greatest(
        least(a.start_date, case when a.has_former then demo.month_start(1) else a.start_date end) - 200,
        (demo.month_start(1) - interval '9 years')::date
    ) + demo.whole(a.n, 'installed', 0, 120) as installed
) as d
join (values
    (0, 'Badger', 'BD', 'M25', 'E-Series'), (1, 'Itron', 'IT', 'Aquadis+', 'Intelis'), (2, 'Elster', 'EL', 'V100', 'V200H'),
    (3, 'Zenner', 'ZN', 'MTKD', 'IUWS'), (4, 'Arad', 'AR', 'M', 'Sonata'), (5, 'Cicasa', 'CC', 'Azteca', 'Azteca IoT'),
    (6, 'Kamstrup', 'KM', 'MULTICAL 21', 'flowIQ 2200')
) as b (brand_no, brand, letters, model, smart_model) on b.brand_no = demo.whole(a.n, 'brand', 0, 6)
where a.metered
    and a.n between demo.slice_from() and demo.slice_to()
order by a.n;

-- meters that were replaced, and a few in the store
insert into meters (
    id, tenant_id, toma_id, serial_number, brand, model, diameter_inches, meter_type, installation_date, status,
    initial_reading, notes, created_at, updated_at
)
select
    demo.id('old meter', a.n), a.tenant_id, case when o.draw < 0.035 then a.toma_id end,
    'CC' || lpad((a.k::bigint * 69621 % 99999989)::text, 8, '0'), 'Cicasa', 'Cicasa Azteca', 0.5, 'velocidad',
    case when o.draw < 0.035 then a.start_date - 2900 end,
    case when o.draw < 0.035 then 'retirado' else 'en_almacen' end, 0,
    case when o.draw < 0.035 then 'Sustituido por fin de vida útil' end, a.start_date, a.start_date
from demo.account as a
cross join lateral (
    select demo.spread(a.n, 'old meter', sqrt(13)) as draw
) as o
where a.metered and o.draw < 0.040
    and a.n between demo.slice_from() and demo.slice_to()
order by a.n;
