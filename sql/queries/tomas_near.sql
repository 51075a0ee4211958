-- Which tomas are the nearest to this one, within so many metres, nearest first?
--
-- The nearest are taken from the index first and those beyond the distance dropped after: ST_DWithin alone is not
-- leakproof, so under row security it would read every toma of the tenant (or, in a dense colonia, sort thousands).
--
-- Parameters: toma_id, metres, how_many. Index: idx_tomas_geo (tenant_id, geom). Cost: about 2 ms.
select
    n.id as toma_id,
    n.toma_number,
    n.toma_type,
    n.status as toma_status,
    round(st_distance(n.geom, here.geom)::numeric, 1) as distance_m,
    a.street,
    a.exterior_number,
    a.interior_number,
    a.colonia,
    k.id as contract_id,
    k.contract_number,
    k.status as contract_status
from tomas as here
cross join lateral (
    select
        x.id,
        x.tenant_id,
        x.toma_number,
        x.toma_type,
        x.status,
        x.address_id,
        x.geom
    from tomas as x
    where x.tenant_id = here.tenant_id and x.id <> here.id and x.geom is not null
    order by x.geom <-> here.geom
    limit %(how_many)s
) as n
inner join addresses as a on n.tenant_id = a.tenant_id and n.address_id = a.id
left join lateral (
    select
        c.id,
        c.contract_number,
        c.status
    from contracts as c
    where c.tenant_id = n.tenant_id and c.toma_id = n.id
    order by c.status = 'activo' desc, c.start_date desc, c.id
    limit 1
) as k on true
where here.id = %(toma_id)s and st_dwithin(n.geom, here.geom, %(metres)s)
order by distance_m, n.toma_number
