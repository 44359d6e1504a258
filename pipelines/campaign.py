"""Load a campaign: its terms as plain typed values, or one clear refusal."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pipelines import paths
from pipelines.banking_days import CALENDARS, last_banking_day
from pipelines.campaign_changes import changed
from pipelines.campaign_checks import family_faults, faults
from pipelines.campaign_faults import schema_refusal
from pipelines.campaign_file import CampaignFile, cause, shown
from pipelines.campaign_schema import AcceptedCompetency, Hold, Rule, Terms
from pipelines.campaign_tables import campaign_tables
from pipelines.campaign_yaml import parse
from pipelines.errors import CampaignError
from pipelines.sku_catalog import SkuCatalog, read_sku_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

__all__ = [
    "Campaign",
    "campaign_tables",
    "known_campaigns",
    "load_campaign",
    "recorded_campaign",
]


@dataclass(frozen=True)
class Campaign:
    """One campaign: what is paid, to whom, when, and by which clause.

    ``digest`` names the terms and the catalogue: two files that differ in comments,
    notes, layout or place have the same one.
    """

    path: Path
    campaign_id: str
    title: str
    provider: str
    first_day: date
    last_day: date
    cut_off_on: date
    proof_due_on: date
    pay_by_on: date
    payment_calendar: str
    minimum_seats: int
    reward_amount: Decimal
    minimum_payout_amount: Decimal
    currency: str
    segment: str
    eligibility_dates: tuple[date, ...]
    competencies: tuple[AcceptedCompetency, ...]
    competency_levels: tuple[str, ...]
    competency_statuses: tuple[str, ...]
    families: tuple[str, ...]
    rules: tuple[Rule, ...]
    holds: tuple[Hold, ...]
    clauses: Mapping[str, str]
    catalog: SkuCatalog
    terms: Terms

    @property
    def catalog_path(self) -> Path:
        """The file of the SKU catalogue."""
        return self.catalog.path

    @property
    def digest(self) -> str:
        """SHA-256 of all terms and of the catalogue's bytes."""
        terms = self.as_dict()
        # Where the catalogue lies is no term; what it holds is.
        terms["products"]["catalog"]["value"] = self.catalog.sha256
        text = json.dumps(
            terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Return the terms as plain JSON values, in the shape of a campaign file."""
        found: dict[str, Any] = _without_notes(
            self.terms.model_dump(mode="json", exclude_none=True)
        )
        return found


def load_campaign(
    id_or_path: str | Path, changes: Mapping[str, str] | None = None
) -> Campaign:
    """Return the campaign of that id or file, with *changes* to some settings.

    A change is a dotted key with its new value as YAML: ``{"seats.minimum": "20"}``.

    Raises:
        CampaignError: The campaign is not known, or its file is not valid.
    """
    file = changed(parse(campaign_path(id_or_path)), changes or {})
    terms = _terms(file)
    return _campaign(file, terms, _catalog(file, terms))


def recorded_campaign(
    recorded: Mapping[str, Any],
    catalog: SkuCatalog,
    path: Path,
    changes: Mapping[str, str] | None = None,
) -> Campaign:
    """Return the campaign whose terms the manifest at *path* records.

    *changes* are as in ``load_campaign``, but for the catalogue, which is given.

    Raises:
        CampaignError: this version cannot read the terms, or a change is not valid.
    """
    file = changed(CampaignFile(path, _as_texts(recorded)), changes or {})
    return _campaign(file, _terms(file), catalog)


def _terms(file: CampaignFile) -> Terms:
    try:
        terms = Terms.model_validate(file.tree)
    except ValidationError as error:
        raise schema_refusal(file, error) from error
    for fault in faults(terms):
        raise file.refuse(*fault)
    return terms


def known_campaigns() -> list[str]:
    """Return the ids of the campaigns that ship with the project."""
    return sorted(path.stem for path in paths.CAMPAIGNS_DIR.glob("*.yaml"))


def campaign_path(id_or_path: str | Path) -> Path:
    """Return the file of a campaign given by its id or by a path."""
    if isinstance(id_or_path, str) and id_or_path in known_campaigns():
        return paths.CAMPAIGNS_DIR / f"{id_or_path}.yaml"
    looks_like_a_path = "/" in str(id_or_path) or "." in str(id_or_path)
    if isinstance(id_or_path, str) and not looks_like_a_path:
        raise CampaignError(
            f"there is no campaign {shown(id_or_path)}; no run was started: name one "
            f"of {', '.join(known_campaigns())}, or the path of a campaign file."
        )
    return Path(id_or_path)


def _campaign(file: CampaignFile, terms: Terms, catalog: SkuCatalog) -> Campaign:
    for fault in family_faults(terms, catalog):
        raise file.refuse(*fault)
    window, competencies = terms.window, terms.competencies
    return Campaign(
        path=file.path,
        campaign_id=terms.campaign_id,
        title=terms.title.value,
        provider=terms.provider.value,
        first_day=window.first_day.value,
        last_day=window.last_day.value,
        cut_off_on=window.cut_off.value,
        proof_due_on=terms.proof_of_performance.due_on.value,
        pay_by_on=_pay_by_on(file, terms),
        payment_calendar=terms.payment.calendar.value,
        minimum_seats=terms.seats.minimum.value,
        reward_amount=terms.reward.amount_per_customer.value,
        minimum_payout_amount=terms.minimum_payout.amount.value,
        currency=terms.reward.currency.value,
        segment=terms.customer.segment.value,
        eligibility_dates=tuple(
            term.value for term in terms.eligibility.dates().values()
        ),
        competencies=competencies.accepted,
        competency_levels=competencies.levels.value,
        competency_statuses=competencies.statuses.value,
        families=tuple(family.lower() for family in terms.products.families.value),
        rules=terms.rules,
        holds=terms.holds,
        clauses=terms.clauses,
        catalog=catalog,
        terms=terms,
    )


def _pay_by_on(file: CampaignFile, terms: Terms) -> date:
    calendar, last_day = terms.payment.calendar.value, terms.window.last_day.value
    if calendar not in CALENDARS:
        raise file.refuse(
            ("payment", "calendar"),
            f"the banking calendar {calendar!r} is not known",
            f"use one of {', '.join(CALENDARS)}",
        )
    within = timedelta(days=terms.payment.within_days.value)
    pay_by_on = last_banking_day(last_day + within, calendar)
    if pay_by_on < last_day:
        raise file.refuse(
            ("payment", "within_days"),
            f"the last day to pay, {pay_by_on}, is before the last day, {last_day}",
            "give more days",
        )
    return pay_by_on


def _catalog(file: CampaignFile, terms: Terms) -> SkuCatalog:
    path = file.path.parent / terms.products.catalog.value
    try:
        catalog = read_sku_catalog(path)
    except (OSError, ValueError) as error:
        raise file.refuse(
            ("products", "catalog"),
            f"the SKU catalogue {path} cannot be read ({cause(error)})",
            "correct the path, which starts at the campaign file's folder",
        ) from error
    return catalog


def _as_texts(node: Any) -> Any:
    """Return *node* with every scalar as text, as a campaign file is read."""
    if isinstance(node, dict):
        return {key: _as_texts(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_texts(value) for value in node]
    return str(node)


def _without_notes(node: Any) -> Any:
    """Return *node* without the notes; they explain a term and change nothing."""
    if isinstance(node, dict):
        return {
            key: _without_notes(value) for key, value in node.items() if key != "note"
        }
    if isinstance(node, list):
        return [_without_notes(value) for value in node]
    return node
