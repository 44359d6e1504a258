"""No clause of the programme page is forgotten, and none is invented."""

from __future__ import annotations

import re

import pytest
from ruamel.yaml import YAML

from pipelines import paths
from pipelines.campaign import load_campaign
from pipelines.campaign_checks import HOLD_REASONS, RULE_IDS, citations
from pipelines.whatif.readings import READINGS, other_readings

# The numbered list: overview, steps, questions, terms.
CLAUSES = [
    *("O1", "O2", "O3", "O4", "O5", "O6"),
    *("S1", "S2", "S3", "S4"),
    *("F1", "F2", "F3", "F4", "F5", "F6"),
    *("T1", "T2", "T3", "T4", "T5", "T6"),
]
CAMPAIGN_ID = "d365-smb-2019"
PAGE = paths.PROJECT_DIR / "docs" / "clauses.md"


def rows_of_the_page() -> list[list[str]]:
    """Return the cells of each row of the table of clauses."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines()]
    return [row for row in rows if re.fullmatch(r"[A-Z]\d+", row[0].strip())]


def cited() -> list[tuple[str, str]]:
    """Return the place of each citation of the campaign file, and what it cites."""
    terms = load_campaign(CAMPAIGN_ID).terms.model_dump()
    return [(str(place), clause) for place, clause in citations(terms)]


def test_the_list_has_22_clauses() -> None:
    """As the numbered page has them."""
    assert len(CLAUSES) == len(set(CLAUSES)) == 22


def test_every_clause_is_in_the_campaign_file_and_none_is_invented() -> None:
    """Each with what the product does with it."""
    clauses = load_campaign(CAMPAIGN_ID).clauses

    assert list(clauses) == CLAUSES
    assert all(text.strip() for text in clauses.values())


def test_every_clause_is_on_the_page_and_none_is_invented() -> None:
    """In the order of the list, each with its place in the product."""
    rows = rows_of_the_page()

    assert [row[0].strip() for row in rows] == CLAUSES
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)


def test_every_value_cites_clauses_that_exist() -> None:
    """Every term, competency, hold and rule says where it comes from."""
    citations_found = cited()

    assert len(citations_found) > 50
    for place, clause in citations_found:
        assert clause == "-" or set(clause.split()) <= set(CLAUSES), place


def test_every_clause_that_decides_money_is_cited_by_a_value() -> None:
    """The rest are process steps and definitions."""
    used = {clause for _, text in cited() for clause in text.split()} - {"-"}

    assert set(CLAUSES) - used == {"S1", "S2", "S3"}


def test_only_complete_evidence_comes_from_no_clause() -> None:
    """Every other rule, hold and value has one."""
    rules = load_campaign(CAMPAIGN_ID).rules

    assert [rule.id for rule in rules if rule.clause == "-"] == ["complete_evidence"]
    assert [clause for _, clause in cited()].count("-") == 1


@pytest.mark.parametrize("name", [*RULE_IDS, *HOLD_REASONS])
def test_every_rule_and_hold_is_on_the_page(name: str) -> None:
    """Whoever reads a verdict finds the clause behind it."""
    assert f"`{name}`" in PAGE.read_text()


def test_the_page_names_only_parameters_that_exist() -> None:
    """A parameter that was renamed must be renamed there."""
    tree = YAML(typ="safe").load(paths.CAMPAIGNS_DIR / f"{CAMPAIGN_ID}.yaml")
    words = re.findall(r"`([a-z_]+\.[a-z_]+)`", PAGE.read_text())
    known = {
        f"{part}.{key}"
        for part in tree
        if hasattr(tree[part], "keys")
        for key in tree[part]
    }

    assert len(words) > 15
    assert set(words) - {"rule_results.parquet"} <= known


def test_the_page_says_which_clauses_a_rule_decides() -> None:
    """A rule stands in the row of each clause that its result shows."""
    places = {row[0].strip(): row[3] for row in rows_of_the_page()}
    for rule in load_campaign(CAMPAIGN_ID).rules:
        for clause in rule.clause.replace("-", "").split():
            assert f"`{rule.id}`" in places[clause], f"{rule.id} under {clause}"


def test_every_reading_stands_beside_its_clauses() -> None:
    """With the reading that is used, and every other one that is priced."""
    campaign = load_campaign(CAMPAIGN_ID)
    terms, others = campaign.as_dict(), other_readings(campaign)
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    of_clauses = {row[0].strip(): row[3] for row in rows_of_the_page()}

    for setting in (*READINGS, "eligibility.second_date"):
        term = terms
        for step in setting.split("."):
            term = term[step]
        priced = ", ".join(f"`{other}`" for key, other in others if key == setting)
        cells = (f"`{setting}`", term["clause"], f"`{term['value']}`", priced or "-")
        assert f"| {' | '.join(cells)} |" in lines
        for clause in term["clause"].split():
            assert f"`{setting}`" in of_clauses[clause]
