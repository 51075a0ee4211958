-- Whom do the tariffs of impact_pair bill? Numbered, for the rest of the work.
--
-- `kind` is the pair twice, and one more with the social tariff: what a volume's price depends on.
-- Those who are billed on any day: contract active, toma active. A municipality's own tariff goes before the one for
-- all, be it in the package or in force.
--
-- Parameters: none. Indexes: none; contracts and tomas are read whole. Cost: 1 s for 400,000 contracts.
create temporary table impact_concerned on commit drop as
select
    (row_number() over ())::integer as no,
    c.id as contract_id,
    p.no * 2 + c.social_tariff::integer as kind,
    t.billing_type,
    c.person_id,
    t.address_id
from contracts as c
inner join tomas as t on c.tenant_id = t.tenant_id and c.toma_id = t.id
inner join impact_pair as p
    on
        coalesce(t.tariff_category, c.tariff_category) = p.category
        and t.billing_period = p.billing_period
        and c.explotacion_id = p.explotacion_id
where
    c.status = 'activo'
    and t.status = 'activa'
