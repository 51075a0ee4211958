-- System: files, outbound webhooks and their deliveries, feature flags. The plan's tables 58 to 61.

create table file_attachments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    entity_type varchar(50) not null check (entity_type <> ''),
    entity_id uuid not null,
    file_name varchar(255) not null,
    content_type varchar(100) not null,
    size_bytes bigint not null check (size_bytes >= 0),
    storage_key varchar(500) not null,
    sha256 varchar(64) check (sha256 ~ '^[0-9a-f]{64}$'),
    uploaded_by uuid,
    created_at timestamptz not null default now(),
    unique (tenant_id, id),
    unique (tenant_id, storage_key),
    foreign key (tenant_id, uploaded_by) references users (tenant_id, id)
);
comment on table file_attachments is 'Documents and photos; the bytes are in object storage under storage_key.';
comment on column file_attachments.entity_id is 'Row it belongs to, in the table that entity_type names; no foreign key.';
create index idx_file_attachments_entity on file_attachments (tenant_id, entity_type, entity_id);
create index idx_file_attachments_uploaded_by on file_attachments (tenant_id, uploaded_by);

create table webhooks (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    name varchar(100) not null,
    url varchar(500) not null check (url ~ '^https://[^[:space:]]+$'),
    secret_ref varchar(200) not null,
    events varchar(100)[] not null default '{}',
    active boolean not null default true,
    max_attempts integer not null default 8 check (max_attempts between 1 and 20),
    timeout_seconds integer not null default 10 check (timeout_seconds between 1 and 60),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, name)
);
comment on table webhooks is 'Whom to tell about which events.';
comment on column webhooks.secret_ref is 'Where the signing secret is kept (a name in the secret store), never the secret.';
comment on column webhooks.events is 'domain_events.event_type values; a trailing .* stands for all of an aggregate.';

create table webhook_deliveries (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    webhook_id uuid not null,
    event_id uuid not null,
    payload jsonb not null check (jsonb_typeof(payload) = 'object'),
    status varchar(20) not null default 'pending' check (status in (
        'pending', 'delivering', 'delivered', 'failed', 'abandoned'
    )),
    attempts integer not null default 0 check (attempts >= 0),
    response_status integer check (response_status between 100 and 599),
    error_message text,
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    -- An event is delivered to a webhook once, however often it is enqueued.
    unique (tenant_id, webhook_id, event_id),
    foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id)
);
comment on table webhook_deliveries is 'What was or is to be sent to a webhook, and how it went.';
comment on column webhook_deliveries.event_id is 'domain_events.id, a soft reference: events are a hypertable.';
comment on column webhook_deliveries.payload is
'Body as sent: {"id": uuid, "type": text, "aggregate_type": text, "aggregate_id": uuid, "occurred_at": timestamptz, "data": object}.';
create index idx_webhook_deliveries_due on webhook_deliveries (tenant_id, next_attempt_at)
where status in ('pending', 'failed');
create index idx_webhook_deliveries_status on webhook_deliveries (tenant_id, status, created_at desc);

create table feature_flags (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    flag_key varchar(100) not null check (flag_key ~ '^[a-z][a-z0-9_.]*$'),
    description varchar(300),
    enabled boolean not null default false,
    rules jsonb not null default '{}' check (jsonb_typeof(rules) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, flag_key)
);
comment on table feature_flags is 'Features switched on or off for a tenant.';
comment on column feature_flags.rules is
'For whom, when enabled: {"roles": [users.role], "explotacion_ids": [uuid], "percentage": 0..100}; empty: for all.';

create trigger touch_row before update on webhooks for each row execute function supra.touch_row();
create trigger touch_row before update on webhook_deliveries for each row execute function supra.touch_row();
create trigger touch_row before update on feature_flags for each row execute function supra.touch_row();
