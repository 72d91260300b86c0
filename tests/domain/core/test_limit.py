"""Limits, as settings write them."""

from datetime import timedelta

import pytest

from learning_platform.core.limit import Limit


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("20/hour", Limit(20, timedelta(hours=1))),
        (" 1/Day ", Limit(1, timedelta(days=1))),
        ("9999999/second", Limit(9_999_999, timedelta(seconds=1))),
        ("off", None),
        ("OFF", None),
    ],
)
def test_a_limit_is_read_as_it_is_written(written: str, limit: Limit | None) -> None:
    assert Limit.parse(written) == limit


@pytest.mark.parametrize("written", ["", "0/hour", "-1/hour", "20", "20/week", "1.5/hour", "20 per hour", "١/hour"])
def test_what_is_no_limit_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match="20/hour"):
        Limit.parse(written)
