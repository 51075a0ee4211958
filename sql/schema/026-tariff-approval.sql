-- Tariffs: who drafted, who approved, and the way from draft to superseded.
--
-- People write the content of a draft; everything else about it (submitted, approved, active, when a tariff that is
-- replaced ends) is written by the functions here alone, which run as supra_owner. A trigger keeps that true for
-- everybody, owners of rights on the table and superusers included. What is done is recorded as an event in the same
-- transaction. May run again at any time.
--
--   42501  nobody SUPRA knows is signed in, or a column was written that only these functions write
--   SU101  the tariff is gone
--   SU102  somebody changed it meanwhile, or it is not where in its life it would have to be
--   SU103  who drafted may not approve
--   SU104  it is not sound; the constraint names what is wrong, as supra.tariff_fault() does, or 'replaces': what it
--          replaces is no active tariff of its series
--   SU105  something is missing for its activation; the constraint names it
--   SU106  it is active, and an active tariff does not change
--   SU107  invoices have been issued for its days, and their number was not acknowledged
--   25000  a transaction that sees less than what is committed, where invoices and prices meet
--   22008  the day of the resolution is to come, or beyond the calendar
--   23514  what is to be kept as an impact report is none of this content
--   23P01  another tariff holds some of its days, or of those a withdrawal would give back

-- Who writes what -------------------------------------------------------------------------------------------------------

-- The day it is for the utility.
create or replace function supra.today() returns date
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
return (now() at time zone 'America/Mexico_City')::date;

-- The users row of whoever is at work on tariffs in the bound tenant. The service has the rights for all its users, so
-- whom it names has to be there as a supervisor; people have those of their own login.
create or replace function supra.tariff_actor() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    actor constant uuid := supra.current_user_id();
begin
    if actor is null or supra.current_tenant() is null
       or not pg_has_role(session_user, 'supra_dba', 'member')
       and not exists (
           select from public.users as u
           where u.id = actor
             and u.active
             and (u.db_role = session_user or u.role in ('admin', 'supervisor'))
       )
    then
        raise exception 'nobody known to SUPRA is at work' using errcode = 'insufficient_privilege';
    end if;
    return actor;
end
$$;

-- Keeps what people write apart from what the functions below write, whoever has which right on the table.
create or replace function supra.guard_tariff() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    by_function constant boolean := current_user = 'supra_owner';
    isolated constant boolean := row_security_active('public.tariff_schedules');
    content constant text[] := array[
        'explotacion_id', 'name', 'category', 'effective_from', 'effective_until', 'billing_period', 'blocks',
        'additional_concepts', 'iva_applicable', 'iva_rate', 'social_discount_pct', 'gazette_reference', 'rating_mode',
        'replaces_id'
    ];
    kept constant text[] := array['created_at', 'updated_at', 'version'];  -- touch_row moves them
    of_life constant text[] := array[
        'effective_until', 'active', 'activated_by', 'activated_at', 'submitted_by', 'submitted_at', 'approved_by_user',
        'approved_at', 'approved_hash', 'approved_by', 'approval_date', 'ended_replaced', 'replaced_until'
    ];
    before jsonb;
    after jsonb;
    editor uuid;
begin
    if tg_op = 'DELETE' then
        if old.active then
            raise exception 'an active tariff does not change' using errcode = 'SU106';
        end if;
        if isolated then
            perform supra.tariff_actor();
        end if;
        return old;
    end if;

    if tg_op = 'INSERT' then
        -- What is loaded past row security (a demo, the legacy tariffs) may be in force already.
        if not isolated then
            return new;
        end if;
        new.active := false;
        new.submitted_at := null;
        new.drafters := array[supra.tariff_actor()];
        new.created_at := now();
        new.updated_at := now();
        new.version := 1;
    else
        before := to_jsonb(old) - kept;
        after := to_jsonb(new) - kept;
        if old.active and not (by_function and before - of_life = after - of_life) then
            raise exception 'an active tariff does not change' using errcode = 'SU106';
        end if;
        if not by_function then
            if before - content <> after - content then
                raise exception 'this is written by the functions of the workflow'
                    using errcode = 'insufficient_privilege';
            elsif before = after then
                return new;
            end if;
            editor := case when isolated then supra.tariff_actor() else supra.current_user_id() end;
            if editor is not null and editor <> all (new.drafters) then
                new.drafters := new.drafters || editor;
            end if;
            new.submitted_at := null;
        end if;
    end if;

    -- What is neither in force nor in review is a draft, and carries nothing of the way it may have gone before.
    if not new.active and new.submitted_at is null then
        new.submitted_by := null;
        new.approved_by_user := null;
        new.approved_by := null;
        new.approval_date := null;
        new.approved_at := null;
        new.approved_hash := null;
        new.activated_by := null;
        new.activated_at := null;
        new.ended_replaced := false;
        new.replaced_until := null;
    end if;
    return new;
end
$$;

-- Records what people wrote, once it is written. What the functions do they record themselves; what is loaded without a
-- tenant, or into another than the bound one, is not recorded.
create or replace function supra.journal_tariff() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    content constant text[] := array[
        'explotacion_id', 'name', 'category', 'effective_from', 'effective_until', 'billing_period', 'blocks',
        'additional_concepts', 'iva_applicable', 'iva_rate', 'social_discount_pct', 'gazette_reference', 'rating_mode',
        'replaces_id'
    ];
    subject constant public.tariff_schedules := coalesce(new, old);
    changes jsonb;
begin
    if subject.tenant_id is distinct from supra.current_tenant() then
        return null;
    end if;
    if tg_op = 'UPDATE' then
        if old.active or new.active then
            return null;
        end if;
        select jsonb_object_agg(b.key, jsonb_build_object('before', b.value, 'after', to_jsonb(new) -> b.key))
        into changes
        from jsonb_each(to_jsonb(old)) as b
        where b.key = any (content)
          and b.value <> to_jsonb(new) -> b.key;
        if changes is null then
            return null;
        end if;
        if old.approved_at is not null then
            perform supra.append_event('tariff.approval_voided', 'tariff', new.id, jsonb_build_object(
                'approved_by', old.approved_by, 'approval_date', old.approval_date, 'approved_at', old.approved_at,
                'content_hash', old.approved_hash
            ));
        end if;
        perform supra.append_event('tariff.edited', 'tariff', new.id, jsonb_build_object(
            'version', new.version, 'content_hash', supra.tariff_content_hash(new), 'changes', changes,
            'was_in_review', old.submitted_at is not null
        ));
    else
        perform supra.append_event(
            case tg_op when 'INSERT' then 'tariff.drafted' else 'tariff.deleted' end, 'tariff', subject.id,
            jsonb_build_object(
                'name', subject.name, 'category', subject.category, 'billing_period', subject.billing_period,
                'effective_from', subject.effective_from, 'replaces_id', subject.replaces_id,
                'content_hash', supra.tariff_content_hash(subject)
            )
        );
    end if;
    return null;
end
$$;

drop trigger if exists guard_tariff on tariff_schedules;
create trigger guard_tariff before insert or update or delete on tariff_schedules
for each row execute function supra.guard_tariff();
drop trigger if exists journal_tariff on tariff_schedules;
create trigger journal_tariff after insert or update or delete on tariff_schedules
for each row execute function supra.journal_tariff();

-- The journal is written by the trigger above and the functions below alone. The service, which appends events of all
-- else through its view, is refused one of a tariff by the table itself. Of what comes past row security, as loads do,
-- nothing is asked.
create or replace function supra.guard_journal() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if supra.is_of_tariffs(new.event_type, new.aggregate_type) then
        raise exception 'events of tariffs are recorded by what happens to them'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;

alter function supra.guard_journal() owner to supra_timeseries;
revoke all on function supra.guard_journal() from public;
drop trigger if exists guard_journal on timeseries.domain_events;
do $$
begin
    -- TimescaleDB makes a new chunk, and its triggers, as the owner of the table.
    execute format('grant execute on function supra.guard_journal() to %s', (
        select c.relowner::regrole from pg_catalog.pg_class as c where c.oid = 'timeseries.domain_events'::regclass
    ));
end
$$;
create trigger guard_journal before insert on timeseries.domain_events
for each row when (current_user <> 'supra_timeseries' and row_security_active('public.tariff_schedules'::text))
execute function supra.guard_journal();

-- From draft to superseded ----------------------------------------------------------------------------------------------

-- Finds a tariff of the bound tenant and holds it until the transaction ends; nobody else changes it meanwhile.
create or replace function supra.hold_tariff(tariff_id uuid, expected_version integer) returns tariff_schedules
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    tariff public.tariff_schedules;
begin
    perform supra.tariff_actor();
    if current_setting('lock_timeout') in ('0', '0ms') then
        perform set_config('lock_timeout', '3s', true);
    end if;
    select * into tariff
    from public.tariff_schedules as t
    where t.id = hold_tariff.tariff_id
    for update;
    if not found then
        raise exception 'there is no such tariff' using errcode = 'SU101';
    end if;
    if tariff.version is distinct from expected_version then
        raise exception 'somebody changed the tariff meanwhile' using errcode = 'SU102';
    end if;
    return tariff;
end
$$;

-- Refuses a tariff that is not sound, or that would replace what prices nothing; the constraint says what is wrong.
create or replace function supra.demand_sound(tariff tariff_schedules) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    fault text := supra.tariff_fault(tariff);
begin
    if fault is null and tariff.replaces_id is not null and not exists (
        select from public.tariff_schedules as r
        where r.id = tariff.replaces_id
          and r.active
          and r.explotacion_id is not distinct from tariff.explotacion_id
          and r.category = tariff.category
          and r.billing_period = tariff.billing_period
    ) then
        fault := 'replaces';
    end if;
    if fault is not null then
        raise exception 'the tariff is not sound' using errcode = 'SU104', constraint = fault;
    end if;
end
$$;

-- Invoices and prices at the same time --------------------------------------------------------------------------------

-- Holds the prices of the bound tenant as they are until the transaction ends, for whoever makes invoices: of what is
-- read after this, nothing comes into force or is withdrawn before its invoices are there and counted. It waits for an
-- activation that is under way, and what is read after this then sees it. Any number may hold at once.
create or replace function supra.hold_prices() returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform supra.demand_newest();
    perform from public.tenants as t where t.id = supra.current_tenant() for share;
    if not found then
        raise exception 'no tenant is bound to this session' using errcode = 'insufficient_privilege';
    end if;
end
$$;

-- Waits for whoever holds the prices of the bound tenant, and keeps others from it until the transaction ends. New rows
-- that point at the tenant, all that is written all day, do not wait for this.
create or replace function supra.await_invoices() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform supra.demand_newest();
    perform from public.tenants as t where t.id = supra.current_tenant() for no key update;
end
$$;

-- Who waited would go on with what was there before, were all of the transaction to see the same.
create or replace function supra.demand_newest() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        raise exception 'this has to see what others commit: use read committed'
            using errcode = 'invalid_transaction_state';
    end if;
end
$$;

-- Invoices issued for days the tariff counts for, by whatever price. Those of a contract the tariff would not price,
-- since its explotación has a price of its own, are left out. The tariff is read first, and each time planned for: its
-- days, known, find their invoices by idx_invoices_explotacion_date.
create or replace function supra.issued_invoices(tariff_id uuid)
returns table (id uuid, invoice_number text, contract_number text, billing_date date, total numeric)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    tariff public.tariff_schedules;
begin
    select * into tariff from public.tariff_schedules as s where s.id = issued_invoices.tariff_id;
    return query
    select
        i.id,
        concat_ws('-', i.serie, i.invoice_number),
        c.contract_number::text,
        i.billing_date,
        i.total
    from public.invoices as i
    join public.contracts as c on c.tenant_id = i.tenant_id and c.id = i.contract_id
    join public.tomas as t on t.tenant_id = i.tenant_id and t.id = i.toma_id
    where i.tenant_id = tariff.tenant_id
      and i.billing_date >= tariff.effective_from
      and i.billing_date < coalesce(tariff.effective_until, 'infinity')
      and i.status not in ('provisional', 'cancelada')
      and (i.explotacion_id = tariff.explotacion_id or tariff.explotacion_id is null)
      and coalesce(t.tariff_category, c.tariff_category) = tariff.category
      and t.billing_period = tariff.billing_period
      and (tariff.explotacion_id is not null or not exists (
          select from public.tariff_schedules as own
          where own.tenant_id = i.tenant_id
            and own.active
            and own.explotacion_id = i.explotacion_id
            and own.category = tariff.category
            and own.billing_period = tariff.billing_period
            and own.effective_from <= i.billing_date
            and (own.effective_until > i.billing_date or own.effective_until is null)
      ));
end
$$;

-- A draft goes to review.
create or replace function supra.submit_tariff(tariff_id uuid, expected_version integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    tariff constant public.tariff_schedules := supra.hold_tariff(tariff_id, expected_version);
    moved integer;
begin
    if tariff.active or tariff.submitted_at is not null then
        raise exception 'the tariff is no draft' using errcode = 'SU102';
    end if;
    perform supra.demand_sound(tariff);
    update public.tariff_schedules as t
    set submitted_by = supra.tariff_actor(),
        submitted_at = now()
    where t.id = tariff.id
    returning t.version into moved;
    perform supra.append_event('tariff.submitted', 'tariff', tariff.id, jsonb_build_object(
        'version', moved, 'content_hash', supra.tariff_content_hash(tariff)
    ));
    return moved;
end
$$;

-- What is in review, or approved and not active yet, becomes a draft again.
create or replace function supra.return_tariff(tariff_id uuid, expected_version integer, reason text) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    tariff constant public.tariff_schedules := supra.hold_tariff(tariff_id, expected_version);
    moved integer;
begin
    if tariff.active or tariff.submitted_at is null then
        raise exception 'the tariff is not in review' using errcode = 'SU102';
    end if;
    if coalesce(reason, '') !~ '[[:alnum:]]' then
        raise exception 'a reason is wanted' using errcode = 'invalid_parameter_value';
    end if;
    update public.tariff_schedules as t
    set submitted_at = null  -- guard_tariff makes it a draft
    where t.id = tariff.id
    returning t.version into moved;
    perform supra.append_event('tariff.returned', 'tariff', tariff.id, jsonb_build_object(
        'version', moved, 'reason', trim(reason), 'was_approved', tariff.approved_at is not null
    ));
    return moved;
end
$$;

-- Somebody who did not write on it signs that it was resolved, when and by whom.
create or replace function supra.approve_tariff(
    tariff_id uuid, expected_version integer, approval_date date, approved_by text
) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set max_parallel_workers_per_gather = 0  -- up to TimescaleDB 2.26 a parallel plan may lose events: see 027
as $$
declare
    tariff constant public.tariff_schedules := supra.hold_tariff(tariff_id, expected_version);
    actor constant uuid := supra.tariff_actor();
    content constant text := supra.tariff_content_hash(tariff);
    resolved_on constant date := coalesce(approve_tariff.approval_date, supra.today());
    resolved_by text := trim(case when approve_tariff.approved_by ~ '[[:alnum:]]' then approve_tariff.approved_by end);
    moved integer;
begin
    if tariff.active or tariff.submitted_at is null or tariff.approved_at is not null then
        raise exception 'the tariff is not in review' using errcode = 'SU102';
    end if;
    -- by the login too: who keeps the users may give a login another row of theirs
    if actor = any (tariff.drafters) or not pg_has_role(session_user, 'supra_app', 'member') and exists (
        select from public.domain_events as e
        where e.aggregate_type = 'tariff'
          and e.aggregate_id = tariff.id
          and e.event_type in ('tariff.drafted', 'tariff.edited')
          and e.metadata ->> 'db_user' = session_user
    ) then
        raise exception 'who drafted may not approve' using errcode = 'SU103';
    end if;
    perform supra.demand_sound(tariff);
    if resolved_on not between date '1900-01-01' and supra.today() then
        raise exception 'the resolution is in the future, or beyond the calendar'
            using errcode = 'datetime_field_overflow';
    end if;
    if resolved_by is null then
        select u.name into resolved_by from public.users as u where u.id = actor;
    end if;
    update public.tariff_schedules as t
    set approved_by_user = actor, approved_by = coalesce(resolved_by, session_user), approval_date = resolved_on,
        approved_at = now(), approved_hash = content
    where t.id = tariff.id
    returning t.version into moved;
    perform supra.append_event('tariff.approved', 'tariff', tariff.id, jsonb_build_object(
        'version', moved, 'content_hash', content, 'approved_by', resolved_by, 'approval_date', resolved_on
    ));
    return moved;
end
$$;

-- An approved tariff prices bills from its first day on, and what it replaces ends on that day.
create or replace function supra.activate_tariff(
    tariff_id uuid, expected_version integer, gazette_reference text default null,
    acknowledged_invoices bigint default null
) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    tariff constant public.tariff_schedules := supra.hold_tariff(tariff_id, expected_version);
    content constant text := supra.tariff_content_hash(tariff);
    -- blanks of whatever kind, or a dash, are no reference
    published constant text := trim(case
        when activate_tariff.gazette_reference ~ '[[:alnum:]]' then activate_tariff.gazette_reference
        when tariff.gazette_reference ~ '[[:alnum:]]' then tariff.gazette_reference
    end);
    missing text;
    issued bigint := 0;
    replaced public.tariff_schedules;
    ends_it boolean;
    moved integer;
begin
    if tariff.active or tariff.approved_at is null then
        raise exception 'the tariff is not approved' using errcode = 'SU102';
    end if;
    missing := case
        when tariff.approved_hash is distinct from content then 'approval_of_this_content'
        when published is null then 'gazette_reference'
        when tariff.approval_date is null or tariff.approval_date > tariff.effective_from then 'earlier_approval_date'
        when not exists (
            select from public.tariff_impact_reports as r
            where r.tariff_id = tariff.id and r.content_hash = content
        ) then 'impact_report'
    end;
    if missing is not null then
        raise exception 'something is missing for its activation' using errcode = 'SU105', constraint = missing;
    end if;
    select * into replaced
    from public.tariff_schedules as r
    where r.id = tariff.replaces_id
      and r.active
    for update;
    perform supra.demand_sound(tariff);  -- now that nobody withdraws what it replaces
    perform supra.await_invoices();
    select count(*) into issued from supra.issued_invoices(tariff.id);
    if issued > 0 and acknowledged_invoices is distinct from issued then
        raise exception 'invoices have been issued for its days' using errcode = 'SU107';
    end if;
    -- what ended before needs no end; where both begin on one day, the exclusion constraint speaks
    ends_it := replaced.id is not null
        and replaced.effective_from < tariff.effective_from
        and (replaced.effective_until > tariff.effective_from or replaced.effective_until is null);
    if ends_it then
        update public.tariff_schedules as r set effective_until = tariff.effective_from where r.id = replaced.id;
    end if;
    update public.tariff_schedules as t
    set active = true, activated_by = supra.tariff_actor(), activated_at = now(),
        gazette_reference = left(published, 100), ended_replaced = ends_it,
        replaced_until = case when ends_it then replaced.effective_until end
    where t.id = tariff.id
    returning t.version into moved;
    if ends_it then
        perform supra.append_event('tariff.superseded', 'tariff', replaced.id, jsonb_build_object(
            'by', tariff.id, 'changes', jsonb_build_object('effective_until', jsonb_build_object(
                'before', replaced.effective_until, 'after', tariff.effective_from
            ))
        ));
    end if;
    perform supra.append_event('tariff.activated', 'tariff', tariff.id, jsonb_build_object(
        'version', moved, 'content_hash', content, 'effective_from', tariff.effective_from,
        'gazette_reference', published, 'replaces_id', replaced.id, 'acknowledged_invoices', issued
    ));
    return moved;
end
$$;

-- What is active and has not begun, nor priced a bill, becomes a draft again; what it replaced goes on as it would have.
create or replace function supra.withdraw_tariff(tariff_id uuid, expected_version integer, reason text) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    tariff constant public.tariff_schedules := supra.hold_tariff(tariff_id, expected_version);
    moved integer;
    reopened uuid;
begin
    if not tariff.active then
        raise exception 'the tariff is not active' using errcode = 'SU102';
    end if;
    perform supra.await_invoices();
    if tariff.effective_from <= supra.today() or exists (select from supra.issued_invoices(tariff.id)) then
        raise exception 'an active tariff does not change' using errcode = 'SU106';
    end if;
    if coalesce(reason, '') !~ '[[:alnum:]]' then
        raise exception 'a reason is wanted' using errcode = 'invalid_parameter_value';
    end if;
    update public.tariff_schedules as t
    set active = false, submitted_at = null  -- guard_tariff makes it a draft
    where t.id = tariff.id
    returning t.version into moved;
    if tariff.ended_replaced then
        -- What ended it still earlier is in the way: the exclusion constraint speaks. One that was itself withdrawn and
        -- activated anew since ends as it was approved to.
        update public.tariff_schedules as r
        set effective_until = tariff.replaced_until
        where r.id = tariff.replaces_id
          and r.active
          and (r.activated_at <= tariff.activated_at or r.activated_at is null)
        returning r.id into reopened;
    end if;
    perform supra.append_event('tariff.withdrawn', 'tariff', tariff.id, jsonb_build_object(
        'version', moved, 'reason', trim(reason)
    ));
    if reopened is not null then
        perform supra.append_event('tariff.reopened', 'tariff', reopened, jsonb_build_object(
            'withdrawn', tariff.id, 'changes', jsonb_build_object('effective_until', jsonb_build_object(
                'before', tariff.effective_from, 'after', tariff.replaced_until
            ))
        ));
    end if;
    return moved;
end
$$;

-- Keeps whom a tariff hits, worked out of exactly the content it has now. Returns the report's id.
create or replace function supra.keep_impact_report(tariff_id uuid, content_hash text, report jsonb) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    actor constant uuid := supra.tariff_actor();
    tariff public.tariff_schedules;
    kept uuid;
begin
    -- against an edit in between
    select * into tariff from public.tariff_schedules as t where t.id = keep_impact_report.tariff_id for share;
    if not found then
        raise exception 'there is no such tariff' using errcode = 'SU101';
    end if;
    if supra.tariff_content_hash(tariff) is distinct from keep_impact_report.content_hash then
        raise exception 'the report is about other content' using errcode = 'SU102';
    end if;
    if report ->> 'tariff_id' is distinct from tariff.id::text
       or report ->> 'content_hash' is distinct from keep_impact_report.content_hash
       or not report ?& array[
           'name', 'category', 'billing_period', 'begins', 'ends', 'months', 'made_at', 'figures'
       ]
       -- a month or two do not tell what a year's seasons would
       or not coalesce(report @@ 'strict $.months >= 12', false)
    then
        raise exception 'this is no impact report of the tariff'
            using errcode = 'check_violation', constraint = 'tariff_impact_reports_report_check';
    end if;
    insert into public.tariff_impact_reports (tenant_id, tariff_id, content_hash, report, created_by)
    values (tariff.tenant_id, tariff.id, keep_impact_report.content_hash, keep_impact_report.report, actor)
    returning id into kept;
    perform supra.append_event('tariff.impact_kept', 'tariff', tariff.id, jsonb_build_object(
        'report', kept, 'content_hash', keep_impact_report.content_hash
    ));
    return kept;
end
$$;

-- Whose they and those of 025 are, and who may -------------------------------------------------------------------------

do $$
declare
    -- what only computes, or tells what one may read anyway
    looked_up constant text[] := array[
        'plain_numbers', 'tariff_content_hash', 'is_sentinel', 'tariff_fault', 'rate_blocks',
        'tariff_pieces', 'rate_consumptions', 'today', 'tariff_actor', 'issued_invoices'
    ];
    -- what changes a tariff's life
    done constant text[] := array[
        'submit_tariff', 'return_tariff', 'approve_tariff', 'activate_tariff', 'withdraw_tariff', 'keep_impact_report',
        'hold_prices'
    ];
    -- what those rest on
    inner_parts constant text[] := array[
        'guard_tariff', 'journal_tariff', 'hold_tariff', 'demand_sound', 'await_invoices', 'demand_newest'
    ];
    target record;
begin
    for target in
        select
            p.oid::regprocedure as routine,
            case
                when p.proname = any (looked_up) then 'supra_readonly, supra_app'
                when p.proname = any (done) then 'supra_supervisor, supra_app'
            end as callers
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'supra'::regnamespace
          and p.proname = any (looked_up || done || inner_parts)
    loop
        execute format('alter routine %s owner to supra_owner', target.routine);
        execute format('revoke all on routine %s from public', target.routine);
        if target.callers is not null then
            execute format('grant execute on routine %s to %s', target.routine, target.callers);
        end if;
    end loop;
    -- what is done is recorded
    grant execute on function supra.append_event(text, text, uuid, jsonb) to supra_owner;
    grant select on public.domain_events to supra_owner;
end
$$;

revoke insert, update, delete on tariff_schedules, tariff_impact_reports
from public, supra_readonly, supra_operator, supra_supervisor, supra_dba, supra_app;
grant select on tariff_impact_reports to supra_readonly, supra_app;
-- as 018 has it, which may be run again: all but what the functions write
grant
    insert (
        id, tenant_id, explotacion_id, name, category, effective_from, effective_until, billing_period, blocks,
        additional_concepts, iva_applicable, iva_rate, social_discount_pct, gazette_reference, rating_mode, replaces_id
    ),
    update (
        id, tenant_id, explotacion_id, name, category, effective_from, effective_until, billing_period, blocks,
        additional_concepts, iva_applicable, iva_rate, social_discount_pct, gazette_reference, rating_mode, replaces_id
    ),
    delete
on tariff_schedules to supra_supervisor, supra_dba, supra_app;
