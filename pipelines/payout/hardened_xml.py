"""Read XML that may come from anybody: what could harm is refused, not parsed."""

from __future__ import annotations

from typing import Any

from lxml import etree

from pipelines.errors import DataError

# Ten times the answer to ten thousand payments.
MAX_BYTES = 64 << 20


class UnreadableMessageError(DataError):
    """A message is not XML that may be read, or a value in it is none of its kind.

    The error is the fault alone; the caller adds the file and what to do.
    """


def parse_xml(content: bytes) -> Any:
    """Return the root element of *content*.

    Raises:
        UnreadableMessageError: it is not XML, is not UTF-8, is far too large, or
            declares a document type or entities, which no payment message does.
    """
    if fault := _fault_before_parsing(content):
        raise UnreadableMessageError(fault)
    parser = etree.XMLParser(
        encoding="utf-8",  # whatever the file claims: what was looked at is parsed
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, _ = error.position
        fault = f"it is not well-formed XML (line {line})"
        raise UnreadableMessageError(fault) from error


def _fault_before_parsing(content: bytes) -> str | None:
    if len(content) > MAX_BYTES:
        return f"it has {len(content):,} bytes, and at most {MAX_BYTES:,} are read"
    if not content.strip():
        return "it is empty"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    if b"\0" in content:
        return "it holds a NUL byte"
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return "it declares a document type or entities"
    return None
