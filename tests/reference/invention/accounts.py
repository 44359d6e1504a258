"""Made-up bank accounts: ways to reach them that check, and ways that nearly do."""

import random

from .values import Raw, Record, chance, days

CHANGES = days("05-29", "05-30", "05-31")
GOOD_WAYS = (
    {"Iban": "GB82WEST12345698765432"},
    {"Iban": "de89 3704 0044 0532 0130 00"},
    {"Iban": "NL91ABNA0417164300", "Bic": "no bic"},
    {"AccountNumber": "000123456", "Bic": "DEUTDEFF"},
    {"AccountNumber": "98-76", "Bic": "CHASUS33XXX"},
    {"AccountNumber": "12345", "RoutingNumber": "021000021"},
)
BAD_WAYS = (
    {"Iban": "GB83WEST12345698765432", "AccountNumber": "1", "Bic": "DEUTDEFF"},
    # The check digits of these two are right: the length is not, the country is none.
    {"Iban": "GB49WEST123456987654321"},
    {"Iban": "ZZ33WEST12345698765432"},
    {"AccountNumber": "000123456", "Bic": "DEUTDEF"},
    {"AccountNumber": "000123456", "Bic": "DEUT1EFF"},
    {"AccountNumber": "12345", "RoutingNumber": "021000022"},
    {"AccountNumber": "12345", "RoutingNumber": "000000000"},
    {"AccountNumber": "12345", "RoutingNumber": "21000021"},
    {"AccountNumber": "12345", "Bic": "deutdeff"},
    {"Bic": "DEUTDEFF"},
    {"RoutingNumber": "021000021"},
    {},
)


def new_account(rng: random.Random, number: str, *, sound: bool) -> Record:
    """Return a row of `bank_accounts`, valid if it is to be *sound*."""
    row: Record = {
        "MpnId": number,
        "BeneficiaryName": "Someone & Co",
        "BankName": "A bank",
        "BankCountry": "GB",
        "Currency": rng.choice(("USD", "GBP")),
        "StreetName": "High Street",
        "BuildingNumber": "1a",
        "PostCode": "AB1 2CD",
        "TownName": "Hull",
        "Country": "GB",
        "ChangedOn": rng.choice([None, *CHANGES]),
    }
    ways = GOOD_WAYS if sound or chance(rng, 0.4) else BAD_WAYS
    row |= {column: Raw(text) for column, text in rng.choice(ways).items()}
    if not sound and chance(rng, 0.25):
        row[rng.choice(("BeneficiaryName", "TownName", "Country"))] = None
    return row
