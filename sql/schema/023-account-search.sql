-- Account search: which accounts can this text mean?
--
-- One function, supra.account_search, over what 020 makes. A word that is not found is
-- corrected among the words of the tenant, and the accounts are looked up with the corrected words.

-- What follows is PL/pgSQL where SQL would do: it keeps its plans for as long as the connection lives.

-- A word and the other ways people write it, so that either finds both.
create function search.spellings(word text) returns text[]
language plpgsql immutable strict parallel safe
as $$
declare
    groups constant text[] := array[
        'avenida av ave avda', 'boulevard blvd bulevar', 'privada priv pvda', 'prolongacion prol',
        'fraccionamiento fracc fracto', 'circuito cto', 'carretera carr', 'manzana mz mza', 'lote lt',
        'general gral', 'santa sta', 'santo sto', 'doctor dr', 'licenciado lic', 'ingeniero ing',
        'profesor prof profr', 'hermanos hnos', 'maria ma', 'guadalupe gpe', 'francisco fco',
        'hernandez hdz hdez', 'martinez mtz', 'rodriguez rdz rdguez', 'gonzalez glz gzz', 'fernandez fdz fdez',
        'ramirez rmz', 'gutierrez gtz'
    ];
    one text;
begin
    foreach one in array groups loop
        if position(' ' || word || ' ' in ' ' || one || ' ') > 0 then
            return string_to_array(one, ' ');
        end if;
    end loop;
    return array[word];
end
$$;

-- The words without those that people add to a name or an address and that need not be stored; all
-- of them if they are nothing else.
create function search.without_fillers(words text[]) returns text[]
language plpgsql immutable strict parallel safe
as $$
declare
    telling text[] := '{}';
    word text;
begin
    foreach word in array words loop
        if word not in (
            'a', 'c', 'calle', 'col', 'colonia', 'con', 'cp', 'cv', 'de', 'del', 'el', 'en', 'esq', 'esquina',
            'ext', 'exterior', 'int', 'interior', 'la', 'las', 'los', 'mexico', 'mpio', 'municipio', 'no', 'num',
            'numero', 'qro', 'queretaro', 'rl', 's', 'sa', 'y'
        ) then
            telling := telling || word;
        end if;
    end loop;
    return case when telling = '{}' then words else telling end;
end
$$;

-- One word of a search as a tsquery: any of its spellings, whole or as a beginning. Quoting is safe:
-- plain_words() leaves no quote and no backslash in a word.
create function search.term(tenant uuid, spellings text[], unfinished boolean) returns text
language sql immutable strict parallel safe
return '(''' || search.mark(tenant)
    || array_to_string(
        spellings, case when unfinished then ''':*|''' else '''|''' end || search.mark(tenant)
    )
    || case when unfinished then ''':*)' else ''')' end;

-- The same word as a regular expression over words between spaces.
create function search.pattern(spellings text[], unfinished boolean) returns text
language sql immutable strict parallel safe
return ' (' || array_to_string(spellings, '|') || ')' || case when unfinished then '' else ' ' end;

create function search.is_known(tenant uuid, word text, unfinished boolean) returns boolean
language plpgsql stable strict
as $$
begin
    return exists (
        select
        from search.words as w
        where w.tenant_id = tenant
          and w.word between is_known.word
              and is_known.word || case when unfinished then chr(1114111) else '' end
    );
end
$$;

-- The words a mistyped word may stand for, likeliest first: those one edit away; if there are none,
-- or wide is asked for, those with like trigrams at most two edits away; and for the word still being
-- typed, if there is nothing else, those that begin much like it.
create function search.near_words(tenant uuid, word text, unfinished boolean, wide boolean) returns text[]
language plpgsql stable strict
as $$
declare
    near text[];
begin
    if not search.correctable(word) or length(word) > 40 then
        return '{}';
    end if;
    near := array(
        select w.word
        from search.words as w
        where search.deletions(search.mark(w.tenant_id), w.word)
              && search.deletions(search.mark(tenant), near_words.word)
          and w.tenant_id = tenant
          and w.word <> near_words.word
        order by public.levenshtein(w.word, near_words.word), w.accounts desc, w.word
        limit 24
    );
    if cardinality(near) > 0 and not wide then
        return near;
    end if;
    near := near || array(
        select w.word
        from search.words as w
        where w.word operator(public.%) near_words.word
          and w.tenant_id = tenant
          and w.word <> all (near || near_words.word)
          and public.levenshtein_less_equal(w.word, near_words.word, 2) <= 2
        order by public.similarity(w.word, near_words.word) desc, w.accounts desc, w.word
        limit 8
    );
    if unfinished and cardinality(near) = 0 then
        near := array(
            select w.word
            from search.words as w
            where w.tenant_id = tenant
              and w.word between left(near_words.word, 1) and left(near_words.word, 1) || chr(1114111)
              and public.levenshtein_less_equal(left(w.word, length(near_words.word)), near_words.word, 2) <= 2
            order by public.levenshtein(left(w.word, length(near_words.word)), near_words.word), w.accounts desc, w.word
            limit 8
        );
    end if;
    return near;
end
$$;

-- What was typed as the beginning of a telephone number, without the ways to dial it; null if it
-- cannot be one. An area code alone means nobody.
create function search.typed_phone(typed text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    digits text := regexp_replace(regexp_replace(lower(typed), ' *(ext|x).*$', ''), '[ ().-]', '', 'g');
begin
    if digits !~ '^[+]?[0-9]+$' then
        return null;
    end if;
    digits := case
        when digits ~ '^([+]|00)52' then regexp_replace(digits, '^([+]|00)521?', '')
        else right(ltrim(digits, '+'), 10)
    end;
    return case when length(digits) >= 5 then digits end;
end
$$;

-- A contract found, and why. matched_value is null where words were found: it is the holder's name
-- or the address then.
create type search.hit as (contract_id uuid, tier smallint, matched_by text, matched_value text, score real);

-- The contracts of the first keys that begin with what was typed; without prefixes, those that are it.
create function search.hits_by_key(tenant uuid, typed text, prefixes boolean, wanted integer) returns search.hit[]
language plpgsql stable strict
as $$
declare
    last_character text := case when prefixes then chr(1114111) else '' end;
    key text := nullif(supra.search_key(typed), '');
    email text := case when position(' ' in typed) = 0 then lower(typed) end;
    phone text := search.typed_phone(typed);
begin
    return array(
        select row(f.contract_id, f.tier, f.matched_by, f.value, f.score)::search.hit
        from (
            select distinct on (c.id)
                c.id as contract_id,
                case when k.key = probe.key then 1 else 2 end::smallint as tier,
                probe.matched_by,
                k.value,
                (length(probe.key)::real / length(k.key))::real as score
            from (
                values
                    (1, 'contract_number', 'contract_number', 'contract', key),
                    (2, 'toma_number', 'toma_number', 'toma', key),
                    (3, 'meter_serial', 'meter_serial', 'toma', key),
                    (4, 'rfc', 'rfc', 'person', key),
                    (5, 'curp', 'curp', 'person', key),
                    (6, 'phone', 'phone', 'person', phone),
                    (7, 'phone', 'phone_secondary', 'person', phone),
                    (8, 'phone', 'whatsapp', 'person', phone),
                    (9, 'phone', 'contact', 'person', phone),
                    (10, 'email', 'email', 'person', email),
                    (11, 'email', 'contact', 'person', email),
                    (12, 'invoice', 'invoice', 'contract', key),
                    (13, 'invoice', 'serie_invoice', 'contract', key),
                    (14, 'payment', 'payment', 'contract', key),
                    (15, 'payment', 'payment_reference', 'contract', key)
            ) as probe (preference, matched_by, kind, owned_by, key)
            cross join lateral (
                select v.key, v.value, v.owner
                from search.keys as v
                where v.tenant_id = tenant
                  and v.kind = probe.kind
                  and v.key between probe.key and probe.key || last_character
                order by v.key
                limit wanted
            ) as k
            cross join lateral (
                select k.owner as id
                where probe.owned_by = 'contract'
                union all
                (
                    select c.id
                    from public.contracts as c
                    where probe.owned_by = 'toma' and c.tenant_id = tenant and c.toma_id = k.owner
                    limit wanted
                )
                union all
                (
                    select c.id
                    from public.contracts as c
                    where probe.owned_by = 'person' and c.tenant_id = tenant and c.person_id = k.owner
                    limit wanted
                )
            ) as c
            where probe.key is not null
            order by c.id, tier, score desc, probe.preference
        ) as f
        order by f.tier, f.score desc, f.contract_id
        limit wanted
    );
end
$$;

-- The best of the contracts that have all the words. Where thousands have them, only the first in
-- the order of the table are ranked: nobody finds an account by "maria" alone.
create function search.hits_by_words(
    tenant uuid, terms text[], patterns text[], needle text, tier integer, wanted integer, hits_before search.hit[]
) returns search.hit[]
language plpgsql stable strict
as $$
declare
    query tsquery := array_to_string(terms, '&')::tsquery;
    ranked_at_most integer := case when tier = 3 then 2000 else 500 end + cardinality(hits_before);
begin
    return array(
        select row(r.contract_id, hits_by_words.tier, r.matched_by, null, r.score)::search.hit
        from (
            select
                c.contract_id,
                d.matched_by,
                case
                    when hits_by_words.tier = 4 then public.similarity(d.words, needle)
                    else
                        least(1, length(needle)::real / length(d.words))
                        * case when position(' ' || needle in ' ' || d.words) > 0 then 1 else 0.9 end
                end::real as score
            from (
                select a.contract_id, a.holder, a.place
                from search.accounts as a
                where search.lexemes(a.tenant_id, a.holder, a.place) @@ query
                  and a.tenant_id = tenant
                limit ranked_at_most
            ) as c
            cross join lateral (
                select
                    ' ' || c.holder || ' ' ~ all (patterns) as by_name,
                    ' ' || c.place || ' ' ~ all (patterns) as by_address
                offset 0
            ) as m
            cross join lateral (
                select
                    case
                        when m.by_name then 'name' when m.by_address then 'address' else 'name_address'
                    end as matched_by,
                    case
                        when m.by_name then c.holder when m.by_address then c.place else c.holder || ' ' || c.place
                    end as words
            ) as d
            where c.contract_id not in (select f.contract_id from unnest(hits_before) as f)
        ) as r
        order by r.score desc, r.contract_id
        limit wanted
    );
end
$$;

-- Contracts with all the words. Whole words come first, so that a frequent beginning cannot hide
-- them; then the last word may be unfinished; then fillers may be missing. Text that is a key as it
-- stands is not taken for unfinished, nor is a single letter that somebody has as a word.
create function search.hits_by_text(tenant uuid, typed text, wanted integer, hits_before search.hit[])
returns search.hit[]
language plpgsql stable strict
as $$
declare
    needle text := search.plain_words(typed);
    words text[] := (string_to_array(needle, ' '))[1:12];
    n integer := cardinality(words);
    spellings text[];
    terms text[];
    patterns text[];
    hits search.hit[] := '{}';
begin
    for round in 1..2 loop
        if round = 2 then
            words := search.without_fillers(words);
            exit when cardinality(words) = n;
            n := cardinality(words);
        end if;
        terms := '{}';
        patterns := '{}';
        for i in 1..n loop
            spellings := search.spellings(words[i]);
            terms[i] := search.term(tenant, spellings, false);
            patterns[i] := search.pattern(spellings, false);
        end loop;
        hits := search.hits_by_words(tenant, terms, patterns, needle, 3, wanted, hits_before);
        exit when cardinality(hits) >= wanted or hits_before[1].tier = 1
            or cardinality(hits) > 0 and length(words[n]) = 1;

        terms[n] := search.term(tenant, spellings, true);
        patterns[n] := search.pattern(spellings, true);
        hits := hits || search.hits_by_words(
            tenant, terms, patterns, needle, 3, wanted - cardinality(hits), hits_before || hits
        );
        exit when cardinality(hits) > 0;
    end loop;
    return hits;
end
$$;

-- Contracts with words like these, fillers left out. First every word nobody has is corrected; if
-- that finds nothing, one word at a time is taken for a typing error, whether it exists or not.
create function search.hits_by_likeness(tenant uuid, typed text, wanted integer) returns search.hit[]
language plpgsql stable strict
as $$
declare
    needle text := search.plain_words(typed);
    words text[] := search.without_fillers((string_to_array(needle, ' '))[1:12]);
    n integer := cardinality(words);
    corrected boolean := false;
    near text[];
    terms text[] := '{}';
    patterns text[] := '{}';
    changed_terms text[];
    changed_patterns text[];
    hits search.hit[] := '{}';
begin
    for i in 1..n loop
        if search.correctable(words[i]) and not search.is_known(tenant, words[i], i = n) then
            near := search.near_words(tenant, words[i], i = n, false);
            if cardinality(near) = 0 then
                return hits;
            end if;
            corrected := true;
            terms[i] := search.term(tenant, near, false);
            patterns[i] := search.pattern(near, false);
        else
            near := search.spellings(words[i]);
            terms[i] := search.term(tenant, near, i = n);
            patterns[i] := search.pattern(near, i = n);
        end if;
    end loop;
    if corrected then
        hits := search.hits_by_words(tenant, terms, patterns, needle, 4, wanted, hits);
    end if;
    if cardinality(hits) > 0 then
        return hits;
    end if;

    for i in 1..n loop
        near := search.near_words(tenant, words[i], i = n, true);
        continue when cardinality(near) = 0;
        changed_terms := terms;
        changed_terms[i] := search.term(tenant, near, false);
        changed_patterns := patterns;
        changed_patterns[i] := search.pattern(near, false);
        hits := hits || search.hits_by_words(tenant, changed_terms, changed_patterns, needle, 4, wanted, hits);
    end loop;
    return hits;
end
$$;

-- The one way in. Keys by value or by beginning, then words, then what is like them, best first; at
-- most max_hits (1,000 at the utmost). Text without a digit may begin a key, but it is a name far
-- more often ("ruiz" begins RFCs of people of other names), so it is tried as one only when no name
-- and no address has it.
--
-- Plans are made once per connection without regard to the values (a custom plan for each costs more
-- than the search), must not take a table's size at the time of planning for granted, and never
-- compile or start workers.
create function supra.account_search(search_text text, max_hits integer)
returns table (
    contract_id uuid,
    contract_number text,
    contract_status text,
    person_id uuid,
    holder text,
    toma_number text,
    address text,
    municipality text,
    tier smallint,
    matched_by text,
    matched_value text,
    score real
)
language plpgsql stable security definer
rows 50
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set max_parallel_workers_per_gather = 0
set jit = off
as $$
declare
    tenant uuid := supra.current_tenant();
    wanted integer := least(greatest(coalesce(max_hits, 50), 1), 1000);
    typed text := btrim(regexp_replace(left(search_text, 200), '\s+', ' ', 'g'));
    hits search.hit[];
begin
    if tenant is null or coalesce(typed, '') = '' then
        return;
    end if;
    hits := search.hits_by_key(tenant, typed, typed ~ '[0-9@_]|^[^ ]+[.][^ ]+$' or length(typed) < 3, wanted);
    if length(replace(search.plain_words(typed), ' ', '')) >= 3 then
        if cardinality(hits) < wanted then
            hits := hits || search.hits_by_text(tenant, typed, wanted - cardinality(hits), hits);
        end if;
        if cardinality(hits) = 0 then
            hits := search.hits_by_key(tenant, typed, true, wanted);
        end if;
        if cardinality(hits) = 0 then
            hits := search.hits_by_likeness(tenant, typed, wanted);
        end if;
    end if;

    return query
    select
        c.id,
        c.contract_number::text,
        c.status::text,
        p.id,
        p.name::text,
        t.toma_number::text,
        d.address,
        a.municipality::text,
        h.tier,
        h.matched_by,
        coalesce(
            h.matched_value,
            case h.matched_by
                when 'name' then p.name
                when 'address' then d.address
                else p.name || ' · ' || d.address
            end
        ),
        h.score
    from unnest(hits) as h
    inner join public.contracts as c on c.id = h.contract_id and c.tenant_id = tenant
    inner join public.persons as p on p.id = c.person_id and p.tenant_id = tenant
    inner join public.tomas as t on t.id = c.toma_id and t.tenant_id = tenant
    inner join public.addresses as a on a.id = t.address_id and a.tenant_id = tenant
    cross join lateral (
        select concat_ws(
            ', ',
            concat_ws(' ', a.street, a.exterior_number, 'int. ' || nullif(a.interior_number, '')),
            nullif(a.colonia, ''),
            nullif(a.zip_code, '')
        ) as address
    ) as d
    order by h.tier, h.score desc, c.status <> 'activo', c.contract_number, c.id
    limit wanted;
end
$$;

-- Rights on everything the search is made of (020, 022 and this file).
do $$
declare
    thing record;
begin
    for thing in
        select case c.relkind when 'v' then 'view' else 'table' end as kind, c.oid::regclass::text as name
        from pg_catalog.pg_class as c
        where c.relnamespace = 'search'::regnamespace and c.relkind in ('r', 'v')
        union all
        select 'type', 'search.hit'
        union all
        select 'function', p.oid::regprocedure::text
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'search'::regnamespace
           or p.oid = 'supra.account_search(text, integer)'::regprocedure
    loop
        execute format('alter %s %s owner to supra_search', thing.kind, thing.name);
        if thing.kind = 'function' then
            execute format('revoke all on function %s from public', thing.name);
        end if;
    end loop;
end
$$;

grant execute on function supra.account_search(text, integer) to supra_readonly, supra_app;
