-- Contracts in every status, with the ones that came before them, and whom else to notify.

-- The contract before the present one ended when the service was handed over; it is written first
-- because its successor points at it.
insert into contracts (
    id, tenant_id, explotacion_id, contract_number, person_id, toma_id, status, start_date, end_date,
    termination_reason, payment_method, tariff_category, created_at, updated_at
)
select
    a.former_contract_id, a.tenant_id, a.explotacion_id, '30' || lpad(a.k::text, 8, '0'), p.person_id, a.toma_id, 'baja',
    a.handed_over - demo.whole(a.n, 'former since', 400, 4000), a.handed_over,
    demo.one_of(a.n, 'why ended', array['cambio_titular', 'cambio_titular', 'cambio_titular', 'solicitud']),
    'ventanilla', a.category, a.handed_over - 400, a.handed_over
from demo.account as a
join demo.person as p on p.person = a.former_person
where a.has_former
    and a.n between demo.slice_from() and demo.slice_to()
order by a.n;

insert into contracts (
    id, tenant_id, explotacion_id, contract_number, person_id, toma_id, status, start_date, end_date,
    termination_reason, billing_address_id, payment_method, bank_account, digital_invoice, tariff_category,
    social_tariff, special_conditions, preferred_contact_method, notification_channels, previous_contract_id,
    documents, created_at, updated_at
)
select
    a.contract_id, a.tenant_id, a.explotacion_id, a.contract_number, a.person_id, a.toma_id, a.status, a.start_date,
    a.end_date,
    case a.status
        when 'baja' then demo.one_of(a.n, 'why left', array['solicitud', 'solicitud', 'demolicion', 'adeudo'])
        when 'cancelado' then demo.one_of(a.n, 'why not', array['solicitud', 'duplicado'])
    end,
    case when demo.roll(a.n, 'billing address') < 0.03 then demo.id('billing address', a.n) end,
    m.method,
    case
        when m.method = 'domiciliacion' then jsonb_build_object(
            'clabe', m.clabe || demo.clabe_digit(m.clabe),
            'bank_name', demo.one_of(a.n, 'bank', array['Banamex', 'BBVA México', 'Santander', 'Banorte']),
            'holder_name', s.name,
            'mandate_reference', 'MAN-' || lpad(a.k::text, 7, '0'),
            'mandate_date', a.start_date + 5
        )
    end,
    demo.roll(a.n, 'paperless') < 0.38,
    a.category,
    a.social,
    case
        when a.category in ('gobierno', 'industrial') and demo.roll(a.n, 'special') < 0.05 then jsonb_build_object(
            'reason', demo.one_of(a.n, 'special why', array['Convenio con el municipio', 'Descarga propia tratada']),
            'authorised_by', 'Vocalía Ejecutiva', 'valid_from', demo.month_start(1)
        )
    end,
    case when demo.roll(a.n, 'reach') < 0.6 then 'whatsapp' when demo.roll(a.n, 'reach') < 0.8 then 'email' else 'telefono' end,
    case when demo.roll(a.n, 'reach') < 0.6 then array['whatsapp'] when demo.roll(a.n, 'reach') < 0.8 then array['email'] else array['sms', 'whatsapp'] end,
    case when a.has_former then a.former_contract_id end,
    case
        when demo.roll(a.n, 'papers') < 0.25 then jsonb_build_array(
            jsonb_build_object('type', 'identificacion', 'verified', true, 'date', a.start_date),
            jsonb_build_object('type', 'predial', 'verified', demo.roll(a.n, 'predial') < 0.7, 'date', a.start_date)
        )
        else '[]'
    end,
    a.start_date, coalesce(a.end_date, a.start_date)
from demo.account as a
join demo.person as p on p.person = a.person
join demo.soul as s on s.soul = p.soul
cross join lateral (
    select
        case
            when demo.roll(a.n, 'pays by') < 0.46 then 'ventanilla'
            when demo.roll(a.n, 'pays by') < 0.69 then 'oxxo'
            when demo.roll(a.n, 'pays by') < 0.90 then 'digital'
            when demo.roll(a.n, 'pays by') < 0.96 then 'domiciliacion'
            when demo.roll(a.n, 'pays by') < 0.98 then 'gestor_cobro'
            else 'ventanilla'
        end as method,
        demo.one_of(a.n, 'bank', array['002', '012', '014', '072']) || '680' || lpad(a.n::text, 11, '0') as clabe
) as m
where a.n between demo.slice_from() and demo.slice_to()
order by a.n;

-- the tenant of the house, the daughter who pays: also told, somebody of the same utility
insert into contract_notifications
    (id, contract_id, tenant_id, person_id, notification_type, channel, active, created_at, updated_at)
select
    demo.id('notification', a.n), a.contract_id, a.tenant_id, p.person_id,
    demo.one_of(a.n, 'told as', array['secundario', 'inquilino', 'administrador']),
    demo.one_of(a.n, 'told by', array['whatsapp', 'whatsapp', 'email', 'sms']), demo.roll(a.n, 'still told') < 0.9,
    a.start_date, a.start_date
from demo.account as a
join demo.tenant as t on t.tenant = a.tenant
join demo.person as p on p.person = t.persons_before + 1 + (a.k::bigint * 104729 % t.persons)::integer
where demo.roll(a.n, 'notified too') < 0.06
    and a.n between demo.slice_from() and demo.slice_to()
order by a.n;
