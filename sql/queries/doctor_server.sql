-- The server's own clock and process, as seen through whatever stands in between.
-- backend differs from the number libpq was given when a pooler answers for the server.
select
    clock_timestamp() as clock,
    pg_backend_pid() as backend,
    pg_is_in_recovery() as in_recovery
