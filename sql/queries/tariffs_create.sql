-- A new draft in the bound tenant; the database keeps who drafted it.
--
-- Parameters: the columns of its content; blocks and additional_concepts as jsonb text. Cost: about 1 ms.
insert into tariff_schedules (
    tenant_id, explotacion_id, name, category, effective_from, effective_until, billing_period, rating_mode, blocks,
    additional_concepts, iva_applicable, iva_rate, social_discount_pct, gazette_reference, replaces_id
)
values (
    supra.current_tenant(), %(explotacion_id)s, %(name)s, %(category)s, %(effective_from)s, %(effective_until)s,
    %(billing_period)s, %(rating_mode)s, %(blocks)s::jsonb, %(additional_concepts)s::jsonb, %(iva_applicable)s,
    %(iva_rate)s, %(social_discount_pct)s, %(gazette_reference)s, %(replaces_id)s
)
returning id
