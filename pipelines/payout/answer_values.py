"""The values of a bank's message: text, amounts and dates, or nothing."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from pipelines.payout.hardened_xml import UnreadableMessageError

AMOUNT = re.compile(r"\d{1,18}(\.\d{1,5})?", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# What banks write where the payer gave no id.
NOT_GIVEN = "NOTPROVIDED"


def text_of(parent: Any, path: str) -> str | None:
    """Return the text at *path* below *parent*, without the space around it."""
    if parent is None:
        return None
    namespace = parent.tag.partition("}")[0] + "}"
    found = parent.findtext("/".join(namespace + tag for tag in path.split("/")))
    return (found or "").strip() or None


def given(identifier: str | None) -> str | None:
    """Return an id, or nothing for the word that stands for none."""
    return None if identifier == NOT_GIVEN else identifier


def amount_of(parent: Any, path: str) -> tuple[Decimal | None, str | None]:
    """Return the amount at *path* and its currency.

    Raises:
        UnreadableMessageError: what stands there is no amount.
    """
    text = text_of(parent, path)
    if text is None:
        return None, None
    if not AMOUNT.fullmatch(text):
        fault = f"an amount of {path} cannot be read"
        raise UnreadableMessageError(fault)
    namespace = parent.tag.partition("}")[0] + "}"
    element = parent.find("/".join(namespace + tag for tag in path.split("/")))
    return Decimal(text), element.get("Ccy")


def date_of(parent: Any, path: str) -> dt.date | None:
    """Return the day at *path*: of a date, or of a moment.

    Raises:
        UnreadableMessageError: what stands there is no date.
    """
    text = text_of(parent, f"{path}/Dt") or text_of(parent, f"{path}/DtTm")
    if text is None:
        return None
    day = text[:10]
    try:
        if DATE.fullmatch(day):
            return dt.date.fromisoformat(day)
    except ValueError:
        pass
    fault = f"a date of {path} cannot be read"
    raise UnreadableMessageError(fault)
