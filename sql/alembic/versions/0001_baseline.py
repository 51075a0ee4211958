"""The whole schema, as the files of sql/schema have it.

Those files always say what the newest schema is; a fresh database is made by them alone and stamped with the newest
revision. Revisions after this one bring a database there that was made by older files.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psycopg
from alembic import op
from sqlalchemy import Connection, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).resolve().parents[2] / "schema"
OURS = "Created by SUPRA"  # marks an extension that was not there before

# Who owns what we make, and who is granted rights on it. supra_jobs is there on TimescaleDB Community only.
ROLES = (
    "supra_app",
    "supra_dba",
    "supra_supervisor",
    "supra_operator",
    "supra_readonly",
    "supra_search",
    "supra_timeseries",
    "supra_jobs",
    "supra_guard",
    "supra_owner",
)
# A hypertable or a continuous aggregate does not go with DROP OWNED, and not before what rests on it.
TIME_SERIES = (
    "public.daily_consumption",
    "timeseries.daily_consumption",
    "public.meter_readings",
    "public.domain_events",
    "timeseries.meter_readings",
    "timeseries.domain_events",
)
KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view"}


def upgrade() -> None:
    bind = op.get_bind()
    before = extensions(bind)
    run_files(bind, sorted(SCHEMA.glob("[0-9]*.sql")))
    for name in extensions(bind) - before:
        bind.execute(text(f"comment on extension {quoted(bind, name)} is '{OURS}'"))
    # The revision is written by the administrator, and read by doctor under anybody's role.
    bind.execute(text("alter schema supra owner to supra_owner"))
    bind.execute(text("grant select on supra.alembic_version to supra_readonly, supra_app"))


def downgrade() -> None:
    """Drop what upgrade() made. Whatever is somebody else's stands in the way rather than being taken along."""
    bind = op.get_bind()
    if "pg_cron" in extensions(bind):
        bind.execute(text("select cron.unschedule(jobid) from cron.job where jobname = 'supra-partitions'"))
    for name in TIME_SERIES:
        drop_relation(bind, name)
    # Alembic still writes to the table with the revision.
    bind.execute(text("alter schema supra owner to current_user"))
    bind.execute(text("alter table supra.alembic_version owner to current_user"))
    there = [role for role in ROLES if exists(bind, "select from pg_roles where rolname = :name", name=role)]
    elsewhere = rights_on_other_databases(bind, there)
    bind.execute(text(f"drop owned by {', '.join(there)}"))
    cursor = bind.connection.cursor()
    for grant in elsewhere:
        cursor.execute(grant)
    cursor.close()
    for name in extensions(bind, marked=True):
        drop_unless_needed(bind, name)
    drop_unused_roles(bind, there)


def run_files(bind: Connection, files: Iterable[Path]) -> None:
    """Run SQL files as they are, each as one string of statements; an error tells which file it was."""
    cursor = bind.connection.cursor()
    for path in files:
        try:
            cursor.execute(path.read_bytes())
        except psycopg.Error as error:
            error.add_note(path.name)
            raise
    cursor.close()


def extensions(bind: Connection, *, marked: bool = False) -> set[str]:
    """Names of the extensions of this database; only those that upgrade() created, if asked for."""
    rows = bind.execute(
        text("select extname from pg_extension where not :marked or obj_description(oid, 'pg_extension') = :ours"),
        {"marked": marked, "ours": OURS},
    )
    return set(rows.scalars())


def quoted(bind: Connection, name: str) -> str:
    return bind.dialect.identifier_preparer.quote(name)


def exists(bind: Connection, query: str, **parameters: object) -> bool:
    return bool(bind.execute(text(f"select exists ({query})"), parameters).scalar())


def drop_relation(bind: Connection, name: str) -> None:
    """Drop a table or view of whichever kind this edition made it."""
    kind = bind.execute(text("select relkind from pg_class where oid = to_regclass(:name)"), {"name": name}).scalar()
    aggregate = exists(
        bind,
        "select from timescaledb_information.continuous_aggregates where view_schema || '.' || view_name = :name",
        name=name,
    )
    if kind:
        bind.execute(text(f"drop {'materialized view' if aggregate else KINDS[kind]} {name}"))


def rights_on_other_databases(bind: Connection, roles: list[str]) -> list[str]:
    """What DROP OWNED takes along although it is not of this database, as statements that give it back."""
    rows = bind.execute(
        text("""
            select format(
                'grant %s on database %I to %I%s',
                a.privilege_type, d.datname, r.rolname, case when a.is_grantable then ' with grant option' end
            )
            from pg_database as d
            cross join lateral aclexplode(d.datacl) as a
            join pg_roles as r on r.oid = a.grantee
            where d.datname <> current_database()
              and r.rolname = any (:roles)
        """),
        {"roles": roles},
    )
    return list(rows.scalars())


def drop_unless_needed(bind: Connection, extension: str) -> None:
    """Drop an extension unless somebody else has come to rest on it."""
    kept = bind.begin_nested()
    try:
        bind.execute(text(f"drop extension {quoted(bind, extension)}"))
    except Exception as error:
        kept.rollback()
        if getattr(getattr(error, "orig", None), "sqlstate", None) != "2BP01":  # dependent_objects_still_exist
            raise
    else:
        kept.commit()


def drop_unused_roles(bind: Connection, roles: Iterable[str]) -> None:
    """Drop the roles that nothing in any database of the cluster refers to any more."""
    for role in roles:
        used = "select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = to_regrole(:role)"
        if not exists(bind, used, role=role):
            bind.execute(text(f"drop role {quoted(bind, role)}"))
