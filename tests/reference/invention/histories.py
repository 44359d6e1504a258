"""Made-up billing of subscriptions, as Partner Center writes it, and worse."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from .values import Guid, Record, chance, days, new_guid, pick

DAY, YEAR = timedelta(days=1), timedelta(days=365)
NO_RESELLER = (None, "-1", "0")

SEAT_OFFERS = {
    "1a90ee13-2cb4-4785-bb0f-542813f00a37": "Dynamics 365 Business Central Essential",
    "30e97275-fad8-48d4-bc0a-81840365c119": "Dynamics 365 Business Central Premium",
    "f28514f0-6516-4ef9-8222-1c605a05d245": "Dynamics 365 for Sales Professional",
    "bb30b486-53be-4ecf-bb85-6f50979f0579": "Dynamics 365 Customer Engagement Plan",
    "e5aeedc5-e2f0-4099-aa45-95802034d7f8": "a name that says nothing",
}
PURCHASE_OFFERS = {
    "b2ccb51a-43c2-47d4-92db-dbf14553a185": "Dynamics 365 Team Members",
    "51f99b45-3f92-4ef0-9167-b04709a62106": "DYNAMICS 365 for Customer Service",
    "9fb981e1-9531-402e-875c-c69957137939": "Dynamics 365 for Sales Device",
}
TRIAL_OFFERS = {
    "eb5bc29f-c744-4d36-8042-68bc11114eda": "Dynamics 365 Business Central Trial",
    "f7d11014-c85b-485c-96f8-ae7280bafbd9": "Dynamics 365 Customer Engagement Trial",
}
OTHER_OFFERS = {
    "031c9e47-4802-4248-838e-778fb1d2cc05": "Office 365 Business Premium",
    "796b6b5f-613c-4e24-a17c-eba730d49c02": "Dynamics NAV; not the cloud's",
}


NEARLY_FREE = (
    "0",
    "-0.00",
    "0.004",
    "-0.004",
    "0.005",
    "-0.005",
    "9999999999999999.99",
)


@dataclass(frozen=True)
class Line:
    """What one billing row says of its subscription."""

    first: date
    last: date
    seats: int
    amount: Decimal
    charge: str = "Cycle fee"

    def credited(self, charge: str = "Cycle instance prorate") -> "Line":
        """Return the credit of this line: the same seats, the amount below zero."""
        return replace(self, amount=-self.amount, charge=charge)

    def over(self, first: date, last: date) -> "Line":
        """Return the same line over other days."""
        return replace(self, first=first, last=max(first, last))


def _line(rng: random.Random, first: date, last: date, seats: int) -> Line:
    price = rng.choice((Decimal("4.00"), Decimal("52.41"), Decimal("0.01")))
    charge = rng.choice(("Cycle fee", "CYCLE FEE", "Purchase fee", "new", ""))
    return Line(first, max(first, last), seats, price * seats, charge)


def _annual(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    ends = {start + YEAR - DAY: 4, max(start, turn): 4, start + 2 * YEAR: 4}
    last = pick(rng, ends | {date.max: 1})
    return [_line(rng, start, last, seats)]


def _monthly(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    lines = []
    while start <= turn:
        after = start + timedelta(days=30)
        lines.append(_line(rng, start, after - DAY, seats))
        start = after
    return lines or [_line(rng, start, start + YEAR, seats)]


def _raised(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    """Start with other seats, which are credited and billed again from a day on."""
    before = max(0, seats + rng.choice((-14, -5, -1, 1, 3)))
    change = rng.choice((turn - DAY, turn, turn + DAY, start + DAY))
    change = max(change, start + DAY)
    whole = _line(rng, start, start + YEAR, before)
    return [
        whole,
        whole.credited(),
        whole.over(start, change - DAY),
        _line(rng, change, start + YEAR, seats),
    ]


def _cancelled(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    """Credit what is left from a day on, which is often just before or after *turn*."""
    whole = _line(rng, start, start + YEAR, seats)
    since = rng.choice((start, turn - DAY, turn, turn + DAY, turn + DAY))
    credit = whole.credited("Cancel fee")
    return [whole, credit.over(max(since, start), start + YEAR)]


def _offset(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    """Add line-item offsets, which look like seats and are none."""
    lines = _annual(rng, start, seats, turn)
    charge = rng.choice(("Offset a line item", "OFFSET A LINE ITEM"))
    sign = rng.choice((-1, 1))
    return [*lines, replace(lines[0], amount=sign * Decimal("9.99"), charge=charge)]


def _nearly_free(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    """Add seats at an amount that rounds to nothing, or just not to nothing."""
    lines = _annual(rng, start, seats, turn)
    amount = Decimal(rng.choice(NEARLY_FREE))
    return [*lines, replace(_line(rng, start, turn, 5), amount=amount)]


def _overcredited(rng: random.Random, start: date, seats: int, turn: date):
    """Credit more seats than were billed, so that the sum falls below zero."""
    lines = _annual(rng, start, seats, turn)
    first = max(start, turn - timedelta(days=rng.choice((0, 1, 40))))
    return [*lines, _line(rng, first, first + YEAR, seats + 1).credited()]


def _restarted(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    """Stop and begin again: no new beginning."""
    stop = start + timedelta(days=rng.choice((0, 1, 20)))
    again = max(rng.choice((stop + 2 * DAY, turn, stop + DAY)), stop + DAY)
    return [
        _line(rng, start, stop, seats),
        _line(rng, again, again + YEAR, seats),
    ]


SHAPES = {
    _annual: 8,
    _monthly: 5,
    _raised: 4,
    _cancelled: 2,
    _offset: 2,
    _nearly_free: 2,
    _overcredited: 1,
    _restarted: 2,
}


@dataclass(frozen=True)
class Place:
    """Whose subscription it is, which product, and what else its rows say."""

    customer: Guid
    subscription: Guid
    partner: str | None
    offers: dict[str, str]


def lines_of(rng: random.Random, start: date, seats: int, turn: date) -> list[Line]:
    """Return the lines of one subscription in any of the shapes above."""
    return pick(rng, SHAPES)(rng, start, seats, turn)


def billing_rows(rng: random.Random, place: Place, lines: list[Line]) -> list[Record]:
    """Return the billing rows of one subscription, some of them with another owner."""
    offer = rng.choice(sorted(place.offers))
    order, legacy = f"{rng.randrange(10**6):09}", new_guid(rng).upper()
    rows = []
    for line in lines:
        row = _billing_row(rng, place, line)
        row |= {
            "OrderId": order,
            "SubscriptionId": legacy,
            "DurableOfferId": Guid(offer),
            "OfferName": place.offers[offer],
        }
        rows.append(row)
        if chance(rng, 0.03):
            rows.append(dict(row))
    return rows


def _billing_row(rng: random.Random, place: Place, line: Line) -> Record:
    tax = (line.amount * Decimal("0.2")).quantize(Decimal("0.01"))
    amount = line.amount.quantize(Decimal("0.01"))
    partner = rng.choice(NO_RESELLER) if place.partner is None else place.partner
    return {
        "PartnerId": str(place.customer).upper(),
        "CustomerId": place.customer,
        "CustomerName": "Customer, with a comma; and more",
        "ResellerMpnId": partner,
        "SyndicationPartnerSubscriptionNumber": place.subscription,
        "OfferId": "0CCA44D6",
        "SubscriptionStartDate": rng.choice((None, line.first)),
        "SubscriptionEndDate": rng.choice((None, line.last, line.first - DAY)),
        "ChargeStartDate": line.first,
        "ChargeEndDate": line.last,
        "ChargeType": line.charge,
        "UnitPrice": rng.choice((None, Decimal("4.00"), Decimal("-1.234567"))),
        "Quantity": line.seats,
        "Amount": line.amount,
        "TotalOtherDiscount": rng.choice((None, Decimal("0.00"))),
        "Subtotal": rng.choice((None, amount)),
        "Tax": tax,
        "TotalForCustomer": rng.choice((None, amount + tax)),
        "Currency": "USD",
        "DomainName": "example.onmicrosoft.com",
        "SubscriptionName": 'The "best", they say',
        "SubscriptionDescription": rng.choice(("", "first line\nsecond line")),
        "BillingCycleType": rng.choice(("Monthly", "Annual", "")),
    }


def starts_before(turn: date) -> list[date]:
    """Return days to begin on: the boundaries of the campaign, up to *turn*."""
    around = days("01-01", "01-01", "01-02", "02-14", "05-30", "06-29", "06-30")
    return [day for day in around if day <= turn] or days("01-01")
