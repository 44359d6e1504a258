"""The pipeline and an independent reading agree on campaigns neither has seen."""

from __future__ import annotations

import contextlib
import os

import pytest

from pipelines.errors import DataError
from pipelines.paths import REFERENCE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.second_reading import Refused, Terms, decide
from tests.random_campaign import write_random_campaign
from tests.reading_runs import as_reference
from tests.trusting import judged

# More on request: CASHBACK_CAMPAIGNS=2000 pytest tests/test_agreement.py
CAMPAIGNS = int(os.environ.get("CASHBACK_CAMPAIGNS", "40"))


@pytest.fixture(autouse=True)
def some_are_judged(seed: int):
    """Let the gate judge some of the campaigns; its own tests judge the gate."""
    with judged() if seed % 5 == 0 else contextlib.nullcontext():
        yield


@pytest.mark.parametrize("seed", range(CAMPAIGNS))
def test_both_readings_agree(seed, tmp_path):
    """Every decision, seat, verdict, quarantine reason and payout is the same.

    And the gate lets every fifth pass, as it is sound.
    """
    campaign = write_random_campaign(seed, tmp_path / "source")
    dates = {"as_of": campaign.as_of, "known_at": campaign.known_at}
    share = campaign.max_quarantine_share
    request = RunRequest(
        str(campaign.source), tmp_path / "home", max_quarantine_share=share, **dates
    )
    try:
        expected = decide(
            campaign.source,
            REFERENCE_DIR / "sku_catalog.csv",
            Terms(),
            max_quarantine_share=share,
            **dates,
        )
    except Refused as refused:
        expected = refused
    if isinstance(expected, Refused):
        with pytest.raises(DataError, match="nothing was published"):
            run(request, Progress())
        assert not list((tmp_path / "home").glob("runs/*/*/*")), expected.code
        return

    actual = as_reference(run(request, Progress()))

    for name, value in actual.items():
        assert value == getattr(expected, name), name
