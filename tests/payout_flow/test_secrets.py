"""Bank account numbers are in landing and in payout.xml, and nowhere else."""

from __future__ import annotations

import io
import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from tests.payout.answers import block, booked, camt054, pain002, transaction
from tests.payout_flow.runs import P1, P2
from tests.payout_flow.stage import IBANS
from tests.payout_flow.test_steps import answered, ids

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.ledger.ledger import Ledger

# In both notations, and without the last four digits, which may be shown.
SECRETS = [
    *(iban[:-4] for iban in IBANS.values()),
    "GB82 WEST 1234 5698 7654",
    "0123456789",  # of the payer
]
PAYER = "payer: {account_number: '0123456789', clearing_member_id: '110000000'}\n"


def spilled(root: Path) -> list[str]:
    """Return the files that hold an account number, but for those that may."""
    found = []
    for path in sorted(root.rglob("*")):
        may = path.name == "payout.xml" or "landing/bank_accounts" in str(path)
        if path.is_file() and not may and path.name != "settings.yaml":
            content = path.read_bytes()
            found += [str(path) for secret in SECRETS if secret.encode() in content]
    return found


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return all that is logged, however unimportant."""
    lines = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=structlog.PrintLoggerFactory(lines),
        cache_logger_on_first_use=False,
    )
    monkeypatch.setattr("structlog.configure", lambda **_: None)
    yield lines
    monkeypatch.undo()
    structlog.configure(**before)


def test_no_account_number_is_anywhere_after_a_whole_cycle(
    staged: Any, ledger_url: str, log: io.StringIO
) -> None:
    """Not in a file, a log line, an answer, a refusal, or a row of the database."""
    stage, run_id = staged("2019-08-16", url=ledger_url)
    (stage.home / "settings.yaml").write_text(PAYER)
    said = [stage.prepare(run_id)]
    batch_id = said[0]["batch_id"]
    said += [stage.release(batch_id, code=5), stage.approve(batch_id)]
    said += [stage.release(batch_id), stage.prepare(run_id)]
    report = pain002(
        block(
            transaction(ids(stage)[P1], "ACSC"),
            transaction(
                ids(stage)[P2],
                "RJCT",
                reason="<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account "
                f"{IBANS[P2]} is closed</AddtlInf></StsRsnInf>",
            ),
        )
    )
    back = camt054(
        booked(ids(stage)[P1], side="CRDT", returned="AC01", amount="4000.00")
    )
    bank = stage.root.parent / f"{stage.root.name}-answers"
    bank.mkdir()
    for name, content in (("1.xml", report), ("2.xml", back)):
        path = answered(stage, content, name).rename(bank / name)
        said.append(stage.call("payout", "import-status", str(path)))
    said += [stage.prepare(run_id, today="2019-09-02"), stage.call("payout", "list")]

    assert set(stage.states().values()) == {"prepared"}
    assert spilled(stage.root) == []
    rows = dump(stage.ledger())
    assert batch_id in rows
    for secret in SECRETS:
        assert secret not in str(said)
        assert secret not in rows
        assert secret not in log.getvalue()
    assert "batch_published" in log.getvalue()


def dump(ledger: Ledger) -> str:
    """Return every row of the ledger as text."""
    with ledger.reading() as book:
        return str(
            book.rows("select * from entries")
            + book.rows("select * from entry_customers")
        )


@pytest.mark.parametrize(
    "fault",
    [
        "payer: {account_number: '0123456789', clearing_member_id: '110000001'}\n",
        "payer: {iban: 'GB00WEST12345698765432'}\n",
        "payer: {account_number: '0123456789//', clearing_member_id: '110000000'}\n",
        "payer: {account_number: {a: '0123456789'}}\n",
    ],
)
def test_a_refusal_of_the_settings_quotes_no_account(
    staged: Any, log: io.StringIO, fault: str
) -> None:
    """It names the setting, and nothing was prepared."""
    stage, run_id = staged("2019-08-16")
    (stage.home / "settings.yaml").write_text(fault)

    result = stage.refused("payout", "prepare", run_id, "--by", "Ann")

    assert result.strip()
    for secret in [*SECRETS, "GB00WEST", "0123456789"]:
        assert secret not in result
        assert secret not in log.getvalue()
    assert not (stage.home / "payouts").exists()


def test_sqlite_keeps_nothing_in_its_journal(staged: Any) -> None:
    """Its side files are the ledger, too."""
    stage, run_id = staged("2019-08-16")
    stage.prepare(run_id)
    connection = sqlite3.connect(stage.home / "ledger.sqlite3")

    assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    assert spilled(stage.home) == []
