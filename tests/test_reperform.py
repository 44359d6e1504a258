"""A run is computed again from what was received, by two engines, and compared."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.manifest import read_manifest
from pipelines.paths import CAMPAIGNS_DIR, REFERENCE_DIR
from pipelines.reperformance import same_code
from pipelines.run import PublishedRun
from pipelines.second_reading import rules
from tests.commands import cashback
from tests.reference.sound import BILLED, CUSTOMER, PARTNER, REACHABLE
from tests.scenes import NEXT, Scene, leftovers, tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def published(sound_home: Scene, tmp_path: Path) -> tuple[Scene, PublishedRun]:
    """Return a copy of the sound home, and the run in it."""
    home = tmp_path / "home"
    shutil.copytree(sound_home.home, home)
    shutil.copytree(sound_home.source, tmp_path / "source")
    (path,) = home.glob("runs/*/*/*")
    return Scene(tmp_path, home), PublishedRun(path, read_manifest(path), is_new=False)


def reperformed(scene: Scene, run: PublishedRun, *more: str, code: int = 0) -> Any:
    """Reperform a run; return what is printed as JSON."""
    run_id = run.manifest["run_id"]
    result = cashback("reperform", run_id, "--home", scene.home, "--json", *more)
    assert result.exit_code == code, result.output
    assert leftovers(scene.home) == []
    return json.loads(result.stdout)


def landed(scene: Scene, feed: str) -> Path:
    """Return the file of a feed as it was received; a test may write to it."""
    path = scene.home / "landing" / feed / "2019-08-01" / "one.csv"
    path.chmod(0o600)
    return path


def test_both_engines_come_to_the_published_run(
    published: tuple[Scene, PublishedRun],
) -> None:
    """The same code to the byte; the second reading in every row of every table."""
    scene, run = published
    before = tree(run.path)

    found = reperformed(scene, run)

    assert found["agrees"]
    assert found["differences"] == []
    assert found["sql"]["is_same_version"]
    assert found["sql"]["is_same_bytes"]
    tables = {table["table"]: table["rows"] for table in found["python"]["tables"]}
    assert tables["rule_results"] == 14 * tables["customer_decisions"] == 14
    assert tables["partner_payouts"] == tables["seat_timeline"] == 1
    assert tree(run.path) == before


def test_the_second_reading_agrees_on_the_sample(
    sample_home: Path, sample_run: PublishedRun
) -> None:
    """Every trap that the sample holds is read alike; the answer is for a person."""
    run_id = sample_run.manifest["run_id"]
    words = ("reperform", run_id, "--engine", "python", "--home", sample_home)

    result = cashback(*words)

    assert result.exit_code == 0, result.output
    assert "every row agrees" in result.stdout
    assert "rule_results            4,130 rows" in result.stdout
    assert f"{sample_home}/reperformed/{run_id}.json" in result.stdout


def test_a_row_changed_in_the_inputs_is_named_with_its_customer(
    published: tuple[Scene, PublishedRun],
) -> None:
    """Which file, which row of it, which customer: by both engines."""
    scene, run = published
    path = landed(scene, "billing")
    path.write_bytes(path.read_bytes().replace(b",15,", b",14,"))

    found = reperformed(scene, run, code=1)

    assert found["changed_files"] == [f"{path} has other bytes than were received"]
    said = "\n".join(found["differences"])
    pair = f"partner_id {PARTNER}, customer_id {CUSTOMER}"
    for engine in ("same code", "second reading"):
        assert (
            f"{engine}: customer_decisions: {pair}: decision is qualified as published,"
            " not_qualified computed again"
        ) in said
        assert (
            f"{engine}: rule_results: {pair}, rule_id billed_seats: observed is 15 on "
            "2019-06-30 as published, 14 on 2019-06-30 computed again"
        ) in said
    assert (
        "same code: validated/billing/2019-08-01/one.csv: source_row 1: quantity is 15 "
        "as published, 14 computed again"
    ) in said
    assert found["agreement"] is None
    assert not (scene.home / "reperformed").exists()


def test_in_words_a_difference_is_one_refusal_with_a_line_each(
    published: tuple[Scene, PublishedRun],
) -> None:
    """Exit 1, nothing on stdout."""
    scene, run = published
    path = landed(scene, "customers")
    path.write_bytes(path.read_bytes().replace(b"SMB", b"big"))

    words = ("reperform", run.manifest["run_id"], "--engine", "python")
    result = cashback(*words, "--home", scene.home)

    assert result.exit_code == 1
    assert result.stdout == ""
    first, *lines = result.stderr.splitlines()
    assert "is not what its inputs and terms give; no payment can be prepared" in first
    assert all(line.startswith("  - ") for line in lines)
    assert f"  - {path} has other bytes than were received" in lines


def test_a_file_that_is_gone_is_named_and_nothing_is_computed(
    published: tuple[Scene, PublishedRun],
) -> None:
    """Without it, every customer would seem to differ."""
    scene, run = published
    path = landed(scene, "proofs")
    path.unlink()

    found = reperformed(scene, run, code=1)

    assert found["differences"] == [f"{path} is missing, so nothing was computed again"]
    assert found["sql"] is found["python"] is None


def test_data_that_is_torn_is_refused_by_both_engines(
    published: tuple[Scene, PublishedRun],
) -> None:
    """A refusal is a difference: the run was published from other bytes."""
    scene, run = published
    path = landed(scene, "partners")
    path.write_bytes(path.read_bytes() + b'"never closed')

    found = reperformed(scene, run, code=1)

    assert "one.csv" in found["sql"]["refusal"]
    assert "never closed" in found["python"]["refusal"]


def test_a_published_row_that_was_changed_is_named(
    published: tuple[Scene, PublishedRun],
) -> None:
    """Somebody rewrote a table: the file has other bytes, and the row shows."""
    scene, run = published
    path = run.path / "customer_decisions.parquet"
    table = pq.ParquetFile(path).read()
    at = table.schema.get_field_index("reward_amount")
    amounts = pa.array([Decimal("4000.00")], pa.decimal128(18, 2))
    doubled = table.set_column(at, table.field(at), amounts)
    path.chmod(0o600)
    pq.write_table(doubled, path)

    found = reperformed(scene, run, "--engine", "python", code=1)

    assert f"{path} has other bytes than were published" in found["changed_files"]
    assert any(
        "second reading: customer_decisions:" in difference
        and "reward_amount is 4000.00 as published, 2000.00 computed" in difference
        for difference in found["differences"]
    )


def test_a_table_that_cannot_be_read_is_one_sentence(
    published: tuple[Scene, PublishedRun],
) -> None:
    """Torn Parquet is no traceback."""
    scene, run = published
    path = run.path / "rule_results.parquet"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:100])

    result = cashback("reperform", run.path, "--engine", "python", "--home", scene.home)

    assert result.exit_code == 1
    assert "cannot be compared" in result.stderr
    assert "cashback verify" in result.stderr


def test_changed_code_is_said_and_rows_are_compared(
    published: tuple[Scene, PublishedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version has other bytes; what was decided must still be the same."""
    scene, run = published
    monkeypatch.setattr(same_code, "code_version", lambda: "another")

    words = ("reperform", run.path, "--engine", "sql", "--home", scene.home)
    result = cashback(*words)

    assert result.exit_code == 0, result.output
    assert "the code has changed since, so rows were compared" in result.stdout


def test_engines_that_disagree_are_an_error_of_one_of_them(
    published: tuple[Scene, PublishedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever is wrong, the rule and the customer are named, and nobody is paid."""
    scene, run = published
    monkeypatch.setattr(rules, "_smb_segment", lambda case: rules.FAIL)

    found = reperformed(scene, run, "--engine", "python", code=1)

    assert found["changed_files"] == []
    assert any(
        "rule_id smb_segment: verdict is pass as published, fail computed again" in one
        for one in found["differences"]
    )


def test_what_came_later_does_not_count(
    published: tuple[Scene, PublishedRun],
) -> None:
    """A file dated before known_at that was received after the run is not of it."""
    scene, run = published
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "53.00"}, on=NEXT)
    later = scene.run()
    assert later.manifest["run_id"] != run.manifest["run_id"]

    assert reperformed(scene, run)["agrees"]
    assert reperformed(scene, later, "--engine", "python")["agrees"]


def test_what_was_noticed_and_compared_with_is_of_the_run(scene: Scene) -> None:
    """Its notices and its checks on the data come again, to the byte."""
    scene.deliver("billing", "a note", name="note.txt")
    scene.deliver("customers", "CustomerId\n", name=".hidden.csv")
    scene.rows("bank_accounts", REACHABLE | {"ChangedOn": "2019-08-02"})
    run = scene.run()
    assert len(run.manifest["notices"]) == 2
    assert run.manifest["compared_with"]

    found = reperformed(scene, run)

    assert found["differences"] == []
    assert found["sql"]["is_same_bytes"]


def test_terms_and_catalogue_are_those_of_the_run(scene: Scene, tmp_path: Path) -> None:
    """Though the campaign's file and its catalogue have been changed since."""
    folder = tmp_path / "terms"
    shutil.copytree(REFERENCE_DIR, folder / "reference")
    (folder / "campaigns").mkdir()
    path = folder / "campaigns" / "own.yaml"
    terms = (CAMPAIGNS_DIR / "d365-smb-2019.yaml").read_text(encoding="utf-8")
    path.write_text(terms.replace("{value: 15,", "{value: 16,"), encoding="utf-8")
    catalog = folder / "reference" / "sku_catalog.csv"
    catalog.write_bytes(catalog.read_bytes() + b"\n")
    run = scene.run(campaign=str(path))
    shutil.rmtree(folder)

    found = reperformed(scene, run)

    assert found["sql"]["is_same_bytes"]
    assert found["differences"] == []
    kept = scene.home / "catalogs" / f"{run.manifest['catalog_sha256']}.csv"
    kept.unlink()
    words = ("reperform", run.path, "--engine", "python")
    result = cashback(*words, "--home", scene.home)
    assert result.exit_code == 1
    assert "put back the catalogue of offers" in result.stderr


def test_no_account_number_is_shown(published: tuple[Scene, PublishedRun]) -> None:
    """A changed account is a file with other bytes, and a hold; never a number."""
    scene, run = published
    path = landed(scene, "bank_accounts")
    path.write_bytes(path.read_bytes().replace(b"5432 10", b"0").replace(b"32", b"33"))

    result = cashback("reperform", run.path, "--home", scene.home)

    assert result.exit_code == 1
    assert "hold_reasons is an empty list as published, bank_account" in result.stderr
    assert "WEST" not in result.output + result.stderr
    assert "5698" not in result.output + result.stderr
