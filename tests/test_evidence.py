"""The evidence of a run: one file, checked with sha256sum and DuckDB alone."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pipelines.evidence.checks import RUN_CHECKS
from pipelines.paths import SAMPLE_DIR
from tests.commands import cashback, refusal
from tests.evidence_packs import (
    all_text,
    commands,
    contradictions,
    python_says,
    sums_differ,
    tampered,
    unpacked,
)
from tests.reference.sound import ASSIGNED, BILLED, CUSTOMER, OTHER
from tests.scenes import leftovers, other_terms

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenes import Scene

DECISIONS, RESULTS = "customer_decisions.parquet", "rule_results.parquet"
SECRETS = ("Iban", "AccountNumber", "RoutingNumber")


def packed(home: Path, run: Path, out: Path) -> Path:
    """Return the pack of a run."""
    result = cashback("evidence", run, "--home", home, "--out", out)
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def pack(sample_run, sample_home, tmp_path_factory) -> Path:
    """The pack of the sample."""
    out = tmp_path_factory.mktemp("evidence") / "run.zip"
    return packed(sample_home, sample_run.path, out)


@pytest.fixture
def folder(pack, tmp_path) -> Path:
    """The pack of the sample, unpacked."""
    return unpacked(pack, tmp_path / "unpacked")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")
def test_every_byte_is_checked_by_the_system(folder):
    """The command of the page, as it stands; and one flipped byte is named."""
    whole = sums_differ(folder)
    path = folder / "run" / RESULTS
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)

    assert whole == []
    assert sums_differ(folder) == [f"run/{RESULTS}: FAILED"]


def test_the_sums_name_every_file_but_themselves(folder):
    """What nobody counts, anybody can add."""
    listed = {line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    here = {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    }

    assert listed == here - {"SHA256SUMS"}


def test_the_figures_are_checked_by_duckdb_alone(folder):
    """Both the SELECTs of the page and its command say that all agrees."""
    assert python_says(folder) == ["agrees"] * len(RUN_CHECKS)
    assert contradictions(folder) == {}
    assert [line.split()[0] for line in commands(folder)] == [
        "sha256sum",
        "duckdb",
        "python3",
    ]


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        (
            DECISIONS,
            "select * replace (case when decision = 'pending' then 'qualified' "
            "else decision end as decision) from {table}",
            "Every decision follows from its rules.",
        ),
        (
            DECISIONS,
            "select * replace (cast(reward_amount * 2 as decimal(18, 2)) "
            "as reward_amount) from {table}",
            "Who qualifies earns the reward of the terms, and nobody else earns "
            "anything.",
        ),
        (
            DECISIONS,
            "from {table} union all by name "
            "select * replace ('1' as partner_id) from {table}",
            "No customer is paid for twice.",
        ),
        (
            "partner_payouts.parquet",
            "select * replace (cast(payable_amount + 2000 as decimal(18, 2)) "
            "as payable_amount) from {table}",
            "Each partner earns the sum of its rewards, and is paid all of it or "
            "nothing.",
        ),
        (
            "seat_timeline.parquet",
            "select * replace (seats + 1 as seats) from {table}",
            "Billed seats are those of the seat timeline on the measured date, unless "
            "the terms look at each product alone.",
        ),
        (
            RESULTS,
            "select * replace (case when rule_id = 'billed_seats' then 'pass' "
            "else verdict end as verdict) from {table}",
            "Seats pass where there are as many as the terms ask for, and nowhere "
            "else.",
        ),
        (
            RESULTS,
            "select * replace (case when rule_id = 'new_to_dynamics' then 'pass' "
            "else verdict end as verdict) from {table}",
            "Customers are new where nothing was purchased before the campaign: with "
            "any partner, or with this one, as the terms say.",
        ),
    ],
    ids=lambda text: text[:30],
)
def test_a_forged_figure_contradicts_a_sentence(folder, name, query, sentence):
    """Even with all sums forged after it; and the manifest's own digests, too."""
    tampered(folder, name, query)

    found = contradictions(folder)

    assert sentence in found
    assert found["Every file of the run has the bytes that its manifest promises."] == 1


@pytest.mark.parametrize("alone", ["billed_only", "assigned_only"])
def test_the_figures_agree_under_other_readings(scene: Scene, tmp_path, alone):
    """A check by other terms than the run's would accuse a run that is right."""
    few, many = {"Quantity": "3", "Amount": "159.00"}, {"AssignedSeats": "40"}
    old = BILLED | few | {"ChargeStartDate": "2018-02-01", "ResellerMpnId": OTHER}
    scene.rows("billing", old | {"SyndicationPartnerSubscriptionNumber": CUSTOMER})
    scene.rows("license_usage", ASSIGNED | many)
    changes = {
        "seats.required_of": alone,
        "seats.minimum": "16",
        "seats.scope": "each_product",
        "new_customer.partner_scope": "this_partner",
    }
    run = scene.run(campaign=other_terms(tmp_path, changes))

    pack = packed(scene.home, run.path, tmp_path / "run.zip")

    assert contradictions(unpacked(pack, tmp_path / "unpacked")) == {}


def test_a_lost_row_contradicts_a_sentence(folder):
    """Rows read are rows validated and rows in quarantine, of each file."""
    inputs = json.loads((folder / "inputs.json").read_text())
    inputs[0]["rows"] += 1
    (folder / "inputs.json").write_text(json.dumps(inputs))

    assert list(contradictions(folder)) == [
        "No row was lost: of every file, rows read are rows validated and quarantined."
    ]


def test_the_statement_is_one_of_in_toto(folder, sample_run):
    """Its subjects are the outputs, its dependencies all that went in."""
    found = json.loads((folder / "statement.json").read_text())
    definition = found["predicate"]["buildDefinition"]
    manifest = sample_run.manifest

    assert found["_type"] == "https://in-toto.io/Statement/v1"
    assert found["predicateType"] == "https://slsa.dev/provenance/v1"
    subjects = {one["name"]: one["digest"]["sha256"] for one in found["subject"]}
    outputs = {f"run/{n}": one["sha256"] for n, one in manifest["outputs"].items()}
    assert subjects.items() >= outputs.items()
    assert set(subjects) - set(outputs) == {"run/manifest.json"}
    needed = {one["digest"]["sha256"] for one in definition["resolvedDependencies"]}
    assert {item["sha256"] for item in manifest["inputs"]} <= needed
    assert set(manifest["sql"].values()) | {manifest["campaign_digest"]} <= needed
    assert definition["externalParameters"]["as_of"] == manifest["as_of"]


def test_what_decided_is_in_the_pack(folder, sample_run):
    """The terms, the price list, each SQL file, and the receipt of each input."""
    manifest = sample_run.manifest

    assert json.loads((folder / "terms/terms.json").read_text()) == manifest["terms"]
    assert (folder / "terms/sku_catalog.csv").is_file()
    for name in (*manifest["sql"], *manifest["expectations"]):
        assert (folder / name).is_file(), name
    inputs = json.loads((folder / "inputs.json").read_text())
    kinds = ("inputs", "controls", "compared_with")
    assert len(inputs) == sum(len(manifest[kind]) for kind in kinds)
    assert all(item["received_at"] for item in inputs)
    assert {item["sha256"] for item in inputs} >= {
        item["sha256"] for item in manifest["inputs"]
    }


def test_no_account_number_is_in_the_pack(folder):
    """Not one of the sample's, in no file, packed or not."""
    numbers = set()
    for path in SAMPLE_DIR.glob("bank_accounts/*/*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                numbers |= {row[name].replace(" ", "") for name in SECRETS}
    numbers = {number for number in numbers if len(number) > 5}
    content = all_text(folder)

    assert len(numbers) > 20
    assert [number for number in numbers if number in content] == []


def test_the_page_names_what_is_not_here_any_more(
    sample_run, sample_home, tmp_path, monkeypatch
):
    """A later version has other SQL; the decisions and their digests stand."""
    monkeypatch.setattr("pipelines.evidence.run_contents.PROJECT_DIR", tmp_path)
    out = packed(sample_home, sample_run.path, tmp_path / "later.zip")

    folder = unpacked(out, tmp_path / "unpacked")

    text = (folder / "README.txt").read_text()
    assert not (folder / "sql").exists()
    for name in sample_run.manifest["sql"]:
        assert f"this version of the program has another: {name}" in text
    assert python_says(folder) == ["agrees"] * len(RUN_CHECKS)


def test_the_same_run_gives_the_same_bytes(pack, sample_run, sample_home, tmp_path):
    """On any day, under any name; and a second time to the same place is no harm."""
    out = tmp_path / "again" / "other.zip"

    first = packed(sample_home, sample_run.path, out).read_bytes()
    result = cashback(
        "evidence", sample_run.path, "--home", sample_home, "--out", out, "--json"
    )

    assert first == pack.read_bytes()
    assert not json.loads(result.stdout)["is_new"]
    assert [path.name for path in out.parent.iterdir()] == ["other.zip"]


def test_a_changed_run_is_no_evidence(scene: Scene, tmp_path):
    """Nothing is written, and the file is named."""
    run = scene.run()
    (run.path / DECISIONS).write_bytes(b"other")
    out = tmp_path / "run.zip"

    result = cashback("evidence", run.path, "--home", scene.home, "--out", out)

    assert DECISIONS in refusal(result, 1)
    assert not out.exists()
    assert leftovers(scene.home) == []


def test_nothing_is_written_over(scene: Scene, tmp_path):
    """Neither another file, nor into what was published."""
    run = scene.run()
    taken = tmp_path / "taken.zip"
    taken.write_text("mine")
    inside = run.path / "run.zip"

    for out in (taken, inside):
        result = cashback("evidence", run.path, "--home", scene.home, "--out", out)
        assert out.name in refusal(result, 2)

    assert taken.read_text() == "mine"
    assert not inside.exists()
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == ["taken.zip"]
