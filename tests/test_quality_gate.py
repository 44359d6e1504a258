"""The gate before publishing: what it refuses, what it only says, what it keeps."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pipelines import judging
from pipelines.cli import main
from pipelines.errors import DataError
from pipelines.expectations import Verdict
from pipelines.gate import refuse_failed
from pipelines.paths import PROJECT_DIR, SAMPLE_DIR
from pipelines.suites import FEED_SUITES, TABLE_SUITES, load_suites
from pipelines.versions import code_version
from tests.reference.sound import ASSIGNED, BILLED, CUSTOMER
from tests.scenes import NEXT, Scene, tree

SECOND = "2019-08-12"


def guid(number: int) -> str:
    """Return the id of a customer or subscription that only a test knows."""
    return f"cccccccc-0000-0000-0000-{number:012}"


def lines(count: int, **cells: str) -> list[dict[str, str]]:
    """Return invoice lines of as many customers."""
    return [
        BILLED
        | {"CustomerId": guid(n), "SyndicationPartnerSubscriptionNumber": guid(n)}
        | cells
        for n in range(count)
    ]


def quality_of(run) -> dict:
    """Return what a run keeps of its checks."""
    return json.loads((run.path / "data_quality.json").read_text(encoding="utf-8"))


def copy_invoice(scene: Scene, rows: int) -> None:
    """Deliver an invoice, and its lines again under another number."""
    path = scene.rows("billing", *lines(rows, Quantity="8"))
    scene.deliver("billing", path.read_bytes(), "another.csv", on=SECOND)


def test_an_invoice_again_under_another_number_refuses_the_run(scene):
    """Its seats would count twice; the message names both files."""
    copy_invoice(scene, 25)

    message = scene.refusal()

    assert "1 critical expectations failed" in message
    assert "billing: no_invoice_is_delivered_under_two_numbers, 1 rows" in message
    assert f"first_file billing/{NEXT}/two.csv" in message
    assert f"last_file billing/{SECOND}/another.csv" in message


def test_small_invoices_may_be_alike(scene):
    """Two identical lines are both real, and so may two small invoices be."""
    copy_invoice(scene, 24)

    run = scene.run()

    assert run.manifest["rows"]["billing"]["read"] == 49


def test_a_snapshot_cut_to_a_tenth_refuses_the_run(scene):
    """It is compared with the delivery before it, which is not in force."""
    header = "CustomerId,TopParentId,CustomerName,Segment,Country\n"
    rows = [f"{guid(n)},,,SMB,GB\n" for n in range(100)]
    own = f"{CUSTOMER},,,SMB,GB\n"
    scene.deliver("customers", header + own + "".join(rows))
    scene.deliver("customers", header + own + "".join(rows[:9]), on=SECOND)

    message = scene.refusal()

    assert "customers: the_snapshot_is_not_cut_to_a_tenth" in message
    assert (
        f"delivered_on {SECOND}, rows_read 10, earlier_delivered_on {NEXT}" in message
    )
    assert "earlier_rows_read 101" in message


def test_what_is_compared_is_part_of_what_a_run_is_named_by(scene):
    """The same run has the same bytes, so what they rest on is in its name."""
    first = scene.run().manifest["run_id"]
    scene.rows("customers", {"CustomerId": CUSTOMER, "Segment": "SMB"}, on="2019-07-01")

    assert scene.run().manifest["run_id"] != first


def test_an_earlier_delivery_that_cannot_be_read_is_not_compared(scene):
    """A fault of a file that is not in force stops nothing."""
    scene.deliver("customers", b"\xff", on="2019-07-01")

    assert scene.run().manifest["control_totals"]["customer_decisions"]["rows"] == "1"


def test_feeds_with_only_a_header_are_accepted(scene):
    """What the contract accepts is never refused: it is warned of."""
    for feed in ("billing", "license_usage", "proofs", "bank_accounts"):
        source = next((scene.source / feed).glob("*/one.csv"))
        header = source.read_text().splitlines()[0]
        scene.deliver(feed, header + "\n", "one.csv", on=SECOND)

    run = scene.run()

    failed = [e for e in quality_of(run)["expectations"] if not e["passed"]]
    names = {(e["suite"], e["name"]) for e in failed}
    assert ("billing", "expect_table_row_count_to_be_between()") in names
    assert {e["severity"] for e in failed} <= {"warning", "info"}


def test_warnings_are_shown_counted_and_kept(sample_run):
    """In the file, in the manifest, and in the summary of the run."""
    quality = quality_of(sample_run)
    warned = [
        e
        for e in quality["expectations"]
        if not e["passed"] and e["severity"] == "warning"
    ]
    summary = sample_run.manifest["quality"]

    assert warned
    assert len(summary["warnings"]) == len(warned)
    assert summary["expectations"] == len(quality["expectations"])
    assert summary["passed"] == summary["expectations"] - len(warned)
    unknown = next(
        e for e in warned if e["name"] == "every_reseller_is_a_known_partner"
    )
    assert unknown["offenders"] == len(unknown["examples"]) > 0
    assert unknown["examples"][0].startswith("partner_id ")


def test_every_expectation_and_audit_is_in_the_result(sample_run):
    """Whoever reads it sees what was checked, not only what failed."""
    quality = quality_of(sample_run)
    suites = load_suites((*FEED_SUITES, *TABLE_SUITES))

    assert [(e["suite"], e["name"]) for e in quality["expectations"]] == [
        (one.suite, one.name) for suite in suites for one in suite.expectations
    ]
    assert len(quality["audits"]) >= 8


def test_the_result_holds_no_personal_or_bank_data(sample_run):
    """Ids alone: no name, no address, no account."""
    text = json.dumps(quality_of(sample_run)["expectations"])
    shown = " ".join(example for e in json.loads(text) for example in e["examples"])
    names = {
        line.split(",")[1]
        for path in SAMPLE_DIR.glob("partners/*/*.csv")
        for line in path.read_text(encoding="utf-8-sig").splitlines()[1:]
        if line.count(",") > 3
    }

    assert len(names) > 20
    assert not [name for name in names if len(name) > 4 and name in shown]
    assert "@" not in text


def test_queries_show_ids_counts_and_places_alone():
    """What a query does not select, no result can hold."""
    personal = re.compile(
        r"\b(\w*_name|contact_email|domain_name|document_ref|iban|account_number)\b"
    )
    queries = [
        one.kwargs["unexpected_rows_query"]
        for suite in load_suites((*FEED_SUITES, *TABLE_SUITES))
        for one in suite.expectations
        if "unexpected_rows_query" in one.kwargs
    ]

    assert len(queries) > 30
    assert not [query for query in queries if personal.search(query)]


def test_two_homes_have_the_same_bytes(scene, tmp_path):
    """No clock, no ids of a library, no order of threads."""
    copy_invoice(scene, 24)
    other = scene.copy(tmp_path / "other")
    other = Scene(scene.root, other.home)

    first, second = scene.run(), other.run()

    assert first.path != second.path
    assert tree(first.path) == tree(second.path)


def test_a_published_run_is_found_without_judging_it_again(scene, monkeypatch):
    """The seconds that the import takes are paid by new runs alone."""
    scene.run()

    def forbidden(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(judging, "begin", forbidden)
    monkeypatch.setattr(judging, "judge", forbidden)

    assert not scene.run().is_new


def test_the_suites_are_part_of_the_code_version(tmp_path, monkeypatch):
    """A run under other checks has another name."""
    before = code_version()
    copies = tmp_path / "expectations"
    copies.mkdir()
    for path in (PROJECT_DIR / "expectations").glob("*.yaml"):
        (copies / path.name).write_bytes(path.read_bytes() + b"\n")
    monkeypatch.setattr("pipelines.versions.EXPECTATIONS_DIR", copies)
    monkeypatch.setattr("pipelines.versions.PROJECT_DIR", tmp_path)
    monkeypatch.setattr("pipelines.versions.SQL_DIR", tmp_path)
    monkeypatch.setattr("pipelines.versions.AUDITS_DIR", tmp_path)
    monkeypatch.setattr("pipelines.versions.TEMPLATES_DIR", tmp_path / "templates")
    monkeypatch.setattr("pipelines.versions.DICTIONARY", tmp_path / "README.md")
    (tmp_path / "templates").mkdir()
    (tmp_path / "README.md").touch()
    code_version.cache_clear()
    try:
        one = code_version()
        (copies / "billing.yaml").write_text("changed")
        code_version.cache_clear()

        assert len({before, one, code_version()}) == 3
    finally:
        code_version.cache_clear()


def test_a_long_list_of_failures_is_cut_and_counted():
    """The message stays readable."""
    (suite,) = load_suites(["billing"])
    one = next(e for e in suite.expectations if e.severity == "critical")

    with pytest.raises(DataError, match="12 critical expectations failed") as refused:
        refuse_failed([Verdict(one, passed=False, rows=1)] * 12)

    assert str(refused.value).count("\n  - ") == 11
    assert "  - and 2 more" in str(refused.value)


def test_a_failed_warning_stops_nothing():
    """Severity decides."""
    (suite,) = load_suites(["billing"])
    one = next(e for e in suite.expectations if e.severity == "warning")

    refuse_failed([Verdict(one, passed=False, rows=1)])


# cashback check and cashback quality


def test_check_tells_a_sender_before_the_delivery(scene):
    """The findings on stdout, the refusal on stderr, and nothing is kept."""
    copy_invoice(scene, 25)
    before = tree(scene.home)

    result = CliRunner().invoke(
        main, ["check", "--source", str(scene.source), "--json"]
    )

    assert result.exit_code == 3
    found = json.loads(result.stdout)
    assert found["is_refused"]
    assert found["rows"]["billing"]["read"] == 51
    assert "no_invoice_is_delivered_under_two_numbers" in result.stderr
    assert "nothing was published" in result.stderr
    assert tree(scene.home) == before


def test_check_of_sound_extracts_ends_well(scene):
    """A person reads what was counted and what is odd."""
    result = CliRunner().invoke(main, ["check", "--source", str(scene.source)])

    assert result.exit_code == 0, result.output
    assert "expectations hold." in result.stdout
    assert "8 rows" not in result.stderr
    assert result.stdout.startswith("11 rows read, 0 quarantined")


def test_a_source_that_cannot_be_read_is_refused_by_check(scene):
    """With the sentence of a run."""
    scene.deliver("customers", "")

    result = CliRunner().invoke(main, ["check", "--source", str(scene.source)])

    assert result.exit_code == 3
    assert f"customers/{NEXT}/two.csv: it is empty" in result.stderr


def test_quality_shows_a_run_and_writes_a_page_that_needs_no_network(
    sample_run, tmp_path
):
    """Everything is in the page itself."""
    page = tmp_path / "quality.html"

    shown = CliRunner().invoke(main, ["quality", str(sample_run.path)])
    written = CliRunner().invoke(
        main, ["quality", str(sample_run.path), "--out", str(page)]
    )

    assert (shown.exit_code, written.exit_code) == (0, 0)
    assert "warning: billing: every_reseller_is_a_known_partner, 3 rows" in shown.stdout
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"src=|href=\"[^#]|https?:|@import|url\(", html)
    assert "every_reseller_is_a_known_partner" in html
    assert "expect_column_values_to_not_be_null(customer_id)" in html


def test_json_of_a_run_is_one_document(scene):
    """Great Expectations prints hints; stdout is for the result alone."""
    done = subprocess.run(  # noqa: S603 - our own command
        [
            sys.executable,
            "-m",
            "pipelines.cli",
            "run",
            "--source",
            str(scene.source),
            "--home",
            str(scene.home),
            "--json",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT_DIR,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["quality"]["expectations"] > 100
    assert done.stderr == ""


def test_usage_again_in_the_same_delivery_refuses_the_run(scene):
    """Every licence would be assigned twice."""
    rows = [
        ASSIGNED | {"CustomerTenantId": guid(n), "SubscriptionId": guid(n)}
        for n in range(25)
    ]
    path = scene.rows("license_usage", *rows)
    scene.deliver("license_usage", path.read_bytes(), "copy.csv")

    message = scene.refusal()

    assert "license_usage: no_snapshot_is_there_twice_in_a_delivery" in message
    assert f"license_usage/{NEXT}/copy.csv" in message
