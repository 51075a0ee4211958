"""How does a demo utility get onto TimescaleDB Community, where that runs in WebAssembly?

That server (`scripts/timescale-wasm`) has compression, policies and continuous aggregates, and no PostGIS, no pgcrypto
and no ICU. So the files of `sql/schema` are applied with the few places that need those changed, each named here and
missed loudly; what `sql/demo` computes with PostGIS gets stand-ins that carry text. Then the time series are put into
the state that a DBA meets: most of what is due compressed, some overdue, rows that came late.

One backend serves all connections of that server, so one connection at a time works, and nothing here leaves a
transaction open.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from queries.demo import CLOCK, DEMO_ROLES, ensure_demo_roles
from queries.demo_load import DemoUtility, Load, connect, exists
from queries.demo_load import Progress as LoadProgress
from supra_console.error_translation import translate
from supra_console.errors import ConfigurationError, MissingFeature
from supra_console.i18n import _

Connection = psycopg.Connection[tuple[Any, ...]]
Progress = Callable[[str, int, int], None]

SCHEMA: Final = Path(__file__).resolve().parent.parent / "sql" / "schema"
ACCOUNTS: Final = 800
MONTHS: Final = 24
SIGNED_IN: Final = "demo_dba"
"""Who everybody is on the demo's server: only a DBA may act on chunks."""

MARK: Final = "SUPRA demo of the time series"


@dataclass(frozen=True, slots=True)
class Substitution:
    """A place of the schema that needs what this server lacks.

    Attributes:
        file: the number its file begins with.
        pattern: what is replaced; it has to be there.
    """

    file: str
    pattern: re.Pattern[str]
    replacement: str = ""


_LINE: Final = re.MULTILINE
SUBSTITUTIONS: Final = (
    Substitution("001", re.compile(r"^create extension if not exists postgis;$", _LINE)),
    Substitution("001", re.compile(r"^create extension if not exists pgcrypto;$", _LINE)),
    Substitution(
        "001", re.compile(r"\(provider = icu, locale = 'es-MX'\)"), "(provider = builtin, locale = 'C.UTF-8')"
    ),
    *(
        Substitution(
            file,
            re.compile(r"geom geography\([^)]*\)(?: generated always as \(.*?\) stored)?(?=,?\n)", re.DOTALL),
            "geom text",
        )
        for file in ("004", "005")
    ),
)
LEFT_OVER: Final = re.compile(r"\b(?:geography|geometry|st_[a-z]+) ?\(|\bpostgis;|provider = icu", re.IGNORECASE)

STAND_INS: Final = """
    create domain geography as text;
    create domain geometry as text;
    create function st_makepoint(x double precision, y double precision) returns text
    language sql immutable return format('POINT(%s %s)', x, y);
    create function st_setsrid(shape text, srid integer) returns text language sql immutable return shape;
    create function st_buffer(shape text, metres double precision) returns text language sql immutable return shape;
    create function st_multi(shape text) returns text language sql immutable return shape;
    create function keep_first(state text, shape text) returns text
    language sql immutable return coalesce(state, shape);
    create aggregate st_union (text) (sfunc = keep_first, stype = text);
"""
"""PostGIS as far as `sql/demo` asks for it: shapes that nobody looks at."""


def prepare(
    conninfo: str,
    *,
    accounts: int = ACCOUNTS,
    months: int = MONTHS,
    overdue: int = 1,
    progress: Progress | None = None,
) -> bool:
    """Schema, demo utility, users and time series in the making; only what is missing of it.

    Args:
        conninfo: connection string of the server's `postgres`.
        accounts, months: the size of the demo utility, if it has to be loaded.
        overdue: how many chunks of readings are left for the policy to compress.
        progress: called with the step under way, and how many of how many parts are done.

    Returns:
        Whether anything had to be done.

    Raises:
        SupraError: what stood in the way.
    """

    def say(step: str, done: int, total: int) -> None:
        if progress is not None:
            progress(step, done, total)

    try:
        with connect(conninfo) as admin:
            if is_ready(admin):
                return False
            admin.execute("set session authorization postgres")
            _require_community(admin)
            say(_("schema"), 0, 1)
            if not exists(admin, "supra.rate_blocks(jsonb,numeric)", "to_regprocedure"):
                apply_schema(admin)
            begun = exists(admin, "demo", "to_regnamespace") or _value(admin, "select exists (select from contracts)")
        wanted = DemoUtility(accounts, months, 1, datetime.now(CLOCK).date().replace(day=1))

        def loading(part: LoadProgress) -> None:
            say(part.step, part.done, part.total)

        Load(conninfo, wanted, loading, workers=1).run(clear=bool(begun))
        ensure_demo_roles(conninfo, {role: secrets.token_urlsafe(18) for role in DEMO_ROLES})
        with connect(conninfo) as admin:
            say(_("compression"), 0, 1)
            put_into_use(admin, overdue=overdue)
            admin.execute(sql.SQL("comment on domain geography is {}").format(sql.Literal(MARK)))
    except psycopg.Error as error:
        raise translate(error) from None
    return True


def is_ready(connection: Connection) -> bool:
    """Whether everything is there; anybody may ask."""
    return bool(_value(connection, "select obj_description(to_regtype('geography'), 'pg_type') = %s", MARK))


def sign_in(conninfo: str, role: str = SIGNED_IN) -> dict[str, str | int | bool | list[str]]:
    """Make everybody who is connected, or will be, that role: this server has one session for all.

    Returns:
        The connection profile that fits; its password is the server's for everybody, and protects nothing.
    """
    try:
        with connect(conninfo) as connection:
            connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(role)))
    except psycopg.Error as error:
        raise translate(error) from None
    parameters = conninfo_to_dict(conninfo)
    profile: dict[str, str | int | bool | list[str]] = {
        str(key): str(value)
        for key, value in parameters.items()
        if key in ("host", "port", "dbname", "password", "sslmode")
    }
    return profile | {
        "user": role,
        "production": False,
        "description": _("Time series of a demo utility, half compressed, on TimescaleDB Community"),
    }


def _require_community(admin: Connection) -> None:
    if _value(admin, "select current_setting('timescaledb.license', true)") != "timescale":
        raise MissingFeature(
            _("The server has no TimescaleDB Community edition"), _("Start one with scripts/timescaledb up.")
        )


# ── Schema ────────────────────────────────────────────────────────────────────────────────


def apply_schema(admin: Connection) -> None:
    """Run the files of `sql/schema`, all or none of them."""
    files = sorted(SCHEMA.glob("*.sql"))
    statements = [without_postgis(path.name, path.read_text("utf-8")) for path in files]
    with admin.transaction():
        for text in statements:
            admin.execute(text.encode())
        admin.execute(STAND_INS)


def without_postgis(name: str, text: str) -> str:
    """A file of the schema without what the server lacks.

    Raises:
        ConfigurationError: a place to change is not there any more, or there is a new one.
    """
    for substitution in SUBSTITUTIONS:
        if name.startswith(substitution.file):
            text, count = substitution.pattern.subn(substitution.replacement, text)
            if not count:
                raise _schema_changed(name, substitution.pattern.pattern)
    code = re.sub(r"--[^\n]*", "", text)
    if left := LEFT_OVER.search(code):
        raise _schema_changed(name, left.group())
    return text


def _schema_changed(name: str, place: str) -> ConfigurationError:
    return ConfigurationError(
        _("{file} does not fit a server without PostGIS: {place}").format(file=name, place=place),
        _("Bring SUBSTITUTIONS in queries/demo_timescale.py up to date."),
    )


# ── The state a DBA meets ─────────────────────────────────────────────────────────────────


def put_into_use(admin: Connection, *, overdue: int) -> None:
    """Compress what is due but the newest `overdue` chunks of readings, refresh the aggregate, and be late."""
    _add_views(admin)
    # In WebAssembly nothing collects statistics by itself.
    admin.execute("vacuum (analyze)")
    for table in ("meter_readings", "domain_events"):
        due = [
            str(chunk)
            for (chunk,) in admin.execute(
                """
                select format('%%I.%%I', c.chunk_schema, c.chunk_name)
                from timescaledb_information.chunks as c
                join timescaledb_information.jobs as j using (hypertable_schema, hypertable_name)
                where c.hypertable_name = %s
                  and j.proc_name = 'policy_compression'
                  and c.range_end <= now() - (j.config ->> 'compress_after')::interval
                  and not c.is_compressed
                order by c.range_end
                """,
                [table],
            )
        ]
        for chunk in due[: len(due) - overdue] if table == "meter_readings" else due:
            admin.execute("select compress_chunk(%s::regclass)", [chunk])
    # The policy refreshes day by day and leaves a trace of each; in one go there is none.
    admin.execute("call refresh_continuous_aggregate('timeseries.daily_consumption', null, now() - interval '1 hour')")
    _add_late_readings(admin)


def _add_views(admin: Connection) -> None:
    """Fourteen months of accounts looked at, as the console records them."""
    admin.execute(
        """
        insert into timeseries.domain_events
            (tenant_id, event_type, aggregate_type, aggregate_id, payload, metadata, created_at)
        select c.tenant_id, 'account.viewed', 'contract', c.id, '{}',
               jsonb_build_object('db_user', u.db_role, 'user_id', u.id, 'application_name', 'supra-console'),
               seen.at + make_interval(secs => c.number * 7 % 28800)
        from (
            select id, tenant_id, row_number() over (partition by tenant_id order by id) as number from contracts
        ) as c
        join users as u on u.tenant_id = c.tenant_id and u.db_role in ('demo_clerk', 'demo_other')
        cross join lateral generate_series(
            now() - interval '14 months' + make_interval(days => (c.number % 60)::integer), now(), interval '60 days'
        ) as seen (at)
        where seen.at + make_interval(secs => c.number * 7 % 28800) < now()
        """
    )


def _add_late_readings(admin: Connection) -> None:
    """Readings of one office that came in after their month was compressed, and counted."""
    admin.execute(
        """
        insert into timeseries.meter_readings
            (tenant_id, meter_id, toma_id, contract_id, sector_id, reading_value, previous_reading, consumption,
             reading_date, source, period_start, period_end, observations)
        select r.tenant_id, r.meter_id, r.toma_id, r.contract_id, r.sector_id, r.reading_value + 1, r.reading_value, 1,
               r.reading_date + interval '1 hour', 'manual_office', r.period_start, r.period_end,
               'Capturada tarde en oficina'
        from timeseries.meter_readings as r
        join (
            select range_start, range_end
            from timescaledb_information.chunks
            where hypertable_name = 'meter_readings' and is_compressed
            order by range_start desc
            offset 3 limit 1
        ) as late on r.reading_date >= late.range_start and r.reading_date < late.range_end - interval '1 hour'
        order by r.id
        limit 40
        """
    )


def _value(connection: Connection, statement: str, *parameters: object) -> Any:
    row = connection.execute(statement.encode(), parameters or None).fetchone()
    return row[0] if row else None
