-- What was the last impact report kept of a tariff, and is it about its present content?
--
-- Parameters: tariff_id. Indexes: idx_tariff_impact_reports_tariff. Cost: 1 ms.
select
    r.report,
    r.content_hash,
    r.created_at,
    u.name as created_by,
    r.content_hash = supra.tariff_content_hash(s) as fits
from tariff_schedules as s
inner join tariff_impact_reports as r on s.tenant_id = r.tenant_id and s.id = r.tariff_id
left join users as u on r.created_by = u.id
where s.id = %(tariff_id)s
order by r.created_at desc
limit 1
