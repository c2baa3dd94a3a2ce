"""What the notebook relies on in its data."""

from pathlib import Path

import pandas as pd

READINGS = pd.read_csv(Path(__file__).parents[1] / "data" / "readings.csv")


def test_nothing_is_missing():
    assert not READINGS.isna().any().any()


def test_both_halves_of_the_year_hold_failures():
    failed = READINGS[READINGS["failed"] == 1]
    assert (failed["week"] <= 39).any()
    assert (failed["week"] > 39).any()


def test_measurements_lie_in_the_ranges_of_the_data_card():
    assert READINGS["vibration"].between(0.5, 12).all()
    assert READINGS["temperature"].between(20, 110).all()
    assert READINGS["hours"].between(0, 4000).all()
