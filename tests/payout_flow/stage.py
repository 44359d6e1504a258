"""Runs to pay from, and the commands that pay: as a person gives them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.ledger.ledger import Ledger
from pipelines.money import shown
from tests.reference.sound import (
    ASSIGNED,
    BILLED,
    COMPETENT,
    LISTED,
    PROVEN,
    REACHABLE,
    Extracts,
)

if TYPE_CHECKING:
    from pathlib import Path

PREPARER, APPROVER, RELEASER = "Ann Preparer", "Bob Approver", "Cleo Releaser"
TODAY = "2019-08-20"
CAMPAIGN = "d365-smb-2019"
PARTNERS = ("1000001", "1000002", "1000003")
# Made up; each one checks. The last four digits alone may show anywhere.
IBANS = {
    "1000001": "GB82WEST12345698765432",
    "1000002": "DE89370400440532013000",
    "1000003": "FR1420041010050500013M02606",
}


def customer_id(number: int) -> str:
    """Return the id of a customer."""
    return f"aaaaaaaa-0000-0000-0000-{number:012d}"


def sold(partner_id: str, number: int, seats: int = 15) -> dict[str, dict[str, str]]:
    """Return the rows by which a partner has a customer with so many seats."""
    customer = customer_id(number)
    subscription = f"bbbbbbbb-0000-0000-0000-{number:012d}"
    return {
        "billing": BILLED
        | {
            "CustomerId": customer,
            "ResellerMpnId": partner_id,
            "SyndicationPartnerSubscriptionNumber": subscription,
            "Quantity": str(seats),
        },
        "license_usage": ASSIGNED
        | {
            "CustomerTenantId": customer,
            "SubscriptionId": subscription,
            "AssignedSeats": str(seats),
        },
        "customers": {"CustomerId": customer, "Segment": "SMB"},
    }


def extracts(root: Path, customers: dict[str, list[int]], **seats: int) -> Extracts:
    """Return sound extracts in which each partner has those customers."""
    feeds: dict[str, list[dict[str, str]]] = {
        "billing": [],
        "license_usage": [],
        "customers": [],
        "partners": [],
        "competencies": [],
        "proofs": [],
        "bank_accounts": [],
    }
    for partner_id in PARTNERS:
        of_it = {"MpnId": partner_id}
        name = {
            "PartnerName": f"Partner {partner_id[-1]}",
            "ContactEmail": f"p{partner_id[-1]}@partner.example",
        }
        feeds["partners"].append(LISTED | of_it | name)
        feeds["competencies"].append(COMPETENT | of_it)
        feeds["proofs"].append(PROVEN | of_it)
        feeds["bank_accounts"].append(REACHABLE | of_it | {"Iban": IBANS[partner_id]})
    for partner_id, numbers in customers.items():
        for number in numbers:
            for feed, row in sold(partner_id, number, **seats).items():
                feeds[feed].append(row)
    return Extracts(root, feeds)


@dataclass
class Stage:
    """One home, the ledger that it uses, and a bank."""

    root: Path
    ledger_url: str | None = None
    home_name: str = "home"

    @property
    def home(self) -> Path:
        """The folder of all state."""
        return self.root / self.home_name

    def call(self, *words: str, code: int = 0, today: str | None = TODAY) -> Any:
        """Give a command; return its JSON, or what it says if it is refused."""
        result = self._invoke(*words, today=today)
        assert result.exit_code == code, (result.output, result.stderr)
        return json.loads(result.stdout) if result.stdout else result.stderr

    def refused(self, *words: str) -> str:
        """Give a command that has to be refused; return what it says."""
        result = self._invoke(*words, today=TODAY)
        assert result.exit_code > 1, result.output
        return result.output

    def in_words(self, *words: str, today: str) -> Result:
        """Give a command as a person does, who wants no JSON."""
        return self._invoke(*words, today=today, as_json=False)

    def _invoke(self, *words: str, today: str | None, as_json: bool = True) -> Result:
        arguments = [*words, "--home", str(self.home)]
        arguments += ["--json"] if as_json else []
        if today and words[0] == "payout":
            arguments += ["--today", today]
        environment = {"CASHBACK_LEDGER_URL": self.ledger_url or ""}
        return CliRunner().invoke(main, arguments, env=environment)

    def ledger(self) -> Ledger:
        """Return the ledger that the commands use."""
        return Ledger.open(self.home, self.ledger_url)

    def prepare(self, run_id: str, *more: str, **given: Any) -> Any:
        """Prepare a run."""
        return self.call("payout", "prepare", run_id, "--by", PREPARER, *more, **given)

    def approve(self, batch_id: str, by: str = APPROVER, **given: Any) -> Any:
        """Approve a batch."""
        return self.call("payout", "approve", batch_id, "--by", by, **given)

    def release(
        self, batch_id: str, *more: str, by: str = RELEASER, **given: Any
    ) -> Any:
        """Release a batch to the bank's folder."""
        to = ("--to", str(self.bank)) if "--to" not in more else ()
        words = ("payout", "release", batch_id, "--by", by, *to, *more)
        return self.call(*words, **given)

    @property
    def bank(self) -> Path:
        """Where the bank takes files from."""
        return self.root / "bank"

    def states(self) -> dict[str, str]:
        """Return the state of each payment by partner; the last one counts."""
        listed = self.call("payout", "list")
        return {one["partner_id"]: one["state"] for one in listed["payments"]}

    def balances(self) -> dict[str, tuple[str, str]]:
        """Return what each partner has earned, and what is still owed to it.

        Below zero is what it was paid too much.
        """
        with self.ledger().reading() as book:
            rows = book.rows("select * from partner_balances")
        return {
            row["partner_id"]: (shown(row["earned_cents"]), shown(row["owed_cents"]))
            for row in rows
        }

    def sent(self) -> list[Path]:
        """Return the payment files that the bank can see."""
        return sorted(self.bank.rglob("payout.xml"))
