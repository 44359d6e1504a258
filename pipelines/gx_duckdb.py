"""What Great Expectations needs to run its checks inside an open DuckDB database.

Great Expectations closes a connection before it fetches the last result, and DuckDB
drops an open result then. So every result is fetched as soon as it is there, and the
connection, which the pipeline opened, stays open.

And it asks each small table many small questions, of which most of the time goes into
what is of no use here: transactions around reads, the keys of tables that have none.

When this module can go: when a plain ``duckdb_engine.Dialect`` passes its tests. The
facts are those of great-expectations 1.24, duckdb 2.0 and duckdb-engine 0.17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGExecutionContext_psycopg2
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.pool import StaticPool

if TYPE_CHECKING:
    import duckdb

# Great Expectations keeps 200 values; a longer result is nothing that it asked for.
MOST_ROWS = 1000


class _EagerContext(PGExecutionContext_psycopg2):
    """Fetches a result before anybody can close what it hangs on."""

    def post_exec(self) -> None:
        """Keep the rows of the statement that has just run."""
        super().post_exec()  # type: ignore[no-untyped-call] # it has no types
        if self.cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, initial_buffer=self.cursor.fetchmany(MOST_ROWS)
            )


class EagerDialect(duckdb_engine.Dialect):
    """DuckDB, for one who closes the door before taking the result."""

    execution_ctx_cls = _EagerContext
    supports_statement_cache = False

    def do_close(self, dbapi_connection: Any) -> None:
        """Leave the connection to the one who opened it."""

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin nothing: whoever only reads has nothing to commit or to take back."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit nothing: nothing was begun."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Take nothing back: nothing was begun."""

    def get_pk_constraint(self, *_: Any, **__: Any) -> Any:
        """Return that a table has no primary key: none of the pipeline's has."""
        return {"constrained_columns": [], "name": None}


registry.register("duckdb.eager", __name__, EagerDialect.__name__)


def engine_settings(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return what SQLAlchemy's ``create_engine`` takes to use *con* itself.

    Another connection would not see its temporary tables.
    """
    return {
        "creator": lambda: duckdb_engine.ConnectionWrapper(con),
        "poolclass": StaticPool,
    }


CONNECTION_STRING = "duckdb+eager:///:memory:"
