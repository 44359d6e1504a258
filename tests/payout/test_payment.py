"""What a payment file says, before it is written."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from tests.payout.batches import (
    PAYER_IBAN,
    PAYER_NUMBER,
    american_payer,
    beneficiary,
    payment,
    payment_file,
)


def test_count_and_control_sum_follow_from_the_payments() -> None:
    """No one can state another sum than what is paid."""
    file = payment_file(3)

    assert (file.count, file.control_sum) == (3, Decimal("12000.00"))
    assert str(payment_file(0).control_sum) == "0.00"


def test_payments_stand_in_the_order_of_partners_whatever_order_they_came_in() -> None:
    """The same batch is the same file."""
    payments = tuple(payment(number) for number in (2, 0, 1))

    assert payment_file(payments=payments) == payment_file(3)


def test_no_account_number_shows_when_a_payment_is_printed() -> None:
    """A repr ends up in logs and tracebacks, which account numbers must not."""
    file = payment_file(8)
    texts = [repr(file), repr(american_payer()), *map(repr, file.payments)]

    accounts = [
        paid.beneficiary.iban or paid.beneficiary.account_number or ""
        for paid in file.payments
    ]
    # Shorter ones could stand in any id by chance.
    numbers = {PAYER_IBAN, PAYER_NUMBER, *(a for a in accounts if len(a) > 5)}
    assert len(numbers) == 7
    assert not [text for text in texts if any(number in text for number in numbers)]


@pytest.mark.parametrize(
    ("account", "last4"),
    [
        ({"iban": "GB82WEST12345698765432"}, "5432"),
        ({"account_number": "98-76"}, "8-76"),
        ({"account_number": "1234"}, ""),
        ({"account_number": "55"}, ""),
        ({}, ""),
    ],
)
def test_the_last_four_characters_never_are_the_whole_account(
    account: dict[str, str], last4: str
) -> None:
    """A short number has nothing left to hide behind."""
    nobody = {"iban": None, "account_number": None}

    assert beneficiary(**nobody | account).account_last4 == last4


def test_a_payment_cannot_be_changed_after_it_was_made() -> None:
    """What was approved stays what it was."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        payment().amount = Decimal(1)  # type: ignore[misc]
