"""What dispatchers rely on, tried on the project's own data."""

import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from delays.features import landed, recent_delay, weather_at
from delays.live import Archive
from delays.model import train
from delays.serve import forecast

ROOT = Path(__file__).parents[1]
PROBE = """
import json
print(json.dumps({"report": report, "days": sorted(held_out["day"])}))
"""


class Evening:
    """A clock that stands at the end of the day that is asked for."""

    def now(self):
        (day,) = {request["day"] for request in json.loads((ROOT / "data" / "requests.json").read_text())}
        return f"{day}T23:59:00+00:00"


@pytest.fixture(scope="module")
def flights():
    return pd.read_csv(ROOT / "data" / "flights.csv")


@pytest.fixture(scope="module")
def weather():
    return pd.read_csv(ROOT / "data" / "weather.csv")


@pytest.fixture(scope="module")
def model(flights, weather, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train(flights, weather, folder)
    return folder


@pytest.fixture
def requests():
    return json.loads((ROOT / "data" / "requests.json").read_text())


@pytest.fixture
def ask(model, flights):
    def asked(requests):
        return forecast(model, requests, flights, Archive(ROOT / "data" / "weather.csv"), Evening())

    return asked


@pytest.fixture(scope="module")
def seen():
    """Run the notebook in a fresh kernel, top to bottom, and hand back what it defined."""
    notebook = nbformat.read(ROOT / "notebooks" / "report.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    return json.loads(notebook.cells[-1].outputs[0]["text"])


def test_answers_come_in_the_order_of_the_requests(ask, requests):
    asked = [request["flight_id"] for request in requests]
    assert [answer["flight_id"] for answer in ask(requests)["forecasts"]] == asked


def test_the_answer_says_when_it_was_made(ask, requests):
    assert ask(requests)["made_at"] == Evening().now()


def test_a_flight_has_one_forecast(ask, requests):
    assert ask(requests[:1])["forecasts"] == ask(requests)["forecasts"][:1]


def test_a_request_that_cannot_be_read_is_marked(ask, requests):
    requests[0]["sched_dep"] = "noon"
    first, *others = ask(requests)["forecasts"]
    assert (first["status"], first["minutes"]) == ("unread", None)
    assert {answer["status"] for answer in others} == {"ok"}


def test_no_requests_no_answers(ask):
    assert ask([])["forecasts"] == []


def test_nobody_is_woken_for_the_weather_of_eight_flights(ask, requests):
    assert {"kind": "weather"} not in ask(requests)["alerts"]


def test_long_delays_count_as_four_hours(flights):
    assert landed(flights)["delay"].max() == 240


def test_a_recent_delay_lies_among_the_delays(flights):
    asked = pd.DataFrame({"carrier": ["UA", "DL"], "at": flights["reported_at"].max()})
    assert recent_delay(flights, asked)["minutes"].between(-60, 120).all()


def test_an_unknown_carrier_has_no_recent_delay(flights):
    asked = pd.DataFrame({"carrier": ["ZZ"], "at": [flights["reported_at"].max()]})
    assert recent_delay(flights, asked)["minutes"].isna().all()


def test_without_gusts_the_wind_is_steady(weather, flights):
    hours = pd.to_datetime(flights["day"] + " 12:00", utc=True)
    found = weather_at(weather, flights, hours).dropna()
    assert (found["wind_gust"] >= found["wind_speed"]).all()


def test_a_quarter_of_the_flights_is_held_out(seen, flights):
    assert seen["report"]["flights"] == len(seen["days"])
    assert 0.2 < len(seen["days"]) / flights["arr_delay"].count() < 0.3
