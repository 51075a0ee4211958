-- What each consumption costs under each tariff: rated once, however many accounts had it.

analyze demo.consumption;

create unlogged table demo.rate as
select
    row_number() over (order by c.tariff_no, c.used_m3, c.social)::integer as rate_no,
    c.*
from (
    select distinct
        u.tariff_no,
        u.used_m3,
        u.social
    from demo.consumption as u
) as c;

-- The lines of a bill, in its order, with the making of each.
create unlogged table demo.rate_line as
with
water as (
    select
        r.rate_no,
        t.tariff_no,
        r.used_m3,
        t.iva_rate,
        t.concepts,
        w.gross,
        d.discount,
        w.gross - d.discount as amount,
        jsonb_build_object(
            'kind', 'water',
            'tariff_id', demo.id('tariff', t.tariff_no),
            'consumption_m3', trim_scale(r.used_m3),
            'steps', s.steps,
            'amount', w.gross - d.discount
        )
        || case
            when r.social then jsonb_build_object('discount_pct', t.social_discount_pct, 'discount', d.discount)
            else '{}'
        end as detail
    from demo.rate as r
    join demo.tariff as t on t.tariff_no = r.tariff_no
    cross join lateral (
        select supra.rate_blocks(t.blocks, r.used_m3) as gross
    ) as w
    cross join lateral (
        select case when r.social then round(w.gross * t.social_discount_pct / 100, 2) else 0 end as discount
    ) as d
    cross join lateral (
        select jsonb_agg(
            jsonb_build_object(
                'from_m3', b.from_m3, 'to_m3', b.to_m3, 'm3', trim_scale(least(r.used_m3, b.to_m3) - b.from_m3),
                'price_per_m3', b.price_per_m3, 'fixed_charge', b.fixed_charge,
                'amount', trim_scale((least(r.used_m3, b.to_m3) - b.from_m3) * b.price_per_m3 + b.fixed_charge)
            )
            order by b.from_m3
        ) as steps
        from jsonb_to_recordset(t.blocks) as b (from_m3 numeric, to_m3 numeric, price_per_m3 numeric, fixed_charge numeric)
        where r.used_m3 > b.from_m3 or (r.used_m3 = 0 and b.from_m3 = 0)
    ) as s
)
select
    l.rate_no,
    l.sort_order,
    l.code,
    l.name,
    l.quantity,
    l.unit_price,
    l.subtotal,
    l.iva_rate,
    round(l.subtotal * l.iva_rate, 2) as iva_amount,
    l.subtotal + round(l.subtotal * l.iva_rate, 2) as total,
    l.detail,
    l.product,
    l.unit
from (
    select
        w.rate_no,
        1 as sort_order,
        'agua' as code,
        'Servicio de agua potable' as name,
        case w.used_m3 when 0 then 1 else w.used_m3 end as quantity,
        round(w.amount / case w.used_m3 when 0 then 1 else w.used_m3 end, 4) as unit_price,
        w.amount as subtotal,
        w.iva_rate,
        w.detail,
        '83101501' as product,
        'MTQ' as unit
    from water as w
    union all
    select
        w.rate_no,
        1 + c.position::integer,
        c.concept ->> 'code',
        c.concept ->> 'name',
        1,
        a.amount,
        a.amount,
        (c.concept ->> 'iva_rate')::numeric,
        case c.concept ->> 'type'
            when 'percentage' then jsonb_build_object(
                'kind', 'percentage', 'base', 'agua', 'base_amount', w.amount, 'percentage', c.concept -> 'value',
                'amount', a.amount
            )
            else jsonb_build_object(
                'kind', 'fixed', 'unit_amount', c.concept -> 'value', 'quantity', 1, 'amount', a.amount
            )
        end,
        case c.concept ->> 'code' when 'alcantarillado' then '83101500' when 'saneamiento' then '76121701' else '83101501' end,
        'E48'
    from water as w
    cross join lateral jsonb_array_elements(w.concepts) with ordinality as c (concept, position)
    cross join lateral (
        select case c.concept ->> 'type'
            when 'percentage' then round(w.amount * (c.concept ->> 'value')::numeric / 100, 2)
            else round((c.concept ->> 'value')::numeric, 2)
        end as amount
    ) as a
) as l;

alter table demo.rate add column subtotal numeric(12, 2);
alter table demo.rate add column iva_amount numeric(12, 2);
update demo.rate as r
set subtotal = s.subtotal,
    iva_amount = s.iva_amount
from (
    select
        rate_no,
        sum(subtotal) as subtotal,
        sum(iva_amount) as iva_amount
    from demo.rate_line
    group by rate_no
) as s
where s.rate_no = r.rate_no;

alter table demo.rate add primary key (rate_no);
create unique index on demo.rate (tariff_no, used_m3, social);
create index on demo.rate_line (rate_no);
analyze demo.rate;
analyze demo.rate_line;
