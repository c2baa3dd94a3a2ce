"""The rewrite, tried on the project's own data."""

import json
from pathlib import Path

import pandas as pd

from delays.live import Archive, Clock
from delays.model import train
from delays.serve import forecast

DATA = Path(__file__).parents[1] / "data"


def test_every_flight_is_forecast(tmp_path):
    flights, weather = (pd.read_csv(DATA / name) for name in ("flights.csv", "weather.csv"))
    train(flights, weather, tmp_path)
    requests = json.loads((DATA / "requests.json").read_text())
    answer = forecast(tmp_path, requests, flights, Archive(DATA / "weather.csv"), Clock())
    assert {line["status"] for line in answer["forecasts"]} == {"ok"}
