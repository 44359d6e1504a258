"""Great Expectations makes a configuration once, and only while nothing changes."""

from __future__ import annotations

import pytest

from pipelines.gx_import import import_now


@pytest.fixture
def expectation():
    """Return an expectation of the library."""
    import_now()
    import great_expectations as gx

    return gx.expectations.ExpectColumnValuesToNotBeNull(column="one")


def test_a_configuration_is_made_once(expectation):
    """Within the block, and the same that the library makes by itself."""
    from pipelines.gx_memory import configured_once

    own = expectation.configuration
    with configured_once():
        first, second = expectation.configuration, expectation.configuration

    assert first is second
    assert first == own
    assert first is not own


def test_what_is_changed_later_is_seen(expectation):
    """Nothing is remembered from one validation to the next."""
    from pipelines.gx_memory import configured_once

    with configured_once():
        before = expectation.configuration.kwargs["column"]
    expectation.column = "two"
    outside = expectation.configuration.kwargs["column"]
    with configured_once():
        after = expectation.configuration.kwargs["column"]

    assert (before, outside, after) == ("one", "two", "two")
