-- Isolation, ownership and rights, read off the catalogue. May run again at any time, and has to
-- after a table has been added.

-- Everything the installer made since the schema supra is there, and gave to nobody, belongs to supra_owner. What was
-- there before (its oid is lower), or is somebody else's, stays whose it was, and nobody is granted a right on it.
do $$
declare
    thing record;
begin
    for thing in
        select
            case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind,
            c.oid::regclass::text as name
        from pg_catalog.pg_class as c
        where c.relnamespace in ('public'::regnamespace, 'supra'::regnamespace, 'timeseries'::regnamespace)
          and c.relkind in ('r', 'p', 'v', 'm')
          and c.relowner = current_user::regrole
          and c.oid > 'supra'::regnamespace::oid
          and not exists (
              select from pg_catalog.pg_depend as d
              where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
          )
        union all
        select 'function', p.oid::regprocedure::text
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'supra'::regnamespace
          and p.proowner = current_user::regrole
        union all
        select 'collation', 'supra.' || quote_ident(l.collname)
        from pg_catalog.pg_collation as l
        where l.collnamespace = 'supra'::regnamespace
          and l.collowner = current_user::regrole
    loop
        execute format('alter %s %s owner to supra_owner', thing.kind, thing.name);
    end loop;
end
$$;

-- Base tables with a tenant, and the tenants themselves. Partitions are sealed where they are made.
do $$
declare
    target regclass;
begin
    for target in
        select c.oid::regclass
        from pg_catalog.pg_class as c
        where c.relnamespace = 'public'::regnamespace
          and c.relkind in ('r', 'p')
          and c.relowner = 'supra_owner'::regrole
          and not c.relispartition
          and (c.oid = 'tenants'::regclass or exists (
              select from pg_catalog.pg_attribute as a
              where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
          ))
        order by c.relname
    loop
        perform supra.isolate(target);
    end loop;
end
$$;

-- A numeric column takes NaN, which passes every lower bound: one payment of it would make an invoice paid for good,
-- since no sum comes back from it.
do $$
declare
    target record;
begin
    for target in
        select
            c.oid::regclass as relation,
            string_agg(
                format('add constraint %I check (%I <> ''NaN'')', c.relname || '_' || a.attname || '_number', a.attname),
                ', ' order by a.attnum
            ) as checks
        from pg_catalog.pg_class as c
        join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace in ('public'::regnamespace, 'timeseries'::regnamespace)
          and c.relkind in ('r', 'p')
          and c.relowner in (select r.oid from pg_catalog.pg_roles as r where r.rolname in ('supra_owner', 'supra_jobs'))
          and not c.relispartition
          and a.atttypid = 'numeric'::regtype
          and a.attgenerated = ''
          and not exists (
              select from pg_catalog.pg_constraint as k
              where k.conrelid = c.oid and k.conname = left(c.relname || '_' || a.attname || '_number', 63)
          )
        group by c.oid
    loop
        execute format('alter table %s %s', target.relation, target.checks);
    end loop;
end
$$;

-- Values without a tenant are everybody's to read, and the DBAs' to keep.
drop policy if exists shared_values on domain_values;
create policy shared_values on domain_values for select using (tenant_id is null);
drop policy if exists shared_values_kept_by_dba on domain_values;
create policy shared_values_kept_by_dba on domain_values to supra_dba
using (tenant_id is null) with check (tenant_id is null);

-- Rights. Each group has what the one before it has, by membership. Nobody who signs in has a
-- right on timeseries, search or a partition, and none may change or delete an event.
do $$
declare
    console_roles constant text :=
        'supra_readonly, supra_operator, supra_supervisor, supra_dba, supra_app';
    everyday constant text[] := array[
        'acometidas', 'addresses', 'arco_requests', 'communications', 'contacts',
        'contract_notifications', 'contracts', 'crew_members', 'delinquency_procedures',
        'file_attachments', 'fraud_cases', 'inventory_movements', 'meters', 'payment_plans',
        'payments', 'person_contacts', 'persons', 'reading_route_stops', 'sync_conflicts', 'tomas',
        'work_orders'
    ];
    -- rows of these are detached without trace elsewhere, so the desk may delete them
    loose constant text[] := array[
        'contract_notifications', 'crew_members', 'file_attachments', 'person_contacts',
        'reading_route_stops'
    ];
    configuration constant text[] := array[
        'cfdi_cancellations', 'crews', 'credit_notes', 'data_retention_policies', 'domain_values',
        'explotacion_configs', 'explotaciones', 'feature_flags', 'inventory_items',
        'invoice_batches', 'invoice_lines', 'invoices', 'notification_templates', 'offices',
        'payment_channels', 'payment_reconciliations', 'reading_routes', 'regulatory_reports',
        'sectores_hidraulicos', 'sla_definitions', 'surcharges', 'tariff_schedules',
        'work_order_types', 'write_offs'
    ];
    -- of the service only; DBAs may withdraw them, unseen
    credentials constant text[] := array['api_keys', 'sessions'];
    secret_columns constant name[] := array['password_hash', 'token_hash', 'key_hash'];
    -- kept by the trigger on payments, and by the functions of 026
    derived_columns constant text[] := array[
        'invoices.amount_paid', 'tariff_schedules.active', 'tariff_schedules.activated_at',
        'tariff_schedules.activated_by', 'tariff_schedules.approval_date', 'tariff_schedules.approved_at',
        'tariff_schedules.approved_by', 'tariff_schedules.approved_by_user', 'tariff_schedules.approved_hash',
        'tariff_schedules.created_at', 'tariff_schedules.drafters', 'tariff_schedules.ended_replaced',
        'tariff_schedules.replaced_until', 'tariff_schedules.submitted_at', 'tariff_schedules.submitted_by',
        'tariff_schedules.updated_at', 'tariff_schedules.version'
    ];
    -- written by functions only
    kept_by_functions constant text[] := array['tariff_impact_reports'];
    target record;
begin
    for target in
        select
            c.relname as name,
            c.oid::regclass::text as relation,
            exists (
                select from pg_catalog.pg_attribute as a
                where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            ) or c.relname = 'tenants' as is_tenants,
            (
                -- a list of columns where one of them is secret, else the table as a whole
                select case when bool_or(a.attname = any (secret_columns))
                    then '(' || string_agg(quote_ident(a.attname), ', ' order by a.attnum)
                        filter (where a.attname <> all (secret_columns)) || ')'
                    else ''
                end
                from pg_catalog.pg_attribute as a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            ) as open_columns,
            (
                -- the same, where some are written by triggers and functions alone
                select case when bool_or(c.relname || '.' || a.attname = any (derived_columns))
                    then '(' || string_agg(quote_ident(a.attname), ', ' order by a.attnum)
                        filter (where c.relname || '.' || a.attname <> all (derived_columns)) || ')'
                    else ''
                end
                from pg_catalog.pg_attribute as a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                  and a.attgenerated = ''
            ) as written_columns
        from pg_catalog.pg_class as c
        where c.relnamespace = 'public'::regnamespace
          and c.relkind in ('r', 'p')
          and c.relowner = 'supra_owner'::regrole
          and not c.relispartition
        order by c.relname
    loop
        execute format('revoke all on %s from public, %s', target.relation, console_roles);

        execute format(
            'grant select %s on %s to %s',
            target.open_columns, target.relation,
            case when target.name = any (credentials) then 'supra_dba' else 'supra_readonly' end
        );
        if target.name = any (credentials) then
            execute format('grant delete on %s to supra_dba', target.relation);
        end if;
        execute format('grant select on %s to supra_app', target.relation);

        -- catalogues without a tenant are read-only
        continue when not target.is_tenants or target.name = any (kept_by_functions);

        if target.name = any (everyday) then
            execute format('grant insert, update on %s to supra_operator', target.relation);
        end if;
        if target.name = any (loose) then
            execute format('grant delete on %s to supra_operator', target.relation);
        end if;
        if target.name = any (configuration) then
            execute format(
                'grant insert %1$s, update %1$s, delete on %2$s to supra_supervisor',
                target.written_columns, target.relation
            );
        end if;
        execute format(
            'grant insert %1$s, update %1$s, delete on %2$s to supra_app',
            target.written_columns, target.relation
        );
        if target.name <> all (credentials) then
            execute format(
                'grant insert %1$s, update %1$s, delete on %2$s to supra_dba',
                target.written_columns, target.relation
            );
        end if;
    end loop;
end
$$;

revoke all on meter_readings, daily_consumption, domain_events
    from public, supra_readonly, supra_operator, supra_supervisor, supra_dba, supra_app;
grant select on meter_readings, daily_consumption, domain_events to supra_readonly, supra_app;
grant insert, update on meter_readings to supra_operator, supra_app;
grant insert on domain_events to supra_app;

-- A function is nobody's by default; the file that makes one says whose it is.
do $$
declare
    target regprocedure;
begin
    for target in
        select p.oid::regprocedure
        from pg_catalog.pg_proc as p
        where p.pronamespace in ('supra'::regnamespace, 'search'::regnamespace)
    loop
        execute format('revoke all on routine %s from public', target);
    end loop;
end
$$;

-- Extensions let everybody execute all they bring, and two of them bring what goes round all of the above. TimescaleDB's
-- inner routines trust their caller: anybody could drop a chunk, with the readings or events of all tenants in it.
-- PostGIS tells from its statistics where the rows of a table lie, whoever's they are. Those of TimescaleDB that only
-- compute stay: aggregates and queries over them run with the rights of who asks.
do $$
declare
    target regprocedure;
begin
    for target in
        select p.oid::regprocedure
        from pg_catalog.pg_proc as p
        join pg_catalog.pg_depend as d
            on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        join pg_catalog.pg_extension as e
            on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
        where (
                e.extname = 'timescaledb'
                and p.pronamespace in (
                    to_regnamespace('_timescaledb_functions'), to_regnamespace('_timescaledb_internal')
                )
                and p.provolatile = 'v'
                -- procedures, such as policies, have the caller's rights and no more
                and (p.prokind = 'f' or p.prosecdef)
                and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
            )
            or (
                e.extname = 'postgis'
                and p.proname in (
                    '_postgis_stats', '_postgis_selectivity', '_postgis_join_selectivity',
                    '_postgis_index_extent', 'st_estimatedextent'
                )
            )
    loop
        execute format('revoke execute on routine %s from public', target);
    end loop;
end
$$;
