"""What is odd in the data is reported, and stops nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.reference.sound import BILLED, CUSTOMER, SECOND_SUBSCRIPTION
from tests.scenes import NEXT, typed

if TYPE_CHECKING:
    from tests.scenes import Scene

WARNINGS = {
    "unknown_charge_types": {"ChargeType": "Goodwill"},
    "amounts_off_price": {"UnitPrice": "53.007", "Quantity": "1", "Amount": "53.02"},
    "several_currencies": {"Currency": "EUR"},
    "customers_with_two_names": {"CustomerName": "Contoso Ltd"},
}


@pytest.mark.parametrize("warning", WARNINGS)
def test_what_is_odd_is_reported_and_stops_nothing(scene: Scene, warning: str):
    """The customer still qualifies; somebody should look."""
    usual = BILLED | {"Currency": "USD", "CustomerName": "Contoso"}
    second = {"SyndicationPartnerSubscriptionNumber": SECOND_SUBSCRIPTION}
    scene.rows("billing", usual, usual | second | WARNINGS[warning])

    run = scene.run()

    quality = json.loads((run.path / "data_quality.json").read_text())
    assert [found["name"] for found in quality["warnings"]] == [warning]
    assert run.manifest["control_totals"]["customer_decisions"]["qualified"] == "1"


def test_an_amount_just_as_far_off_as_rounding_may_be_is_not_odd(scene: Scene):
    """Half a cent a unit and half a cent: here exactly one cent."""
    rounded = {"UnitPrice": "53.01", "Quantity": "1", "Amount": "53.02"}
    scene.rows("billing", BILLED | rounded)

    quality = json.loads((scene.run().path / "data_quality.json").read_text())

    assert quality["warnings"] == []


def test_unknown_columns_are_kept_out_and_reported(scene: Scene):
    """They may be tomorrow's columns, or a slip in one that may be absent."""
    header = "CustomerId,TopParentId,CustomerName,Segment,Country,Tier,Unit price"
    scene.deliver("customers", f"{header}\n{CUSTOMER},,,SMB,GB,1,2\n")

    run = scene.run()

    quality = json.loads((run.path / "data_quality.json").read_text())
    place = f"customers/{NEXT}/two.csv"
    assert quality["unknown_columns"] == [f"{place}: Tier, Unit price"]
    assert run.manifest["control_totals"]["customer_decisions"]["qualified"] == "1"
    (row,) = typed(scene.home, "validated", "two.csv", "customers")
    assert not {"tier", "unit_price"} & row.keys()
