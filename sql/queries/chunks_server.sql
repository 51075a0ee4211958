-- Which TimescaleDB does this server have, with how much room for its jobs, and which of our functions may be asked?
-- Works on any PostgreSQL: without the extension its columns are null. A worker shows itself by the name it gives its
-- connection, which everybody may see, while its kind is hidden from those who are not pg_read_all_stats.
select
    clock_timestamp() as taken,
    current_setting('server_version') as version,
    e.extversion as timescaledb,
    case when e.oid is not null then current_setting('timescaledb.license', true) end as license,
    case when e.oid is not null then current_setting('timescaledb.max_background_workers', true) end::integer
    as max_workers,
    (
        select count(*)
        from pg_catalog.pg_stat_activity as a
        where
            e.oid is not null
            and a.datname = current_database()
            and (
                a.application_name = 'TimescaleDB Background Worker Scheduler'
                or a.application_name ~ '(Policy|Reporter|Job|Action) .*\[[0-9]+\]$'
            )
    ) as workers,
    pg_size_bytes(current_setting('shared_buffers')) as shared_buffers,
    pg_size_bytes(current_setting('effective_cache_size')) as effective_cache,
    case when e.oid is not null then current_setting('timescaledb.enable_job_execution_logging', true) end::boolean
    as logs_runs,
    coalesce(has_function_privilege(to_regprocedure('supra.job_runs()'), 'execute'), false) as tells_runs,
    coalesce(has_function_privilege(to_regprocedure('supra.continuous_aggregates_state()'), 'execute'), false)
    as tells_aggregates
from (values (true)) as one (row)
left join pg_catalog.pg_extension as e on e.extname = 'timescaledb'
