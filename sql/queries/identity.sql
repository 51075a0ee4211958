-- Who is signed in: the users row behind the login role, and its tenant.
-- enabled is null for a role without a row; the other columns are then null too.
-- Needs no tenant to be bound: a person's own row is found by the role signed in with.
select
    supra.current_user_enabled() as enabled,
    u.id as user_id,
    u.name,
    u.role,
    t.id as tenant_id,
    t.slug as tenant_slug,
    t.name as tenant_name
from (values (supra.current_user_id())) as me (id)
left join public.users as u on u.id = me.id
left join public.tenants as t on t.id = u.tenant_id
