-- Persons, where they are, and how to reach them.

create table persons (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    person_type varchar(10) not null check (person_type in ('fisica', 'moral')),
    rfc varchar(13) check (rfc = upper(rfc)),
    curp varchar(18) check (curp = upper(curp)),
    name varchar(200) not null,
    first_name varchar(100),
    last_name_paterno varchar(100),
    last_name_materno varchar(100),
    email varchar(255),
    phone varchar(20),
    phone_secondary varchar(20),
    whatsapp varchar(20),
    fiscal_regime varchar(3),
    fiscal_use varchar(4),
    fiscal_address jsonb check (jsonb_typeof(fiscal_address) = 'object'),
    zip_code varchar(5),
    vulnerable boolean not null default false,
    vulnerability_type varchar(50),
    digital_access boolean not null default false,
    preferred_channel varchar(20) default 'whatsapp',
    language varchar(5) default 'es-MX',
    notes text,
    tags varchar(50)[] not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id)
);

create index idx_persons_tenant on persons (tenant_id);
create index idx_persons_rfc on persons (tenant_id, rfc);
create index idx_persons_curp on persons (tenant_id, curp);
create index idx_persons_name on persons using gin (supra.plain(name) gin_trgm_ops);
create index idx_persons_phone on persons (tenant_id, phone);
-- The SAT's generic codes (public in general, foreigners) identify nobody.
create unique index uq_persons_tenant_rfc on persons (tenant_id, rfc)
where rfc not in ('XAXX010101000', 'XEXX010101000');

create table addresses (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid,
    street varchar(200) not null,
    exterior_number varchar(20),
    interior_number varchar(20),
    colonia varchar(200),
    municipality varchar(100),
    city varchar(100),
    state varchar(50) default 'Queretaro',
    zip_code varchar(5),
    country varchar(2) default 'MX',
    latitude numeric(10, 7) check (latitude between -90 and 90),
    longitude numeric(10, 7) check (longitude between -180 and 180),
    geom geography(point, 4326) generated always as (
        st_setsrid(st_makepoint(longitude::double precision, latitude::double precision), 4326)::geography
    ) stored,
    normalized_text text generated always as (
        supra.plain(
            coalesce(street, '') || ' ' || coalesce(exterior_number, '') || ' '
            || coalesce(colonia, '') || ' ' || coalesce(zip_code, '')
        )
    ) stored,
    address_type varchar(20) not null default 'callejero'
        check (address_type in ('callejero', 'correspondencia', 'fiscal', 'libre')),
    validated boolean not null default false,
    inegi_cve_loc varchar(20),
    sepomex_validated boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    check ((latitude is null) = (longitude is null)),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id)
);

create index idx_addresses_geo on addresses using gist (geom);
create index idx_addresses_normalized on addresses using gin (normalized_text gin_trgm_ops);
create index idx_addresses_tenant on addresses (tenant_id);
create index idx_addresses_explotacion on addresses (tenant_id, explotacion_id);

create table person_contacts (
    id uuid primary key default gen_random_uuid(),
    person_id uuid not null,
    tenant_id uuid not null references tenants (id),
    contact_type varchar(20) not null check (contact_type in (
        'telefono_fijo', 'telefono_movil', 'email', 'whatsapp'
    )),
    value varchar(255) not null,
    label varchar(50),
    verified boolean not null default false,
    primary_contact boolean not null default false,
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id)
);

create index idx_person_contacts_person on person_contacts (tenant_id, person_id);
create index idx_person_contacts_value on person_contacts (tenant_id, value);

create trigger touch_row before update on persons
for each row execute function supra.touch_row();
create trigger touch_row before update on addresses
for each row execute function supra.touch_row();
create trigger touch_row before update on person_contacts
for each row execute function supra.touch_row();
