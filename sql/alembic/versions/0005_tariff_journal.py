"""Events of tariffs come from what happens to them alone, for databases made before the service was kept from them.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import re
from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).resolve().parents[2] / "schema"
# The part of the events that tariffs rest on.
JOURNAL = re.compile(r"^create or replace function supra\.append_event.*?to supra_readonly, supra_app;$", re.M | re.S)


def upgrade() -> None:
    """Run what tells the events of tariffs from others, and the file of their approval, which may run again."""
    journal = JOURNAL.search((SCHEMA / "012-events.sql").read_text("utf-8"))
    assert journal  # noqa: S101 - of our own file
    cursor = op.get_bind().connection.cursor()
    cursor.execute(journal[0].encode())
    cursor.execute((SCHEMA / "026-tariff-approval.sql").read_bytes())
    cursor.close()


def downgrade() -> None:
    """The service may append what it likes again; nobody else could before."""
    op.execute("drop trigger guard_journal on timeseries.domain_events")
    op.execute("drop function supra.guard_journal()")
