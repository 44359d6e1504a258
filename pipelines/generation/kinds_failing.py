"""Kinds of partners with a rule that fails or is pending, one kind for each way."""

from __future__ import annotations

from pipelines.generation.partners import (
    BELOW_KNOWN_RESELLER,
    NO_DATE,
    Kinds,
    Partner,
    competency_row,
    proof_row,
    two_dates,
)
from pipelines.generation.timetable import DAY
from pipelines.generation.world import PROVIDER_MPN_ID

KINDS = Kinds()

ALL = " ".join(BELOW_KNOWN_RESELLER)


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
