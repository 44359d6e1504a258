"""Hold a payment file against the schema that ISO published.

The schema ships with the package sepaxml, of which nothing else is used.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from pipelines.errors import CashbackError, DataError
from pipelines.payout.hardened_xml import UnreadableMessageError, parse_xml

SCHEMA = "pain.001.001.09.xsd"
FACET = re.compile(r"\[facet '(\w+)'\]")


def schema_faults(xml: bytes) -> list[str]:
    """Return where *xml* is not as the schema wants it; nothing if it is valid.

    A value is never quoted: it may be an account number.

    Raises:
        DataError: it is not XML.
    """
    root = parse_payment_file(xml)
    schema = _schema()
    if schema.validate(root):
        return []
    return [_fault(error) for error in schema.error_log]


def parse_payment_file(xml: bytes) -> Any:
    """Return the root element of a payment file.

    Raises:
        DataError: it is not XML.
    """
    try:
        return parse_xml(xml)
    except UnreadableMessageError as error:
        message = (
            f"the payment file cannot be read: {error}; nothing was sent. "
            "Prepare the batch again."
        )
        raise DataError(message) from error


def _fault(error: Any) -> str:
    element = error.message.partition("Element '")[2].partition("'")[0]
    tag = element.rpartition("}")[2] or "the file"
    facet = FACET.search(error.message)
    what = f"breaks the {facet[1]} of" if facet else "is not as it is in"
    return f"line {error.line}: {tag} {what} the schema ({error.type_name})"


@cache
def _schema() -> Any:
    # Found, not imported: the package would load a second XML library.
    spec = importlib.util.find_spec("sepaxml")
    if spec is None or spec.origin is None:
        message = (
            "the package sepaxml, which holds the schema of payment files, is not "
            "installed; no file was written. Install what locks/runtime.txt lists."
        )
        raise CashbackError(message)
    return etree.XMLSchema(file=str(Path(spec.origin).parent / "schemas" / SCHEMA))
