"""Kinds of partners that are paid, each at some boundary of what is asked of them."""

from __future__ import annotations

from pipelines.generation import accounts
from pipelines.generation.partners import (
    NO_DATE,
    Kinds,
    Partner,
    competency_row,
    proof_row,
    two_dates,
)
from pipelines.generation.timetable import DAY

KINDS = Kinds()


@KINDS.kind()
def sound_in_the_states(partner: Partner) -> None:
    """Nothing amiss; an account in the United States with a routing number."""
    account = accounts.routing_account(partner.chance, partner.mpn_id, partner.name)
    partner.accounts = [account | {"ChangedOn": partner.world.first_day}]


@KINDS.kind()
def sound_in_britain(partner: Partner) -> None:
    """Nothing amiss; an account with a British IBAN."""
    use_iban(partner, "GB")


@KINDS.kind()
def sound_in_germany(partner: Partner) -> None:
    """Nothing amiss; a German IBAN in small letters and groups of four."""
    use_iban(partner, "DE")
    iban = str(partner.accounts[0]["Iban"]).lower()
    groups = (iban[place : place + 4] for place in range(0, len(iban), 4))
    partner.accounts[0]["Iban"] = " ".join(groups)


def use_iban(partner: Partner, country: str) -> None:
    """Give the partner one account, with an IBAN of a country."""
    account = accounts.iban_account(
        partner.chance, partner.mpn_id, partner.name, country
    )
    partner.accounts = [account | {"ChangedOn": partner.world.first_day}]


@KINDS.kind()
def sound_by_bic(partner: Partner) -> None:
    """Nothing amiss; an account number and a BIC, and no IBAN."""
    account = accounts.bic_account(partner.chance, partner.mpn_id, partner.name)
    partner.accounts = [account | {"ChangedOn": partner.world.first_day}]


@KINDS.kind()
def named_like_a_formula(partner: Partner) -> None:
    """Nothing amiss; a name that a spreadsheet takes for a formula."""
    partner.name = f"+{partner.name}"
    partner.row["PartnerName"] = partner.name


@KINDS.kind(fits=two_dates)
def eligible_on_the_first_date(partner: Partner) -> None:
    """A member until the first eligibility date, which suffices."""
    partner.row["MpnActiveTo"] = partner.world.first_date


@KINDS.kind()
def eligible_on_the_last_date(partner: Partner) -> None:
    """A member and with an agreement from the last eligibility date on."""
    partner.row["MpnActiveFrom"] = partner.world.last_date
    partner.row["ResellerAgreementSignedOn"] = partner.world.last_date


@KINDS.kind(fits=lambda world: "At risk" in world.campaign.competency_statuses)
def competency_at_risk(partner: Partner) -> None:
    """A competency at risk, beside one that is only started."""
    partner.competencies = [
        competency_row(partner, Status="Started"),
        competency_row(partner, Status="at RISK"),
    ]


@KINDS.kind()
def competency_of_one_day(partner: Partner) -> None:
    """A competency, its name in capitals, on the last eligibility date alone."""
    row = partner.competencies[0]
    row["Competency"] = str(row["Competency"]).upper()
    row["ActiveFrom"] = row["ActiveTo"] = partner.world.last_date


@KINDS.kind()
def enrolled_on_the_last_day(partner: Partner) -> None:
    """Enrolled in the programme on the campaign's last day."""
    partner.row["CspIncentiveEnrolledOn"] = partner.world.last_day


@KINDS.kind()
def compliant_from_the_date(partner: Partner) -> None:
    """Non-compliant until the eve of the last eligibility date."""
    partner.row["NonCompliantFrom"] = partner.world.first_date - 100 * DAY
    partner.row["NonCompliantTo"] = partner.world.last_date - DAY


@KINDS.kind()
def compliant_until_the_end(partner: Partner) -> None:
    """Non-compliant from the day after the campaign's last."""
    partner.row["NonCompliantFrom"] = partner.world.last_day + DAY


@KINDS.kind()
def proof_on_the_due_date(partner: Partner) -> None:
    """A proof rejected, then one submitted on the last day and accepted."""
    due = partner.world.campaign.proof_due_on
    partner.proofs = [
        proof_row(partner, Status="Rejected"),
        proof_row(partner, SubmittedOn=due),
    ]


@KINDS.kind()
def listed_twice(partner: Partner) -> None:
    """In the list twice, at first without an agreement: the last row wins."""
    partner.earlier_rows.append(partner.row | {"ResellerAgreementSignedOn": None})


@KINDS.kind(is_lone=True)
def listed_in_a_faulty_row_too(partner: Partner) -> None:
    """In the list twice, once in a row that is quarantined: the sound one counts."""
    partner.earlier_rows.append(partner.row | {"MpnActiveFrom": NO_DATE})


@KINDS.kind()
def account_mended(partner: Partner) -> None:
    """Two accounts; the newer one, first in the file, is valid."""
    account = partner.accounts[0]
    old = account | {"Iban": "", "AccountNumber": "", "ChangedOn": None}
    partner.accounts = [account, old]
