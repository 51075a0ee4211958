-- Events and communications: the event store that is also the audit trail, what was sent to customers, and the
-- partitions of the tables that grow by time. The plan's domain 10.

-- The store itself is out of reach of everybody who signs in (schema timeseries); public.domain_events is its
-- tenant's window, supra.record_event() the way in. 30 days is what TimescaleDB makes of the plan's "1 month".
create table timeseries.domain_events (
    id uuid not null default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id),
    event_type varchar(100) not null check (event_type <> ''),
    aggregate_type varchar(50) not null check (aggregate_type <> ''),
    aggregate_id uuid not null,
    payload jsonb not null default '{}' check (jsonb_typeof(payload) = 'object'),
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz not null default clock_timestamp(),
    primary key (id, created_at)
);
comment on table timeseries.domain_events is
'Event store and audit trail, append-only. Read it through public.domain_events.';
comment on column timeseries.domain_events.event_type is 'aggregate.what_happened, e.g. account.viewed, invoice.paid.';
comment on column timeseries.domain_events.payload is 'What happened, as far as the event needs it; never a secret.';
comment on column timeseries.domain_events.metadata is
'Who and from where; record_event() writes {"db_user": text, "user_id": uuid, "application_name": text, "client_addr": text}.';

select create_hypertable(
    'timeseries.domain_events', by_range('created_at', interval '30 days'), create_default_indexes => false
);

alter table timeseries.domain_events owner to supra_owner;
grant select, insert on timeseries.domain_events to supra_timeseries;

-- The plan's three indexes with the tenant first.
create index idx_events_aggregate
on timeseries.domain_events (tenant_id, aggregate_type, aggregate_id, created_at desc);
create index idx_events_type on timeseries.domain_events (tenant_id, event_type, created_at desc);
create index idx_events_tenant on timeseries.domain_events (tenant_id, created_at desc);

create view public.domain_events with (security_barrier) as
select
    id,
    tenant_id,
    event_type,
    aggregate_type,
    aggregate_id,
    payload,
    metadata,
    created_at
from timeseries.domain_events
where tenant_id = (select supra.current_tenant())
with local check option;
comment on view public.domain_events is 'Events of the session''s tenant. Console roles read; supra_app may also append, but none of tariffs.';
alter view public.domain_events owner to supra_timeseries;

-- What is appended is stamped with tenant, user and origin here, so that nobody signs as somebody else.
create or replace function supra.append_event(
    event_type text, aggregate_type text, aggregate_id uuid, payload jsonb
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    bound_tenant uuid := supra.current_tenant();
    event_id uuid := gen_random_uuid();
begin
    if bound_tenant is null then
        raise exception 'no tenant is bound to this session, so nothing can be recorded'
            using errcode = 'insufficient_privilege';
    end if;
    insert into timeseries.domain_events
        (id, tenant_id, event_type, aggregate_type, aggregate_id, payload, metadata)
    values (
        event_id, bound_tenant, append_event.event_type, append_event.aggregate_type, append_event.aggregate_id,
        coalesce(append_event.payload, '{}'),
        jsonb_build_object(
            'db_user', session_user,
            'user_id', supra.current_user_id(),
            'application_name', current_setting('application_name', true),
            'client_addr', host(inet_client_addr())
        )
    );
    return event_id;
end
$$;

-- Whether an event is of a tariff, or would pass for one: in other cases, widths or between blanks. Without a setting of
-- its own it is planned as part of what asks.
create or replace function supra.is_of_tariffs(event_type text, aggregate_type text) returns boolean
language sql immutable parallel safe
return 'tariff' in (
    regexp_replace(lower(normalize(aggregate_type, nfkc)), '[^[:alnum:]]', '', 'g'),
    regexp_replace(lower(split_part(normalize(event_type, nfkc), '.', 1)), '[^[:alnum:]]', '', 'g')
);

-- The one way in for people. What happens to a tariff is recorded by its own functions and triggers alone: its history
-- says who approved it. 026 keeps the service from it as well.
create or replace function supra.record_event(
    event_type text, aggregate_type text, aggregate_id uuid, payload jsonb default '{}'
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if supra.is_of_tariffs(record_event.event_type, record_event.aggregate_type) then
        raise exception 'events of tariffs are recorded by what happens to them'
            using errcode = 'insufficient_privilege';
    end if;
    return supra.append_event(
        record_event.event_type, record_event.aggregate_type, record_event.aggregate_id, record_event.payload
    );
end
$$;
comment on function supra.record_event(text, text, uuid, jsonb) is
'Appends an event of the session''s tenant, stamped with who and from where; returns its id.';
alter function supra.append_event(text, text, uuid, jsonb) owner to supra_timeseries;
alter function supra.is_of_tariffs(text, text) owner to supra_timeseries;
alter function supra.record_event(text, text, uuid, jsonb) owner to supra_timeseries;
revoke all on function
supra.append_event(text, text, uuid, jsonb), supra.is_of_tariffs(text, text),
supra.record_event(text, text, uuid, jsonb) from public;
grant execute on function supra.record_event(text, text, uuid, jsonb) to supra_readonly, supra_app;

create table notification_templates (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    channel varchar(20) not null check (channel in ('whatsapp', 'sms', 'email', 'push', 'carta')),
    template_key varchar(50) not null check (template_key <> ''),
    template_name varchar(200) not null,
    body_template text not null,
    variables jsonb not null default '[]' check (supra.is_list_of_objects(variables)),
    whatsapp_template_id varchar(100),
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, channel, template_key)
);
comment on table notification_templates is 'Message texts by channel, in Handlebars.';
comment on column notification_templates.variables is
'What the text needs: [{"name": text, "type": "text"|"money"|"date"|"number", "required": boolean}].';
comment on column notification_templates.whatsapp_template_id is 'Id of the template as approved by Meta.';
create trigger touch_row before update on notification_templates
for each row execute function supra.touch_row();

create table communications (
    id uuid not null default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    person_id uuid,
    contract_id uuid,
    template_id uuid,
    channel varchar(20) not null check (channel in ('whatsapp', 'sms', 'email', 'push', 'carta', 'telefono')),
    direction varchar(10) not null default 'saliente' check (direction in ('saliente', 'entrante')),
    recipient varchar(255) not null,
    subject varchar(200),
    body text,
    status varchar(20) not null default 'pendiente' check (status in (
        'pendiente', 'enviado', 'entregado', 'leido', 'fallido', 'recibido'
    )),
    provider_message_id varchar(100),
    error_message text,
    sent_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    created_at timestamptz not null default now(),
    -- A partitioned table's key holds the partition key.
    primary key (id, created_at),
    foreign key (tenant_id, person_id) references persons (tenant_id, id),
    foreign key (tenant_id, contract_id) references contracts (tenant_id, id),
    foreign key (tenant_id, template_id) references notification_templates (tenant_id, id)
) partition by range (created_at);
comment on table communications is
'Messages to and from customers, in partitions of three months made by supra.ensure_partitions().';
comment on column communications.recipient is 'Phone number, address or e-mail of the customer''s side, as used.';
create index idx_communications_tenant on communications (tenant_id, created_at desc);
create index idx_communications_person on communications (tenant_id, person_id, created_at desc);
create index idx_communications_contract on communications (tenant_id, contract_id, created_at desc);
create index idx_communications_template on communications (tenant_id, template_id);
create index idx_communications_status on communications (tenant_id, status, created_at desc);
create index idx_communications_provider on communications (tenant_id, provider_message_id);

-- Partitions are reached through their parent only: nobody is granted a right on one, and row security without a
-- policy shows nothing to whoever names one all the same.
create function supra.seal_partition(partition regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('alter table %s owner to supra_owner', partition);
    execute format('revoke all on table %s from public, supra_readonly, supra_operator, supra_supervisor, supra_dba, supra_app', partition);
    execute format('alter table %s enable row level security, force row level security', partition);
end
$$;
revoke all on function supra.seal_partition(regclass) from public;

create function supra.ensure_partitions(months_ahead integer default 3) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    growing record;
    starts timestamptz;
    ends timestamptz;
    name text;
    caught text;
    made integer := 0;
    zone constant text := 'America/Mexico_City';
begin
    if months_ahead not between 0 and 120 then
        raise exception 'months_ahead must be between 0 and 120' using errcode = 'invalid_parameter_value';
    end if;
    for growing in
        select parent.relname, span.unit, span.step
        from (values
            ('communications', 'quarter', interval '3 months'),
            ('ai_agent_executions', 'month', interval '1 month')
        ) as span (relname, unit, step)
        join pg_class as parent
            on parent.relname = span.relname and parent.relnamespace = 'public'::regnamespace and parent.relkind = 'p'
    loop
        starts := date_trunc(growing.unit, now(), zone);
        while starts <= now() + make_interval(months => months_ahead) loop
            -- Months of the calendar in the utility's own time zone.
            ends := (starts at time zone zone + growing.step) at time zone zone;
            name := growing.relname || to_char(
                starts at time zone zone, case growing.unit when 'quarter' then '_YYYY"q"Q' else '_YYYY"m"MM' end
            );
            if to_regclass(format('public.%I', name)) is null then
                -- What the default partition caught in this range moves over. It is set aside first: attaching a table
                -- with rows in it checks their foreign keys under row security, and finds nobody they point at.
                caught := growing.relname || '_default';
                execute format('alter table public.%I no force row level security', caught);
                execute format('create temporary table set_aside (like public.%I)', caught);
                execute format(
                    'with gone as (delete from public.%I where created_at >= %L and created_at < %L returning *) '
                    'insert into pg_temp.set_aside select * from gone', caught, starts, ends
                );
                execute format(
                    'create table public.%I partition of public.%I for values from (%L) to (%L)',
                    name, growing.relname, starts, ends
                );
                execute format('insert into public.%I select * from pg_temp.set_aside', name);
                drop table pg_temp.set_aside;
                execute format('alter table public.%I force row level security', caught);
                perform supra.seal_partition(format('public.%I', name)::regclass);
                made := made + 1;
            end if;
            starts := ends;
        end loop;
    end loop;
    return made;
end
$$;
comment on function supra.ensure_partitions(integer) is
'Makes the partitions of communications and ai_agent_executions from today to so many months ahead; returns how many it made.';
alter function supra.seal_partition(regclass) owner to supra_owner;
alter function supra.ensure_partitions(integer) owner to supra_owner;
revoke all on function supra.ensure_partitions(integer) from public;
grant execute on function supra.ensure_partitions(integer) to supra_dba;
grant create on schema public to supra_owner;

-- The default partition catches what no other does, so that an insert never fails for want of a partition.
create table communications_default partition of communications default;
select supra.seal_partition('public.communications_default');

-- Where pg_cron is installed it makes partitions ahead of time; elsewhere `supra-console db init` does when run again.
do $$
begin
    if exists (select from pg_extension where extname = 'pg_cron') then
        perform cron.schedule('supra-partitions', '17 3 * * *', 'select supra.ensure_partitions(3)');
    end if;
end
$$;
