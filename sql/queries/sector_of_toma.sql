-- In which hydraulic sector does this toma lie?
--
-- Corrected from the plan: ST_Covers on geography instead of a cast to geometry, which no index serves and which
-- leaves out points on the boundary. Of nested sectors the innermost; where the toma has no coordinates, or lies in
-- none, the sector of its acometida.
--
-- Parameters: toma_id. Indexes: tomas' primary key; row security keeps idx_sectores_geo out of reach, so the
-- sectors of the tenant are read, each with its bounding box first. Cost: about 1 ms at a few hundred sectors.
select
    s.id,
    s.code,
    s.name,
    s.by_position
from (
    select
        s.id,
        s.code,
        s.name,
        s.level,
        true as by_position
    from tomas as t
    inner join sectores_hidraulicos as s on t.tenant_id = s.tenant_id
    where t.id = %(toma_id)s and s.active and st_covers(s.geom, t.geom)
    union all
    select
        s.id,
        s.code,
        s.name,
        s.level,
        false as by_position
    from tomas as t
    inner join acometidas as a on t.tenant_id = a.tenant_id and t.acometida_id = a.id
    inner join sectores_hidraulicos as s on a.tenant_id = s.tenant_id and a.sector_id = s.id
    where t.id = %(toma_id)s
) as s
order by s.by_position desc, s.level desc, s.code
limit 1
