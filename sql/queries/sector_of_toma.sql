-- In which hydraulic sector does this toma lie?
--
-- Corrected from the plan: ST_Covers on geography instead of a cast to geometry, which no index serves and which
-- leaves out points on the boundary. Of nested sectors the innermost; where the toma has no coordinates, or lies in
-- none, the sector of its acometida.
--
-- Parameters: toma_id. Indexes: tomas' primary key; row security keeps idx_sectores_geo out of reach, so the
-- sectors of the tenant are read, their bounding boxes first. Cost: about 1 ms at a hundred sectors.
select
    s.id,
    s.code,
    s.name,
    p.inside as by_position
from tomas as t
left join acometidas as a on t.tenant_id = a.tenant_id and t.acometida_id = a.id
inner join sectores_hidraulicos as s on t.tenant_id = s.tenant_id
cross join lateral (
    select coalesce(s.active and s.geom && t.geom and st_covers(s.geom, t.geom), false) as inside
) as p
where t.id = %(toma_id)s and (p.inside or s.id = a.sector_id)
order by p.inside desc, s.level desc, s.code
limit 1
