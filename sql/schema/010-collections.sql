-- Collections: procedures against debt, surcharges, write-offs, and the scores that guide them.

create table delinquency_procedures (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    contract_id uuid not null,
    person_id uuid not null,
    procedure_type varchar(30) not null,
    status varchar(20) not null default 'abierto' check (status in (
        'abierto', 'en_proceso', 'suspendido', 'resuelto', 'cancelado'
    )),
    current_step varchar(30),
    total_debt numeric(12, 2) not null check (total_debt >= 0),
    overdue_invoices integer not null default 0 check (overdue_invoices >= 0),
    oldest_due_date date,
    started_at timestamptz not null default now(),
    next_action_date date,
    steps_history jsonb not null default '[]' check (supra.is_list_of_objects(steps_history)),
    assigned_to uuid,
    closed_at timestamptz,
    close_reason varchar(50),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, assigned_to) references users (tenant_id, id)
);

create index idx_delinquency_contract on delinquency_procedures (tenant_id, contract_id);
create index idx_delinquency_person on delinquency_procedures (tenant_id, person_id);
create index idx_delinquency_assigned_to on delinquency_procedures (tenant_id, assigned_to);
create index idx_delinquency_status on delinquency_procedures (tenant_id, status, next_action_date);

create table surcharges (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    code varchar(20) not null,
    name varchar(200) not null,
    surcharge_type varchar(20) not null check (surcharge_type in ('percentage', 'fixed')),
    value numeric(12, 4) not null check (value >= 0),
    grace_days integer not null default 0 check (grace_days >= 0),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, explotacion_id, code),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id)
);

create table write_offs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    contract_id uuid not null,
    invoice_id uuid,
    amount numeric(12, 2) not null check (amount > 0),
    reason varchar(200) not null,
    status varchar(20) not null default 'solicitada'
        check (status in ('solicitada', 'aprobada', 'rechazada', 'aplicada')),
    requested_by uuid,
    approved_by uuid,
    approved_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    -- who asks for a debt to be dropped does not grant it
    check (approved_by <> requested_by),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
    foreign key (tenant_id, requested_by) references users (tenant_id, id),
    foreign key (tenant_id, approved_by) references users (tenant_id, id)
);

create index idx_write_offs_contract on write_offs (tenant_id, contract_id);
create index idx_write_offs_invoice on write_offs (tenant_id, invoice_id);
create index idx_write_offs_requested_by on write_offs (tenant_id, requested_by);
create index idx_write_offs_approved_by on write_offs (tenant_id, approved_by);
create index idx_write_offs_status on write_offs (tenant_id, status);

create table collection_scores (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    contract_id uuid not null,
    person_id uuid not null,
    -- probability of payment within 30 days
    score numeric(5, 4) not null check (score between 0 and 1),
    risk_tier varchar(20) not null check (risk_tier in ('low', 'medium', 'high', 'vulnerable')),
    features jsonb not null check (jsonb_typeof(features) = 'object'),
    total_debt numeric(12, 2) not null,
    days_overdue integer not null,
    model_version varchar(20) not null,
    recommended_action varchar(50),
    scored_at timestamptz not null default now(),
    expires_at timestamptz not null,
    unique (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id)
);

create index idx_collection_scores_contract on collection_scores (tenant_id, contract_id, scored_at desc);
create index idx_collection_scores_person on collection_scores (tenant_id, person_id);

create trigger touch_row before update on delinquency_procedures
for each row execute function supra.touch_row();
create trigger touch_row before update on surcharges
for each row execute function supra.touch_row();
create trigger touch_row before update on write_offs
for each row execute function supra.touch_row();
