-- What a DBA does to the time series, and sees of them, without a right on the schema timeseries.
--
-- Each function here runs with the rights of the hypertables' owner (supra_jobs on TimescaleDB Community), asks whether
-- session_user is a member of supra_dba, and touches what that owner owns and nothing else. What is done to a chunk or
-- a job is recorded as an event in the same transaction, so that nobody does it unseen. On the Apache edition they are
-- there and say that it has none of this. May run again at any time.
--
--   42501  the caller is no DBA, or no tenant is bound that the event could be recorded for
--   0A000  this edition of TimescaleDB has no compression, policies or aggregates
--   55000  the job is paused, or compression is off: that comes first
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
            c.chunk_schema,
            c.chunk_name,
            c.primary_dimension as column_name,
            c.is_compressed,
            pg_relation_size(r.oid) / current_setting('block_size')::bigint as pages
        from _timescaledb_catalog.hypertable as h
        join timescaledb_information.chunks as c
            on c.hypertable_schema = h.schema_name and c.hypertable_name = h.table_name
        join pg_namespace as n on n.nspname = c.chunk_schema
        join pg_class as r on r.relnamespace = n.oid and r.relname = c.chunk_name
        where h.id = newest_row.hypertable
          and c.primary_dimension_type = 'timestamptz'::regtype
          and r.relowner = current_user::regrole
        order by c.range_start desc
    loop
        execute format('select max(%I) from %I.%I', chunk.column_name, chunk.chunk_schema, chunk.chunk_name)
            || case when not chunk.is_compressed and chunk.pages > pages
                then format(' where ctid >= ''(%s,0)''', chunk.pages - pages) else '' end
        into newest;
        if newest is not null then
            return newest;
        end if;
    end loop;
    return null;
end
$$;

-- The width of an aggregate's bucket; newer versions read it off the query instead of keeping it in a table.
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
    select c.is_compressed
    into compressed
    from timescaledb_information.chunks as c
    join pg_namespace as n on n.nspname = c.chunk_schema
    join pg_class as r on r.relnamespace = n.oid and r.relname = c.chunk_name
    where c.chunk_schema = late_rows.chunk_schema
      and c.chunk_name = late_rows.chunk_name
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

-- Chunks ---------------------------------------------------------------------------------------------------------------

-- How many bytes a chunk takes, its compressed part included, which newer versions name in the settings. TimescaleDB's
-- own function measures all chunks of a hypertable to tell of one.
create or replace function supra.chunk_bytes(relation regclass) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    part oid;
begin
    if exists (
        select from pg_attribute as a
        where a.attrelid = '_timescaledb_catalog.compression_settings'::regclass and a.attname = 'compress_relid'
    ) then
        select s.compress_relid
        into part
        from _timescaledb_catalog.compression_settings as s
        where s.relid = relation;
    else
        select format('%I.%I', compressed.schema_name, compressed.table_name)::regclass
        into part
        from _timescaledb_catalog.chunk as c
        join _timescaledb_catalog.chunk as compressed on compressed.id = c.compressed_chunk_id
        where format('%I.%I', c.schema_name, c.table_name)::regclass = relation;
    end if;
    return pg_total_relation_size(relation) + coalesce(pg_total_relation_size(part), 0);
end
$$;

-- Finds a chunk of the owner's and holds it: nobody else compresses, drops or vacuums it meanwhile, while everybody
-- may read and write. What is said of it holds until the transaction ends.
create or replace function supra.hold_chunk(
    chunk_schema name, chunk_name name,
    out relation regclass, out hypertable regclass, out enabled boolean, out compressed boolean, out waiting boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    owner oid;
    status integer;
begin
    perform supra.authorize_timeseries();
    if current_setting('lock_timeout') in ('0', '0ms') then
        perform set_config('lock_timeout', '3s', true);
    end if;
    -- once to know whether it may be locked, once to know what it is while it is locked
    for attempt in 1..2 loop
        select r.oid, t.oid, r.relowner, h.compression_state = 1
        into relation, hypertable, owner, enabled
        from pg_class as r
        join pg_namespace as n on n.oid = r.relnamespace
        join pg_inherits as i on i.inhrelid = r.oid
        join pg_class as t on t.oid = i.inhparent
        join pg_namespace as tn on tn.oid = t.relnamespace
        join _timescaledb_catalog.hypertable as h
            on h.schema_name = tn.nspname and h.table_name = t.relname and h.compression_state <> 2
        where n.nspname = hold_chunk.chunk_schema
          and r.relname = hold_chunk.chunk_name;
        if relation is null then
            raise exception 'there is no such chunk' using errcode = 'SU001';
        end if;
        if owner <> current_user::regrole then
            raise exception 'the chunk belongs to somebody else' using errcode = 'SU003';
        end if;
        continue when attempt = 2;
        begin
            execute format('lock table only %I.%I in share update exclusive mode', chunk_schema, chunk_name);
        exception
            when undefined_table then
                raise exception 'there is no such chunk' using errcode = 'SU001';
        end;
    end loop;
    status := _timescaledb_functions.chunk_status(relation);
    compressed := status & 1 <> 0;
    waiting := status & 10 <> 0;  -- rows came late: out of order (2), or outside the compressed part (8)
end
$$;

-- Writes down what was done to a chunk, job or aggregate: in the utility the DBA works in, since time series are of all.
create or replace function supra.record_operation(event_type text, thing text, name text, payload jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform supra.record_event(
        event_type, thing,
        public.uuid_generate_v5(public.uuid_ns_oid(), thing || ':' || name),
        jsonb_build_object(thing, name) || jsonb_strip_nulls(payload)
    );
end
$$;

-- Compresses a chunk; returns its bytes before and after. SU002 if it is compressed, 55000 if its table is not to be.
create or replace function supra.compress_chunk(
    chunk_schema name, chunk_name name, out bytes_before bigint, out bytes_after bigint
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    chunk record;
begin
    chunk := supra.hold_chunk(chunk_schema, chunk_name);
    if chunk.compressed then
        raise exception 'the chunk is compressed already' using errcode = 'SU002';
    end if;
    if not chunk.enabled then
        raise exception 'compression is off for the table' using errcode = 'object_not_in_prerequisite_state';
    end if;
    bytes_before := supra.chunk_bytes(chunk.relation);
    perform public.compress_chunk(chunk.relation);
    bytes_after := supra.chunk_bytes(chunk.relation);
    perform supra.record_operation('chunk.compressed', 'chunk', chunk_schema || '.' || chunk_name, jsonb_build_object(
        'hypertable', chunk.hypertable::text, 'bytes_before', bytes_before, 'bytes_after', bytes_after
    ));
end
$$;

-- Decompresses a chunk; returns its bytes before and after. SU002 if it is not compressed.
create or replace function supra.decompress_chunk(
    chunk_schema name, chunk_name name, out bytes_before bigint, out bytes_after bigint
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    chunk record;
begin
    chunk := supra.hold_chunk(chunk_schema, chunk_name);
    if not chunk.compressed then
        raise exception 'the chunk is not compressed' using errcode = 'SU002';
    end if;
    bytes_before := supra.chunk_bytes(chunk.relation);
    perform public.decompress_chunk(chunk.relation);
    bytes_after := supra.chunk_bytes(chunk.relation);
    perform supra.record_operation('chunk.decompressed', 'chunk', chunk_schema || '.' || chunk_name, jsonb_build_object(
        'hypertable', chunk.hypertable::text, 'bytes_before', bytes_before, 'bytes_after', bytes_after
    ));
end
$$;

-- Takes rows that came late into the compressed part; a chunk that was compressed by other settings than its
-- hypertable has now is compressed anew. Returns its bytes before and after. SU002 if there is nothing to do, or if it
-- is not compressed at all.
create or replace function supra.recompress_chunk(
    chunk_schema name, chunk_name name, out bytes_before bigint, out bytes_after bigint
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    chunk record;
    outdated boolean;
begin
    chunk := supra.hold_chunk(chunk_schema, chunk_name);
    if not chunk.compressed then
        raise exception 'the chunk is not compressed' using errcode = 'SU002';
    end if;
    select (c.segmentby, c.orderby) is distinct from (h.segmentby, h.orderby)
    into outdated
    from timescaledb_information.chunk_compression_settings as c
    join timescaledb_information.hypertable_compression_settings as h on h.hypertable = c.hypertable
    where c.chunk = chunk.relation;
    if not chunk.waiting and not coalesce(outdated, false) then
        raise exception 'no row came since the chunk was compressed' using errcode = 'SU002';
    end if;
    bytes_before := supra.chunk_bytes(chunk.relation);
    perform public.compress_chunk(chunk.relation, recompress => coalesce(outdated, false));
    bytes_after := supra.chunk_bytes(chunk.relation);
    perform supra.record_operation('chunk.recompressed', 'chunk', chunk_schema || '.' || chunk_name, jsonb_build_object(
        'hypertable', chunk.hypertable::text, 'bytes_before', bytes_before, 'bytes_after', bytes_after
    ));
end
$$;

-- Jobs and aggregates --------------------------------------------------------------------------------------------------

-- Pauses or resumes a job, changes how often it runs or when next; null leaves as it is. SU002 if all is so already,
-- or the job to be started runs now; 55000 if it is paused and should start.
create or replace function supra.alter_timeseries_job(
    job integer, scheduled boolean default null, schedule_interval interval default null,
    next_start timestamptz default null
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    there record;
begin
    perform supra.authorize_timeseries();
    select j.owner::text::regrole as owner, j.scheduled, j.schedule_interval, s.job_status
    into there
    from timescaledb_information.jobs as j
    left join timescaledb_information.job_stats as s on s.job_id = j.job_id
    where j.job_id = job;
    if there.owner is null then
        raise exception 'there is no such job' using errcode = 'SU001';
    end if;
    if there.owner <> current_user::regrole then
        raise exception 'the job belongs to somebody else' using errcode = 'SU003';
    end if;
    if schedule_interval <= interval '0' or extract(epoch from schedule_interval) < 60 then
        raise exception 'a job runs once a minute at most' using errcode = 'invalid_parameter_value';
    end if;
    if extract(epoch from schedule_interval) > extract(epoch from interval '366 days') then
        raise exception 'a job runs once a year at least' using errcode = 'invalid_parameter_value';
    end if;
    if next_start not between timestamptz '1970-01-01 00:00Z' and now() + interval '366 days' then
        raise exception 'the next start must be within a year' using errcode = 'invalid_parameter_value';
    end if;
    if next_start is not null and not coalesce(alter_timeseries_job.scheduled, there.scheduled) then
        raise exception 'the job is paused' using errcode = 'object_not_in_prerequisite_state';
    end if;
    if next_start <= now() and there.job_status = 'Running' then
        raise exception 'the job runs already' using errcode = 'SU002';
    end if;
    if next_start is null
       and coalesce(alter_timeseries_job.scheduled, there.scheduled) = there.scheduled
       and coalesce(alter_timeseries_job.schedule_interval, there.schedule_interval) = there.schedule_interval
    then
        raise exception 'the job is so already' using errcode = 'SU002';
    end if;
    perform public.alter_job(
        job,
        scheduled => alter_timeseries_job.scheduled,
        schedule_interval => alter_timeseries_job.schedule_interval,
        next_start => alter_timeseries_job.next_start
    );
    perform supra.record_operation('job.changed', 'job', job::text, jsonb_build_object(
        'scheduled', alter_timeseries_job.scheduled,
        'schedule_interval', alter_timeseries_job.schedule_interval,
        'next_start', alter_timeseries_job.next_start
    ));
end
$$;

-- What the job of supra.refresh_aggregate() does: it refreshes once and is gone; after three failures it is gone, too.
-- A refresh commits in between, so there can be no SECURITY DEFINER and no SET here: the job runs as its owner. Where
-- rows were dropped since it was asked for, it begins after them.
create or replace procedure supra.refresh_once(job_id integer, config jsonb)
language plpgsql
as $$
declare
    attempt integer := coalesce((config ->> 'attempt')::integer, 0) + 1;
    aggregate regclass;
    oldest timestamptz;
begin
    select
        c.oid,
        (
            select min(k.range_start)
            from _timescaledb_catalog.hypertable as h
            join timescaledb_information.chunks as k
                on k.hypertable_schema = h.schema_name and k.hypertable_name = h.table_name
            where h.id = a.raw_hypertable_id
        )
    into aggregate, oldest
    from _timescaledb_catalog.continuous_agg as a
    join pg_catalog.pg_namespace as n on n.nspname = a.user_view_schema
    join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = a.user_view_name
    where a.mat_hypertable_id = (config ->> 'aggregate')::integer;
    if aggregate is not null and oldest is not null and attempt <= 3 then
        perform public.alter_job(job_id, config => config || pg_catalog.jsonb_build_object('attempt', attempt));
        commit;
        call public.refresh_continuous_aggregate(
            aggregate, greatest((config ->> 'begins')::timestamptz, oldest), (config ->> 'ends')::timestamptz
        );
    end if;
    perform public.delete_job(job_id);
end
$$;

-- Has a range of an aggregate refreshed in the background; returns the job's id, which goes when it is done. An end
-- that is null is open. The range begins where the oldest chunk of the source does: of what was dropped before it the
-- aggregate is all that is left, and a refresh would delete that. SU002 if the same is waiting already.
create or replace function supra.refresh_aggregate(aggregate integer, begins timestamptz, ends timestamptz)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    wanted jsonb;
    oldest timestamptz;
    owner oid;
    name text;
    time_type regtype;
    job integer;
begin
    perform supra.authorize_timeseries();
    select c.relowner, a.user_view_schema || '.' || a.user_view_name, d.column_type
    into owner, name, time_type
    from _timescaledb_catalog.continuous_agg as a
    join pg_namespace as n on n.nspname = a.user_view_schema
    join pg_class as c on c.relnamespace = n.oid and c.relname = a.user_view_name
    join _timescaledb_catalog.dimension as d
        on d.hypertable_id = a.mat_hypertable_id and d.interval_length is not null
    where a.mat_hypertable_id = aggregate;
    if owner is null then
        raise exception 'there is no such aggregate' using errcode = 'SU001';
    end if;
    if owner <> current_user::regrole then
        raise exception 'the aggregate belongs to somebody else' using errcode = 'SU003';
    end if;
    if time_type <> 'timestamptz'::regtype then
        raise exception 'only aggregates by time with time zone' using errcode = 'feature_not_supported';
    end if;
    if begins >= ends or not isfinite(begins) or not isfinite(ends) then
        raise exception 'the range must begin before it ends' using errcode = 'invalid_parameter_value';
    end if;
    select min(c.range_start)
    into oldest
    from _timescaledb_catalog.continuous_agg as a
    join _timescaledb_catalog.hypertable as h on h.id = a.raw_hypertable_id
    join timescaledb_information.chunks as c
        on c.hypertable_schema = h.schema_name and c.hypertable_name = h.table_name
    where a.mat_hypertable_id = aggregate;
    if oldest is null or ends <= oldest then
        raise exception 'of that range no rows are left to make it of' using errcode = 'invalid_parameter_value';
    end if;
    begins := greatest(begins, oldest);
    wanted := jsonb_build_object('aggregate', aggregate, 'begins', begins, 'ends', ends);
    if exists (
        select from timescaledb_information.jobs as j
        where j.proc_schema = 'supra' and j.proc_name = 'refresh_once' and j.config - 'attempt' = wanted
    ) then
        raise exception 'this refresh is waiting already' using errcode = 'SU002';
    end if;
    job := public.add_job('supra.refresh_once'::regproc, interval '5 minutes', config => wanted);
    perform supra.record_operation('aggregate.refresh_asked', 'aggregate', name, jsonb_build_object(
        'job', job, 'begins', begins, 'ends', ends
    ));
    return job;
end
$$;

-- Compression on trial -------------------------------------------------------------------------------------------------

-- One part of an ORDER BY as SQL, its column checked against the relation's: `reading_date DESC NULLS LAST`.
create or replace function supra.checked_order(relation regclass, item text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    parts text[] := regexp_match(
        item, '^(.+?)(?:\s+(asc|desc))?(?:\s+nulls\s+(first|last))?$', 'is'
    );
begin
    return supra.checked_column(relation, parts[1])
        || coalesce(' ' || lower(parts[2]), '') || coalesce(' nulls ' || lower(parts[3]), '');
end
$$;

-- A name as SQL, if the relation has such a column.
create or replace function supra.checked_column(relation regclass, column_name text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from pg_attribute as a
        where a.attrelid = relation and a.attname = column_name and a.attnum > 0 and not a.attisdropped
    ) then
        raise exception 'the table has no such column' using errcode = 'undefined_column';
    end if;
    return quote_ident(column_name);
end
$$;

-- What is asked of a table, as format() has it: %1$s is the table, the rest the values of some row's columns.
create or replace function supra.trial_queries(hypertable text)
returns table (query text, columns text[], statement text)
language sql immutable
set search_path = pg_catalog, pg_temp
begin atomic
    select q.query, q.columns, q.statement
    from (values
        (
            'timeseries.meter_readings', 'last_12_readings', array['tenant_id', 'meter_id'],
            'select * from %1$s where tenant_id = %2$L and meter_id = %3$L order by reading_date desc limit 12'
        ),
        (
            'timeseries.meter_readings', 'readings_of_toma', array['tenant_id', 'toma_id'],
            'select * from %1$s where tenant_id = %2$L and toma_id = %3$L order by reading_date desc limit 12'
        ),
        (
            'timeseries.meter_readings', 'sector_by_day', array['tenant_id', 'sector_id'],
            'select public.time_bucket(interval ''1 day'', reading_date, ''America/Mexico_City''), sum(consumption) '
            'from %1$s where tenant_id = %2$L and sector_id = %3$L and status = ''valid'' group by 1'
        ),
        (
            'timeseries.domain_events', 'history', array['tenant_id', 'aggregate_type', 'aggregate_id'],
            'select * from %1$s where tenant_id = %2$L and aggregate_type = %3$L and aggregate_id = %4$L '
            'order by created_at desc limit 50'
        ),
        (
            'timeseries.domain_events', 'last_of_a_type', array['tenant_id', 'event_type'],
            'select * from %1$s where tenant_id = %2$L and event_type = %3$L order by created_at desc limit 50'
        ),
        (
            'timeseries.daily_consumption', 'toma_by_day', array['tenant_id', 'toma_id'],
            'select * from %1$s where tenant_id = %2$L and toma_id = %3$L order by day desc limit 31'
        ),
        (
            'timeseries.daily_consumption', 'sector_by_day', array['tenant_id', 'sector_id'],
            'select day, sum(total_consumption) from %1$s where tenant_id = %2$L and sector_id = %3$L group by day'
        )
    ) as q (of_table, query, columns, statement)
    where q.of_table = trial_queries.hypertable;
end;

-- How many milliseconds the queries of a table take on another with the same columns: the median over some of its
-- rows. Each is asked four times: first so that what it reads is in memory, then for the best of three, since whatever
-- else the server does meanwhile can only make it slower.
create or replace function supra.timed_queries(hypertable text, scratch text) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    asked record;
    probe text[];
    plan json;
    took double precision;
    times double precision[];
    medians jsonb := '{}';
begin
    for asked in select q.query, q.columns, q.statement from supra.trial_queries(hypertable) as q loop
        times := '{}';
        for probe in execute format(
            'select array[%s] from %s order by random() limit 9',
            (select string_agg(format('%I::text', c.name), ', ') from unnest(asked.columns) as c (name)), scratch
        ) loop
            took := 'infinity';
            for attempt in 1..4 loop
                execute 'explain (analyze, timing off, format json) '
                    || format(asked.statement, variadic scratch || probe)
                into plan;
                if attempt > 1 then
                    took := least(took, (plan -> 0 ->> 'Execution Time')::double precision);
                end if;
            end loop;
            times := times || took;
        end loop;
        medians := medians || jsonb_build_object(asked.query, (
            select round(percentile_cont(0.5) within group (order by t.ms)::numeric, 3) from unnest(times) as t (ms)
        ));
    end loop;
    return medians;
end
$$;

-- What a chunk of the owner's would take if it were compressed by other settings, and what our queries of its table
-- would cost. The copy is made in the schema `trial` and inside a savepoint that is always rolled back: whatever
-- happens, nobody ever finds anything there. Of a chunk with more rows than max_rows, rows that have the same value in
-- the column `together` are copied all or none.
create or replace function supra.try_compression(
    chunk_schema name, chunk_name name, segmentby text[], orderby text[], max_rows integer default 200000,
    together text default null,
    out rows bigint, out sampled boolean, out bytes_before bigint, out bytes_after bigint, out batches bigint,
    out latencies jsonb
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set client_min_messages = error
as $$
declare
    source record;
    scratch constant text := format('trial.copy_%s', pg_backend_pid());
    columns text;
    segments text;
    orders text;
begin
    perform supra.authorize_timeseries();
    if max_rows is null or max_rows not between 100 and 1000000 then
        raise exception 'max_rows must be between 100 and 1000000' using errcode = 'invalid_parameter_value';
    end if;
    select r.oid::regclass as chunk, t.oid::regclass as hypertable, r.relowner as owner, d.column_name, d.column_type,
        coalesce(a.user_view_schema || '.' || a.user_view_name, h.schema_name || '.' || h.table_name) as known_as
    into source
    from pg_class as r
    join pg_namespace as n on n.oid = r.relnamespace
    join pg_inherits as i on i.inhrelid = r.oid
    join pg_class as t on t.oid = i.inhparent
    join pg_namespace as tn on tn.oid = t.relnamespace
    join _timescaledb_catalog.hypertable as h
        on h.schema_name = tn.nspname and h.table_name = t.relname and h.compression_state <> 2
    join _timescaledb_catalog.dimension as d on d.hypertable_id = h.id and d.interval_length is not null
    left join _timescaledb_catalog.continuous_agg as a on a.mat_hypertable_id = h.id
    where n.nspname = try_compression.chunk_schema
      and r.relname = try_compression.chunk_name;
    if source.chunk is null then
        raise exception 'there is no such chunk' using errcode = 'SU001';
    end if;
    if source.owner <> current_user::regrole then
        raise exception 'the chunk belongs to somebody else' using errcode = 'SU003';
    end if;
    if source.column_type not in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) then
        raise exception 'only tables whose time is a date or a moment' using errcode = 'feature_not_supported';
    end if;
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    into columns
    from pg_attribute as a
    where a.attrelid = source.hypertable and a.attnum > 0 and not a.attisdropped;
    select coalesce(string_agg(supra.checked_column(source.hypertable, s.name), ', ' order by s.place), '')
    into segments
    from unnest(segmentby) with ordinality as s (name, place);
    select string_agg(supra.checked_order(source.hypertable, o.item), ', ' order by o.place)
    into orders
    from unnest(orderby) with ordinality as o (item, place);
    if together is not null then
        together := supra.checked_column(source.hypertable, together);
    end if;

    begin
        execute format('create table %s (like %s including indexes)', scratch, source.hypertable);
        execute format(
            'select public.create_hypertable(%L, public.by_range(%L, interval ''1000 years''), '
            'create_default_indexes => false)', scratch, source.column_name
        );
        execute format('select count(*) from %s', source.chunk) into rows;
        sampled := rows > max_rows;
        execute format('insert into %s (%s) select %s from %s as copied', scratch, columns, columns, source.chunk)
            || case when sampled then format(
                ' where hashtextextended(%s::text, 0) & 65535 < %s', coalesce('copied.' || together, '(copied.*)'),
                (65536 * max_rows::numeric / rows)::integer
            ) else '' end;
        get diagnostics rows = row_count;
        execute format(
            'alter table %s set (timescaledb.compress, timescaledb.compress_segmentby = %L', scratch, segments
        ) || case when orders is null then ')' else format(', timescaledb.compress_orderby = %L)', orders) end;
        perform public.compress_chunk(chunk) from public.show_chunks(scratch) as chunk;
        -- as TimescaleDB itself reckons: what the rows took, and what their batches take
        select
            coalesce(sum(z.uncompressed_heap_size + z.uncompressed_toast_size + z.uncompressed_index_size), 0),
            coalesce(sum(z.compressed_heap_size + z.compressed_toast_size + z.compressed_index_size), 0),
            coalesce(sum(z.numrows_post_compression), 0)
        into bytes_before, bytes_after, batches
        from _timescaledb_catalog.compression_chunk_size as z
        join _timescaledb_catalog.chunk as c on c.id = z.chunk_id
        join _timescaledb_catalog.hypertable as h on h.id = c.hypertable_id
        where h.schema_name = 'trial'
          and h.table_name = split_part(scratch, '.', 2);
        execute format('analyze %s', scratch);
        latencies := supra.timed_queries(source.known_as, scratch);
        raise exception 'measured' using errcode = 'SU000';
    exception
        when sqlstate 'SU000' then null;
    end;
end
$$;

-- Whose they are -------------------------------------------------------------------------------------------------------

-- The owner's all; DBAs execute those that run with the owner's rights, and nobody else executes any.
do $$
declare
    owner constant regrole := (
        select c.relowner from pg_catalog.pg_class as c where c.oid = 'timeseries.meter_readings'::regclass
    );
    target record;
begin
    for target in
        select p.oid::regprocedure as routine, p.prosecdef as for_dbas
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'supra'::regnamespace
          and p.proname in (
              'authorize_timeseries', 'job_runs', 'newest_row', 'bucket_of', 'continuous_aggregates_state', 'late_rows',
              'chunk_bytes', 'hold_chunk', 'record_operation', 'compress_chunk', 'decompress_chunk', 'recompress_chunk',
              'alter_timeseries_job', 'refresh_once', 'refresh_aggregate', 'checked_order', 'checked_column',
              'trial_queries', 'timed_queries', 'try_compression'
          )
    loop
        execute format('alter routine %s owner to %s', target.routine, owner);
        execute format('revoke all on routine %s from public', target.routine);
        if target.for_dbas then
            execute format('grant execute on routine %s to supra_dba', target.routine);
        end if;
    end loop;

    -- TimescaleDB lets everybody add jobs, and with them hold the workers that the policies need.
    for target in
        select p.oid::regprocedure as routine
        from pg_catalog.pg_proc as p
        join pg_catalog.pg_depend as d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        join pg_catalog.pg_extension as e on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
        where e.extname = 'timescaledb' and p.proname = 'add_job'
    loop
        execute format('revoke execute on routine %s from public', target.routine);
        execute format('grant execute on routine %s to %s', target.routine, owner);
    end loop;

    -- What is done is recorded, and trials have a schema in which nothing ever stays.
    execute format('grant execute on function supra.record_event(text, text, uuid, jsonb) to %s', owner);
    if owner = to_regrole('supra_jobs') then
        create schema if not exists trial authorization supra_jobs;
        comment on schema trial is 'Compression on trial; always empty, since every trial is rolled back';
    end if;
end
$$;
