-- What is owed, and what is done about it: procedures step by step, and agreements to pay.

create unlogged table demo.debt as
select
    i.n,
    i.former,
    sum(i.owed) as owed,
    count(*) as invoices,
    min(i.due_date) as oldest_due,
    max(i.due_date) as newest_due
from (
    select
        b.n,
        b.month < a.own_from as former,
        b.due_date,
        b.total - coalesce(b.first_paid, 0) - coalesce(b.second_paid, 0) as owed
    from demo.bill as b
    join demo.account as a on a.n = b.n
    where b.status = 'impagada'
) as i
where i.owed > 0
group by i.n, i.former;

alter table demo.debt add primary key (n, former);
analyze demo.debt;

-- Who owes for two periods or more is reminded, warned, and in the end cut off.
insert into delinquency_procedures (
    id, tenant_id, contract_id, person_id, procedure_type, status, current_step, total_debt, overdue_invoices,
    oldest_due_date, started_at, next_action_date, steps_history, assigned_to, created_at, updated_at
)
select
    demo.id('procedure', a.n), a.tenant_id, a.contract_id, a.person_id, 'cobranza_administrativa',
    case when w.status = 'completada' or d.invoices > 3 then 'en_proceso' else 'abierto' end,
    case when w.n is not null then 'corte' when d.invoices > 2 then 'aviso_corte' else 'whatsapp' end,
    d.owed, d.invoices, d.oldest_due, s.opened, demo.until() + demo.whole(a.n, 'next action', 1, 20),
    jsonb_path_query_array(
        jsonb_build_array(
            jsonb_build_object('step', 'apertura', 'at', s.opened, 'debt', d.owed, 'reason', 'Dos periodos vencidos'),
            jsonb_build_object(
                'step', 'whatsapp', 'at', s.opened + interval '1 day', 'template_key', 'recordatorio_adeudo'
            ),
            case when d.invoices > 2 then jsonb_build_object(
                'step', 'aviso_corte', 'at', s.opened + interval '9 days', 'folio', 'AV-' || lpad(a.k::text, 7, '0')
            ) end,
            case when w.n is not null then jsonb_build_object(
                'step', 'corte', 'at', greatest(w.ordered_at, s.opened + interval '10 days'), 'work_order_id', w.work_order_id,
                'result', case w.status when 'completada' then 'realizada' when 'no_realizada' then 'no_realizada' when 'cancelada' then 'cancelada' else 'pendiente' end
            ) end
        ),
        '$[*] ? (@ != null)'
    ),
    o.cashier_id, s.opened, s.opened
from demo.debt as d
join demo.account as a on a.n = d.n
join demo.till as o on o.explotacion_id = a.explotacion_id
left join demo.work as w on w.n = d.n and w.kind = 1
cross join lateral (
    select ((d.oldest_due + 20) + time '07:00') at time zone 'America/Mexico_City' as opened
) as s
where not d.former and d.invoices >= 2
order by a.n;

-- Some agreed to pay by instalments: a fifth down, the last instalment takes the odd cents.
insert into payment_plans (
    id, tenant_id, contract_id, person_id, plan_number, total_debt, down_payment, installment_count, installments,
    start_date, status, approved_by, created_at, updated_at
)
select
    demo.id('plan', a.n), a.tenant_id, a.contract_id, a.person_id, 'CV' || lpad(a.k::text, 7, '0'), d.owed, p.down,
    p.parts,
    (
        select jsonb_agg(
            jsonb_build_object(
                'number', i,
                'due_date', (p.starts + make_interval(months => i))::date,
                'amount', case i when p.parts then d.owed - p.down - p.each * (p.parts - 1) else p.each end,
                'status', 'pendiente'
            )
            order by i
        )
        from generate_series(1, p.parts) as i
    ),
    p.starts,
    demo.one_of(a.n, 'plan state', array['activo', 'activo', 'activo', 'propuesto', 'cancelado']),
    (select x.user_id from demo.staff as x where x.tenant = a.tenant and x.role in ('supervisor', 'operador') order by x.role desc limit 1),
    p.starts, p.starts
from (
    select
        n, former, owed,
        demo.spread(row_number() over (order by n), 'plan', sqrt(2)) as draw
    from demo.debt
    where not former and owed > 50
) as d
join demo.account as a on a.n = d.n
cross join lateral (
    select
        q.parts,
        q.down,
        trunc((d.owed - q.down) / q.parts, 2) as each,
        demo.until() - demo.whole(a.n, 'plan began', 1, 28) as starts
    from (
        select
            (array[3, 6, 9, 12])[demo.whole(a.n, 'plan parts', 1, 4)] as parts,
            round(d.owed * 0.20, 2) as down
    ) as q
) as p
where d.draw < 0.15
order by a.n;

-- Debt of those who have left is written off when nobody can be found.
insert into write_offs (
    id, tenant_id, contract_id, amount, reason, status, requested_by, created_at, updated_at
)
select
    demo.id('write-off', a.n), a.tenant_id, a.former_contract_id, d.owed, 'Titular anterior no localizado', 'solicitada',
    o.cashier_id, demo.until() - 10, demo.until() - 10
from demo.debt as d
join demo.account as a on a.n = d.n
join demo.till as o on o.explotacion_id = a.explotacion_id
where d.former and demo.roll(a.n, 'write-off') < 0.5
order by a.n;

insert into cfdi_cancellations (
    id, tenant_id, invoice_id, reason_code, replacement_folio, status, requested_at, resolved_at, created_at, updated_at
)
select
    demo.id('cancellation', demo.period(b.n, b.month)), a.tenant_id,
    demo.id('invoice', demo.period(b.n, b.month) * 2), '01', demo.id('cfdi', demo.period(b.n, b.month) * 2 + 1), 'aceptada',
    s.issued_at + interval '2 hours', s.issued_at + interval '3 hours', s.issued_at, s.issued_at
from demo.bill as b
join demo.account as a on a.n = b.n
cross join lateral (
    select (b.billing_date + time '21:30') at time zone 'America/Mexico_City' as issued_at
) as s
where b.issue = 0
order by b.n, b.month;

insert into collection_scores (
    id, tenant_id, contract_id, person_id, score, risk_tier, features, total_debt, days_overdue, model_version,
    recommended_action, scored_at, expires_at
)
select
    demo.id('score', a.n), a.tenant_id, a.contract_id, a.person_id, s.score,
    case when s.score > 0.6 then 'low' when s.score > 0.3 then 'medium' else 'high' end,
    jsonb_build_object('overdue_invoices', d.invoices, 'days_overdue', demo.until() - d.oldest_due),
    d.owed, demo.until() - d.oldest_due, '2026.1',
    case when s.score > 0.6 then 'recordatorio' when s.score > 0.3 then 'convenio' else 'corte' end,
    (demo.until() - 1)::timestamp at time zone 'America/Mexico_City',
    (demo.until() + 29)::timestamp at time zone 'America/Mexico_City'
from demo.debt as d
join demo.account as a on a.n = d.n
cross join lateral (
    select round((0.85 / (1 + 0.4 * d.invoices) * (0.7 + 0.3 * demo.roll(a.n, 'score')))::numeric, 4) as score
) as s
where not d.former
order by a.n;
