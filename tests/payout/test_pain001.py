"""A batch as the message that orders the bank to pay."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError
from pipelines.payout.pain001 import render
from pipelines.payout.pain001_reading import read_payment_file
from pipelines.payout.pain001_schema import schema_faults
from pipelines.payout.payment_faults import payment_file_faults
from pipelines.payout.payout_csv import render_csv
from tests.payout.batches import (
    PAYER_NUMBER,
    american_payer,
    beneficiary,
    payer,
    payment,
    payment_file,
)

DIGEST_OF_FORTY = (
    "from hashlib import sha256\n"
    "from pipelines.payout.pain001 import render\n"
    "from tests.payout.batches import payment_file\n"
    "print(sha256(render(payment_file(40))).hexdigest())"
)


@pytest.mark.parametrize("count", [1, 40, 10_000])
def test_a_batch_of_any_size_is_valid_and_without_fault(count: int) -> None:
    """By the schema of ISO, and by what the schema does not see."""
    file = payment_file(count)
    xml = render(file)

    assert payment_file_faults(xml, file, pay_by=file.execution_date) == []
    assert len(read_payment_file(xml).payments) == count


def test_the_payer_may_have_an_american_account() -> None:
    """A number and a routing number, where no IBAN exists."""
    file = payment_file(payer=american_payer())
    read = read_payment_file(render(file))

    assert payment_file_faults(render(file), file) == []
    assert read.payer.account_number == PAYER_NUMBER
    assert (read.payer.bic, read.payer.clearing_member_id) == ("CHASUS33", "021000021")


def test_the_same_batch_is_the_same_bytes_in_another_process() -> None:
    """Under other hash seeds and time zones, the order of payments included."""
    digests = {
        subprocess.run(  # noqa: S603 - our own interpreter, our own words
            [sys.executable, "-c", DIGEST_OF_FORTY],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Kathmandu"))
    }

    assert len(digests) == 1


def test_every_value_comes_back_as_it_was_decided() -> None:
    """What the bank reads is what was decided, for each way to reach an account."""
    file = payment_file(40)
    read = read_payment_file(render(file))

    assert (read.message_id, read.payment_block_id) == (file.message_id,) * 2
    assert read.created_at == "2019-09-20T09:30:00+00:00"
    assert read.execution_date == "2019-09-27"
    assert read.counts == ("40", "40")
    assert read.control_sums == (str(file.control_sum),) * 2
    assert (read.charges, read.service_level) == ("DEBT", "URGP")
    for found, decided in zip(read.payments, file.payments, strict=True):
        assert found.end_to_end_id == found.instruction_id == decided.end_to_end_id
        assert found.uetr == decided.uetr
        assert Decimal(found.amount) == decided.amount
        assert (found.currency, found.purpose) == ("USD", "REBT")
        account, creditor = found.beneficiary, decided.beneficiary
        assert account.iban == (creditor.iban or "")
        assert account.account_number == (creditor.account_number or "")
        assert account.bic == (creditor.bic or "")
        assert account.clearing_member_id == (creditor.routing_number or "")
        assert account.country == creditor.country


def test_one_message_looks_as_the_bank_expects_it() -> None:
    """The whole of one, for people; a change of any element shows here."""
    found = render(payment_file())

    expected = Path(__file__).parents[1] / "data/payout/one-payment.xml"
    assert found.decode() == expected.read_text(encoding="utf-8")


def test_a_name_of_any_script_is_written_in_the_letters_of_banks() -> None:
    """And one that is too long is cut, not refused."""
    names = ["Contoso & Söhne", "北京科技", "Œuvre 🚀 Ltd", "x" * 200]
    payments = tuple(
        payment(number, beneficiary=beneficiary(number, name=name))
        for number, name in enumerate(names)
    )
    file = payment_file(payments=payments)

    read = read_payment_file(render(file))
    assert [one.beneficiary.name for one in read.payments] == [
        "Contoso + Sohne",
        "Bei Jing Ke Ji",
        "OEuvre Ltd",
        "x" * 140,
    ]
    assert payment_file_faults(render(file), file) == []


def test_markup_in_a_name_stays_a_name() -> None:
    """Nobody writes elements into the file by the name of a street."""
    evil = "</Nm><Amt>1</Amt>&quot;<![CDATA[x"
    names = {"name": evil, "street_name": evil, "town_name": evil}
    file = payment_file(payments=(payment(beneficiary=beneficiary(**names)),))

    read = read_payment_file(render(file))
    assert payment_file_faults(render(file), file) == []
    assert [one.amount for one in read.payments] == ["2000.00"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=200), min_size=5, max_size=5))
def test_no_text_of_a_sender_makes_an_invalid_file(texts: list[str]) -> None:
    """The schema holds whatever a name, an address or a remittance is."""
    name, street, number, post_code, remittance = texts
    account = beneficiary(
        name=f"A{name}",
        street_name=street,
        building_number=number,
        post_code=post_code,
    )
    file = payment_file(payments=(payment(beneficiary=account, remittance=remittance),))

    assert payment_file_faults(render(file), file) == []


def test_an_iban_needs_no_bank_beside_it() -> None:
    """And a bank that is not known is not written as an empty one."""
    file = payment_file(payments=(payment(beneficiary=beneficiary(1)),))

    assert b"CdtrAgt" not in render(file)
    assert payment_file_faults(render(file), file) == []


@pytest.mark.parametrize(
    "amount", ["2000.005", "0.001", "NaN", "Infinity", "1999.999999999"]
)
def test_an_amount_that_is_not_whole_cents_is_refused_not_rounded(amount: str) -> None:
    """A rounded amount is not what was decided."""
    file = payment_file(payments=(payment(amount=Decimal(amount)),))

    for write in (render, render_csv):
        with pytest.raises(DataError, match="not one of whole cents, so no file"):
            write(file)


def test_a_batch_without_payments_makes_no_file() -> None:
    """An empty file would still be approved, released and asked about."""
    with pytest.raises(DataError, match="batch batch-1 has no payment"):
        render(payment_file(0))


def test_a_time_without_a_zone_is_refused() -> None:
    """Two machines would write two moments for it."""
    local = dt.datetime(2019, 9, 20, 9, 30)  # noqa: DTZ001 - that is the point

    with pytest.raises(DataError, match="a time without a zone"):
        render(payment_file(created_at=local))


def test_a_fault_of_the_schema_names_the_place_and_no_value() -> None:
    """The value may be an account."""
    iban = "GB82WEST1234569876543212345678901234567890"
    file = payment_file(payments=(payment(beneficiary=beneficiary(1, iban=iban)),))

    faults = schema_faults(render(file))
    assert len(faults) == 1
    assert "IBAN breaks the pattern of the schema" in faults[0]
    assert "GB82" not in faults[0]


def test_a_file_of_another_kind_is_not_valid() -> None:
    """Only pain.001.001.09 is."""
    old = render(payment_file()).replace(b"pain.001.001.09", b"pain.001.001.03")

    assert schema_faults(old) != []


def test_an_incomplete_payer_is_a_fault() -> None:
    """The payer is a setting, and settings may be wrong."""
    nobody = payer(iban=None, bic=None)
    file = payment_file(payer=nobody)

    faults = payment_file_faults(render(file), file)
    assert "the payer: neither an IBAN nor an account number is given" in faults
    assert "the payer: the bank has neither a BIC nor a US routing number" in faults
