-- Tenants and their organisation: who runs the water, in which municipalities, behind which desks.

create table tenants (
    id uuid primary key default gen_random_uuid(),
    slug varchar(50) not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name varchar(200) not null,
    rfc varchar(13),
    fiscal_address jsonb check (jsonb_typeof(fiscal_address) = 'object'),
    config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1
);

create table explotaciones (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    code varchar(20) not null,
    name varchar(200) not null,
    municipality varchar(100) not null,
    inegi_cve_mun varchar(5),
    config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
    billing_config jsonb not null default '{}' check (jsonb_typeof(billing_config) = 'object'),
    reading_config jsonb not null default '{}' check (jsonb_typeof(reading_config) = 'object'),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, code)
);

create table offices (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    code varchar(20) not null,
    name varchar(200) not null,
    address jsonb check (jsonb_typeof(address) = 'object'),
    config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, code),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id)
);

create index idx_offices_explotacion on offices (tenant_id, explotacion_id);

create table explotacion_configs (
    id uuid primary key default gen_random_uuid(),
    explotacion_id uuid not null,
    tenant_id uuid not null references tenants (id),
    billing jsonb not null default '{}' check (jsonb_typeof(billing) = 'object'),
    collections jsonb not null default '{}' check (jsonb_typeof(collections) = 'object'),
    estimation jsonb not null default '{}' check (jsonb_typeof(estimation) = 'object'),
    notifications jsonb not null default '{}' check (jsonb_typeof(notifications) = 'object'),
    cutoff jsonb not null default '{}' check (jsonb_typeof(cutoff) = 'object'),
    digital jsonb not null default '{}' check (jsonb_typeof(digital) = 'object'),
    fiscal jsonb not null default '{}' check (jsonb_typeof(fiscal) = 'object'),
    quality jsonb not null default '{}' check (jsonb_typeof(quality) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, explotacion_id),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id)
);

create trigger touch_row before update on tenants
for each row execute function supra.touch_row();
create trigger touch_row before update on explotaciones
for each row execute function supra.touch_row();
create trigger touch_row before update on offices
for each row execute function supra.touch_row();
create trigger touch_row before update on explotacion_configs
for each row execute function supra.touch_row();
