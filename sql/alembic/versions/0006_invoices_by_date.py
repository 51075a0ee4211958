"""Invoices are found by their day, for databases made before anybody counted those of a back-dated tariff.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FILE = Path(__file__).resolve().parents[2] / "schema" / "026-tariff-approval.sql"


def upgrade() -> None:
    """The index of the explotación takes the day in, so that none more is written; then what asks for the day."""
    op.execute(
        "create index if not exists idx_invoices_explotacion_date on invoices (tenant_id, explotacion_id, billing_date)"
    )
    op.execute("drop index if exists idx_invoices_explotacion")
    cursor = op.get_bind().connection.cursor()
    cursor.execute(FILE.read_bytes())
    cursor.close()


def downgrade() -> None:
    """Leave the day out of it again."""
    op.execute("create index idx_invoices_explotacion on invoices (tenant_id, explotacion_id)")
    op.execute("drop index idx_invoices_explotacion_date")
