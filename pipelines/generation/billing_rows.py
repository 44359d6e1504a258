"""One billing row: as a record for any dialect, or as text in the plain one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pipelines.generation.cells import Record, money, spoiled
from pipelines.generation.subscriptions import MONTHLY
from pipelines.generation.tables import plain_text
from pipelines.generation.timetable import DAY, add_months
from pipelines.generation.world import PROVIDER_MPN_ID, PROVIDER_TENANT

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.generation.subscriptions import Line, Subscription

CYCLE_TYPES = {True: "Monthly", False: "Annual"}


def billing_record(subscription: Subscription, line: Line, currency: str) -> Record:
    """Return the row with every column of the reconciliation file."""
    customer, product = subscription.customer, subscription.product
    amount, tax = line.amount_cents, line.tax_cents
    record: Record = {
        "PartnerId": PROVIDER_TENANT,
        "CustomerId": customer.customer_id,
        "CustomerName": customer.name,
        "MpnId": PROVIDER_MPN_ID,
        "ResellerMpnId": line.reseller,
        "OrderId": subscription.order_id,
        "SubscriptionId": subscription.legacy_id,
        "SyndicationPartnerSubscriptionNumber": subscription.number,
        "OfferId": product.offer_id,
        "DurableOfferId": product.durable_offer_id,
        "OfferName": product.name,
        "SubscriptionStartDate": subscription.starts_on,
        "SubscriptionEndDate": year_end(subscription.starts_on),
        "ChargeStartDate": line.first,
        "ChargeEndDate": line.last,
        "ChargeType": line.charge,
        "UnitPrice": money(line.unit_cents),
        "Quantity": line.seats,
        "Amount": money(amount),
        "TotalOtherDiscount": money(0),
        "Subtotal": money(amount),
        "Tax": money(tax),
        "TotalForCustomer": money(amount + tax),
        "Currency": currency,
        "DomainName": customer.domain,
        "SubscriptionName": product.name,
        "SubscriptionDescription": "",
        "BillingCycleType": CYCLE_TYPES[subscription.cycle_months == MONTHLY],
    }
    return spoiled(record, line.spoiled)


@functools.cache
def year_end(start: dt.date) -> dt.date:
    """Return the last day of the year that a subscription is bought for."""
    return add_months(start, 12) - DAY


class RowText:
    """The text of a subscription's rows, of which only the charge differs."""

    def __init__(self, subscription: Subscription, currency: str) -> None:
        customer, product = subscription.customer, subscription.product
        name = plain_text(product.name)
        start = subscription.starts_on
        self._front = (
            f"{PROVIDER_TENANT},{customer.customer_id},{plain_text(customer.name)},"
            f"{PROVIDER_MPN_ID},"
        )
        self._middle = (
            f",{subscription.order_id},{subscription.legacy_id},{subscription.number},"
            f"{product.offer_id},{product.durable_offer_id},{name},"
            f"{start.isoformat()},{year_end(start).isoformat()},"
        )
        cycle = CYCLE_TYPES[subscription.cycle_months == MONTHLY]
        self._back = f",{currency},{customer.domain},{name},,{cycle}\n"

    def line(self, line: Line) -> str:
        """Return the row of a line."""
        before, after = self.around_the_charge(line.reseller)
        days = f"{line.first.isoformat()},{line.last.isoformat()}"
        charge = charge_text(line.unit_cents, line.seats, line.tax_cents)
        return f"{before}{days},{line.charge},{charge}{after}"

    def around_the_charge(self, reseller: str) -> tuple[str, str]:
        """Return what stands before the charge's dates, and after its amounts."""
        return self._front + reseller + self._middle, self._back


def charge_text(unit_cents: int, seats: int, tax_cents: int) -> str:
    """Return the amounts of a charge, from UnitPrice to TotalForCustomer.

    >>> charge_text(400, 3, 240)
    '4.00,3,12.00,0.00,12.00,2.40,14.40'
    """
    amount_cents = unit_cents * seats
    amount = cents_text(amount_cents)
    return (
        f"{cents_text(unit_cents)},{seats},{amount},0.00,{amount},"
        f"{cents_text(tax_cents)},{cents_text(amount_cents + tax_cents)}"
    )


def cents_text(cents: int) -> str:
    """Return cents as an amount.

    >>> cents_text(-1205), cents_text(7), cents_text(-7)
    ('-12.05', '0.07', '-0.07')
    """
    digits = f"{cents:03d}" if cents >= 0 else f"{cents:04d}"
    return f"{digits[:-2]}.{digits[-2:]}"
