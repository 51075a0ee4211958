-- The content of a tariff that nobody changed since version %(version)s; no row if somebody did.
--
-- Parameters: tariff_id, version, the columns of its content, and replaces_id. Index: primary key. Cost: about 1 ms.
update tariff_schedules
set
    explotacion_id = %(explotacion_id)s,
    name = %(name)s,
    category = %(category)s,
    effective_from = %(effective_from)s,
    effective_until = %(effective_until)s,
    billing_period = %(billing_period)s,
    rating_mode = %(rating_mode)s,
    blocks = %(blocks)s::jsonb,
    additional_concepts = %(additional_concepts)s::jsonb,
    iva_applicable = %(iva_applicable)s,
    iva_rate = %(iva_rate)s,
    social_discount_pct = %(social_discount_pct)s,
    gazette_reference = %(gazette_reference)s,
    replaces_id = %(replaces_id)s
where id = %(tariff_id)s and version = %(version)s and not active
returning id
