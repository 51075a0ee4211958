-- What a DBA does to the time series, and sees of them, without a right on the schema timeseries.
--
-- Each function here runs with the rights of the hypertables' owner (supra_jobs on TimescaleDB Community), asks whether
-- session_user is a member of supra_dba, and touches what that owner owns and nothing else. What is done to a chunk or
-- a job is recorded as an event in the same transaction, so that nobody does it unseen. On the Apache edition they are
-- there and say that it has none of this. May run again at any time.
--
--   42501  the caller is no DBA, or no tenant is bound that the event could be recorded for
--   0A000  this edition of TimescaleDB has no compression, policies or aggregates
--   SU001  the chunk, job or aggregate is gone
--   SU002  it is already as it is wanted
--   SU003  it belongs to somebody else

-- Who may --------------------------------------------------------------------------------------------------------------

-- Refuses everybody but a DBA, and an edition that has none of this.
create or replace function supra.authorize_timeseries() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not pg_has_role(session_user, 'supra_dba', 'member') then
        raise exception 'only a DBA may do this' using errcode = 'insufficient_privilege';
    end if;
    if coalesce(current_setting('timescaledb.license', true), '') <> 'timescale' then
        raise exception 'this needs the community edition of TimescaleDB' using errcode = 'feature_not_supported';
    end if;
end
$$;

-- What is there --------------------------------------------------------------------------------------------------------

-- The last 500 runs of the owner's jobs, newest first. TimescaleDB shows them to members of that role alone.
create or replace function supra.job_runs()
returns table (
    job_id integer, started timestamptz, finished timestamptz, succeeded boolean, sqlstate text, message text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform supra.authorize_timeseries();
    return query
    select h.job_id, h.start_time, h.finish_time, h.succeeded, h.sqlerrcode, h.err_message
    from timescaledb_information.job_history as h
    order by h.start_time desc nulls last, h.id desc
    limit 500;
end
$$;

-- The newest moment in a hypertable of the owner's; null when it is empty or has no time. No index leads by time, so
-- the newest chunk with rows is read: whole where it is small, else its last 16 MB, where what came last lies.
create or replace function supra.newest_row(hypertable integer) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    chunk record;
    newest timestamptz;
    pages constant bigint := 2048;
begin
    for chunk in
        select
            c.schema_name,
            c.table_name,
            d.column_name,
            c.compressed_chunk_id is not null as compressed,
            pg_relation_size(r.oid) / current_setting('block_size')::bigint as pages
        from _timescaledb_catalog.chunk as c
        join _timescaledb_catalog.dimension as d on d.hypertable_id = c.hypertable_id and d.interval_length is not null
        join _timescaledb_catalog.dimension_slice as s on s.dimension_id = d.id
        join _timescaledb_catalog.chunk_constraint as k on k.chunk_id = c.id and k.dimension_slice_id = s.id
        join pg_namespace as n on n.nspname = c.schema_name
        join pg_class as r on r.relnamespace = n.oid and r.relname = c.table_name
        where c.hypertable_id = newest_row.hypertable
          and d.column_type = 'timestamptz'::regtype
          and r.relowner = current_user::regrole
        order by s.range_start desc
    loop
        execute format('select max(%I) from %I.%I', chunk.column_name, chunk.schema_name, chunk.table_name)
            || case when not chunk.compressed and chunk.pages > pages
                then format(' where ctid >= ''(%s,0)''', chunk.pages - pages) else '' end
        into newest;
        if newest is not null then
            return newest;
        end if;
    end loop;
    return null;
end
$$;

-- The width of an aggregate's bucket; TimescaleDB 2.26 reads it off the query instead of keeping it in a table.
create or replace function supra.bucket_of(aggregate integer) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    bucket text;
begin
    if to_regclass('_timescaledb_catalog.continuous_aggs_bucket_function') is not null then
        select f.bucket_width into bucket
        from _timescaledb_catalog.continuous_aggs_bucket_function as f
        where f.mat_hypertable_id = aggregate;
    else
        select f.bucket_width into bucket
        from _timescaledb_functions.cagg_get_bucket_function_info(aggregate) as f;
    end if;
    return bucket;
end
$$;

-- The owner's continuous aggregates. TimescaleDB's own view of them fails for who has no right on them.
create or replace function supra.continuous_aggregates_state()
returns table (
    mat_hypertable_id integer, raw_hypertable_id integer, bucket text,
    watermark timestamptz, newest timestamptz, materialized_only boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- TimescaleDB's beginning of time: nothing is materialized yet
    never constant bigint := -210866803200000000;
begin
    perform supra.authorize_timeseries();
    return query
    select
        a.mat_hypertable_id,
        a.raw_hypertable_id,
        supra.bucket_of(a.mat_hypertable_id),
        case when d.column_type = 'timestamptz'::regtype and w.watermark > never
            then _timescaledb_functions.to_timestamp(w.watermark)
        end,
        supra.newest_row(a.raw_hypertable_id),
        a.materialized_only
    from _timescaledb_catalog.continuous_agg as a
    join _timescaledb_catalog.hypertable as h on h.id = a.mat_hypertable_id
    join pg_namespace as n on n.nspname = h.schema_name
    join pg_class as c on c.relnamespace = n.oid and c.relname = h.table_name
    join _timescaledb_catalog.dimension as d on d.hypertable_id = h.id and d.interval_length is not null
    left join _timescaledb_catalog.continuous_aggs_watermark as w on w.mat_hypertable_id = a.mat_hypertable_id
    where c.relowner = current_user::regrole
    order by a.mat_hypertable_id;
end
$$;

-- How many rows of a compressed chunk came after its compression and wait outside it; 0 of one that is not compressed,
-- null of one that is not the owner's. Counts to a million and no further.
create or replace function supra.late_rows(chunk_schema name, chunk_name name) returns bigint
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    late bigint;
    compressed boolean;
begin
    perform supra.authorize_timeseries();
    select c.compressed_chunk_id is not null
    into compressed
    from _timescaledb_catalog.chunk as c
    join pg_namespace as n on n.nspname = c.schema_name
    join pg_class as r on r.relnamespace = n.oid and r.relname = c.table_name
    where c.schema_name = late_rows.chunk_schema
      and c.table_name = late_rows.chunk_name
      and r.relowner = current_user::regrole;
    if not compressed then
        return 0;
    end if;
    if compressed then
        execute format(
            'select count(*) from (select from only %I.%I limit 1000000) as late', chunk_schema, chunk_name
        ) into late;
    end if;
    return late;
end
$$;

-- Whose they are -------------------------------------------------------------------------------------------------------

do $$
declare
    owner constant regrole := (select relowner from pg_catalog.pg_class where oid = 'timeseries.meter_readings'::regclass);
    target regprocedure;
begin
    foreach target in array array[
        'supra.authorize_timeseries()', 'supra.newest_row(integer)', 'supra.bucket_of(integer)',
        'supra.job_runs()', 'supra.continuous_aggregates_state()', 'supra.late_rows(name, name)'
    ]::regprocedure[] loop
        execute format('alter function %s owner to %s', target, owner);
        execute format('revoke all on function %s from public', target);
        if (select prosecdef from pg_catalog.pg_proc where oid = target) then
            execute format('grant execute on function %s to supra_dba', target);
        end if;
    end loop;
end
$$;
