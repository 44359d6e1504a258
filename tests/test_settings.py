"""Settings: samples ship, a home and the environment replace them, secrets stay so."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest

from pipelines.clock import moment
from pipelines.errors import CampaignError
from pipelines.paths import PROJECT_DIR
from pipelines.payout.schedule import execution_date, paid_on
from pipelines.settings import BankSettings, Part, Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = "0123456789"


def test_the_samples_are_enough(tmp_path: Path) -> None:
    """And no variable of somebody's shell gets in by chance."""
    settings = load_settings(tmp_path, {"PATH": "x", "CASHBACK_HOME": "y"})

    assert settings.payer.name == "Sample Distribution Ltd"
    assert settings.ledger_address is None
    assert settings.bank.lead_banking_days == 2


def test_a_home_replaces_samples_and_the_environment_replaces_both(
    tmp_path: Path,
) -> None:
    """Key by key."""
    own = "payer: {name: Giacom, post_code: HU2}\nledger_url: sqlite:////a\n"
    (tmp_path / "settings.yaml").write_text(own)
    given = {
        "CASHBACK_PAYER_NAME": "Giacom Ltd",
        "CASHBACK_LEDGER_URL": "sqlite:////b",
        "CASHBACK_BANK_CUT_OFF": "16:30",
    }

    from_home, from_both = load_settings(tmp_path, {}), load_settings(tmp_path, given)

    assert (from_home.payer.name, from_home.payer.post_code) == ("Giacom", "HU2")
    assert from_home.payer.town_name == "Hull"
    assert from_home.ledger_address == "sqlite:////a"
    assert (from_both.payer.name, from_both.payer.post_code) == ("Giacom Ltd", "HU2")
    assert from_both.ledger_address == "sqlite:////b"
    assert from_both.bank.cut_off == dt.time(16, 30)


def test_an_account_is_replaced_with_its_bank(tmp_path: Path) -> None:
    """An account here at the sample's bank would be nobody's."""
    iban = "payer: {iban: GB82 WEST 1234 5698 7654 32}\n"
    (tmp_path / "settings.yaml").write_text(iban)

    payer = load_settings(tmp_path, {}).payer

    assert (payer.account_number, payer.clearing_member_id) == (None, None)
    (tmp_path / "settings.yaml").write_text(f"payer: {{account_number: '{NUMBER}'}}\n")
    with pytest.raises(CampaignError, match="clearing_member_id"):
        load_settings(tmp_path, {})


def test_no_secret_shows(tmp_path: Path) -> None:
    """Not in a traceback, a log, or what is printed by mistake."""
    (tmp_path / "settings.yaml").write_text(
        f"payer: {{account_number: '{NUMBER}', clearing_member_id: '110000000'}}\n"
        "ledger_url: postgresql://me:sesame@host/ledger\n"
    )

    settings = load_settings(tmp_path, {})

    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert NUMBER not in text
        assert "sesame" not in text
    assert settings.payer.account_number
    assert settings.payer.account_number.get_secret_value() == NUMBER


WRONG = [
    ("payer: {name: ''}", "payer.name"),
    ("payer: {nam: x}", "payer.nam"),
    ("payer: {country: Britain}", "payer.country"),
    ("payer: {iban: GB00WEST12345698765432}", "iban does not check"),
    ("payer: {account_number: '1', bic: nonsense}", "clearing_member_id"),
    ("bank: {cut_off: late}", "bank.cut_off"),
    ("bank: {time_zone: Atlantis/Capital}", "America/New_York"),
    ("bank: {lead_banking_days: -1}", "bank.lead_banking_days"),
    ("- a list", "not a set of keys"),
    ("a: [", "cannot be read"),
    ("colour: blue", "colour"),
]


@pytest.mark.parametrize(("text", "named"), WRONG)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, named: str) -> None:
    """In one sentence, which exits with 4."""
    (tmp_path / "settings.yaml").write_text(text)

    with pytest.raises(CampaignError) as refused:
        load_settings(tmp_path, {})

    assert named in str(refused.value)
    assert "settings.yaml" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 4


def bank() -> BankSettings:
    """Return a bank in New York that closes at five."""
    return BankSettings.model_validate(
        {"cut_off": "17:00", "time_zone": "America/New_York", "lead_banking_days": 2}
    )


@pytest.mark.parametrize(
    ("utc", "day", "is_after"),
    [
        ("2019-09-27T20:59:00", "2019-09-27", False),
        ("2019-09-27T21:01:00", "2019-09-27", True),  # 17:01 there
        ("2019-09-28T03:00:00", "2019-09-27", True),  # still Friday there
        ("2019-09-28T04:30:00", "2019-09-28", False),
    ],
)
def test_the_day_is_the_banks_and_ends_at_its_cut_off(
    utc: str, day: str, *, is_after: bool
) -> None:
    """What is recorded is the moment in UTC."""
    now = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)

    found = moment(None, bank(), now)

    assert (str(found.today), found.is_after_cut_off) == (day, is_after)
    assert found.recorded_at == f"{utc}Z"


def test_a_day_that_is_given_is_meant_from_its_beginning() -> None:
    """So the same command on the same given day does the same at any hour."""
    found = moment(dt.date(2019, 9, 27), bank())

    assert not found.is_after_cut_off
    assert found.recorded_at == "2019-09-27T00:00:00Z"


def test_after_the_cut_off_of_the_last_day_it_is_too_late() -> None:
    """The bank pays on the next banking day, which is past the last one."""
    pay_by = dt.date(2019, 9, 27)
    after = moment(None, bank(), dt.datetime(2019, 9, 27, 21, 30, tzinfo=dt.UTC))
    before = moment(None, bank(), dt.datetime(2019, 9, 27, 20, 30, tzinfo=dt.UTC))

    assert execution_date(before, pay_by, "FED", 2) == pay_by
    assert paid_on(before, pay_by, "FED") == pay_by
    assert execution_date(after, pay_by, "FED", 2) == dt.date(2019, 9, 30)
    assert paid_on(after, pay_by, "FED") == dt.date(2019, 9, 30)


def test_every_setting_is_described() -> None:
    """With the variable that replaces it."""
    text = (PROJECT_DIR / "docs" / "settings.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `([\w.]+)` \| `(CASHBACK_\w+)` \|", text, re.M)

    names = [
        f"{part}.{name}"
        for part, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Part)
        for name in field.annotation.model_fields
    ]
    assert [name for name, _ in described] == [*names, "ledger_url"]
    for name, variable in described:
        assert variable == f"CASHBACK_{name.replace('.', '_').upper()}"
