"""Read the bank's answers: status reports and booking notifications."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError
from pipelines.payout import camt054, pain002
from pipelines.payout.bank_answer import BankAnswer, Status
from pipelines.payout.hardened_xml import MAX_BYTES, UnreadableMessageError, parse_xml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

__all__ = [
    "BankAnswer",
    "Status",
    "answers_by_payment",
    "parse_bank_answers",
    "read_bank_answers",
]

READERS = {
    pain002.NAMESPACE: pain002.read_pain002,
    camt054.NAMESPACE: camt054.read_camt054,
}


def read_bank_answers(path: Path) -> tuple[BankAnswer, ...]:
    """Return what the bank says in the file at *path*.

    Raises:
        DataError: it is no message that is read, or it may do harm.
    """
    try:
        # One byte too many is enough to refuse the file: no more is read.
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = (
            f"{path} cannot be read ({error.strerror}); nothing was imported. "
            "Name a file that the bank sent."
        )
        raise DataError(message) from error
    return parse_bank_answers(content, str(path))


def parse_bank_answers(content: bytes, name: str) -> tuple[BankAnswer, ...]:
    """Return what the bank says in *content*; *name* is for messages.

    Raises:
        DataError: it is no message that is read, or it may do harm.
    """
    try:
        document = _document(parse_xml(content))
        answers = tuple(READERS[_namespace(document)](document))
        if not answers:
            fault = "it names no payment and no message"
            raise UnreadableMessageError(fault)
    except UnreadableMessageError as error:
        message = (
            f"{name} was refused and nothing of it was used: {error}. "
            "Ask the bank for the message as it sends it, in ISO 20022 XML."
        )
        raise DataError(message) from error
    return answers


def answers_by_payment(
    answers: Iterable[BankAnswer], payments: Mapping[str, Collection[str]]
) -> tuple[BankAnswer, ...]:
    """Return the answers with one for each payment, where they speak of a message.

    *payments* holds the end-to-end ids of each message that was sent. What is said of
    a whole message is not about the payments that the same answers name. What is said
    of a message that is not there stays as it is.
    """
    every = tuple(answers)
    named = {answer.end_to_end_id for answer in every}
    found: list[BankAnswer] = []
    for answer in every:
        ids = payments.get(answer.original_message_id or "")
        if answer.end_to_end_id is not None or ids is None:
            found.append(answer)
            continue
        found += [
            replace(answer, end_to_end_id=end_to_end_id)
            for end_to_end_id in sorted(ids)
            if end_to_end_id not in named
        ]
    return tuple(found)


def _document(root: Any) -> Any:
    """Return the one document, which may lie in an envelope."""
    documents = list(root.iter("{*}Document"))
    if len(documents) == 1 and _namespace(documents[0]) in READERS:
        return documents[0]
    kinds = " and ".join(namespace.rpartition(":")[2] for namespace in READERS)
    fault = f"it is not one message of {kinds}, which are read"
    raise UnreadableMessageError(fault)


def _namespace(element: Any) -> str:
    return str(element.tag).partition("}")[0].removeprefix("{")
