-- End the backend that still holds a transaction whose client is gone; only while it is that transaction.
select pg_terminate_backend(a.pid)
from pg_catalog.pg_stat_activity as a
where
    a.pid = %(pid)s
    and a.backend_xid = (%(xid)s::xid8)::xid
