-- Prices of every municipality and category, old and new: at least one change of prices falls into
-- the loaded months.
--
-- Blocks are built as the Comisión Estatal de Aguas publishes them: a charge for the first ten m³
-- whether used or not, then a price per m³ that rises with the block. Drainage and sanitation are
-- percentages of the water with IVA of their own; domestic water bears 0%.

create unlogged table demo.tariff as
with
-- the days on which prices change: each first of January, or the middle where there is none
turns as (
    select demo.month_start(m) as day
    from generate_series(2, demo.months()) as m
    where extract(month from demo.month_start(m)) = 1
),
changes as (
    select day from turns
    union all
    select demo.month_start(demo.months() / 2 + 1) where not exists (select from turns)
),
editions as (
    select
        row_number() over (order by e.day) as edition,
        e.day as effective_from,
        lead(e.day) over (order by e.day) as effective_until,
        -- some 5% a year
        1.0485 ^ (row_number() over (order by e.day) - 1) as growth
    from (
        select day from changes
        union all
        -- in force before the first month, however few are loaded
        select least((min(day) - interval '1 year')::date, demo.month_start(1) - 60) from changes
    ) as e
),
categories (category, period, months, first_charge, prices, iva_rate) as (
    values
    ('domestica', 'mensual', 1, 98.40, array[0, 14.85, 21.30, 31.75, 44.10, 58.6250], 0.0),
    ('social', 'mensual', 1, 52.10, array[0, 9.20, 15.75, 27.40, 41.15, 58.6250], 0.0),
    ('rural', 'bimestral', 2, 74.60, array[0, 9.9525, 14.40, 22.05, 33.30, 47.20], 0.0),
    ('mixta', 'mensual', 1, 142.75, array[0, 19.10, 26.45, 38.20, 50.35, 63.9075], 0.16),
    ('comercial', 'mensual', 1, 214.30, array[0, 26.35, 34.90, 46.1550, 57.80, 71.25], 0.16),
    ('industrial', 'mensual', 1, 402.15, array[0, 48.70, 54.25, 61.40, 70.0575, 82.30], 0.16),
    ('gobierno', 'mensual', 1, 187.20, array[0, 22.15, 29.80, 38.65, 47.90, 59.35], 0.16)
),
towns as (
    select
        t.tenant,
        e.tenant_id,
        e.id as explotacion_id,
        e.code,
        e.municipality,
        row_number() over (order by t.tenant, e.code) as town,
        round((0.82 + 0.36 * demo.roll(row_number() over (order by t.tenant, e.code), 'price level'))::numeric, 2) as level
    from explotaciones as e
    join demo.tenant as t on t.tenant_id = e.tenant_id
)
select
    row_number() over (order by w.town, c.category, p.edition)::integer as tariff_no,
    w.tenant,
    w.tenant_id,
    w.explotacion_id,
    w.municipality,
    c.category,
    c.period,
    p.edition,
    p.effective_from,
    p.effective_until,
    c.iva_rate,
    (
        select jsonb_agg(
            jsonb_build_object(
                'from_m3', b.from_m3 * c.months,
                'to_m3', b.to_m3 * c.months,
                'price_per_m3', round(c.prices[b.block] * w.level * p.growth, 4),
                'fixed_charge', case b.block when 1 then round(c.first_charge * c.months * w.level * p.growth, 2) else 0 end
            )
            order by b.block
        )
        from (values (1, 0, 10), (2, 10, 20), (3, 20, 30), (4, 30, 50), (5, 50, 80), (6, 80, null)) as b (block, from_m3, to_m3)
    ) as blocks,
    coalesce((
        select jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object(
                'code', a.code, 'name', a.name, 'type', a.type, 'value', a.value, 'base', a.base, 'iva_rate', 0.16
            ))
            order by a.position
        )
        from (values
            (1, 'alcantarillado', 'Alcantarillado', 'percentage', case w.town % 3 when 0 then 12 else 10 end, 'agua'),
            (2, 'saneamiento', 'Saneamiento', 'percentage', case when c.category in ('industrial', 'comercial') then 14 else 12 end, 'agua'),
            (3, 'medidor', 'Mantenimiento del medidor', 'fixed', 6.50 * c.months, null)
        ) as a (position, code, name, type, value, base)
        -- the countryside has no sewers; one municipality in four charges for the meter
        where (a.code <> 'medidor' or w.town % 4 = 1) and (c.category <> 'rural' or a.code = 'medidor')
    ), '[]') as concepts,
    case when c.category = 'domestica' then 50.00 end as social_discount_pct
from towns as w
cross join categories as c
cross join editions as p;

alter table demo.tariff add primary key (tariff_no);

insert into tariff_schedules (
    id, tenant_id, explotacion_id, name, category, effective_from, effective_until, active, billing_period, blocks,
    additional_concepts, iva_applicable, iva_rate, social_discount_pct, approved_by, approval_date, gazette_reference,
    created_at, updated_at
)
select
    demo.id('tariff', t.tariff_no), t.tenant_id, t.explotacion_id,
    v.description || ', ' || t.municipality || ', ' || to_char(t.effective_from, 'YYYY-MM'),
    t.category, t.effective_from, t.effective_until, true, t.period, t.blocks, t.concepts, true, t.iva_rate,
    t.social_discount_pct, 'Consejo Directivo', t.effective_from - 20,
    'La Sombra de Arteaga, P.O. No. ' || demo.whole(extract(year from t.effective_from)::integer, 'gazette', 40, 110) || ', '
    || to_char(t.effective_from - 15, 'YYYY'),
    t.effective_from - 30, t.effective_from - 20
from demo.tariff as t
join domain_values as v on v.tenant_id is null and v.domain = 'CATEGORIA_TARIFA' and v.code = t.category;

analyze demo.tariff;
