-- Which explotaciones are there, and what are the eight documents of each? Without a row all are empty: the defaults.
--
-- Parameters: explotacion_id, or null for all. Indexes: primary key; there are a dozen. Cost: under 1 ms.
select
    x.id as explotacion_id,
    x.code,
    x.name,
    x.municipality,
    c.version,
    c.updated_at,
    c.billing,
    c.collections,
    c.estimation,
    c.notifications,
    c.cutoff,
    c.digital,
    c.fiscal,
    c.quality
from explotaciones as x
left join explotacion_configs as c on x.tenant_id = c.tenant_id and x.id = c.explotacion_id
where x.active and (%(explotacion_id)s::uuid is null or x.id = %(explotacion_id)s::uuid)
order by x.municipality, x.name
