-- Are the roles what the installer made them? problem is a code: missing, may_login, superuser,
-- bypasses_isolation, owner_member (a login role that is above isolation and in a group of people).
with
expected (name, sees_all_rows) as (
    values
    ('supra_owner', false),
    ('supra_guard', true),
    ('supra_timeseries', false),
    ('supra_search', true),
    ('supra_readonly', false),
    ('supra_operator', false),
    ('supra_supervisor', false),
    ('supra_dba', false),
    ('supra_app', false)
)

select
    e.name,
    f.problem
from expected as e
left join pg_catalog.pg_roles as r on r.rolname = e.name
cross join lateral (
    values
    ('missing', r.oid is null),
    ('may_login', r.rolcanlogin and e.name <> 'supra_app'),
    ('superuser', r.rolsuper),
    ('bypasses_isolation', r.rolbypassrls and not e.sees_all_rows)
) as f (problem, is_so)
where f.is_so
union all
select
    r.rolname::text as name,
    'owner_member' as problem
from pg_catalog.pg_roles as r
where
    r.rolcanlogin
    and not r.rolsuper
    and exists (
        select true
        from pg_catalog.pg_roles as g
        where g.rolname in ('supra_readonly', 'supra_app') and pg_has_role(r.oid, g.oid, 'member')
    )
    and (
        r.rolbypassrls
        or exists (
            select true
            from pg_catalog.pg_roles as g
            where
                g.rolname in ('supra_owner', 'supra_guard', 'supra_timeseries', 'supra_search', 'supra_jobs')
                and pg_has_role(r.oid, g.oid, 'member')
        )
    )
order by 1, 2
