"""The files of the shipped sample: written again, small, in every dialect."""

from __future__ import annotations

import csv
import gzip
import re

import pytest
from click.testing import CliRunner

from pipelines.bank_account import account_problem
from pipelines.cli import main
from pipelines.paths import SAMPLE_DIR
from tests.generated import files_of
from tests.result_tables import read_rows

MOST_BYTES = 2_000_000


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
