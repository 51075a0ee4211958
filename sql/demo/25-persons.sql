-- The customers as the utility knows them.

insert into persons (
    id, tenant_id, person_type, rfc, curp, name, first_name, last_name_paterno, last_name_materno, email, phone,
    phone_secondary, whatsapp, fiscal_regime, fiscal_use, fiscal_address, zip_code, vulnerable, vulnerability_type,
    digital_access, preferred_channel, tags, created_at, updated_at
)
select
    p.person_id,
    p.tenant_id,
    s.person_type,
    case
        when d.identity < 0.60 or s.person_type = 'moral' and d.identity < 0.93 then s.rfc_key || demo.rfc_digit(s.rfc_key)
        when d.identity < 0.79 or s.person_type = 'moral' then 'XAXX010101000'
        when d.identity < 0.80 then 'XEXX010101000'
    end,
    case when s.curp_key is not null and demo.roll(s.soul, 'curp') < 0.72 then s.curp_key || demo.curp_digit(s.curp_key) end,
    s.name,
    s.first_name,
    s.last_name_paterno,
    s.last_name_materno,
    case
        when demo.roll(s.soul, 'has e-mail') < 0.44 then
            s.mailbox || to_char(s.born, 'YY') || (s.soul % 89) || '@' || demo.one_of(s.soul, 'mail', array[
                'gmail.com', 'gmail.com', 'gmail.com', 'hotmail.com', 'outlook.com', 'yahoo.com.mx', 'live.com.mx'
            ])
    end,
    case when d.reachable < 0.86 then l.area_code || lpad(demo.whole(s.soul, 'phone', 1000000, 9999999)::text, 7, '0') end,
    case when d.reachable < 0.11 then l.area_code || lpad(demo.whole(s.soul, 'second phone', 2000000, 2999999)::text, 7, '0') end,
    case
        when d.reachable < 0.58 then l.area_code || lpad(demo.whole(s.soul, 'phone', 1000000, 9999999)::text, 7, '0')
    end,
    case s.person_type
        when 'moral' then demo.one_of(s.soul, 'regime', array['601', '601', '601', '603'])
        when 'fisica' then case when d.identity < 0.60 then demo.one_of(s.soul, 'regime', array['605', '605', '612', '616', '626']) end
    end,
    case
        when s.person_type = 'moral' then 'G03'
        when d.identity < 0.60 then demo.one_of(s.soul, 'use', array['S01', 'S01', 'G03'])
    end,
    case
        when demo.roll(s.soul, 'fiscal address') < case s.person_type when 'moral' then 0.6 else 0.08 end then
            jsonb_build_object(
                'calle', r.street, 'numero_exterior', demo.whole(s.soul, 'fiscal number', 1, 900)::text,
                'colonia', l.colonia, 'municipio', l.municipality, 'estado', 'Querétaro', 'pais', 'MEX',
                'codigo_postal', l.zip_code
            )
    end,
    l.zip_code,
    d.vulnerability is not null,
    d.vulnerability,
    demo.roll(s.soul, 'digital') < 0.35,
    case
        when d.reachable < 0.58 then 'whatsapp'
        when d.reachable < 0.86 then 'telefono'
        else 'carta'
    end,
    case
        when d.vulnerability is not null then array['vulnerable']
        when s.person_type = 'moral' and demo.roll(s.soul, 'large') < 0.06 then array['gran_consumidor']
        else array[]::text[]
    end,
    d.known_since,
    d.known_since
from demo.person as p
join demo.soul as s on s.soul = p.soul
join demo.place as l on l.tenant = p.tenant and l.place = p.place
join demo.place_street as r
    on r.tenant = p.tenant and r.place = p.place and r.position = 1 + p.person % l.streets
cross join lateral (
    select
        demo.roll(s.soul, 'identity') as identity,
        demo.roll(s.soul, 'reachable') as reachable,
        case
            when s.person_type = 'moral' then null
            when demo.until() - s.born > 65 * 365 and demo.roll(s.soul, 'vulnerable') < 0.30 then 'adulto_mayor'
            when demo.roll(s.soul, 'vulnerable') < 0.012 then 'discapacidad'
            when demo.roll(s.soul, 'vulnerable') < 0.020 then 'jefa_familia'
        end as vulnerability,
        demo.until() - make_interval(days => demo.whole(p.person, 'known since', 800, 6500), hours => 10) as known_since
) as d
where p.person between demo.slice_from() and demo.slice_to()
order by p.person;
