-- What the event store knows: since the utility went over to SUPRA at the first loaded month.

insert into timeseries.domain_events
    (id, tenant_id, event_type, aggregate_type, aggregate_id, payload, metadata, created_at)
select
    demo.id('event', e.n * 16 + e.position), e.tenant_id, e.event_type, e.aggregate_type, e.aggregate_id, e.payload,
    jsonb_build_object('db_user', 'supra_app', 'application_name', 'supra'), e.created_at
from (
    select
        a.n::bigint,
        1 as position,
        a.tenant_id,
        case when a.start_date < demo.month_start(1) then 'contract.migrated' else 'contract.created' end as event_type,
        'contract' as aggregate_type,
        a.contract_id as aggregate_id,
        jsonb_build_object('contract_number', a.contract_number, 'tariff_category', a.category) as payload,
        (greatest(a.start_date, demo.month_start(1)) + time '06:00') at time zone 'America/Mexico_City' as created_at
    from demo.account as a
    union all
    select
        a.n, 2, a.tenant_id, 'contract.suspended', 'contract', a.contract_id, jsonb_build_object('reason', t.cut_reason),
        t.cut_date
    from demo.account as a
    join tomas as t on t.tenant_id = a.tenant_id and t.id = a.toma_id
    where a.status = 'suspendido'
    union all
    select
        a.n, 3, a.tenant_id, 'contract.terminated', 'contract', a.contract_id,
        jsonb_build_object('end_date', a.end_date),
        (a.end_date + time '13:00') at time zone 'America/Mexico_City'
    from demo.account as a
    where a.status = 'baja'
    union all
    select
        a.n, 4, a.tenant_id, 'contract.handed_over', 'contract', a.contract_id,
        jsonb_build_object('previous_contract_id', a.former_contract_id),
        (a.handed_over + time '12:00') at time zone 'America/Mexico_City'
    from demo.account as a
    where a.has_former and a.handed_over >= demo.month_start(1)
    union all
    select
        w.n, 5 + w.kind, a.tenant_id, 'work_order.created', 'work_order', w.work_order_id,
        jsonb_build_object('contract_id', a.contract_id), w.ordered_at
    from demo.work as w
    join demo.account as a on a.n = w.n
    where w.ordered_at >= demo.month_start(1)
) as e
order by e.n, e.position;

-- of the readings, those that were flagged; of the money, the last month
insert into timeseries.domain_events
    (id, tenant_id, event_type, aggregate_type, aggregate_id, payload, metadata, created_at)
select
    demo.id('reading event', demo.period(c.n, c.month)), a.tenant_id, 'reading.flagged', 'toma', a.toma_id,
    jsonb_build_object('anomaly', c.anomaly, 'reading_id', demo.id('reading', demo.period(c.n, c.month))),
    jsonb_build_object('db_user', 'supra_app', 'application_name', 'supra'), c.read_at + interval '1 minute'
from demo.consumption as c
join demo.account as a on a.n = c.n
where c.anomaly in ('spike', 'drop', 'reversed')
order by c.n, c.month;

insert into timeseries.domain_events
    (id, tenant_id, event_type, aggregate_type, aggregate_id, payload, metadata, created_at)
select
    demo.id('payment event', demo.period(b.n, b.month)), a.tenant_id, 'invoice.paid', 'invoice',
    demo.id('invoice', demo.period(b.n, b.month) * 2 + 1), jsonb_build_object('amount', b.first_paid::text),
    jsonb_build_object('db_user', 'supra_app', 'application_name', 'supra'), b.first_paid_at
from demo.bill as b
join demo.account as a on a.n = b.n
where b.first_paid_at >= (demo.until() - interval '1 month')::timestamp at time zone 'America/Mexico_City'
order by b.n, b.month;
