"""What must hold between the values of a campaign file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.campaign_file import Place, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from pipelines.campaign_schema import Terms
    from pipelines.sku_catalog import SkuCatalog

# In the order in which results list them. The rules from known_reseller on are about
# the partner, and a partner that is not known fails them all.
RULE_IDS = (
    "new_to_dynamics",
    "onboarded_in_window",
    "onboarded_by_partner",
    "smb_segment",
    "billed_seats",
    "assigned_seats",
    "complete_evidence",
    "known_reseller",
    "active_mpn",
    "reseller_agreement",
    "eligible_competency",
    "program_enrolment",
    "in_compliance",
    "proof_of_performance",
)
HOLD_REASONS = (
    "account_verified",
    "terms_accepted",
    "payment_profile",
    "tax_profile",
    "bank_account",
)
LEVELS = ("Gold", "Silver")
STATUSES = ("Started", "Qualified", "Active", "At risk")


class Fault(NamedTuple):
    """Where a campaign file is wrong, why, and what to do."""

    place: Place
    wrong: str
    remedy: str


def faults(terms: Terms) -> Iterator[Fault]:
    """Yield what is wrong with *terms* as a whole."""
    yield from _window_faults(terms)
    yield from _eligibility_faults(terms)
    yield from _list_faults(terms)
    yield from _rule_faults(terms)
    yield from _clause_faults(terms)


def _window_faults(terms: Terms) -> Iterator[Fault]:
    first, last = terms.window.first_day.value, terms.window.last_day.value
    if first > last:
        wrong = f"the campaign is empty: it ends on {last} and starts on {first}"
        yield Fault(("window", "last_day"), wrong, f"give {first} or a later day")
    cut_off, due_on = terms.window.cut_off.value, terms.proof_of_performance.due_on
    yield from _too_early(("window", "cut_off"), "the cut-off", cut_off, last)
    yield from _too_early(
        ("proof_of_performance", "due_on"), "the due date", due_on.value, last
    )


def _too_early(place: Place, what: str, day: date, last: date) -> Iterator[Fault]:
    if day < last:
        wrong = f"{what}, {day}, is before the campaign's last day, {last}"
        yield Fault(place, wrong, f"give {last} or a later day")


def _eligibility_faults(terms: Terms) -> Iterator[Fault]:
    first, last = terms.window.first_day.value, terms.window.last_day.value
    before = None
    for key, term in terms.eligibility.dates().items():
        place: Place = ("eligibility", key)
        if not first <= term.value <= last:
            wrong = f"{term.value} is outside the campaign, {first} to {last}"
            yield Fault(place, wrong, "give one of the campaign's days")
        if before and term.value <= before:
            wrong = f"{term.value} does not come after {before}, the date above it"
            yield Fault(place, wrong, "give the dates in their order, each one once")
        before = term.value
    if terms.eligibility.third_date and not terms.eligibility.second_date:
        wrong = "there is a third date but no second"
        yield Fault(("eligibility", "third_date"), wrong, "name it second_date")


def _list_faults(terms: Terms) -> Iterator[Fault]:
    names = [competency.name for competency in terms.competencies.accepted]
    accepted: Place = ("competencies", "accepted")
    yield from _empty(accepted, names)
    yield from _repeats(accepted, names)
    for key, known in (("levels", LEVELS), ("statuses", STATUSES)):
        values = getattr(terms.competencies, key).value
        yield from _named(("competencies", key, "value"), values, known)
    families: Place = ("products", "families", "value")
    yield from _empty(families, terms.products.families.value)
    yield from _repeats(families, terms.products.families.value)
    reasons = [hold.reason for hold in terms.holds]
    yield from _strangers(("holds",), reasons, HOLD_REASONS)
    yield from _repeats(("holds",), reasons)


def family_faults(terms: Terms, catalog: SkuCatalog) -> Iterator[Fault]:
    """Yield the product families of which the catalogue has no seat."""
    found = {offer.family for offer in catalog.offers if offer.counts_as_seat}
    for index, family in enumerate(terms.products.families.value):
        if family.lower() not in found:
            wrong = f"no offer of {catalog.path} counts as a seat of {family!r}"
            remedy = f"use families of the catalogue: {', '.join(sorted(found))}"
            yield Fault(("products", "families", "value", index), wrong, remedy)


def _named(
    place: Place, values: Sequence[str], known: Iterable[str]
) -> Iterator[Fault]:
    """Yield the faults of a list of words that the feeds know, in any case."""
    words = {word.casefold(): word for word in known}
    yield from _empty(place, values)
    yield from _repeats(place, values)
    for index, value in enumerate(values):
        if value.casefold() not in words:
            wrong = f"{shown(value)} is not known"
            yield Fault((*place, index), wrong, suggestion(value, words.values()))


def _empty(place: Place, values: Sequence[str]) -> Iterator[Fault]:
    if not values:
        yield Fault(place, "the list is empty, so nobody could qualify", "name one")


def _repeats(place: Place, values: Sequence[str]) -> Iterator[Fault]:
    counts = Counter(value.casefold() for value in values)
    seen: set[str] = set()
    for index, value in enumerate(values):
        if counts[value.casefold()] > 1 and value.casefold() in seen:
            yield Fault((*place, index), f"{shown(value)} is there twice", "keep one")
        seen.add(value.casefold())


def _strangers(
    place: Place, values: Sequence[str], known: Sequence[str]
) -> Iterator[Fault]:
    for index, value in enumerate(values):
        if value not in known:
            wrong = f"{shown(value)} is not known"
            yield Fault((*place, index), wrong, suggestion(value, known))


def _rule_faults(terms: Terms) -> Iterator[Fault]:
    ids = [rule.id for rule in terms.rules]
    yield from _strangers(("rules",), ids, RULE_IDS)
    yield from _repeats(("rules",), ids)
    for rule_id in RULE_IDS:
        if rule_id not in ids:
            wrong = f"the rule '{rule_id}' is missing"
            yield Fault(("rules",), wrong, "list every rule once")
    for index, (found, expected) in enumerate(zip(ids, RULE_IDS, strict=False)):
        if found != expected:
            wrong = f"'{found}' stands where '{expected}' belongs"
            remedy = f"list the rules in the order {', '.join(RULE_IDS)}"
            yield Fault(("rules", index), wrong, remedy)


def _clause_faults(terms: Terms) -> Iterator[Fault]:
    known = [
        f"{part}{number}"
        for part, count in terms.clause_counts.items()
        for number in range(1, count + 1)
    ]
    for clause in terms.clauses:
        if clause not in known:
            wrong = f"there is no clause {shown(clause)} in clause_counts"
            yield Fault(("clauses", clause), wrong, suggestion(clause, known))
    for clause in known:
        if clause not in terms.clauses:
            wrong = f"the clause '{clause}' is missing"
            yield Fault(("clauses",), wrong, "say what becomes of every clause")
    for place, cited in citations(terms.model_dump(exclude={"clauses"})):
        for clause in cited.split():
            if clause != "-" and clause not in terms.clauses:
                wrong = f"there is no clause {shown(clause)}"
                yield Fault(place, wrong, suggestion(clause, known))


def citations(node: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Yield each place that cites clauses, and what it cites."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "clause":
                yield (*place, key), value
            else:
                yield from citations(value, (*place, key))
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from citations(value, (*place, index))
