"""The list that people approve."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dictionary import meanings
from pipelines.payout.payout_csv import harmless, render_csv
from tests.payout.batches import payment, payment_file

HEADER = (
    "batch_id,end_to_end_id,partner_id,partner_name,qualified_customers,amount,"
    "currency,execution_date,account_last4"
)


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows as any reader of CSV has them."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_every_column_of_the_list_is_described() -> None:
    """In the dictionary, in this order."""
    assert list(meanings("payout.csv")) == HEADER.split(",")


def test_the_list_has_a_row_for_each_payment_and_no_account() -> None:
    """Enough of an account to compare it, not enough to use it."""
    content = render_csv(payment_file(2))

    assert content.decode().split("\n")[0] == HEADER
    assert rows_of(content) == [
        {
            "batch_id": "batch-1",
            "end_to_end_id": payment(0).end_to_end_id,
            "partner_id": "4800000",
            "partner_name": "Contoso & Söhne",
            "qualified_customers": "1",
            "amount": "2000.00",
            "currency": "USD",
            "execution_date": "2019-09-27",
            "account_last4": "6789",
        },
        {
            "batch_id": "batch-1",
            "end_to_end_id": payment(1).end_to_end_id,
            "partner_id": "4800001",
            "partner_name": "Fabrikam, Inc.",
            "qualified_customers": "2",
            "amount": "4000.00",
            "currency": "USD",
            "execution_date": "2019-09-27",
            "account_last4": "5432",
        },
    ]


def test_the_same_batch_is_the_same_list() -> None:
    """Whatever order its payments came in."""
    shuffled = payment_file(payments=tuple(payment(n) for n in (3, 1, 2, 0)))

    assert render_csv(shuffled) == render_csv(payment_file(4))


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://evil.example","Contoso")',
        "+1+1",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "\uff1d1+1",
    ],
)
def test_a_name_that_is_a_formula_is_not_run(name: str) -> None:
    """A spreadsheet would send the list to whoever wrote the name."""
    file = payment_file(payments=(payment(partner_name=name, partner_id=name),))
    (row,) = rows_of(render_csv(file))

    assert row["partner_name"] == row["partner_id"] == f"'{name}"


@given(st.text(), st.text())
def test_any_name_comes_back_from_the_list_in_one_cell(name: str, other: str) -> None:
    """Quotes, commas and line breaks move no amount into another column."""
    file = payment_file(
        payments=(payment(0, partner_name=name), payment(1, partner_name=other))
    )
    rows = rows_of(render_csv(file))

    assert [row["partner_name"] for row in rows] == [harmless(name), harmless(other)]
    assert [row["amount"] for row in rows] == ["2000.00", "4000.00"]
    assert not any(row["partner_name"].startswith(tuple("=+-@\t\r\n")) for row in rows)
