"""Amounts: whole cents in the ledger, two decimals everywhere else; never a float."""

from __future__ import annotations

from decimal import Decimal

CENT = Decimal("0.01")


def cents_of(amount: Decimal) -> int:
    """Return an amount in whole cents.

    >>> cents_of(Decimal("2000.00"))
    200000
    """
    cents = amount.scaleb(2)
    if cents != cents.to_integral_value():
        message = f"{amount} is not an amount of whole cents"
        raise ValueError(message)
    return int(cents)


def amount_of(cents: int) -> Decimal:
    """Return whole cents as an amount with two decimals.

    >>> amount_of(200000), amount_of(-5)
    (Decimal('2000.00'), Decimal('-0.05'))
    """
    return (Decimal(cents) * CENT).quantize(CENT)


def shown(cents: int) -> str:
    """Return an amount as JSON and messages have it.

    >>> shown(200000)
    '2000.00'
    """
    return str(amount_of(cents))
