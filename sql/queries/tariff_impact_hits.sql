-- Whom does it hit, and by how much? One row for each contract; those without a usable reading have no amounts.
--
-- Bands of change, in % of the year's bills and in MXN of an average bill: 0 is below the first bound of the list, 1
-- from the first to the second, and so on; -1 unchanged; null without an old price. From nothing to something is the
-- highest.
--
-- Parameters: percents, amounts (numeric[], rising). Indexes: none; addresses and persons are read whole.
-- Cost: 2 s for 400,000 contracts.
create temporary table impact_hit on commit drop as
select
    c.no,
    c.contract_id,
    c.kind / 2 as pair,
    mod(c.kind, 2) = 1 as social,
    p.vulnerable,
    coalesce(a.colonia, '') as colonia,
    c.billing_type,
    coalesce(s.readings, 0) as readings,
    s.litres,
    s.old_cents,
    s.new_cents,
    case
        when s.old_cents is null then null
        when s.new_cents = s.old_cents then -1
        when s.old_cents = 0 then cardinality(b.percents)
        else width_bucket((s.new_cents - s.old_cents) * 100.0 / s.old_cents, b.percents)
    end as percent_band,
    case
        when s.old_cents is null then null
        when s.new_cents = s.old_cents then -1
        else width_bucket((s.new_cents - s.old_cents) / 100.0 / s.readings, b.amounts)
    end as amount_band
from impact_concerned as c
cross join impact_band as b
left join impact_sum as s on c.no = s.no and s.readings > 0
inner join addresses as a on c.address_id = a.id
inner join persons as p on c.person_id = p.id
