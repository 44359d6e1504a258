"""Write a batch as the message that orders a bank to pay: ISO 20022 pain.001.

One message, one payment block: the usage that banks of the SWIFT network share
(CBPR+) knows no other, and wants both to have the same id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from pipelines.errors import DataError
from pipelines.payout.bank_text import (
    MAX_NAME,
    MAX_REMITTANCE,
    MAX_SHORT,
    MAX_STREET,
    MAX_TOWN,
    bank_text,
)
from pipelines.payout.payment import money_text

if TYPE_CHECKING:
    from pipelines.payout.payment import Beneficiary, Payer, Payment, PaymentFile

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CHARGES = "DEBT"  # the payer bears all charges: a partner gets what it earned
SERVICE_LEVEL = "URGP"  # a wire of the same day
PURPOSE = "REBT"  # rebate; as a category purpose the code does not exist
US_ROUTING_NUMBERS = "USABA"


def render(file: PaymentFile) -> bytes:
    """Return the bytes of ``payout.xml``: the same for the same batch.

    Raises:
        DataError: there is nothing to pay, or something that cannot be written.
    """
    if not file.payments:
        message = (
            f"batch {file.batch_id} has no payment, so no file was written: "
            "prepare one when something is owed."
        )
        raise DataError(message)
    root = etree.Element(_name("Document"), nsmap={None: NAMESPACE})
    root.append(_node("CstmrCdtTrfInitn", _header(file), _payment_block(file)))
    content: bytes = etree.tostring(
        root, encoding="UTF-8", xml_declaration=True, pretty_print=True
    )
    return content


def _header(file: PaymentFile) -> Any:
    if file.created_at.tzinfo is None:
        message = (
            f"batch {file.batch_id} was created at {file.created_at}, a time without "
            "a zone, so no file was written: give one with its offset from UTC."
        )
        raise DataError(message)
    return _node(
        "GrpHdr",
        _text("MsgId", file.message_id),
        _text("CreDtTm", file.created_at.isoformat(timespec="seconds")),
        _text("NbOfTxs", str(file.count)),
        _text("CtrlSum", money_text(file.control_sum, file.batch_id)),
        _node("InitgPty", _text("Nm", bank_text(file.payer.name, MAX_NAME))),
    )


def _payment_block(file: PaymentFile) -> Any:
    payer = file.payer
    return _node(
        "PmtInf",
        _text("PmtInfId", file.message_id),
        _text("PmtMtd", "TRF"),
        # A booking of the batch as a whole would not say which wires settled.
        _text("BtchBookg", "false"),
        _text("NbOfTxs", str(file.count)),
        _text("CtrlSum", money_text(file.control_sum, file.batch_id)),
        _node("PmtTpInf", _node("SvcLvl", _text("Cd", SERVICE_LEVEL))),
        _node("ReqdExctnDt", _text("Dt", file.execution_date.isoformat())),
        _party("Dbtr", payer),
        _account("DbtrAcct", payer.iban, payer.account_number),
        _agent("DbtrAgt", payer.bic, payer.clearing_member_id),
        _text("ChrgBr", CHARGES),
        *(_transaction(payment) for payment in file.payments),
    )


def _transaction(payment: Payment) -> Any:
    creditor = payment.beneficiary
    return _node(
        "CdtTrfTxInf",
        _node(
            "PmtId",
            # Some banks give back this one, and not the other.
            _text("InstrId", payment.end_to_end_id),
            _text("EndToEndId", payment.end_to_end_id),
            _text("UETR", payment.uetr),
        ),
        _node("Amt", _amount(payment)),
        _agent("CdtrAgt", creditor.bic, creditor.routing_number)
        if creditor.bic or creditor.routing_number
        else None,  # an IBAN tells its bank
        _party("Cdtr", creditor),
        _account("CdtrAcct", creditor.iban, creditor.account_number),
        _node("Purp", _text("Cd", PURPOSE)),
        _remittance(payment.remittance),
    )


def _amount(payment: Payment) -> Any:
    amount = _text("InstdAmt", money_text(payment.amount, payment.end_to_end_id))
    amount.set("Ccy", payment.currency)
    return amount


def _remittance(text: str) -> Any:
    words = _optional("Ustrd", text, MAX_REMITTANCE)
    return None if words is None else _node("RmtInf", words)


def _party(tag: str, party: Payer | Beneficiary) -> Any:
    return _node(
        tag,
        _text("Nm", bank_text(party.name, MAX_NAME)),
        _node(
            "PstlAdr",
            _optional("StrtNm", party.street_name, MAX_STREET),
            _optional("BldgNb", party.building_number, MAX_SHORT),
            _optional("PstCd", party.post_code, MAX_SHORT),
            _text("TwnNm", bank_text(party.town_name, MAX_TOWN)),
            _text("Ctry", party.country),
        ),
    )


def _account(tag: str, iban: str | None, account_number: str | None) -> Any:
    if iban:
        return _node(tag, _node("Id", _text("IBAN", iban)))
    number = _text("Id", account_number or "")
    return _node(tag, _node("Id", _node("Othr", number)))


def _agent(tag: str, bic: str | None, routing_number: str | None) -> Any:
    member = _node(
        "ClrSysMmbId",
        _node("ClrSysId", _text("Cd", US_ROUTING_NUMBERS)),
        _text("MmbId", routing_number or ""),
    )
    return _node(
        tag,
        _node(
            "FinInstnId",
            _text("BICFI", bic) if bic else None,
            member if routing_number else None,
        ),
    )


def _optional(tag: str, value: str | None, max_length: int) -> Any:
    text = bank_text(value or "", max_length)
    return _text(tag, text) if text else None


def _text(tag: str, value: str) -> Any:
    element = etree.Element(_name(tag))
    element.text = value
    return element


def _node(tag: str, *children: Any) -> Any:
    element = etree.Element(_name(tag))
    element.extend(child for child in children if child is not None)
    return element


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"
