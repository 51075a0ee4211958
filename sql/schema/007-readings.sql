-- Meter readings, and the routes readers walk.
--
-- TimescaleDB refuses row security together with compression, and row security on a hypertable
-- does not reach its chunks. So the hypertable lives in the schema timeseries, on which nobody
-- who signs in has a right, and public.meter_readings is a tenant view over it.

create table timeseries.meter_readings (
    id uuid not null default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    meter_id uuid not null,
    toma_id uuid not null,
    contract_id uuid,
    -- the sector of the toma on the day of the reading: aggregates by sector need no join, and
    -- history keeps its sector when a toma is moved to another
    sector_id uuid,
    reading_value numeric(12, 3) not null,
    previous_reading numeric(12, 3),
    consumption numeric(12, 3),
    reading_date timestamptz not null,
    period_start date,
    period_end date,
    source varchar(20) not null check (source in (
        'smart_meter', 'manual_field', 'manual_office', 'autolectura',
        'telelectura', 'estimated', 'photo', 'api'
    )),
    reader_user_id uuid,
    device_id varchar(50),
    status varchar(20) not null default 'valid' check (status in (
        'valid', 'suspicious', 'estimated', 'rejected', 'corrected'
    )),
    anomaly_type varchar(30),
    anomaly_score numeric(5, 3),
    observations text,
    photo_url varchar(500),
    gps_latitude numeric(10, 7),
    gps_longitude numeric(10, 7),
    created_at timestamptz not null default now(),
    -- a unique key of a hypertable holds its time column
    primary key (id, reading_date),
    check (period_end >= period_start),
    foreign key (tenant_id, meter_id) references meters (tenant_id, id),
    foreign key (tenant_id, toma_id) references tomas (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id)
);

-- TimescaleDB's month is 30 days long, so it is written as what it is.
select create_hypertable(
    'timeseries.meter_readings', by_range('reading_date', interval '30 days'),
    create_default_indexes => false
);

create index idx_readings_meter on timeseries.meter_readings (tenant_id, meter_id, reading_date desc);
create index idx_readings_toma on timeseries.meter_readings (tenant_id, toma_id, reading_date desc);
create index idx_readings_status on timeseries.meter_readings (tenant_id, status, reading_date desc);
create index idx_readings_contract on timeseries.meter_readings (tenant_id, contract_id, reading_date desc);

-- Loads give the sector themselves and do not pay for this look-up.
create or replace function supra.stamp_sector() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.sector_id := (
        select a.sector_id
        from public.tomas as t
        join public.acometidas as a on a.tenant_id = t.tenant_id and a.id = t.acometida_id
        where t.tenant_id = new.tenant_id
          and t.id = new.toma_id
    );
    return new;
end
$$;

create trigger stamp_sector before insert on timeseries.meter_readings
for each row when (new.sector_id is null) execute function supra.stamp_sector();

create view public.meter_readings with (security_barrier) as
select
    id, tenant_id, meter_id, toma_id, contract_id, sector_id, reading_value, previous_reading,
    consumption, reading_date, period_start, period_end, source, reader_user_id, device_id, status,
    anomaly_type, anomaly_score, observations, photo_url, gps_latitude, gps_longitude, created_at
from timeseries.meter_readings
where tenant_id = (select supra.current_tenant())
with local check option;

-- Consumption of a toma per day of the utility's clock. Where TimescaleDB Community runs, the
-- last file replaces this view by a continuous aggregate of the same columns.
create view timeseries.daily_consumption as
select
    tenant_id,
    sector_id,
    toma_id,
    time_bucket(interval '1 day', reading_date, 'America/Mexico_City') as day,
    sum(consumption) as total_consumption,
    avg(consumption) as avg_consumption,
    max(consumption) as max_consumption,
    count(*) as reading_count
from timeseries.meter_readings
where status = 'valid'
group by tenant_id, sector_id, toma_id, time_bucket(interval '1 day', reading_date, 'America/Mexico_City');

create view public.daily_consumption with (security_barrier) as
select
    tenant_id, sector_id, toma_id, day,
    total_consumption, avg_consumption, max_consumption, reading_count
from timeseries.daily_consumption
where tenant_id = (select supra.current_tenant());

alter table timeseries.meter_readings owner to supra_owner;
alter view timeseries.daily_consumption owner to supra_owner;
alter view public.meter_readings owner to supra_timeseries;
alter view public.daily_consumption owner to supra_timeseries;
grant select, insert, update on timeseries.meter_readings to supra_timeseries;
grant select on timeseries.daily_consumption to supra_timeseries;

create table reading_routes (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    sector_id uuid,
    code varchar(20) not null,
    name varchar(200) not null,
    reader_user_id uuid,
    billing_period varchar(10) not null default 'mensual'
        check (billing_period in ('mensual', 'bimestral', 'trimestral')),
    reading_day integer check (reading_day between 1 and 31),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, explotacion_id, code),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, sector_id) references sectores_hidraulicos (tenant_id, id),
    foreign key (tenant_id, reader_user_id) references users (tenant_id, id)
);

create index idx_reading_routes_sector on reading_routes (tenant_id, sector_id);
create index idx_reading_routes_reader on reading_routes (tenant_id, reader_user_id);

create table reading_route_stops (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    route_id uuid not null,
    toma_id uuid not null,
    stop_order integer not null check (stop_order > 0),
    access_notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    -- deferrable, so that a route can be renumbered in one statement
    unique (tenant_id, route_id, stop_order) deferrable initially immediate,
    unique (tenant_id, toma_id, route_id),
    foreign key (tenant_id, route_id) references reading_routes (tenant_id, id) on delete cascade,
    foreign key (tenant_id, toma_id) references tomas (tenant_id, id)
);

create trigger touch_row before update on reading_routes
for each row execute function supra.touch_row();
create trigger touch_row before update on reading_route_stops
for each row execute function supra.touch_row();
