"""What the dispatcher relies on."""

from pathlib import Path

import pandas as pd
import pytest
from pumps.serve import score
from pumps.train import train

READINGS = pd.read_csv(Path(__file__).parents[1] / "data" / "readings.csv")


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train(READINGS, folder)
    return score(folder, READINGS)


def test_every_reading_comes_back_in_order(scored):
    assert list(scored["reading_id"]) == list(READINGS["reading_id"])


def test_a_risk_lies_between_0_and_1(scored):
    assert scored["risk"].between(0, 1).all()


def test_pumps_that_failed_had_the_higher_risk(scored):
    failed = READINGS["failed"] == 1
    assert scored["risk"][failed].mean() > 2 * scored["risk"][~failed].mean()
