-- Which work is still to be done at this contract or its toma, most urgent first?
--
-- Parameters: contract_id, toma_id, how_many.
-- Indexes: idx_work_orders_contract, idx_work_orders_toma. Cost: under 1 ms.
select
    w.id,
    w.order_number,
    w.order_type,
    k.name as type_name,
    w.priority,
    w.status,
    w.description,
    w.scheduled_date,
    w.sla_due_at,
    w.created_at,
    q.name as crew_name
from work_orders as w
inner join work_order_types as k on w.tenant_id = k.tenant_id and w.order_type = k.code
left join crews as q on w.tenant_id = q.tenant_id and w.crew_id = q.id
where
    w.status in ('pendiente', 'asignada', 'en_ruta', 'en_proceso')
    and (w.contract_id = %(contract_id)s or w.toma_id = %(toma_id)s)
order by array_position(array['urgente', 'alta', 'normal', 'baja'], w.priority::text), w.sla_due_at, w.created_at, w.id
limit %(how_many)s
