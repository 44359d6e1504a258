"""What can never be recorded, whoever writes to the database.

Each rule is the condition under which an entry is refused, in SQL that SQLite and
PostgreSQL read alike; ``new`` is the entry. Its customers are there before it.
"""

from __future__ import annotations

from alembic import op

from pipelines.ledger.migrations.triggers import postgresql_function, sqlite_triggers

revision = "0002"
down_revision = "0001"

LINES = "select {what} from entry_customers line where line.sequence = new.sequence"
LINES_SUM = f"({LINES.format(what='coalesce(sum(line.amount_cents), 0)')})"
LINES_ABOVE_ZERO_SUM = f"{LINES_SUM[:-1]} and line.amount_cents > 0)"
# A payment counts until the bank refuses it or the money comes back.
IS_LIVE = (
    "not exists (select 1 from entries ended where ended.end_to_end_id = "
    "paid.end_to_end_id and ended.kind in ('reject', 'return'))"
)
# Each begins with the few rows of one customer: to SQLite, a cross join is an order;
# to PostgreSQL, a coalesce is no reason to read a whole campaign by its index.
EARNED = """(
    select coalesce(sum(case when earned.kind = 'earn' then part.amount_cents
        else -part.amount_cents end), 0)
    from entry_customers part
    cross join entries earned
    where part.customer_id = line.customer_id
        and earned.sequence = part.sequence
        and earned.campaign_id = new.campaign_id
        and earned.partner_id = new.partner_id
        and earned.kind in ('earn', 'adjust'))"""
PAID_TO_IT = f"""(
    select coalesce(sum(part.amount_cents), 0)
    from entry_customers part
    cross join entries paid
    where part.customer_id = line.customer_id
        and paid.sequence = part.sequence
        and paid.campaign_id = new.campaign_id
        and paid.partner_id = new.partner_id
        and paid.kind in ('instruct', 'net') and {IS_LIVE})"""
PAID_TO_OTHERS = f"""(
    select coalesce(sum(each_one.cents), 0) from (
        select sum(part.amount_cents) as cents
        from entry_customers part
        cross join entries paid
        where part.customer_id = line.customer_id
            and paid.sequence = part.sequence
            and coalesce(paid.campaign_id, '') = new.campaign_id
            and paid.partner_id <> new.partner_id
            and paid.kind in ('instruct', 'net') and {IS_LIVE}
        group by paid.partner_id) each_one
    where each_one.cents > 0)"""


def earlier(kind: str, conditions: str = "") -> str:
    """Return whether the batch has an entry of *kind* for which *conditions* hold."""
    return (
        f"exists (select 1 from entries known where known.kind = '{kind}' "
        f"and known.batch_id = new.batch_id{conditions})"
    )


PAYMENTS = (
    "select {what} from entries known where known.kind = 'instruct' "
    "and known.batch_id = new.batch_id"
)
SAME_CAMPAIGN = " and known.campaign_id = new.campaign_id"
SAME_MONEY = (
    f"{SAME_CAMPAIGN} and known.currency = new.currency "
    "and known.amount_cents = new.amount_cents"
)
SAME_FILE = (
    f"{SAME_MONEY} and known.payments = new.payments "
    "and known.file_sha256 = new.file_sha256"
)
SAME_PAYMENT = (
    f"{SAME_MONEY} and known.partner_id = new.partner_id "
    "and known.end_to_end_id = new.end_to_end_id"
)
OF_THE_PAYMENT = " and known.end_to_end_id = new.end_to_end_id"

# (name, kinds, the condition that is refused, the sentence)
RULES = (
    (
        "chain_goes_on",
        "",
        "new.sequence <> 1 + coalesce((select max(sequence) from entries), 0) or "
        "new.previous_hash <> coalesce((select hash from entries where sequence = "
        f"new.sequence - 1), '{'0' * 64}')",
        "an entry follows the last one and names its hash",
    ),
    (
        "customers_add_up",
        "earn adjust instruct",
        f"{LINES_SUM} <> new.amount_cents or exists ({LINES.format(what='1')} "
        "and line.amount_cents < 0)",
        "the amounts of the customers add up to the amount of the entry",
    ),
    (
        "netting_moves_what_is_there",
        "net",
        f"{LINES_SUM} <> 0 or {LINES_ABOVE_ZERO_SUM} <> new.amount_cents",
        "what is netted for new customers was paid for lost ones",
    ),
    (
        "others_have_no_customers",
        "prepare approve release place confirm accept reject settle return import",
        f"exists ({LINES.format(what='1')})",
        "only an amount that is earned or paid is for customers",
    ),
    (
        "no_more_is_lost_than_was_earned",
        "adjust",
        f"exists ({LINES.format(what='1')} and line.amount_cents > {EARNED})",
        "no more can be taken back than was earned",
    ),
    (
        "a_customer_is_paid_for_once",
        "instruct net",
        # Below zero is what netting took from a payment that came back since.
        f"exists ({LINES.format(what='1')} and line.amount_cents > 0 "
        f"and line.amount_cents + {PAID_TO_IT} > 0 and "
        f"line.amount_cents + {PAID_TO_IT} + {PAID_TO_OTHERS} > {EARNED})",
        "a customer is paid for at most once, and never for more than was earned",
    ),
    (
        "only_what_is_lost_is_netted",
        "net",
        f"exists ({LINES.format(what='1')} and line.amount_cents < 0 and "
        f"line.amount_cents + {PAID_TO_IT} < {EARNED})",
        "what is netted was paid for, and is not earned any more",
    ),
    (
        "payments_follow_their_batch",
        "instruct",
        "not "
        + earlier(
            "prepare",
            f"{SAME_CAMPAIGN} and known.currency = new.currency "
            "and known.run_id = new.run_id and known.who_key = new.who_key "
            "and new.sequence <= known.sequence + known.payments",
        )
        + " or (select kind from entries where sequence = new.sequence - 1) not in "
        "('prepare', 'instruct')",
        "the payments of a batch are recorded with it, and none later",
    ),
    (
        "approval_is_by_another_person",
        "approve",
        "not " + earlier("prepare", f"{SAME_FILE} and known.who_key <> new.who_key"),
        "a batch is approved as it was prepared, and by another person",
    ),
    (
        "a_batch_is_whole",
        "approve",
        f"new.payments <> ({PAYMENTS.format(what='count(*)')}) or new.amount_cents <> "
        f"({PAYMENTS.format(what='coalesce(sum(known.amount_cents), 0)')})",
        "the payments of a batch add up to its count and its total",
    ),
    (
        "withdrawn_is_withdrawn",
        "approve release",
        earlier("reject"),
        "a batch that was withdrawn is neither approved nor released",
    ),
    (
        "release_needs_an_approval",
        "release",
        "not "
        + earlier("approve", SAME_FILE)
        + " or not "
        + earlier("prepare", " and known.who_key <> new.who_key"),
        "a batch is released as it was approved, and not by who prepared it",
    ),
    (
        "placing_needs_a_release",
        "place confirm",
        "not " + earlier("release", SAME_CAMPAIGN),
        "only what was released is at the destination",
    ),
    (
        "confirming_needs_a_place",
        "confirm",
        "not " + earlier("place"),
        "a file gets its name after it was placed",
    ),
    (
        "placing_ends_with_confirming",
        "place",
        earlier("confirm"),
        "a file that is at the destination is not placed again",
    ),
    (
        "answers_are_to_payments",
        "accept reject settle return",
        "not " + earlier("instruct", SAME_PAYMENT),
        "an answer is to a payment of the batch, and has its amount",
    ),
    (
        "answers_follow_the_release",
        "accept settle return",
        "not " + earlier("release"),
        "the bank answers to what was released",
    ),
    (
        "what_ended_is_over",
        "accept reject settle return",
        earlier("reject", OF_THE_PAYMENT) + " or " + earlier("return", OF_THE_PAYMENT),
        "a payment that was rejected or returned is over",
    ),
    (
        "what_is_booked_can_only_come_back",
        "accept reject",
        earlier("settle", OF_THE_PAYMENT),
        "a payment that has settled can only be returned",
    ),
)


CUSTOMERS_COME_FIRST = (
    "customers_come_first",
    "",
    "exists (select 1 from entries where sequence = new.sequence)",
    "an entry is never given more customers",
)


def upgrade() -> None:
    """Hold every new entry to the rules."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        make = sqlite_triggers
    else:
        make = postgresql_function
    for statement in (
        *make("entries", RULES),
        *make("entry_customers", (CUSTOMERS_COME_FIRST,)),
    ):
        connection.exec_driver_sql(statement)
