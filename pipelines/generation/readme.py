"""The page that lies beside a generated campaign: how it was made, and its traps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.generation.casting import Casting
    from pipelines.generation.invoices import InvoiceBook
    from pipelines.generation.order import Order
    from pipelines.generation.world import World


def readme(casting: Casting, order: Order, book: InvoiceBook) -> str:
    """Return the page of a campaign."""
    parts = [
        _head(casting, order),
        _days(casting.world, book),
        _partners(casting),
        _customers(casting),
    ]
    if book.is_varied:
        parts.append(_dialects(book))
    return "\n".join(parts)


def _head(casting: Casting, order: Order) -> str:
    campaign = casting.world.campaign
    return f"""# A made-up campaign

Extracts of {order.customers} customers and {casting.partners} partners for the campaign
`{campaign.campaign_id}`, in the formats of the real feeds, with the decisions
that they come to. Every company, person, address and account is made up; the check
digits of the accounts are right. This page and all files beside it were written by

```
{order.command()}
```

The same command writes the same bytes again. Do not edit a file: change the generator
(`pipelines/generation/`), remove this folder and write all of it anew. If it is the
project's own sample, accept its new results with `make golden`.

`expected/` holds what a run over these files decides when nothing but `--source` is
given: `customer_decisions.csv` and `partner_payouts.csv`. The decisions were not
computed from the extracts: each customer follows a story, each partner is of a kind,
and both declare what is to be decided of them. `;` separates the items of a list; a
blank `partner_id` is a subscription without a reseller.
"""


def _days(world: World, book: InvoiceBook) -> str:
    table, campaign = world.table, world.campaign
    count = next(each for each in table.usage if each.is_final_count)
    first = next(each for each in table.usage if each.is_first_count)
    early, middle, late = table.snapshots_on
    restated = "\n".join(f"   - `billing/{place}`" for place in book.restated())
    again = f", and some a second time:\n{restated}" if restated else "."
    return f"""## Deliveries

 - `billing`: the invoices of a month on the {table.invoiced_on[0].day}th of the next,
   from {table.invoiced_on[0]} to {table.invoiced_on[-1]}{again}
 - `license_usage`: month by month; {campaign.last_day} is counted on
   {first.delivered_on}, and corrected as a whole on {count.delivered_on}.
 - the five snapshots: on {early} (not `proofs` and `bank_accounts`), {middle} and
   {late}. Older ones know less: a date that had not come is blank, a proof is pending.

So `--known-at` matters: on {middle} the campaign is open, from
{campaign.cut_off_on} on a run is final, and the invoices of {table.invoiced_on[-1]}
still change a few decisions.
"""


def _partners(casting: Casting) -> str:
    rows = "\n".join(
        f"| `{casting.id_of(number)}` | {kind.name} | {kind.shows} |"
        for number, kind in enumerate(casting.kinds)
    )
    more = casting.partners - len(casting.kinds)
    others = f"\n{more} more partners are of the same kinds.\n" if more else ""
    return f"""## Partners, one of each kind

| partner | kind | what it shows |
|---|---|---|
{rows}
{others}"""


def _customers(casting: Casting) -> str:
    """Return the first customer of each archetype; those before are sound."""
    first = len(casting.kinds)
    shown = casting.archetypes[: max(casting.customers - first, 0)]
    rows = "\n".join(
        f"| `{story.customer.customer_id}` | {each.name} | {each.shows} |"
        for place, each in enumerate(shown)
        for story in [casting.story(first + place)]
    )
    if not rows:
        return "## Customers\n\nAll of them are sound: there are too few for stories.\n"
    return f"""## Customers, one of each story

Each is with a sound partner. Besides them, every partner above has a customer that
qualifies if the partner does, and the rest are of the same stories by chance.

| customer | story | what it shows |
|---|---|---|
{rows}
"""


def _dialects(book: InvoiceBook) -> str:
    rows = "\n".join(
        f"| `billing/{place}` | {shows} |" for place, shows in book.shown()
    )
    return f"""## Ways to write a file

The other feeds are written in the same ways, in turn. Files with a `.control.json`
carry the sender's own counts.

| file | how it is written |
|---|---|
{rows}
"""
