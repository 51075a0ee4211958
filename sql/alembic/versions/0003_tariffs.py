"""Tariffs that are drafted, approved and activated by the database's own rules, for databases made before them.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import re
from pathlib import Path

from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).resolve().parents[2] / "schema"
FILES = (SCHEMA / "025-tariffs.sql", SCHEMA / "026-tariff-approval.sql")
# The part of the events that tariffs rest on.
JOURNAL = re.compile(r"^create or replace function supra\.append_event.*?to supra_readonly, supra_app;$", re.M | re.S)
ROUTINE = re.compile(r"^create or replace function (supra\.\w+)", re.MULTILINE)
COLUMN = re.compile(r"^    add column if not exists (\w+)", re.MULTILINE)
OLDER = "supra.rate_blocks"  # one of that name was there before
# What a tariff may be that the revision before has no columns for.
HELD = {
    "are priced by another mode than 'accumulated'": "rating_mode <> 'accumulated'",
    "are in review or approved": "submitted_at is not null and not active",
}


def upgrade() -> None:
    """Run the files, which may run again where they have been run, as in a database that is adopted."""
    journal = JOURNAL.search((SCHEMA / "012-events.sql").read_text("utf-8"))
    assert journal  # noqa: S101 - of our own file
    cursor = op.get_bind().connection.cursor()
    cursor.execute(journal[0].encode())
    for file in FILES:
        cursor.execute(file.read_bytes())
    cursor.close()


def downgrade() -> None:
    """Take out what the files made; whoever might write a tariff before may write all of it again.

    People go on recording events, but those of tariffs.

    Raises:
        RuntimeError: a tariff would price other bills without its mode, or lose who drafted and approved it.
    """
    if context.get_revision_argument() is not None:  # all the way down, the tariffs go as well
        _refuse_to_forget()
    text = "".join(file.read_text("utf-8") for file in FILES)
    for trigger in ("guard_tariff", "journal_tariff"):
        op.execute(f"drop trigger if exists {trigger} on tariff_schedules")
    routines = sorted(set(ROUTINE.findall(text)) - {OLDER})
    # Some call others, so they go together.
    op.execute(f"drop function if exists {', '.join([*routines, f'{OLDER}(jsonb, numeric, text)'])}")
    op.execute("drop table if exists tariff_impact_reports")
    op.execute("alter table tariff_schedules " + ", ".join(f"drop column if exists {c}" for c in COLUMN.findall(text)))
    op.execute("grant insert, update, delete on tariff_schedules to supra_supervisor, supra_dba, supra_app")


def _refuse_to_forget() -> None:
    for what, condition in HELD.items():
        statement = f"select count(*) from tariff_schedules where {condition}"  # noqa: S608 - of our own
        found = op.get_bind().exec_driver_sql(statement).scalar_one()
        if found:
            raise RuntimeError(f"{found} tariff(s) {what}, which revision 0002 cannot keep; nothing was changed")
