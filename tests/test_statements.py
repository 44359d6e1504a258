"""Statements of the whole sample: complete, of one partner alone, readable anywhere."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import engine
from pipelines.files import working_folder
from pipelines.ledger.ledger import Ledger
from pipelines.paths import DICTIONARY
from pipelines.payout.batches import Batch
from pipelines.payout.cures import HOLDS, RULES
from pipelines.payout.statement_files import file_name
from pipelines.payout.statements import COLUMNS, Statement, statements
from tests.browser import CONTRASTS, browser, needs_chromium, opened
from tests.test_report_browser import LEAST_CONTRAST, OVERFLOWING

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.run import PublishedRun

ROW = {
    "batch_id": "b-001",
    "campaign_id": "d365-smb-2019",
    "released_by": "Cleo",
    "sequence": 1,
    "facts": "{}",
}


@pytest.fixture(scope="module")
def told(
    sample_run: PublishedRun,
    sample_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Statement]:
    """Return what each partner would be told of a batch that pays nobody."""
    batch = Batch(ROW | {"run_id": sample_run.path.name})
    ledger = Ledger.open(tmp_path_factory.mktemp("ledger"))
    with ledger.reading() as book, working_folder(sample_home) as work:
        return statements(sample_home, batch, book, work)


@pytest.fixture(scope="module")
def asked(sample_run: PublishedRun, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return how to ask the tables of the run."""
    with engine.opened(tmp_path_factory.mktemp("work")) as con:
        for name in ("customer_decisions", "rule_results", "partner_payouts"):
            path = engine.quoted_path(sample_run.path / f"{name}.parquet")
            con.execute(f"create view {name} as from read_parquet({path})")
        yield lambda query: con.execute(query).fetchall()


def rows_of(statement: Statement) -> list[dict[str, str]]:
    """Return the table of a statement."""
    text = io.StringIO(statement.csv().decode(), newline="")
    return list(csv.DictReader(text))


def test_every_candidate_of_every_partner_is_in_its_statement(
    told: list[Statement], asked: Any
) -> None:
    """With its decision and its seats; nobody else's is."""
    found = {
        (row["partner_id"], row["customer_id"], row["decision"], row["billed_seats"])
        for statement in told
        for row in rows_of(statement)
    }

    expected = asked(
        "select partner_id, customer_id, decision, cast(billed_seats as varchar) "
        "from customer_decisions where partner_id is not null"
    )
    assert {tuple(cell.lstrip("'") for cell in row) for row in found} == set(expected)
    assert len(told) == asked("select count(*) from partner_payouts")[0][0]


def test_a_statement_says_nothing_of_another_partner(told: list[Statement]) -> None:
    """No id, no name, no address of one; not when or with how many it began."""
    everybody = [
        (one.partner_id, one.partner["partner_name"], one.address) for one in told
    ]
    for statement in told:
        text = statement.html().decode() + statement.csv().decode()
        for words in everybody:
            for word in words:
                if word and word not in everybody[told.index(statement)]:
                    assert f">{word}<" not in text
                    assert f",{word}," not in text
                    assert "@" not in word or word not in text
        assert "onboarded by others" not in text
        assert "partners that onboarded" not in text
        assert "first bought on" not in text
        for row in rows_of(statement):
            rules = row["failed_rules"] + row["pending_rules"]
            if "onboarded_by_partner" in rules:
                assert row["onboarded_on"] == ""
                assert "onboarded on" not in row["missing"]


def test_what_is_missing_has_a_cure_and_all_else_does_not(
    told: list[Statement],
) -> None:
    """Every rule that does not pass is named, with what to do about it."""
    for statement in told:
        for row in rows_of(statement):
            named = [one for one in RULES if f"{one}: " in row["missing"]]
            listed = {
                *row["failed_rules"].split("; "),
                *row["pending_rules"].split("; "),
            }
            assert set(named) == listed - {""}
            assert bool(row["cure"]) == bool(named)
            assert (row["decision"] == "qualified") == (not named)
    held = [one for one in told if one.partner["status"] == "held"]
    assert held
    for statement in held:
        paid = [row for row in rows_of(statement) if row["decision"] == "qualified"]
        for hold in statement.partner["hold_reasons"]:
            assert HOLDS[hold] in unescape(statement.html().decode())
            assert all(f"{hold}: " in row["held_by"] for row in paid)


def test_every_rule_and_every_hold_of_the_campaign_has_a_cure(
    sample_run: PublishedRun,
) -> None:
    """None falls back to asking the provider."""
    terms = sample_run.manifest["terms"]

    assert {rule["id"] for rule in terms["rules"]} == set(RULES)
    assert {hold["reason"] for hold in terms["holds"]} == set(HOLDS)


def test_a_statement_has_the_same_bytes_each_time(
    told: list[Statement], sample_run: PublishedRun, sample_home: Path, tmp_path: Path
) -> None:
    """And no cell that a spreadsheet would run, though one partner's name begins so."""
    batch = Batch(ROW | {"run_id": sample_run.path.name})
    ledger = Ledger.open(tmp_path)
    with ledger.reading() as book, working_folder(sample_home) as work:
        again = statements(sample_home, batch, book, work)

    assert [one.html() for one in again] == [one.html() for one in told]
    assert [one.csv() for one in again] == [one.csv() for one in told]
    cells = [cell for one in told for row in rows_of(one) for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))] == []
    assert "'+Birchwood IT LLP" in cells


def test_every_column_is_described(told: list[Statement]) -> None:
    """In data/README.md, in their order."""
    text = DICTIONARY.read_text(encoding="utf-8")
    section = text.partition("\n# Statements")[2].partition("\n# ")[0]

    assert tuple(re.findall(r"^\| `(\w+)` \|", section, re.M)) == COLUMNS
    assert tuple(rows_of(told[0])[0]) == COLUMNS


def test_a_page_holds_no_script(told: list[Statement]) -> None:
    """Mail systems keep such attachments back, and rightly."""
    for statement in told:
        assert b"<script" not in statement.html()


@needs_chromium
@pytest.mark.parametrize("width", [360, 1280])
def test_a_statement_is_readable_on_a_phone_and_at_a_desk(
    told: list[Statement], tmp_path: Path, width: int
) -> None:
    """Nothing is cut, nothing is fetched, and every text stands out; on paper, too."""
    longest = max(told, key=lambda one: len(one.html()))
    path = tmp_path / f"{file_name(longest.partner_id)}.html"
    path.write_bytes(longest.html())

    with browser() as chromium, opened(chromium, path, width, "light") as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        assert seen.page.evaluate(OVERFLOWING) == []
        contrasts = seen.page.evaluate(CONTRASTS)
        assert {k: v for k, v in contrasts.items() if v < LEAST_CONTRAST} == {}
        assert seen.complaints == []
        assert seen.requests == [path.as_uri()]
        seen.page.emulate_media(media="print")
        assert seen.page.locator("thead th").first.is_visible()
        assert "Billed seats" in seen.page.locator("thead").inner_text()
