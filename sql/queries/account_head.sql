-- Who holds this contract, for which toma at which address, with which meter?
--
-- One row. A column's prefix names the record it belongs to; billing_ is the address where post goes, where it
-- differs; the meter is the one mounted today.
--
-- Parameters: contract_id. Indexes: primary and (tenant_id, id) keys. Cost: under 2 ms, most of it planning.
select
    c.id as contract_id,
    c.contract_number,
    c.status as contract_status,
    c.start_date as contract_start_date,
    c.end_date as contract_end_date,
    c.termination_reason as contract_termination_reason,
    c.tariff_category as contract_tariff_category,
    c.social_tariff as contract_social_tariff,
    c.payment_method as contract_payment_method,
    c.digital_invoice as contract_digital_invoice,
    p.id as holder_id,
    p.person_type as holder_person_type,
    p.name as holder_name,
    p.rfc as holder_rfc,
    p.curp as holder_curp,
    p.email as holder_email,
    p.phone as holder_phone,
    p.phone_secondary as holder_phone_secondary,
    p.whatsapp as holder_whatsapp,
    p.preferred_channel as holder_preferred_channel,
    p.vulnerable as holder_vulnerable,
    p.vulnerability_type as holder_vulnerability_type,
    p.tags as holder_tags,
    t.id as toma_id,
    t.toma_number,
    t.toma_type,
    t.status as toma_status,
    t.cut_date as toma_cut_date,
    t.cut_reason as toma_cut_reason,
    t.billing_type as toma_billing_type,
    t.billing_period as toma_billing_period,
    t.latitude as toma_latitude,
    t.longitude as toma_longitude,
    a.id as address_id,
    a.street as address_street,
    a.exterior_number as address_exterior_number,
    a.interior_number as address_interior_number,
    a.colonia as address_colonia,
    a.municipality as address_municipality,
    a.zip_code as address_zip_code,
    b.id as billing_id,
    b.street as billing_street,
    b.exterior_number as billing_exterior_number,
    b.interior_number as billing_interior_number,
    b.colonia as billing_colonia,
    b.municipality as billing_municipality,
    b.zip_code as billing_zip_code,
    e.id as explotacion_id,
    e.code as explotacion_code,
    e.name as explotacion_name,
    m.id as meter_id,
    m.serial_number as meter_serial_number,
    m.brand as meter_brand,
    m.model as meter_model,
    m.meter_type,
    m.diameter_inches as meter_diameter_inches,
    m.is_smart as meter_is_smart,
    m.installation_date as meter_installation_date,
    m.status as meter_status
from contracts as c
inner join persons as p on c.tenant_id = p.tenant_id and c.person_id = p.id
inner join tomas as t on c.tenant_id = t.tenant_id and c.toma_id = t.id
inner join addresses as a on t.tenant_id = a.tenant_id and t.address_id = a.id
inner join explotaciones as e on c.tenant_id = e.tenant_id and c.explotacion_id = e.id
left join addresses as b on c.tenant_id = b.tenant_id and c.billing_address_id = b.id
left join meters as m on t.tenant_id = m.tenant_id and t.meter_id = m.id
where c.id = %(contract_id)s
