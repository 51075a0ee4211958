-- Configuration and lookups. The plan's domain 11: one lookup table for 95 legacy tipo* tables, links between its
-- values, and the SAT's fiscal catalogues. The links and the catalogues belong to no tenant and are read-only.

create table domain_values (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid references tenants (id),
    domain varchar(50) not null check (domain <> ''),
    code varchar(30) not null check (code <> ''),
    description varchar(200) not null,
    sort_order integer not null default 0,
    active boolean not null default true,
    extra jsonb not null default '{}' check (jsonb_typeof(extra) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    -- Without NULLS NOT DISTINCT a global value could be there twice.
    unique nulls not distinct (tenant_id, domain, code)
);
comment on table domain_values is
'Lookup values. A tenant sees the global ones and its own; DBAs alone write global ones.';
comment on column domain_values.tenant_id is 'Null: a global value, readable by every tenant.';
comment on column domain_values.domain is 'TIPO_TOMA, ESTADO_ORDEN, …; the code is what the table concerned stores.';
comment on column domain_values.extra is
'More about a value, by domain: {"color": text, "legacy_code": text, "requires_visit": boolean, …}.';
create index idx_domain_values_lookup on domain_values (tenant_id, domain, code, active);
create index idx_domain_values_domain on domain_values (domain, sort_order);
create index idx_domain_values_extra on domain_values using gin (extra);
create trigger touch_row before update on domain_values for each row execute function supra.touch_row();

create table domain_value_links (
    link_type varchar(50) not null,
    source_domain varchar(50) not null,
    source_code varchar(30) not null,
    target_domain varchar(50) not null,
    target_code varchar(30) not null,
    primary key (link_type, source_domain, source_code, target_domain, target_code)
);
comment on table domain_value_links is
'Which value goes with which, e.g. the order types that an anomaly leads to. Same for all tenants.';
create index idx_domain_value_links_target on domain_value_links (link_type, target_domain, target_code);

create table sat_catalogs (
    id uuid primary key default gen_random_uuid(),
    catalog_type varchar(30) not null check (catalog_type <> ''),
    code varchar(20) not null check (code <> ''),
    description varchar(300) not null,
    valid_from date,
    valid_until date,
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    unique (catalog_type, code),
    check (valid_until >= valid_from)
);
comment on table sat_catalogs is
'Codes of the SAT''s catalogues for CFDI 4.0 that a water utility uses; the same for all tenants.';
comment on column sat_catalogs.catalog_type is
'producto_servicio, unidad, forma_pago, metodo_pago, regimen_fiscal, uso_cfdi, tipo_comprobante, …';
comment on column sat_catalogs.metadata is
'{"needs_review": boolean, "suggested_code": text, "review_note": text} on a doubtful code; {"fisica": boolean, "moral": boolean} on regimes and uses; {"rate": decimal string} on tax rates.';
