-- The first configuration of an explotación: one document written, the others empty; no row if there is one already.
--
-- Parameters: explotacion_id and the eight documents as jsonb text, null for those on their defaults. Cost: about 1 ms.
insert into explotacion_configs (
    tenant_id, explotacion_id, billing, collections, estimation, notifications, cutoff, digital, fiscal, quality
)
values (
    supra.current_tenant(),
    %(explotacion_id)s,
    coalesce(%(billing)s::jsonb, '{}'),
    coalesce(%(collections)s::jsonb, '{}'),
    coalesce(%(estimation)s::jsonb, '{}'),
    coalesce(%(notifications)s::jsonb, '{}'),
    coalesce(%(cutoff)s::jsonb, '{}'),
    coalesce(%(digital)s::jsonb, '{}'),
    coalesce(%(fiscal)s::jsonb, '{}'),
    coalesce(%(quality)s::jsonb, '{}')
)
on conflict (tenant_id, explotacion_id) do nothing
returning id
