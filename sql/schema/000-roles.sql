-- Roles of the cluster. Shared by all its databases, so this file may run any number of times,
-- and changes nothing where nothing has to change.
--
--   supra_owner        owns tables and functions; nobody signs in as it
--   supra_guard        owns the few functions that must see past row security: who is signed in,
--                      which tenant that is, what has been paid of an invoice
--   supra_timeseries   owns the tenant views over the hypertables
--   supra_search       owns the search functions
--   supra_readonly < supra_operator < supra_supervisor < supra_dba
--                      groups for people; a person's own login role is a member of one of them
--   supra_app          the service; gets LOGIN and a password from the deployment

do $$
declare
    wanted record;
begin
    for wanted in
        select *
        from (values
            ('supra_owner', false),
            ('supra_guard', true),
            ('supra_timeseries', false),
            ('supra_search', true),
            ('supra_readonly', false),
            ('supra_operator', false),
            ('supra_supervisor', false),
            ('supra_dba', false),
            ('supra_app', false)
        ) as roles (name, sees_all_rows)
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
            begin
                execute format('create role %I nologin', wanted.name);
            exception
                -- another database of the cluster is being set up at this moment
                when duplicate_object or unique_violation then null;
            end;
        end if;
        if wanted.name <> 'supra_app' and exists (
            select from pg_catalog.pg_roles
            where rolname = wanted.name
              and (rolcanlogin or rolsuper or rolcreaterole or rolcreatedb
                   or rolbypassrls <> wanted.sees_all_rows)
        ) then
            execute format(
                'alter role %I nologin nosuperuser nocreaterole nocreatedb %s',
                wanted.name,
                case when wanted.sees_all_rows then 'bypassrls' else 'nobypassrls' end
            );
        end if;
    end loop;

    for wanted in
        select *
        from (values
            ('supra_readonly', 'supra_operator'),
            ('supra_operator', 'supra_supervisor'),
            ('supra_supervisor', 'supra_dba')
        ) as memberships (granted, member)
    loop
        if not exists (
            select
            from pg_catalog.pg_auth_members as m
            where m.roleid = wanted.granted::regrole
              and m.member = wanted.member::regrole
        ) then
            execute format('grant %I to %I', wanted.granted, wanted.member);
        end if;
    end loop;
end
$$;
