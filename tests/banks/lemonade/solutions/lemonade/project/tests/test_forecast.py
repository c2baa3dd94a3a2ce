"""Tests of the forecast."""

from stand.forecast import score, train


def test_equal_days_have_their_level():
    """Equal days have their own level."""
    assert train([5.0] * 9) == {"level": 5.0}


def test_a_day_is_scored():
    """A day is scored against the level."""
    assert score(2.0, [3.0]) == [1.0]
