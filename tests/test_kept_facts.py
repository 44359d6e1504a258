"""What earlier nights computed of invoices is used again, and changes nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines import engine, judging
from pipelines.campaign import load_campaign
from pipelines.decide import build_facts, build_models, control_totals, run_warnings
from pipelines.errors import DataError
from pipelines.files import working_folder
from pipelines.models import FACTS, MODELS, QUALITY_TABLES
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import prepared
from pipelines.sightings import sighted
from tests.reference.invention import deliveries
from tests.reference.invention.deliveries import DELIVERY_DAYS
from tests.reference.sound import BILLED, END, SALES, Extracts
from tests.scenes import ANY_SHARE, LATER, NEXT, Scene
from tests.sql_cases import set_up
from tests.varied_campaign import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


OTHER_PRODUCT = "84a03d81-6b37-4d66-8d4a-faea24541538"


def index(home: Path) -> Path:
    """Return the list of the parts that a home keeps."""
    (path,) = home.glob("facts/*/index.json")
    return path


def parts(home: Path) -> list[list[str]]:
    """Return the files that each part is of."""
    found = json.loads(index(home).read_bytes())["parts"]
    return [sorted(part["files"]) for part in found]


def last_read(home: Path) -> list[str]:
    """Return the invoices whose rows the last run read: they are the last part."""
    return parts(home)[-1]


def night(scene: Scene, **settings: Any) -> dict[str, Any]:
    """Return what a run of a scene computes, and make sure that it is right."""
    request = scene.request(**settings)
    found = computed(request)
    assert found == at_once(request)
    return found


def at_once(request: RunRequest) -> dict[str, Any]:
    """Return what a run computes that finds no facts; what is kept stays."""
    kept, aside = request.home / "facts", request.home / "aside"
    shutil.move(kept, aside)
    found = computed(request)
    shutil.rmtree(kept)
    shutil.move(aside, kept)
    return found


class Nobody(judging.JudgeHere):
    """Asked in vain."""

    def ask(self, *_: Any) -> None:
        """Judge nothing."""


def computed(request: RunRequest) -> dict[str, Any]:
    """Return all that a run computes of invoices, without judging or publishing it."""
    campaign = load_campaign(request.campaign)
    with (
        working_folder(request.home) as work,
        engine.opened(work, threads=1) as con,
    ):
        job, _ = prepared(request, campaign, work, Progress())
        files = job.validated(work, Progress())
        job.ask(Nobody(), con, files, work)
        build_models(con, Progress())
        tables = [name.rpartition("/")[2] for name in (*MODELS, *QUALITY_TABLES)]
        found: dict[str, Any] = {
            name: con.sql(f"from {name} order by all").fetchall() for name in tables
        }
        return found | {"warnings": run_warnings(con), "totals": control_totals(con)}


@pytest.mark.parametrize("seed", [3, 4, 7])
def test_night_after_night_comes_to_the_same_as_at_once(seed: int, tmp_path: Path):
    """In campaigns with restated invoices, changed owners and products mixed."""
    rng = random.Random(seed)  # noqa: S311 - it must repeat
    parcels = deliveries.invent(rng, END, DELIVERY_DAYS[-1])
    write(seed, parcels, tmp_path / "source")
    nights = 0
    for day in sorted({parcel.delivery for parcel in parcels}):
        request = RunRequest(
            str(tmp_path / "source"),
            tmp_path / "home",
            known_at=day,
            max_quarantine_share=ANY_SHARE,
        )
        try:
            found = computed(request)
        except DataError:
            continue  # a feed that is needed was not delivered yet
        assert found == at_once(request), day
        nights += 1
    assert nights > 1


def test_a_night_reads_the_rows_of_what_is_new(scene: Scene):
    """The others are known."""
    before = parts(scene.home)
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})

    night(scene)

    assert parts(scene.home) == [*before, [f"billing/{NEXT}/two.csv"]]


def test_a_night_without_a_new_invoice_reads_none(scene: Scene):
    """What changed is another feed."""
    scene.rows("proofs", {"MpnId": "1", "Status": "Pending"})
    night(scene, known_at=dt.date.fromisoformat(NEXT) - dt.timedelta(days=1))
    before = index(scene.home).read_bytes()

    night(scene)

    assert index(scene.home).read_bytes() == before


def test_a_subscription_that_becomes_one_of_dynamics_is_read_again(scene: Scene):
    """Its earlier rows, of other products, may say whose it is."""
    other = BILLED | {
        "SyndicationPartnerSubscriptionNumber": "00000000-0000-4000-8000-000000000777",
        "DurableOfferId": OTHER_PRODUCT,
        "OfferName": "Office",
        "ResellerMpnId": "another",
        "ChargeStartDate": "2019-06-02",
    }
    scene.rows("billing", other)
    night(scene)
    dynamics = other | {"DurableOfferId": SALES, "ChargeStartDate": "2019-06-01"}
    Extracts(scene.root).write("billing", [dynamics], delivery=LATER, name="three.csv")

    found = night(scene)

    owners = {row[2]: row[3] for row in found["subscription_owners"]}
    assert owners[other["SyndicationPartnerSubscriptionNumber"]] == "another"
    assert last_read(scene.home) == [
        f"billing/{NEXT}/two.csv",
        f"billing/{LATER}/three.csv",
    ]


def test_a_restated_invoice_takes_its_part_along(scene: Scene):
    """The rows that it replaced are in the facts of that part."""
    before = parts(scene.home)
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})
    night(scene)
    scene.rows("billing", BILLED | {"Quantity": "2", "Amount": "8.00"}, on=LATER)

    night(scene)

    assert parts(scene.home) == [*before, [f"billing/{LATER}/two.csv"]]


@pytest.mark.parametrize("damage", [b"", b"PAR1"])
def test_damaged_facts_are_computed_again(scene: Scene, damage: bytes):
    """Whatever became of them."""
    for path in scene.home.glob("facts/*/*.parquet"):
        path.write_bytes(damage + path.read_bytes()[: -1 if damage else 0])
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})

    night(scene)

    assert len(last_read(scene.home)) == 2


@pytest.mark.parametrize("text", ["", "[]", '{"version": "another"}', '{"parts": 1}'])
def test_a_damaged_index_names_no_parts(scene: Scene, text: str):
    """Nothing is known then, and all is computed."""
    index(scene.home).write_text(text)
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})

    night(scene)

    assert len(last_read(scene.home)) == 2


def test_a_look_back_leaves_what_is_kept_for_the_next_night(scene: Scene):
    """A past day knows fewer invoices, in parts of its own."""
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "5.00"}, on=LATER)
    night(scene)
    before = index(scene.home).read_bytes()

    night(scene, known_at=dt.date.fromisoformat(NEXT))

    assert index(scene.home).read_bytes() == before


def test_only_files_of_parts_lie_there(scene: Scene):
    """What no part names any more is removed."""
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})
    night(scene)
    scene.rows("billing", BILLED | {"Quantity": "2", "Amount": "8.00"}, on=LATER)
    night(scene)

    found = json.loads(index(scene.home).read_bytes())["parts"]

    named = {sha256 for part in found for sha256 in part["tables"].values()}
    assert {path.stem for path in scene.home.glob("facts/*/*.parquet")} == named


@pytest.mark.parametrize("fact", FACTS)
def test_facts_are_of_types_that_parquet_has(fact: str, tmp_path: Path):
    """A wide sum would come back as a float, rounded."""
    table, path = fact.rpartition("/")[2], tmp_path / "fact.parquet"
    with engine.opened(tmp_path, threads=1) as con:
        set_up(con)
        build_facts(con)
        con.execute(f"copy {table} to '{path}'")

        made = con.sql(f"describe {table}").fetchall()

        assert con.sql(f"describe from '{path}'").fetchall() == made


def test_the_case_of_other_products_is_one():
    """The offer that is no Dynamics 365 is not in the catalogue."""
    with duckdb.connect() as con:
        found = con.sql(
            "from read_csv('data/reference/sku_catalog.csv', all_varchar = true) "
            f"where lower(durable_offer_id) = '{OTHER_PRODUCT}'"
        ).fetchall()
    assert found == []


def test_rows_that_held_once_are_not_asked_again(scene: Scene):
    """What is asked of single rows is asked of those of new invoices."""
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})
    with asking_rows() as rows_asked:
        scene.run()
        scene.rows("proofs", {"MpnId": "1", "Status": "Pending"}, on=LATER)
        scene.run(known_at=dt.date.fromisoformat(LATER))

    assert rows_asked == [1, 0]


@contextlib.contextmanager
def asking_rows() -> Iterator[list[int]]:
    """Give how many billing rows each run asks by themselves."""
    asked: list[int] = []
    real = judging.validate

    def validate(con: Any, suites: Any, judged: Any) -> Any:
        if "billing" in judged:
            asked.append(engine.row_count(con, judged["billing"].unjudged))
        return real(con, suites, judged)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "validate", validate)
        yield asked


def test_rows_are_asked_again_when_something_else_is_asked(scene: Scene):
    """Another suite, or another version of who asks."""
    found = json.loads(index(scene.home).read_bytes())
    for part in found["parts"]:
        part["held"] = "something else"
    index(scene.home).write_text(json.dumps(found))
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})

    with asking_rows() as rows_asked:
        scene.run()

    assert rows_asked == [2]


def test_typed_rows_that_decayed_unseen_are_not_read(scene: Scene):
    """A disk may change a byte and say nothing: the digest is computed before reading.

    As long as nothing reads them, the run stands on the facts.
    """
    (typed,) = scene.home.glob("validated/billing/*/*.parquet")
    content = bytearray(typed.read_bytes())
    content[8] ^= 1  # among the rows: what describes them is read first
    typed.write_bytes(content)
    found = json.loads(index(scene.home).read_bytes())
    (place,) = found["parts"][0]["files"]
    seen = found["parts"][0]["files"][place]
    found["parts"][0]["files"][place] = asdict(sighted(typed, seen["sha256"]))
    index(scene.home).write_text(json.dumps(found))
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})
    scene.run()
    for fact in scene.home.glob("facts/*/*.parquet"):
        fact.unlink()
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "5.00"}, on=LATER)

    message = scene.refusal()

    assert message.startswith(f"{typed} has other bytes than were written")
