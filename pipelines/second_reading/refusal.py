"""The one way in which a run is refused: a file fault (section 4).

Or terms that this engine has not learned to read.
"""

CODES = (
    "unknown_reading",
    "no_delivery",
    "duplicate_invoice",
    "unreadable",
    "duplicate_column",
    "missing_column",
    "control_total",
    "mixed_styles",
    "quarantine_share",
)


class Refused(Exception):  # noqa: N818 - a refusal is an outcome, not an accident
    """The data was refused whole; nothing may be published from it."""

    def __init__(self, code: str, message: str) -> None:
        if code not in CODES:
            raise ValueError(code)
        self.code = code
        super().__init__(f"{code}: {message}")
