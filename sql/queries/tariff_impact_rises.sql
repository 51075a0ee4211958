-- Whose bills rise most, of each tariff in each explotación?
--
-- Parameters: many. Indexes: contracts' primary key. Cost: 0.3 s for 400,000 contracts.
with ranked as (
    select
        h.contract_id,
        h.pair,
        h.social,
        h.vulnerable,
        h.colonia,
        h.readings,
        h.litres,
        h.old_cents,
        h.new_cents,
        row_number() over (partition by h.pair order by h.new_cents - h.old_cents desc, h.contract_id) as place
    from impact_hit as h
    where h.new_cents > h.old_cents
)

select
    r.pair,
    r.contract_id,
    c.contract_number,
    r.colonia,
    r.social,
    r.vulnerable,
    r.readings,
    r.litres * 0.001 as m3,
    r.old_cents * 0.01 as old,
    r.new_cents * 0.01 as new
from ranked as r
inner join contracts as c on r.contract_id = c.id
where r.place <= %(many)s
order by r.new_cents - r.old_cents desc, r.contract_id
