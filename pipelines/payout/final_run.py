"""What a run decided, as far as money is concerned."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError, DifferenceError, LedgerError
from pipelines.landing import LandedFile
from pipelines.money import cents_of, shown
from pipelines.payout.bank_accounts import read_bank_accounts
from pipelines.verify import find_run, verify_run

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.payout.bank_accounts import BankAccounts

ENTITLED = ("payable", "held")


@dataclass(frozen=True)
class PartnerResult:
    """What a run says of one partner; without customers, nothing is owed to it."""

    partner_id: str
    partner_name: str
    hold_reasons: tuple[str, ...]
    customers: dict[str, int]


@dataclass(frozen=True)
class FinalRun:
    """A run that payments can be made from."""

    path: Path
    manifest: dict[str, Any]
    partners: dict[str, PartnerResult]
    # Which record says that both engines agree on it; blank until that is asked.
    agreement_sha256: str = ""

    @property
    def run_id(self) -> str:
        """The name of the run."""
        return str(self.manifest["run_id"])

    @property
    def campaign_id(self) -> str:
        """The campaign that it decides."""
        return str(self.manifest["campaign_id"])

    @property
    def known_at(self) -> dt.date:
        """The last delivery date that it knows of."""
        return dt.date.fromisoformat(self.manifest["known_at"])

    @property
    def pay_by(self) -> dt.date:
        """The last day to pay."""
        return dt.date.fromisoformat(self.manifest["pay_by"])

    def term(self, part: str, name: str) -> Any:
        """Return one term as the run had it; None for one that it had not."""
        return self.manifest["terms"][part].get(name, {}).get("value")

    @property
    def currency(self) -> str:
        """The currency of all its amounts."""
        return str(self.term("reward", "currency"))

    def bank_accounts(self) -> BankAccounts:
        """Return the accounts that the run knew, and no newer ones.

        Raises:
            DataError: a file of them is not as it was received.
        """
        files = [
            LandedFile(
                item["feed"],
                dt.date.fromisoformat(item["delivery"]),
                item["file"],
                item["sha256"],
                item["bytes"],
            )
            for item in self.manifest["inputs"]
            if item["feed"] == "bank_accounts"
        ]
        # HOME/runs/<campaign>/as_of=<date>/<run_id>: the accounts stay in its home.
        return read_bank_accounts(self.path.resolve().parents[3], files, self.known_at)


def final_run(home: Path, run: str) -> FinalRun:
    """Return a run given by its path or id, if it is as published, and final.

    Raises:
        UsageError: there is no such run.
        DifferenceError: a byte of it, or of what it was computed from, has changed.
        LedgerError: the campaign is still open.
    """
    path = find_run(home, run)
    manifest, differences = verify_run(path.resolve().parents[3], path)
    if differences:
        message = (
            f"run {run} is not as it was published, so nothing was prepared: "
            f"{differences[0]}. See all of it with `cashback verify`; run again."
        )
        raise DifferenceError(message)
    if not manifest["is_final"]:
        message = (
            f"run {manifest['run_id']} is not final, so nothing was prepared: as of "
            f"{manifest['as_of']}, known at {manifest['known_at']}, a late invoice "
            "could still change it. Run again after the campaign's cut-off."
        )
        raise LedgerError(message)
    return FinalRun(path, manifest, _partners(path))


def _partners(path: Path) -> dict[str, PartnerResult]:
    import pyarrow.parquet as pq

    customers: dict[str, dict[str, int]] = {}
    decisions = pq.ParquetFile(path / "customer_decisions.parquet").read(
        columns=["partner_id", "customer_id", "decision", "reward_amount"]
    )
    qualified = decisions.filter(_equals("decision", "qualified"))
    for row in qualified.to_pylist():
        if row["partner_id"] is not None:
            earned = customers.setdefault(row["partner_id"], {})
            earned[row["customer_id"]] = cents_of(row["reward_amount"])
    payouts = pq.ParquetFile(path / "partner_payouts.parquet").read().to_pylist()
    return {row["partner_id"]: _partner(row, customers) for row in payouts}


def _equals(column: str, value: str) -> Any:
    import pyarrow.compute as pc

    return pc.field(column) == value


def _partner(row: dict[str, Any], customers: dict[str, dict[str, int]]) -> Any:
    partner_id = row["partner_id"]
    earned = customers.get(partner_id, {})
    if sum(earned.values()) != cents_of(row["earned_amount"]):
        message = (
            f"partner {partner_id} earned {row['earned_amount']} in partner_payouts "
            f"and {shown(sum(earned.values()))} in customer_decisions, so nothing was "
            "prepared: report it as a defect."
        )
        raise DataError(message)
    return PartnerResult(
        partner_id,
        row["partner_name"] or partner_id,
        tuple(row["hold_reasons"] or ()),
        earned if row["status"] in ENTITLED else {},
    )
