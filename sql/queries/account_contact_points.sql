-- How can this person be reached, beyond what the person's own row says?
--
-- Parameters: person_id. Index: idx_person_contacts_person. Cost: well under 1 ms.
select
    c.contact_type,
    c.value,
    c.label,
    c.verified,
    c.primary_contact
from persons as p
inner join person_contacts as c on p.tenant_id = c.tenant_id and p.id = c.person_id
where p.id = %(person_id)s
order by c.primary_contact desc, c.contact_type, c.value
limit 50
