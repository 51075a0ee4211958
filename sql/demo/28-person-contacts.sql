-- How to reach them, one row for each way; what the person says first is primary.
insert into person_contacts
    (id, person_id, tenant_id, contact_type, value, label, verified, primary_contact, created_at, updated_at)
select
    demo.id('person_contact', p.person::bigint * 4 + c.position), p.person_id, p.tenant_id, c.contact_type, c.value,
    c.label, demo.roll(p.person * 4 + c.position, 'verified') < 0.4, c.position = 1, n.created_at, n.created_at
from demo.person as p
join persons as n on n.tenant_id = p.tenant_id and n.id = p.person_id
cross join lateral (values
    (1, 'telefono_movil', n.phone, 'personal'),
    (2, 'telefono_fijo', n.phone_secondary, 'trabajo'),
    (3, 'email', n.email, 'facturacion')
) as c (position, contact_type, value, label)
where c.value is not null
order by p.person, c.position;
