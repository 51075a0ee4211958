-- Contracts: who is served at which toma, on what terms, and who else is told about it.

create table contracts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    contract_number varchar(30) not null,
    person_id uuid not null,
    toma_id uuid not null,
    status varchar(20) not null default 'activo' check (status in (
        'pendiente', 'activo', 'suspendido', 'baja', 'cancelado'
    )),
    start_date date not null,
    end_date date,
    termination_reason varchar(50),
    billing_address_id uuid,
    payment_method varchar(30) not null default 'ventanilla'
        check (payment_method in (
            'ventanilla', 'domiciliacion', 'digital', 'oxxo', 'gestor_cobro'
        )),
    bank_account jsonb check (jsonb_typeof(bank_account) = 'object'),
    digital_invoice boolean not null default false,
    tariff_category varchar(30) not null,
    social_tariff boolean not null default false,
    special_conditions jsonb check (jsonb_typeof(special_conditions) in ('object', 'array')),
    preferred_contact_method varchar(20) default 'whatsapp',
    notification_channels varchar(20)[] not null default '{whatsapp}',
    previous_contract_id uuid,
    documents jsonb not null default '[]' check (supra.is_list_of_objects(documents)),
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, contract_number),
    check (end_date >= start_date),
    check (previous_contract_id <> id),
    -- a direct debit needs an account to debit
    check (payment_method <> 'domiciliacion' or bank_account is not null),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, toma_id) references tomas (tenant_id, id),
    foreign key (tenant_id, billing_address_id) references addresses (tenant_id, id),
    foreign key (tenant_id, previous_contract_id) references contracts (tenant_id, id)
);

create index idx_contracts_person on contracts (tenant_id, person_id);
create index idx_contracts_toma on contracts (tenant_id, toma_id);
create index idx_contracts_status on contracts (tenant_id, status);
create index idx_contracts_explotacion on contracts (tenant_id, explotacion_id);
create index idx_contracts_billing_address on contracts (tenant_id, billing_address_id)
where billing_address_id is not null;
create index idx_contracts_previous on contracts (tenant_id, previous_contract_id)
where previous_contract_id is not null;

create table contract_notifications (
    id uuid primary key default gen_random_uuid(),
    contract_id uuid not null,
    tenant_id uuid not null references tenants (id),
    person_id uuid not null,
    notification_type varchar(20) not null default 'secundario',
    channel varchar(20) not null default 'whatsapp',
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id)
);

create index idx_contract_notifications_contract on contract_notifications (tenant_id, contract_id);
create index idx_contract_notifications_person on contract_notifications (tenant_id, person_id);

create trigger touch_row before update on contracts
for each row execute function supra.touch_row();
create trigger touch_row before update on contract_notifications
for each row execute function supra.touch_row();
