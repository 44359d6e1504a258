"""The kinds of partners: sound ones first, then one for each way to fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.generation import accounts
from pipelines.generation.cells import SURPLUS_CELL
from pipelines.generation.partners import (
    BELOW_KNOWN_RESELLER,
    Kinds,
    Partner,
    competency_row,
    proof_row,
)
from pipelines.generation.timetable import DAY
from pipelines.generation.world import PROVIDER_MPN_ID

if TYPE_CHECKING:
    from pipelines.generation.world import World

KINDS = Kinds()

ALL = " ".join(BELOW_KNOWN_RESELLER)
NO_DATE = "13/45/2019"


def two_dates(world: World) -> bool:
    """Tell whether there are two eligibility dates, about a month apart or more."""
    return world.has_two_dates


@KINDS.kind()
def sound_in_the_states(partner: Partner) -> None:
    """Nothing amiss; an account in the United States with a routing number."""
    account = accounts.routing_account(partner.chance, partner.mpn_id, partner.name)
    partner.accounts = [account | {"ChangedOn": partner.world.first_day}]


@KINDS.kind()
def sound_in_britain(partner: Partner) -> None:
    """Nothing amiss; an account with a British IBAN."""
    _iban(partner, "GB")


@KINDS.kind()
def sound_in_germany(partner: Partner) -> None:
    """Nothing amiss; a German IBAN in small letters and groups of four."""
    _iban(partner, "DE")
    iban = str(partner.accounts[0]["Iban"]).lower()
    groups = (iban[place : place + 4] for place in range(0, len(iban), 4))
    partner.accounts[0]["Iban"] = " ".join(groups)


def _iban(partner: Partner, country: str) -> None:
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
def competency_in_capitals(partner: Partner) -> None:
    """A competency whose name is in capitals."""
    row = partner.competencies[0]
    row["Competency"] = str(row["Competency"]).upper()


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


@KINDS.kind(failed=ALL)
def not_listed(partner: Partner) -> None:
    """Not in the list of partners."""
    partner.is_listed = False


@KINDS.kind(failed=ALL, is_lone=True, identity=PROVIDER_MPN_ID)
def the_provider_itself(partner: Partner) -> None:
    """The provider's own id, which is not in the list of partners."""
    partner.is_listed = False
    partner.competencies, partner.proofs, partner.accounts = [], [], []


@KINDS.kind(pending=ALL, is_lone=True)
def listed_in_quarantine(partner: Partner) -> None:
    """In the list of partners in a quarantined row alone."""
    partner.row["TaxProfileCompletedOn"] = NO_DATE


@KINDS.kind(failed="active_mpn")
def membership_lapsed(partner: Partner) -> None:
    """A member until the eve of the first eligibility date."""
    partner.row["MpnActiveTo"] = partner.world.first_date - DAY


@KINDS.kind(failed="active_mpn")
def membership_too_late(partner: Partner) -> None:
    """A member from the day after the last eligibility date."""
    partner.row["MpnActiveFrom"] = partner.world.last_date + DAY


@KINDS.kind(failed="active_mpn", fits=two_dates)
def membership_between(partner: Partner) -> None:
    """A member between the two eligibility dates, and on neither."""
    partner.row["MpnActiveFrom"] = partner.world.first_date + DAY
    partner.row["MpnActiveTo"] = partner.world.last_date - DAY


@KINDS.kind(failed="reseller_agreement")
def agreement_too_late(partner: Partner) -> None:
    """An agreement signed on the day after the last eligibility date."""
    partner.row["ResellerAgreementSignedOn"] = partner.world.last_date + DAY


@KINDS.kind(failed="reseller_agreement")
def agreement_missing(partner: Partner) -> None:
    """No agreement signed."""
    partner.row["ResellerAgreementSignedOn"] = None


@KINDS.kind(failed="eligible_competency")
def competency_missing(partner: Partner) -> None:
    """No competency at all."""
    partner.competencies = []


@KINDS.kind(failed="eligible_competency")
def competency_not_held(partner: Partner) -> None:
    """Competencies that are started and qualified, and not held."""
    held = {status.lower() for status in partner.world.campaign.competency_statuses}
    statuses = [s for s in ("Started", "Qualified") if s.lower() not in held]
    partner.competencies = [competency_row(partner, Status=s) for s in statuses]


@KINDS.kind(failed="eligible_competency")
def competency_not_on_the_list(partner: Partner) -> None:
    """A competency that the campaign does not list."""
    partner.competencies[0]["Competency"] = "Application Development (retired)"


@KINDS.kind(failed="eligible_competency")
def competency_expired(partner: Partner) -> None:
    """A competency that ended on the eve of the first eligibility date."""
    partner.competencies[0]["ActiveTo"] = partner.world.first_date - DAY


@KINDS.kind(failed="eligible_competency", is_lone=True)
def competency_in_quarantine(partner: Partner) -> None:
    """A competency in a quarantined row: a status that does not exist."""
    partner.competencies[0]["Status"] = "Expired"


@KINDS.kind(failed="program_enrolment")
def enrolled_too_late(partner: Partner) -> None:
    """Enrolled in the programme on the day after the campaign's last."""
    partner.row["CspIncentiveEnrolledOn"] = partner.world.last_day + DAY


@KINDS.kind(failed="program_enrolment")
def never_enrolled(partner: Partner) -> None:
    """Never enrolled in the programme."""
    partner.row["CspIncentiveEnrolledOn"] = None


@KINDS.kind(failed="in_compliance")
def non_compliant_at_the_end(partner: Partner) -> None:
    """Non-compliant from the campaign's last day on."""
    partner.row["NonCompliantFrom"] = partner.world.last_day


@KINDS.kind(failed="in_compliance", fits=two_dates)
def non_compliant_between(partner: Partner) -> None:
    """Eligible on the first date alone, and non-compliant some weeks later."""
    partner.row["MpnActiveTo"] = partner.world.first_date
    partner.row["NonCompliantFrom"] = partner.world.first_date + 10 * DAY
    partner.row["NonCompliantTo"] = partner.world.first_date + 20 * DAY


@KINDS.kind(failed="proof_of_performance")
def proof_too_late(partner: Partner) -> None:
    """A proof accepted that was submitted a day late."""
    due = partner.world.campaign.proof_due_on
    partner.proofs = [proof_row(partner, SubmittedOn=due + DAY)]


@KINDS.kind(failed="proof_of_performance")
def proof_rejected(partner: Partner) -> None:
    """A proof that was rejected, and one pending that was submitted a day late."""
    due = partner.world.campaign.proof_due_on
    partner.proofs = [
        proof_row(partner, Status="Rejected"),
        proof_row(partner, Status="Pending", SubmittedOn=due + DAY),
    ]


@KINDS.kind(failed="proof_of_performance")
def proof_missing(partner: Partner) -> None:
    """No proof of performance."""
    partner.proofs = []


@KINDS.kind(failed="proof_of_performance", is_lone=True)
def proof_in_quarantine(partner: Partner) -> None:
    """A proof in a quarantined row: a status that does not exist."""
    partner.proofs[0]["Status"] = "Approved"


@KINDS.kind(pending="proof_of_performance")
def proof_not_yet_judged(partner: Partner) -> None:
    """A proof submitted in time and still pending."""
    partner.proofs[0]["Status"] = "Pending"


@KINDS.kind(
    failed="reseller_agreement program_enrolment in_compliance proof_of_performance"
)
def nothing_done(partner: Partner) -> None:
    """No agreement, never enrolled, non-compliant, no proof."""
    partner.row["ResellerAgreementSignedOn"] = None
    partner.row["CspIncentiveEnrolledOn"] = None
    partner.row["NonCompliantFrom"] = partner.world.first_date
    partner.proofs = []


@KINDS.kind(holds="account_verified")
def account_not_verified(partner: Partner) -> None:
    """Its account in the programme is not verified."""
    partner.row["AccountVerifiedOn"] = None


@KINDS.kind(holds="terms_accepted")
def terms_not_accepted(partner: Partner) -> None:
    """The terms are not accepted."""
    partner.row["TermsAcceptedOn"] = None


@KINDS.kind(holds="payment_profile")
def no_payment_profile(partner: Partner) -> None:
    """No payment profile."""
    partner.row["PaymentProfileCompletedOn"] = None


@KINDS.kind(holds="tax_profile")
def tax_profile_to_come(partner: Partner) -> None:
    """A tax profile dated after everything that is known."""
    partner.row["TaxProfileCompletedOn"] = partner.world.campaign.pay_by_on + 90 * DAY


@KINDS.kind(holds="terms_accepted tax_profile bank_account")
def several_steps_missing(partner: Partner) -> None:
    """No terms accepted, no tax profile, no account."""
    partner.row["TermsAcceptedOn"] = None
    partner.row["TaxProfileCompletedOn"] = None
    partner.accounts = []


@KINDS.kind(holds="bank_account")
def no_account(partner: Partner) -> None:
    """No bank account."""
    partner.accounts = []


@KINDS.kind(holds="bank_account")
def iban_does_not_check(partner: Partner) -> None:
    """An IBAN with a digit wrong; a good account number beside it does not help."""
    _iban(partner, "GB")
    iban = str(partner.accounts[0]["Iban"])
    wrong = str((int(iban[-1]) + 1) % 10)
    account = {"Iban": iban[:-1] + wrong, "AccountNumber": "12345678"}
    partner.accounts[0] |= account | {"Bic": "XMPLGB2L"}


@KINDS.kind(holds="bank_account")
def routing_number_does_not_check(partner: Partner) -> None:
    """A routing number with a digit wrong."""
    sound_in_the_states(partner)
    routing = str(partner.accounts[0]["RoutingNumber"])
    wrong = str((int(routing[-1]) + 1) % 10)
    partner.accounts[0]["RoutingNumber"] = routing[:-1] + wrong


@KINDS.kind(holds="bank_account")
def account_without_town(partner: Partner) -> None:
    """An account whose holder has no town."""
    partner.accounts[0]["TownName"] = ""


@KINDS.kind(holds="bank_account")
def account_spoiled(partner: Partner) -> None:
    """Two accounts; the newer one, first in the file, is not valid."""
    account = partner.accounts[0]
    new = account | {
        "Iban": "",
        "AccountNumber": "",
        "ChangedOn": partner.world.last_day,
    }
    partner.accounts = [new, account]


@KINDS.kind(holds="bank_account", is_lone=True)
def account_in_quarantine(partner: Partner) -> None:
    """An account in a quarantined row alone: a cell too many."""
    partner.accounts[0][SURPLUS_CELL] = "surplus"
