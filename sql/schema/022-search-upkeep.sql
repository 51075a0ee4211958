-- Keeping search.accounts and search.words as the tables are, whoever writes to them.
--
-- Triggers on persons, addresses, tomas and contracts, all named keep_search…; they fire once per
-- statement, so that a change of a million rows is one refresh. A bulk load may disable them and call
-- search.refresh_all() afterwards.

-- Brings contracts up to date. Locking their rows first, in order, and reading what they should say
-- in a later statement makes the last of several concurrent writers see what all others committed.
create function search.refresh(contract_ids uuid[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform
    from search.accounts as s
    where s.contract_id = any(contract_ids)
    order by s.contract_id
    for update;

    with
    written as (
        insert into search.accounts as s (contract_id, tenant_id, holder, place)
        select w.contract_id, w.tenant_id, w.holder, w.place
        from search.account_words as w
        where w.contract_id = any(contract_ids)
        order by w.contract_id
        on conflict (contract_id) do update
        set tenant_id = excluded.tenant_id, holder = excluded.holder, place = excluded.place
        where (s.tenant_id, s.holder, s.place)
            is distinct from (excluded.tenant_id, excluded.holder, excluded.place)
        returning s.tenant_id, s.holder, s.place
    ),
    used as (
        select distinct w.tenant_id, word.word
        from written as w
        cross join lateral string_to_table(w.holder || ' ' || w.place, ' ') as word (word)
        where search.correctable(word.word)
    )
    insert into search.words (tenant_id, word, accounts)
    select u.tenant_id, u.word, 1
    from used as u
    where not exists (
        select from search.words as known
        where known.tenant_id = u.tenant_id and known.word = u.word
    )
    order by u.tenant_id, u.word
    on conflict (tenant_id, word) do nothing;
end
$$;

-- Builds the read model anew, after a bulk load or to count the words again. Searches and writers
-- wait until it is done (some 20 s for 400,000 accounts).
create function search.refresh_all() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    total bigint;
begin
    truncate search.accounts, search.words;
    drop index search.accounts_words, search.words_deletions, search.words_trigrams;

    insert into search.accounts (contract_id, tenant_id, holder, place)
    select w.contract_id, w.tenant_id, w.holder, w.place
    from search.account_words as w;
    get diagnostics total = row_count;

    insert into search.words (tenant_id, word, accounts)
    select s.tenant_id, word.word, count(*)
    from search.accounts as s
    cross join lateral string_to_table(s.holder || ' ' || s.place, ' ') as word (word)
    group by s.tenant_id, word.word
    having search.correctable(word.word);

    perform search.build_indexes();
    analyze search.accounts, search.words;
    return total;
end
$$;

-- A renamed person.
create function search.keep_persons() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform search.refresh(array_agg(c.id))
    from after_rows as a
    inner join before_rows as b on b.id = a.id
    inner join public.contracts as c on c.tenant_id = a.tenant_id and c.person_id = a.id
    where a.name is distinct from b.name
    having count(*) > 0;
    return null;
end
$$;

create function search.keep_addresses() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform search.refresh(array_agg(c.id))
    from after_rows as a
    inner join before_rows as b on b.id = a.id
    inner join public.tomas as t on t.tenant_id = a.tenant_id and t.address_id = a.id
    inner join public.contracts as c on c.tenant_id = t.tenant_id and c.toma_id = t.id
    where (a.street, a.exterior_number, a.interior_number, a.colonia, a.municipality, a.city, a.zip_code)
        is distinct from
        (b.street, b.exterior_number, b.interior_number, b.colonia, b.municipality, b.city, b.zip_code)
    having count(*) > 0;
    return null;
end
$$;

-- A toma that moved. Its new address is held until commit: an edit of it that has not been committed
-- yet is waited for, and a later one finds this toma there.
create function search.keep_tomas() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    moved uuid[];
begin
    select array_agg(a.id)
    into moved
    from after_rows as a
    inner join before_rows as b on b.id = a.id
    where a.address_id is distinct from b.address_id;

    if moved is null then
        return null;
    end if;
    perform
    from public.addresses as a
    where a.id in (select n.address_id from after_rows as n where n.id = any(moved))
    order by a.id
    for share;

    perform search.refresh(array_agg(c.id))
    from public.contracts as c
    where (c.tenant_id, c.toma_id) in (
        select n.tenant_id, n.id
        from after_rows as n
        where n.id = any(moved)
    )
    having count(*) > 0;
    return null;
end
$$;

-- New contracts, or contracts with another holder or toma. Holder, toma and address are held until
-- commit, for the same reason: whoever edits them meanwhile cannot see these contracts yet.
create function search.hold_and_refresh(contract_ids uuid[]) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if contract_ids is null then
        return;
    end if;
    perform
    from public.persons as p
    where p.id in (select c.person_id from public.contracts as c where c.id = any(contract_ids))
    order by p.id
    for share;
    perform
    from public.tomas as t
    where t.id in (select c.toma_id from public.contracts as c where c.id = any(contract_ids))
    order by t.id
    for share;
    perform
    from public.addresses as a
    where a.id in (
        select t.address_id
        from public.contracts as c
        inner join public.tomas as t on t.tenant_id = c.tenant_id and t.id = c.toma_id
        where c.id = any(contract_ids)
    )
    order by a.id
    for share;
    perform search.refresh(contract_ids);
end
$$;

create function search.keep_contracts() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    case tg_op
        when 'INSERT' then
            perform search.hold_and_refresh(array_agg(a.id))
            from after_rows as a;
        when 'UPDATE' then
            perform search.hold_and_refresh(array_agg(a.id))
            from after_rows as a
            inner join before_rows as b on b.id = a.id
            where (a.person_id, a.toma_id) is distinct from (b.person_id, b.toma_id);
        when 'DELETE' then
            delete from search.accounts as s
            using before_rows as b
            where s.contract_id = b.id;
        else
            delete from search.accounts;
    end case;
    return null;
end
$$;

create trigger keep_search after update on persons
referencing old table as before_rows new table as after_rows
for each statement execute function search.keep_persons();
create trigger keep_search after update on addresses
referencing old table as before_rows new table as after_rows
for each statement execute function search.keep_addresses();
create trigger keep_search after update on tomas
referencing old table as before_rows new table as after_rows
for each statement execute function search.keep_tomas();
create trigger keep_search_inserted after insert on contracts
referencing new table as after_rows
for each statement execute function search.keep_contracts();
create trigger keep_search_updated after update on contracts
referencing old table as before_rows new table as after_rows
for each statement execute function search.keep_contracts();
create trigger keep_search_deleted after delete on contracts
referencing old table as before_rows
for each statement execute function search.keep_contracts();
create trigger keep_search_truncated after truncate on contracts
for each statement execute function search.keep_contracts();
