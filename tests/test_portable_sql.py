"""The models keep to the SQL that two engines read: DuckDB's and Spark's.

``tests/spark/`` runs them on both; here no Java is needed.
"""

from __future__ import annotations

import re

import pytest
import sqlglot
from sqlglot import exp

from pipelines import engine
from pipelines.models import FACTS, MODELS
from pipelines.spark.functions import FUNCTIONS

NAMES = (*FACTS, *MODELS)
# What both engines call by one name, and mean alike; and what we define for both.
ALLOWED = {
    "abs", "array_agg", "cast", "coalesce", "concat", "count", "greatest", "hash",
    "lead", "least", "length", "lower", "lpad", "max", "min", "nullif", "row_number",
    "string_agg", "sum", "upper",
}  # fmt: skip
OURS = {
    "row_reference", "keyed", "keyed_reference", "references_in_order", "ids_in_order",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_both_dialects_read_a_model_alike(name):
    """One text, one tree, but for where each puts nulls that nobody placed."""
    text = engine.read_sql(name)

    duckdb, spark = (
        [_kind_of(node) for node in sqlglot.parse_one(text, dialect=dialect).walk()]
        for dialect in ("duckdb", "spark")
    )

    assert duckdb == spark


@pytest.mark.parametrize("name", NAMES)
def test_a_model_calls_only_what_both_engines_have(name):
    """A function of one engine alone would be found out on a cluster, at night."""
    tree = sqlglot.parse_one(engine.read_sql(name), dialect="duckdb")
    called = {_name_of(call) for call in tree.find_all(exp.Func)}

    assert called <= ALLOWED | OURS, called - ALLOWED - OURS


@pytest.mark.parametrize("name", NAMES)
def test_a_model_has_types_that_both_engines_have(name):
    """Text is a string, whole numbers are bigint, money is an exact decimal."""
    tree = sqlglot.parse_one(engine.read_sql(name), dialect="duckdb")
    types = {kind.sql("duckdb").split("(")[0] for kind in tree.find_all(exp.DataType)}

    assert types <= {"TEXT", "BIGINT", "INT", "DATE", "DECIMAL", "BOOLEAN"}


@pytest.mark.parametrize("name", NAMES)
def test_where_null_stands_in_an_order_is_said(name):
    """The engines differ on it: so it is said where a partner may be missing."""
    text = re.sub(r"--.*", "", engine.read_sql(name))
    orders = re.findall(r"order by\b([^()]*)", text)

    for order in orders:
        for key in re.findall(r"\bpartner_id\b[^,\n]*", order):
            assert "nulls" in key


def test_spark_has_every_function_of_ours():
    """By the same name, with the same parameters in the same order."""
    for name in OURS:
        (here,) = [f for f in FUNCTIONS if f"function {name}(" in " ".join(f.split())]
        macro = engine.read_sql(f"functions/{name}")
        wanted = macro.split(f"macro {name}(")[1].split(")")[0]
        found = here.split(f"function {name}(")[1].split(")")[0]
        assert [part.split()[0] for part in wanted.split(",")] == [
            part.split()[0] for part in found.split(",")
        ]


def _kind_of(node: exp.Expression) -> type:
    # A cast of Spark's that fails gives null, unless it keeps to ANSI: as it does here.
    return exp.Cast if isinstance(node, exp.TryCast) else type(node)


def _name_of(call: exp.Func) -> str:
    """Return what a call is written as."""
    if isinstance(call, exp.Anonymous):
        return str(call.this).lower()
    if isinstance(call, (exp.And, exp.Or, exp.Case, exp.If, exp.Exists)):
        return "cast"  # operators, which are calls to the parser
    return call.sql("duckdb").split("(")[0].strip().lower()
