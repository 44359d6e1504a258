"""``cashback quarantine``: what lies there, who waits, and what to send again."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.files import sha256_of_file
from tests.commands import cashback, refusal
from tests.reference.sound import BILLED, CUSTOMER, PARTNER, REACHABLE
from tests.scenes import ANY_SHARE, LATER, NEXT, Scene


@pytest.fixture(scope="module")
def faulty(sound_home, tmp_path_factory):
    """Return a home whose newest run has rows in quarantine."""
    scene = sound_home.copy(tmp_path_factory.mktemp("faulty"))
    scene.rows(
        "billing",
        BILLED | {"Quantity": "many", "CustomerName": 'Contoso, "the" one'},
        BILLED,
        BILLED | {"Quantity": "-1", "ChargeEndDate": "13/45/2019"},
    )
    scene.rows("bank_accounts", REACHABLE, REACHABLE | {"ChangedOn": "no day"})
    scene.rows("partners", {"MpnId": PARTNER, "TermsAcceptedOn": "soon"})
    scene.run(max_quarantine_share=ANY_SHARE)
    return scene


def call(scene, *words):
    """Return what a command prints as JSON."""
    result = CliRunner().invoke(
        main, ["quarantine", *words, "--home", str(scene.home), "--json"]
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_counts_by_file_partner_and_reason(faulty):
    """And says how many customers, and how much money, wait."""
    found = call(faulty, "list")

    assert found["rows"] == 4
    assert found["groups"] == [
        {
            "file": f"bank_accounts/{NEXT}/two.csv",
            "partner_id": PARTNER,
            "reasons": ["bad_date"],
            "rows": 1,
        },
        {
            "file": f"billing/{NEXT}/two.csv",
            "partner_id": PARTNER,
            "reasons": ["bad_date", "negative_quantity"],
            "rows": 1,
        },
        {
            "file": f"billing/{NEXT}/two.csv",
            "partner_id": PARTNER,
            "reasons": ["bad_number"],
            "rows": 1,
        },
        {
            "file": f"partners/{NEXT}/two.csv",
            "partner_id": PARTNER,
            "reasons": ["bad_date"],
            "rows": 1,
        },
    ]
    assert found["customers_waiting"] == 1
    assert found["amount_waiting"] == "2000.00"


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["--feed", "billing"], 2),
        (["--reason", "bad_date"], 3),
        (["--feed", "billing", "--reason", "bad_date"], 1),
        (["--partner", PARTNER], 4),
        (["--partner", "nobody"], 0),
    ],
)
def test_rows_are_chosen_by_feed_reason_and_partner(faulty, words, rows):
    """All choices hold together; nobody waits on no rows."""
    found = call(faulty, "list", *words)

    assert found["rows"] == rows
    assert len(call(faulty, "show", *words)["rows"]) == rows
    assert found["customers_waiting"] == int("billing" in words or rows in {3, 4})


def test_show_names_the_place_and_the_values_only_if_asked(faulty):
    """A row of the bank accounts shows none at all."""
    words = ["quarantine", "show", "--home", str(faulty.home)]

    short = CliRunner().invoke(main, words).stdout
    full = CliRunner().invoke(main, [*words, "--values"]).stdout

    assert f"billing/{NEXT}/two.csv row 1: bad_number (customer {CUSTOMER}" in short
    assert "many" not in short
    assert "Quantity: many" in full
    assert "GB82" not in full


def test_export_writes_the_whole_file_with_reasons_for_the_sender(faulty, tmp_path):
    """An invoice is replaced whole: the good rows must come again, too."""
    out = tmp_path / "out"

    found = call(faulty, "export", "--reason", "bad_number", "--out", str(out))

    (name,) = found["files"]
    with Path(name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["Reasons"] for row in rows] == [
        "bad_number",
        "",
        "bad_date negative_quantity",
    ]
    assert [row["Quantity"] for row in rows] == ["many", "15", "-1"]
    assert rows[0]["CustomerName"] == 'Contoso, "the" one'


def test_a_corrected_export_delivered_later_heals(faulty, tmp_path):
    """The sender corrects the cells, and nothing else has to change."""
    scene = faulty.copy(tmp_path)
    out = tmp_path / "out"
    call(faulty, "export", "--feed", "billing", "--out", str(out))
    text = (out / "billing" / NEXT / "two.csv").read_text()
    text = (
        text.replace("many", "15")
        .replace(",-1,", ",1,")
        .replace("13/45/2019", "2020-01-31")
    )
    scene.deliver("billing", text, on=LATER)
    (scene.source / "partners" / NEXT / "two.csv").unlink()
    scene.rows("partners", {"MpnId": PARTNER, "TermsAcceptedOn": ""}, on=LATER)

    run = scene.run(max_quarantine_share=ANY_SHARE)

    assert run.manifest["rows"]["billing"] == {
        "read": 4,
        "validated": 4,
        "quarantined": 0,
    }


def test_no_account_number_leaves_the_landing_folder(faulty, tmp_path):
    """The sender of accounts is told which rows, and has them."""
    found = call(faulty, "export", "--feed", "bank_accounts", "--out", str(tmp_path))

    (name,) = found["files"]
    with Path(name).open(encoding="utf-8") as stream:
        assert stream.read() == "SourceRow,Reasons\n2,bad_date\n"


@pytest.mark.parametrize("decayed", ["quarantine", "run", "gone"])
def test_what_has_decayed_is_not_shown(faulty, decayed, tmp_path):
    """A flipped bit would read as another row; the sentence says what to do."""
    scene = Scene(tmp_path, tmp_path / "home")
    shutil.copytree(faulty.home, scene.home)
    ((path,), (decisions,)) = (
        list(scene.home.glob(f"quarantine/billing/*={NEXT}/*.parquet")),
        list(scene.home.glob("runs/*/*/*/customer_decisions.parquet")),
    )
    if decayed == "gone":
        path.unlink()
    else:
        _decay(path if decayed == "quarantine" else decisions)

    said = refusal(cashback("quarantine", "list", "--home", scene.home), 1)

    where = decisions.parent if decayed == "run" else path
    assert str(where) in said


def test_rows_that_a_later_version_typed_anew_are_shown(faulty, tmp_path):
    """They are others' bytes than the run found, and no fault."""
    scene = Scene(tmp_path, tmp_path / "home")
    shutil.copytree(faulty.home, scene.home)
    (path,) = scene.home.glob(f"quarantine/billing/*={NEXT}/*.parquet")
    (memory,) = scene.home.glob(f"typed/billing/{NEXT}/*.json")
    rows = pq.ParquetFile(path).read()
    path.unlink()
    pq.write_table(rows, path, compression="none")
    known = json.loads(memory.read_text(encoding="utf-8"))
    known["facts"]["quarantine_sha256"] = sha256_of_file(path)
    memory.write_text(json.dumps(known), encoding="utf-8")

    assert call(scene, "list") == call(faulty, "list")


def _decay(path):
    """Flip the bits in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.chmod(0o644)
    path.write_bytes(content)


def test_nothing_is_written_over(faulty, tmp_path):
    """What a sender has begun to correct is not lost."""
    words = ["quarantine", "export", "--home", str(faulty.home), "--out", str(tmp_path)]
    CliRunner().invoke(main, words)

    again = CliRunner().invoke(main, words)

    assert again.exit_code == 2
    assert "is there already, so nothing was written over it" in again.stderr


def test_a_home_without_a_run_says_so(tmp_path):
    """One sentence and what to do."""
    result = CliRunner().invoke(main, ["quarantine", "list", "--home", str(tmp_path)])

    assert result.exit_code == 2
    assert "holds no run yet" in result.stderr
