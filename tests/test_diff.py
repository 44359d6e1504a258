"""What changed between two runs, for whom, and by which cause; the parts add up."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from pipelines import engine
from pipelines.difference import causes
from pipelines.paths import CAMPAIGNS_DIR, REFERENCE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.commands import cashback
from tests.payout_flow.stage import PARTNERS, customer_id, extracts, sold
from tests.reference.sound import Extracts
from tests.scenes import leftovers, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P1, P2, P3 = PARTNERS
KNOWN_AT, LATER = dt.date(2019, 8, 20), dt.date(2019, 8, 25)
ONE, TWO, THREE, FOUR = (customer_id(number) for number in (1, 2, 3, 4))


@dataclass
class World:
    """A source and a home, with one published run."""

    root: Path
    extracts: Extracts
    run: Path

    def another(self, root: Path) -> World:
        """Return a copy to change and to run again."""
        shutil.copytree(self.root, root)
        (copied,) = (root / "home").glob("runs/*/*/*")
        return World(root, Extracts(root, self.extracts.feeds), copied)

    def published(self, known_at: dt.date = KNOWN_AT, **settings: Any) -> Path:
        """Run what is delivered by now; return the folder of the run."""
        request = RunRequest(
            str(self.root / "source"),
            self.root / "home",
            known_at=known_at,
            max_quarantine_share=Decimal("0.9"),
            **settings,
        )
        return run(request, Progress()).path


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three partners; customer 2 is one billed seat short, the others qualify."""
    root = tmp_path_factory.mktemp("diff") / "before"
    made = extracts(root, {P1: [1, 2], P2: [3], P3: [4]})
    made["billing"][1]["Quantity"] = "14"
    for feed, rows in made.feeds.items():
        made.write(feed, rows)
    world = World(root, made, root)
    world.run = world.published()
    return world


def late(world: World) -> None:
    """Deliver the invoice with the fifteenth seat of customer 2."""
    row = sold(P1, 2, seats=1)["billing"]
    world.extracts.write("billing", [row], delivery="2019-08-05", name="two.csv")


def restated(world: World) -> None:
    """Deliver the invoice again: customer 1 has one seat less."""
    rows = [dict(row) for row in world.extracts["billing"]]
    rows[0]["Quantity"] = "14"
    world.extracts.write("billing", rows, delivery="2019-08-06")


def rejected(world: World) -> None:
    """Deliver the proofs again: that of the second partner is rejected."""
    rows = [dict(row) for row in world.extracts["proofs"]]
    rows[1]["Status"] = "Rejected"
    world.extracts.write("proofs", rows, delivery="2019-08-07")


def dearer(world: World) -> Path:
    """Return terms that pay 2,500.00 for a customer."""
    folder = world.root / "campaigns"
    folder.mkdir()
    shutil.copytree(REFERENCE_DIR, world.root / "reference")
    terms = (CAMPAIGNS_DIR / "d365-smb-2019.yaml").read_text(encoding="utf-8")
    path = folder / "dearer.yaml"
    path.write_text(
        terms.replace(
            'amount_per_customer: {value: "2000.00"',
            'amount_per_customer: {value: "2500.00"',
        ),
        encoding="utf-8",
    )
    return path


def compared(a: Path, b: Path, code: int = 0) -> Any:
    """Compare two runs; whatever changed, the parts add up to the cent."""
    home = b.parents[3]
    before = tree(home / "validated")
    result = cashback("diff", a, b, "--home", home, "--json")
    assert result.exit_code == code, result.output
    assert leftovers(home) == []
    assert tree(home / "validated") == before
    found = json.loads(result.stdout)
    for kind in ("earned", "payable"):
        assert_adds_up(found[kind], [cause[kind] for cause in found["causes"]])
        for partner in found["partners"]:
            assert_adds_up(partner[kind], [part[kind] for part in partner["parts"]])
    for customer in found["customers"]:
        parts = [part["reward"] for part in customer["parts"]]
        assert_adds_up(customer["reward"], parts)
    return found


def assert_adds_up(change: dict[str, str], parts: list[str]) -> None:
    """The parts make the change, and the change what lies between the ends."""
    assert Decimal(change["b"]) - Decimal(change["a"]) == Decimal(change["change"])
    assert sum(map(Decimal, parts), Decimal(0)) == Decimal(change["change"])


def by_cause(found: Any) -> list[tuple[str, str | None, str]]:
    """Return what each cause did to what is earned."""
    return [
        (cause["cause"], cause["feed"], cause["earned"]) for cause in found["causes"]
    ]


def changed(found: Any) -> dict[str, tuple[str, str, str]]:
    """Return the decisions before and after, and the change, of each customer."""
    return {
        one["customer_id"]: (
            one["decision"]["a"],
            one["decision"]["b"],
            one["reward"]["change"],
        )
        for one in found["customers"]
    }


def rows(found: Any) -> dict[str, dict[str, list[str]]]:
    """Return the rows that are named, by customer and partner."""
    named = {one["customer_id"]: one["rows"] for one in found["customers"]}
    named |= {one["partner_id"]: one["rows"] for one in found["partners"]}
    return {one: places for one, places in named.items() if any(places.values())}


def test_a_run_has_not_changed_from_itself(before: World) -> None:
    """Nothing is replayed, nobody is named, exit 0."""
    found = compared(before.run, before.run)

    assert found["causes"] == found["customers"] == found["partners"] == []
    assert found["earned"] == {"a": "6000.00", "b": "6000.00", "change": "0.00"}
    result = cashback("diff", before.run, before.run, "--home", before.root / "home")
    assert "nothing changed for anybody." in result.stdout


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            late,
            (
                ("late_or_restated_data", "billing", "2000.00"),
                "1 late",
                {TWO: ("not_qualified", "qualified", "2000.00")},
                {TWO: {"a": [], "b": ["billing/2019-08-05/two.csv:1"]}},
            ),
        ),
        (
            restated,
            (
                ("late_or_restated_data", "billing", "-2000.00"),
                "1 restated",
                {ONE: ("qualified", "not_qualified", "-2000.00")},
                {
                    ONE: {
                        "a": ["billing/2019-08-01/one.csv:1"],
                        "b": ["billing/2019-08-06/one.csv:1"],
                    }
                },
            ),
        ),
        (
            rejected,
            (
                ("master_data", "proofs", "-2000.00"),
                "that of 2019-08-01 became that of 2019-08-07",
                {THREE: ("qualified", "not_qualified", "-2000.00")},
                {
                    P2: {
                        "a": ["proofs/2019-08-01/one.csv:2"],
                        "b": ["proofs/2019-08-07/one.csv:2"],
                    }
                },
            ),
        ),
    ],
    ids=["late", "restated", "rejected"],
)
def test_one_delivery_is_one_cause(
    before: World,
    tmp_path: Path,
    change: Callable[[World], None],
    expected: tuple[Any, ...],
) -> None:
    """The customer of the row that changed is named, and nobody else."""
    world = before.another(tmp_path / "after")
    change(world)

    found = compared(before.run, world.published())

    (cause,) = found["causes"]
    assert (*by_cause(found), cause["what"], changed(found), rows(found)) == expected
    assert cause["customers"] == 1


def test_a_row_that_changes_nobody_is_named_too(before: World, tmp_path: Path) -> None:
    """Of each cause: how many rows one run alone has, and the first of them."""
    world = before.another(tmp_path / "after")
    rows = [dict(row) for row in world.extracts["billing"]]
    rows[2]["DomainName"] = "renamed.example"
    world.extracts.write("billing", rows, delivery="2019-08-06")

    after = world.published()

    found = compared(before.run, after)
    said = cashback("diff", before.run, after, "--home", world.root / "home").stdout

    assert found["customers"] == found["partners"] == []
    (cause,) = found["causes"]
    assert cause["rows"] == {
        "a": {"count": 1, "first": ["billing/2019-08-01/one.csv:3"]},
        "b": {"count": 1, "first": ["billing/2019-08-06/one.csv:3"]},
    }
    assert "rows of B alone: billing/2019-08-06/one.csv:3" in said


def test_changed_terms_are_one_cause(before: World, tmp_path: Path) -> None:
    """Every qualified customer gains, by no other cause."""
    world = before.another(tmp_path / "after")

    found = compared(before.run, world.published(campaign=str(dearer(world))))

    assert by_cause(found) == [("terms", None, "1500.00")]
    assert found["causes"][0]["what"] == "reward"
    gained = ("qualified", "qualified", "500.00")
    assert changed(found) == dict.fromkeys((ONE, THREE, FOUR), gained)


def test_a_day_that_passes_is_a_cause_of_its_own(before: World, tmp_path: Path) -> None:
    """Without any new file: the cut-off makes a shortfall final."""
    world = before.another(tmp_path / "after")
    open_run = world.published(dt.date(2019, 8, 14))

    found = compared(open_run, before.run)

    assert by_cause(found) == [("dates", None, "0.00")]
    assert found["causes"][0]["what"] == "known at 2019-08-14 became 2019-08-20"
    assert changed(found) == {TWO: ("pending", "not_qualified", "0.00")}


@pytest.fixture(scope="module")
def everything(before: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which all of it changed: data, proofs, terms and dates."""
    world = before.another(tmp_path_factory.mktemp("everything") / "after")
    for change in (late, restated, rejected):
        change(world)
    return world.published(LATER, campaign=str(dearer(world)))


def test_all_causes_together_are_told_apart(before: World, everything: Path) -> None:
    """In the order of the replay: data, master data, terms, dates."""
    found = compared(before.run, everything)

    assert by_cause(found) == [
        ("late_or_restated_data", "billing", "0.00"),
        ("master_data", "proofs", "-2000.00"),
        ("terms", None, "1000.00"),
        ("dates", None, "0.00"),
    ]
    assert changed(found) == {
        ONE: ("qualified", "not_qualified", "-2000.00"),
        TWO: ("not_qualified", "qualified", "2500.00"),
        THREE: ("qualified", "not_qualified", "-2000.00"),
        FOUR: ("qualified", "qualified", "500.00"),
    }
    (second,) = [one for one in found["customers"] if one["customer_id"] == TWO]
    assert second["billed_seats"] == {"a": 14, "b": 15}
    assert [(part["feed"], part["reward"]) for part in second["parts"]] == [
        ("billing", "2000.00"),
        (None, "500.00"),
    ]
    partners = {one["partner_id"]: one["payable"] for one in found["partners"]}
    assert partners[P2] == {"a": "2000.00", "b": "0.00", "change": "-2000.00"}


def test_the_way_back_takes_everything_back(before: World, everything: Path) -> None:
    """The parts are others in another order; their sum is not."""
    found = compared(everything, before.run)

    assert found["earned"]["change"] == "1000.00"
    assert by_cause(found)[2] == ("terms", None, "-1500.00")


def test_a_person_reads_it_line_by_line(before: World, everything: Path) -> None:
    """Causes first, then partners, then customers with the seats that they had."""
    words = ("diff", before.run, everything, "--home", everything.parents[3])

    said = cashback(*words).stdout

    assert "late or restated: billing (1 late, 1 restated)" in said
    assert "known at 2019-08-20 became 2019-08-25" in said
    assert "    rows of B alone: billing/2019-08-05/two.csv:1\n" in said
    assert (
        f"customer {TWO} of {P1}: not_qualified -> qualified, reward 0.00 -> 2,500.00, "
        "billed 14 -> 15, assigned 15 -> 15\n    billing: +2,000.00, then qualified\n"
        "    terms: +500.00, then qualified\n"
    ) in said


def test_what_another_version_decided_is_code(
    before: World, everything: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At both ends, what today's code makes of the same inputs and terms."""
    read_sql = engine.read_sql

    def without_proofs(name: str) -> str:
        text = read_sql(name)
        is_proof = name == "rules/proof_of_performance"
        return text.replace("else 'fail'", "else 'pass'") if is_proof else text

    monkeypatch.setattr(engine, "read_sql", without_proofs)
    monkeypatch.setattr(causes, "code_version", lambda: "today's")

    found = compared(before.run, everything)

    assert by_cause(found) == [
        ("code", None, "0.00"),
        ("late_or_restated_data", "billing", "0.00"),
        ("master_data", "proofs", "0.00"),
        ("terms", None, "1500.00"),
        ("dates", None, "0.00"),
        ("code", None, "-2500.00"),
    ]


def test_typed_rows_that_are_gone_are_typed_again(
    before: World, tmp_path: Path, everything: Path
) -> None:
    """A home that was tidied up gives the same answer, and stays as it is."""
    world = before.another(tmp_path / "tidy")
    for folder in ("typed", "validated", "quarantine"):
        shutil.rmtree(world.root / "home" / folder)

    found = compared(world.run, everything)

    assert by_cause(found) == by_cause(compared(before.run, everything))
    assert not (world.root / "home" / "validated").exists()


def test_a_changed_run_or_a_lost_file_is_refused(before: World, tmp_path: Path) -> None:
    """What is compared is what was published; exit 1 and one sentence."""
    world = before.another(tmp_path / "after")
    rejected(world)
    after = world.published()
    lost = before.another(tmp_path / "lost")
    (lost.root / "home" / "landing" / "proofs" / "2019-08-01" / "one.csv").unlink()
    late(world)
    latest = world.published()

    result = cashback("diff", lost.run, latest, "--home", tmp_path)
    assert result.exit_code == 1
    assert "one.csv is missing, so nothing was decided again" in result.stderr

    table = after / "rule_results.parquet"
    table.chmod(0o600)
    table.write_bytes(table.read_bytes() + b"\n")
    result = cashback("diff", before.run, after, "--home", tmp_path)
    assert result.exit_code == 1
    assert "is not as it was published, so nothing was compared" in result.stderr
