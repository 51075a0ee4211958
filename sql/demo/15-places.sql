-- Where the customers live: colonias with their streets, and the hydraulic sectors around them.

create unlogged table demo.place as
with served as (
    select
        t.tenant,
        t.tenant_id,
        e.id as explotacion_id,
        e.code as explotacion_code,
        c.*,
        row_number() over (partition by t.tenant order by c.rank) as place
    from demo.tenant as t
    join explotaciones as e on e.tenant_id = t.tenant_id
    join demo.colonias as c on true
    -- a unit also serves the small municipalities around its own
    left join domain_values as m
        on m.tenant_id = t.tenant_id and m.domain = 'MUNICIPIO' and m.description = c.municipality
    where coalesce(m.extra ->> 'explotacion' = e.code, c.municipality = e.municipality)
)
select
    s.*,
    (sum(s.weight) over before - s.weight) / sum(s.weight) over (partition by s.tenant) as share_from,
    -- colonias of one municipality share a sector four by four, in the order of the list
    1 + (row_number() over (partition by s.tenant, s.explotacion_id order by s.place) - 1) / 4 as sector,
    demo.whole(s.rank, 'streets', 10, 24) as streets,
    demo.roll(s.rank, 'orientation') * pi() as orientation,
    st_setsrid(st_makepoint(s.longitude, s.latitude), 4326)::geography as centre,
    case s.municipality
        when 'San Juan del Río' then '427' when 'Tequisquiapan' then '414' when 'Amealco de Bonfil' then '448'
        when 'Pedro Escobedo' then '448' when 'Colón' then '419' when 'Cadereyta de Montes' then '441'
        when 'Ezequiel Montes' then '441' when 'Tolimán' then '441' when 'Peñamiller' then '441'
        when 'San Joaquín' then '441' when 'Pinal de Amoles' then '441' when 'Jalpan de Serra' then '441'
        when 'Landa de Matamoros' then '441' when 'Arroyo Seco' then '487' when 'Huimilpan' then '448'
        else '442'
    end as area_code,
    case s.municipality when 'Querétaro' then 'Santiago de Querétaro' else s.municipality end as city
from served as s
window before as (partition by s.tenant order by s.place);

alter table demo.place add primary key (tenant, place);

update demo.tenant as t
set shares = (
    select array_agg(p.share_from order by p.place)
    from demo.place as p
    where p.tenant = t.tenant
);

-- A colonia's own streets, drawn from the list of the whole city; none twice.
create unlogged table demo.place_street as
select
    p.tenant,
    p.place,
    drawn.position,
    s.street
from demo.place as p
cross join lateral (
    select
        row_number() over (order by demo.roll(p.rank * 1000 + l.rank, 'street of colonia'))::integer as position,
        l.rank
    from demo.streets as l
) as drawn
join demo.streets as s on s.rank = drawn.rank
where drawn.position <= p.streets;

alter table demo.place_street add primary key (tenant, place, position);

-- Sectors: one over each municipality, and under it one around every four colonias. The buffer is
-- wider than the colonia, so that each of its tomas lies inside.
create unlogged table demo.sector as
select
    p.tenant,
    p.tenant_id,
    p.explotacion_id,
    p.explotacion_code,
    p.sector,
    (row_number() over (order by p.tenant, p.explotacion_code, p.sector))::integer as sector_no,
    min(p.place) as first_place,
    (array_agg(p.colonia order by p.weight desc, p.place))[1] as main_colonia,
    st_multi(st_union(st_buffer(p.centre, p.radius_m * 1.1 + 30)::geometry order by p.place)) as area
from demo.place as p
group by p.tenant, p.tenant_id, p.explotacion_id, p.explotacion_code, p.sector;

insert into sectores_hidraulicos
    (id, tenant_id, explotacion_id, code, name, level, geom, created_at, updated_at)
select
    demo.id('municipal sector', min(s.sector_no)), s.tenant_id, s.explotacion_id, 'S00',
    'Macrosector ' || e.municipality, 1,
    st_multi(st_union(s.area order by s.sector))::geography, demo.until() - interval '6 years',
    demo.until() - interval '6 years'
from demo.sector as s
join explotaciones as e on e.tenant_id = s.tenant_id and e.id = s.explotacion_id
group by s.tenant_id, s.explotacion_id, e.municipality;

insert into sectores_hidraulicos
    (id, tenant_id, explotacion_id, parent_id, code, name, level, geom, created_at, updated_at)
select
    demo.id('sector', s.sector_no), s.tenant_id, s.explotacion_id,
    demo.id('municipal sector', min(s.sector_no) over (partition by s.tenant_id, s.explotacion_id)),
    'S' || lpad(s.sector::text, 2, '0'), 'Sector ' || s.main_colonia, 2, s.area::geography,
    demo.until() - interval '6 years', demo.until() - interval '6 years'
from demo.sector as s;

-- One reading route to a sector, walked on one day of the month.
insert into reading_routes
    (id, tenant_id, explotacion_id, sector_id, code, name, reader_user_id, reading_day, created_at, updated_at)
select
    demo.id('route', s.sector_no), s.tenant_id, s.explotacion_id, demo.id('sector', s.sector_no),
    'R' || lpad(s.sector::text, 2, '0'), 'Ruta ' || s.main_colonia,
    (
        select r.user_id
        from demo.staff as r
        where r.tenant = s.tenant and r.role in ('lecturista', 'operador')
        order by (r.role = 'lecturista') desc, (r.position + s.sector) % 2, r.position
        limit 1
    ),
    demo.whole(s.sector_no, 'reading day', 2, 24), demo.until() - interval '6 years',
    demo.until() - interval '6 years'
from demo.sector as s;

alter table demo.place add column sector_no integer;
alter table demo.place add column reading_day integer;
update demo.place as p
set sector_no = s.sector_no,
    reading_day = demo.whole(s.sector_no, 'reading day', 2, 24)
from demo.sector as s
where s.tenant = p.tenant and s.explotacion_id = p.explotacion_id and s.sector = p.sector;

analyze demo.place;
analyze demo.place_street;
