-- A document of an explotación whose configuration nobody changed since version %(version)s; no row if somebody did.
--
-- Parameters: explotacion_id, version, and the eight documents as jsonb text, null for those that stay as they are.
-- Index: explotacion_configs_tenant_id_explotacion_id_key. Cost: about 1 ms.
update explotacion_configs
set
    billing = coalesce(%(billing)s::jsonb, billing),
    collections = coalesce(%(collections)s::jsonb, collections),
    estimation = coalesce(%(estimation)s::jsonb, estimation),
    notifications = coalesce(%(notifications)s::jsonb, notifications),
    cutoff = coalesce(%(cutoff)s::jsonb, cutoff),
    digital = coalesce(%(digital)s::jsonb, digital),
    fiscal = coalesce(%(fiscal)s::jsonb, fiscal),
    quality = coalesce(%(quality)s::jsonb, quality)
where tenant_id = supra.current_tenant() and explotacion_id = %(explotacion_id)s and version = %(version)s
returning id
