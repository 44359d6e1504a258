"""Whether money can be wired to a bank account (section 7, last paragraph)."""

import re

from pipelines.second_reading.reading import Row

BIC = re.compile("[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")

# ISO 13616: how long an IBAN of each country is, check digits and country included.
LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
LENGTH_OF = {
    country: length
    for length, countries in LENGTHS.items()
    for country in countries.split()
}


def is_payable(account: Row | None) -> bool:
    """Tell whether *account* is valid: who, where, and one way to reach it."""
    if account is None:
        return False
    if not all(account[part] for part in ("BeneficiaryName", "TownName", "Country")):
        return False
    if account["Iban"]:
        return is_iban(account["Iban"])
    reachable = is_bic(account["Bic"]) or is_routing_number(account["RoutingNumber"])
    return bool(account["AccountNumber"]) and reachable


def is_iban(text: str) -> bool:
    """Check the characters, the country's length and the remainder of 97.

    >>> is_iban("gb82 west 1234 5698 7654 32"), is_iban("GB83WEST12345698765432")
    (True, False)
    """
    iban = text.replace(" ", "")
    if not re.fullmatch("[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]+", iban):
        return False
    iban = iban.upper()
    if len(iban) != LENGTH_OF.get(iban[:2]):
        return False
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def is_bic(text: str | None) -> bool:
    """Check the form of a BIC, which is written in capitals."""
    return BIC.fullmatch(text or "") is not None


def is_routing_number(text: str | None) -> bool:
    """Check nine digits, not all 0, with the weights 3, 7 and 1.

    >>> is_routing_number("021000021"), is_routing_number("000000000")
    (True, False)
    """
    digits = text or ""
    if not re.fullmatch("[0-9]{9}", digits) or set(digits) == {"0"}:
        return False
    weighted = zip(digits, (3, 7, 1) * 3, strict=True)
    return sum(int(digit) * weight for digit, weight in weighted) % 10 == 0
