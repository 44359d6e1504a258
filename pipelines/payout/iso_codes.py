"""Which countries and currencies there are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

# Codes that name more, or less, than a country; Kosovo's XK is used by banks.
NO_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)


def is_country(code: str) -> bool:
    """Return whether *code* names a country, as ISO 3166 writes it.

    >>> is_country("GB"), is_country("gb"), is_country("UK"), is_country("EU")
    (True, False, False, False)
    """
    return code in _countries()


def country_code(text: str) -> str | None:
    """Return the code of the country that *text* names; None if it names none.

    >>> country_code("gb"), country_code("United Kingdom"), country_code("Ruritania")
    ('GB', 'GB', None)
    """
    code = text.strip().upper()
    return code if is_country(code) else _codes_of_names().get(code)


def is_currency(code: str, on: date) -> bool:
    """Return whether *code* is money that is legal tender somewhere on that day.

    >>> from datetime import date
    >>> [is_currency(code, date(2019, 9, 27)) for code in ("USD", "HRK", "ZZZ", "DEM")]
    [True, True, False, False]
    """
    return code in _currencies(on)


@cache
def _countries() -> dict[str, str]:
    """Return the English name of each country by its code."""
    from babel import Locale

    names = {
        str(code): str(name) for code, name in Locale.parse("en").territories.items()
    }
    return {
        str(code): str(name)
        for code, name in names.items()
        # The others are parts of the world, in three digits.
        if str(code).isalpha() and code not in NO_COUNTRIES
    }


@cache
def _codes_of_names() -> dict[str, str]:
    return {name.upper(): code for code, name in _countries().items()}


@cache
def _currencies(on: date) -> frozenset[str]:
    from babel.numbers import get_territory_currencies

    return frozenset(
        currency
        for country in _countries()
        for currency in get_territory_currencies(country, on, on)
    )
