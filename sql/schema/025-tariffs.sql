-- Tariffs: who drafted, who approved, whom it hits, and what a whole population pays.
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
--   SU104  it is not sound; the constraint names what is wrong, as supra.tariff_fault() does
--   SU105  something is missing for its activation; the constraint names it
--   SU106  it is active, and an active tariff does not change
--   SU107  invoices have been issued for its days, and their number was not acknowledged

-- What is kept of a tariff ---------------------------------------------------------------------------------------------

alter table tariff_schedules
    -- how blocks make a bill: see supra.tariff_curve()
    add column if not exists rating_mode varchar(20) not null default 'accumulated'
        check (rating_mode in ('accumulated', 'reached_block', 'base_plus_excess', 'flat')),
    add column if not exists replaces_id uuid check (replaces_id <> id),
    -- users.id of everybody who wrote on it. These and the next are no foreign keys: a DBA of another utility may work
    -- in this one.
    add column if not exists drafters uuid [] not null default '{}',
    add column if not exists submitted_by uuid,
    add column if not exists submitted_at timestamptz,
    add column if not exists approved_by_user uuid,
    add column if not exists approved_at timestamptz,
    add column if not exists approved_hash varchar(64),
    add column if not exists activated_by uuid,
    add column if not exists activated_at timestamptz,
    -- whether its activation ended the tariff it replaces, and when that would have ended: a withdrawal gives it back
    add column if not exists ended_replaced boolean not null default false,
    add column if not exists replaced_until date,
    drop constraint if exists tariff_schedules_tenant_id_replaces_id_fkey,
    add foreign key (tenant_id, replaces_id) references tariff_schedules (tenant_id, id);

create index if not exists idx_tariffs_replaces on tariff_schedules (tenant_id, replaces_id)
where replaces_id is not null;

comment on column tariff_schedules.drafters is 'users.id of everybody who wrote on it; none of them may approve it.';
comment on column tariff_schedules.approved_by is 'Who resolved it, in words; approved_by_user is who signed that.';
comment on column tariff_schedules.approval_date is 'The day of the resolution.';
comment on column tariff_schedules.approved_hash is 'supra.tariff_content_hash() of what was approved.';

create table if not exists tariff_impact_reports (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    tariff_id uuid not null,
    content_hash varchar(64) not null check (content_hash ~ '^[0-9a-f]{64}$'),
    report jsonb not null check (jsonb_typeof(report) = 'object'),
    created_by uuid,
    created_at timestamptz not null default now(),
    unique (tenant_id, id),
    foreign key (tenant_id, tariff_id) references tariff_schedules (tenant_id, id) on delete cascade
);
comment on table tariff_impact_reports is 'Whom a tariff hits, as it was when it was worked out. Written by supra.keep_impact_report() alone.';
comment on column tariff_impact_reports.content_hash is 'supra.tariff_content_hash() of the tariff it is about.';

create index if not exists idx_tariff_impact_reports_tariff
on tariff_impact_reports (tenant_id, tariff_id, created_at desc);

alter table tariff_impact_reports owner to supra_owner;
select supra.isolate('tariff_impact_reports');

-- Blocks or concepts with each number written one way: 5.50 is 5.5.
create or replace function supra.plain_numbers(items jsonb) returns jsonb
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return (
    select jsonb_agg(
        (
            select jsonb_object_agg(
                f.key,
                case when jsonb_typeof(f.value) = 'number' then to_jsonb(trim_scale(f.value::numeric)) else f.value end
            )
            from jsonb_each(i.item) as f
        )
        order by i.place
    )
    from jsonb_array_elements(items) with ordinality as i (item, place)
);

-- What an approval and an impact report are about, as 64 characters: any other content has others.
create or replace function supra.tariff_content_hash(tariff tariff_schedules) returns text
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
return encode(sha256(convert_to(jsonb_build_object(
    'explotacion_id', (tariff).explotacion_id,
    'category', (tariff).category,
    'billing_period', (tariff).billing_period,
    'effective_from', (tariff).effective_from,
    'effective_until', (tariff).effective_until,
    'replaces_id', (tariff).replaces_id,
    'rating_mode', (tariff).rating_mode,
    'blocks', supra.plain_numbers((tariff).blocks),
    'additional_concepts', supra.plain_numbers((tariff).additional_concepts),
    'iva_applicable', (tariff).iva_applicable,
    'iva_rate', trim_scale((tariff).iva_rate),
    'social_discount_pct', trim_scale((tariff).social_discount_pct)
)::text, 'UTF8')), 'hex');

-- Whose they are, and who may --------------------------------------------------------------------------------------------

do $$
declare
    everybody constant text[] := array['plain_numbers', 'tariff_content_hash'];
    target record;
begin
    for target in
        select p.oid::regprocedure as routine, p.proname as name
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'supra'::regnamespace
          and p.proname = any (everybody)
    loop
        execute format('alter routine %s owner to supra_owner', target.routine);
        execute format('revoke all on routine %s from public', target.routine);
        execute format('grant execute on routine %s to supra_owner, supra_readonly, supra_app', target.routine);
    end loop;
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
