-- What each account is, drawn once: where, whose, of what kind, how much water, how it pays.
-- The tables of the utility are filled from here by the steps that follow.
--
-- An account is a service point with its latest contract. Months are numbered from 1, the oldest
-- loaded, to demo.months(), the one before the current; first_month to last_month are billed.

create unlogged table demo.account as
with
drawn as materialized (
    select
        a.n,
        t.tenant,
        t.tenant_id,
        a.n - t.accounts_before as k,
        h.person,
        h.person_id,
        s.kind,
        case
            when a.n - t.accounts_before <= t.persons or demo.roll(a.n, 'next door') < 0.5 then h.place
            else width_bucket(demo.roll(a.n, 'elsewhere'), t.shares)
        end as place,
        -- who had the service before: somebody else of the same utility
        t.persons_before + 1 + ((a.n - t.accounts_before)::bigint * 7919 % t.persons)::integer as former_person,
        demo.spread(a.n, 'status', sqrt(2)) as status_draw,
        demo.spread(a.n, 'former', sqrt(3)) as former_draw,
        demo.spread(a.n, 'new', sqrt(5)) as new_draw,
        demo.roll(a.n, 'category') as category_draw,
        -- hydrants and fountains that a village's committee answers for, and building sites
        demo.spread(a.n, 'public tap', sqrt(11)) as public_tap
    from demo.tenant as t
    cross join lateral generate_series(t.accounts_before + 1, t.accounts_before + t.accounts) as a (n)
    -- a few persons hold many contracts: what is over the number of persons falls on the first of them
    join demo.person as h on h.person = t.persons_before + case
        when a.n - t.accounts_before <= t.persons then a.n - t.accounts_before
        else 1 + floor(demo.roll(a.n, 'holder') ^ 1.5 * ceil(t.persons * 0.03))::integer
    end
    join demo.soul as s on s.soul = h.soul
),
categorised as materialized (
    select
        d.*,
        p.explotacion_id,
        p.explotacion_code,
        p.sector_no,
        p.reading_day,
        p.streets,
        p.radius_m,
        p.orientation,
        p.latitude as place_latitude,
        p.longitude as place_longitude,
        case
            when d.kind = 'public' or d.public_tap < 0.008 then 'gobierno'
            when d.public_tap < 0.012 then 'comercial'
            when d.kind = 'company' then case
                when d.category_draw < 0.25 then 'industrial' when d.category_draw < 0.85 then 'comercial' else 'domestica'
            end
            when d.kind = 'school' then case when d.category_draw < 0.3 then 'gobierno' else 'comercial' end
            when d.kind = 'association' then case when d.category_draw < 0.5 then 'mixta' else 'comercial' end
            when d.kind = 'giro' then 'comercial'
            when p.weight <= 9 and d.category_draw < 0.55 then 'rural'
            when d.category_draw < 0.915 then 'domestica'
            when d.category_draw < 0.96 then 'comercial'
            when d.category_draw < 0.985 then 'mixta'
            else 'social'
        end as category,
        case
            when d.status_draw < 0.010 then 'pendiente'
            when d.status_draw < 0.020 then 'cancelado'
            when d.status_draw < 0.055 then 'suspendido'
            when d.status_draw < 0.085 then 'baja'
            else 'activo'
        end as status
    from drawn as d
    join demo.place as p on p.tenant = d.tenant and p.place = d.place
),
dated as (
    select
        c.*,
        case when c.category = 'rural' then 2 else 1 end as months_billed,
        case
            when c.public_tap < 0.004 then 'hidrante'
            when c.public_tap < 0.008 then 'fuente'
            when c.public_tap < 0.012 and c.category = 'comercial' then 'temporal'
            when c.category = 'social' then 'domestica'
            else c.category
        end as toma_type,
        case
            when c.status in ('pendiente', 'cancelado') then 0
            when c.status in ('suspendido', 'baja') then
                demo.months() - demo.whole(c.n, 'ended', 0, least(6, demo.months() - 1))
            else demo.months()
        end as last_month
    from categorised as c
),
turned as materialized (
    select
        d.*,
        case
            when d.last_month > 1 and d.new_draw < 0.03 then demo.whole(d.n, 'began', 2, d.last_month)
            else 1
        end as first_month,
        d.status not in ('pendiente', 'cancelado') and d.new_draw >= 0.03 and d.former_draw < 0.06 as has_former
    from dated as d
)
select
    t.n, t.tenant, t.tenant_id, t.k, t.person, t.person_id, t.former_person, t.place, t.explotacion_id,
    t.explotacion_code, t.sector_no, t.reading_day, t.category, t.toma_type, t.status, t.months_billed::smallint,
    t.first_month, t.last_month,
    t.has_former,
    -- the month the present contract is billed from; before it, the former one
    case
        when t.has_former and t.last_month > 1 and demo.roll(t.n, 'handed over') < 0.7
            then demo.whole(t.n, 'hand-over', 2, t.last_month)
        else t.first_month
    end as own_from,
    demo.roll(t.n, 'metered') < case when t.toma_type in ('hidrante', 'fuente') then 0.3 else 0.95 end as metered,
    demo.roll(t.n, 'smart') < case t.category when 'industrial' then 0.5 when 'comercial' then 0.12 else 0.02 end as smart,
    t.category = 'domestica' and demo.roll(t.n, 'social tariff') < 0.035 as social,
    -- m³ a month: log-normal around what each category uses
    case t.category
        when 'industrial' then 160 * exp(0.9 * g.gauss) when 'gobierno' then 55 * exp(0.9 * g.gauss)
        when 'comercial' then 22 * exp(0.8 * g.gauss) when 'mixta' then 21 * exp(0.5 * g.gauss)
        when 'rural' then 10 * exp(0.5 * g.gauss) when 'social' then 9 * exp(0.4 * g.gauss)
        else 14.5 * exp(0.5 * g.gauss)
    end as usual_m3,
    -- 1 pays in time, 2 late, 3 in parts, 4 has stopped paying at the month default_from
    case
        when t.status = 'suspendido' then 4
        when demo.spread(t.n, 'payer', sqrt(7)) < 0.77 then 1
        when demo.spread(t.n, 'payer', sqrt(7)) < 0.89 then 2
        when demo.spread(t.n, 'payer', sqrt(7)) < 0.94 then 3
        else 4
    end::smallint as payer,
    greatest(1, demo.months() - demo.whole(t.n, 'default from', 1, 20)) as default_from,
    r.street,
    case
        when o.number_draw < 0.02 then 'S/N'
        when o.number_draw < 0.07 then 'Mz. ' || demo.whole(t.n, 'block', 1, 60) || ' Lt. ' || demo.whole(t.n, 'lot', 1, 40)
        else (1 + floor((o.along + 1) / 2 * t.radius_m * 1.6))::integer::text
        || case when o.number_draw > 0.93 then demo.one_of(t.n, 'number suffix', array[' A', ' B', ' Bis']) else '' end
    end as exterior_number,
    case
        when demo.roll(t.n, 'flat') < 0.07
            then demo.one_of(t.n, 'flat word', array['Depto. ', 'Int. ', 'Local ', 'Casa ']) || demo.whole(t.n, 'flat number', 1, 60)
    end as interior_number,
    -- houses stand along their street; the streets of a colonia run beside one another inside its circle
    round((
        t.place_latitude
        + t.radius_m * 0.97 * (o.across * sin(t.orientation) + o.along_m * cos(t.orientation)) / 111320
    )::numeric, 7) as latitude,
    round((
        t.place_longitude
        + t.radius_m * 0.97 * (o.across * cos(t.orientation) - o.along_m * sin(t.orientation))
        / (111320 * cos(radians(t.place_latitude)))
    )::numeric, 7) as longitude,
    demo.id('contract', t.n) as contract_id,
    demo.id('former contract', t.n) as former_contract_id,
    demo.id('toma', t.n) as toma_id,
    demo.id('meter', t.n) as meter_id,
    demo.id('address', t.n) as address_id,
    demo.id('acometida', t.n) as acometida_id,
    -- numbers are counted within the tenant, so both utilities have the same ones
    '40' || lpad(t.k::text, 8, '0') as contract_number,
    'T' || lpad(t.k::text, 7, '0') as toma_number
from turned as t
cross join lateral (
    select
        sqrt(-2 * ln(1 - demo.roll(t.n, 'usual'))) * cos(2 * pi() * demo.roll(t.n, 'usual too')) as gauss
) as g
cross join lateral (
    select
        1 + floor(demo.roll(t.n, 'street') * t.streets)::integer as position,
        demo.roll(t.n, 'along') * 2 - 1 as along,
        demo.roll(t.n, 'number') as number_draw
) as d
cross join lateral (
    select
        d.along,
        d.number_draw,
        (d.position - 0.5) / t.streets * 1.8 - 0.9 as across,
        d.along * sqrt(1 - ((d.position - 0.5) / t.streets * 1.8 - 0.9) ^ 2) as along_m
) as o
join demo.place_street as r on r.tenant = t.tenant and r.place = t.place and r.position = d.position;

alter table demo.account add primary key (n);
-- the dates of both contracts
alter table demo.account add column start_date date;
alter table demo.account add column end_date date;
alter table demo.account add column handed_over date;
update demo.account as a
set start_date = case
        when a.has_former then d.handed_over
        when a.status = 'pendiente' then demo.until() - demo.whole(a.n, 'applied', 1, 25)
        when a.first_month > 1 then demo.month_start(a.first_month) - demo.whole(a.n, 'joined', 1, 20)
        else d.joined
    end,
    end_date = case
        when a.status = 'cancelado' then d.joined + demo.whole(a.n, 'withdrawn', 0, 60)
        when a.status = 'baja' then demo.month_start(a.last_month) + a.reading_day - 1
    end,
    handed_over = case when a.has_former then d.handed_over end
from (
    select
        b.n,
        demo.month_start(1) - demo.whole(b.n, 'since', 120, 6000) as joined,
        case
            when b.own_from > 1 then demo.month_start(b.own_from - 1) + b.reading_day - 1
            else demo.month_start(1) - demo.whole(b.n, 'handed over before', 40, 1500)
        end as handed_over
    from demo.account as b
) as d
where d.n = a.n;

analyze demo.account;
