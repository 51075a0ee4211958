-- Which invoices have been issued already for days these tariffs count for, under whatever price: of each tariff the
-- latest, and how many there are in all, what they come to, and between which days.
--
-- Every row carries the figures of all of its tariff. What counts as issued is supra.issued_invoices()'s to say, which
-- activation asks as well.
--
-- Parameters: ids, how_many (null: all). Index: idx_invoices_explotacion_date. Cost: what joining those invoices to their
-- contracts costs; 1 ms where there are none, 0.3 s for a month of 53,000, 1 to 2 s for ten months of 544,000.
select
    u.tariff_id,
    found.*
from unnest(%(ids)s::uuid[]) as u (tariff_id)
cross join lateral (
    select
        i.invoice_number as number,
        i.contract_number as contract,
        i.billing_date,
        i.total,
        count(*) over () as invoices,
        sum(i.total) over () as total_of_all,
        min(i.billing_date) over () as first_day,
        max(i.billing_date) over () as last_day
    from supra.issued_invoices(u.tariff_id) as i
    order by i.billing_date desc, i.invoice_number
    limit %(how_many)s
) as found
order by u.tariff_id, found.billing_date desc, found.number
