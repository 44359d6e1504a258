"""The suites of ``expectations/``: whole, and each of them finds what it is for."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
import sqlalchemy as sa

from pipelines import engine
from pipelines.errors import DataError
from pipelines.expectations import validate
from pipelines.paths import EXPECTATIONS_DIR
from pipelines.suites import (
    FEED_SUITES,
    TABLE_SUITES,
    JudgedRows,
    load_suite,
    load_suites,
)
from tests.sql_cases import fill, set_up

SUITES = {suite.name: suite for suite in load_suites((*FEED_SUITES, *TABLE_SUITES))}
GUID = "aaaaaaaa-0000-0000-0000-000000000001"
# Values that a sound row has beside those that are the same for every row.
SOUND = {
    "partners": {},
    "competencies": {"level": "gold", "status": "active"},
    "proofs": {"status": "accepted"},
    "customer_decisions": {"decision": "qualified", "reward_amount": "2000.00"},
    "rule_results": {"verdict": "pass", "rule_id": "smb_segment"},
    "partner_payouts": {
        "status": "payable",
        "earned_amount": "2000.00",
        "payable_amount": "2000.00",
        "qualified_customers": "1",
    },
}
BY_TYPE = {"VARCHAR": "x", "DATE": "2019-06-01", "BOOLEAN": "false"}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Return a database with every table that a suite reads, none of them filled."""
    with engine.opened(tmp_path_factory.mktemp("spill"), threads=1) as con:
        set_up(con)
        yield con


@pytest.fixture
def con(database):
    """Return the same with one sound row in each table; a test undoes its changes."""
    for suite in SUITES.values():
        fill(database, suite.name, [sound_row(database, suite.name)])
    yield database
    for (table,) in database.execute(
        "select table_name from duckdb_tables() where table_name in "
        "('invoice_totals', 'billing_changes', 'usage_totals', 'usage_changes', "
        "'snapshot_changes')"
    ).fetchall():
        database.execute(f"delete from {table}")


def sound_row(con, table):
    """Return a row of *table* that breaks nothing."""
    columns = con.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ?",
        [table],
    ).fetchall()
    row = {
        name: GUID if name in GUIDS else BY_TYPE.get(kind, "1")
        for name, kind in columns
        if not kind.endswith("[]")
    }
    for blank in ("failed_rules", "pending_rules", "hold_reasons", "account_problem"):
        row.pop(blank, None)
    return row | SOUND.get(table, {})


GUIDS = {
    "customer_id",
    "customer_tenant_id",
    "subscription_id",
    "syndication_partner_subscription_number",
}


def critical_of(suite, *types):
    """Return the critical expectations of a suite of the given types."""
    return [
        one
        for one in suite.expectations
        if one.severity == "critical" and one.type in types
    ]


def failed(con, *suites):
    """Return what fails, by suite and name."""
    return {
        (v.expected.suite, v.expected.name): v
        for v in validate(con, suites)
        if not v.passed
    }


def test_every_feed_and_every_published_table_has_a_suite_and_nothing_else():
    """A suite that is not run checks nothing; a table without one is not checked."""
    on_disk = {path.stem for path in EXPECTATIONS_DIR.glob("*.yaml")}

    assert on_disk == {*FEED_SUITES, *TABLE_SUITES}
    assert sum(len(suite.expectations) for suite in SUITES.values()) >= 40


@pytest.mark.parametrize("suite", SUITES.values(), ids=list(SUITES))
def test_a_suite_starts_with_rows_then_nulls_and_says_who_owns_it(suite):
    """An empty table passes every check of a column, and so does an empty column."""
    types = [one.type for one in suite.expectations]
    nulls = [t == "expect_column_values_to_not_be_null" for t in types]

    assert suite.owner
    assert suite.grain.startswith("one row per ")
    assert types[0] == "expect_table_row_count_to_be_between"
    assert nulls[1]
    assert all(one.description for one in suite.expectations)


def test_sound_rows_break_nothing_critical(con):
    """What the contract accepts is never refused."""
    found = failed(con, *SUITES.values())

    assert [name for name, verdict in found.items() if verdict.is_fatal] == []


def test_every_critical_expectation_on_values_finds_a_broken_row(con):
    """Each one, with the number of rows and a place, and without the value."""
    expected = set()
    for suite in SUITES.values():
        con.execute(f"delete from {suite.name}")
        rows = []
        for one in critical_of(suite, *BREAKERS):
            sound = sound_row(con, suite.name)
            for row in BREAKERS[one.type](one.kwargs, sound):
                rows.append(row)
            expected.add((suite.name, one.name))
        fill(con, suite.name, rows)

    found = failed(con, *SUITES.values())

    assert len(expected) > 70
    assert expected <= {key for key, verdict in found.items() if verdict.is_fatal}
    verdict = found["billing", "expect_column_values_to_not_be_null(quantity)"]
    assert verdict.offenders == 1
    assert verdict.observed.startswith("1 of ")
    assert verdict.examples == ("delivered_on 2019-06-01, source_file x, source_row 1",)


# For each type of expectation: rows that break it.
BREAKERS = {
    "expect_column_values_to_not_be_null": lambda kwargs, row: [
        row | {kwargs["column"]: None}
    ],
    "expect_column_value_lengths_to_equal": lambda kwargs, row: [
        row | {kwargs["column"]: "short"}
    ],
    "expect_column_values_to_be_between": lambda kwargs, row: [
        row | {kwargs["column"]: "-1"}
    ],
    "expect_column_values_to_be_in_set": lambda kwargs, row: [
        row | {kwargs["column"]: "another"}
    ],
    "expect_column_values_to_not_be_in_set": lambda kwargs, row: [
        row | {kwargs["column"]: kwargs["value_set"][0]}
    ],
    "expect_column_pair_values_a_to_be_greater_than_b": lambda kwargs, row: [
        row | {kwargs["column_B"]: later(row[kwargs["column_B"]])}
    ],
    "expect_column_values_to_be_unique": lambda _, row: [row, row],
    "expect_compound_columns_to_be_unique": lambda _, row: [row, row],
}


def later(value):
    """Return a date or an amount above *value*."""
    return "2019-12-31" if "-" in value else "99999.00"


@pytest.mark.parametrize("name", SUITES)
def test_a_column_too_many_or_too_few_is_found(con, name):
    """Who reads a table relies on its columns."""
    (one,) = critical_of(SUITES[name], "expect_table_columns_to_match_set")
    suite = replace(SUITES[name], expectations=(one,))

    con.execute(f"alter table {name} add column stranger varchar")
    try:
        assert (name, one.name) in failed(con, suite)
    finally:
        con.execute(f"alter table {name} drop column stranger")


DAYS = {"delivered_on": "2019-07-08", "earlier_delivered_on": "2019-06-08"}
BIG = {
    "delivered_on": "2019-07-08",
    "source_file": "a.csv",
    "validated_rows": "25",
    "seats": "9",
    "turnover": "90.00",
    "rows_digest": "77",
}
USED = {
    "delivered_on": "2019-07-03",
    "source_file": "a.csv",
    "counted_rows": "25",
    "snapshot_date": "2019-06-30",
    "assigned_seats": "9",
    "rows_digest": "77",
}
USUAL = DAYS | {
    "validated_rows": "101",
    "turnover": "10100.00",
    "earlier_validated_rows": "101",
    "earlier_turnover": "10100.00",
}
SNAPSHOT = DAYS | {"rows_read": "10", "earlier_rows_read": "101"}
# Suite, expectation, table, rows that break it, what mends them.
PLANTED = [
    (
        "billing",
        "no_invoice_is_delivered_under_two_numbers",
        "invoice_totals",
        [BIG, BIG | {"source_file": "b.csv"}],
        {"validated_rows": "24"},
    ),
    (
        "billing",
        "no_invoice_is_delivered_under_two_numbers",
        "invoice_totals",
        [BIG, BIG | {"delivered_on": "2019-08-08"}],
        {"rows_digest": "0", "validated_rows": "24"},
    ),
    (
        "billing",
        "amounts_per_line_are_of_the_usual_size",
        "billing_changes",
        [USUAL | {"turnover": "1010001.00"}],
        {"turnover": "1010000.00"},
    ),
    (
        "billing",
        "amounts_per_line_are_of_the_usual_size",
        "billing_changes",
        [USUAL | {"turnover": "100.99"}],
        {"validated_rows": "100"},
    ),
    (
        "billing",
        "amounts_per_line_change_little",
        "billing_changes",
        [USUAL | {"turnover": "20200.00"}],
        {"turnover": "15150.00"},
    ),
    (
        "license_usage",
        "no_snapshot_is_there_twice_in_a_delivery",
        "usage_totals",
        [USED, USED | {"source_file": "b.csv"}],
        {"counted_rows": "24"},
    ),
    (
        "license_usage",
        "the_measured_day_did_not_lose_its_licences",
        "usage_changes",
        [
            {
                "snapshot_date": "2019-06-30",
                "counted_rows": "10",
                "earlier_snapshot_date": "2019-05-31",
                "earlier_counted_rows": "101",
            }
        ],
        {"counted_rows": "11"},
    ),
    *(
        (
            feed,
            "the_snapshot_is_not_cut_to_a_tenth",
            "snapshot_changes",
            [SNAPSHOT | {"feed": feed}],
            {"rows_read": "11"},
        )
        for feed in SUITES
        if feed in {"customers", "partners", "competencies", "proofs", "bank_accounts"}
    ),
    (
        "customer_decisions",
        "only_qualified_customers_are_rewarded_and_in_full",
        "customer_decisions",
        [{"decision": "pending", "reward_amount": "2000.00"}],
        {"reward_amount": "0.00"},
    ),
    (
        "customer_decisions",
        "only_qualified_customers_are_rewarded_and_in_full",
        "customer_decisions",
        [{"decision": "qualified", "reward_amount": "1999.99"}],
        {"reward_amount": "2000.00"},
    ),
    (
        "customer_decisions",
        "a_decision_agrees_with_its_rules",
        "customer_decisions",
        [{"decision": "qualified", "failed_rules": "smb_segment"}],
        {"decision": "not_qualified"},
    ),
    (
        "rule_results",
        "every_verdict_is_of_a_rule_of_the_campaign",
        "rule_results",
        [{"rule_id": "made_up"}],
        {"rule_id": "smb_segment"},
    ),
    (
        "partner_payouts",
        "earnings_are_whole_rewards",
        "partner_payouts",
        [{"partner_id": "p", "earned_amount": "2000.00", "qualified_customers": "2"}],
        {"qualified_customers": "1"},
    ),
    (
        "partner_payouts",
        "rewards_are_the_earnings_of_all_partners",
        "partner_payouts",
        [{"partner_id": "p", "earned_amount": "2000.01"}],
        {"earned_amount": "2000.00"},
    ),
    (
        "partner_payouts",
        "no_customer_is_rewarded_twice",
        "customer_decisions",
        [
            {"customer_id": "c", "partner_id": partner, "reward_amount": "2000.00"}
            for partner in "ab"
        ],
        {"reward_amount": "0.00"},
    ),
]


@pytest.mark.parametrize(
    ("name", "wanted", "table", "rows", "mended"),
    PLANTED,
    ids=[f"{case[1]}-{number}" for number, case in enumerate(PLANTED)],
)
def test_an_absurd_or_impossible_table_is_found_at_its_limit(  # noqa: PLR0913, PLR0917 - a case has its parts
    con, name, wanted, table, rows, mended
):
    """At the limit it fails, one step within it holds."""
    (one,) = [e for e in SUITES[name].expectations if e.name == wanted]
    suite = replace(SUITES[name], expectations=(one,))

    fill(con, table, rows)
    broken = failed(con, suite)
    fill(con, table, [row | mended for row in rows])
    whole = failed(con, suite)

    assert list(broken) == [(name, wanted)]
    assert broken[name, wanted].offenders
    assert broken[name, wanted].examples
    assert list(whole) == []


# Failing closed

WHOLE = """
name: one
meta: {owner: us, grain: one row per test, key: [id]}
expectations:
  - type: expect_table_row_count_to_be_between
    kwargs: {min_value: 1}
    severity: critical
    description: There is a row.
  - type: expect_column_values_to_be_between
    kwargs: {column: id, min_value: 0}
    severity: critical
    description: It is not below zero.
"""
SPOILT = {
    "a misspelt severity": ("severity: critical", "severity: critcal", "the severity"),
    "a misspelt key": ("kwargs: {column", "kwarg: {column", "with 'kwarg'"),
    "no severity": ("    severity: critical\n", "", "is not a suite"),
    "no reason": ("    description: It is not below zero.\n", "", "what"),
    "no row count first": (
        "expect_table_row_count_to_be_between",
        "expect_column_values_to_be_unique",
        "with the row count",
    ),
    "another name": ("name: one", "name: two", "is named 'two'"),
    "no expectation": (
        WHOLE[WHOLE.index("expectations:") :],
        "expectations: []\n",
        "expects nothing",
    ),
    "no owner": ("owner: us, ", "", "is not a suite"),
    "torn YAML": ("[id]}", "[id", "cannot be read"),
    "nothing": (WHOLE, "", "is not a suite"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_suite_that_checks_less_than_it_says_is_refused(tmp_path, fault):
    """Nobody is told that all is well by a suite that was not read."""
    before, after, reason = SPOILT[fault]
    assert before in WHOLE
    path = tmp_path / "one.yaml"
    path.write_text(WHOLE.replace(before, after))

    with pytest.raises(DataError, match=r"one.yaml .*nothing was published") as refused:
        load_suite(path)

    assert reason in str(refused.value)


def test_the_same_expectation_twice_is_refused(tmp_path):
    """Of two limits only one would be checked, and nobody knew which."""
    path = tmp_path / "one.yaml"
    path.write_text(WHOLE + WHOLE[WHOLE.rindex("  - type:") :])

    with pytest.raises(DataError, match="more than once"):
        load_suite(path)


def test_a_missing_suite_is_refused(tmp_path):
    """A table without its suite is not checked."""
    with pytest.raises(DataError, match=r"billing.yaml is missing, so nothing"):
        load_suites(["billing"], tmp_path)


BREAKING = {
    "a misspelt type": ("expect_column_values_to_be_between", "expect_colum_values"),
    "a type of nobody": ("expect_column_values_to_be_between", "expect_the_best"),
    "a missing column": ("column: id", "column: idd"),
    "a wrong argument": ("min_value: 0", "minimum: 0"),
}


@pytest.mark.parametrize("fault", BREAKING)
def test_an_expectation_that_gives_no_verdict_refuses_the_run(
    database, tmp_path, fault
):
    """Great Expectations drops the first two without a word, and goes on."""
    before, after = BREAKING[fault]
    path = tmp_path / "one.yaml"
    path.write_text(WHOLE.replace(before, after))
    database.execute("create or replace temporary table one as select 1 as id")

    with pytest.raises(DataError, match="gave no verdict") as refused:
        validate(database, [load_suite(path)])

    assert "nothing was published" in str(refused.value)


def test_a_missing_table_refuses_the_run(database, tmp_path):
    """Nothing was looked at, so nothing can be said."""
    path = tmp_path / "one.yaml"
    path.write_text(WHOLE)
    database.execute("drop table if exists one")

    with pytest.raises(DataError, match=r"the expectations of one gave no verdict"):
        validate(database, [load_suite(path)])


# The dialect


@pytest.fixture
def connected(database):
    """Return SQLAlchemy's connection to a database, as Great Expectations has it."""
    import pipelines.gx_duckdb as adapter

    return sa.create_engine(
        adapter.CONNECTION_STRING, **adapter.engine_settings(database)
    )


def test_the_dialect_sees_temporary_tables_and_outlives_a_closed_connection(
    database, connected
):
    """A result is there although its connection was closed before it was fetched."""
    database.execute("create or replace temporary table one as select 7 as id")

    with connected.connect() as connection:
        result = connection.execute(sa.text("select id from one"))
    rows = result.fetchall()

    assert rows == [(7,)]
    assert database.execute("select id from one").fetchall() == [(7,)]


def test_a_second_query_leaves_the_result_of_the_first_whole(connected):
    """DuckDB has one open result a connection."""
    with connected.connect() as connection:
        first = connection.execute(sa.text("select * from range(3)"))
        second = connection.execute(sa.text("select 9"))

        assert [row[0] for row in first] == [0, 1, 2]
        assert second.scalar() == 9


def test_a_question_leaves_no_transaction_open(database, connected):
    """To begin and to take back takes longer than most questions do."""
    with connected.connect() as connection:
        connection.execute(sa.text("select 1"))
        database.execute("begin transaction")
    database.execute("rollback")


def test_no_result_is_held_in_memory_without_end(connected):
    """What nobody asked for row by row is not fetched row by row."""
    import pipelines.gx_duckdb as adapter

    with connected.connect() as connection:
        rows = connection.execute(sa.text("select * from range(1000000)")).fetchall()

    assert len(rows) == adapter.MOST_ROWS


def test_an_error_of_the_database_is_raised(connected):
    """A query that cannot run is no empty result."""
    with connected.connect() as connection, pytest.raises(sa.exc.DBAPIError) as raised:
        connection.execute(sa.text("select no_such_column"))

    assert isinstance(raised.value.orig, duckdb.Error)


def test_rows_that_held_before_count_and_are_not_asked(con):
    """Only those that nobody asked yet can break what is asked of single rows."""
    suite, wrong = SUITES["billing"], "expect_column_values_to_be_between(quantity)"
    sound = sound_row(con, "billing")
    fill(con, "billing", [sound, sound | {"quantity": "-1", "source_row": "2"}])
    con.execute("create or replace temporary view counted as from range(2)")

    found = {}
    for row in (1, 2):
        con.execute(
            "create or replace temporary view asked as "
            f"from billing where source_row = {row}"
        )
        verdicts = validate(con, [suite], {"billing": JudgedRows("asked", "counted")})
        found[row] = {verdict.expected.name: verdict for verdict in verdicts}

    assert found[1][wrong].passed
    assert found[2][wrong] == failed(con, suite)["billing", wrong]
    assert found[2][wrong].observed == "1 of 2 rows"
    assert {verdict.rows for verdict in found[2].values()} == {2}


def test_nothing_is_asked_of_all_billing_rows_together():
    """They are most of all rows; a night reads those of new invoices."""
    judged = JudgedRows("unjudged", "counted")

    asked = {judged.table_for(one) for one in SUITES["billing"].expectations}

    assert asked == {"unjudged", "counted"}


@pytest.mark.parametrize("narrowing", ["mostly", "row_condition"])
def test_what_is_asked_of_most_rows_is_asked_of_all_together(narrowing):
    """It may hold of each part, and not of the whole, or the other way round."""
    one = next(x for x in SUITES["billing"].expectations if x.is_of_rows)

    narrowed = replace(one, kwargs=one.kwargs | {narrowing: 1})

    assert not narrowed.is_of_rows
    assert JudgedRows("unjudged", "counted").table_for(narrowed) == "billing"
