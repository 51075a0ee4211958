-- Who the customers are: people with the names of Querétaro in their true proportions, and firms.
--
-- A soul is somebody in the real world. The second tenant shares some souls with the first: the
-- same name, RFC and CURP on both sides, so that a leak between the two shows.

create unlogged table demo.person as
select
    p.person,
    t.tenant,
    t.tenant_id,
    p.person - t.persons_before as k,
    case
        -- the persons before the second tenant's are the first tenant's
        when t.tenant = 2 and (p.person - t.persons_before) % 3 = 0 and p.person - t.persons_before <= t.persons_before
            then p.person - t.persons_before
        else p.person
    end as soul,
    width_bucket(demo.roll(p.person, 'place'), t.shares) as place,
    demo.id('person', p.person) as person_id
from demo.tenant as t
cross join lateral generate_series(t.persons_before + 1, t.persons_before + t.persons) as p (person);

-- People ------------------------------------------------------------------------------------------

create unlogged table demo.citizen as
with
paterno as (
    select array_agg(w.share_from order by w.rank) as shares
    from (
        select rank, sum(1 / (rank + 2.6)) over (order by rank) / sum(1 / (rank + 2.6)) over () - 1 / (rank + 2.6)
            / sum(1 / (rank + 2.6)) over () as share_from
        from demo.surnames
    ) as w
),
given as (
    select
        sex,
        min(rank) as first_rank,
        array_agg(share_from order by rank) as shares
    from (
        select
            sex, rank,
            (sum(weight) over (partition by sex order by rank) - weight) / sum(weight) over (partition by sex)
                as share_from
        from (
            select sex, rank, 1 / (row_number() over (partition by sex order by rank) + 7.0) as weight
            from demo.given_names
        ) as weighted
    ) as shared
    group by sex
),
drawn as (
    select
        s.soul,
        s.sex,
        width_bucket(demo.roll(s.soul, 'paterno')::numeric, (select shares from paterno)) as paterno,
        case
            when demo.roll(s.soul, 'no materno') < 0.02 then null
            else width_bucket(demo.roll(s.soul, 'materno')::numeric, (select shares from paterno))
        end as materno,
        case s.sex
            when 'H' then width_bucket(
                demo.roll(s.soul, 'given')::numeric, (select shares from given where sex = 'H')
            ) + (select first_rank from given where sex = 'H') - 1
            else width_bucket(
                demo.roll(s.soul, 'given')::numeric, (select shares from given where sex = 'M')
            ) + (select first_rank from given where sex = 'M') - 1
        end as given,
        case
            when demo.roll(s.soul, 'second name') > 0.42 then null
            when s.sex = 'H' then width_bucket(
                demo.roll(s.soul, 'second')::numeric, (select shares from given where sex = 'H')
            ) + (select first_rank from given where sex = 'H') - 1
            else width_bucket(
                demo.roll(s.soul, 'second')::numeric, (select shares from given where sex = 'M')
            ) + (select first_rank from given where sex = 'M') - 1
        end as second,
        (demo.until() - interval '19 years'
            - make_interval(days => floor(demo.roll(s.soul, 'age') ^ 1.2 * 27000)::integer))::date as born
    from (
        select distinct on (soul)
            soul,
            case when demo.roll(soul, 'sex') < 0.5 then 'H' else 'M' end as sex
        from demo.person
        where demo.roll(soul, 'moral') >= 0.055
        order by soul
    ) as s
),
named as (
    select
        d.soul, d.sex, d.born,
        p.surname as last_name_paterno,
        m.surname as last_name_materno,
        -- a second name goes with a single first one: "María del Carmen" takes no other
        g.name || case when h.name is null or g.name ~ ' ' or h.name ~ ' ' or h.name = g.name then ''
            else ' ' || h.name end as first_name,
        p.key as paterno_key,
        coalesce(m.key, 'X') as materno_key,
        -- María and José do not count where another name follows
        demo.bare(
            case
                when g.name ~ '^(María|Ma\.|José) ' then regexp_replace(g.name, '^(María|Ma\.|José) ', '')
                when g.name in ('María', 'José') and h.name is not null and h.name !~ ' ' and h.name <> g.name
                    then h.name
                else g.name
            end
        ) as given_key
    from drawn as d
    join demo.surnames as p on p.rank = d.paterno
    left join demo.surnames as m on m.rank = d.materno
    join demo.given_names as g on g.rank = d.given
    left join demo.given_names as h on h.rank = d.second
),
lettered as (
    select
        n.*,
        left(n.paterno_key, 1) || demo.first_inner(n.paterno_key, 'AEIOU')
        || case when n.materno_key = 'X' then 'X' else left(n.materno_key, 1) end || left(n.given_key, 1) as letters,
        demo.first_inner(n.paterno_key, 'B-DF-HJ-NÑP-TV-Z') || demo.first_inner(n.materno_key, 'B-DF-HJ-NÑP-TV-Z')
        || demo.first_inner(n.given_key, 'B-DF-HJ-NÑP-TV-Z') as consonants
    from named as n
),
-- what both registries will not have at the beginning of a key
decent as (
    select
        l.*,
        case
            when l.letters in (
                'BACA', 'BAKA', 'BUEI', 'BUEY', 'CACA', 'CACO', 'CAGA', 'CAGO', 'CAKA', 'CAKO', 'COGE', 'COGI',
                'COJA', 'COJE', 'COJI', 'COJO', 'COLA', 'CULO', 'FALO', 'FETO', 'GETA', 'GUEI', 'GUEY', 'JETA',
                'JOTO', 'KACA', 'KACO', 'KAGA', 'KAGO', 'KAKA', 'KAKO', 'KOGE', 'KOGI', 'KOJA', 'KOJE', 'KOJI',
                'KOJO', 'KOLA', 'KULO', 'LILO', 'LOCA', 'LOCO', 'LOKA', 'LOKO', 'MAME', 'MAMO', 'MEAR', 'MEAS',
                'MEON', 'MIAR', 'MION', 'MOCO', 'MOKO', 'MULA', 'MULO', 'NACA', 'NACO', 'PEDA', 'PEDO', 'PENE',
                'PIPI', 'PITO', 'POPO', 'PUTA', 'PUTO', 'QULO', 'RATA', 'ROBA', 'ROBE', 'ROBO', 'RUIN', 'SENO',
                'TETA', 'VACA', 'VAGA', 'VAGO', 'VAKA', 'VUEI', 'VUEY', 'WUEI', 'WUEY'
            ) then true
            else false
        end as indecent
    from lettered as l
),
numbered as (
    select
        d.*,
        case when d.indecent then left(d.letters, 3) || 'X' else d.letters end || to_char(d.born, 'YYMMDD') as rfc_stem,
        replace(case when d.indecent then left(d.letters, 1) || 'X' || right(d.letters, 2) else d.letters end, 'Ñ', 'X')
        || to_char(d.born, 'YYMMDD') || d.sex
        || case
            when demo.roll(d.soul, 'born in') < 0.72 then 'QT'
            else demo.one_of(d.soul, 'born elsewhere', array[
                'DF', 'MC', 'GT', 'HG', 'MN', 'SP', 'VZ', 'JC', 'PL', 'OC', 'GR', 'NL', 'TS', 'CS', 'YN'
            ])
        end
        || replace(d.consonants, 'Ñ', 'X') as curp_stem
    from decent as d
),
-- who shares a stem gets the next homoclave, so that no two share the whole
twins as (
    select
        n.*,
        (
            demo.whole(0, n.rfc_stem, 0, 1053)
            + row_number() over (partition by n.rfc_stem order by n.soul)
        )::integer % 1054 as homoclave,
        (row_number() over (partition by n.curp_stem order by n.soul) - 1)::integer % 10 as differentiator
    from numbered as n
)
select
    t.soul,
    'fisica' as person_type,
    'person' as kind,
    t.first_name || ' ' || t.last_name_paterno || coalesce(' ' || t.last_name_materno, '') as name,
    t.first_name,
    t.last_name_paterno,
    t.last_name_materno,
    t.born,
    t.rfc_stem || substr('123456789ABCDEFGHIJKLMNOPQRSTUV', 1 + t.homoclave / 34, 1)
    || substr('123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', 1 + t.homoclave % 34, 1) as rfc_key,
    t.curp_stem
    || case when t.born < date '2000-01-01' then t.differentiator::text else chr(65 + t.differentiator) end as curp_key,
    lower(demo.capitals(split_part(t.first_name, ' ', 1) || '.' || replace(t.last_name_paterno, ' ', ''))) as mailbox
from twins as t;

-- Firms -------------------------------------------------------------------------------------------

create unlogged table demo.firm as
with
words as (
    select
        part,
        array_agg(text order by rank) as texts
    from demo.firms
    group by part
),
kinds as (
    select distinct on (p.soul)
        p.soul,
        case
            when demo.roll(p.soul, 'firm') < 0.48 then 'company'
            when demo.roll(p.soul, 'firm') < 0.74 then 'giro'
            when demo.roll(p.soul, 'firm') < 0.83 then 'school'
            when demo.roll(p.soul, 'firm') < 0.91 then 'association'
            else 'public'
        end as kind,
        l.colonia,
        l.municipality,
        (demo.until() - interval '1 year' - make_interval(days => demo.whole(p.soul, 'founded', 0, 14000)))::date as born
    from demo.person as p
    join demo.place as l on l.tenant = p.tenant and l.place = p.place
    where demo.roll(p.soul, 'moral') < 0.055
    order by p.soul, p.person
),
named as (
    select
        k.soul, k.born, k.kind,
        demo.one_of(k.soul, 'business', (select texts from words where part = k.kind)) || ' '
        || case k.kind
            when 'public' then case when demo.roll(k.soul, 'of what') < 0.4 then k.municipality else k.colonia end
            when 'company' then a.surname || ' ' || b.surname
            when 'giro' then demo.one_of(k.soul, 'sign', (select texts from words where part = 'name'))
            else demo.one_of(k.soul, 'patron', (select texts from words where part = 'name'))
        end as called,
        case k.kind
            when 'public' then ''
            when 'association' then ' A.C.'
            when 'school' then demo.one_of(k.soul, 'form', array[' A.C.', ' S.C.', ' S.C.'])
            else ' ' || demo.one_of(k.soul, 'form', (select texts from words where part = 'form'))
        end as form
    from kinds as k
    join demo.surnames as a on a.rank = demo.whole(k.soul, 'first partner', 1, 400)
    join demo.surnames as b on b.rank = demo.whole(k.soul, 'second partner', 1, 400)
),
lettered as (
    select
        n.*,
        (
            select left(string_agg(left(w.word, 1), '' order by w.position) || 'XX', 3)
            from regexp_split_to_table(demo.capitals(n.called), '[^A-ZÑ]+') with ordinality as w (word, position)
            where w.word not in ('', 'DE', 'LA', 'EL', 'DEL', 'LOS', 'LAS')
        ) || to_char(n.born, 'YYMMDD') as rfc_stem
    from named as n
),
twins as (
    select
        l.*,
        (
            demo.whole(0, l.rfc_stem, 0, 1053)
            + row_number() over (partition by l.rfc_stem order by l.soul)
        )::integer % 1054 as homoclave
    from lettered as l
)
select
    t.soul,
    t.kind,
    t.called || t.form as name,
    t.born,
    t.rfc_stem || substr('123456789ABCDEFGHIJKLMNOPQRSTUV', 1 + t.homoclave / 34, 1)
    || substr('123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', 1 + t.homoclave % 34, 1) as rfc_key,
    'contacto.' || lower(regexp_replace(demo.capitals(split_part(t.called, ' ', 1)), '[^A-Z]', '', 'g')) as mailbox
from twins as t;

create unlogged table demo.soul as
select
    soul, person_type, kind, name, first_name, last_name_paterno, last_name_materno, born, rfc_key, curp_key, mailbox
from demo.citizen
union all
select soul, 'moral', kind, name, null, null, null, born, rfc_key, null, mailbox
from demo.firm;

alter table demo.soul add primary key (soul);
analyze demo.soul;
alter table demo.person add primary key (person);
analyze demo.person;
