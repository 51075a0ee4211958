-- By what can the outcome of this transaction be looked up, should the answer to COMMIT be lost?
-- No transaction id: nothing was written, so nothing can be lost. The timeline tells a server that
-- came back from another one that was promoted in its place and numbers its transactions anew.
select
    pg_current_xact_id_if_assigned()::text as xid,
    substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as timeline,
    pg_backend_pid() as pid
