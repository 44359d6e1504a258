"""Kinds of partners that pass every rule and cannot be paid yet."""

from __future__ import annotations

from pipelines.generation.cells import SURPLUS_CELL
from pipelines.generation.kinds_sound import sound_in_the_states, use_iban
from pipelines.generation.partners import Kinds, Partner
from pipelines.generation.timetable import DAY

KINDS = Kinds()


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
    use_iban(partner, "GB")
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
