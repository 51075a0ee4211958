"""How does Alembic reach the database it versions?

Through a connection that `queries.schema` opened and keeps a transaction on; there is no alembic.ini. The table with
the revision lies in the schema `supra`, so that `public` holds the plan's tables and nothing else.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table_schema="supra")
with context.begin_transaction():
    context.run_migrations()
