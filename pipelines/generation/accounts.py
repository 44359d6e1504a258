"""Made-up bank accounts whose check digits are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.generation import names

if TYPE_CHECKING:
    from pipelines.generation.cells import Record
    from pipelines.generation.chance import Chance

# Town, post code, a bank that there is not, and the digits of an account, by country.
PLACES = {
    "GB": ("Leeds", "LS1 4DY", "XMPL", 14),
    "DE": ("Hamburg", "20095", "99999999", 10),
    "NL": ("Utrecht", "3511 AB", "XMPL", 10),
    "IE": ("Cork", "T12 X8N6", "XMPL", 14),
}
# Federal Reserve districts: the first two digits of a routing number.
DISTRICTS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
ROUTING_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7)


def iban_account(chance: Chance, mpn_id: str, name: str, country: str) -> Record:
    """Return an account with an IBAN of one of the places."""
    town, post_code, bank, digits = PLACES[country]
    iban = with_check_digits(country, bank + chance.digits(digits))
    return _account(chance, mpn_id, name) | {
        "Iban": iban,
        "BankName": f"Bank of {town}",
        "BankCountry": country,
        "Currency": {"GB": "GBP"}.get(country, "EUR"),
        "PostCode": post_code,
        "TownName": town,
        "Country": country,
    }


def routing_account(chance: Chance, mpn_id: str, name: str) -> Record:
    """Return an account in the United States, reached by a routing number."""
    return _account(chance, mpn_id, name) | {
        "AccountNumber": chance.digits(10),
        "RoutingNumber": routing_number(chance.pick(DISTRICTS) + chance.digits(6)),
        "BankName": "First Bank of Dayton",
        "BankCountry": "US",
        "Currency": "USD",
        "PostCode": "45402",
        "TownName": "Dayton",
        "Country": "US",
    }


def bic_account(chance: Chance, mpn_id: str, name: str) -> Record:
    """Return an account without an IBAN, reached by a BIC."""
    return routing_account(chance, mpn_id, name) | {
        "RoutingNumber": "",
        "Bic": f"XMPL{'US'}{chance.digits(2)}",
    }


def _account(chance: Chance, mpn_id: str, name: str) -> Record:
    return {
        "MpnId": mpn_id,
        "BeneficiaryName": name,
        "StreetName": chance.pick(names.STREETS),
        "BuildingNumber": str(chance.between(1, 240)),
    }


def with_check_digits(country: str, national: str) -> str:
    """Return the IBAN of a national part.

    >>> with_check_digits("GB", "WEST12345698765432")
    'GB82WEST12345698765432'
    """
    text = f"{national}{country}00"
    number = int("".join(str(int(letter, 36)) for letter in text))
    return f"{country}{98 - number % 97:02d}{national}"


def routing_number(first_eight: str) -> str:
    """Return eight digits with the ninth that checks them.

    >>> routing_number("02100002")
    '021000021'
    """
    pairs = zip(ROUTING_WEIGHTS, first_eight, strict=True)
    total = sum(weight * int(digit) for weight, digit in pairs)
    return f"{first_eight}{-total % 10}"
