"""Where to send money to: the newest account of each partner, and nothing shown."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from typing import TYPE_CHECKING

import pytest

from pipelines import engine
from pipelines.errors import DataError
from pipelines.feeds import BANK_ACCOUNT_COLUMNS
from pipelines.files import working_folder
from pipelines.landing import pull
from pipelines.payout.bank_accounts import (
    BankAccounts,
    landed_bank_accounts,
    read_bank_accounts,
)
from pipelines.payout.pain001 import render
from pipelines.payout.payment_faults import payment_file_faults
from pipelines.progress import Progress
from pipelines.source import Source
from pipelines.text_scan import UnreadableFileError
from pipelines.typed_rows import OutputPaths
from pipelines.validation import validate_file
from tests.payout.batches import payment, payment_file
from tests.random_campaign import write_random_campaign

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.landing import LandedFile

FAR = dt.date(9999, 12, 31)
GOOD = {
    "BeneficiaryName": "Contoso Ltd",
    "Iban": "GB82WEST12345698765432",
    "TownName": "Leeds",
    "Country": "GB",
    "ChangedOn": "2019-05-01",
}
OTHER = "DE89370400440532013000"


def text_of(*rows: dict[str, str], delimiter: str = ",") -> str:
    """Return the text of a file with these rows, most of their cells blank."""
    lines = [delimiter.join(BANK_ACCOUNT_COLUMNS)]
    lines += [
        delimiter.join(row.get(name, "") for name in BANK_ACCOUNT_COLUMNS)
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def land(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    """Deliver files, pull them, and return the home that they were pulled to."""
    for place, content in files.items():
        path = tmp_path / "source" / "bank_accounts" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return pull_all(tmp_path)


def pull_all(tmp_path: Path) -> Path:
    """Pull what lies in the source, and return the home."""
    home = tmp_path / "home"
    with working_folder(home) as work:
        pull(Source(str(tmp_path / "source")), home, None, work, Progress())
    return home


def accounts_of(tmp_path: Path, *rows: dict[str, str]) -> BankAccounts:
    """Return what is read from one file with these rows."""
    home = land(tmp_path, {"2019-06-01/accounts.csv": text_of(*rows)})
    return read_bank_accounts(home, landed_bank_accounts(home), FAR)


def test_an_account_is_read_as_a_payment_needs_it(tmp_path: Path) -> None:
    """Trimmed, in capitals, with the bank and the address beside it."""
    row = GOOD | {
        "MpnId": " 1 ",
        "Iban": " gb82 west 1234 5698 7654 32 ",
        "Bic": "WESTGB2L",
        "BankName": "West",
        "BankCountry": "GB",
        "StreetName": "High Street",
        "BuildingNumber": "1a",
        "PostCode": "LS1 1AA",
        "Country": "gb",
    }
    accounts = accounts_of(tmp_path, row)

    account = accounts.beneficiaries["1"]
    assert (account.name, account.town_name, account.country) == (
        "Contoso Ltd",
        "Leeds",
        "GB",
    )
    assert account.iban == "GB82WEST12345698765432"
    assert account.account_number is None
    assert (account.bic, account.bank_name, account.bank_country) == (
        "WESTGB2L",
        "West",
        "GB",
    )
    assert (account.street_name, account.building_number, account.post_code) == (
        "High Street",
        "1a",
        "LS1 1AA",
    )
    assert accounts.changed_on == {"1": dt.date(2019, 5, 1)}
    assert accounts.delivered_on == dt.date(2019, 6, 1)
    assert accounts.problems == {}


@pytest.mark.parametrize(
    ("rows", "expected", "why"),
    [
        (
            [{"ChangedOn": "2019-05-02", "Iban": OTHER}, {"ChangedOn": "2019-05-01"}],
            OTHER,
            "the later date, though it stands first",
        ),
        (
            [{"Iban": GOOD["Iban"]}, {"Iban": OTHER}],
            OTHER,
            "the last row of one date",
        ),
        (
            [{"Iban": OTHER}, {"ChangedOn": ""}],
            OTHER,
            "a row without a date is older than any",
        ),
        (
            [{"ChangedOn": ""}, {"ChangedOn": "", "Iban": OTHER}],
            OTHER,
            "the last row of those without a date",
        ),
        (
            [{"Iban": OTHER}, {"ChangedOn": "13/45/2019"}],
            OTHER,
            "a quarantined row does not count",
        ),
    ],
)
def test_the_newest_account_is_the_one_that_changed_last(
    tmp_path: Path, rows: list[dict[str, str]], expected: str, why: str
) -> None:
    """The same rule as in a run."""
    accounts = accounts_of(tmp_path, *({**GOOD, "MpnId": "1", **row} for row in rows))

    assert accounts.beneficiaries["1"].iban == expected, why


def test_the_last_file_of_a_delivery_decides_between_equal_dates(
    tmp_path: Path,
) -> None:
    """By its name, as in a run; not by the time at which it came."""
    home = land(
        tmp_path,
        {
            "2019-06-01/b.csv": text_of(GOOD | {"MpnId": "1", "Iban": OTHER}),
            "2019-06-01/a.csv": text_of(GOOD | {"MpnId": "1"}),
        },
    )
    accounts = read_bank_accounts(home, landed_bank_accounts(home), FAR)

    assert accounts.beneficiaries["1"].iban == OTHER


def test_only_the_newest_delivery_known_counts_and_it_counts_whole(
    tmp_path: Path,
) -> None:
    """A partner that is no longer in it has no account any more."""
    home = land(
        tmp_path,
        {
            "2019-06-01/a.csv": text_of(
                GOOD | {"MpnId": "1"}, GOOD | {"MpnId": "2", "ChangedOn": "2019-05-31"}
            ),
            "2019-07-01/a.csv": text_of(GOOD | {"MpnId": "1", "Iban": OTHER}),
            "2019-08-01/a.csv": text_of(GOOD | {"MpnId": "3"}),
        },
    )
    files = landed_bank_accounts(home)
    known = {
        day: read_bank_accounts(home, files, dt.date(2019, *day))
        for day in ((5, 31), (6, 1), (6, 30), (7, 1), (9, 1))
    }

    assert {day: list(read.beneficiaries) for day, read in known.items()} == {
        (5, 31): [],
        (6, 1): ["1", "2"],
        (6, 30): ["1", "2"],
        (7, 1): ["1"],
        (9, 1): ["3"],
    }
    assert known[5, 31].delivered_on is None
    assert known[7, 1].beneficiaries["1"].iban == OTHER


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Iban": "GB83WEST12345698765432"}, "the IBAN does not check"),
        ({"Iban": ""}, "neither an IBAN nor an account number is given"),
        ({"TownName": ""}, "the town is missing"),
        (
            {"Iban": "", "AccountNumber": "12345678", "Bic": "deutdeff"},
            "the BIC is not in form",
        ),
        ({"Country": "Ruritania"}, "the country is not known"),
        (
            {"BeneficiaryName": "🚀"},
            "the beneficiary name has no letter that banks take",
        ),
        ({"TownName": "."}, "the town has no letter that banks take"),
        (
            {"Iban": "", "AccountNumber": "1234_5678", "Bic": "DEUTDEFF"},
            "the account number is not one that banks take",
        ),
        (
            {"Iban": "", "AccountNumber": "1" * 35, "Bic": "DEUTDEFF"},
            "the account number is not one that banks take",
        ),
    ],
)
def test_an_account_that_cannot_be_paid_to_has_a_problem_that_shows_no_number(
    tmp_path: Path, changes: dict[str, str], problem: str
) -> None:
    """Whatever is paid must be written in a file that the bank takes."""
    accounts = accounts_of(tmp_path, GOOD | {"MpnId": "1"} | changes)

    assert accounts.problems == {"1": problem}
    assert accounts.beneficiaries == {}
    assert not re.search(r"\d", problem)


def test_a_new_account_that_is_wrong_is_not_replaced_by_the_old_one(
    tmp_path: Path,
) -> None:
    """The partner has left the old one: nobody is paid there."""
    accounts = accounts_of(
        tmp_path,
        GOOD | {"MpnId": "1"},
        GOOD | {"MpnId": "1", "ChangedOn": "2019-05-02", "Iban": "GB00"},
    )

    assert accounts.problems == {"1": "the IBAN does not check"}


@pytest.mark.parametrize(
    ("account", "bank", "why"),
    [
        ({"Bic": "WESTGB2L"}, ("WESTGB2L", None), "the bank of the IBAN's country"),
        ({"Bic": "DEUTDEFF"}, (None, None), "a bank of another country"),
        ({"Bic": "no bic"}, (None, None), "no bank"),
        ({"RoutingNumber": "021000021"}, (None, None), "an IBAN is not American"),
        (
            {"Iban": "", "AccountNumber": "1", "RoutingNumber": "021000021"},
            (None, "021000021"),
            "an American account",
        ),
        (
            {
                "Iban": "",
                "AccountNumber": "1",
                "RoutingNumber": "021000021",
                "Bic": "CHASUS33",
            },
            ("CHASUS33", "021000021"),
            "two names of one bank",
        ),
        (
            {
                "Iban": "",
                "AccountNumber": "1",
                "RoutingNumber": "021000021",
                "Bic": "DEUTDEFF",
            },
            ("DEUTDEFF", None),
            "two banks: the one by its BIC",
        ),
        (
            {
                "Iban": "",
                "AccountNumber": "1",
                "RoutingNumber": "021000022",
                "Bic": "CHASUS33",
            },
            ("CHASUS33", None),
            "a routing number that does not check",
        ),
    ],
)
def test_a_payment_names_one_bank_at_most(
    tmp_path: Path, account: dict[str, str], bank: tuple[str | None, ...], why: str
) -> None:
    """Two banks in one payment, and the wire ends at either."""
    accounts = accounts_of(tmp_path, GOOD | {"MpnId": "1"} | account)

    found = accounts.beneficiaries["1"]
    assert (found.bic, found.routing_number) == bank, why


def test_a_file_that_is_not_as_it_was_received_pays_nobody(tmp_path: Path) -> None:
    """Another account with check digits that agree would be paid otherwise."""
    home = land(tmp_path, {"2019-06-01/a.csv": text_of(GOOD | {"MpnId": "1"})})
    files = landed_bank_accounts(home)
    landed = files[0].path_in(home / "landing")
    landed.write_text(landed.read_text().replace(GOOD["Iban"], OTHER))

    with pytest.raises(DataError) as refused:
        read_bank_accounts(home, files, FAR)

    assert str(refused.value) == (
        "bank_accounts/2019-06-01/a.csv cannot be used: it is not as it was received; "
        "no payment was prepared. Ask the sender for the file again, delivered on a "
        "later date."
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (text_of(GOOD).replace("Iban", "Ibn"), "required column Iban missing"),
        (text_of(GOOD) + '"open', "cannot be read as delimited text"),
        (
            text_of(
                GOOD | {"MpnId": "1"}, GOOD | {"MpnId": "2", "ChangedOn": "5/1/2019"}
            ),
            "its dates are in more than one style",
        ),
        ("", "it is empty"),
        (text_of(GOOD).encode() + b"\xc3", "it ends in the middle of a UTF-8 char"),
        (text_of(GOOD).encode() + b"\0", "is a NUL byte"),
        (text_of(GOOD).encode("utf-16"), "it is UTF-16 text"),
    ],
)
def test_a_file_that_a_run_would_refuse_pays_nobody(
    tmp_path: Path, content: str | bytes, fault: str
) -> None:
    """The sentence says what is wrong, and quotes no account."""
    home = land(tmp_path, {"2019-06-01/a.csv": content})

    with pytest.raises(DataError) as refused:
        read_bank_accounts(home, landed_bank_accounts(home), FAR)

    assert fault in str(refused.value)
    assert "no payment was prepared" in str(refused.value)
    assert GOOD["Iban"] not in str(refused.value)


def test_a_torn_archive_pays_nobody(tmp_path: Path) -> None:
    """What came before the tear may be an account that has been replaced."""
    packed = gzip.compress(text_of(GOOD | {"MpnId": "1"}).encode())
    home = land(tmp_path, {"2019-06-01/a.csv.gz": packed[:-9]})

    with pytest.raises(DataError, match="the gzip archive is torn"):
        read_bank_accounts(home, landed_bank_accounts(home), FAR)


def test_a_file_that_is_gone_pays_nobody(tmp_path: Path) -> None:
    """The receipt alone has no account."""
    home = land(tmp_path, {"2019-06-01/a.csv": text_of(GOOD | {"MpnId": "1"})})
    files = landed_bank_accounts(home)
    files[0].path_in(home / "landing").unlink()

    with pytest.raises(DataError, match=r"cannot be used: No such file"):
        read_bank_accounts(home, files, FAR)


def test_any_dialect_of_the_contract_is_read(tmp_path: Path) -> None:
    """Packed, separated by semicolons, in another order, with a quoted line break."""
    shuffled = text_of(
        GOOD | {"MpnId": "1", "BeneficiaryName": '"Contoso;\nLeeds"'}, delimiter=";"
    )
    home = land(
        tmp_path, {"2019-06-01/a.csv.gz": gzip.compress(("\ufeff" + shuffled).encode())}
    )

    accounts = read_bank_accounts(home, landed_bank_accounts(home), FAR)
    assert accounts.beneficiaries["1"].name == "Contoso;\nLeeds"
    assert accounts.beneficiaries["1"].iban == GOOD["Iban"]


def test_reading_accounts_leaves_no_copy_of_them(tmp_path: Path) -> None:
    """They are in the landing folder, and nowhere else."""
    home = land(tmp_path, {"2019-06-01/a.csv": text_of(GOOD | {"MpnId": "1"})})
    accounts = read_bank_accounts(home, landed_bank_accounts(home), FAR)

    assert GOOD["Iban"] not in repr(accounts)
    holding = [
        path.relative_to(home).parts[0]
        for path in home.rglob("*")
        if path.is_file() and GOOD["Iban"].encode() in path.read_bytes()
    ]
    assert holding == ["landing"]


def as_a_run_sees(
    home: Path, files: list[LandedFile], work: Path
) -> dict[str, str | None]:
    """Return the problem of each partner's newest account by the SQL of a run."""
    paths = []
    for number, file in enumerate(files):
        folder = work / str(number)
        folder.mkdir()
        out = OutputPaths(folder / "validated", folder / "quarantine")
        landed = file.path_in(home / "landing")
        with engine.opened(folder) as con:
            validate_file(file, landed, con, folder, out)
        paths.append(engine.quoted_path(out.validated))
    with engine.opened(work) as con:
        con.execute(
            "create view bank_accounts as from "
            f"read_parquet([{', '.join(paths)}], union_by_name = true)"
        )
        engine.build(con, "marts/current_bank_accounts")
        return dict(con.execute("from current_bank_accounts").fetchall())


@pytest.mark.parametrize("seed", range(12))
def test_payment_and_run_agree_on_who_can_be_paid(tmp_path: Path, seed: int) -> None:
    """Over made-up deliveries in every dialect, with faulty rows and ties."""
    write_random_campaign(seed, tmp_path / "source")
    home = pull_all(tmp_path)
    files = [file for file in landed_bank_accounts(home) if file.is_data]
    newest = max((file.delivered_on for file in files), default=None)
    in_force = [file for file in files if file.delivered_on == newest]
    if not in_force:
        assert read_bank_accounts(home, files, FAR).delivered_on is None
        return
    with working_folder(home) as work:
        try:
            expected = as_a_run_sees(home, in_force, work)
        except UnreadableFileError:
            with pytest.raises(DataError):
                read_bank_accounts(home, files, FAR)
            return

    accounts = read_bank_accounts(home, files, FAR)
    assert accounts.problems == {
        partner: problem for partner, problem in expected.items() if problem
    }
    assert list(accounts.beneficiaries) == sorted(
        partner for partner, problem in expected.items() if problem is None
    )
    payments = tuple(
        payment(number, beneficiary=account)
        for number, account in enumerate(accounts.beneficiaries.values())
    )
    if payments:
        file = payment_file(payments=payments)
        assert payment_file_faults(render(file), file) == []
