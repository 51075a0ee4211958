-- Which tariffs are there, with all that is known of their approval?
--
-- One row for each, or those of %(ids)s alone. Days beyond the calendar of the console (infinity, the year 10000) come
-- as text beside an empty date, so that one such row does not take the others with it.
--
-- Parameters: ids (uuid[]; null: all). Indexes: the primary key for a few, none for all.
-- Cost: 0.1 s for the 210 tariffs of a utility with 400,000 accounts, most of it the hashes of their content.
select
    s.id,
    s.version,
    s.name,
    s.category,
    s.billing_period,
    s.explotacion_id,
    x.name as explotacion,
    x.municipality,
    case when s.effective_from between '0001-01-01' and '9999-12-31' then s.effective_from end as effective_from,
    s.effective_from::text as effective_from_text,
    case when s.effective_until between '0001-01-01' and '9999-12-31' then s.effective_until end as effective_until,
    s.effective_until::text as effective_until_text,
    s.active,
    s.rating_mode,
    s.blocks,
    s.additional_concepts,
    s.iva_applicable,
    s.iva_rate,
    s.social_discount_pct,
    s.approved_by,
    case when s.approval_date between '0001-01-01' and '9999-12-31' then s.approval_date end as approval_date,
    s.approval_date::text as approval_date_text,
    s.gazette_reference,
    s.replaces_id,
    s.drafters,
    (
        select array_agg(coalesce(u.name, d.id::text) order by d.place)
        from unnest(s.drafters) with ordinality as d (id, place)
        left join users as u on d.id = u.id
    ) as drafter_names,
    s.submitted_at,
    (select u.name from users as u where u.id = s.submitted_by) as submitted_by,
    s.approved_at,
    s.activated_at,
    -- what another program stored past the checks has no content to approve
    case
        when supra.are_tariff_blocks(s.blocks) and supra.are_tariff_concepts(s.additional_concepts)
            then supra.tariff_content_hash(s)
        else ''
    end as content_hash,
    r.content_hash as impact_hash,
    r.created_at as impact_at
from tariff_schedules as s
left join explotaciones as x on s.tenant_id = x.tenant_id and s.explotacion_id = x.id
left join lateral (
    select
        i.content_hash,
        i.created_at
    from tariff_impact_reports as i
    where i.tenant_id = s.tenant_id and i.tariff_id = s.id
    order by i.created_at desc
    limit 1
) as r on true
where s.id = any(%(ids)s::uuid[]) or %(ids)s::uuid[] is null
order by x.municipality nulls first, x.name, s.category, s.billing_period, s.effective_from, s.created_at, s.id
