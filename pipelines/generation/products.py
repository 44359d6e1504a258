"""What made-up customers buy: offers of the campaign's catalogue, and others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import CampaignError
from pipelines.generation.chance import Chance

if TYPE_CHECKING:
    from pipelines.campaign import Campaign
    from pipelines.sku_catalog import Offer

# Monthly prices of one licence in cents, by a part of the name; the first that fits.
PRICES = (
    ("Team Member", 640),
    ("External Accountant", 1_000),
    ("Business Central Premium", 8_000),
    ("Business Central", 5_600),
    ("Sales Professional", 5_200),
    ("Customer Service Professional", 4_000),
    ("Sales Enterprise Device", 11_600),
    ("Sales", 7_600),
    ("Customer Engagement Plan", 9_200),
    ("Customer Service", 7_600),
)
DEFAULT_PRICE = 4_200

# Parts of the names of offers that only some customers may buy.
FOR_SOME_ONLY = ("Qualified Offer", "Nonprofit", "Add-O", "Add-o", "Tier ")

# Offers of other product lines, as they stand beside Dynamics 365 in every invoice.
OTHER_PRODUCTS = (
    ("031c9e47-4802-4248-838e-778fb1d2cc05", "Office 365 Business Premium", 1_000),
    ("bd938f12-058f-4927-bba3-ae36b1d2501c", "Office 365 Business Essentials", 400),
    ("796b6b5f-613c-4e24-a17c-eba730d49c02", "Office 365 Enterprise E3", 1_600),
    ("91fd106f-4b2c-4938-95ac-f54f74e9a239", "Office 365 Enterprise E1", 640),
    ("195416c1-3447-423a-b37b-ee59a99a19c4", "Exchange Online (Plan 1)", 320),
    ("79c29af7-3cd0-4a6f-b182-a81e31dec84e", "Enterprise Mobility + Security E3", 704),
    ("16c9f982-a827-4003-a88e-e75df1927f27", "Azure Active Directory Premium P1", 480),
    ("5c9fd4cc-edce-44a8-8e91-07df09744609", "Microsoft 365 Business", 1_600),
)


@dataclass(frozen=True)
class Product:
    """One offer with the price of one licence for a month, in cents."""

    durable_offer_id: str
    name: str
    unit_cents: int
    offer_id: str


@dataclass(frozen=True)
class Products:
    """The offers of one campaign, by what they mean to it.

    ``seats`` count; ``purchases`` make a customer an old one and are no seats;
    ``trials`` are neither; ``others`` are not in the catalogue at all.
    """

    seats: tuple[Product, ...]
    purchases: tuple[Product, ...]
    trials: tuple[Product, ...]
    others: tuple[Product, ...]

    @classmethod
    def of(cls, campaign: Campaign) -> Products:
        """Return the offers of the campaign's catalogue.

        Raises:
            CampaignError: no offer of the catalogue counts as a seat.
        """
        offers = campaign.catalog.offers
        counting = [o for o in offers if o.counts_as_seat]
        seats = [o for o in counting if o.family in campaign.families]
        if not seats:
            message = (
                f"no offer of {campaign.catalog_path} counts as a seat of campaign "
                f"{campaign.campaign_id}; nothing was generated: name a family of the "
                "catalogue in products.families."
            )
            raise CampaignError(message)
        known = {offer.durable_offer_id for offer in offers}
        return cls(
            _products(seats),
            _products([o for o in offers if o.is_purchase and o not in seats]),
            _products([o for o in offers if not o.is_purchase and o not in seats]),
            tuple(_other(*facts) for facts in OTHER_PRODUCTS if facts[0] not in known),
        )


def _products(offers: list[Offer]) -> tuple[Product, ...]:
    """Return the offers that everybody may buy, or all where there is no such."""
    open_to_all = [
        offer
        for offer in offers
        if not any(part in offer.offer_name for part in FOR_SOME_ONLY)
    ]
    return tuple(
        _other(offer.durable_offer_id, offer.offer_name, _price(offer.offer_name))
        for offer in open_to_all or offers
    )


def _price(name: str) -> int:
    return next((cents for part, cents in PRICES if part in name), DEFAULT_PRICE)


def _other(durable_offer_id: str, name: str, unit_cents: int) -> Product:
    offer_id = Chance("offer", durable_offer_id).guid().upper()
    return Product(durable_offer_id, name, unit_cents, offer_id)
