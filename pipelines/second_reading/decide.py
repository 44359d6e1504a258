"""One whole run of the second reading: from a folder of extracts to what is owed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.second_reading.banks import is_payable
from pipelines.second_reading.facts import Facts, load_catalog
from pipelines.second_reading.feeds import (
    Track,
    newest_delivery,
    read_feed,
    refuse_too_many_bad,
)
from pipelines.second_reading.layouts import LAYOUTS
from pipelines.second_reading.rules import FAIL, PENDING, Case
from pipelines.second_reading.seats import Stretch, Subscription
from pipelines.second_reading.terms import Terms
from pipelines.second_reading.words import Words, words_of

Pair = tuple[str | None, str]
Place = tuple[str, str, str, int]
Part = tuple[str, str, str | None, date, date, int]
Found = dict[str, Any]
NOTHING = Decimal("0.00")
STEPS = {
    "account_verified": "AccountVerifiedOn",
    "terms_accepted": "TermsAcceptedOn",
    "payment_profile": "PaymentProfileCompletedOn",
    "tax_profile": "TaxProfileCompletedOn",
}


@dataclass(frozen=True)
class Result:
    """Everything that the contract says a run comes to."""

    as_of: date
    known_at: date
    final: bool
    decisions: dict[Pair, Found]
    verdicts: dict[Pair, dict[str, str]]
    words: dict[Pair, dict[str, Words]]
    quarantine: dict[Place, tuple[str | None, list[str]]]
    seat_timeline: set[Part]
    purchase_timeline: set[Part]
    payouts: dict[str, Found]
    rows: dict[str, dict[str, int]]


def decide(  # noqa: PLR0913, PLR0917 - a run has these settings
    source: Path,
    catalog: Path,
    terms: Terms,
    as_of: date | None = None,
    known_at: date | None = None,
    max_quarantine_share: Decimal = Decimal("0.05"),
    track: Track = iter,
) -> Result:
    """Decide every candidate of *source*, or raise Refused.

    *track* is given the files of each feed, and yields them one after another.
    """
    known_at = known_at or newest_delivery(source)
    as_of = as_of or min(known_at, terms.last_day)
    light_use_counts = terms.readings.team_members == "counted"
    products = load_catalog(catalog, terms.families, light_use_counts)
    extracts = {
        feed: read_feed(source, layout, known_at, products.known, track)
        for feed, layout in LAYOUTS.items()
    }
    facts = Facts(extracts, products, terms.measured_on(as_of), terms.readings)
    for feed, files in facts.extracts.items():
        refuse_too_many_bad(feed, files, max_quarantine_share)
    cases = {
        pair: Case(*pair, facts, terms, as_of, known_at)
        for pair in candidates(facts, terms)
    }
    decisions = {pair: decision_of(case) for pair, case in cases.items()}
    return Result(
        as_of=as_of,
        known_at=known_at,
        final=terms.is_final(as_of, known_at),
        decisions=decisions,
        verdicts={pair: case.verdicts for pair, case in cases.items()},
        words={pair: words_of(case) for pair, case in cases.items()},
        quarantine=quarantine_of(facts),
        seat_timeline=timeline_of(facts, "campaign"),
        purchase_timeline=timeline_of(facts, "purchased"),
        payouts=payouts_of(decisions, facts, terms, known_at),
        rows=row_counts(facts),
    )


def candidates(facts: Facts, terms: Terms) -> list[Pair]:
    """Return the pairs with seats on any campaign day up to the measured date."""
    pairs = {
        (each.owner, each.customer)
        for each in facts.subscriptions
        if each.had_seats(terms.first_day, facts.measured_on)
    }
    return sorted(pairs, key=lambda pair: (pair[0] or "", pair[1]))


def decision_of(case: Case) -> Found:
    """Decide one candidate from its verdicts."""
    failed = [rule for rule, verdict in case.verdicts.items() if verdict == FAIL]
    pending = [rule for rule, verdict in case.verdicts.items() if verdict == PENDING]
    decision = "not_qualified" if failed else "pending" if pending else "qualified"
    return {
        "decision": decision,
        "onboarded_on": case.onboarded_on,
        "billed_seats": case.billed_seats,
        "assigned_seats": case.assigned_seats,
        "failed_rules": failed,
        "pending_rules": pending,
        "reward_amount": case.terms.reward if decision == "qualified" else NOTHING,
    }


def payouts_of(
    decisions: Mapping[Pair, Found], facts: Facts, terms: Terms, known_at: date
) -> dict[str, Found]:
    """Add up each partner's rewards, null aside, and find what is in the way."""
    found = {}
    for partner in sorted({partner for partner, _ in decisions if partner}):
        own = [made for (who, _), made in decisions.items() if who == partner]
        earned = sum((made["reward_amount"] for made in own), NOTHING)
        holds = hold_reasons(partner, facts, terms, known_at)
        status = payout_status(earned, terms, holds)
        listed = facts.partners.get(partner)
        found[partner] = {
            "partner_name": listed["PartnerName"] if listed else None,
            "qualified_customers": _count(own, "qualified"),
            "pending_customers": _count(own, "pending"),
            "earned_amount": earned,
            "status": status,
            "hold_reasons": holds if status == "held" else [],
            "payable_amount": earned if status == "payable" else NOTHING,
        }
    return found


def payout_status(earned: Decimal, terms: Terms, holds: list[str]) -> str:
    """Return the status; a hold matters only to an amount that reaches the minimum."""
    if earned == 0:
        return "nil"
    if earned < terms.minimum_payout:
        return "forfeited"
    return "held" if holds else "payable"


def hold_reasons(partner: str, facts: Facts, terms: Terms, known_at: date) -> list[str]:
    """Name what is missing at *known_at* before money can be wired."""
    return [
        reason
        for reason in terms.holds
        if _is_missing(reason, partner, facts, known_at)
    ]


def _is_missing(reason: str, partner: str, facts: Facts, known_at: date) -> bool:
    if reason == "bank_account":
        return not is_payable(facts.bank_accounts.get(partner))
    row = facts.partners.get(partner)
    done_on = row[STEPS[reason]] if row else None
    return done_on is None or done_on > known_at


def _count(decisions: list[Found], decision: str) -> int:
    return sum(made["decision"] == decision for made in decisions)


def quarantine_of(facts: Facts) -> dict[Place, tuple[str | None, list[str]]]:
    """Name every quarantined row, the customer that it names, and its reasons."""
    return {
        (feed, row.file.delivery.isoformat(), row.file.name, row.number): (
            row.key if LAYOUTS[feed].names_a_customer else None,
            list(row.reasons),
        )
        for feed in facts.extracts
        for row in facts.bad(feed)
    }


def timeline_of(facts: Facts, name: str) -> set[Part]:
    """Return every stretch of one of the two timelines."""
    return {
        (each.customer, each.number, each.owner, part.first, part.last, part.seats)
        for each in facts.subscriptions
        for part in _parts(each, name)
    }


def _parts(subscription: Subscription, name: str) -> list[Stretch]:
    return subscription.campaign if name == "campaign" else subscription.purchased


def row_counts(facts: Facts) -> dict[str, dict[str, int]]:
    """Count the rows of the files in force, per feed."""
    counts = {}
    for feed in facts.extracts:
        validated, quarantined = len(facts.good(feed)), len(facts.bad(feed))
        counts[feed] = {
            "read": validated + quarantined,
            "validated": validated,
            "quarantined": quarantined,
        }
    return counts
