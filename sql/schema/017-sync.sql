-- Synchronisation with the legacy database, as long as both run. The plan's domain 13 and table 62.
-- Codes are English here, as in the plan ('legacy_wins', 'applied'). Who writes what is told in sql/sync/.

create table sync_mappings (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    entity_type varchar(50) not null check (entity_type <> ''),
    legacy_table varchar(63) not null check (legacy_table <> ''),
    legacy_id varchar(50) not null check (legacy_id <> ''),
    supra_id uuid not null,
    column_map jsonb check (jsonb_typeof(column_map) = 'object'),
    base_data jsonb check (jsonb_typeof(base_data) = 'object'),
    base_hash varchar(64),
    synced_at timestamptz not null default now(),
    unique (tenant_id, id),
    unique (tenant_id, entity_type, legacy_id)
);
comment on table sync_mappings is 'Which legacy row is which SUPRA row, and what both last agreed on.';
comment on column sync_mappings.entity_type is 'persona, contrato, factura, …: the legacy system''s word.';
comment on column sync_mappings.legacy_id is 'Legacy key as text.';
comment on column sync_mappings.supra_id is
'Row of the SUPRA table; two legacy rows may share one where duplicates were joined.';
comment on column sync_mappings.column_map is 'Where this row departs from its entity''s mapping: {legacy column: SUPRA column}.';
comment on column sync_mappings.base_data is
'The mapped columns as both sides last agreed, in SUPRA''s terms: {column: value, amounts as strings}.';
comment on column sync_mappings.base_hash is 'Digest of base_data, to compare without reading it.';
create index idx_sync_supra on sync_mappings (tenant_id, entity_type, supra_id);

create table sync_conflicts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    entity_type varchar(50) not null check (entity_type <> ''),
    entity_id varchar(50) not null check (entity_id <> ''),
    legacy_table varchar(63),
    legacy_id varchar(50),
    supra_id uuid,
    conflict_type varchar(30) not null check (conflict_type in (
        'concurrent_update', 'insert_insert', 'update_delete', 'delete_update', 'unique_violation',
        'missing_parent', 'validation', 'schema_mismatch', 'data_loss'
    )),
    legacy_operation varchar(10) check (legacy_operation in ('insert', 'update', 'delete', 'truncate')),
    supra_operation varchar(10) check (supra_operation in ('insert', 'update', 'delete', 'truncate')),
    legacy_data jsonb check (jsonb_typeof(legacy_data) = 'object'),
    supra_data jsonb check (jsonb_typeof(supra_data) = 'object'),
    base_data jsonb check (jsonb_typeof(base_data) = 'object'),
    legacy_hash varchar(64),
    supra_hash varchar(64),
    base_hash varchar(64),
    disputed_fields varchar(63)[] not null default '{}',
    change_ids uuid[] not null default '{}',
    status varchar(10) not null default 'open' check (status in ('open', 'claimed', 'resolved', 'reopened')),
    claimed_by uuid,
    claimed_until timestamptz,
    resolution varchar(20) check (resolution in ('legacy_wins', 'supra_wins', 'merged', 'manual')),
    resolved_by uuid,
    resolved_at timestamptz,
    resolved_data jsonb check (jsonb_typeof(resolved_data) = 'object'),
    note text,
    batch_id uuid,
    applied_at timestamptz,
    detected_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    foreign key (tenant_id, claimed_by) references users (tenant_id, id),
    foreign key (tenant_id, resolved_by) references users (tenant_id, id),
    check (status <> 'claimed' or (claimed_by is not null and claimed_until is not null)),
    check (status <> 'resolved' or (resolution is not null and resolved_by is not null and resolved_at is not null)),
    check (applied_at is null or status = 'resolved')
);
comment on table sync_conflicts is 'What a person has to decide: both sides changed the same thing since they last agreed.';
comment on column sync_conflicts.entity_id is 'Key by which the row is known to people: the legacy id where there is one.';
comment on column sync_conflicts.legacy_data is
'The legacy side in SUPRA''s terms: {column: value}; null where it was deleted or never was.';
comment on column sync_conflicts.supra_data is 'SUPRA''s side: {column: value}; null where it was deleted or never was.';
comment on column sync_conflicts.base_data is 'What both last agreed on: {column: value}; null for a new row.';
comment on column sync_conflicts.legacy_hash is 'Digest of legacy_data; rechecked when the conflict is resolved.';
comment on column sync_conflicts.disputed_fields is 'Columns in which both differ from the base and from each other.';
comment on column sync_conflicts.change_ids is 'Outbox changes of either side that are waiting in this conflict.';
comment on column sync_conflicts.claimed_until is 'End of the lease on the server''s clock; past it the claim counts for nothing.';
comment on column sync_conflicts.resolved_data is 'What was written to both sides: {column: value}.';
comment on column sync_conflicts.batch_id is 'Run of a rule that resolved it together with others.';
-- At most one conflict of a row is open: later changes update it.
create unique index uq_sync_conflicts_open on sync_conflicts (tenant_id, entity_type, entity_id)
where status <> 'resolved';
create index idx_sync_conflicts_status on sync_conflicts (tenant_id, status, detected_at);
create index idx_sync_conflicts_claimed_by on sync_conflicts (tenant_id, claimed_by);
create index idx_sync_conflicts_resolved_by on sync_conflicts (tenant_id, resolved_by);
create index idx_sync_conflicts_batch on sync_conflicts (tenant_id, batch_id) where batch_id is not null;
create trigger touch_row before update on sync_conflicts for each row execute function supra.touch_row();

create table sync_log (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    entity_type varchar(50) not null check (entity_type <> ''),
    entity_id varchar(50) not null check (entity_id <> ''),
    -- The plan's VARCHAR(10) cannot hold either of its two values.
    direction varchar(15) not null check (direction in ('legacy_to_supra', 'supra_to_legacy')),
    operation varchar(10) not null check (operation in ('insert', 'update', 'delete', 'truncate')),
    diff jsonb check (jsonb_typeof(diff) = 'object'),
    status varchar(20) not null default 'applied' check (status in (
        'applied', 'merged', 'echo', 'conflict', 'parked', 'dead_letter', 'resolved'
    )),
    error_message text,
    change_id uuid,
    batch_id uuid,
    conflict_id uuid,
    synced_at timestamptz not null default now(),
    unique (tenant_id, id),
    foreign key (tenant_id, conflict_id) references sync_conflicts (tenant_id, id)
);
comment on table sync_log is 'What synchronisation did with each change, and each time.';
comment on column sync_log.diff is 'Columns that changed: {column: {"from": value, "to": value}}.';
comment on column sync_log.status is
'echo: the change left the mapped columns as they are in the base; parked: its parent has not arrived.';
comment on column sync_log.change_id is 'Outbox change; null for what a person or the bulk load did.';
create index idx_sync_log_entity on sync_log (tenant_id, entity_type, entity_id, synced_at desc);
create index idx_sync_log_status on sync_log (tenant_id, entity_type, status, synced_at desc);
create index idx_sync_log_conflict on sync_log (tenant_id, conflict_id);
create index idx_sync_log_batch on sync_log (tenant_id, batch_id) where batch_id is not null;
-- No change is written to the other side twice.
create unique index uq_sync_log_change on sync_log (tenant_id, change_id, direction)
where status in ('applied', 'merged');

create table migrations_legacy (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    entity_type varchar(50) not null check (entity_type <> ''),
    legacy_table varchar(63) not null check (legacy_table <> ''),
    status varchar(20) not null default 'pending' check (status in (
        'pending', 'loading', 'loaded', 'validated', 'writes_routed', 'reads_routed', 'completed', 'rolled_back'
    )),
    stats jsonb not null default '{}' check (jsonb_typeof(stats) = 'object'),
    started_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, entity_type, legacy_table),
    check (finished_at >= started_at)
);
comment on table migrations_legacy is 'How far each legacy table has come on its way into SUPRA.';
comment on column migrations_legacy.stats is
'Counts that add up, {"source": n, "loaded": n, "quarantined": n, "skipped": n}, and {"checksum": text, "seconds": number}.';
create trigger touch_row before update on migrations_legacy for each row execute function supra.touch_row();
