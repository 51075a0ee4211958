-- Tariffs: what is kept of them, what makes one sound, and what a whole population pays.
--
-- Columns and the table of impact reports; the functions here only compute. Who writes what, who may
-- call them, and the way from draft to superseded are in 026. May run again at any time.

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

-- Whether a number stands for "none" in price lists of other programs: a million, or nothing but so many nines. A limit
-- of 9999 m³ does; a charge of 9,999.99 is one.
create or replace function supra.is_sentinel(number numeric, nines integer) returns boolean
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return number >= 1000000 or trim_scale(number)::text ~ format('^9{%s,}([.]9+)?$', nines);

-- What is wrong with a tariff whose blocks and concepts have the right shape, in one word; null when it is sound. The
-- console's rules say more and in words; this is what nobody gets past.
create or replace function supra.tariff_fault(tariff tariff_schedules) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    control constant text := '[\u0001-\u001f\u007f-\u009f]';  -- characters no text has
    blank constant text := '[ \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]';
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
    code text;
    base text;
begin
    if jsonb_array_length(tariff.blocks) > 100 or jsonb_array_length(tariff.additional_concepts) > 50 then
        return 'too_many';
    elsif tariff.name = '' or tariff.name ~ control then
        return 'name';
    elsif tariff.effective_from not between date '1900-01-01' and date '2899-12-31' then
        return 'dates';
    elsif tariff.effective_until >= date '2900-01-01' then
        return 'sentinel';
    end if;
    for item in select value from jsonb_array_elements(tariff.blocks) loop
        place := place + 1;
        low := (item -> 'from_m3')::numeric;
        high := (nullif(item -> 'to_m3', 'null'))::numeric;
        price := (item -> 'price_per_m3')::numeric;
        charge := coalesce((item -> 'fixed_charge')::numeric, 0);
        if item - array['from_m3', 'to_m3', 'price_per_m3', 'fixed_charge'] <> '{}' then
            return 'unknown_key';
        elsif place = 1 and low <> 0 then
            return 'not_from_zero';
        elsif limit_before is null then
            return 'open_inside';
        elsif low > limit_before then
            return 'gap';
        elsif low < limit_before then
            return 'overlap';
        elsif supra.is_sentinel(high, 4) or supra.is_sentinel(price, 5) or supra.is_sentinel(charge, 5) then
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
        code := item ->> 'code';
        base := coalesce(item ->> 'base', 'agua');
        if item - array['code', 'name', 'type', 'value', 'base', 'iva_rate'] <> '{}' then
            return 'unknown_key';
        elsif length(code) not between 1 and 20 or code ~ control or code ~ format('^%1$s|%1$s$', blank) then
            return 'code';
        elsif length(item ->> 'name') not between 1 and 200 or item ->> 'name' ~ control then
            return 'name';
        elsif lower(code) in ('agua', 'water') then
            return 'reserved_code';
        elsif exists (select from unnest(codes) as c (earlier) where lower(c.earlier) = lower(code)) then
            return 'duplicate_code';
        elsif item ->> 'type' = 'percentage' and not (
            (item -> 'value')::numeric > 0 and (item -> 'value')::numeric <= 100
        ) then
            return 'percentage_range';
        elsif length(base) not between 1 and 20 or base ~ control
              or item ->> 'type' = 'percentage' and lower(base) not in ('agua', 'water') and base <> all (codes) then
            return 'unresolved_base';
        elsif scale(trim_scale((item -> 'value')::numeric)) > 4
              or item ->> 'type' = 'fixed' and scale(trim_scale((item -> 'value')::numeric)) > 2
              or scale(trim_scale(coalesce(nullif(item -> 'iva_rate', 'null')::numeric, 0))) > 4 then
            return 'decimals';
        elsif item ->> 'type' = 'fixed' and supra.is_sentinel((item -> 'value')::numeric, 5) then
            return 'sentinel';
        end if;
        codes := codes || code;
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
