-- Operations: work orders and who carries them out, the customer's contacts, fraud cases, service levels, stock.
-- The plan's domain 9 and supporting tables 49 to 53. Statuses are Spanish codes, as in the plan's other tables.

create table work_order_types (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    code varchar(30) not null check (code <> ''),
    name varchar(200) not null,
    default_priority varchar(10) not null default 'normal'
    check (default_priority in ('urgente', 'alta', 'normal', 'baja')),
    estimated_minutes integer check (estimated_minutes > 0),
    checklist jsonb not null default '[]' check (supra.is_list_of_objects(checklist)),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, code)
);
comment on table work_order_types is 'Kinds of field work a tenant knows; a work order names one by its code.';
comment on column work_order_types.checklist is
'What the crew confirms on site: [{"item": text, "required": boolean, "photo": boolean}].';

create table crews (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    code varchar(20) not null check (code <> ''),
    name varchar(100) not null,
    specialty varchar(30) not null default 'general' check (specialty in (
        'general', 'cortes', 'medidores', 'fugas', 'inspeccion', 'alcantarillado'
    )),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, explotacion_id, code),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id)
);
comment on table crews is 'Field crews (cuadrillas) of an explotación.';

create table crew_members (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    crew_id uuid not null,
    user_id uuid not null,
    member_role varchar(20) not null default 'tecnico' check (member_role in ('jefe', 'tecnico', 'auxiliar', 'chofer')),
    joined_on date not null default current_date,
    left_on date,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    foreign key (tenant_id, crew_id) references crews (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id),
    check (left_on >= joined_on)
);
comment on table crew_members is 'Who belongs to which crew, from when until when; left_on is null while it lasts.';
create index idx_crew_members_crew on crew_members (tenant_id, crew_id);
create index idx_crew_members_user on crew_members (tenant_id, user_id);
-- A person is in one crew only once at a time, and a crew has one foreman.
create unique index uq_crew_members_current on crew_members (tenant_id, crew_id, user_id) where left_on is null;
create unique index uq_crew_members_foreman on crew_members (tenant_id, crew_id)
where left_on is null and member_role = 'jefe';

create table sla_definitions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    entity_type varchar(30) not null check (entity_type in ('contact', 'work_order', 'fraud_case')),
    category varchar(50) not null check (category <> ''),
    priority varchar(10) not null check (priority in ('urgente', 'alta', 'normal', 'baja')),
    response_hours integer not null check (response_hours > 0),
    resolution_hours integer not null,
    escalation_rules jsonb not null default '[]' check (supra.is_list_of_objects(escalation_rules)),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    check (resolution_hours >= response_hours)
);
comment on table sla_definitions is
'Hours until the first answer and until the end, by kind of matter and priority. category is a contact_type, an order_type or a fraud_type.';
comment on column sla_definitions.escalation_rules is
'Who is told when: [{"after_hours": integer, "notify_role": users.role, "channel": text}].';
-- One rule in force for each matter; replaced rules stay for the record.
create unique index uq_sla_definitions_active on sla_definitions (tenant_id, entity_type, category, priority)
where active;

create table contacts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    contact_number varchar(30) not null,
    person_id uuid,
    contract_id uuid,
    office_id uuid,
    channel varchar(20) not null check (channel in (
        'telefono', 'ventanilla', 'whatsapp', 'email', 'portal', 'app', 'redes_sociales', 'carta'
    )),
    contact_type varchar(30) not null check (contact_type in (
        'consulta', 'queja', 'reclamacion', 'solicitud', 'reporte_fuga', 'sugerencia', 'denuncia'
    )),
    category varchar(50),
    subject varchar(200) not null,
    description text,
    priority varchar(10) not null default 'normal' check (priority in ('urgente', 'alta', 'normal', 'baja')),
    status varchar(20) not null default 'abierto' check (status in (
        'abierto', 'en_proceso', 'en_espera', 'resuelto', 'cerrado', 'cancelado'
    )),
    assigned_to uuid,
    created_by uuid,
    ai_classification jsonb check (jsonb_typeof(ai_classification) = 'object'),
    work_order_ids jsonb not null default '[]' check (jsonb_typeof(work_order_ids) = 'array'),
    sla_due_at timestamptz,
    first_response_at timestamptz,
    resolved_at timestamptz,
    resolution text,
    satisfaction smallint check (satisfaction between 1 and 5),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, contact_number),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, office_id) references offices (tenant_id, id),
    foreign key (tenant_id, assigned_to) references users (tenant_id, id),
    foreign key (tenant_id, created_by) references users (tenant_id, id),
    check (status not in ('resuelto', 'cerrado') or resolved_at is not null)
);
comment on table contacts is
'Customer contacts and complaints. person_id is null for a caller who is nobody''s account holder.';
comment on column contacts.ai_classification is
'What the classifier said: {"category": text, "priority": text, "sentiment": text, "confidence": 0..1, "model": text}.';
comment on column contacts.work_order_ids is 'Orders that this contact led to: [uuid of work_orders].';
create index idx_contacts_person on contacts (tenant_id, person_id);
create index idx_contacts_contract on contacts (tenant_id, contract_id, created_at desc);
create index idx_contacts_office on contacts (tenant_id, office_id);
create index idx_contacts_assigned on contacts (tenant_id, assigned_to);
create index idx_contacts_created_by on contacts (tenant_id, created_by);
create index idx_contacts_status on contacts (tenant_id, status, created_at desc);
create index idx_contacts_sla on contacts (tenant_id, sla_due_at)
where status in ('abierto', 'en_proceso', 'en_espera');

create table fraud_cases (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    case_number varchar(30) not null,
    explotacion_id uuid not null,
    toma_id uuid,
    contract_id uuid,
    address_id uuid,
    fraud_type varchar(30) not null check (fraud_type in (
        'toma_clandestina', 'medidor_alterado', 'derivacion', 'reconexion_no_autorizada', 'uso_distinto', 'otro'
    )),
    detection_source varchar(20) not null check (detection_source in (
        'anomalia', 'inspeccion', 'denuncia', 'lecturista', 'balance_sector'
    )),
    status varchar(20) not null default 'abierto' check (status in (
        'abierto', 'en_investigacion', 'confirmado', 'descartado', 'cerrado'
    )),
    anomaly_data jsonb check (jsonb_typeof(anomaly_data) = 'object'),
    inspections jsonb not null default '[]' check (supra.is_list_of_objects(inspections)),
    estimated_loss_m3 numeric(12, 3) check (estimated_loss_m3 >= 0),
    estimated_loss_amount numeric(12, 2) check (estimated_loss_amount >= 0),
    recovered_amount numeric(12, 2) not null default 0 check (recovered_amount >= 0),
    assigned_to uuid,
    resolution text,
    detected_at timestamptz not null default now(),
    closed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, case_number),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, toma_id) references tomas (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, address_id) references addresses (tenant_id, id),
    foreign key (tenant_id, assigned_to) references users (tenant_id, id),
    check (status not in ('descartado', 'cerrado') or closed_at is not null)
);
comment on table fraud_cases is
'Suspected and proven theft of water. A clandestine connection has an address and no toma.';
comment on column fraud_cases.anomaly_data is
'What raised the suspicion: {"anomaly_type": text, "score": number, "expected_m3": number, "observed_m3": number, "reading_ids": [uuid], "model": text}.';
comment on column fraud_cases.inspections is
'Visits, appended to: [{"date": date, "inspector_id": uuid, "findings": text, "result": text, "photos": [url]}].';
create index idx_fraud_cases_explotacion on fraud_cases (tenant_id, explotacion_id);
create index idx_fraud_cases_toma on fraud_cases (tenant_id, toma_id);
create index idx_fraud_cases_contract on fraud_cases (tenant_id, contract_id);
create index idx_fraud_cases_address on fraud_cases (tenant_id, address_id);
create index idx_fraud_cases_assigned on fraud_cases (tenant_id, assigned_to);
create index idx_fraud_cases_status on fraud_cases (tenant_id, status, detected_at desc);

create table work_orders (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    order_number varchar(30) not null,
    order_type varchar(30) not null,
    priority varchar(10) not null default 'normal' check (priority in ('urgente', 'alta', 'normal', 'baja')),
    status varchar(20) not null default 'pendiente' check (status in (
        'pendiente', 'asignada', 'en_ruta', 'en_proceso', 'completada', 'no_realizada', 'cancelada'
    )),
    toma_id uuid,
    contract_id uuid,
    meter_id uuid,
    address_id uuid,
    contact_id uuid,
    fraud_case_id uuid,
    crew_id uuid,
    assigned_to uuid,
    created_by uuid,
    description text,
    scheduled_date date,
    sla_due_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    result_code varchar(30),
    resolution_notes text,
    reading_value numeric(12, 3) check (reading_value >= 0),
    photos jsonb not null default '[]' check (supra.is_list_of_objects(photos)),
    gps_arrival jsonb check (jsonb_typeof(gps_arrival) = 'object'),
    gps_departure jsonb check (jsonb_typeof(gps_departure) = 'object'),
    materials jsonb not null default '[]' check (supra.is_list_of_objects(materials)),
    total_cost numeric(12, 2) not null default 0 check (total_cost >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, order_number),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, order_type) references work_order_types (tenant_id, code) on update cascade,
    foreign key (tenant_id, toma_id) references tomas (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, meter_id) references meters (tenant_id, id),
    foreign key (tenant_id, address_id) references addresses (tenant_id, id),
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id),
    foreign key (tenant_id, fraud_case_id) references fraud_cases (tenant_id, id),
    foreign key (tenant_id, crew_id) references crews (tenant_id, id),
    foreign key (tenant_id, assigned_to) references users (tenant_id, id),
    foreign key (tenant_id, created_by) references users (tenant_id, id),
    check (status <> 'completada' or completed_at is not null),
    check (completed_at >= started_at)
);
comment on table work_orders is 'Field work: cuts, reconnections, meters, leaks, inspections.';
comment on column work_orders.order_type is 'A work_order_types.code of the same tenant.';
comment on column work_orders.reading_value is 'Index of the meter read on site, m³.';
comment on column work_orders.photos is 'Appended to on site: [{"url": text, "description": text, "taken_at": timestamptz}].';
comment on column work_orders.gps_arrival is
'Where and when the crew arrived: {"latitude": number, "longitude": number, "accuracy_m": number, "at": timestamptz}.';
comment on column work_orders.gps_departure is 'Where and when the crew left; the same keys as gps_arrival.';
comment on column work_orders.materials is
'Used on site: [{"item": text, "sku": text, "quantity": decimal string, "unit_cost": decimal string}].';
create index idx_work_orders_explotacion on work_orders (tenant_id, explotacion_id);
create index idx_work_orders_type on work_orders (tenant_id, order_type);
create index idx_work_orders_toma on work_orders (tenant_id, toma_id);
create index idx_work_orders_contract on work_orders (tenant_id, contract_id, created_at desc);
create index idx_work_orders_meter on work_orders (tenant_id, meter_id);
create index idx_work_orders_address on work_orders (tenant_id, address_id);
create index idx_work_orders_contact on work_orders (tenant_id, contact_id);
create index idx_work_orders_fraud_case on work_orders (tenant_id, fraud_case_id);
create index idx_work_orders_crew on work_orders (tenant_id, crew_id, scheduled_date);
create index idx_work_orders_assigned on work_orders (tenant_id, assigned_to);
create index idx_work_orders_created_by on work_orders (tenant_id, created_by);
create index idx_work_orders_status on work_orders (tenant_id, status, created_at desc);
create index idx_work_orders_sla on work_orders (tenant_id, sla_due_at)
where status in ('pendiente', 'asignada', 'en_ruta', 'en_proceso');

create table inventory_items (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    sku varchar(30) not null check (sku <> ''),
    name varchar(200) not null,
    unit varchar(10) not null default 'pieza',
    unit_cost numeric(12, 2) not null default 0 check (unit_cost >= 0),
    stock numeric(12, 3) not null default 0,
    minimum_stock numeric(12, 3) not null default 0 check (minimum_stock >= 0),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, sku)
);
comment on table inventory_items is 'Materials and parts.';
comment on column inventory_items.stock is
'Sum of the item''s movements, kept by their trigger; below zero means a movement is still to be entered.';

create table inventory_movements (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    item_id uuid not null,
    movement_type varchar(10) not null check (movement_type in ('entrada', 'salida', 'ajuste')),
    quantity numeric(12, 3) not null,
    unit_cost numeric(12, 2) check (unit_cost >= 0),
    work_order_id uuid,
    user_id uuid,
    notes text,
    created_at timestamptz not null default now(),
    unique (tenant_id, id),
    foreign key (tenant_id, item_id) references inventory_items (tenant_id, id),
    foreign key (tenant_id, work_order_id) references work_orders (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id),
    check (
        case movement_type when 'entrada' then quantity > 0 when 'salida' then quantity < 0 else quantity <> 0 end
    )
);
comment on table inventory_movements is
'Stock in and out, a journal: a mistake is put right by another movement. quantity is signed.';
create index idx_inventory_movements_item on inventory_movements (tenant_id, item_id, created_at desc);
create index idx_inventory_movements_order on inventory_movements (tenant_id, work_order_id);
create index idx_inventory_movements_user on inventory_movements (tenant_id, user_id);

-- Stock follows the movements of a statement in one pass, so that a bulk load stays set-based. Who books a
-- movement need not be allowed to edit items.
create function supra.apply_inventory_movements() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update public.inventory_items as item
    set stock = item.stock + moved.quantity
    from (
        select added.tenant_id, added.item_id, sum(added.quantity) as quantity
        from added
        group by added.tenant_id, added.item_id
    ) as moved
    where item.tenant_id = moved.tenant_id and item.id = moved.item_id;
    return null;
end
$$;
revoke all on function supra.apply_inventory_movements() from public;
alter function supra.apply_inventory_movements() owner to supra_guard;
grant select (id, tenant_id, stock), update (stock) on inventory_items to supra_guard;

create trigger apply_movements after insert on inventory_movements
referencing new table as added
for each statement execute function supra.apply_inventory_movements();

-- A journal that could be edited would part from the stock.
create function supra.refuse_journal_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name
        using errcode = 'restrict_violation', hint = 'Add a row that corrects the earlier one.';
end
$$;
revoke all on function supra.refuse_journal_change() from public;

create trigger journal_only before update or delete on inventory_movements
for each row execute function supra.refuse_journal_change();

create trigger touch_row before update on work_order_types for each row execute function supra.touch_row();
create trigger touch_row before update on crews for each row execute function supra.touch_row();
create trigger touch_row before update on crew_members for each row execute function supra.touch_row();
create trigger touch_row before update on sla_definitions for each row execute function supra.touch_row();
create trigger touch_row before update on contacts for each row execute function supra.touch_row();
create trigger touch_row before update on fraud_cases for each row execute function supra.touch_row();
create trigger touch_row before update on work_orders for each row execute function supra.touch_row();
create trigger touch_row before update on inventory_items for each row execute function supra.touch_row();
