"""What is fixed for a whole made-up campaign: its terms, days, products, provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.generation.chance import Chance
from pipelines.generation.products import Products
from pipelines.generation.timetable import Timetable

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.campaign import Campaign

PROVIDER_MPN_ID = "1234900"
PROVIDER_TENANT = "8F3C0A52-6D1B-4E77-9A40-2B9E5C7D1F08"


@dataclass(frozen=True)
class World:
    """One campaign with its seed, and everything that follows from the two."""

    campaign: Campaign
    seed: int
    table: Timetable
    products: Products

    @classmethod
    def of(cls, campaign: Campaign, seed: int) -> World:
        """Return the world of a campaign and a seed."""
        return cls(campaign, seed, Timetable.of(campaign), Products.of(campaign))

    def chance(self, *subject: object) -> Chance:
        """Return the draws of one subject."""
        return Chance(self.seed, *subject)

    @property
    def minimum(self) -> int:
        """The seats that a customer needs."""
        return self.campaign.minimum_seats

    @property
    def first_day(self) -> dt.date:
        """The campaign's first day."""
        return self.campaign.first_day

    @property
    def last_day(self) -> dt.date:
        """The campaign's last day, on which a final run measures."""
        return self.campaign.last_day

    @property
    def first_date(self) -> dt.date:
        """The first eligibility date."""
        return self.campaign.eligibility_dates[0]

    @property
    def last_date(self) -> dt.date:
        """The last eligibility date."""
        return self.campaign.eligibility_dates[-1]

    @property
    def has_two_dates(self) -> bool:
        """Whether there are two eligibility dates, days apart."""
        dates = self.campaign.eligibility_dates
        return len(dates) == 2 and (dates[1] - dates[0]).days > 30  # noqa: PLR2004 - about a month between them
