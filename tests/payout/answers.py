"""Made-up messages of a bank."""

from __future__ import annotations

PAIN002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CAMT054 = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


def element(tag: str, *content: str) -> str:
    """Return an element; nothing if it would be empty."""
    inner = "".join(content)
    return f"<{tag}>{inner}</{tag}>" if inner else ""


def transaction(
    end_to_end_id: str | None, status: str | None = None, *, reason: str = ""
) -> str:
    """Return what a status report says of one payment."""
    return element(
        "TxInfAndSts",
        element("StsId", "S1"),
        element("OrgnlEndToEndId", end_to_end_id or ""),
        element("TxSts", status or ""),
        reason,
    )


def because(code: str, *words: str) -> str:
    """Return a reason of a status."""
    return element(
        "StsRsnInf",
        element("Rsn", element("Cd", code)),
        *(element("AddtlInf", word) for word in words),
    )


def block(*transactions: str, status: str = "", message_id: str = "M1") -> str:
    """Return what a status report says of a payment block."""
    return element(
        "OrgnlPmtInfAndSts",
        element("OrgnlPmtInfId", message_id),
        element("PmtInfSts", status),
        *transactions,
    )


def pain002(
    *blocks: str, status: str = "", message_id: str = "M1", reason: str = ""
) -> bytes:
    """Return a status report of the bank."""
    report = element(
        "CstmrPmtStsRpt",
        element("GrpHdr", element("MsgId", "B1")),
        element(
            "OrgnlGrpInfAndSts",
            element("OrgnlMsgId", message_id),
            element("OrgnlMsgNmId", "pain.001.001.09"),
            element("GrpSts", status),
            reason,
        ),
        *blocks,
    )
    return f'<Document xmlns="{PAIN002}">{report}</Document>'.encode()


def booked(  # noqa: PLR0913 - one for each value that a test changes
    end_to_end_id: str | None,
    *,
    side: str = "DBIT",
    status: str = "BOOK",
    returned: str = "",
    amount: str = "2000.00",
    day: str = "2019-09-27",
    extra: str = "",
) -> str:
    """Return a booked entry of one payment; *returned* is the reason code."""
    return element(
        "Ntry",
        f'<Amt Ccy="USD">{amount}</Amt>',
        element("CdtDbtInd", side),
        extra,
        element("Sts", element("Cd", status)),
        element("BookgDt", element("Dt", day)),
        element(
            "NtryDtls",
            element(
                "TxDtls",
                element(
                    "Refs",
                    element("MsgId", "M1"),
                    element("EndToEndId", end_to_end_id or ""),
                ),
                element("RtrInf", element("Rsn", element("Cd", returned))),
            ),
        ),
    )


def camt054(*entries: str) -> bytes:
    """Return a notification of booked entries."""
    message = element(
        "BkToCstmrDbtCdtNtfctn",
        element("GrpHdr", element("MsgId", "N1")),
        element("Ntfctn", element("Id", "N1"), *entries),
    )
    return f'<Document xmlns="{CAMT054}">{message}</Document>'.encode()
