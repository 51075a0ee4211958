-- Tariffs, and the invoices, credit notes and cancellations that come of them.

-- Whether a document has the shape of tariff blocks: a list of at least one object, each with
-- numbers for its limits and prices, none negative, the upper limit above the lower or open (null).
-- That blocks follow one another without a gap is a matter for review, not for storage.
create or replace function supra.are_tariff_blocks(document jsonb) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    block jsonb;
    bound jsonb;
begin
    if jsonb_typeof(document) <> 'array' or jsonb_array_length(document) = 0 then
        return false;
    end if;
    for block in select value from jsonb_array_elements(document) loop
        if jsonb_typeof(block) <> 'object' then
            return false;
        end if;
        foreach bound in array array[
            block -> 'from_m3', block -> 'price_per_m3', coalesce(block -> 'fixed_charge', '0')
        ] loop
            if jsonb_typeof(bound) is distinct from 'number' or bound::numeric < 0 then
                return false;
            end if;
        end loop;
        bound := block -> 'to_m3';
        if bound is null then
            return false;
        elsif jsonb_typeof(bound) = 'null' then
            continue;
        elsif jsonb_typeof(bound) <> 'number'
              or bound::numeric <= (block -> 'from_m3')::numeric then
            return false;
        end if;
    end loop;
    return true;
end
$$;

-- Whether a document has the shape of a tariff's additional concepts: a list, maybe empty, of
-- objects with code, name, type and a value that is not negative; IVA as a fraction.
create or replace function supra.are_tariff_concepts(document jsonb) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    concept jsonb;
begin
    if jsonb_typeof(document) <> 'array' then
        return false;
    end if;
    for concept in select value from jsonb_array_elements(document) loop
        if jsonb_typeof(concept) <> 'object'
           or jsonb_typeof(concept -> 'code') is distinct from 'string'
           or jsonb_typeof(concept -> 'name') is distinct from 'string'
           or coalesce(concept ->> 'type', '') not in ('percentage', 'fixed')
           or jsonb_typeof(concept -> 'value') is distinct from 'number'
           or (concept -> 'value')::numeric < 0
           or coalesce(jsonb_typeof(concept -> 'base'), 'null') not in ('string', 'null')
        then
            return false;
        end if;
        if coalesce(jsonb_typeof(concept -> 'iva_rate'), 'null') <> 'null' then
            if jsonb_typeof(concept -> 'iva_rate') <> 'number'
               or (concept -> 'iva_rate')::numeric not between 0 and 1 then
                return false;
            end if;
        end if;
    end loop;
    return true;
end
$$;

-- What a consumption costs by blocks, in MXN, half up to the cent. A consumption belongs to
-- (from, to]; price and fixed charge add up over the blocks entered; none pays the first block's
-- fixed charge. Null where the consumption is unknown, negative or no finite number.
create or replace function supra.rate_blocks(blocks jsonb, m3 numeric) returns numeric
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return (
    select round(sum(
        (least(m3, b.to_m3) - b.from_m3) * b.price_per_m3 + coalesce(b.fixed_charge, 0)
    ), 2)
    from jsonb_to_recordset(blocks) as b (
        from_m3 numeric, to_m3 numeric, price_per_m3 numeric, fixed_charge numeric
    )
    where (m3 > b.from_m3 or (m3 = 0 and b.from_m3 = 0)) and m3 < 'Infinity'
);

revoke all on function
    supra.are_tariff_blocks(jsonb), supra.are_tariff_concepts(jsonb), supra.rate_blocks(jsonb, numeric)
    from public;
grant execute on function
    supra.are_tariff_blocks(jsonb), supra.are_tariff_concepts(jsonb), supra.rate_blocks(jsonb, numeric)
    to supra_owner, supra_readonly, supra_app;

create table tariff_schedules (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid,
    name varchar(200) not null,
    category varchar(30) not null check (category in (
        'domestica', 'comercial', 'industrial', 'gobierno', 'mixta', 'rural', 'social'
    )),
    effective_from date not null,
    effective_until date,
    active boolean not null default true,
    billing_period varchar(10) not null
        check (billing_period in ('mensual', 'bimestral', 'trimestral')),
    blocks jsonb not null check (supra.are_tariff_blocks(blocks)),
    additional_concepts jsonb not null default '[]'
        check (supra.are_tariff_concepts(additional_concepts)),
    iva_applicable boolean not null default false,
    -- of the water itself, as a fraction; each additional concept has its own. 0 is not exempt:
    -- a rate counts where iva_applicable says so.
    iva_rate numeric(5, 4) not null default 0 check (iva_rate between 0 and 1),
    social_discount_pct numeric(5, 2) check (social_discount_pct between 0 and 100),
    approved_by varchar(200),
    approval_date date,
    gazette_reference varchar(100),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    check (effective_until > effective_from),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    -- One price at a time for each municipality, category and billing period. The range is half
    -- open: the day a tariff ends is the first day of the next.
    constraint excl_tariff_validity exclude using gist (
        tenant_id with =,
        coalesce(explotacion_id, '00000000-0000-0000-0000-000000000000'::uuid) with =,
        category with =,
        billing_period with =,
        daterange(effective_from, effective_until, '[)') with &&
    ) where (active)
);

create index idx_tariffs_active on tariff_schedules (tenant_id, category, active)
where active = true;
create index idx_tariffs_explotacion on tariff_schedules (tenant_id, explotacion_id);
create index idx_tariffs_blocks on tariff_schedules using gin (blocks);

create table invoice_batches (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    explotacion_id uuid not null,
    batch_number varchar(30) not null,
    period_start date not null,
    period_end date not null,
    status varchar(20) not null default 'abierto' check (status in (
        'abierto', 'simulado', 'procesando', 'emitido', 'cerrado', 'cancelado'
    )),
    invoice_count integer not null default 0 check (invoice_count >= 0),
    total_amount numeric(14, 2) not null default 0,
    created_by uuid,
    closed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, explotacion_id, batch_number),
    check (period_end >= period_start),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, created_by) references users (tenant_id, id)
);

create index idx_invoice_batches_status on invoice_batches (tenant_id, status);
create index idx_invoice_batches_created_by on invoice_batches (tenant_id, created_by);

create table invoices (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    contract_id uuid not null,
    person_id uuid not null,
    toma_id uuid not null,
    explotacion_id uuid not null,
    batch_id uuid,
    invoice_number varchar(30),
    folio_fiscal uuid,
    serie varchar(10),
    invoice_type varchar(20) not null,
    origin varchar(20) not null,
    period_start date not null,
    period_end date not null,
    billing_date date not null,
    due_date date not null,
    subtotal numeric(12, 2) not null default 0,
    iva_amount numeric(12, 2) not null default 0,
    total numeric(12, 2) not null default 0,
    -- kept by the trigger on payments; nobody else writes it
    amount_paid numeric(12, 2) not null default 0 check (amount_paid >= 0),
    -- what is still owed; below zero it is the customer's credit
    balance numeric(12, 2) generated always as (total - amount_paid) stored,
    currency varchar(3) not null default 'MXN',
    -- a soft reference: the key of a reading holds its date, and readings are archived
    reading_id uuid,
    reading_date timestamptz,
    consumption_m3 numeric(10, 3),
    previous_reading numeric(12, 3),
    current_reading numeric(12, 3),
    status varchar(20) not null default 'provisional' check (status in (
        'provisional', 'pendiente', 'impagada', 'pagada', 'cancelada'
    )),
    cfdi_status varchar(20),
    cfdi_xml text,
    cfdi_pdf_url varchar(500),
    cfdi_stamp_date timestamptz,
    cfdi_cancellation_date timestamptz,
    pac_response jsonb check (jsonb_typeof(pac_response) = 'object'),
    payment_reference varchar(30),
    spei_reference varchar(20),
    related_invoice_id uuid,
    delivered boolean not null default false,
    delivery_channel varchar(20),
    delivered_at timestamptz,
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, folio_fiscal),
    check (period_end >= period_start),
    check ((reading_id is null) = (reading_date is null)),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, toma_id) references tomas (tenant_id, id),
    foreign key (tenant_id, explotacion_id) references explotaciones (tenant_id, id),
    foreign key (tenant_id, batch_id) references invoice_batches (tenant_id, id),
    foreign key (tenant_id, related_invoice_id) references invoices (tenant_id, id)
);

create index idx_invoices_contract on invoices (tenant_id, contract_id, period_start desc);
create index idx_invoices_person on invoices (tenant_id, person_id);
create index idx_invoices_toma on invoices (tenant_id, toma_id);
create index idx_invoices_explotacion_date on invoices (tenant_id, explotacion_id, billing_date);
create index idx_invoices_status on invoices (tenant_id, status);
create index idx_invoices_due on invoices (tenant_id, due_date)
where status in ('pendiente', 'impagada');
create index idx_invoices_batch on invoices (tenant_id, batch_id) where batch_id is not null;
create index idx_invoices_related on invoices (tenant_id, related_invoice_id)
where related_invoice_id is not null;
create index idx_invoices_payment_reference on invoices (tenant_id, payment_reference)
where payment_reference is not null;
create unique index uq_invoices_number on invoices (tenant_id, serie, invoice_number)
nulls not distinct where invoice_number is not null;
-- a period is billed once; after a cancellation it may be billed again
create unique index uq_invoices_contract_period on invoices (tenant_id, contract_id, period_start, period_end)
where status <> 'cancelada';

create table invoice_lines (
    id uuid primary key default gen_random_uuid(),
    invoice_id uuid not null,
    tenant_id uuid not null references tenants (id),
    concept_code varchar(20) not null,
    concept_name varchar(200) not null,
    subconcept_code varchar(20),
    subconcept_name varchar(200),
    owner_entity varchar(50),
    quantity numeric(12, 3) not null default 1,
    unit_price numeric(12, 4) not null default 0,
    subtotal numeric(12, 2) not null default 0,
    iva_rate numeric(5, 4) not null default 0 check (iva_rate between 0 and 1),
    iva_amount numeric(12, 2) not null default 0,
    total numeric(12, 2) not null default 0,
    tariff_detail jsonb check (jsonb_typeof(tariff_detail) = 'object'),
    clave_prod_serv varchar(10),
    clave_unidad varchar(5),
    sort_order integer not null default 0,
    created_at timestamptz not null default now(),
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id) on delete cascade
);

create index idx_invoice_lines_invoice on invoice_lines (tenant_id, invoice_id, sort_order);

create table credit_notes (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    invoice_id uuid not null,
    serie varchar(10),
    credit_note_number varchar(30),
    folio_fiscal uuid,
    reason varchar(200) not null,
    subtotal numeric(12, 2) not null default 0,
    iva_amount numeric(12, 2) not null default 0,
    total numeric(12, 2) not null check (total > 0),
    status varchar(20) not null default 'provisional'
        check (status in ('provisional', 'emitida', 'aplicada', 'cancelada')),
    issued_at timestamptz,
    issued_by uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, folio_fiscal),
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
    foreign key (tenant_id, issued_by) references users (tenant_id, id)
);

create index idx_credit_notes_invoice on credit_notes (tenant_id, invoice_id);
create index idx_credit_notes_issued_by on credit_notes (tenant_id, issued_by);
create index idx_credit_notes_status on credit_notes (tenant_id, status);
create unique index uq_credit_notes_number on credit_notes (tenant_id, serie, credit_note_number)
nulls not distinct where credit_note_number is not null;

create table cfdi_cancellations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    invoice_id uuid,
    credit_note_id uuid,
    -- SAT: 01 replaced by another, 02 errors without replacement, 03 never took place, 04 global
    reason_code varchar(2) not null check (reason_code in ('01', '02', '03', '04')),
    replacement_folio uuid,
    status varchar(20) not null default 'solicitada' check (status in (
        'solicitada', 'en_proceso', 'aceptada', 'rechazada', 'vencida'
    )),
    requested_by uuid,
    requested_at timestamptz not null default now(),
    resolved_at timestamptz,
    acknowledgement_xml text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    check (num_nonnulls(invoice_id, credit_note_id) = 1),
    check ((reason_code = '01') = (replacement_folio is not null)),
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
    foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id),
    foreign key (tenant_id, requested_by) references users (tenant_id, id)
);

create index idx_cfdi_cancellations_invoice on cfdi_cancellations (tenant_id, invoice_id);
create index idx_cfdi_cancellations_credit_note on cfdi_cancellations (tenant_id, credit_note_id);
create index idx_cfdi_cancellations_requested_by on cfdi_cancellations (tenant_id, requested_by);
create index idx_cfdi_cancellations_status on cfdi_cancellations (tenant_id, status);

create trigger touch_row before update on tariff_schedules
for each row execute function supra.touch_row();
create trigger touch_row before update on invoice_batches
for each row execute function supra.touch_row();
create trigger touch_row before update on invoices
for each row execute function supra.touch_row();
create trigger touch_row before update on credit_notes
for each row execute function supra.touch_row();
create trigger touch_row before update on cfdi_cancellations
for each row execute function supra.touch_row();
