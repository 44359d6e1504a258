"""What a generation is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_CAMPAIGN = "d365-smb-2019"


@dataclass(frozen=True)
class Order:
    """What is asked for; sizes left out are found."""

    customers: int
    seed: int
    out: Path
    billing_lines: int | None = None
    billing_files: int | None = None
    campaign: str | Path = DEFAULT_CAMPAIGN

    def command(self) -> str:
        """Return the command that writes the same bytes again."""
        words = [f"--customers {self.customers}", f"--seed {self.seed}"]
        if self.billing_lines:
            words.append(f"--billing-lines {self.billing_lines}")
        if self.billing_files:
            words.append(f"--billing-files {self.billing_files}")
        if self.campaign != DEFAULT_CAMPAIGN:
            words.append("--campaign FILE")
        return f"cashback generate {' '.join(words)} --out DIR"
