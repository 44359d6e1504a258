"""A campaign in which every customer stands at one boundary, and the runs over it.

Each case has a partner, a customer and a subscription of its own, which would qualify
but for what the case changes. All lie in one source, so that one run decides many.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq

from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.reference.sound import Extracts
from tests.sql_cases import load_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Row = dict[str, str]
VERDICTS = {"passes": "pass", "fails": "fail", "pends": "pending"}
KEYS = {*VERDICTS, "name", "as_of", "known_at", "terms", "nobody", "held"}


class Setting(NamedTuple):
    """A campaign, with a row of each feed of a customer that qualifies in it."""

    campaign: str
    as_of: str
    known_at: str
    delivery: str
    # Each customer has the sound row of usage on every one of these days.
    snapshot_days: tuple[str, ...]
    sound: dict[str, Row]


@dataclass(frozen=True)
class Case:
    """A sentence: when it is asked, what makes it so, and what comes of it."""

    name: str
    as_of: str
    known_at: str
    # Feed -> what each of its rows has in place of the sound one's values, and
    # perhaps the delivery and the file that it lies in.
    changes: dict[str, list[Row]]
    # The rules that the case is about; all others pass.
    verdicts: Row
    # No seats in time, so no candidate.
    is_nobodys: bool
    hold_reasons: list[str]
    # Other terms than the campaign's, by a name.
    terms: str | None

    @property
    def decision(self) -> str:
        """What all verdicts come to."""
        if "fail" in self.verdicts.values():
            return "not_qualified"
        return "pending" if "pending" in self.verdicts.values() else "qualified"


def load_boundaries(path: Path, setting: Setting) -> list[Case]:
    """Return the cases of one file."""
    cases = []
    for written in load_cases(path):
        unknown = set(written) - KEYS - set(setting.sound)
        assert not unknown, f"{written['name']}: {unknown}"
        held = written.get("held", "nothing")
        changes = {
            feed: [rows] if isinstance(rows, dict) else rows
            for feed, rows in written.items()
            if feed in setting.sound
        }
        cases.append(
            Case(
                written["name"],
                written.get("as_of", setting.as_of),
                written.get("known_at", setting.known_at),
                changes,
                {
                    rule: verdict
                    for key, verdict in VERDICTS.items()
                    for rule in written.get(key, "").split()
                },
                "nobody" in written,
                [] if held == "nothing" else held.split(),
                written.get("terms"),
            )
        )
    return cases


class Run(NamedTuple):
    """What one run decided, by partner, or by partner and customer."""

    decisions: dict[tuple[str, str], dict[str, Any]]
    verdicts: dict[tuple[str, str], Row]
    payouts: dict[str, dict[str, Any]]


class World:
    """Every case in one source, and the runs over it that were asked for so far."""

    def __init__(self, root: Path, setting: Setting, cases: Iterable[Case]) -> None:
        """Write the extracts."""
        self.root, self.setting = root, setting
        self.numbers: dict[str, int] = {}
        self.runs: dict[tuple[str, str, str], Run] = {}
        files = defaultdict(list)
        for number, case in enumerate(cases, 1):
            self.numbers[case.name] = number
            for feed, row in rows_of(case, number, setting):
                place = row.pop("delivery", setting.delivery), row.pop("file", "1.csv")
                files[feed, *place].append(row)
        for (feed, delivery, name), rows in files.items():
            Extracts(root).write(feed, rows, delivery=delivery, name=name)

    def run(self, as_of: str, known_at: str, campaign: str | None = None) -> Run:
        """Return the run of these dates and terms, computed once."""
        key = as_of, known_at, campaign or self.setting.campaign
        if key not in self.runs:
            request = RunRequest(
                str(self.root / "source"),
                self.root / "home",
                key[2],
                dt.date.fromisoformat(as_of),
                dt.date.fromisoformat(known_at),
            )
            self.runs[key] = read_run(run(request, Progress()).path)
        return self.runs[key]

    def pair(self, case: Case) -> tuple[str, str]:
        """Return the partner and the customer of a case."""
        return ids_of(self.numbers[case.name])[:2]


def ids_of(number: int) -> tuple[str, str, str]:
    """Return the partner, the customer and the subscription of a case."""
    return (
        f"{1_000_000 + number}",
        f"aaaaaaaa-0000-0000-0000-{number:012}",
        f"bbbbbbbb-0000-0000-0000-{number:012}",
    )


def rows_of(case: Case, number: int, setting: Setting) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a case, each with its feed."""
    partner, customer, subscription = ids_of(number)
    ids = {
        "billing": {
            "CustomerId": customer,
            "ResellerMpnId": partner,
            "SyndicationPartnerSubscriptionNumber": subscription,
        },
        "license_usage": {"CustomerTenantId": customer, "SubscriptionId": subscription},
        "customers": {"CustomerId": customer},
    }
    for feed, sound in setting.sound.items():
        changes = case.changes.get(feed, [{}])
        if feed == "license_usage":
            days = setting.snapshot_days
            changes = [{"SnapshotDate": day} | row for day in days for row in changes]
        for change in changes:
            row = sound | ids.get(feed, {"MpnId": partner}) | change
            if row.get("SyndicationPartnerSubscriptionNumber") == "another":
                row["SyndicationPartnerSubscriptionNumber"] = f"c{subscription[1:]}"
            yield feed, row


def read_run(folder: Path) -> Run:
    """Return what a published run decided."""
    tables = {
        name: pq.ParquetFile(folder / f"{name}.parquet").read().to_pylist()
        for name in ("customer_decisions", "rule_results", "partner_payouts")
    }
    verdicts: dict[tuple[str, str], Row] = {}
    for row in tables["rule_results"]:
        pair = row["partner_id"], row["customer_id"]
        verdicts.setdefault(pair, {})[row["rule_id"]] = row["verdict"]
    return Run(
        {(r["partner_id"], r["customer_id"]): r for r in tables["customer_decisions"]},
        verdicts,
        {row["partner_id"]: row for row in tables["partner_payouts"]},
    )
