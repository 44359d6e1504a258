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


def is_currency(code: str, on: date) -> bool:
    """Return whether *code* is money that is legal tender somewhere on that day.

    >>> from datetime import date
    >>> [is_currency(code, date(2019, 9, 27)) for code in ("USD", "ZZZ", "DEM")]
    [True, False, False]
    """
    return code in _currencies(on)


@cache
def _countries() -> frozenset[str]:
    from babel import Locale

    codes = {str(code) for code in Locale.parse("en").territories}
    # The others are three digits: parts of the world.
    return frozenset(code for code in codes if len(code) == 2) - NO_COUNTRIES  # noqa: PLR2004 - ISO 3166 alpha-2


@cache
def _currencies(on: date) -> frozenset[str]:
    from babel.numbers import get_territory_currencies

    return frozenset(
        currency
        for country in _countries()
        for currency in get_territory_currencies(country, on, on)
    )
