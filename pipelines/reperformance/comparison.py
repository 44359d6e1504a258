"""Two sets of rows of one table, compared by key, column by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Row = dict[str, Any]
# How many differences are named; all are counted.
MOST_EXAMPLES = 20
LONGEST_VALUE = 80

KEYS: dict[str, tuple[str, ...]] = {
    "run": ("run_id",),
    "rows": ("feed",),
    "quarantine": ("feed", "delivery", "file", "source_row"),
    "seat_timeline": ("customer_id", "subscription_id", "from_date"),
    "purchase_timeline": ("customer_id", "subscription_id", "from_date"),
    "customer_decisions": ("partner_id", "customer_id"),
    "rule_results": ("partner_id", "customer_id", "rule_id"),
    "partner_payouts": ("partner_id",),
}


@dataclass(frozen=True)
class RowDifference:
    """One value that differs; without a column, a row that one side has alone."""

    table: str
    key: dict[str, str | None]
    column: str | None
    published: str | None
    computed: str | None

    def __str__(self) -> str:
        """Return the difference as a person reads it."""
        named = ", ".join(f"{name} {value}" for name, value in self.key.items())
        if self.column is None:
            side = "published alone" if self.published else "computed again alone"
            return f"{self.table}: {named}: the row is {side}"
        return (
            f"{self.table}: {named}: {self.column} is {self.published} as published, "
            f"{self.computed} computed again"
        )


@dataclass
class TableComparison:
    """How the rows of one table compare: how many there are, and what differs."""

    table: str
    rows: int = 0
    different_rows: int = 0
    examples: list[RowDifference] = field(default_factory=list)

    def add(self, differences: Sequence[RowDifference]) -> None:
        """Count one row that differs, and keep its differences if there is room."""
        self.different_rows += 1
        room = MOST_EXAMPLES - len(self.examples)
        self.examples += differences[:room]


def compare(
    table: str,
    published: Iterable[Row],
    computed: Iterable[Row],
    key: Sequence[str] | None = None,
) -> TableComparison:
    """Compare two sets of rows in the columns that both sides have.

    The computed rows are held in memory, the published ones are read as they come.
    """
    names = key or KEYS[table]
    waiting = _by_key(computed, names)
    found = TableComparison(table)
    for row in published:
        found.rows += 1
        other = waiting.pop(_key(row, names), None)
        if other is None:
            found.add([_alone(table, row, names, is_published=True)])
        elif differences := list(_differences(table, row, other, names)):
            found.add(differences)
    for row in sorted(waiting.values(), key=lambda row: repr(_key(row, names))):
        found.add([_alone(table, row, names, is_published=False)])
    return found


def _by_key(rows: Iterable[Row], names: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        found[_key(row, names)] = row
    return found


def _key(row: Row, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _differences(
    table: str, row: Row, other: Row, names: Sequence[str]
) -> Iterator[RowDifference]:
    for column, value in row.items():
        if column in other and other[column] != value:
            yield RowDifference(
                table, _named(row, names), column, shown(value), shown(other[column])
            )


def _alone(
    table: str, row: Row, names: Sequence[str], *, is_published: bool
) -> RowDifference:
    there, absent = "there", None
    sides = (there, absent) if is_published else (absent, there)
    return RowDifference(table, _named(row, names), None, *sides)


def _named(row: Row, names: Sequence[str]) -> dict[str, str | None]:
    return {name: None if row[name] is None else str(row[name]) for name in names}


def shown(value: Any) -> str:
    """Return a value as a difference shows it: on one line, and not too long."""
    if value is None:
        return "null"
    if isinstance(value, list):
        value = ", ".join(map(str, value)) or "an empty list"
    text = " ".join(str(value).split()) or "blank"
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
