"""No reading is lost to a parallel plan, for databases made before that was known.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FILE = Path(__file__).resolve().parents[2] / "schema" / "027-parallel-plans.sql"


def upgrade() -> None:
    """Run the file, which may run again."""
    cursor = op.get_bind().connection.cursor()
    cursor.execute(FILE.read_bytes())
    cursor.close()


def downgrade() -> None:
    """Leave the choice to the server again."""
    op.execute(
        "do $$ begin execute format("
        "'alter database %I reset timescaledb.enable_parallel_chunk_append', current_database()); end $$"
    )
