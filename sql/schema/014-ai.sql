-- AI and analytics. The plan's domain 12 (collection_scores is with collections, in 010).

create table ai_embeddings (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    source_type varchar(50) not null check (source_type in (
        'person', 'contact', 'work_order', 'contract', 'fraud_case', 'document'
    )),
    source_id uuid not null,
    embedding vector(1536),
    content_text text,
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz not null default now(),
    unique (tenant_id, id)
);
comment on table ai_embeddings is 'Vectors for semantic search; a long text has several rows.';
comment on column ai_embeddings.source_id is 'Row that was embedded, in the table that source_type names; no foreign key.';
comment on column ai_embeddings.metadata is '{"model": text, "chunk": integer, "chunks": integer, "content_hash": text}.';
create index idx_embeddings_source on ai_embeddings (tenant_id, source_type, source_id);
-- HNSW instead of the plan's ivfflat: lists of an index built on an empty table have no centres, and recall is poor.
create index idx_embeddings_vector on ai_embeddings using hnsw (embedding vector_cosine_ops);

create table ai_agent_executions (
    id uuid not null default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    agent_name varchar(50) not null,
    trigger_type varchar(20) not null check (trigger_type in ('event', 'schedule', 'manual', 'api')),
    trigger_event_id uuid,
    model varchar(50) not null,
    input jsonb not null check (jsonb_typeof(input) = 'object'),
    output jsonb check (jsonb_typeof(output) = 'object'),
    tools_used jsonb not null default '[]' check (supra.is_list_of_objects(tools_used)),
    tokens_used integer check (tokens_used >= 0),
    duration_ms integer check (duration_ms >= 0),
    status varchar(20) not null default 'running' check (status in ('running', 'completed', 'failed', 'cancelled')),
    created_at timestamptz not null default now(),
    -- A partitioned table's key holds the partition key.
    primary key (id, created_at)
) partition by range (created_at);
comment on table ai_agent_executions is 'Runs of agents, in monthly partitions made by supra.ensure_partitions().';
comment on column ai_agent_executions.trigger_event_id is 'domain_events.id, a soft reference: events are a hypertable.';
comment on column ai_agent_executions.input is 'What the agent was given: {"prompt": text, "context": object}.';
comment on column ai_agent_executions.output is 'What it answered: {"text": text, "data": object, "error": text}.';
comment on column ai_agent_executions.tools_used is
'Tools it called: [{"name": text, "arguments": object, "duration_ms": integer, "error": text}].';
create index idx_agent_executions_tenant on ai_agent_executions (tenant_id, created_at desc);
create index idx_agent_executions_agent on ai_agent_executions (tenant_id, agent_name, created_at desc);
create index idx_agent_executions_status on ai_agent_executions (tenant_id, status, created_at desc);

create table ai_agent_executions_default partition of ai_agent_executions default;
select supra.seal_partition('public.ai_agent_executions_default');

create table anomaly_models (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    name varchar(100) not null,
    model_type varchar(30) not null check (model_type in (
        'consumption', 'fraud', 'leak', 'collection', 'meter_failure'
    )),
    model_version varchar(20) not null,
    parameters jsonb not null default '{}' check (jsonb_typeof(parameters) = 'object'),
    metrics jsonb not null default '{}' check (jsonb_typeof(metrics) = 'object'),
    active boolean not null default false,
    trained_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, name, model_version)
);
comment on table anomaly_models is 'Trained models: how they were set up and how well they do.';
comment on column anomaly_models.parameters is 'How it was trained: {"algorithm": text, "features": [text], "thresholds": {name: number}, "hyperparameters": object}.';
comment on column anomaly_models.metrics is 'How well it does: {"precision": 0..1, "recall": 0..1, "f1": 0..1, "auc": 0..1, "samples": integer, "evaluated_at": timestamptz}.';
-- One model of a kind is in use.
create unique index uq_anomaly_models_active on anomaly_models (tenant_id, model_type) where active;
create trigger touch_row before update on anomaly_models for each row execute function supra.touch_row();
