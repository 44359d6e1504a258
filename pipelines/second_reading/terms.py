"""The terms of a campaign as plain values; the defaults are those of 2019."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

FISCAL_YEAR_2019 = date(2018, 7, 1)
HOLDS = (
    "account_verified",
    "terms_accepted",
    "payment_profile",
    "tax_profile",
    "bank_account",
)


def _competencies_of_2019() -> dict[str, date | None]:
    """Name the eleven competencies of clause O4, and the day each is admitted."""
    return {
        "cloud business applications": FISCAL_YEAR_2019,
        "cloud customer relationship management": None,
        "cloud platform": None,
        "cloud productivity": None,
        "data analytics": None,
        "data platform": None,
        "enterprise mobility management": None,
        "enterprise resource planning": date(2018, 10, 1),
        "isv": FISCAL_YEAR_2019,
        "small and midmarket cloud solutions": None,
        "windows and devices": None,
    }


@dataclass(frozen=True)
class Readings:
    """How the page is read where it can be read in several ways."""

    required_of: str = "billed_and_assigned"
    scope: str = "across_products"
    team_members: str = "not_counted"
    zero_amount: str = "not_billed"
    identity: str = "tenant"
    partner_scope: str = "any_partner"
    attribution: str = "onboarding_partner"


@dataclass(frozen=True)
class Terms:
    """One campaign; names of lists are in lower case, since they match in any case."""

    campaign_id: str = "d365-smb-2019"
    first_day: date = date(2019, 1, 1)
    last_day: date = date(2019, 6, 30)
    cut_off: date = date(2019, 8, 15)
    proof_due: date = date(2019, 7, 31)
    minimum_seats: int = 15
    reward: Decimal = Decimal("2000.00")
    minimum_payout: Decimal = Decimal("2000.00")
    eligibility_dates: tuple[date, ...] = (date(2019, 1, 1), date(2019, 5, 30))
    segment: str = "smb"
    competencies: Mapping[str, date | None] = field(
        default_factory=_competencies_of_2019
    )
    levels: tuple[str, ...] = ("gold", "silver")
    statuses: tuple[str, ...] = ("active", "at risk")
    currency: str = "USD"
    # The families of the catalogue whose seats count; None: all of them.
    families: frozenset[str] | None = None
    holds: tuple[str, ...] = HOLDS
    clauses: Mapping[str, str] = field(default_factory=dict)
    pay_within_days: int = 90
    readings: Readings = field(default_factory=Readings)

    def measured_on(self, as_of: date) -> date:
        """Return the measured date: the earlier of *as_of* and the last day."""
        return min(as_of, self.last_day)

    def is_final(self, as_of: date, known_at: date) -> bool:
        """Tell whether a shortfall can no longer be cured (section 6)."""
        return as_of >= self.last_day and known_at >= self.cut_off
