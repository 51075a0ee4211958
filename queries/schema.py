"""Which schema has a database, and how does it get the newest?

`init` makes, adopts or upgrades it as an administrator, in one transaction: whatever goes wrong or is interrupted, the
database is as it was. The files of `sql/schema` always say what the newest schema is; Alembic, configured here and not
by a file, keeps the revision in `supra.alembic_version`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, LiteralString

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow, args_row

from supra_console.error_translation import translate
from supra_console.errors import ConfigurationError, MissingFeature, ServerTooOld, SupraError, UnsafeRole
from supra_console.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import Connection as AlchemyConnection

    from supra_console.database import Database

ALEMBIC = Path(__file__).resolve().parent.parent / "sql" / "alembic"
BASELINE = "0001"
LATER = frozenset({"public.tariff_impact_reports"})  # tables of later revisions: files before those lack them
OLDEST_SERVER = 160000
OLDEST_TIMESCALEDB = (2, 17)
EXTENSIONS = (
    "uuid-ossp",
    "pgcrypto",
    "pg_trgm",
    "unaccent",
    "fuzzystrmatch",
    "btree_gist",
    "postgis",
    "vector",
    "timescaledb",
)
# Any number will do, as long as nobody else takes it: two people who initialise at once come one after the other.
LOCK = 2026_0216

Outcome = Literal["created", "adopted", "upgraded", "unchanged"]

# Tables in public and timeseries: not the extensions', not partitions; ours by their owners.
TABLES: LiteralString = """
    select format('%%I.%%I', n.nspname, c.relname)
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('public', 'timeseries') and c.relkind in ('r', 'p') and not c.relispartition
      and (%s or c.relowner in (select oid from pg_catalog.pg_roles where rolname in ('supra_owner', 'supra_jobs')))
      and not exists (
          select from pg_catalog.pg_depend as d
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
"""


@dataclass(frozen=True, slots=True)
class InitReport:
    """What `init` did.

    Attributes:
        outcome: created from the files; adopted (the files had been run before, as compose does); upgraded; unchanged.
        revision: the revision the database now has.
        tables: tables of ours it now has, partitions not counted.
        edition: of TimescaleDB, apache or community.
        seconds: how long it took.
    """

    outcome: Outcome
    revision: str
    tables: int
    edition: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """What a database has of the schema.

    Attributes:
        database: its name.
        server: PostgreSQL's version.
        current: its revision; None if it carries none.
        head: the newest revision this console knows.
        tables: tables of ours, partitions not counted.
        policies: row-level policies on them.
        missing_extensions: extensions the schema needs that the database lacks.
        edition: of TimescaleDB, apache or community; None without it.
    """

    database: str
    server: str
    current: str | None
    head: str
    tables: int
    policies: int
    missing_extensions: tuple[str, ...]
    edition: str | None


@dataclass(frozen=True, slots=True)
class Server:
    """What has to be known of a server before anything is done."""

    version_number: int
    version: str
    superuser: bool
    encoding: str
    preloaded: str | None
    available: dict[str, str]


def init(conninfo: str) -> InitReport:
    """Give a database the newest schema.

    Args:
        conninfo: libpq connection string of a superuser.

    Raises:
        ServerTooOld, MissingFeature, UnsafeRole, ConfigurationError: the server or the role will not do; nothing was
            tried.
        SupraError: a file failed; nothing was changed.
    """
    began = time.monotonic()
    with administration(conninfo) as (alchemy, connection):
        judge(server_of(connection))
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        outcome = bring_up(alchemy, connection)
        return InitReport(
            outcome=outcome,
            revision=revision_in(connection) or head_revision(),
            tables=len(tables_in(connection)),
            edition=edition_in(connection),
            seconds=round(time.monotonic() - began, 3),
        )


def downgrade(conninfo: str) -> None:
    """Take the schema out of a database again, and out of the cluster the roles that no other database uses.

    Raises:
        SupraError: somebody else's objects rest on ours; nothing was changed.
    """
    with administration(conninfo) as (alchemy, connection):
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        if revision_in(connection) is None:
            raise ConfigurationError(
                _("The database carries no revision of the schema"), _("There is nothing to take out.")
            )
        migrate(alchemy, "downgrade", "base")
        connection.execute("drop table supra.alembic_version")
        connection.execute("drop schema supra")


def status(conninfo: str) -> SchemaStatus:
    """What a database has of the schema; any role may ask that may read the revision."""
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            tables = tables_in(connection)
            return SchemaStatus(
                database=connection.info.dbname,
                server=str(value(connection, "show server_version")),
                current=revision_in(connection),
                head=head_revision(),
                tables=len(tables),
                policies=value(
                    connection,
                    "select count(*) from pg_policies where format('%%I.%%I', schemaname, tablename) = any (%s)",
                    list(tables),
                ),
                missing_extensions=tuple(
                    value(
                        connection,
                        "select array(select wanted from unnest(%s::text[]) with ordinality as w (wanted, place) "
                        "where wanted not in (select extname from pg_extension) order by place)",
                        list(EXTENSIONS),
                    )
                ),
                edition=edition_in(connection),
            )
    except psycopg.Error as error:
        raise translate(error) from None


def head_revision() -> str:
    """The newest revision this console knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(ALEMBIC)).get_current_head() or BASELINE


async def revision_of(db: Database) -> str | None:
    """The revision of the database somebody is signed in to; None if it carries none."""
    async with db.reading() as connection:
        there = await (await connection.execute("select to_regclass('supra.alembic_version') is not null")).fetchone()
        if not there or not there[0]:
            return None
        row = await (await connection.execute("select version_num from supra.alembic_version")).fetchone()
        return str(row[0]) if row else None


# ── Parts ─────────────────────────────────────────────────────────────────────────────────


@contextmanager
def administration(conninfo: str) -> Iterator[tuple[AlchemyConnection, Connection[TupleRow]]]:
    """One transaction of an administrator, as SQLAlchemy and as psycopg know it.

    Errors come out as ours, and nothing that was done stays after one.
    """
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import DBAPIError

    engine = create_engine(
        "postgresql+psycopg://",
        # libpq reads the connection string by itself, so that no password enters a URL
        creator=lambda: psycopg.connect(conninfo, application_name="supra-console db"),
        poolclass=NullPool,
        hide_parameters=True,
    )
    try:
        with engine.begin() as alchemy:
            connection = alchemy.connection.driver_connection
            assert isinstance(connection, Connection)  # noqa: S101 - what the creator above returns
            yield alchemy, connection
    except DBAPIError as error:
        raise explain(error.orig or error) from None
    except psycopg.Error as error:
        raise explain(error) from None


def explain(error: BaseException) -> SupraError:
    """Our word for what stopped the schema.

    Here the server's own is quoted: it names objects of the schema and holds no person's data.
    """
    diag = getattr(error, "diag", None)
    said = getattr(diag, "message_primary", None)
    if not said:
        return translate(error)
    return SupraError(
        _("The schema could not be changed; the database is as it was"),
        ": ".join([*getattr(error, "__notes__", ()), said, *filter(None, [diag.message_detail if diag else None])]),
        sqlstate=getattr(error, "sqlstate", None),
    )


def bring_up(alchemy: AlchemyConnection, connection: Connection[TupleRow]) -> Outcome:
    """Do what this database needs to have the newest schema."""
    there = revision_in(connection)
    if there == head_revision():
        # Where no pg_cron does it, running `db init` again makes the partitions of the months ahead.
        connection.execute("select supra.ensure_partitions()")
        return "unchanged"
    if there:
        migrate(alchemy, "upgrade", "head")
        return "upgraded"
    if holds_the_schema(connection):
        # The files may have been older ones, so what came after the baseline is brought there, again if need be.
        migrate(alchemy, "stamp", BASELINE)
        migrate(alchemy, "upgrade", "head")
        connection.execute("grant select on supra.alembic_version to supra_readonly, supra_app")
        return "adopted"
    # The table with the revision comes before the files, and so does its schema.
    connection.execute("create schema if not exists supra")
    migrate(alchemy, "upgrade", BASELINE)
    migrate(alchemy, "stamp", "head")
    return "created"


def holds_the_schema(connection: Connection[TupleRow]) -> bool:
    """Whether all files have been run here already, as compose does; part of the schema is refused."""
    from supra_console.tables import Base

    mapped = [table for table in Base.metadata.tables.values() if not table.info.get("view")]
    wanted = {f"{table.schema or 'public'}.{table.name}" for table in mapped}
    wanted -= LATER
    lacking = wanted - tables_in(connection, anybody=True)
    if lacking and lacking != wanted:
        raise ConfigurationError(
            _("The database holds only part of the schema"),
            _("Missing: {names}. Start from an empty database.").format(names=", ".join(sorted(lacking))),
        )
    return not lacking


def migrate(alchemy: AlchemyConnection, command: Literal["upgrade", "downgrade", "stamp"], revision: str) -> None:
    """Run an Alembic command on this connection, inside its transaction."""
    from alembic import command as commands
    from alembic.config import Config

    config = Config(attributes={"connection": alchemy})
    config.set_main_option("script_location", str(ALEMBIC).replace("%", "%%"))
    getattr(commands, command)(config, revision)


def server_of(connection: Connection[TupleRow]) -> Server:
    """What `judge` wants to know."""
    with connection.cursor(row_factory=args_row(Server)) as cursor:
        cursor.execute(
            """
            select
                current_setting('server_version_num')::integer,
                current_setting('server_version'),
                (select rolsuper from pg_roles where rolname = current_user),
                current_setting('server_encoding'),
                -- null for who may not know
                (select setting from pg_settings where name = 'shared_preload_libraries'),
                (select jsonb_object_agg(name, default_version) from pg_available_extensions)
            """
        )
        server = cursor.fetchone()
    assert server is not None  # noqa: S101 - one row, whatever the server
    return server


def judge(server: Server) -> None:
    """Say what keeps a server or role from having the schema, if anything: the first thing to put right."""
    if server.version_number < OLDEST_SERVER:
        raise ServerTooOld(_("The server is PostgreSQL {version}, too old").format(version=server.version))
    if not server.superuser:
        raise UnsafeRole(
            _("The schema has to be made by a superuser"),
            _("Roles that see past row security, and extensions, need one. Everyday work never does."),
        )
    if server.encoding != "UTF8":
        raise ConfigurationError(
            _("The database has the encoding {encoding}").format(encoding=server.encoding),
            _("Make one with: create database … encoding 'UTF8' template template0"),
        )
    missing = [name for name in EXTENSIONS if name not in server.available]
    if missing:
        raise MissingFeature(
            _("The server lacks extensions: {names}").format(names=", ".join(missing)),
            _("Install their packages on the server, or use the image that compose.yaml names."),
        )
    timescaledb = server.available["timescaledb"]
    if tuple(int(part) for part in timescaledb.split("-")[0].split(".")[:2]) < OLDEST_TIMESCALEDB:
        raise MissingFeature(
            _("The server has TimescaleDB {version}, too old").format(version=timescaledb),
            _("SUPRA needs TimescaleDB 2.17 or newer."),
        )
    if "timescaledb" not in (server.preloaded or ""):
        raise MissingFeature(
            _("TimescaleDB is installed and not loaded"),
            _("Set shared_preload_libraries = 'timescaledb' and restart the server."),
        )


def value(connection: Connection[TupleRow], statement: LiteralString, *parameters: object) -> Any:
    """The one value a statement gives, or None."""
    row = connection.execute(statement, parameters).fetchone()
    return row[0] if row else None


def tables_in(connection: Connection[TupleRow], *, anybody: bool = False) -> set[str]:
    """Names of our tables, with the schema; or of anybody's."""
    return {str(row[0]) for row in connection.execute(TABLES, [anybody])}


def revision_in(connection: Connection[TupleRow]) -> str | None:
    if not value(connection, "select to_regclass('supra.alembic_version') is not null"):
        return None
    revision: str | None = value(connection, "select version_num from supra.alembic_version")
    return revision


def edition_in(connection: Connection[TupleRow]) -> str | None:
    """TimescaleDB's edition, apache or community; None without it."""
    licence = value(connection, "select current_setting('timescaledb.license', true)")
    return {"apache": "apache", "timescale": "community"}.get(licence)
