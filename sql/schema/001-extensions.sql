-- Extensions, schemas, and the helper functions every later file builds on.

create extension if not exists "uuid-ossp";
create extension if not exists pgcrypto;
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists fuzzystrmatch;
create extension if not exists btree_gist;
create extension if not exists postgis;
create extension if not exists vector;
create extension if not exists timescaledb;

-- pg_cron lives in one database of the cluster and needs to be preloaded; it is optional.
do $$
begin
    if current_setting('shared_preload_libraries') ~ '(^|[,\s"])pg_cron([,\s"]|$)'
       and current_setting('cron.database_name', true) = current_database()
    then
        create extension if not exists pg_cron;
    end if;
end
$$;

create schema if not exists supra authorization supra_owner;
create schema if not exists timeseries authorization supra_owner;
create schema if not exists search authorization supra_owner;

comment on schema supra is 'Functions of SUPRA';
comment on schema timeseries is 'Hypertables and their aggregates; reached through the tenant views in public only';
comment on schema search is 'Search support; reached through supra.account_search only';

revoke all on schema supra, timeseries, search from public;
revoke create on schema public from public;
grant usage on schema public, supra
    to supra_owner, supra_guard, supra_timeseries, supra_search, supra_readonly, supra_app;
grant usage on schema timeseries to supra_timeseries;
grant usage on schema search to supra_search;

-- Text a person reads is sorted the way a Mexican reader expects.
create collation if not exists supra.es_mx (provider = icu, locale = 'es-MX');

-- Who is signed in ---------------------------------------------------------------------------

-- The tenant whose rows this session may touch; null means none at all.
-- A person belongs to the tenant of the users row that names the login role. Only members of
-- supra_dba and supra_app may choose another by app.current_tenant: any role can SET it.
-- After SET LOCAL ends, a setting is '' and not null.
create or replace function supra.current_tenant() returns uuid
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    chosen text := nullif(pg_catalog.current_setting('app.current_tenant', true), '');
    own uuid;
    enabled boolean;
begin
    select u.tenant_id, u.active
    into own, enabled
    from public.users as u
    where u.db_role = session_user::text;

    if not enabled then
        return null;
    end if;
    if chosen is not null
       and (pg_catalog.pg_has_role(session_user, 'supra_dba', 'member')
            or pg_catalog.pg_has_role(session_user, 'supra_app', 'member'))
    then
        return chosen::uuid;
    end if;
    return own;
end
$$;

-- The users row behind this session. The service acts for the user it names in app.user_id.
create or replace function supra.current_user_id() returns uuid
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    own uuid;
begin
    select u.id
    into own
    from public.users as u
    where u.db_role = session_user::text
      and u.active;

    if own is null and pg_catalog.pg_has_role(session_user, 'supra_app', 'member') then
        return nullif(pg_catalog.current_setting('app.user_id', true), '')::uuid;
    end if;
    return own;
end
$$;

-- Whether the login role has a users row and may work: null without one, false when it is switched
-- off. A disabled user sees no row, not even the own, so the row itself cannot tell the two apart.
create or replace function supra.current_user_enabled() returns boolean
language plpgsql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select u.active
        from public.users as u
        where u.db_role = session_user::text
    );
end
$$;

-- The tenants a DBA or the service may choose from; nobody else sees a row.
create or replace function supra.choosable_tenants()
returns table (id uuid, slug text, name text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_catalog.pg_has_role(session_user, 'supra_dba', 'member')
       or pg_catalog.pg_has_role(session_user, 'supra_app', 'member')
    then
        return query
        select t.id, t.slug::text, t.name::text
        from public.tenants as t
        where t.active
        order by t.name;
    end if;
end
$$;

alter function supra.current_tenant() owner to supra_guard;
alter function supra.current_user_id() owner to supra_guard;
alter function supra.current_user_enabled() owner to supra_guard;
alter function supra.choosable_tenants() owner to supra_guard;

revoke all on function
    supra.current_tenant(), supra.current_user_id(), supra.current_user_enabled(), supra.choosable_tenants()
    from public;
grant execute on function supra.current_tenant(), supra.current_user_id(), supra.current_user_enabled()
    to supra_owner, supra_timeseries, supra_search, supra_readonly, supra_app;
grant execute on function supra.choosable_tenants() to supra_dba, supra_app;

-- Isolation of one table -----------------------------------------------------------------------

-- Puts a table with a tenant_id (or the table of tenants itself) behind row security.
-- The sub-select in the policy makes PostgreSQL ask for the tenant once per statement, not per row.
create or replace function supra.isolate(target regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key_column text := case when target = 'public.tenants'::regclass then 'id' else 'tenant_id' end;
    own_rows text := format('(%I = (select supra.current_tenant()))', key_column);
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('drop policy if exists tenant_isolation on %s', target);
    execute format(
        'create policy tenant_isolation on %s using %s with check %s', target, own_rows, own_rows
    );
end
$$;

-- Editable rows ----------------------------------------------------------------------------------

-- Every change moves updated_at and the version that optimistic locking compares.
create or replace function supra.touch_row() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := now();
    new.version := old.version + 1;
    return new;
end
$$;

-- Text -------------------------------------------------------------------------------------------

-- Text as it is compared: one code point per letter, without accents, in lower case. unaccent is
-- only STABLE because its dictionary could change; ours does not, so indexes may rest on this.
create or replace function supra.plain(value text) returns text
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return lower(public.unaccent(
    'public.unaccent'::regdictionary,
    -- looking costs a third of normalising
    case when value is nfc normalized then value else normalize(value, nfc) end
));

-- Documents --------------------------------------------------------------------------------------

-- Whether a document is a list with objects in it and nothing else; an empty list is one.
create or replace function supra.is_list_of_objects(document jsonb) returns boolean
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return case
    when jsonb_typeof(document) <> 'array' then false
    else not jsonb_path_exists(document, 'strict $[*] ? (@.type() != "object")')
end;

grant execute on function supra.plain(text), supra.is_list_of_objects(jsonb)
    to supra_owner, supra_guard, supra_timeseries, supra_search, supra_readonly, supra_app;
revoke all on function
    supra.isolate(regclass), supra.touch_row(), supra.plain(text), supra.is_list_of_objects(jsonb)
    from public;

-- What this server has ---------------------------------------------------------------------------

-- One row per thing the console may rely on. note tells why something is missing or which edition
-- of it runs.
create or replace view supra.features as
with
server as (
    select
        current_setting('server_version') as version,
        current_setting('timescaledb.license', true) as timescale_licence
),
extensions (name) as (
    values
        ('uuid-ossp'), ('pgcrypto'), ('pg_trgm'), ('unaccent'), ('fuzzystrmatch'), ('btree_gist'),
        ('postgis'), ('vector'), ('timescaledb'), ('pg_cron')
)
select
    'postgresql' as feature,
    true as available,
    s.version,
    null::text as note
from server as s
union all
select
    wanted.name,
    e.extname is not null,
    e.extversion,
    case
        when e.extname is null and a.name is null then 'not installed on the server'
        when e.extname is null then 'installed on the server, not created in this database'
        when wanted.name = 'timescaledb' and s.timescale_licence = 'timescale' then 'community edition'
        when wanted.name = 'timescaledb' then 'apache edition'
    end
from extensions as wanted
cross join server as s
left join pg_catalog.pg_extension as e on e.extname = wanted.name
left join pg_catalog.pg_available_extensions as a on a.name = wanted.name
union all
select
    community.feature,
    coalesce(s.timescale_licence = 'timescale', false),
    null,
    case
        when s.timescale_licence = 'timescale' then null
        else 'needs the community edition of TimescaleDB'
    end
from server as s
cross join (values ('compression'), ('policies'), ('continuous_aggregates')) as community (feature);

grant select on supra.features to supra_readonly, supra_app;
