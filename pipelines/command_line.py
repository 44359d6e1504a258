"""What all commands share: options, and errors as one sentence with an exit code."""

from __future__ import annotations

import datetime as dt
import functools
import os
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.errors import CashbackError
from pipelines.paths import DEFAULT_HOME, SAMPLE_DIR
from pipelines.spark.place import (
    DEFAULT_MASTER,
    ENGINE_SETTING,
    ENGINES,
    MASTER_SETTING,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class Day(click.ParamType[dt.date]):
    """A date as commands take it."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        """Return the date, or refuse it as a usage error."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2019-06-30", param, ctx)


class Home(click.Path):
    """The folder that keeps all state."""

    name = "folder"

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return the folder, or refuse a blank one."""
        if not str(value).strip():
            # It would be the folder that one stands in.
            self.fail("is blank: name a folder", param, ctx)
        return super().convert(value, param, ctx)


class Share(click.ParamType[Decimal]):
    """A part of a whole, from 0 to 1."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the share, or refuse it as a usage error."""
        try:
            share = Decimal(str(value))
        except InvalidOperation:
            share = Decimal("NaN")
        if share.is_nan() or not 0 <= share <= 1:
            self.fail(f"{value!r} is not a share between 0 and 1", param, ctx)
        return abs(share)  # -0 is 0


HOME_OPTION = click.option(
    "--home",
    type=Home(file_okay=False, path_type=Path),
    envvar="CASHBACK_HOME",
    default=DEFAULT_HOME,
    show_default="data/home",
    help="Folder that keeps all state (or the setting CASHBACK_HOME).",
)
JSON_OPTION = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
)
TODAY_OPTION = click.option(
    "--today", type=Day(), show_default="the real one", help="What day it is."
)
_INPUTS_OPTIONS = (
    click.option(
        "--source",
        default=str(SAMPLE_DIR),
        show_default="the shipped sample",
        help="Folder or fsspec URI of the extracts, such as s3://BUCKET/PREFIX or "
        "sftp://HOST/FOLDER: SOURCE/<feed>/<date>/<file>. Credentials: "
        "docs/addresses.md.",
    ),
    click.option(
        "--campaign",
        default="d365-smb-2019",
        show_default=True,
        help="Id of a shipped campaign, or a campaign file.",
    ),
    click.option(
        "--as-of", type=Day(), help="Business date that seats are counted on."
    ),
    click.option("--known-at", type=Day(), help="Ignore deliveries after this date."),
    click.option(
        "--max-quarantine-share",
        type=Share(),
        default="0.05",
        show_default=True,
        help="Refuse a feed of which more than this share of rows is faulty.",
    ),
)


def inputs_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which extracts are read, and how."""
    for option in reversed(_INPUTS_OPTIONS):
        function = option(function)
    return function


def engine_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where the models run; the bytes are the same."""
    for option in (
        click.option(
            "--spark-master",
            envvar=MASTER_SETTING,
            default=DEFAULT_MASTER,
            show_default=True,
            help="Address of Spark's master, such as spark://HOST:7077.",
        ),
        click.option(
            "--engine",
            type=click.Choice(ENGINES),
            envvar=ENGINE_SETTING,
            default=ENGINES[0],
            show_default=True,
            help="Where the models run; see docs/spark.md.",
        ),
    ):
        function = option(function)
    return function


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Turn every error into one sentence and an exit code; never a traceback."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except BrokenPipeError:
            raise  # whoever reads has had enough: click knows how to end then
        except CashbackError as error:
            click.echo(f"cashback: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("cashback: stopped; nothing was published.", err=True)
            sys.exit(130)
        except Exception as error:
            if os.environ.get("CASHBACK_DEBUG"):
                raise
            click.echo(
                f"cashback: unexpected {type(error).__name__}: {_first_line(error)}; "
                "nothing was published. Set CASHBACK_DEBUG=1 to see where, and report "
                "it as a defect.",
                err=True,
            )
            sys.exit(1)

    return guarded


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["without a message"])[0]
