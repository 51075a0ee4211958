-- What is this login role, before anything of SUPRA is asked?
-- Runs first, on any server and in any database, whether SUPRA's schema is there or not.
-- above_isolation names why the role must not be used: superuser, BYPASSRLS, or membership in a role
-- that owns tables, hypertables or the functions that see past row security.
select
    session_user::text as login,
    current_database()::text as database,
    current_setting('server_version_num')::integer as server_version_num,
    split_part(current_setting('server_version'), ' ', 1) as server_version,
    (
        select string_agg(r.rolname::text, ', ' order by r.rolname)
        from pg_catalog.pg_roles as r
        where
            pg_catalog.pg_has_role(session_user, r.oid, 'member')
            and (
                r.rolsuper
                or r.rolbypassrls
                or r.rolname in ('supra_owner', 'supra_guard', 'supra_timeseries', 'supra_search', 'supra_jobs')
            )
    ) as above_isolation,
    array(
        select r.rolname::text
        from pg_catalog.pg_roles as r
        where
            r.rolname in ('supra_readonly', 'supra_operator', 'supra_supervisor', 'supra_dba', 'supra_app')
            and pg_catalog.pg_has_role(session_user, r.oid, 'member')
        order by r.rolname
    ) as groups,
    'current_user_enabled' in (
        select p.proname
        from pg_catalog.pg_proc as p
        inner join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'supra'
    ) as has_schema
