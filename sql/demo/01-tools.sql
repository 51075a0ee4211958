-- Randomness that can be repeated, and the identifiers the demo utility is full of.
--
-- The loader has made the schema demo and the constants of this load in it: demo.seed(),
-- demo.accounts(), demo.months() and demo.until() (the first day of the current month).
-- Nothing calls random(): each draw is a hash of the seed, the row it is for and its purpose,
-- so that the same seed makes the same utility on any machine, and a new draw for a new purpose
-- changes no other.

-- A number in [0, 1) for a row and a purpose.
create function demo.roll(row_number bigint, purpose text) returns double precision
language sql immutable parallel safe
return (hashint8extended(row_number, hashtextextended(purpose, demo.seed())) & 9007199254740991)::double precision
    / 9007199254740992.0;

-- A whole number in first .. last for a row and a purpose.
create function demo.whole(row_number bigint, purpose text, first integer, last integer) returns integer
language sql immutable parallel safe
return first + floor(demo.roll(row_number, purpose) * (last - first + 1))::integer;

-- Like roll, but even over consecutive rows (the multiples of an irrational step), so that small
-- utilities get their share of what is rare, too. Draws that must not go together take steps of
-- their own: square roots of 2, 3, 5, 7 and so on.
create function demo.spread(row_number bigint, purpose text, step double precision) returns double precision
language sql immutable parallel safe
return row_number * step + demo.roll(0, purpose) - floor(row_number * step + demo.roll(0, purpose));

-- One of the texts in a list, all equally likely.
create function demo.one_of(row_number bigint, purpose text, choices text[]) returns text
language sql immutable parallel safe
return choices[1 + floor(demo.roll(row_number, purpose) * cardinality(choices))::integer];

-- The id of a row. A UUID of version 8 (RFC 9562): first the row's number, so that ids grow with
-- the rows and indexes are filled from left to right, then 74 bits of hash.
create function demo.id(kind text, row_number bigint) returns uuid
language sql immutable parallel safe
return (
    lpad(to_hex(
        (row_number << 16) | 32768 | (hashint8extended(row_number, hashtextextended(kind, demo.seed() + 1)) & 4095)
    ), 16, '0')
    || to_hex(
        (hashint8extended(row_number, hashtextextended(kind, demo.seed())) & 4611686018427387903)
        | (-9223372036854775807 - 1)
    )
)::uuid;

-- The key of a reading, invoice or payment: account and month in one number.
create function demo.period(account integer, month integer) returns bigint
language sql immutable parallel safe
return account::bigint * 256 + month;

-- The first day of the months loaded: 1 is the oldest, months() the one before the current.
create function demo.month_start(month integer) returns date
language sql immutable parallel safe
return (demo.until() - make_interval(months => demo.months() - month + 1))::date;

-- The accounts that a sliced step takes this time; several sessions may each take their own.
create function demo.slice_from() returns integer
language sql stable parallel safe
return current_setting('demo.slice_from')::integer;

create function demo.slice_to() returns integer
language sql stable parallel safe
return current_setting('demo.slice_to')::integer;

-- Text as identifiers are made from: capitals without accents, Ñ kept.
create function demo.capitals(words text) returns text
language sql immutable parallel safe
return upper(translate(words, 'áéíóúüñÁÉÍÓÚÜ', 'aeiouuÑAEIOUU'));

-- Without the particles that RFC and CURP leave out: "de la Cruz" counts as "Cruz".
create function demo.bare(words text) returns text
language sql immutable parallel safe
return regexp_replace(demo.capitals(words), '^((DE|DEL|LA|LAS|LOS|Y|SAN|SANTA) )+(?=.)', '');

create function demo.first_inner(words text, letters text) returns text
language sql immutable parallel safe
return coalesce(substring(substr(words, 2) from '[' || letters || ']'), 'X');

-- The SAT's check digit: weights 13 to 2, modulo 11, a company's key behind one blank.
create function demo.rfc_digit(key text) returns text
language sql immutable parallel safe
return (
    select substr('0123456789A', (11 - sum(
        (strpos('0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ', substr(lpad(key, 12), i, 1)) - 1) * (14 - i)
    )::integer % 11) % 11 + 1, 1)
    from generate_series(1, 12) as i
);

-- RENAPO's check digit: weights 18 to 2, modulo 10.
create function demo.curp_digit(key text) returns text
language sql immutable parallel safe
return (
    select ((10 - sum(
        (strpos('0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ', substr(key, i, 1)) - 1) * (19 - i)
    )::integer % 10) % 10)::text
    from generate_series(1, 17) as i
);

-- The Banco de México's check digit of a CLABE: weights 3, 7, 1, modulo 10.
create function demo.clabe_digit(key text) returns text
language sql immutable parallel safe
return (
    select ((10 - sum(
        (substr(key, i, 1)::integer * (array[3, 7, 1])[(i - 1) % 3 + 1]) % 10
    )::integer % 10) % 10)::text
    from generate_series(1, 17) as i
);

-- Word lists ------------------------------------------------------------------------------------
-- Filled by the loader from data/*.csv. Names stand in order of frequency; the share of each
-- follows from its rank, as it does in the registers (Zipf-Mandelbrot).

create unlogged table demo.surnames (
    rank integer generated always as identity primary key,
    surname text not null,
    key text generated always as (demo.bare(surname)) stored
);
create unlogged table demo.given_names (
    rank integer generated always as identity primary key,
    sex text not null,
    name text not null
);
create unlogged table demo.streets (
    rank integer generated always as identity primary key,
    street text not null
);
create unlogged table demo.colonias (
    rank integer generated always as identity primary key,
    municipality text not null,
    colonia text not null,
    zip_code text not null,
    latitude double precision not null,
    longitude double precision not null,
    radius_m double precision not null,
    weight double precision not null
);
create unlogged table demo.firms (
    rank integer generated always as identity primary key,
    part text not null,
    text text not null
);
