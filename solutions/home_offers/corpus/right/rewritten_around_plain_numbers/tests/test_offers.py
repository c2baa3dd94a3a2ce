"""What sellers and the treasury rely on, on the project's own data."""

import json
from pathlib import Path

import pandas as pd

from offers.evaluate import evaluate
from offers.monthly import refit
from offers.serve import answer

DATA = Path(__file__).parents[1] / "data"


def test_the_figure_is_a_plausible_sum():
    assert 5_000 < evaluate(pd.read_csv(DATA / "sales.csv"))["value"] < 80_000


def test_every_request_is_answered(tmp_path):
    requests = json.loads((DATA / "requests.json").read_text())
    assert refit(pd.read_csv(DATA / "sales.csv"), tmp_path)["promoted"]
    assert len(answer(tmp_path, requests, pd.read_csv(DATA / "priced.csv"))) == len(requests)
