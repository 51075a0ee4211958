-- The network as billing sees it: sectors, connections, service points (tomas) and their meters.

create table sectores_hidraulicos (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    parent_id uuid,
    code varchar(20) not null,
    name varchar(200) not null,
    level integer not null default 1,
    -- a sector may lie in several pieces; wrap a single one in st_multi()
    geom geography(multipolygon, 4326),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, explotacion_id, code),
    check (parent_id <> id),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, parent_id) references sectores_hidraulicos (tenant_id, id)
);

create index idx_sectores_geo on sectores_hidraulicos using gist (geom);
create index idx_sectores_parent on sectores_hidraulicos (tenant_id, parent_id);

create table acometidas (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    sector_id uuid not null,
    address_id uuid not null,
    code varchar(30) not null,
    diameter_mm integer check (diameter_mm > 0),
    material varchar(50),
    installation_date date,
    status varchar(20) not null default 'activa'
        check (status in ('activa', 'inactiva', 'clausurada')),
    geom geography(point, 4326),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, code),
    foreign key (tenant_id, sector_id) references sectores_hidraulicos (tenant_id, id),
    foreign key (tenant_id, address_id) references addresses (tenant_id, id)
);

create index idx_acometidas_sector on acometidas (tenant_id, sector_id);
create index idx_acometidas_address on acometidas (tenant_id, address_id);
create index idx_acometidas_status on acometidas (tenant_id, status);
create index idx_acometidas_geo on acometidas using gist (geom);

create table tomas (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    acometida_id uuid,
    address_id uuid not null,
    toma_number varchar(20) not null,
    toma_type varchar(30) not null check (toma_type in (
        'domestica', 'comercial', 'industrial', 'gobierno',
        'mixta', 'rural', 'hidrante', 'fuente', 'temporal'
    )),
    status varchar(20) not null default 'activa' check (status in (
        'activa', 'cortada', 'suspendida', 'baja', 'clausurada', 'pendiente_alta'
    )),
    cut_date timestamptz,
    cut_reason varchar(50),
    has_meter boolean not null default true,
    meter_id uuid,
    billing_type varchar(20) not null default 'medido'
        check (billing_type in ('medido', 'cuota_fija', 'estimado')),
    tariff_category varchar(30),
    billing_period varchar(10) not null default 'mensual'
        check (billing_period in ('mensual', 'bimestral', 'trimestral')),
    latitude numeric(10, 7) check (latitude between -90 and 90),
    longitude numeric(10, 7) check (longitude between -180 and 180),
    geom geography(point, 4326) generated always as (
        st_setsrid(st_makepoint(longitude::double precision, latitude::double precision), 4326)::geography
    ) stored,
    inhabitants integer check (inhabitants >= 0),
    property_type varchar(30),
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, toma_number),
    check ((latitude is null) = (longitude is null)),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, acometida_id) references acometidas (tenant_id, id),
    foreign key (tenant_id, address_id) references addresses (tenant_id, id)
);

create index idx_tomas_tenant_status on tomas (tenant_id, status);
create index idx_tomas_explotacion on tomas (tenant_id, explotacion_id);
-- Distance is not leakproof, so row security keeps it out of index conditions. With the tenant in
-- front the nearest neighbours (order by geom <->) are still read from the index, ours alone.
create index idx_tomas_geo on tomas using gist (tenant_id, geom);
create index idx_tomas_acometida on tomas (tenant_id, acometida_id);
create index idx_tomas_address on tomas (tenant_id, address_id);
-- a meter is mounted at one toma at a time
create unique index uq_tomas_meter on tomas (tenant_id, meter_id);

create table meters (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    toma_id uuid,
    serial_number varchar(50) not null,
    brand varchar(50),
    model varchar(50),
    diameter_inches numeric(4, 2) check (diameter_inches > 0),
    meter_type varchar(30) check (meter_type in (
        'volumetrico', 'velocidad', 'electromagnetico', 'ultrasonico', 'smart'
    )),
    is_smart boolean not null default false,
    communication_protocol varchar(20),
    device_eui varchar(50),
    last_communication timestamptz,
    installation_date date,
    last_calibration_date date,
    expected_replacement_date date,
    status varchar(20) not null default 'activo'
        check (status in ('activo', 'inactivo', 'averiado', 'retirado', 'en_almacen')),
    initial_reading numeric(12, 3) not null default 0,
    location_description varchar(200),
    accessible boolean not null default true,
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, serial_number),
    foreign key (tenant_id, toma_id) references tomas (tenant_id, id)
);

create index idx_meters_toma on meters (tenant_id, toma_id);
create index idx_meters_status on meters (tenant_id, status);

-- Toma and meter point at each other: deferrable, so that a load can write both in one pass.
alter table tomas add foreign key (tenant_id, meter_id) references meters (tenant_id, id)
deferrable initially immediate;

create trigger touch_row before update on sectores_hidraulicos
for each row execute function supra.touch_row();
create trigger touch_row before update on acometidas
for each row execute function supra.touch_row();
create trigger touch_row before update on tomas
for each row execute function supra.touch_row();
create trigger touch_row before update on meters
for each row execute function supra.touch_row();
