"""The typed rows of invoices: which files they are in, and that these are intact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.errors import DataError
from pipelines.files import sha256_of_file
from pipelines.inputs import add_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from pipelines.validated import ValidatedFile

    Billing = Mapping[str, ValidatedFile]  # the files of the feed, by their places


def billing_of(files: Sequence[ValidatedFile]) -> Billing:
    """Return the files of invoices among *files*, by their places."""
    return {file.file.place: file for file in files if file.file.feed == "billing"}


def add_rows(con: duckdb.DuckDBPyConnection, view: str, files: Billing) -> None:
    """Make a view of the rows of some files, or of none."""
    if not files:
        con.execute(f"create or replace temporary view {view} as from billing limit 0")
        return
    add_view(con, view, [file.outputs.validated for file in files.values()])


def refuse_damaged(files: Billing) -> None:
    """Look at every byte that was not looked at yet, before it is read.

    Raises:
        DataError: a file has other bytes than were written.
    """
    for file in files.values():
        path = file.outputs.validated
        if not file.is_checked and sha256_of_file(path) != file.facts.validated_sha256:
            message = (
                f"{path} has other bytes than were written, so nothing was published; "
                "remove it, and run again to type its file once more."
            )
            raise DataError(message)
