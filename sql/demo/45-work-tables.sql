-- What the large steps hand to one another.

create unlogged table demo.consumption (
    n integer not null,
    month smallint not null,
    anomaly text,
    used_m3 numeric(10, 3) not null,
    meter_before numeric(12, 3) not null,
    read_at timestamptz not null,
    billing_date date not null,
    due_date date not null,
    period_start date not null,
    period_end date not null,
    tariff_no integer not null,
    -- whether the holder at the time has the social discount
    social boolean not null
);

create unlogged table demo.bill (
    n integer not null,
    month smallint not null,
    -- 1 stands; 0 was issued first, found wrong and cancelled
    issue smallint not null,
    rate_no integer not null,
    read_at timestamptz,
    used_m3 numeric(10, 3) not null,
    meter_before numeric(12, 3),
    estimated boolean not null,
    billing_date date not null,
    due_date date not null,
    period_start date not null,
    period_end date not null,
    subtotal numeric(12, 2) not null,
    iva_amount numeric(12, 2) not null,
    total numeric(12, 2) not null,
    first_paid_at timestamptz,
    first_paid numeric(12, 2),
    second_paid_at timestamptz,
    second_paid numeric(12, 2),
    status text not null
);

-- The accounts a step takes at a time.
create index on demo.consumption (n);
create index on demo.bill (n);
