"""The ids that a person gives: a customer's GUID, a partner's MPN id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.errors import UsageError
from pipelines.explain.delivered_rows import plain_guid
from pipelines.explain.typed_files import typed_files

if TYPE_CHECKING:
    from pipelines.recorded import RecordedRun

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What billing writes where there is no reseller.
_NO_RESELLER = {"", "-1", "0"}
MOST_SHOWN = 3


def customer_guid(run: RecordedRun, text: str) -> str:
    """Return the id of a customer, given in any case, with or without ``org:``.

    Raises:
        UsageError: it is no GUID. If it is a customer's name, the message says of whom:
            nobody is looked up by a name, because two may have it.
    """
    customer_id = plain_guid(text)
    if _GUID.fullmatch(customer_id):
        return customer_id
    named = _customers_named(run, text.strip())
    hint = f" The feed customers has that name for {', '.join(named)}." if named else ""
    message = (
        f"{text!r} is no customer id, so nothing was looked up.{hint} Give the GUID of "
        "the tenant, such as 3fa85f64-5717-4562-b3fc-2c963f66afa6."
    )
    raise UsageError(message)


def partner_of(text: str | None) -> str | None:
    """Return a partner id; None for what billing writes where there is no reseller.

    >>> partner_of(" 4310078 "), partner_of("-1"), partner_of(None)
    ('4310078', None, None)
    """
    plain = (text or "").strip()
    return None if plain in _NO_RESELLER else plain


def _customers_named(run: RecordedRun, name: str) -> list[str]:
    """Return the ids of the customers of a name, in any case; the first few."""
    import pyarrow.parquet as pq

    found: set[str] = set()
    for file in typed_files(run):
        if file.file.feed == "customers":
            table = pq.ParquetFile(file.outputs.validated)
            for row in table.read(["customer_id", "customer_name"]).to_pylist():
                if (row["customer_name"] or "").casefold() == name.casefold():
                    found.add(row["customer_id"])
    return sorted(found)[:MOST_SHOWN]
