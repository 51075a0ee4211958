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
    -- how blocks make a bill: see supra.rate_blocks()
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

-- What makes a tariff sound ---------------------------------------------------------------------------------------------

-- Whether a number stands for "none" in price lists of other programs: a million, or nines only.
create or replace function supra.is_sentinel(number numeric) returns boolean
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return number >= 1000000 or trim_scale(number)::text ~ '^9{4,}([.]9+)?$';

-- What is wrong with a tariff whose blocks and concepts have the right shape, in one word; null when it is sound. The
-- console's rules say more and in words; this is what nobody gets past.
create or replace function supra.tariff_fault(tariff tariff_schedules) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    item jsonb;
    place integer := 0;
    low numeric;
    high numeric;
    price numeric;
    charge numeric;
    limit_before numeric := 0;
    bill_before numeric := 0;  -- of the water, at that limit and a litre above it; where blocks add up it never falls
    bill_after numeric;
    codes text[] := '{}';
    base text;
begin
    if jsonb_array_length(tariff.blocks) > 100 or jsonb_array_length(tariff.additional_concepts) > 50 then
        return 'too_many';
    elsif tariff.effective_until >= date '2900-01-01' then
        return 'sentinel';
    end if;
    for item in select value from jsonb_array_elements(tariff.blocks) loop
        place := place + 1;
        low := (item -> 'from_m3')::numeric;
        high := (nullif(item -> 'to_m3', 'null'))::numeric;
        price := (item -> 'price_per_m3')::numeric;
        charge := coalesce((item -> 'fixed_charge')::numeric, 0);
        if place = 1 and low <> 0 then
            return 'not_from_zero';
        elsif limit_before is null then
            return 'open_inside';
        elsif low > limit_before then
            return 'gap';
        elsif low < limit_before then
            return 'overlap';
        elsif supra.is_sentinel(high) or supra.is_sentinel(price) or supra.is_sentinel(charge) then
            return 'sentinel';
        elsif greatest(scale(trim_scale(low)), scale(trim_scale(coalesce(high, 0)))) > 3
              or scale(trim_scale(price)) > 4 or scale(trim_scale(charge)) > 2 then
            return 'decimals';
        elsif tariff.rating_mode = 'flat' and price <> 0 then
            return 'flat_price';
        end if;
        if tariff.rating_mode <> 'accumulated' then
            bill_after := charge + price * case tariff.rating_mode
                when 'reached_block' then low + 0.001
                when 'base_plus_excess' then 0.001
                else 0
            end;
            if round(bill_after, 2) < round(bill_before, 2) then
                return 'falling_bill';
            end if;
            bill_before := charge + price * case tariff.rating_mode
                when 'reached_block' then high
                when 'base_plus_excess' then high - low
                else 0
            end;
        end if;
        limit_before := high;
    end loop;
    if limit_before is not null then
        return 'not_open';
    end if;

    for item in select value from jsonb_array_elements(tariff.additional_concepts) loop
        base := coalesce(item ->> 'base', '');
        if trim(item ->> 'code') = '' or length(item ->> 'code') > 20 then
            return 'code';
        elsif lower(item ->> 'code') in ('agua', 'water') then
            return 'reserved_code';
        elsif exists (select from unnest(codes) as c (code) where lower(c.code) = lower(item ->> 'code')) then
            return 'duplicate_code';
        elsif item ->> 'type' = 'percentage' and not (
            (item -> 'value')::numeric > 0 and (item -> 'value')::numeric <= 100
        ) then
            return 'percentage_range';
        elsif item ->> 'type' = 'percentage' and lower(base) not in ('', 'agua', 'water')
              and base <> all (codes) then
            return 'unresolved_base';
        elsif scale(trim_scale((item -> 'value')::numeric)) > 4
              or item ->> 'type' = 'fixed' and scale(trim_scale((item -> 'value')::numeric)) > 2
              or scale(trim_scale(coalesce(nullif(item -> 'iva_rate', 'null')::numeric, 0))) > 4 then
            return 'decimals';
        elsif item ->> 'type' = 'fixed' and supra.is_sentinel((item -> 'value')::numeric) then
            return 'sentinel';
        end if;
        codes := codes || (item ->> 'code');
    end loop;
    return null;
end
$$;

-- What a population pays ------------------------------------------------------------------------------------------------

-- What a consumption costs by blocks in one of the four modes, in MXN, half up to the cent: as supra.rate_blocks() of
-- two where they add up, else by the highest block entered. Its price counts for all m³, or for those above its lower
-- limit (base_plus_excess), and its fixed charge comes on top; where the charge is flat the price is 0.
create or replace function supra.rate_blocks(blocks jsonb, m3 numeric, rating_mode text) returns numeric
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return case rating_mode
    when 'accumulated' then supra.rate_blocks(blocks, m3)
    else (
        select round(
            case rating_mode when 'base_plus_excess' then m3 - b.low else m3 end * (b.item -> 'price_per_m3')::numeric
            + coalesce((b.item -> 'fixed_charge')::numeric, 0), 2
        )
        from (
            select
                i.item,
                i.place,
                (i.item -> 'from_m3')::numeric as low
            from jsonb_array_elements(blocks) with ordinality as i (item, place)
        ) as b
        where (m3 > b.low or (m3 = 0 and b.low = 0)) and m3 < 'Infinity'
        order by b.low desc, b.place desc
        limit 1
    )
end;

-- Blocks as pieces of a line: of the m³ in piece i, water costs base + (m³ - low) * price. falling_limits are the upper
-- limits with their sign turned, so that a binary search finds the piece (from, to] of a consumption. Null where the
-- blocks do not follow one another from 0 on to an open end.
create or replace function supra.tariff_pieces(
    blocks jsonb, rating_mode text,
    out falling_limits numeric [], out lows numeric [], out prices numeric [], out bases numeric []
)
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return (
    select row(
        coalesce(array_agg(-p.high order by p.place desc) filter (where p.high is not null), '{}'),
        array_agg(case when rating_mode in ('accumulated', 'base_plus_excess') then p.low else 0 end order by p.place),
        array_agg(p.price order by p.place),
        array_agg(p.charge + case rating_mode when 'accumulated' then p.below else 0 end order by p.place)
    )
    from (
        select
            b.place,
            b.low,
            b.high,
            b.price,
            b.charge,
            coalesce(sum(b.charge + (b.high - b.low) * b.price) over (
                order by b.place rows between unbounded preceding and 1 preceding
            ), 0) as below,
            coalesce(lag(b.high, 1, 0) over (order by b.place) = b.low, false)
            and (b.high is null) = (lead(b.place) over (order by b.place) is null) as follows
        from (
            select
                i.place,
                (i.item -> 'from_m3')::numeric as low,
                nullif(i.item -> 'to_m3', 'null')::numeric as high,
                (i.item -> 'price_per_m3')::numeric as price,
                coalesce((i.item -> 'fixed_charge')::numeric, 0) as charge
            from jsonb_array_elements(blocks) with ordinality as i (item, place)
        ) as b
    ) as p
    having bool_and(p.follows)
);

-- What consumptions cost under a tariff, in MXN: the water after the social discount, the additional concepts together,
-- IVA, and all of it; each line and each line's IVA half up to the cent. Give each pair of consumption and social
-- tariff once, however many bills have it. Amounts are null where the consumption is unknown, negative or no finite
-- number, and where a concept is worked out on one that does not come before it.
--
-- The tariff's numbers become constants of one statement, with a sub-query for each concept. Half a million consumptions
-- under six blocks and three concepts: 1.2 s; 2.6 s as a loop over arrays, 9.4 s as a recursion over the concepts.
create or replace function supra.rate_consumptions(
    tariff tariff_schedules, consumptions numeric [], socials boolean []
)
returns table (m3 numeric, social boolean, water numeric, concepts numeric, iva numeric, total numeric)
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    pieces record;
    water_rate constant numeric := case when tariff.iva_applicable then tariff.iva_rate else 0 end;
    concept record;
    statement text := 'select u.m3, u.social from unnest($1, $2) as u (m3, social)';
    charges text := '0.00';
    taxes text := format('round(line_0 * %L::numeric, 2)', water_rate);
begin
    select p.* into pieces from supra.tariff_pieces(tariff.blocks, tariff.rating_mode) as p;
    if pieces.lows is null then
        statement := format(
            'select q.m3, q.social, case when q.m3 >= 0 then supra.rate_blocks($7, q.m3, $8) end as gross '
            'from (%s) as q offset 0', statement
        );
    else
        statement := format(
            'select q.m3, q.social, case when q.m3 >= 0 and q.m3 < ''Infinity'' '
            'then cardinality($4) - width_bucket(-q.m3, $3) end as piece from (%s) as q offset 0', statement
        );
        statement := format(
            'select q.m3, q.social, round($6[q.piece] + (q.m3 - $4[q.piece]) * $5[q.piece], 2) as gross '
            'from (%s) as q offset 0', statement
        );
    end if;
    statement := format(
        'select q.m3, q.social, case when q.social then q.gross - round(q.gross * %L::numeric, 2) else q.gross end '
        'as line_0 from (%s) as q offset 0', coalesce(tariff.social_discount_pct, 0) * 0.01, statement
    );
    for concept in
        select
            c.place,
            c.item ->> 'type' = 'percentage' as is_percentage,
            (c.item -> 'value')::numeric as value,
            coalesce(nullif(c.item -> 'iva_rate', 'null')::numeric, water_rate) as iva_rate,
            case
                when lower(coalesce(c.item ->> 'base', '')) in ('', 'agua', 'water') then 0
                else (
                    select max(e.place)
                    from jsonb_array_elements(tariff.additional_concepts) with ordinality as e (item, place)
                    where e.place < c.place and e.item ->> 'code' = c.item ->> 'base'
                )
            end as base
        from jsonb_array_elements(tariff.additional_concepts) with ordinality as c (item, place)
        order by c.place
    loop
        statement := format(
            'select q.*, %s as line_%s from (%s) as q offset 0',
            case
                when not concept.is_percentage then format('round(%L::numeric, 2)', concept.value)
                when concept.base is null then 'null::numeric'
                else format('round(q.line_%s * %L::numeric, 2)', concept.base, concept.value * 0.01)
            end,
            concept.place, statement
        );
        charges := charges || format(' + line_%s', concept.place);
        taxes := taxes || format(' + round(line_%s * %L::numeric, 2)', concept.place, concept.iva_rate);
    end loop;
    return query execute format(
        'select r.m3, r.social, r.water, r.concepts, r.iva, r.water + r.concepts + r.iva '
        'from (select q.m3, q.social, q.line_0 as water, %s as concepts, %s as iva from (%s) as q offset 0) as r',
        charges, taxes, statement
    )
    using consumptions, socials, pieces.falling_limits, pieces.lows, pieces.prices, pieces.bases,
        tariff.blocks, tariff.rating_mode;
end
$$;

-- Who writes what -------------------------------------------------------------------------------------------------------

-- The day it is for the utility.
create or replace function supra.today() returns date
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
return (now() at time zone 'America/Mexico_City')::date;

-- The users row of whoever is at work on tariffs in the bound tenant. The service names one; it has to be there.
create or replace function supra.tariff_actor() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    actor constant uuid := supra.current_user_id();
begin
    if actor is null or supra.current_tenant() is null
       or not pg_has_role(session_user, 'supra_dba', 'member')
       and not exists (select from public.users as u where u.id = actor and u.active)
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
    if tg_op = 'INSERT' then
        -- What is loaded past row security (a demo, the legacy tariffs) may be in force already.
        if isolated then
            new.active := false;
            new.drafters := array[supra.tariff_actor()];
            new.submitted_by := null;
            new.submitted_at := null;
            new.approved_by_user := null;
            new.approved_by := null;
            new.approval_date := null;
            new.approved_at := null;
            new.approved_hash := null;
            new.activated_by := null;
            new.activated_at := null;
            new.ended_replaced := false;
            new.replaced_until := null;
            new.created_at := now();
            new.updated_at := now();
            new.version := 1;
        end if;
        return new;
    end if;

    if tg_op = 'DELETE' then
        if old.active then
            raise exception 'an active tariff does not change' using errcode = 'SU106';
        end if;
        return old;
    end if;

    before := to_jsonb(old) - kept;
    after := to_jsonb(new) - kept;
    if old.active and not (by_function and before - of_life = after - of_life) then
        raise exception 'an active tariff does not change' using errcode = 'SU106';
    end if;
    if by_function then
        return new;
    end if;
    if before - content <> after - content then
        raise exception 'this is written by the functions of the workflow' using errcode = 'insufficient_privilege';
    end if;
    if before <> after then
        editor := case when isolated then supra.tariff_actor() else supra.current_user_id() end;
        if editor is not null and editor <> all (new.drafters) then
            new.drafters := new.drafters || editor;
        end if;
        new.submitted_by := null;
        new.submitted_at := null;
        new.approved_by_user := null;
        new.approved_by := null;
        new.approval_date := null;
        new.approved_at := null;
        new.approved_hash := null;
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

-- Refuses a tariff that is not sound; the constraint says what is wrong.
create or replace function supra.demand_sound(tariff tariff_schedules) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    fault constant text := supra.tariff_fault(tariff);
begin
    if fault is not null then
        raise exception 'the tariff is not sound' using errcode = 'SU104', constraint = fault;
    end if;
end
$$;

-- Invoices issued for days the tariff counts for, by whatever price. Those of a contract the tariff would not price,
-- since its explotación has a price of its own, are left out.
create or replace function supra.issued_invoices(tariff_id uuid)
returns table (id uuid, invoice_number text, contract_number text, billing_date date, total numeric)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        i.id,
        concat_ws('-', i.serie, i.invoice_number),
        c.contract_number,
        i.billing_date,
        i.total
    from public.tariff_schedules as s
    join public.invoices as i on i.tenant_id = s.tenant_id
        and i.billing_date >= s.effective_from
        and (i.billing_date < s.effective_until or s.effective_until is null)
        and i.status not in ('provisional', 'cancelada')
        and (i.explotacion_id = s.explotacion_id or s.explotacion_id is null)
    join public.contracts as c on c.tenant_id = i.tenant_id and c.id = i.contract_id
    join public.tomas as t on t.tenant_id = i.tenant_id and t.id = i.toma_id
    where s.id = issued_invoices.tariff_id
      and coalesce(t.tariff_category, c.tariff_category) = s.category
      and t.billing_period = s.billing_period
      and (s.explotacion_id is not null or not exists (
          select from public.tariff_schedules as own
          where own.tenant_id = i.tenant_id
            and own.active
            and own.explotacion_id = i.explotacion_id
            and own.category = s.category
            and own.billing_period = s.billing_period
            and own.effective_from <= i.billing_date
            and (own.effective_until > i.billing_date or own.effective_until is null)
      ));
end;

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
    if coalesce(trim(reason), '') = '' then
        raise exception 'a reason is wanted' using errcode = 'invalid_parameter_value';
    end if;
    update public.tariff_schedules as t
    set submitted_by = null, submitted_at = null, approved_by_user = null, approved_by = null, approval_date = null,
        approved_at = null, approved_hash = null
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
as $$
declare
    tariff constant public.tariff_schedules := supra.hold_tariff(tariff_id, expected_version);
    actor constant uuid := supra.tariff_actor();
    content constant text := supra.tariff_content_hash(tariff);
    resolved_on constant date := coalesce(approve_tariff.approval_date, supra.today());
    resolved_by text := nullif(trim(approve_tariff.approved_by), '');
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
    if resolved_on > supra.today() then
        raise exception 'the resolution is in the future' using errcode = 'datetime_field_overflow';
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
    published constant text := coalesce(
        nullif(trim(activate_tariff.gazette_reference), ''), nullif(trim(tariff.gazette_reference), '')
    );
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
    if tariff.effective_from <= supra.today() then
        select count(*) into issued from supra.issued_invoices(tariff.id);
        if issued > 0 and acknowledged_invoices is distinct from issued then
            raise exception 'invoices have been issued for its days' using errcode = 'SU107';
        end if;
    end if;

    select * into replaced
    from public.tariff_schedules as r
    where r.id = tariff.replaces_id
      and r.active
      and r.explotacion_id is not distinct from tariff.explotacion_id
      and r.category = tariff.category
      and r.billing_period = tariff.billing_period
    for update;
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
    if tariff.effective_from <= supra.today() or exists (select from supra.issued_invoices(tariff.id)) then
        raise exception 'an active tariff does not change' using errcode = 'SU106';
    end if;
    if coalesce(trim(reason), '') = '' then
        raise exception 'a reason is wanted' using errcode = 'invalid_parameter_value';
    end if;
    update public.tariff_schedules as t
    set active = false, activated_by = null, activated_at = null, submitted_by = null, submitted_at = null,
        approved_by_user = null, approved_by = null, approval_date = null, approved_at = null, approved_hash = null,
        ended_replaced = false, replaced_until = null
    where t.id = tariff.id
    returning t.version into moved;
    if tariff.ended_replaced then
        update public.tariff_schedules as r
        set effective_until = tariff.replaced_until
        where r.id = tariff.replaces_id
          and r.active
          and r.effective_until = tariff.effective_from
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
    insert into public.tariff_impact_reports (tenant_id, tariff_id, content_hash, report, created_by)
    values (tariff.tenant_id, tariff.id, keep_impact_report.content_hash, keep_impact_report.report, actor)
    returning id into kept;
    perform supra.append_event('tariff.impact_kept', 'tariff', tariff.id, jsonb_build_object(
        'report', kept, 'content_hash', keep_impact_report.content_hash
    ));
    return kept;
end
$$;

-- Whose they are, and who may --------------------------------------------------------------------------------------------

do $$
declare
    -- what only computes, or tells what one may read anyway
    looked_up constant text[] := array[
        'plain_numbers', 'tariff_content_hash', 'is_sentinel', 'tariff_fault', 'rate_blocks',
        'tariff_pieces', 'rate_consumptions', 'today', 'tariff_actor', 'issued_invoices'
    ];
    -- what changes a tariff's life
    done constant text[] := array[
        'submit_tariff', 'return_tariff', 'approve_tariff', 'activate_tariff', 'withdraw_tariff', 'keep_impact_report'
    ];
    -- what those rest on
    inner_parts constant text[] := array['guard_tariff', 'journal_tariff', 'hold_tariff', 'demand_sound'];
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
