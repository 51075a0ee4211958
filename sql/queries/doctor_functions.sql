-- Which functions run with their owner's rights without a fixed search_path, or for everybody?
-- A caller could put a table of his own before the one the function means. No row is a sound posture.
select
    p.oid::regprocedure::text as name,
    f.problem
from pg_catalog.pg_proc as p
cross join lateral (
    values
    (
        'no_search_path',
        not exists (
            select true
            from unnest(p.proconfig) as s (setting)
            where s.setting like 'search_path=%'
        )
    ),
    (
        'search_path_without_pg_temp',
        exists (
            select true
            from unnest(p.proconfig) as s (setting)
            where s.setting like 'search_path=%' and s.setting !~ 'pg_temp"?$'
        )
    ),
    (
        'public_may_execute',
        has_schema_privilege('public', p.pronamespace, 'usage') and has_function_privilege('public', p.oid, 'execute')
    )
) as f (problem, is_so)
where
    p.prosecdef
    and f.is_so
    and p.pronamespace in (
        select n.oid
        from pg_catalog.pg_namespace as n
        where n.nspname in ('public', 'supra', 'search', 'timeseries')
    )
    and not exists (
        select true
        from pg_catalog.pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
order by 1, 2
