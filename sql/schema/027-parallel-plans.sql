-- Every reading is found, also by those who come without the console: psql, the service, reports.
--
-- Up to 2.26, TimescaleDB's parallel scan of several chunks may silently find no row at all where a condition asks for
-- the tenant, as all our views do (timescale/timescaledb#10503). Each chunk is still scanned in parallel without it.
-- The console's transactions say so as well: a clone or a restored dump does not bring a database's settings along.
-- Counts from the next session on. May run again at any time.
do $$
begin
    if current_setting('timescaledb.enable_parallel_chunk_append', true) is not null then
        execute format(
            'alter database %I set timescaledb.enable_parallel_chunk_append = off', current_database()
        );
    end if;
end
$$;
