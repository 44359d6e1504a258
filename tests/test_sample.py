"""The shipped sample: what its command writes, with every trap that it promises."""

from __future__ import annotations

import csv
import gzip
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pipelines.bank_account import account_problem
from pipelines.campaign_checks import HOLD_REASONS, RULE_IDS
from pipelines.cli import main
from pipelines.paths import REFERENCE_DIR, SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.run import RunRequest, run
from tests.reading_runs import as_reference
from tests.reference import Terms, decide
from tests.result_tables import differences, read_csv, read_rows, table_of

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 2_000_000
# By section 4 of the contract.
REASONS = {
    "ragged_row",
    "bad_guid",
    "missing_value",
    "bad_date",
    "bad_number",
    "negative_quantity",
    "period_reversed",
    "unknown_dynamics_offer",
    "bad_enum",
}
BEFORE_THE_END, AFTER_THE_END, CUT_OFF = (
    date(2019, 4, 8),
    date(2019, 7, 8),
    date(2019, 8, 15),
)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file under a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def decision_of(story: str, run_folder: Path) -> str:
    """Return what was decided of the customer that the page gives for a story."""
    page = (SAMPLE_DIR / "README.md").read_text(encoding="utf-8")
    customer = re.search(rf"\| `([0-9a-f-]+)` \| {story} \|", page)[1]
    decisions = read_rows(run_folder / "customer_decisions.parquet")
    (decision,) = (d["decision"] for d in decisions if d["customer_id"] == customer)
    return decision


def test_the_command_on_its_page_writes_the_sample_again(tmp_path):
    """The sample is what the generator writes, byte for byte."""
    page = (SAMPLE_DIR / "README.md").read_text(encoding="utf-8")
    words = re.search(r"^cashback (generate .*) DIR$", page, re.MULTILINE)[1].split()

    result = CliRunner().invoke(main, [*words, str(tmp_path / "again")])

    assert result.exit_code == 0, result.output
    again, shipped = files_of(tmp_path / "again"), files_of(SAMPLE_DIR)
    assert sorted(again) == sorted(shipped)
    assert [name for name in shipped if again[name] != shipped[name]] == []


def test_it_is_small():
    """It ships with every clone."""
    assert sum(len(content) for content in files_of(SAMPLE_DIR).values()) < MOST_BYTES


@pytest.mark.parametrize("name", ["customer_decisions", "partner_payouts"])
def test_the_run_decides_what_the_stories_declare(name, sample_run):
    """Every decision and payout is the one that was declared, not computed."""
    expected = read_csv(SAMPLE_DIR / "expected" / f"{name}.csv")

    assert differences(name, expected, table_of(sample_run.path, name)) == []


@pytest.mark.parametrize("known_at", [None, CUT_OFF, AFTER_THE_END, BEFORE_THE_END])
def test_the_independent_reading_agrees(known_at, sample_run, sample_home):
    """Another reading of the contract comes to the same, whatever is known."""
    request = RunRequest(str(SAMPLE_DIR), sample_home, known_at=known_at)
    published = run(request, Progress()) if known_at else sample_run
    catalog = REFERENCE_DIR / "sku_catalog.csv"

    expected = decide(SAMPLE_DIR, catalog, Terms(), known_at=known_at)

    for part, value in as_reference(published).items():
        assert value == getattr(expected, part), part


def test_a_later_invoice_changes_a_decision(sample_run, sample_home):
    """Known at the cut-off, two customers are decided as the last invoice undoes."""
    request = RunRequest(str(SAMPLE_DIR), sample_home, known_at=CUT_OFF)
    at_the_cut_off = run(request, Progress())

    stories = ("reduced_by_a_late_invoice", "billed_by_a_late_invoice")
    before = [decision_of(story, at_the_cut_off.path) for story in stories]
    after = [decision_of(story, sample_run.path) for story in stories]

    assert at_the_cut_off.manifest["is_final"]
    assert before == ["qualified", "not_qualified"]
    assert after == ["not_qualified", "qualified"]


@pytest.mark.parametrize("verdict", ["pass", "fail", "pending"])
def test_every_rule_has_every_verdict(verdict, sample_run):
    """But that missing evidence is never a failure."""
    results = read_rows(sample_run.path / "rule_results.parquet")

    seen = {row["rule_id"] for row in results if row["verdict"] == verdict}

    never = {"complete_evidence"} if verdict == "fail" else set()
    assert seen == set(RULE_IDS) - never


def test_every_rule_fails_alone_somewhere(sample_run):
    """So that a rule that stops working shows as a payout."""
    decisions = read_rows(sample_run.path / "customer_decisions.parquet")

    alone = {
        row["failed_rules"][0] for row in decisions if len(row["failed_rules"]) == 1
    }

    # Who is not listed fails all rules on partners; who begins outside of the
    # campaign's days began before them, and is not new either.
    not_alone = {"complete_evidence", "known_reseller", "onboarded_in_window"}
    assert alone == set(RULE_IDS) - not_alone


def test_every_reason_and_hold_occurs(sample_run, sample_home):
    """Each way to be quarantined, and each thing that may keep a payment back."""
    quarantined = as_reference(sample_run)["quarantine"].values()
    payouts = read_rows(sample_run.path / "partner_payouts.parquet")

    assert {reason for _, reasons in quarantined for reason in reasons} == REASONS
    assert {hold for row in payouts for hold in row["hold_reasons"]} == set(
        HOLD_REASONS
    )
    # Nobody can earn less than the minimum where one reward is the minimum.
    assert {row["status"] for row in payouts} == {"nil", "held", "payable"}


def test_every_warning_occurs(sample_run):
    """What is odd and decides nothing is reported."""
    report = (sample_run.path / "data_quality.json").read_text(encoding="utf-8")

    for name in (
        "unknown_charge_types",
        "amounts_off_price",
        "several_currencies",
        "customers_with_two_names",
    ):
        assert f'"name": "{name}"' in report
    assert "Preis (EUR), netto" in report


TRAITS = {
    "packed": lambda raw, _: raw.startswith(b"\x1f\x8b"),
    "tab": lambda _, text: "\t" in text.split("\n")[0],
    "semicolon": lambda _, text: text.count(";") > text.count(",") * 5,
    "decimal comma": lambda _, text: re.search(r";-?\d+,\d\d;", text),
    "decimal point beside semicolons": lambda _, text: re.search(
        r";-?\d+\.\d\d;", text
    ),
    "byte order mark": lambda raw, _: raw.startswith(b"\xef\xbb\xbf"),
    "CRLF": lambda _, text: text.count("\r\n") > 1,
    "line break in quotes": lambda _, text: re.search(
        r'"[^",\n]*,\r?\n[^",\n]*"', text
    ),
    "delimiter in quotes": lambda _, text: re.search(r'"[^",\n]*, [^",\n]*"', text),
    "quote in quotes": lambda _, text: '""The Old Yard""' in text,
    "M/D/YYYY": lambda _, text: re.search(r",\d/\d+/2019,", text),
    "M/D/YYYY with time": lambda _, text: re.search(r"\d/\d+/2019 0:00:00", text),
    "D.M.YYYY": lambda _, text: re.search(r"\b\d+\.\d\.2019\b", text),
    "ISO": lambda _, text: re.search(r",2019-0\d-\d\d,", text),
    "ISO with time": lambda _, text: re.search(r"2019-0\d-\d\d 00:00:00", text),
    "ISO with zone": lambda _, text: re.search(r"2019-0\d-\d\dT00:00:00\+01:00", text),
    "headers in capitals": lambda _, text: "CUSTOMERID" in text,
    "headers with underscores": lambda _, text: "customer_id" in text,
    "headers with spaces": lambda _, text: "Customer Id" in text,
    "another order": lambda _, text: text.startswith("SUBSCRIPTIONSTARTDATE"),
    "unknown column": lambda _, text: '"Preis (EUR), netto"' in text,
    "no ResellerMpnId": lambda _, text: (
        ",MpnId," in text and "OfferName" in text and "ResellerMpnId" not in text
    ),
    "Tier2MpnId alone": lambda _, text: (
        "Tier2MpnId" in text and "ResellerMpnId" not in text
    ),
    "Tier2MpnId beside": lambda _, text: (
        "Tier2MpnId" in text and "ResellerMpnId" in text
    ),
    "blank line": lambda _, text: "\n   \n" in text,
    "no last line end": lambda _, text: not text.endswith("\n"),
    "org:": lambda _, text: re.search(r"org:[0-9A-F]{8}-", text),
    "noise of floats": lambda _, text: re.search(r"\.\d\d0000000000001,", text),
    "spaces around": lambda _, text: re.search(r", \d+  ,", text),
    "no reseller": lambda _, text: ",-1," in text,
}


@pytest.mark.parametrize("trait", TRAITS)
def test_every_way_to_write_a_file_occurs(trait):
    """Each dialect that the feeds allow is in some billing file."""
    found = []
    for name, raw in files_of(SAMPLE_DIR / "billing").items():
        text = gzip.decompress(raw) if name.endswith(".gz") else raw
        if not name.endswith(".json") and TRAITS[trait](raw, text.decode("utf-8-sig")):
            found.append(name)

    assert found


def test_senders_count_their_files():
    """Some files have each of the counts that a sender may give."""
    counts = [
        raw
        for name, raw in files_of(SAMPLE_DIR / "billing").items()
        if name.endswith(".control.json")
    ]

    for key in (b'"rows"', b'"sha256"', b'"total_for_customer"'):
        assert any(key in raw for raw in counts)


def test_payable_partners_have_whole_addresses_and_accounts_that_check(sample_run):
    """A payment file can be written from what the newest delivery says."""
    newest = max((SAMPLE_DIR / "bank_accounts").iterdir())
    (path,) = newest.glob("*.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        accounts = {row["MpnId"]: row for row in csv.DictReader(stream)}
    payouts = read_rows(sample_run.path / "partner_payouts.parquet")
    payable = [row["partner_id"] for row in payouts if row["status"] == "payable"]

    assert len(payable) > 10
    mended = [partner for partner in payable if not _can_be_paid(accounts[partner])]
    # One has a newer account in an earlier row, and only one.
    assert len(mended) == 1
    for partner in payable:
        for part in ("StreetName", "BuildingNumber", "PostCode", "TownName"):
            assert accounts[partner][part]
        assert re.fullmatch("[A-Z]{2}", accounts[partner]["Country"])


def _can_be_paid(account: dict[str, str]) -> bool:
    problem = account_problem(
        beneficiary_name=account["BeneficiaryName"],
        town_name=account["TownName"],
        country=account["Country"],
        iban=account["Iban"],
        account_number=account["AccountNumber"],
        bic=account["Bic"],
        routing_number=account["RoutingNumber"],
    )
    return problem is None


def test_nobody_in_it_can_be_written_to():
    """Addresses and domains are of those that are kept for examples."""
    text = b"".join(files_of(SAMPLE_DIR).values()).decode(errors="ignore")

    assert set(re.findall(r"@[\w.-]+", text)) == {"@example.com"}
    assert set(re.findall(r"\.onmicrosoft\.\w+", text)) == {".onmicrosoft.example"}
