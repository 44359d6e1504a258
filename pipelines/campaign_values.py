"""The kinds of text that a campaign file holds, each with a message of its own."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

from pipelines.campaign_file import shown

MAX_COUNT = 2_147_483_647  # seats are 32-bit numbers in the published tables
MAX_PAYMENT_DAYS = 3650
MAX_CLAUSES = 99
CENT = Decimal("0.01")


def _matching(pattern: str, value: object, wanted: str) -> str:
    """Return *value* if it is text that matches *pattern* as a whole."""
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise ValueError(f"must be {wanted}, not {shown(value)}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text, not {shown(value)}")
    return value.strip()


def _day(value: object) -> date:
    wanted = "a date of this century as YYYY-MM-DD"
    text = _matching(r"20\d\d-\d\d-\d\d", value, wanted)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"must be {wanted}, not {shown(text)}") from error


def _count(value: object, most: int = MAX_COUNT) -> int:
    wanted = f"a whole number from 1 to {most}"
    number = int(_matching(r"\d{1,10}", value, wanted))
    if not 1 <= number <= most:
        raise ValueError(f"must be {wanted}, not {shown(value)}")
    return number


def _payment_days(value: object) -> int:
    return _count(value, MAX_PAYMENT_DAYS)


def _clause_count(value: object) -> int:
    return _count(value, MAX_CLAUSES)


def _page_part(value: object) -> str:
    return _matching(r"[A-Z]", value, "one capital letter")


def _money(value: object) -> Decimal:
    wanted = "an amount with at most two decimals, such as 2000.00"
    return Decimal(_matching(r"\d{1,12}(\.\d{1,2})?", value, wanted)).quantize(CENT)


def _positive_money(value: object) -> Decimal:
    amount = _money(value)
    if not amount:
        raise ValueError(f"must be an amount above 0, not {shown(value)}")
    return amount


def _currency(value: object) -> str:
    return _matching(r"[A-Z]{3}", value, "a currency of three capitals, such as USD")


def _clauses(value: object) -> str:
    wanted = "clauses with a space between them, such as 'O5 T3', or '-' for none"
    return _matching(r"-|[A-Z]\d{1,2}( [A-Z]\d{1,2})*", value, wanted)


def _campaign_id(value: object) -> str:
    # It names a folder of results, so it stays short and plain.
    wanted = "lower-case letters, digits and '-', such as d365-smb-2019"
    return _matching(r"[a-z0-9][a-z0-9-]{0,63}", value, wanted)


Text: TypeAlias = Annotated[str, BeforeValidator(_text)]
Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
Count: TypeAlias = Annotated[int, BeforeValidator(_count)]
ClauseCount: TypeAlias = Annotated[int, BeforeValidator(_clause_count)]
PagePart: TypeAlias = Annotated[str, BeforeValidator(_page_part)]
PaymentDays: TypeAlias = Annotated[int, BeforeValidator(_payment_days)]
Money: TypeAlias = Annotated[Decimal, BeforeValidator(_money)]
PositiveMoney: TypeAlias = Annotated[Decimal, BeforeValidator(_positive_money)]
Currency: TypeAlias = Annotated[str, BeforeValidator(_currency)]
Clauses: TypeAlias = Annotated[str, BeforeValidator(_clauses)]
CampaignId: TypeAlias = Annotated[str, BeforeValidator(_campaign_id)]
