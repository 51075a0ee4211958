-- What the account search rests on: keys in one form, the words of each account, all words once.
--
-- Under row security no text operator reaches an index (none is leakproof), so accounts are searched
-- by one SECURITY DEFINER function (023) owned by supra_search, which sees all rows and confines
-- itself to supra.current_tenant(). Nobody who signs in has a right on the schema search.
--
--   search.keys       probed on b-tree indexes of the tables themselves: upper case, without
--                     separators, in "C" order so that a beginning is a range
--   search.accounts   per contract, the words of its holder and of its toma's address; a GIN index has
--                     each word with the tenant's mark in front, so that a small tenant never pays for
--                     a large one
--   search.words      each word once per tenant, to correct typing errors against: thousands of words
--                     instead of every row
--
-- Triggers keep accounts and words (022).

grant create on schema search to supra_search;

-- Keys -------------------------------------------------------------------------------------------

-- A contract number, serial or reference as it is compared, however it was written.
create function supra.search_key(value text) returns text
language sql immutable strict parallel safe
return upper(translate(value, ' -_./', ''));

-- An RFC as it is compared. The codes of the SAT for the public in general and for foreigners are
-- shared by many, and identify nobody.
create function supra.rfc_key(rfc text) returns text
language sql immutable strict parallel safe
return nullif(nullif(supra.search_key(rfc), 'XAXX010101000'), 'XEXX010101000');

-- A telephone number as it is compared: its last ten digits, without prefixes and extension.
create function supra.phone_key(phone text) returns text
language sql immutable strict parallel safe
return right(regexp_replace(regexp_replace(lower(phone), '(ext|x).*$', ''), '[^0-9]', '', 'g'), 10);

create function supra.contact_key(contact_type text, value text) returns text
language sql immutable strict parallel safe
return case when contact_type = 'email' then lower(value) else supra.phone_key(value) end;

create index idx_contracts_search_number on contracts
    (tenant_id, (supra.search_key(contract_number)) collate "C");
create index idx_tomas_search_number on tomas
    (tenant_id, (supra.search_key(toma_number)) collate "C");
create index idx_meters_search_serial on meters
    (tenant_id, (supra.search_key(serial_number)) collate "C");
create index idx_persons_search_rfc on persons
    (tenant_id, (supra.rfc_key(rfc)) collate "C")
where rfc is not null;
create index idx_persons_search_curp on persons
    (tenant_id, (supra.search_key(curp)) collate "C")
where curp is not null;
create index idx_persons_search_email on persons
    (tenant_id, (lower(email)) collate "C")
where email is not null;
create index idx_persons_search_phone on persons
    (tenant_id, (supra.phone_key(phone)) collate "C")
where phone is not null;
create index idx_persons_search_phone_secondary on persons
    (tenant_id, (supra.phone_key(phone_secondary)) collate "C")
where phone_secondary is not null;
create index idx_persons_search_whatsapp on persons
    (tenant_id, (supra.phone_key(whatsapp)) collate "C")
where whatsapp is not null;
create index idx_person_contacts_search_value on person_contacts
    (tenant_id, (supra.contact_key(contact_type, value)) collate "C");
create index idx_invoices_search_number on invoices
    (tenant_id, (supra.search_key(invoice_number)) collate "C")
where invoice_number is not null;
create index idx_invoices_search_serie_number on invoices
    (tenant_id, (supra.search_key(serie || invoice_number)) collate "C")
where serie is not null and invoice_number is not null;
create index idx_invoices_search_reference on invoices
    (tenant_id, (supra.search_key(payment_reference)) collate "C")
where payment_reference is not null;
create index idx_payments_search_reference on payments
    (tenant_id, (supra.search_key(reference)) collate "C")
where reference is not null;

-- Every key an account can be found by: what it is compared as, what was stored, and the contract,
-- toma or person it belongs to. No member may have a WHERE or a type of its own: its index would no
-- longer be read in order, and a short prefix would read all rows that begin with it instead of the
-- first few.
create view search.keys as
select
    tenant_id, 'contract_number' as kind, supra.search_key(contract_number) collate "C" as key,
    contract_number::text as value, id as owner
from public.contracts
union all
select
    tenant_id, 'toma_number' as kind, supra.search_key(toma_number) collate "C" as key,
    toma_number::text as value, id as owner
from public.tomas
union all
select
    m.tenant_id, 'meter_serial' as kind, supra.search_key(m.serial_number) collate "C" as key,
    m.serial_number::text as value,
    coalesce(
        m.toma_id,
        (
            select t.id
            from public.tomas as t
            where t.tenant_id = m.tenant_id and t.meter_id = m.id
            limit 1
        )
    ) as owner
from public.meters as m
union all
select tenant_id, 'rfc' as kind, supra.rfc_key(rfc) collate "C" as key, rfc::text as value, id as owner
from public.persons
union all
select tenant_id, 'curp' as kind, supra.search_key(curp) collate "C" as key, curp::text as value, id as owner
from public.persons
union all
select tenant_id, 'email' as kind, lower(email) collate "C" as key, email::text as value, id as owner
from public.persons
union all
select tenant_id, 'phone' as kind, supra.phone_key(phone) collate "C" as key, phone::text as value, id as owner
from public.persons
union all
select
    tenant_id, 'phone_secondary' as kind, supra.phone_key(phone_secondary) collate "C" as key,
    phone_secondary::text as value, id as owner
from public.persons
union all
select tenant_id, 'whatsapp' as kind, supra.phone_key(whatsapp) collate "C" as key, whatsapp::text as value, id as owner
from public.persons
union all
select
    tenant_id, 'contact' as kind, supra.contact_key(contact_type, value) collate "C" as key,
    value::text as value, person_id as owner
from public.person_contacts
union all
select
    tenant_id, 'invoice' as kind, supra.search_key(invoice_number) collate "C" as key,
    concat_ws('-', serie, invoice_number) as value, contract_id as owner
from public.invoices
union all
select
    tenant_id, 'serie_invoice' as kind, supra.search_key(serie || invoice_number) collate "C" as key,
    concat_ws('-', serie, invoice_number) as value, contract_id as owner
from public.invoices
union all
select
    tenant_id, 'payment_reference' as kind, supra.search_key(payment_reference) collate "C" as key,
    payment_reference::text as value, contract_id as owner
from public.invoices
union all
select
    tenant_id, 'payment' as kind, supra.search_key(reference) collate "C" as key,
    reference::text as value, contract_id as owner
from public.payments;

-- Words ------------------------------------------------------------------------------------------

-- The words of a text, plain, with one space between them. Characters without width or direction go;
-- punctuation separates, except within "S.A."; so does the step between digits and letters: 120-A,
-- 120 a and 120A are one number.
create function search.plain_words(value text) returns text
language sql immutable strict parallel safe
return btrim(regexp_replace(
    regexp_replace(
        regexp_replace(
            regexp_replace(
                supra.plain(value),
                U&'[\00ad\200b-\200f\202a-\202e\2060-\2069\feff]', '', 'g'
            ),
            '\y(.)\.(?=.\y)', '\1', 'g'
        ),
        U&'[\0001- !-/:-@[-`{-~\0080-\00bf\2000-\206f\3000-\303f]+', ' ', 'g'
    ),
    '(?<=[0-9])(?=[^0-9 ])|(?<=[^0-9 ])(?=[0-9])', ' ', 'g'
));

-- What stands in front of every word of a tenant in the index. Two tenants with the same mark would
-- cost time, not isolation: the rows found are checked against the tenant itself.
create function search.mark(tenant uuid) returns text
language sql immutable strict parallel safe
return left(md5(tenant::text), 6);

create function search.lexemes(tenant uuid, holder text, place text) returns tsvector
language sql immutable strict parallel safe
return array_to_tsvector(string_to_array(
    search.mark(tenant)
    || replace(btrim(holder || ' ' || place), ' ', ' ' || search.mark(tenant)),
    ' '
));

create table search.accounts (
    contract_id uuid primary key,
    tenant_id uuid not null,
    holder text not null,
    place text not null
);

-- A word with one letter left out, for each of its letters, and the word itself. Two words that
-- share one of these are a substitution, an insertion, a deletion or a transposition apart.
create function search.deletions(mark text, word text) returns text[]
language sql immutable strict parallel safe
return array(
    select distinct mark || left(word, position_left_out - 1) || substr(word, position_left_out + 1)
    from generate_series(1, length(word) + 1) as position_left_out
);

-- accounts is how many had the word when it was last counted; a word is here as long as any has it.
create table search.words (
    tenant_id uuid not null,
    word text collate "C" not null,
    accounts integer not null,
    primary key (tenant_id, word)
);

create function search.build_indexes() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    create index accounts_words on search.accounts
    using gin (search.lexemes(tenant_id, holder, place)) with (fastupdate = off);
    create index words_deletions on search.words
    using gin (search.deletions(search.mark(tenant_id), word)) with (fastupdate = off);
    create index words_trigrams on search.words
    using gin (word public.gin_trgm_ops) with (fastupdate = off);
end
$$;

do $$
begin
    perform search.build_indexes();
end
$$;

-- What the read model should say about the contracts; the triggers and refresh_all() copy it.
create view search.account_words as
select
    c.id as contract_id,
    c.tenant_id,
    search.plain_words(p.name) as holder,
    search.plain_words(
        a.street
        || ' ' || coalesce(a.exterior_number, '')
        || ' ' || coalesce(a.interior_number, '')
        || ' ' || coalesce(a.colonia, '')
        || ' ' || coalesce(a.municipality, '')
        || ' ' || coalesce(nullif(a.city, a.municipality), '')
        || ' ' || coalesce(a.zip_code, '')
    ) as place
from public.contracts as c
inner join public.persons as p on p.tenant_id = c.tenant_id and p.id = c.person_id
inner join public.tomas as t on t.tenant_id = c.tenant_id and t.id = c.toma_id
inner join public.addresses as a on a.tenant_id = t.tenant_id and a.id = t.address_id;

-- The words worth correcting to: three characters at least, and no digits, for a house number is
-- never corrected into another.
create function search.correctable(word text) returns boolean
language sql immutable strict parallel safe
return length(word) >= 3 and word !~ '[0-9]';

-- Rights -----------------------------------------------------------------------------------------

-- supra_search may lock holders, tomas and addresses (which asks for the right to update a column)
-- and change nothing outside its schema.
grant select on contracts, persons, person_contacts, addresses, tomas, meters, invoices, payments to supra_search;
grant update (updated_at) on persons, tomas, addresses to supra_search;

-- Whoever writes a key computes what it is compared as.
alter function supra.search_key(text) owner to supra_owner;
alter function supra.rfc_key(text) owner to supra_owner;
alter function supra.phone_key(text) owner to supra_owner;
alter function supra.contact_key(text, text) owner to supra_owner;
revoke all on function
    supra.search_key(text), supra.rfc_key(text), supra.phone_key(text), supra.contact_key(text, text)
    from public;
grant execute on function
    supra.search_key(text), supra.rfc_key(text), supra.phone_key(text), supra.contact_key(text, text)
    to supra_owner, supra_guard, supra_search, supra_readonly, supra_app;
