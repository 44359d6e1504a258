"""A result as rows of the published tables, with every column that it has a say in."""

from collections.abc import Iterator
from typing import Any

from pipelines.second_reading.decide import Part, Result
from pipelines.second_reading.terms import Terms
from pipelines.second_reading.wire_days import pay_by

Row = dict[str, Any]


def rows_of(table: str, result: Result, terms: Terms) -> Iterator[Row]:
    """Yield the rows of a published table, or of the quarantine, in no set order."""
    if table == "customer_decisions":
        yield from _decisions(result, terms)
    elif table == "rule_results":
        yield from _rule_results(result, terms)
    elif table == "partner_payouts":
        yield from _payouts(result, terms)
    elif table == "quarantine":
        yield from _quarantine(result)
    else:
        yield from map(_part, getattr(result, table))


def _decisions(result: Result, terms: Terms) -> Iterator[Row]:
    for (partner_id, customer_id), made in result.decisions.items():
        yield {
            "campaign_id": terms.campaign_id,
            "as_of": result.as_of,
            "partner_id": partner_id,
            "customer_id": customer_id,
            "currency": terms.currency,
            **made,
        }


def _rule_results(result: Result, terms: Terms) -> Iterator[Row]:
    for (partner_id, customer_id), verdicts in result.verdicts.items():
        words = result.words[partner_id, customer_id]
        for rule_id, verdict in verdicts.items():
            yield {
                "partner_id": partner_id,
                "customer_id": customer_id,
                "rule_id": rule_id,
                "clause": terms.clauses.get(rule_id),
                "verdict": verdict,
                "observed": words[rule_id][0],
                "required": words[rule_id][1],
            }


def _payouts(result: Result, terms: Terms) -> Iterator[Row]:
    for partner_id, made in result.payouts.items():
        yield {
            "campaign_id": terms.campaign_id,
            "as_of": result.as_of,
            "partner_id": partner_id,
            "currency": terms.currency,
            "pay_by": pay_by(terms.last_day, terms.pay_within_days),
            **made,
        }


def _quarantine(result: Result) -> Iterator[Row]:
    for place, (customer_id, reasons) in result.quarantine.items():
        feed, delivery, file, source_row = place
        yield {
            "feed": feed,
            "delivery": delivery,
            "file": file,
            "source_row": source_row,
            "customer_id": customer_id,
            "reasons": reasons,
        }


def _part(part: Part) -> Row:
    customer_id, subscription_id, partner_id, from_date, to_date, seats = part
    return {
        "customer_id": customer_id,
        "subscription_id": subscription_id,
        "partner_id": partner_id,
        "from_date": from_date,
        "to_date": to_date,
        "seats": seats,
    }
