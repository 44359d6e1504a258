"""A file has one style of date, whichever of its columns shows another."""

from __future__ import annotations

import re

import pytest

from pipelines.errors import DataError
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.second_reading.layouts import LAYOUTS
from tests.reference.sound import FEEDS, Extracts

DATE_COLUMNS = [
    (feed, column) for feed in FEEDS for column in LAYOUTS[feed].date_columns
]


def test_a_date_of_another_style_in_any_column_makes_its_file_mixed(tmp_path):
    """No day may pass for a month unseen; one run names every such file."""
    extracts = Extracts(tmp_path)
    for feed, rows in FEEDS.items():
        extracts.write(feed, rows)
    for feed, column in DATE_COLUMNS:
        row = FEEDS[feed][0]
        dates = [{column: "2019-02-03"}, {column: "2/3/2019"}]
        extracts.write(feed, [row | date for date in dates], name=f"{column}.csv")

    with pytest.raises(DataError) as refusal:
        run(RunRequest(str(tmp_path / "source"), tmp_path / "home"), Progress())

    named = re.findall(
        r"- (\w+)/2019-08-01/(\w+)\.csv: its dates are", str(refusal.value)
    )
    assert sorted(named) == sorted(DATE_COLUMNS)
    assert len(named) > len(FEEDS)
