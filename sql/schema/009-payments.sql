-- Payments through every channel, payment plans, and reconciliation with banks and shops.

create table payment_channels (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    code varchar(30) not null,
    name varchar(200) not null,
    channel_type varchar(20) not null check (channel_type in (
        'ventanilla', 'banco', 'spei', 'domiciliacion', 'tienda', 'digital', 'gestor_cobro'
    )),
    commission_pct numeric(5, 2) not null default 0 check (commission_pct between 0 and 100),
    config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, code)
);

create table payment_plans (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    contract_id uuid not null,
    person_id uuid not null,
    plan_number varchar(30) not null,
    total_debt numeric(12, 2) not null check (total_debt > 0),
    down_payment numeric(12, 2) not null default 0 check (down_payment >= 0),
    installment_count integer not null check (installment_count between 1 and 48),
    installments jsonb not null,
    start_date date not null,
    status varchar(20) not null default 'activo' check (status in (
        'propuesto', 'activo', 'cumplido', 'incumplido', 'cancelado'
    )),
    approved_by uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, plan_number),
    check (down_payment <= total_debt),
    check (
        supra.is_list_of_objects(installments)
        and jsonb_array_length(installments) = installment_count
    ),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, approved_by) references users (tenant_id, id)
);

create index idx_payment_plans_contract on payment_plans (tenant_id, contract_id);
create index idx_payment_plans_person on payment_plans (tenant_id, person_id);
create index idx_payment_plans_approved_by on payment_plans (tenant_id, approved_by);
create index idx_payment_plans_status on payment_plans (tenant_id, status);

create table payment_reconciliations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    channel varchar(30) not null,
    batch_date date not null,
    batch_reference varchar(100),
    total_amount numeric(14, 2) not null,
    transaction_count integer not null check (transaction_count >= 0),
    status varchar(20) not null default 'pending' check (status in (
        'pending', 'processing', 'completed', 'partial', 'failed'
    )),
    batch_data jsonb not null check (jsonb_typeof(batch_data) in ('object', 'array')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    processed_at timestamptz,
    version integer not null default 1,
    unique (tenant_id, id)
);

create index idx_payment_reconciliations_status on payment_reconciliations (tenant_id, status);
-- the same file of a bank is not taken twice
create unique index uq_payment_reconciliations_batch
on payment_reconciliations (tenant_id, channel, batch_reference)
where batch_reference is not null;

create table payments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    contract_id uuid not null,
    -- who paid, where it was not the holder
    person_id uuid,
    -- null: on account, not yet applied to an invoice
    invoice_id uuid,
    payment_plan_id uuid,
    reconciliation_id uuid,
    office_id uuid,
    received_by uuid,
    amount numeric(12, 2) not null check (amount > 0),
    currency varchar(3) not null default 'MXN',
    payment_date timestamptz not null,
    channel varchar(30) not null,
    method varchar(30) not null,
    reference varchar(50),
    -- the key of the bank, shop or gateway
    external_id varchar(100),
    receipt_number varchar(30),
    status varchar(20) not null default 'aplicado' check (status in (
        'aplicado', 'pendiente', 'rechazado', 'cancelado', 'devuelto'
    )),
    status_reason varchar(200),
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
    foreign key (tenant_id, payment_plan_id) references payment_plans (tenant_id, id),
    foreign key (tenant_id, reconciliation_id) references payment_reconciliations (tenant_id, id),
    foreign key (tenant_id, office_id) references offices (tenant_id, id),
    foreign key (tenant_id, received_by) references users (tenant_id, id)
);

create index idx_payments_contract on payments (tenant_id, contract_id, payment_date desc);
create index idx_payments_invoice on payments (tenant_id, invoice_id);
create index idx_payments_person on payments (tenant_id, person_id) where person_id is not null;
create index idx_payments_plan on payments (tenant_id, payment_plan_id)
where payment_plan_id is not null;
create index idx_payments_reconciliation on payments (tenant_id, reconciliation_id)
where reconciliation_id is not null;
create index idx_payments_office on payments (tenant_id, office_id) where office_id is not null;
create index idx_payments_received_by on payments (tenant_id, received_by)
where received_by is not null;
create index idx_payments_status on payments (tenant_id, status, payment_date desc);
create index idx_payments_reference on payments (tenant_id, reference);
-- a gateway that calls twice has been paid once
create unique index uq_payments_external on payments (tenant_id, channel, external_id)
where external_id is not null;

-- Keeps what has been paid of an invoice. Once per statement, so loads stay set-based. It adds the
-- difference to the row as it is after its lock was taken: a sum read beforehand would miss a
-- payment that another session commits meanwhile. It sees past row security because loads run
-- without a tenant; the foreign key holds payment and invoice in one.
create or replace function supra.settle_invoices() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        update public.invoices as i
        set amount_paid = i.amount_paid + d.paid
        from (
            select n.tenant_id, n.invoice_id, sum(n.amount) as paid
            from new_rows as n
            where n.status = 'aplicado' and n.invoice_id is not null
            group by n.tenant_id, n.invoice_id
        ) as d
        where i.tenant_id = d.tenant_id and i.id = d.invoice_id;
    elsif tg_op = 'DELETE' then
        update public.invoices as i
        set amount_paid = i.amount_paid - d.paid
        from (
            select o.tenant_id, o.invoice_id, sum(o.amount) as paid
            from old_rows as o
            where o.status = 'aplicado' and o.invoice_id is not null
            group by o.tenant_id, o.invoice_id
        ) as d
        where i.tenant_id = d.tenant_id and i.id = d.invoice_id;
    else
        update public.invoices as i
        set amount_paid = i.amount_paid + d.paid
        from (
            select c.tenant_id, c.invoice_id, sum(c.amount) as paid
            from (
                select n.tenant_id, n.invoice_id, n.amount
                from new_rows as n
                where n.status = 'aplicado' and n.invoice_id is not null
                union all
                select o.tenant_id, o.invoice_id, -o.amount
                from old_rows as o
                where o.status = 'aplicado' and o.invoice_id is not null
            ) as c
            group by c.tenant_id, c.invoice_id
            having sum(c.amount) <> 0
        ) as d
        where i.tenant_id = d.tenant_id and i.id = d.invoice_id;
    end if;
    return null;
end
$$;

-- An invoice is paid when nothing is owed, and owed again when a payment goes back or its total is
-- corrected. Pending turns into overdue by the utility's calendar.
create or replace function supra.follow_balance() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.status in ('pendiente', 'impagada') and new.amount_paid >= new.total then
        new.status := 'pagada';
    elsif new.status = 'pagada' and new.amount_paid < new.total then
        new.status := case
            when new.due_date < (now() at time zone 'America/Mexico_City')::date then 'impagada'
            else 'pendiente'
        end;
    end if;
    return new;
end
$$;

alter function supra.settle_invoices() owner to supra_guard;
grant select (id, tenant_id, amount_paid), update (amount_paid) on invoices to supra_guard;
revoke all on function supra.settle_invoices(), supra.follow_balance() from public;

create trigger follow_balance before update of amount_paid, total on invoices
for each row when (new.amount_paid <> old.amount_paid or new.total <> old.total)
execute function supra.follow_balance();

create trigger settle_inserted after insert on payments
referencing new table as new_rows
for each statement execute function supra.settle_invoices();
create trigger settle_updated after update on payments
referencing old table as old_rows new table as new_rows
for each statement execute function supra.settle_invoices();
create trigger settle_deleted after delete on payments
referencing old table as old_rows
for each statement execute function supra.settle_invoices();

create trigger touch_row before update on payment_channels
for each row execute function supra.touch_row();
create trigger touch_row before update on payment_plans
for each row execute function supra.touch_row();
create trigger touch_row before update on payment_reconciliations
for each row execute function supra.touch_row();
create trigger touch_row before update on payments
for each row execute function supra.touch_row();
