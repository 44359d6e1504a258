"""The entries, the customers that they are for, and that nothing is ever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Mapping

revision = "0001"
down_revision = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What an entry of each kind always names, beside who recorded it.
NEEDED = {
    "earn": "campaign_id partner_id amount_cents currency run_id",
    "adjust": "campaign_id partner_id amount_cents currency run_id",
    "net": "campaign_id partner_id amount_cents currency run_id",
    "prepare": "campaign_id batch_id message_id amount_cents currency payments "
    "file_sha256 run_id",
    "instruct": "campaign_id batch_id partner_id end_to_end_id uetr amount_cents "
    "currency run_id",
    "approve": "campaign_id batch_id amount_cents currency payments file_sha256",
    "release": "campaign_id batch_id amount_cents currency payments file_sha256",
    "place": "campaign_id batch_id",
    "confirm": "campaign_id batch_id",
    "accept": "campaign_id batch_id partner_id end_to_end_id amount_cents currency",
    "reject": "campaign_id batch_id partner_id end_to_end_id amount_cents currency "
    "reason",
    "settle": "campaign_id batch_id partner_id end_to_end_id amount_cents currency",
    "return": "campaign_id batch_id partner_id end_to_end_id amount_cents currency "
    "reason",
    "import": "file_sha256",
}
ONCE = {
    "hash": None,
    "message_id": "kind = 'prepare'",
    "uetr": "kind = 'instruct'",
    "file_sha256": "kind = 'import'",
}
ONCE_A_BATCH = ("prepare", "approve", "release", "confirm")
ONCE_A_PAYMENT = ("instruct", "accept", "reject", "settle", "return")


def upgrade() -> None:
    """Make the tables."""
    create_entries("entries", NEEDED)
    create_entry_customers("entry_customers", "entries")
    create_indexes()
    for table in ("entries", "entry_customers"):
        forbid_changes(table)


def create_entries(name: str, needed: Mapping[str, str]) -> None:
    """Make the table of entries, whose kinds name all that they need."""
    op.create_table(
        name,
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("who_key", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text),
        sa.Column("batch_id", sa.Text),
        sa.Column("message_id", sa.Text),
        sa.Column("partner_id", sa.Text),
        sa.Column("end_to_end_id", sa.Text),
        sa.Column("uetr", sa.Text),
        sa.Column("amount_cents", WHOLE),
        sa.Column("currency", sa.Text),
        sa.Column("payments", WHOLE),
        sa.Column("file_sha256", sa.Text),
        sa.Column("run_id", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("facts", sa.Text, nullable=False),
        *(sa.CheckConstraint(text, name) for name, text in checks(needed).items()),
        sqlite_strict=True,
    )


def create_entry_customers(name: str, entries: str) -> None:
    """Make the table of the customers that entries are for."""
    op.create_table(
        name,
        sa.Column(
            "sequence",
            WHOLE,
            # An entry's customers come first, so that the entry can be held to them.
            sa.ForeignKey(f"{entries}.sequence", deferrable=True, initially="DEFERRED"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("amount_cents", WHOLE, nullable=False),
        sa.CheckConstraint("amount_cents <> 0", "customer_amount_is_not_zero"),
        sa.CheckConstraint("customer_id <> ''", "customer_is_named"),
        sqlite_strict=True,
    )


def checks(needed: Mapping[str, str]) -> dict[str, str]:
    """Return what every entry is checked for, by the name of the check."""
    kinds = ", ".join(f"'{kind}'" for kind in needed)
    found = {
        "sequence_counts_from_1": "sequence >= 1",
        "hashes_are_digests": "length(previous_hash) = 64 and length(hash) = 64",
        "kind_is_known": f"kind in ({kinds})",
        "somebody_did_it": "who <> '' and who_key <> ''",
        "amount_is_above_zero": "amount_cents > 0",
        "there_are_payments": "payments > 0",
        "currency_is_a_code": "length(currency) = 3 and currency = upper(currency)",
        "file_digest_is_a_digest": "length(file_sha256) = 64",
        "reason_says_something": "reason <> ''",
    }
    for kind, columns in needed.items():
        there = " and ".join(f"{column} is not null" for column in columns.split())
        found[f"{kind}_names_all_it_needs"] = f"kind <> '{kind}' or ({there})"
    return found


def create_indexes() -> None:
    """Let what may come once come once, and let entries be found."""
    for column, where in ONCE.items():
        _unique(f"{column}_once", column, where)
    for kind in ONCE_A_BATCH:
        _unique(f"one_{kind}_a_batch", "batch_id", f"kind = '{kind}'")
    for kind in ONCE_A_PAYMENT:
        _unique(f"one_{kind}_a_payment", "end_to_end_id", f"kind = '{kind}'")
    # Money comes back once, whichever way.
    _unique("one_end_a_payment", "end_to_end_id", "kind in ('reject', 'return')")
    op.create_index("entries_of_a_batch", "entries", ["batch_id"])
    op.create_index("entries_of_a_partner", "entries", ["campaign_id", "partner_id"])
    op.create_index("entries_for_a_customer", "entry_customers", ["customer_id"])


def _unique(name: str, column: str, where: str | None) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name,
        "entries",
        [column],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def forbid_changes(table: str) -> None:
    """Let nobody change or remove a row of *table*."""
    connection = op.get_bind()
    message = f"{table} is append-only"
    if connection.dialect.name == "sqlite":
        for change in ("update", "delete"):
            connection.exec_driver_sql(
                f"create trigger {table}_no_{change} before {change} on {table} "
                f"begin select raise(abort, '{message}'); end"
            )
        return
    connection.exec_driver_sql(
        f"create function {table}_no_change() returns trigger language plpgsql as $$ "
        f"begin raise exception '{message}' using errcode = '23514'; end $$"
    )
    connection.exec_driver_sql(
        f"create trigger {table}_no_change before update or delete or truncate "
        f"on {table} for each statement execute function {table}_no_change()"
    )
