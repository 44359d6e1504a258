"""What an overpaid partner pays back by hand: no more than it was overpaid, and once.

The parts of an amount are below zero, as those that netting takes away: what was paid
for these customers becomes less.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipelines.ledger.migrations.triggers import postgresql_function, sqlite_triggers
from pipelines.ledger.migrations.versions import v0001_entries as entries
from pipelines.ledger.migrations.versions import v0002_rules as rules
from pipelines.ledger.migrations.versions import v0003_views as views

revision = "0005"
down_revision = "0004"

NEEDED = entries.NEEDED | {
    "repay": "campaign_id partner_id amount_cents currency reason"
}


def _with_repay(text: str, *changes: tuple[str, str]) -> str:
    """Return an earlier text in which entries of the new kind count."""
    for before, after in changes:
        if before not in text:
            raise ValueError(before)
        text = text.replace(before, after)
    return text


PAID = ("paid.kind in ('instruct', 'net')", "paid.kind in ('instruct', 'net', 'repay')")
PAID_TO_IT = _with_repay(rules.PAID_TO_IT, PAID)
OWED = """(
    select coalesce(sum(case
        when known.kind in ('earn', 'reject', 'return', 'repay')
            then known.amount_cents
        when known.kind in ('adjust', 'instruct') then -known.amount_cents
        else 0 end), 0)
    from entries known
    where known.campaign_id = new.campaign_id and known.partner_id = new.partner_id
        and known.currency = new.currency)"""
RULES = (
    *(
        (name, kinds, condition.replace(*PAID), sentence)
        for name, kinds, condition, sentence in rules.RULES
    ),
    (
        "what_is_repaid_adds_up",
        "repay",
        f"{rules.LINES_SUM} <> -new.amount_cents or exists "
        f"({rules.LINES.format(what='1')} and line.amount_cents > 0)",
        "what is paid back adds up from what was paid for customers",
    ),
    (
        "only_what_is_lost_is_repaid",
        "repay",
        f"exists ({rules.LINES.format(what='1')} and "
        f"line.amount_cents + {PAID_TO_IT} < {rules.EARNED})",
        "what is paid back was paid for, and is not earned any more",
    ),
    (
        "no_more_is_repaid_than_was_overpaid",
        "repay",
        f"new.amount_cents + {OWED} > 0",
        "no more is paid back than the partner was overpaid",
    ),
)
VIEWS = views.VIEWS | {
    "customer_balances": _with_repay(
        views.VIEWS["customer_balances"],
        ("when entries.kind = 'net'", "when entries.kind in ('net', 'repay')"),
        (
            "in ('earn', 'adjust', 'net', 'instruct')",
            "in ('earn', 'adjust', 'net', 'instruct', 'repay')",
        ),
    ),
    "partner_balances": _with_repay(
        views.VIEWS["partner_balances"],
        (
            "when entries.kind in ('earn', 'reject', 'return')",
            "when entries.kind in ('earn', 'reject', 'return', 'repay')",
        ),
    ),
}


def upgrade() -> None:
    """Admit the new kind, under rules of its own."""
    connection = op.get_bind()
    for name in VIEWS:
        connection.exec_driver_sql(f"drop view {name}")
    if connection.dialect.name == "sqlite":
        _make_anew(connection)
    else:
        _widen(connection)
    op.create_index(
        "one_reference_a_repayment",
        "entries",
        ["campaign_id", "partner_id", "reason"],
        unique=True,
        sqlite_where=sa.text("kind = 'repay'"),
        postgresql_where=sa.text("kind = 'repay'"),
    )
    for name, query in VIEWS.items():
        connection.exec_driver_sql(f"create view {name} as {query}")


def _make_anew(connection: sa.Connection) -> None:
    """Copy every row into tables with the new checks: SQLite cannot change a check."""
    entries.create_entries("new_entries", NEEDED)
    entries.create_entry_customers("new_entry_customers", "new_entries")
    for table in ("entries", "entry_customers"):
        connection.exec_driver_sql(f"insert into new_{table} select * from {table}")
    for table in ("entry_customers", "entries"):
        connection.exec_driver_sql(f"drop table {table}")
    for table in ("entries", "entry_customers"):
        connection.exec_driver_sql(f"alter table new_{table} rename to {table}")
    entries.create_indexes()
    for table in ("entries", "entry_customers"):
        entries.forbid_changes(table)
    for statement in (
        *sqlite_triggers("entries", RULES),
        *sqlite_triggers("entry_customers", (rules.CUSTOMERS_COME_FIRST,)),
    ):
        connection.exec_driver_sql(statement)


def _widen(connection: sa.Connection) -> None:
    """Put the new checks and rules in the place of the old ones."""
    checks = entries.checks(NEEDED)
    op.drop_constraint("kind_is_known", "entries", type_="check")
    for name in ("kind_is_known", "repay_names_all_it_needs"):
        op.create_check_constraint(name, "entries", checks[name])
    connection.exec_driver_sql("drop function entries_check() cascade")
    for statement in postgresql_function("entries", RULES):
        connection.exec_driver_sql(statement)
