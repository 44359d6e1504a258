"""What is decided, as far as two runs are compared: each pair, and each partner."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from pipelines.outputs import write_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

Pair: TypeAlias = tuple[str | None, str]
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class CustomerState:
    """What is decided of a partner and a customer; all blank: no candidate."""

    decision: str | None = None
    reward: Decimal = NOTHING
    billed_seats: int | None = None
    assigned_seats: int | None = None
    failed_rules: tuple[str, ...] = ()
    pending_rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartnerState:
    """What a partner earns and can be paid; all blank: it has no candidate."""

    status: str | None = None
    earned: Decimal = NOTHING
    payable: Decimal = NOTHING
    hold_reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """All that is decided."""

    customers: dict[Pair, CustomerState] = field(default_factory=dict)
    partners: dict[str, PartnerState] = field(default_factory=dict)

    def customer(self, pair: Pair) -> CustomerState:
        """Return what is decided of a pair."""
        return self.customers.get(pair, CustomerState())

    def partner(self, partner_id: str) -> PartnerState:
        """Return what a partner comes to."""
        return self.partners.get(partner_id, PartnerState())

    @property
    def earned(self) -> Decimal:
        """The rewards of all qualified customers of partners."""
        return sum((one.earned for one in self.partners.values()), NOTHING)

    @property
    def payable(self) -> Decimal:
        """What can be paid of it."""
        return sum((one.payable for one in self.partners.values()), NOTHING)


def published_state(folder: Path) -> State:
    """Return what a folder of published tables says."""
    return State(
        {
            (row["partner_id"], row["customer_id"]): CustomerState(
                row["decision"],
                row["reward_amount"],
                row["billed_seats"],
                row["assigned_seats"],
                tuple(row["failed_rules"]),
                tuple(row["pending_rules"]),
            )
            for row in _rows(folder / "customer_decisions.parquet")
        },
        {
            row["partner_id"]: PartnerState(
                row["status"],
                row["earned_amount"],
                row["payable_amount"],
                tuple(row["hold_reasons"]),
            )
            for row in _rows(folder / "partner_payouts.parquet")
        },
    )


def built_state(con: duckdb.DuckDBPyConnection, folder: Path) -> State:
    """Return what the models of a database say; they are written to *folder*."""
    folder.mkdir()
    for table in ("customer_decisions", "partner_payouts"):
        write_table(con, table, folder / f"{table}.parquet")
    return published_state(folder)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()
