"""The house rules of CONTRIBUTING.md, as far as a machine can tell."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from pipelines.campaign import load_campaign
from pipelines.campaign_checks import RULE_IDS
from pipelines.engine import FUNCTIONS
from pipelines.feeds import FEEDS
from pipelines.models import FACTS, MODELS, QUALITY_TABLES, WARNINGS
from pipelines.outputs import TABLES
from pipelines.paths import AUDITS_DIR, PROJECT_DIR, SQL_DIR
from tests.sql_cases import CASES_DIR, load_cases

SQL = sorted([*SQL_DIR.rglob("*.sql"), *AUDITS_DIR.glob("*.sql")])
MODELS_ON_DISK = [
    path for path in SQL_DIR.rglob("*.sql") if "functions" not in str(path)
]
AUDITS = sorted(AUDITS_DIR.glob("*.sql"))
PYTHON = sorted(
    path for top in ("pipelines", "dags") for path in (PROJECT_DIR / top).rglob("*.py")
)
TEXTS = [
    *PROJECT_DIR.glob("*.md"),
    *PROJECT_DIR.glob("*.toml"),
]
TEXTS += [
    path
    for top in ("dags", "docs", "expectations", "pipelines", "sql", "tests")
    for path in sorted((PROJECT_DIR / top).rglob("*"))
    if path.suffix in {".md", ".py", ".sql", ".yaml", ".j2"}
]
MOST_LINES = 249
# A result depends on tables alone: no clock, no chance.
IMPURE = re.compile(
    r"\b(current_\w+|now|today|get_current_\w+|localtime\w*|random|setseed|uuid\w*"
    r"|gen_random_uuid|getenv|read_(csv|parquet|json|text|blob)\w*)\("
    r"|\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\b"
)
INEXACT = re.compile(r"\b(double|float\d?|real)\b")
# Who may look at the clock: a receipt, and what a person is asked for by default.
CLOCK_READERS = {"receipts", "clock"}
# Numbers of accounts stay in landing/ and in the payment file.
ACCOUNT_NUMBERS = re.compile(r"\b(iban|account_number|routing_number)\w*")
# Written in halves, so that this file is not found by its own search.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def name_of(path):
    """Return a path as the project knows it."""
    return path.relative_to(PROJECT_DIR).as_posix()


def code_of(path):
    """Return a SQL file without comments and texts."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'", "''", text)


def nodes_of(path):
    """Return every node of a Python file's syntax tree."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def calls_of(path):
    """Return what a Python file calls, as it is written there."""
    calls = [node.func for node in nodes_of(path) if isinstance(node, ast.Call)]
    return [ast.unparse(function) for function in calls]


def test_there_is_something_to_check():
    """A folder that was renamed is no pass."""
    assert len(SQL) > 60
    assert len(MODELS_ON_DISK) > 45
    assert len(AUDITS) >= 8
    assert len(PYTHON) > 35
    assert len(TEXTS) > 150
    assert len({path.stem for path in SQL}) == len(SQL), "cases go by the name alone"


# SQL


@pytest.mark.parametrize("path", SQL, ids=name_of)
def test_sql_opens_with_a_sentence(path):
    """Whoever opens the file reads what it holds before how."""
    first = path.read_text(encoding="utf-8").splitlines()[0]

    assert re.fullmatch(r'-- ["A-Z].*[.:]( .*)?', first), first


@pytest.mark.parametrize("path", MODELS_ON_DISK, ids=name_of)
def test_a_model_declares_its_grain(path):
    """The second paragraph of the header; the cases prove it."""
    header = path.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()

    assert header[1:2] == ["--"]
    assert header[2].startswith("-- Grain: one row per ")


@pytest.mark.parametrize("path", AUDITS, ids=name_of)
def test_an_audit_says_what_it_returns(path):
    """Its name is the sentence that holds; the rows are the offenders."""
    header = path.read_text(encoding="utf-8").partition("\n\n")[0]

    assert "\n-- Returns " in header
    assert path.stem.count("_") > 3


@pytest.mark.parametrize("path", SQL, ids=name_of)
def test_sql_is_exact_portable_and_without_a_clock(path):
    """Money is decimal and never divided; every engine has the rest."""
    code = code_of(path)

    assert not IMPURE.search(code)
    assert not INEXACT.search(code)
    assert "/" not in code
    assert not re.search(r"\bqualify\b", code)


@pytest.mark.parametrize("path", SQL, ids=name_of)
def test_a_star_only_stands_where_a_step_adds_columns(path):
    """What a file gives in the end is written out, column by column."""
    code = code_of(path)
    stars = re.findall(r"^( *)(?:select )?(?:\w+\.)?\*(,?)$", code, re.MULTILINE)

    assert not re.search(r"select \w*\.?\*", code)
    assert all(len(indent) >= 8 and comma for indent, comma in stars)


@pytest.mark.parametrize("table", TABLES)
def test_a_published_table_ends_in_an_order(table):
    """The same inputs give the same bytes, with any number of threads."""
    assert re.search(
        r"\n\norder by\n?[^()]+\Z",
        (SQL_DIR / "marts" / f"{table}.sql").read_text(encoding="utf-8"),
    )


def test_every_sql_file_is_in_the_build_order():
    """None is forgotten, and none is named that is not there."""
    on_disk = [
        path.relative_to(SQL_DIR).with_suffix("").as_posix()
        for path in SQL_DIR.rglob("*.sql")
    ]
    named = [*FACTS, *MODELS, *QUALITY_TABLES, *WARNINGS]
    named += [f"functions/{name}" for name in FUNCTIONS]
    named += [f"staging/{feed}" for feed in FEEDS]

    assert sorted(named) == sorted(on_disk)


def test_every_rule_of_the_campaign_is_a_file_and_every_file_a_rule():
    """A rule that nothing evaluates would be passed by nobody and missed by all."""
    files = sorted(path.stem for path in (SQL_DIR / "rules").glob("*.sql"))

    assert files == sorted(RULE_IDS)
    assert files == sorted(rule.id for rule in load_campaign("d365-smb-2019").rules)


def test_every_sql_file_has_cases_and_every_case_a_file():
    """At least one sentence that must stay true of each."""
    cases = {path.stem: load_cases(path) for path in CASES_DIR.glob("*.yaml")}

    assert sorted(cases) == sorted(path.stem for path in SQL)
    assert all(cases.values())
    for name, written in cases.items():
        names = [case["name"] for case in written]
        assert len(set(names)) == len(names), name


def test_no_account_number_is_named_in_sql():
    """What no model reads, no run can show."""
    assert [name_of(p) for p in SQL if ACCOUNT_NUMBERS.search(code_of(p))] == []


# Python


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_a_module_is_small(path):
    """Under 250 lines, so that it can be read in one go."""
    lines = path.read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES, f"{lines} lines: split it by what it does"


def test_pipelines_run_without_airflow():
    """The orchestrator calls the pipelines, and one folder of theirs knows of it."""
    scheduling = PROJECT_DIR / "pipelines" / "scheduling"
    importers = [
        name_of(path)
        for path in PYTHON
        if path.is_relative_to(PROJECT_DIR / "pipelines")
        and not path.is_relative_to(scheduling)
        for node in nodes_of(path)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            name.split(".")[0] == "airflow" or name.startswith("pipelines.scheduling")
            for name in [
                getattr(node, "module", None) or "",
                *(alias.name for alias in node.names),
            ]
        )
    ]

    assert importers == []


def test_the_second_reading_shares_nothing_with_the_first():
    """What both engines used, neither would check: the standard library alone."""
    allowed = {*sys.stdlib_module_names, "pipelines.second_reading"}
    files = (PROJECT_DIR / "pipelines" / "second_reading").rglob("*.py")
    imported = {
        name
        for path in files
        for node in nodes_of(path)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [
            getattr(node, "module", None) or "",
            *(alias.name for alias in node.names if isinstance(node, ast.Import)),
        ]
        if name
    }

    assert "pipelines.second_reading.rules" in imported
    strangers = {
        name
        for name in imported
        if not any(name == one or name.startswith(f"{one}.") for one in allowed)
    }
    assert strangers == set()


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_no_error_is_swallowed(path):
    """What is caught is named, and answered."""
    for node in nodes_of(path):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: a bare except"
            is_broad = ast.unparse(node.type) in {"Exception", "BaseException"}
            does_nothing = ast.unparse(node.body[0]) in {"pass", "continue", "..."}
            assert not (is_broad and does_nothing), f"line {node.lineno}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            ignored = {ast.unparse(argument) for argument in node.args}
            assert not ignored & {"Exception", "BaseException"}, f"line {node.lineno}"


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_nothing_is_printed_and_no_amount_is_a_float(path):
    """Commands echo, everything else logs; amounts are Decimal."""
    names = {node.id for node in nodes_of(path) if isinstance(node, ast.Name)}

    assert not names & {"print", "pprint", "breakpoint", "float"}


def test_the_clock_is_read_where_it_may_be():
    """No result depends on when it was computed."""
    clock = re.compile(r"(\.|\b)(now|utcnow|today|time|time_ns|localtime|gmtime)$")
    module = re.compile(r"^(dt|date|datetime|time)\b")
    readers = {
        path.stem
        for path in PYTHON
        for call in calls_of(path)
        if module.search(call) and clock.search(call)
    }

    assert readers
    assert readers <= CLOCK_READERS


def test_nothing_is_left_for_later():
    """What is to be done is an issue, or it is done."""
    found = [name_of(p) for p in TEXTS if UNFINISHED.search(p.read_text("utf-8"))]

    assert found == []
