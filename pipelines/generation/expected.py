"""The expected decisions and payouts, worked out from what each story declares."""

from __future__ import annotations

import contextlib
import heapq
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.generation.partners import BELOW_KNOWN_RESELLER, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipelines.campaign import Campaign
    from pipelines.generation.story import Expected, Story

DECISION_COLUMNS = (
    "partner_id,customer_id,decision,failed_rules,pending_rules,billed_seats,"
    "assigned_seats,onboarded_on,reward_amount"
)
PAYOUT_COLUMNS = (
    "partner_id,qualified_customers,pending_customers,earned_amount,status,"
    "hold_reasons,payable_amount"
)
QUALIFIED, PENDING, NOT_QUALIFIED = "qualified", "pending", "not_qualified"
# Decisions are sorted in runs of so many, which are merged at the end.
SORTED_RUN = 50_000


@dataclass
class _Tally:
    qualified: int = 0
    pending: int = 0


class ExpectedResults:
    """What the default final run is to decide, beside the extracts.

    A list is written with ``;`` between its items; no partner is a blank.
    """

    def __init__(self, folder: Path, campaign: Campaign) -> None:
        self._folder, self._campaign = folder, campaign
        self._rules = [rule.id for rule in campaign.rules]
        self._tallies: dict[str, _Tally] = defaultdict(_Tally)
        self._waiting: list[str] = []
        self._runs: list[Path] = []
        self.decisions = {QUALIFIED: 0, PENDING: 0, NOT_QUALIFIED: 0}
        folder.mkdir(parents=True)

    def add(self, story: Story, kinds: dict[str, Kind]) -> None:
        """Take the decisions of one customer; *kinds* of partners, by id."""
        for expected in story.expected:
            kind = kinds.get(expected.partner_id)
            failed, pending = self._verdicts(expected, kind)
            self._count(expected.partner_id, _decision(failed, pending))
            self._waiting.append(
                self._line(story.customer.customer_id, expected, failed, pending)
            )
        if len(self._waiting) >= SORTED_RUN:
            self._write_run()

    def _verdicts(
        self, expected: Expected, kind: Kind | None
    ) -> tuple[list[str], list[str]]:
        """Return the rules that fail and those that are pending, in their order."""
        failed = {*expected.failed, *(kind.failed if kind else BELOW_KNOWN_RESELLER)}
        pending = {*expected.pending, *(kind.pending if kind else ())}
        return (
            [rule for rule in self._rules if rule in failed],
            [rule for rule in self._rules if rule in pending],
        )

    def _count(self, partner_id: str, decision: str) -> None:
        self.decisions[decision] += 1
        tally = self._tallies[partner_id]
        tally.qualified += decision == QUALIFIED
        tally.pending += decision == PENDING

    def _line(
        self,
        customer_id: str,
        expected: Expected,
        failed: list[str],
        pending: list[str],
    ) -> str:
        decision = _decision(failed, pending)
        reward = self._campaign.reward_amount if decision == QUALIFIED else Decimal(0)
        return (
            f"{expected.partner_id},{customer_id},{decision},{';'.join(failed)},"
            f"{';'.join(pending)},{expected.billed},{expected.assigned},"
            f"{expected.onboarded_on},{reward:.2f}\n"
        )

    def _write_run(self) -> None:
        path = self._folder / f"run-{len(self._runs)}"
        path.write_text("".join(sorted(self._waiting, key=_by_ids)), encoding="utf-8")
        self._runs.append(path)
        self._waiting.clear()

    def close(self, kinds: Iterable[tuple[str, Kind]]) -> None:
        """Write both files; *kinds* of all partners, by id."""
        with contextlib.ExitStack() as stack:
            self._write_run()
            runs = [
                stack.enter_context(path.open(encoding="utf-8")) for path in self._runs
            ]
            _write(
                self._folder / "customer_decisions.csv",
                DECISION_COLUMNS,
                heapq.merge(*runs, key=_by_ids),
            )
        for path in self._runs:
            path.unlink()
        lines = (self._payout(partner_id, kind) for partner_id, kind in kinds)
        _write(
            self._folder / "partner_payouts.csv",
            PAYOUT_COLUMNS,
            sorted(line for line in lines if line),
        )

    def _payout(self, partner_id: str, kind: Kind) -> str | None:
        """Return the payout of a partner with any candidate, else None."""
        tally = self._tallies.get(partner_id)
        if not tally:
            return None
        earned = tally.qualified * self._campaign.reward_amount
        asked = [hold.reason for hold in self._campaign.holds]
        holds = [reason for reason in asked if reason in kind.holds]
        status = self._status(earned, holds)
        payable = earned if status == "payable" else Decimal(0)
        return (
            f"{partner_id},{tally.qualified},{tally.pending},{earned:.2f},{status},"
            f"{';'.join(holds) if status == 'held' else ''},{payable:.2f}\n"
        )

    def _status(self, earned: Decimal, holds: list[str]) -> str:
        if not earned:
            return "nil"
        if earned < self._campaign.minimum_payout_amount:
            return "forfeited"
        return "held" if holds else "payable"


def _decision(failed: list[str], pending: list[str]) -> str:
    if failed:
        return NOT_QUALIFIED
    return PENDING if pending else QUALIFIED


def _by_ids(line: str) -> tuple[bool, str, str]:
    """Sort by partner and customer, those without a partner last."""
    partner_id, customer_id, _ = line.split(",", 2)
    return not partner_id, partner_id, customer_id


def _write(path: Path, columns: str, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(columns + "\n")
        stream.writelines(lines)
