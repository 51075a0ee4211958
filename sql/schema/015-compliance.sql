-- Compliance: what is reported to the authorities, how long data is kept, and the rights of the people in it
-- (Ley Federal de Protección de Datos Personales en Posesión de los Particulares). The plan's tables 55 to 57.

create table regulatory_reports (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid,
    authority varchar(20) not null check (authority in (
        'CONAGUA', 'SEMARNAT', 'PROFEPA', 'INEGI', 'CEA', 'COFEPRIS'
    )),
    report_type varchar(50) not null,
    period_start date not null,
    period_end date not null,
    due_date date,
    status varchar(20) not null default 'borrador' check (status in (
        'borrador', 'en_revision', 'enviado', 'aceptado', 'rechazado'
    )),
    data jsonb not null default '{}' check (jsonb_typeof(data) = 'object'),
    acknowledgement varchar(100),
    submitted_by uuid,
    submitted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, submitted_by) references users (tenant_id, id),
    check (period_end >= period_start),
    check (status not in ('enviado', 'aceptado', 'rechazado') or submitted_at is not null)
);
comment on table regulatory_reports is 'Reports to authorities and where they stand.';
comment on column regulatory_reports.explotacion_id is 'Null: the report is of the whole utility.';
comment on column regulatory_reports.data is
'What was or will be sent: {"volumes_m3": object, "quality": object, "totals": object, "notes": text}.';
comment on column regulatory_reports.acknowledgement is 'Number of the receipt (acuse).';
create index idx_regulatory_reports_explotacion on regulatory_reports (tenant_id, explotacion_id);
create index idx_regulatory_reports_submitted_by on regulatory_reports (tenant_id, submitted_by);
create index idx_regulatory_reports_status on regulatory_reports (tenant_id, status, due_date);
-- A rejected report is sent again as a new row.
create unique index uq_regulatory_reports_period
on regulatory_reports (tenant_id, explotacion_id, authority, report_type, period_start) nulls not distinct
where status <> 'rechazado';

create table data_retention_policies (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    entity_type varchar(63) not null check (entity_type <> ''),
    retention_months integer not null check (retention_months > 0),
    action varchar(20) not null check (action in ('anonimizar', 'bloquear', 'archivar', 'borrar')),
    legal_basis varchar(300) not null,
    active boolean not null default true,
    last_run_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, entity_type)
);
comment on table data_retention_policies is 'How long rows of a table are kept, what happens then, and by which rule.';
comment on column data_retention_policies.entity_type is 'Name of the table.';

create table arco_requests (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    folio varchar(30) not null,
    person_id uuid,
    requester_name varchar(200) not null,
    request_type varchar(20) not null check (request_type in (
        'acceso', 'rectificacion', 'cancelacion', 'oposicion'
    )),
    status varchar(20) not null default 'recibida' check (status in (
        'recibida', 'prevenida', 'en_proceso', 'procedente', 'improcedente', 'concluida'
    )),
    description text not null,
    identity_verified boolean not null default false,
    assigned_to uuid,
    received_on date not null default current_date,
    due_on date not null,
    answered_at timestamptz,
    answer text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, folio),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, assigned_to) references users (tenant_id, id),
    check (due_on >= received_on),
    -- Nothing is given out to, or changed for, somebody who has not shown who they are.
    check (status not in ('procedente', 'concluida') or identity_verified),
    check (status not in ('procedente', 'improcedente', 'concluida') or answered_at is not null)
);
comment on table arco_requests is 'Requests for access, rectification, cancellation or opposition (derechos ARCO).';
comment on column arco_requests.person_id is 'Null until the requester is found among the customers.';
comment on column arco_requests.due_on is 'Last day for an answer: 20 working days after receipt, by the office''s calendar.';
create index idx_arco_requests_person on arco_requests (tenant_id, person_id);
create index idx_arco_requests_assigned on arco_requests (tenant_id, assigned_to);
create index idx_arco_requests_status on arco_requests (tenant_id, status, due_on);

create trigger touch_row before update on regulatory_reports for each row execute function supra.touch_row();
create trigger touch_row before update on data_retention_policies for each row execute function supra.touch_row();
create trigger touch_row before update on arco_requests for each row execute function supra.touch_row();
