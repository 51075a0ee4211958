-- Which utilities may this DBA work in? Nobody else sees a row.
select
    t.id,
    t.slug,
    t.name
from supra.choosable_tenants() as t
order by t.name
