"""Read a payment file back, as the bank will: nothing is taken from the writer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pipelines.payout.pain001 import NAMESPACE
from pipelines.payout.pain001_schema import parse_payment_file

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class ReadParty:
    """A payer or a beneficiary as the file has it; blank is what is not there."""

    name: str
    town_name: str
    country: str
    iban: str = field(repr=False)
    account_number: str = field(repr=False)
    bic: str
    clearing_member_id: str


@dataclass(frozen=True, kw_only=True)
class ReadPayment:
    """One credit transfer as the file has it."""

    instruction_id: str
    end_to_end_id: str
    uetr: str
    amount: str
    currency: str
    beneficiary: ReadParty
    purpose: str
    remittance: str


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """A payment file as its bytes have it, every value still text."""

    message_id: str
    created_at: str
    # The counts and sums of the message, then of its payment block.
    counts: tuple[str, str]
    control_sums: tuple[str, str]
    payment_blocks: int
    payment_block_id: str
    execution_date: str
    service_level: str
    charges: str
    payer: ReadParty
    payments: tuple[ReadPayment, ...]
    texts: tuple[tuple[str, str], ...] = field(repr=False)


def read_payment_file(xml: bytes) -> ReadFile:
    """Return what *xml* says, right or wrong.

    Raises:
        DataError: it is not XML.
    """
    root = parse_payment_file(xml)
    block = root.find(_path("CstmrCdtTrfInitn/PmtInf"))
    block = root if block is None else block
    return ReadFile(
        message_id=_text(root, "CstmrCdtTrfInitn/GrpHdr/MsgId"),
        created_at=_text(root, "CstmrCdtTrfInitn/GrpHdr/CreDtTm"),
        counts=(
            _text(root, "CstmrCdtTrfInitn/GrpHdr/NbOfTxs"),
            _text(block, "NbOfTxs"),
        ),
        control_sums=(
            _text(root, "CstmrCdtTrfInitn/GrpHdr/CtrlSum"),
            _text(block, "CtrlSum"),
        ),
        payment_blocks=len(root.findall(_path("CstmrCdtTrfInitn/PmtInf"))),
        payment_block_id=_text(block, "PmtInfId"),
        execution_date=_text(block, "ReqdExctnDt/Dt"),
        service_level=_text(block, "PmtTpInf/SvcLvl/Cd"),
        charges=_text(block, "ChrgBr"),
        payer=_party(block, "Dbtr"),
        payments=tuple(
            _payment(transaction) for transaction in root.iter(_path("CdtTrfTxInf"))
        ),
        texts=tuple(_texts(root)),
    )


def _payment(transaction: Any) -> ReadPayment:
    amount = transaction.find(_path("Amt/InstdAmt"))
    return ReadPayment(
        instruction_id=_text(transaction, "PmtId/InstrId"),
        end_to_end_id=_text(transaction, "PmtId/EndToEndId"),
        uetr=_text(transaction, "PmtId/UETR"),
        amount=_text(transaction, "Amt/InstdAmt"),
        currency="" if amount is None else amount.get("Ccy", ""),
        beneficiary=_party(transaction, "Cdtr"),
        purpose=_text(transaction, "Purp/Cd"),
        remittance=_text(transaction, "RmtInf/Ustrd"),
    )


def _party(parent: Any, tag: str) -> ReadParty:
    return ReadParty(
        name=_text(parent, f"{tag}/Nm"),
        town_name=_text(parent, f"{tag}/PstlAdr/TwnNm"),
        country=_text(parent, f"{tag}/PstlAdr/Ctry"),
        iban=_text(parent, f"{tag}Acct/Id/IBAN"),
        account_number=_text(parent, f"{tag}Acct/Id/Othr/Id"),
        bic=_text(parent, f"{tag}Agt/FinInstnId/BICFI"),
        clearing_member_id=_text(parent, f"{tag}Agt/FinInstnId/ClrSysMmbId/MmbId"),
    )


def _texts(root: Any) -> Iterator[tuple[str, str]]:
    """Yield every text of the file with the name of its element."""
    for element in root.iter():
        if not len(element) and element.text:
            yield element.tag.rpartition("}")[2], element.text


def _text(parent: Any, path: str) -> str:
    return parent.findtext(_path(path)) or ""


@cache
def _path(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{tag}" for tag in path.split("/"))
