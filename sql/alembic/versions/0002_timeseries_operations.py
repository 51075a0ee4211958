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


def downgrade() -> None:
    for name in ROUTINE.findall(OPERATIONS.read_text("utf-8")):
        op.execute(f"drop routine if exists {name}")
    op.execute("drop schema if exists trial")
