"""Synthetic campaigns of any size: exact, repeatable, whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.campaign import load_campaign
from pipelines.generation import Order, generate
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.generated import files_of, python
from tests.result_tables import differences, read_csv, table_of

NORTHWIND = Path(__file__).parent / "data" / "campaigns" / "northwind-spring-2026.yaml"
RESULTS = ("customer_decisions", "partner_payouts")


def assert_run_decides_as_declared(order: Order, home: Path) -> None:
    """Run over a generated campaign and compare with what it declares."""
    request = RunRequest(str(order.out), home, campaign=str(order.campaign))
    published = run(request, Progress())
    assert published.manifest["is_final"]
    for name in RESULTS:
        expected = read_csv(order.out / "expected" / f"{name}.csv")
        actual = table_of(published.path, name)
        assert differences(name, expected, actual) == [], name
        assert expected


@pytest.fixture(scope="module")
def other_seed(tmp_path_factory):
    """A campaign of another seed, on few invoices, filled up; and a home for it."""
    folder = tmp_path_factory.mktemp("other_seed")
    order = Order(220, 7, folder / "source", billing_lines=4_000, billing_files=5)
    return order, generate(order), folder / "home"


def test_a_run_of_another_seed_decides_as_declared(other_seed):
    """Every story comes true with other days, seats, products and partners."""
    order, written, home = other_seed

    assert_run_decides_as_declared(order, home)

    assert written.qualified > 0
    assert written.pending > 0
    assert written.not_qualified > 0


def test_what_earns_less_than_the_minimum_is_forfeited(other_seed, tmp_path):
    """Under a higher minimum, the same extracts forfeit what is below it."""
    order, _, home = other_seed
    campaign = _changed_campaign(tmp_path, '{value: "2000.00", clause: "F6"}', "4000")
    stricter = Order(
        order.customers,
        order.seed,
        tmp_path / "source",
        order.billing_lines,
        order.billing_files,
        campaign,
    )

    generate(stricter)

    request = RunRequest(str(order.out), home, campaign=str(campaign))
    actual = table_of(run(request, Progress()).path, "partner_payouts")
    expected = read_csv(stricter.out / "expected" / "partner_payouts.csv")
    assert differences("partner_payouts", expected, actual) == []
    statuses = {row["status"] for row in actual}
    assert statuses == {"nil", "forfeited", "held", "payable"}


def _changed_campaign(folder: Path, term: str, value: str) -> Path:
    shipped = load_campaign("d365-smb-2019")
    text = shipped.path.read_text(encoding="utf-8")
    catalog = f"value: {shipped.catalog_path}"
    text = text.replace("value: ../reference/sku_catalog.csv", catalog)
    assert text.count(term) == 1
    path = folder / "campaign.yaml"
    changed = term.replace("2000.00", value)
    path.write_text(text.replace(term, changed), encoding="utf-8")
    return path


def test_a_big_campaign_in_the_plain_way_decides_as_declared(tmp_path):
    """Above a thousand customers, files are streamed; results stay exact."""
    order = Order(1_001, 3, tmp_path / "source", billing_lines=12_000, billing_files=14)

    generate(order)

    assert_run_decides_as_declared(order, tmp_path / "home")
    billing = files_of(order.out / "billing")
    assert {name.rpartition(".")[2] for name in billing} == {"csv", "json"}


def test_another_campaign_gives_its_own_days_seats_and_products(tmp_path):
    """A campaign file is all it takes: 25 seats of analytics in spring 2026."""
    order = Order(120, 11, tmp_path / "source", billing_files=9, campaign=NORTHWIND)

    generate(order)

    assert_run_decides_as_declared(order, tmp_path / "home")


@pytest.mark.parametrize("customers", [1, 20])
def test_a_small_campaign_is_sound(customers, tmp_path):
    """The first customers qualify if their partners do: no trap too many."""
    order = Order(customers, 5, tmp_path / "source", billing_files=2)

    written = generate(order)

    assert written.qualified + written.not_qualified + written.pending == customers
    assert written.qualified >= 1
    expected = read_csv(order.out / "expected" / "customer_decisions.csv")
    assert len(expected) == customers


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path):
    """Whatever the process hashes with, and wherever it writes."""
    generate(Order(80, 4, tmp_path / "here"))
    script = (
        "import sys; from pathlib import Path; "
        "from pipelines.generation import Order, generate; "
        "generate(Order(80, 4, Path(sys.argv[1])))"
    )
    out = tmp_path / "there" / "deep"

    assert python(script, out, PYTHONHASHSEED="77").returncode == 0

    assert files_of(tmp_path / "here") == files_of(out)


def test_another_seed_gives_other_customers(tmp_path):
    """No customer, subscription or partner's document is the same."""
    for seed in (1, 2):
        generate(Order(60, seed, tmp_path / str(seed)))

    ones, twos = (
        {row["customer_id"] for row in read_csv(tmp_path / name)}
        for name in (
            "1/expected/customer_decisions.csv",
            "2/expected/customer_decisions.csv",
        )
    )
    assert ones
    assert not ones & twos


def test_invoices_are_filled_as_asked(tmp_path):
    """About so many lines, on exactly so many regular invoices."""
    order = Order(1_200, 9, tmp_path / "out", billing_lines=30_000, billing_files=33)

    written = generate(order)

    files = [n for n in files_of(order.out / "billing") if n.endswith(".csv")]
    lines = sum(
        content.count(b"\n") - 1
        for name, content in files_of(order.out / "billing").items()
        if name.endswith(".csv")
    )
    assert len([name for name in files if "R0" not in name]) == 33
    assert lines == written.billing_lines
    assert abs(lines - 30_000) < 1_500
