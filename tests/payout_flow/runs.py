"""The runs that these tests pay from: computed once, copied for each test.

Each delivery is the whole truth of its day. A later run knows all that came until it.
"""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.paths import CAMPAIGNS_DIR, REFERENCE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.payout_flow.stage import CAMPAIGN, extracts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P1, P2, P3 = "1000001", "1000002", "1000003"
Feeds = dict[str, list[dict[str, str]]]


def _held(feeds: Feeds) -> None:
    """Spoil what may hold a payment: the tax profile of one, the account of another."""
    _of(feeds, "partners", P2)["TaxProfileCompletedOn"] = ""
    _of(feeds, "bank_accounts", P3)["Iban"] = "GB00WEST12345698765432"


def _renewed_account(feeds: Feeds) -> None:
    """Let a partner ask for its money elsewhere, shortly before it is paid."""
    _of(feeds, "bank_accounts", P1)["ChangedOn"] = "2019-08-19"


def _odd_contacts(feeds: Feeds) -> None:
    """Let one address be none, one be missing, and one partner have an odd name."""
    evil = "p1@partner.example\r\nBcc: eve@evil.example"
    _of(feeds, "partners", P1)["ContactEmail"] = evil
    _of(feeds, "partners", P2)["ContactEmail"] = ""
    odd = "=Bücher & Söhne\r\nBcc: eve@evil.example"
    of_it = {"PartnerName": odd, "ContactEmail": "zoe@bücher.example"}
    _of(feeds, "partners", P3).update(of_it)
    feeds["customers"][-1]["CustomerName"] = "@SUM(A1)\rLtd"


def _old_account(feeds: Feeds) -> None:
    """Let all accounts be older than the campaign."""
    for row in feeds["bank_accounts"]:
        row["ChangedOn"] = "2018-01-01"


def _of(feeds: Feeds, feed: str, partner_id: str) -> dict[str, str]:
    (row,) = [row for row in feeds[feed] if row["MpnId"] == partner_id]
    return row


# What each day's delivery says: the customers of each partner, and what is spoilt.
DELIVERIES: dict[str, tuple[dict[str, list[int]], Callable[[Feeds], None] | None]] = {
    "2019-08-14": ({P1: [1]}, None),  # before the cut-off
    "2019-08-16": ({P1: [1, 2], P2: [3]}, None),  # the first final run
    "2019-08-23": ({P1: [1, 2, 4], P2: [3], P3: [5]}, None),  # owes more
    "2019-08-30": ({P1: [1], P3: [5]}, None),  # owes less: 2, 4 and 3 are lost
    "2019-09-06": ({P1: [1, 6], P2: [8], P3: [5, 3]}, None),  # some is earned anew
    "2019-09-13": ({P1: [1, 6, 7, 9], P2: [8, 10], P3: [5, 3]}, None),  # and more
    "2019-09-16": ({P1: [1], P2: [2], P3: [3]}, _held),
    "2019-09-17": ({P1: [1], P2: [2]}, _old_account),
    "2019-09-19": ({P2: [2, 1]}, _old_account),  # customer 1 was never the other's
    "2019-09-20": ({P1: [1], P2: [2], P3: [3]}, _odd_contacts),
    "2019-09-18": ({P1: [1, 3], P2: [2]}, _renewed_account),
}


class Runs:
    """A home in which each run is computed when it is first asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ids: dict[str, str] = {}
        self._campaign = self._with_quiet_days()

    @property
    def root(self) -> Path:
        """The folder of the runs' home, and of each day's source."""
        return self._root

    def ids(self, *days: str) -> list[str]:
        """Return the runs of those days."""
        return [self._ids.get(day) or self._compute(day) for day in days]

    def copy_to(self, home: Path) -> None:
        """Copy all runs so far, with what they were computed from."""
        shutil.copytree(self._root / "home", home, dirs_exist_ok=True)

    def _compute(self, name: str) -> str:
        """Compute a run; the name is its day, and ``quiet`` for other terms."""
        day, _, quiet = name.partition(" ")
        customers, spoil = DELIVERIES[day]
        made = extracts(self._root / day, customers)
        if spoil:
            spoil(made.feeds)
        for feed, rows in made.feeds.items():
            made.write(feed, rows, delivery=day)
        request: dict[str, Any] = {
            "as_of": dt.date(2019, 6, 30),
            "known_at": dt.date.fromisoformat(day),
            "max_quarantine_share": Decimal("0.9"),
        }
        if quiet:
            request["campaign"] = str(self._campaign)
        # One source for each run: the runs may be asked for in any order.
        source, home = str(self._root / day / "source"), self._root / "home"
        published = run(RunRequest(source, home, **request), Progress())
        self._ids[name] = str(published.manifest["run_id"])
        return self._ids[name]

    def _with_quiet_days(self) -> Path:
        """Write the shipped terms, but that a new bank account waits for 10 days."""
        terms = (CAMPAIGNS_DIR / f"{CAMPAIGN}.yaml").read_text(encoding="utf-8")
        (self._root / "campaigns").mkdir(parents=True)
        shutil.copytree(REFERENCE_DIR, self._root / "reference")
        path = self._root / "campaigns" / "quiet.yaml"
        days = "  account_quiet_days: {value: 10, clause: '-'}\n"
        path.write_text(terms.replace("payment:\n", f"payment:\n{days}", 1))
        return path
