-- Whom does each tariff of a package price, and which price does it take the place of? One row for each explotación.
--
-- The old price is the tariff named in replaces_id; else the active one of the series that covers the first day, else
-- the latest before. A municipality's first tariff of its own takes the place of the one for all. A tariff for all
-- leaves out the explotaciones that have one of their own, in the package or active.
--
-- Not ratable are documents of another shape, and, old or new, more than the 50 concepts a tariff may have: the rating
-- nests a query for each, until the parser's memory ends.
--
-- Parameters: ids (uuid[]). Indexes: the primary key; idx_tariffs_active. Cost: 1 ms a row.
with package as (
    select
        s.id,
        s.explotacion_id,
        s.name,
        s.category,
        s.billing_period,
        s.effective_from,
        s.replaces_id,
        s.additional_concepts,
        case
            when supra.are_tariff_blocks(s.blocks) and supra.are_tariff_concepts(s.additional_concepts)
                then supra.tariff_content_hash(s)
            else ''
        end as content_hash
    from tariff_schedules as s
    where s.id = any(%(ids)s::uuid[])
)

select
    p.id as new_id,
    p.name,
    p.category,
    p.billing_period,
    p.content_hash,
    p.content_hash <> ''
    and not jsonb_path_exists(p.additional_concepts, '$[50]')
    and not coalesce(jsonb_path_exists(o.additional_concepts, '$[50]'), false) as ratable,
    p.explotacion_id is null as for_all,
    e.id as explotacion_id,
    e.municipality,
    o.id as old_id,
    o.name as old_name
from package as p
inner join explotaciones as e on p.explotacion_id = e.id or p.explotacion_id is null
left join lateral (
    select
        t.id,
        t.name,
        t.additional_concepts
    from tariff_schedules as t
    where
        t.id = p.replaces_id
        or (
            p.replaces_id is null
            and t.active
            and t.id <> p.id
            and t.category = p.category
            and t.billing_period = p.billing_period
            and (t.explotacion_id = p.explotacion_id or t.explotacion_id is null)
            and t.effective_from <= p.effective_from
        )
    order by
        t.explotacion_id nulls last,
        (t.effective_until is null or t.effective_until > p.effective_from) desc,
        t.effective_from desc
    limit 1
) as o on true
where
    p.explotacion_id is not null
    or not exists (
        select
        from tariff_schedules as own
        where
            own.explotacion_id = e.id
            and own.category = p.category
            and own.billing_period = p.billing_period
            and (
                own.id = any(%(ids)s::uuid[])
                or (
                    own.active
                    and own.effective_from <= p.effective_from
                    and (own.effective_until is null or own.effective_until > p.effective_from)
                )
            )
    )
order by p.category, e.municipality, e.code
