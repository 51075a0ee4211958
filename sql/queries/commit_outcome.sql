-- What became of a transaction whose COMMIT was not answered?
-- status: committed, aborted, 'in progress' (its backend has not noticed), or null (too long ago).
select
    pg_xact_status(%(xid)s::xid8) as status,
    substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as timeline
