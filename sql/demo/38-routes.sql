-- The reader's way along each route: street by street, house by house.

insert into reading_route_stops (id, tenant_id, route_id, toma_id, stop_order, access_notes, created_at, updated_at)
select
    demo.id('stop', a.n), a.tenant_id, demo.id('route', a.sector_no), a.toma_id,
    row_number() over (partition by a.sector_no order by a.place, a.street, a.longitude, a.n),
    case when demo.roll(a.n, 'access') < 0.03 then demo.one_of(a.n, 'access note', array[
        'Perro bravo', 'Tocar el timbre', 'Medidor dentro de la cochera', 'Pedir la llave en la caseta'
    ]) end,
    a.start_date, a.start_date
from demo.account as a
where a.metered and a.status not in ('baja', 'cancelado')
order by a.n;
