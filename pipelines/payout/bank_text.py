"""Text as every bank takes it: the Latin letters, digits and signs of SWIFT.

Wider sets exist, but a bank on the way may know only this one, and refuse the wire
or put question marks where a name was.
"""

from __future__ import annotations

import re

MAX_NAME = 140
MAX_STREET = 70
MAX_TOWN = 35
MAX_SHORT = 16
MAX_ID = 35
MAX_ACCOUNT_NUMBER = 34
MAX_REMITTANCE = 140

BANK_CHARACTERS = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")
# What comes close to a sign that is not in the set.
_CLOSEST = str.maketrans(
    {
        "&": "+",
        "@": "(at)",
        "_": "-",
        "~": "-",
        "=": "-",
        '"': "'",
        "`": "'",
        "[": "(",
        "{": "(",
        "]": ")",
        "}": ")",
        "\\": "/",
        "|": "/",
        ";": ",",
        "!": ".",
    }
)


def bank_text(text: str, max_length: int) -> str:
    """Return *text* in the characters of banks, cut to *max_length*.

    Letters of any script become Latin ones; what has no counterpart is left out.
    Nothing is returned for a text of which neither letter nor digit remains.

    >>> bank_text("Müller & Söhne", 140), bank_text("Łódź", 35)
    ('Muller + Sohne', 'Lodz')
    """
    from text_unidecode import unidecode

    latin = unidecode(text).translate(_CLOSEST)
    known = re.sub(r"[^A-Za-z0-9/\-?:().,'+]+", " ", latin)
    # A slash twice, or one of these in front, is syntax in older messages.
    plain = re.sub(r"/{2,}", "/", known).strip().lstrip("/:- ")
    short = plain[:max_length].rstrip("/ ")
    return short if re.search("[A-Za-z0-9]", short) else ""


def is_bank_id(text: str, max_length: int = MAX_ID) -> bool:
    """Return whether *text* can name something to a bank, as it stands.

    >>> is_bank_id("4815162-BF5A"), is_bank_id("a//b"), is_bank_id("Nº 5")
    (True, False, False)
    """
    return (
        0 < len(text) <= max_length
        and BANK_CHARACTERS.fullmatch(text) is not None
        and text == text.strip(" /")
        and "//" not in text
    )
