-- All background jobs with their schedule and how they went. The views have the same columns from 2.17 to 2.29 (the
-- tables below them moved); a policy says in its configuration which hypertable it works on.
-- A policy's "6 mons" is counted back from now, as the policy itself does, so that it comes out in exact days. Other
-- jobs may have settings of the same name that mean something else. Infinite times stand for "never yet".
-- Whoever signs in may add a job, with whatever configuration and schedule: what makes no sense is null, so that nobody
-- hides the jobs of others by one of theirs, and only what TimescaleDB itself filed under a hypertable is its policy.
select distinct on (j.job_id)
    j.job_id as id,
    j.proc_schema::text as procedure_schema,
    j.proc_name::text as procedure,
    j.owner::text as owner,
    case
        when q.ours and j.hypertable_name is not null
            then substring(
                coalesce(j.config ->> 'hypertable_id', j.config ->> 'mat_hypertable_id') from '^[0-9]{1,9}$'
            )::integer
    end as hypertable,
    coalesce(j.config, '{}') as config,
    j.scheduled,
    case when abs(extract(epoch from j.schedule_interval)) < 1e12 then j.schedule_interval end as schedule_interval,
    case when abs(extract(epoch from j.max_runtime)) < 1e12 then j.max_runtime end as max_runtime,
    q.settings[1] as compress_after,
    q.settings[2] as drop_after,
    q.settings[3] as start_offset,
    q.settings[4] as end_offset,
    case
        when coalesce(s.next_start, j.next_start) between '1970-01-01' and '9999-01-01'
            then coalesce(s.next_start, j.next_start)
    end as next_start,
    case when isfinite(s.last_run_started_at) then s.last_run_started_at end as last_start,
    case when isfinite(s.last_run_started_at) then s.last_run_started_at + s.last_run_duration end as last_finish,
    s.last_run_status as last_status,
    s.total_runs as runs,
    s.total_successes as successes,
    s.total_failures as failures
from timescaledb_information.jobs as j
left join timescaledb_information.job_stats as s on s.job_id = j.job_id
cross join lateral (
    select
        j.proc_schema in ('_timescaledb_functions', '_timescaledb_internal') as ours,
        array(
            select
                case
                    when j.proc_schema not in ('_timescaledb_functions', '_timescaledb_internal') then null
                    when jsonb_typeof(j.config -> setting.name) = 'number' then j.config ->> setting.name
                    when jsonb_typeof(j.config -> setting.name) <> 'string' then null
                    when not pg_input_is_valid(j.config ->> setting.name, 'interval') then null
                    when abs(extract(epoch from (j.config ->> setting.name)::interval)) < 1e11
                        then extract(epoch from now() - (now() - (j.config ->> setting.name)::interval)) || ' seconds'
                end
            from unnest(array['compress_after', 'drop_after', 'start_offset', 'end_offset'])
            with ordinality as setting (name, place)
            order by setting.place
        ) as settings
) as q
order by j.job_id
