"""What a DBA does to the time series, for databases that were made before it.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPERATIONS = Path(__file__).resolve().parents[2] / "schema" / "024-timeseries-operations.sql"
ROUTINE = re.compile(r"^create or replace (?:function|procedure) (supra\.\w+)", re.MULTILINE)


def upgrade() -> None:
    """Run the file, which may run again where it has been run, as in a database that is adopted."""
    bind = op.get_bind()
    cursor = bind.connection.cursor()
    cursor.execute(OPERATIONS.read_bytes())
    cursor.close()
    # TimescaleDB makes a new chunk, and its triggers, as the owner of the table.
    if bind.execute(text("select to_regrole('supra_jobs') is not null")).scalar():
        bind.execute(text("grant execute on function supra.stamp_sector() to supra_jobs"))


# A refresh that waits would look for its procedure in vain, and adding jobs is everybody's again.
GIVEN_BACK = """
do $$
declare
    target record;
begin
    if to_regclass('timescaledb_information.jobs') is null then
        return;
    end if;
    perform public.delete_job(j.job_id)
    from timescaledb_information.jobs as j
    where j.proc_schema = 'supra' and j.proc_name = 'refresh_once';
    for target in
        select p.oid::regprocedure as routine
        from pg_catalog.pg_proc as p
        join pg_catalog.pg_depend as d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        where p.proname = 'add_job'
    loop
        execute format('grant execute on routine %s to public', target.routine);
    end loop;
end
$$
"""


def downgrade() -> None:
    op.execute(GIVEN_BACK)
    for name in ROUTINE.findall(OPERATIONS.read_text("utf-8")):
        op.execute(f"drop routine if exists {name}")
    op.execute("drop schema if exists trial")
