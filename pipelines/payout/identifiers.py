"""The names that payments have at the bank: always the same for the same thing.

A bank refuses a message id that it has seen, and pays an end-to-end id again under
another message id. So both are functions of the campaign, the batch and the partner,
and the ledger keeps them before a file is written.
"""

from __future__ import annotations

import re
import uuid

from pipelines.files import digest_of

MAX_ID_LENGTH = 35
# 80 bits: two ids meet by chance once in a trillion trillion.
DIGEST_DIGITS = 20
LABEL_LENGTH = MAX_ID_LENGTH - DIGEST_DIGITS - 1


def message_id(campaign_id: str, batch_key: str) -> str:
    """Return the id of a batch's message, at most 35 characters.

    >>> message_id("d365-smb-2019", "1")
    'D365SMB2019-7CA9A229945794EB391A'
    """
    return _labelled(campaign_id, ["message", campaign_id, batch_key])


def end_to_end_id(campaign_id: str, batch_key: str, partner_id: str) -> str:
    """Return the id that a payment keeps up to its beneficiary's statement.

    >>> end_to_end_id("d365-smb-2019", "1", "4815162")
    '4815162-BF5A2137E872CA681138'
    """
    return _labelled(partner_id, ["end_to_end", campaign_id, batch_key, partner_id])


def uetr(campaign_id: str, batch_key: str, partner_id: str) -> str:
    """Return the reference that banks trace a payment by: a version 4 UUID.

    Networks refuse the version 5 that names are usually hashed to.

    >>> uetr("d365-smb-2019", "1", "4815162")
    'c61d6c6a-b756-4e47-a1a8-7717e8f65e9e'
    """
    digest = digest_of(["uetr", campaign_id, batch_key, partner_id])
    return str(uuid.UUID(hex=digest[:32], version=4))


def _labelled(name: str, key: list[str]) -> str:
    """Return a digest with a readable part in front, for people at both banks."""
    label = re.sub(r"[^A-Z0-9]", "", name.upper())[:LABEL_LENGTH] or "X"
    return f"{label}-{digest_of(key)[:DIGEST_DIGITS].upper()}"
