-- How large are these chunks, each with its compressed part (null if it has none)? The server asks the disk once for
-- each file of each index, so this is for chunks that may have changed. Those that are gone have no row.
-- What a compressed chunk holds in its own heap came late.
select
    u.own,
    pg_relation_size(c.oid) as own_heap,
    pg_relation_size(c.oid) + pg_relation_size(c.oid, 'fsm') + pg_relation_size(c.oid, 'vm')
    + coalesce(pg_relation_size(p.oid) + pg_relation_size(p.oid, 'fsm') + pg_relation_size(p.oid, 'vm'), 0) as heap,
    pg_indexes_size(c.oid) + coalesce(pg_indexes_size(p.oid), 0) as index,
    coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)
    + coalesce(pg_total_relation_size(nullif(p.reltoastrelid, 0)), 0) as toast
from unnest(%(own)s::oid[], %(part)s::oid[]) as u (own, part)
inner join pg_catalog.pg_class as c on c.oid = u.own
left join pg_catalog.pg_class as p on p.oid = u.part
