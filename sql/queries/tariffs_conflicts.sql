-- Which other tariffs in force or scheduled have a day in common with this one?
--
-- What the exclusion constraint excl_tariff_validity would refuse when this one is activated. The one it replaces ends
-- where it begins, so that one is in the way only if it begins no earlier.
--
-- Parameters: tariff_id. Index: the constraint's own. Cost: under 1 ms.
select o.id
from tariff_schedules as s
inner join tariff_schedules as o
    on
        s.tenant_id = o.tenant_id
        and s.explotacion_id is not distinct from o.explotacion_id
        and s.category = o.category
        and s.billing_period = o.billing_period
        and daterange(s.effective_from, s.effective_until, '[)') && daterange(o.effective_from, o.effective_until, '[)')
where
    s.id = %(tariff_id)s
    and o.active
    and o.id <> s.id
    and (o.id is distinct from s.replaces_id or o.effective_from >= s.effective_from)
order by o.effective_from
