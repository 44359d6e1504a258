"""Read XML that may come from anybody: what could harm is refused, not parsed."""

from __future__ import annotations

from typing import Any

from lxml import etree

from pipelines.errors import DataError

# Ten times the answer to ten thousand payments.
MAX_BYTES = 64 << 20


def parse_xml(content: bytes, name: str) -> Any:
    """Return the root element of *content*; *name* is for messages.

    Raises:
        DataError: it is not XML, is not UTF-8, is far too large, or declares a
            document type or entities, which no payment message does.
    """
    if fault := _fault_before_parsing(content):
        raise _refusal(name, fault)
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
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, _ = error.position
        fault = f"it is not well-formed XML (line {line})"
        raise _refusal(name, fault) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refusal(name, "it declares a document type")
    return root


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


def _refusal(name: str, fault: str) -> DataError:
    return DataError(
        f"{name} was refused and nothing of it was used: {fault}. "
        "Ask the bank for the message as it sends it, in ISO 20022 XML."
    )
