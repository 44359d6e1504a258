"""The page of a run: its figures, its days, and what hostile names may not do."""

from __future__ import annotations

import datetime as dt
import json
import re

import pyarrow.parquet as pq
import pytest

from pipelines.charts import BINS_BELOW, histogram
from pipelines.dictionary import meanings
from pipelines.manifest import read_manifest
from pipelines.outputs import TABLES, write_batches
from pipelines.pages import page
from pipelines.quality_page import read_quality
from pipelines.report import customer_rows, report_html
from pipelines.report_queries import answered
from tests.commands import cashback, refusal

LATER = "2019-09-30"


@pytest.fixture(scope="module")
def html(sample_run):
    """The page that lies in the run's folder."""
    return (sample_run.path / "report.html").read_text(encoding="utf-8")


def rows_under(html, heading):
    """Return the cells of the first table under a heading, row by row."""
    table = html.partition(f'<h2 id="{heading}">')[2].partition("</table>")[0]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(CELL, row, re.S)]
        for row in re.findall(r"<tr>.*?</tr>", table, re.S)[1:]
    ]


CELL = r"<t[hd][^>]*>(.*?)</t[hd]>"


def test_the_way_from_candidates_to_payable_adds_up(html, sample_run):
    """What each step takes leaves what the next total says."""
    totals = sample_run.manifest["control_totals"]
    left, seen = 0, {}
    for name, _, customers, amount in rows_under(html, "way"):
        number = int(customers.replace("\N{MINUS SIGN}", "-").replace(",", ""))
        seen[name] = (number, amount)
        if name in {"qualified", "payable"}:
            assert left == number
        left = number if name in {"candidates", "qualified"} else left + number

    assert seen["candidates"][0] == int(totals["customer_decisions"]["rows"])
    assert seen["qualified"][0] == int(totals["customer_decisions"]["qualified"])
    paid = seen["payable"][1].replace(",", "")
    assert paid == totals["partner_payouts"]["payable"]


def test_every_candidate_without_a_reward_has_its_way(html, sample_run):
    """In a few words; and the page names the command that proves it."""
    totals = sample_run.manifest["control_totals"]["customer_decisions"]
    unpaid = int(totals["pending"]) + int(totals["not_qualified"])
    command = (
        f"cashback explain --run {sample_run.manifest['run_id'][:8]} --customer ID"
    )

    rows = [row for row in rows_under(html, "customers") if "nearest way: " in row[3]]

    assert len(rows) == unpaid
    assert re.sub("<[^>]+>", "", html).count(command) == 2


def test_every_candidate_has_a_row_with_its_reasons(html, sample_run):
    """And the rows are those of the published table."""
    decisions = pq.read_table(sample_run.path / "customer_decisions.parquet")
    wanted = {
        (row["customer_id"], row["partner_id"] or "no reseller"): (
            row["decision"].replace("_", " "),
            [
                rule.replace("_", " ")
                for rule in (*row["failed_rules"], *row["pending_rules"])
            ],
        )
        for row in decisions.to_pylist()
    }
    found = {
        (row[0], row[1]): (
            row[2],
            [
                line.partition(":")[0]
                for line in row[3].splitlines()
                if not line.startswith("nearest way: ")
            ],
        )
        for row in rows_under(html, "customers")
    }

    assert found.keys() == wanted.keys()
    for pair, (decision, rules) in wanted.items():
        assert found[pair][0] == decision
        assert sorted(found[pair][1]) == sorted(rules)


def test_partners_without_enrolment_are_named(html, sample_run):
    """Those whose customers pass every other rule, by the table of decisions."""
    decisions = pq.read_table(sample_run.path / "customer_decisions.parquet")
    wanted = {
        row["partner_id"]
        for row in decisions.to_pylist()
        if [*row["failed_rules"], *row["pending_rules"]] == ["program_enrolment"]
    }

    assert wanted
    assert {row[0] for row in rows_under(html, "tell")} == wanted


def test_an_old_run_is_shown_again_from_its_tables(sample_run, sample_home, tmp_path):
    """The same bytes on the run's own day; another day changes the days alone."""
    own = (sample_run.path / "report.html").read_text(encoding="utf-8")
    out = tmp_path / "page.html"
    day = sample_run.manifest["known_at"]
    asked = ("report", sample_run.path.name[:10], "--home", sample_home, "--out", out)

    cashback(*asked, "--today", day)
    assert out.read_text(encoding="utf-8") == own

    found = json.loads(cashback(*asked, "--today", LATER, "--json").stdout)
    late = out.read_text(encoding="utf-8")
    assert found["days_left"] == -3
    changed = [
        new
        for old, new in zip(own.splitlines(), late.splitlines(), strict=True)
        if old != new
    ]
    assert len(changed) == 1
    assert "3 days late" in changed[0]


def test_without_a_file_it_lies_in_the_home(sample_run, sample_home):
    """The path is all that is printed."""
    result = cashback("report", sample_run.path, "--home", sample_home)

    path = sample_home / "reports" / f"{sample_run.path.name}.html"
    assert result.stdout.strip() == str(path)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_published_folder_is_never_written_to(sample_run, sample_home):
    """A page in it would be a change of the run."""
    out = sample_run.path / "page.html"
    line = refusal(
        cashback("report", sample_run.path, "--home", sample_home, "--out", out), 2
    )

    assert "lies in a published folder, which never changes" in line
    assert not out.exists()


def test_a_page_that_cannot_be_written_is_one_sentence(sample_run, sample_home):
    """The folder is not one."""
    out = sample_run.path / "manifest.json" / "page.html"
    line = refusal(
        cashback("report", sample_run.path, "--home", sample_home, "--out", out), 4
    )

    assert "cannot be written" in line


def rules_of(manifest):
    """Return the ids of a run's rules, in their order."""
    return [rule["id"] for rule in manifest["terms"]["rules"]]


def test_hostile_names_stay_names(sample_run, tmp_path):
    """No markup, no line that turns round, nothing unseen."""
    evil = "</td><script>alert(1)</script>\u202eelbayap\x07\u200b\ud83d\ude00"
    evil = evil.encode("utf-16", "surrogatepass").decode("utf-16")
    for table in TABLES:
        found = pq.read_table(sample_run.path / f"{table}.parquet")
        if table == "partner_payouts":
            names = [evil] * found.num_rows
            at = found.schema.get_field_index("partner_name")
            found = found.set_column(at, found.schema.field(at), [names])
        write_batches(found.to_batches(), found.schema, tmp_path / f"{table}.parquet")
    quality, manifest = read_quality(sample_run.path), read_manifest(sample_run.path)
    found = answered(tmp_path, rules_of(manifest), tmp_path)
    html = report_html(
        found, customer_rows(found, 15), manifest, quality, dt.date(2019, 9, 8)
    )

    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffdelbayap\ufffd\ufffd" in html
    assert html.count("<script>") == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\u200b\u202a-\u202e]", html)


def test_the_page_allows_itself_no_network_and_no_other_script(html):
    """Its policy names the one script and the one style by their digests."""
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)

    assert policy.startswith("default-src 'none'; ")
    assert policy.count("sha256-") == 2
    assert "unsafe" not in policy
    assert not re.search(r'\b(?:src|href)="(?!#)', html)
    assert "style=" not in html


def test_a_page_is_the_same_bytes_again(html, sample_run, tmp_path):
    """Neither threads nor the order of a set show in it."""
    quality, manifest = read_quality(sample_run.path), read_manifest(sample_run.path)
    day = dt.date.fromisoformat(manifest["known_at"])
    found = answered(sample_run.path, rules_of(manifest), tmp_path, threads=1)
    again = report_html(found, customer_rows(found, 15), manifest, quality, day)

    assert again == html


@pytest.mark.parametrize("threshold", [1, 7, 15, 40, 300])
def test_the_cliff_is_where_a_bar_begins(threshold):
    """One seat fewer stands left of it, the threshold itself right of it."""
    counts = [(threshold - 1, 3), (threshold, 5), (None, 2), (-9, 1), (10**6, 1)]
    chart = histogram(counts, threshold)

    assert chart.bars[BINS_BELOW - 1].count == 3
    assert chart.bars[BINS_BELOW].count == 5
    assert chart.bars[BINS_BELOW].x == chart.cliff_x
    assert [bar.is_enough for bar in chart.bars].index(True) == BINS_BELOW
    assert (chart.unknown, sum(bar.count for bar in chart.bars)) == (2, 10)


@pytest.mark.parametrize("table", TABLES)
def test_columns_say_what_they_mean_in_the_file_itself(table, sample_run):
    """Beside each column for Arrow, and as one text for everybody else."""
    found = pq.read_schema(sample_run.path / f"{table}.parquet")
    said = meanings(table)

    assert list(said) == found.names
    for field in found:
        assert field.metadata[b"description"].decode() == said[field.name] != ""
    assert json.loads(found.metadata[b"columns"]) == said


def test_the_page_holds_the_dictionary(html):
    """Every table, every column, with its meaning."""
    text = html.partition('<h2 id="columns">')[2]

    for table in TABLES:
        assert f"<summary>{table}</summary>" in text
        for column in TABLES[table]:
            assert f"<code>{column}</code>" in text


def test_a_template_of_ours_escapes_what_it_is_given():
    """The page of the checks goes through the same door."""
    quality = {
        "expectations": [],
        "audits": [],
        "feeds": {"<b>": {"read": 1, "validated": 1, "quarantined": 0, "reasons": {}}},
    }
    html = page("quality.html.j2", run_id="<i>", quality=quality, suites=[])

    assert "<b>" not in html
    assert "<code>&lt;i&gt;</code>" in html
