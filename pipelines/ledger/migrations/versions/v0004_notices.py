"""Which partner was told of which batch: no money moves by it, so it has no hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipelines.ledger.migrations.versions.v0001_entries import forbid_changes

revision = "0004"
down_revision = "0003"

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "notices",
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Text, nullable=False),
        sa.Column("partner_id", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint("step in ('sending', 'sent', 'refused')", "step_is_known"),
        sa.CheckConstraint("batch_id <> '' and partner_id <> ''", "it_is_for_somebody"),
        sa.CheckConstraint(
            "(step = 'refused') = (reason is not null)", "refused_for_a_reason"
        ),
        sqlite_strict=True,
    )
    # A partner is told of a batch once.
    op.create_index(
        "one_sent_a_partner",
        "notices",
        ["batch_id", "partner_id"],
        unique=True,
        sqlite_where=sa.text("step = 'sent'"),
        postgresql_where=sa.text("step = 'sent'"),
    )
    forbid_changes("notices")
