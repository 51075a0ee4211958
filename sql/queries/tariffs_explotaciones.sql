-- Which explotaciones may have a tariff of their own?
--
-- Indexes: none; there are a dozen. Cost: under 1 ms.
select
    x.id,
    x.code,
    x.name,
    x.municipality
from explotaciones as x
where x.active
order by x.municipality, x.name
