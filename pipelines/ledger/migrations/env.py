"""What Alembic runs to upgrade the ledger, on the connection that it is given."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="ledger_version",
    # Alembic thinks that SQLite cannot; with an explicit BEGIN it can.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
