-- Which extensions and editions does this server have? note says why something is missing.
select
    f.feature,
    f.available,
    f.version,
    f.note
from supra.features as f
order by f.feature
