"""Everything that can go wrong on purpose.

The tree answers two questions: is trying again any use (only for a
``SourceError``), and with which exit code does the command end.
"""

from __future__ import annotations

from typing import ClassVar


class CashbackError(Exception):
    """Base class: catch this to catch every error the pipeline raises.

    The message is for the user: what is wrong, where, what did not happen,
    and what to do.
    """

    exit_code: ClassVar[int] = 1


class DifferenceError(CashbackError):
    """A check found a difference between what is and what should be."""

    exit_code = 1


class UsageError(CashbackError):
    """The command line asks for something that cannot be meant."""

    exit_code = 2


class SourceError(CashbackError):
    """A source could not be read; the next attempt may succeed."""

    exit_code = 3


class DataError(CashbackError):
    """The data is wrong; trying again gives the same wrong data."""

    exit_code = 3


class CampaignError(CashbackError):
    """A campaign file or a setting is invalid."""

    exit_code = 4


class HomeError(CashbackError):
    """The folder that keeps all state cannot be used: no right, no room, no folder."""

    exit_code = 4


class LedgerError(CashbackError):
    """It would break the ledger or an approval; nothing was recorded."""

    exit_code = 5


class DestinationError(CashbackError):
    """Where payments are released to did not take them; the next attempt may work."""

    exit_code = 3
