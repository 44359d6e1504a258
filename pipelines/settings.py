"""Settings: who pays, through which bank, and where the ledger is.

Sample values ship with the project; ``HOME/settings.yaml`` replaces them, and
variables named ``CASHBACK_*`` replace both. A secret shows in no message.
"""

# pydantic reads these annotations when the module loads, so the imports stay real.
# ruff: noqa: TC003

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from pipelines.bank_account import is_bic, is_iban, is_routing_number
from pipelines.errors import CampaignError
from pipelines.paths import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Mapping

SAMPLE_SETTINGS = PROJECT_DIR / "data" / "settings.yaml"
PREFIX = "CASHBACK_"
_ADDRESS = r"^[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+$"


def _time_zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (OSError, ValueError, KeyError) as error:
        message = "must be a time zone such as America/New_York"
        raise ValueError(message) from error


class Part(BaseModel):
    """A part of the settings: fixed once read, and no key beside the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class PayerSettings(Part):
    """Whose account is debited."""

    name: str = Field(min_length=1)
    street_name: str | None = None
    building_number: str | None = None
    post_code: str | None = None
    town_name: str = Field(min_length=1)
    country: str = Field(pattern=r"^[A-Z]{2}$")
    iban: SecretStr | None = None
    account_number: SecretStr | None = None
    bic: str | None = None
    clearing_member_id: str | None = None

    @model_validator(mode="after")
    def _can_be_debited(self) -> Self:
        if self.iban:
            if not is_iban(self.iban.get_secret_value()):
                message = "its iban does not check"
                raise ValueError(message)
            return self
        if not self.account_number:
            message = "give its iban, or its account_number"
            raise ValueError(message)
        banks = (is_bic(self.bic or ""), is_routing_number(self.bank_number))
        if not any(banks):
            message = (
                "with an account_number, give the bank's bic or clearing_member_id"
            )
            raise ValueError(message)
        return self

    @property
    def bank_number(self) -> str:
        """The US routing number of the bank; nothing if it has none."""
        return self.clearing_member_id or ""


class BankSettings(Part):
    """By when the bank wants an order, and how long people may take before."""

    cut_off: dt.time
    time_zone: Annotated[ZoneInfo, BeforeValidator(_time_zone)]
    lead_banking_days: int = Field(ge=0, le=30)


class MailSettings(Part):
    """The mail server that takes notices, and whom they are from."""

    host: str | None = None  # without one, nothing is sent
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str = Field(pattern=_ADDRESS)
    reply_to: str | None = Field(default=None, pattern=_ADDRESS)
    timeout_seconds: int = Field(default=60, ge=1, le=600)

    @model_validator(mode="after")
    def _keeps_its_password(self) -> Self:
        if self.password and self.security == "none":
            message = "a password is not sent in the clear: use starttls or tls"
            raise ValueError(message)
        return self


class Settings(Part):
    """All settings of a home."""

    payer: PayerSettings
    bank: BankSettings
    mail: MailSettings
    ledger_url: SecretStr | None = None

    @property
    def ledger_address(self) -> str | None:
        """The address of the ledger's database; None for the file of the home."""
        return self.ledger_url.get_secret_value() if self.ledger_url else None


def load_settings(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that hold for a home.

    Raises:
        CampaignError: one of them is not known or makes no sense.
    """
    given = os.environ if environment is None else environment
    own = home / "settings.yaml"
    values = _read(SAMPLE_SETTINGS)
    if own.exists():
        values = _merged(values, _read(own))
    values = _merged(values, _from_environment(given))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _refusal(own, error) from None


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return *under* with the keys of *over*; a payer's account is replaced whole."""
    merged = dict(under)
    for key, value in over.items():
        known = merged.get(key)
        both = isinstance(known, dict) and isinstance(value, dict)
        merged[key] = {**known, **value} if both and known else value
    payer = over.get("payer")
    if isinstance(payer, dict) and {"iban", "account_number"} & payer.keys():
        # An account of the one, at a bank of the other, would be nobody's.
        bank = ("iban", "account_number", "bic", "clearing_member_id")
        merged["payer"] |= {key: payer.get(key) for key in bank}
    return merged


def _from_environment(given: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    parts: dict[str, type[Part]] = {
        "payer": PayerSettings,
        "bank": BankSettings,
        "mail": MailSettings,
    }
    for part, model in parts.items():
        names = {f"{PREFIX}{part}_{name}".upper(): name for name in model.model_fields}
        values = {field: given[name] for name, field in names.items() if name in given}
        found |= {part: values} if values else {}
    url = given.get(f"{PREFIX}LEDGER_URL")
    return found | ({"ledger_url": url} if url else {})


def _read(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        # Every value as text: an account number may begin with a zero.
        values = YAML(typ="base", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        message = (
            f"the settings {path} cannot be read ({type(error).__name__}); nothing was "
            "done: correct the file, or remove it to use the sample values."
        )
        raise CampaignError(message) from None
    if not isinstance(values, dict):
        message = (
            f"the settings {path} are not a set of keys and values; nothing was done: "
            f"start from a copy of {SAMPLE_SETTINGS}."
        )
        raise CampaignError(message)
    return values


def _refusal(own: Path, error: ValidationError) -> CampaignError:
    # What was given may be an account number or a password, so it is not shown.
    first = error.errors(include_input=False, include_url=False, include_context=False)[
        0
    ]
    key = ".".join(str(step) for step in first["loc"])
    wrong = first["msg"].removeprefix("Value error, ")
    return CampaignError(
        f"the setting {key} is wrong: {wrong}; nothing was done: correct it in {own} "
        f"or in the variable {PREFIX}{key.replace('.', '_').upper()}."
    )
